#!/usr/bin/python3
"""setup.py - an account from an address: servers found, hostile answers, logins tested, bureaurc written (TAP)."""
import json, os, shutil, stat, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import BUREAU, ENV, T, done, ok, skip
if not shutil.which("openssl"):
    skip("no openssl to make certificates with")
import doubles

HOSTS = ["localhost", "autoconfig.auto.test", "known.test", "autoconfig.hop.test", "else.test", "autoconfig.loop.test",
         "autoconfig.down.test", "autoconfig.bomb.test", "autoconfig.big.test", "autoconfig.evil.test", "ispdb.test",
         "autoconfig.slow.test", "autoconfig.both.test", "autoconfig.real.test", "autoconfig.oauth.test"]
ca, context = doubles.certificates(T, HOSTS)
names, web = doubles.Names(), doubles.Web(context)
good = lambda user, secret, mechanism: secret == "right"
imap, smtp = doubles.Mail("imap", context, good), doubles.Mail("smtp", context, good)
ENV = dict(ENV, SSL_CERT_FILE=ca, https_proxy=f"http://127.0.0.1:{web.port}", http_proxy=f"http://127.0.0.1:{web.port}")
RC = f'set net.dns 127.0.0.1:{names.port}\nset setup.timeout 3s\nset setup.ispdb https://ispdb.test/v1/\n'
homes = 0


def home(rc=RC):
    global homes
    homes += 1
    return doubles.home(os.path.join(T, f"h{homes}"), rc)


def write(h, rc):
    with open(os.path.join(h, "bureaurc"), "w") as f:
        os.chmod(f.name, 0o600)
        f.write(rc)


def read(h):
    return open(os.path.join(h, "bureaurc")).read()


def run(h, *args, stdin=b"", env=ENV, timeout=60):
    p = subprocess.run([BUREAU, "--home", h, *args], env=env, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=timeout)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def find(address, *more, h=None):
    """A dry run: what would be set up."""
    start = time.monotonic()
    code, out, err = run(h or home(), "setup", "--dry-run", "--json", "--address", address, *more)
    found = json.loads(out.splitlines()[-1]) if code == 0 else {}
    found.update(code=code, err=err, took=time.monotonic() - start)
    return found


IMAP, SMTP = ("localhost", imap.port, "SSL"), ("localhost", smtp.port, "SSL")
IMAP_URL, SMTP_URL = f"imaps://localhost:{imap.port}", f"smtps://localhost:{smtp.port}"

# ---- finding ----
f = find("anna@gmail.com")
ok(f.get("imap") == "imaps://imap.gmail.com" and f.get("smtp") == "smtps://smtp.gmail.com" and not names.asked and not web.connects,
   "a known provider: nobody is asked", f)
for address, into, out in (
        ("a@googlemail.com", "imaps://imap.gmail.com", "smtps://smtp.gmail.com"),
        ("a@outlook.com", "imaps://outlook.office365.com", "smtp://smtp-mail.outlook.com"),
        ("a@hotmail.com", "imaps://outlook.office365.com", "smtp://smtp-mail.outlook.com"),
        ("a@icloud.com", "imaps://imap.mail.me.com", "smtp://smtp.mail.me.com"),
        ("a@qq.com", "imaps://imap.qq.com", "smtps://smtp.qq.com"), ("a@foxmail.com", "imaps://imap.qq.com", "smtps://smtp.qq.com"),
        ("a@163.com", "imaps://imap.163.com", "smtps://smtp.163.com"), ("a@126.com", "imaps://imap.126.com", "smtps://smtp.126.com"),
        ("a@exmail.qq.com", "imaps://imap.exmail.qq.com", "smtps://smtp.exmail.qq.com"),
        ("a@aliyun.com", "imaps://imap.aliyun.com", "smtps://smtp.aliyun.com")):
    f = find(address)
    ok((f.get("imap"), f.get("smtp")) == (into, out) and not names.asked and not web.connects, f"{address}: both servers, nobody asked", f)
for address, provider, host in (("a@gmail.com", "google", "accounts.google.com"), ("a@outlook.com", "microsoft", "login.microsoftonline.com")):
    f = find(address, "--oauth", provider, "--oauth-client", "my-client")
    ok(f.get("oauth") == provider and "oauth-client my-client" in f["lines"][0] and "oauth-token" not in f["lines"][0],
       f"{provider}: the sign-in's addresses are known, the client is the person's own", f)
    f = find(address, "--oauth", provider)
    ok(f["code"] != 0 or "oauth-client" not in f["lines"][0], f"{provider}: no client is invented", f)

web.pages["autoconfig.auto.test", "/mail/config-v1.1.xml"] = doubles.config(IMAP, SMTP)
f = find("anna@auto.test")
ok(f.get("imap") == IMAP_URL and f.get("smtp") == SMTP_URL and f["imap_from"] == "autoconfig.auto.test", "autoconfig.DOMAIN", f)
ok(f["took"] < 2.5, "is not waited for longer than its answer is better", f["took"])

web.pages["known.test", "/.well-known/autoconfig/mail/config-v1.1.xml"] = doubles.config(IMAP + ("%EMAILLOCALPART%",), SMTP)
f = find("anna@known.test")
ok(f.get("imap") == IMAP_URL and f.get("user") == "anna", ".well-known, and a login that is not the address", f)

names.srv("_imaps._tcp.srv.test", "second.test", 993, priority=20)
names.srv("_imaps._tcp.srv.test", "mail.srv.test", 1993, priority=10, weight=1)
names.srv("_imaps._tcp.srv.test", "light.srv.test", 993, priority=10)
names.srv("_imap._tcp.srv.test", "plain.srv.test", 143)
names.srv("_submission._tcp.srv.test", "send.srv.test", 587)
names.srv("_submissions._tcp.srv.test", ".", 0)
f = find("anna@srv.test")
ok(f.get("imap") == "imaps://mail.srv.test:1993" and f.get("smtp") == "smtp://send.srv.test:587" and "DNS" in f["imap_from"],
   "SRV: implicit TLS first, by priority and weight; “.” is none", f)

web.pages["ispdb.test", "/v1/isp.test"] = doubles.config(("imap.isp.test", 993, "SSL"), ("smtp.isp.test", 587, "STARTTLS"))
f = find("anna@isp.test")
ok(f.get("imap") == "imaps://imap.isp.test:993" and f.get("smtp") == "smtp://smtp.isp.test:587", "the ISP database", f)

for host, want in (("aspmx.l.google.com", "imap.gmail.com"), ("x-test.mail.protection.outlook.com", "outlook.office365.com"),
                   ("mxbiz1.qq.com", "imap.exmail.qq.com"), ("qiye163mx01.mxmail.netease.com", "imap.qiye.163.com"), ("mx1.qiye.aliyun.com", "imap.qiye.aliyun.com"),
                   ("mxn.mxhichina.com", "imap.qiye.aliyun.com"), ("mx01.mail.icloud.com", "imap.mail.me.com")):
    domain = host.split(".")[-3] + "-hosted.test"
    names.mx(domain, host)
    f = find(f"anna@{domain}")
    ok(want in f.get("imap", ""), f"a domain whose mail goes to {host}", f)

def slow(t):
    time.sleep(1)


for place in (("autoconfig.lazy.test", "/mail/config-v1.1.xml"), ("lazy.test", "/.well-known/autoconfig/mail/config-v1.1.xml"),
              ("ispdb.test", "/v1/lazy.test")):
    web.pages[place] = slow
names.mx("lazy.test", "mx01.mail.icloud.com")
f = find("anna@lazy.test")
ok(f.get("imap") == "imaps://imap.mail.me.com" and f["took"] < 2.8, "all places are asked at once: three that take a second each cost one", f)

names.mx("mxisp.test", "mx.host.isp2.test")
web.pages["ispdb.test", "/v1/isp2.test"] = doubles.config(("imap.isp2.test", 993, "SSL"), ("smtp.isp2.test", 465, "SSL"))
f = find("anna@mxisp.test")
ok(f.get("imap") == "imaps://imap.isp2.test:993", "the database, asked for the exchanger's domain", f)

web.pages["autoconfig.both.test", "/mail/config-v1.1.xml"] = doubles.config(IMAP, SMTP)
names.srv("_imaps._tcp.both.test", "other.test", 993)
f = find("anna@both.test")
ok(f.get("imap") == IMAP_URL, "a signed answer counts more than DNS", f)

f = find("anna@nowhere.test")
ok(f["code"] == 1 and "--imap" in f["err"], "nothing found: says how to name them", f)
ok(f["took"] < 6, "within its time", f["took"])
f = find("anna@nowhere.test", "--imap", "imaps://i.test", "--smtp", "smtps://s.test")
ok(f.get("imap") == "imaps://i.test", "what is named is not looked for", f)
before = len(names.asked)
f = find("anna@srv.test", "--offline")
ok(f["code"] == 1 and len(names.asked) == before, "--offline asks nobody", f)
code, out, err = run(home(), "setup", "--offline", "--json", "--address", "anna@srv.test", "--imap", "imaps://i.test", "--smtp", "smtps://s.test",
                     "--password-command", "echo x")
ok(code == 0 and '"written"' in str(out) and "not here yet" not in str(out) + str(err), "nor does it fetch the first mail", out, err)

sign_in = ("<oAuth2><issuer>id.auto.test</issuer><scope>mail</scope><authURL>https://id.auto.test/a</authURL>"
           "<tokenURL>https://id.auto.test/t</tokenURL></oAuth2>")
web.pages["autoconfig.oauth.test", "/mail/config-v1.1.xml"] = doubles.config(IMAP, SMTP, sign_in)
f = find("anna@oauth.test", "--oauth", "own", "--oauth-client", "c1")
ok("oauth-authorize https://id.auto.test/a" in f["lines"][0] and "oauth-token https://id.auto.test/t" in f["lines"][0], "the provider's own sign-in addresses", f)
web.pages["autoconfig.oauth.test", "/mail/config-v1.1.xml"] = doubles.config(IMAP, SMTP, sign_in.replace("https://id.auto.test/t", "http://id.auto.test/t"))
f = find("anna@oauth.test", "--oauth", "own", "--oauth-client", "c1")
ok("oauth-token" not in f["lines"][0], "but none without encryption", f)
lonely = home(f"set net.dns 127.0.0.1:{doubles.listen(doubles.socket.SOCK_DGRAM).getsockname()[1]}\nset setup.timeout 1s\nset setup.ispdb -\n")
code, out, err = run(lonely, "setup", "--address", "a@lonely.test", env=dict(ENV, https_proxy="http://127.0.0.1:1"))
ok(code == 5 and "network" in err, "without a network: says so", code, err)

# ---- hostile answers ----
web.pages["autoconfig.hop.test", "/mail/config-v1.1.xml"] = b"https://else.test/there"
web.pages["else.test", "/there"] = doubles.config(IMAP, SMTP)
ok(find("anna@hop.test").get("imap") == IMAP_URL, "a redirect to https is followed")
web.pages["autoconfig.loop.test", "/mail/config-v1.1.xml"] = b"https://autoconfig.loop.test/mail/config-v1.1.xml"
ok(find("anna@loop.test")["code"] == 1 and len([x for x in web.asked if x[0] == "autoconfig.loop.test"]) == 4, "but not for ever", web.asked)
web.pages["autoconfig.down.test", "/mail/config-v1.1.xml"] = b"http://else.test/there"
ok(find("anna@down.test")["code"] == 1 and not [x for x in web.asked if x[0] == "http"], "nor to http", web.asked)

bomb = b'<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (x, x - 1, x - 1, x - 1, x - 1) for x in range(ord("b"), ord("z"))) + \
    b"]><clientConfig>&y;" + doubles.config(IMAP, SMTP).split(b"<clientConfig version=\"1.1\">")[1]
web.pages["autoconfig.bomb.test", "/mail/config-v1.1.xml"] = bomb
f = find("anna@bomb.test")
ok(f["code"] == 1 and f["took"] < 6, "an entity bomb is no answer", f)
sent = []


def endless(t):
    t.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 104857600\r\n\r\n<clientConfig>")
    try:
        for _ in range(1600):
            t.sendall(b" " * 65536)
            sent.append(65536)
    except OSError:
        pass


web.pages["autoconfig.big.test", "/mail/config-v1.1.xml"] = endless
f = find("anna@big.test")
ok(f["code"] == 1 and sum(sent) < 8 << 20, "of 100 MB only the beginning is read", f, sum(sent))
web.pages["autoconfig.slow.test", "/mail/config-v1.1.xml"] = lambda t: time.sleep(20)
f = find("anna@slow.test")
ok(f["code"] == 1 and 2.5 < f["took"] < 6, "a server that says nothing costs setup.timeout", f)
for host in ("evil\r\nset triage.auto off", "a b", "x/y", "user@host", "host:99", "&quot;", "[::1]", "-x.test", "a..b"):
    web.pages["autoconfig.evil.test", "/mail/config-v1.1.xml"] = doubles.config((host, 993, "SSL"), (host, 465, "SSL"))
    f = find("anna@evil.test")
    ok(f["code"] == 1, f"a host called {host!r} is none", f)
web.pages["autoconfig.evil.test", "/mail/config-v1.1.xml"] = doubles.config(("i.test", 143, "plain"), ("s.test", 25, "plain"))
ok(find("anna@evil.test")["code"] == 1, "a server without encryption is none")
web.pages["autoconfig.evil.test", "/mail/config-v1.1.xml"] = doubles.config(("i.test", 993, "SSL", 'x"&#10;set send.hold 0s'), ("s.test", 465, "SSL"))
f = find("anna@evil.test")
ok(f["code"] == 0 and "user" not in f and "set " not in "".join(f["lines"]), "a login with a line break is not used", f)

forged = doubles.struct.pack(">HHH", 0, 0, 993) + doubles.wire_name("forged.test")
names.srv("_imaps._tcp.forge.test", "true.test", 993)
names.tricks["_imaps._tcp.forge.test"] = lambda q: [
    names.answer(q, [forged], ident=bytes([q[0] ^ 1, q[1]])), names.answer(q, [forged], question=doubles.wire_name("_imaps._tcp.forgf.test") + q[-15:-11]),
    names.answer(q, [forged], question=names.question(q)[2][:-4] + b"\0\x10\0\x01"), b"\0" * 5, names.answer(q)]
f = find("anna@forge.test")
ok(f.get("imap") == "imaps://true.test:993", "answers with another id or question are waited out", f)
names.records["_imaps._tcp.point.test", 33] = [doubles.struct.pack(">HHH", 0, 0, 993) + b"\xc0\x00" * 3, doubles.struct.pack(">HHH", 0, 0, 993) + b"\x03abc\xc0\xff",
                                               doubles.struct.pack(">HHH", 0, 0, 993) + doubles.wire_name("a\r\nb.test"), b"\0", b"",
                                               doubles.struct.pack(">HHH", 5, 0, 993) + doubles.wire_name("sane.test")]
names.tricks["_imap._tcp.point.test"] = lambda q: [names.answer(q)[:30] + b"\xc0\x0c" * 400]
f = find("anna@point.test")
ok(f.get("imap") == "imaps://sane.test:993", "pointers that loop and names with line breaks are left out", f)
names.srv("_imaps._tcp.long.test", "long.test", 993)
names.tricks["_imaps._tcp.long.test"] = lambda q: [names.answer(q, cut=True)]
f = find("anna@long.test")
ok(f.get("imap") == "imaps://long.test:993" and "_imaps._tcp.long.test" in names.tcp_asked, "an answer that was cut is fetched over TCP", f)

# ---- making an account ----
h = home("# my own\n" + RC + "bind list x archive")  # without a line end
code, out, err = run(h, "setup", "--json", "--no-sync", "--name", 'Anna "A" Li', "--address", "anna@auto.test", "--password-stdin", stdin=b"right\nrest")
r = json.loads(out.splitlines()[-1]) if out else {}
ok(code == 0 and r["tested"] and r["account"] == "auto" and r["written"].endswith("bureaurc"), "an account is made", code, out, err)
ok(imap.logins == 1 and smtp.logins == 1 and imap.sasl[-1] == ("PLAIN", b"\0anna@auto.test\0right"), "after both logins", imap.sasl, smtp.sasl)
text = read(h)
ok(text.startswith("# my own\n" + RC + "bind list x archive\naccount auto from ") and text.count("\n") == RC.count("\n") + 3, "bureaurc keeps its lines", text)
ok(stat.S_IMODE(os.stat(h + "/bureaurc").st_mode) == 0o600, "and its mode")
secret = os.path.join(h, "state", "secrets", "auto.password")
ok(open(secret).read().strip() == "right" and stat.S_IMODE(os.stat(secret).st_mode) == 0o600 and
   stat.S_IMODE(os.stat(os.path.dirname(secret)).st_mode) == 0o700, "the password lies in a file that is ours alone")
hidden = b"".join(open(os.path.join(d, x), "rb").read() for d, _, xs in os.walk(h) for x in xs if not x.endswith(".password"))
ok(b"right" not in hidden, "and nowhere else")
code, out, err = run(h, "doctor", "--json")
lines = {(x := json.loads(l))["check"]: x for l in out.splitlines() if l.startswith("{")}
ok(lines["imap auto"]["state"] == "ok" and lines["smtp auto"]["state"] == "ok", "doctor logs in with it", out, err)
code, out, err = run(h, "setup", "--name", "B", "--address", "bea@auto.test", "--password-command", "printf 'right\\n'")
ok(code == 0 and "account auto2 " in read(h) and "password-command printf" in read(h), "a second one has another name, and a command", code, out, err, read(h))

h = home()
code, out, err = run(h, "setup", "--name", "A", "--address", "anna@auto.test", "--password-stdin", stdin=b"wrong\n")
ok(code == 1 and read(h) == RC and not os.path.exists(os.path.join(h, "state/secrets/auto.password")), "a wrong password: nothing is written", code, err)
ok("hint:" in err, "and a hint says what to do", err)
code, out, err = run(h, "setup", "--dry-run", "--address", "anna@nowhere.test")
ok(code == 1 and out.startswith("account nowhere from anna@nowhere.test") and "--imap imaps://mail.nowhere.test" in err and read(h) == RC,
   "--dry-run without servers prints what is known and names what is missing", code, out, err)
code, out, err = run(h, "setup", "--dry-run", "--name", "A", "--address", "anna@auto.test", "--password-stdin", stdin=b"right\n")
ok(code == 0 and out.startswith("account auto from ") and read(h) == RC, "--dry-run prints the line", out, err)
code, out, err = run(h, "setup", "--name", "A", "--address", "anna@auto.test", "--no-test", "--password-stdin", stdin=b"later\n")
ok(code == 0 and "account auto" in read(h), "--no-test does not log in", out, err)
target = os.path.join(T, "dotfiles-rc")
shutil.move(h + "/bureaurc", target)
os.symlink(target, h + "/bureaurc")
code, out, err = run(h, "setup", "more", "--address", "bea@auto.test", "--no-test", "--password-stdin", stdin=b"x\n")
ok(code == 0 and os.path.islink(h + "/bureaurc") and "account more" in open(target).read(), "a bureaurc that is a link stays one", code, err)
for bad in (["--imap", "http://x"], ["--address", "nobody"], ["--password-command", ""], ["--user", "a\nset send.hold 0s"], ["--imap", "imaps://x\ny"],
            ["--smtp", "smtps://127.0.0.1anna"], ["--imap", "imaps://mail..test"], ["--imap", "imaps://mail.test:70000"], ["--imap", "imaps://a@mail.test"]):
    code, out, err = run(h, "setup", *(["--address", "c@auto.test"] if "--address" not in bad else []), "--no-test", *bad)
    ok(code == 2, f"refused: {bad}", code, err)

names.srv("_imaps._tcp.away.test", "localhost", imap.port)
names.srv("_submissions._tcp.away.test", "localhost", smtp.port)
h, n = home(), len(imap.sasl)
code, out, err = run(h, "setup", "--address", "anna@away.test", "--password-stdin", stdin=b"right\n")
ok(code == 4 and len(imap.sasl) == n and "--yes" in err and read(h) == RC, "unsigned DNS sends no password to another domain's host", code, err)
code, out, err = run(h, "--yes", "setup", "--no-sync", "--address", "anna@away.test", "--password-stdin", stdin=b"right\n")
ok(code == 0 and len(imap.sasl) == n + 1, "but with --yes", code, err)

# ---- another password ----
good_word = ["right"]
imap.good = smtp.good = lambda user, secret, mechanism: secret == good_word[0]
h = home()
run(h, "setup", "--no-sync", "--address", "anna@auto.test", "--password-stdin", stdin=b"right\n")
good_word[0], before = "new word", read(h)
code, out, err = run(h, "setup", "auto", "--login", "--password-stdin", stdin=b"still wrong\n")
ok(code == 1 and open(h + "/state/secrets/auto.password").read() == "right", "a new password that is wrong does not replace the old", code, err)
code, out, err = run(h, "setup", "auto", "--login", "--no-sync", "--password-stdin", stdin=b"new word\n")
ok(code == 0 and open(h + "/state/secrets/auto.password").read() == "new word" and read(h) == before, "one that works does; bureaurc stays", code, out, err)
code, out, err = run(h, "setup", "nobody", "--login", "--password-stdin", stdin=b"x\n")
ok(code == 3, "an account that is not there", code, err)
good_word[0] = "right"

# ---- a person at a terminal ----
import pty, select, signal, termios


def at_terminal(h, *args, answer=None, wait="password of", interrupt=False):
    """Runs it on a terminal of its own: what was said, its exit code, whether the echo was off at the question and on at the end."""
    master, slave = pty.openpty()
    p = subprocess.Popen([BUREAU, "--home", h, *args], env=ENV, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    said, end = "", time.monotonic() + 20
    echo = lambda: bool(termios.tcgetattr(slave)[3] & termios.ECHO)
    while wait not in said and time.monotonic() < end:
        if select.select([master], [], [], 0.2)[0]:
            said += os.read(master, 4096).decode(errors="replace")
    time.sleep(0.2)
    silent = not echo()
    if interrupt:
        p.send_signal(signal.SIGINT)
    else:
        os.write(master, answer.encode() + b"\n")
    code = p.wait(30)
    while select.select([master], [], [], 0.2)[0]:
        said += os.read(master, 4096).decode(errors="replace")
    after = echo()
    os.close(master)
    os.close(slave)
    return code, said, silent, after


h = home()
code, said, silent, after = at_terminal(h, "setup", "--no-sync", "--name", "A", "--address", "anna@auto.test", answer="right")
ok(code == 0 and silent and after and "right" not in said and "account auto" in read(h), "the password is asked for without an echo", code, said, silent, after)
h = home()
code, said, silent, after = at_terminal(h, "setup", "--name", "A", "--address", "anna@auto.test", interrupt=True)
ok(code == 130 and silent and after and read(h) == RC, "C-c gives the terminal back and leaves nothing", code, said, silent, after)
code, said, silent, after = at_terminal(h, "setup", "--address", "anna@slow.test", wait="looking for", interrupt=True)
ok(code == 130 and read(h) == RC, "also while it looks for servers", code, said)

# ---- what doctor says ----
h = home()
write(h, RC + f"""account none from a@auto.test imap {IMAP_URL} smtp {SMTP_URL}
account wrong from a@auto.test imap {IMAP_URL} smtp {SMTP_URL} password-command printf wrong;
account broken from a@auto.test imap {IMAP_URL} password-command false;
account gone from a@auto.test imap imaps://localhost:1 smtp smtps://no-such-host.invalid password-command printf right;
account cert from a@auto.test imap imaps://localhost:{imap.port} pin {'0' * 64} password-command printf right;
""")
code, out, err = run(h, "doctor", "--json")
lines = {(x := json.loads(l))["check"]: x for l in out.splitlines() if l.startswith("{")}
ok(code == 1 and "--login" in lines["imap none"]["hint"] and lines["imap none"]["state"] == "fail", "an account without a password", lines.get("imap none"))
ok("--login" in lines["imap wrong"]["hint"] and "--login" in lines["smtp wrong"]["hint"], "a password that is refused", lines.get("imap wrong"))
ok("false" in lines["login broken"]["message"] and lines["login broken"]["hint"], "a command that fails", lines.get("login broken"))
ok(lines["imap gone"]["hint"] and lines["smtp gone"]["hint"], "servers that are not there", lines.get("imap gone"), lines.get("smtp gone"))
ok("is not the one that is trusted" in lines["imap cert"]["message"], "a certificate that is another", lines.get("imap cert"))
bare = doubles.Mail("imap", context, good, special=False)
write(h, RC + f"account bare from a@auto.test imap imaps://localhost:{bare.port} password-command printf right;\n")
code, out, err = run(h, "doctor")
ok("Sent" in out and "Trash" in out, "a server that marks no folders", out)
os.makedirs(h + "/state/secrets", 0o700, exist_ok=True)
write(h, RC + f"account loose from a@auto.test imap {IMAP_URL}\n")
with open(h + "/state/secrets/loose.password", "w") as f:
    f.write("right\n")
os.chmod(f.name, 0o644)
code, out, err = run(h, "doctor")
ok("chmod 600" in out and code == 1, "a password that others may read is refused", out)

# ---- the first mail, from a real server ----
import dovecot
if dovecot.have():
    with dovecot.Dovecot(os.path.join(T, "dovecot")) as d:
        mails = [(f"From: Bob <bob@example.org>\r\nTo: anna@real.test\r\nSubject: mail {i}\r\nMessage-ID: <{i}@real.test>\r\n"
                  f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(time.time() - i * 3600))}\r\n\r\nbody {i}\r\n".encode(),
                  "S", time.time() - i * 3600) for i in range(300)]
        d.fill("anna@real.test", mails)
        trust = os.path.join(T, "trust.pem")
        with open(trust, "w") as f:
            f.write(open(ca).read() + open(d.crt).read())
        web.pages["autoconfig.real.test", "/mail/config-v1.1.xml"] = doubles.config(("localhost", d.tls_port, "SSL"), SMTP)
        h, start = home(), time.monotonic()
        both = doubles.Mail("smtp", context, lambda u, p, m: p == "secret")
        code, out, err = run(h, "setup", "--json", "--name", "Anna", "--address", "anna@real.test", "--smtp", f"smtps://localhost:{both.port}",
                             "--password-stdin", stdin=b"secret\n", env=dict(ENV, SSL_CERT_FILE=trust))
        took = time.monotonic() - start
        r = json.loads(out.splitlines()[-1]) if out else {}
        code2, out2, _ = run(h, "search", "*", "--output", "ids")
        ok(code == 0 and r.get("tested") and len(out2.split()) == 300, "setup ends with the mail of a real server in the inbox", code, out, err, len(out2.split()))
        ok(json.loads(out.splitlines()[0])["type"] == "result", "and prints its result alone", out)
        print(f"# {took:.2f} s for 300 mails")
        code, out, err = run(h, "doctor", env=dict(ENV, SSL_CERT_FILE=trust))
        ok("no folder as" not in out and "imap real" in out, "doctor finds its folders", out, err)
else:
    print("# no dovecot: the first sync was not tried")
done()
