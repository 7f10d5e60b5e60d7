#!/usr/bin/env python3
"""bench.py - bureau beside its peers and the floors, in turn (A B A B), medians; one row per goal.

  make bench [COUNT=10000] [RUNS=3] [ROWS="import search …"]
  bench.py --builddir DIR [--count N] [--runs N] [ROW…]

Rows: import list added search start key open memory busy sync stream rate idle. Each prints its figures, then its goals
and whether they are reached. Everything is written under a private temporary directory; $BENCH_DIR keeps it and reuses
the mail. A peer that is not installed is named and left out: notmuch, maildir-utils (mu), neomutt, dovecot-imapd and
isync (mbsync). What a peer needs more than 15 seconds for (a first import, a pull) it does once; PEERS=kept takes what an earlier run in
BENCH_DIR measured and made. Above 200,000 messages only bureau and the floors run, its own growth, unless PEERS=all: that takes
an hour, eight gigabytes of memory and forty of disk.
"""
import argparse
import contextlib
import glob
import json
import os
import shutil
import sqlite3
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
HAVE = {n: shutil.which(n, path=os.environ["PATH"] + ":/usr/sbin") for n in "notmuch mu neomutt mbsync dovecot".split()}
GROWTH = o.count > 200000 and os.environ.get("PEERS") not in ("all", "kept")  # the peers are left out
MAIL = f"{W}/mail{o.count}"
HOME = f"{W}/office{o.count}"
NM, MU, KEPT = f"{W}/nm{o.count}", f"{W}/mu{o.count}", f"{W}/peers{o.count}.json"
LIMIT_S = 3000  # a peer that takes longer is given up
SLOW_S = 15  # what a peer does once, when it takes longer: the whole bench is to be over in eight minutes
goals = [0, 0]


def say(row, who, text):
    print(f"{row:<10} {who:<22} {text}", flush=True)


def goal(row, what, value, most, unit=""):
    """Prints a goal; NaN (a peer is missing) is not judged."""
    if value != value:
        return
    good = 0 <= value <= most
    goals[not good] += 1
    say(row, "goal", f"{'reached' if good else 'NOT REACHED':<11} {what}: {value:.3g}{unit}, at most {most:g}{unit}")


def run(argv, env=None, **kw):
    return subprocess.run(argv, env=env or ENV, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)


def tree_pss(pid):
    """PSS in KiB of a process and all below it; a child that is still a picture of its parent is not counted."""
    total, todo = 0, [(pid, "")]
    while todo:
        p, above = todo.pop()
        try:
            exe = os.readlink(f"/proc/{p}/exe")
            if exe == above:
                continue
            with open(f"/proc/{p}/smaps_rollup") as f:
                total += next((int(x.split()[1]) for x in f if x.startswith("Pss:")), 0)
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/children") as f:
                    todo += [(int(c), exe) for c in f.read().split()]
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
        began = time.monotonic()
        peak = max(peak, tree_pss(p.pid))
        time.sleep(max(0.02, 20 * (time.monotonic() - began)))  # looking at gigabytes takes a core
        if time.monotonic() - start > LIMIT_S:
            p.terminate()
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
        f.write(f"[database]\npath={NM}\nmail_root={MAIL}\n[user]\nname=R\nprimary_email=robin@example.com\n[new]\ntags=unread;inbox;\n")
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
    """An imported and sorted office to look at."""
    mail()
    if not os.path.isfile(f"{HOME}/bureau.db"):
        new_home(HOME)
        timed([BUREAU, "--home", HOME, "--quiet", "import", f"{MAIL}/INBOX"])
    # what an import leaves unsorted would be sorted while keys are measured, and counted to them
    timed([BUREAU, "--home", HOME, "--quiet", "triage", "--offline"])


def inbox_first(home=None):
    """The next screen starts in the inbox, not where the last one was left."""
    with contextlib.closing(sqlite3.connect(f"{home or HOME}/bureau.db")) as db, db:
        db.execute("DELETE FROM setting WHERE name='screen.place'")


def nm_first():
    shutil.rmtree(NM, ignore_errors=True)
    os.makedirs(NM)
    return timed(["notmuch", "new", "--quiet"])


def mu_first():
    shutil.rmtree(MU, ignore_errors=True)
    timed(["mu", "init", "--quiet", f"--muhome={MU}", f"--maildir={MAIL}", "--my-address=robin@example.com"])
    return timed(["mu", "index", "--quiet", f"--muhome={MU}"])


def bureau_first():
    new_home(HOME)
    return timed([BUREAU, "--home", HOME, "--quiet", "import", f"{MAIL}/INBOX"])


def peers():
    """name: its first import, for those that are here."""
    mail()
    return {} if GROWTH else {n: f for n, f in (("notmuch", nm_first), ("mu", mu_first)) if HAVE[n]}


def kept():
    """What earlier runs measured: name: [wall seconds, peak MiB, day]."""
    try:
        with open(KEPT) as f:
            return {n: v for n, v in json.load(f).items() if os.path.isdir(NM if n == "notmuch" else MU)}
    except (OSError, ValueError):
        return {}


def measure_peer(name, first):
    got = kept()
    got[name] = [*first(), time.strftime("%Y-%m-%d")]
    with open(KEPT, "w") as f:
        json.dump(got, f)
    return got[name][:2]


def have_peers():
    """Databases of the peers, made when there are none yet."""
    for n, first in peers().items():
        if n not in kept():
            measure_peer(n, first)
    return kept() if not GROWTH else {}


def read_once():
    """Who comes first is not to wait for the disk on behalf of the others."""
    for folder, _, files in os.walk(MAIL):
        for name in files:
            with open(f"{folder}/{name}", "rb") as f:
                f.read()


def row_import():
    mail()
    read_once()
    who = {"bureau": bureau_first, "floor_import": lambda: timed([TOOL["floor_import"], f"{MAIL}/INBOX", f"{W}/floor.db"])}
    got = {n: [] for n in who}
    old = kept() if os.environ.get("PEERS") == "kept" else {}
    for n in peers():
        got[n] = [old[n][:2]] if n in old else []
        if n in old:
            say("import", n, f"as measured on {old[n][2]}")
    for i in range(o.runs):
        for n, f in who.items():
            got[n].append(f())
        for n, f in peers().items():
            if n not in old and (i == 0 or got[n][0][0] < SLOW_S):
                got[n].append(measure_peer(n, f))
    again = [timed([BUREAU, "--home", HOME, "--quiet", "import", f"{MAIL}/INBOX"])[0] for _ in range(o.runs)]
    wall = {n: statistics.median(w for w, _ in v) for n, v in got.items()}
    peak = {n: max(p for _, p in v) for n, v in got.items()}
    for n in got:
        say("import", n, f"{o.count} messages {wall[n]:.2f} s, peak {peak[n]:.0f} MiB, bureau is {wall['bureau'] / wall[n]:.3f} of it")
    nan = float("nan")
    goal("import", "x notmuch", wall["bureau"] / wall.get("notmuch", nan), 0.08)
    goal("import", "x mu", wall["bureau"] / wall.get("mu", nan), 0.20)
    goal("import", "x floor_import", wall["bureau"] / wall["floor_import"], 1.2)
    goal("import", "peak memory", peak["bureau"], 96, " MiB")
    say("again", "bureau", f"the same mail a second time {statistics.median(again):.2f} s, {statistics.median(again) / wall['bureau']:.2f} of the first")
    size = {"mail": size_mib(MAIL + "/**"), "bureau": size_mib(HOME + "/bureau.db*")}
    for n in peers():
        size[n] = size_mib((NM if n == "notmuch" else MU) + "/**")
    for n, v in size.items():
        say("size", n, f"{v:.0f} MiB" + (" with every raw byte" if n == "bureau" else ""))
    goal("size", "x mu", size["bureau"] / size.get("mu", nan), 0.8)


def newest():
    """Words of the subject of the newest mail that are plain ASCII, as the list shows them."""
    for f in sorted(glob.glob(f"{MAIL}/INBOX/*/*"), key=os.path.basename, reverse=True):
        with open(f, "rb") as m:
            for line in m.read(4096).split(b"\n\n")[0].split(b"\n"):
                if line.startswith(b"Subject: ") and b"=?" not in line:
                    return " ".join(line[9:].decode().removeprefix("Re: ").split()[:2])
    return ""


def row_list():
    """From the command on the screen of an empty office to the newest mail on it."""
    mail()
    times, home = [], f"{W}/officeL"
    for _ in range(o.runs if o.count < 100000 else 1):
        new_home(home)
        run([BUREAU, "--home", home, "status"])
        r = pty(["-R", "more", "-k", fr":import\s{MAIL}/INBOX\r", "-n", "1", "-t", newest()], [BUREAU, "--home", home])
        times.append(r["key_ms"]["max"])
        end = time.monotonic() + LIMIT_S
        while '"running"' in run([BUREAU, "--home", home, "--json", "job", "list"]).stdout and time.monotonic() < end:
            time.sleep(0.5)  # the import goes on without its screen
    shutil.rmtree(home, ignore_errors=True)
    say("list", "bureau", f"newest mail on the screen {statistics.median(times):.0f} ms after :import")
    goal("list", "newest mail on the screen", statistics.median(times), 1000, " ms")


def row_added():
    office()
    have = have_peers()
    got = {}
    for i in range(o.runs):
        extra = f"{W}/extra{i}"
        shutil.rmtree(extra, ignore_errors=True)
        subprocess.run([sys.executable, f"{HERE}/make_mail.py", extra, "100", "--first", str(10**7 + 100 * i)], check=True)
        # its own office has them already when this is not the first run here: seeds go on with the clock
        subprocess.run(["sed", "-i", f"s/^Message-ID: </&{time.time_ns()}/", *glob.glob(f"{extra}/*/*")], check=True)
        got.setdefault("bureau", []).append(timed([BUREAU, "--home", HOME, "--quiet", "import", extra])[0])
        for f in glob.glob(f"{extra}/*/*") if have else []:
            shutil.copy(f, f"{MAIL}/INBOX/new/")
        if "notmuch" in have:
            got.setdefault("notmuch", []).append(timed(["notmuch", "new", "--quiet"])[0])
        if "mu" in have:
            got.setdefault("mu", []).append(timed(["mu", "index", "--quiet", f"--muhome={MU}"])[0])
        for f in glob.glob(f"{extra}/*/*"):
            if os.path.exists(f"{MAIL}/INBOX/new/{os.path.basename(f)}"):
                os.unlink(f"{MAIL}/INBOX/new/{os.path.basename(f)}")
    if "notmuch" in have:
        timed(["notmuch", "new", "--quiet"])
    if "mu" in have:
        timed(["mu", "index", "--quiet", f"--muhome={MU}"])
    base = statistics.median(got["bureau"])
    for n, v in got.items():
        say("added", n, f"100 new messages {statistics.median(v):.3f} s, bureau is {base / statistics.median(v):.3f} of it")
    goal("added", "x notmuch", base / statistics.median(got.get("notmuch", [float("nan")])), 0.15)


QUERIES = ["budget", "invoice", "meeting", "contract renewal", '"travel expense"', "subject:project", "from:anna",
           "from:bank.example", "from:clara contract", "date:2026-03-01..2026-03-31",
           "date:2026-09-01..2026-09-30 audit", "合同", "发票", "预算 审批", "会议"]
SCREEN = ("budget", "the of", "from:anna", "合同", "会")  # typed letter by letter


def row_search():
    office()
    have = have_peers()
    with open(f"{W}/queries", "w") as f:
        f.write("\n".join(QUERIES) + "\n")
    got = {}
    for _ in range(o.runs):
        r = json.loads(run([TOOL["search_time"], f"{HOME}/bureau.db", f"{W}/queries", "11"]).stdout)
        got.setdefault("bureau", []).append((r["median_us"] / 1e3, r["worst_us"] / 1e3))
        if "notmuch" in have and os.path.exists(TOOL["notmuch_time"]):
            r = json.loads(run([TOOL["notmuch_time"], NM, f"{W}/queries", "11"]).stdout)
            got.setdefault("libnotmuch", []).append((r["median_us"] / 1e3, r["worst_us"] / 1e3))
        if "mu" in have:
            t = []
            for q in QUERIES:
                start = time.monotonic()
                run(["mu", "find", f"--muhome={MU}", "--maxnum=50", "--sortfield=date", "--reverse", "--fields=f s", q.replace(" ", " and ") if '"' not in q else q])
                t.append((time.monotonic() - start) * 1e3)
            got.setdefault("mu find", []).append((statistics.median(t), max(t)))
        t = []
        for q in SCREEN:
            keys = " ".join(r"\s" if c == " " else c for c in q)
            inbox_first()
            t.append(pty(["-p", "/", "-k", keys + r" \r", "-n", "1"], [BUREAU, "--home", HOME])["key_ms"])
        got.setdefault("screen", []).append((statistics.median(x["median"] for x in t), max(x["max"] for x in t)))
    mid = {n: tuple(statistics.median(x[k] for x in v) for k in (0, 1)) for n, v in got.items()}
    nan = (float("nan"), float("nan"))
    say("search", "bureau, in process", f"median {mid['bureau'][0]:.3f} ms, worst {mid['bureau'][1]:.3f} ms")
    if "libnotmuch" in mid:
        say("search", "libnotmuch", f"median {mid['libnotmuch'][0]:.3f} ms, worst {mid['libnotmuch'][1]:.3f} ms")
    goal("search", "median, x libnotmuch", mid["bureau"][0] / mid.get("libnotmuch", nan)[0], 0.05)
    goal("search", "worst, x libnotmuch", mid["bureau"][1] / mid.get("libnotmuch", nan)[1], 0.25)
    if "mu find" in mid:
        say("search", "mu find, process", f"median {mid['mu find'][0]:.2f} ms, worst {mid['mu find'][1]:.2f} ms")
    say("search", "bureau, on the screen", f"{', '.join(SCREEN)}: key to paint {mid['screen'][0]:.2f} ms, worst {mid['screen'][1]:.2f} ms")
    goal("search", "key to paint, x mu find", mid["screen"][0] / mid.get("mu find", nan)[0], 0.25)
    goal("search", "worst key to paint", mid["screen"][1], 16, " ms")


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
    if HAVE["neomutt"] and not GROWTH:
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
    for i in range(o.runs):
        for name, ready, argv in screens():
            if only and name not in only:
                continue
            if name == "neomutt" and i == 0:
                pty(["-R", ready], argv)  # fills its header cache
            if name == "bureau":
                inbox_first()
            got.setdefault(name, []).append(pty(["-R", ready, *args], argv))
    return got


def ratio(got, over, *path):
    return med(got["bureau"], *path) / med(got.get(over, []), *path)


def row_start():
    got = rounds([])
    for name, v in got.items():
        say("start", name, f"{med(v, 'start_ms'):.1f} ms to a usable screen, {med(v, 'start_cpu_ms'):.1f} ms CPU, {med(v, 'start_bytes'):.0f} bytes")
    goal("start", "x floor_list", ratio(got, "floor_list", "start_ms"), 3)
    goal("start", "x an empty office (flat)", ratio(got, "bureau, empty", "start_ms"), 1.5)


def row_key():
    got = rounds(["-k", "j", "-n", "100"], ("floor_list", "bureau", "neomutt"))
    for name, v in got.items():
        say("key", name, f"j: median {med(v, 'key_ms', 'median'):.2f} ms, p99 {med(v, 'key_ms', 'p99'):.2f} ms (first bytes {med(v, 'key_first_ms', 'median'):.2f} / "
            f"{med(v, 'key_first_ms', 'p99'):.2f}), CPU {med(v, 'key_cpu_ms'):.3f} ms, {med(v, 'key_bytes', 'median'):.0f} bytes")
    goal("key", "median, x neomutt", ratio(got, "neomutt", "key_ms", "median"), 0.5)
    goal("key", "p99, x neomutt", ratio(got, "neomutt", "key_ms", "p99"), 0.75)
    goal("key", "CPU, x neomutt", ratio(got, "neomutt", "key_cpu_ms"), 0.4)
    goal("key", "bytes, x neomutt", ratio(got, "neomutt", "key_bytes", "median"), 0.6)


def row_open():
    """At 80 columns both show the mail alone; at 120 bureau draws the list anew beside it. Eight mails a start."""
    for size, where in ((["-r", "24", "-c", "80"], "80x24"), ([], "120x40")):
        got = rounds([*size, "-k", r"\r", "-n", "8", "-b", "q j"], ("bureau", "neomutt"))
        for name, v in got.items():
            say("open", name, f"a message at {where} painted {med(v, 'key_ms', 'median'):.2f} ms, first bytes {med(v, 'key_first_ms', 'median'):.2f}, "
                f"{med(v, 'key_bytes', 'median'):.0f} bytes")
        goal("open", f"{where}, painted, x neomutt", ratio(got, "neomutt", "key_ms", "median"), 0.5)


def row_memory():
    got = rounds(["-p", r"\e j j \r"], ("bureau", "neomutt"))
    for name, v in got.items():
        say("memory", name, f"PSS {med(v, 'pss_end_kib') / 1024:.1f} MiB, {med(v, 'processes'):.0f} processes")
    goal("memory", "with the mailbox open", med(got["bureau"], "pss_end_kib") / 1024, 20, " MiB")


def row_busy():
    """The key j while something else works: an import into the same office, a stream into the same screen."""
    office()
    extra, home = f"{W}/extraB", f"{W}/officeB"
    if not os.path.isdir(extra):
        subprocess.run([sys.executable, f"{HERE}/make_mail.py", extra, "10000", "--first", str(2 * 10**7)], check=True)
    imports, streams = [], []
    for _ in range(o.runs):
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(HOME, home)
        inbox_first(home)
        p = subprocess.Popen([BUREAU, "--home", home, "--quiet", "import", extra], env=ENV, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5)
        imports.append(pty(["-R", "more", "-k", "j", "-n", "60"], [BUREAU, "--home", home]))
        if p.poll() is not None:
            say("busy", "bureau", "the import was over before the keys were")
        p.wait()
        with Stream(1000, 100) as url:
            inbox_first(home)
            streams.append(pty(["-R", "more", "-p", r"3 c hello \r 1", "-k", "j", "-n", "60"], [BUREAU, "--home", home], with_model(url)))
    shutil.rmtree(home, ignore_errors=True)
    for name, v in (("during an import", imports), ("during a stream", streams)):
        say("busy", f"bureau, {name}", f"j: first bytes {med(v, 'key_first_ms', 'median'):.2f} ms, p99 {med(v, 'key_first_ms', 'p99'):.2f} ms")
        goal("busy", f"p99 {name}", med(v, "key_first_ms", "p99"), 16, " ms")


def row_sync():
    """A Dovecot on loopback with COUNT messages (at most 10,000): mbsync and bureau in turn."""
    if not HAVE["dovecot"]:
        return
    sys.path.insert(0, f"{HERE}/../servers")
    import dovecot
    count = min(o.count, 10000)
    base = tempfile.mkdtemp(prefix="bureau-sync.", dir="/tmp")
    home = f"{W}/officeS"
    try:
        with dovecot.Dovecot(f"{base}/dv") as d:
            there = f"{d.mail}/bench/Maildir"
            subprocess.run([sys.executable, f"{HERE}/make_mail.py", there, str(count)], check=True)
            d.own(f"{d.mail}/bench")
            rc = f"{base}/mbsyncrc"
            with open(rc, "w") as f:
                f.write(f"IMAPAccount b\nHost 127.0.0.1\nPort {d.port}\nUser bench\nPass {dovecot.PASSWORD}\nSSLType None\nAuthMechs LOGIN\n\n"
                        f"IMAPStore r\nAccount b\n\nMaildirStore l\nPath {base}/sync/\nInbox {base}/sync/INBOX\nSubFolders Verbatim\n\n"
                        "Channel c\nFar :r:\nNear :l:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n")
            full, none = {}, {}
            for _ in range(o.runs):
                new_home(home)
                with open(f"{home}/bureaurc", "a") as f:
                    f.write(d.account("bench", plain=True))
                sync = [BUREAU, "--home", home, "--quiet", "sync"]
                full.setdefault("bureau", []).append(timed(sync)[0])
                none.setdefault("bureau", []).append(timed(sync)[0])
                if HAVE["mbsync"] and full.get("mbsync", [0])[0] < SLOW_S:
                    shutil.rmtree(f"{base}/sync", ignore_errors=True)
                    os.makedirs(f"{base}/sync")
                    pull = ["mbsync", "-c", rc, "-q", "c"]
                    full.setdefault("mbsync", []).append(timed(pull)[0])
                    none.setdefault("mbsync", []).append(timed(pull)[0])
            have = json.loads(run([BUREAU, "--home", home, "--json", "count", "kind:mail"]).stdout.splitlines()[0]).get("count")
            say("sync", "bureau", f"{have} of {count} messages came")
    finally:
        shutil.rmtree(base, ignore_errors=True)
    mid = {k: {n: statistics.median(v) for n, v in g.items()} for k, g in (("full pull", full), ("nothing changed", none))}
    for what, g in mid.items():
        for n, v in g.items():
            say("sync", n, f"{what} of {count} messages {v:.3f} s, bureau is {g['bureau'] / v:.3f} of it")
        goal("sync", f"{what}, x mbsync", g["bureau"] / g.get("mbsync", float("nan")), 0.15)


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
    got = {}
    for _ in range(o.runs):
        with Stream(20000, 0) as url:
            floor = json.loads(run([TOOL["floor_stream"], f"{url}/chat/completions"]).stdout)
            home = f"{W}/chat"
            new_home(home)
            wall, peak = timed([BUREAU, "--home", home, "ask", "--no-office", "hello"], env=with_model(url))
            r = ask_on_screen(url)
            for n, v in (("floor", floor["wall_s"]), ("floor_cpu", floor["cpu_s"] / 20000 * 1e6), ("ask", wall), ("ask_peak", peak),
                         ("screen", r["key_ms"]["max"] / 1e3), ("screen_cpu", r["key_cpu_ms"] * 1e3 / 20000),
                         ("bytes", r["key_bytes"]["max"] / 1e3), ("pss", r["pss_end_kib"] / 1024)):
                got.setdefault(n, []).append(v)
    m = {n: statistics.median(v) for n, v in got.items()}
    say("stream", "floor_stream", f"20,000 tokens {m['floor']:.3f} s, {m['floor_cpu']:.2f} us CPU a token")
    say("stream", "bureau ask", f"20,000 tokens {m['ask']:.3f} s as a process, peak {m['ask_peak']:.1f} MiB, {m['ask'] / m['floor']:.1f} x floor")
    say("stream", "bureau, on the screen", f"20,000 tokens {m['screen']:.3f} s, {m['screen_cpu']:.2f} us CPU a token, {m['bytes']:.0f} KB written, PSS {m['pss']:.1f} MiB")
    goal("stream", "painted, x floor_stream", m["screen"] / m["floor"], 5)
    goal("stream", "CPU a token", m["screen_cpu"], 11, " us")
    goal("stream", "memory while chatting", m["pss"], 25, " MiB")
    with Stream(1000, 0) as url:
        r = ask_on_screen(url)
        say("stream", "bureau, on the screen", f"1,000 tokens (5.1 KB): {r['key_bytes']['max'] / 1e3:.1f} KB written")
        goal("stream", "bytes written, x the text", r["key_bytes"]["max"] / 5100, 8)


def row_rate():
    office()
    cpu = []
    for _ in range(min(o.runs, 3)):
        with Stream(1000, 100) as url:
            r = ask_on_screen(url)
            cpu.append(r["key_cpu_ms"] / r["key_ms"]["max"] * 100)
    say("rate", "bureau, on the screen", f"100 tokens/s: {statistics.median(cpu):.2f} % of a core, {r['key_bytes']['max'] / 1e3:.1f} KB for 1,000 tokens")
    goal("rate", "CPU at 100 tokens/s", statistics.median(cpu), 2, " %")
    goal("rate", "bytes written, x the text", r["key_bytes"]["max"] / 5100, 8)


def row_idle():
    got = rounds(["-i", "5"], ("bureau", "neomutt"))
    for name, v in got.items():
        say("idle", name, f"5 s: {med(v, 'idle_cpu_ms'):.2f} ms CPU, {med(v, 'idle_wakeups') / 5:.1f} wake-ups a second")
    goal("idle", "wake-ups a second", med(got["bureau"], "idle_wakeups") / 5, 0)


ROWS = {n[4:]: f for n, f in list(globals().items()) if n.startswith("row_")}
for n, p in HAVE.items():
    if not p:
        print(f"# {n} is not installed: its rows are left out")
print(f"# {o.count} messages, {o.runs} runs in turn, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}")
try:
    for name in o.rows or ROWS:
        ROWS[name]()
    print(f"# {goals[0]} goals reached, {goals[1]} not")
finally:
    if not KEEP:
        shutil.rmtree(W, ignore_errors=True)
