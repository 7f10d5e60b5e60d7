#!/bin/sh
# desk.sh - notes, minutes and conversations on the screen: written, streamed, opened at the moment, kept after a crash.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
. "$SRC/tests/model/double.sh"
H=$T/h
office "$T/fresh"
cat >"$T/2026-11-24 weekly.vtt" <<'VTT'
WEBVTT

00:12:39.000 --> 00:12:47.000
<v Li Na>We looked at it again on our side, steel went up a little.</v>

00:13:07.000 --> 00:13:14.000
<v Anna Li>Good. So we decided: the price stays at 48,200 until March.</v>

00:13:28.000 --> 00:13:37.000
<v Tom Berger>I will send the revised clause 7 to everybody by Friday.</v>

00:14:13.000 --> 00:14:21.000
<v Li Na>我们这边下周三之前把第一批货的装箱单发过来。</v>

00:14:29.000 --> 00:14:36.000
<v Lena Park>Who pays the pallets?</v>
VTT
"$BUREAU" --home "$T/fresh" meet import "$T/2026-11-24 weekly.vtt" >/dev/null
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }

again
screen "a note is written, closed and listed" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 2
wait weekly
row 1 meeting
key c
wait New note
type Second thoughts
key Enter
type 会议 at three
row 1 Second thoughts
key Esc
wait 1 note, 1 meeting
row 1 Second thoughts
key u
wait 1 note
key Q
exit 0
END

again
screen "a note that is being written survives kill -9" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 2
wait weekly
key c
wait New note
type kept across the crash
sleep 900
signal KILL
END
like '  every key is there' "$("$BUREAU" --home "$H" note show n2)" 'kept across the crash'

again
screen "an empty note leaves no trace" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 2
wait weekly
key c
wait New note
key Esc
wait 0 notes, 1 meeting
key Q
exit 0
END

again
screen "minutes offline, a line opens its moment, a line is edited and undone" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 2
wait weekly
key Enter
wait transcript
row 2 00:12:39 Li Na
key C-x a
wait Decisions
wait 48,200 until March
wait by Friday
key j j
key G
key /
type clause
key Enter
key g
key j j
row -3 00:14:13 “
key Enter
row 1 transcript
row 5 00:14:13 Li Na
key q
row 1 minutes v1
key E
row -2 line:
type  (edited)
key Enter
wait (edited)
key u
gone (edited)
key q
wait minutes
key Q
exit 0
END

again
screen "a question offline, its sources open, the conversation is listed" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3
wait No conversations yet.
key c
wait New question
type when is invoice 2231 paid?
key Enter
wait offline: no model was asked
wait [1] m
key C-x o
key o 1
wait Marta
wait Invoice 2231
key q
wait > when is invoice
key q
row 1 when is invoice
key d
wait No conversations yet.
key u
row 1 when is invoice
key Q
exit 0
END

again
screen "@ asks about what is selected; the terminal may be small" 40x12 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key @
wait New question
row -1 about t
type 总价？
key Enter
wait 48,200
size 80x24
wait 48,200
key Esc
key q
wait Contract draft
key Q
exit 0
END

again
screen "a text is put aside and taken back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3 c
wait New question
type first thought 想法
key C-x k
wait put aside
row -4 >
type second
key C-x l
wait first thought
key Enter
wait > first thought 想法
key C-x l
wait second
key q
key Esc
wait No conversations
key Q
exit 0
END

double_start
export OPENAI_BASE_URL=$DOUBLE_URL
again
screen "an answer streams, is stopped and kept; asked again it is a branch" 80x24 /usr/bin/env OPENAI_MODEL=slow-10-400 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3 c
wait New question
type tell me slowly
key Enter
wait The offer stands
key C-c
wait stopped by you
expect The offer stands
type another one
row -4 > another one
key C-x a
wait answering
wait 2/2
wait The offer stands
key C-c
wait stopped by you
key Esc
key q
wait conversation
key Q
exit 0
END
like '  both answers are kept' "$("$BUREAU" --home "$H" --json search 'kind:chat offer' | grep -c '"id"')" '^2$'
screen "what was typed into the box is there again" 80x24 "$BUREAU" --home "$H" <<'END'
wait Chat
key 3
wait tell me slowly
key Enter
wait > another one
type  and more
wait another one and more
key Esc
key q
wait conversation
key Q
exit 0
END

again
screen "the line drops: the answer is finished headless and kept" 80x24 /usr/bin/env OPENAI_MODEL=slow-20-40 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3 c
wait New question
type tell me
key Enter
wait The offer
signal HUP
sleep 4000
END
like '  whole' "$("$BUREAU" --home "$H" --json chat show c1 | tail -1)" '"state":"complete"'

again
screen "escape sequences of a model are shown, not obeyed" 80x24 /usr/bin/env OPENAI_MODEL=s30 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3 c
wait New question
type hello
key Enter
wait ␛
wait Enter send
key Esc
key q
key Q
exit 0
END

again
screen "a model that is not there: the question stays" 80x24 /usr/bin/env OPENAI_BASE_URL=http://127.0.0.1:1/v1 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3 c
wait New question
type do not lose me
key Enter
wait failed
expect do not lose me
key Esc
key q
key Q
exit 0
END
again
printf 'model big url %s name s01\nmodel small url %s name titler for title;\n' "$DOUBLE_URL" "$DOUBLE_URL" >>"$H/bureaurc"; cp "$H/bureaurc" "$T/titles"
/usr/bin/python3 -c 'import json,sys,urllib.request; urllib.request.urlopen(sys.argv[1], json.dumps({"model": "titler", "text": "“Prices until Friday.”\nmore"}).encode())' "http://127.0.0.1:$DOUBLE_PORT/_say"
screen "a conversation gets a title by the model for titles" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3 c
wait New question
type what about the prices?
key Enter
wait The offer
wait Prices until Friday
key Esc
key q
wait Prices until Friday
key Q
exit 0
END
like "  through the gate, logged" "$("$BUREAU" --home "$H" --json egress)" '"purpose":"title"'
"$BUREAU" --home "$H" --quiet chat rename c1 "my own name" >/dev/null
like "  renaming by hand wins" "$("$BUREAU" --home "$H" --json chat list)" '"title":"my own name"'
again; cp "$T/titles" "$H/bureaurc"
"$BUREAU" --home "$H" --quiet ask "what about lunch?" --model small >/dev/null 2>&1
like "  in batch and offline: the first words" "$("$BUREAU" --home "$H" --json chat list)" '"title":"what about lunch\?"'
again
screen "@ and Tab add mail to a question" 80x24 /usr/bin/env OPENAI_MODEL=s01 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key 3 c
wait New question
type when @clause
key Tab
wait when @t
type is it due?
key Enter
wait The offer
key Esc
key q
key Q
exit 0
END
like "  only that is given to the model" "$("$BUREAU" --home "$H" egress --text 2>/dev/null)$("$BUREAU" --home "$H" --json chat show c1)" 'when @t[0-9]+ is it due'
done_testing
