#!/usr/bin/python3
"""tls.py - encryption towards mail and model servers: required, checked, pinned, never given up (TAP)."""
import http.server, os, shutil, socket, ssl, subprocess, sys, threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import doubles
from tap import BUREAU, ENV, T, done, ok, skip
try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult
except ImportError as e:
    skip(f"{e} (python3-aiosmtpd)")
if not shutil.which("openssl"):
    skip("no openssl to make a certificate with")

cert, PIN, context = doubles.pinned(T)


class Handler:
    def __init__(self):
        self.messages, self.logins = [], []

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(envelope.original_content)
        return "250 OK"


class Implicit(Controller):
    def factory(self):
        return SMTP(self.handler, authenticator=self.login, auth_required=True, auth_require_tls=False)

    def login(self, server, session, envelope, mechanism, data):
        self.handler.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right")


class Starting(Controller):
    tls = True

    def factory(self):
        return SMTP(self.handler, tls_context=context if self.tls else None, require_starttls=self.tls)


class Bare(Starting):
    tls = False


def serve(kind, **more):
    h = Handler()
    c = kind(h, hostname="127.0.0.1", port=0, **more)
    c.start()
    c.found = c.server.sockets[0].getsockname()[1]
    return c, h


homes = 0


def send(url, extra=""):
    """Composes and sends one mail; exit code and what was said."""
    global homes
    homes += 1
    h = os.path.join(T, f"h{homes}")
    os.mkdir(h, 0o700)
    with open(os.path.join(h, "bureaurc"), "w") as f:
        os.chmod(f.name, 0o600)
        f.write(f'set send.retry-for 0s\naccount work from "Anna Li <anna@example.com>" smtp {url} {extra}\n')
    run = lambda *a: subprocess.run([BUREAU, "--home", h, *a], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    stdin=subprocess.DEVNULL, timeout=60)
    made = run("compose", "--to", "bob@example.org", "--subject", "x", "--say", "hello", "--model", "offline")
    p = run("--yes", "send", "d1")
    return p.returncode, (made.stderr + p.stderr).decode()


def probe(self):
    """What start() waits for: one connection, to the port that was given."""
    plain = socket.create_connection(self.server.sockets[0].getsockname()[:2], 5)
    if self.ssl_context:
        trusting = ssl.create_default_context(cafile=cert)
        plain = trusting.wrap_socket(plain, server_hostname="localhost")
    plain.recv(100)
    plain.close()


Controller._trigger_server = probe
c, h = serve(Implicit, ssl_context=context)
url = f"smtps://127.0.0.1:{c.found}"
login = "user anna password-command printf right ;"
code, said = send(url, f"pin {PIN} {login}")
ok(code == 0 and len(h.messages) == 1, "implicit TLS with the right pin", code, said)
ok(h.logins == [(b"anna", b"right")], "logged in with what the password command gave", h.logins)
code, said = send(url, f"pin {'0' * 64} {login}")
ok(code != 0 and len(h.messages) == 1, "another pin: nothing is sent", code, said)
code, said = send(url, login)
ok(code != 0 and len(h.messages) == 1, "a certificate that nobody vouches for: nothing is sent", code, said)
ok(len(h.logins) == 1, "and no password", h.logins)
code, said = send(url, f"pin {PIN} user anna password-command printf wrong ;")
ok(code != 0 and len(h.messages) == 1, "a wrong password", code, said)
c.stop()

c, h = serve(Starting)
url = f"smtp://127.0.0.1:{c.found}"
code, said = send(url, f"pin {PIN}")
ok(code == 0 and len(h.messages) == 1, "STARTTLS with the right pin", code, said)
code, said = send(url)
ok(code != 0 and len(h.messages) == 1, "STARTTLS with an unknown certificate: nothing is sent", code, said)
c.stop()

c, h = serve(Bare)
url = f"smtp://127.0.0.1:{c.found}"
code, said = send(url)
ok(code != 0 and len(h.messages) == 0, "a server without STARTTLS: nothing is sent", code, said)
code, said = send(url, "plaintext")
ok(code == 0 and len(h.messages) == 1, "unless the line says plaintext, towards this machine", code, said)
c.stop()


class Web(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_POST(self):
        Web.asked += 1
        self.send_response(500)
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *a):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *a):
        pass


web = Quiet(("127.0.0.1", 0), Web)
web.socket = context.wrap_socket(web.socket, server_side=True)
threading.Thread(target=web.serve_forever, daemon=True).start()
home = os.path.join(T, "web")
os.mkdir(home, 0o700)
p = subprocess.run([BUREAU, "--home", home, "ask", "--no-office", "x"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                   stdout=subprocess.PIPE, timeout=60,
                   env=dict(ENV, OPENAI_BASE_URL=f"https://127.0.0.1:{web.server_address[1]}/v1", OPENAI_MODEL="m"))
ok(p.returncode == 5 and Web.asked == 0 and b"certificate" in p.stderr.lower(), "a model server nobody vouches for is not asked",
   p.returncode, p.stderr)
web.shutdown()
done()
