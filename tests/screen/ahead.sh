#!/bin/sh
# ahead.sh - keys that are faster than the program: what is typed while a draft begins, is approved or comes back waits, and
# goes where it would have gone had the program been quicker. No key is lost, none changes what was approved.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
. "$SRC/tests/model/double.sh"
H=$T/h
double_start
trap 'kill $DOUBLE_PID 2>/dev/null; wait 2>/dev/null; rm -rf "$T"' EXIT
office "$T/fresh"
printf 'account work from "Anna Li <anna@example.com>" smtp smtp://127.0.0.1:1 plaintext\nset send.hold 600s\n' >>"$T/fresh/bureaurc"
b() { "$BUREAU" --home "$H" "$@"; }
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }

again
screen "letters behind the key that begins a mail stand in it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
burst w H i
wait draft d1
wait Hi
wait saved
key C-x q
key q
key Q
exit 0
END
like "stored so" "$(b draft show d1)" '^Hi'

again
screen "keys behind the send act on what follows it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
wait saved
key C-x Enter
wait Enter sends
burst Enter q j
wait held 1: Tom Berger
gone draft d1
wait Q3 报价单
key Q
wait 1 mail not sent yet
key k
exit 0
END
is "the mail is held as it was approved" "$(b outbox show o1 | grep -A1 '^Fine' | tr '\n' '|')" "Fine.||"

again
screen "a second Enter behind C-x Enter answers the question" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
burst C-x Enter Enter q
wait held 1: Tom Berger
wait Q3 报价单
key Q
wait 1 mail not sent yet
key k
exit 0
END
is "and makes no line of it" "$(b outbox show o1 | grep -A1 '^Fine' | tr '\n' '|')" "Fine.||"

again
screen "send later: keys behind its time act on what follows" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
key C-x @
wait send when?
type 明天上午
burst Enter Enter q
wait held 1: Tom Berger Wed 09:00
wait Q3 报价单
key Q
wait 1 mail not sent yet
key k
exit 0
END
is "held until then, as approved" "$(b outbox show o1 | grep -A1 '^Fine' | tr '\n' '|')" "Fine.||"

screen "letters behind C-x u stand in the draft that came back, none acts on the list" 80x24 "$BUREAU" --home "$H" <<'END'
wait held 1: Tom Berger
burst C-x u d d
wait draft d1
wait Fine.dd
wait saved
gone held 1
key C-x q
key q
wait 供应商资料更新
wait Q3 报价单
wait Contract draft
key Q
exit 0
END
is "nothing was deleted" "$(b count 'in:Trash')" 0

again
echo "model fast url $DOUBLE_URL name slow-20-100" >>"$H/bureaurc"
screen "while a model writes, its first word too, keys change nothing and it is said" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
wait saved
burst C-x a x y z
wait the text is still coming
refuse xyz
wait C-c stop
key C-c
wait stopped: the text is kept
refuse xyz
key C-x q
key q
key Q
exit 0
END
again
screen "a send by a line is asked for and ends as by its key, what was typed just before is in it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
key C-x :
type send d1 --at "fri 9:00"
burst Enter Enter q
wait held 1: Tom Berger Fri 09:00
gone draft d1
wait Q3 报价单
key Q
wait 1 mail not sent yet
key k
exit 0
END
is "held as approved" "$(b outbox show o1 | grep -A1 '^Fine' | tr '\n' '|')" "Fine.||"

again
echo hello >"$T/a file.txt"
screen "a file whose path still stands in its field is attached before the question" 80x24 "$BUREAU" --home "$H" <<END
wait Q3 报价单
key c
wait Enter next
type a@x.example
key Enter Enter Enter
type Offer
key Enter
type $T/a file.txt
burst C-x Enter Enter
wait held 1: a@x.example
key Q
wait 1 mail not sent yet
key k
exit 0
END
like "it goes with it" "$(b outbox show o1)" 'filename="?a file.txt'
again
screen "one that is not there holds the send up" 80x24 "$BUREAU" --home "$H" <<END
wait Q3 报价单
key c
wait Enter next
type a@x.example
key Enter Enter Enter Enter
type $T/none
key C-x Enter
wait none
wait Enter attaches
row 7 none
refuse Enter sends
key C-u
key C-x Enter
wait no subject
key Esc
key C-x q
key Q
exit 0
END
again
screen "letters behind the key that begins a note stand in it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 2
wait 0 notes
burst c H i Space y o u
wait Hi you
wait saved
key Esc
wait 1 note
key Q
exit 0
END
done_testing
