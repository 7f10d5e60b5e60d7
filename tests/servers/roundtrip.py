#!/usr/bin/python3
"""roundtrip.py - what is written in one office arrives in another: composed in bureau, through a real SMTP server, delivered
by Dovecot's LMTP, fetched by sync: equal text, names, recipients, bytes of the files. And drafts in the IMAP server's folder.
"""
import email, email.policy, json, os, random, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import Office
from tap import T, done, ok, skip
import dovecot

if not dovecot.have():
    skip("dovecot is not here")
try:
    import smtp
except ImportError:
    skip("aiosmtpd is not here")

rng = random.Random(7)
NAMES = {"anna": "安娜·李", "lina": "李娜", "eva": "Eva “the boss” Ruiz, Dr."}
FILES = {
    "报价 单 2026（终稿）.pdf": b"%PDF-1.4\n" + rng.randbytes(200_000),
    "a b;c \"d\" 'e'.csv": "名称;数量\n箱;12\n".encode(),
    "empty.txt": b"",
    "lines.txt": b"From here\r\n.\r\n..\nno end",
    "很长的文件名" * 9 + ".txt": b"long\n",
    "emoji 📦.bin": bytes(range(256)) * 40,
    "letter.eml": b"From: x@y.example\nSubject: inner\n\n8bit: \xe4\xb8\xad\n",
}
TEXTS = {
    "plain": "Dear Lina,\n\njust a line.\n\nAnna",
    "中文": "李娜您好：\n\n总价 48,200 元（含税），请确认。\n\n此致\n安娜",
    "dots and From": "From the beginning\n.\n..\n.hidden\n>From quoted\nFrom again\n--\nno signature",
    "long lines": "x" * 1500 + "\n" + "中" * 1200 + "\n" + "word " * 400,
    "blanks": "two  blanks\n   indented\n\ttab\n\n\n\nend with blank \nlast",
    "emoji": "👍🏽 family 👨‍👩‍👧 flag 🇨🇳 e\u0301 ﷽ \u202eabc",
    "=?utf-8?q?not_encoded?=": "a subject that looks like an encoded word",
    "": "no subject at all",
    "很长的主题" * 40: "a long subject",
    "odd: \"quotes\" <angles> (parens), commas; =20 %41 \\ back": "odd subject",
}

server_dir = os.path.join(T, "smtp")
server = smtp.Server(server_dir)
with dovecot.Dovecot(os.path.join(T, "dovecot")) as d:
    offices = {}
    sig = os.path.join(T, "signature")
    with open(sig, "w") as f:
        f.write("安娜·李\nExample GmbH · +49 89 1234\n")
    for user, name in NAMES.items():
        lines = d.account(user, extra=f"smtp smtp://127.0.0.1:{server.port} plaintext")
        quoted = name.replace('"', '\\"')
        lines += f'account {user} from "\\"{quoted}\\" <{user}@example.com>"\nset send.hold 0s\n'
        if user == "anna":
            lines += f"set compose.signature {sig}\nset compose.mirror-after 0s\n"
        offices[user] = Office(lines, user)
    anna, lina = offices["anna"], offices["lina"]
    paths = {}
    os.makedirs(os.path.join(T, "文件 夹"))
    for name, data in FILES.items():
        paths[name] = os.path.join(T, "文件 夹", name)
        with open(paths[name], "wb") as f:
            f.write(data)

    taken = 0

    def carry():
        """The SMTP server hands what it took to Dovecot's delivery; the number of mails."""
        global taken
        names = sorted(n for n in os.listdir(server_dir) if n.endswith(".json"))
        for n in names[taken:]:
            with open(os.path.join(server_dir, n)) as f:
                envelope = json.load(f)
            with open(os.path.join(server_dir, n.replace(".json", ".eml")), "rb") as f:
                raw = f.read()
            for to in envelope["to"]:
                d.deliver(to.split("@")[0], raw)
        count = len(names) - taken
        taken = len(names)
        return count

    def text_of(folder, text):
        path = os.path.join(T, "text")
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
        return path

    def send(office, draft, *more):
        p = office.run("--yes", "send", draft, *more)
        return ok(p.returncode == 0, f"{draft} is sent", p.stdout.decode(), p.stderr.decode())

    def fetch(office, message_id):
        office.run("sync")
        found = office.rows("search", f"id:{message_id}")
        return office.rows("show", found[0]["id"])[0] if found else None

    def newest(office):
        rows = office.rows("draft", "list")
        return max(rows, key=lambda r: int(r["id"][1:]))["id"]

    def draft(office, which):
        return office.rows("draft", "show", which)[0]

    def sent_id(office):
        return max(office.rows("outbox", "--all"), key=lambda r: int(r["id"][1:]))["message_id"]

    def part_bytes(office, mail, part):
        return office.run("show", mail["id"], "--part", str(part["part"])).stdout

    def differ(a, b):
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        return at, repr(a[at - 20:at + 60]), repr(b[at - 20:at + 60])

    def same(wrote, got, label, files):
        if not ok(got is not None, f"{label}: arrived"):
            return
        raw = email.message_from_bytes(lina.run("show", got["id"], "--raw").stdout, policy=email.policy.default)
        body = raw.get_body(("plain",)).get_content().replace("\r\n", "\n")
        ok(body.rstrip("\n") == wrote["text"].rstrip("\n"), f"{label}: the text in the mail", *differ(wrote["text"], body))
        ok(got["text"].strip() == wrote["text"].strip(), f"{label}: the text as it is shown", *differ(wrote["text"], got["text"]))
        ok(got["subject"] == wrote["subject"], f"{label}: the subject", wrote["subject"], got["subject"])
        ok(got["from"] == wrote["from"] and got["to"] == wrote["to"] and got["cc"] == wrote["cc"], f"{label}: the people",
           wrote["to"], got["to"], got["from"])
        parts = [p for p in got["parts"] if p["attachment"]]
        ok([p["name"] for p in parts] == [f["name"] for f in wrote["files"]], f"{label}: the files' names",
           [p["name"] for p in parts], [f["name"] for f in wrote["files"]])
        for p in parts:
            if p["name"] in files:
                data = part_bytes(lina, got, p)
                ok(data == files[p["name"]], f"{label}: the bytes of {p['name'][:30]}", len(data), len(files[p["name"]]))

    for subject, text in TEXTS.items():
        label = subject[:24] or "no subject"
        anna.run("compose", "--to", f'"{NAMES["lina"]}" <lina@example.com>', "--cc", '"Eva “the boss” Ruiz, Dr." <eva@example.com>',
                 "--subject", subject)
        which = newest(anna)
        anna.run("draft", "edit", which, "--file", text_of(T, text))
        wrote = draft(anna, which)
        if send(anna, which):
            carry()
            same(wrote, fetch(lina, sent_id(anna)), label, {})

    args = [x for p in paths.values() for x in ("--attach", p)]
    anna.run("compose", "--to", "李娜 <lina@example.com>", "--bcc", "eva@example.com", "--subject", "附件 七个", *args)
    which = newest(anna)
    wrote = draft(anna, which)
    ok(len(wrote["files"]) == len(FILES) and wrote["text"].endswith("-- \n安娜·李\nExample GmbH · +49 89 1234"), "seven files, a signature",
       wrote["text"], wrote["files"])
    if send(anna, which):
        carry()
        first = sent_id(anna)
        got = fetch(lina, first)
        same(wrote, got, "seven files", FILES)
        raw = lina.run("show", got["id"], "--raw").stdout
        ok(b"eva@" not in raw.split(b"\r\n\r\n")[0].split(b"\n\n")[0], "the hidden recipient stands in no header")
        ok(all(b < 0x80 for b in raw) and max(map(len, raw.splitlines())) <= 998, "seven bits, short lines, whatever is in it")
        ok(fetch(offices["eva"], first) is not None, "she got it")

        # an answer with the forwarded mail inside, and the thread at both ends
        p = lina.run("reply", got["id"], "--all", "--blank")
        which = newest(lina)
        lina.run("draft", "edit", which, "--file", text_of(T, "收到，谢谢。\n\n> quoted\n"))
        if send(lina, which):
            carry()
            back = fetch(anna, sent_id(lina))
            ok(back and back["text"].startswith("收到，谢谢。") and back["subject"] == "Re: 附件 七个", "the answer comes back", back)
            mine = anna.rows("search", f"id:{first}")
            ok(mine and back["thread"] == mine[0]["thread"], "into the conversation it answers", mine, back and back["thread"])
        before = raw
        lina.run("forward", got["id"], "--as", "attached", "--to", "anna@example.com")
        which = newest(lina)
        wrote = draft(lina, which)
        if send(lina, which):
            carry()
            inside = fetch(anna, sent_id(lina))
            part = next(p for p in inside["parts"] if p.get("name", "").endswith(".eml"))
            ok(part["content_type"] == "message/rfc822", "forwarded as a mail", part)
            outer = anna.run("show", inside["id"], "--raw").stdout.replace(b"\r\n", b"\n")
            ok(before.replace(b"\r\n", b"\n").rstrip(b"\n") in outer, "byte for byte", len(before), len(outer))
        d.deliver("lina", ("From: Wang <wang@example.org>\r\nTo: lina@example.com\r\nSubject: eight\r\nMessage-ID: <eight@x>\r\n"
                           "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                           "八位的正文，" + "很长的一行" * 300 + "\r\n.\r\nend\r\n").encode())
        eight = fetch(lina, "eight@x")
        lina.run("forward", eight["id"], "--as", "attached", "--to", "anna@example.com")
        which = newest(lina)
        if send(lina, which):
            carry()
            inside = fetch(anna, sent_id(lina))
            outer = anna.run("show", inside["id"], "--raw").stdout
            ok(all(b < 0x80 for b in outer) and max(map(len, outer.splitlines())) <= 998, "a mail of eight bits travels in seven")
            nested = next(email.message_from_bytes(outer, policy=email.policy.default).iter_attachments()).get_content()
            ok(nested["Message-ID"] == "<eight@x>" and nested["Subject"] == "eight" and
               nested.get_content().replace("\r\n", "\n").strip() == eight["text"].strip(), "and says the same", nested.get_content()[:80])
        lina.run("edit-as-new", got["id"], "--to", "anna@example.com")
        which = newest(lina)
        wrote = draft(lina, which)
        ok([f["name"] for f in wrote["files"]] == list(FILES)[:len(wrote["files"])] and len(wrote["files"]) == len(FILES), "edited as new with its files",
           wrote["files"])

    # drafts on the server
    anna.run("compose", "--to", "lina@example.com", "--bcc", "eva@example.com", "--subject", "草稿", "--attach", paths["empty.txt"])
    which = newest(anna)
    c = d.client("anna")

    def drafts():
        anna.run("work", "--once")
        anna.run("sync")
        c.select("Drafts")
        ids = c.search(None, "ALL")[1][0].split()
        return [email.message_from_bytes(c.fetch(i, "(RFC822)")[1][0][1], policy=email.policy.default) for i in ids]

    anna.run("draft", "edit", which, "--file", text_of(T, "第一稿"))
    on_server = drafts()
    mine = [m for m in on_server if m["Subject"] == "草稿"]
    ok(len(mine) == 1 and mine[0].get_body().get_content().strip() == "第一稿" and mine[0]["Bcc"] == "eva@example.com",
       "a draft lies in the server's folder", [m["Subject"] for m in on_server])
    anna.run("draft", "edit", which, "--file", text_of(T, "第二稿"))
    mine = [m for m in drafts() if m["Subject"] == "草稿"]
    ok(len(mine) == 1 and mine[0].get_body().get_content().strip() == "第二稿", "a change replaces it", len(mine))
    ok(not anna.rows("search", "kind:mail in:Drafts"), "it is no mail of ours", anna.rows("search", "kind:mail in:Drafts"))
    with open(os.path.join(anna.home, "bureaurc"), "a") as f:
        f.write(d.account("eva", extra=f"smtp smtp://127.0.0.1:{server.port} plaintext"))
    anna.run("draft", "edit", which, "--from", "eva@example.com")
    ok(not [m for m in drafts() if m["Subject"] == "草稿"], "another sender: it goes from the old account's folder")
    e = d.client("eva")
    e.select("Drafts")
    ok(len(e.search(None, "ALL")[1][0].split()) == 1, "and lies in the other's")
    e.logout()
    anna.run("draft", "edit", which, "--from", "anna@example.com")
    if send(anna, which):
        ok(not [m for m in drafts() if m["Subject"] == "草稿"], "sent: it is gone from there")
    c.logout()
server.stop()
done()
