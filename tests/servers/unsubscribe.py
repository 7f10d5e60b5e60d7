#!/usr/bin/python3
"""unsubscribe.py - leaving a list: one click over TLS after a yes, a draft, a link; nothing else is ever asked (TAP)."""
import http.server, json, os, shutil, ssl, subprocess, sys, threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, T, done, ok, skip
if not shutil.which("openssl"):
    skip("no openssl to make a certificate with")

cert, key = os.path.join(T, "cert.pem"), os.path.join(T, "key.pem")
subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, stderr=subprocess.DEVNULL)
asked = []


class Web(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked.append((self.command, self.path, body, dict(self.headers)))
        code = {"/gone": 410, "/away": 302}.get(self.path.split("?")[0], 200)
        self.send_response(code)
        if code == 302:
            self.send_header("Location", f"https://localhost:{PORT}/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST

    def log_message(self, *a):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
PORT = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()

home, mails = os.path.join(T, "h"), os.path.join(T, "mails")
os.mkdir(home, 0o700)
os.mkdir(mails)
with open(os.path.join(home, "bureaurc"), "w") as f:
    os.chmod(f.name, 0o600)
    f.write('account work from "Anna Li <anna@example.com>" alias news@anna.example\n')
ONE = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"


def mail(n, headers, to="anna@example.com"):
    with open(os.path.join(mails, str(n)), "w", newline="\n") as f:
        f.write(f"From: News <news@list.example>\nTo: {to}\nDate: Mon, 23 Nov 2026 09:{n:02d}:00 +0100\n"
                f"Message-ID: <u{n}@x>\nSubject: News {n}\n{headers}\nText.\n")


mail(1, f"List-Unsubscribe: <mailto:leave@list.example>,\n <https://localhost:{PORT}/u?id=a%20b&x=1>\n{ONE}")
mail(2, f"List-Unsubscribe: <https://localhost:{PORT}/u>\n")
mail(3, "List-Unsubscribe: <mailto:leave@list.example?subject=leave%20me&body=please%0Ago&cc=spy@evil.example"
        "&attach=/etc/passwd>\n", to="news@anna.example")
mail(4, "")
mail(5, f"List-Unsubscribe: <https://localhost:{PORT}/gone>\n{ONE}")
mail(6, f"List-Unsubscribe: <https://localhost:{PORT}/away>\n{ONE}")
mail(7, f"List-Unsubscribe: <http://localhost:{PORT}/plain>\n{ONE}")
mail(8, f"List-Unsubscribe: <https://user@localhost:{PORT}/u>, <https://localhost:{PORT}/two words\x01>\n{ONE}")
mail(9, f"List-Unsubscribe: <mailto:leave@list.example%0D%0ABcc:spy@evil.example>\n")
mail(10, f"List-Unsubscribe: <https://127.0.0.1:{PORT}/u>\n{ONE}")
mail(11, f"List-Unsubscribe: <https://localhost:{PORT}/gone>, <mailto:leave@list.example>\n{ONE}")
env = dict(ENV, SSL_CERT_FILE=cert, BUREAU_NOW="2026-11-23T12:00:00+01:00")


def run(*a, want=None):
    p = subprocess.run([BUREAU, "--home", home, *a], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       stdin=subprocess.DEVNULL, timeout=60)
    if want is not None:
        ok(p.returncode == want, f"{' '.join(a)}: exit {want}", p.returncode, p.stdout, p.stderr)
    return p


def ident(n):
    return json.loads(run("--json", "search", f"id:u{n}@x").stdout.splitlines()[0])["id"]


run("--quiet", "import", mails, want=0)
ids = {n: ident(n) for n in range(1, 12)}
ok(not asked, "nothing was asked to read them")
run("show", ids[1], want=0)
ok(not asked, "nor to show one")
p = run("unsubscribe", ids[1], want=4)
ok(f"localhost:{PORT}".encode() in p.stderr and b"nobody has checked" in p.stderr, "the host is named first", p.stderr)
run("--dry-run", "--yes", "unsubscribe", ids[1], want=0)
run("--offline", "--yes", "unsubscribe", ids[1], want=4)
ok(not asked, "nothing was asked without a yes")
p = run("--yes", "--json", "unsubscribe", ids[1], want=0)
ok(json.loads(p.stdout)["way"] == "one-click", "one click", p.stdout)
ok(len(asked) == 1 and asked[0][:3] == ("POST", "/u?id=a%20b&x=1", b"List-Unsubscribe=One-Click"), "one POST, as it must be", asked)
ok("Cookie" not in asked[0][3] and asked[0][3]["Content-Type"] == "application/x-www-form-urlencoded", "no more than that", asked[0][3])
ok(b"unsubscribe" in run("journal", "unsubscribe").stdout, "the journal has it")
p = run("--yes", "--json", "unsubscribe", ids[2], want=0)
ok(json.loads(p.stdout)["way"] == "link" and len(asked) == 1, "without the offer only the page's address", p.stdout)
p = run("--yes", "--json", "unsubscribe", ids[3], want=0)
o = json.loads(p.stdout)
d = json.loads(run("--json", "draft", "show", o["draft"]).stdout)
ok(o["way"] == "mail" and [a["address"] for a in d["to"]] == ["leave@list.example"], "a draft to the list's address", o, d)
ok(d["subject"] == "leave me" and d["text"] == "please\ngo", "with the words of the header", d)
ok(d["from"]["address"] == "news@anna.example", "from the address the list writes to", d["from"])
ok(not d["cc"] and not d["bcc"] and not d["files"], "and nothing else of it", d)
ok(not run("--json", "outbox", "list").stdout, "nothing is sent")
run("unsubscribe", ids[4], want=1)
p = run("--yes", "unsubscribe", ids[5], want=1)
ok(b"410" in p.stderr, "a refusal is told", p.stderr)
p = run("--yes", "unsubscribe", ids[6], want=1)
ok([a[1] for a in asked] == ["/u?id=a%20b&x=1", "/gone", "/away"], "a redirect is not followed", asked)
p = run("--yes", "--json", "unsubscribe", ids[7], want=0)
ok(json.loads(p.stdout)["way"] == "link" and len(asked) == 3, "never without TLS", p.stdout)
run("--yes", "unsubscribe", ids[8], want=1)
run("--yes", "unsubscribe", ids[9])
ok(b"spy" not in run("--json", "draft", "list").stdout, "no smuggled recipient")
run("--yes", "unsubscribe", ids[10], want=5)
ok(len(asked) == 3, "a certificate for another name: nothing is told", asked)
p = run("--yes", "--json", "unsubscribe", ids[11], want=0)
ok(json.loads(p.stdout.splitlines()[-1])["way"] == "mail" and b"410" in p.stdout and asked[-1][1] == "/gone",
   "when one click fails the mail's next way is taken: a draft to its address", p.stdout, p.stderr)
server.shutdown()
done()
