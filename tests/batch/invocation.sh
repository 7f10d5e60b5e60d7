#!/bin/sh
# What every command shares: options, exit status, errors, help, docs, the config, private files.
. "${SRCDIR:-.}/tests/tap.sh"

H=$T/office
b() { "$BUREAU" --home "$H" "$@"; }

like "version" "$("$BUREAU" --version)" '^bureau [0-9]+\.[0-9]+'
exits 2 "bare without a terminal" "$BUREAU" --home "$H"
like "it says what to do" "$("$BUREAU" --home "$H" 2>&1)" '^hint: '
exits 2 "an unknown command" b serch x
like "near one is named" "$(b serch x 2>&1)" 'did you mean search'
exits 2 "an unknown option" b status --nope
exits 2 "a value that is missing" b search --limit
exits 2 "an argument too many" b status now
exits 3 "help of what is not" b help nothing
exits 0 "help" b help
exits 0 "--help of a command" b status --help
like "usage" "$(b status --help)" '^usage: bureau status'
exits 2 "unknown docs" b --dump-docs pdf

err=$(b --json serch x 2>&1 >/dev/null)
ok "an error as JSON" python3 -c '
import json, sys
e = json.loads(sys.argv[1])["error"]
assert e["status"] == "usage" and e["exit"] == 2 and e["hint"], e' "$err"

out=$(b status --json)
ok "status as JSON" python3 -c '
import json, sys
o = json.loads(sys.argv[1])
assert o["type"] == "result", o
assert o["unread"] == 0 and o["held"] == 0 and o["jobs"] == 0 and o["lanes"]["answer"] == 0, o' "$out"

is "the home is private" "$(stat -c %a "$H")" 700
is "the store is private" "$(stat -c %a "$H/bureau.db")" 600
is "nothing in it is open to others" "$(find "$H" -perm /077 ! -type s | head -1)" ""
chmod 755 "$H"
exits 1 "an open home is refused" b status
like "with a hint" "$(b status 2>&1)" '^hint: chmod 700'
chmod 700 "$H"

printf 'set nonsense 1\nbind list x no-such-command\nset me anna@example.com\n' >"$H/bureaurc"
chmod 600 "$H/bureaurc"
exits 1 "config check finds faults" b config check
like "with line and column" "$(b config check 2>/dev/null)" "fail +config +.*bureaurc:1:5: "
like "and the command" "$(b config check 2>/dev/null)" "bureaurc:2:13: "
exits 0 "the rest still runs" b status
chmod 644 "$H/bureaurc"
exits 1 "an open bureaurc is refused" b status
rm "$H/bureaurc"
exits 0 "config check without a file" b config check

b doctor --offline >"$T/doctor" 2>&1
like "doctor names the store" "$(cat "$T/doctor")" '^ok +store'
unlike "every line that is not ok has a hint" "$(python3 - "$T/doctor" <<'PY'
import sys
lines = open(sys.argv[1]).read().split("\n")
for i, l in enumerate(lines):
    if l.startswith(("warn", "fail")) and "hint:" not in (lines[i + 1] if i + 1 < len(lines) else ""):
        print("without hint:", l)
PY
)" 'without hint'

BUREAU_NOW=yesterday exits 2 "a clock that cannot be read" b status

# BUREAU_HOME is --home; XDG without both
BUREAU_HOME=$T/other "$BUREAU" status >/dev/null
ok "BUREAU_HOME" test -f "$T/other/bureau.db"
"$BUREAU" status >/dev/null
ok "XDG" test -f "$HOME/.local/share/bureau/bureau.db"

# docs come from the tables
for kind in man man-rc rc bash zsh fish json; do
    exits 0 "--dump-docs $kind" "$BUREAU" --dump-docs $kind
done
"$BUREAU" --dump-docs json >"$T/docs.json"
"$BUREAU" --dump-docs man >"$T/bureau.1"
"$BUREAU" --dump-docs man-rc >"$T/bureaurc.5"
ok "each command has help, a manual entry, and a sentence for every option" python3 - "$T" <<'PY'
import json, re, sys
t = sys.argv[1]
man = open(t + "/bureau.1").read().replace("\\-", "-")
rc = open(t + "/bureaurc.5").read().replace("\\-", "-")
bad = []
for line in open(t + "/docs.json"):
    o = json.loads(line)
    if o["type"] == "command":
        if not o.get("summary") or o["summary"].endswith("."):
            bad.append(f"{o['name']}: summary")
        if f'.SS "{o["name"]}' not in man:
            bad.append(f"{o['name']}: no manual entry")
        for p in o["options"]:
            if not p.get("summary"):
                bad.append(f"{o['name']} --{p['name']}: no sentence")
    else:
        if not o.get("summary"):
            bad.append(f"{o['name']}: no sentence")
        if o["name"] not in rc:
            bad.append(f"{o['name']}: not in bureaurc(5)")
print("\n".join(bad))
sys.exit(bool(bad))
PY
if command -v man >/dev/null; then
    is "the manual page is clean" "$(LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z "$T/bureau.1" 2>&1 >/dev/null)" ""
    is "that of bureaurc too" "$(LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z "$T/bureaurc.5" 2>&1 >/dev/null)" ""
fi
"$BUREAU" --dump-docs bash >"$T/complete.bash"
if command -v bash >/dev/null; then
    complete() { bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bureau; printf "%s\n" "${COMPREPLY[@]}"' "$T/complete.bash" "$@" | tr '\n' ' '; }
    like "bash completes commands" "$(complete bureau sta)" 'status'
    like "and verbs" "$(complete bureau config ch)" '^check'
    like "and options" "$(complete bureau status --js)" '^--json'
    like "and words" "$(complete bureau --dump-docs ba)" '^bash'
fi
like "an id that does not exist: what lists those that do" "$("$BUREAU" --home "$T/hints" draft show d9 2>&1)" '^hint: “draft list” lists those there are$'
like "as JSON" "$("$BUREAU" --home "$T/hints" --json archive m9 2>&1)" '"hint":"“search” lists those there are","exit":3'

# a server that is not there: another time may do, so 5
mkdir -m 700 "$T/away"
printf 'account work from "A <a@example.com>" imap imap://127.0.0.1:1 user a password-command echo x; plaintext\n' >"$T/away/bureaurc"
chmod 600 "$T/away/bureaurc"
exits 5 "sync does not reach it" "$BUREAU" --home "$T/away" sync
exits 5 "nor does work" "$BUREAU" --home "$T/away" work --once
done_testing
