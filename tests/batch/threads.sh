#!/bin/bash
# threads.sh - conversations over folders and accounts, with own replies and archived mail; loops, missing parents,
# references that are broken, a subject alone; by hand, and taken back
. "${SRCDIR:-.}/tests/tap.sh"
export BUREAU_NOW=2026-11-23T12:00:00+01:00
H=$T/h
b() { "$BUREAU" --home "$H" "$@"; }
get() { python3 -c '
import json, sys
for line in sys.stdin:
    try: v = eval(sys.argv[1], {"o": json.loads(line)})
    except KeyError: continue
    print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False))' "$1"; }
mkdir -m 700 "$H"
printf 'account work from "Anna <anna@work.example>" maildir %s\naccount home from "Anna <anna@home.example>" maildir %s\n' "$T/w" "$T/p" >"$H/bureaurc"; chmod 600 "$H/bureaurc"
mkdir -p "$T"/{w,p}/{cur,new,tmp}
# put ACCOUNT FOLDER ID FROM TO SUBJECT DAY [HEADER…]
put() {
  local where="--account $1 --folder $2" id=$3 from=$4 to=$5 subject=$6 day=$7; shift 7
  { printf 'From: %s\nTo: %s\nSubject: %s\nDate: %s 10:00:00 +0100\nMessage-ID: <%s>\n' "$from" "$to" "$subject" "$day" "$id"
    for h; do printf '%s\n' "$h"; done
    printf '\nText of %s.\n' "$id"; } | b --quiet import - $where
}
t() { b --json search "id:$1" | get 'o["thread"]'; } # thread of a Message-ID
together() { # NAME ID… are one conversation
  local name=$1 first; first=$(t "$2"); shift
  is "$name" "$(for i; do t "$i"; done | sort -u | tr '\n' ' ')" "$first "
}
apart() { # NAME ID ID
  [ "$(t "$2")" ] && [ "$(t "$3")" ] && [ "$(t "$2")" != "$(t "$3")" ]; _say $? "$1"
}
D='Mon, 16 Nov 2026'

put work Archive a1@x "Bob <bob@x.example>" anna@work.example "Offer" "$D"
put work Sent a2@x "Anna <anna@work.example>" bob@x.example "Re: Offer" "$D" "In-Reply-To: <a1@x>"
put work INBOX a3@x "Bob <bob@x.example>" anna@work.example "Re: Offer" "$D" "References: <a1@x> <a2@x>"
put home INBOX a4@x "Eva <eva@y.example>" anna@home.example "Fwd: Offer" "$D" "References: <a1@x>"
together "archived mail, an own reply, the inbox, another account" a1@x a2@x a3@x a4@x
is "shown from the first to the last, each in its place" "$(b --json thread "$(t a1@x)" | get '[o["message_id"], o["account"], o["folder"]]' | tr '\n' ' ')" \
  '["a1@x", "work", "Archive"] ["a2@x", "work", "Sent"] ["a3@x", "work", "INBOX"] ["a4@x", "home", "INBOX"] '

put work INBOX l1@x "Bob <bob@x.example>" anna@work.example "Loop" "$D" "References: <l2@x>"
put work INBOX l2@x "Bob <bob@x.example>" anna@work.example "Loop two" "$D" "References: <l3@x>"
put work INBOX l3@x "Bob <bob@x.example>" anna@work.example "Loop three" "$D" "References: <l1@x> <l3@x>" "In-Reply-To: <l3@x>"
together "a loop of references" l1@x l2@x l3@x
is "is shown once each" "$(b --json thread "$(t l1@x)" | get 'o["message_id"]' | sort | tr '\n' ' ')" "l1@x l2@x l3@x "

put work INBOX p2@x "Bob <bob@x.example>" anna@work.example "Answer one" "$D" "References: <p0@x> <p1@x>"
put work INBOX p3@x "Eva <eva@y.example>" anna@work.example "Answer two" "$D" "In-Reply-To: <p1@x>"
together "two answers to a mail that is not here" p2@x p3@x
put work Archive p0@x "Bob <bob@x.example>" anna@work.example "The root, late" "$D"
together "which comes later" p0@x p2@x p3@x

put work INBOX b1@x "Bob <bob@x.example>" anna@work.example "Broken" "$D"
put work INBOX b2@x "Bob <bob@x.example>" anna@work.example "One" "$D" $'References: (a comment)\n\t<b1@x>\n ,'
put work INBOX b3@x "Bob <bob@x.example>" anna@work.example "Two" "$D" 'In-Reply-To: Your message of "Mon, 16 Nov 2026" <b1@x>'
put work INBOX b4@x "Bob <bob@x.example>" anna@work.example "Three" "$D" 'References: <<b1@x>> <cut@'
put work INBOX b5@x "Bob <bob@x.example>" anna@work.example "Four" "$D" 'References: <b9@x><b1@x>'
put work INBOX b6@x "Bob <bob@x.example>" anna@work.example "Five" "$D" "References: $(for i in $(seq 400); do printf '<old%d@x> ' "$i"; done)<b1@x>"
together "references with comments, words, no blanks, too many of them" b1@x b2@x b3@x b4@x b5@x b6@x
put work INBOX c1@x "Bob <bob@x.example>" anna@work.example "Six" "$D" 'In-Reply-To: last week'
put work INBOX c2@x "Bob <bob@x.example>" anna@work.example "Seven" "$D" 'In-Reply-To: last week' 'References: <>'
apart "what is no id joins nothing" c1@x c2@x

put work Sent s1@x "Anna <anna@work.example>" bob@x.example "The lease" "$D"
put work INBOX s2@x "Bob <bob@x.example>" anna@work.example "AW: The lease" "Tue, 17 Nov 2026"
together "an answer that names no mail, by its subject and the people" s1@x s2@x
put work INBOX s3@x "Bob <bob@x.example>" anna@work.example "The lease" "Tue, 17 Nov 2026"
apart "not without an answer's prefix" s1@x s3@x
put work INBOX s4@x "Eva <eva@y.example>" anna@work.example "Re: The lease" "Tue, 17 Nov 2026"
apart "not from another" s1@x s4@x
put work INBOX s5@x "Bob <bob@x.example>" anna@work.example "Re: The lease" "Tue, 05 Jan 2027"
apart "not months later" s1@x s5@x
put work INBOX s6@x "Bob <bob@x.example>" anna@work.example "Re: The lease" "Tue, 17 Nov 2026" "List-Id: <l.x.example>"
apart "not by a list" s1@x s6@x

m() { b --json search "id:$1" | get 'o["id"]'; }
b --quiet thread split "$(m a4@x)"
apart "split by hand" a1@x a4@x
is "one row of the journal" "$(b --json journal --limit 1 | get '[o["what"], o["count"]]')" '["thread split", 1]'
put home INBOX a5@x "Eva <eva@y.example>" anna@home.example "Re: Fwd: Offer" "$D" "References: <a1@x> <a4@x>"
together "an answer goes to the half it answers" a4@x a5@x
apart "and joins nothing again" a1@x a5@x
b --quiet thread join "$(t a1@x)" "$(t a4@x)"
together "joined by hand" a1@x a2@x a3@x a4@x a5@x
b --quiet undo
apart "undo" a1@x a4@x
b --quiet redo
together "redo" a1@x a4@x
is "verify" "$(b --json verify | get 'o["ok"]')" true
done_testing
