#!/usr/bin/python3
"""imap_kill.py - kill -9 at random moments of a sync, of two at once, of a watch, of what a person does, of an import (TAP).

    imap_kill.py [KILLS [MAILS [SEED]]]    suite: 15; `make torture`: 500, and 200 with 800 mails (headers come first)

The clock jumps by days and years meanwhile, the server gets another UIDVALIDITY now and then; the seed says whether it has MOVE. After every few kills
undisturbed syncs must leave both sides equal, every mail there exactly as often as it was put there, and every mail that
only we act on with the flags and in the folder in which the person left it.
"""
import os, random, signal, sqlite3, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
MAILS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
rng = random.Random(SEED)
FOLDERS = ["INBOX", "Archive", "Trash", "Lists"]


class Killed:
    """Starts commands and kills them at a moment of their own, uniformly over twice the time such a one takes."""

    def __init__(self, office):
        self.office, self.took, self.kills = office, {}, 0

    def run(self, *commands, now=None):
        env = {"BUREAU_NOW": now} if now else {}
        started = time.monotonic()
        all_of_them = [self.office.start(*c, **env) for c in commands]
        name = commands[0][0]
        doomed = rng.sample(all_of_them, rng.randrange(1, len(all_of_them) + 1))
        time.sleep(rng.random() * 1.5 * self.took.get(name, 0.1))
        for p in doomed:
            if p.poll() is None:
                p.send_signal(signal.SIGKILL)
        for p in all_of_them:
            p.communicate()
            self.kills += p.returncode == -signal.SIGKILL
        if all(p.returncode != -signal.SIGKILL for p in all_of_them):
            self.took[name] = (self.took.get(name, 0.1) * 3 + min(1, time.monotonic() - started)) / 4
        return all_of_them


def states(office):
    """Where each mail lies and its flags and labels, as the person sees them."""
    return {m: (f, flags & 15, labels) for m, f, flags, labels in office.db().execute(
        "SELECT m.id, f.account || '/' || f.name, m.flags, coalesce((SELECT group_concat(name, ',') FROM (SELECT b.name FROM"
        " doc_label l JOIN label b ON b.id=l.label WHERE l.key=m.doc ORDER BY 1)), '') FROM mail_message m JOIN mail_folder f ON f.id=m.folder")}


CAPABILITY = rng.choice([None, "IMAP4rev1 LITERAL+ SASL-IR UIDPLUS", "IMAP4rev1 LITERAL+ SASL-IR UIDPLUS ENABLE CONDSTORE QRESYNC ESEARCH"])
with dovecot.Dovecot(os.path.join(T, "dovecot"), capability=CAPABILITY) as server:
    print(f"# seed {SEED}, the server can {CAPABILITY or 'all'}")
    c = server.client("work")
    c.create("Lists")
    put = {}

    def give(n, folder):
        raw = mail(n, rng)
        c.append(folder, "", BASE + n, raw)
        put[dovecot.digest(raw)] = 1

    for i in range(MAILS):
        give(i, rng.choice(["INBOX", "INBOX", "Lists"]))
    office = Office(server.account("work", plain=True))
    office.run("--offline", "status")  # the store is made
    killed = Killed(office)
    for _ in range(3):  # the first sync, too
        killed.run(("sync", "--yes"))
    n, checked, codes, left, acts = MAILS + 1000, 0, set(), {}, {}
    while True:
        beside = office.start("work") if rng.random() < .4 else None  # looks at the account beside us until it is killed
        for _ in range(rng.randrange(3)):
            n += 1
            give(n, rng.choice(["INBOX", "INBOX", "Archive"]))
        now = None
        if rng.random() < .2:
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + rng.choice([-3e8, -9e4, -40, 3700, 9e4, 3e8])))
        if rng.random() < .6:
            n += 1
            path = os.path.join(T, f"{n}.eml")
            with open(path, "wb") as f:
                f.write(mail(n, rng))
            put[dovecot.digest(open(path, "rb").read())] = 1
            load = ("import", path, "--account", "work", "--folder", rng.choice(["Archive", "Lists"]))
            if any(p.returncode for p in killed.run(load, now=now)):
                office.run(*load)
        ids = [f"m{x[0]}" for x in office.db().execute("SELECT id FROM mail_message")]
        for _ in range(rng.randrange(3) if len(ids) > 9 else 0):
            what = rng.choice(["archive", "delete", "mark-read", "mark-unread", "flag", "unflag", "move", "label", "undo"])
            extra = {"label": ["--add", rng.choice(["later", "待办"])], "move": [rng.choice(FOLDERS)], "undo": ["--yes"]}.get(what, [])
            command = (what, *extra, *(rng.sample(ids, rng.randrange(1, 5)) if what != "undo" else []))
            done_by = killed.run(command, now=now) if rng.random() < .5 else [office.run(*(["--offline"] if rng.random() < .5 else []), *command)]
            acts[what] = acts.get(what, 0) + sum(p.returncode == 0 for p in done_by)
            bad = [(command, p.returncode, getattr(p, "stderr", "")) for p in done_by if p.returncode not in (0, -9) and what != "undo"]
            bad and ok(False, "what a person does is done", bad)
        if beside:
            time.sleep(rng.random() * .3)
            beside.kill()
            beside.communicate()
            killed.kills += 1
        left = states(office)
        if rng.random() < .1:
            subprocess.run(["doveadm", "-c", server.conf, "mailbox", "update", "-u", "work", "--uid-validity",
                            str(int(time.time()) + rng.randrange(10**6)), rng.choice(["INBOX", "Lists", "Archive"])], check=False,
                           stderr=subprocess.DEVNULL)
        for _ in range(rng.randrange(1, 4)):
            codes |= {p.returncode for p in killed.run(*[("sync", "--yes")] * rng.choice([1, 1, 2]), now=now)}
        if rng.random() > .4 and killed.kills < KILLS:
            continue
        for _ in range(4):
            p = office.run("sync", "--yes")
        there, here = server.side("work"), office.local_side("work")
        checked += 1
        counts = {}
        for row in there:
            counts[row[1]] = counts.get(row[1], 0) + 1
        wrong = [(h, counts.get(h, 0)) for h in put if counts.get(h, 0) != 1] + [h for h in counts if h not in put]
        at_last = states(office)
        changed = [(m, s, at_last.get(m)) for m, s in left.items() if at_last.get(m) != s]
        verify = office.run("verify")
        if p.returncode or here != there or wrong or changed or office.waiting() or office.disagreeing("work") or verify.returncode:
            ok(False, f"after {killed.kills} kills both sides are equal", p.stderr, difference(here, there), f"not exactly once: {wrong[:5]}",
               f"not as the person left it: {changed[:5]}", f"waiting {office.waiting()}", office.disagreeing("work"), verify.stderr)
            break
        if killed.kills >= KILLS:
            ok(True, f"{killed.kills} kills, {checked} times compared: nothing lost, nothing doubled, {len(put)} mails exactly once")
            break
    print("# done:", ", ".join(f"{n} {what}" for what, n in sorted(acts.items())))
    ok(codes <= {0, 5, -9}, f"exit codes {sorted(codes)}")
done()
