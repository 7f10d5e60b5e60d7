#!/bin/bash
# policy.sh - "ask": a person is asked, on the screen and by --yes; nothing leaves before the yes.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
. "$SRC/tests/model/double.sh"
H=$T/h
office "$H"
double_start
printf 'model dbl url %s name scripted\nset triage.auto off\nset model.policy-sender "*@haitian.example ask, *@acme.example never"\n' "$DOUBLE_URL" >>"$H/bureaurc"
b() { "$BUREAU" --home "$H" "$@"; }
t=$(b search --output threads from:haitian) a=$(b search --output threads from:acme)
asked() { double_log | grep -o '"messages"' | wc -l; }
exits 4 "in batch it is refused" b summary "$t"
is "nothing left" "$(asked)" 0
exits 0 "--yes lets it go" b --yes summary "$t"
is "once" "$(asked)" 1
exits 4 "never is never" b --yes summary "$a"
is "nothing left" "$(asked)" 1
rm -rf "$H"; office "$H"
printf 'model dbl url %s name scripted\nset triage.auto off\nset model.policy-sender "*@haitian.example ask, *@acme.example never"\n' "$DOUBLE_URL" >>"$H/bureaurc"
screen "asked before a summary; n keeps it here" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key S
wait Policy says to ask: may m
wait go to dbl on this machine
key n
wait Policy says to ask before
key Esc
key Q
exit 0
END
is "nothing left" "$(asked)" 1
screen "y lets it go" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key S
wait Policy says to ask: may m
key y
gone Policy says to ask
sleep 500
key Esc
key Q
exit 0
END
is "once more" "$(asked)" 2
screen "a reply asks too, and goes on into the draft" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key r
wait what shall it say
type yes, Friday
key Enter
wait Policy says to ask: may m
key y
wait draft d
key Esc
key Q
exit 0
END
is "it went" "$(asked)" 3
screen "a question says where it went by the model's name" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3
key C-c
key c
type what is due?
key Enter
wait went to dbl on this machine
refuse 127.0.0.1
key Q
END
done_testing
