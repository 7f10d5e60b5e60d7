#!/usr/bin/python3
"""snooze.py - a snoozed conversation on a real server: away in the folder Snoozed, back on time, by new mail, by another client (TAP)."""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import Office, T, dovecot
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")


def mail(n, parent=None):
    up = f"In-Reply-To: <s{parent}@x>\r\n" if parent else ""
    return (f"From: Bob <bob@example.com>\r\nTo: Anna <work@example.com>\r\nMessage-ID: <s{n}@x>\r\n{up}"
            f"Date: Mon, 23 Nov 2026 09:{n:02d}:00 +0100\r\nSubject: Matter {n}\r\n\r\nText {n}.\r\n").encode()


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    c = server.client("work")
    for n in (1, 2, 3):
        c.append("INBOX", "\\Seen", None, mail(n))
    office = Office(server.account("work"))
    clock = {"BUREAU_NOW": "2026-11-23T12:00:00+01:00"}

    def run(*args):
        return office.run(*args, **clock)

    def at(now, *args):
        clock["BUREAU_NOW"] = now
        return run(*args)

    def there(folder):
        """Subjects and flags another client sees."""
        c.noop()
        if c.select(f'"{folder}"', readonly=True)[0] != "OK":
            return {}
        found = {}
        for num in c.search(None, "ALL")[1][0].split():
            data = c.fetch(num, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
            flags = str(data[0][0]) + str(data[-1] if len(data) > 1 and isinstance(data[-1], bytes) else "")
            found[data[0][1].decode().split(":", 1)[1].strip()] = "\\\\Seen" in flags
        return found

    run("sync")
    ids = {n: office.rows("search", f"id:s{n}@x", kind="item", **clock)[0]["id"] for n in (1, 2, 3)}
    ok(sorted(there("INBOX")) == ["Matter 1", "Matter 2", "Matter 3"], "all in the inbox", there("INBOX"))
    run("snooze", "fri", "9:00", ids[1], ids[2], ids[3])
    run("sync")
    ok(not there("INBOX") and len(there("Snoozed")) == 3, "away, for other clients too", there("INBOX"), there("Snoozed"))
    c.select('"Snoozed"')
    num = c.search(None, "SUBJECT", '"Matter 2"')[1][0]
    c.copy(num, "INBOX")
    c.store(num, "+FLAGS", "\\Deleted")
    c.expunge()
    run("sync")
    snoozed = sorted(r["id"] for r in office.rows("search", "is:snoozed", kind="item", **clock))
    ok(snoozed == sorted([ids[1], ids[3]]), "another client moved one back: it is snoozed no more", snoozed)
    c.append("INBOX", "", None, mail(4, 3))
    run("sync")
    run("sync")
    ok(sorted(there("INBOX")) == ["Matter 2", "Matter 3", "Matter 4"], "new mail brings its conversation back", there("INBOX"))
    at("2026-11-27T08:59:00+01:00", "work", "--once")
    ok("Matter 1" in there("Snoozed"), "not before its time")
    at("2026-11-27T09:00:01+01:00", "work", "--once")
    run("sync")
    ok(there("INBOX").get("Matter 1") is False and not there("Snoozed"), "back on time, unread", there("INBOX"), there("Snoozed"))
    run("snooze", "tomorrow", ids[1])
    run("sync")
    run("undo", "--yes")
    run("sync")
    ok("Matter 1" in there("INBOX"), "undo brings it back", there("INBOX"))
done()
