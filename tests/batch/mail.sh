#!/bin/bash
# show, thread, save, archive and its kin, labels, folders, export
. "${SRCDIR:-.}/tests/tap.sh"
export BUREAU_NOW=2026-11-23T12:00:00+01:00
H=$T/h
b() { "$BUREAU" --home "$H" "$@"; }
get() { python3 -c '
import json, sys
for line in sys.stdin:
    try: v = eval(sys.argv[1], {"o": json.loads(line)})
    except KeyError: continue
    print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False))' "$1"; }

# a conversation of three, a mail with attachments, one with an escape sequence
python3 - "$T/mails" <<'PY'
import os, sys
from email.message import EmailMessage
os.mkdir(sys.argv[1])
def put(name, m): open(os.path.join(sys.argv[1], name), "wb").write(bytes(m))
def mail(n, sender, subject, text, refs=()):
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = sender, "Anna <anna@example.com>", subject
    m["Date"] = "Mon, 23 Nov 2026 09:%02d:00 +0100" % n
    m["Message-ID"] = "<m%d@x>" % n
    if refs:
        m["In-Reply-To"], m["References"] = refs[-1], " ".join(refs)
    m.set_content(text)
    return m
put("a1", mail(1, "Bob <bob@example.com>", "Offer", "First.\n"))
put("a3", mail(3, "Bob <bob@example.com>", "Re: Offer", "Third.\n", ["<m1@x>", "<m2@x>"]))
put("a2", mail(2, "李娜 <li@example.com>", "Re: Offer", "第二。\n", ["<m1@x>"]))
put("a4", mail(4, "Eve <eve@example.com>", "Offer", "The same subject, another conversation.\n"))
m = mail(5, "Bob <bob@example.com>", "Files", "See the files.\n")
m.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="../../etc/evil.pdf")
m.add_attachment("a,b\n", subtype="csv", filename="报价单.csv")
m.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="报价单.csv")
put("a5", m)
put("a6", mail(6, "Mallory <mal@example.com>", "Escape", "before \x1b[31m after\n"))
# a loop of references
put("b1", mail(10, "Loop <l@example.com>", "Loop", "one\n", ["<m11@x>"]))
put("b2", mail(11, "Loop <l@example.com>", "Loop", "two\n", ["<m10@x>"]))
PY
b --quiet import "$T/mails" >/dev/null
id() { b --json search "id:$1" | get 'o["id"]'; }
m1=$(id m1@x) m2=$(id m2@x) m3=$(id m3@x) m4=$(id m4@x) m5=$(id m5@x) m6=$(id m6@x)
t1=$(b --json show "$m1" | get 'o["thread"]')

# conversations
is "a thread by References, in order of time" "$(b --json thread "$m2" | get 'o["id"]' | tr '\n' ' ')" "$m1 $m2 $m3 "
unlike "the subject never joins" "$(b --json thread "$m1" | get 'o["id"]')" "^$m4\$"
is "a loop of references is one thread" "$(b --json thread "$(id m10@x)" | wc -l)" 2
is "show of a thread is its newest mail" "$(b --json show "$t1" | get 'o["id"]')" "$m3"

# forms of show
is "text" "$(b show "$m2" --text)" "第二。"
like "headers as they came" "$(b show "$m2" --headers)" '^Message-ID: <m2@x>'
is "headers as JSON" "$(b --json show "$m2" --headers | get '[h["value"] for h in o["headers"] if h["name"]=="Message-ID"][0]')" "<m2@x>"
is "addresses decoded" "$(b --json show "$m2" | get 'o["from"]')" '{"name": "李娜", "address": "li@example.com"}'
is "lists and booleans are always there" "$(b --json show "$m2" | get '[o["events"], o["delivery"], o["truncated"]]')" "[[], [], false]"
like "a copy names its account" "$(b --json show "$m2" | get 'o["copies"][0]["account"]')" .
is "parts" "$(b --json show "$m5" --parts | get '[o["part"], o["content_type"], o.get("name")]' | sed -n 2p)" '[2, "application/pdf", "../../etc/evil.pdf"]'
is "one part, decoded" "$(b show "$m5" --part 3)" "a,b"
exits 3 "a part that is not there" b show "$m5" --part 9
exits 3 "a message that is not there" b show m999
exits 3 "a task that is not there" b show a9
like "what shows a batch" "$(b show j1 2>&1)" '^hint: bureau journal j1$'
exits 2 "a folder's name of two lines" b move "x
y" "$m2"
exits 2 "nor to import into" b import --folder "x
y" "$T/mails"
exits 2 "no id at all" b show offer
exits 3 "a note that is not there" b show n1
like "a draft that is not there" "$(b show d1 2>&1)" "there is no draft d1"
is "raw of all is byte-identical" "$(for f in "$T"/mails/*; do i=$(python3 -c 'import email,sys; print(email.message_from_binary_file(open(sys.argv[1],"rb"))["Message-ID"].strip("<>"))' "$f"); b show "$(id "$i")" --raw | cmp - "$f" || echo "$f"; done)" ""
ok "raw and escapes never reach a terminal" python3 - "$BUREAU" "$H" "$m6" <<'PY'
import os, pty, sys
bureau, home, m = sys.argv[1:]
def run(*args):
    out = b""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(bureau, [bureau, "--home", home, *args])
    while True:
        try: chunk = os.read(fd, 65536)
        except OSError: break
        if not chunk: break
        out += chunk
    return out, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
out, code = run("show", m, "--raw")
assert code == 4 and b"before" not in out, (code, out)
out, code = run("show", m)
assert code == 0 and b"before" in out and b"\x1b[31m" not in out, out
out, code = run("show", m, "--headers")
assert code == 0 and b"\x1b[3" not in out, out
PY

# save
mkdir "$T/out"
is "a safe name" "$(b --json save "$m5" 2 "$T/out" | get 'o["path"]')" "$T/out/evil.pdf"
is "its bytes" "$(cat "$T/out/evil.pdf")" "%PDF-1.4 x"
b --json save "$m5" "$T/out" --all > "$T/all"
is "all, nothing overwritten" "$(cd "$T/out" && ls | sort | tr '\n' '|')" "$(printf 'evil (2).pdf\nevil.pdf\n报价单 (2).csv\n报价单.csv\n' | sort | tr '\n' '|')"
exits 3 "no such folder" b save "$m5" 2 "$T/nowhere"
exits 3 "no such part" b save "$m5" 7 "$T/out"

# changes and undo
where() { b --json show "$1" | get 'o["folder"]'; }
is "archive" "$(b --json archive "$m1" | get '[o["changed"], o["ids"]]')" "[1, [\"$m1\"]]"
is "lies in the archive" "$(where "$m1")" Archive
like "again changes nothing" "$(b --json archive "$m1")" '"changed":0.*already in Archive'
is "a thread takes all of its mails" "$(b --json delete "$t1" | get 'sorted(o["ids"])')" "$(printf '["%s", "%s", "%s"]' $(printf '%s\n' "$m1" "$m2" "$m3" | sort))"
is "what is in the trash is not found" "$(b --json count 第二 | get 'o["count"]')" 0
batch=$(b --json spam "$m4" | get 'o["batch"]')
b --yes --quiet undo "$batch" > /dev/null
is "undo puts it back" "$(where "$m4")" INBOX
b --yes --quiet undo > /dev/null
is "and the one before" "$(where "$m2") $(where "$m1")" "INBOX Archive"
is "dry run" "$(b --json --dry-run delete "$m4" | get '[o["changed"], o["dry_run"]]') $(where "$m4")" '[1, true] INBOX'
b --quiet flag "$m4" > /dev/null; b --quiet mark-read "$m4" > /dev/null
is "flags" "$(b --json show "$m4" | get 'o["flags"]')" '["flagged"]'
b --quiet mark-unread "$m4" >/dev/null; b --quiet unflag "$m4" >/dev/null
is "and back" "$(b --json show "$m4" | get 'o["flags"]')" '["unread"]'
b --quiet label --add 'Bärenstark' --add urgent "$m4" >/dev/null; b --quiet label --remove urgent "$m4" > /dev/null
is "labels" "$(b --json show "$m4" | get 'o["labels"]')" '["Bärenstark"]'
is "found by label" "$(b --json search 'label:Bärenstark' | get 'o["id"]')" "$m4"
waiting() { b --json status | get 'o["unread"]'; }
before=$(waiting) one_less=$(b --json status | get 'o["unread"] - 1')
b --quiet move Projects/2026 "$m4" >/dev/null
is "a folder is made" "$(where "$m4")" Projects/2026
is "filed is out of the inbox, counts too" "$(waiting)" "$one_less"
b --yes --quiet undo >/dev/null
is "undo brings it back" "$(where "$m4") $(waiting)" "INBOX $before"
b --quiet move Projects/2026 "$m4" >/dev/null
b --quiet move Projects/2027 "$m4" >/dev/null
b --yes --quiet undo >/dev/null
is "not when only the second move is undone" "$(where "$m4") $(waiting)" "Projects/2026 $one_less"
b --quiet move INBOX "$m4" >/dev/null
is "nor for ever: moved to the inbox it waits again" "$(waiting)" "$before"
b --quiet move Projects/2026 "$m4" >/dev/null
is "found by folder" "$(b --json search 'in:Projects/2026' | get 'o["id"]')" "$m4"
exits 3 "an id that is not there" b archive m999
exits 2 "an id of another kind" b archive n1
exits 2 "an empty query" b archive --query ''
exits 4 "everything needs a yes" b archive --query '*'
is "ids from stdin" "$(printf '%s %s' "$m5" "$m6" | b --json flag - | get 'o["changed"]')" 2
is "by query" "$(b --json archive --query 'from:bob' | get 'o["changed"]')" 2
is "by query, whole threads" "$(b --json mark-read --query 'subject:offer from:bob' --threads | get 'o["changed"]')" 3

# export
is "a dry run says the same" "$(b --json --dry-run export 'from:bob' --mbox "$T/out.mbox" | get '[o["exported"], o["skipped"], o["path"] == "'"$T/out.mbox"'", o["dry_run"]]')" "[3, 0, true, true]"
is "export to an mbox" "$(b --json export 'from:bob' --mbox "$T/out.mbox" | get 'o["exported"]')" 3
is "which can be read again" "$("$BUREAU" --home "$T/h2" --json import "$T/out.mbox" | get 'o["added"]')" 3
exits 1 "a file is never overwritten" b export 'from:bob' --mbox "$T/out.mbox"
is "export to a Maildir" "$(b --json export '*' --maildir "$T/out.maildir" | get 'o["exported"]')" 8
is "the same bytes" "$("$BUREAU" --home "$H" --json import "$T/out.maildir" | get '[o["added"], o["duplicates"]]')" '[0, 8]'
exits 2 "a target is needed" b export 'from:bob'
is "flags in the names" "$(find "$T/out.maildir/cur" -name '*:2,*F*' | wc -l)" "$(b --json count is:flagged | get 'o["count"]')"
is "unread ones in new/" "$(ls "$T/out.maildir/new" | wc -l)" "$(b --json count 'is:unread -is:flagged' | get 'o["count"]')"
is "the mail's date on the file" "$(date -r "$(grep -l '<m2@x>' -r "$T/out.maildir" | xargs grep -L '<m3@x>' | head -1)" +%H:%M)" 09:02
printf 'From: x@y\nTo: z@y\nDate: Mon, 23 Nov 2026 10:00:00 +0100\nMessage-ID: <q1@x>\nSubject: quoted\n\nFrom here\n>From there\nno end' >"$T/q1"
b --quiet import "$T/q1" >/dev/null
b --quiet export id:q1@x --mbox "$T/q.mbox" >/dev/null
is "one From line, others quoted, a blank line at the end" "$(sed -n '1p;8,$p' "$T/q.mbox" | tr '\n' '|')" "From x@y Mon Nov 23 09:00:00 2026|>From here|>From there|no end||"
mkdir -p "$T/ro"; chmod 500 "$T/ro"
[ "$EUID" = 0 ] || exits 1 "a place that cannot be written" b export '*' --mbox "$T/ro/x.mbox"
is "nothing half written is left" "$(ls "$T" | grep -c 'mbox\.')" 0

# by hand: split, join, one journal row each, undo and redo
split=$(b --json thread split "$m2")
is "split moves the mail; its answer names the first too" "$(printf '%s' "$split" | get 'o["changed"]')" 2
unlike "it has left" "$(b --json thread "$m1" | get 'o["id"]')" "^$m2\$"
is "the answer went along" "$(b --json show "$m3" | get 'o["thread"]')" "$(b --json show "$m2" | get 'o["thread"]')"
is "one row of the journal" "$(b --json journal | head -1 | get '[o["what"], o["count"]]')" '["thread split", 2]'
exits 0 "dry run of a join" b --dry-run thread join "$m1" "$m2"
unlike "changes nothing" "$(b --json thread "$m1" | get 'o["id"]')" "^$m2\$"
exits 0 "join" b thread join "$m1" "$m2" "$m4"
is "joined under the oldest id" "$(b --json show "$m4" | get 'o["thread"]')" "$t1"
exits 0 "undo" b undo
unlike "apart again" "$(b --json thread "$m1" | get 'o["id"]')" "^$m4\$"
exits 0 "undo of the split" b undo
is "whole again" "$(b --json thread "$t1" | get 'o["id"]' | tr '\n' ' ')" "$m1 $m2 $m3 "
exits 0 "redo" b redo
unlike "split again" "$(b --json thread "$m1" | get 'o["id"]')" "^$m2\$"
exits 0 "and back" b undo
like "a thread is no place to split" "$(b thread split "$t1" 2>&1)" "left as it is"
exits 3 "a mail that is not there" b thread split m999

# attachments as text: what they are decides; PDF and pictures by programs in their box
python3 "$SRC/tests/screen/reader_mails.py" "$T/kinds"
python3 - "$T/kinds/pdf" <<'PY'
import struct, sys, zlib
from email.message import EmailMessage
words = b"BT /F1 12 Tf 72 720 Td (Invoice 2231 total EUR 1,280) Tj ET"
objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
           b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
           b"<</Length %d>>stream\n%s\nendstream" % (len(words), words), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
pdf, at = b"%PDF-1.4\n", []
for i, o in enumerate(objects):
    at.append(len(pdf))
    pdf += b"%d 0 obj\n%s\nendobj\n" % (i + 1, o)
x = len(pdf)
pdf += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % a for a in at) + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % x
def chunk(t, b): return struct.pack(">I", len(b)) + t + b + struct.pack(">I", zlib.crc32(t + b))
def png(w, h, row): return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(row * h)) + chunk(b"IEND", b"")
def bomb(side):
    z = zlib.compressobj(9)
    data = b"".join(z.compress(bytes(side // 8 + 1)) for _ in range(side)) + z.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
m = EmailMessage()
m["From"], m["To"], m["Subject"], m["Message-ID"] = "a@b.example", "anna@example.com", "pdf", "<pdf@reader>"
m["Date"] = "Mon, 23 Nov 2026 10:00:00 +0100"
m.set_content("x")
m.add_attachment(pdf, maintype="application", subtype="octet-stream", filename="invoice")
m.add_attachment(png(40, 20, b"\0" + bytes(20) + b"\xff" * 20), maintype="image", subtype="png", filename="a.png")
m.add_attachment(bomb(30000), maintype="image", subtype="png", filename="bomb.png")
m.add_attachment(b"%PDF-1.4\n" + b"1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj\n" * 500 + b"trailer<</Root 1 0 R>>", maintype="application", subtype="pdf", filename="loop.pdf")
open(sys.argv[1], "wb").write(bytes(m))
PY
b --quiet import "$T/kinds" >/dev/null
f=$(id files@reader) p=$(id pdf@reader)
like "a table" "$(b show "$f" --part 2 --text)" '^bolt   12   3.50'
like "an office file" "$(b show "$f" --part 3 --text)" '^Pallet    120'
like "a script that says it is a picture" "$(b show "$f" --part 5 --text)" '^#!/bin/sh'
exits 4 "a program has no text" b show "$f" --part 6 --text
is "real types" "$(b --json show "$f" --parts | get 'o.get("real_type", "-")' | sed -n '2p;5p;6p' | tr '\n' ' ')" "text/plain text/x-script application/vnd.microsoft.portable-executable "
like "and the warning" "$(b show "$f")" '^Warning: a file is something else than it says: photo.png'
like "parts beside what they are" "$(b show "$f" --parts)" 'photo.png  script, but says PNG picture'
like "an appointment" "$(b show "$(id invite@reader)")" 'when: Fri 2026-11-27 07:00-08:00 CET \(written for Asia/Shanghai\)'
is "the same for scripts" "$(b --json show "$(id invite@reader)" | get '[o["events"][0]["start"], len(o["events"][0]["instances"]), o["events"][0]["guests"][0]["state"]]')" '["2026-11-27T07:00:00+01:00", 4, "ACCEPTED"]'
is "signed is not checked" "$(b --json show "$(id signed@reader)" | get 'o["protection"]')" '{"state": "signed", "method": "openpgp", "checked": false}'
like "encrypted says so" "$(b show "$(id crypt@reader)")" '^Protection: encrypted with OpenPGP'
if command -v pdftotext >/dev/null && command -v chafa >/dev/null; then
    like "a PDF, whatever it says it is" "$(b show "$p" --part 2 --text)" '^Invoice 2231 total EUR 1,280'
    is "a picture in cells" "$(b show "$p" --part 3 --text | head -1 | grep -c '[^ ]')" 1
    exits 1 "a picture of 900 megapixels is stopped" b show "$p" --part 4 --text
    like "a PDF that goes round in circles ends in a word" "$(b show "$p" --part 5 --text 2>&1)" 'pdftotext cannot read it|no text'
    is "no bytes that a terminal acts on" "$(b show "$p" --part 3 --text | tr -d '\n' | grep -c '[[:cntrl:]]')" 0
fi
inside=$(id inside@reader)
like "a mail inside is listed" "$(b show "$inside")" '^file [0-9]: without a name \(mail\)'
mkdir "$T/eml"
is "and saved with all" "$(b --json save "$inside" "$T/eml" --all | get 'o["content_type"]' | head -1)" "message/rfc822"
like "as a mail" "$(cat "$T/eml"/*)" '^Subject: Invoice'

# a sender never seen, where enough mail is known
python3 - "$T/many.mbox" <<'PY'
import sys
with open(sys.argv[1], "w") as f:
    for i in range(130):
        who = "stranger@new.example" if i == 129 else "friend%d@old.example" % (i % 5)
        f.write("From x Mon Nov 23 09:00:00 2026\nFrom: <%s>\nTo: anna@example.com\nDate: Mon, 23 Nov 2026 09:00:00 +0100\nMessage-ID: <s%d@seen>\nSubject: s%d\n\nx\n\n" % (who, i, i))
PY
H=$T/seen b --quiet import "$T/many.mbox" >/dev/null
seen() { H=$T/seen b --json show "$(H=$T/seen b search "id:s$1@seen" --output ids)"; }
is "a sender never seen" "$(seen 129 | get 'o["warnings"]')" '["first-sender"]'
is "one who writes often" "$(seen 128 | get 'o["warnings"]')" '[]'
done_testing
