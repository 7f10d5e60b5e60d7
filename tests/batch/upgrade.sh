#!/bin/bash
# upgrade.sh - an office that an earlier bureau made (upgrade.db.gz): mails 6 and 7 are S/MIME files whose content its
# reader did not read, 1, 2 and 4 were moved out of the inbox (4 twice), 3 was moved and taken back, 8 came to Lists.
. "${SRCDIR:-.}/tests/tap.sh"
export BUREAU_NOW=2026-11-23T12:00:00+01:00
H=$T/h
b() { "$BUREAU" --home "$H" "$@"; }
get() { python3 -c 'import json, sys
for line in sys.stdin:
    o = json.loads(line); v = eval(sys.argv[1]); print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)); break' "$1"; }
lanes() { b --json status | get '[k + str(v) for k, v in o["lanes"].items() if v]'; }
open() { b --json triage --offline | sed -n 's/.*"id":"\(t[0-9]*\)".*/\1/p' | sort | tr '\n' ' '; }
mkdir -m 700 "$H"; gunzip -c "$SRC/tests/batch/upgrade.db.gz" >"$H/bureau.db"; chmod 600 "$H/bureau.db"

# what was filed waits no more
is "filed conversations have left the inbox, the others stay" "$(open)" "t1 t3 t5 t6 t7 "
is "they are counted so" "$(lanes)" '["fyi5"]'
like "a copy of before is kept" "$(find "$H" -name 'before-upgrade-*.db')" 'before-upgrade'
is "each lies where it was put" "$(for m in 1 2 3 4 8; do b --json show m$m | get 'o["folder"]'; done | tr '\n' ' ')" "Projects Projects INBOX Other Lists "
ok "the move can be taken back" b undo j4
is "and it waits again" "$(open) $(lanes)" 't1 t2 t3 t5 t6 t7  ["fyi6"]'
ok "done again" b redo j4
is "it does not" "$(open)" "t1 t3 t5 t6 t7 "
b move INBOX m4 >/dev/null
is "what is put into the inbox waits" "$(lanes)" '["answer1", "fyi5"]'
ok "verify: the journal, too" b verify

# what the reader did not know
is "the content of an S/MIME file was not found" "$(b count price) $(b count 价格) $(b count name:prices)" "0 0 0"
b show m6 --raw >"$T/before"
ok "it is read again behind all else" b work --once
is "and found" "$(b search price --output ids) $(b search 价格不变 --output ids) $(b search name:prices --output ids)" "m6 m6 m6"
like "it is shown" "$(b show m6 --text)" 'The price stays. 价格不变'
is "its parts, too" "$(b --json show m6 | get '[p["name"] for p in o["parts"] if "name" in p]')" '["smime.p7m", "prices.csv"]'
b show m6 --raw >"$T/after"
ok "its bytes are the same" cmp "$T/before" "$T/after"
is "what is encrypted stays so" "$(b show m7 --text | grep -c price)" 0
is "nothing else changed" "$(lanes)" '["answer1", "fyi5"]'
ok "verify: the index, too" b verify
python3 - "$H/bureau.db" <<'P' >"$T/left"
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM mail_reread").fetchone()[0])
P
is "it is done once" "$(cat "$T/left")" 0
done_testing
