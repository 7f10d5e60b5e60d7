"""dovecot.py - a real Dovecot of a test's own: free loopback ports, a private folder, ended by its pid.

    with Dovecot(path) as d:
        d.account("work")          a line of bureaurc (imaps with a pin; plain=True: plaintext)
        c = d.client("work")       imaplib, the second client
        d.restart(), d.kill(), d.deliver("work", bytes)

Users are any names; the password is "secret". As root the mail belongs to nobody, as anybody else to oneself.
"""
import base64, getpass, hashlib, imaplib, os, pwd, re, shutil, signal, smtplib, socket, subprocess, sys, time

imaplib._MAXLINE = 50_000_000
PASSWORD = "secret"


def have():
    return shutil.which("dovecot", path="/usr/sbin:/usr/bin:/sbin") is not None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def certificate(folder):
    """A self-signed certificate for 127.0.0.1; the SHA-256 of its public key in hex."""
    crt, key = os.path.join(folder, "server.crt"), os.path.join(folder, "server.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
                    "-out", crt], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pub = subprocess.run(["openssl", "x509", "-in", crt, "-noout", "-pubkey"], check=True, stdout=subprocess.PIPE).stdout
    der = base64.b64decode(b"".join(pub.splitlines()[1:-1]))
    return crt, key, hashlib.sha256(der).hexdigest()


class Dovecot:
    def __init__(self, folder, port=None, capability=None, extra=""):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.port, self.tls_port, self.lmtp_port = port or free_port(), free_port(), free_port()
        self.root = os.getuid() == 0
        self.user = "nobody" if self.root else getpass.getuser()
        who = pwd.getpwnam(self.user)
        self.uid, self.gid = who.pw_uid, who.pw_gid
        import grp
        group = grp.getgrgid(self.gid).gr_name
        self.run, self.mail = os.path.join(folder, "run"), os.path.join(folder, "mail")
        for path in (self.run, self.mail):
            os.makedirs(path, exist_ok=True)
        if self.root:
            os.chown(self.mail, self.uid, self.gid)
            path = folder
            while path not in ("/", "/tmp"):  # the mail's user must get there
                os.chmod(path, os.stat(path).st_mode | 0o011)
                path = os.path.dirname(path)
        self.crt, self.key, self.pin = certificate(folder)
        names = "" if self.root else f"default_internal_user = {self.user}\ndefault_login_user = {self.user}\n" \
                                     f"default_internal_group = {group}\n"
        chroot = "" if self.root else "  chroot =\n"
        self.conf = os.path.join(folder, "dovecot.conf")
        with open(self.conf, "w") as f:
            f.write(f"""base_dir = {self.run}
state_dir = {self.run}
log_path = {os.path.join(folder, 'log')}
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{self.crt}
ssl_key = <{self.key}
disable_plaintext_auth = no
mail_location = maildir:{self.mail}/%u/Maildir:LAYOUT=fs
mail_uid = {self.uid}
mail_gid = {self.gid}
first_valid_uid = 1
mail_max_userip_connections = 50
{names}passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={self.uid} gid={self.gid} home={self.mail}/%u
}}
service imap-login {{
{chroot}  inet_listener imap {{
    address = 127.0.0.1
    port = {self.port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {self.tls_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.lmtp_port}
  }}
}}
service anvil {{
{chroot}}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
}}
{f"imap_capability = {capability}" if capability else ""}
{extra}
""")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([shutil.which("dovecot", path="/usr/sbin:/usr/bin"), "-F", "-c", self.conf],
                                        stdout=subprocess.DEVNULL, stderr=open(os.path.join(self.folder, "err"), "ab"))
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                    if s.recv(4):
                        return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("dovecot does not start: " + open(os.path.join(self.folder, "err"), errors="replace").read())

    def stop(self, sig=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def restart(self):
        self.stop()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def account(self, user, port=None, plain=False, extra=""):
        """The line of bureaurc; port: of a proxy in between."""
        name = user.split("@")[0]
        server = (f"imap imap://127.0.0.1:{port or self.port} plaintext" if plain
                  else f"imap imaps://127.0.0.1:{port or self.tls_port} pin {self.pin}")
        return f'account {name} from "{name} <{name}@example.com>" user {user} {server} ' \
               f'password-command printf {PASSWORD} ; {extra}\n'

    def client(self, user):
        c = imaplib.IMAP4("127.0.0.1", self.port)
        c.login(user, PASSWORD)
        return c

    def side(self, user, known=None):
        """What server_side() sees over a connection of its own: Dovecot says BYE to whoever has a folder open when it notes
        that the folder's UIDVALIDITY was changed, and that may be at the first FETCH after it; then one looks again."""
        for last in (False, False, True):
            try:
                c = self.client(user)
                there = server_side(c, known=known)
                c.logout()
                return there
            except imaplib.IMAP4.abort:
                if last:
                    raise

    def deliver(self, user, raw):
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as s:
            s.sendmail("sender@example.org", [user], raw)

    def fill(self, user, mails, folder=""):
        """Lays mails (bytes, flags "FS", seconds) into the user's Maildir before the server has seen it."""
        base = os.path.join(self.mail, user, "Maildir", folder)
        for d in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(base, d), exist_ok=True)
        for i, (raw, flags, when) in enumerate(mails):
            path = os.path.join(base, "cur", f"{int(when)}.M{i}P1.host:2,{flags}")
            with open(path, "wb") as f:
                f.write(raw)
            os.utime(path, (when, when))
        self.own(os.path.join(self.mail, user))

    def own(self, path):
        if self.root:
            for root, dirs, files in os.walk(path):
                os.chown(root, self.uid, self.gid)
                for x in files:
                    os.chown(os.path.join(root, x), self.uid, self.gid)


def quote(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folders(c):
    return sorted(re.split(r'\) ".*?" ', x.decode(), maxsplit=1)[1].strip('"') for x in c.list()[1] if x and b"\\Noselect" not in x)


def digest(raw):
    return hashlib.blake2b(raw.replace(b"\r\n", b"\n"), digest_size=20).hexdigest()


def server_side(c, skip=(), known=None):
    """The multiset of (folder, digest, flags, keywords, internal date), sorted. known: digests of earlier looks, by
    (folder, UIDVALIDITY, UID); only other bytes are fetched."""
    rows, known = [], {} if known is None else known
    for f in folders(c):
        if f in skip:
            continue
        c.select(quote(f), readonly=True)
        validity = c.response("UIDVALIDITY")[1][0]
        heads = {re.search(rb"UID (\d+)", x)[1]: x for x in c.uid("FETCH", "1:*", "(FLAGS INTERNALDATE)")[1] if x and b"INTERNALDATE" in x}
        new = [u for u in heads if (f, validity, u) not in known]
        for i in range(0, len(new), 500):
            for x in c.uid("FETCH", b",".join(new[i:i + 500]).decode(), "(BODY.PEEK[])")[1]:
                if isinstance(x, tuple):
                    known[(f, validity, re.search(rb"UID (\d+)", x[0])[1])] = digest(x[1])
        for u, head in heads.items():
            flags = sorted(y.lower() for y in imaplib.ParseFlags(head) for y in [y.decode()] if y.lower() != "\\recent")
            when = int(time.mktime(imaplib.Internaldate2tuple(head)))
            rows.append((f, known.get((f, validity, u), "gone meanwhile"), " ".join(y for y in flags if y[0] == "\\"),
                         " ".join(y for y in flags if y[0] != "\\"), when))
    return sorted(rows)
