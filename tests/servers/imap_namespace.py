#!/usr/bin/python3
"""imap_namespace.py - a server whose folders lie under "INBOX." with dots between (RFC 2342), a public tree beside them: people see
names without prefix and dots; folders are found, made and filled where the server has them (TAP)."""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imap_office import BASE, Office, T, difference, dovecot, mail
from tap import done, ok, skip
try:
    from smtp import Server
except ImportError as e:
    skip(f"{e} (python3-aiosmtpd)")

if not dovecot.have():
    skip("no dovecot (dovecot-imapd)")
OLD, NEW = "&Zed2hA-", "&ZbB2hA-"  # 旧的, 新的
DOTS = """namespace inbox {
  prefix = INBOX.
  separator = .
"""
BARE = "".join(f"  mailbox {x} {{\n    auto = no\n  }}\n" for x in ("Archive", "Sent", "Drafts", "Trash"))
PUBLIC = """namespace public {
  type = public
  prefix = Public.
  separator = .
  location = maildir:%s/public:LAYOUT=fs
  subscriptions = no
  list = yes
}
"""


def people(wire):
    """The name a person sees."""
    for was, is_ in (("INBOX.", ""), (".", "/"), (OLD, "旧的"), (NEW, "新的"), ("&TgA-", "一")):
        wire = wire.replace(was, is_, 1 if was == "INBOX." else -1)
    return wire


def there(server):
    """The server's side by the names that people see."""
    return sorted((people(r[0]), *r[1:]) for r in server.side("work"))


def equal(office, server, name):
    for _ in range(2):
        p = office.run("sync", "--yes")
    here, that = office.local_side("work"), there(server)
    ok(here == that and p.returncode == 0 and not office.waiting() and not office.disagreeing("work"), name, difference(here, that), p.stderr,
       office.waiting(), office.disagreeing("work"))


def names(office):
    return sorted(x["name"] for x in office.rows("folder", "list") if x["account"] == "work" and x["name"] not in ("2025", "Lists", "Public"))


def ident(office, n):
    return office.rows("search", f"id:m{n}@x")[0]["id"]


def where(server, n):
    """The wire's names of the folders that hold the mail."""
    return sorted(r[0] for r in server.side("work") if r[1] == dovecot.digest(mail(n)))


def account(server, smtp, more=""):
    return server.account("work", plain=True, extra=f"smtp smtp://127.0.0.1:{smtp.port} {more}") + "set compose.mirror-after 0s\n"


def draft(office, subject):
    d = office.rows("compose", "--to", "bob@example.org", "--subject", subject, kind="result")[0]["draft"]
    path = os.path.join(T, "draft.txt")
    with open(path, "w") as f:
        f.write("Hello Bob,\n\nthis is a test.\n\nAnna\n")
    office.run("draft", "edit", d, "--file", path)
    return d


def acts(server, office, c, smtp, archive, trash, sent, drafts, junk):
    """What a person does, and the wire's name of the folder in which it ends."""
    for i in range(8):
        c.append("INBOX", "", BASE + i, mail(i))
    office.run("sync")
    for n, act, folder in ((0, ["archive"], archive), (1, ["delete"], trash), (2, ["spam"], junk), (3, ["move", "旧的"], "INBOX." + OLD),
                           (4, ["move", "新的/一"], f"INBOX.{NEW}.&TgA-"), (5, ["move", "Lists/house"], "INBOX.Lists.house")):
        p = office.run(*act, ident(office, n))
        ok(where(server, n) == [folder], f"{act[0]} to {folder}", where(server, n), p.stderr)
    office.run("undo", "--yes")
    ok(where(server, 5) == ["INBOX"], "undo takes it back", where(server, 5))
    with open(os.path.join(T, "90.eml"), "wb") as f:
        f.write(mail(90))
    office.run("import", os.path.join(T, "90.eml"), "--account", "work", "--folder", "旧的")
    office.run("sync")
    ok(where(server, 90) == ["INBOX." + OLD], "an import is appended to the Chinese folder", where(server, 90))
    p = office.run("snooze", "tomorrow", ident(office, 6))
    office.run("sync")
    ok(where(server, 6) == ["INBOX.Snoozed"], "a snoozed mail lies under the prefix, too", where(server, 6), p.stderr)
    d = draft(office, "报价")
    p = office.run("work", "--once")
    office.run("sync")
    ok(len([r for r in server.side("work") if r[0] == drafts]) == 1, f"a draft is mirrored to {drafts}", server.side("work"), p.stderr)
    p = office.run("send", d)
    office.run("work", "--once")
    office.run("sync")
    ok(len([r for r in server.side("work") if r[0] == sent]) == 1 and len(smtp.messages()) == 1, f"what is sent lies in {sent}", p.stderr, smtp.messages())
    ok(not [r for r in server.side("work") if r[0] == drafts], "its mirror is gone")
    equal(office, server, "both sides are equal")


smtp = Server(os.path.join(T, "smtp"))
SPECIAL = """  mailbox Archive {
    auto = no
  }
  mailbox Ablage {
    special_use = \\Archive
    auto = create
  }
  mailbox Junk {
    special_use = \\Junk
    auto = create
  }
}
"""
# ---- the folders are there and say what they are for; others' are beside them ----
with dovecot.Dovecot(os.path.join(T, "dots"), extra=DOTS + SPECIAL + PUBLIC % os.path.join(T, "dots", "mail")) as server:
    c = server.client("work")
    for f in ("INBOX." + OLD, "INBOX.Lists.house", "INBOX.2025.Archive", "Public.team", "Public.Archive", "Public.Trash", "Public.Sent", "Public.Drafts"):
        c.create(f)
    c.append("Public.team", "", BASE, mail(80))
    office = Office(account(server, smtp), "office-dots")
    p = office.run("sync")
    ok(p.returncode == 0 and names(office) == sorted(["INBOX", "2025/Archive", "Ablage", "Junk", "Drafts", "Lists/house", "Sent", "Trash", "旧的", "Public/team",
       "Public/Archive", "Public/Trash", "Public/Sent", "Public/Drafts"]), "names without prefix and dots", names(office), p.stderr)
    acts(server, office, c, smtp, "INBOX.Ablage", "INBOX.Trash", "INBOX.Sent", "INBOX.Drafts", "INBOX.Junk")
    for folder in ("INBOX", "Public.team"):
        c.append(folder, "", BASE + 82, mail(82))
        office.run("sync")
    p = office.run("delete", ident(office, 82))
    ok(where(server, 82) == ["INBOX.Trash", "Public.team"], "deleted from the inbox, what lies with others stays there", where(server, 82), p.stderr)
    p = office.run("delete", ident(office, 80))
    ok(where(server, 80) == ["INBOX.Trash"], "deleted there, it goes", where(server, 80), p.stderr)
    equal(office, server, "both sides are equal")
    office.config(account(server, smtp, "archive Public/Archive"))
    c.append("INBOX", "", BASE + 81, mail(81))
    office.run("sync")
    p = office.run("archive", ident(office, 81))
    ok(where(server, 81) == ["Public.Archive"], "unless the config says so", where(server, 81), p.stderr)
    office.run("move", "Public/新的", ident(office, 81))
    ok(where(server, 81) == ["Public." + NEW], "a folder that a person names there is made there", where(server, 81), dovecot.folders(c))
    equal(office, server, "both sides are equal")

# ---- none is there: they are made under the prefix ----
smtp = Server(os.path.join(T, "smtp2"))
with dovecot.Dovecot(os.path.join(T, "bare"), extra=DOTS + BARE + "}\n" + PUBLIC % os.path.join(T, "bare", "mail")) as server:
    c = server.client("work")
    for f in ("INBOX." + OLD, "INBOX.Lists.house", "Public.Archive", "Public.Trash", "Public.Sent", "Public.Drafts", "Public.Spam"):
        c.create(f)
    office = Office(account(server, smtp), "office-bare")
    office.run("sync")
    acts(server, office, c, smtp, "INBOX.Archive", "INBOX.Trash", "INBOX.Sent", "INBOX.Drafts", "INBOX.Spam")
    ok(all(w == "INBOX" or w.startswith(("INBOX.", "Public.")) for w in dovecot.folders(c)), "nothing was made beside it", dovecot.folders(c))
done()
