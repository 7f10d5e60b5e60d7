#!/usr/bin/python3
"""imap_cut.py - the line is cut at random points of a sync: nothing is lost, nothing doubled (TAP).

    imap_cut.py [CUTS [SEED]]              suite: 15; `make torture`: 200

A proxy in between resets, stalls, lets a byte through now and then, or the server is restarted or gets another
UIDVALIDITY. We send mails of our own (import into the account) and move others; after every few cuts an undisturbed
sync must leave both sides equal, with every mail there exactly as often as it was put there. The seed says whether the server has MOVE.
"""
import os, random, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, difference, dovecot, mail
from imap_proxy import Proxy
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
CUTS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
rng = random.Random(SEED)

CAPABILITY = rng.choice([None, "IMAP4rev1 LITERAL+ SASL-IR UIDPLUS", "IMAP4rev1 LITERAL+ SASL-IR UIDPLUS ENABLE CONDSTORE QRESYNC ESEARCH"])
with dovecot.Dovecot(os.path.join(T, "dovecot"), capability=CAPABILITY) as server:
    print(f"# seed {SEED}, the server can {CAPABILITY or 'all'}")
    proxy = Proxy(server.port)
    lock = threading.Lock()

    def restart():
        with lock:
            server.restart()

    proxy.on_cut = restart
    user = "work"
    c = server.client(user)
    c.create("Lists")
    put = {}
    for i in range(60):
        raw = mail(i, rng)
        c.append(rng.choice(["INBOX", "Lists"]), "", BASE + i, raw)
        put[dovecot.digest(raw)] = 1
    c.logout()
    office = Office(server.account(user, port=proxy.port, plain=True))
    n, cut, checked, codes = 1000, 0, 0, set()
    while cut < CUTS:
        # what is to be done: new mail there, mail of ours, moves, flags
        with lock:
            c = server.client(user)
        for _ in range(rng.randrange(3)):
            n += 1
            raw = mail(n, rng)
            c.append("INBOX", "", BASE + n, raw)
            put[dovecot.digest(raw)] = 1
        c.logout()
        for _ in range(rng.randrange(1, 3)):
            n += 1
            path = os.path.join(T, f"{n}.eml")
            with open(path, "wb") as f:
                f.write(mail(n, rng))
            office.run("import", path, "--account", "work", "--folder", rng.choice(["Archive", "Lists"]))
            put[dovecot.digest(open(path, "rb").read())] = 1
        ids = [r["id"] for r in office.rows("search", "newer:3000d", "--limit", "40")]
        if len(ids) > 4:
            office.run(rng.choice(["archive", "delete", "mark-read", "flag"]), *rng.sample(ids, 3))
        if rng.random() < .15:
            v = int(time.time()) + rng.randrange(10**6)
            subprocess.run(["doveadm", "-c", server.conf, "mailbox", "update", "-u", user, "--uid-validity", str(v),
                            rng.choice(["INBOX", "Lists", "Archive"])], check=False, stderr=subprocess.DEVNULL)
        proxy.how = rng.choice(["reset", "reset-up", "stall", "trickle", "swallow", "swallow"] + (["restart"] if rng.random() < .3 else []))
        proxy.after = rng.choice([rng.randrange(300), rng.randrange(4000), rng.randrange(4000), rng.randrange(30000)])
        before = proxy.cuts
        p = office.run("sync", "--yes")
        codes.add(p.returncode)
        cut += proxy.cuts > before
        if p.returncode not in (0, 1, 5):
            ok(False, f"cut {cut} ({proxy.how} after {proxy.after}): exit {p.returncode}", p.stderr)
        if rng.random() < .3 or cut >= CUTS:
            proxy.how = None
            for _ in range(3):
                p = office.run("sync", "--yes")
            there = server.side(user)
            here = office.local_side("work")
            checked += 1
            counts = {}
            for row in there:
                counts[row[1]] = counts.get(row[1], 0) + 1
            wrong = [(h, counts.get(h, 0)) for h in put if counts.get(h, 0) != 1] + [h for h in counts if h not in put]
            if p.returncode or here != there or wrong or office.waiting() or office.disagreeing("work"):
                ok(False, f"after {cut} cuts both sides are equal", p.stderr, difference(here, there),
                   f"not exactly once: {wrong[:5]}", f"waiting {office.waiting()}", office.disagreeing("work"))
                break
    else:
        ok(True, f"{cut} cuts, {checked} times compared: nothing lost, nothing doubled, {len(put)} mails exactly once")
        ok(codes <= {0, 5, 1}, f"exit codes {sorted(codes)}")
    ok(office.run("verify").returncode == 0, "the store is whole")
done()
