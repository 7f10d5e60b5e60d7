#!/bin/sh
# people.sh - who can be written to: people met, by how often and how lately; aliases; the address book of another program.
. "${SRCDIR:-.}/tests/tap.sh"
H=$T/h
export BUREAU_NOW=2026-11-24T09:30:00+01:00
mkdir -m 700 "$H"; mkdir -p "$T/mails"
printf 'account work from "Anna Li <anna@example.com>"\n' >"$H/bureaurc"; chmod 600 "$H/bureaurc"
b() { "$BUREAU" --home "$H" "$@"; }
people() { b --json people "$@" | sed -n 's/.*"address":"\([^"]*\)".*/\1/p' | tr '\n' ' ' | sed 's/ $//'; }
N=0
put() { # put FROM TO DATE: one mail
  N=$((N + 1))
  printf 'From: %s\nTo: %s\nDate: %s\nMessage-ID: <%s@t.example>\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nx\n' "$1" "$2" "$3" $N >"$T/mails/$N"
}
ME="Anna Li <anna@example.com>"
for i in 1 2 3 4 5; do put "Often Long Ago <often@one.example>" "$ME" "Tue, 18 Nov 2025 08:00:00 +0100"; done
put "Once Lately <once@one.example>" "$ME" "Mon, 23 Nov 2026 08:00:00 +0100"
put "$ME" "Written To <written@one.example>" "Mon, 26 Oct 2026 08:00:00 +0100"
for i in 1 2 3 4 5 6 7 8; do put "Machine <noreply@one.example>" "$ME" "Mon, 23 Nov 2026 08:00:00 +0100"; done
put "李娜 <li.na@haitian.example>" "$ME" "Fri, 20 Nov 2026 08:00:00 +0100"
put "Zoë O'Brien <zoe@three.example>" "$ME" "Fri, 20 Nov 2026 08:00:00 +0100"
put "\"Berger, Tom\" <TB@acme.example>" "$ME" "Fri, 20 Nov 2026 08:00:00 +0100"
b --quiet import "$T/mails" >"$T/out" 2>&1
is "whom I wrote to, then lately, then often; a machine last" "$(people one.example)" \
  "written@one.example once@one.example often@one.example noreply@one.example"
is "all of them, likewise, I last" "$(people | sed 's/ .* / … /')" "written@one.example … anna@example.com"
is "by the beginning of the address" "$(people ofte)" often@one.example
is "by any word of the name" "$(people berg)|$(people tom)" "tb@acme.example|tb@acme.example"
is "by several words of it" "$(people 'long ago')" often@one.example
is "not by what stands inside a word" "$(people ften)" ""
is "without accents and case" "$(people ZOE)|$(people zoë)|$(people brien)" "zoe@three.example|zoe@three.example|zoe@three.example"
is "a Chinese name from each of its characters" "$(people 李)|$(people 娜)|$(people 李娜)" "li.na@haitian.example|li.na@haitian.example|li.na@haitian.example"
for i in 1 2 3; do put "$ME" "Once Lately <once@one.example>" "Tue, 24 Nov 2026 08:0$i:00 +0100"; done
b --quiet import "$T/mails" >"$T/out" 2>&1
is "writing to somebody brings the name up" "$(people one.example | cut -d' ' -f1)" "once@one.example"
like "how often and when stands with each" "$(b --json people once@)" '"seen":1,"written":3,"last":"2026-11-24T08:03:00\+01:00","name":"Once Lately","address":"once@one.example","source":"met"'
like "for a person it is what can be typed" "$(b people tom)" '^"Berger, Tom" <tb@acme.example>$'

printf 'alias tom Tommy <tommy@alias.example>\nalias both tom, written@one.example\n' >>"$H/bureaurc"
is "aliases first, by their short name or by who is in them" "$(people tom)" "tommy@alias.example written@one.example tb@acme.example"
is "an alias for several, each of them" "$(people both)" "tommy@alias.example written@one.example"
like "which alias it was" "$(b --json people both)" '"alias":"both"'

printf 'alias wrong "Wrong <wrong@alias.example>"\n' >>"$H/bureaurc"
like "an alias that stands for nobody is named by doctor" "$(b --offline doctor 2>&1)" 'alias wrong'
unlike "and only that" "$(b --offline doctor 2>&1)" '^warn +alias (tom|both)'
sed -i '/^alias wrong/d' "$H/bureaurc"

cat >"$T/book" <<'B'
#!/bin/sh
echo "$1" >>"$0.asked"
echo "searching … 3 found"
printf 'tb@acme.example\tTom from the book\tx\ntomas@book.example\tTomas Book\tx\nnobody\tNo Address\n'
B
chmod +x "$T/book"; printf 'set people.query-command "%s %%s"\n' "$T/book" >>"$H/bureaurc"
is "the address book's answer is taken as it is, but for what is no address" "$(people tomas)" "tb@acme.example tomas@book.example"
is "behind them, each person once" "$(people tom)" "tommy@alias.example written@one.example tb@acme.example tomas@book.example"
is "asked with the words as one argument" "$(people 'tom; rm x' >/dev/null; tail -1 "$T/book.asked")" "tom; rm x"
like "where it comes from" "$(b --json people tomas)" '"source":"query"'
: >"$T/book.asked"; people >/dev/null
is "not asked for nothing" "$(cat "$T/book.asked")" ""
printf '#!/bin/sh\necho the directory is away >&2; exit 3\n' >"$T/book"
OUT=$(b people tom 2>"$T/err"); CODE=$?
is "a program that fails takes nothing away" "$(printf '%s\n' "$OUT" | wc -l | tr -d ' ')" 3
like "and it is said" "$CODE $(cat "$T/err")" "^1 bureau: people.query-command: the directory is away"
is "nobody of that name" "$(printf '#!/bin/sh\n' >"$T/book"; people qqqq)" ""
done_testing
