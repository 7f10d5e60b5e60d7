#!/usr/bin/python3
"""morning.py - the whole of a morning from the keyboard at 80×24, in English and in Chinese, against a real Dovecot and a real
SMTP server: setup, reading, an answer with a file, taken back and sent, snooze, a batch, undo, search, a file saved; then a second
client looks at what the server holds (TAP)."""
import base64, email, email.policy, gettext, hashlib, json, os, quopri, re, subprocess, sys
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime, formataddr

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "servers"))
from tap import BUILD, BUREAU, ENV, SRC, T, done, ok, skip
import doubles, dovecot

DRIVE = os.path.join(BUILD, "tests/screen/drive")
if not os.path.exists(DRIVE):
    skip("libvterm is not here")
if not dovecot.have():
    skip("dovecot is not here")
try:
    import smtp
except ImportError:
    skip("aiosmtpd is not here")

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=timezone(timedelta(hours=1)))  # a Tuesday
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40


def mail(who, subject, body, ago, ident, kind="plain", files=(), more=()):
    """A mail as (bytes, flags, seconds); ago: minutes before NOW."""
    when = NOW - timedelta(minutes=ago)
    name, address = who
    head = ["From: " + formataddr((name, address)), "To: Anna Li <anna@auto.test>", "Subject: " + Header(subject, "utf-8").encode(),
            "Date: " + format_datetime(when), f"Message-ID: <{ident}@test.example>", *more, "MIME-Version: 1.0"]
    text = [f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            quopri.encodestring(body.encode()).decode().replace("\n", "\r\n")]
    if files:
        lines = ["Content-Type: multipart/mixed; boundary=b", "", "--b", *text]
        for title, data in files:
            lines += ["--b", "Content-Type: application/pdf", "Content-Transfer-Encoding: base64",
                      "Content-Disposition: attachment; filename*=utf-8''" + "".join(f"%{b:02X}" for b in title.encode()), "",
                      base64.encodebytes(data).decode().replace("\n", "\r\n")]
        text = lines + ["--b--", ""]
    return "\r\n".join(head + text).encode(), "", when.timestamp()


LINA, TOM, MARTA = ("李娜", "li.na@haitian.example"), ("Tom Berger", "tom@acme.example"), ("Marta Ruiz", "marta@ruiz.example")
HTML = """<html><head><style>p { color: red }</style></head><body><h1>Order 2231</h1><p>Dear Anna,</p>
<table><tr><th>Item</th><th>Pieces</th></tr><tr><td>Pallet</td><td>40</td></tr><tr><td>Crate</td><td>12</td></tr></table>
<p>Please <a href="https://ruiz.example/orders/2231">confirm the order</a> by Friday.</p>
<blockquote>Which pallets?<br>The grey ones?<br>How many of them?</blockquote></body></html>"""


def mailbox():
    """What waits in the inbox this morning; the newest first."""
    quoted = "".join(f"> line {i} of what was said before\n" for i in range(1, 9))
    out = [mail(LINA, "Q3 报价单", "安娜您好：\n\n附件是第三季度报价单，总价 48,200 元（含税）。\n能否在周五前确认总价？交货地点是否仍为苏州仓库？\n\n李娜\n",
                18, "q3", files=[("报价单-Q3.pdf", PDF)]),
           mail(TOM, "Contract draft, clause 7", "Dear Anna,\n\nplease find the draft below.\n\nTom\n", 2900, "c1"),
           mail(TOM, "Re: Contract draft, clause 7", f"Dear Anna,\n\ncould you confirm clause 7 by Wednesday?\n\n{quoted}\nBest regards,\nTom\n",
                40, "c2", more=["In-Reply-To: <c1@test.example>", "References: <c1@test.example>"]),
           mail(MARTA, "Order 2231", HTML, 75, "order", kind="html"),
           mail(("HR", "hr@auto.test"), "Sign the travel policy", "Please sign the travel policy until 30 November.\n", 120, "hr")]
    for i in range(12):
        out.append(mail(("Ports Weekly", "news@list.example"), f"Ports this week {i + 1}", "All about ports.\n", 200 + i * 1440, f"news{i}",
                        more=["List-Id: <news.list.example>", "List-Unsubscribe: <https://list.example/u>", "Precedence: bulk"]))
    for i in range(40):
        words = "会议纪要在附件里。" if i == 17 else "货物已经发出。" if i % 3 else "The goods have left."
        out.append(mail(("Jan Vos", "jan@vos.example"), f"Delivery {4100 + i}", f"Hello Anna,\n\n{words}\n\nJan\n", 1600 + i * 700, f"d{i}"))
    return out


class Town:
    """The servers of a morning."""

    def __init__(self, folder):
        os.makedirs(folder)
        ca, context = doubles.certificates(folder, ["localhost", "autoconfig.auto.test"])
        self.dovecot = dovecot.Dovecot(os.path.join(folder, "dovecot"))
        both = os.path.join(folder, "both.pem")
        with open(both, "w") as f:
            f.write(open(ca).read() + open(self.dovecot.crt).read())
        self.user = "anna@auto.test"
        self.dovecot.fill(self.user, mailbox())
        self.smtp = smtp.Server(os.path.join(folder, "smtp"), context=context, login={self.user: dovecot.PASSWORD})
        self.names, self.web = doubles.Names(), doubles.Web(context)
        self.web.pages["autoconfig.auto.test", "/mail/config-v1.1.xml"] = doubles.config(("localhost", self.dovecot.tls_port, "SSL"),
                                                                                        ("localhost", self.smtp.port, "SSL"))
        self.home, self.saved = os.path.join(folder, "home"), os.path.join(folder, "saved")
        self.files = os.path.join(folder, "文件")
        for path in (self.home, self.saved, self.files):
            os.mkdir(path, 0o700)
        with open(os.path.join(self.files, "回复 报价（确认）.pdf"), "wb") as f:
            f.write(PDF[::-1])
        with open(os.path.join(self.home, "bureaurc"), "w") as f:
            os.chmod(f.name, 0o600)
            f.write(f"set net.dns 127.0.0.1:{self.names.port}\nset setup.timeout 3s\nset setup.ispdb -\nset send.hold 8s\n")
        self.env = dict(ENV, SSL_CERT_FILE=both, https_proxy=f"http://127.0.0.1:{self.web.port}", INPUTRC="/dev/null",
                        BUREAU_NOW=NOW.isoformat(), BUREAU_LOCALEDIR=os.path.join(BUILD, "po/locale"))

    def stop(self):
        self.smtp.stop()
        self.dovecot.stop()


def said(lang):
    """What the program says in a language: the catalogue's words up to the first value; (one, many, n) where they differ."""
    folder = os.path.join(BUILD, "po/locale")
    book = gettext.translation("bureau", folder, [lang], fallback=lang == "en")

    def words(text, many=None, n=0):
        text = book.ngettext(text, many, n) if many else book.gettext(text)
        text = re.sub(r"%(zu|lld|d)", str(n), text, count=1) if many else text
        return text.split("%")[0].split("  ")[0 if not text.startswith("  ") else 1].strip()
    return words


def play(town, lang, name, script):
    p = subprocess.run([DRIVE, "80x24", BUREAU, "--home", town.home], env=dict(town.env, LANGUAGE=lang), input=script, timeout=300,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    ok(p.returncode == 0, f"{name}, {lang}", p.stdout)


def run(town, *args):
    """Later: a clock that went back would wait for what the screen had begun."""
    later = dict(town.env, BUREAU_NOW=(NOW + timedelta(minutes=30)).isoformat())
    return subprocess.run([BUREAU, "--home", town.home, *args], env=later, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, timeout=120)


def there(town, folder):
    """What lies in a folder of the server: {subject: (flags, bytes)}."""
    c, out = town.dovecot.client(town.user), {}
    kind, rows = c.select(folder, readonly=True)
    if kind == "OK" and int(rows[0]):
        kind, rows = c.fetch("1:*", "(FLAGS BODY.PEEK[])")
        for row in rows:
            if isinstance(row, tuple):
                m = email.message_from_bytes(row[1], policy=email.policy.default)
                out[m["Subject"]] = (row[0].decode(), row[1])
    c.logout()
    return out


def day(lang, person):
    town = Town(os.path.join(T, lang))
    try:
        w = said(lang)
        path = os.path.join(town.files, "回")
        play(town, lang, "setup (servers found, login tested, the inbox usable), then the morning", f"""wait {w(":setup         makes an account")}
type :setup
key Enter
wait {w("your name and address:")}
key C-a C-k
type {person} <anna@auto.test>
key Enter
wait imaps://localhost:{town.dovecot.tls_port}
key Enter
wait smtps://localhost:{town.smtp.port}
wait {w("password:")}
type secret
key Enter
row 2 Q3 报价单
wait {w("bulk")} 12
row -1 57
row -1 09:3
# reading: a thread with quotes, an HTML mail with a table and a link
key j
row 3 >
key Enter
wait could you confirm clause 7
wait please find the draft below
wait {w("  %d line quoted   H shows", "  %d lines quoted   H shows", 8)}
refuse > line 8 of what
key H
wait > line 8 of what
key H
gone > line 8 of what
key J
wait Pallet      40
wait [1] https://ruiz.example/orders/2231
refuse color: red
refuse > The grey ones?
key H
wait > The grey ones?
key q
wait {w("bulk")} 12
# the answer, with a file found by Tab
key g
row 2 >
key Enter
wait 附件是第三季度报价单
key w
wait d1 v1
type 李娜您好：确认 48,200 元，送苏州仓库。
wait 送苏州仓库。
key C-x h
wait {w("Bcc")}
key Down Down Down Down Down
type {path}
key Tab
wait 回复 报价（确认）.pdf
key Enter
row -3 {w("d%lld is saved").replace("d", "d1", 1) if lang == "en" else "d1 已保存"}
key Esc
gone {w("Bcc")}
wait 回复 报价（确认）.pdf
# sent, taken back, sent again: the countdown stands in the status row
key C-x Enter
wait {w("Enter sends, Esc back: ")}
key Enter
wait C-x u
gone 送苏州仓库。
key C-x u
wait 送苏州仓库。
row -3 {w("taken back")}
gone C-x u
key C-x Enter
wait {w("Enter sends, Esc back: ")}
key Enter
wait C-x u
wait Contract draft, clause 7
key q
wait {w("bulk")} 12
# one that needs no opening is read by its key
key /
type travel
key Enter
wait > N {w("act")}
key i
wait >   {w("act")}
# put off until tomorrow
key /
type clause
key Enter
row 3 > 
key s
wait {w("snooze until")}
type {"tomorrow" if lang == "en" else "明天"}
key Enter
wait 09:00
gone Contract draft
# a lane at once, and back; a range for good
key ) ) )
wait <news.list.example>
row -13 >
key *
row -3 {w("%zu marked   Esc clears", "%zu marked   Esc clears", 12)}
key a
row -3 {w("%lld archived", "%lld archived", 12)}
gone Ports this week
row -4 Delivery 4139
key u
row 11 > N {w("bulk")}
key v j j v
row -3 {w("%zu marked   Esc clears", "%zu marked   Esc clears", 3)}
key a
row -3 {w("%lld archived", "%lld archived", 3)}
gone Ports this week 3
expect Ports this week 4
# here and everywhere; a hit opens, Esc comes back to it
key /
type Delivery 4102
key Enter
wait > N {w("fyi")}
key / /
wait {w("search everywhere")}
type 会议
row 2 Delivery 4117
key Enter
row 1 会议
key Enter
wait 会议纪要在附件里。
wait Hello Anna
key Esc
row 1 会议
row 2 >
row 2 Delivery 4117
# the file of the first mail to a folder
key C-x f
wait {w("search everywhere")}
key C-u
type has:attachment from:li.na
row 2 报价单
key Enter
wait :save-search
key Enter
wait 附件是第三季度报价单
key A
wait {w("Attachments and links")}
row -2 {"s save" if lang == "en" else "s 保存"}
key /
type 报价单-Q3
key Enter
key Y
wait {w("save to folder")}
key C-a C-k
type {town.saved}
key Enter
row -3 {town.saved[:30]}
# what was held has left
gone C-x u
key C-x e
wait {w("Messages")}
wait {"Sent 09:" if lang == "en" else "已发出：李娜"}
key q
key Q
exit 0
""")
        rc = open(os.path.join(town.home, "bureaurc")).read()
        ok("account auto " in rc and f"imap imaps://localhost:{town.dovecot.tls_port}" in rc and f"{person} <anna@auto.test>" in rc and
           "secret" not in rc, "its lines stand in bureaurc", rc)
        check(town)
    finally:
        town.stop()


def check(town):
    """A second client, the SMTP server and the disk."""
    got = town.smtp.messages()
    shown = [json.loads(x) for x in run(town, "--json", "outbox", "--all").stdout.decode().splitlines()]
    sent = [r for r in shown if r.get("state") == "sent"]
    ok(len(got) == 1 and len(sent) == 1, "the server that sends holds one message", len(got), shown)
    envelope, raw = got[0]
    ok(hashlib.sha256(raw).hexdigest() == sent[0]["bytes_hash"], "with exactly the approved bytes", sent[0])
    ok(envelope["to"] == ["li.na@haitian.example"], "to whom it answers", envelope)
    m = email.message_from_bytes(raw, policy=email.policy.default)
    files = [(p.get_filename(), p.get_content()) for p in m.iter_attachments()]
    ok(files == [("回复 报价（确认）.pdf", PDF[::-1])], "and its file with its Chinese name", [f[0] for f in files])
    ok(m["In-Reply-To"] == "<q3@test.example>" and "确认 48,200 元" in m.get_body().get_content(), "as an answer")
    run(town, "work", "--once")  # the copy to Sent, when Q was faster
    p = run(town, "sync")
    ok(p.returncode == 0, "all is taken up to the server", p.stderr.decode())
    box, archive, later, copies = (there(town, f) for f in ("INBOX", "Archive", "Snoozed", "Sent"))
    ok(sorted(archive) == [f"Ports this week {i}" for i in (1, 2, 3)], "a second client sees the three archived", sorted(archive))
    ok(sorted(later) == ["Contract draft, clause 7", "Re: Contract draft, clause 7"], "the conversation put off", sorted(later))
    ok(len(box) == 57 - 5 and "Order 2231" in box, "the rest in the inbox", sorted(box))
    ok("\\Seen" in box["Sign the travel policy"][0] and "\\Answered" in box["Q3 报价单"][0] and "\\Seen" not in box["Delivery 4139"][0],
       "what was read and answered", box["Q3 报价单"][0])
    ok(list(copies) == ["Re: Q3 报价单"] and copies["Re: Q3 报价单"][1] == raw, "the copy in Sent, byte for byte", list(copies))
    saved = os.path.join(town.saved, "报价单-Q3.pdf")
    ok(os.path.exists(saved) and open(saved, "rb").read() == PDF, "the saved file", os.listdir(town.saved))
    drafts = there(town, "Drafts")
    ok(not there(town, "Trash"), "nothing was thrown away", list(there(town, "Trash")))
    ok(not drafts, "no draft is left behind", list(drafts))


if __name__ == "__main__":
    day("en", "Anna Li")
    day("zh_CN", "安娜")
    done()
