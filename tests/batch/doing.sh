#!/bin/bash
# snooze, mute, and undo to the last corner: parts of values, single things of a batch, other programs
. "${SRCDIR:-.}/tests/tap.sh"
export BUREAU_NOW=2026-11-23T12:00:00+01:00
H=$T/h M=$T/Mail
b() { "$BUREAU" --home "$H" "$@"; }
at() { BUREAU_NOW=$1 "$BUREAU" --home "$H" "${@:2}"; }
get() { python3 -c '
import json, sys
for line in sys.stdin:
    try: v = eval(sys.argv[1], {"o": json.loads(line)})
    except KeyError: continue
    print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False))' "$1"; }
n() { b --json count "$1" | get 'o["count"]'; }
mail() { # mail NUMBER SUBJECT [IN-REPLY-TO] [DATE]
  printf 'From: Bob <bob@example.com>\nTo: Anna <anna@example.com>\nDate: %s\nMessage-ID: <m%s@x>\nSubject: %s\n%s\nText %s.\n' \
    "${4:-Mon, 23 Nov 2026 09:0$1:00 +0100}" "$1" "$2" "${3:+In-Reply-To: $3
}" "$1"; }
mkdir -m 700 "$H"; mkdir -p "$M"/{cur,new,tmp}
printf 'account work from "Anna <anna@example.com>" maildir %s\n' "$M" >"$H/bureaurc"; chmod 600 "$H/bureaurc"
for i in 1 2 3 4; do mail $i "Subject $i" >"$M/cur/170000000$i.M$i.host:2,S"; done
b --quiet sync >/dev/null 2>&1
id() { b --json search "id:$1" | get 'o["id"]'; }
thread() { b --json show "$1" | get 'o["thread"]'; }
folder() { b --json show "$1" | get 'o["folder"]'; }
m1=$(id m1@x) m2=$(id m2@x) m3=$(id m3@x) m4=$(id m4@x)
t1=$(thread "$m1") t2=$(thread "$m2") t3=$(thread "$m3") t4=$(thread "$m4")
open() { b --json status | get 'sum(o["lanes"].values())'; }

# snooze: words before the ids are the time
J=$(b --json snooze fri 9:00 "$t1")
is "a time of two words" "$(echo "$J" | get 'o["until"]')" 2026-11-27T09:00:00+01:00
is "the conversation is named" "$(echo "$J" | get 'o["ids"]')" "[\"$t1\"]"
is "it is found" "$(b --json search is:snoozed --output ids | get 'o["id"]')" "$m1"
ok "its file lies in the folder Snoozed" test -f "$M/.Snoozed/cur/1700000001.M1.host:2,S"
is "in Chinese, of a message" "$(b --json snooze 明天上午 "$m2" | get 'o["until"]')" 2026-11-24T09:00:00+01:00
exits 2 "a time that has passed is refused" b snooze 2026-11-22 "$t3"
like "with the next one offered" "$(b snooze 8:00 "$t3" 2>&1)" 'next one is 2026-11-24 08:00'
exits 2 "what is no time is refused" b snooze sometime "$t3"
exits 3 "a conversation that is not there" b snooze tomorrow t999
is "nothing of this changed anything" "$(n is:snoozed)" 2
is "a dry run changes nothing" "$(b --json --dry-run snooze tomorrow "$t3" >/dev/null 2>&1; n is:snoozed)" 2
is "of a query, each conversation once" "$(b --json snooze +3d --query "subject:subject" | get 'o["changed"]')" 4
b --quiet undo >/dev/null
is "one undo for all" "$(n is:snoozed)" 2
is "until the time it had" "$(b --json snooze fri 9:00 "$t1" | get 'o["skipped"][0]["why"]')" "snoozed until then already"
is "over a change of the clock" "$(at 2027-03-27T12:00:00+01:00 --json --dry-run snooze tomorrow "$t3" 2>/dev/null | get 'o["until"]')" 2027-03-28T09:00:00+02:00

# coming back
at 2026-11-24T08:59:59+01:00 --quiet work --once >/dev/null
is "not before its time" "$(n is:snoozed)" 2
at 2026-11-24T09:00:00+01:00 --quiet work --once >/dev/null
is "on time, without a screen" "$(b --json search is:snoozed --output ids | get 'o["id"]')" "$m1"
is "unread" "$(n "is:unread id:m2@x")" 1
is "in the inbox" "$(folder "$m2")" INBOX
b --quiet sync >/dev/null 2>&1
ok "for other programs too" test -f "$M/cur/1700000002.M2.host:2,"
like "the journal tells" "$(b journal unsnooze)" 'bureau .*its time has come'
at 2027-01-05T10:00:00+01:00 --quiet work --once >/dev/null
is "late when nothing ran" "$(n is:snoozed) $(folder "$m1")" "0 INBOX"
b --quiet sync >/dev/null 2>&1

# by new mail, by another program, by hand
b --quiet snooze +9d "$t1" "$t2" "$t3" >/dev/null
mail 5 "Re: Subject 1" "<m1@x>" "Mon, 23 Nov 2026 11:00:00 +0100" >"$M/new/1700000005.M5.host"
b --quiet sync >/dev/null 2>&1
is "new mail in it brings it back" "$(b --json search is:snoozed --output threads | get 'o["id"]' | sort | xargs)" "$(printf '%s\n' "$t2" "$t3" | sort | xargs)"
is "all of it" "$(folder "$m1")" INBOX
mv "$M"/.Snoozed/cur/1700000002.* "$M/cur/"
b --quiet sync >/dev/null 2>&1
is "so does moving it back elsewhere" "$(b --json search is:snoozed --output threads | get 'o["id"]')" "$t3"
b --quiet unsnooze "$t3" >/dev/null
is "and unsnooze" "$(n is:snoozed) $(folder "$m3")" "0 INBOX"
is "which is undone" "$(b --quiet --yes undo >/dev/null; n is:snoozed)" 1
is "what is archived is snoozed no more" "$(b --quiet archive "$t3" >/dev/null; n is:snoozed) $(folder "$m3")" "0 Archive"
b --quiet undo >/dev/null
is "undo brings both back" "$(n is:snoozed) $(folder "$m3")" "1 Snoozed"
b --quiet unsnooze "$t3" >/dev/null
b --quiet archive "$t3" >/dev/null; b --quiet snooze tomorrow "$t3" >/dev/null
at 2026-11-24T09:00:00+01:00 --quiet work --once >/dev/null
is "what was archived comes back to the inbox" "$(folder "$m3")" INBOX

# mute
before=$(open)
b --quiet mute "$t4" >/dev/null
is "muted: out of the inbox" "$(open)" $((before - 1))
mail 6 "Re: Subject 4" "<m4@x>" "Mon, 23 Nov 2026 11:30:00 +0100" >"$M/new/1700000006.M6.host"
b --quiet sync >/dev/null 2>&1
is "new mail does not bring it back" "$(open)" $((before - 1))
is "it is muted too" "$(n is:muted)" 2
b --quiet mute --toggle "$t4" >/dev/null
is "mute --toggle takes it back" "$(n is:muted) $(open)" "0 $before"
b --quiet mute "$t4" >/dev/null; b --quiet unmute "$t4" >/dev/null
is "and unmute" "$(n is:muted)" 0

# undo: parts, things, names that others changed
J=$(b --json flag "$m1" "$m2" "$m3" | get 'o["batch"]')
b --quiet mark-read "$m1" >/dev/null; b --quiet sync >/dev/null 2>&1
mv "$(echo "$M"/cur/1700000002.*)" "$M/cur/1700000002.M2.host:2,FRS"
b --quiet sync >/dev/null 2>&1
is "of one thing of a batch" "$(b --json undo "$J" "$m3" | get 'o["ids"]')" "[\"$m3\"]"
is "the others stand" "$(n is:flagged)" 2
exits 3 "a thing that is not in it" b undo "$J" "$m4"
is "the rest, though read and renamed since" "$(b --json undo "$J" | get 'o["undone"]')" 2
is "no flag is left" "$(n is:flagged)" 0
b --quiet sync >/dev/null 2>&1
ok "what another program did stays" ls "$M"/cur/1700000002.M2.host:2,RS
b --quiet redo "$J" >/dev/null
is "redo of a batch by its id" "$(n is:flagged)" 2
J=$(b --json delete "$t1" | get 'o["batch"]')
b --quiet sync >/dev/null 2>&1
is "next week" "$(at 2026-11-30T12:00:00+01:00 --json undo "$J" "$t1" | get 'o["undone"]')" 2
is "as it was" "$(folder "$m1")" INBOX
is "not bare" "$(at 2026-11-30T12:00:00+01:00 undo 2>&1 | grep -c 'over an hour old')" 1
is "but with --yes, as often as one likes" "$(for i in 1 2 3; do at 2026-11-30T12:00:00+01:00 --yes --json undo | get 'o["undone"] > 0'; done | xargs)" "true true true"
# what a person counts: what was named, however many rows follow from it
J=$(b snooze tomorrow "$t1"); like "a conversation of two mails that move: one thing" "$J" '^1 snoozed until '
J=$(echo "$J" | grep -o 'j[0-9]*')
is "and one row of the journal, of one thing" "$(b --json journal "$J" | get '[o["count"], o["batch"]]')" "[1, \"$J\"]"
like "its undo says so" "$(b undo)" "^1 change taken back: snooze, Subject 1 \\($J\\)\$"
like "and its redo" "$(b redo)" "^1 change done again: snooze, Subject 1 \\($J\\)\$"
like "one thing of it" "$(b undo "$J" "$t1")" "^1 change taken back: snooze, Subject 1 \\($J\\)\$"
J=$(b --json archive "$t1" "$t3" "$t4" | get 'o["batch"]'); b --quiet undo
like "of a batch that was undone one thing is done again" "$(b redo "$J" "$t3")" "^1 change done again: archive, Subject 3 \\($J\\)"
is "that alone" "$(folder "$m1") $(folder "$m3") $(folder "$m4")" "INBOX Archive INBOX"
like "then the rest" "$(b redo "$J")" "^2 changes done again: archive"
is "all of it" "$(folder "$m1") $(folder "$m3") $(folder "$m4")" "Archive Archive Archive"
b --quiet undo
is "and taken back" "$(folder "$m1") $(folder "$m3") $(folder "$m4")" "INBOX INBOX INBOX"
exits 3 "a thing that is not in it" b redo "$J" "$t2"
like "two conversations archived" "$(b archive "$t1" "$t3")" '^2 archived, 3 mails \('
like "and back" "$(b undo)" '^2 changes taken back: archive \('
like "two mails archived" "$(b archive "$m1" "$m3")" '^2 archived \('
like "and back" "$(b undo)" '^2 changes taken back: archive \('
like "a lane is one thing, too" "$(b lane wait "$t3"; b undo)" '1 change taken back: lane, Subject 3'
like "without a word of keys in a shell" "$(b lane fyi "$t3"; b --quiet undo)" 'Moved to fyi \(j[0-9]+\)'
like "when the accounts were last in step" "$(b --json status)" "\"last_sync\":\"2026-11-23T12:"
is "verify" "$(b --json verify | get 'o["ok"]')" true
done_testing
