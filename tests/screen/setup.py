#!/usr/bin/python3
"""setup.py - an account made on the screen at 80×24, in English and Chinese: first start, password, OAuth by paste and by code,
what fails, signing in anew (TAP)."""
import os, shutil, ssl, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "servers"))
from tap import BUILD, BUREAU, ENV, T, done, ok, skip
import doubles, dovecot

DRIVE = os.path.join(BUILD, "tests/screen/drive")
if not os.path.exists(DRIVE):
    skip("libvterm is not here")
if not shutil.which("openssl"):
    skip("no openssl to make certificates with")
ca, context = doubles.certificates(T, ["localhost", "autoconfig.auto.test", "autoconfig.corp.test"])
names, web, auth = doubles.Names(), doubles.Web(context), doubles.Authority()
imap = doubles.Mail("imap", context, lambda u, s, m: s in ("right", "密码 x") or s in auth.access, mechanisms=("PLAIN", "XOAUTH2"))
smtp = doubles.Mail("smtp", context, lambda u, s, m: s in ("right", "密码 x") or s in auth.access, mechanisms=("PLAIN", "XOAUTH2"))
web.pages["autoconfig.auto.test", "/mail/config-v1.1.xml"] = doubles.config(("localhost", imap.port, "SSL"), ("localhost", smtp.port, "SSL"))
names.srv("_imaps._tcp.half.test", "localhost", imap.port)
copied, tools = os.path.join(T, "copied"), os.path.join(T, "bin")
os.mkdir(tools)
with open(os.path.join(tools, "tmux"), "w") as f:
    f.write(f'#!/bin/sh\ncat >"{copied}.new" && mv "{copied}.new" "{copied}"\n')
os.chmod(f.name, 0o755)
ENV = dict(ENV, SSL_CERT_FILE=ca, https_proxy=f"http://127.0.0.1:{web.port}", INPUTRC="/dev/null",
           PATH=tools + ":" + os.environ["PATH"], BUREAU_LOCALEDIR=os.path.join(BUILD, "po/locale"))
RC = f"set net.dns 127.0.0.1:{names.port}\nset setup.timeout 3s\nset setup.ispdb -\n"
homes = 0


def home(rc=RC):
    global homes
    homes += 1
    return doubles.home(os.path.join(T, f"h{homes}"), rc)


def new_account(server, address):
    """The keys of :setup for an account of a server that nobody signed for, up to its trusted key."""
    return f"""wait :setup
type :setup
key Enter
wait anna@example.com
key C-a C-k
type {address}
key Enter
wait Maildir
key C-a C-k
type imaps://127.0.0.1:{server.tls_port}
key Enter
wait the server that sends
key C-a C-k
key Enter
wait your login there: {address}
key Enter
wait password:
type secret
key Enter
wait t trust this key
key t"""


def play(name, h, script, size="80x24", env=ENV, paste=None, args=()):
    """Plays a script; at the line PASTE the page's address is taken from the clipboard, visited, and pasted."""
    p = subprocess.Popen([DRIVE, size, "/usr/bin/env", f"TMUX={T}/socket,1,0", BUREAU, "--home", h, *args], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    if os.path.exists(copied):
        os.unlink(copied)
    try:
        for line in script.strip().splitlines():
            if line == "PASTE":
                end = time.monotonic() + 10
                while not os.path.exists(copied) and time.monotonic() < end:
                    time.sleep(0.05)
                line = "paste " + paste(open(copied).read())
            p.stdin.write(line + "\n")
            p.stdin.flush()
    except FileNotFoundError:
        p.stdin.write("expect the page's address was not copied\n")
    except BrokenPipeError:
        pass
    try:
        p.stdin.close()
    except BrokenPipeError:
        pass
    out = p.stdout.read()
    ok(p.wait(60) == 0, name, out)


def rc(h):
    return open(os.path.join(h, "bureaurc")).read()


def secret(h, name):
    path = os.path.join(h, "state/secrets", name)
    return open(path).read() if os.path.exists(path) else None


ZH = dict(ENV, LC_ALL="C.UTF-8", LANGUAGE="zh_CN")
# ---- the first start: a known provider, no password yet ----
for lang, env, welcome, hint, wrote in (("English", ENV, "Welcome to bureau.", "authorization code", "Your mail"),
                                        ("Chinese", ZH, "欢迎使用", "授权码", "您的邮件")):
    h = home(None)
    play(f"first start, {lang}", h, f"""wait {welcome}
type Anna Li <anna@qq.com>
key Enter
wait imaps://imap.qq.com
key Enter
wait smtps://smtp.qq.com
row -3 {hint}
key Enter
sleep 300
key Enter
gone {wrote}
key Q
exit 0""", env=env)
    text = rc(h)
    ok('from "Anna Li <anna@qq.com>" imap imaps://imap.qq.com smtp smtps://smtp.qq.com' in text and "set me" in text, "its bureaurc", text)

# ---- :setup with a password ----
for size in ("80x24", "120x40", "40x12"):
    h = home()
    logins = imap.logins
    play(f"setup with a password at {size}", h, """wait 1 Inbox
type :setup
key Enter
wait address:
key C-a C-k
type Anna Li <anna@auto.test>
key Enter
wait your mail
key Enter
wait password:
type wrong
wait *****
refuse wrong
key Enter
wait a again
wait password
key a
wait password:
refuse your mail
type right
key Enter
gone Your mail
refuse right
key Q
exit 0""", size=size)
    ok(secret(h, "auto.password") == "right" and "account auto " in rc(h) and rc(h).startswith(RC), f"is written at {size}", rc(h))
    ok(imap.logins > logins, "after a login")

h = home()
play("a password in Chinese letters", h, """wait 收件箱
type :setup
key Enter
wait 姓名和地址
key C-a C-k
type 李娜 <li@auto.test>
key Enter
wait imaps://
wait Maildir、mbox
key Enter
wait 密码：
type 密码 x
wait ****
refuse 密码 x
key Enter
gone 您的邮件
key Q
exit 0""", env=ZH)
ok(secret(h, "auto.password") == "密码 x" and "李娜" in rc(h), "is stored as typed", rc(h))

h = home(RC + "account old from a@b.test\n")
play("bureau setup, typed in a shell", h, """wait your name and address
key C-g
gone Your mail
wait No mail yet
key Q
exit 0""", args=["setup"])
ok(rc(h) == RC + "account old from a@b.test\n", "asks on the screen; no answer changes nothing", rc(h))

# ---- what was not found is asked for ----
h = home()
play("asks only for what was not found", h, f"""wait 1 Inbox
type :setup
key Enter
wait address:
key C-a C-k
type anna@half.test
key Enter
wait your mail
expect localhost
key Enter
wait the server that sends:
key C-a C-k
type nonsense
key Enter
wait begins with smtps:// or smtp://
key C-a C-k
type smtps://localhost:{smtp.port}
key Enter
wait password:
key Esc
wait the server that sends:
expect smtps://localhost:
key Esc
wait your mail
wait imaps://localhost:
key Esc
wait your name and address
row -2 anna@half.test
key Enter
wait your mail
key Enter
wait the server that sends:
key Enter
wait password:
key Enter
gone Your mail
key Q
exit 0""")
ok(f"imap imaps://localhost:{imap.port} smtp smtps://localhost:{smtp.port}" in rc(h) and secret(h, "half.password") is None, "and leaves the rest", rc(h))

# ---- a login that is not the address ----
user_imap = doubles.Mail("imap", context, lambda u, s, m: (u, s) == ("anna", "right"), mechanisms=("PLAIN",))
user_smtp = doubles.Mail("smtp", context, lambda u, s, m: (u, s) == ("anna", "right"), mechanisms=("PLAIN",))
names.srv("_imaps._tcp.user.test", "localhost", user_imap.port)
names.srv("_submissions._tcp.user.test", "localhost", user_smtp.port)
h = home()
play("a login that is not the address", h, """wait 1 Inbox
type :setup
key Enter
wait address:
key C-a C-k
type anna@user.test
key Enter
wait your mail
key Enter
wait the server that sends
key Enter
wait password:
type right
key Enter
wait u another login
key u
row -2 your login there: anna@user.test
key C-a C-k
type anna
key Enter
wait password:
key Esc
row -2 your login there: anna
key Enter
wait password:
type right
key Enter
gone anna@user.test
key Q
exit 0""")
ok(" user anna" in rc(h) and secret(h, "user.password") == "right", "is asked for when the address is refused", rc(h))

# ---- a server with a certificate of its own making ----
bare = os.path.join(T, "bare")
os.mkdir(bare)
crt, key, pin = dovecot.certificate(bare)
own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
own.load_cert_chain(crt, key)
own_imap = doubles.Mail("imap", own, lambda u, s, m: s == "right", mechanisms=("PLAIN",))
own_smtp = doubles.Mail("smtp", own, lambda u, s, m: s == "right", mechanisms=("PLAIN",))
for name, env, untrusted, again in (("English", ENV, "is not trusted", "t trust this key"), ("Chinese", ZH, "证书", "t 信任")):
    h = home()
    play(f"a server whose certificate nobody signed, {name}", h, f"""wait :setup
type :setup
key Enter
wait anna@example.com
key C-a C-k
type anna@none.test
key Enter
wait Maildir
key C-a C-k
type imaps://127.0.0.1:{own_imap.port}
key Enter
row -2 smtps://127.0.0.1
refuse smtp.127
key C-a C-k
type smtps://127.0.0.1:{own_smtp.port}
key Enter
row -2 anna@none.test
key Enter
sleep 300
type right
key Enter
wait {untrusted}
wait SHA-256
wait {pin[:20]}
row -2 {again}
key t
gone {untrusted}
gone anna@none.test
key Q
exit 0""", env=env)
    ok(f"pin {pin}" in rc(h) and secret(h, "none.password") == "right", "its key is pinned when a person says so", rc(h))
p = subprocess.run([BUREAU, "--home", home(RC + f"account own from a@b.test imap imaps://127.0.0.1:{own_imap.port} smtp smtps://127.0.0.1:{own_smtp.port} password-command echo right;\n"),
                    "doctor"], env=ENV, capture_output=True, text=True)
lines = [x for x in p.stdout.splitlines() if "imap own" in x or "smtp own" in x]
ok(p.returncode == 1 and len(lines) == 2 and all(x.startswith("fail") for x in lines) and f"account own pin {pin}" in p.stdout,
   "doctor: a failure, with the key and the line that pins it", p.stdout)
h = home()
base = [BUREAU, "--home", h, "setup", "own", "--address", "a@own.test", "--imap", f"imaps://127.0.0.1:{own_imap.port}", "--smtp", f"smtps://127.0.0.1:{own_smtp.port}", "--password-stdin", "--no-sync"]
p = subprocess.run(base, env=ENV, input="right\n", capture_output=True, text=True)
ok(p.returncode == 5 and pin in p.stderr, "setup in batch names it as well", p)
p = subprocess.run(base + ["--pin", pin], env=ENV, input="right\n", capture_output=True, text=True)
ok(p.returncode == 0 and f"pin {pin}" in rc(h), "and takes it by --pin", p, rc(h))
p = subprocess.run(base + ["--pin", "abc"], env=ENV, input="right\n", capture_output=True, text=True)
ok(p.returncode == 2 and "64" in p.stderr, "not what is no SHA-256", p)

# ---- two servers of one account, each with a key of its own; what is no server's address ----
two = os.path.join(T, "two")
os.mkdir(two)
crt, key, pin2 = dovecot.certificate(two)
other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
other.load_cert_chain(crt, key)
login = lambda u, s, m: (u, s) == ("anna", "right")
two_imap, two_smtp = doubles.Mail("imap", own, login, mechanisms=("PLAIN",)), doubles.Mail("smtp", other, login, mechanisms=("PLAIN",))
h = home()
play("two servers with two keys, a login that is not the address", h, f"""wait :setup
type :setup
key Enter
wait anna@example.com
key C-a C-k
type anna@none.test
key Enter
wait Maildir
key C-a C-k
type imaps://127.0.0.1:{two_imap.port}
key Enter
row -2 smtps://127.0.0.1
type anna
key Enter
wait “127.0.0.1anna” is no name and no number of a server
key C-a C-k
type 127.0.0.1:{two_smtp.port}x
key Enter
wait at most a port
key C-a C-k
type 127.0.0.1:{two_smtp.port}
key Enter
row -2 your login there: anna@none.test
key C-a C-k
type anna
key Enter
wait password:
type wrong
key Enter
wait trust it. imaps://127.0.0.1:{two_imap.port}
wait {pin[:20]}
row -2 t trust this key
key t
wait refused the login
row -2 a again
key a
wait password:
type right
key Enter
wait trust it. smtps://127.0.0.1:{two_smtp.port}
expect is not the one that is trusted
refuse cannot be reached
wait {pin2[:20]}
row -2 t trust this key
key t
gone anna@none.test
key Q
exit 0""")
ok(f"pin {pin},{pin2}" in rc(h) and "user anna" in rc(h) and secret(h, "none.password") == "right", "both keys are pinned", rc(h))
p = subprocess.run([BUREAU, "--home", home(RC + f"account two from a@b.test user anna imap imaps://127.0.0.1:{two_imap.port} smtp smtps://127.0.0.1:{two_smtp.port} password-command echo right;\n"),
                    "doctor"], env=ENV, capture_output=True, text=True)
ok(p.returncode == 1 and f"account two pin {pin},{pin2}" in p.stdout, "doctor names the line that pins both", p.stdout)
p = subprocess.run([BUREAU, "--home", home(RC + f"account two from a@b.test user anna pin {pin} imap imaps://127.0.0.1:{two_imap.port} smtp smtps://127.0.0.1:{two_smtp.port} password-command echo right;\n"),
                    "doctor"], env=ENV, capture_output=True, text=True)
ok("is not the one that is trusted" in p.stdout and f"account two pin {pin},{pin2}" in p.stdout and "cannot be reached" not in p.stdout,
   "and says so of a key that is not the pinned one", p.stdout)

# ---- an account without mail yet: what comes is seen at once ----
if dovecot.have():
    with dovecot.Dovecot(os.path.join(T, "dovecot")) as server:
        h = home()
        server.client("empty@none.test").create("Sent")

        def later():
            end = time.monotonic() + 30
            while "account" not in rc(h) and time.monotonic() < end:
                time.sleep(0.1)
            time.sleep(3)
            server.client("empty@none.test").append("INBOX", "", None, b"From: Tom <tom@x.test>\r\nSubject: the first one\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n")

        threading.Thread(target=later, daemon=True).start()
        play("the first mail of a new account comes by itself", h, f"""{new_account(server, "empty@none.test")}
wait No mail yet
wait the first one
key Q
exit 0""")

        server.fill("many@none.test", [(f"From: Tom <tom@x.test>\r\nSubject: mail {i}\r\nMessage-ID: <m{i}@x>\r\n\r\nHello {i}\r\n".encode(), "S", time.time() - i)
                                       for i in range(37)])
        h = home()
        play("the first fetch tells how many mails came", h, f"""{new_account(server, "many@none.test")}
wait 37 new mails
expect offline: no model
refuse nothing leaves this machine
key Q
exit 0""")

# ---- a search that hangs is stopped ----
web.pages["autoconfig.corp.test", "/mail/config-v1.1.xml"] = lambda t: time.sleep(30)
h = home(RC.replace("3s", "30s"))
start = time.monotonic()
play("C-c stops the search", h, """wait 1 Inbox
type :setup
key Enter
wait address:
key C-a C-k
type anna@corp.test
key Enter
wait Looking for
row -2 C-c stop
key C-c
wait your mail
row -2 Esc goes back
key C-g
wait your name and address
key C-g
gone Your mail
wait No mail yet
key Q
exit 0""")
ok(time.monotonic() - start < 20, "at once")

# ---- OAuth ----
OAUTH = (f"account corp from anna@corp.test imap imaps://localhost:{imap.port} smtp smtps://localhost:{smtp.port} oauth corp "
         f"oauth-authorize {auth.url}/authorize oauth-token {auth.url}/token oauth-device {auth.url}/device oauth-client client-1\n")
h = home(RC + OAUTH)
play("signs in by a pasted address", h, """wait 1 Inbox
type :setup corp --login
key Enter
wait o OAuth
key o
wait Open this address
wait code_challenge
wait the browser ended on
key C-x y
PASTE
key Enter
gone Your mail
key Q
exit 0""", paste=auth.visit)
ok("access." in (secret(h, "corp.token") or "") and rc(h) == RC + OAUTH, "keeps the token, changes no line", secret(h, "corp.token"), rc(h))
h = home(RC + OAUTH)
play("signs in by a code on another device", h, """wait 1 Inbox
type :setup corp --login
key Enter
wait d OAuth
key d
wait WDJB-MJHT
expect /activate
gone Your mail
key Q
exit 0""")
h = home(RC + OAUTH)
play("a no in the browser, in Chinese", h, """wait 收件箱
type :setup corp --login
key Enter
wait OAuth
key o
wait 浏览器
key C-x y
PASTE
key Enter
wait access_denied
key l
gone access_denied
key Q
exit 0""", paste=lambda url: auth.visit(url, deny=True), env=ZH)
ok(secret(h, "corp.token") is None, "leaves no token")
done()
