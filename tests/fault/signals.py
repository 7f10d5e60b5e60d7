#!/usr/bin/env python3
"""signals.py - SIGTERM, SIGINT and SIGHUP at random moments of start and run of everything that takes long.

  signals.py [ROUNDS=1]             (make torture: 10)       NAMES="work ask …" tests some

Each round runs every command below three times, once for each signal, and sends it after a random time (half of them
within the first 60 ms, where a program starts). It must then end within $MOST seconds (5; figures are taken with MOST=1
on a quiet machine), by the status 130 (0 when it was
done, or for `work`, which is stopped that way; by the signal itself before the program listens), say nothing about
memory, and what it had written of a text must be in the store; the store checks clean. Prints TAP.
"""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else int(os.environ.get("ROUNDS", "1"))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, SRC, T, done, ok

MOST = float(os.environ.get("MOST", "5"))  # seconds until it must have ended
EARLY = 0.06
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ENV.update(BUREAU_DATA=f"{SRC}/data", ASAN_OPTIONS="detect_leaks=0")  # who is told to end leaves memory to the system
H = f"{T}/h"


def cli(*args, home=H, stdin=None):
    return subprocess.run([BUREAU, "--home", home, *args], env=ENV, input=stdin, capture_output=True, text=True, timeout=120)


def rows(*args, home=H):
    return [json.loads(x) for x in cli("--json", *args, home=home).stdout.splitlines()]


def deaf_server():
    """Takes connections and never says a word."""
    s = socket.create_server(("127.0.0.1", 0))
    kept = []

    def take():
        while True:
            kept.append(s.accept())
    threading.Thread(target=take, daemon=True).start()
    return s.getsockname()[1]


double = subprocess.Popen(["/usr/bin/python3", f"{SRC}/tests/model/double.py", "--stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
port = int(re.search(rb"\d+", double.stdout.readline()).group())
M = f"{T}/Maildir"
subprocess.run([sys.executable, f"{SRC}/tests/bench/make_mail.py", f"{T}/mails", "400"], check=True)
subprocess.run([sys.executable, f"{SRC}/tests/bench/make_mail.py", f"{T}/more", "1500", "--first", "400"], check=True)
for d in ("cur", "new", "tmp"):
    os.makedirs(f"{M}/{d}")
os.makedirs(H, mode=0o700)
with open(f"{H}/bureaurc", "w") as f:
    os.chmod(f.name, 0o600)
    f.write(f'''set me anna@example.com
set triage.horizon 3650d
account work from "Anna <anna@example.com>" maildir {M} smtp smtp://127.0.0.1:{deaf_server()} plaintext
model slow url http://127.0.0.1:{port}/v1 name slow-40-1000
model hang url http://127.0.0.1:{port}/v1 name wait-60
''')
cli("import", f"{T}/mails")
mail = f"{T}/q.eml"
with open(mail, "w") as f:
    f.write("From: Li <li@haitian.example>\nTo: anna@example.com\nSubject: Q\nMessage-ID: <q@x>\n"
            f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000')}\n\nCan you confirm 48,200 by Friday?\n")
cli("import", mail)
MAIL = rows("search", "id:q@x")[0]["id"]
with open(f"{T}/m.vtt", "w") as f:
    f.write("WEBVTT\n\n" + "".join(f"00:{i:02}:00.000 --> 00:{i:02}:09.000\n<v Tom>We decided point {i} today.\n\n" for i in range(50)))
cli("meet", "import", f"{T}/m.vtt")
NOTE = rows("search", "decided", "--kind", "transcript")[0]["id"]
cli("compose", "--to", "li@haitian.example", "--subject", "S", "--say", "x", "--model", "offline")
cli("draft", "edit", "d1", "--file", "-", stdin="Hello Li.\n")
BASE = f"{T}/base"
cli("backup", f"{T}/kept.backup")
shutil.copytree(H, BASE, symlinks=True, ignore=lambda d, names: [n for n in names if n == "ring" or "sock" in n])

# name: arguments (None in stdin: an open pipe that says nothing)
COMMANDS = {
    "work": ["work"], "import": ["import", f"{T}/more"], "import-stdin": ["import", "-"],
    "sync": ["sync"], "ask": ["ask", "what now?", "--model", "slow", "--no-office"],
    "ask-office": ["ask", "who confirmed the price?", "--model", "slow"], "ask-hang": ["ask", "x", "--model", "hang"],
    "ask-stdin": ["ask", "--model", "slow"],
    "reply": ["reply", MAIL, "--say", "yes", "--model", "slow"], "reply-hang": ["reply", MAIL, "--model", "hang"],
    "compose": ["compose", "--to", "a@b.example", "--say", "hello", "--model", "slow"],
    "summary": ["summary", MAIL, "--model", "slow"], "translate": ["translate", MAIL, "--to", "zh", "--model", "slow"],
    "minutes": ["meet", "minutes", NOTE, "--model", "slow"], "triage": ["triage", "--model", "slow"],
    "triage-offline": ["triage", "--offline"],
    "send": ["send", "d1", "--yes"], "send-hold": ["send", "d1", "--yes", "--hold", "60"],
    "outbox-run": ["outbox", "run", "--wait"], "label": ["label", "--add", "x", "--query", "*", "--yes"],
    "label-stdin": ["label", "--add", "x", "-"], "edit-stdin": ["draft", "edit", "d1", "--file", "-"],
    "search": ["search", "*"], "export": ["export", "*", "--mbox", "OUT"], "maildir": ["export", "*", "--maildir", "OUT"],
    "backup": ["backup", "OUT"], "restore": ["restore", f"{T}/kept.backup", "--yes"], "verify": ["verify"],
    "doctor": ["doctor"], "check": ["model", "check", "hang"], "demo": ["demo", "--plain"],
}
TEXT = {"ask", "ask-office", "reply", "compose"}  # what was written to stdout stands in the store afterwards


def stored_text(name):
    if name.startswith("ask"):
        chats = [r for r in rows("chat", "list") if r["type"] == "item"]
        return cli("--json", "chat", "show", chats[0]["id"]).stdout if chats else ""
    return "".join(r.get("text", "") for d in rows("draft", "list") if d["type"] == "item"
                   for r in rows("draft", "show", d["id"]) if r["type"] == "item")


def squeeze(text):
    return re.sub(r"\s+", " ", text.replace("\\n", "\n")).strip()


def once(name, sig, rng, longest):
    """One run; what is wrong with it, or None."""
    shutil.rmtree(H)
    shutil.copytree(BASE, H, symlinks=True)
    out = f"{T}/out"
    shutil.rmtree(out, ignore_errors=True)
    if os.path.exists(out):
        os.unlink(out)
    for i in range(3):  # something to do for `work` and `sync`
        with open(f"{M}/new/{time.time():.6f}.S{rng.random()}.host", "w") as f:
            f.write(f"From: b@b.example\nTo: anna@example.com\nSubject: new\nMessage-ID: <{rng.random()}@x>\n\nhello\n")
    argv = [BUREAU, "--home", H, *[out if a == "OUT" else a for a in COMMANDS[name]]]
    wait = rng.uniform(0, EARLY) if rng.random() < 0.5 else rng.uniform(EARLY, longest)
    p = subprocess.Popen(argv, env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         preexec_fn=lambda: [signal.signal(s, signal.SIG_DFL) for s in SIGNALS])
    time.sleep(wait)
    p.send_signal(sig)
    begun = time.monotonic()
    got = {}
    reader = threading.Thread(target=lambda: got.update(zip(("out", "err"), (p.stdout.read(), p.stderr.read()))), daemon=True)
    reader.start()
    try:
        p.wait(15)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
        return f"did not end in 15 s after {sig.name} at {wait:.3f} s"
    took = time.monotonic() - begun
    reader.join(5)
    p.stdin.close()
    said = got.get("err", b"?").decode("utf-8", "replace")
    where = f"{sig.name} at {wait:.3f} s: "
    if "Sanitizer" in said or "runtime error" in said:
        return where + said[:1500]
    good = p.returncode in (130, 0) or (p.returncode == -sig and wait < 4 * EARLY)
    if name in ("outbox-run", "send", "check", "doctor", "triage"):  # ended by itself with what it found, before the signal
        good = good or (p.returncode in (1, 5) and took < 0.1)
    if not good:
        return where + f"exit {p.returncode}: {said[:300]}"
    if took > MOST:
        return where + f"took {took:.2f} s to end"
    WORST[name] = max(WORST.get(name, 0), took)
    if name in TEXT and got["out"].strip() and squeeze(got["out"].decode("utf-8", "ignore")) not in squeeze(stored_text(name)):
        return where + f"written but not kept: {got['out'][-80:]!r}\nstored: {stored_text(name)[-300:]!r}"
    return None


WORST = {}


def main():
    seed = int(os.environ.get("SEED", str(random.SystemRandom().randrange(10**6))))
    print(f"# SEED={seed}")
    rng = random.Random(seed)
    names = os.environ.get("NAMES", "").split() or list(COMMANDS)
    for name in names:
        wrong = []
        for _ in range(ROUNDS):
            for sig in SIGNALS:
                w = once(name, sig, rng, 1.5 if name in ("ask", "reply", "work", "minutes") else 0.8)
                if w:
                    wrong.append(w)
        v = cli("verify")
        ok(not wrong and v.returncode == 0, f"{name}: ends in time and in order", *wrong, "" if v.returncode == 0 else v.stdout + v.stderr)
    worst = max(WORST, key=WORST.get)
    print(f"# the longest end: {WORST[worst] * 1e3:.0f} ms ({worst})")
    double.stdin.close()
    done()


main()
