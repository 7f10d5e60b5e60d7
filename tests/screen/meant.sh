#!/bin/sh
# meant.sh - what a key means in a conversation: which of its drafts goes on, which of its mails is answered or forwarded,
# what counts as read, and what the list's marks say.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$T/fresh"
b() { "$BUREAU" --home "$H" "$@"; }
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }

again
screen "a forward that waits goes to other people: r and w begin an answer, f goes on with it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key f
wait Enter next
type marta@ruiz.example
key Esc
wait Contract draft
key Esc
wait forward waiting: f resumes it
refuse r resumes
key r
wait what shall it say?
wait a forward waits, too: d1, f resumes it
key Esc
key w
wait To Tom Berger <tom@acme.example>
wait draft d2
refuse marta
type Fine.
key Esc
wait draft waiting: r resumes it
key f
wait draft d1
wait To marta@ruiz.example
key Esc
key R
wait draft d2
wait To Tom Berger
key Esc
key q
wait 1 Inbox
row 3 d
key f
wait draft d1
key Esc
key q
key q
key Q
exit 0
END

again
screen "a flag stands beside what says unread, or that a draft waits" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
row 3 > N answer
key F
row 3 >FN answer
key i
row 3 > F answer
key i
row 3 >FN answer
key w
wait draft d1
type Fine.
key Esc
key q
row 3 >Fd answer
size 40x12
row 2 >dFa
key Q
exit 0
END

done_testing
