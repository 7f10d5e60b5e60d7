#!/bin/bash
# a reader that crashes, hangs and breaks the protocol during an import of 1,000 mails
. "${SRCDIR:-.}/tests/tap.sh"
EVIL=$BUILD/tests/unit/mail/evil_reader
[ -x "$EVIL" ] || { echo "1..0 # skipped: evil_reader is not built"; exit 0; }
H=$T/h
b() { "$BUREAU" --home "$H" "$@"; }
field() { python3 -c 'import json,sys
for line in sys.stdin:
    o = json.loads(line)
    if o.get("type") == "result": print(" ".join(str(o[k]) for k in sys.argv[1:]))' "$@"; }
python3 - "$T/mails" <<'PY'
import os, sys
evils = {100: "crash", 200: "exit", 300: "nonsense", 400: "type", 500: "fields", 600: "half", 601: "crash", 700: "hang", 999: "crash"}
os.mkdir(sys.argv[1])
for i in range(1000):
    extra = "X-Evil: %s\n" % evils[i] if i in evils else ""
    open(os.path.join(sys.argv[1], "%04d" % i), "w").write(
        "From: p%d@example.com\nTo: anna@example.com\nSubject: mail %d\nMessage-ID: <e%d@x>\n%s\nword%d\n" % (i, i, i, extra, i))
PY
start=$(date +%s)
BUREAU_READER=$EVIL b --json import "$T/mails" > "$T/out" 2> "$T/err"
is "it ends well" $? 0
seconds=$(($(date +%s) - start))
is "good mails are in, bad ones kept" "$(field seen added damaged failed < "$T/out")" "1000 991 9 0"
ok "no wait longer than the limit of one item ($seconds s)" [ "$seconds" -lt 25 ]
is "all bytes are there" "$(for i in $(seq 1 50 1000); do b show m$i --raw; done | grep -c '^Subject: mail')" 20
is "all raw bytes are identical" "$(
    b --quiet export '*' --maildir "$T/copy" > /dev/null
    diff <(cat "$T"/mails/* | sort | sha256sum) <(cat "$T"/copy/*/* | sort | sha256sum) && echo same)" same
is "the damaged ones are marked" "$(for i in $(seq 1 1000); do echo "m$i"; done | head -1000 > "$T/ids"
    b --json count '*' | python3 -c 'import json,sys; print(json.load(sys.stdin)["count"])')" 1000
like "and named" "$(cat "$T/out")" '0700: damaged, kept as m[0-9]+'
is "a second import adds nothing" "$(b --json import "$T/mails" | field added duplicates)" "0 1000"
like "the store is whole" "$(b verify 2>&1; echo "exit $?")" 'exit 0'
done_testing
