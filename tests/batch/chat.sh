#!/bin/bash
# Asking from the command line: sources, citations, conversations, what is kept. The states of streams: tests/model/ask.sh.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/model/double.sh"
H=$T/office
b() { "$BUREAU" --home "$H" "$@" </dev/null; }
get() { /usr/bin/python3 -c 'import json,sys
o=[json.loads(l) for l in sys.stdin if l.strip()][-1]
print(eval(sys.argv[1],{"o":o}))' "$1"; }
mkdir -m 700 "$H"
double_start
say() { /usr/bin/python3 -c 'import json,sys,urllib.request as u
u.urlopen(u.Request(sys.argv[1]+"/_say", json.dumps({"model":sys.argv[2],"text":sys.argv[3]}).encode(), {"Content-Type":"application/json"}))' "http://127.0.0.1:$DOUBLE_PORT" "$1" "$2"; }
prompt() { double_log | /usr/bin/python3 -c 'import json,sys
r=[x for x in json.load(sys.stdin) if "/chat/" in x.get("path","/chat/")][-1]
b=r.get("body") or r.get("request") or {}
b=json.loads(b) if isinstance(b,str) else b
print("\n".join(str(m.get("content")) for m in b["messages"]))'; }

mkdir "$T/mail"
cat >"$T/mail/1.eml" <<'EML'
From: Tom Berger <tom@example.com>
To: Sofia Marin <sofia@acme.example>
Subject: Re: broken pallet
Date: Tue, 3 Nov 2026 10:00:00 +0100
Message-ID: <p1@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Dear Sofia,

we are sorry. We will replace the pallet within 14 days, and we bear the freight.

Tom
EML
cat >"$T/mail/2.eml" <<'EML'
From: =?utf-8?B?5p2O5aic?= <li.na@haitian.example>
To: anna@example.com
Subject: =?utf-8?B?UTPmiqXku7fljZU=?=
Date: Mon, 9 Nov 2026 09:12:00 +0100
Message-ID: <p2@haitian.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

您好，附件是第三季度报价单，总价 48,200 元（含税）。
EML
b import "$T/mail" >/dev/null

# ---- without a model ----
j=$(b --json ask "Who replaces the broken pallet?" 2>/dev/null)
is 'offline: the answer quotes the mail' "$(printf '%s\n' "$j" | get 'o["state"], o["model"], o["sources"]')" "('complete', 'offline', ['m1'])"
like '  its words are there' "$j" 'replace the pallet within 14 days'
like 'Chinese finds Chinese' "$(b --offline ask 报价单的总价是多少)" '48,200 元'
like 'nothing found is said' "$(b --offline ask zebra crossing)" 'Nothing in mail'
exits 2 'no question is wrong usage' b ask
exits 2 'office and no-office exclude each other' b ask x --office --no-office
exits 3 'about something that is not there' b --offline ask x --about m99
exits 2 'a conversation that is none' b ask x --chat m1
exits 3 'a conversation that never was' b --offline ask x --chat c99
exits 1 'translating says that it needs a model' b translate m1 --to de
n=$(b --json chat list | wc -l)
b --offline ask --no-store secret >/dev/null
is 'no-store keeps nothing' "$(b --json chat list | wc -l)" "$n"

# ---- a model: nothing of it is believed ----
export OPENAI_BASE_URL=$DOUBLE_URL
say cites 'You promised a replacement within 14 days [m2]. The total is 48,200 [m2]. The moon is made of cheese [m1]. Freight is ours [m77].'
j=$(b --json ask "What about the broken pallet and the 报价单?" --model cites 2>"$T/err")
is 'sources are those that bear the claims' "$(printf '%s\n' "$j" | get 'o["sources"]')" "['m1', 'm2']"
is 'wrong citations are set right or taken out' "$(printf '%s\n' "$j" | get 'o["text"]')" 'You promised a replacement within 14 days [m1]. The total is 48,200 [m2]. The moon is made of cheese. Freight is ours.'
like 'how much goes where is said before' "$(cat "$T/err")" '2 passages \([0-9]+ .*\) go to openai on this machine'
like 'sources are told on stderr' "$(cat "$T/err")" '\[m1\] Tom Berger.*replace the pallet'
like 'the passages were in the prompt' "$(prompt)" 'replace the pallet within 14 days'
like '--sources puts them into the text' "$(b ask "pallet replaced?" --model cites --sources 2>/dev/null)" '^\[m1\] Tom'
c=$(printf '%s\n' "$j" | get 'o["chat"]')
j=$(b --json ask "and when is that over?" --chat "$c" --model s01 2>/dev/null)
is 'a conversation goes on' "$(printf '%s\n' "$j" | get 'o["chat"]')" "$c"
like '  the model sees what was said' "$(prompt)" 'What about the broken pallet'
is '  four turns' "$(b --json chat show "$c" | wc -l)" 4
j=$(printf 'the material says blue' | "$BUREAU" --home "$H" --json ask "which colour?" --model s01 2>"$T/err")
like 'standard input is material' "$(prompt)" 'the material says blue'
unlike '  then nothing is searched' "$(prompt)" 'pallet'
printf 'only question' | "$BUREAU" --home "$H" --json ask --model s01 >"$T/out" 2>/dev/null
like 'standard input alone is the question' "$(prompt)" 'only question'
printf 'file words\n' >"$T/f.txt"
b ask "what?" --file "$T/f.txt" --model s01 >/dev/null 2>&1
like 'a file is material' "$(prompt)" 'file words'
printf 'bad\0bytes' >"$T/f.bin"
exits 1 'a file that is no text' b ask "what?" --file "$T/f.bin" --model s01
exits 3 'a file that is not there' b ask "what?" --file "$T/none" --model s01
b ask "what?" --about m2 --model s01 >/dev/null 2>&1
like 'about takes the mail whole' "$(prompt)" '第三季度报价单'
unlike '  and nothing else' "$(prompt)" 'pallet'
say german 'Sehr geehrte Frau Marin,'
j=$(b --json translate m1 --to de --model german 2>/dev/null)
is 'translate keeps its source' "$(printf '%s\n' "$j" | get 'o["state"], o["lines"][0]["refs"], o["by"]')" "('complete', ['m1'], 'german')"

# ---- what is kept ----
b ask "cut off?" --model s04 >/dev/null 2>&1
like 'a cut answer keeps its text' "$(b chat show "$(b --json chat list | head -1 | get 'o["id"]')")" 'The offer stands unt'
env --default-signal=INT "$BUREAU" --home "$H" --json ask "stop me" --model slow-10 >"$T/out" 2>/dev/null </dev/null &
p=$!
i=0
while [ $i -lt 100 ] && ! [ "$(grep -c delta "$T/out")" -ge 3 ]; do sleep 0.1; i=$((i + 1)); done
kill -INT $p
wait $p
is 'C-c ends with 130' $? 130
is '  cancelled, text kept' "$(tail -1 "$T/out" | get 'o["state"], len(o["text"])>5')" "('cancelled', True)"
"$BUREAU" --home "$H" --json ask "kill me" --model slow-10 >"$T/out" 2>/dev/null </dev/null &
p=$!
i=0
while [ $i -lt 100 ] && ! [ "$(grep -c delta "$T/out")" -ge 15 ]; do sleep 0.1; i=$((i + 1)); done
kill -9 $p
wait $p 2>/dev/null
c=$(b --json chat list | head -1 | get 'o["id"]')
like 'after kill -9 the text is there' "$(b chat show "$c")" 'The offer'
exits 5 'a server that is not there' env OPENAI_BASE_URL=http://127.0.0.1:1/v1 "$BUREAU" --home "$H" ask hello
exits 4 'a key alone is not a yes' env -u OPENAI_BASE_URL OPENAI_API_KEY=x "$BUREAU" --home "$H" ask hello

# ---- conversations ----
b chat rename c1 "Pallets and 报价" >/dev/null
is 'a conversation gets a title' "$(b --json chat list | grep '"c1"' | get 'o["title"]')" 'Pallets and 报价'
b undo >/dev/null 2>&1
is '  undo' "$(b --json chat list | grep '"c1"' | get 'o["title"]')" 'Who replaces the broken pallet?'
b chat delete c1 >/dev/null
is 'deleted ones are not listed' "$(b --json chat list | grep -c '"c1"')" 0
b undo >/dev/null 2>&1
is '  undo' "$(b --json chat list | grep -c '"c1"')" 1
b chat export c1 "$T/c1.md" >/dev/null
like 'exported as Markdown' "$(cat "$T/c1.md")" '^# Who replaces'
exits 1 '  never over a file that is there' b chat export c1 "$T/c1.md"
b chat export c1 "$T/c1.json" >/dev/null
is 'exported as JSON' "$(get 'len(o)' <"$T/c1.json" 2>/dev/null || /usr/bin/python3 -c 'import json,sys; print(len(json.load(open(sys.argv[1]))))' "$T/c1.json")" 2
t=$(b --json chat show c1 | head -2 | tail -1 | get 'o["id"]')
b --offline ask "second question pallet" --chat c1 >/dev/null 2>&1
b chat fork "$t" >/dev/null
b --offline ask "another second pallet" --chat c1 >/dev/null 2>&1
unlike 'a fork goes on from an earlier turn' "$(b chat show c1)" '^second question'
like '  with its own question' "$(b chat show c1)" '^another second'
like 'the other branch is found' "$(b --json search 'kind:chat "second question"')" '"x'
like 'what it took: sums, and whether they are counted here' "$(b --json usage | tail -1)" '"requests":[1-9][0-9]*,.*"estimated":(true|false),"type":"result"'
exits 3 'no such turn' b chat fork x9999
done_testing
