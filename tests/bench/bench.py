#!/usr/bin/env python3
"""bench.py - bureau beside its peers and the floors, in turn (A B A B), medians; one row per goal.

  make bench [COUNT=10000] [RUNS=3] [ROWS="import search …"]
  bench.py --builddir DIR [--count N] [--runs N] [ROW…]

Rows: import added search start key open memory stream rate idle. Everything is written under a private temporary
directory ($BENCH_DIR keeps it and reuses the mail). A peer that is not installed is named and left out: notmuch,
maildir-utils (mu), neomutt. Prints one line a figure, ready for doc/figures.md.
"""
import argparse
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ap = argparse.ArgumentParser()
ap.add_argument("--builddir", default=".")
ap.add_argument("--count", type=int, default=int(os.environ.get("COUNT", "10000")))
ap.add_argument("--runs", type=int, default=int(os.environ.get("RUNS", "3")))
ap.add_argument("rows", nargs="*", default=os.environ.get("ROWS", "").split())
o = ap.parse_args()
BUILD = os.path.abspath(o.builddir)
KEEP = os.environ.get("BENCH_DIR")
W = KEEP or tempfile.mkdtemp(prefix="bureau-bench.")
os.makedirs(W, exist_ok=True)
ENV = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color", HOME=W, XDG_CONFIG_HOME=f"{W}/config",
           BUREAU_READER=f"{BUILD}/bureau-reader", NOTMUCH_CONFIG=f"{W}/notmuch.conf")
for name in list(ENV):
    if name.startswith("OPENAI_") or name == "BUREAU_HOME":
        del ENV[name]
BUREAU = f"{BUILD}/bureau"
TOOL = {n: f"{BUILD}/tests/bench/{n}" for n in
        "pty_time stream_server floor_list floor_stream floor_import search_time notmuch_time".split()}
HAVE = {n: shutil.which(n) for n in "notmuch mu neomutt".split()}
MAIL = f"{W}/mail{o.count}"
HOME = f"{W}/office{o.count}"


def say(row, who, text):
    print(f"{row:<10} {who:<22} {text}", flush=True)


def run(argv, env=None, **kw):
    return subprocess.run(argv, env=env or ENV, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)


def tree_pss(pid):
    """PSS in KiB of a process and all below it."""
    total, todo = 0, [pid]
    while todo:
        p = todo.pop()
        try:
            with open(f"/proc/{p}/smaps_rollup") as f:
                total += next((int(x.split()[1]) for x in f if x.startswith("Pss:")), 0)
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/children") as f:
                    todo += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return total


def timed(argv, env=ENV):
    """Wall seconds and peak PSS in MiB of a command and its children."""
    peak, start = 0, time.monotonic()
    p = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = []
    reader = threading.Thread(target=lambda: out.append(p.stdout.read()))
    reader.start()
    while p.poll() is None:
        peak = max(peak, tree_pss(p.pid))
        time.sleep(0.02)
    wall = time.monotonic() - start
    reader.join()
    if p.returncode:
        sys.exit(f"bench: {' '.join(argv)}: exit {p.returncode}: {out[0].decode('utf-8', 'replace')[-500:]}")
    return wall, peak / 1024


def size_mib(*patterns):
    return sum(os.path.getsize(f) for p in patterns for f in glob.glob(p, recursive=True) if os.path.isfile(f)) / 2**20


def mail():
    if not os.path.isdir(MAIL):
        subprocess.run([sys.executable, f"{HERE}/make_mail.py", f"{MAIL}/INBOX", str(o.count)], check=True)
    os.makedirs(f"{W}/config", exist_ok=True)
    with open(f"{W}/notmuch.conf", "w") as f:
        f.write(f"[database]\npath={W}/nm\nmail_root={MAIL}\n[user]\nname=R\nprimary_email=robin@example.com\n[new]\ntags=unread;inbox;\n")
    with open(f"{W}/muttrc", "w") as f:
        f.write(f"set mbox_type=Maildir\nset folder={MAIL}\nset mark_old=no\nset quit=yes\nset sort=reverse-date\n"
                f"set charset=utf-8\nset header_cache={W}/hc\n")
    os.makedirs(f"{W}/hc", exist_ok=True)


def new_home(home):
    """An empty office whose first questions are answered."""
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home, mode=0o700)
    with open(f"{home}/bureaurc", "w") as f:
        os.chmod(f"{home}/bureaurc", 0o600)
        f.write("set me robin@example.com\n")


def office():
    """An imported office to look at."""
    mail()
    if not os.path.isfile(f"{HOME}/bureau.db"):
        new_home(HOME)
        timed([BUREAU, "--home", HOME, "--quiet", "import", f"{MAIL}/INBOX"])


def nm_first():
    shutil.rmtree(f"{W}/nm", ignore_errors=True)
    os.makedirs(f"{W}/nm")
    return timed(["notmuch", "new", "--quiet"])


def mu_first():
    shutil.rmtree(f"{W}/mu", ignore_errors=True)
    timed(["mu", "init", "--quiet", f"--muhome={W}/mu", f"--maildir={MAIL}", "--my-address=robin@example.com"])
    return timed(["mu", "index", "--quiet", f"--muhome={W}/mu"])


def bureau_first():
    new_home(HOME)
    return timed([BUREAU, "--home", HOME, "--quiet", "import", f"{MAIL}/INBOX"])


def row_import():
    mail()
    who = {"bureau": bureau_first, "floor_import": lambda: timed([TOOL["floor_import"], f"{MAIL}/INBOX", f"{W}/floor.db"])}
    if HAVE["notmuch"]:
        who["notmuch"] = nm_first
    if HAVE["mu"]:
        who["mu"] = mu_first
    got = {n: [] for n in who}
    for _ in range(o.runs):
        for n, f in who.items():
            got[n].append(f())
    base = statistics.median(w for w, _ in got["bureau"])
    for n, v in got.items():
        wall = statistics.median(w for w, _ in v)
        say("import", n, f"{o.count} messages {wall:.2f} s, peak {max(p for _, p in v):.0f} MiB, bureau is {base / wall:.3f} of it")
    say("size", "mail", f"{size_mib(MAIL + '/**'):.0f} MiB")
    say("size", "bureau", f"{size_mib(HOME + '/bureau.db*'):.0f} MiB with every raw byte")
    if HAVE["notmuch"]:
        say("size", "notmuch", f"{size_mib(W + '/nm/**'):.0f} MiB")
    if HAVE["mu"]:
        say("size", "mu", f"{size_mib(W + '/mu/**'):.0f} MiB")


def row_added():
    office()
    got = {}
    for i in range(o.runs):
        extra = f"{W}/extra{i}"
        shutil.rmtree(extra, ignore_errors=True)
        subprocess.run([sys.executable, f"{HERE}/make_mail.py", extra, "100", "--first", str(10**7 + 100 * i)], check=True)
        got.setdefault("bureau", []).append(timed([BUREAU, "--home", HOME, "--quiet", "import", extra])[0])
        if HAVE["notmuch"] and os.path.isdir(f"{W}/nm") or HAVE["mu"] and os.path.isdir(f"{W}/mu"):
            for f in glob.glob(f"{extra}/*/*"):
                shutil.copy(f, f"{MAIL}/INBOX/new/")
        if HAVE["notmuch"] and os.path.isdir(f"{W}/nm"):
            got.setdefault("notmuch", []).append(timed(["notmuch", "new", "--quiet"])[0])
        if HAVE["mu"] and os.path.isdir(f"{W}/mu"):
            got.setdefault("mu", []).append(timed(["mu", "index", "--quiet", f"--muhome={W}/mu"])[0])
    base = statistics.median(got["bureau"])
    for n, v in got.items():
        say("added", n, f"100 new messages {statistics.median(v):.3f} s, bureau is {base / statistics.median(v):.3f} of it")


QUERIES = ["budget", "invoice", "meeting", "contract renewal", '"travel expense"', "subject:project", "from:anna",
           "from:bank.example", "from:clara contract", "date:2026-03-01..2026-03-31",
           "date:2026-09-01..2026-09-30 audit", "合同", "发票", "预算 审批", "会议"]


def row_search():
    office()
    with open(f"{W}/queries", "w") as f:
        f.write("\n".join(QUERIES) + "\n")
    for _ in range(o.runs):
        r = json.loads(run([TOOL["search_time"], f"{HOME}/bureau.db", f"{W}/queries", "11"]).stdout)
        say("search", "bureau, in process", f"median {r['median_us'] / 1e3:.3f} ms, worst {r['worst_us'] / 1e3:.3f} ms")
        if HAVE["notmuch"] and os.path.isdir(f"{W}/nm"):
            r = json.loads(run([TOOL["notmuch_time"], f"{W}/nm", f"{W}/queries", "11"]).stdout)
            say("search", "libnotmuch", f"median {r['median_us'] / 1e3:.3f} ms, worst {r['worst_us'] / 1e3:.3f} ms")
        if HAVE["mu"] and os.path.isdir(f"{W}/mu"):
            t = []
            for q in QUERIES:
                start = time.monotonic()
                run(["mu", "find", f"--muhome={W}/mu", "--maxnum=50", "--sortfield=date", "--reverse", "--fields=f s", q.replace(" ", " and ") if '"' not in q else q])
                t.append((time.monotonic() - start) * 1e3)
            say("search", "mu find, process", f"median {statistics.median(t):.2f} ms, worst {max(t):.2f} ms")
    for q in ("budget", "合同"):
        r = pty(["-p", "/ /", "-k", " ".join(q) + r" \r", "-n", "1"], [BUREAU, "--home", HOME])
        say("search", "bureau, on the screen", f"{q}: worst key to paint {r['key_ms']['max']:.2f} ms")


def pty(args, argv, env=None):
    p = run([TOOL["pty_time"], *args, "--", *argv], env)
    if p.returncode or not p.stdout:
        sys.exit(f"bench: {argv}: {p.stderr}")
    return json.loads(p.stdout)


def screens():
    """(name, ready text, argv) of the full-screen programs."""
    office()
    empty = f"{W}/office0"
    new_home(empty)
    run([BUREAU, "--home", empty, "status"])
    yield "floor_list", "READY", [TOOL["floor_list"]]
    yield "bureau", "more", [BUREAU, "--home", HOME]
    yield "bureau, empty", "more", [BUREAU, "--home", empty]
    if HAVE["neomutt"]:
        yield "neomutt", "Msgs:", ["neomutt", "-n", "-F", f"{W}/muttrc", "-f", f"{MAIL}/INBOX"]


def med(list_of, *path):
    vals = []
    for r in list_of:
        for p in path:
            r = r.get(p, {}) if isinstance(r, dict) else {}
        if isinstance(r, (int, float)):
            vals.append(r)
    return statistics.median(vals) if vals else float("nan")


def rounds(args, only=None):
    got = {}
    for _ in range(o.runs):
        for name, ready, argv in screens():
            if not only or name in only:
                got.setdefault(name, []).append(pty(["-R", ready, *args], argv))
    return got


def row_start():
    for name, v in rounds([]).items():
        say("start", name, f"{med(v, 'start_ms'):.1f} ms to a usable screen, {med(v, 'start_cpu_ms'):.1f} ms CPU, {med(v, 'start_bytes'):.0f} bytes")


def row_key():
    for name, v in rounds(["-k", "j", "-n", "200"], ("floor_list", "bureau", "neomutt")).items():
        say("key", name, f"j: median {med(v, 'key_ms', 'median'):.2f} ms, p99 {med(v, 'key_ms', 'p99'):.2f} ms (first bytes {med(v, 'key_first_ms', 'median'):.2f} / "
            f"{med(v, 'key_first_ms', 'p99'):.2f}), CPU {med(v, 'key_cpu_ms'):.3f} ms, {med(v, 'key_bytes', 'median'):.0f} bytes")


def row_open():
    for name, v in rounds(["-k", r"\r", "-n", "1"], ("bureau", "neomutt")).items():
        say("open", name, f"a message {med(v, 'key_first_ms', 'median'):.2f} ms, {med(v, 'key_bytes', 'median'):.0f} bytes")


def row_memory():
    for name, v in rounds(["-p", r"j j \r"], ("bureau", "neomutt")).items():
        say("memory", name, f"PSS {med(v, 'pss_end_kib') / 1024:.1f} MiB, {med(v, 'processes'):.0f} processes")


class Stream:
    """The stream server for the time of a with."""

    def __init__(self, tokens, rate):
        self.args = [TOOL["stream_server"], str(tokens), str(rate)]

    def __enter__(self):
        self.p = subprocess.Popen(self.args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return f"http://127.0.0.1:{self.p.stdout.readline().strip()}/v1"

    def __exit__(self, *a):
        self.p.stdin.close()
        self.p.wait()


def with_model(url):
    return dict(ENV, OPENAI_BASE_URL=url, OPENAI_MODEL="bench", OPENAI_API_KEY="x")


def ask_on_screen(url):
    home = f"{W}/chat"
    new_home(home)
    run([BUREAU, "--home", home, "status"])
    return pty(["-R", "more", "-p", r"3 c hello", "-k", r"\r", "-t", "§§§§§§"], [BUREAU, "--home", home], with_model(url))


def row_stream():
    office()
    for _ in range(o.runs):
        with Stream(20000, 0) as url:
            floor = json.loads(run([TOOL["floor_stream"], f"{url}/chat/completions"]).stdout)
            say("stream", "floor_stream", f"20,000 tokens {floor['wall_s']:.3f} s, {floor['cpu_s'] / 20000 * 1e6:.2f} us CPU a token")
            home = f"{W}/chat"
            new_home(home)
            wall, peak = timed([BUREAU, "--home", home, "ask", "--no-office", "hello"], env=with_model(url))
            say("stream", "bureau ask", f"20,000 tokens {wall:.3f} s as a process, peak {peak:.1f} MiB, {wall / floor['wall_s']:.1f} x floor")
            r = ask_on_screen(url)
            say("stream", "bureau, on the screen", f"20,000 tokens {r['key_ms']['max'] / 1e3:.3f} s, {r['key_cpu_ms'] * 1e3 / 20000:.2f} us CPU a token, "
                f"{r['key_bytes']['max'] / 1e3:.0f} KB written, PSS {r['pss_end_kib'] / 1024:.1f} MiB")
    with Stream(1000, 0) as url:
        r = ask_on_screen(url)
        say("stream", "bureau, on the screen", f"1,000 tokens (5.1 KB): {r['key_bytes']['max'] / 1e3:.1f} KB written")


def row_rate():
    office()
    with Stream(1000, 100) as url:
        r = ask_on_screen(url)
        say("rate", "bureau, on the screen", f"100 tokens/s: {r['key_cpu_ms'] / r['key_ms']['max'] * 100:.2f} % of a core, {r['key_bytes']['max'] / 1e3:.1f} KB for 1,000 tokens")


def row_idle():
    for name, v in rounds(["-i", "10"], ("bureau", "neomutt")).items():
        say("idle", name, f"10 s: {med(v, 'idle_cpu_ms'):.2f} ms CPU, {med(v, 'idle_wakeups') / 10:.1f} wake-ups a second")


ROWS = {n[4:]: f for n, f in list(globals().items()) if n.startswith("row_")}
for n, p in HAVE.items():
    if not p:
        print(f"# {n} is not installed: its rows are left out")
print(f"# {o.count} messages, {o.runs} runs in turn, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}")
try:
    for name in o.rows or ROWS:
        ROWS[name]()
finally:
    if not KEEP:
        shutil.rmtree(W, ignore_errors=True)
