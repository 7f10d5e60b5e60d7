"""tap.py - TAP for tests in Python, the twin of tap.sh: ok(good, name, *notes) …; done() prints the plan and leaves.

SRC and BUILD are the trees, BUREAU is the program under test, ENV what it is run with (nothing of the person's own
settings), T a private folder that is removed at the end (KEEP=1: it stays); ENV["HOME"] stands in it.
"""
import atexit
import os
import shutil
import sys
import tempfile

SRC = os.path.abspath(os.environ.get("SRCDIR", "."))
BUILD = os.path.abspath(os.environ.get("BUILDDIR", "."))
BUREAU = os.environ.get("BUREAU", os.path.join(BUILD, "bureau"))
T = tempfile.mkdtemp(prefix="bureau-test.")
if not os.environ.get("KEEP"):
    atexit.register(shutil.rmtree, T, ignore_errors=True)
ENV = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "XDG_", "BUREAU_"))}
ENV.update(HOME=os.path.join(T, "home"), LC_ALL="C.UTF-8", TZ="Europe/Berlin", no_proxy="127.0.0.1",
           BUREAU_READER=os.environ.get("BUREAU_READER", os.path.join(BUILD, "bureau-reader")))
os.makedirs(ENV["HOME"])
_count = _bad = 0


def ok(good, name, *notes):
    global _count, _bad
    _count += 1
    print(f"{'ok' if good else 'not ok'} {_count} - {name}", flush=True)
    if not good:
        _bad += 1
        for note in notes:
            for line in str(note).splitlines()[:30]:
                print("#  ", ascii(line)[1:-1], flush=True)
    return good


def done():
    print(f"1..{_count}")
    sys.exit(_bad != 0)


def skip(why):
    print(f"1..0 # skipped: {why}")
    sys.exit(0)
