#!/bin/sh
# consent.sh - only a key in the environment: the screen asks once whether it may be used.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$H"
export OPENAI_API_KEY=sk-none
exits 4 "before anybody said yes, batch refuses" "$BUREAU" --home "$H" ask --no-office x

screen "asked; left without an answer" 80x24 "$BUREAU" --home "$H" <<'END'
wait may what you ask for go to api.openai.com
key Esc
gone may what you ask
key q
exit 0
END
screen "asked again; answered with no" 80x24 "$BUREAU" --home "$H" <<'END'
wait may what you ask for go to api.openai.com
key n
gone may what you ask
key q
exit 0
END
screen "not asked again" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
sleep 300
refuse may what you ask
key q
exit 0
END
exits 4 "no is no" "$BUREAU" --home "$H" ask --no-office x
exits 0 "a yes by name is a yes" "$BUREAU" --home "$H" model use openai
like "then it is allowed" "$("$BUREAU" --home "$H" --json model list)" '"name":"openai".*"allowed":true'
done_testing
