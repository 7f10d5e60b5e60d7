#!/usr/bin/python3
"""disk_full.py - the disk is full in the middle of an import, of a sync, of what a person does (TAP).

    disk_full.py [ROUNDS [SEED]]          suite: 4; `make torture`: 60

Each round an office of its own: on a file system of random size (where one may be mounted: as root), else with a limit to
how long a file may be (RLIMIT_FSIZE), which ends writes in the middle, too. Whatever is told done is there; nothing else
than "no room" is said; the store is whole while there is no room; once there is, a second run brings the rest: every mail
is there once, and on the server all is as before.
"""
import os, random, resource, signal, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
for path in (os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "servers"), os.path.join(os.path.dirname(HERE), "bench")):
    sys.path.insert(0, path)
from imap_office import Office, T, difference, dovecot
from make_mail import message
from tap import BUREAU, ENV, done, ok

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 4
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
MAILS = 300
rng = random.Random(SEED)


class Room:
    """A folder with little room, which grows: a tmpfs, or files that may not be longer than a limit."""

    def __init__(self, path, kib):
        self.path, self.limit, self.mounted = path, None, False
        os.mkdir(path, 0o700)
        self.mounted = not os.environ.get("NO_MOUNT") and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=0700", "tmpfs", path], stderr=subprocess.DEVNULL).returncode
        self.limit = None if self.mounted else kib * 1024 // 2

    def grow(self):
        self.limit = None
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,size=200m", self.path], check=True)

    def end(self):
        if self.mounted:
            subprocess.run(["umount", "-l", self.path], check=False)

    def small(self):
        if self.limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, resource.RLIM_INFINITY))


class Full(Office):
    def __init__(self, lines, room):
        self.home, self.room = room.path, room
        self.config(lines)

    def run(self, *args, **more):
        return subprocess.run([BUREAU, "--home", self.home, *args], env=dict(ENV, **more), capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120, preexec_fn=self.room.small)


def says(p):
    """Done, or no room and nothing else, in few words."""
    words = [x for x in (p.stderr + p.stdout).decode().splitlines() if x.startswith("bureau:") or " fail " in x]
    return p.returncode == 0 or (p.returncode in (1, 5) and 0 < len(words) < 4 and all("no room" in x for x in words))


def lies(office):
    """What is in the store: mails, and which are flagged."""
    try:
        return {m: flags & 2 for m, flags in office.db().execute("SELECT id, flags FROM mail_message")}
    except Exception:
        return {}


def life(office, name, bring):
    """Mails come, a person flags and labels some while there is no room; then there is, and all is well."""
    p = bring()
    ok(says(p), f"{name}: mails come as far as there is room", p.returncode, p.stderr.decode()[:600])
    told, filled = set(), p.returncode != 0
    for _ in range(6):
        ids = sorted(lies(office))
        if not ids:
            break
        some = [f"m{m}" for m in rng.sample(ids, min(len(ids), 20))]
        p = office.run("flag", *some)
        if p.returncode == 0:
            told |= {int(m[1:]) for m in some}
        else:
            filled = True
        if not says(p):
            ok(False, f"{name}: a flag", p.returncode, p.stderr)
    lost = [m for m in told if not lies(office).get(m)]
    ok(not lost, f"{name}: what was told done is there ({len(told)} flags{', no room' if filled else ''})", lost)
    p = office.run("verify")
    ok(says(p), f"{name}: the store is whole, as far as one can look without room", p.returncode, p.stdout, p.stderr)
    office.room.grow()
    p = bring()
    ok(p.returncode == 0, f"{name}: with room again the rest comes", p.returncode, p.stderr.decode()[:600])
    rows = lies(office)
    ok(len(rows) == MAILS and not [m for m in told if not rows.get(m)], f"{name}: every mail once, flags as they were", len(rows))
    p = office.run("verify")
    ok(p.returncode == 0, f"{name}: the store is whole then", p.stdout, p.stderr)
    return filled


def main():
    print(f"# seed {SEED}")
    source, filled = os.path.join(T, "mails"), 0
    mails = [message(SEED, i) for i in range(MAILS)]
    os.makedirs(f"{source}/cur")
    for i, (t, flags, raw) in enumerate(mails):
        with open(f"{source}/cur/{t}.M{i}.x:2,", "wb") as f:
            f.write(raw)
    server = dovecot.Dovecot(os.path.join(T, "dovecot")) if dovecot.have() else None
    if server:
        server.fill("work", [(raw, "S", t) for t, flags, raw in mails])
    for i in range(ROUNDS):
        room = Room(os.path.join(T, f"office{i}"), rng.randrange(600, 5000))
        if server and i % 2:
            c = server.client("work")
            c.select("INBOX")
            c.store("1:*", "-FLAGS", "(\\Flagged)")
            office = Full(server.account("work", plain=True), room)
            filled += life(office, f"round {i}, sync", lambda: office.run("sync", "--yes"))
            office.run("sync", "--yes")
            here, there = office.local_side("work"), dovecot.server_side(c)
            ok(here == there and len(there) == MAILS and not office.waiting(), f"round {i}: both sides are equal, nothing waits",
               difference(here, there), office.waiting())
            c.logout()
        else:
            office = Full("", room)
            filled += life(office, f"round {i}, import", lambda: office.run("import", source))
        room.end()
    if server:
        server.stop()
    ok(filled > 0, f"{filled} of {ROUNDS} rounds ran out of room ({'a small file system' if room.mounted else 'short files'})")
    done()


main()
