#!/usr/bin/python3
"""imap_unseen.py - another program changes a mail in the moment in which our deletion or move is under way: a deletion never beats a
change it has not seen, with MOVE, with COPY and a condition (RFC 7162), and with neither (TAP)."""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import Server
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok

POOR = "IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN"


class Case:
    """An account of its own on a double that can so much."""

    def __init__(self, name, caps):
        self.s, self.name = Server(caps=caps), name
        self.ms = [self.s.put(mail(i)) for i in range(6)]
        self.o = Office(self.s.account(name), name)
        self.o.run("sync")
        self.ids = [self.o.rows("search", f"id:m{i}@x")[0]["id"] for i in range(6)]

    def row(self, i):
        return self.o.rows("show", self.ids[i])[0]

    def change(self, i, flag="\\Answered"):
        def do():
            self.ms[i].flags.add(flag)
            self.s.change(self.ms[i])
        return do

    def at(self, i):
        """The folders the server has it in."""
        return sorted(n for n, box in self.s.folders.items() for m in box if f"Message-ID: <m{i}@x>".encode() in m.raw and "\\Deleted" not in m.flags)

    def ok(self, good, name, *notes):
        return ok(good, f"{self.name}: {name}", *notes, self.s.said[-12:])

    def settle(self):
        for _ in range(3):
            p = self.o.run("sync", "--yes")
        self.ok(p.returncode == 0 and not self.o.waiting(), "nothing waits", p)


def deletion(c, verb):
    """Changed before the command `verb` of our deletion: it stays, the others go."""
    c.s.before[verb] = c.change(1)
    p = c.o.run("delete", c.ids[1], c.ids[2])
    c.ok(not c.s.before, f"changed just before {verb}", p)
    c.settle()
    got = c.row(1)
    c.ok(got["folder"] == "INBOX" and "replied" in got["flags"] and "INBOX" in c.at(1), "answered meanwhile: not deleted", got["folder"], c.at(1))
    c.ok(c.row(2)["folder"] == "Trash" and c.at(2) == ["Trash"], "the other one is", c.at(2))
    c.ok([r for r in c.o.rows("journal") if r["what"] == "conflict"], "the journal says so")
    c.o.run("delete", c.ids[1])
    c.settle()
    c.ok(c.row(1)["folder"] == "Trash" and "INBOX" not in c.at(1), "deleted again, it is", c.at(1))


def move(c, verb):
    """Changed within our move: moved, the change with it, once."""
    c.s.before[verb] = c.change(3)
    c.o.run("archive", c.ids[3])
    c.ok(not c.s.before, f"a move, changed just before {verb}")
    c.settle()
    got = c.row(3)
    there = [m for m in c.s.folders["Archive"] if b"Message-ID: <m3@x>" in m.raw]
    c.ok(got["folder"] == "Archive" and c.at(3) == ["Archive"], "moved, once", got["folder"], c.at(3))
    c.ok("replied" in got["flags"] and there and "\\Answered" in there[0].flags, "the change is not lost", got["flags"], there and there[0].flags)


c = Case("move", POOR + " UIDPLUS MOVE CONDSTORE")
deletion(c, "SELECT")
c.o.run("--offline", "flag", c.ids[4])
c.o.run("--offline", "delete", c.ids[4])
c.settle()
c.ok(c.at(4) == ["Trash"] and "\\Flagged" in c.s.folders["Trash"][-1].flags, "what we changed ourselves does not hold a deletion up", c.at(4))
c = Case("plain", POOR + " UIDPLUS MOVE")
deletion(c, "SELECT")
c = Case("copy", POOR + " UIDPLUS CONDSTORE")
deletion(c, "SELECT")
c = Case("condition", POOR + " UIDPLUS CONDSTORE")
deletion(c, "STORE")
c.ok(c.s.count("STORE", "UNCHANGEDSINCE"), "the mark is set under a condition")
c.ok(c.s.folders["Trash"] and len([m for m in c.s.folders["Trash"] if b"Message-ID: <m1@x>" in m.raw]) == 1, "the copy that was one too many is taken away")
move(c, "STORE")
c = Case("little", POOR)
deletion(c, "SELECT")

if dovecot.have():
    from imap_between import Between
    with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
        line = Between(server.port)
        c = server.client("work")
        for i in range(4):
            c.append("INBOX", "", BASE + i, mail(i))
        office = Office(server.account("work", port=line.port, plain=True))
        office.run("sync")
        ids = {r["subject"]: r["id"] for r in office.rows("search", "*")}

        def answered():
            c.select("INBOX")
            c.uid("STORE", "2", "+FLAGS", "(\\Answered)")

        line.before(b" SELECT ", answered)
        office.run("delete", ids["mail 1"], ids["mail 2"])
        for _ in range(2):
            p = office.run("sync", "--yes")
        got = [office.rows("show", ids[f"mail {n}"])[0]["folder"] for n in (1, 2)]
        ok(line.word is None and got == ["INBOX", "Trash"] and not office.waiting(), "a Dovecot: answered just before our MOVE: not deleted", got, p)
        here, there = office.local_side("work"), dovecot.server_side(c)
        ok(here == there, "both sides are equal", difference(here, there))
done()
