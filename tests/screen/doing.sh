#!/bin/sh
# doing.sh - snooze, mute, batches and their undo by key at 80x24; the journal on the screen; questions for a yes.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$T/fresh"
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }

again
screen "the tab's count falls while a mail is read; what is answered at once was read" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
row 0 1 Inbox 6
key Enter
wait 能否在周五前
row 0 1 Inbox 5
key q
wait Contract draft
burst Down Enter w
wait Re: Contract draft
key Esc
gone Re: Contract draft
key q
wait Q3 报价单
row 0 1 Inbox 4
key Q
exit 0
END

again
screen "s snoozes, u brings it back; b lists what is snoozed; M mutes" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
row 2 > N answer 09:12  李娜
key s
wait snooze until
type tomorrow 8:30
key Enter
gone Q3 报价单
wait 1 snoozed until Wed 2026-11-25 08:30; u puts it back
key u
row 2 > N answer 09:12  李娜
key s
wait snooze until
type 8:00
key Enter
wait “8:00” has passed
row 2 李娜
key C-u
type 明天上午
key Enter
gone Q3 报价单
key b
wait snoozed
key / s n o o z e Enter Enter
wait Snoozed
row 2 李娜
row 2 tomorrow 09:00
key Esc Esc
wait Contract draft
key M
gone Contract draft
wait 1 muted
key u
wait Contract draft
key Q
exit 0
END

again
screen "marks and ranges: one batch, one undo" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key v j j v
wait 3 marked
key a
wait 3 archived; u puts it back
gone Invoice 2231
key u
wait Invoice 2231
wait Q3 报价单
key C-r
gone Invoice 2231
key u
wait Invoice 2231
key Q
exit 0
END

again
screen "what is moved to a folder leaves the inbox, and comes back" 80x24 "$BUREAU" --home "$H" <<'END'
wait 供应商资料更新
row 0 Inbox 6
key G
key m
wait move to
type Projects/Haitian
key Enter
wait 1 moved to Projects/Haitian
gone 供应商资料更新
row 0 Inbox 5
key u
wait 供应商资料更新
row 0 Inbox 6
key m
wait move to
type Projects/Haitian
key Enter
gone 供应商资料更新
key Q
exit 0
END
screen "also at the next start" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
gone 供应商资料更新
row 0 Inbox 5
key Q
exit 0
END

again
"$BUREAU" --home "$H" --quiet move "Old Items" t1 >/dev/null
"$BUREAU" --home "$H" --quiet move Projects t1 >/dev/null
"$BUREAU" --home "$H" --quiet label --add later t1 >/dev/null
screen "folders complete by what is typed, with blanks in them; a new one is said to be new" 80x24 "$BUREAU" --home "$H" <<'END'
wait Contract draft
key / C o n t r a c t Enter
key m
wait move to
type pro
key Tab
row -2 move to Projects
key C-u
type old i
key Tab
row -2 move to Old Items
key Enter
wait 1 moved to Old Items; u puts it back
key u
wait 1 change taken back: move, Contract draft, clause 7
type :move old
key Tab
row -2 :move Old\ Items
key C-c
key m
type Partners
key Enter
wait 1 moved to Partners, a new folder; u puts it back
key u
wait 1 change taken back
key Q
exit 0
END

again
screen "a query from the command line of the screen; many ask first" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
type :archive --query *
key Enter
wait means everything: do it all the same?  y yes  n no
key n
wait Q3 报价单
type :archive --query *
key Enter
wait do it all the same?
key y
wait Nothing waits for you here
key u
wait Q3 报价单
type :label --add project --threads --query from:berger
key Enter
wait 1 labelled
key Q
exit 0
END
is '  it did' "$("$BUREAU" --home "$H" --json count label:project)" '{"count":1,"type":"result"}'

again
"$BUREAU" --home "$H" --quiet flag t1 t2 t3 >/dev/null
screen "the journal: a batch opens, one thing of it is taken back, then the rest" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
type :journal
key Enter
wait Journal
row 2 > j2
row 2 flag
key Enter
wait What it did
row 2 flagged
key j u
wait 1 change taken back
key Esc
wait Journal
key G k u
wait 2 changes taken back
wait undone
key Q
exit 0
END
is '  nothing is flagged' "$("$BUREAU" --home "$H" --json count is:flagged)" '{"count":0,"type":"result"}'

again
"$BUREAU" --home "$H" --quiet archive t1 >/dev/null
screen "what was not done on this screen is asked before u takes it back" 80x24 "$BUREAU" --home "$H" <<'END'
wait Contract draft
key u
wait was not made here
key Esc
key u
wait was not made here
key y
wait 1 change taken back
key C-r
wait 1 change done again
key Q
exit 0
END

again
"$BUREAU" --home "$H" --quiet snooze +3min t2 >/dev/null
screen "what comes back is named and unread" 80x24 /usr/bin/env BUREAU_NOW=2026-11-24T09:32:58+01:00 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
wait back: 
wait back 09:33
key Q
exit 0
END

again
cat >"$T/2026-11-24 weekly.vtt" <<'VTT'
WEBVTT

VTT
for i in $(seq 10 59); do printf '00:%s:00.000 --> 00:%s:05.000\n<v Li Na>Point %s of the agenda, as every week.</v>\n\n' $i $i $i; done >>"$T/2026-11-24 weekly.vtt"
printf '01:02:03.000 --> 01:02:07.000\n<v Tom Berger>The pallets go by ship to Qingdao.</v>\n\n01:03:00.000 --> 01:03:05.000\n<v Li Na>Good.</v>\n' >>"$T/2026-11-24 weekly.vtt"
"$BUREAU" --home "$H" meet import "$T/2026-11-24 weekly.vtt" >/dev/null
printf 'From: anna@example.com\nTo: Tom Berger <tom@acme.example>\nDate: Mon, 16 Nov 2026 09:00:00 +0100\nMessage-ID: <own1@x>\nSubject: pallet-order\n\nTen, please.\n' >"$T/own1"
"$BUREAU" --home "$H" --quiet import "$T/own1" >/dev/null
screen "// searches everywhere while it is typed; Esc comes back to the same result; a transcript opens at the moment" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key / /
wait search everywhere
wait is:unread has:attachment
type contr
row 1 contr  1 found
row 2 Contract draft
key C-u
type 报
row 2 报价单
type 价单
row 1 报价单  1 found
type  from:
wait column
row 2 报价单
type li
row 1 报价单 from:li  1 found
key C-u
type in
row 1 in  
key C-u
type pallet-order
row 2 to Tom Berger
key C-u
type qingdao
row 1 1 found
key Enter
gone search everywhere
row 1 qingdao  1 found
key O
row 1 1 found, the best first
key Enter
wait 01:02:03
row -3 Tom Berger
key Esc
row 1 qingdao  1 found, the best first
row 2 > n1
key O
row 1 qingdao  1 found
key C-x f
wait search everywhere
key C-u
type nothing of the kind
wait Nothing found
key Esc
row 1 qingdao  1 found
key q
wait Contract draft
key Q
exit 0
END
screen "earlier searches are there at the next start; one gets a name" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key C-x f
wait search everywhere
key Up
row -2 qingdao
key C-u
type from:berger OR from:ruiz
key Enter
row 1 3 found
type :save-search partners
key Enter
wait kept as "partners"
key q
key b
wait partners
wait partners           3  from:berger
key / p a r t n e r s Enter Enter
row 1 from:berger OR from:ruiz  3 found
key Q
exit 0
END

for a in work home; do mkdir -p "$T/two/$a.box/cur" "$T/two/$a.box/new" "$T/two/$a.box/tmp"; done; chmod 700 "$T/two"
printf 'account work from "Anna <anna@example.com>" maildir %s\naccount home from "A <a@home.example>" maildir %s\n' "$T/two/work.box" "$T/two/home.box" >"$T/two/bureaurc"; chmod 600 "$T/two/bureaurc"
printf 'From: X <x@y.example>\nTo: anna@example.com\nDate: Tue, 24 Nov 2026 09:00:00 +0100\nMessage-ID: <z1@x>\nSubject: at work\n\nPlease answer?\n' >"$T/two/work.box/cur/1.M1.h:2,"
printf 'From: X <x@y.example>\nTo: a@home.example\nDate: Tue, 24 Nov 2026 09:01:00 +0100\nMessage-ID: <z2@x>\nSubject: at home\n\nHello\n' >"$T/two/home.box/cur/2.M1.h:2,"
"$BUREAU" --home "$T/two" --quiet sync >/dev/null
screen "two accounts in one inbox: which one is said; each alone in the side list; in: takes an account" 80x24 "$BUREAU" --home "$T/two" <<'END'
wait at work
wait at home
key / w o r k Enter
wait [work/INBOX]
key / h o m e Enter
wait [home/INBOX]
key b
wait INBOX              home  1
wait INBOX              work  1
key Esc
key C-x f
wait search everywhere
type in:home
row 1 in:home  1 found
row 2 at home
key Esc
key Q
exit 0
END

again
printf 'From: Ports <ports@list.example>\nTo: anna@example.com\nDate: Tue, 24 Nov 2026 07:00:00 +0100\nMessage-ID: <long1@x>\nSubject: Harbours\nList-Id: <p.list.example>\nList-Unsubscribe: <https://list.example/leave?list=ports&member=anna&token=%s0123456789end>\nPrecedence: bulk\n\nx\n' "$(printf 'a%.0s' $(seq 60))" >"$T/long1"
"$BUREAU" --home "$H" --quiet import "$T/long1" >/dev/null
screen "U: a list that offers only a page: its address is whole, and can be copied" 80x24 "$BUREAU" --home "$H" <<'END'
wait Harbours
key / H a r b o u r Enter
key U
wait leads to list.example
wait https://list.example/leave?list=ports&member=anna
wait 0123456789end
wait y copies the address
key y
wait sent to the terminal
key q
wait Harbours
key Q
exit 0
END

again
screen "in Chinese" 80x24 /usr/bin/env LANGUAGE=zh_CN LC_ALL=C.UTF-8 BUREAU_LOCALEDIR="$BUILD/po/locale" "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key s
wait 推迟到
type 下周三 15:00
key Enter
wait 1 个会话已推迟到
gone Q3 报价单
key u
wait Q3 报价单
wait 已撤销：推迟
type :journal
key Enter
wait 日志
wait 推迟  2026-
wait 推迟  撤销
wait 导入  邮件 6 封，笔记 0 篇
key Enter
wait 回到收件箱
key Q
exit 0
END
done_testing
