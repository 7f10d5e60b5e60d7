#!/usr/bin/env python3
"""kill_typing.py - kill -9 while a person types and a model streams; what is a second old must be there.

  kill_typing.py [ROUNDS=9]         (make torture runs 50)    KIND=chat: only rounds of this kind

Each round: the screen program in a pseudo-terminal on a copy of one small office; at a random moment it gets SIGKILL.
 - `w` opens a reply by hand; keys go in one by one, the time of each is noted;
 - `r` lets a slow model draft: words come in, the moment each was seen on the screen is noted;
 - in Chat a slow model answers while the person types the next question: both are noted.
Then, with the same store: `draft show` (`chat show`) holds every key and every word that was older than a second when the
process died, in order; `verify` finds nothing; the next start shows what was typed, the cursor behind it, and takes the
next key there. Prints TAP.
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
import urllib.request

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else int(os.environ.get("ROUNDS", "9"))
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


double = subprocess.Popen(["/usr/bin/python3", f"{SRC}/tests/model/double.py", "--stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
port = int(re.search(rb"\d+", double.stdout.readline()).group())
WORDS = [f"w{n:03}" for n in range(400)]
urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/_say", json.dumps({"model": "slow-30", "text": " ".join(WORDS)}).encode()))

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
        f.write('set me anna@example.com\naccount work from "Anna <anna@example.com>"\n'
                f"model slow url http://127.0.0.1:{port}/v1 name slow-30\n")
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


def words_seen(screen):
    plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]", b"", screen.out)
    return max((int(n) for n in re.findall(rb"w(\d{3})", plain)), default=-1)


def streamed(i, text, seen, died):
    """All words that stood on the screen a second before the end are stored, in order."""
    owed = max((n for at, n in seen if at < died - 1.0), default=-1)
    ok(" ".join(WORDS[:owed + 1]) in re.sub(r"\s+", " ", text), f"round {i}: all {owed + 1} words older than a second are kept", text[-300:])


def drafting_round(i, rng):
    home = fresh(f"draft{i}")
    s = Screen(home)
    ok(s.wait("Price of the second"), f"round {i}: the list is there", s.out[-500:])
    s.key("r")
    s.wait("what shall it say")
    s.key("yes\r")
    seen = []
    deadline = time.monotonic() + rng.uniform(1.5, 5)
    while time.monotonic() < deadline:
        s.pump(0.03)
        seen.append((time.monotonic(), words_seen(s)))
    ok(seen[-1][1] > 0, f"round {i}: a draft streams in", s.out[-500:])
    died = s.kill()
    streamed(i, draft_text(home), seen, died)
    v = cli(home, "verify")
    ok(v.returncode == 0, f"round {i}: verify finds nothing", v.stdout + v.stderr)
    s = Screen(home)
    ok(s.wait("w00"), f"round {i}: the next start shows the draft", s.out[-800:])
    s.key("Z")
    s.pump(1.2)
    s.leave()
    text = draft_text(home)
    ok("Z" in text, f"round {i}: and takes the next key", repr(text[-80:]))


def chat_round(i, rng):
    home = fresh(f"chat{i}")
    s = Screen(home)
    ok(s.wait("Price of the second"), f"round {i}: the list is there", s.out[-500:])
    s.key("3")
    s.pump(0.5)
    s.key("c")
    s.pump(0.5)
    s.key("what now?\r")
    s.wait("w000", 5)
    sent, text, seen = [], "", []
    deadline = time.monotonic() + rng.uniform(1.5, 5)
    while time.monotonic() < deadline:
        c = rng.choice("abcdefghij klmno会议确认价格")
        s.key(c)
        sent.append((time.monotonic(), c))
        text += c
        s.pump(rng.uniform(0.02, 0.08))
        seen.append((time.monotonic(), words_seen(s)))
    ok(seen[-1][1] > 0, f"round {i}: an answer streams in", s.out[-500:])
    died = s.kill()
    chats = [json.loads(x) for x in cli(home, "--json", "chat", "list").stdout.splitlines()]
    streamed(i, cli(home, "chat", "show", chats[0]["id"]).stdout if chats else "", seen, died)
    v = cli(home, "verify")
    ok(v.returncode == 0, f"round {i}: verify finds nothing", v.stdout + v.stderr)
    owed = "".join(c for at, c in sent if at < died - 1.0)
    s = Screen(home)
    s.wait("w000", 5)
    shown = s.out[-1500:]
    s.key("Z\r")  # sent with what was typed: the second question
    s.pump(2.5)
    s.leave()
    rows = [json.loads(x) for x in cli(home, "--json", "chat", "show", chats[0]["id"]).stdout.splitlines()] if chats else []
    asked = next((r["text"] for r in reversed(rows) if r.get("role") == "user" or r.get("who") == "me"), "")
    ok(asked.startswith(owed) and asked.endswith("Z"),
       f"round {i}: the box holds all {len(owed)} keys older than a second, the next goes behind them", f"owed {owed!r}\ngot  {asked!r}", shown, s.out[-1500:])
    print(f"# round {i}: {len(sent)} keys, {seen[-1][1] + 1} words")


def main():
    seed = int(os.environ.get("SEED", str(random.SystemRandom().randrange(10**6))))
    print(f"# SEED={seed}")
    rng = random.Random(seed)
    for i in range(ROUNDS):
        rounds = [r for r in (typing_round, drafting_round, chat_round) if os.environ.get('KIND', '') in r.__name__]
        rounds[i % len(rounds)](i, rng)
    double.stdin.close()
    done()


main()
