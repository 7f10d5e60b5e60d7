#!/usr/bin/python3
"""send.py - what is approved arrives once, with exactly the approved bytes, whatever the server does (TAP)."""
import email, email.policy, hashlib, json, os, shutil, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, T, done, ok, skip
try:
    from smtp import Server
except ImportError as e:
    skip(f"{e} (python3-aiosmtpd)")

homes = 0


def home(port, extra=""):
    """A fresh office whose only account sends to this port."""
    global homes
    homes += 1
    h = os.path.join(T, f"h{homes}")
    os.mkdir(h, 0o700)
    with open(os.path.join(h, "bureaurc"), "w") as f:
        os.chmod(f.name, 0o600)
        f.write(f'set me anna@example.com\naccount work from "Anna Li <anna@example.com>" '
                f'smtp smtp://127.0.0.1:{port} plaintext {extra}\n')
    return h


def reconfigure(h, port):
    with open(os.path.join(h, "bureaurc"), "w") as f:
        f.write(f'set me anna@example.com\naccount work from "Anna Li <anna@example.com>" '
                f'smtp smtp://127.0.0.1:{port} plaintext\n')


def run(h, *args, stdin=None, **more):
    return subprocess.run([BUREAU, "--home", h, *args], env=dict(ENV, **more), input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)


def rows(h, *args, **more):
    p = run(h, "--json", *args, **more)
    return [json.loads(x) for x in p.stdout.decode().splitlines() if x.startswith("{")]


def draft(h, to="bob@example.org", subject="A test", text="Hello Bob,\n\nthis is a test.\n\nAnna"):
    """Composes a draft and gives its id."""
    out = [r for r in rows(h, "compose", "--to", to, "--subject", subject) if r["type"] == "result"]
    d = out[0]["draft"]
    run(h, "draft", "edit", d, "--file", "-", stdin=text.encode())
    return d


def outbox(h):
    return rows(h, "outbox", "list", "--all")


# ---- the plain way: one message, the approved bytes, headers of Chinese and emoji ----
srv = Server(os.path.join(T, "plain"))
h = home(srv.port)
text = "李娜您好：\n\n确认第三季度报价单总价 48,200 元。\n.点开头的行\n..\nFrom the line start\n祝好 🎉\nAnna"
d = draft(h, "李娜 <li.na@haitian.example>, \"Berger, Tom\" <tom@example.org>", "Re: Q3 报价单 🎉 – ок", text)
hash_ = rows(h, "draft", "show", d)[0]["hash"]
p = run(h, "--json", "send", d, "--hash", hash_)
result = json.loads(p.stdout.decode().splitlines()[-1])
ok(p.returncode == 0 and result["state"] == "sent", "sent: exit 0, state sent", p.stdout, p.stderr)
got = srv.messages()
ok(len(got) == 1, "the server holds one message", got)
envelope, raw = got[0]
ok(hashlib.sha256(raw).hexdigest() == result["bytes_hash"], "with exactly the approved bytes")
ok(envelope == {"from": "anna@example.com", "to": ["li.na@haitian.example", "tom@example.org"]}, "envelope from the draft",
   envelope)
m = email.message_from_bytes(raw, policy=email.policy.default)
ok(m["Subject"] == "Re: Q3 报价单 🎉 – ок", "subject in Chinese with emoji", m["Subject"])
ok([(a.display_name, a.addr_spec) for a in m["To"].addresses] == [("李娜", "li.na@haitian.example"), ("Berger, Tom", "tom@example.org")],
   "names of recipients", m["To"])
ok(m.get_content().replace("\r\n", "\n").rstrip("\n") == text, "text is what was written", m.get_content())
ok(all(x < 128 for x in raw) and max(map(len, raw.split(b"\r\n"))) <= 998, "7 bit, lines of RFC 5322")
ok(m["Date"] and m["Message-ID"].endswith("@example.com>") and m["Bcc"] is None, "Date, Message-ID, no Bcc")
ok(rows(h, "draft", "show", d)[0]["state"] == "sent", "the draft is sent")
copies = [r for r in rows(h, "search", "in:Sent") if r["type"] == "item"]
ok(len(copies) == 1 and run(h, "show", copies[0]["id"], "--raw").stdout == raw, "the copy in Sent has the same bytes", copies)
ok(run(h, "send", d).returncode == 4, "a sent draft is not sent again: exit 4")
ok(run(h, "outbox", "run").returncode == 0 and len(srv.messages()) == 1, "outbox run: nothing more")

# ---- refusals before anything is composed ----
d = draft(h)
ok(run(h, "send", d, "--hash", "0" * 64).returncode == 4, "another hash: exit 4")
e = rows(h, "compose", "--subject", "nobody")
ok(run(h, "send", e[-1]["draft"]).returncode == 4, "no recipient: exit 4")
g = draft(h, text="Hello,\n\n[yes/no: do we confirm the price?]\n")
ok(run(h, "send", g).returncode == 4 and b"price" in run(h, "send", g).stderr, "an open gap: exit 4")
g = draft(h, text="Hello {{name}},\n")
ok(run(h, "send", g).returncode == 4, "an open field: exit 4")
ok(run(h, "send", "d999").returncode == 3, "no such draft: exit 3")
ok(run(h, "compose", "--to", "a@b.example\nBcc: evil@x.example").returncode == 4, "a line break among recipients: exit 4")
ok(run(h, "draft", "edit", d, "--subject", "x\r\nBcc: evil@x.example").returncode == 0 and
   run(h, "send", d).returncode == 4, "a line break in the subject: exit 4")
ok(len(srv.messages()) == 1, "nothing of it left")

# ---- bcc, files, hold, taking back, voiding ----
d = draft(h)
with open(os.path.join(T, "报价 单.pdf"), "wb") as f:
    f.write(b"%PDF-1.4\r\n\x00\xff binary \n.\r\n")
run(h, "draft", "edit", d, "--bcc", "hidden@example.net", "--attach", f.name)
p = run(h, "send", d)
envelope, raw = srv.messages()[-1]
m = email.message_from_bytes(raw, policy=email.policy.default)
ok(p.returncode == 0 and "hidden@example.net" in envelope["to"] and b"hidden" not in raw, "Bcc in the envelope only", p.stderr)
part = next(m.iter_attachments())
ok(part.get_filename() == "报价 单.pdf" and part.get_content() == open(f.name, "rb").read(), "the file arrives as it was")
d = draft(h)
q = rows(h, "send", d, "--queue", "--hold", "600")[-1]
ok(q["state"] == "held" and len(srv.messages()) == 2, "held: nothing leaves")
ok(rows(h, "draft", "show", d)[0]["state"] == "approved", "the draft is approved")
run(h, "draft", "edit", d, "--file", "-", stdin=b"changed")
ok(outbox(h)[0]["state"] == "cancelled" and rows(h, "draft", "show", d)[0]["state"] == "open", "an edit voids the approval")
q = rows(h, "send", d, "--at", "+3d")[-1]
ok(q["state"] == "held" and run(h, "outbox", "cancel", q["outbox"]).returncode == 0 and outbox(h)[0]["state"] == "cancelled",
   "send later, taken back")
p = run(h, "outbox", "cancel", q["outbox"])
ok(p.returncode == 0 and not p.stderr, "taking back twice is quiet, and nobody says that it leaves", p.stderr)
sent = [r for r in outbox(h) if r["state"] == "sent"][0]
ok(run(h, "outbox", "cancel", sent["id"]).returncode == 4, "what has left cannot be taken back: exit 4")
q = rows(h, "send", d, "--queue")[-1]
ok(run(h, "outbox", "run").returncode == 0 and len(srv.messages()) == 3, "outbox run sends what is queued")
ok(run(h, "work", "--once").returncode == 0 and len(srv.messages()) == 3, "work --once finds nothing more")
d = draft(h)
p = run(h, "--offline", "--json", "send", d)
q = outbox(h)[0]
ok(p.returncode == 5 and q["state"] == "queued" and len(srv.messages()) == 3, "--offline: no server is asked, it stays queued", p.stderr, q)
ok(run(h, "outbox", "cancel", q["id"]).returncode == 0, "and can be taken back")
srv.stop()

# ---- a server that says no, or goes away ----
for phase, answer, code, state in [("rcpt", "550 no such user", 1, "failed"), ("mail", "530 auth first", 1, "failed"),
                                   ("body", "554 spam", 1, "failed"), ("rcpt", "450 later", 5, "queued"),
                                   ("body", "451 later", 5, "queued"), ("data", "421 closing", 5, "queued")]:
    s = Server(os.path.join(T, f"no-{phase}-{answer[:3]}"), refuse={phase: answer})
    h = home(s.port)
    d = draft(h)
    p = run(h, "send", d)
    row = outbox(h)[0]
    ok(p.returncode == code and row["state"] == state and not s.messages(), f"{phase} {answer}: {state}, exit {code}",
       p.returncode, row, p.stderr.decode())
    s.stop()

# ---- what was refused, whom it means and what helps; the same words wherever it is told ----
s = Server(os.path.join(T, "whom"), refuse={"gone@example.org": "550-5.1.1 no such person\r\n550 5.1.1 ask the postmaster"})
h = home(s.port)
said = "the server refused gone@example.org: 550 5.1.1 no such person 5.1.1 ask the postmaster"
helps = "d1 is open again: draft edit d1 --to ADDRESS and send d1, or outbox retry o1 as it is"
p = run(h, "send", draft(h, "bob@example.org, Gone <gone@example.org>, eve@example.org"))
ok(p.returncode == 1 and p.stderr.decode().splitlines()[-2:] == ["bureau: " + said, "hint: " + helps] and not s.messages(),
   "send names the recipient that was refused, and what to do", p.stderr.decode())
row = outbox(h)[0]
ok(row["error"] == said, "so does the row of the outbox", row)
for command in ("list", "show o1"):
    out = run(h, "outbox", *command.split()).stdout.decode()
    ok(f"failed: {said}; {helps}" in out, f"so does outbox {command}", out)
run(h, "send", "d1", "--queue")
p = run(h, "outbox", "run")
ok(p.returncode == 1 and f"o2 failed: {said}" in p.stdout.decode() and p.stderr.decode().splitlines()[0] == "bureau: " + said
   and "send d1, or outbox retry o2" in p.stderr.decode(), "so does outbox run", p.stdout.decode(), p.stderr.decode())
out = run(h, "journal", "--items").stdout.decode()
ok(said in out, "and the journal", out)
s.stop()
s = Server(os.path.join(T, "whom-body"), refuse={"body": "554 spam"})
h = home(s.port)
p = run(h, "send", draft(h, "bob@example.org, eve@example.org"))
ok("bureau: the server refused the mail to bob@example.org and 1 more: 554 spam\n" in p.stderr.decode(),
   "a mail that is refused as a whole is said to be", p.stderr.decode())
s.stop()
h = home(1)
d = draft(h)
p = run(h, "send", d)
ok(p.returncode == 5 and outbox(h)[0]["state"] == "queued", "nobody listens: exit 5, stays queued", p.stderr)
s = Server(os.path.join(T, "later"))
reconfigure(h, s.port)
ok(run(h, "outbox", "run").returncode == 0 and not s.messages(), "tried again only when it is time")
ok(run(h, "outbox", "retry", outbox(h)[0]["id"]).returncode == 0 and len(s.messages()) == 1, "retry: it arrives")
s.stop()
for phase in ("ehlo", "mail", "rcpt", "data"):
    s = Server(os.path.join(T, f"drop-{phase}"), drop=phase)
    h = home(s.port)
    d = draft(h)
    p = run(h, "send", d)
    ok(p.returncode == 5 and outbox(h)[0]["state"] == "queued", f"line lost at {phase}: exit 5, queued", p.stderr)
    s.stop()
s = Server(os.path.join(T, "drop-body"), drop="body")
h = home(s.port)
d = draft(h)
p = run(h, "send", d)
row = outbox(h)[0]
ok(p.returncode == 1 and row["state"] == "in-doubt" and len(s.messages()) == 1, "line lost after the dot: in doubt, exit 1",
   p.returncode, row, p.stderr)
ok(run(h, "outbox", "run").returncode == 0 and run(h, "work", "--once").returncode == 0 and len(s.messages()) == 1,
   "in doubt is never sent again by itself")
ok(run(h, "outbox", "retry", row["id"]).returncode == 4 and len(s.messages()) == 1, "retry asks for --yes: exit 4")
with open(os.path.join(T, "found.eml"), "wb") as f:
    f.write(s.messages()[0][1])
run(h, "import", f.name, "--folder", "Sent")
run(h, "outbox", "run")
ok(outbox(h)[0]["state"] == "sent", "found in Sent by its Message-ID: sent")
s.stop()

# ---- the dialogue broken at each byte ----
s = Server(os.path.join(T, "measure"), cut_client=10**9)
h = home(s.port)
run(h, "send", draft(h))
size = dict(s.cutter.seen)
s.stop()
ok(size["client"] > 400 and size["server"] > 100, f"the dialogue is {size['client']} bytes out, {size['server']} in")
step = int(os.environ.get("BUREAU_CUT_STEP", "37"))
points = [("client", n) for n in range(1, size["client"] - 8, step)] + \
         [("client", size["client"] - n) for n in (6, 7, 8, 9, 10, 11, 12)] + \
         [("server", n) for n in range(1, size["server"], step)]
wrong, doubt, lost = [], 0, 0
for side, n in points:
    folder = os.path.join(T, f"cut-{side}-{n}")
    s = Server(folder, **{f"cut_{side}": n})
    h = home(s.port)
    p = run(h, "send", draft(h))
    time.sleep(0.05)
    row, taken = outbox(h)[0], len(s.messages())
    good = {"sent": taken == 1, "in-doubt": taken <= 1, "queued": taken == 0}.get(row["state"], False)
    good = good and p.returncode == {"sent": 0, "in-doubt": 1, "queued": 5}[row["state"]]
    doubt += row["state"] == "in-doubt"
    if os.environ.get('SHOW_CUTS'): print('#', side, n, row['state'], taken, row.get('error'))
    port = s.real_port
    reconfigure(h, port)
    if row["state"] == "queued":
        run(h, "outbox", "retry", row["id"])
        lost += len(s.messages()) != 1
    else:
        run(h, "outbox", "run")
        good = good and len(s.messages()) == taken
    if not good:
        wrong.append((side, n, row["state"], taken, p.returncode))
    s.stop()
    shutil.rmtree(h, ignore_errors=True)
ok(not wrong, f"broken at {len(points)} places: never silently lost or sent twice ({doubt} in doubt)", wrong)
ok(lost == 0, "what was not handed arrives once on the second try")

# ---- killed while sending: no second message ----
wrong = []
for n in range(12):
    s = Server(os.path.join(T, f"kill-{n}"))
    h = home(s.port)
    d = draft(h)
    p = subprocess.Popen([BUREAU, "--home", h, "send", d], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.01 + n * 0.008)
    p.kill()
    p.wait()
    time.sleep(0.1)
    run(h, "outbox", "run")
    state = [r["state"] for r in outbox(h)]
    taken = len(s.messages())
    if taken > 1 or (state and state[0] == "sent" and taken != 1) or (state and state[0] in ("queued", "held")):
        wrong.append((n, state, taken))
    s.stop()
ok(not wrong, "kill -9 at 12 moments of a send: at most one message, doubt is marked", wrong)

# ---- two programs at once ----
s = Server(os.path.join(T, "two"))
h = home(s.port)
ids = [draft(h, subject=f"number {i}") for i in range(6)]
for d in ids:
    run(h, "send", d, "--queue")
ps = [subprocess.Popen([BUREAU, "--home", h, "outbox", "run"], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
      for _ in range(4)]
errors = [p.communicate()[1] for p in ps]
subjects = sorted(email.message_from_bytes(r)["Subject"] for _, r in s.messages())
ok(subjects == [f"number {i}" for i in range(6)], "four runs at once: each of six mails left once", subjects, errors)
s.stop()

# ---- the answered mail is marked, and a person's undo passes over it ----
s = Server(os.path.join(T, "answered"))
h = home(s.port)
with open(os.path.join(T, "question.eml"), "w") as f:
    f.write("From: Bob <bob@example.org>\nTo: anna@example.com\nSubject: Q\nMessage-ID: <q1@example.org>\n"
            "Date: Mon, 23 Nov 2026 09:00:00 +0100\n\nCould you send the list?\n")
run(h, "import", f.name)
q = [r for r in rows(h, "search", "id:q1@example.org") if r["type"] == "item"][0]["id"]
d = rows(h, "reply", q, "--blank")[-1]["draft"]
run(h, "draft", "edit", d, "--file", "-", stdin=b"Here is the list.")
p = run(h, "send", d)
m = email.message_from_bytes(s.messages()[0][1])
ok(p.returncode == 0 and m["In-Reply-To"] == "<q1@example.org>" and m["References"] == "<q1@example.org>", "References of an answer", p.stderr)
ok("replied" in json.dumps(rows(h, "show", q)[0]["flags"]), "the mail is marked as answered", rows(h, "show", q)[0]["flags"])
run(h, "undo")
ok("replied" in json.dumps(rows(h, "show", q)[0]["flags"]), "undo passes over it")
what = [r.get("what") for r in rows(h, "journal")]
ok("outbox.approved" in what and "outbox.sent" in what and "outbox.handed" in what, "the journal knows approval, handing and sending", what)
s.stop()

# ---- an account in a Maildir: the copy lies there, once ----
s = Server(os.path.join(T, "maildir-out"))
h = home(s.port, f"maildir {T}/Maildir")
for d in ("", "/.Sent"):
    for sub in ("cur", "new", "tmp"):
        os.makedirs(f"{T}/Maildir{d}/{sub}")
d = draft(h)
p = run(h, "send", d)
files = os.listdir(f"{T}/Maildir/.Sent/cur")
ok(p.returncode == 0 and len(files) == 1 and open(f"{T}/Maildir/.Sent/cur/{files[0]}", "rb").read() == s.messages()[0][1],
   "the copy is a file of its Sent folder", p.stderr, files)
run(h, "work", "--once")
ok(len([r for r in rows(h, "search", "kind:mail") if r["type"] == "item"]) == 1 and os.listdir(f"{T}/Maildir/.Sent/cur") == files,
   "and following the Maildir finds it known")
s.stop()

# ---- a sendmail program instead ----
h = home(1)
with open(os.path.join(h, "bureaurc"), "w") as f:
    f.write(f'set me anna@example.com\naccount work from "Anna Li <anna@example.com>" sendmail {T}/mailer -i;\n')
with open(os.path.join(T, "mailer"), "w") as f:
    f.write(f'#!/bin/sh\nprintf "%s\\n" "$@" > {T}/mailer.args\ncat > {T}/mailer.in\nexit $(cat {T}/mailer.code)\n')
os.chmod(f.name, 0o755)
for code, want, state in (("0", 0, "sent"), ("75", 5, "queued"), ("69", 1, "failed")):
    open(os.path.join(T, "mailer.code"), "w").write(code)
    d = draft(h, "bob@example.org, $(touch x) <c@example.org>")
    p = run(h, "send", d)
    ok(p.returncode == want and outbox(h)[0]["state"] == state, f"sendmail exit {code}: {state}", p.returncode, p.stderr, outbox(h)[0])
args = open(os.path.join(T, "mailer.args")).read().split("\n")
ok(args[:4] == ["-i", "--", "bob@example.org", "c@example.org"], "recipients as arguments behind --, no shell", args)
ok(b"\r" not in open(os.path.join(T, "mailer.in"), "rb").read(), "local line ends for sendmail")

done()
