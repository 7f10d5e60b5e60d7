#!/bin/bash
# store.sh - search, count, undo, redo, journal, job, backup, restore, verify on the command line.
. "${SRCDIR:-.}/tests/tap.sh"
H=$T/office
b() { "$BUREAU" --home "$H" "$@"; }
mail() { # FILE DATE FROM SUBJECT TEXT
    printf 'From: %s\nTo: Robin <robin@example.com>\nDate: %s\nMessage-ID: <%s@example.com>\nSubject: %s\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n%s\n' \
        "$3" "$2" "$1" "$4" "$5" > "$T/in/$1.eml"
}
mkdir -m 700 "$H"; mkdir "$T/in"
mail one 'Mon, 02 Nov 2026 09:00:00 +0100' 'Anna Li <anna@example.com>' 'Budget for 2027' 'The budgets are attached. 我们明天开会议。'
mail two 'Tue, 03 Nov 2026 09:00:00 +0100' '"Smith, Bob" <bob@example.org>' 'Contract' 'The companies signed.'
mail three 'Wed, 04 Nov 2026 09:00:00 +0100' 'wang@example.cn' '会议纪要' '预算 budget'
b import "$T/in" >"$T/out" 2>&1; is "three mails come in" "$?" 0

is "newest first" "$(b search budget --output ids | tr '\n' ' ')" "m$(b search 纪要 --output ids | tr -dc 0-9) m$(b search 2027 --output ids | tr -dc 0-9) "
is "a plural" "$(b count company)" 1
is "one character" "$(b count 纪)" 1
is "two conditions" "$(b count 'budget from:anna')" 1
is "words of the command line are one query" "$(b count budget from:anna)" 1
is "a negated word is no option" "$(b count budget -2027)" 1
is "everything" "$(b count '*')" 3
is "nothing" "$(b count nothingofit)" 0
like "a line: id, day, who, subject" "$(b search 2027)" '^m[0-9]+ +2026-11-02  Anna Li +Budget for 2027$'
J=$(b --json search contract)
like "an object" "$J" '"id":"m[0-9]+","kind":"mail","thread":"t[0-9]+","date":"2026-11-03T09:00:00\+01:00"'
like "with its sender, a comma in the name too" "$J" '"from":\{"name":"Smith, Bob","address":"bob@example.org"\}'
like "and a snippet" "$J" '"snippet":"The companies signed."'
like "closed by a result" "$J" '\{"count":1,"more":false,"type":"result"\}'
like "ranked rows have a score" "$(b --json search budget --sort rank)" '"score":[0-9]'
like "those by date, too, when all are asked for" "$(b --json search budget)" '"score":[0-9]'
unlike "everything has none" "$(b --json search '*')" '"score"'
is "a limit" "$(b search '*' --limit 2 --output ids | wc -l)" 2
F=$(b search '*' --limit 1 --output ids)
is "going on behind a hit" "$(b search '*' --after "$F" --output ids | wc -l)" 2
is "threads" "$(b search '*' --output threads | grep -c '^t')" 3
is "a kind" "$(b count '*' --kind note)" 0
exits 2 "a query that cannot be read" b search 'foo (bar'
like "names the column" "$(cat "$T/.out")" 'column 5'
exits 2 "an unknown field" b count 'x folder:INBOX'
like "names the column and the one that was meant" "$(cat "$T/.out")" 'column 3: no field folder: in:INBOX'
like "and how it is text" "$(cat "$T/.out")" 'hint: in quotes it is text: "folder:INBOX"'
is "in quotes" "$(b count '"folder:INBOX"')" "$(b count '"folder INBOX"')"
is "a mail's own words are text" "$(b count 'Re: contract')" "$(b count 're contract')"
exits 2 "an unknown kind" b search x --kind letter
exits 2 "an unknown order" b search x --sort size
exits 3 "an unknown hit to go on from" b search x --after m999
exits 3 "--fail-empty" b --fail-empty search nothingofit
exits 0 "nothing found is no failure" b search nothingofit

ID=$(b search contract --output ids)
ok "a change" b flag "$ID"
is "is there" "$(b count is:flagged)" 1
like "undo takes it back" "$(b --json undo)" "\"undone\":1,\"ids\":\[\"$ID\"\],\"skipped\":\[\]"
is "as it was" "$(b count is:flagged)" 0
ok "redo" b redo
is "does it again" "$(b count is:flagged)" 1
like "a dry undo" "$(b --json --dry-run undo)" '"undone":1.*"dry_run":true'
is "changes nothing" "$(b count is:flagged)" 1
exits 3 "a batch that is not there" b undo j999
exits 2 "what is no batch" b undo m1
like "the journal" "$(b journal)" '^j[0-9]+ +20[0-9-]+ [0-9:]+  me +1  flag'
is "the journal is searched" "$(b journal import | wc -l)" 1
like "as objects" "$(b --json journal | tail -1)" '"batch":"j1","date":".*","who":"import","what":"import","count":1'
like "the import was a job" "$(b job list --all)" '^q[0-9]+ .* import +done'
is "no job is open" "$(b job list | wc -l)" 0
exits 3 "a job that is not there" b job cancel q99
exits 2 "what is no job" b job retry x

ok "verify" b verify
like "says what was checked" "$(b verify)" '^journal +ok'
like "among it the bytes of mails" "$(b verify)" '^mails +ok +[1-9][0-9]*, every byte as it came'
# a byte of a bundle that turned on the disk, and a mail that is not what came
spoil() { python3 - "$H/bureau.db" "$1" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
kept, = db.execute("SELECT bytes FROM bundle ORDER BY id LIMIT 1").fetchone()
if sys.argv[2] == "byte":
    db.execute("UPDATE bundle SET bytes = ? WHERE bytes = ?", (kept[:60] + bytes([kept[60] ^ 1]) + kept[61:], kept))
    open(sys.argv[1] + ".kept", "wb").write(kept)
elif sys.argv[2] == "back":
    db.execute("UPDATE bundle SET bytes = ? WHERE id = (SELECT min(id) FROM bundle)", (open(sys.argv[1] + ".kept", "rb").read(),))
else:
    db.execute("UPDATE mail_message SET hash = zeroblob(20) WHERE id = 1")
db.commit()
END
}
b backup "$T/whole.db" >"$T/out"
spoil byte
exits 1 "a byte that turned in a bundle is told" b verify
like "of which mail" "$(b verify)" '^mails +fail +m[0-9]+: '
spoil back
ok "nothing else was changed" b verify
spoil hash
like "a mail that is not what came is named" "$(b verify)" '^mails +fail +m1: its bytes are not those that came'
b restore "$T/whole.db" >"$T/out"
ok "a backup is whole" b verify
rm -f "$H"/bureau.db.kept "$H"/state/before-restore-*.db
ok "a backup" b backup "$T/copy.db"
is "is private" "$(stat -c %a "$T/copy.db")" 600
exits 1 "is not overwritten" b backup "$T/copy.db"
b delete "$ID" >"$T/out" 2>&1
is "something changes" "$(b count contract)" 0
ok "a dry restore" b --dry-run restore "$T/copy.db"
is "changes nothing" "$(b count contract)" 0
ok "restore" b restore "$T/copy.db"
is "brings it back" "$(b count contract)" 1
is "and keeps what was there" "$(ls "$H"/state/before-restore-*.db | wc -l)" 1
printf 'no database' > "$T/text"
exits 1 "a text is no backup" b restore "$T/text"
exits 1 "nor is nothing" b restore "$T/nowhere"
ok "verify --rebuild makes the index anew" b verify --rebuild
is "which finds as before" "$(b count 会议)" 2
is "files are private" "$(find "$H" -type f -perm /077 | wc -l)" 0
done_testing
