#!/bin/sh
# What commands over things share: ids by name, from stdin, from a query; dry runs; exit status; signals; closed pipes.
. "${SRCDIR:-.}/tests/tap.sh"

H=$T/office
b() { "$BUREAU" --home "$H" "$@"; }
n() { b count "$1"; }

mkdir -p "$T/mail/cur" "$T/mail/new" "$T/mail/tmp"
i=0
while [ $i -lt 250 ]; do
    i=$((i + 1))
    printf 'From: Li Na <li.na@haitian.example>\nTo: anna@example.com\nSubject: part %s\nDate: Mon, 02 Nov 2026 09:%02d:00 +0100\nMessage-ID: <p%s@haitian.example>\n\nwidget %s\n' \
        "$i" $((i % 60)) "$i" "$i" >"$T/mail/cur/$i.host:2,"
done
printf 'From: Tom <tom@berger.example>\nTo: anna@example.com\nSubject: invoice\nDate: Mon, 02 Nov 2026 10:00:00 +0100\nMessage-ID: <t1@berger.example>\n\nPlease pay.\n' >"$T/mail/cur/t1.host:2,"
printf 'From: anna@example.com\nTo: tom@berger.example\nSubject: Re: invoice\nDate: Mon, 02 Nov 2026 11:00:00 +0100\nIn-Reply-To: <t1@berger.example>\nMessage-ID: <t2@example.com>\n\nDone.\n' >"$T/mail/cur/t2.host:2,S"
b import "$T/mail" >/dev/null

id=$(b search --output ids subject:invoice | tail -1)
thread=$(b search --output threads subject:invoice | head -1)
like "ids are short" "$id" '^m[0-9]+$'

exits 2 "a time that is missing" b snooze m1
like "is what is missing" "$(cat "$T/.out")" 'snooze: WHEN is missing.*'
like "with the usage" "$(cat "$T/.out")" 'usage: snooze WHEN ID'
like "a folder, too" "$(b move m1 2>&1)" 'move: FOLDER is missing'
like "but a folder without mail" "$(b move Archive 2>&1)" 'move: on what'
exits 2 "on what?" b flag
like "it says how to name things" "$(b flag 2>&1)" '^hint: .*m12'
exits 2 "no id at all" b flag nonsense
exits 3 "an id that does not exist" b show m99999
exits 2 "an empty query" b flag --query ''
exits 2 "a query of blanks" b flag --query '  '
exits 4 "everything needs --yes" b flag --query '*'
exits 4 "more than 200 need --yes" b flag --query widget
like "it says so" "$(b flag --query widget 2>&1)" 'more than 200'
is "nothing was flagged" "$(n is:flagged)" 0
exits 2 "ids and a query together" b flag "$id" --query widget
exits 2 "a query that cannot be read" b flag --query '(widget'

out=$(b flag "$id" --dry-run --json)
ok "a dry run says what it would do" python3 -c '
import json, sys
o = json.loads(sys.argv[1])
assert o["dry_run"] is True and o["changed"] == 1 and o["ids"] == [sys.argv[2]], o' "$out" "$id"
is "and changes nothing" "$(n is:flagged)" 0
like "and says that too" "$(b flag "$id" --dry-run 2>&1)" 'nothing was changed'

exits 0 "one by name" b flag "$id"
is "one is flagged" "$(n is:flagged)" 1
b undo >/dev/null
is "undone" "$(n is:flagged)" 0
b search --output ids subject:invoice | b flag - >/dev/null
is "from stdin" "$(n is:flagged)" 2
b undo >/dev/null
b flag --query 'subject:"part 7"' >/dev/null
is "by a query" "$(n is:flagged)" 1
b undo >/dev/null
out=$(b archive --query 'from:tom' --threads --json)
ok "--threads widens to the thread" python3 -c '
import json, sys
assert json.loads(sys.argv[1])["changed"] == 2, sys.argv[1]' "$out"
b undo >/dev/null
b flag --query widget --yes >/dev/null
is "250 with --yes" "$(n is:flagged)" 250
b undo >/dev/null
is "one undo for all" "$(n is:flagged)" 0
out=$(b flag "$id" m99999 --json 2>/dev/null)
ok "what does not exist is skipped and named" python3 -c '
import json, sys
o = json.loads(sys.argv[1])
assert o["changed"] == 1 and o["skipped"][0]["id"] == "m99999" and o["skipped"][0]["why"], o' "$out"
b undo >/dev/null

is "a limit of threads counts threads" "$(b search from:tom OR to:tom OR subject:'"part 7"' --output threads --limit 2 | wc -l)" 2
is "none is none" "$(b search from:tom --output threads --limit 0 | wc -l)" 0
exits 0 "nothing found is no failure" b search xyzzy
exits 3 "with --fail-empty it is" b search xyzzy --fail-empty
exits 0 "something found" b search widget --fail-empty
is "quiet" "$(b flag "$id" --dry-run --quiet 2>&1 >/dev/null)" ""

# a reader that goes away is no accident
b search widget --json 2>"$T/err" | head -1 >/dev/null
is "a closed pipe is met in silence" "$(cat "$T/err")" ""
# a full disk is
if [ -w /dev/full ]; then
    b search widget >/dev/full 2>"$T/err"
    is "a full disk ends with 1" $? 1
    like "and says so" "$(cat "$T/err")" 'stdout could not be written'
fi

# a signal ends it in order
"$BUREAU" --home "$H" work --quiet >/dev/null 2>&1 &
pid=$!
sleep 1
exits 0 "another program works beside it" b count widget
kill -TERM $pid
wait $pid
is "work ends when it is told to" $? 0
exits 0 "the office is whole" b verify
done_testing
