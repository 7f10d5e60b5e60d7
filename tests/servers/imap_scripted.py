#!/usr/bin/python3
"""imap_scripted.py - what a Dovecot does not do: no folders at all, a mail without a byte, one larger than we take, a NO to
APPEND, Gmail's labels and threads (TAP)."""
import os, sqlite3, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import Server
from imap_office import Office, T, mail
from tap import done, ok

BIG = 100 << 20  # MAIL_SIZE_MOST


# ---- a server without folders ----
s = Server()
for i in range(5):
    s.put(mail(i))
o = Office(s.account("none"), "none")
p = o.run("sync")
ok(p.returncode == 0 and len(o.rows("search", "*")) == 5, "five mails come", p)
kept, s.folders = s.folders, {}
p = o.run("sync", "--yes")
ok(p.returncode == 4 and b"lists no folders" in p.stderr and b"doctor" in p.stderr, "no folders: an error that says what to do", p)
ok(len(o.rows("search", "in:INBOX")) == 5, "and nothing goes here, not even with a yes")
s.folders = kept
p = o.run("sync")
ok(p.returncode == 0 and len(o.rows("search", "in:INBOX")) == 5, "they are back: nothing has changed", p)

# ---- a mail without a byte, one that is too large ----
s.put(b"")
s.put(mail(7) + b"x" * 70 + b"\r\n")
p = o.run("sync")
ok(p.returncode == 0 and o.rows("search", "id:m7@x"), "behind a mail of 0 bytes the next one comes", p)
p = o.run("sync")
ok(p.returncode == 0, "nor is the next sync held by it", p)
s.put(mail(8) + (b"x" * 998 + b"\r\n") * (BIG // 1000 + 2000))
s.put(mail(9))
p = o.run("sync")
ok(o.rows("search", "id:m9@x"), "beside a mail that is too large the others come", p)
ok(p.returncode == 0 and o.rows("search", "id:m8@x"), "and it is named by its header", p)
ok(p.stderr.count(b"larger than 100 MB") == 1 and b'none/INBOX: "mail 8": larger' in p.stderr, "and by sync, once", p)
p = o.run("sync")
ok(p.returncode == 0 and len(o.rows("search", "id:m9@x")) == 1, "nor is the next sync held by it", p)
p = o.run("show", "--raw", o.rows("search", "id:m8@x")[0]["id"])
ok(p.returncode == 4 and b"larger than 100 MB" in p.stderr, "its bytes are refused, with the reason", p)

# ---- a NO to APPEND ----
s.answers["APPEND"] = "NO [OVERQUOTA] no room"
path = os.path.join(T, "own.eml")
with open(path, "wb") as f:
    f.write(mail(20).replace(b"\r\n", b"\n"))
o.run("import", path, "--account", "none", "--folder", "Archive")
p = o.run("sync")
ok(o.waiting() == 1 and o.rows("search", "id:m20@x"), "a NO to APPEND: it waits, and is here", p)
told = o.rows("sync", kind="warning")
ok(p.returncode == 0 and p.stderr.count(b"[OVERQUOTA]") + p.stderr.count(b"no room") > 0 and b"none/Archive" in p.stderr, "sync names it with the server's words", p)
ok(len(told) == 1 and "said no" in told[0]["message"] and told[0]["message"].startswith("none/Archive: \""), "as a row with --json", told)
del s.answers["APPEND"]
p = o.run("sync")
ok(p.returncode == 0 and not o.waiting(), "then it goes", p)

# ---- IMAP4rev2 and nothing else ----
r = Server(caps="IMAP4rev2 AUTH=PLAIN")
ms = [r.put(mail(i)) for i in range(4)]
o = Office(r.account("two"), "two")
p = o.run("sync")
ids = [o.rows("search", f"id:m{i}@x")[0]["id"] for i in range(4)]
ms[0].flags.add("\\Flagged")
r.drop("INBOX", ms[3])
o.run("--offline", "mark-read", ids[1])
o.run("--offline", "archive", ids[2])
p = o.run("sync", "--yes")
ok(p.returncode == 0 and "\\Seen" in ms[1].flags and len(r.folders["Archive"]) == 1 and not o.waiting(), "IMAP4rev2 alone: what changes here changes there", p, r.said[-9:])
ok("flagged" in o.rows("show", ids[0])[0]["flags"] and o.rows("show", ids[3])[0]["folder"] == "Trash", "and what changes there here")
ok(r.count("RETURN (ALL)") and r.count("LIST", "STATUS (") and r.count("UID MOVE"), "with what the second revision brings", r.said[-9:])
# ---- Gmail ----
s = Server(" X-GM-EXT-1")
m = s.put(mail(30))
m.labels = {"\\Inbox", "work", "&Zed2hA-"}
o = Office(s.account("gm"), "gm")
o.run("sync")


def labels():
    return sorted(o.rows("show", o.rows("search", "id:m30@x")[0]["id"])[0]["labels"])


ok(labels() == ["work", "旧的"], "labels come", labels())
m.flags.add("\\Flagged")
s.change(m)
o.run("sync")
ok(labels() == ["work", "旧的"], "a flag set there does not take them away", labels())
m.labels.discard("work")
m.labels.add("later")
s.change(m)
o.run("sync")
ok(labels() == ["later", "旧的"], "labels that change there change here", labels())
ident = o.rows("search", "id:m30@x")[0]["id"]
o.run("label", "--add", "two words", "--add", "待办", "--remove", "later", ident)
o.run("mark-read", ident)
p = o.run("sync")
ok(m.labels == {"\\Inbox", "&Zed2hA-", "two words", "&X4VSng-"}, "and those that change here there, as labels", m.labels, p)
ok(m.flags == {"\\Flagged", "\\Seen"} and not o.waiting(), "flags are flags, no label is a keyword", m.flags)
o.run("sync")
ok(labels() == ["two words", "待办", "旧的"], "both sides are equal", labels())


def thread(i):
    return o.rows("search", f"id:m{i}@x")[0]["thread"]


def threaded(server, *numbers):
    """Puts mails that name no other, each in a conversation of the server's; syncs."""
    for i, number in numbers:
        server.put(mail(i)).thrid = number
    o.run("sync")


high = 1 << 63  # the whole 64 bits count
threaded(s, (40, high + 1), (41, high + 2))
threaded(s, (42, high + 1), (44, high + 3))
ok(thread(40) == thread(42), "mails of one X-GM-THRID are one thread", thread(40), thread(42))
ok(len({thread(i) for i in (30, 40, 41, 44)}) == 4, "those of others are not", [thread(i) for i in (30, 40, 41, 44)])
s.put(mail(43)).thrid = high + 3  # answers m42, which Gmail counts elsewhere
o.run("sync")
ok(thread(43) == thread(42) == thread(44), "it joins as a reference does: with the mail's own", [thread(i) for i in (42, 43, 44)])
o.config(s.account("gm") + "set mail.bodies demand\n")
threaded(s, (45, high + 2), (46, 0))
ok(thread(45) == thread(41) and b"a line" in o.run("show", o.rows("search", "id:m45@x")[0]["id"]).stdout, "a header brings it too, its bytes change nothing")
ok(thread(46) not in {thread(i) for i in (30, 40, 41)}, "no number is none")
ok(b"thrid" not in o.run("show", "--raw", o.rows("search", "id:m42@x")[0]["id"]).stdout.lower(), "it is no part of the mail")
# ---- mails that were here before; labels of what is appended ----
def imported(i, *labels):
    path = os.path.join(T, f"own{i}.eml")
    with open(path, "wb") as f:
        f.write(mail(i).replace(b"\r\n", b"\n"))
    o.run("import", path, *(["--account", "gm", "--folder", "Archive"] if labels else []))
    ident = o.rows("search", f"id:m{i}@x")[0]["id"]
    for x in labels:
        o.run("--offline", "label", "--add", x, ident)


imported(60)
imported(61)
ok(thread(60) != thread(61), "two mails that name no other")
threaded(s, (60, high + 9), (61, high + 9))
ok(thread(60) == thread(61), "are one conversation when a copy on the server says so")
before = [thread(40), thread(41)]
for x in s.folders["INBOX"]:
    if x.thrid == high + 2:
        x.thrid = high + 1
with sqlite3.connect(os.path.join(o.home, "bureau.db")) as db:  # as a store of before stands
    db.execute("UPDATE mail_imap_folder SET thrids=0")
db.close()
o.run("sync")
ok(before[0] != before[1] and thread(40) == thread(41) == thread(45), "a folder that was looked at before is asked once", before, thread(40), thread(41))
n = s.count("1:* (UID X-GM-THRID)")
o.run("sync")
ok(n and s.count("1:* (UID X-GM-THRID)") == n, "and not again", n)
imported(62, "two words", "work")
p = o.run("sync")
sent = s.folders["Archive"][-1]
ok(b"m62@x" in sent.raw and sent.labels == {"two words", "work"} and not any("work" in x or "=20" in x for x in sent.flags), "an appended mail's labels are labels there", sent.flags, sent.labels)
ok(not o.waiting() and sorted(o.rows("show", o.rows("search", "id:m62@x")[0]["id"])[0]["labels"]) == ["two words", "work"], "in the same look", o.waiting())
o.run("sync")
ok(sorted(o.rows("show", o.rows("search", "id:m62@x")[0]["id"])[0]["labels"]) == ["two words", "work"], "and stay")
plain = Server()
o = Office(plain.account("plain"), "plain")
threaded(plain, (40, 5), (42, 5))
ok(thread(40) != thread(42) and not any("X-GM" in x for x in plain.said), "a server without X-GM-EXT-1 is not asked")
done()
