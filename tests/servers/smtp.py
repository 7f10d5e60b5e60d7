#!/usr/bin/python3
"""smtp.py - a real SMTP server on loopback that keeps what it takes, and can be told to misbehave.

  tests/servers/smtp.py DIR [--port N] [--refuse PHASE CODE] [--drop PHASE] [--cut-client N] [--cut-server N]

Prints "PORT N" and serves until its stdin ends or it is killed. Each message taken is DIR/N.eml (the exact bytes) and
DIR/N.json (envelope). PHASE: ehlo, mail, rcpt, data (the command), body (after the final dot; refuse: not taken);
refuse also takes a recipient's address.
--drop body takes the message and closes without an answer: the client cannot know (RFC 1047).
--cut-client N closes both sides after N bytes from the client; --cut-server N after N bytes to it: the dialogue broken
at each byte. A message whose final dot was passed on is taken by the server all the same.

As a module: Server(dir, …) with .port, .messages(), .stop(). context: an ssl context, TLS from the first byte;
login: {user: password}, nobody else may send.
"""
import argparse, asyncio, json, os, socket, sys, threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, folder, refuse=None, drop=None):
        self.folder, self.refuse, self.drop, self.count = folder, refuse or {}, drop, 0
        self.lock = threading.Lock()

    def bad(self, server, phase):
        if self.drop == phase:
            server.transport.abort()
            return "421 closing"
        return self.refuse.get(phase)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        answer = self.bad(server, "ehlo")
        if answer:
            return [answer]
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = self.bad(server, "mail")
        if answer:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.bad(server, "rcpt") or self.refuse.get(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refuse.get("body"):
            return self.refuse["body"]
        with self.lock:
            self.count += 1
            name = os.path.join(self.folder, f"{self.count:04}")
        with open(name + ".eml", "wb") as f:
            f.write(envelope.original_content)
        with open(name + ".json.new", "w") as f:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos}, f)
        self.options = list(envelope.mail_options)
        os.rename(name + ".json.new", name + ".json")
        if self.drop == "body":
            server.transport.abort()
        return "250 taken"


class Dialogue(SMTP):
    """The DATA command itself has no hook: it is answered here."""

    async def smtp_DATA(self, arg):
        answer = self.event_handler.bad(self, "data")
        if answer:
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


class Keeping(Controller):
    size, utf8, login = 120 << 20, False, None

    def judge(self, server, session, envelope, mechanism, data):
        user, password = data.login.decode(), data.password.decode()
        return AuthResult(success=self.login.get(user) == password)

    def factory(self):
        who = dict(authenticator=self.judge, auth_required=True, auth_require_tls=False) if self.login else {}
        return Dialogue(self.handler, hostname="mail.example.com", data_size_limit=self.size, enable_SMTPUTF8=self.utf8, timeout=60,
                        **who)


class Cutter:
    """A TCP proxy that closes both sides after so many bytes of one direction."""

    def __init__(self, target, client=None, server=None):
        self.target, self.limits = target, {"client": client, "server": server}
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        self.seen = {"client": 0, "server": 0}
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            up = socket.create_connection(("127.0.0.1", self.target))
            state = {"client": 0, "server": 0, "cut": False}
            for name, a, b in (("client", conn, up), ("server", up, conn)):
                threading.Thread(target=self.pump, args=(name, a, b, state, conn, up), daemon=True).start()

    def pump(self, name, a, b, state, conn, up):
        limit = self.limits[name]
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                if limit is not None and state[name] + len(data) >= limit:
                    data = data[:limit - state[name]]
                    b.sendall(data)
                    break
                state[name] += len(data)
                self.seen[name] = max(self.seen[name], state[name])
                b.sendall(data)
        except OSError:
            pass
        # towards the client the line is dead at once; the server sees the end behind what was passed on
        for s in (conn, up):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.sock.close()


class Server:
    def __init__(self, folder, refuse=None, drop=None, cut_client=None, cut_server=None, port=0, size=120 << 20, utf8=False,
                 context=None, login=None):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.handler = Handler(folder, refuse, drop)
        if not port:
            s = socket.create_server(("127.0.0.1", 0))
            port = s.getsockname()[1]
            s.close()
        self.controller = Keeping(self.handler, hostname="127.0.0.1", port=port, ssl_context=context)
        self.controller.size, self.controller.utf8, self.controller.login = size, utf8, login
        self.controller.start()
        self.real_port = port
        self.cutter = Cutter(port, cut_client, cut_server) if cut_client is not None or cut_server is not None else None
        self.port = self.cutter.port if self.cutter else port

    def messages(self):
        """(envelope, bytes) of each message taken, in order."""
        out = []
        for n in sorted(x for x in os.listdir(self.folder) if x.endswith(".json")):
            with open(os.path.join(self.folder, n)) as f:
                envelope = json.load(f)
            with open(os.path.join(self.folder, n[:-5] + ".eml"), "rb") as f:
                out.append((envelope, f.read()))
        return out

    def stop(self):
        if self.cutter:
            self.cutter.stop()
        self.controller.stop()


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("dir")
    ap.add_argument("--port", type=int, default=0)
    ap.add_argument("--refuse", nargs=2, action="append", default=[], metavar=("PHASE", "ANSWER"))
    ap.add_argument("--drop")
    ap.add_argument("--cut-client", type=int)
    ap.add_argument("--cut-server", type=int)
    o = ap.parse_args()
    s = Server(o.dir, dict(o.refuse), o.drop, o.cut_client, o.cut_server, o.port)
    print("PORT", s.port, flush=True)
    try:
        while sys.stdin.read(1):
            pass
    except KeyboardInterrupt:
        pass
    s.stop()
