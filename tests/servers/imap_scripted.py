#!/usr/bin/python3
"""imap_scripted.py - a small IMAP server of our own that does what a Dovecot does not (TAP).

No folders at all, a mail without a byte, one that is larger than we take, a NO to APPEND, and Gmail's labels and threads.
"""
import os, re, socket, sys, threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import Office, T, mail
from tap import done, ok

BIG = 100 << 20  # MAIL_SIZE_MOST


class Mail:
    def __init__(self, uid, raw, modseq):
        self.uid, self.raw, self.modseq, self.flags, self.labels, self.thrid = uid, raw, modseq, set(), set(), 0


class Server(threading.Thread):
    def __init__(self, more=""):
        super().__init__(daemon=True)
        self.more, self.modseq, self.said, self.appends = more, 10, [], "OK"
        self.folders = {n: [] for n in ("INBOX", "Archive", "Trash")}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def account(self, name):
        return f'account {name} from "{name} <{name}@example.com>" user {name} imap imap://127.0.0.1:{self.port} plaintext password-command printf x ;\n'

    def put(self, raw, folder="INBOX"):
        self.modseq += 1
        box = self.folders[folder]
        box.append(Mail(max([m.uid for m in box], default=0) + 1, raw, self.modseq))
        return box[-1]

    def change(self, m):
        self.modseq += 1
        m.modseq = self.modseq

    def run(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, s):
        f = s.makefile("rwb")
        box = []

        def say(text):
            f.write((text + "\r\n").encode())

        say("* OK ready")
        f.flush()
        while line := f.readline():
            while n := re.search(rb"\{(\d+)\+?\}\r\n$", line):
                if not n.group(0).startswith(b"{%s+" % n.group(1)):
                    say("+ go")
                    f.flush()
                line += f.read(int(n.group(1))) + f.readline()
            tag, rest = line.decode("latin-1").rstrip("\r\n").split(" ", 1)
            self.said.append(rest)
            verb, _, args = rest.partition(" ")
            if verb == "UID":
                verb, _, args = args.partition(" ")
            answer = "OK done"
            if verb == "CAPABILITY":
                say("* CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN UIDPLUS MOVE CONDSTORE" + self.more)
            elif verb == "LIST":
                for name in self.folders:
                    say(f'* LIST () "/" {name}')
            elif verb == "STATUS":
                name = re.match(r'"?(\w+)', args).group(1)
                b = self.folders[name]
                say(f"* STATUS {name} (MESSAGES {len(b)} UIDNEXT {max([m.uid for m in b], default=0) + 1} UIDVALIDITY 7 HIGHESTMODSEQ "
                    f"{max([m.modseq for m in b], default=1)})")
            elif verb == "SELECT":
                box = self.folders[re.match(r'"?(\w+)', args).group(1)]
                say(f"* {len(box)} EXISTS")
                say("* OK [UIDVALIDITY 7] .")
                say(f"* OK [UIDNEXT {max([m.uid for m in box], default=0) + 1}] .")
                say(f"* OK [HIGHESTMODSEQ {max([m.modseq for m in box], default=1)}] .")
                say("* OK [PERMANENTFLAGS (\\Seen \\Flagged \\*)] .")
            elif verb == "FETCH":
                which, what = args.split(" ", 1)
                since = re.search(r"CHANGEDSINCE (\d+)", what)
                for n, m in enumerate(box, 1):
                    if not self.inside(which, m.uid) or (since and m.modseq <= int(since.group(1))):
                        continue
                    out = f"UID {m.uid} FLAGS ({' '.join(sorted(m.flags))}) MODSEQ ({m.modseq})"
                    if "X-GM-LABELS" in what:
                        out += " X-GM-LABELS (" + " ".join(x if x.startswith("\\") else f'"{x}"' for x in sorted(m.labels)) + ")"
                    if "X-GM-THRID" in what:
                        out += f" X-GM-THRID {m.thrid}"
                    if "SIZE" in what:
                        out += f" RFC822.SIZE {len(m.raw)} INTERNALDATE \"20-Sep-2026 10:00:00 +0000\""
                    body = re.search(r"BODY.PEEK(\[\w*\])", what)
                    if body:
                        text = m.raw if body.group(1) == "[]" else m.raw.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
                        f.write(f"* {n} FETCH ({out} BODY{body.group(1)} {{{len(text)}}}\r\n".encode() + text + b")\r\n")
                    else:
                        say(f"* {n} FETCH ({out})")
            elif verb == "STORE":
                which, what = args.split(" ", 1)
                sign, kind, words = re.match(r"([+-])(FLAGS|X-GM-LABELS)\S* \((.*)\)", what).groups()
                words = {a or b for a, b in re.findall(r'"([^"]*)"|([^ "]+)', words)}
                for m in box:
                    if self.inside(which, m.uid):
                        have = m.flags if kind == "FLAGS" else m.labels
                        (have.update if sign == "+" else have.difference_update)(words)
                        self.change(m)
            elif verb == "SEARCH":
                least = int(args.split()[-1]) if "LARGER" in args else -1
                say("* SEARCH " + " ".join(str(m.uid) for m in box if len(m.raw) > least))
            elif verb == "APPEND":
                answer = self.appends
            elif verb == "LOGOUT":
                say("* BYE")
            say(f"{tag} {answer}")
            f.flush()
            if verb == "LOGOUT":
                break
        s.close()

    @staticmethod
    def inside(which, uid):
        for part in which.split(","):
            a, _, b = part.partition(":")
            if b == "*" and uid >= int(a) or b != "*" and int(a) <= uid <= int(b or a):
                return True
        return False


# ---- a server without folders ----
s = Server()
for i in range(5):
    s.put(mail(i))
o = Office(s.account("none"), "none")
p = o.run("sync")
ok(p.returncode == 0 and len(o.rows("search", "*")) == 5, "five mails come", p)
kept, s.folders = s.folders, {}
p = o.run("sync", "--yes")
ok(p.returncode == 4 and b"lists no folders" in p.stderr and b"doctor" in p.stderr, "no folders: an error that says what to do", p)
ok(len(o.rows("search", "in:INBOX")) == 5, "and nothing goes here, not even with a yes")
s.folders = kept
p = o.run("sync")
ok(p.returncode == 0 and len(o.rows("search", "in:INBOX")) == 5, "they are back: nothing has changed", p)

# ---- a mail without a byte, one that is too large ----
s.put(b"")
s.put(mail(7) + b"x" * 70 + b"\r\n")
p = o.run("sync")
ok(p.returncode == 0 and o.rows("search", "id:m7@x"), "behind a mail of 0 bytes the next one comes", p)
p = o.run("sync")
ok(p.returncode == 0, "nor is the next sync held by it", p)
s.put(mail(8) + (b"x" * 998 + b"\r\n") * (BIG // 1000 + 2000))
s.put(mail(9))
p = o.run("sync")
ok(o.rows("search", "id:m9@x"), "beside a mail that is too large the others come", p)
ok(p.returncode == 0 and o.rows("search", "id:m8@x"), "and it is named by its header", p)
ok(p.stderr.count(b"larger than 100 MB") == 1 and b'none/INBOX: "mail 8": larger' in p.stderr, "and by sync, once", p)
p = o.run("sync")
ok(p.returncode == 0 and len(o.rows("search", "id:m9@x")) == 1, "nor is the next sync held by it", p)
p = o.run("show", "--raw", o.rows("search", "id:m8@x")[0]["id"])
ok(p.returncode == 4 and b"larger than 100 MB" in p.stderr, "its bytes are refused, with the reason", p)

# ---- a NO to APPEND ----
s.appends = "NO [OVERQUOTA] no room"
path = os.path.join(T, "own.eml")
with open(path, "wb") as f:
    f.write(mail(20).replace(b"\r\n", b"\n"))
o.run("import", path, "--account", "none", "--folder", "Archive")
p = o.run("sync")
ok(o.waiting() == 1 and o.rows("search", "id:m20@x"), "a NO to APPEND: it waits, and is here", p)
told = o.rows("sync", kind="warning")
ok(p.returncode == 0 and p.stderr.count(b"[OVERQUOTA]") + p.stderr.count(b"no room") > 0 and b"none/Archive" in p.stderr, "sync names it with the server's words", p)
ok(len(told) == 1 and "said no" in told[0]["message"] and told[0]["message"].startswith("none/Archive: \""), "as a row with --json", told)
s.appends = "OK [APPENDUID 7 1] done"
s.put(mail(20), "Archive")
p = o.run("sync")
ok(p.returncode == 0 and not o.waiting(), "then it goes", p)

# ---- Gmail ----
s = Server(" X-GM-EXT-1")
m = s.put(mail(30))
m.labels = {"\\Inbox", "work", "&Zed2hA-"}
o = Office(s.account("gm"), "gm")
o.run("sync")


def labels():
    return sorted(o.rows("show", o.rows("search", "id:m30@x")[0]["id"])[0]["labels"])


ok(labels() == ["work", "旧的"], "labels come", labels())
m.flags.add("\\Flagged")
s.change(m)
o.run("sync")
ok(labels() == ["work", "旧的"], "a flag set there does not take them away", labels())
m.labels.discard("work")
m.labels.add("later")
s.change(m)
o.run("sync")
ok(labels() == ["later", "旧的"], "labels that change there change here", labels())
ident = o.rows("search", "id:m30@x")[0]["id"]
o.run("label", "--add", "two words", "--add", "待办", "--remove", "later", ident)
o.run("mark-read", ident)
p = o.run("sync")
ok(m.labels == {"\\Inbox", "&Zed2hA-", "two words", "&X4VSng-"}, "and those that change here there, as labels", m.labels, p)
ok(m.flags == {"\\Flagged", "\\Seen"} and not o.waiting(), "flags are flags, no label is a keyword", m.flags)
o.run("sync")
ok(labels() == ["two words", "待办", "旧的"], "both sides are equal", labels())


def thread(i):
    return o.rows("search", f"id:m{i}@x")[0]["thread"]


def threaded(server, *numbers):
    """Puts mails that name no other, each in a conversation of the server's; syncs."""
    for i, number in numbers:
        server.put(mail(i)).thrid = number
    o.run("sync")


high = 1 << 63  # the whole 64 bits count
threaded(s, (40, high + 1), (41, high + 2))
threaded(s, (42, high + 1), (44, high + 3))
ok(thread(40) == thread(42), "mails of one X-GM-THRID are one thread", thread(40), thread(42))
ok(len({thread(i) for i in (30, 40, 41, 44)}) == 4, "those of others are not", [thread(i) for i in (30, 40, 41, 44)])
s.put(mail(43)).thrid = high + 3  # answers m42, which Gmail counts elsewhere
o.run("sync")
ok(thread(43) == thread(42) == thread(44), "it joins as a reference does: with the mail's own", [thread(i) for i in (42, 43, 44)])
o.config(s.account("gm") + "set mail.bodies demand\n")
threaded(s, (45, high + 2), (46, 0))
ok(thread(45) == thread(41) and b"a line" in o.run("show", o.rows("search", "id:m45@x")[0]["id"]).stdout, "a header brings it too, its bytes change nothing")
ok(thread(46) not in {thread(i) for i in (30, 40, 41)}, "no number is none")
ok(b"thrid" not in o.run("show", "--raw", o.rows("search", "id:m42@x")[0]["id"]).stdout.lower(), "it is no part of the mail")
plain = Server()
o = Office(plain.account("plain"), "plain")
threaded(plain, (40, 5), (42, 5))
ok(thread(40) != thread(42) and not any("X-GM" in x for x in plain.said), "a server without X-GM-EXT-1 is not asked")
done()
