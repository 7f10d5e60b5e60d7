#!/usr/bin/python3
"""imap_hostile.py - hostile IMAP servers (TAP): own dialogues always, those of the corpora when they are there.

Each dialogue is a mail server of one case, played to `imap_drive`, which goes through a session, and to `bureau sync` in
a home that holds the mails of a good server. Whatever the server says: no crash, no hang, no password before encryption
(or to a server that nobody vouches for), no escape byte on the terminal, no file written outside the home, no mail lost.
"""
import base64, concurrent.futures, glob, os, re, shutil, socket, ssl, subprocess, sys, tempfile, threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import doubles
from tap import BUILD, BUREAU, ENV, SRC, T, done, ok, skip
DRIVE = os.path.join(BUILD, "tests/servers/imap_drive")
CORPORA = os.environ.get("BUREAU_CORPORA", os.path.join(SRC, "../shared/corpora"))
PASSWORD = "s3cret-Wort"
if not os.path.exists(DRIVE) or not shutil.which("openssl"):
    skip("no imap_drive (make check builds it) or no openssl")

_, PIN, context = doubles.pinned(T)
MAILS = 30
HEAD = b"From: Ann <a@b.example>\r\nTo: anna@example.com\r\nSubject: mail %d\r\nMessage-ID: <%d@b.example>\r\nDate: Wed, 17 Jul 1996 02:44:%02d -0700\r\n\r\n"
BODY = b"* 1 FETCH (FLAGS (\\Deleted))\r\nb1 OK done\r\n"


def fetched(uid, items):
    """The answer to one UID FETCH for one mail, with what was asked for."""
    head = HEAD % (uid, uid, uid)
    said = [b"UID %d" % uid, b"FLAGS (\\Seen)", b'INTERNALDATE "17-Jul-1996 02:44:25 -0700"', b"RFC822.SIZE %d" % len(head + BODY)]
    for name in re.findall(rb"BODY(?:\.PEEK)?\[(.*?)\]", items):
        text = head if name.upper().startswith(b"HEADER") else head + BODY
        said.append(b"BODY[%s] {%d}\r\n%s" % (name, len(text), text))
    return b"* %d FETCH (%s)\r\n" % (uid, b" ".join(said))


class Server(threading.Thread):
    """One case: a dict of what it says. Keeps what came in clear and what came encrypted."""

    def __init__(self, case):
        super().__init__(daemon=True)
        self.case, self.clear, self.hidden, self.stopped = case, b"", b"", False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while not self.stopped:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            s.settimeout(8)
            try:
                self.talk(s)
            except (OSError, ssl.SSLError, ValueError):
                pass
            s.close()

    def read(self, s, n=None):
        """A line, or n bytes."""
        data = b""
        while (len(data) < n) if n is not None else not data.endswith(b"\n"):
            more = s.recv(1 if n is None else n - len(data))
            if not more:
                raise OSError("closed")
            data += more
            if self.secure:
                self.hidden += more
            else:
                self.clear += more
        return data

    def talk(self, s):
        c = self.case
        self.secure = c.get("implicit", False)
        if self.secure:
            s = context.wrap_socket(s, server_side=True)
        s.sendall(c.get("greeting", b"* OK ready\r\n") + c.get("after_greeting", b""))
        while True:
            line = self.read(s)
            m = re.match(rb"(\S+) (UID )?(\S+)(.*)\r\n", line, re.S)
            if not m:
                s.sendall(b"* BAD what\r\n")
                continue
            tag, verb, rest = m[1], ((m[2] or b"") + m[3]).upper().decode("latin-1"), m[4]
            if verb == "IDLE" and not c.get("no_idle"):
                s.sendall(c.get("IDLE", b"+ idling\r\n* 4 EXISTS\r\n").replace(b"<tag>", tag))
                self.read(s)
                s.sendall(tag + b" OK\r\n")
                continue
            if verb in c:
                s.sendall(c[verb].replace(b"<tag>", tag))
                if c.get("close") == verb:
                    return
                continue
            if verb == "STARTTLS":
                s.sendall(c.get("starttls", b"<tag> OK go\r\n").replace(b"<tag>", tag))
                if c.get("transition", True):
                    s = context.wrap_socket(s, server_side=True)
                    self.secure = True
                    s.sendall(c.get("after_tls", b""))
                continue
            s.sendall(self.answer(verb, rest, s).replace(b"<tag>", tag))
            if verb == "LOGOUT":
                return

    def answer(self, verb, rest, s):
        c = self.case
        if verb == "CAPABILITY":
            return b"* CAPABILITY " + (c.get("caps_tls") if self.secure else c.get("caps")) + b"\r\n<tag> OK\r\n"
        if verb == "AUTHENTICATE":
            if rest.strip().count(b" ") == 0:
                s.sendall(b"+ \r\n")
                self.read(s)
                if b"LOGIN" in rest.upper():
                    s.sendall(b"+ \r\n")
                    self.read(s)
            return b"<tag> OK in\r\n"
        if verb == "LIST":
            return b'* LIST (\\HasNoChildren) "/" INBOX\r\n<tag> OK\r\n'
        if verb == "SELECT":
            return (b"* %d EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n"
                    b"<tag> OK [READ-WRITE] selected\r\n" % (MAILS, MAILS + 1))
        if verb == "UID SEARCH":
            return b"* SEARCH " + b" ".join(b"%d" % i for i in range(1, MAILS + 1)) + b"\r\n<tag> OK\r\n"
        if verb == "STATUS":
            return b"* STATUS INBOX (MESSAGES %d UIDNEXT %d UIDVALIDITY 7 UNSEEN 0)\r\n<tag> OK\r\n" % (MAILS, MAILS + 1)
        if verb == "UID FETCH":
            which, items = rest.strip().split(b" ", 1)
            ranges = [[MAILS if x == b"*" else int(x) for x in r.split(b":")] for r in which.split(b",")]
            uids = sorted({u for r in ranges for u in range(min(r), min(max(r), MAILS) + 1) if u <= MAILS})
            return b"".join(fetched(u, items) for u in uids) + b"<tag> OK\r\n"
        if verb == "LOGOUT":
            return b"* BYE bye\r\n<tag> OK\r\n"
        return b"<tag> OK\r\n"

    def stop(self):
        self.stopped = True
        self.listener.close()


SECRETS = [PASSWORD.encode(), base64.b64encode(PASSWORD.encode())] + \
    [base64.b64encode(b"\0" * k + b"anna\0" + PASSWORD.encode()) for k in (0, 1)]


def play(case, *, pinned=True):
    """Plays one case; exit code, what was said, the server."""
    case.setdefault("caps", b"IMAP4rev1 STARTTLS")
    case.setdefault("caps_tls", b"IMAP4rev1 AUTH=PLAIN IDLE")
    server = Server(case)
    place = tempfile.mkdtemp(dir=T)
    url = f"{'imaps' if case.get('implicit') else 'imap'}://127.0.0.1:{server.port}"
    try:
        p = subprocess.run([DRIVE, url, "anna", PASSWORD] + (["pin", PIN] if pinned else []), env=ENV, cwd=place,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        code, said = p.returncode, p.stdout
    except subprocess.TimeoutExpired as e:
        code, said = "hangs", e.stdout or b""
    server.stop()
    clean = os.listdir(place) == []
    shutil.rmtree(place)
    return code, said, server, clean


def bureau(home, *words):
    """Runs it in a folder beside the home, which must stay empty."""
    place = os.path.join(os.path.dirname(home), "place")
    os.makedirs(place, exist_ok=True)
    try:
        p = subprocess.run([BUREAU, "--home", home, *words], env=ENV, cwd=place, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90)
        return p.returncode, p.stdout
    except subprocess.TimeoutExpired as e:
        return "hangs", e.stdout or b""


def write_rc(home, case, port, pinned):
    with open(os.path.join(home, "bureaurc"), "w") as f:
        os.chmod(f.name, 0o600)
        f.write(f'account work from "Anna Li <anna@example.com>" user anna password-command printf {PASSWORD} ; '
                f'imap {"imaps" if case.get("implicit") else "imap"}://127.0.0.1:{port} {"pin " + PIN if pinned else ""}\n')


def held(home):
    """The mails a home holds, by Message-ID."""
    code, said = bureau(home, "--json", "search", "--limit", "1000", "--kind", "mail", "from:a@b.example")
    return {m for m in re.findall(rb'"subject":\s*"mail (\d+)"', said)} if code == 0 else set()


def good_home():
    """A home with all the mails of a good server."""
    case = {"caps": b"IMAP4rev1 STARTTLS", "caps_tls": b"IMAP4rev1 AUTH=PLAIN IDLE"}
    home = os.path.join(tempfile.mkdtemp(dir=T), "good")
    os.mkdir(home, 0o700)
    server = Server(case)
    write_rc(home, case, server.port, True)
    code, said = bureau(home, "sync")
    server.stop()
    ok(code == 0 and len(held(home)) == MAILS, "a good server's mails are here", code, said, held(home))
    return home


def sync(case, pinned):
    """`bureau sync` against one case; what was wrong with it."""
    around = tempfile.mkdtemp(dir=T)
    home = os.path.join(around, "home")
    shutil.copytree(GOOD, home)
    server = Server(case)
    write_rc(home, case, server.port, pinned)
    code, said = bureau(home, "sync")
    server.stop()
    wrong = []
    if code == "hangs" or code not in (0, 1, 2, 3, 4, 5):
        wrong.append(f"exit {code}")
    if clear_login(server):
        wrong.append("a login in clear")
    if [b for b in said if (b < 32 and b != 10) or b == 127]:
        wrong.append("escapes")
    if os.listdir(os.path.join(around, "place")) or sorted(os.listdir(around)) != ["home", "place"]:
        wrong.append("files outside")
    if len(held(home)) != MAILS:
        wrong.append(f"mails lost: {MAILS - len(held(home))}")
    shutil.rmtree(around)
    return wrong, said


def clear_login(server):
    clear = server.clear.upper()
    return any(x in server.clear for x in SECRETS) or b"AUTHENTICATE" in clear or b" LOGIN " in clear


POOL = concurrent.futures.ThreadPoolExecutor(4)  # most of a case is waiting
WAITING = []


def judge(name, case, expected=None, *, login=None, pinned=True):
    """login: whether the password may have been sent (None: either, but never in clear). Told by tell()."""
    WAITING.append((name, POOL.submit(weigh, case, expected, login, pinned)))


def tell():
    """Says how the cases ended, in their order."""
    for name, future in WAITING:
        good, notes = future.result()
        ok(good, name, *notes)
    WAITING.clear()


def weigh(case, expected, login, pinned):
    """Is everything as it must be? And what there was."""
    code, said, server, clean = play(case, pinned=pinned)
    leaked = clear_login(server)
    sent = any(x in server.hidden for x in SECRETS)
    escapes = [b for b in said if (b < 32 and b != 10) or b == 127]
    good = code == 0 and not leaked and clean and not escapes and b"\nend " in b"\n" + said
    if expected:
        good = good and re.search(expected, said) is not None
    if login is not None:
        good = good and sent == login
    wrong, synced = sync(case, pinned)
    return good and not wrong, (code, said, f"leaked {leaked} sent {sent} clean {clean}", server.clear[-300:], wrong, synced)


GOOD = good_home()
# ---- own dialogues ----
SELECT = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n<tag> OK\r\n"
judge("a good server", {}, rb"open\n(.*\n)*mails 30 bytes \d+\nend ok", login=True)
judge("a good server with TLS from the start", {"implicit": True}, rb"mails 30 .*\nend ok", login=True)
judge("another key than the pinned one", {"implicit": True}, rb"end (refused|unreachable) ", login=False, pinned=False)
judge("STARTTLS with a certificate nobody vouches for", {}, rb"end unreachable ", login=False, pinned=False)
judge("no STARTTLS", {"caps": b"IMAP4rev1 AUTH=PLAIN"}, rb"end refused .*encryption", login=False)
judge("STARTTLS refused", {"starttls": b"<tag> NO not today\r\n", "transition": False}, rb"end refused ", login=False)
judge("PREAUTH where encryption is required", {"greeting": b"* PREAUTH welcome home\r\n"}, rb"end refused ", login=False)
judge("PREAUTH inside encryption", {"implicit": True, "greeting": b"* PREAUTH welcome home\r\n"}, rb"end ok|end refused")
judge("BYE as a greeting", {"greeting": b"* BYE \x1b]0;owned\x07\r\n"}, rb"end ", login=False)
judge("answers behind STARTTLS, before the handshake: dropped",
      {"starttls": b"<tag> OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* OK [ALERT] injected\r\n* 99 EXISTS\r\n"})
code, said, _, _ = play({"starttls": b"<tag> OK go\r\n* OK [ALERT] injected\r\n* LIST () \"/\" injected\r\n"})
ok(b"injected" not in said, "and never told", said)
judge("a flood as a greeting", {"greeting": b"* OK " + b"A" * 3000000 + b"\r\n"}, rb"end ", login=False)
judge("a greeting without end", {"greeting": b"* OK A"}, rb"end unreachable", login=False)
judge("HTTP", {"greeting": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, rb"end ", login=False)
judge("login refused with escapes", {"AUTHENTICATE": b"<tag> NO [AUTHENTICATIONFAILED] \x1b[2Jno\x9b31m\r\n"}, rb"end refused .*no")
judge("a tag of its own", {"SELECT": b"zz9 OK\r\n"}, rb"end corrupt")
judge("a huge literal", {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\nabc"}, rb"end limit")
judge("a literal beyond every number", {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {99999999999999999999999999}\r\n"}, rb"end limit")
judge("a literal that never ends", {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {1000}\r\nabc", "close": "UID FETCH"}, rb"end unreachable")
judge("a literal that stalls", {"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {1000}\r\nabc"}, rb"end unreachable .*time")
judge("a line without end", {"UID FETCH": b"* 1 FETCH (" + b"x" * (18 << 20)}, rb"end limit")
judge("deep parentheses", {"UID FETCH": b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 500000 + b"\r\n<tag> OK\r\n"}, rb"end limit")
judge("VANISHED of everything", {"SELECT": b"* VANISHED 1:4294967295\r\n* VANISHED (EARLIER) " + b",".join([b"1:4294967295"] * 20000) + b"\r\n" + SELECT},
      rb"vanished 4294967295\nvanished 4294967295\n(.*\n)*end ok")
judge("a storm of EXPUNGE", {"UID SEARCH": b"* 1 EXPUNGE\r\n" * 20000 + b"* SEARCH\r\n<tag> OK\r\n"}, rb"end ok")
judge("a flood of answers", {"UID SEARCH": b"* 1 EXISTS\r\n" * 300000 + b"<tag> OK\r\n"}, rb"end limit")
judge("ALERT with escapes", {"SELECT": b"* OK [ALERT] \x1b]52;c;ZXZpbA==\x07\xe2\x80\xaeevil\r\n" + SELECT}, rb"alert .*evil\n(.*\n)*end ok")
judge("BYE in the middle", {"UID FETCH": b"* 1 FETCH (UID 1)\r\n* BYE [UNAVAILABLE] \x1bgone\r\n"}, rb"end unreachable")
judge("another UIDVALIDITY each time", {"SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDVALIDITY 2] x\r\n<tag> OK\r\n"}, rb"end ok")
judge("an empty LIST", {"LIST": b"<tag> OK\r\n"}, rb"open\n(.*\n)*mails 0 bytes 0\nend ok")
judge("folders that climb", {"LIST": b'* LIST () "/" "../../../../etc/passwd"\r\n* LIST () "/" "/etc/cron.d/x"\r\n* LIST () "/" {9}\r\na\r\nb\x1b[31\r\n'
                             b'* LIST () "." "&2D0-&&"\r\n* LIST () "/" ""\r\n* LIST () "/" "' + b"n" * 100000 + b'"\r\n<tag> OK\r\n'}, rb"list 0 \.\./")
judge("mails that were not asked for", {"UID SEARCH": b"* 77 FETCH (UID 4294967295 FLAGS (\\Deleted) BODY[] \"x\")\r\n* SEARCH 9\r\n<tag> OK\r\n"}, rb"end ok")
judge("numbers out of bounds", {"SELECT": b"* 4294967296 EXISTS\r\n<tag> OK\r\n"}, rb"end corrupt")
judge("a UID of zero", {"UID FETCH": b"* 1 FETCH (UID 0)\r\n<tag> OK\r\n"}, rb"end corrupt")
judge("NUL bytes", {"UID FETCH": b"* 1 FETCH (UID 1 X \"\0\" BODY[] \"\0a\")\r\n* \0\r\n<tag> OK\r\n"}, rb"end (ok|corrupt)")
judge("a continuation nobody waits for", {"SELECT": b"+ go on\r\n" + SELECT}, rb"end ok")
judge("IDLE that is refused", {"IDLE": b"<tag> BAD no\r\n", "no_idle": True}, rb"end ok")
judge("IDLE that floods", {"IDLE": b"+ idling\r\n" + b"* 1 EXISTS\r\n* 1 EXPUNGE\r\n" * 50000}, rb"end ok")
judge("NO to everything", {v: b"<tag> NO [NOPERM] \x1bno\r\n" for v in ("SELECT", "UID SEARCH", "UID FETCH", "NAMESPACE", "ID")}, rb"end ok")
judge("silence", {"UID FETCH": b""}, rb"end unreachable .*time")
bits = [b"* ", b"(", b")", b'"', b"{3}\r\n", b"\r\n", b"FETCH", b" 1 ", b"NIL", b"\\", b"<tag> OK\r\n", b"[", b"]", b"VANISHED", b"\xff\0"]
state, fine = 12345, 0
for i in range(25):
    noise = b""
    for _ in range(200):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        noise += bits[(state >> 8) % len(bits)]
    code, said, server, clean = play({"UID FETCH": noise, "close": "UID FETCH", "implicit": True})
    fine += code == 0 and b"end " in said and clean
ok(fine == 25, "25 pieces of noise", fine)


tell()

# ---- the corpora ----
CAPS = {"Imap4Rev1": "IMAP4rev1", "StartTls": "STARTTLS", "LoginDisabled": "LOGINDISABLED", "Idle": "IDLE", "MailboxReferrals": "MAILBOX-REFERRALS",
        "Enable": "ENABLE", "Plain": "AUTH=PLAIN", "Login": "AUTH=LOGIN"}


def unquote(t):
    return t.encode().decode("unicode_escape").encode("latin-1")


def words(t):
    found = [CAPS.get(w, w.upper()) for w in re.findall(r"[A-Za-z0-9]+", t) if w not in ("Auth", "Some", "Capability", "NonEmptyVec", "Other", "Atom")]
    return " ".join(found).encode()


def read_ron(path):
    """A case of the fake mail server."""
    t = re.sub(r"//[^\n]*", "", open(path, encoding="utf-8", errors="replace").read())
    case = {"implicit": bool(re.search(r"implicit_tls:\s*true", t)), "transition": not re.search(r"starttls_transition:\s*false", t)}
    for name, to in (("caps", "caps"), ("caps_tls", "caps_tls")):
        m = re.search(r"\b%s:\s*\[(.*?)\]," % name, t, re.S)
        case[to] = words(m[1]) if m else b"IMAP4rev1"
    text = r'Some\("((?:[^"\\]|\\.)*)"\)'
    for name, to in (("starttls_response", "starttls"), ("response_after_greeting", "after_greeting"), ("response_after_tls", "after_tls")):
        m = re.search(name + r":\s*" + text, t)
        if m:
            case[to] = unquote(m[1])
    kind = re.search(r"greeting:\s*\(\s*kind:\s*(\w+)", t)
    said = re.search(r'greeting:.*?text:\s*Text\("((?:[^"\\]|\\.)*)"\)', t, re.S)
    code = re.search(r"greeting:.*?code:\s*Some\((\w+)", t, re.S)
    if kind:
        code = {"Alert": "[ALERT] ", "Badcharset": "[BADCHARSET] ", "BadCharset": "[BADCHARSET] "}.get(code[1] if code else "", "")
        case["greeting"] = f"* {kind[1].upper()} {code}".encode() + (unquote(said[1]) if said else b"ready") + b"\r\n"
    for name, value in re.findall(r'"(\w+)":\s*"((?:[^"\\]|\\.)*)"', t):
        case["greeting" if name == "greeting" else name.upper()] = unquote(value)
    return case


def read_curl(path):
    """A test of curl's with an IMAP server: its capabilities, logins, replies and data."""
    t = open(path, encoding="latin-1").read()
    case, caps = {"implicit": True}, ["IMAP4rev1"]
    m = re.search(r"<servercmd>\n(.*?)</servercmd>", t, re.S)
    for line in (m[1] if m else "").splitlines():
        w = line.split(" ", 2)
        if w[0] == "CAPA":
            caps += line[5:].replace('"', "").split()
        elif w[0] == "AUTH":
            caps += ["AUTH=" + x for x in w[1:]]
        elif w[0] == "REPLY" and len(w) == 3:
            said = re.sub(r"%b64\[(.*?)\]b64%", lambda b: base64.b64encode(b[1].encode()).decode(), w[2], flags=re.S)
            case["greeting" if w[1] == "welcome" else w[1].upper()] = re.sub(r"^A\d+ ", "<tag> ", said).encode("latin-1").replace(b"\\r\\n", b"\r\n") + b"\r\n"
    data = re.search(r"<reply>.*?<data[^>]*>\n(.*?)</data>", t, re.S)
    if data:
        body = data[1].encode("latin-1").replace(b"\n", b"\r\n")
        case.setdefault("UID FETCH", b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n" % (len(body), body) + b"<tag> OK\r\n")
    if len(caps) == 1:
        caps.append("AUTH=PLAIN")
    case["caps"] = case["caps_tls"] = " ".join(caps).encode()
    return case


for folder, pattern, read in (("netfault-fakemail", "testcases*/**/imap/**/*.ron", read_ron), ("net-curl-mailtests", "tests/data/test*", read_curl)):
    paths = sorted(glob.glob(os.path.join(CORPORA, folder, pattern), recursive=True))
    if folder.startswith("net-curl"):
        paths = [p for p in paths if re.search(r"<server>\s*imap", open(p, encoding="latin-1").read())]
    if not paths:
        print(f"# skipped: no {folder} in {CORPORA}")
        continue
    for path in paths:
        judge(os.path.relpath(path, os.path.join(CORPORA, folder)), read(path), pinned="Certificate" not in path,
              login=False if "Certificate" in path else None)
    tell()
    print(f"# {folder}: {len(paths)} dialogues")
done()
