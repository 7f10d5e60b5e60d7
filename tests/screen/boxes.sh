#!/bin/sh
# boxes.sh - text boxes: the user's inputrc, vi and emacs, several boxes on one readline, pastes, undo, history, the
# head of a draft with completion, versions, an external editor.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$T/fresh"
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }
b() { "$BUREAU" --home "$H" "$@"; }
printf 'set editing-mode vi\n' >"$T/vi"
printf '"\\C-t": "macro typed"\n"\\C-w": backward-kill-line\n' >"$T/rc"

again
INPUTRC=$T/vi screen "vi: Esc is readline's, counts and motions work, C-x q leaves" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type first line
key Enter
type second word here
key Esc
key 0 x x
wait cond word here
key d w
wait word here
key k
key i
type UP
wait UP
key Esc
key C-x q
wait draft waiting
key Q
exit 0
END

# vi by line: vi NAME KEYS TEXT; the keys are steps of drive over four lines, the cursor on the last.
vi() {
  again
  { printf 'wait Q3 报价单\nkey c\nwait Subject\nkey C-x h\ngone Bcc\n'
    printf 'type one alpha\nkey Enter\ntype two beta\nkey Enter\ntype 三 gamma\nkey Enter\ntype four\nkey Esc\nwait saved\n'
    printf '%b\n' "$2"; printf 'sleep 300\nwait saved\nkey Esc\nkey C-x q\nwait 1 Inbox\nkey Q\nexit 0\n'; } >"$T/vi.keys"
  INPUTRC=$T/vi screen "vi by line: $1" 80x24 "$BUREAU" --home "$H" <"$T/vi.keys"
  is "vi by line: $1: the text" "$(b --json draft show d1 | /usr/bin/env python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["text"].replace("\n","|"))')" "$3"
}
vi "dd, p below the last line, P" "type ggddGp\ntype ggP" "one alpha|two beta|三 gamma|four|one alpha"
vi "counts, yy, p with a count" "type gg2yyjj2p" "one alpha|two beta|三 gamma|one alpha|two beta|one alpha|two beta|four"
vi "cc, o and O" "type ggccX\nkey Esc\ntype o新的行\nkey Esc\ntype ggOtop\nkey Esc" "top|X|新的行|two beta|三 gamma|four"
vi "A, I, 0, \$ and x stay in their line" "type ggjA!\nkey Esc\ntype I<\nkey Esc\ntype 0xix\nkey Esc\ntype \$xxxxxxxxxxxxxxxxxxxxxx" "one alpha||三 gamma|four"
vi "dj, dk, and undone" "type ggdjGdku" "三 gamma|four"
vi "S, Y, J, D, C" "type ggSfirst\nkey Esc\ntype YGp\ntype ggJ\ntype j0wD\ntype ggwCend\nkey Esc" "first end|三 |four|first"
vi "h and Esc do not leave the line, w and b do" "type ggjhhhhhiA\nkey Esc\ntype wwwiB\nkey Esc\ntype bbiC\nkey Esc" "one alpha|Atwo Cbeta|三 Bgamma|four"
vi "dw at the end of a line, words of readline's own" "type ggwdwj0cwX\nkey Esc\ntype j02d\ntype w" "one |X beta||four"
vi "the dot repeats, a second Esc is harmless" "type ggdd\nkey Esc\ntype ." "三 gamma|four"

again
INPUTRC=$T/rc screen "the user's own bindings" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
key C-t
wait macro typed
key C-w
gone macro typed
key Esc Q
exit 0
END

again
screen "rows: C-a and C-e by line, up and down by row, C-k to the line's end" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type alpha beta
key Enter
type gamma delta
key Up C-a
type X
wait Xalpha beta
key C-e
type Y
wait Xalpha betaY
key Down C-a C-k
gone gamma
key C-_
wait gamma delta
key Backspace
key Esc Q
exit 0
END

again
screen "a paste is one piece, its newlines send nothing; one undo takes it back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
paste one\ntwo 会议\nthree
wait three
row 6 two 会议
key C-_
gone three
key :
wait :
key Esc
key :
type mes
paste sag\nes
row -2 :messag
key C-g
key Q
exit 0
END

again
screen "a prompt and a draft keep their own text, undo and history" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key :
type messages
key Enter
wait Messages
key q
wait Q3 报价单
key w
wait draft d1
type my text
key C-x :
type x
key Up
row -2 :messages
key Down
row -2 :x
key Esc
wait my text
type !
wait my text!
key C-_ C-_
gone text!
key C-x :
key C-r
type mess
row -2 reverse-i-search
key C-x o
key Esc
key Esc
key Q
exit 0
END

again
screen "recipients with completion, the subject" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key c
wait Subject
type tom
key Tab
wait Tom Berger <tom@acme.example>,
key Enter Enter Enter
type Hello 你好
key Enter Enter
wait To Tom Berger
type The text.
wait saved
key C-x h
wait Subject
key Esc
key Esc
wait 1 Inbox
key D
wait Hello 你好
wait The text.
key Enter
wait The text.
key Esc q Q
exit 0
END
like "it is in the store" "$(b draft show d1)" "The text."

cat >"$T/editor" <<'END'
#!/bin/sh
printf 'from the editor\n' >>"$1"
END
chmod +x "$T/editor"
again
VISUAL=$T/editor screen "C-x C-e: the text in an editor" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
key C-x C-e
wait from the editor
wait draft d1
wait saved
key Esc Q
exit 0
END

again
screen "earlier versions are shown and can become the current one" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key r
wait what shall it say?
type yes
key Enter
wait C-x Enter send
type ADDED
wait ADDED
wait saved
key C-x a
wait draft d1 v
gone ADDED
wait C-x Enter send
key C-x ,
wait version
wait ADDED
key C-x .
gone ADDED
key Esc Q
exit 0
END

again
screen "the help of a text box begins with its keys, the most used first, no command broken over two rows" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
key C-x ?
row 2 Text boxes
row 3 C-x Enter       sends, or is done with this text  :text done
row 4 C-x i           tells the model how to change the selection or all
row 8 C-x q           leaves the text box; the text is kept  :leave-text
row 12 C-x w           writes it by hand, without a model  :text by-hand
wait Everywhere
key q
key C-x q
key Q
exit 0
END
done_testing
