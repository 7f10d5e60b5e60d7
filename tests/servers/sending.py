#!/usr/bin/python3
"""sending.py - what a sent mail meets: the account's own Sent folder on a real Dovecot, limits of the server, addresses
beyond ASCII, bounces and automatic answers that come back (TAP)."""
import email, email.policy, json, os, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, T, done, ok, skip
try:
    from smtp import Server
except ImportError as e:
    skip(f"{e} (python3-aiosmtpd)")
import dovecot

homes = 0


def home(lines):
    global homes
    homes += 1
    h = os.path.join(T, f"h{homes}")
    os.mkdir(h, 0o700)
    with open(os.path.join(h, "bureaurc"), "w") as f:
        os.chmod(f.name, 0o600)
        f.write("set me anna@example.com\n" + lines)
    return h


def run(h, *args, stdin=None, **more):
    return subprocess.run([BUREAU, "--home", h, *args], env=dict(ENV, **more), input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=90)


def rows(h, *args, **more):
    p = run(h, "--json", *args, **more)
    return [json.loads(x) for x in p.stdout.decode().splitlines() if x.startswith("{")]


def draft(h, to="bob@example.org", subject="A test", text="Hello Bob,\n\nthis is a test.\n\nAnna", *more):
    out = [r for r in rows(h, "compose", "--to", to, "--subject", subject, *more) if r["type"] == "result"]
    d = out[0]["draft"]
    run(h, "draft", "edit", d, "--file", "-", stdin=text.encode())
    return d


# ---- the copy in Sent is the account's ----
if not dovecot.have():
    print("# skipped: no dovecot (dovecot-imapd)")
else:
    with dovecot.Dovecot(os.path.join(T, "dovecot")) as d:
        smtp = Server(os.path.join(T, "taken"))
        h = home(d.account("anna", plain=True, extra=f"smtp smtp://127.0.0.1:{smtp.port}"))
        p = run(h, "sync")
        ok(p.returncode == 0, "the account is in step", p.stderr)
        p = run(h, "send", draft(h, "李娜 <li@example.org>", "报价"))
        raw = smtp.messages()[0][1]
        c = d.client("anna")
        c.select("Sent")
        n, data = c.search(None, "ALL")
        uids = data[0].split()
        ok(p.returncode == 0 and len(uids) == 1, "the copy is in the account's Sent when send ends", p.stderr, uids)
        kept = c.fetch(uids[0], "(FLAGS BODY.PEEK[])")[1][0] if uids else (b"", b"")
        ok(kept[1] == raw and b"\\Seen" in kept[0], "the same bytes, read", kept[0])
        ok(run(h, "sync").returncode == 0 and len([r for r in rows(h, "search", "subject:报价") if r["type"] == "item"]) == 1,
           "and one mail here after the next sync")
        d.stop()
        p = run(h, "send", draft(h, "bob@example.org", "While it is down"))
        ok(p.returncode == 0 and b"next sync" in p.stderr and len(smtp.messages()) == 2, "the server is down: sent, the copy waits",
           p.returncode, p.stderr)
        d.start()
        ok(run(h, "sync").returncode == 0, "it is back")
        c = d.client("anna")
        c.select("Sent")
        ok(len(c.search(None, "ALL")[1][0].split()) == 2, "the copy has arrived", c.search(None, "ALL"))

        h = home(d.account("gmail", plain=True, extra=f"sent none smtp smtp://127.0.0.1:{smtp.port}"))
        run(h, "sync")
        p = run(h, "send", draft(h, "bob@example.org", "Kept by the provider"))
        raw = smtp.messages()[2][1]
        c = d.client("gmail")
        c.select("Sent")
        ok(p.returncode == 0 and c.search(None, "ALL")[1][0] == b"", "sent none: nothing is put into the account's Sent", p.stderr)
        c.append("Sent", "\\Seen", None, b"Received: by provider.example; Mon, 23 Nov 2026 09:12:00 +0000\r\n" + raw)
        ok(run(h, "sync").returncode == 0, "the provider's own copy comes")
        found = [r for r in rows(h, "search", 'subject:"kept by the provider"') if r["type"] == "item"]
        ok(len({r.get("thread") for r in found}) == 1 and len(found) == 1, "and is the same mail here", found)
        ok(len(c.select("Sent")[1]) and c.select("Sent")[1][0] == b"1", "nothing was added to it there")

# ---- what the server can take ----
def account(port):
    return f'account work from "Anna Li <anna@example.com>" smtp smtp://127.0.0.1:{port} plaintext\n'


small = Server(os.path.join(T, "small"), size=20000)
h = home(account(small.port))
big = os.path.join(T, "big.bin")
with open(big, "wb") as f:
    f.write(os.urandom(100000))
p = run(h, "send", draft(h, "bob@example.org", "Big", "See the file.", "--attach", big))
ok(p.returncode == 1 and b"0.0 MB" in p.stderr and b"0.1 MB" in p.stderr and not small.messages(), "beyond the server's SIZE: refused, and says so",
   p.returncode, p.stderr)
ok(rows(h, "outbox", "list")[0]["state"] == "failed", "failed: the draft is open again", rows(h, "outbox", "list"))
checks = [k for r in rows(h, "draft", "check", draft(h, "bob@example.org", "Big again", "See the file.", "--attach", big)) for k in r.get("checks", [r])]
ok([k["level"] for k in checks if k.get("kind") == "size"] == ["warning"], "what it said is known of the next one before it is sent", checks)
checks = [k for r in rows(h, "draft", "check", draft(h, "bob@example.org", "Small", "See.")) for k in r.get("checks", [r])]
ok(not [k for k in checks if k.get("kind") == "size"], "a small one has nothing of it", checks)
ok(run(h, "send", draft(h)).returncode == 0 and len(small.messages()) == 1, "a small one goes")
p = run(h, "send", draft(h, "\u7528\u6237@\u4f8b\u5b50.example", "SMTPUTF8"))
ok(p.returncode == 1 and b"SMTPUTF8" in p.stderr and len(small.messages()) == 1, "no SMTPUTF8: an address that needs it is refused", p.stderr)
p = run(h, "send", draft(h, "bob@\u4f8b\u5b50.example", "A domain"))
ok(p.returncode == 0 and small.messages()[1][0]["to"] == ["bob@xn--fsqu00a.example"] and all(b < 128 for b in small.messages()[1][1]),
   "a domain beyond ASCII goes as DNS has it", p.stderr, small.messages()[1:])
small.stop()
wide = Server(os.path.join(T, "wide"), utf8=True)
h = home(account(wide.port))
p = run(h, "send", draft(h, "\u7528\u6237@\u4f8b\u5b50.example", "SMTPUTF8"))
got = wide.messages()
ok(p.returncode == 0 and len(got) == 1 and got[0][0]["to"][0].startswith("\u7528\u6237@") and "SMTPUTF8" in wide.handler.options,
   "with SMTPUTF8 it goes, and the server is told", p.stderr, got, getattr(wide.handler, "options", None))
ok(got and "To: <\u7528\u6237@" in got[0][1].decode() or "To: \u7528\u6237@" in got[0][1].decode(), "its header says the address itself", got)
wide.stop()

# ---- what comes back ----
smtp = Server(os.path.join(T, "back"))
h = home(account(smtp.port))
p = run(h, "send", draft(h, "nobody@example.org, tom@example.org", "The offer"))
sent_id = email.message_from_bytes(smtp.messages()[0][1])["Message-ID"]


DSN = f"""From: MAILER-DAEMON@mx.example.org
To: anna@example.com
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 09:12:00 +0000
Message-ID: <dsn1@mx.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; nobody@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.org>: user
 unknown \x1b[31m
--b
Content-Type: text/rfc822-headers

From: anna@example.com
Message-ID: {sent_id}
Subject: The offer
--b--
""".encode()
q = run(h, "import", "-", stdin=DSN)
ok(q.returncode == 0, "a bounce comes in", q.stderr)
row = rows(h, "outbox", "list", "--all")[0]
bad = (row.get("delivery") or [{}])[0]
ok(bad.get("kind") == "bounce" and bad["recipients"] == [{"address": "nobody@example.org", "status": "5.1.1",
   "reason": "550 5.1.1 <nobody@example.org>: user unknown [31m"}], "the outbox says whom it did not reach, and why", row)
said = run(h, "outbox", "list", "--all").stdout
ok(b"could not be delivered to nobody@example.org: 550 5.1.1" in said and b"\x1b" not in said, "in words, too", said)
copy = [r for r in rows(h, "search", "in:Sent") if r["type"] == "item"][0]
shown = rows(h, "show", copy["id"])[0]
ok(shown["delivery"][0]["of"] == sent_id.strip("<>") and any("not-delivered: nobody@example.org" in w for w in shown["warnings"]),
   "and the sent mail", shown.get("delivery"), shown["warnings"])
ok(b"could not be delivered: nobody@example.org" in run(h, "show", copy["id"]).stdout, "as a reader sees it")
bounce = [r for r in rows(h, "search", "undelivered") if r["type"] == "item"][0]
report = rows(h, "show", bounce["id"])[0]
ok(bounce["thread"] == copy["thread"] and report["report"]["kind"] == "bounce", "the report stands in the conversation it speaks of",
   bounce, copy)

PROSE = f"""Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx2.example.org>
To: anna@example.com
Subject: Mail delivery failed: returning message to sender
Auto-Submitted: auto-replied
Message-ID: <dsn2@mx2.example.org>

A message that you sent could not be delivered to one or more of its recipients. The following address(es) failed:

  tom@example.org
    host mx2.example.org: 552 5.2.2 mailbox full

------ This is a copy of the message, including all the headers. ------

Return-path: <anna@example.com>
From: anna@example.com
Message-ID: {sent_id}
Subject: The offer
""".encode()
run(h, "import", "-", stdin=PROSE)
kinds = {r["recipients"][0]["address"]: r["recipients"][0].get("status") for r in rows(h, "outbox", "list", "--all")[0]["delivery"]}
ok(kinds == {"nobody@example.org": "5.1.1", "tom@example.org": "5.2.2"}, "one that is prose is understood, too", kinds)

AWAY = f"""From: Tom <tom@example.org>
To: anna@example.com
Subject: Automatic reply: The offer
Auto-Submitted: auto-replied
In-Reply-To: {sent_id}
Message-ID: <away@example.org>

I am out of the office until Monday.
""".encode()
run(h, "import", "-", stdin=AWAY)
away = [r for r in rows(h, "search", "office") if r["type"] == "item"][0]
shown = rows(h, "show", away["id"])[0]
ok(away["thread"] == copy["thread"] and shown["report"]["kind"] == "auto" and shown["report"]["of"] == sent_id.strip("<>"),
   "an automatic answer is known for one, and tied to what it answers", shown.get("report"))
ok([r["kind"] for r in rows(h, "show", copy["id"])[0]["delivery"]].count("auto") == 1 and
   not any("auto" in w for w in rows(h, "show", copy["id"])[0]["warnings"]), "which is no warning")
PERSON = b"""From: Bob <bob@example.org>
To: anna@example.com
Subject: Fwd: Undelivered Mail
Message-ID: <person@example.org>

Look what I got: "550 user unknown", could not be delivered to <x@y.example>.
"""
run(h, "import", "-", stdin=PERSON)
person = [r for r in rows(h, "search", "look") if r["type"] == "item"][0]
ok("report" not in rows(h, "show", person["id"])[0], "a person who forwards one reports nothing")
smtp.stop()

corpora = os.environ.get("BUREAU_CORPORA", os.path.join(os.environ.get("SRCDIR", "."), "../shared/corpora"))
maildir = os.path.join(corpora, "bounces-sisimai", "maildir")
if not os.path.isdir(maildir):
    print(f"# skipped: no bounces-sisimai in {corpora}")
else:
    for folder, least in (("not", 0), ("bsd", 0.95), ("dos", 0.95), ("mac", 0.95), ("err", 0.95)):
        h = home("")
        run(h, "import", os.path.join(maildir, folder))
        ids = [r["id"] for r in rows(h, "search", "--limit", "1000", "-zzzzqqq") if r["type"] == "item"]
        reports = [rows(h, "show", i)[0].get("report") for i in ids]
        known = [r for r in reports if r]
        share = len(known) / max(1, len(ids))
        tied = sum("of" in r for r in known)
        print(f"# bounces-sisimai/{folder}: {len(known)} of {len(ids)} are reports ({share:.1%}), {tied} tied to a mail, "
              f"{sum(bool(r['recipients']) for r in known)} name a recipient")
        ok(ids and (not known if folder == "not" else share >= least), f"{folder}: reports are known for what they are", share)
done()
