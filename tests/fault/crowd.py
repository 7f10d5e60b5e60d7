#!/usr/bin/env python3
"""crowd.py - two screens, an import and the command line on one store at the same time.

  crowd.py [SECONDS=10]         (make torture: 60)

Every change that a person made must be there at the end, nobody may see "database is locked", the store checks clean.
How long a person's write took, as a whole command, is printed as a figure and not asserted; beside it, as the noise of
the machine, a program that only writes 4 KB into a file of the same folder and syncs it, run in turn. Prints TAP.
"""
import json
import os
import pty
import select
import signal
import statistics
import subprocess
import sys
import threading
import time

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else float(os.environ.get("SECONDS", "10"))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import BUREAU, ENV, SRC, T, done, ok

HOME = f"{T}/office"
ENV.update(TERM="xterm-256color", BUREAU_DATA=f"{SRC}/data")


def cli(*args):
    return subprocess.run([BUREAU, "--home", HOME, *args], env=ENV, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def control():
    subprocess.run(["dd", "if=/dev/zero", f"of={HOME}/control", "bs=4096", "count=1", "conv=fsync"], stdin=subprocess.DEVNULL,
                   capture_output=True)


def figure(what, times):
    times = sorted(times)
    over = sum(t > 100 for t in times)
    print(f"# {what}: median {statistics.median(times):.0f} ms, 99th {times[len(times) * 99 // 100]:.0f} ms, worst {times[-1]:.0f} ms,"
          f" over 100 ms {over} of {len(times)}")


class Screen(threading.Thread):
    """A screen whose person moves and flags for as long as the test lasts."""

    def __init__(self, end):
        super().__init__()
        self.end, self.out = end, b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(BUREAU, [BUREAU, "--home", HOME], ENV)

    def run(self):
        keys = "jFjFkijF"
        i = 0
        while time.monotonic() < self.end:
            r, _, _ = select.select([self.fd], [], [], 0.1)
            try:
                if r:
                    self.out = (self.out + os.read(self.fd, 65536))[-200000:]
                os.write(self.fd, keys[i % len(keys)].encode())
            except OSError:
                break
            i += 1
        os.kill(self.pid, signal.SIGHUP)
        self.code = os.waitpid(self.pid, 0)[1]


def main():
    os.makedirs(HOME, mode=0o700)
    for name, first, count in (("base", 0, 300), ("more", 300, 3000)):
        subprocess.run([sys.executable, f"{SRC}/tests/bench/make_mail.py", f"{T}/{name}", str(count), "--first", str(first)], check=True)
    p = cli("import", f"{T}/base")
    ok(p.returncode == 0, "an office of 300 mails", p.stderr)
    end = time.monotonic() + SECONDS
    screens = [Screen(end), Screen(end)]
    for s in screens:
        s.start()
    importer = subprocess.Popen([BUREAU, "--home", HOME, "--quiet", "import", f"{T}/more"], env=ENV, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    times, begun, noise, wrong, n, took = [], [], [], [], 0, SECONDS
    zero = time.monotonic()
    while time.monotonic() < end:
        start = time.monotonic()
        begun.append(start - zero)
        if took == SECONDS and importer.poll() is not None:
            took = start - zero
        p = cli("label", "--add", f"crowd{n}", f"m{n % 200 + 1}")
        times.append((time.monotonic() - start) * 1e3)
        if p.returncode:
            wrong.append(p.stderr)
        n += 1
        start = time.monotonic()
        control()
        noise.append((time.monotonic() - start) * 1e3)
    out, err = importer.communicate(timeout=300)
    for s in screens:
        s.join()
    ok(importer.returncode == 0, "the import went through", err)
    ok(not wrong, f"{n} commands beside it all went through", "\n".join(wrong[:5]))
    missing = []
    for i in range(n):
        m = json.loads(cli("--json", "show", f"m{i % 200 + 1}").stdout.splitlines()[0]) if i < 200 else None
        if m and f"crowd{i}" not in m["labels"]:
            missing.append(i)
    ok(not missing, "no label was lost", missing)
    seen = b"".join(s.out for s in screens) + (err + "".join(wrong)).encode()
    ok(b"database is locked" not in seen, "nobody saw that the database is locked")
    ok(all(os.WIFEXITED(s.code) for s in screens), "both screens left by themselves", [s.code for s in screens])
    v = cli("verify")
    ok(v.returncode == 0, "verify finds nothing", v.stdout + v.stderr)
    count = cli("count", "*").stdout.strip()
    ok(count == "3300", "every mail is there once", count)
    worst = max(range(n), key=lambda i: times[i])
    print(f"# the slowest was number {worst} of {n}, {begun[worst]:.1f} s after the start; the import took {took:.1f} s")
    figure("a person's write as a whole command", times)
    figure("the control that only writes and syncs", noise)
    done()


main()
