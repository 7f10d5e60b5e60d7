"""doubles.py - what setup talks to, on loopback: a name server, HTTPS behind a CONNECT proxy, an authorization server, IMAP
and SMTP that note the SASL bytes. Each says what it was asked; none reaches outside."""
import base64, hashlib, http.server, json, os, socket, ssl, struct, subprocess, threading, time, urllib.parse

from dovecot import certificate


def certificates(directory, names):
    """An authority and a certificate of it for these names; (authority's file, server context)."""
    ca, ca_key, cert, key = (os.path.join(directory, x) for x in ("ca.pem", "ca.key", "cert.pem", "key.pem"))
    quiet = dict(check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", ca_key, "-out", ca, "-days", "2",
                    "-subj", "/CN=bureau test authority"], **quiet)
    request, more = os.path.join(directory, "req.pem"), os.path.join(directory, "ext")
    subprocess.run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=localhost"],
                   **quiet)
    with open(more, "w") as f:
        f.write("subjectAltName=IP:127.0.0.1," + ",".join("DNS:" + n for n in names) + "\n")
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-out", cert,
                    "-days", "2", "-extfile", more], **quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return ca, context


def pinned(directory):
    """A certificate that nobody vouches for; (its file, the SHA-256 of its public key in hex, server context)."""
    cert, key, pin = certificate(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, pin, context


def home(directory, lines):
    """A new home of that name with this bureaurc (None: none)."""
    os.mkdir(directory, 0o700)
    if lines is not None:
        with open(os.path.join(directory, "bureaurc"), "w") as f:
            os.chmod(f.name, 0o600)
            f.write(lines)
    return directory


def listen(kind=socket.SOCK_STREAM, port=0):
    s = socket.socket(socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", port))
    if kind == socket.SOCK_STREAM:
        s.listen(50)
    return s


def beside(run, *args):
    threading.Thread(target=run, args=args, daemon=True).start()


# ---- names ----

def wire_name(name):
    return b"".join(bytes([len(p)]) + p.encode("latin-1") for p in name.split(".") if p) + b"\0"


class Names:
    """records: {(name, type): [rdata bytes]}; tricks: {name: function(query) → list of packets}."""
    SRV, MX = 33, 15

    def __init__(self):
        self.records, self.tricks, self.asked, self.tcp_asked = {}, {}, [], []
        while True:
            self.udp = listen(socket.SOCK_DGRAM)
            self.port = self.udp.getsockname()[1]
            try:
                self.tcp = listen(port=self.port)
                break
            except OSError:
                self.udp.close()
        beside(self.run_udp)
        beside(self.run_tcp)

    def srv(self, name, host, port, priority=0, weight=0):
        self.records.setdefault((name, self.SRV), []).append(struct.pack(">HHH", priority, weight, port) + wire_name(host))

    def mx(self, name, host, priority=10):
        self.records.setdefault((name, self.MX), []).append(struct.pack(">H", priority) + wire_name(host))

    def question(self, q):
        at, labels = 12, []
        while q[at]:
            labels.append(q[at + 1:at + 1 + q[at]].decode("latin-1"))
            at += 1 + q[at]
        return ".".join(labels).lower(), struct.unpack(">H", q[at + 1:at + 3])[0], q[12:at + 5]

    def answer(self, q, rdatas=None, ident=None, question=None, cut=False, code=None):
        name, kind, asked = self.question(q)
        rdatas = self.records.get((name, kind), []) if rdatas is None else rdatas
        known = any(n == name for n, _ in self.records)
        code = (0 if known else 3) if code is None else code
        body = b"" if cut else b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(r)) + r for r in rdatas)
        return ((ident or q[:2]) + struct.pack(">HHHHH", 0x8180 | (0x200 if cut else 0) | code, 1, 0 if cut else len(rdatas), 0, 0)
                + (question or asked) + body)

    def run_udp(self):
        while True:
            q, peer = self.udp.recvfrom(4096)
            name, kind, _ = self.question(q)
            self.asked.append((name, kind))
            for packet in self.tricks.get(name, lambda q: [self.answer(q)])(q):
                self.udp.sendto(packet, peer)

    def run_tcp(self):
        while True:
            c, _ = self.tcp.accept()
            n = struct.unpack(">H", c.recv(2))[0]
            q = c.recv(n)
            self.tcp_asked.append(self.question(q)[0])
            a = self.answer(q)
            c.sendall(struct.pack(">H", len(a)) + a)
            c.close()


# ---- HTTPS ----

class Web:
    """A CONNECT proxy that ends TLS itself: pages {(host, path): bytes or function(connection)}."""

    def __init__(self, context):
        self.context, self.pages, self.asked, self.connects = context, {}, [], []
        self.socket = listen()
        self.port = self.socket.getsockname()[1]
        beside(self.run)

    def run(self):
        while True:
            c, _ = self.socket.accept()
            beside(self.serve, c)

    def serve(self, c):
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                more = c.recv(4096)
                if not more:
                    return
                head += more
            method, target = head.split(b" ")[:2]
            if method != b"CONNECT":  # plain http through the proxy: nobody should
                self.asked.append(("http", target.decode()))
                where = urllib.parse.urlparse(target.decode())
                page = self.pages.get((where.hostname, where.path), b"")
                c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
                return
            host = target.decode().split(":")[0]
            self.connects.append(host)
            if not any(h == host for h, _ in self.pages):
                c.sendall(b"HTTP/1.1 502 no such host\r\n\r\n")
                return
            c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            t = self.context.wrap_socket(c, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                head += t.recv(4096)
            path = head.split(b" ")[1].decode()
            self.asked.append((host, path))
            page = self.pages.get((host, path))
            if callable(page):
                page(t)
            elif page is None:
                t.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            elif page.startswith(b"http"):
                t.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + page + b"\r\nContent-Length: 0\r\n\r\n")
            else:
                t.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
            t.close()
        except (OSError, ssl.SSLError):
            pass
        finally:
            c.close()


def config(imap, smtp, more=""):
    """An autoconfiguration file; imap and smtp: (host, port, socketType)."""
    def one(tag, kind, s):
        return (f'<{tag} type="{kind}"><hostname>{s[0]}</hostname><port>{s[1]}</port><socketType>{s[2]}</socketType>'
                f'<username>{s[3] if len(s) > 3 else "%EMAILADDRESS%"}</username><authentication>password-cleartext</authentication></{tag}>')
    return (f'<?xml version="1.0" encoding="UTF-8"?><clientConfig version="1.1"><emailProvider id="x">{one("incomingServer", "imap", imap)}'
            f'{one("outgoingServer", "smtp", smtp)}</emailProvider>{more}</clientConfig>').encode()


# ---- OAuth ----

class Authority:
    """RFC 6749, 7636, 8628: a page that always says yes, rotating refresh tokens, devices."""

    def __init__(self, client="client-1", secret=None):
        self.client, self.secret = client, secret
        self.codes, self.refreshes, self.access, self.asked = {}, set(), set(), []
        self.used, self.pending, self.slow, self.lifetime, self.count = set(), 1, 0, 3600, 0
        self.lock, self.delay, self.replayed = threading.Lock(), 0, False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *a):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                p = dict(urllib.parse.parse_qsl(body))
                outer.asked.append((self.path, p))
                time.sleep(outer.delay)
                with outer.lock:
                    code, answer = outer.device(p) if self.path == "/device" else outer.token(p)
                text = json.dumps(answer).encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, *a):
                pass
        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        beside(self.server.serve_forever)

    def visit(self, url, deny=False):
        """What a browser does: the address it ends on."""
        u = urllib.parse.urlparse(url)
        q = dict(urllib.parse.parse_qsl(u.query))
        assert q["response_type"] == "code" and q["client_id"] == self.client and q["code_challenge_method"] == "S256"
        if deny:
            return q["redirect_uri"] + "?" + urllib.parse.urlencode({"error": "access_denied", "state": q["state"]})
        code = f"code/{len(self.codes)}+x"
        self.codes[code] = q
        return q["redirect_uri"] + "?" + urllib.parse.urlencode({"state": q["state"], "code": code, "scope": q.get("scope", "")})

    def issue(self):
        self.count += 1
        access, refresh = f"access.{self.count}", f"refresh.{self.count}"
        self.access.add(access)
        self.refreshes.add(refresh)
        return 200, {"access_token": access, "refresh_token": refresh, "expires_in": self.lifetime, "token_type": "Bearer"}

    def token(self, p):
        if p.get("client_id") != self.client or p.get("client_secret") != self.secret:
            return 401, {"error": "invalid_client"}
        kind = p.get("grant_type")
        if kind == "authorization_code":
            q = self.codes.pop(p["code"], None)
            made = base64.urlsafe_b64encode(hashlib.sha256(p["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            if not q or q["code_challenge"] != made or q["redirect_uri"] != p["redirect_uri"]:
                return 400, {"error": "invalid_grant"}
            return self.issue()
        if kind == "refresh_token":
            if p["refresh_token"] in self.used:
                self.replayed = True  # RFC 9700: the whole family goes
                self.refreshes.clear()
            if p["refresh_token"] not in self.refreshes:
                return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            self.refreshes.discard(p["refresh_token"])
            self.used.add(p["refresh_token"])
            return self.issue()
        if kind == "urn:ietf:params:oauth:grant-type:device_code":
            if self.slow:
                self.slow -= 1
                return 400, {"error": "slow_down"}
            if self.pending:
                self.pending -= 1
                return 400, {"error": "authorization_pending"}
            return self.issue()
        return 400, {"error": "unsupported_grant_type"}

    def device(self, p):
        return 200, {"device_code": "dev-1", "user_code": "WDJB-MJHT", "verification_uri": self.url + "/activate", "interval": 1,
                     "expires_in": 60}

    def revoke(self):
        with self.lock:
            self.refreshes.clear()
            self.access.clear()


# ---- mail ----

class Mail:
    """One port of IMAP or SMTP with implicit TLS (context) or none. good(user, secret, mechanism) decides; sasl holds every
    (mechanism, decoded bytes) that came."""

    def __init__(self, kind, context, good, mechanisms=("PLAIN",), special=True):
        self.kind, self.context, self.good, self.mechanisms, self.special = kind, context, good, mechanisms, special
        self.sasl, self.lines, self.logins = [], [], 0
        self.socket = listen()
        self.port = self.socket.getsockname()[1]
        beside(self.run)

    def run(self):
        while True:
            c, _ = self.socket.accept()
            beside(self.serve, c)

    def serve(self, c):
        try:
            if self.context:
                c = self.context.wrap_socket(c, server_side=True)
            self.file = f = c.makefile("rwb")
            (self.imap if self.kind == "imap" else self.smtp)(f)
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            c.close()

    def put(self, f, text):
        f.write(text.encode() + b"\r\n")
        f.flush()

    def judge(self, mechanism, raw):
        """raw: base64 of the client's first answer. True when it is let in."""
        data = base64.b64decode(raw)
        self.sasl.append((mechanism, data))
        if mechanism == "PLAIN":
            _, user, secret = data.split(b"\0")
        elif mechanism == "XOAUTH2":
            if not (data.startswith(b"user=") and data.endswith(b"\x01\x01")):
                return False
            user, secret = data[5:].split(b"\x01")[0], data.split(b"auth=Bearer ")[1].rstrip(b"\x01")
        else:
            if not (data.startswith(b"n,a=") and data.endswith(b"\x01\x01")):
                return False
            user, secret = data.split(b",")[1][2:], data.split(b"auth=Bearer ")[1].rstrip(b"\x01")
        return self.good(user.decode(), secret.decode(), mechanism)

    def imap(self, f):
        caps = "IMAP4rev1 SASL-IR " + ("SPECIAL-USE " if self.special else "") + " ".join("AUTH=" + m for m in self.mechanisms)
        self.put(f, f"* OK [CAPABILITY {caps}] ready")
        for raw in f:
            line = raw.decode().rstrip("\r\n")
            self.lines.append(line)
            tag, verb, *rest = line.split(" ", 2)
            if verb == "CAPABILITY":
                self.put(f, f"* CAPABILITY {caps}\r\n{tag} OK done")
            elif verb == "AUTHENTICATE":
                words = rest[0].split(" ")
                if len(words) < 2:
                    self.put(f, "+ ")
                    words.append(f.readline().decode().strip())
                if self.judge(words[0], words[1]):
                    self.logins += 1
                    self.put(f, f"{tag} OK [CAPABILITY {caps}] in")
                else:
                    if words[0] != "PLAIN":
                        self.put(f, "+ " + base64.b64encode(b'{"status":"401"}').decode())
                        f.readline()
                    self.put(f, f"{tag} NO [AUTHENTICATIONFAILED] no")
            elif verb == "LIST":
                mark = "\\Sent" if self.special else ""
                self.put(f, '* LIST () "/" INBOX\r\n* LIST (%s) "/" Sent\r\n* LIST (%s) "/" Trash\r\n%s OK done'
                         % (mark, "\\Trash" if self.special else "", tag))
            elif verb == "LOGOUT":
                self.put(f, f"* BYE bye\r\n{tag} OK done")
                return
            else:
                self.put(f, f"{tag} OK done")

    def smtp(self, f):
        entered = False
        self.put(f, "220 here")
        for raw in f:
            line = raw.decode().rstrip("\r\n")
            self.lines.append(line)
            verb, *rest = line.split(" ")
            if verb == "EHLO":
                self.put(f, "250-here\r\n250-AUTH " + " ".join(self.mechanisms) + "\r\n250 SIZE")
            elif verb == "AUTH":
                if len(rest) < 2:
                    self.put(f, "334 ")
                    rest.append(f.readline().decode().strip())
                if self.judge(rest[0], rest[1]):
                    self.logins += 1
                    entered = True
                    self.put(f, "235 in")
                else:
                    if rest[0] != "PLAIN":
                        self.put(f, "334 " + base64.b64encode(b'{"status":"401"}').decode())
                        f.readline()
                    self.put(f, "535 5.7.8 no")
            elif verb == "MAIL" and not entered:
                self.put(f, "530 5.7.0 log in first")
            elif verb == "QUIT":
                self.put(f, "221 bye")
                return
            elif verb == "DATA":
                self.put(f, "354 go")
                while f.readline() not in (b".\r\n", b""):
                    pass
                self.put(f, "250 taken")
            else:
                self.put(f, "250 good")
