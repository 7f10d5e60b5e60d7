#!/usr/bin/python3
"""imap_safe.py - bodies by policy, mass deletions, vanished folders, another UIDVALIDITY, appends, plain servers (TAP)."""
import os, re, socket, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")


def equal(office, c, name, account="work"):
    here, there = office.local_side(account), dovecot.server_side(c)
    return ok(here == there, name, difference(here, there))


def put(server, user, n, folder="INBOX", first=0, when=BASE):
    c = server.client(user)
    c.create(dovecot.quote(folder))
    for i in range(first, first + n):
        c.append(dovecot.quote(folder), "", when + i, mail(i))
    return c


def one(office, *args):
    r = office.rows("show", *args)
    return r[0] if r else {}


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    # ---- bodies on demand ----
    c = put(server, "demand", 30)
    office = Office(server.account("demand") + "set mail.bodies demand\n", "demand")
    p = office.run("sync")
    rows = office.rows("search", "*")
    ok(p.returncode == 0 and len(rows) == 30, "on demand: the list is whole", p.stderr, len(rows))
    ident = next(r["id"] for r in rows if r["subject"] == "mail 7")
    thread = next(r["thread"] for r in rows if r["id"] == ident)
    ok(office.run("--offline", "show", ident, "--raw").returncode == 5, "offline its bytes are refused, not made up")
    ok(b"m7@x" in office.run("--offline", "show", ident, "--headers").stdout, "its header is here")
    raw = office.run("show", ident, "--raw").stdout
    ok(raw == mail(7), "opened, it is fetched: its exact bytes", raw[:200])
    got = one(office, ident)
    ok(got.get("thread") == thread and got["text"].startswith("Hello 7."), "same id, same thread", got)
    ok(len([r for r in office.rows("search", "text")]) == 1, "and it alone can be found by its text")
    office.run("flag", *[r["id"] for r in rows[:3]])
    p = office.run("archive", rows[4]["id"])
    ok(len(c.select("Archive")[1][0]) and int(c.select("Archive")[1][0]) == 1, "a mail that has no body here is moved before the command ends")
    c.select("INBOX")
    ok(len(c.uid("SEARCH", "FLAGGED")[1][0].split()) == 3, "and flagged")
    ok(not office.waiting() and p.returncode == 0 and b"queued" not in p.stderr, "nothing waits", p.stderr)
    office.run("undo")
    ok(int(c.select("Archive")[1][0]) == 0 and not office.waiting(), "undo tells the server, too")
    office.run("--offline", "archive", rows[4]["id"])
    ok(office.waiting() == 1, "offline the change waits")
    office.run("flag", rows[5]["id"])
    ok(int(c.select("Archive")[1][0]) == 1 and not office.waiting(), "and goes with the next one")
    office.run("undo")
    office.run("archive", rows[4]["id"])
    # ---- a server that does not answer ----
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        good = open(os.path.join(office.home, "bureaurc")).read()
        office.config(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{deaf.getsockname()[1]}", good))
        start = time.monotonic()
        p = office.run("unflag", rows[0]["id"])
        ok(p.returncode == 0 and b"queued for the next sync" in p.stderr and office.waiting() == 1 and
           time.monotonic() - start < 6, "a server that does not answer: two seconds, a note, no error", p, time.monotonic() - start)
    p = office.run("--json", "unflag", rows[1]["id"])
    ok(p.returncode == 0 and b"queued for the next sync" in p.stderr and office.waiting() == 2, "none at all: the same at once", p)
    office.config(good)
    office.run("sync")
    c.select("INBOX")
    ok(not office.waiting(), "and both go with the next sync")
    c.select("INBOX")
    u = c.uid("SEARCH", "SUBJECT", "\"mail 11\"")[1][0].split()[0].decode()
    c.uid("MOVE", u, "Archive")
    office.run("sync", "--yes")
    m11 = [r for r in office.rows("search", "id:m11@x")]
    ok(len(m11) == 1 and one(office, m11[0]["id"], "--headers") is not None and
       office.db().execute("SELECT name FROM mail_folder f JOIN mail_message m ON m.folder=f.id WHERE m.id=?",
                           (int(m11[0]["id"][1:]),)).fetchone()[0] == "Archive",
       "moved by another client it is known by its header", m11)
    office.config(server.account("demand"))
    office.run("sync")
    ok(len(office.rows("search", "text")) == 30 and {r["id"] for r in office.rows("search", "*")} == {r["id"] for r in rows},
       "with the policy all every body comes, the ids stay")
    here, there = office.local_side("demand"), dovecot.server_side(c)
    ok(here == there, "both sides are equal", difference(here, there))

    # ---- the last days ----
    c = put(server, "days", 5, when=int(time.time()) - 86400)
    put(server, "days", 5, first=50)
    office = Office(server.account("days", extra="keep-days 30"), "days")
    office.run("sync")
    partial = office.db().execute("SELECT count(*) FROM mail_message WHERE flags & 8192").fetchone()[0]
    ok(len(office.rows("search", "*")) == 10 and partial == 5, "keep-days 30: headers of all, bodies of the last days", partial)

    # ---- gone all at once ----
    c = put(server, "work", 60)
    put(server, "work", 12, "Old", 100)
    office = Office(server.account("work"))
    office.run("sync")
    c.select("INBOX")
    c.store("1:50", "+FLAGS", "(\\Deleted)")
    c.expunge()
    p = office.run("sync")
    ok(p.returncode == 4 and b"sync --yes" in p.stderr, "a mass deletion is a question: exit 4 and what to do", p.stderr)
    ok(len(office.rows("search", "in:INBOX")) == 60, "nothing has gone here")
    p = office.run("sync")
    ok(p.returncode == 4 and len(office.rows("search", "in:INBOX")) == 60, "asked again, nothing goes either")
    p = office.run("sync", "--yes")
    ok(p.returncode == 0 and len(office.rows("search", "in:INBOX")) == 10, "after the yes it is like the server", p.stderr)
    trash = office.rows("search", "in:local/Trash")
    equal(office, c, "both sides are equal")
    ok(office.db().execute("SELECT count(*) FROM mail_message").fetchone()[0] == 72, "but not one is lost")
    lost = office.db().execute("SELECT id FROM mail_message WHERE message_id='m3@x'").fetchone()[0]
    ok(office.run("show", f"m{lost}", "--raw").stdout == mail(3), "its bytes are here")
    j = [r for r in office.rows("journal") if r["who"] == "sync"]
    ok(len(j) == 50, "the journal says who", len(j))
    office.run("move", "work/INBOX", f"m{lost}")
    office.run("sync")
    ok(any(r[1] == dovecot.digest(mail(3)) for r in dovecot.server_side(c)), "and moved back it is on the server again")
    equal(office, c, "both sides are equal")

    # ---- a folder that vanishes, one that is renamed ----
    c.rename("Old", "Older")
    p = office.run("sync")
    ok(p.returncode == 0 and len(office.rows("search", "in:Older")) == 12, "a renamed folder: its mails are the same ones", p.stderr)
    c.delete("Older")
    p = office.run("sync")
    ok(p.returncode == 4 and len(office.rows("search", "in:Older")) == 12, "a vanished folder is a question", p.stderr)
    office.run("sync", "--yes")
    ok(office.db().execute("SELECT count(*) FROM mail_message").fetchone()[0] == 72, "nothing is lost with it")

    # ---- another UIDVALIDITY ----
    office.run("--offline", "flag", f"m{lost}")
    ids = sorted(r["id"] for r in office.rows("search", "in:INBOX"))
    subprocess.run(["doveadm", "-c", server.conf, "mailbox", "update", "-u", "work", "--uid-validity", "4242", "INBOX"], check=True)
    p = office.run("sync")
    ok(p.returncode == 0 and sorted(r["id"] for r in office.rows("search", "in:INBOX")) == ids,
       "another UIDVALIDITY: the same messages, ids stay", p.stderr)
    equal(office, c, "both sides are equal, the flag that waited is there")
    ok(office.waiting() == 0, "nothing waits")

    # ---- a deletion does not beat a change it has not seen ----
    m = office.rows("search", "in:INBOX")[0]["id"]
    office.run("--offline", "delete", m)
    c.select("INBOX")
    ident = office.db().execute("SELECT message_id FROM mail_message WHERE id=?", (int(m[1:]),)).fetchone()[0]
    u = c.uid("SEARCH", "HEADER", "Message-ID", ident)[1][0].split()[0].decode()
    c.uid("STORE", u, "+FLAGS", "(\\Answered)")
    office.run("sync")
    got = one(office, m)
    ok(got["folder"] == "INBOX" and "replied" in got["flags"], "answered elsewhere meanwhile: not deleted", got)
    ok([r for r in office.rows("journal") if r["what"] == "conflict"], "the journal says so")
    equal(office, c, "both sides are equal")
    office.run("delete", m)
    office.run("sync")
    ok(one(office, m)["folder"] == "Trash", "deleted again, it is")

    # ---- what is put into the account here goes there ----
    path = os.path.join(T, "own.eml")
    with open(path, "wb") as f:
        f.write(mail(900).replace(b"\r\n", b"\n"))
    office.run("import", path, "--account", "work", "--folder", "New folder")
    office.run("sync")
    there = dovecot.server_side(c)
    ok([r for r in there if r[0] == "New folder" and r[1] == dovecot.digest(mail(900))], "an import into the account is appended, the folder made", there[:3])
    office.run("sync")
    equal(office, c, "both sides are equal")

    # ---- a server that can little ----
    with dovecot.Dovecot(os.path.join(T, "plain"), capability="IMAP4rev1 LITERAL+ SASL-IR") as poor:
        c = put(poor, "poor", 25)
        c.create("Archive")
        office = Office(poor.account("poor", plain=True), "poor")
        p = office.run("sync")
        ok(p.returncode == 0, "IMAP4rev1 alone: synchronised", p.stderr)
        ids = [r["id"] for r in office.rows("search", "*")]
        office.run("--offline", "mark-read", *ids[:5])
        office.run("--offline", "archive", *ids[5:8])
        office.run("label", "--add", "待办", ids[9])
        c.select("INBOX")
        c.uid("STORE", "3", "+FLAGS", "(\\Flagged)")
        c.uid("STORE", "4", "+FLAGS", "(\\Deleted)")
        c.expunge()
        for _ in range(3):
            p = office.run("sync", "--yes")
        c.select("INBOX")
        c.expunge()  # what our moves have left marked
        p = office.run("sync", "--yes")
        here, there = office.local_side("poor"), dovecot.server_side(c)
        ok(here == there and p.returncode == 0, "changes both ways", difference(here, there), p.stderr)
        ok(int(c.select("Archive")[1][0]) == 3, "moved by copying, once each")
done()
