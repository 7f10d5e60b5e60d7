#!/usr/bin/python3
"""imap_refused.py - a server says NO: nothing is written down as done, the person hears of it, what can go later waits (TAP)."""
import json, os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import CAPS, Server
from imap_office import Office, T, mail
from tap import done, ok

s = Server()
ms = [s.put(mail(i)) for i in range(8)]
o = Office(s.account("work"))
o.run("sync")


def ident(i):
    return o.rows("search", f"id:m{i}@x")[0]["id"]


def row(i):
    return o.rows("show", ident(i))[0]


def journal():
    return [r for r in o.rows("journal") if r["who"] == "sync" and r["what"] == "refused"]


def doctor():
    return [r for r in o.rows("doctor", "--offline") if "server" in r["check"] and r["state"] == "warn"]


def status():
    return o.rows("status", kind="result")[0]


# ---- flags: a no for good ----
s.answers["STORE"] = "NO [NOPERM] not yours to change"
p = o.run("flag", ident(1))
ok(b"not yours to change" in p.stderr and p.returncode == 0, "the command says what the server said", p)
ok("flagged" not in row(1)["flags"], "the flag is as it is there", row(1)["flags"])
ok(not o.waiting() and not ms[1].flags, "nothing waits")
ok(len(journal()) == 1 and "not yours" in journal()[0]["why"], "the journal has it, with the words", journal())
d = doctor()
ok(len(d) == 1 and "mail 1" in d[0]["message"] and "not yours" in d[0]["message"], "doctor names the mail and the words", d)
ok(status().get("refused") == 1 and b"refused" in o.run("status").stdout, "status counts it", status())
n = s.count("STORE")
p = o.run("sync")
ok(s.count("STORE") == n and "flagged" not in row(1)["flags"], "the next sync does not try again", p)
o.run("--offline", "mark-read", ident(1), ident(2))
p = o.run("sync")
ok(b"mail 1" in p.stderr and b"mail 2" in p.stderr, "sync names each mail", p)
ok("unread" in row(1)["flags"] and "unread" in row(2)["flags"], "unread they stay", row(1)["flags"])
p = o.run("undo", "--yes")
ok("unread" in row(1)["flags"], "undo of what did not happen changes nothing", p)

# ---- labels alone are refused: the flags beside them are not lost ----
s.answers["STORE"] = lambda args: "NO [CANNOT] no new keywords" if "urgent" in args else None
o.run("--offline", "label", "--add", "urgent", ident(3))
o.run("--offline", "flag", ident(3))
p = o.run("sync")
ok("flagged" in row(3)["flags"] and ms[3].flags == {"\\Flagged"}, "a flag beside a refused label is set", row(3), ms[3].flags)
ok("urgent" not in row(3)["labels"] and b"no new keywords" in p.stderr and not o.waiting(), "the label is not", row(3)["labels"], p.stderr)

# ---- half of them were done ----
def half(args):
    ms[4].flags.add("\\Flagged")
    s.change(ms[4])
    return "NO [CANNOT] only some"


s.answers["STORE"] = half
o.run("--offline", "flag", ident(4), ident(5))
p = o.run("sync")
ok("flagged" in row(4)["flags"] and "flagged" not in row(5)["flags"], "of two the one that took it keeps it", row(4)["flags"], row(5)["flags"])
ok(p.stderr.count(b"only some") == 1 and b"mail 5" in p.stderr or b"\xe4" in p.stderr, "the other is named", p.stderr)

# ---- a no that may be a yes later ----
for code in ("INUSE", "UNAVAILABLE", "SERVERBUG"):
    s.answers["STORE"] = f"NO [{code}] not now"
    p = o.run("flag", ident(6))
    ok("flagged" in row(6)["flags"] and o.waiting() == 1 and b"not now" in p.stderr, f"{code}: it stands here and waits, and the command says so", p)
    d = doctor()
    ok([x for x in d if "mail 6" in x["message"] and "not now" in x["message"]], f"{code}: doctor says what waits", d)
    del s.answers["STORE"]
    o.run("sync")
    ok(ms[6].flags == {"\\Flagged"} and not o.waiting() and "flagged" in row(6)["flags"], f"{code}: then it goes")
    ok(not [x for x in doctor() if "mail 6" in x["message"]], f"{code}: and is not named any more", doctor())
    o.run("unflag", ident(6))
s.answers["STORE"] = "NO [LIMIT] too much"
o.run("flag", ident(6))
for _ in range(4):
    o.run("sync")
ok("flagged" not in row(6)["flags"] and not o.waiting(), "LIMIT: tried a few times, then as it is there", row(6)["flags"])
s.answers["STORE"] = "BAD what"
o.run("flag", ident(6))
ok("flagged" not in row(6)["flags"] and not o.waiting(), "BAD: as it is there", row(6)["flags"])
del s.answers["STORE"]

# ---- moves ----
s.answers["MOVE"] = "NO [UNAVAILABLE] later"
o.run("archive", ident(7))
ok(row(7)["folder"] == "Archive" and o.waiting() == 1, "a move that is refused this time waits", row(7)["folder"])
s.answers["MOVE"] = "NO [NOPERM] never"
p = o.run("sync")
ok(row(7)["folder"] == "INBOX" and not o.waiting() and b"never" in p.stderr, "for good: it lies where it lay, sync says why", row(7)["folder"], p)
del s.answers["MOVE"]

# ---- appends ----
def append(i, raw=None):
    path = os.path.join(T, f"own{i}.eml")
    with open(path, "wb") as f:
        f.write(raw or mail(i).replace(b"\r\n", b"\n"))
    o.run("import", path, "--account", "work", "--folder", "Archive")
    return o.run("sync")


nul = mail(31).replace(b"\r\n", b"\n").replace(b"Hello", b"He\0llo")
p = append(31, nul)
ok(b"NUL bytes" in p.stderr and not s.count("APPEND") and not o.waiting(), "a NUL byte where no BINARY is: a word, and nothing waits", p)
ok(o.run("show", "--raw", ident(31)).stdout == nul and [x for x in doctor() if "NUL" in x["message"]], "it is here, doctor says why it is not there")
p = o.run("sync")
ok(b"NUL" not in p.stderr, "said once", p)
s.caps += " BINARY APPENDLIMIT=3000"
p = append(32, nul.replace(b"m31@x", b"m32@x"))
ok(s.folders["Archive"][-1].raw == nul.replace(b"m31@x", b"m32@x").replace(b"\n", b"\r\n") and s.count("APPEND", "~{"),
   "where BINARY is it goes as a literal8", p)
n = s.count("APPEND")
p = append(33, mail(33).replace(b"\r\n", b"\n") + b"x" * 3000 + b"\n")
ok(b"3000 bytes" in p.stderr and s.count("APPEND") == n and not o.waiting(), "APPENDLIMIT: known without asking", p)
s.answers["APPEND"] = "NO [TOOBIG] too big"
p = append(34)
ok(b"too big" in p.stderr and not o.waiting() and o.rows("search", "id:m34@x"), "TOOBIG: a word, it stays here", p)
s.answers["APPEND"] = "NO [OVERQUOTA] full"
p = append(35)
ok(b"full" in p.stderr and o.waiting() == 1, "OVERQUOTA: it waits", p)
ok([x for x in doctor() if "full" in x["message"] and "each sync" in x["hint"]], "and doctor says so", doctor())
del s.answers["APPEND"]
o.run("sync")
ok(not o.waiting() and b"m35@x" in s.folders["Archive"][-1].raw, "then it goes")
ok(not [x for x in doctor() if "full" in x["message"]], "and is not named any more", doctor())

# ---- a folder without new keywords ----
s.permanent = "\\Seen \\Flagged"
o.run("label", "--add", "mine", ident(0))
ok(row(0)["labels"] == ["mine"] and not s.count("STORE", "mine"), "where no keyword can be kept a label stays here")
s.change(ms[0])
ms[0].flags.add("\\Flagged")
o.run("sync")
ok(row(0)["labels"] == ["mine"] and "flagged" in row(0)["flags"], "and a change there does not take it away", row(0))
done()
