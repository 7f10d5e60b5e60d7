#!/usr/bin/python3
"""imap_watch.py - `work` keeps two accounts in step: what waits for one is told to that one, and the other is left
in peace; a line that is down is tried again with growing pauses; what comes is told by IDLE or looked for (TAP)."""
import os, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import Server
from imap_office import Office, T, dovecot, mail
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

# ---- a line that is down: again with growing pauses; then everything that came meanwhile ----
c = Server(" IDLE")
c.put(mail(200))
o = Office(c.account("c") + "set mail.check-every 1h\nset triage.auto off\n", "down")
c.deaf = True
work = o.start("work")
ok(until(lambda: len(c.came) >= 3, 30), "a line that drops is tried again", c.came)
gaps = [b - a for a, b in zip(c.came, c.came[1:])]
ok(all(gap > 0.9 * 2 ** n for n, gap in enumerate(gaps)), "after pauses that grow", gaps)
c.deaf = False
ok(until(lambda: o.rows("search", "id:m200@x"), 30), "and when it is up the mail is here", len(c.came))
work.terminate()
work.communicate()

# ---- what comes: told by IDLE, or looked for ----
d = Server()
o = Office(d.account("d") + "set mail.check-every 10s\nset triage.auto off\n", "poll")
work = o.start("work")
until(lambda: d.count("SELECT INBOX"))
d.put(mail(300))
ok(until(lambda: o.rows("search", "id:m300@x"), 40) and not d.count("IDLE"), "without IDLE it is looked for every mail.check-every", d.said[-5:])
work.terminate()
work.communicate()
if dovecot.have():
    with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
        o = Office(server.account("work") + "set mail.check-every 1h\nset triage.auto off\n", "idle")
        o.run("sync")
        work = o.start("work")
        time.sleep(1.5)
        server.deliver("work", mail(400))
        ok(until(lambda: o.rows("search", "id:m400@x"), 40), "with IDLE it comes by itself")
        work.terminate()
        work.communicate()
done()
