#!/usr/bin/python3
"""report_late.py - what a machine says of a mail of ours, known when the body comes behind the header, or after an upgrade (TAP)."""
import email.utils, json, os, sqlite3, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, dovecot
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")


def sent(n):
    return (f"From: work@example.com\r\nTo: nobody{n}@example.org\r\nSubject: The offer {n}\r\nMessage-ID: <sent{n}@x>\r\n"
            "Date: Sun, 20 Sep 2026 10:00:00 +0000\r\n\r\nPlease see.\r\n").encode()


def bounce(n, day="Sun, 20 Sep 2026"):
    return (f"From: MAILER-DAEMON@mx.example.org\r\nTo: work@example.com\r\nSubject: Undelivered {n}\r\nMessage-ID: <dsn{n}@mx>\r\n"
            f"Date: {day} 10:05:00 +0000\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
            f"Final-Recipient: rfc822; nobody{n}@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <sent{n}@x>\r\n--b--\r\n").encode()


def away(n):
    return (f"From: nobody{n}@example.org\r\nTo: work@example.com\r\nSubject: Away {n}\r\nMessage-ID: <away{n}@x>\r\n"
            "Date: Sun, 20 Sep 2026 10:06:00 +0000\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=x; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nI am out of the office.\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <sent{n}@x>\r\n--b--\r\n").encode()


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    c = server.client("work")
    c.create("Sent")
    for n in range(1, 5):
        c.append("Sent", "(\\Seen)", BASE + n, sent(n))
    for n, raw in ((1, bounce(1)), (2, away(2)), (3, bounce(3)), (4, bounce(4, email.utils.formatdate()[:16])), (5, bounce(5))):
        c.append("INBOX", "", BASE + 10 + n, raw)
    office = Office("set mail.bodies demand\n" + server.account("work", plain=True))
    p = office.run("sync")

    def find(ident):
        return office.rows("search", f"id:{ident}")[0]

    def whole(ident):
        """Opens it: its body comes."""
        return office.rows("show", find(ident)["id"])[0]

    ok(find("dsn1@mx")["thread"] != find("sent1@x")["thread"], "by its header a bounce stands alone", p.stderr)
    shown = whole("dsn1@mx")
    ok(shown.get("report", {}).get("of") == "sent1@x", "its body says of what it speaks", shown.get("report"))
    ok(find("dsn1@mx")["thread"] == find("sent1@x")["thread"], "and it stands in that conversation", find("dsn1@mx"), find("sent1@x"))
    whole("away2@x")
    ok(find("away2@x")["thread"] == find("sent2@x")["thread"], "an automatic answer, too")
    rows = office.rows("thread", find("sent1@x")["thread"])
    ok(sorted(r["message_id"] for r in rows) == ["dsn1@mx", "sent1@x"], "the conversation shows both", rows)
    whole("dsn3@mx")
    office.run("thread", "split", find("dsn3@mx")["id"])
    office.run("sync")
    ok(find("dsn3@mx")["thread"] != find("sent3@x")["thread"], "one that a person split off stays apart")
    office.run("snooze", "tomorrow", find("sent4@x")["thread"])
    whole("dsn4@mx")
    ok(find("dsn4@mx")["thread"] == find("sent4@x")["thread"] and office.rows("search", "is:snoozed") == [],
       "a bounce brings a snoozed conversation back", office.rows("search", "is:snoozed"))
    whole("dsn5@mx")
    c.append("Sent", "(\\Seen)", BASE + 90, sent(5))
    office.run("sync")
    ok(find("dsn5@mx")["thread"] == find("sent5@x")["thread"], "a mail that comes behind its bounce joins it")
    ok(office.run("verify").returncode == 0, "the store is whole")

# ---- an office of before reports were known ----
old = Office("", "old")
for n, raw in enumerate((sent(1), bounce(1), sent(2), away(2), b"From: a@x\r\nSubject: plain\r\nMessage-ID: <p@x>\r\n\r\nhello\r\n")):
    path = os.path.join(T, f"{n}.eml")
    with open(path, "wb") as f:
        f.write(raw)
    old.run("import", path)


def who(ident):
    return old.rows("search", f"id:{ident}")[0]


for ident in ("dsn1@mx", "away2@x"):
    old.run("thread", "split", who(ident)["id"])
ok(who("dsn1@mx")["thread"] != who("sent1@x")["thread"], "an old office: a bounce of then stands alone")
with sqlite3.connect(os.path.join(old.home, "bureau.db")) as db:
    db.execute("UPDATE mail_thread SET apart=0")
    db.execute("DELETE FROM mail_report")
    db.execute("INSERT INTO mail_reread(upto) SELECT max(id) FROM mail_message")  # as the upgrade does
    for i, ident in enumerate(("dsn1@mx", "away2@x")):
        head = {"message_id": ident, "subject": "Undelivered", "content_type": "multipart/report"}
        db.execute("UPDATE mail_content SET head=? WHERE message=?", (b"\0" + json.dumps(head, separators=(",", ":")).encode(), who(ident)["id"][1:]))
db.close()
p = old.run("work", "--once")
ok(p.returncode == 0 and old.db().execute("SELECT count(*) FROM mail_reread").fetchone()[0] == 0, "is looked through once", p)
ok(who("dsn1@mx")["thread"] == who("sent1@x")["thread"] and who("away2@x")["thread"] == who("sent2@x")["thread"], "and what it says is known")
said = old.rows("show", who("sent1@x")["id"])[0]
ok(said.get("delivery", [{}])[0].get("kind") == "bounce", "the sent mail says so", said)
ok(old.run("verify").returncode == 0, "the store is whole")
done()
