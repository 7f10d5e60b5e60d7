"""imap_double.py - a small IMAP server of our own, for what a Dovecot does not do: it lies, refuses, can little or is Gmail.

    s = Server(" X-GM-EXT-1")      more capabilities; caps="…": these and no others
    s.put(bytes), s.folders        mails of a folder
    s.account("work")              a line of bureaurc
    s.said                         every command that came, literals included
    s.answers["STORE"] = f         f(args) is the tagged answer (None: done as usual); a text: always that
    s.before["MOVE"] = f           f() is called once, before the command is done
    s.permanent                    words of PERMANENTFLAGS
    s.deaf = True                  each connection is closed at once; s.came: when they came
"""
import re, socket, threading, time

CAPS = "IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN UIDPLUS MOVE CONDSTORE"


class Mail:
    def __init__(self, uid, raw, modseq):
        self.uid, self.raw, self.modseq, self.flags, self.labels, self.thrid = uid, raw, modseq, set(), set(), 0


class Server(threading.Thread):
    def __init__(self, more="", caps=CAPS):
        super().__init__(daemon=True)
        self.caps, self.modseq, self.said, self.answers, self.before = caps + more, 10, [], {}, {}
        self.permanent = "\\Seen \\Flagged \\Answered \\Deleted \\Draft \\*"
        self.folders = {n: [] for n in ("INBOX", "Archive", "Trash")}
        self.next, self.top, self.deaf, self.came = {}, {}, False, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def account(self, name):
        return f'account {name} from "{name} <{name}@example.com>" user {name} imap imap://127.0.0.1:{self.port} plaintext password-command printf x ;\n'

    def count(self, *words):
        """How many commands held all of the words."""
        return len([x for x in self.said if all(w in x for w in words)])

    def put(self, raw, folder="INBOX", flags=()):
        uid = self.next[folder] = self.next.get(folder, 0) + 1
        m = Mail(uid, raw, 0)
        m.flags = set(flags)
        self.folders[folder].append(m)
        self.change(m, folder)
        return m

    def change(self, m, folder="INBOX"):
        self.modseq += 1
        m.modseq = self.top[folder] = self.modseq

    def drop(self, folder, m):
        self.folders[folder].remove(m)
        self.modseq += 1
        self.top[folder] = self.modseq

    def run(self):
        while True:
            connection = self.listener.accept()[0]
            self.came.append(time.monotonic())
            if self.deaf:
                connection.close()
            else:
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, s):
        try:
            self.talk(s)
        except OSError:  # the client went
            pass
        s.close()

    def talk(self, s):
        f = s.makefile("rwb")
        at = ["INBOX"]

        def say(text):
            f.write(text if isinstance(text, bytes) else (text + "\r\n").encode())

        say("* OK ready")
        f.flush()
        while line := f.readline():
            while n := re.search(rb"\{(\d+)(\+?)\}\r\n$", line):
                if not n.group(2):
                    say("+ go")
                    f.flush()
                line += f.read(int(n.group(1))) + f.readline()
            tag, rest = line.decode("latin-1")[:-2].split(" ", 1)
            self.said.append(rest)
            verb, _, args = rest.partition(" ")
            if verb == "UID":
                verb, _, args = args.partition(" ")
            if verb == "IDLE":
                say("+ idling")
                f.flush()
                f.readline()
                verb = "DONE"
            if verb in self.before:
                self.before.pop(verb)()
            answer = self.answers.get(verb)
            if callable(answer):
                answer = answer(args)
            if answer is None:
                answer = getattr(self, "do_" + verb.lower(), lambda *_: None)(say, at, args) or "OK done"
            say(f"{tag} {answer}")
            f.flush()
            if verb == "LOGOUT":
                break

    # ---- commands: each may return the tagged answer ----

    def do_capability(self, say, at, args):
        say("* CAPABILITY " + self.caps)

    def do_logout(self, say, at, args):
        say("* BYE")

    def do_list(self, say, at, args):
        for name in self.folders:
            say(f'* LIST () "/" {name}')
            if "STATUS" in args:
                self.do_status(say, at, name)

    def numbers(self, name):
        box = self.folders[name]
        return len(box), max([m.uid for m in box] + [self.next.get(name, 0)]) + 1, max([m.modseq for m in box] + [self.top.get(name, 1)])

    def do_status(self, say, at, args):
        name = self.name(args)
        n, uid, modseq = self.numbers(name)
        say(f"* STATUS {name} (MESSAGES {n} UIDNEXT {uid} UIDVALIDITY 7" + (f" HIGHESTMODSEQ {modseq}" if "CONDSTORE" in self.caps else "") + ")")

    def do_select(self, say, at, args):
        at[0] = self.name(args)
        n, uid, modseq = self.numbers(at[0])
        say(f"* {n} EXISTS")
        say("* OK [UIDVALIDITY 7] .")
        say(f"* OK [UIDNEXT {uid}] .")
        if "CONDSTORE" in self.caps:
            say(f"* OK [HIGHESTMODSEQ {modseq}] .")
        say(f"* OK [PERMANENTFLAGS ({self.permanent})] .")

    def do_fetch(self, say, at, args):
        which, what = args.split(" ", 1)
        since = re.search(r"CHANGEDSINCE (\d+)", what)
        for n, m in enumerate(self.folders[at[0]], 1):
            if not self.inside(which, m.uid) or (since and m.modseq <= int(since.group(1))):
                continue
            out = f"UID {m.uid} FLAGS ({' '.join(sorted(m.flags))})" + (f" MODSEQ ({m.modseq})" if "CONDSTORE" in self.caps else "")
            if "X-GM-LABELS" in what:
                out += " X-GM-LABELS (" + " ".join(x if x.startswith("\\") else f'"{x}"' for x in sorted(m.labels)) + ")"
            if "X-GM-THRID" in what:
                out += f" X-GM-THRID {m.thrid}"
            if "SIZE" in what:
                out += f" RFC822.SIZE {len(m.raw)} INTERNALDATE \"20-Sep-2026 10:00:00 +0000\""
            body = re.search(r"BODY.PEEK(\[\w*\])", what)
            if body:
                text = m.raw if body.group(1) == "[]" else m.raw.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
                say(f"* {n} FETCH ({out} BODY{body.group(1)} {{{len(text)}}}\r\n".encode() + text + b")\r\n")
            else:
                say(f"* {n} FETCH ({out})")

    def do_store(self, say, at, args):
        which, since, sign, kind, words = re.match(r"(\S+) (?:\(UNCHANGEDSINCE (\d+)\) )?([+-])(FLAGS|X-GM-LABELS)\S* \((.*)\)", args).groups()
        modified = []
        for m in self.folders[at[0]]:
            if not self.inside(which, m.uid):
                continue
            if since and m.modseq > int(since):
                modified.append(str(m.uid))
                continue
            have = m.flags if kind == "FLAGS" else m.labels
            (have.update if sign == "+" else have.difference_update)(self.words(words))
            self.change(m, at[0])
        return f"OK [MODIFIED {','.join(modified)}] some were changed" if modified else None

    def do_search(self, say, at, args):
        least = int(args.split()[-1]) if "LARGER" in args else -1
        ident = re.search(r'HEADER Message-ID "?([^"]*)"?', args)
        found = [str(m.uid) for m in self.folders[at[0]] if len(m.raw) > least and (not ident or ident.group(1).encode() in m.raw)]
        if "RETURN" in args:
            say("* ESEARCH UID" + (" ALL " + ",".join(found) if found else ""))
        else:
            say("* SEARCH " + " ".join(found))

    def do_append(self, say, at, args):
        head, n, body = re.match(r"(.*?) ~?\{(\d+)\+?\}\r\n(.*)", args, re.S).groups()
        name, flags = self.name(head), re.search(r"\(([^)]*)\)", head)
        if name not in self.folders:
            return "NO [TRYCREATE] no such folder"
        m = self.put(body[:int(n)].encode("latin-1"), name, flags.group(1).split() if flags else ())
        return f"OK [APPENDUID 7 {m.uid}] done"

    def do_create(self, say, at, args):
        self.folders.setdefault(self.name(args), [])

    def do_move(self, say, at, args, move=True):
        which, name = args.split(" ", 1)
        name = self.name(name)
        if name not in self.folders:
            return "NO [TRYCREATE] no such folder"
        pairs = []
        for m in [m for m in self.folders[at[0]] if self.inside(which, m.uid)]:
            new = self.put(m.raw, name, m.flags)
            new.labels, new.thrid = set(m.labels), m.thrid
            pairs.append((m.uid, new.uid))
            if move:
                self.drop(at[0], m)
        code = f"[COPYUID 7 {','.join(str(a) for a, _ in pairs)} {','.join(str(b) for _, b in pairs)}]"
        if not pairs:
            return None
        if not move:
            return f"OK {code} done"
        say(f"* OK {code} moved")

    def do_copy(self, say, at, args):
        return self.do_move(say, at, args, move=False)

    def do_expunge(self, say, at, args):
        for m in [m for m in self.folders[at[0]] if "\\Deleted" in m.flags and (not args or self.inside(args, m.uid))]:
            self.drop(at[0], m)

    @staticmethod
    def name(args):
        return re.match(r'"?([^" ]+)', args).group(1)

    @staticmethod
    def words(text):
        return {a or b for a, b in re.findall(r'"([^"]*)"|([^ "]+)', text)}

    @staticmethod
    def inside(which, uid):
        for part in which.split(","):
            a, _, b = part.partition(":")
            if b == "*" and uid >= int(a) or b != "*" and int(a) <= uid <= int(b or a):
                return True
        return False
