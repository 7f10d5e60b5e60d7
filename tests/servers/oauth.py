#!/usr/bin/python3
"""oauth.py - signing in with OAuth: PKCE with a pasted address, devices, renewal, rotation, revoked; the SASL bytes (TAP)."""
import json, os, re, shutil, stat, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import BUREAU, ENV, T, done, ok, skip
if not shutil.which("openssl"):
    skip("no openssl to make certificates with")
import doubles

ca, context = doubles.certificates(T, ["localhost"])
auth = doubles.Authority(secret="s3cret&+ ")
good = lambda user, token, mechanism: mechanism != "PLAIN" and user == "anna@corp.test" and token in auth.access
imap = doubles.Mail("imap", context, good, mechanisms=("PLAIN", "OAUTHBEARER", "XOAUTH2"))
smtp = doubles.Mail("smtp", context, good, mechanisms=("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"))
ENV = dict(ENV, SSL_CERT_FILE=ca)
h = os.path.join(T, "h")
os.mkdir(h, 0o700)
LINE = (f"account corp oauth-authorize {auth.url}/authorize?tenant=x oauth-token {auth.url}/token oauth-device {auth.url}/device "
        f'oauth-scope "mail offline" oauth-secret-command printf "s3cret&+ ";\n')
SERVERS = ["--imap", f"imaps://localhost:{imap.port}", "--smtp", f"smtps://localhost:{smtp.port}"]
TOKEN = os.path.join(h, "state", "secrets", "corp.token")


def write(text):
    with open(os.path.join(h, "bureaurc"), "w") as f:
        os.chmod(f.name, 0o600)
        f.write(text)


def run(*args, stdin=b"", env=ENV):
    p = subprocess.run([BUREAU, "--home", h, *args], env=env, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def sign_in(*args, paste=None):
    """Runs setup and does what a person does: visits the page, pastes what paste(url) gives (each in turn)."""
    p = subprocess.Popen([BUREAU, "--home", h, *args], env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = []
    for line in p.stderr:
        said.append(line.decode())
        if line.startswith(b"http"):
            for text in paste(line.decode().strip()):
                p.stdin.write(text.encode() + b"\n")
                p.stdin.flush()
    out = p.stdout.read().decode()
    return p.wait(60), out, "".join(said)


def doctor():
    code, out, err = run("doctor", "--json")
    return code, {(x := json.loads(l))["check"]: x for l in out.splitlines() if l.startswith("{")}


def token():
    return json.load(open(TOKEN))


def stale(**more):
    """Makes the stored token old."""
    t = dict(token(), expires_at=1, **more)
    open(TOKEN, "w").write(json.dumps(t))


# ---- the code that is pasted ----
write(LINE)
new = ["setup", "corp", "--json", "--name", "Anna", "--address", "anna@corp.test", *SERVERS, "--oauth", "corp", "--oauth-client", "client-1"]
urls = []


def visit(url):
    urls.append(url)
    end = auth.visit(url)
    other = re.sub("state=[^&]*", "state=" + "A" * 43, end)
    return ["not an address", other, "  " + end + " "]


code, out, err = sign_in(*new, paste=visit)
ok(code == 0, "signs in by a pasted address", code, out, err)
ok("state is not ours" in err and "no code" in err, "another sign-in's address, or none, is asked for again", err)
q = dict(doubles.urllib.parse.parse_qsl(doubles.urllib.parse.urlparse(urls[0]).query))
ok(q["code_challenge_method"] == "S256" and len(q["state"]) >= 43 and q["scope"] == "mail offline" and q["login_hint"] == "anna@corp.test" and
   urls[0].startswith(auth.url + "/authorize?tenant=x&"), "the page's address", q)
p = auth.asked[-1][1]
ok(43 <= len(p["code_verifier"]) <= 128 and p["client_secret"] == "s3cret&+ " and p["code"].startswith("code/"), "the code is exchanged with its verifier", p)
ok(imap.sasl[-1] == ("OAUTHBEARER", b"n,a=anna@corp.test,\x01host=localhost\x01port=%d\x01auth=Bearer access.1\x01\x01" % imap.port),
   "OAUTHBEARER as RFC 7628 writes it", imap.sasl)
ok(smtp.sasl[-1] == ("XOAUTH2", b"user=anna@corp.test\x01auth=Bearer access.1\x01\x01"), "XOAUTH2 where there is nothing better", smtp.sasl)
ok(all(m in ("OAUTHBEARER", "XOAUTH2") for m, _ in imap.sasl + smtp.sasl), "a token goes by no other mechanism")
ok(stat.S_IMODE(os.stat(TOKEN).st_mode) == 0o600 and token()["refresh_token"] == "refresh.1", "the token lies in a file of ours alone")
rc = open(h + "/bureaurc").read()
ok("oauth corp" in rc and "oauth-client client-1" in rc and "access." not in rc and "s3cret" in rc, "the config has the client, no token", rc)
hidden = b"".join(open(os.path.join(d, x), "rb").read() for d, _, xs in os.walk(h) for x in xs if not x.endswith(".token"))
ok(b"access.1" not in hidden and b"refresh.1" not in hidden, "which stands nowhere else")
ok("access." not in out + err and "refresh." not in out + err, "nor is it said")

# ---- renewal ----
n = len(auth.asked)
code, lines = doctor()
ok(lines["imap corp"]["state"] == "ok" and lines["smtp corp"]["state"] == "ok" and len(auth.asked) == n, "a good token is used again", lines)
stale()
code, lines = doctor()
ok(lines["imap corp"]["state"] == "ok" and token()["access_token"] == "access.2" and token()["refresh_token"] == "refresh.2",
   "one that has ended is renewed without a question, the refresh token too", lines, token())
auth.access.discard("access.2")
code, lines = doctor()
ok(lines["imap corp"]["state"] == "ok" and lines["smtp corp"]["state"] == "ok" and token()["access_token"] == "access.3",
   "one that the server refuses is renewed once", lines, token())
auth.delay = 0.3
stale()
n, results = len(auth.asked), []
threads = [threading.Thread(target=lambda: results.append(doctor())) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
auth.delay = 0
ok(all(r[1].get("imap corp", {}).get("state") == "ok" for r in results) and len(auth.asked) == n + 1 and not auth.replayed,
   "four programs at once use one refresh token once", len(auth.asked) - n, auth.replayed)
auth.lifetime = 30  # shorter than what we want to have left
stale()
code, lines = doctor()
ok(lines["imap corp"]["state"] == "ok", "a token that lives shortly is used all the same", lines)
auth.lifetime = 3600
os.chmod(TOKEN, 0o640)
code, lines = doctor()
ok("chmod 600" in lines["login corp"]["hint"] and lines["login corp"]["state"] == "fail", "a token that others may read is refused", lines)
os.chmod(TOKEN, 0o600)

# ---- sending with it ----
stale()
code, out, err = run("compose", "--to", "bob@example.org", "--subject", "x", "--say", "hello", "--model", "offline")
code, out, err = run("--yes", "send", "d1")
ok(code == 0 and any(x.startswith("MAIL FROM:<anna@corp.test>") for x in smtp.lines), "mail is sent with it", code, err)
auth.access.clear()
n = len(auth.asked)
run("compose", "--to", "bob@example.org", "--subject", "y", "--say", "hello", "--model", "offline")
code, out, err = run("--yes", "send", "d2")
ok(code == 0 and len(auth.asked) == n + 1, "a token that the server refuses while sending is renewed once", code, err, len(auth.asked) - n)

# ---- revoked ----
auth.revoke()
code, lines = doctor()
ok(code == 1 and "revoked" in lines["login corp"]["message"] and lines["login corp"]["hint"].endswith("bureau setup corp --login") or
   "--login" in lines["imap corp"]["hint"], "a revoked token is one clear line", lines)
stale()
code, lines = doctor()
ok("revoked" in lines["login corp"]["message"] and "bureau setup corp --login" in lines["login corp"]["hint"] and "imap corp" not in lines,
   "with the line to type", lines)
n = len(auth.asked)
run("compose", "--to", "bob@example.org", "--subject", "z", "--say", "hello", "--model", "offline")
code, out, err = run("--yes", "send", "d3")
ok(code != 0 and "revoked" in err and len(auth.asked) == n + 1, "a send says so, and the mail is kept", code, err)
code, out, err = sign_in("setup", "corp", "--login", paste=lambda url: [auth.visit(url)])
ok(code == 0 and open(h + "/bureaurc").read() == rc, "--login signs in anew and changes no line", code, out, err)
code, lines = doctor()
ok(lines["imap corp"]["state"] == "ok", "and it works again", lines)
code, out, err = sign_in("setup", "corp", "--login", paste=lambda url: [auth.visit(url, deny=True)])
ok(code == 4 and "refused in the browser" in err, "a no in the browser", code, err)
ok(doctor()[1]["imap corp"]["state"] == "ok", "leaves the old token in place")
code, out, err = sign_in("setup", "corp", "--login", paste=lambda url: [auth.visit(url).replace("code%2F", "wrong%2F")])
ok(code == 4 and "used before or is too old" in err, "a code that is not one", code, err)

# ---- a device ----
auth.pending, auth.slow = 1, 1
start = time.monotonic()
code, out, err = run("setup", "corp", "--login", "--device")
ok(code == 0 and "WDJB-MJHT" in err and auth.url + "/activate" in err, "a code that is typed elsewhere", code, out, err)
ok(time.monotonic() - start >= 8, "slow_down makes it slower", time.monotonic() - start)

# ---- other ways, other faults ----
write(rc.replace("oauth-client client-1", "oauth-client nobody"))
stale()
code, lines = doctor()
ok("client id" in lines["login corp"]["message"] and lines["login corp"]["hint"], "a client that the server does not know", lines)
write(rc.replace('printf "s3cret&+ "', "false"))
code, lines = doctor()
ok("oauth-secret-command" in lines["login corp"]["message"], "a secret's command that fails", lines)
write(re.sub(r'oauth-secret-command \S+ "[^"]*" ?;', "", rc))
with open(os.path.join(h, "state/secrets/corp.client"), "w") as f:
    os.chmod(f.name, 0o600)
    f.write("s3cret&+ \n")
code, lines = doctor()
ok(lines["imap corp"]["state"] == "ok", "the client's secret in a file", lines, open(h + "/bureaurc").read())
write(f'account corp from anna@corp.test imap imaps://localhost:{imap.port} token-command printf "{token()["access_token"]}";\n')
code, lines = doctor()
ok(lines["imap corp"]["state"] == "ok", "a token-command", lines)
write(f"account corp from anna@corp.test imap imaps://localhost:{imap.port} oauth google\n")
code, lines = doctor()
ok("client id" in lines["login corp"]["message"] and "oauth-client" in lines["login corp"]["hint"], "no client id is invented", lines)
write(f"account corp from anna@corp.test oauth x oauth-client c oauth-token http://192.0.2.1/token imap imaps://localhost:{imap.port}\n")
code, lines = doctor()
ok("not https" in lines["login corp"]["message"], "a secret goes to no http address but this machine's", lines)
write(f"account plain from anna@corp.test imap imaps://localhost:{imap.port} smtp smtps://localhost:{smtp.port} oauth google oauth-client c\n")
code, lines = doctor()
ok("not signed in" in lines["login plain"]["message"] and "--login" in lines["login plain"]["hint"], "never signed in", lines)
code, out, err = run("setup", "plain", "--login", "--device")
ok(code == 2 and "device" in err, "Google has no device sign-in for mail", code, err)
done()
