#!/bin/bash
# ask.sh - `bureau ask` against every answer a model server gives: state, exit code, what is kept.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/model/double.sh"
double_start
export OPENAI_BASE_URL=$DOUBLE_URL
H=$T/office
mkdir -m 700 "$H"
printf 'set model.idle-timeout 2s\n' >"$H/bureaurc"
chmod 600 "$H/bureaurc"
B() { "$BUREAU" --home "$H" "$@"; }
TEXT="The offer stands until Friday. 我们周五前答复您。 Naïve café — 🌍. All items are in stock and the price is 1.280,00 EUR."

# asks MODEL STATE EXIT TEXT: one question; - for a text that is not looked at
asks() {
    B --json ask --no-office --model "$1" "When? ($1)" >"$T/out" 2>"$T/err" </dev/null
    _code=$?
    _state=$(/usr/bin/python3 - "$T/out" <<'PY'
import json, sys
state = text = ""
for line in open(sys.argv[1], encoding="utf-8"):
    j = json.loads(line)
    if j["type"] == "delta":
        text += j["delta"]
    if j["type"] == "result":
        state = j["state"]
        if j["text"] != text:
            state += " (result is not what was streamed: %r, %r)" % (j["text"][:80], text[:80])
open(sys.argv[1] + ".text", "w").write(text.rstrip("\n"))
print(state)
PY
)
    is "$1: $2, exit $3" "$_state $_code" "$2 $3"
    [ "$4" = - ] || is "$1: the text" "$(cat "$T/out.text")" "$4"
    [ "$_state $_code" = "$2 $3" ] || sed 's/^/# /' "$T/err"
}

for m in s01 s02 s03 s06 s07 s07cr s08 s10 s11 s12 s13a s13b s13c s15 s22 s24 s29 plainjson options; do
    asks $m complete 0 "$TEXT"
done
asks s09 complete 0 "é 你 🌍 café 你好 🌍🌍"
asks s14a complete 0 "I look twice. "
asks s14b complete 0 "I look twice. "
asks s21a complete 0 -
is "s21a: five megabytes" "$(wc -c <"$T/out.text")" $((5 << 20))
asks s21b complete 0 -
asks s04 cut 1 "The offer stands unt"
asks s05 cut 1 "Let me look. "
asks s20-9 cut 1 "The offer "
asks s28b cut 1 "The offer "
asks s16a failed 1 "The offer stands "
like "s16a: the server's words, made harmless" "$(cat "$T/err")" 'the engine ␛\[31mcrashed'
asks s16b failed 1 "The offer stands "
asks refusal filtered 1 "I cannot help with that."
asks filter filtered 1 "$TEXT"
asks length limited 1 "$TEXT"
for m in s17a s17b s17c; do asks $m complete 0 "$TEXT"; done
for m in s17d s18 s19-401 s19-402 s19-422 s19-500 s19-503; do
    asks $m failed 1 ""
    like "$m: a hint" "$(cat "$T/err")" '"hint"'
done
asks s19-404 failed 3 ""
asks s28a failed 5 ""
asks s30 complete 0 -
OPENAI_BASE_URL=http://127.0.0.1:1/v1 asks s01 failed 5 ""
OPENAI_BASE_URL=http://no-such-host.invalid/v1 asks s01 failed 5 ""

# what is shown is harmless; what is kept is what came
ok "no foreign control byte reaches a terminal" /usr/bin/python3 - "$BUREAU" "$H" <<'PY'
import os, pty, sys
out = b""
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "--home", sys.argv[2], "ask", "--no-office", "--model", "s30", "plain"])
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    out += data
os.waitpid(pid, 0)
print(out)
bad = [b for b in out if (b < 32 and b not in b"\r\n") or b == 127]
sys.exit(bool(bad) or "\x9b".encode() in out or "\u202e".encode() in out or b"Fine." not in out)
PY
is "nothing was sent" "$(B --json outbox list </dev/null | grep -c '"type":"item"')" 0

# the log of what left, and the ledger
is "every request is in the log, byte for byte" "$(B --json egress --last 1000 | /usr/bin/python3 -c '
import json, sys
print(sum(1 for l in sys.stdin if json.loads(l)["type"] == "item"))')" "$(double_log | /usr/bin/python3 -c 'import json, sys; print(len(json.load(sys.stdin)) + 6)')"
like "usage is summed" "$(B usage --by model)" '^s02 .*1 requests'
like "the prompt-loss warning" "$(B ask --no-office --model s24 "$(printf 'x%.0s' $(seq 2000))" 2>&1 </dev/null)" 'only a part'

# cancelling closes the socket at once and keeps the text
env --default-signal=INT "$BUREAU" --home "$H" ask --no-office --model slow-20-400 "slowly" >"$T/slow" 2>"$T/err" </dev/null &
pid=$!
for _ in $(seq 100); do [ -s "$T/slow" ] && break; sleep 0.05; done
sleep 0.5
before=$(date +%s%3N)
kill -INT $pid
wait $pid
is "cancelled: exit 130" $? 130
took=$(($(date +%s%3N) - before))
ok "within a second ($took ms)" test $took -lt 1000
sleep 0.3
like "the server saw it close" "$(double_log | tail -c 60)" '"closed": [0-9]+'
is "the text is kept" "$(B --json search --limit 1 --kind chat slowly | grep -c '"id"')" 1

# policy
unset OPENAI_BASE_URL
exits 4 "a key alone: refused until somebody says yes" env OPENAI_API_KEY=sk-x "$BUREAU" --home "$H" ask --no-office "x" </dev/null
export OPENAI_BASE_URL=$DOUBLE_URL
exits 3 "an unknown model of a configured provider" env -u OPENAI_BASE_URL "$BUREAU" --home "$H" ask --no-office --model nobody "x" </dev/null
printf 'set model.policy never\n' >>"$H/bureaurc"
exits 4 "policy never" "$BUREAU" --home "$H" ask --no-office "x" </dev/null
exits 0 "the offline engine still answers" "$BUREAU" --home "$H" --offline ask "x" </dev/null
done_testing
