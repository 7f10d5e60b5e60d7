#!/bin/sh
# A dry run changes nothing, whatever the command; "-" is stdin; a model that is not there is told.
. "${SRCDIR:-.}/tests/tap.sh"

H=$T/office
b() { "$BUREAU" --home "$H" "$@"; }
n() { b "$@" --json 2>/dev/null | grep -c '"type":"item"'; }
dry() { _name=$1; shift; like "$_name says dry_run" "$(b "$@" --dry-run --json 2>/dev/null </dev/null | tail -1)" '"dry_run":true'; }

cat >"$T/mail.eml" <<'MAIL'
From: Li Na <li.na@haitian.example>
To: anna@example.com
Subject: drawings
Date: Mon, 02 Nov 2026 09:00:00 +0100
Message-ID: <d1@haitian.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Could you confirm the price of 40 EUR?
--b
Content-Type: text/csv; name=a.csv
Content-Disposition: attachment; filename=a.csv

1,2
--b--
MAIL
b import "$T/mail.eml" >/dev/null

dry reply reply m1 --say yes
dry forward forward m1
dry compose compose --to bob@x.example --subject hi
is "no draft is left" "$(n draft list)" 0
dry ask ask 'what price?'
is "no conversation is left" "$(n chat list)" 0
mkdir "$T/saved"
dry save save m1 2 "$T/saved"
is "no file is left" "$(ls "$T/saved")" ""
dry backup backup "$T/b.db"
ok "no backup is left" test ! -e "$T/b.db"
dry work work --once

b compose --to bob@x.example --subject hi --quiet
D=$(b draft list --json | sed -n 's/.*"id":"\(d[0-9]*\)".*/\1/p')
like "draft edit shows what would be" "$(b draft edit "$D" --subject new --dry-run --json 2>/dev/null)" '"subject":"new".*"dry_run":true'
like "and changes nothing" "$(b draft show "$D" --json)" '"subject":"hi"'
echo 'from stdin' | b draft edit "$D" - --quiet
like "draft edit -" "$(b draft show "$D" --json)" '"text":"from stdin"'
exits 2 "draft edit takes no other word" b draft edit "$D" words
like "a draft that does not exist is skipped" "$(b draft delete "$D" d99 --dry-run --json 2>/dev/null)" '"ids":\["'"$D"'"\],"skipped":\[\{"id":"d99"'
is "it is still there" "$(n draft list)" 1

echo 'a note from stdin' | b note new - >/dev/null
like "note new -" "$(b note list)" 'a note from stdin'

b ask 'what price?' --quiet >/dev/null 2>&1
like "chat fork names what it changed" "$(b chat fork x1 --json)" '"changed":1.*"ids":\["c1"\]'
is "a fork before the first question hides nothing" "$(n chat show c1)" 2
dry "chat rename" chat rename c1 other
like "chat delete" "$(b chat delete c1 c99 --dry-run --json 2>/dev/null)" '"ids":\["c1"\],"skipped":\[\{"id":"c99"'
dry "chat export" chat export c1 "$T/c1.md"
ok "no export is left" test ! -e "$T/c1.md"

b import "$SRC/data/demo/meetings" "$SRC/data/demo/notes" >/dev/null
like "a dry import knows the notes it has" "$(b import "$SRC/data/demo/meetings" "$SRC/data/demo/notes" --dry-run --json 2>/dev/null)" '"added":0,"duplicates":3'
exits 3 "an outbox item that does not exist" b outbox cancel o99 --dry-run
like "a language is kept without its locale" "$(LANG=zh_CN.UTF-8 LC_ALL= LANGUAGE= b status)" '未读|没有'

exits 3 "triage by a model that is not there" b triage --model nope m1
exits 0 "triage by the offline engine" b triage --model offline m1
like "folders are named" "$(b folder list --json)" '"folder":"INBOX"'
done_testing
