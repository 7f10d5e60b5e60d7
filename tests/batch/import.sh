#!/bin/bash
# import: kinds by content, Maildir flags, mbox, gzip, stdin, duplicates, damaged, exit codes
. "${SRCDIR:-.}/tests/tap.sh"
H=$T/h
b() { "$BUREAU" --home "$H" "$@"; }
field() { python3 -c 'import json,sys
for line in sys.stdin:
    o = json.loads(line)
    if o.get("type") == "result": print(" ".join(str(o[k]) for k in sys.argv[1:]))' "$@"; }
COUNTS="seen added duplicates damaged failed ignored messages notes"
mail() { # FROM SUBJECT ID [EXTRA HEADER]
    printf 'From: %s\nTo: anna@example.com\nSubject: %s\nMessage-ID: <%s>\nDate: Mon, 23 Nov 2026 09:12:00 +0100\n%s\nHello from %s.\n' \
        "$1" "$2" "$3" "${4:+$4
}" "$1"; }
export BUREAU_NOW=2026-11-23T12:00:00+01:00

# single mails, whatever they are called; what is no mail is ignored
mkdir -p "$T/mails/sub"
mail bob@example.com one a1@x > "$T/mails/1.eml"
mail bob@example.com two a2@x > "$T/mails/two.weird"
mail 'Eve <eve@example.com>' three a3@x > "$T/mails/sub/3"
printf 'just some text\n' > "$T/mails/readme.txt"
printf '\211PNG\r\n\032\n' > "$T/mails/picture.png"
: > "$T/mails/empty"
is "a folder of mails" "$(b --json import "$T/mails" | field $COUNTS)" "6 3 0 0 0 3 3 0"
is "twice adds nothing" "$(b --json import "$T/mails" | field $COUNTS)" "6 0 3 0 0 3 0 0"
sed 's/$/\r/' "$T/mails/1.eml" > "$T/crlf.eml"
is "CRLF is the same message" "$(b --json import "$T/crlf.eml" | field $COUNTS)" "1 0 1 0 0 0 0 0"
sed 's/Hello/Goodbye/' "$T/mails/1.eml" > "$T/other.eml"
is "the same Message-ID with other content is another message" \
    "$(b --json import "$T/other.eml" | field $COUNTS)" "1 1 0 0 0 0 1 0"
like "and shown as such" "$(b --json show m4)" '"same-message-id: m[1-3]"'
b show m1 --raw > "$T/raw"
ok "raw bytes are kept exactly" cmp "$T/raw" "$T/mails/1.eml"

# Maildir
M=$T/Maildir
mkdir -p "$M"/{cur,new,tmp} "$M"/.Sent/{cur,new,tmp} "$M"/.Lists.house/{cur,new,tmp}
mail c@example.com read r1@x > "$M/cur/1700000001.M1.host:2,S"
mail c@example.com flagged r2@x > "$M/cur/1700000002.M2.host:2,FRS"
mail c@example.com fresh r3@x > "$M/new/1700000003.M3.host"
mail anna@example.com sent r4@x > "$M/.Sent/cur/1700000004.M4.host:2,S"
mail list@example.com listed r5@x 'List-Id: house' > "$M/.Lists.house/cur/1700000005.M5.host:2,"
H=$T/h2
is "a Maildir with folders" "$(b --json import "$M" | field $COUNTS)" "5 5 0 0 0 0 5 0"
is "newest file name first" "$(b --json show m1 | python3 -c 'import json,sys; print(json.load(sys.stdin)["subject"])')" fresh
flags() { b --json show "$1" | python3 -c 'import json,sys; o=json.load(sys.stdin); print(o["subject"], o["folder"], *o["flags"])'; }
is "new is unread" "$(flags m1)" "fresh INBOX unread"
is "flags from the name" "$(flags m2)" "flagged INBOX flagged replied"
is "seen" "$(flags m3)" "read INBOX"
like "a Maildir++ folder keeps its name" "$(b folder list)" 'Lists/house'
like "sent mail lies in Sent" "$(b --json folder list)" '"name":"Sent","role":"sent","messages":1'

# mbox, plain and gzipped, stdin
H=$T/h3
{
    printf 'From bob@example.com Mon Nov 23 08:00:00 2026\n'; mail bob@example.com first b1@x 'Status: RO'
    printf 'From the start it was clear.\n>From here on too.\n\n'
    printf 'From eve@example.com Mon Nov 23 08:01:00 2026\n'; mail eve@example.com second b2@x; printf '\n'
} > "$T/box"
is "an mbox" "$(b --json import "$T/box" | field $COUNTS)" "2 2 0 0 0 0 2 0"
like "From in a text splits nothing, >From stays" "$(b show m1 --text)" '^>From here on too'
like "From at a line's start stays" "$(b show m1 --text)" '^From the start'
unlike "Status R is read" "$(flags m1)" unread
like "no Status is unread" "$(flags m2)" unread
gzip -k "$T/box"
is "the same gzipped is known" "$(b --json import "$T/box.gz" | field $COUNTS)" "2 0 2 0 0 0 0 0"
is "from standard input" "$(sed 's/@x/@y/' "$T/box" | b --json import - | field $COUNTS)" "2 2 0 0 0 0 2 0"
is "one mail from standard input" "$(mail z@example.com std s1@x | b --json import - | field $COUNTS)" "1 1 0 0 0 0 1 0"
head -c 150 "$T/box.gz" > "$T/cut.gz"
b --json import "$T/cut.gz" > "$T/out" 2>"$T/err"
like "a gzip that breaks off is named" "$(cat "$T/out" "$T/err")" 'breaks off'

# unreadable, missing, wrong
exits 3 "a path that is not there" b import "$T/nowhere"
exits 2 "no path" b import
exits 2 "a kind that is none" b import --as letter "$T/box"
if [ "$(id -u)" != 0 ]; then
    mail x@example.com locked l1@x > "$T/locked.eml"; chmod 0 "$T/locked.eml"
    exits 1 "a file that may not be read" b import "$T/locked.eml"
fi

# folders, accounts, dry run, horizon
H=$T/h4
is "dry run counts" "$(b --json --dry-run import "$T/mails" "$T/crlf.eml" | field $COUNTS dry_run)" "7 3 1 0 0 3 3 0 True"
is "and changes nothing" "$(b --json folder list | wc -l)" 0
b --quiet import "$T/mails/1.eml" --folder Projects --account work
like "--folder and --account" "$(b --json show m1)" '"account":"work","folder":"Projects"'
mail old@example.com ancient o1@x | sed 's/2026/2019/' > "$T/old.eml"
b --quiet import "$T/old.eml"
like "an old conversation starts in done" "$(b --json show m2)" '"lane":"done"'
unlike "a new one does not" "$(b --json show m1)" '"lane":"done"'

# interrupted: what was read is kept, exit 130, and the next run goes on
H=$T/h5
mkdir -p "$T/many/cur" "$T/many/new" "$T/many/tmp"
for i in $(seq 1 400); do mail "p$i@example.com" "mail $i" "n$i@x" > "$T/many/cur/$((1700000000 + i)).M$i.h:2,S"; done
# the reader takes its time, so that the signal comes in between
printf '#!/bin/sh\nsleep 0.6\nexec "%s" "$@"\n' "$BUREAU_READER" > "$T/slow"; chmod +x "$T/slow"
BUREAU_READER=$T/slow python3 - "$BUREAU" --home "$H" --json import "$T/many" > "$T/out" 2> "$T/err" <<'PY'
import signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[1:])
time.sleep(0.3)
p.send_signal(signal.SIGINT)
sys.exit(p.wait())
PY
is "SIGINT ends with 130" $? 130
stopped=$(field added < "$T/out")
is "the rest comes with the next run" "$(b --json import "$T/many" | field added duplicates)" "$((400 - stopped)) $stopped"

# so many names that they wait in a file; what they say of a mail is not lost on the way
H=$T/h6
python3 - "$T/large" <<'PY'
import os, sys
for d in ("cur", "new", "tmp"):
    os.makedirs(f"{sys.argv[1]}/{d}")
for i in range(4100):
    flags = "S" if i % 10 else "FS" if i % 100 else ""
    odd = "\n " if i % 1000 == 1 else ""
    with open(f"{sys.argv[1]}/{'cur' if i % 3 else 'new'}/{1700000000 + i}.M{i}{odd}.h:2,{flags}", "w") as f:
        f.write(f"From: p{i}@example.com\nSubject: mail {i}\nMessage-ID: <big{i}@x>\n\ntext {i}\n")
PY
is "4,100 mails of one Maildir" "$(b --json import "$T/large" | field added failed)" "4100 0"
is "their flags are in their names (of those that are not new)" "$(b --json search "is:unread" --limit 9999 | grep -c '"kind":"mail"') $(b --json search "is:flagged" --limit 9999 | grep -c '"kind":"mail"')" "1394 246"
is "none of them is new" "$(TMPDIR=$T/nowhere b --json import "$T/large" | field added duplicates)" "0 4100"
done_testing
