#!/usr/bin/python3
"""imap_places.py - one mail in several places: two accounts, two folders. Its flags are each place's own; what a person does to the
mail applies to all its places, whenever each account is reached; undo gives each place back what it had (TAP).

    imap_places.py [RUNS [SEED]]           suite: 3 runs of the property; by hand: 50
"""
import os, random, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import Server
from imap_office import Office, T, mail
from tap import done, ok

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
WORDS = {"flagged": "\\Flagged", "read": "\\Seen", "later": "later"}
DO = {("flagged", True): ["flag"], ("flagged", False): ["unflag"], ("read", True): ["mark-read"], ("read", False): ["mark-unread"],
      ("later", True): ["label", "--add", "later"], ("later", False): ["label", "--remove", "later"]}


class World:
    """The same mails on two servers; in the first one also in a second folder. spread: flags that differ from place to place."""

    def __init__(self, name, mails=3, rng=None):
        self.a, self.b = Server(), Server()
        self.places = []
        for i in range(mails):
            these = [(self.a, "INBOX"), (self.a, "Archive"), (self.b, "INBOX")]
            self.places.append([(s, f, s.put(mail(i), f, [w for w in WORDS.values() if rng and rng.random() < .4])) for s, f in these])
        self.o = Office(self.a.account("a") + self.b.account("b"), name)
        self.sync("a", "b")
        self.ids = [self.o.rows("search", f"id:m{i}@x")[0]["id"] for i in range(mails)]

    def sync(self, *accounts):
        for x in accounts:
            p = self.o.run("sync", x)
        return p

    def do(self, i, word, on):
        return self.o.rows("--offline", *DO[word, on], self.ids[i], kind="result")[0].get("batch")

    def other(self, i, k, word, on):
        """Another program changes one place."""
        s, f, m = self.places[i][k]
        (m.flags.add if on else m.flags.discard)(WORDS[word])
        s.change(m, f)

    def has(self, i, word):
        return [WORDS[word] in m.flags for _, _, m in self.places[i]]

    def row(self, i, word):
        r = self.o.rows("show", self.ids[i])[0]
        return "later" in r["labels"] if word == "later" else "unread" not in r["flags"] if word == "read" else "flagged" in r["flags"]

    def all(self):
        return [self.has(i, w) for i in range(len(self.ids)) for w in WORDS]


w = World("told")
for word in WORDS:
    for on in (True, False):
        w.do(0, word, on)
        w.sync("a")
        ok(w.has(0, word) == [on, on, not on] and w.o.waiting() == 1, f"{word} {on}: one account knows, the other is waited for", w.has(0, word), w.o.waiting())
        n = w.a.count("UID STORE")
        w.sync("a")
        ok(w.a.count("UID STORE") == n, "the one that knows is not told again")
        w.sync("b")
        ok(w.has(0, word) == [on] * 3 and not w.o.waiting(), f"{word} {on}: then both", w.has(0, word), w.o.waiting())
    w.do(1, word, True)
    w.sync("a")
    w.do(1, word, False)
    w.sync("b")
    w.sync("a")
    ok(w.has(1, word) == [False] * 3 and not w.o.waiting(), f"{word}: taken back in between: nowhere", w.has(1, word))
w.do(2, "flagged", True)
w.sync("a")
w.other(2, 0, "flagged", False)
w.sync("a", "b", "a")
ok(not w.o.waiting() and w.row(2, "flagged") == w.has(2, "flagged")[0] == False, "changed there after it was told: that is newer", w.has(2, "flagged"), w.row(2, "flagged"))

w = World("own")
w.other(0, 0, "flagged", True)
w.sync("a", "b")
ok(w.row(0, "flagged") and w.has(0, "flagged") == [True, False, False], "what another program does is of its place alone", w.has(0, "flagged"))
first = w.do(0, "flagged", False)
w.sync("a", "b")
ok(w.has(0, "flagged") == [False] * 3, "unflagged by the person: everywhere")
second = w.do(0, "flagged", True)
w.sync("a", "b")
ok(w.has(0, "flagged") == [True] * 3, "and flagged: everywhere, too", w.has(0, "flagged"))
w.o.run("--offline", "undo", "--yes", second)
w.sync("a", "b")
ok(w.has(0, "flagged") == [False] * 3, "undo gives each place back what it had", w.has(0, "flagged"))
w.o.run("--offline", "undo", "--yes", first)
w.sync("a", "b")
ok(w.has(0, "flagged") == [True, False, False] and not w.o.waiting(), "and each before that", w.has(0, "flagged"))
w.do(0, "flagged", False)
w.do(0, "flagged", True)
w.sync("a", "b")
ok(w.has(0, "flagged") == [True] * 3, "there and back in one go is a wish, too", w.has(0, "flagged"))

print(f"# seeds {SEED} to {SEED + RUNS - 1}")
for seed in range(SEED, SEED + RUNS):
    rng = random.Random(seed)
    w = World(f"p{seed}", rng=rng)
    start, wish, batches, wrong = w.all(), {}, [], []
    for _ in range(25):
        i, word, on = rng.randrange(3), rng.choice(list(WORDS)), rng.random() < .5
        batch = w.do(i, word, on)
        if batch:  # none: the row stood so already
            batches.append(batch)
            wish[i, word] = on
        if rng.random() < .5:
            w.sync(rng.choice("ab"))
    w.sync("a", "b", "a", "b")
    wrong = [(k, v, w.has(*k)) for k, v in wish.items() if w.has(*k) != [v] * 3]
    ok(not wrong and not w.o.waiting(), f"seed {seed}: {len(batches)} acts: every place is as the person wanted it", wrong, w.o.waiting())
    while batches:
        w.o.run("--offline", "undo", "--yes", batches.pop())
        if rng.random() < .3:
            w.sync(rng.choice("ab"))
    w.sync("a", "b", "a", "b")
    now = w.all()
    ok(now == start and not w.o.waiting(), f"seed {seed}: undone, every place is as it was", [(a, b) for a, b in zip(start, now) if a != b])
done()
