#!/bin/sh
# change.sh - changes on the screen: archive and undo, lanes, marks, two screens on one store, after a crash.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$T/fresh"
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }
b() { "$BUREAU" --home "$H" "$@"; }
again
screen "archive, the next of the lane, undo selects what came back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
row 2 >
key a
gone Q3 报价单
row 2 Contract
attr 2 0 reverse
key u
wait Q3 报价单
row 2 Q3
attr 2 0 reverse
key j j
attr 4 0 reverse
key a
gone Invoice 2231
attr 3 0 reverse
key C-r
sleep 300
key Q
exit 0
END
again
screen "another lane by t and a letter; the hint row shows the letters" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key t
row -2 answer
row -2 fyi
key f
wait fyi 1
row 2 Contract
key G
key u
gone fyi 1
key Q
exit 0
END
again
screen "from the reader the next thread follows" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key Enter
wait 48,200 元（含税）
key a
wait clause 7 by Wednesday
key J
wait invoice 2231 be paid
key K
wait clause 7 by Wednesday
refuse please send the draft
key H
wait please send the draft
key q
gone Q3 报价单
key Q
exit 0
END
again
screen "a draft is open at the cursor after kill -9" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type one two three
key C-a C-f C-f
sleep 1800
signal KILL
exit 137
END
screen "it is" 80x24 "$BUREAU" --home "$H" <<'END'
wait one two three
wait draft d1
type X
wait onXe two three
key Esc
wait draft waiting
key Q
exit 0
END
like "and in the store" "$(b draft show d1)" "onXe two three"
again
screen "Chinese input: full-width keys in a list, text in a box" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key ｊ
attr 3 0 reverse
key :
type 会议
row -2 :会议
cursor -2 6
key Backspace
gone 会议
row -2 :会
key C-g
wait ? more
key Q
exit 0
END
export LANGUAGE=zh_CN
again
screen "in Chinese" 40x12 "$BUREAU" --home "$H" <<'END'
wait 李娜
key Enter
wait 48,200
key q
key Q
exit 0
END
done_testing
