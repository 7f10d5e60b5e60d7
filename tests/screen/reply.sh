#!/bin/sh
# reply.sh - the main job on the screen: open, reply, the text streams in, edit, send, take back, send again; what the
# SMTP server holds is what was approved.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
. "$SRC/tests/model/double.sh"
H=$T/h
double_start
mkdir "$T/sent"; mkfifo "$T/hold" "$T/port"
/usr/bin/env python3 "$SRC/tests/screen/smtp_sink.py" "$T/sent" <"$T/hold" >"$T/port" &
SINK=$!
exec 9>"$T/hold"; read -r PORT <"$T/port"
trap 'exec 9>&-; kill $DOUBLE_PID $SINK 2>/dev/null; wait 2>/dev/null; rm -rf "$T"' EXIT
office "$T/fresh"
b() { "$BUREAU" --home "$H" "$@"; }
again() { # again MODEL [LINE…]: a fresh office with this model of the double
  rm -rf "$H"; cp -a "$T/fresh" "$H"; rm -f "$T/sent"/*
  { echo "account work from \"Anna Li <anna@example.com>\" smtp smtp://127.0.0.1:$PORT plaintext"
    echo "model fast url $DOUBLE_URL name $1"; shift; for _l; do echo "$_l"; done; } >>"$H/bureaurc"
}
arrived() { _i=0; while [ ! -f "$T/sent/$1" ] && [ $_i -lt 100 ]; do sleep 0.1; _i=$((_i + 1)); done; [ -f "$T/sent/$1" ]; }
text_of() { /usr/bin/env python3 -c 'import email,email.policy,sys; m=email.message_from_binary_file(open(sys.argv[1],"rb"),policy=email.policy.default); print(m[sys.argv[2]] if len(sys.argv)>2 else m.get_content())' "$@"; }

for size in 80x24 120x40; do
again slow-40-30 "set send.hold 60s"
screen "reply, stream, edit, send, take back at $size" $size "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key r
wait what shall it say?
type yes, by Friday
key Enter
wait draft d1
wait C-c stop
# while it comes: the rest of the screen answers
key C-x t
wait clause 7 by Wednesday
key C-x o
wait C-x Enter send
type Kind regards, 安娜
wait 安娜
wait saved
key C-x Enter
wait Enter sends
key Enter
wait held 1: Tom Berger
key C-x u
wait draft d1
gone held 1
wait 安娜
key Esc
wait draft waiting
key q
wait 1 Inbox
row 3 d
key Q
exit 0
END
ok "nothing has left at $size" test ! -e "$T/sent/1"
done

again "" "set send.hold 60s"
screen "a thread whose reply is held says so, not that a draft waits" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key r
wait what shall it say?
key C-x w
wait Tom Berger wrote
type Fine.
key C-x Enter
wait Enter sends
key Enter
wait held 1: Tom Berger
key q
wait 1 Inbox
key /
key /
type clause
wait found
key Enter
wait Enter open
key Enter
wait reply held
refuse draft waiting
key C-x u
wait taken back, to Tom Berger: Re: Contract draft, clause 7
key Esc
wait draft waiting
key q
key q
key Q
exit 0
END
again "" "set send.hold 60s"
screen "of two held mails the newest is named and taken back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key c
wait Enter next
type first@acme.example
key C-x q
wait C-x Enter send
type one
key C-x Enter
wait Enter sends
key Enter
wait held 1: first@acme
wait 1 Inbox
key c
wait Enter next
type second@acme.example
key C-x q
wait C-x Enter send
type two
key C-x Enter
wait Enter sends
key Enter
wait held 2: second@acme
key C-x u
wait held 1: first@acme
wait second@acme
key Esc
key q
key Q
wait s send now
key k
exit 0
END

again s01 "model qwen-plus-latest url http://127.0.0.1:1/v1"
screen "another model by C-x m; by hand is in sight beside the longest name" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key r
wait what shall it say?
expect C-x w by hand
key C-x m
wait which model?
type qwen-plus-latest
key Enter
wait what shall it say?
wait C-x w by hand  Enter drafts (1 message to qwen-plus-latest at this machine)
type yes
expect C-x w by hand
key Esc
gone what shall it say?
key q
key Q
exit 0
END

again s01 "set send.hold 60s"
screen "u takes a held mail back in its turn: first what was done since" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
key C-x Enter
wait Enter sends
key Enter
wait held 1: Tom Berger
key q
wait Invoice 2231
key a
wait archived
refuse draft d1
key u
wait Invoice 2231
expect held 1: Tom Berger
key u
wait draft d1
wait taken back, to Tom Berger
gone held 1
wait Fine.
key C-x q
key q
key u
wait nothing to undo
key Q
exit 0
END

again slow-40-30 "set send.hold 2s"
screen "and sent" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j r
wait what shall it say?
key Enter
wait C-x Enter send
type As you wish.
key C-x Enter
wait Enter sends
key Enter
wait held 1: Tom Berger
gone held 1
gone sending
sleep 500
key Q
exit 0
END
ok "one message arrived" arrived 1
ok "only one" test ! -e "$T/sent/2"
like "to whom" "$(cat "$T/sent/1.env")" 'RCPT TO:<tom@acme.example>'
is "its subject" "$(text_of "$T/sent/1" subject)" "Re: Contract draft, clause 7"
like "what was typed stands in it" "$(text_of "$T/sent/1")" "As you wish\."
mail "$T/answer" "Tom Berger <tom@acme.example>" "Tue, 24 Nov 2026 09:40:00 +0100" "Re: Contract draft, clause 7" "In-Reply-To: $(text_of "$T/sent/1" message-id)" <<'M'
Which place of delivery?

> All items are in stock and the price is 1.280,00 EUR.
M
b --quiet import "$T/answer" >"$T/out" 2>&1
b reply "$(b --json search 'from:tom place' | sed -n 's/.*"thread":"\(t[0-9]*\)".*/\1/p')" >"$T/out" 2>&1
like "what a model made up before is not borne out by having been sent" "$(b draft check d2)" 'blocks +amount +1\.280,00 EUR'

again s01 "set send.hold 2s"
screen "a Chinese mail, by hand" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type 李娜您好：确认总价 48,200 元，交货地点仍为苏州仓库。🌍
wait 苏州仓库。
key C-x Enter
wait Enter sends
key Enter
wait held 1: 李娜
gone held 1
gone sending
sleep 500
key Q
exit 0
END
ok "it arrived" arrived 1
is "its subject" "$(text_of "$T/sent/1" subject)" "Re: Q3 报价单"
like "its text" "$(text_of "$T/sent/1")" "确认总价 48,200 元，交货地点仍为苏州仓库。🌍"

again s01 "set send.hold 600s"
screen "leaving with a mail held asks; kept for the next start" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type 李娜您好
key C-x Enter
wait Enter sends
key Enter
wait held 1: 李娜
wait clause 7 by Wednesday
key Q
wait 1 mail not sent yet
key Esc
wait held 1
key Q
wait 1 mail not sent yet
key k
exit 0
END
screen "s sends it and leaves" 80x24 "$BUREAU" --home "$H" <<'END'
wait held 1: 李娜
key Q
wait 1 mail not sent yet
key s
exit 0
END
ok "it has left" arrived 1
like "and its copy lies in Sent, though the screen was left at once" "$(b --json outbox list --all)" '"copy":"done"'
again s01 "set send.hold 1s"
screen "a mail is sent, and the screen is left in the same moment" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type 李娜您好
key C-x Enter
wait Enter sends
key Enter
wait Sent
key Q
exit 0
END
like "its copy lies in Sent, too" "$(b --json outbox list --all)" '"copy":"done"'

again s01 "set send.hold 1s"; sed -i "s/:$PORT plaintext/:1 plaintext/" "$H/bureaurc"
screen "a server that is not reached: who waits, until when and why; leaving asks; C-x u takes it back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
key C-x Enter
wait Enter sends
key Enter
wait not reached: Tom Berger, again 09:3
key q
key D
wait Tom Berger: 127.0.0.1 takes no connection
key q
key Q
wait 1 mail not sent yet
key Esc
key C-x u
wait taken back, to Tom Berger
gone not reached
key C-x q
key q
key Q
exit 0
END

again slow-20-400
screen "C-c stops and keeps; leaving and coming back resumes" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j r
wait what shall it say?
key Enter
wait C-c stop
wait offer stands
key C-c
wait stopped: the text is kept
wait C-x Enter send
type MARK
wait saved
key Esc
wait draft waiting
key r
wait MARK
key C-x q
key Q
exit 0
END
again slow-20-100
screen "the line drops while it streams" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j r
wait what shall it say?
key Enter
wait C-c stop
wait offer stands
signal HUP
exit 0
END
like "the stream was finished and kept" "$(b --json draft show d1)" '"made":"complete"|"state":"open"'
like "all of it" "$(b draft show d1 | wc -c)" '^ *[0-9]{3,}'

again s30
screen "what a model writes cannot reach the terminal" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j r
wait what shall it say?
key Enter
wait C-x Enter send
refuse PWNED
key Esc
key Q
exit 0
END
ok "nothing was sent" test ! -e "$T/sent/1"

again s01 "set send.hold 60s"
screen "send later: a time in words, listed with it, kept for the next start" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type 李娜您好
key C-x @
wait send when?
type someday
key Enter
wait someday
key C-x @
wait send when?
type 明天上午
key Enter
wait Enter sends it Wed 09:00
key Enter
wait held 1: 李娜 Wed 09:00
wait clause 7 by Wednesday
key D
wait leaves Wed 09:00  李娜
refuse d1 09
key q
key Q
wait 1 mail not sent yet
key k
exit 0
END
ok "nothing has left" test ! -e "$T/sent/1"
BUREAU_NOW=2026-11-25T09:00:01+01:00
echo "set send.hold 2s" >>"$H/bureaurc"
screen "its time has come: it leaves when it was seen once more" 80x24 "$BUREAU" --home "$H" <<'END'
wait Contract draft
wait held 1: 李娜
gone held 1
gone sending
gone Q3 报价单
key Q
exit 0
END
ok "the server has it" arrived 1
BUREAU_NOW=2026-11-24T09:30:00+01:00
done_testing
