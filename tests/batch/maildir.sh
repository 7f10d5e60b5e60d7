#!/bin/bash
# accounts of kind maildir: new mail in, flags and moves both ways, safe beside other programs
. "${SRCDIR:-.}/tests/tap.sh"
H=$T/h
M=$T/Maildir
b() { "$BUREAU" --home "$H" "$@"; }
mkdir -p -m 700 "$H"
mkdir -p "$M"/{cur,new,tmp} "$M"/.Archive/{cur,new,tmp}
cat > "$H/bureaurc" <<RC
account work from "Anna Li <anna@example.com>" maildir $M
RC
chmod 600 "$H/bureaurc"
NOW=$(date +%s)
mail() { # SUBJECT ID
    printf 'From: Bob <bob@example.com>\nTo: anna@example.com\nSubject: %s\nMessage-ID: <%s>\nDate: %s\n\nHello.\n' "$1" "$2" "$(date -R)"; }
get() { python3 -c '
import json, sys
for line in sys.stdin:
    try: v = eval(sys.argv[1], {"o": json.loads(line)})
    except KeyError: continue
    print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False))' "$1"; }
sync() { b --quiet work --once > "$T/.sync" 2>&1 || cat "$T/.sync"; }
show() { b --json show "$1" | get '" ".join([o["folder"], *o["flags"]])'; }
find_id() { b --json search "id:$1" | get 'o["id"]'; }
files() { (cd "$M" && find . -type f | sed 's/^\.\///' | sort); }

mail one a1@x > "$M/new/$NOW.M1.host"
mail two a2@x > "$M/cur/$NOW.M2.host:2,S"
mail three a3@x > "$M/.Archive/cur/$NOW.M3.host:2,RS"
sync
is "folders are found" "$(b --json folder list | get '[o["account"], o["name"], o["messages"]]' | tr '\n' ' ')" '["work", "INBOX", 2] ["work", "Archive", 1] '
is "the account says so, too, and when" "$(b --json account list | get '[o["name"], o["address"], o["kind"], o["folders"], o["messages"], o["unread"], o["last_sync"][:2]]')" '["work", "anna@example.com", "maildir", 2, 3, 1, "20"]'
m1=$(find_id a1@x) m2=$(find_id a2@x) m3=$(find_id a3@x)
is "flags from the names" "$(show "$m1") / $(show "$m2") / $(show "$m3")" "INBOX unread / INBOX / Archive replied"
is "no file was touched" "$(files)" "$(printf '%s\n' ".Archive/cur/$NOW.M3.host:2,RS" "cur/$NOW.M2.host:2,S" "new/$NOW.M1.host")"

# ours goes out at once
b --quiet mark-read "$m1" > /dev/null; b --quiet flag "$m2" > /dev/null
is "read and flagged are written to the names" "$(files)" "$(printf '%s\n' ".Archive/cur/$NOW.M3.host:2,RS" "cur/$NOW.M1.host:2,S" "cur/$NOW.M2.host:2,FS")"
b --quiet archive "$m1" > /dev/null
ok "archive moves the file, its unique part stays" test -f "$M/.Archive/cur/$NOW.M1.host:2,S"
b --quiet undo > /dev/null
ok "undo moves it back" test -f "$M/cur/$NOW.M1.host:2,S"
b --quiet delete "$m1" > /dev/null
ok "a trash folder is made" test -f "$M/.Trash/cur/$NOW.M1.host:2,S"
b --quiet undo > /dev/null
sync
is "a sync after that changes nothing" "$(show "$m1") / $(show "$m2")" "INBOX / INBOX flagged"

# other programs
mv "$M/cur/$NOW.M2.host:2,FS" "$M/cur/$NOW.M2.host:2,RST"
mail four a4@x > "$M/new/$NOW.M4.host"
sync
is "flags of another program" "$(show "$m2")" "INBOX replied"
ok "letters that are not ours stay" bash -c "b() { '$BUREAU' --home '$H' \"\$@\"; }; b --quiet flag $m2 && test -f '$M/cur/$NOW.M2.host:2,FRST'"
m4=$(find_id a4@x)
is "new mail appears" "$(show "$m4")" "INBOX unread"
mv "$M/new/$NOW.M4.host" "$M/.Archive/cur/$NOW.M4.host:2,S"
sync
is "moved by another program" "$(show "$m4")" "Archive"
is "it is one message still" "$(b --json count '*' | get 'o["count"]')" 4

# what a filter puts into a folder waits in the inbox, what anybody moves there does not
waiting() { b --json status | get 'sum(o["lanes"].values())'; }
before=$(waiting)
mkdir -p "$M"/.Filed/{cur,new,tmp}
mail sorted f1@x > "$M/.Filed/new/$NOW.F1.host"
mail mine f2@x > "$M/cur/$NOW.F2.host:2,"
mail theirs f3@x > "$M/cur/$NOW.F3.host:2,"
sync
is "a filter's folder is in sight" "$(waiting)" $((before + 3))
b --quiet move Filed "$(find_id f2@x)" > /dev/null
is "moved there: out of it" "$(waiting)" $((before + 2))
mv "$M/cur/$NOW.F3.host:2," "$M/.Filed/cur/$NOW.F3.host:2,"
sync
is "by another program, too" "$(show "$(find_id f3@x)") $(waiting)" "Filed unread $((before + 1))"
b --quiet undo > /dev/null
is "undo" "$(show "$(find_id f2@x)") $(waiting)" "INBOX unread $((before + 2))"
mv "$M/cur/$NOW.M1.host:2,S" "$M/cur/$NOW.M1.host:2,RS" # renamed behind our back
b --quiet flag "$m1" > /dev/null
ok "a renamed file is found by its unique part" test -f "$M/cur/$NOW.M1.host:2,FS" -o -f "$M/cur/$NOW.M1.host:2,FRS"
rm "$M/.Archive/cur/$NOW.M3.host:2,RS"
sync
is "deleted by another program: in the trash, not forgotten" "$(show "$m3")" "Trash replied deleted"
ok "raw bytes are still there" bash -c "'$BUREAU' --home '$H' show $m3 --raw | grep -q three"
ok "and no file was written for it" bash -c "! ls '$M/.Trash/cur' | grep -q M3"

# a file of the same name in the target is never overwritten
printf 'not ours\n' > "$M/.Archive/cur/$NOW.M2.host:2,FRST"
b --quiet archive "$m2" > "$T/out" 2>&1
is "a foreign file stays as it is" "$(cat "$M/.Archive/cur/$NOW.M2.host:2,FRST")" "not ours"
ok "our file is still somewhere" bash -c "grep -rlq 'a2@x' '$M'"
rm "$M/.Archive/cur/$NOW.M2.host:2,FRST"
sync
ok "and goes when the place is free" test -f "$M/.Archive/cur/$NOW.M2.host:2,FRST"

# another program took the file elsewhere just before: ours is the later word, and a deletion does not beat it
mkdir -p "$M"/.Lists/{cur,new,tmp}
mail moved b5@x > "$M/cur/$NOW.B5.host:2,S"
mail gone b6@x > "$M/cur/$NOW.B6.host:2,S"
sync
b5=$(find_id b5@x) b6=$(find_id b6@x)
mv "$M/cur/$NOW.B5.host:2,S" "$M/.Lists/cur/$NOW.B5.host:2,S"
rm "$M/cur/$NOW.B6.host:2,S"
b --quiet archive "$b5" > /dev/null; b --quiet flag "$b6" > /dev/null
sync; sync
is "moved by both: where we put it" "$(show "$b5") $(cd "$M" && find . -name "*.B5.*")" "Archive ./.Archive/cur/$NOW.B5.host:2,S"
is "deleted there and flagged here: it is there, flagged" "$(show "$b6") $(grep -rl 'b6@x' "$M" | grep -c 'cur/.*:2,FS')" "INBOX flagged 1"

# a program that runs sees new mail by itself
"$BUREAU" --home "$H" --quiet work > "$T/work.log" 2>&1 &
pid=$!
sleep 0.7
(cd "$M/tmp" && mail five a5@x > part && mv part "$M/new/$NOW.M5.host")
for i in $(seq 1 50); do m5=$(find_id a5@x); [ -n "$m5" ] && break; sleep 0.1; done
like "new mail appears while bureau work runs" "$m5" '^m[0-9]+$'
b --quiet mark-read "$m5" > /dev/null
for i in $(seq 1 30); do [ -f "$M/cur/$NOW.M5.host:2,S" ] && break; sleep 0.1; done
ok "a change beside it is written back" test -f "$M/cur/$NOW.M5.host:2,S"
kill -TERM $pid
for i in $(seq 1 100); do kill -0 $pid 2>/dev/null || break; sleep 0.01; done
ok "and it ends within a second of SIGTERM" bash -c "! kill -0 $pid"
kill -KILL $pid 2>/dev/null; wait $pid 2>/dev/null

# a mail that goes to Sent (imported into the account) is delivered there
mail sent s1@x > "$T/sent.eml"
b --quiet import "$T/sent.eml" --account work --folder Sent > /dev/null
is "a sent copy lies in the Maildir" "$(cat "$M"/.Sent/cur/* | grep -c 's1@x')" 1
sync
is "and comes in only once" "$(b --json count id:s1@x | get 'o["count"]')" 1

# a Maildir that was imported first and is followed later
H=$T/h7 M=$T/M7
mkdir -p -m 700 "$H"; mkdir -p "$M"/{cur,new,tmp}
mail kept k1@x > "$M/cur/$NOW.K1.host:2,S"
mail put k2@x > "$M/cur/$NOW.K2.host:2,"
b --quiet import "$M" > /dev/null
k1=$(find_id k1@x) k2=$(find_id k2@x)
b --quiet archive "$k2" > /dev/null
printf 'account work from "Anna Li <anna@example.com>" maildir %s\n' "$M" > "$H/bureaurc"; chmod 600 "$H/bureaurc"
sync; sync
is "what was imported belongs to the account now" "$(b --json show "$k1" | get '[o["account"], o["folder"]]')" '["work", "INBOX"]'
is "what was archived meanwhile goes to its archive" "$(b --json show "$k2" | get '[o["account"], o["folder"]]')" '["work", "Archive"]'
rm "$H/bureaurc"
is "an account that was taken out of bureaurc keeps its mail" "$(b --json account list | get '[o["name"], o["kind"], o["messages"]]' | grep work)" '["work", "local", 2]'
printf 'account %s from "Anna Li <anna@example.com>" imap imaps://me:se:cret@mail.example.com:1993/x smtp smtps://x:cret@smtp.example.com\n' srv > "$H/bureaurc"
chmod 600 "$H/bureaurc"
is "an account's servers, without what logs in" "$(b --json account list | get '[o["name"], o["kind"], o["imap"], o["smtp"], o["folders"], "cret" in str(o), "last_sync" in o]')" '["srv", "imap", "mail.example.com:1993", "smtp.example.com", 0, false, false]'
ok "its file too" test -f "$M/.Archive/cur/$NOW.K2.host:2,"
is "and nothing came in twice" "$(b --json count '*' | get 'o["count"]')" 2
like "a sync without any account says how to get one" "$("$BUREAU" --home "$T/none" sync 2>&1)" "setup"
# what is no Maildir
mkdir -m 700 "$T/none"; mkdir "$T/plain"; echo x >"$T/plain/mail"
for where in "$T/plain" "$T/nowhere" "$T/plain/mail"; do
    printf 'account work from "A <a@b.test>" maildir %s\n' "$where" >"$T/none/bureaurc"; chmod 600 "$T/none/bureaurc"
    exits 1 "sync of what is no Maildir fails" "$BUREAU" --home "$T/none" sync
    like "and says so" "$(cat "$T/.out")" "work: $where is no (Maildir|directory)"
    like "with what to do" "$(cat "$T/.out")" 'hint: mend the path in bureaurc'
    like "so does doctor" "$("$BUREAU" --home "$T/none" doctor 2>&1)" "fail +maildir +work: $where is no "
done
mkdir -p "$T/plain/INBOX/cur" "$T/plain/INBOX/new"
printf 'account work from "A <a@b.test>" maildir %s\n' "$T/plain" >"$T/none/bureaurc"
exits 0 "a folder of Maildirs is one" "$BUREAU" --home "$T/none" sync
like "for doctor, too" "$("$BUREAU" --home "$T/none" doctor 2>&1)" "ok +maildir +work: $T/plain"
done_testing
