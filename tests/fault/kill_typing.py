#!/usr/bin/env python3
"""kill_typing.py - kill -9 while a person types into a draft; what they typed a second ago must be there.

  kill_typing.py [ROUNDS=3]         (make torture runs 50)

Each round: the screen program in a pseudo-terminal on a copy of one small office; `w` opens a reply by hand; keys go in
one by one with the time of each noted; at a random moment the process gets SIGKILL. Then, with the same store:
 - `draft show` holds every key that was older than a second when the process died, in order;
 - `verify` finds nothing;
 - the next start shows the draft again, the cursor behind the typed text, and takes the next key there.
Prints TAP.
"""
import fcntl
import json
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else int(os.environ.get("ROUNDS", "3"))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, SRC, T, done, ok

ENV.update(TERM="xterm-256color", BUREAU_DATA=f"{SRC}/data")


def cli(home, *args):
    p = subprocess.run([BUREAU, "--home", home, *args], env=ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return p


class Screen:
    """The program in a pseudo-terminal; everything it wrote is kept."""

    def __init__(self, home, env=ENV):
        self.out = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(BUREAU, [BUREAU, "--home", home], env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def pump(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            r, _, _ = select.select([self.fd], [], [], left)
            if r:
                try:
                    self.out += os.read(self.fd, 65536)
                except OSError:
                    return

    def wait(self, text, seconds=10):
        """True once the text was written (colours and moves taken out)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]", b"", self.out)
            if text.encode() in plain:
                return True
            self.pump(0.05)
        return False

    def key(self, keys):
        os.write(self.fd, keys.encode())

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        at = time.monotonic()
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return at

    def leave(self):
        os.kill(self.pid, signal.SIGHUP)
        self.pump(1.0)
        for _ in range(50):
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
            self.pump(0.1)
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


MAIL = """From: Li Na <li.na@haitian.example>
To: Anna <anna@example.com>
Subject: Price of the second batch
Date: {date}
Message-ID: <kill-1@haitian.example>

Dear Anna, can you confirm the price of 48,200 by Friday?

Li Na
"""


def fresh(name):
    home = f"{T}/{name}"
    with open(f"{T}/mail.eml", "w") as f:
        f.write(MAIL.format(date=time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(time.time() - 3600))))
    os.makedirs(home, mode=0o700)
    with open(f"{home}/bureaurc", "w") as f:
        os.chmod(f"{home}/bureaurc", 0o600)
        f.write('set me anna@example.com\naccount work from "Anna <anna@example.com>"\n')
    p = cli(home, "import", f"{T}/mail.eml")
    assert p.returncode == 0, p.stderr
    return home


def draft_text(home):
    rows = [json.loads(x) for x in cli(home, "--json", "draft", "list").stdout.splitlines()]
    if not rows:
        return ""
    shown = cli(home, "--json", "draft", "show", rows[0]["id"])
    return json.loads(shown.stdout.splitlines()[0])["text"]


def typing_round(i, rng):
    home = fresh(f"type{i}")
    s = Screen(home)
    ok(s.wait("Price of the second"), f"round {i}: the list is there", s.out[-500:])
    s.key("w")
    s.pump(0.8)
    sent, text = [], ""
    deadline = time.monotonic() + rng.uniform(1.2, 4.5)
    while time.monotonic() < deadline:
        c = rng.choice("abcdefghij klmno会议确认价格")
        s.key(c)
        sent.append((time.monotonic(), c))
        text += c
        s.pump(rng.uniform(0.005, 0.06))
    died = s.kill()
    owed = "".join(c for at, c in sent if at < died - 1.0)
    got = draft_text(home)
    ok(owed in got, f"round {i}: all {len(owed)} keys older than a second are in the draft", f"owed {owed!r}\ngot  {got!r}")
    typed = next((text[:n] for n in range(len(text), -1, -1) if text[:n] in got), "")
    v = cli(home, "verify")
    ok(v.returncode == 0, f"round {i}: verify finds nothing", v.stdout + v.stderr)
    s = Screen(home)
    start = time.monotonic()
    ends = [typed[i:i + 3] for i in range(max(0, len(typed) - 9), len(typed) - 2)]  # a row may end inside
    back = any(s.wait(x, 5 if i == 0 else 0.2) for i, x in enumerate(ends or ["Price"]))
    ok(back, f"round {i}: the next start shows the draft", s.out[-800:])
    s.key("Z")
    s.pump(1.2)
    s.leave()
    ok(typed + "Z" in draft_text(home), f"round {i}: the next key goes where the cursor was", repr(draft_text(home)))
    print(f"# round {i}: {len(sent)} keys, back after {time.monotonic() - start:.2f} s")


def main():
    seed = int(os.environ.get("SEED", str(random.SystemRandom().randrange(10**6))))
    print(f"# SEED={seed}")
    rng = random.Random(seed)
    for i in range(ROUNDS):
        typing_round(i, rng)
    done()


main()
