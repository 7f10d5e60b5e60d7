#!/bin/bash
# the public mail collections: nothing fails, twice adds nothing, raw bytes are identical
. "${SRCDIR:-.}/tests/tap.sh"
C=${BUREAU_CORPORA:-$SRC/../shared/corpora}
[ -d "$C/spam-spamassassin" ] || { echo "1..0 # skipped: no corpora at $C"; exit 0; }
field() { python3 -c 'import json,sys
for line in sys.stdin:
    o = json.loads(line)
    if o.get("type") == "result": print(" ".join(str(o[k]) for k in sys.argv[1:]))' "$@"; }
for d in spam-spamassassin mime-cpython mime-mikel mime-mu mime-alot mime-stalwart mime-notmuch; do
    H=$T/$d
    "$BUREAU" --home "$H" --json import "$C/$d" > "$T/out" 2>/dev/null
    is "$d: no failure" "$? $(field failed < "$T/out")" "0 0"
    messages=$(field messages < "$T/out")
    [ $d = spam-spamassassin ] && is "$d: all mails" "$messages" 3249
    is "$d: a second run adds nothing" "$("$BUREAU" --home "$H" --json import "$C/$d" 2>/dev/null | field added damaged messages failed)" "0 0 0 0"
    like "$d: the store is whole" "$("$BUREAU" --home "$H" verify 2>&1; echo "exit $?")" 'exit 0'
done
# raw: 100 messages picked at random (the same ones each time) against the bytes of all files
python3 - "$BUREAU" "$T/spam-spamassassin" "$C/spam-spamassassin" > "$T/raw" <<'PY'
import hashlib, os, random, subprocess, sys
bureau, home, corpus = sys.argv[1:]
files = set()
for d, _, names in os.walk(corpus):
    for n in names:
        files.add(hashlib.sha256(open(os.path.join(d, n), "rb").read()).hexdigest())
bad = 0
for i in random.Random(7).sample(range(1, 3250), 100):
    raw = subprocess.run([bureau, "--home", home, "show", "m%d" % i, "--raw"], capture_output=True).stdout
    bad += hashlib.sha256(raw).hexdigest() not in files
print(bad)
PY
is "show --raw of 100 messages is byte-identical" "$(cat "$T/raw")" 0
done_testing
