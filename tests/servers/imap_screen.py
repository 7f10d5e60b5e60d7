#!/usr/bin/python3
"""imap_screen.py - on the screen: an opened mail's body comes before all others that are still to be fetched; what a server
refuses is said in words (TAP)."""
import os, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_double import Server
from imap_office import Office
from tap import BUILD, BUREAU, ENV, done, ok, skip

DRIVE = os.path.join(BUILD, "tests/screen/drive")
if not os.path.exists(DRIVE):
    skip("libvterm is not here")
MAILS = 200  # as many headers come first


def thing(i):
    return (f"From: Bob <bob@example.org>\r\nTo: work@example.com\r\nSubject: Thing {i}\r\nMessage-ID: <t{i}@x>\r\n"
            f"Date: Sun, 20 Sep 2026 {i // 60:02}:{i % 60:02}:00 +0000\r\n\r\nThe story of thing {i}.\r\n").encode()


def play(home, script):
    return subprocess.run([DRIVE, "80x24", BUREAU, "--home", home], env=dict(ENV, BUREAU_NOW="2026-09-20T12:00:00Z", INPUTRC="/dev/null"),
                          input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


s = Server(" IDLE")
for i in range(MAILS):
    s.put(thing(i))
s.answers["FETCH"] = lambda args: time.sleep(1.2) if "BODY.PEEK[]" in args else None
o = Office(s.account("work") + "set triage.auto off\nset mail.check-every 1h\n")
p = play(o.home, f"""wait Thing {MAILS - 1}
key G
wait Thing 0
key Enter
wait The story of thing 0.
key Q
exit 0
""")
bodies = [x.split()[2] for x in s.said if x.startswith("UID FETCH") and "BODY.PEEK[]" in x]
ok(p.returncode == 0, "the oldest of 200 mails is opened while their bodies come", p.stdout)
ok("1" in bodies, "its body is asked for by itself", bodies)
asked = sum(int(b or a) - int(a) + 1 for x in bodies[:bodies.index("1")] for part in x.split(",") for a, _, b in [part.partition(":")]) if "1" in bodies else MAILS
ok(asked < MAILS / 2, f"before those of most others ({asked} of {MAILS - 1} were asked for)", bodies)

t = Server(" IDLE")
m = t.put(thing(1))
o = Office(t.account("work") + "set triage.auto off\n", "refused")
t.answers["STORE"] = "NO [NOPERM] hands off this mail"
p = play(o.home, """wait Thing 1
key Enter
wait The story of thing 1.
wait hands off this mail
key Q
exit 0
""")
ok(p.returncode == 0, "a refused flag is said on the screen, in the server's words", p.stdout)
ok(not m.flags and not o.waiting(), "and stands as on the server")
done()
