#!/usr/bin/python3
"""maildir_kill.py - a followed Maildir: kill -9 at random moments while another program delivers, renames and moves (TAP).

    maildir_kill.py [KILLS [SEED]]        suite: 20; `make torture`: 500

After every few kills undisturbed syncs must leave every mail as one file, with the folder and flags that its row has, and
every mail that only we act on as the person left it.
"""
import os, random, signal, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
for path in (os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "servers")):
    sys.path.insert(0, path)
from imap_office import Office, T, difference, dovecot, mail
from tap import done, ok

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
rng = random.Random(SEED)
M = os.path.join(T, "Maildir")
FOLDERS = {"INBOX": "", "Archive": ".Archive", "Lists": ".Lists", "Trash": ".Trash"}
put, killed, took = {}, 0, {}


def base(folder):
    return os.path.join(M, FOLDERS[folder])


def deliver(n, folder):
    """Another program brings a mail: even ones it changes later, too."""
    raw = mail(n, rng)
    tmp = os.path.join(base(folder), "tmp", f"{n}.host")
    with open(tmp, "wb") as f:
        f.write(raw)
    if rng.random() < .5:
        os.rename(tmp, os.path.join(base(folder), "new", f"{int(time.time())}.M{n}.host"))
    else:
        os.rename(tmp, os.path.join(base(folder), "cur", f"{int(time.time())}.M{n}.host:2," + rng.choice(["", "S", "RS", "FS"])))
    put[dovecot.digest(raw)] = n


def files():
    """(folder, digest, flags, path) of every file."""
    rows = []
    for folder in FOLDERS:
        for sub in ("cur", "new"):
            where = os.path.join(base(folder), sub)
            for name in os.listdir(where) if os.path.isdir(where) else []:
                try:
                    with open(os.path.join(where, name), "rb") as f:
                        raw = f.read()
                except OSError:
                    continue  # it is moved this moment
                letters = name.partition(":2,")[2]
                rows.append((folder, dovecot.digest(raw), "".join(x for x in "FPRS" if x in letters), os.path.join(where, name)))
    return rows


def other():
    """The other program renames or moves one of its mails."""
    mine = [r for r in files() if put.get(r[1], 1) % 2 == 0]
    if not mine:
        return
    folder, h, flags, path = rng.choice(mine)
    name = os.path.basename(path).partition(":2,")[0]
    letters = "".join(sorted(x for x in "FRS" if rng.random() < .5))
    to = os.path.join(base(folder if rng.random() < .5 else rng.choice(["INBOX", "Archive", "Lists"])), "cur", f"{name}:2,{letters}")
    try:
        if not os.path.exists(to):
            os.rename(path, to)
    except OSError:
        pass


def doomed(office, *command):
    """Runs a command and kills it at a moment of its own; did it end by itself?"""
    global killed
    start = time.monotonic()
    p = office.start(*command)
    time.sleep(rng.random() * 1.5 * took.get(command[0], 0.1))
    if p.poll() is None:
        p.send_signal(signal.SIGKILL)
    p.communicate()
    killed += p.returncode == -signal.SIGKILL
    if p.returncode != -signal.SIGKILL:
        took[command[0]] = (took.get(command[0], 0.1) * 3 + min(1, time.monotonic() - start)) / 4
    return p.returncode


def rows(office):
    """(folder, digest, flags) of every message of the account; and by id."""
    every = {}
    for m, folder, account, h, flags in office.db().execute(
            "SELECT m.id, f.name, f.account, hex(m.hash), m.flags FROM mail_message m JOIN mail_folder f ON f.id=m.folder"):
        letters = "".join(x for x, bit in (("F", 2), ("P", 8), ("R", 4)) if flags & bit) + ("" if flags & 1 else "S")
        every[m] = (folder if account == "work" else account + "/" + folder, h.lower(), letters)
    return every


def main():
    print(f"# seed {SEED}")
    for folder in FOLDERS:
        for sub in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(base(folder), sub))
    for n in range(40):
        deliver(n, rng.choice(["INBOX", "Lists"]))
    office = Office(f'account work from "Anna <anna@example.com>" maildir {M}\n')
    office.run("sync")
    n, checked, codes, acts = 1000, 0, set(), 0
    while True:
        for _ in range(rng.randrange(3)):
            n += 1
            deliver(n, rng.choice(["INBOX", "Archive"]))
        other()
        if rng.random() < .4:
            n += 1
            path = os.path.join(T, f"{n}.eml")
            with open(path, "wb") as f:
                f.write(mail(n, rng))
            put[dovecot.digest(open(path, "rb").read())] = n
            load = ("import", path, "--account", "work", "--folder", rng.choice(["Archive", "Lists"]))
            if doomed(office, *load):
                office.run(*load)
        ids = sorted(rows(office))
        for _ in range(rng.randrange(3)):
            what = rng.choice(["archive", "delete", "mark-read", "mark-unread", "flag", "unflag", "move", "undo"])
            extra = {"move": [rng.choice(list(FOLDERS))], "undo": ["--yes"]}.get(what, [])
            some = [f"m{m}" for m in rng.sample(ids, rng.randrange(1, 5))] if what != "undo" else []
            code = doomed(office, what, *extra, *some) if rng.random() < .6 else office.run(what, *extra, *some).returncode
            acts += code == 0
            if code not in (0, -9) and what != "undo":
                ok(False, f"{what}: {code}")
        left = rows(office)
        for _ in range(rng.randrange(1, 4)):
            codes.add(doomed(office, "sync"))
            other()
        if rng.random() > .4 and killed < KILLS:
            continue
        for _ in range(3):
            p = office.run("sync", "--yes")
        checked += 1
        there, here = sorted(x[:3] for x in files()), rows(office)
        counts = {}
        for x in there:
            counts[x[1]] = counts.get(x[1], 0) + 1
        wrong = [(put[h], counts.get(h, 0)) for h in put if counts.get(h, 0) != 1] + [h for h in counts if h not in put]
        changed = [(m, s, here.get(m)) for m, s in left.items() if put.get(s[1], 0) % 2 and here.get(m) != s]
        verify = office.run("verify")
        if p.returncode or wrong or changed or sorted(here.values()) != there or verify.returncode:
            ok(False, f"after {killed} kills rows and files are the same", p.stderr, difference(sorted(here.values()), there),
               f"not exactly once: {wrong[:5]}", f"not as the person left it: {changed[:5]}", verify.stderr)
            break
        if killed >= KILLS:
            ok(True, f"{killed} kills, {acts} acts, {checked} times compared: {len(put)} mails, each one file, as its row says")
            break
    ok(codes <= {0, -9}, f"exit codes {sorted(codes)}")
    done()


main()
