#!/usr/bin/env python3
"""schema - doc/output-schema.md names every member that --json prints: runs each command on a small office and compares."""
import json
import os
import re
import subprocess
import sys
import tempfile

src = os.path.abspath(os.environ.get("SRCDIR", "."))
build = os.path.abspath(os.environ.get("BUILDDIR", "."))
bureau = os.environ.get("BUREAU", os.path.join(build, "bureau"))
count = bad = 0


def ok(good, name, more=""):
    global count, bad
    count += 1
    bad += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    for line in more.split("\n") if more and not good else []:
        print(f"# {line}")


# the table rows of the page: command → the words in double quotes of its row
said = {}
for line in open(os.path.join(src, "doc/output-schema.md"), encoding="utf-8"):
    m = re.match(r"\| (`.+?) \| (.+) \|$", line)
    if m:
        for command in re.findall(r"`([^`]+)`", m.group(1)):
            said.setdefault(command, set()).update(re.findall(r'"(\w+)"', m.group(2)))


def members(value, out):
    if isinstance(value, dict):
        out.update(value)
        for v in value.values():
            members(v, out)
    elif isinstance(value, list):
        for v in value:
            members(v, out)


with tempfile.TemporaryDirectory() as t:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "BUREAU_", "XDG_"))}
    env.update(HOME=t, LC_ALL="C.UTF-8", BUREAU_READER=os.path.join(build, "bureau-reader"), BUREAU_DATA=os.path.join(src, "data"),
               BUREAU_NOW="2026-11-23T09:00:00+01:00", TZ="Europe/Berlin")
    os.mkdir(f"{t}/mail")
    mails = {
        "a": "From: Li Na <li.na@haitian.example>\nTo: Anna <anna@example.com>\nCc: tom@berger.example\nSubject: price\n"
             "Message-ID: <a@haitian.example>\nDate: Fri, 20 Nov 2026 09:00:00 +0100\nMIME-Version: 1.0\n"
             "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nCan you confirm 48,200 by Friday?\n"
             "--b\nContent-Type: text/csv; name=p.csv\nContent-Disposition: attachment; filename=p.csv\n\na,b\n--b--\n",
        "b": "From: Anna <anna@example.com>\nTo: li.na@haitian.example\nSubject: Re: price\nMessage-ID: <b@example.com>\n"
             "In-Reply-To: <a@haitian.example>\nDate: Fri, 20 Nov 2026 10:00:00 +0100\n\nI will look at it on Monday.\n",
    }
    for name, text in mails.items():
        open(f"{t}/mail/{name}.eml", "w").write(text)
    open(f"{t}/weekly.vtt", "w").write("WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Tom>I will send the clause by Friday.</v>\n\n"
                                       "00:00:05.000 --> 00:00:09.000\n<v Anna>We decided to keep the price. Who pays the pallets?</v>\n")
    os.mkdir(f"{t}/home", 0o700)
    with open(os.open(f"{t}/home/bureaurc", os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write("set me anna@example.com\naccount work from \"Anna <anna@example.com>\" sendmail /bin/cat;\n")
    os.mkdir(f"{t}/home/templates", 0o700)
    open(f"{t}/home/templates/thanks.txt", "w").write("Dear {name},\n\nthank you.\n")
    steps = [
        ("import", ["import", f"{t}/mail"]), ("search", ["search", "price"]), ("count", ["count", "price"]), ("show", ["show", "m1"]),
        ("thread", ["thread", "t1"]), ("save", ["save", "m1", "2", f"{t}"]), ("folder list", ["folder", "list"]), ("account list", ["account", "list"]),
        ("triage", ["triage", "t1"]), ("lane", ["lane", "act", "t1"]), ("flag", ["flag", "m1"]), ("archive", ["archive", "m1"]),
        ("undo", ["undo"]), ("redo", ["redo"]), ("journal", ["journal"]),
        ("reply", ["reply", "m1", "--say", "yes, 48,200 on 2 December"]), ("draft list", ["draft", "list"]),
        ("draft show", ["draft", "show", "d1"]), ("draft check", ["draft", "check", "d1"]),
        ("draft edit", ["draft", "edit", "d1", "--subject", "Re: price"]), ("compose", ["compose", "--to", "tom@berger.example", "--subject", "x"]),
        ("forward", ["forward", "m1"]), ("outbox", ["outbox"]), ("template list", ["template", "list"]),
        ("template show", ["template", "show", "thanks"]), ("template check", ["template", "check"]), ("summary", ["summary", "t1"]),
        ("meet import", ["meet", "import", f"{t}/weekly.vtt"]), ("meet minutes", ["meet", "minutes", "n1"]), ("note new", ["note", "new", "call Acme"]),
        ("note list", ["note", "list"]), ("note show", ["note", "show", "n1"]), ("ask", ["ask", "what is the price?"]), ("chat list", ["chat", "list"]),
        ("chat show", ["chat", "show", "c1"]), ("model list", ["model", "list"]), ("usage", ["usage"]), ("egress", ["egress"]),
        ("status", ["status"]), ("job list", ["job", "list", "--all"]), ("config check", ["config", "check"]), ("doctor", ["doctor", "--offline"]),
        ("verify", ["verify"]), ("work", ["work", "--once"]), ("help", ["help", "status"]), ("export", ["export", "*", "--mbox", f"{t}/out.mbox"]),
        ("backup", ["backup", f"{t}/copy.db"]),
    ]
    for name, argv in steps:
        p = subprocess.run([bureau, "--home", f"{t}/home", "--json", *argv], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        found = set()
        try:
            for line in p.stdout.splitlines():
                members(json.loads(line), found)
        except ValueError as e:
            ok(False, f"{name}: JSON lines", f"{e}: {p.stdout[:300]}")
            continue
        if name in ("status", "usage", "help"):  # lanes, days and models are names of members there
            found -= {"answer", "act", "wait", "meet", "fyi", "bulk", "risk", "done"}
        missing = found - said.get(name, set()) - {"type", "delta", "name", "address"}
        ok(name in said and not missing and p.returncode in (0, 1), f"{name} is described",
           f"exit {p.returncode}\nnot in the page: {' '.join(sorted(missing))}\n{p.stdout[-400:]}\n{p.stderr[-300:]}")
print(f"1..{count}")
sys.exit(bad > 0)
