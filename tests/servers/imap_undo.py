#!/usr/bin/python3
"""imap_undo.py - random actions and their undoing against a real Dovecot end in the multiset they began with (TAP).

    imap_undo.py [ACTIONS [SEED]]          suite: 100; `make torture`: 1,000
"""
import email.utils, json, os, random, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
ACTIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
rng = random.Random(SEED)
FOLDERS = ["INBOX", "Archive", "Trash", "Lists"]


def act(office, ids):
    some = rng.sample(ids, rng.randrange(1, 5))
    what = rng.choice(["mark-read", "mark-unread", "flag", "unflag", "archive", "delete", "spam", "label", "move"])
    extra = {"label": ["--add", rng.choice(["later", "待办"])], "move": [rng.choice(FOLDERS)]}.get(what, [])
    result = office.rows(*(["--offline"] if rng.random() < .5 else []), what, *extra, *some, kind="result")
    return result[0].get("batch") if result else None


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    print(f"# seed {SEED}")
    c = server.client("work")
    c.create("Lists")
    for i in range(40):
        where = rng.choice(FOLDERS)
        for _ in range(2 if i % 10 == 0 else 1):  # some lie there twice
            c.append(where, rng.choice(["", "\\Seen", "\\Flagged urgent"]), BASE + i, mail(i, rng))
        if i % 7 == 0:  # and some in another folder too
            c.append("Archive" if where != "Archive" else "INBOX", "\\Seen", BASE + i, mail(i + 500, rng))
    office = Office(server.account("work"))
    office.run("sync")
    before = dovecot.server_side(c)
    ok(office.local_side("work") == before, "both sides are equal at the start", difference(office.local_side("work"), before))
    skipped = []

    def undo(batch):
        p = office.run("--json", *(["--offline"] if rng.random() < .5 else []), "undo", batch, "--yes")
        result = [json.loads(x) for x in p.stdout.decode().splitlines() if '"result"' in x]
        if p.returncode or not result or result[0]["skipped"]:
            skipped.append((acts, batch, p.returncode, p.stderr.decode(), result))

    batches, acts, undos, synced, ids = [], 0, 0, 0, []
    while acts < ACTIONS:
        ids = ids or [f"m{x[0]}" for x in office.db().execute("SELECT id FROM mail_message")]
        b = act(office, ids)
        acts += 1
        if b:
            batches.append(b)
        if rng.random() < .3:
            office.run("sync", "--yes")
            synced += 1
        if batches and rng.random() < .3:  # the newest first: an older one may be held by a newer
            b = batches.pop()
            undo(b)
            undos += 1
    changed = dovecot.server_side(c) != before
    while batches:
        undo(batches.pop())
        undos += 1
        if rng.random() < .2:
            office.run("sync", "--yes")
            synced += 1
    for _ in range(3):
        p = office.run("sync", "--yes")
    ok(p.returncode == 0, "the last sync is fine", p.stderr)
    ok(not skipped, "nothing was left out in undoing", *skipped[:5], [r for r in office.rows("journal", "who:sync")][:5])
    ok(changed, "something was different in between")
    after = dovecot.server_side(c)
    ok(after == before, f"{acts} actions, {undos} undone, {synced} syncs: the server holds what it held", difference(after, before))
    here = office.local_side("work")
    ok(here == before, "so does the office", difference(here, before))
    ok(office.waiting() == 0 and not office.disagreeing("work"), "nothing waits, rows and copies agree", office.disagreeing("work"))

    # the inbox: what a filter delivers to a folder waits there, what anybody moves to it does not
    def waits():
        office.run("sync", "--yes")
        return [x[0] for x in office.db().execute("SELECT m.message_id FROM mail_message m JOIN mail_thread t ON t.id=m.thread"
                                                  " WHERE t.open=1 AND m.message_id LIKE 'm90%' ORDER BY 1")]
    now = f"Date: {email.utils.formatdate(usegmt=True)}".encode()
    for i, where in ((9001, "INBOX"), (9005, "INBOX"), (9009, "Lists")):
        c.append(where, "", BASE, re.sub(rb"Date: [^\r]*", now, mail(i)))
    ok(waits() == ["m9001@x", "m9005@x", "m9009@x"], "new mail waits, in a filter's folder too", waits())
    ours = office.rows("search", "id:m9001@x")[0]["id"]
    batch = office.rows("move", "Lists", ours, kind="result")[0]["batch"]
    ok(waits() == ["m9005@x", "m9009@x"], "what was moved to a folder does not", waits())
    c.select("INBOX")
    c.uid("MOVE", c.uid("SEARCH", None, "HEADER", "Message-ID", "m9005@x")[1][0].decode(), "Lists")
    ok(waits() == ["m9009@x"], "nor what another program moved there", waits())
    office.run("undo", batch, "--yes")
    ok(waits() == ["m9001@x", "m9009@x"], "undo brings it back", waits())
done()
