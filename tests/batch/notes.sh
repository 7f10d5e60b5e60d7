#!/bin/sh
# Notes, transcripts and minutes from the command line, without a model and with one.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/model/double.sh"
H=$T/office
b() { "$BUREAU" --home "$H" "$@"; }
get() { /usr/bin/python3 -c 'import json,sys
o=[json.loads(l) for l in sys.stdin if l.strip()][-1]
print(eval(sys.argv[1],{"o":o}))' "$1"; }
mkdir -m 700 "$H"
export BUREAU_NOW=2026-11-24T18:00:00+01:00

# ---- notes ----
is 'a note is made from words' "$(b note new First words 会议)" n1
is 'and from standard input' "$(printf '# Title line\n\nbody text\n' | b note new)" n2
is 'its title is the first line' "$(b --json note show n2 | get 'o["title"]')" 'Title line'
is 'the text comes back as given' "$(b --json note show n2 | get 'repr(o["text"])')" "'# Title line\\n\\nbody text\\n'"
is 'notes are listed newest first' "$(b --json note list | sed -n 's/.*"id":"\(n[0-9]*\)".*/\1/p' | tr '\n' ' ')" 'n2 n1 '
printf 'other words\n' | b note edit n1 >/dev/null
is 'a note is edited' "$(b --json note show n1 | get 'o["text"]')" 'other words'
b undo >/dev/null 2>&1
is 'undo brings the text back' "$(b --json note show n1 | get 'o["text"]')" 'First words 会议'
b note edit n1 --title 'New title' >/dev/null
is 'a title is given' "$(b --json note show n1 | get 'o["title"]')" 'New title'
like 'a note is found by its words' "$(b search body 2>&1)" 'Title line'
like 'and by Chinese ones' "$(b --json search 会议)" '"n1"'
b note delete n2 >/dev/null
exits 3 'a deleted note is not there' b note show n2
unlike 'nor found' "$(b --json search body)" '"n2"'
b undo >/dev/null 2>&1
exits 0 'undo brings it back' b note show n2
exits 3 'a note that never was' b note show n99
is 'show takes a note, too' "$(b --json show n1 | get 'o["title"]')" 'New title'
exits 2 'an id that is none' b note show x
exits 2 'an empty note is none' sh -c 'printf "" | "$0" --home "$1" note new' "$BUREAU" "$H"
is 'a dry run changes nothing' "$(b --dry-run --json note delete n1 | get 'o["dry_run"], o["changed"]')" '(True, 1)'
exits 0 '  it is still there' b note show n1

# ---- transcripts ----
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

00:14:37.000 --> 00:14:43.000
<v Tom Berger>Good question. I don't know, it is not in the contract.</v>
VTT
out=$(b --json meet import "$T/2026-11-24 weekly.vtt")
is 'a transcript is imported' "$(printf '%s\n' "$out" | get 'o["added"], o["ids"]')" "(1, ['n3'])"
like 'its day is in the name' "$out" '"date":"2026-11-24T'
like 'who spoke are names, no addresses' "$(b --json search --kind transcript clause)" '"from":\{"name":"[^"]*Tom Berger[^"]*"\}'
is 'twice adds nothing' "$(b --json meet import "$T/2026-11-24 weekly.vtt" | get 'o["added"], o["duplicates"]')" '(0, 1)'
is 'speakers and times are kept' "$(b --json note show n3 | get 'o["segments"][1]["speaker"], o["segments"][1]["start"]')" "('Anna Li', '00:13:07')"
is 'import knows a transcript by its content' "$(sed 's/little/lot/' "$T/2026-11-24 weekly.vtt" >"$T/x.dat"; b --json import "$T/x.dat" | get 'o["notes"], o["added"]')" '(1, 1)'
printf 'garbage\0\1\2' >"$T/bad.vtt"
exits 3 'a file that is not there' b meet import "$T/none.vtt"
like 'said words are found' "$(b --json search 装箱单)" '"n3"'

# ---- minutes without a model ----
m=$(b --json --offline meet minutes n3 2>/dev/null)
is 'minutes end whole' "$(printf '%s\n' "$m" | get 'o["state"], o["by"]')" "('complete', 'offline')"
is 'a decision with its moment' "$(printf '%s\n' "$m" | get '[d["refs"] for d in o["decisions"] if "48,200" in d["text"]][0]')" "['n3@00:13:07']"
is 'a task with owner and day' "$(printf '%s\n' "$m" | get '[(t["owner"],t["due"],t["due_words"]) for t in o["tasks"] if "clause" in t["what"]][0]')" "('Tom Berger', '2026-11-27', 'by Friday')"
is 'a Chinese task' "$(printf '%s\n' "$m" | get '[(t["owner"],t["due"]) for t in o["tasks"] if "装箱单" in t["what"]][0]')" "('Li Na', '2026-12-02')"
is 'an open question' "$(printf '%s\n' "$m" | get '[q["text"] for q in o["questions"]]')" "['Who pays the pallets?']"
is 'all of it was said' "$(printf '%s\n' "$m" | get 'all(l["supported"] for k in ("summary","decisions","tasks","questions") for l in o[k])')" True
like 'they stand with the note' "$(b note show n3)" 'n?48,200'
like 'sources can stand in the text' "$(b --offline meet minutes n3 --sources 2>/dev/null)" 'Anna Li 00:13:07'
is 'versions count' "$(b --json --offline meet minutes n3 | get 'o["version"]')" 3
exits 3 'no such meeting' b --offline meet minutes n77

# ---- minutes by a model: nothing of it is believed ----
double_start
say() { /usr/bin/python3 -c 'import json,sys,urllib.request as u
u.urlopen(u.Request(sys.argv[1]+"/_say", json.dumps({"model":sys.argv[2],"text":sys.argv[3]}).encode(), {"Content-Type":"application/json"}))' "http://127.0.0.1:$DOUBLE_PORT" "$1" "$2"; }
export OPENAI_BASE_URL=$DOUBLE_URL
say scribe '## Summary
- Steel went up a little. [00:01:01]
- The moon landing was discussed. [00:12:39]
## Decisions
- The price stays at 48,200 until March.
## Tasks
- Tom: send the revised clause 7 by Friday
- Bob: sing a song on Monday
- Tom: send the revised clause 7 by 3 March
## Open questions
- Who pays the pallets?
'
m=$(b --json meet minutes n3 --model scribe 2>"$T/err")
is 'a model writes minutes' "$(printf '%s\n' "$m" | get 'o["state"], o["by"]')" "('complete', 'scribe')"
like 'who gets the words is said' "$(cat "$T/err")" 'goes to openai on this machine'
is 'the program finds the moment, not the model' "$(printf '%s\n' "$m" | get 'o["summary"][0]["refs"], o["summary"][0]["supported"]')" "(['n3@00:12:39'], True)"
is 'what nobody said is marked' "$(printf '%s\n' "$m" | get 'o["summary"][1]["refs"], o["summary"][1]["supported"]')" '([], False)'
is 'a day that was said is resolved' "$(printf '%s\n' "$m" | get 'o["tasks"][0]["owner"], o["tasks"][0]["due"]')" "('Tom Berger', '2026-11-27')"
is 'somebody who was not there owns nothing' "$(printf '%s\n' "$m" | get '"owner" in o["tasks"][1], o["tasks"][1]["supported"]')" '(False, False)'
is 'a day that nobody said is none' "$(printf '%s\n' "$m" | get '"due" in o["tasks"][2], o["tasks"][2]["supported"]')" '(False, False)'
exits 1 'a stream that is cut' b meet minutes n3 --model s04
like '  what came is kept' "$(b --json note show n3 | get 'o["minutes"]["state"]')" cut
exits 5 'a server that is not there' env OPENAI_BASE_URL=http://127.0.0.1:1/v1 "$BUREAU" --home "$H" meet minutes n3
done_testing
