"""imap_office.py - what the tests of IMAP accounts share: mails, an office of its own, both sides as multisets."""
import json, os, random, sqlite3, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import BUREAU, ENV, T
import dovecot

BASE = 1790000000


def mail(i, rng=None, ident=True, words=""):
    """A mail of its own; sometimes Chinese, sometimes an answer, sometimes without Message-ID."""
    subject = f"mail {i}" if i % 5 else f"=?utf-8?B?5oql5Lu3?= {i}"
    head = [f"From: Bob {i % 7} <bob{i % 7}@example.org>", "To: work@example.com", f"Subject: {subject}",
            f"Date: Sun, 20 Sep 2026 {i // 60 % 24:02}:{i % 60:02}:00 +0000"]
    if ident:
        head.append(f"Message-ID: <m{i}@x>")
    if i % 4 == 3 and ident:
        head.append(f"In-Reply-To: <m{i - 1}@x>")
    body = f"Hello {i}. {words}\r\n" + "a line of text\r\n" * (rng.randrange(40) if rng else 5)
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


class Office:
    """A home with accounts."""

    def __init__(self, lines, name="office"):
        self.home = os.path.join(T, name)
        os.mkdir(self.home, 0o700)
        self.config(lines)

    def config(self, lines):
        path = os.path.join(self.home, "bureaurc")
        with open(path, "w") as f:
            f.write(lines)
        os.chmod(path, 0o600)

    def run(self, *args, timeout=300, **more):
        return subprocess.run([BUREAU, "--home", self.home, *args], env=dict(ENV, **more), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=timeout)

    def start(self, *args, **more):
        return subprocess.Popen([BUREAU, "--home", self.home, *args], env=dict(ENV, **more), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)

    def rows(self, *args, kind="item", **more):
        p = self.run("--json", *args, **more)
        return [x for x in (json.loads(y) for y in p.stdout.decode().splitlines() if y.startswith("{")) if x["type"] == kind]

    def db(self):
        for root, _, files in os.walk(self.home):
            for f in files:
                if f.endswith(".db") or f == "office.sqlite":
                    return sqlite3.connect(f"file:{os.path.join(root, f)}?mode=ro", uri=True)
        raise RuntimeError("no store")

    def local_side(self, account):
        """(folder, digest, flags, keywords, date) of every copy in the account, as the office knows them."""
        rows = []
        for name, h, flags, words, when in self.db().execute(
                "SELECT n.name, hex(m.hash), c.flags, c.keywords, c.received FROM mail_imap_copy c JOIN mail_imap_folder f ON"
                " f.folder=c.folder JOIN mail_folder n ON n.id=c.folder JOIN mail_message m ON m.id=c.message"
                " WHERE f.account=? AND c.state=0", (account,)):
            on = [w for bit, w in ((2, "\\flagged"), (4, "\\answered"), (1 << 20, "\\deleted"), (1 << 21, "\\draft")) if flags & bit]
            if not flags & 1:
                on.append("\\seen")
            keys = [w.lower() for w in words.split()] + (["$forwarded"] if flags & 8 else [])
            rows.append((name, h.lower(), " ".join(sorted(on)), " ".join(sorted(keys)), when))
        return sorted(rows)

    def disagreeing(self, account):
        """Messages of one copy whose row says another folder or other flags than the copy. One that left the account for
        a folder that is on no server leaves its copy in the account's trash."""
        return self.db().execute(
            "SELECT m.id, m.folder, c.folder, m.flags & 15, c.flags & 15 FROM mail_imap_copy c JOIN mail_imap_folder f ON"
            " f.folder=c.folder JOIN mail_message m ON m.id=c.message WHERE f.account=? AND c.state=0 AND (SELECT count(*) FROM"
            " mail_imap_copy o WHERE o.message=m.id)=1 AND (m.folder<>c.folder OR (m.flags & 15)<>(c.flags & 15))"
            " AND NOT EXISTS (SELECT 1 FROM mail_folder r, mail_folder t WHERE r.id=m.folder AND r.followed<>2 AND t.id=c.folder"
            " AND t.role=6)",
            (account,)).fetchall()

    def waiting(self):
        return self.db().execute("SELECT count(*) FROM mail_imap_push").fetchone()[0]


def difference(a, b):
    """What one multiset has and the other has not, as text."""
    from collections import Counter
    x, y = Counter(a), Counter(b)
    return "only here: %s\nonly there: %s" % (sorted((x - y).elements())[:8], sorted((y - x).elements())[:8])
