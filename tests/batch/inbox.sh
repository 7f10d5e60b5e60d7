#!/bin/sh
# inbox.sh - triage, lane, summary, reply, draft, template from the command line, as the contract says.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh" 2>/dev/null
H=$T/h
office "$H"
b() { "$BUREAU" --home "$H" "$@" 2>"$T/err"; }
j() { /usr/bin/env python3 -c '
import json,sys
rows=[json.loads(l) for l in sys.stdin if l.startswith("{")]
print(eval(sys.argv[1]))' "$1"; }
id_of() { b --json search "subject:\"$1\"" | j 'rows[0]["thread"]'; }
Q=$(id_of 报价单) C=$(id_of "Contract draft") HR=$(id_of "travel policy") N=$(id_of Ports)

# triage
b --json triage >"$T/triage"
is "every thread has a lane of the contract" "$(j 'all(r["lane"] in "answer act wait meet fyi bulk risk done".split() for r in rows if r["type"]=="item")' <"$T/triage")" True
is "reason, confidence and by" "$(j 'all(r["reason"] and 0<=r["confidence"]<=1 and r["by"] in ("fact","learned","model","offline","rule") for r in rows if r["type"]=="item")' <"$T/triage")" True
is "the quotation wants an answer by Friday" "$(j "[(r['lane'],r['due'],r['quote']) for r in rows if r.get('id')=='$Q'][0]" <"$T/triage")" "('answer', '2026-11-27', '能否在周五前确认总价？')"
is "the policy wants a deed by the 30th" "$(j "[(r['lane'],r['due']) for r in rows if r.get('id')=='$HR'][0]" <"$T/triage")" "('act', '2026-11-30')"
is "the newsletter is bulk" "$(j "[r['lane'] for r in rows if r.get('id')=='$N'][0]" <"$T/triage")" bulk
is "--only shows one lane" "$(b --json triage --only bulk | j 'set(r["lane"] for r in rows if r["type"]=="item")')" "{'bulk'}"
exits 2 "no such lane" b triage --only nonsense
exits 3 "no such thread" b triage t999
is "--dry-run ends with the same sums" "$(b --json --dry-run triage "$Q" | j 'sorted((k,v) for k,v in rows[-1].items())')" "[('dry_run', True), ('sorted', 1), ('threads', 1), ('type', 'result')]"
is "lanes can be searched" "$(b --json count lane:bulk | j 'rows[-1]["count"]')" 1

# lane teaches; undo unlearns
B=$(b --json lane bulk "$HR" | j 'rows[-1]["batch"]')
is "moved" "$(b --json triage "$HR" | j '(rows[0]["lane"],rows[0]["by"])')" "('bulk', 'learned')"
is "again: nothing to move" "$(b --json lane bulk "$HR" | j '(rows[-1]["ids"],len(rows[-1]["skipped"]))')" "([], 1)"
ok "undo" b undo "$B"
is "it is as it was" "$(b --json triage "$HR" | j 'rows[0]["lane"]')" act
is "--dry-run changes nothing" "$(b --json --dry-run lane done "$Q" | j '(rows[-1]["dry_run"],rows[-1]["ids"])')" "(True, ['$Q'])"
is "  really" "$(b --json triage "$Q" | j 'rows[0]["lane"]')" answer
exits 2 "lane without a lane" b lane nonsense "$Q"
exits 3 "lane of no thread" b lane done t999
b lane bulk "$N" >/dev/null
exits 3 "beside one that is there already" b lane bulk "$N" t999
like "each is named with its reason" "$(cat "$T/err")" '^t999 left as it is: there is no thread t999$'
is "--dry-run sees what is there already" "$(b --json --dry-run lane bulk "$N" | j '(rows[-1]["changed"],rows[-1]["skipped"][0]["id"])')" "(0, '$N')"
exits 3 "beside one that is moved" b lane fyi "$N" t999
is "  it is moved" "$(b --json triage "$N" | j 'rows[0]["lane"]')" fyi
b --quiet undo

# summary
b --json summary "$Q" >"$T/sum"
is "each line has its source" "$(j 'all(l["refs"] for l in rows[-1]["lines"]) and len(rows[-1]["lines"])>0 and (rows[-1]["by"],rows[-1]["state"])' <"$T/sum")" "('offline', 'complete')"
like "as text, without marks" "$(b summary "$Q")" '48,200'
unlike "  no [m1]" "$(b summary "$Q")" '\[m'
like "  with --sources" "$(b summary --sources "$Q")" '\[m[0-9]+\]'
exits 3 "summary of nothing" b summary t999

# reply
b --json reply "$Q" >"$T/reply"
is "a draft with gaps for each question" "$(j '(rows[-1]["draft"],rows[-1]["state"],rows[-1]["sendable"],rows[-1]["asked"],sum(c["kind"]=="gap" for c in rows[-1]["checks"]))' <"$T/reply")" "('d1', 'complete', False, 2, 2)"
is "deltas give the text" "$(j '"".join(r["delta"] for r in rows if r["type"]=="delta").strip()==rows[-1]["text"]' <"$T/reply")" True
b reply "$C" --say "yes, clause 7 is fine" >"$T/out"
like "the text on stdout" "$(cat "$T/out")" 'Yes, clause 7 is fine\.'
like "checks and how to send it on stderr" "$(cat "$T/err")" 'bureau send d2'
exits 3 "reply to nothing" b reply m999
exits 4 "reply to a list that is none" b reply "$Q" --list
exits 3 "no such template" b reply "$Q" --template none

# drafts
is "every version is kept" "$(echo one | b --json draft edit d2 --file - | j 'rows[-1]["version"]'; echo two | b --json draft edit d2 --file - | j 'rows[-1]["version"]'; b --json draft show d2 --version 2 | j 'rows[0]["text"]')" "2
3
one"
is "recipients are read" "$(b --json draft edit d2 --to '李娜 <li@x.example>; b@y.example' --cc '' | j '[(a.get("name"),a["address"]) for a in rows[-1]["to"]]')" "[('李娜', 'li@x.example'), (None, 'b@y.example')]"
exits 2 "what is no address" b draft edit d2 --to nonsense
exits 2 "nothing to change" b draft edit d2
exits 3 "no such draft" b draft edit d99 --subject x
H1=$(b --json draft show d2 | j 'rows[0]["hash"]')
b draft edit d2 --subject "Other" >/dev/null
is "another subject, another hash" "$(b --json draft show d2 | j "rows[0]['hash']!='$H1'")" True
is "list" "$(b --json draft list | j '[r["id"] for r in rows if r["type"]=="item"]')" "['d2', 'd1']"
D=$(b --json draft delete d2 | j 'rows[-1]["batch"]')
is "a draft that is deleted already is named" "$(b --json draft delete d2 | j '(rows[-1]["changed"],[s["id"] for s in rows[-1]["skipped"]])')" "(0, ['d2'])"
exits 3 "beside one that is not there" b draft delete d2 d999
is "deleted" "$(b --json draft list | j '[r["id"] for r in rows if r["type"]=="item"]')" "['d1']"
b undo "$D" >/dev/null
is "undo brings it back" "$(b --json draft show d2 | j '(rows[0]["state"],rows[0]["text"])')" "('open', 'two')"
exits 1 "no account: nothing can be sent" b send d2
like "  and what to do" "$(cat "$T/err")" 'hint: account'
like "drafts are found" "$(b --json search 'kind:draft Other' | j '[r["id"] for r in rows if r["type"]=="item"]')" "d2"

# templates
mkdir "$H/templates"
printf 'Name: Confirm\nLanguage: en\nFor: clause contract\n\nDear {first name},\n\n{gap: yes/no: clause 7 is fine}\n\n{my name}\n' >"$H/templates/confirm.en.txt"
is "list" "$(b --json template list | j '(rows[0]["name"],rows[0]["fields"])')" "('confirm.en', ['first name', 'my name'])"
like "a template that fits is taken" "$(b reply "$C")" 'Dear Tom,'
like "  its gap is open" "$(b reply "$C" --template confirm)" '\[yes/no: clause 7 is fine\]'
ok "check finds nothing" b template check
printf 'a { b' >"$H/templates/bad.txt"
exits 1 "check finds a mistake" b template check
like "  and says where" "$(b template check)" 'bad:1: '

# compose, forward
b --json compose --to a@b.example --subject Hi --attach "$T/mails/3" >"$T/new"
is "a new mail with a file" "$(b --json draft show "$(j 'rows[-1]["draft"]' <"$T/new")" | j '(rows[0]["subject"],[f["name"] for f in rows[0]["files"]])')" "('Hi', ['3'])"
like "forwarded" "$(b --json forward "$C" --to c@d.example | j 'rows[-1]["text"]')" 'Forwarded message'

# cells of a table are cut for a person's eyes only, messages for nobody's
mail "$T/long" "Chamber of Commerce and Industry <news@chamber.example>" "Tue, 24 Nov 2026 09:20:00 +0100" "An evening for the members of the chamber, with music and a late supper" <<'M'
Come and see.
M
b --quiet import "$T/long"
W='Chamber of Commerce and Industry .*An evening for the members of the chamber, with music and a late supper'
L=$(id_of "late supper")
b triage "$L" >/dev/null
like "whole in a pipe: triage" "$(b triage "$L")" "$W"
like "  search" "$(b search supper)" "$W"
tty() { script -qec "stty cols 80; '$BUREAU' --home '$H' $*" /dev/null </dev/null 2>&1; }
like "cut on a terminal: triage" "$(tty triage "$L")" 'Chamber of Commer… An evening for the members of the… '
like "  search" "$(tty search supper)" 'Chamber of Commerce…  An evening for the members of the cha…'
b archive "$L" >/dev/null
like "what was taken back is named whole" "$(tty undo)" 'An evening for the members of the chamber, with music and a late supper \(j[0-9]+\)'
b import "/no$(printf '/such-folder%.0s' $(seq 60))" >/dev/null
like "an error ends with what happened, however long the name" "$(cat "$T/err")" '^bureau: /no/such-folder.*….*: there is no such file$'
done_testing
