#!/usr/bin/env python3
"""smtp_sink.py - an SMTP server on a free loopback port: prints the port, keeps each message in DIR/1, DIR/2 …
with its envelope in DIR/1.env; a recipient refused@… gets 550. Ends when its stdin closes."""
import os, socketserver, sys, threading

DIR, LOCK = sys.argv[1], threading.Lock()


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        envelope = []
        self.say("220 sink ESMTP")
        for line in self.rfile:
            word = line.split(b" ")[0].strip().upper()
            if word in (b"EHLO", b"HELO"):
                self.wfile.write(b"250-sink\r\n250 8BITMIME\r\n")
            elif word == b"RCPT" and b"<refused@" in line:
                self.say("550 5.1.1 no such person")
            elif word in (b"MAIL", b"RCPT"):
                envelope.append(line.decode().strip())
                self.say("250 ok")
            elif word == b"DATA":
                self.say("354 go on")
                body = b""
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                    body += part[1:] if part.startswith(b".") else part
                with LOCK:
                    n = len([f for f in os.listdir(DIR) if f.endswith(".env")]) + 1
                    with open(os.path.join(DIR, f"{n}.env"), "w") as f:
                        f.write("\n".join(envelope) + "\n")
                with open(os.path.join(DIR, f"{n}.part"), "wb") as f:
                    f.write(body)
                os.rename(os.path.join(DIR, f"{n}.part"), os.path.join(DIR, str(n)))
                envelope = []
                self.say("250 kept")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


server = Server(("127.0.0.1", 0), Session)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
