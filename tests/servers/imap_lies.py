#!/usr/bin/python3
"""imap_lies.py - a server that says what is not so: nothing here is lost or doubled, every sync ends, and the truth comes back with
the first look that is told it; Message-IDs that several mails have, or none (TAP)."""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import Server
from imap_office import Office, mail
from tap import done, ok

s = Server()
for i in range(30):
    s.put(mail(i))
o = Office(s.account("work"))
o.run("sync")


def held():
    return o.db().execute("SELECT count(*), count(DISTINCT hash) FROM mail_message").fetchone()


def lie(name, verb, f, expected=30, after=30):
    """The server answers a command so; then it is honest again."""
    said = []
    honest = getattr(s, "do_" + verb.lower())
    setattr(s, "do_" + verb.lower(), lambda say, at, args: (said.append(args), f(say, at, args, honest))[1])
    s.change(s.folders["INBOX"][0])
    p = o.run("sync", timeout=60)
    setattr(s, "do_" + verb.lower(), honest)
    inbox = len(o.rows("search", "--limit", "100", "in:INBOX"))
    ok(said and p.returncode in (0, 4, 5) and held() == (expected, expected) and inbox == expected, f"{name}: nothing is lost", p, held(), inbox)
    s.change(s.folders["INBOX"][0])
    p = o.run("sync", timeout=60)
    ok(p.returncode == 0 and len(o.rows("search", "--limit", "100", "in:INBOX")) == after and held() == (after, after),
       f"{name}: and the next sync is as ever", p, held())


def with_select(say, at, args, honest, **instead):
    """A SELECT with other numbers."""
    numbers = s.numbers
    s.numbers = lambda name: tuple(instead.get(k, v) for k, v in zip(("exists", "uidnext", "modseq"), numbers(name)))
    answer = honest(say, at, args)
    s.numbers = numbers
    return answer


lie("a SEARCH that finds nothing", "SEARCH", lambda say, at, args, honest: say("* SEARCH"))
lie("a SEARCH that finds what is not there", "SEARCH", lambda say, at, args, honest: say("* SEARCH 1:30".replace(":", " ") + " 500 501 4294967295"))
lie("an EXISTS of a million", "SELECT", lambda say, at, args, honest: with_select(say, at, args, honest, exists=1000000))
lie("an EXISTS of none", "SELECT", lambda say, at, args, honest: with_select(say, at, args, honest, exists=0))
lie("a UIDNEXT that goes back", "SELECT", lambda say, at, args, honest: with_select(say, at, args, honest, uidnext=1))
lie("a HIGHESTMODSEQ that goes back", "SELECT", lambda say, at, args, honest: with_select(say, at, args, honest, modseq=1))


def twice(say, at, args, honest):
    honest(say, at, args)
    return honest(say, at, args)


lie("every folder listed twice", "LIST", twice)
lie("every mail told twice", "FETCH", twice)
lie("mails told that nobody asked for", "FETCH", lambda say, at, args, honest: (say("* 7 FETCH (UID 900 FLAGS (\\Seen) RFC822.SIZE 3 BODY[] {3}"),
                                                                           say(b"abc)\r\n"), honest(say, at, args))[2])
s.put(mail(30))
lie("a mail that is never handed out", "FETCH", lambda say, at, args, honest: None if "BODY" in args else honest(say, at, args), after=31)
ok(len(o.rows("search", "id:m30@x")) == 1, "and it came when it was")

# ---- Message-IDs ----
same = [s.put(mail(40)), s.put(mail(40).replace(b"Hello", b"Goodbye")), s.put(mail(41, ident=False)), s.put(mail(42, ident=False))]
o.run("sync")
rows = o.rows("search", "id:m40@x")
ok(len(rows) == 2 and held() == (35, 35), "two mails of one Message-ID are two mails, those of none, too", len(rows), held())
o.run("flag", rows[0]["id"])
ok([("\\Flagged" in m.flags) for m in same].count(True) == 1, "a flag of one is of it alone", [m.flags for m in same])
for r in o.rows("search", "subject:41"):
    o.run("archive", r["id"])
ok([m for m in s.folders["Archive"] if b"Subject: mail 41" in m.raw] and not o.waiting(), "one without is moved")
done()
