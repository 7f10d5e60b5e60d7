#!/bin/sh
# first_hour.sh - what a new user meets first: an office without anything, mail that is sorted while one looks, what is
# still open in a draft, recipients that are none, a note to be read, an answer nothing bears, and the demo's way out.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
. "$SRC/tests/model/double.sh"
H=$T/h
double_start
office "$T/fresh"
mail "$T/late" "Weekly News <news@list.example>" "Tue, 24 Nov 2026 09:20:00 +0100" "Rates this week" "List-Id: <news.list.example>" "Precedence: bulk" <<'M'
All about rates.
M
mail "$T/dateless" "Zoe <zoe@acme.example>" "" "Without a date" <<'M'
Could you call me back?
M
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }
account() { echo 'account work from "Anna Li <anna@example.com>" sendmail true;' >>"$H/bureaurc"; }

mkdir -m 700 "$T/empty"; printf 'set me anna@example.com\n' >"$T/empty/bureaurc"; chmod 600 "$T/empty/bureaurc"
screen "an empty office says how to get an account" 80x24 "$BUREAU" --home "$T/empty" <<'END'
wait No mail yet.
wait :setup
wait :import PATH
key :
type setup
key Enter
wait your name and address
key Esc
wait No mail yet.
key Q
exit 0
END
echo 'account home from "Anna Li <anna@example.com>"' >>"$T/empty/bureaurc"
screen "an account without a server is not enough" 80x24 "$BUREAU" --home "$T/empty" <<'END'
wait No mail yet.
wait :setup
key Q
exit 0
END
mkdir -p "$T/md/cur" "$T/md/new" "$T/md/tmp"; echo "account home maildir $T/md" >>"$T/empty/bureaurc"
screen "with an account it says how to fetch" 80x24 "$BUREAU" --home "$T/empty" <<'END'
wait No mail yet.
wait :sync
refuse :setup
key Q
exit 0
END

again; "$BUREAU" --home "$H" --quiet import "$T/late" >/dev/null 2>&1
screen "while the first mail is sorted the first row stays selected; why says the reason, not only a header" 80x24 "$BUREAU" --home "$H" <<'END'
wait answer 3
row 2 > N answer
key G
wait a mailing list: "<news.list.example>"
key Q
exit 0
END
"$BUREAU" --home "$H" --quiet import "$T/dateless" >/dev/null 2>&1

again; account
"$BUREAU" --home "$H" compose --to li.na@haitian.example --subject Two >/dev/null
printf 'Hello,\n\n[yes/no: is 48,200 right?]\n[yes/no: is it Suzhou?]\n[fill in: the order number]\n[fill in: the delivery note]\n' | "$BUREAU" --home "$H" draft edit d1 --file - >/dev/null
screen "y, n and what is typed go from one open question to the next; recipients that are none are named" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key D
wait Two
key Enter
wait is 48,200 right?
key C-x Enter
wait C-x c settles what is still open: is 48,200 right?
key C-x c
wait is 48,200 right?   y yes
key y
wait is it Suzhou?   y yes
key n
wait to fill in: the order number
wait Enter puts it in  C-x d takes it out
key Enter
gone puts it in
expect [fill in: the order number]
key C-x c
wait Enter puts it in
type 4711
key Enter
wait to fill in: the delivery note
key C-x d
gone to fill in
wait Yes.
expect No.
expect 4711
refuse fill in
refuse y yes
key C-x h
wait Enter next
type nobody
key C-x Enter
wait mend the recipients first
expect nobody
key C-u
type li.na@haitian.example
wait saved
key C-x Enter
wait Enter sends, Esc back: to 1 outside example.com
key Esc
key C-x q
wait Drafts, held, failed
key Q
exit 0
END

again; account
"$BUREAU" --home "$H" note new --title Long "$(printf 'The first line\n'; seq 40)" >/dev/null
screen "a note opens at its first line" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 2
wait Long
key Enter
wait The first line
refuse 40
key Esc
key Q
exit 0
END

again; printf 'model fast url %s name s01\n' "$DOUBLE_URL" >>"$H/bureaurc"
screen "an answer that nothing bears says so; by whom a draft is" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3
wait No conversations yet.
key c
type what is the airspeed of a swallow?
key Enter
wait The offer stands
wait nothing in your office bears this answer
key C-x q
key Q
exit 0
END
again
screen "in Chinese the engine has a name, too" 80x24 /usr/bin/env LANGUAGE=zh_CN BUREAU_LOCALEDIR="$BUILD/po/locale" "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
wait 离线：不向外发送任何内容
wait 待回复
refuse answer
key r
wait 要说什么？
type 可以
key Enter
wait 起草：离线引擎
key C-x q
key Q
exit 0
END

again; account
"$BUREAU" --home "$H" --quiet import "$T/dateless" >/dev/null 2>&1
id=$("$BUREAU" --home "$H" search --output ids 'subject:dateless OR subject:"Without a date"' | head -1)
"$BUREAU" --home "$H" reply "$id" --blank >"$T/out" 2>&1
"$BUREAU" --home "$H" draft show d1 >"$T/draft" 2>&1
ok "a mail without a date is quoted without one" grep -q '^Zoe wrote:' "$T/draft"

screen "the demo opens without a list before it, sends nowhere, and says what is next" 80x24 /usr/bin/env -u BUREAU_NOW "$BUREAU" demo <<'END'
wait Q3 报价单
key c
wait Enter next
type tom@acme.example
key C-x q
wait C-x Enter send
type Hello Tom
key C-x Enter
wait Enter sends
key Enter
wait held 1
key C-x u
wait taken back
key C-x q
key Q
wait bureau setup
refuse hidden text
exit 0
END
done_testing
