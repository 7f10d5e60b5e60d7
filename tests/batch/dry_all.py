#!/usr/bin/env python3
"""dry_all.py - --dry-run of every command of the table changes nothing: not a row of the store, not a file.

The table is the program's own (--dump-docs json). A command without a line in ARGS below fails, so that a new one cannot
forget it. Before and after each run all tables are read (but for the counters of changes) and all files outside the
store are listed with their bytes. A command that changes must also say so: exit 0 and "dry_run" in its answer. Prints TAP.
"""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, SRC, T, done, ok

ENV.update(BUREAU_DATA=f"{SRC}/data")
H, M, WORK = f"{T}/h", f"{T}/Maildir", f"{T}/work"
IGNORED = {"sqlite_sequence", "sqlite_stat1", "change"}  # "change" counts commits: there is none, but a retry of one is harmless


def cli(*args, stdin=None):
    return subprocess.run([BUREAU, "--home", H, *args], env=ENV, input=stdin, capture_output=True, text=True, timeout=60, cwd=WORK)


def rows(*args):
    return [json.loads(x) for x in cli("--json", *args).stdout.splitlines()]


def first(*args):
    return next(r["id"] for r in rows(*args) if r["type"] == "item")


def state():
    """Everything that could change: a row of a table, a file."""
    out = {}
    db = sqlite3.connect(f"file:{H}/bureau.db?mode=ro", uri=True)
    tables = [n for n, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE type='table'")
              if n not in IGNORED and not sql.startswith("CREATE VIRTUAL") and not n.startswith("doc_fts")]
    for t in tables:
        out[t] = db.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall()
    db.close()
    for top in (M, WORK, f"{H}/bureaurc"):
        files = [top] if os.path.isfile(top) else [os.path.join(d, n) for d, _, names in os.walk(top) for n in names]
        for f in files:
            out[f] = hashlib.sha256(open(f, "rb").read()).hexdigest()
        if os.path.isdir(top):
            out[top + "/"] = sorted(os.path.join(d, n) for d, dirs, _ in os.walk(top) for n in dirs)
    return out


def differences(a, b):
    return [f"{k}: {str(a.get(k))[:300]} → {str(b.get(k))[:300]}" if not isinstance(a.get(k), list) else
            f"{k}: gone {[r for r in a[k] if r not in b.get(k, [])][:3]} new {[r for r in b.get(k, []) if r not in a[k]][:3]}"
            for k in sorted(set(a) | set(b)) if a.get(k) != b.get(k)]


def mail(path, n, body):
    with open(path, "w") as f:
        f.write(f"From: Li Na <li.na@haitian.example>\nTo: Anna <anna@example.com>\nSubject: drawings {n}\nMessage-ID: <dry{n}@x>\n"
                f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(time.time() - 3600 * n))}\nMIME-Version: 1.0\n"
                "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n" + body +
                "\n--b\nContent-Type: text/csv; name=a.csv\nContent-Disposition: attachment; filename=a.csv\n\n1,2\n--b--\n")


for d in ("cur", "new", "tmp"):
    os.makedirs(f"{M}/{d}")
os.makedirs(H, mode=0o700)
os.makedirs(WORK)
with open(f"{H}/bureaurc", "w") as f:
    os.chmod(f.name, 0o600)
    f.write(f'set me anna@example.com\naccount work from "Anna <anna@example.com>" maildir {M} smtp smtp://127.0.0.1:9 plaintext\n'
            "model here url http://127.0.0.1:9/v1 name none\n")
for n in (1, 2, 3):
    mail(f"{M}/cur/{n}.M{n}.host:2,S", n, "Could you confirm the price of 40 EUR by Friday?\n")
with open(f"{M}/cur/8.M8.host:2,S", "w") as f:
    f.write("From: News <news@list.example>\nTo: anna@example.com\nSubject: a list's letter\nMessage-ID: <dry8@x>\n"
            "List-Unsubscribe: <mailto:leave@list.example>\nDate: Sun, 22 Nov 2026 09:00:00 +0000\n\nNews.\n")
cli("sync")
cli("triage", "--offline")
VTT, NOTE = f"{WORK}/m.vtt", f"{WORK}/n.md"
with open(VTT, "w") as f:
    f.write("WEBVTT\n\n" + "".join(f"00:0{i}:00.000 --> 00:0{i}:09.000\n<v Tom>We decided point {i}. I will send it by Friday.\n\n" for i in range(5)))
with open(NOTE, "w") as f:
    f.write("# Prices\n\nForty euros.\n")
MEET = [r["id"] for r in rows("meet", "import", VTT) if "id" in r][0]
cli("meet", "minutes", MEET, "--offline")
cli("note", "new", "A note about prices")
N = first("note", "list")
cli("ask", "what price?", "--offline")
C = first("chat", "list")
M1, M2 = [r["id"] for r in rows("search", "drawings", "--kind", "mail") if r["type"] == "item"][:2]
LISTED = rows("search", "letter", "--kind", "mail")[0]["id"]
THREAD = [r["thread"] for r in rows("search", "drawings", "--kind", "mail") if r["type"] == "item"]
cli("compose", "--to", "bob@x.example", "--subject", "hi", "--say", "x", "--offline")
cli("draft", "edit", "d1", "--file", "-", stdin="Hello.\n")
for n in (2, 3):
    cli("compose", "--to", "bob@x.example", "--subject", f"hi{n}", "--say", "x", "--offline")
    cli("draft", "edit", f"d{n}", "--file", "-", stdin="Hello.\n")
cli("send", "d2", "--yes", "--at", "+3d")
cli("send", "d3", "--yes", "--queue")
cli("snooze", "+3d", M2)
cli("mute", THREAD[2])
cli("flag", M1)
cli("undo")
cli("backup", f"{WORK}/kept.db")
for n in (4, 5):
    mail(f"{WORK}/{n}.eml", n, "new mail\n")
mail(f"{M}/new/6.M6.host", 6, "a new one\n")  # something that sync and work would take

ARGS = {
    "archive": [M1], "ask": ["what price now?", "--offline"], "backup": [f"{WORK}/b.db"], "chat delete": [C],
    "chat export": [C, f"{WORK}/c.md"], "chat fork": ["x1"], "chat rename": [C, "other"],
    "compose": ["--to", "a@b.example", "--say", "x", "--offline"], "delete": [M1], "draft delete": ["d1"],
    "draft edit": ["d1", "--subject", "new"], "edit-as-new": [M1], "export": ["*", "--mbox", f"{WORK}/e.mbox"], "flag": [M1],
    "forward": [M1, "--offline"], "import": [f"{WORK}/4.eml", f"{WORK}/5.eml", NOTE, VTT], "job cancel": ["q1"],
    "job retry": ["q1"], "label": ["--add", "x", M1], "lane": ["act", M1], "mark-read": [M1], "mark-unread": [M1],
    "meet import": [f"{WORK}/m2.vtt"], "meet minutes": [MEET, "--offline"], "meet edit": [MEET], "model use": ["here"],
    "move": ["Other", M1], "mute": [M1], "note delete": [N], "note edit": [N, "other words"], "note new": ["new words"],
    "outbox cancel": ["o1"], "outbox retry": ["o1"], "outbox run": [], "redo": [], "reply": [M1, "--offline", "--say", "yes"],
    "restore": [f"{WORK}/kept.db", "--yes"], "save": [M1, "2", WORK], "send": ["d1", "--yes"], "setup": [],
    "snooze": ["+2d", M1], "spam": [M1], "thread join": [M1, M2], "thread split": [M1], "triage": [M1, "--offline"],
    "undo": ["--yes"], "unsubscribe": [LISTED], "unflag": [M1], "unmute": [THREAD[2]], "unsnooze": [M2], "work": ["--once"], "sync": [],
    "summary": [M1, "--offline"], "translate": [M1, "--to", "de", "--offline"], "verify": [], "model check": [],
    "account list": [], "chat list": [], "chat show": [C], "config check": [], "count": ["*"], "doctor": ["--offline"], "draft list": [],
    "draft show": ["d1"], "draft check": ["d1"], "egress": [], "folder list": [], "help": [], "job list": [], "journal": [],
    "meet transcript": [MEET], "model list": [], "note list": [], "note show": [N], "outbox": [], "outbox list": [],
    "outbox show": ["o1"], "people": [], "search": ["*"], "show": [M1], "status": [], "template list": [], "template show": ["hello"],
    "template check": [], "thread": [M1], "usage": [],
}
FAILS = {"job cancel", "job retry", "outbox retry", "thread split", "setup"}  # there is no such job, nothing to do, asks
APART = {"demo"}  # works on a copy of its own
shutil.copy(VTT, f"{WORK}/m2.vtt")
with open(f"{WORK}/m2.vtt", "a") as f:
    f.write("00:09:00.000 --> 00:09:09.000\n<v Tom>And more.\n")

table = [o for o in map(json.loads, subprocess.run([BUREAU, "--dump-docs", "json"], env=ENV, capture_output=True, text=True).stdout.splitlines())
         if o["type"] == "command" and "screen_only" not in o["flags"] and o["name"] not in APART]
before = state()
for o in table:
    name = o["name"]
    if name not in ARGS:
        ok(False, f"{name}: what --dry-run does is not tried", "add a line to ARGS")
        continue
    p = cli(*name.split(), *ARGS[name], "--dry-run", "--json", stdin="")
    after = state()
    ok(after == before, f"{name} --dry-run changes nothing", p.stdout[-300:], p.stderr[-300:], *differences(before, after))
    if "changes" in o["flags"] and name not in FAILS:
        ok(p.returncode == 0 and '"dry_run":true' in p.stdout, f"{name} --dry-run says what would be", p.returncode, p.stdout[-300:], p.stderr[-300:])
    before = after
done()
