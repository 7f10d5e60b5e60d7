#!/usr/bin/python3
"""imap_both.py - two accounts on a real Dovecot, changed from both sides at once, end equal (TAP).

    imap_both.py [RUNS [MAILS [SEED]]]     suite: 5 runs; `make torture`: 50. Each run: accounts and an office of its own
    imap_both.py 50 --mails 10000 [SEED]   the same accounts for all runs, so many mails in both; also in `make torture`

With --mails every run goes on from the state that the one before it left, acts are now and then on hundreds, and the
times and bytes of the first syncs are printed; one sync in five is killed. A first difference ends it: what follows would be
its consequence.
"""
import os, random, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench"))
from imap_office import BASE, Office, T, difference, dovecot, mail
from imap_proxy import Proxy
from make_mail import message
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
LARGE = "--mails" in sys.argv
ARGS = [int(x) for x in sys.argv[1:] if x != "--mails"]
RUNS = ARGS[0] if ARGS else 5
MAILS = ARGS[1] if len(ARGS) > 1 else 40
SEED = ARGS[2] if len(ARGS) > 2 else random.randrange(10**6)
FOLDERS = ["INBOX", "Archive", "Trash", "Lists/house", "旧的"]


def many(rng, most):
    """How many are acted on: one, in large accounts now and then hundreds."""
    return rng.randrange(1, most) if LARGE and rng.random() < .1 else 1


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
            at = r.randrange(len(uids))
            uid = b",".join(uids[at:at + many(r, 60 if what == "delete" else 300)]).decode()
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
    some = rng.sample(ids, min(len(ids), rng.randrange(1, 4) * many(rng, 100)))
    what = rng.choice(["mark-read", "mark-unread", "flag", "unflag", "archive", "delete", "label", "unlabel", "move", "undo"])
    run = lambda *args: office.run(*(["--offline"] if rng.random() < .5 else []), *args)  # told at once, or by the next sync
    if what == "label":
        return run("label", "--add", rng.choice(["later", "Überlegung", "待办"]), *some)
    if what == "unlabel":
        return run("label", "--remove", rng.choice(["later", "urgent"]), *some)
    if what == "move":
        return run("move", rng.choice(FOLDERS) if rng.random() < .9 else "home/Lists/house", *some)
    return run("undo", "--yes") if what == "undo" else run(what, *some)


def rounds(server, office, users, rng):
    """Both sides change what is there, four times, and a sync goes on meanwhile; what went wrong, or nothing."""
    for _ in range(4):
        ids = [f"m{x[0]}" for x in office.db().execute("SELECT id FROM mail_message")]
        others = [Other(server, u, random.Random(rng.randrange(10**9)), 12) for u in users.values()]
        for o in others:
            o.start()
        sync = None
        for _ in range(rng.randrange(2, 6)):
            ours(office, rng, ids)
            if rng.random() < .5 and (not sync or sync.poll() is not None):
                sync = office.start("sync", "--yes")
        if sync and LARGE and rng.random() < .2:
            sync.kill()
        for o in others:
            o.join()
        if sync:
            sync.communicate()
        errors = [o.error for o in others if o.error]
        if errors:
            return f"second client: {errors}"
    return ""


def settled(server, office, users, known):
    """Syncs until nothing waits, then compares; what differs, or nothing."""
    for _ in range(4):
        p = office.run("sync", "--yes")
        if p.returncode:
            return f"sync: {p.returncode} {p.stderr.decode()}"
        if not office.waiting():
            break
    p = office.run("sync", "--yes")
    bad = ""
    for name, user in users.items():
        there = [(({"&Zed2hA-": "旧的"}.get(r[0], r[0])), *r[1:]) for r in server.side(user, known.setdefault(user, {}))]
        here = office.local_side(name)
        if here != sorted(there):
            bad += f"{name}: " + difference(here, there) + "\n"
        odd = office.disagreeing(name)
        if odd:
            bad += f"{name}: rows and copies disagree: {odd[:5]}\n"
    if office.waiting():
        bad += f"{office.waiting()} still wait\n"
    p = office.run("verify")
    return bad + (f"verify: {p.stderr.decode()}" if p.returncode else "")


def small(server, seed):
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
    return rounds(server, office, users, rng) or settled(server, office, users, {})


def load():
    return f"load {os.getloadavg()[0]:.1f}"


def large(server):
    """Two accounts of many mails, the figures of their first syncs, then the runs."""
    rng = random.Random(SEED)
    users = {"work": "work", "home": "home"}
    for k, user in enumerate(users):
        mails = {f: [] for f in FOLDERS}
        for i in range(k * MAILS, k * MAILS + MAILS // 2):
            t, flags, raw = message(SEED, i)
            mails[rng.choice(["INBOX", "INBOX", *FOLDERS])].append((raw, "".join(sorted(flags or "")), t))
        for f, some in mails.items():
            server.fill(user, some, "" if f == "INBOX" else wire(f).strip('"'))
    lines = server.account("work") + server.account("home", plain=True)
    office = Office(lines)
    start = time.monotonic()
    sync = office.start("sync", "--yes")
    first = 0
    while sync.poll() is None:
        try:
            n = office.db().execute("SELECT count(*) FROM mail_message m JOIN mail_folder f ON f.id=m.folder WHERE f.name='INBOX'")
            if not first and n.fetchone()[0] >= 24:
                first = time.monotonic() - start
        except Exception:
            pass
        time.sleep(0.01 if not first else 0.2)
    sync.communicate()
    full = time.monotonic() - start
    again = []
    for _ in range(3):
        start = time.monotonic()
        office.run("sync", "--yes")
        again.append(time.monotonic() - start)
    proxy = Proxy(server.port)
    office.config(server.account("work", proxy.port, plain=True) + server.account("home", proxy.port, plain=True))
    office.run("sync", "--yes")
    office.config(lines)
    have = office.db().execute("SELECT count(*) FROM mail_message").fetchone()[0]
    print(f"# {have} mails in two accounts: a screenful of the inbox after {first:.2f} s, all after {full:.1f} s; nothing changed:"
          f" {min(again):.3f} to {max(again):.3f} s, {proxy.up} bytes up, {proxy.down} down; {load()}", flush=True)
    known = {}
    why = settled(server, office, users, known)
    if not ok(sync.returncode == 0 and not why, "after the first sync both sides are equal", why):
        return
    for seed in range(SEED, SEED + RUNS):
        start = time.monotonic()
        why = rounds(server, office, users, random.Random(seed)) or settled(server, office, users, known)
        if not ok(not why, f"run {seed}: both sides are equal", why):
            return
        print(f"#   {time.monotonic() - start:.1f} s, {load()}", flush=True)


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    print(f"# seeds {SEED} to {SEED + RUNS - 1}")
    if LARGE:
        large(server)
    else:
        for seed in range(SEED, SEED + RUNS):
            why = small(server, seed)
            ok(not why, f"run {seed}: both sides are equal", why)
done()
