#!/usr/bin/python3
"""smtp_hostile.py - hostile submission servers (TAP): own dialogues always, those of the corpora when they are there.

Each is a server of one case to which `bureau send` hands a mail. Whatever it says: no crash, no hang, no password and no
mail before encryption, no escape byte on the terminal, and "sent" only where the server took the mail.
"""
import base64, concurrent.futures, glob, json, os, re, shutil, socket, ssl, subprocess, sys, tempfile, threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import doubles
from tap import BUREAU, ENV, SRC, T, done, ok, skip
CORPORA = os.environ.get("BUREAU_CORPORA", os.path.join(SRC, "../shared/corpora"))
PASSWORD, WORDS = "s3cret-Wort", "The words of the mail"
if not shutil.which("openssl"):
    skip("no openssl to make a certificate with")
_, PIN, context = doubles.pinned(T)


class Server(threading.Thread):
    def __init__(self, case):
        super().__init__(daemon=True)
        self.case, self.clear, self.taken, self.secure = case, b"", 0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            s.settimeout(8)
            try:
                self.talk(s)
            except (OSError, ssl.SSLError):
                pass
            s.close()

    def line(self, s, end=b"\n"):
        data = b""
        while not data.endswith(end):
            more = s.recv(1)
            if not more:
                raise OSError("closed")
            data += more
            if not self.secure:
                self.clear += more
        return data

    def talk(self, s):
        c = self.case
        self.secure = c.get("implicit", False)
        if self.secure:
            s = context.wrap_socket(s, server_side=True)
        s.sendall(c.get("greeting", b"220 ready\r\n"))
        while True:
            verb = self.line(s).split(b" ")[0].strip().upper().decode("latin-1")
            said = c.get(verb.lower())
            if verb == "STARTTLS":
                s.sendall(said or b"220 go\r\n")
                if c.get("transition", True):
                    s = context.wrap_socket(s, server_side=True)
                    self.secure = True
            elif said is not None:
                s.sendall(said)
            elif verb in ("EHLO", "HELO"):
                caps = c.get("caps_tls" if self.secure else "caps", [])
                s.sendall(b"".join(b"250-" + x + b"\r\n" for x in [b"me"] + caps[:-1]) + b"250 " + (caps[-1] if caps else b"HELP") + b"\r\n")
            elif verb == "AUTH":
                s.sendall(b"334 \r\n")
                self.line(s)
                s.sendall(b"235 in\r\n")
            elif verb == "DATA":
                s.sendall(b"354 go on\r\n")
                self.line(s, b"\r\n.\r\n")
                s.sendall(c.get("body", b"250 taken\r\n"))
                self.taken += c.get("body", b"250 taken\r\n")[:1] == b"2"
            elif verb == "QUIT":
                s.sendall(b"221 bye\r\n")
                return
            else:
                s.sendall(b"250 ok\r\n")


SECRETS = [PASSWORD.encode(), WORDS.encode(), base64.b64encode(PASSWORD.encode()), base64.b64encode(f"\0anna\0{PASSWORD}".encode())]


def on_terminal(*words):
    """Runs it with a terminal for its output; exit code, and what the terminal was given."""
    ours, theirs = os.openpty()
    said = []

    def read():
        try:
            while True:
                said.append(os.read(ours, 65536))
        except OSError:  # the last holder has closed it
            pass

    reader = threading.Thread(target=read)
    reader.start()
    try:
        p = subprocess.run([BUREAU, *words], env=ENV, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, timeout=90)
        code, errors = p.returncode, p.stderr
    except subprocess.TimeoutExpired as e:
        code, errors = "hangs", e.stderr or b""
    os.close(theirs)
    reader.join()
    os.close(ours)
    return code, b"".join(said).replace(b"\r\n", b"\n") + errors


def play(case):
    case.setdefault("caps", [b"STARTTLS", b"AUTH PLAIN"])
    case.setdefault("caps_tls", [b"AUTH PLAIN"])
    server = Server(case)
    home = os.path.join(tempfile.mkdtemp(dir=T), "home")
    os.mkdir(home, 0o700)
    with open(os.path.join(home, "bureaurc"), "w") as f:
        os.chmod(f.name, 0o600)
        f.write(f'set me anna@example.com\naccount work from "Anna Li <anna@example.com>" user anna password-command printf {PASSWORD} ; '
                f'smtp {"smtps" if case.get("implicit") else "smtp"}://127.0.0.1:{server.port} pin {PIN}\n')
    run = lambda *a: subprocess.run([BUREAU, "--home", home, *a], env=ENV, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, timeout=90)
    run("compose", "--to", "bob@example.org", "--subject", "x", "--say", WORDS, "--model", "offline")
    code, said = on_terminal("--home", home, "--yes", "send", "d1")
    rows = [json.loads(x) for x in run("--json", "outbox", "list", "--all").stdout.decode().splitlines() if x.startswith("{")]
    server.listener.close()
    state = rows[0]["state"] if rows else "none"
    wrong = []
    if code not in (0, 1, 4, 5):
        wrong.append(f"exit {code}")
    if any(x in server.clear for x in SECRETS) or re.search(rb"^(AUTH|MAIL|RCPT|DATA)\b", server.clear, re.M | re.I):
        wrong.append("in clear")
    if [b for b in said if (b < 32 and b != 10) or b == 127]:
        wrong.append("escapes")
    if (state == "sent") != (server.taken > 0) and state != "in-doubt":
        wrong.append(f"{state}, taken {server.taken}")
    if state not in ("sent", "failed", "queued", "in-doubt"):
        wrong.append(state)
    return state, wrong, said, server.clear[-200:]


POOL, WAITING = concurrent.futures.ThreadPoolExecutor(4), []


def judge(name, case, *expected):
    WAITING.append((name, expected, POOL.submit(play, case)))


def tell():
    for name, expected, future in WAITING:
        state, wrong, *notes = future.result()
        ok(not wrong and (not expected or state in expected), f"{name}: {state}", wrong, *notes)
    WAITING.clear()


judge("a good server", {}, "sent")
judge("a good server with TLS from the start", {"implicit": True}, "sent")
judge("no STARTTLS", {"caps": [b"AUTH PLAIN"]}, "failed", "queued")
judge("STARTTLS refused", {"starttls": b"454 not now\r\n", "transition": False}, "failed", "queued")
judge("answers behind STARTTLS, before the handshake", {"starttls": b"220 go\r\n250-me\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"})
judge("escapes in a refusal", {"rcpt": b"550 5.1.1 \x1b]0;owned\x07\x1b[2Jnobody\r\n", "implicit": True}, "failed")
judge("a reply of many lines", {"rcpt": b"550-no\r\n" * 2000 + b"550 no\r\n", "implicit": True}, "failed")
judge("a line without end", {"ehlo": b"250-" + b"x" * 3000000, "implicit": True}, "failed", "queued")
judge("no numbers", {"mail": b"hello there\r\n\0\r\n", "implicit": True}, "failed", "queued")
judge("a code of no kind", {"data": b"999 what\r\n", "implicit": True}, "failed", "queued")
judge("354 for everything", {v: b"354 go\r\n" for v in ("mail", "rcpt")} | {"implicit": True}, "failed", "queued")
judge("421 as a greeting", {"greeting": b"421 \x1b[31mbusy\r\n"}, "failed", "queued")
judge("HTTP", {"greeting": b"HTTP/1.1 400 Bad\r\n\r\n"}, "failed", "queued")
judge("silence behind the dot", {"body": b"", "implicit": True}, "in-doubt")
judge("refused behind the dot", {"body": b"554 \x1b[5mspam\r\n", "implicit": True}, "failed")
judge("login refused", {"auth": b"535 5.7.8 no\r\n", "implicit": True}, "failed", "queued")
tell()


def read_ron(path):
    """A case of the fake mail server."""
    t = re.sub(r"^\s*//[^\n]*", "", open(path, encoding="utf-8", errors="replace").read(), flags=re.M)
    unquote = lambda x: x.encode().decode("unicode_escape").encode("latin-1")
    case = {"implicit": bool(re.search(r"implicit_tls:\s*true", t)), "transition": not re.search(r"stls_make_transition:\s*false", t)}
    for name, to in (("capabilities", "caps"), ("capabilities_tls", "caps_tls")):
        m = re.search(r"\b%s:\s*\[(.*?)\],\n" % name, t, re.S)
        caps = []
        if m and "starttls" in m[1].lower():
            caps.append(b"STARTTLS")
        if m and "Auth(" in m[1]:
            caps.append(b"AUTH " + " ".join(re.findall(r"[A-Za-z]+", re.search(r"Auth\((.*)\)", m[1], re.S)[1])).upper().encode())
        case[to] = caps
    m = re.search(r'stls_response:\s*"((?:[^"\\]|\\.)*)"', t)
    if m:
        case["starttls"] = unquote(m[1])
    for name, value in re.findall(r'"(\w+)":\s*"((?:[^"\\]|\\.)*)"', t):
        case[name.lower()] = unquote(value)
    return case


paths = sorted(glob.glob(os.path.join(CORPORA, "netfault-fakemail", "testcases*/**/smtp/**/*.ron"), recursive=True))
if not paths:
    print(f"# skipped: no netfault-fakemail in {CORPORA}")
for path in paths:
    judge(os.path.relpath(path, os.path.join(CORPORA, "netfault-fakemail")), read_ron(path))
tell()
print(f"# netfault-fakemail: {len(paths)} dialogues of SMTP")
done()
