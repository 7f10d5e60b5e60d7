#!/bin/sh
# lists.sh - the list, the reader, keys that every pane knows, sizes.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$T/fresh"
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }

again
screen "list, reader and back, command line, leaving" 80x24 "$BUREAU" --home "$H" <<'END'
wait 1 Inbox
wait Q3 报价单
row -2 Enter open
attr 2 0 reverse
key j
attr 3 0 reverse
key k
key Enter
wait ? more
key q
wait Contract draft, clause 7
key :
row -2 :
type messages
key Enter
wait Nothing was said yet.
key q
wait Contract draft, clause 7
key q
exit 0
END

again
screen "an unknown key is named, help lists keys and is searched" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key Z
wait Z is no key here
type :snooze sometime
key Enter
wait “sometime” is not a time that can be read
wait 下周三 15:00
key ?
wait Help: / searches, q back
wait :lane answer act wait meet fyi bulk risk done
refuse :lane wait
wait the other way when it is so already
key /
type all recipients
key Enter
wait :reply --all
key q
wait Q3 报价单
key Q
exit 0
END

again
screen "search here, and over everything with the way back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key /
type travel
key Enter
wait >
key /
type /苏州仓库
key Enter
wait found
key Enter
wait message
key Esc
wait found
key Esc
wait 1 Inbox
key Q
exit 0
END

again
screen "a search with a name stands among the folders" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key C-x f
type clause
key Enter
wait found
key :
type save-search contracts
key Enter
wait kept as
key q
key b
wait contracts
key /
type contracts
key Enter Enter
wait 1 found
key q
wait contracts
key d
gone contracts
key q Q
exit 0
END
again
screen "marks and Esc" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key Space Space
wait 2 marked
row 2 x
key Esc
gone 2 marked
key *
wait marked
key Esc
gone marked
key Q
exit 0
END

again
screen "a field that is none is named while the query is typed, and behind it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key C-x f
type http://a.example 9:00
wait 0 found
key C-u
type folder:INBOX
wait no field folder: in:INBOX
key Enter
row -3 no field folder: in:INBOX
key Esc
key Q
exit 0
END

again
screen "what is cut says so, and how many were found stands behind it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
type :flag --query subject:policy
key Enter
wait 1 flagged
key C-x f
type kind:mail (from:berger OR from:ruiz OR from:haitian OR from:news OR subject:travel)
key Enter
wait …  5 found
size 50x24
type :journal
key Enter
wait import  6 messa…
key q
wait found
key Q
exit 0
END

again
screen "a range is open until v, an action takes it, Esc drops it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key g v
wait range from here: move, then v again (or act: the range is taken)
key j j
wait range, 3 marked
row 2 x
row 3 x
row 4 x
key Esc
gone 3 marked
key j
gone marked
key g v j v
wait 2 marked   Esc clears
key Esc
gone 2 marked
key v j
wait range, 2 marked
key a
wait 2 archived
gone Contract draft, clause 7
gone Invoice 2231
key u
wait Invoice 2231
key Q
exit 0
END

again
screen "mail hits take the list's actions; rows stay or go as the query says" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key C-x f
type in:INBOX is:unread kind:mail
key Enter
wait 6 found
row -2 a archive
key g a
wait 1 archived
wait 5 found
key u
wait 6 found
key g v j i
wait 4 found
key u
wait 6 found
key *
wait 6 marked
key Esc
key g m
wait move to
type Projects
key Enter
wait 1 moved to Projects
wait 5 found
key t d
wait 5 found
key +
wait label
type later
key Enter
wait 1 labelled
row 2 Contract draft, clause 7  Dear Anna, could y…
key q
wait 1 Inbox
key Q
exit 0
END

again
"$BUREAU" --home "$H" --quiet note new --title "Terms" </dev/null >/dev/null 2>&1 || printf 'terms of Haitian\n' >"$T/terms.md"
[ ! -f "$T/terms.md" ] || "$BUREAU" --home "$H" --quiet import "$T/terms.md" --as note >/dev/null
screen "a hit that is no mail says so; one stays where the query still finds it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key C-x f
type kind:note
key Enter
wait 1 found
key a
wait is no mail: archive works on mails
key C-x f C-u
type travel
key Enter
wait Sign the travel policy
key a
wait 1 archived
wait Sign the travel policy
key r
wait what shall it say
key Esc
key Q
exit 0
END

again
screen "small and large, at once" 40x12 "$BUREAU" --home "$H" <<'END'
wait Inbox
row -2 ? more
size 120x40
row 39 offline
key Enter
wait │
key Tab j j
wait │
key z
gone │
key z
wait │
key C-x -
wait ────────
size 40x12
wait Inbox
size 1x1
size 500x200
wait Inbox
size 80x24
row -2 ? more
key Q
exit 0
END

again
screen "nothing is sent when nothing happens" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
quiet 1500
key Q
exit 0
END

again
screen "SIGTERM and SIGHUP give the terminal back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
signal TERM
exit 0
END
again
screen "a pasted text in a list is dropped" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
paste dddd\nq
wait the pasted text was dropped
expect Q3 报价单
key Q
exit 0
END
again
screen "+ asks for a label" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key +
row -2 label
type urgent
key Enter
wait labelled
key Q
exit 0
END
ok "the label is there" test "$("$BUREAU" --home "$H" count label:urgent)" = 1
again
screen ". and , lead from the reader to the next unread one" 80x24 "$BUREAU" --home "$H" <<'END'
wait answer 3
key Enter
wait 交货地点
key .
wait could you confirm clause 7
key .
wait when will invoice 2231
key ,
wait could you confirm clause 7
key Q
exit 0
END

again
mkdir -p "$T/box/cur" "$T/box/new" "$T/box/tmp"
printf 'account work from "Anna Li <anna@example.com>" maildir %s smtp smtp://127.0.0.1:1 plaintext\nset compose.mirror-after 10s\n' "$T/box" >>"$H/bureaurc"
"$BUREAU" --home "$H" --quiet compose --to tom@acme.example --subject Plan >/dev/null
BUREAU_NOW=2026-11-24T09:35:00+01:00 "$BUREAU" --home "$H" --quiet work --once
ok "a copy of the draft lies in the folder of drafts" test -n "$(ls "$T/box/.Drafts/cur")"
screen "a folder of drafts that holds only such copies is not listed as empty" 80x24 "$BUREAU" --home "$H" <<'END'
wait Inbox
key b
wait all mail
wait INBOX
refuse Drafts
key q
key D
wait Plan
key Q
exit 0
END
cat >"$T/box/.Drafts/cur/1.M1.other:2,DS" <<'D'
From: Anna Li <anna@example.com>
To: Tom <tom@acme.example>
Subject: From the phone
Message-ID: <phone@example.com>
Date: Tue, 24 Nov 2026 09:00:00 +0100

half a sentence
D
"$BUREAU" --home "$H" --quiet sync >/dev/null 2>&1
screen "with another program's draft in it, it is" 80x24 "$BUREAU" --home "$H" <<'END'
wait Inbox
key b
wait Drafts
key Q
exit 0
END

again
mkdir -p "$T/long/cur" "$T/long/new" "$T/long/tmp"
for i in 1 2 3 4 5 6; do
    { printf 'From: Bob <bob@example.com>\nTo: anna@example.com\nSubject: long walk\nDate: Mon, 23 Nov 2026 0%d:00:00 +0000\n' $i
      printf 'Message-ID: <walk%d@lists>\nReferences: <walk0@lists>\nMIME-Version: 1.0\nContent-Type: text/plain\n\n' $i
      for n in $(seq 60); do echo "step $n of day $i."; done; } >"$T/long/new/$i"
done
"$BUREAU" --home "$H" --quiet import "$T/long"
long=$("$BUREAU" --home "$H" search subject:walk --output ids | head -1)
screen "a long thread: its newest mail at once, its oldest one key later" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $long
key Enter G
wait step 60 of day 1.
key g
wait step 1 of day 6.
type /step 30 of day 2.
key Enter
wait step 30 of day 2.
key Q
exit 0
END
again
screen "a query that cannot be read says why, and is not looked for" 80x24 "$BUREAU" --home "$H" <<'END'
wait Inbox
key C-x f
wait search everywhere
type folder:INBOX
key Enter
row 1 no field folder
refuse looking
refuse ? more  ? more
key Q
exit 0
END
done_testing
