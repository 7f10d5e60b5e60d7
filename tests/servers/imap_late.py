#!/usr/bin/python3
"""imap_late.py - another client is a moment quicker: what we move, flag or append to is gone when our command comes; or the
line is cut behind an append, and the mail is put elsewhere before the next sync (TAP)."""
import os, sqlite3, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_between import Between
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")

with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    line = Between(server.port)
    c = server.client("work")
    for i in range(9):
        c.append("INBOX", "", BASE + i, mail(i))
    office = Office(server.account("work", port=line.port, plain=True))
    office.run("sync")
    ids = {r["subject"]: r["id"] for r in office.rows("search", "*")}

    def expunge(n):
        """The mail goes for good."""
        c.select("INBOX")
        for u in c.uid("SEARCH", "HEADER", "Message-ID", f"<m{n}@x>")[1][0].split():
            c.uid("STORE", u.decode(), "+FLAGS", "(\\Deleted)")
            c.uid("EXPUNGE", u.decode())

    def folder(n):
        return office.rows("show", ids[f"mail {n}"])[0]

    line.before(b"UID MOVE", lambda: expunge(1))
    p = office.run("archive", ids["mail 1"])
    ok(line.word is None and p.returncode == 0, "expunged just before our move", p)
    for _ in range(2):
        p = office.run("sync", "--yes")
    got = folder(1)
    ok(got["folder"] == "Archive" and not office.waiting(), "where the person put it, it is there again", got["folder"], office.waiting())
    office.run("label", "--add", "later", ids["mail 1"])
    office.run("move", "INBOX", ids["mail 1"])
    for _ in range(2):
        p = office.run("sync", "--yes")
    ok(not office.waiting() and p.returncode == 0, "and what is done to it later does not wait for ever", p.stderr, office.waiting())

    line.before(b"UID STORE", lambda: expunge(2))
    office.run("flag", ids["mail 2"])
    for _ in range(2):
        p = office.run("sync", "--yes")
    ok(line.word is None and folder(2)["folder"] == "Trash" and not office.waiting(), "expunged just before its flag: the same", folder(2)["folder"], p.stderr)

    line.before(b"UID STORE", lambda: expunge(3))
    office.run("--offline", "flag", ids["mail 3"])
    office.run("--offline", "archive", ids["mail 3"])
    for _ in range(3):
        p = office.run("sync", "--yes")
    ok(line.word is None and folder(3)["folder"] == "Archive" and not office.waiting(), "gone between its flag and its move: moved all the same",
       folder(3)["folder"], office.waiting(), p.stderr)
    office.run("unflag", ids["mail 3"])
    for _ in range(2):
        p = office.run("sync", "--yes")
    ok(not office.waiting(), "nor does it wait later", office.waiting(), p.stderr)

    line.before(b"UID MOVE", lambda: expunge(4))
    p = office.run("archive", ids["mail 4"], ids["mail 6"], ids["mail 7"])
    for _ in range(2):
        p = office.run("sync", "--yes")
    ok([folder(n)["folder"] for n in (4, 6, 7)] == ["Archive"] * 3 and not office.waiting(),
       "of three that move one is gone: all three are moved", [folder(n)["folder"] for n in (4, 6, 7)], p.stderr)

    c.append("INBOX", "", BASE + 50, mail(52))
    c.append("INBOX", "", BASE + 51, mail(53))
    office.run("sync")
    lost = {n: office.rows("search", f"id:m{n}@x")[0]["id"] for n in (52, 53)}
    for n in lost:
        expunge(n)
    with sqlite3.connect(os.path.join(office.home, "bureau.db")) as db:  # the server had said yes to a move of nothing
        for n in lost.values():
            db.execute("DELETE FROM mail_imap_copy WHERE message=?", (n[1:],))
    db.close()
    office.run("--offline", "flag", *lost.values())
    office.run("--offline", "archive", lost[53])
    ok(office.waiting() == 2, "changes of mails without a copy wait")
    for _ in range(4):
        p = office.run("sync", "--yes")
    ok(not office.waiting(), "not for ever", office.waiting(), p.stderr)
    c.select("Archive")
    ok(c.uid("SEARCH", "FLAGGED", "HEADER", "Message-ID", "<m53@x>")[1][0], "the one that was put elsewhere is there, flagged")

    def another_validity(folder):
        subprocess.run(["doveadm", "-c", server.conf, "mailbox", "update", "-u", "work", "--uid-validity", str(int(time.time()) + 999),
                        folder], check=True, stderr=subprocess.DEVNULL)

    def cut_append(first, what, how, validity):
        """Two mails of ours are appended, the line is cut behind the first; they are put elsewhere; each is there once."""
        for n in (first, first + 1):
            with open(os.path.join(T, f"{n}.eml"), "wb") as f:
                f.write(mail(n))
        office.run("import", os.path.join(T, f"{first}.eml"), os.path.join(T, f"{first + 1}.eml"), "--account", "work", "--folder", "Lists")
        line.before(b" APPEND ", how)
        p = office.run("sync", "--yes")
        ok(p.returncode == 5 and not line.word, f"{what}: the line was cut", p)
        if validity:
            another_validity("Lists")
        some = [office.rows("search", f"id:m{n}@x")[0]["id"] for n in (first, first + 1)]
        office.run("--offline", "move", "Archive", *some)
        for _ in range(3):
            p = office.run("sync", "--yes")
        there = [r[:2] for r in dovecot.server_side(c) if r[1] in (dovecot.digest(mail(first)), dovecot.digest(mail(first + 1)))]
        ok([r[0] for r in there] == ["Archive"] * 2 and not office.waiting(), f"{what}: both are where they were put, once", there,
           office.waiting(), p.stderr)

    again = lambda: line.before(b" APPEND ", lambda: "cut")
    cut_append(60, "behind the answer to an append", again, False)
    cut_append(62, "the same and another UIDVALIDITY", again, True)
    cut_append(64, "before the answer", lambda: "unheard", False)
    cut_append(66, "before the answer, another UIDVALIDITY", lambda: "unheard", True)

    for n, ident in ((68, True), (69, False)):
        path = os.path.join(T, f"{n}.eml")
        with open(path, "wb") as f:
            f.write(mail(n, ident=ident))
        line.before(b" APPEND ", lambda: "late")
        office.run("import", path, "--account", "work", "--folder", "Lists")  # tells the server before it ends
        for _ in range(2):
            p = office.run("sync", "--yes")
        time.sleep(0.5)
        p = office.run("sync", "--yes")
        there = [r for r in dovecot.server_side(c) if r[1] == dovecot.digest(mail(n, ident=ident))]
        ok(len(there) == 1 and not line.word, f"an append that the server is still at when we come back{'' if ident else ', no Message-ID'}: once",
           there, p)

    expunge(8)
    office.run("sync", "--yes")
    batch = office.rows("--offline", "move", "INBOX", ids["mail 8"], kind="result")[0]["batch"]
    office.run("--offline", "label", "--add", "later", ids["mail 8"])
    ok(not office.run("--offline", "undo", "--yes", batch).returncode and folder(8)["folder"] == "Trash" and office.waiting(),
       "a mail of the local trash was to go back, then stays", folder(8))
    for _ in range(2):
        p = office.run("sync", "--yes")
    ok(not office.waiting(), "nobody is to be told of it: it does not wait", office.waiting(), p.stderr)

    for i in range(70, 78):
        c.append("INBOX" if i % 2 else "Lists", "", BASE + i, mail(i))
    office.run("sync")
    ids.update({f"mail {n}": office.rows("search", f"id:m{n}@x")[0]["id"] for n in range(70, 78)})

    def taken_back(what, acts, word, how, undos, *numbers):
        """The acts are sent as far as the line lets them, then undone: both sides are as before."""
        before = dovecot.server_side(c)
        mine = [ids[f"mail {n}"] for n in numbers]
        for a in acts:
            office.run("--offline", *a, *mine)
        line.before(word, how)
        ok(office.run("sync", "--yes").returncode == 5 and not line.word, f"{what}: the line was cut")
        for u in undos:
            office.run("--offline", *u, *(mine if u[0] != "undo" else []))
        for _ in range(2):
            p = office.run("sync", "--yes")
        there, here = dovecot.server_side(c), office.local_side("work")
        ok(there == before and here == before, f"{what}: taken back, it is as it was", difference(there, before), difference(here, before))
        ok(not office.waiting() and not office.disagreeing("work"), f"{what}: nothing waits, rows and copies agree", office.waiting(),
           office.disagreeing("work"))

    unheard, cut = lambda: "unheard", lambda: "cut"
    undo = ["undo", "--yes"]
    taken_back("a flag whose answer is not heard", [["flag"]], b"UID STORE", unheard, [undo], 70)
    taken_back("the same by its opposite", [["flag"]], b"UID STORE", unheard, [["unflag"]], 71)
    taken_back("a label whose answer is not heard", [["label", "--add", "later"]], b"UID STORE", unheard, [undo], 72)
    taken_back("a move whose answer is not heard", [["archive"]], b"UID MOVE", unheard, [undo], 73)
    taken_back("a deletion out of two folders, heard of one", [["delete"]], b"UID MOVE", lambda: line.before(b"UID MOVE", cut), [undo], 74, 75)
    taken_back("flag and label heard, the move not sent", [["flag"], ["label", "--add", "later"], ["archive"]], b"UID MOVE", cut,
               [undo, undo, undo], 76)
    line.before(b"UID STORE", unheard)
    office.run("--offline", "label", "--add", "one", ids["mail 77"])
    office.run("sync", "--yes")
    office.run("--offline", "undo", "--yes")
    c.select("INBOX")
    c.uid("STORE", c.uid("SEARCH", "HEADER", "Message-ID", "<m77@x>")[1][0].decode(), "+FLAGS", "(two)")
    for _ in range(2):
        p = office.run("sync", "--yes")
    ok([r[3] for r in dovecot.server_side(c) if r[1] == dovecot.digest(mail(77))] == ["two"], "what another client put on meanwhile stays")

    here, there = office.local_side("work"), dovecot.server_side(c)
    ok(here == there, "both sides are equal", difference(here, there))
    ok(office.run("verify").returncode == 0, "the store is whole")
done()
