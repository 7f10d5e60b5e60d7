#!/usr/bin/python3
"""imap_both.py - two accounts on a real Dovecot, changed from both sides at once, end equal (TAP).

    imap_both.py [RUNS [MAILS [SEED]]]     suite: 5 runs; `make torture`: 50
"""
import os, random, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
MAILS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
FOLDERS = ["INBOX", "Archive", "Trash", "Lists/house", "旧的"]


def wire(name):
    return dovecot.quote({"旧的": "&Zed2hA-"}.get(name, name))


class Other(threading.Thread):
    """The second client: a raw script that changes things while we sync."""

    def __init__(self, server, user, rng, acts):
        super().__init__()
        self.server, self.user, self.rng, self.acts, self.error, self.next = server, user, rng, acts, None, 100000

    def run(self):
        try:
            c = self.server.client(self.user)
            for _ in range(self.acts):
                self.act(c)
                time.sleep(self.rng.random() * 0.02)
            c.logout()
        except Exception as e:
            self.error = e

    def act(self, c):
        r = self.rng
        c.select(wire(r.choice(FOLDERS)))
        uids = c.uid("SEARCH", None, "ALL")[1][0].split()
        what = r.choice(["flag", "flag", "word", "move", "delete", "append", "append", "copy"])
        if what == "append":
            i = self.next = self.next + r.randrange(1, 9)
            c.append(wire(r.choice(FOLDERS)), r.choice(["", "\\Seen", "\\Flagged urgent"]), BASE + i, mail(i, r, ident=r.random() < .8))
        elif uids:
            uid = r.choice(uids).decode()
            if what == "flag":
                c.uid("STORE", uid, r.choice(["+FLAGS", "-FLAGS"]), "(" + r.choice(["\\Seen", "\\Flagged", "\\Answered", "$Forwarded"]) + ")")
            elif what == "word":
                c.uid("STORE", uid, r.choice(["+FLAGS", "-FLAGS"]), "(" + r.choice(["urgent", "later", "$Junk"]) + ")")
            elif what in ("move", "copy"):
                c.uid(what.upper(), uid, wire(r.choice(FOLDERS)))
            else:
                c.uid("STORE", uid, "+FLAGS", "(\\Deleted)")
                c.uid("EXPUNGE", uid)


def ours(office, rng, ids):
    """One thing a person does."""
    some = rng.sample(ids, min(len(ids), rng.randrange(1, 4)))
    what = rng.choice(["mark-read", "mark-unread", "flag", "unflag", "archive", "delete", "label", "unlabel", "move", "undo"])
    run = lambda *args: office.run(*(["--offline"] if rng.random() < .5 else []), *args)  # told at once, or by the next sync
    if what == "label":
        return run("label", "--add", rng.choice(["later", "Überlegung", "待办"]), *some)
    if what == "unlabel":
        return run("label", "--remove", rng.choice(["later", "urgent"]), *some)
    if what == "move":
        return run("move", rng.choice(FOLDERS) if rng.random() < .9 else "home/Lists/house", *some)
    return run("undo", "--yes") if what == "undo" else run(what, *some)


def one_run(server, seed):
    rng = random.Random(seed)
    users = {"work": f"work@{seed}", "home": f"home@{seed}"}
    for name, user in users.items():
        c = server.client(user)
        for f in FOLDERS[3:]:
            c.create(wire(f))
        for i in range(MAILS):
            n = i + (1000 if name == "home" else 0)
            c.append(wire(rng.choice(FOLDERS[:4])), rng.choice(["", "\\Seen", "\\Seen \\Answered", "\\Flagged urgent"]), BASE + n,
                     mail(n, rng, ident=rng.random() < .9))
            if rng.random() < .1:
                c.append(wire(rng.choice(FOLDERS)), "\\Seen", BASE + n, mail(n))
                c.append(wire(rng.choice(FOLDERS)), "\\Seen", BASE + n, mail(n))
        c.logout()
    office = Office("".join(server.account(u, plain=rng.random() < .5) for u in users.values()), f"office{seed}")
    office.run("sync", "--yes")
    for _ in range(4):
        ids = [r["id"] for r in office.rows("search", "*")]
        others = [Other(server, u, random.Random(rng.randrange(10**9)), 12) for u in users.values()]
        for o in others:
            o.start()
        sync = None
        for _ in range(rng.randrange(2, 6)):
            ours(office, rng, ids)
            if rng.random() < .5 and (not sync or sync.poll() is not None):
                sync = office.start("sync", "--yes")
        for o in others:
            o.join()
        if sync:
            sync.communicate()
        errors = [o.error for o in others if o.error]
        if errors:
            return f"second client: {errors}"
    for _ in range(4):
        p = office.run("sync", "--yes")
        if p.returncode:
            return f"sync: {p.returncode} {p.stderr.decode()}"
        if not office.waiting():
            break
    p = office.run("sync", "--yes")
    bad = ""
    for name, user in users.items():
        c = server.client(user)
        here, there = office.local_side(name), [(({"&Zed2hA-": "旧的"}.get(r[0], r[0])), *r[1:]) for r in dovecot.server_side(c)]
        if here != sorted(there):
            bad += f"{name}: " + difference(here, there) + "\n"
        odd = office.disagreeing(name)
        if odd:
            bad += f"{name}: rows and copies disagree: {odd[:5]}\n"
        c.logout()
    if office.waiting():
        bad += f"{office.waiting()} still wait\n"
    if office.run("verify").returncode:
        bad += "verify: " + office.run("verify").stderr.decode()
    return bad


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    print(f"# seeds {SEED} to {SEED + RUNS - 1}")
    for seed in range(SEED, SEED + RUNS):
        why = one_run(server, seed)
        ok(not why, f"run {seed}: both sides are equal", why)
done()
