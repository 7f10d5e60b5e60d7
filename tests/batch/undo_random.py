#!/usr/bin/python3
"""undo_random.py - random actions, undos and redos on a followed Maildir; taking everything back ends where it began (TAP).

UNDO_ACTIONS=1000 UNDO_SEED=7 choose how many and which; another program renames files all the while."""
import hashlib, json, os, random, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, T, done, ok

ACTIONS, SEED = int(os.environ.get("UNDO_ACTIONS", 250)), int(os.environ.get("UNDO_SEED", 1))
rnd = random.Random(SEED)
home, box = os.path.join(T, "h"), os.path.join(T, "Mail")
os.mkdir(home, 0o700)
for folder in ("", ".Archive", ".Lists"):
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(box, folder, part))
with open(os.path.join(home, "bureaurc"), "w") as f:
    os.chmod(f.name, 0o600)
    f.write(f'account work from "Anna <anna@example.com>" maildir {box}\n')
env = dict(ENV, BUREAU_NOW="2026-11-23T12:00:00+01:00")
COUNT = 40
for i in range(COUNT):
    parent = f"In-Reply-To: <r{i - 3}@x>\n" if i % 3 == 0 and i else ""
    folder = rnd.choice(["", "", "", ".Archive", ".Lists"])
    name = f"17000{i:05d}.M{i}.host:2,{''.join(sorted(rnd.sample('FRS', rnd.randint(0, 3))))}"
    with open(os.path.join(box, folder, "cur", name), "w") as f:
        f.write(f"From: Bob {i % 5} <bob{i % 5}@example.com>\nTo: anna@example.com\nMessage-ID: <r{i}@x>\n{parent}"
                f"Date: Mon, 23 Nov 2026 {i % 12:02d}:{i:02d}:00 +0100\nSubject: Subject {i}\n\nText {i}.\n")


def run(*a):
    p = subprocess.run([BUREAU, "--home", home, "--json", *a], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       stdin=subprocess.DEVNULL, timeout=120)
    return p.returncode, [json.loads(x) for x in p.stdout.splitlines()], p.stderr.decode()


def files():
    """The Maildir as another program sees it: folder, bytes, flags."""
    found = []
    for folder in sorted(os.listdir(box)):
        for part in (["cur", "new"] if folder.startswith(".") else []):
            for name in os.listdir(os.path.join(box, folder, part)):
                found.append((folder, part, name))
    for part in ("cur", "new"):
        found += [("", part, name) for name in os.listdir(os.path.join(box, part))]
    out = []
    for folder, part, name in found:
        with open(os.path.join(box, folder, part, name), "rb") as f:
            out.append((folder, hashlib.sha256(f.read()).hexdigest()[:8], name.partition(":2,")[2].replace("a", "")))
    return sorted(out)


def office():
    """What the store says of every mail."""
    rows = {}
    for hit in run("search", "* OR is:deleted")[1]:
        if hit["type"] == "item":
            o = run("show", hit["id"])[1][0]
            rows[hit["id"]] = (o["folder"], sorted(o["flags"]), sorted(o["labels"]), o.get("lane", ""))
    return rows


run("sync")
code, _, err = run("triage")
ids = [h["id"] for h in run("search", "*")[1] if h["type"] == "item"]
threads = sorted({h["thread"] for h in run("search", "*")[1] if h["type"] == "item"})
ok(len(ids) == COUNT, "all mails are there", len(ids))
run("sync")
before, before_files = office(), files()


def some(what):
    return rnd.sample(what, rnd.randint(1, 4))


def action():
    kind = rnd.choice(["archive", "delete", "spam", "mark-read", "mark-unread", "flag", "unflag", "move", "label", "lane",
                       "snooze", "unsnooze", "mute", "unmute", "undo", "undo", "redo", "thing"])
    target = some(ids) if rnd.random() < 0.6 else some(threads)
    if kind == "move":
        return run("move", rnd.choice(["Lists", "INBOX", "Archive", "New"]), *target)
    if kind == "label":
        return run("label", rnd.choice(["--add", "--remove"]), rnd.choice(["red", "blue", "蓝"]), *target)
    if kind == "lane":
        return run("lane", rnd.choice(["act", "fyi", "done", "answer"]), *some(threads))
    if kind == "snooze":
        return run("snooze", rnd.choice(["tomorrow", "+3d", "fri 9:00"]), *target)
    if kind == "undo":
        return run("--yes", "undo")
    if kind == "redo":
        return run("redo")
    if kind == "thing":
        batches = [j for j in run("journal", "--limit", "5")[1] if not j.get("undone", True)]
        if not batches:
            return 0, [], ""
        b = rnd.choice(batches)["batch"]
        items = [i["id"] for i in run("journal", "--items", b)[1] if i.get("batch") == b and "id" in i]
        return run("undo", b, rnd.choice(items)) if items else (0, [], "")
    return run(kind, *target)


def rename():
    """Another program sets or takes a keyword of its own: the file has another name."""
    cur = os.path.join(box, rnd.choice([f for f in os.listdir(box) if f.startswith(".")] + [""]), "cur")
    for name in rnd.sample(sorted(os.listdir(cur)), min(3, len(os.listdir(cur)))):
        base, mark, flags = name.partition(":2,")
        flags = flags.replace("a", "") if "a" in flags else flags + "a"
        os.rename(os.path.join(cur, name), os.path.join(cur, base + ":2," + flags))


bad = []
for n in range(ACTIONS):
    code, rows, err = action()
    if code not in (0, 3, 4):
        bad.append((n, code, err))
    if n % 5 == 4:
        rename()
    if n % 25 == 24:
        run("sync")
ok(not bad, f"{ACTIONS} random actions, seed {SEED}", bad[:5])
taken = 0
while True:
    code, rows, err = run("--yes", "undo")
    if code == 3:
        break
    taken += 1
    if code or taken > 3 * ACTIONS:
        break
ok(code == 3 and "nothing to undo" in err, f"undone until nothing is left ({taken})", code, err)
run("sync")
after, after_files = office(), files()
ok(after == before, "the store is what it was", [(k, before[k], after.get(k)) for k in before if before[k] != after.get(k)][:10])
ok(after_files == before_files, "and so is the Maildir", [x for x in before_files if x not in after_files][:10],
   [x for x in after_files if x not in before_files][:10])
ok(run("count", "is:snoozed")[1][0]["count"] == 0 and run("count", "is:muted")[1][0]["count"] == 0, "nothing is hidden")
code, rows, err = run("verify")
ok(code == 0, "the journal's chain holds", rows, err)
done()
