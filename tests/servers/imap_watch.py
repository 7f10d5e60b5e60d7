#!/usr/bin/python3
"""imap_watch.py - `work` keeps two accounts in step: what waits for one is told to that one, and the other is left in peace (TAP)."""
import os, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import Server
from imap_office import Office, mail
from tap import done, ok


def until(what, most=20):
    end = time.monotonic() + most
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return what()


def quiet(*servers):
    """Nothing new is said for a while."""
    n, since = None, time.monotonic()
    while time.monotonic() - since < 1:
        now = [len(s.said) for s in servers]
        if now != n:
            n, since = now, time.monotonic()
        time.sleep(0.05)


a, b = Server(" IDLE"), Server(" IDLE")
ms = [a.put(mail(i)) for i in range(3)]
nb = [b.put(mail(100 + i)) for i in range(3)]
o = Office(a.account("a") + b.account("b") + "set mail.check-every 1h\nset triage.auto off\n")
o.run("sync")
work = o.start("work")
ok(until(lambda: a.said[-1:] == ["IDLE"] and b.said[-1:] == ["IDLE"]), "both idle", a.said[-3:], b.said[-3:])
quiet(a, b)
one, two = o.rows("search", "id:m1@x")[0]["id"], o.rows("search", "id:m101@x")[0]["id"]
n = len(a.said)
o.run("--offline", "flag", two)
ok(until(lambda: "\\Flagged" in nb[1].flags), "a change in one account is sent at once", b.said[-5:])
quiet(a, b)
ok(len(a.said) == n, "the other account is left in peace", a.said[n:])
b.answers["STORE"] = "NO [UNAVAILABLE] not now"
o.run("--offline", "unflag", two)
until(lambda: o.waiting() and b.count("UID STORE") > 1)
quiet(a, b)
n, m = len(a.said), b.count("UID STORE")
o.run("--offline", "flag", one)
ok(until(lambda: "\\Flagged" in ms[1].flags), "what waits for one does not hold the other up", a.said[n:])
quiet(a, b)
ok(b.count("UID STORE") == m, "nor is that one asked again at once", b.said[-6:])
n = len(a.said)
o.run("--offline", "flag", o.rows("search", "id:m2@x")[0]["id"])
ok(until(lambda: "\\Flagged" in ms[2].flags), "nor does the first count as stuck for it", a.said[n:])
work.terminate()
work.communicate()
done()
