#!/usr/bin/python3
"""imap_nomove.py - a server without MOVE (RFC 6851): the line is cut at each point between COPY, STORE \\Deleted and EXPUNGE, with
UIDPLUS and without, with CONDSTORE and without; every mail ends once, where the person put it (TAP).

    imap_nomove.py [all]    suite: each server a part of it; `make torture`: each all of it
"""
import os, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from imap_between import Between
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
LITTLE = "IMAP4rev1 LITERAL+ SASL-IR"
CUT, UNHEARD, LATE = lambda: "cut", lambda: "unheard", lambda: "late"


class Round:
    """An account on a Dovecot that says it can so much."""

    def __init__(self, name, capability):
        self.name, self.plus = name, "UIDPLUS" in capability
        self.server = dovecot.Dovecot(os.path.join(T, name), capability=capability)
        self.line, self.n, self.said = Between(self.server.port), 0, []
        self.c = self.server.client("work")
        self.c.create("Lists")
        self.office = Office(self.server.account("work", port=self.line.port, plain=True), "office-" + name)
        self.points = [("COPY not sent", b"UID COPY", CUT), ("COPY not heard", b"UID COPY", UNHEARD),
                       ("COPY heard", b"(\\Deleted)", CUT), ("mark not heard", b"(\\Deleted)", UNHEARD)]
        if self.plus:
            self.points += [("mark heard", b"UID EXPUNGE", CUT), ("EXPUNGE not heard", b"UID EXPUNGE", UNHEARD)]

    def ok(self, *said):
        self.said.append(said)

    def put(self, *folders, ident=True, count=1):
        """New mails, each in these folders; their ids here and digests."""
        first, raws = self.n, []
        for _ in range(count):
            raws.append(mail(self.n, ident=ident))
            for f in folders:
                self.c.append(f, "", BASE + self.n, raws[-1])
            self.n += 1
        self.office.run("sync", "--yes")
        ids = [f"m{x[0]}" for x in self.office.db().execute("SELECT id FROM mail_message ORDER BY id DESC LIMIT ?", (count,))]
        return ids, [dovecot.digest(r) for r in raws]

    def there(self, hashes=None):
        """What the server holds; what is marked \\Deleted and cannot be expunged alone is as good as gone."""
        rows = self.server.side("work")
        if self.plus:
            marked = [r for r in rows if "\\deleted" in r[2]]
            marked and self.ok(False, "nothing of ours stays marked", marked)
        return [r for r in rows if "\\deleted" not in r[2] and (hashes is None or r[1] in hashes)]

    def cut(self, word, how, *acts):
        for a in acts:
            self.office.run("--offline", *a)
        self.line.before(word, how)
        p = self.office.run("sync", "--yes")
        return p.returncode == 5 and self.line.word is None

    def settled(self, what, hashes, wanted, syncs=2):
        """Some syncs later each mail is in just these folders, and both sides are equal."""
        for _ in range(syncs):
            p = self.office.run("sync", "--yes")
        there, here = self.there(), self.office.local_side("work")
        folders = Counter(r[0] for r in there if r[1] in hashes)
        want = Counter({f: n * len(hashes) for f, n in Counter(wanted).items()})
        self.ok(folders == want, f"{what}: once, where it was put", dict(folders), dict(want), p.stderr)
        going = self.office.db().execute("SELECT * FROM mail_imap_going").fetchall()
        self.ok(here == there and not self.office.waiting() and not self.office.disagreeing("work") and not going,
                f"{what}: both sides equal, nothing waits", difference(here, there), self.office.waiting(), self.office.disagreeing("work"), going)


def cuts(r):
    for point, word, how in r.points:
        for verb, to in (("archive", "Archive"), ("delete", "Trash")):
            ids, hashes = r.put("INBOX", count=2)
            r.ok(r.cut(word, how, [verb, *ids]), f"{verb}, {point}: the line was cut")
            r.settled(f"{verb}, {point}", hashes, [to], 1)


def undone(r):
    for point, word, how in r.points:
        for verb, to in (("archive", "Archive"), ("delete", "Trash")):
            ids, hashes = r.put("INBOX")
            r.cut(word, how, [verb, *ids])
            r.office.run("--offline", "undo", "--yes")
            r.settled(f"{verb}, {point}, taken back", hashes, ["INBOX"], 2)
            ids, hashes = r.put("INBOX")
            r.cut(word, how, [verb, *ids])
            r.office.run("--offline", "move", "Lists", *ids)
            r.settled(f"{verb}, {point}, put elsewhere", hashes, ["Lists"], 2)


def twins(r):
    """The same bytes lie in the target before, or twice in the folder, or in two folders: every copy is one."""
    for point, word, how in r.points:
        ids, hashes = r.put("INBOX", "Archive")
        r.cut(word, how, ["archive", *ids])
        r.settled(f"a copy was there before, {point}", hashes, ["Archive", "Archive"])
        ids, hashes = r.put("INBOX", "INBOX")
        r.cut(word, how, ["archive", *ids])
        r.settled(f"twice in the folder, {point}", hashes, ["Archive", "Archive"])
        ids, hashes = r.put("INBOX", "Lists")
        r.cut(word, lambda: r.line.before(word, how), ["delete", *ids])
        r.settled(f"out of two folders, {point} of the second", hashes, ["Trash", "Trash"])


def changed(r):
    """Another program flags the mail while it lies in both folders: the flag is not lost, a deletion does not beat it."""
    for point, word, how in r.points[:5]:  # behind EXPUNGE it is gone
        for verb, to in (("archive", "Archive"), ("delete", "INBOX")):
            ids, hashes = r.put("INBOX")
            r.cut(word, how, [verb, *ids])
            r.c.select("INBOX")
            u = r.c.uid("SEARCH", "UNDELETED" if point[:4] == "COPY" else "ALL", "HEADER", "Message-ID", f"<m{r.n - 1}@x>")[1][0].split()
            r.c.uid("STORE", u[0].decode(), "+FLAGS", "(\\Flagged)")
            r.settled(f"{verb}, {point}, flagged elsewhere meanwhile", hashes, [to], 3)
            r.ok([x[2] for x in r.there(hashes)] == ["\\flagged"], f"{verb}, {point}: the flag is there", r.there(hashes))


def others(r):
    """Without Message-ID, many at once, a server that is still at it when we come back, another UIDVALIDITY, bodies on demand."""
    for point, word, how in r.points:
        ids, hashes = r.put("INBOX", ident=False)
        r.cut(word, how, ["archive", *ids])
        r.settled(f"no Message-ID, {point}", hashes, ["Archive"])
    ids, hashes = r.put("INBOX")
    r.cut(b"UID COPY", LATE, ["archive", *ids])
    r.settled("a late COPY", hashes, ["Archive"], 3)
    for point, word, how in r.points[1:3] if r.plus else []:  # what is left marked is a place again then
        for folder in ("INBOX", "Archive"):
            ids, hashes = r.put("INBOX")
            r.cut(word, how, ["archive", *ids])
            r.c.select("Drafts")  # for Dovecot says BYE to whoever has the folder open
            subprocess.run(["doveadm", "-c", r.server.conf, "mailbox", "update", "-u", "work", "--uid-validity", str(int(time.time()) + r.n), folder],
                           check=True, stderr=subprocess.DEVNULL)
            r.settled(f"another UIDVALIDITY of {folder}, {point}", hashes, ["Archive"], 3)
    ids, hashes = r.put("INBOX", count=70)
    r.cut(b"UID COPY", UNHEARD, ["archive", *ids])
    r.settled("seventy, COPY not heard", hashes, ["Archive"], 3)
    all_of_it, r.office = r.office, Office(r.server.account("work", port=r.line.port, plain=True) + "set mail.bodies demand\n", "demand-" + r.name)
    r.office.run("sync")
    for point, word, how in r.points[1:2]:
        ids, hashes = r.put("INBOX")
        r.cut(word, how, ["archive", *ids])
        for _ in range(3):
            p = r.office.run("sync", "--yes")
        there = [x[0] for x in r.there(hashes)]
        r.ok(there == ["Archive"] and not r.office.waiting(), f"bodies on demand, {point}: once, where it was put", there, p.stderr)
    r.office = all_of_it
    r.office.run("sync", "--yes")


PARTS = {"little": (cuts, undone), "uidplus": (twins, changed), "condstore": (cuts, others)}


def work(r):
    with r.server:
        for part in (cuts, undone, twins, changed, others) if sys.argv[1:] == ["all"] else PARTS[r.name]:
            part(r)
        if not r.plus:
            little(r)
        r.ok(r.office.run("verify").returncode == 0, "the store is whole")


def little(r):
    """What cannot be expunged alone stays marked until another program expunges."""
    r.c.select("INBOX")
    r.ok(len(r.c.uid("SEARCH", "DELETED")[1][0].split()) > 9, "what was moved stays marked: EXPUNGE would take what others marked")
    for f in ("INBOX", "Lists", "Archive", "Trash"):
        r.c.select(f)
        r.c.expunge()
    for _ in range(2):
        p = r.office.run("sync", "--yes")
    here, there = r.office.local_side("work"), r.server.side("work")
    r.ok(here == there and p.returncode == 0, "once another program expunges, both sides are equal", difference(here, there), p.stderr)


rounds = [Round(*x) for x in (("little", LITTLE), ("uidplus", LITTLE + " UIDPLUS"),
                              ("condstore", LITTLE + " UIDPLUS ENABLE CONDSTORE QRESYNC ESEARCH"))]
with ThreadPoolExecutor() as pool:  # they wait most of the time
    for r, result in [(r, pool.submit(work, r)) for r in rounds]:
        result.result()
        for good, name, *notes in r.said:
            ok(good, f"{r.name}: {name}", *notes)
done()
