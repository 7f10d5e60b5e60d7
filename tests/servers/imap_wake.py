#!/usr/bin/python3
"""imap_wake.py - a line that goes silent, a machine that slept, a server that is away for a while: found out, said in a line, and made
good without a key of the person waiting (TAP). What takes time goes on side by side."""
import fcntl, os, pty, select, signal, struct, sys, termios, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import Office, T, dovecot, mail
from imap_proxy import Proxy
from tap import BUILD, BUREAU, ENV, done, ok, skip

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
ASLEEP = os.path.join(BUILD, "tests/servers/asleep.so")


def until(what, most=10):
    end = time.monotonic() + most
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return what()


class Screen:
    """A screen of a home, and what it wrote."""

    def __init__(self, home, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(BUREAU, [BUREAU, "--home", home], dict(ENV, TERM="xterm-256color", BUREAU_NOW="2026-09-20T12:00:00Z", **env))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.all = b""

    def read(self, timeout):
        try:
            data = os.read(self.fd, 65536) if select.select([self.fd], [], [], timeout)[0] else b""
        except OSError:  # it has ended
            data = b""
        self.all += data
        return data

    def key(self, k):
        """Milliseconds until the screen says something, and all of what it says."""
        while self.read(0):
            pass
        start = time.monotonic()
        os.write(self.fd, k)
        data = self.read(5)
        took = (time.monotonic() - start) * 1000
        while more := self.read(0.02):
            data += more
        return took, data

    def shows(self, words):
        """Drawn anew, does it hold them?"""
        return words.encode() in self.key(b"\x0c")[1]

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0 and time.monotonic() < end:
            self.read(0.05)


class Line:
    """An account of its own behind a line of its own, with three mails."""

    def __init__(self, name):
        self.name, self.proxy = name, Proxy(server.port)
        for i in (1, 2, 4):
            server.deliver(name, mail(i))
        self.office = Office(server.account(name, port=self.proxy.port, plain=True) + "set mail.check-every 1h\nset triage.auto off\n", name)
        self.office.run("--offline", "status")  # the store is made

    def idles(self):
        return until(lambda: self.proxy.last.endswith(b" IDLE\r\n"))

    def count(self):
        return self.office.db().execute("SELECT count(*) FROM mail_message").fetchone()[0]

    def lock(self):
        return next(os.path.join(d, f) for d, _, files in os.walk(self.office.home) for f in files if f == f"imap-{self.name}.lock")

    def end(self, process):
        process.terminate()
        process.communicate()


def silent():
    """No byte passes any more and nobody says so: found out when the person does something."""
    line, took, said = Line("silent"), [], False
    screen = Screen(line.office.home, LANGUAGE="zh_CN", BUREAU_LOCALEDIR=os.path.join(BUILD, "po/locale"))
    line.idles()
    until(lambda: screen.shows("mail 2"))
    line.proxy.hush()
    server.deliver("silent", mail(6))
    screen.key(b"F")
    start = time.monotonic()
    while not said and time.monotonic() < start + 20:
        took += [screen.key(k)[0] for k in (b"k", b"j")]
        said = screen.shows("silent: 无法连接")
    took.sort()
    yield said, "a silent line is given up, and the screen says so in Chinese"
    yield took[len(took) // 2] < 50, "no key waited for it", took[-10:]
    with open(line.lock()) as lock:  # as if another program looked at the account: this one is connected and waits
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield until(lambda: not screen.shows("无法连接"), 8) and line.count() == 3, "the status row is clear once it is connected", line.count()
    yield until(lambda: screen.shows("mail 6"), 8), "what came meanwhile is here by itself"
    c = server.client("silent")
    c.select("INBOX", readonly=True)
    yield until(lambda: b"Flagged" in c.fetch("1:3", "(FLAGS)")[1].__repr__().encode()), "what the person did is done there"
    yield b"127.0.0.1" not in screen.all, "nothing else was said of it"
    screen.end()


def asleep():
    """The machine sleeps; meanwhile the line goes."""
    line, file = Line("asleep"), os.path.join(T, "hours")
    work = line.office.start("work", LD_PRELOAD=ASLEEP, ASLEEP=file)
    line.idles()
    line.proxy.hush()
    server.deliver("asleep", mail(6))
    time.sleep(1)
    yield line.count() == 3, "a line that is silent brings nothing", line.count()
    start = time.monotonic()
    with open(file, "w") as f:
        f.write("z")
    yield until(lambda: line.count() == 4, 8), "after a sleep the line is made anew, and what came is here", f"{time.monotonic() - start:.1f} s"
    line.idles()
    line.proxy.away, n = True, len(line.proxy.came)
    line.proxy.drop()
    until(lambda: len(line.proxy.came) >= n + 2)
    line.proxy.away = False
    time.sleep(0.1)
    start = time.monotonic()
    with open(file, "a") as f:
        f.write("z")
    yield until(lambda: len(line.proxy.came) >= n + 3, 3.5), "after a sleep no pause is waited for", line.proxy.came[n:], start
    line.end(work)


def stopped():
    """The program stands still; meanwhile the line is cut."""
    line = Line("stopped")
    work = line.office.start("work")
    line.idles()
    work.send_signal(signal.SIGSTOP)
    server.deliver("stopped", mail(6))
    line.proxy.drop()
    time.sleep(1)
    work.send_signal(signal.SIGCONT)
    yield until(lambda: line.count() == 4, 8), "a program that stood still while the line was cut goes on"
    line.end(work)


def away():
    """The server is away for a while, for two offices."""
    one, two = Line("one"), Line("two")
    screen, work = Screen(one.office.home), two.office.start("work")
    one.idles()
    two.idles()
    n, m = len(one.proxy.came), len(two.proxy.came)
    one.proxy.away = two.proxy.away = True
    down = time.monotonic()
    one.proxy.drop()
    two.proxy.drop()
    yield until(lambda: screen.shows("one: not reachable"), 8), "a server that is away is said in the status row"
    server.deliver("one", mail(6))
    server.deliver("two", mail(6))
    until(lambda: len(one.proxy.came) >= n + 2)
    until(lambda: len(two.proxy.came) >= m + 2)
    tries = [[x - down for x in p.came[k:k + 2]] for p, k in ((one.proxy, n), (two.proxy, m))]
    one.proxy.away = two.proxy.away = False
    asked = time.monotonic()
    screen.key(b"$")
    yield until(lambda: len(one.proxy.came) > n + 3, 3.5), "who asks waits for no pause, nor does the watch", one.proxy.came[n:], asked
    yield until(lambda: one.count() == 4, 8), "and has what came"
    yield until(lambda: not screen.shows("not reachable"), 8), "and the status row is clear again"
    yield until(lambda: two.count() == 4, 15), "nobody asks: it is here after a pause"
    tries[1].append(two.proxy.came[m + 2] - down)
    for t in tries:
        gaps = [b - a for a, b in zip([0] + t, t)]
        yield all(0.9 * 2 ** i < gap < 2 * 2 ** i + 3 for i, gap in enumerate(gaps)), "tries are few, after pauses that grow", gaps
    yield any(abs(a - b) > 0.02 for a, b in zip(*tries)), "two offices do not come in step", tries
    screen.end()
    two.end(work)


def play(story, results):
    try:
        results.extend(story())
    except Exception as e:  # says where
        results.append((False, story.__name__, repr(e)))


with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
    stories = [(s, []) for s in (silent, asleep, stopped, away)]
    threads = [threading.Thread(target=play, args=s) for s in stories]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
for story, results in stories:
    for good, name, *notes in results:
        ok(good, f"{story.__name__}: {name}", *notes)
done()
