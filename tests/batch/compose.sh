#!/bin/sh
# compose.sh - writing from the command line: identities, signatures, aliases, lists, forwarding, edit as new, links.
. "${SRCDIR:-.}/tests/tap.sh"
H=$T/h
export BUREAU_NOW=2026-11-24T09:30:00+01:00
mkdir -m 700 "$H"; mkdir -p "$T/mails" "$T/dir with space"
b() { "$BUREAU" --home "$H" "$@"; }
get() { /usr/bin/env python3 -c 'import json,sys
o=json.loads(sys.stdin.readlines()[-1])
for k in sys.argv[1].split("."):
    o=o[int(k)] if k.isdigit() else o.get(k,"")
print(json.dumps(o,ensure_ascii=False) if isinstance(o,(list,dict,bool)) else o)' "$1"; }
show() { b --json draft show "$1" | get "$2"; } # show DRAFT FIELD
last() { b --json draft list | /usr/bin/env python3 -c 'import json,sys; print(max((json.loads(l)["id"] for l in sys.stdin), key=lambda i: int(i[1:])))'; }
printf 'Anna Li\nExample GmbH, +49 89 1234\n' >"$T/sig"; printf -- '-- \nYour support team\n' >"$T/sig-support"
cat >"$T/aliases" <<A
# mutt aliases
alias tom Tom Berger <tom@acme.example>
alias -group office lina "Li, Na" <li.na@haitian.example>
alias both tom, lina
A
cat >"$H/bureaurc" <<C
account work from "Anna Li <anna@example.com>" alias a.li@example.com smtp smtp://127.0.0.1:1 plaintext
account work identity "Support <support@example.com>" signature $T/sig signature support@example.com=$T/sig-support
account home from "Anna <anna@home.example>"
source $T/aliases
C
chmod 600 "$H/bureaurc"
put() { # put N FROM TO SUBJECT [HEADER…] <body
  _f=$1; { printf 'From: %s\nTo: %s\nDate: Tue, 24 Nov 2026 08:0%s:00 +0100\nMessage-ID: <%s@t.example>\nSubject: %s\nMIME-Version: 1.0\n' "$2" "$3" "$1" "$1" "$4"; shift 4
    for _h; do printf '%s\n' "$_h"; done; printf '\n'; cat; } >"$T/mails/$_f"; }
put 1 "Tom Berger <tom@acme.example>" "Support <support@example.com>" "Pallet broken" "Cc: eva@acme.example" <<'M'
Can you send a new one?

-- 
Tom, Acme
M
put 2 "李娜 <li.na@haitian.example>" "a.li@example.com" "报价" 'Content-Type: text/html; charset=utf-8' 'Content-Transfer-Encoding: 8bit' <<'M'
<html><body><p>安娜您好，<b>总价</b> 48,200 元。</p><table><tr><td>箱</td><td>12</td></tr></table></body></html>
M
put 3 "Mia <mia@list.example>" "users@list.example" "[users] release" 'List-Post: <https://list.example/post>, <mailto:users%2Bpost@list.example?subject=x>' <<'M'
The release is out.
M
put 4 "Mia <mia@list.example>" "users@list.example" "[news] closed" 'List-Post: NO' <<'M'
No answers.
M
put 5 "Jan <jan@vos.example>" "anna@example.com" "Two files" 'Content-Type: multipart/mixed; boundary=B' <<'M'
--B
Content-Type: text/plain; charset=utf-8

Here they are.
--B
Content-Type: application/pdf
Content-Disposition: attachment; filename*=UTF-8''%E6%8A%A5%E4%BB%B7.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--B
Content-Type: text/csv
Content-Disposition: attachment; filename="a b.csv"

1;2
--B--
M
b --quiet import "$T/mails" >"$T/out" 2>&1
id() { b --json search "id:$1@t.example" | grep '"item"' | get id; }
M1=$(id 1) M2=$(id 2) M3=$(id 3) M4=$(id 4) M5=$(id 5)

# who it comes from, and what stands under it
b reply "$M1" --blank >"$T/out" 2>&1; D=$(last)
is "an answer goes from the address the mail was sent to" "$(show $D from)" '{"name": "Support", "address": "support@example.com"}'
is "its identity's signature above the quote, no rule; the quoted one is cut" "$(show $D text)" "

Your support team

On 2026-11-24, Tom Berger wrote:
> Can you send a new one?
>"
b draft edit "$D" --from "Anna Li" >"$T/out" 2>&1
is "another identity by a name" "$(show $D from.address)" anna@example.com
like "brings its signature" "$(show $D text)" "^Example GmbH"
unlike "in the place of the other" "$(show $D text)" "support team"
b draft edit "$D" --from home >"$T/out" 2>&1
is "by an account" "$(show $D from.address) $(show $D account)" "anna@home.example home"
unlike "which has none" "$(show $D text)" "GmbH|^-- "
exits 2 "not as somebody else" b draft edit "$D" --from "boss@acme.example"
like "which names the identities" "$(b draft edit "$D" --from boss@acme.example 2>&1)" "support@example.com"
exits 2 "nor a new mail" b compose --from boss@acme.example --to tom@acme.example
b reply "$M2" --blank >"$T/out" 2>&1; D=$(last)
is "an alias of the account, with its name" "$(show $D from)" '{"name": "Anna Li", "address": "a.li@example.com"}'
like "an HTML-only mail is quoted as it reads" "$(show $D text)" "^> 安娜您好，总价 48,200 元"
like "a Chinese line above a Chinese quote" "$(show $D text)" "^在 2026-11-24，李娜 写道："
printf 'set reply.attribution "Am {date} schrieb {name} <{address}>:"\nset compose.signature-place below\n' >>"$H/bureaurc"
b reply "$M1" --blank >"$T/out" 2>&1
is "an own line above the quote, the signature below it under its rule" "$(show "$(last)" text)" "

Am 2026-11-24 schrieb Tom Berger <tom@acme.example>:
> Can you send a new one?
>

-- 
Your support team"
b compose --to both --subject Hi >"$T/out" 2>&1; D=$(last)
is "aliases stand for their people" "$(show $D to)" '[{"name": "Tom Berger", "address": "tom@acme.example"}, {"name": "Li, Na", "address": "li.na@haitian.example"}]'
is "a new mail has the signature under its rule" "$(show $D text)" "

-- 
Anna Li
Example GmbH, +49 89 1234"
exits 2 "a word that is no alias is no address" b compose --to nobody

# lists
b reply "$M3" --list --blank >"$T/out" 2>&1
is "to the list by List-Post, decoded" "$(show "$(last)" to.0.address)" users+post@list.example
exits 4 "a list that is closed" b reply "$M4" --list --blank
exits 4 "a mail of no list" b reply "$M1" --list --blank

# forwarding
b forward "$M5" --to tom >"$T/out" 2>&1; D=$(last)
is "forwarded with its files" "$(show $D files.0.name)|$(show $D files.1.name)|$(show $D files.1.size)" "报价.pdf|a b.csv|3"
like "and its text" "$(show $D text)" "^---------- Forwarded message"
b forward "$M5" --no-files >"$T/out" 2>&1
is "without its files" "$(show "$(last)" files)" "[]"
b forward "$M5" --as attached --to tom >"$T/out" 2>&1; D=$(last)
is "as one file" "$(show $D files.0.name) $(show $D files.0.content_type) $(show $D files.0.size)" "Two files.eml message/rfc822 $(wc -c <"$T/mails/5" | tr -d ' ')"
unlike "and no text of it" "$(show $D text)" "Here they are"
exits 2 "nothing third" b forward "$M5" --as pigeon
b forward "$M2" >"$T/out" 2>&1
like "a Chinese mail under Chinese words" "$(show "$(last)" text)" "^发件人：李娜 <li.na@haitian.example>"

# a mail inside a mail is answered and forwarded as itself
/usr/bin/env python3 - "$T/mails/7" <<'P'
import sys
from email.message import EmailMessage
inner, outer = EmailMessage(), EmailMessage()
inner["From"], inner["To"], inner["Cc"] = "Marta Ruiz <marta@ruiz.example>", "Tom Berger <tom@acme.example>", "eva@acme.example"
inner["Subject"], inner["Date"] = "Invoice 2231", "Mon, 23 Nov 2026 08:00:00 +0100"
inner["Message-ID"], inner["References"] = "<inner@ruiz.example>", "<first@ruiz.example>"
inner.set_content("Die Rechnung über 1.280 €.\n")
inner.add_attachment("sum,eur\n", subtype="csv", filename="sum.csv")
outer["From"], outer["To"], outer["Subject"] = "tom@acme.example", "a.li@example.com", "Please answer her"
outer["Date"], outer["Message-ID"] = "Tue, 24 Nov 2026 08:07:00 +0100", "<7@t.example>"
outer.set_content("Can you?\n")
outer.add_attachment("x\n", subtype="csv", filename="mine.csv")
outer.add_attachment(inner)
open(sys.argv[1], "wb").write(bytes(outer))
P
b --quiet import "$T/mails/7" --account work >"$T/out" 2>&1; M7=$(id 7)
N=$(b --json show "$M7" --parts | /usr/bin/env python3 -c 'import json,sys; print([o["part"] for o in map(json.loads, sys.stdin) if o.get("content_type") == "message/rfc822"][0])')
b reply "$M7" --part "$N" --all --blank >"$T/out" 2>&1; D=$(last)
is "the answer goes to who wrote it, under its subject, from the one that got the outer one" "$(show $D to.0.address)|$(show $D cc.0.address)|$(show $D cc.1.address)|$(show $D subject)|$(show $D from.address)|$(show $D message)" "marta@ruiz.example|tom@acme.example|eva@acme.example|Re: Invoice 2231|anna@example.com|$M7"
like "quotes it" "$(show $D text)" "^> Die Rechnung über 1.280 €"
unlike "and nothing around it" "$(show $D text)" "Can you"
b forward "$M7" --part "$N" --to tom >"$T/out" 2>&1; D=$(last)
is "forwarded with its own files" "$(show $D files.0.name)|$(show $D files.1.name)|$(show $D subject)" "sum.csv||Fwd: Invoice 2231"
like "and its head" "$(show $D text)" "^From: Marta Ruiz"
b forward "$M7" --part "$N" --as attached --to tom >"$T/out" 2>&1; D=$(last)
is "or as one file" "$(show $D files.0.name)|$(show $D files.0.content_type)|$(show $D files.1.name)" "Invoice 2231.eml|message/rfc822|"
exits 3 "a part that is no mail" b reply "$M7" --part 1 --blank
exits 2 "no number" b reply "$M7" --part x --blank

# edit as new
b edit-as-new "$M5" >"$T/out" 2>&1; D=$(last)
is "edit as new: recipients, subject, files, mine" "$(show $D to.0.address)|$(show $D subject)|$(show $D files.1.name)|$(show $D from.address)" "anna@example.com|Two files|a b.csv|anna@example.com"
is "its text" "$(show $D text)" "Here they are."
put 6 "Anna Li <anna@example.com>" "tom@acme.example" "Re: Pallet broken" "In-Reply-To: <1@t.example>" "References: <1@t.example>" "Bcc: eva@acme.example" <<'M'
Written on the train
M
b --quiet import "$T/mails/6" --account work --folder Drafts >"$T/out" 2>&1
M6=$(id 6); b edit-as-new "$M6" >"$T/out" 2>&1; D=$(last)
is "a draft of another program is gone on with" "$(show $D text)|$(show $D origin)|$(show $D message)|$(show $D bcc.0.address)" "Written on the train|$M6|$M1|eva@acme.example"
like "once" "$(b edit-as-new "$M6")" "$D"

# links
b compose 'mailto:tom@acme.example,%22Li%2C%20Na%22%20%3Cli.na@haitian.example%3E?subject=%E6%8A%A5%E4%BB%B7%20a+b&body=Line%201%0D%0ALine%202&cc=eva@acme.example' >"$T/out" 2>&1; D=$(last)
is "a link: recipients, subject, text" "$(show $D to.1.name)|$(show $D cc.0.address)|$(show $D subject)" "Li, Na|eva@acme.example|报价 a+b"
like "its text with the signature under it" "$(show $D text | tr '\n' '|')" '^Line 1.Line 2..-- .Anna Li'
b mailto:tom@acme.example?subject=Bare >"$T/out" 2>&1
is "as a browser calls it" "$(show "$(last)" subject)" Bare
OUT=$(b compose "mailto:tom@acme.example?attach=/etc/passwd&Attachment=x&From=boss@x.example" 2>&1); D=$(last)
like "a link attaches nothing and says so" "$OUT" "attach.*ignored"
is "nor is it from somebody else" "$(show $D files) $(show $D from.address)" "[] anna@example.com"
for evil in 'mailto:tom@acme.example?subject=x%0D%0ABcc:%20eve@evil.example' 'mailto:tom@acme.example%0ABcc:eve@evil.example' 'mailto:t@a.example?cc=a@b.example%0D' 'mailto:t@a.example?to=x%00y@z.example'; do
  exits 4 "no header out of a link: $evil" b compose "$evil"
done
exits 2 "no address" b compose "mailto:%20nobody"

# before it is sent
checks() { b --json draft check "$1" | /usr/bin/env python3 -c 'import json,sys; print(" ".join(sorted(c["kind"] for c in json.loads(sys.stdin.readlines()[-1])["checks"] if not c["ok"])))'; }
printf 'Dear Peter,\n\nthe file is attached.\n' >"$T/text"
b compose --to 'tom, Eva <eva@example.com>' >"$T/out" 2>&1; D=$(last); b draft edit "$D" --file "$T/text" >"$T/out" 2>&1
is "a promised file, no subject, outside, another's name" "$(checks $D)" "attachment greeting outside subject"
printf 'set send.organisation "example.com acme.example"\nset send.many 1\n' >>"$H/bureaurc"
is "the organisation and how many are many are settings" "$(checks $D)" "attachment greeting many subject"
echo x >"$T/dir with space/报价 单.pdf"
b draft edit "$D" --attach "$T/dir with space/报价 单.pdf" --subject Offer >"$T/out" 2>&1
is "a file, a subject" "$(checks $D) $(show $D files.0.name)" "greeting many 报价 单.pdf"
b --json config check >"$T/out" 2>&1
done_testing
