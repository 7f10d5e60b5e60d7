#!/bin/sh
# held.sh - what is held: it opens read-only, is found as held, is kept for the next start with a new hold, and a refused one
# does not hold up the next.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
mkdir "$T/sent"; mkfifo "$T/hold" "$T/port"
/usr/bin/env python3 "$SRC/tests/screen/smtp_sink.py" "$T/sent" <"$T/hold" >"$T/port" &
SINK=$!
exec 9>"$T/hold"; read -r PORT <"$T/port"
trap 'exec 9>&-; kill $SINK 2>/dev/null; wait 2>/dev/null; rm -rf "$T"' EXIT
office "$T/fresh"
b() { "$BUREAU" --home "$H" "$@"; }
again() { # again [LINE…]: a fresh office
  rm -rf "$H"; cp -a "$T/fresh" "$H"; rm -f "$T/sent"/*
  { echo "account work from \"Anna Li <anna@example.com>\" smtp smtp://127.0.0.1:$PORT plaintext"
    for _l; do echo "$_l"; done; } >>"$H/bureaurc"
}
written() { # written TO SUBJECT: a draft that may be sent
  _d=$(b --json compose --to "$1" --subject "$2" | sed -n 's/.*"draft":"\(d[0-9]*\)".*/\1/p' | head -1)
  echo "Fine with us." | b --quiet draft edit "$_d" --file - >/dev/null; echo "$_d"
}
arrived() { _i=0; while [ ! -f "$T/sent/$1" ] && [ $_i -lt 100 ]; do sleep 0.1; _i=$((_i + 1)); done; [ -f "$T/sent/$1" ]; }

again "set send.hold 60s"
b --quiet send "$(written tom@acme.example Zugspitze)" --at "tomorrow 9:00" >/dev/null
b --quiet send "$(written marta@ruiz.example Watzmann)" --at "tomorrow 10:00" >/dev/null
like "a time in a sentence is words" "$(b outbox list)" "sends exactly this text Wed 09:00"
b --quiet send "$(written eva@acme.example Hochvogel)" --at "tomorrow 11:00" >/dev/null
like "a change from the command line says what it took back" "$(echo Later. | b draft edit d3 --file - 2>&1)" "o3 was held and is taken back"
unlike "an open draft's does not" "$(echo Later. | b draft edit d3 --file - 2>&1)" "taken back"
screen "a held draft opens read-only: a key cancels nothing, C-x u takes that one back" 80x24 "$BUREAU" --home "$H" <<'END'
wait held 2
key / /
type Zugspitze
wait held  Zugspitze
key Enter
wait held  Zugspitze
key Enter
row -3 held until Wed 09:00: C-x u takes it back to edit
type j
key Enter
type ynd
wait held 2
row -3 held until Wed 09:00
key C-x h
refuse Bcc
key C-x u
wait taken back, to tom@acme.example
wait held 1: marta
type Dear Tom,
wait Dear Tom,
wait saved
key C-x q
key Q
wait not sent yet
key k
exit 0
END
is "only that one was taken back" "$(b --json outbox list | grep -c '"state":"held"')|$(b draft show d1 | grep -c 'Dear Tom')" "1|1"

again "set send.hold 1s"
b --quiet send "$(written refused@acme.example "The first")" --queue --hold 2 >/dev/null
b --quiet send "$(written marta@ruiz.example "The second")" --queue --hold 5 >/dev/null
screen "a recipient that is refused does not hold up the next mail" 80x24 "$BUREAU" --home "$H" <<'END'
wait held
wait refused@acme.example: 550
wait 1 not sent
gone held
gone sending
key D
row 2 > failed             the server refused refused@acme.example: 550
key q
key Q
exit 0
END
ok "the second has left at its time" arrived 1
like "the first has not" "$(b --json outbox list)" '"state":"failed"'

again "set send.hold 6s"
b --quiet send "$(written marta@ruiz.example Kept)" --queue --hold 1 >/dev/null
BUREAU_NOW=2026-11-24T11:00:00+01:00
like "past its time it says so" "$(b outbox list)" "due, sending"
screen "what fell due while no screen was open is held once more" 80x24 "$BUREAU" --home "$H" <<'END'
wait held 1: marta@ruiz.example
key C-x u
wait taken back, to marta@ruiz.example
key C-x q
key Q
exit 0
END
BUREAU_NOW=2026-11-24T09:30:00+01:00
ok "it has not left" test ! -e "$T/sent/1"

again "set send.hold 60s"
screen "what was sent is named once, without a second countdown" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key w
wait draft d1
type Fine.
key C-x Enter
wait Enter sends
key Enter
wait held 1: Tom Berger
row -3 held, to Tom Berger: Re: Contract draft, clause 7   C-x u takes it back
key j
gone held, to Tom
key Q
wait not sent yet
key u
exit 0
END
done_testing
