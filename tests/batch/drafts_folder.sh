#!/bin/sh
# drafts_folder.sh - drafts in the account's folder of drafts: written after a pause, replaced, taken away, never taken for
# mail; drafts of other programs are gone on with.
. "${SRCDIR:-.}/tests/tap.sh"
H=$T/h M=$T/Maildir
export BUREAU_NOW=2026-11-24T09:30:00+01:00
mkdir -p -m 700 "$H"; mkdir -p "$M/cur" "$M/new" "$M/tmp"
printf 'account work from "Anna Li <anna@example.com>" maildir %s smtp smtp://127.0.0.1:1 plaintext\nset compose.mirror-after 10s\n' "$M" >"$H/bureaurc"; chmod 600 "$H/bureaurc"
b() { "$BUREAU" --home "$H" "$@"; }
at() { BUREAU_NOW=2026-11-24T09:$1+01:00; }
work() { b --quiet work --once >"$T/work" 2>&1 || cat "$T/work"; }
files() { ls "$M/.Drafts/cur" 2>/dev/null | wc -l | tr -d ' '; }
text() { cat "$M/.Drafts/cur"/* 2>/dev/null; }
read_with() { /usr/bin/env python3 -c '
import email, email.policy, glob, sys
m = email.message_from_binary_file(open(glob.glob(sys.argv[1] + "/*")[0], "rb"), policy=email.policy.default)
print(eval(sys.argv[2]))' "$M/.Drafts/cur" "$1"; }
printf 'x%.0s' $(seq 5000) >"$T/报价 单.pdf"
b compose --to '李娜 <li.na@haitian.example>' --subject '报价单' --attach "$T/报价 单.pdf" --bcc eva@example.com >"$T/out" 2>&1
printf '您好，附件是报价单。\n' >"$T/text"; b draft edit d1 --file "$T/text" >"$T/out" 2>&1
work
is "not while it is being written" "$(files)" 0
at 30:20; work
is "after a pause it lies in Drafts" "$(files) $(ls "$M/.Drafts/cur" | sed 's/.*:2,//')" "1 DS"
is "as another program reads it" "$(read_with '(str(m["Subject"]), str(m["To"].addresses[0].display_name), m["Bcc"], [a.get_filename() for a in m.iter_attachments()], m.get_body().get_content().strip())')" "('报价单', '李娜', 'eva@example.com', ['报价 单.pdf'], '您好，附件是报价单。')"
is "the file's bytes" "$(read_with 'next(m.iter_attachments()).get_content() == b"x" * 5000')" True
work; b --quiet sync >"$T/out" 2>&1
is "it is no mail of ours" "$(b --json count '*' | sed 's/.*"count":\([0-9]*\).*/\1/')|$(b --json count kind:mail | sed 's/.*"count":\([0-9]*\).*/\1/')" "1|0"
F=$(ls "$M/.Drafts/cur")
at 31:00; work
is "nothing changed, nothing written" "$(ls "$M/.Drafts/cur")" "$F"
mv "$M/.Drafts/cur/$F" "$M/.Drafts/cur/$(echo "$F" | sed 's/:2,DS/:2,DFS/')" # another program flags it
printf '您好，改好了。\n' >"$T/text"; b draft edit d1 --file "$T/text" >"$T/out" 2>&1
at 31:30; work
is "a change replaces it, wherever it went" "$(files) $(read_with 'm.get_body().get_content().strip()')" "1 您好，改好了。"
b draft delete d1 >"$T/out" 2>&1; at 31:50; work
is "deleted: it goes" "$(files)" 0
b undo --yes >"$T/out" 2>&1; at 32:20; work
is "undone: it is back" "$(files)" 1
b draft delete d1 >"$T/out" 2>&1; at 32:40; work

# another program's draft
cat >"$M/.Drafts/cur/1.M1.other:2,DS" <<'D'
From: Anna Li <anna@example.com>
To: Tom <tom@acme.example>
Subject: From the phone
Message-ID: <phone@example.com>
Date: Tue, 24 Nov 2026 09:00:00 +0100

half a sentence
D
work
ID=$(b --json search id:phone@example.com | sed -n 's/.*"id":"\(m[0-9]*\)".*/\1/p' | head -1)
ok "is a mail here" test -n "$ID"
b edit-as-new "$ID" >"$T/out" 2>&1
like "and is gone on with" "$(b --json draft show d2)" '"origin":"'"$ID"'".*half a sentence'
printf 'half a sentence, and the rest\n' >"$T/text"; b draft edit d2 --file "$T/text" >"$T/out" 2>&1
at 33:00; work
is "its mirror lies beside it until it is sent" "$(files)" 2
printf '#!/bin/sh\ncat >"%s"\n' "$T/mail.out" >"$T/mailer"; chmod +x "$T/mailer"
sed -i "s#smtp smtp://127.0.0.1:1 plaintext#sendmail $T/mailer -i;#" "$H/bureaurc"
exits 0 "sent" b send d2
like "as it stands here" "$(cat "$T/mail.out")" "^half a sentence, and the rest"
like "the draft of the other program lies in the trash" "$(b --json show "$ID")" '"folder":"Trash"'
at 33:40; work; b --quiet sync >"$T/out" 2>&1
is "on its disk, too; the mirror is gone" "$(files)|$(ls "$M/.Trash/cur" | wc -l | tr -d ' ')|$(grep -c 'half a sentence$' "$M/.Trash/cur"/*)" "0|1|1"
is "what was sent lies in Sent" "$(b --json count in:Sent | sed 's/.*"count":\([0-9]*\).*/\1/')" 1
b undo "$(b --json journal | grep '"draft sent"' | sed -n 's/.*"batch":"\(j[0-9]*\)".*/\1/p' | head -1)" --yes >"$T/out" 2>&1; work; b --quiet sync >"$T/out" 2>&1
is "undo puts it back" "$(files)|$(ls "$M/.Trash/cur" | wc -l | tr -d ' ')" "1|0"
b compose --to tom@acme.example --subject y >"$T/out" 2>&1; at 34:20; work
printf 'set compose.mirror off\n' >>"$H/bureaurc"; b draft edit d3 --subject x >"$T/out" 2>&1; F=$(ls "$M/.Drafts/cur"); at 35:00; work
is "an option turns it off" "$(ls "$M/.Drafts/cur")" "$F"
done_testing
