#!/bin/bash
# languages.sh - rows hold no language: what was done in one is read in the other.
. "${SRCDIR:-.}/tests/tap.sh"
case ${BUREAU_LOCALEDIR:=$BUILD/po/locale} in /*) ;; *) BUREAU_LOCALEDIR=$PWD/$BUREAU_LOCALEDIR ;; esac
export BUREAU_LOCALEDIR BUREAU_NOW=2026-11-23T12:00:00+01:00
H=$T/h
en() { LANGUAGE=en "$BUREAU" --home "$H" "$@"; }
zh() { LC_ALL= LANG=zh_CN.UTF-8 LANGUAGE=zh_CN "$BUREAU" --home "$H" "$@"; }
mail() { # NUMBER SUBJECT TEXT
  printf 'From: Bob <bob@example.com>\nTo: Anna <anna@example.com>\nDate: Mon, 23 Nov 2026 09:0%s:00 +0100\nMessage-ID: <m%s@x>\nSubject: %s\n\n%s\n' \
    "$1" "$1" "$2" "$3" >"$T/in/$1.eml"; }
mkdir -m 700 "$H"; mkdir "$T/in"
printf 'account work from "Anna <anna@example.com>" sendmail /bin/true;\nset me anna@example.com\n' >"$H/bureaurc"; chmod 600 "$H/bureaurc"
mail 1 "S 1" "Words."; mail 2 "S 2" "Words."; mail 3 "S 3" "Words."; mail 4 "S 4" "Words."

# the journal: all of it is done in Chinese
{
  zh import "$T/in"; zh flag m1; zh label --add x m1; zh move X m2; zh lane bulk t3; zh mute t1; zh thread join t1 t4
  zh snooze +1d t3; BUREAU_NOW=2026-11-25T12:00:00+01:00 zh work --once
  zh note new A; zh note edit n1 --title B --file - <<<"B"; zh note delete n1
  zh compose --to bob@example.com --subject Hi; zh draft edit d1 --file - <<<"Hello."
  zh send d1 --yes --at +1d; zh outbox cancel o1; zh draft delete d1 --yes
  zh undo --yes; zh send d1 --yes
} >"$T/log" 2>&1
E=$(en journal --items) Z=$(zh journal --items)
unlike "what was done in Chinese is read in English" "$E" '[^ -~·…]'
for line in 'bureau  .* unsnooze · its time has come' 'me  .* lane · bulk' 'learned: - -> bulk' 'me  .* draft delete \(undone\)' 'me  .* draft delete · undo' \
    'deleted: no -> yes' 'send cancelled: taken back' 'send approved: d1 version [0-9]+, [0-9a-f]{64} <' 'title: A -> B' 'conversation: t4 -> t1' 'import · 4 messages, 0 notes'; do
  like "in English: $line" "$E" "$line"
done
left=$(printf '%s\n' "$Z" | sed -E 's/<[^>]*>|[0-9a-f]{64}|[0-9a-f]{32}@example.com//g; s/^ *[a-z][0-9]+ //; s/bureau  //; s/INBOX -> X|移动 · X| x |: A -> B|\bd1\b|S [0-9]|: (n1|B)$//g' | grep -E '[A-Za-z]{2,}')
is "nothing English stands in the Chinese journal" "$left" ""
for line in '取消推迟 · 时间到了' '我  .* 分类 · 群发' '学到: - -> 群发' '删除草稿（已撤销）' '删除草稿 · 撤销' '已删除: 否 -> 是' '已取消发送: 已收回' '批准发送: d1 第 [0-9]+ 版' '标题: A -> B' '导入 · 邮件 4 封，笔记 0 篇'; do
  like "in Chinese: $line" "$Z" "$line"
done
is "objects hold the codes in any language" "$(zh --json journal)" "$(en --json journal)"
is "a row is found by its code and by its words" "$(zh journal unsnooze | wc -l) $(zh journal 取消推迟 | wc -l)" "1 1"
like "a refused undo, too" "$(en undo j9999 2>&1; en undo "$(en --json journal | grep outbox.approved | head -1 | grep -o "j[0-9]*")" 2>&1)" '\(send approved\) cannot be undone'
like "undo says in words what it took back" "$(zh undo j2 2>&1)" '星标'
unlike "in no other language's" "$(zh undo j3 2>&1)" 'label'
like "a refusal, too" "$(zh undo j1 2>&1)" 'j1（?.*导入'

# rows of before, with sentences of a language
python3 - "$H/bureau.db" <<'P'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE journal_batch SET why='时间到了' WHERE what='unsnooze'")
db.execute("UPDATE journal_batch SET who='sync', what='conflict', why='another program changed it meanwhile: not deleted' WHERE what='mute'")
db.commit()
P
like "a sentence of before whose code is known" "$(en journal unsnooze)" 'its time has come'
like "an English one" "$(zh journal conflict)" '同步 .*冲突 · 另一个程序'

# why a mail is in its lane: sorted in Chinese, too
letter() { printf '%s\n' "$2" >"$T/in/$1.eml"; }
letter q 'From: Bob <bob@example.com>
To: Anna <anna@example.com>
Date: Mon, 23 Nov 2026 09:10:00 +0100
Message-ID: <q@x>
Subject: Q

Can you tell me the price? Could you send me the plan by Friday? When do you come?'
letter l 'From: News <a@news.example>
To: anna@example.com
Date: Mon, 23 Nov 2026 09:11:00 +0100
Message-ID: <l@x>
List-Unsubscribe: <mailto:x@y>
Subject: L

Nothing.'
letter d 'From: MAILER-DAEMON@mx.example
To: anna@example.com
Date: Mon, 23 Nov 2026 09:12:00 +0100
Message-ID: <d@x>
Subject: D
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; nobody@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user
--b
Content-Type: text/rfc822-headers

Message-ID: <gone@x>
--b--'
letter s 'From: Anna <anna@example.com>
To: Bob <bob@example.com>
Date: Fri, 20 Nov 2026 09:10:00 +0100
Message-ID: <s@x>
Subject: S

Could you send me the numbers, please?'
letter m 'From: Eve <eve@example.com>
To: Anna <anna@example.com>
Date: Mon, 23 Nov 2026 09:13:00 +0100
Message-ID: <e1@x>
Subject: E1

A first word.'
zh import "$T/in" >/dev/null 2>&1
id() { en --json search "id:$1" | sed -n 's/.*"thread":"\(t[0-9]*\)".*/\1/p'; }
zh lane meet "$(id e1@x)" >/dev/null
letter m 'From: Eve <eve@example.com>
To: Anna <anna@example.com>
Date: Mon, 23 Nov 2026 09:14:00 +0100
Message-ID: <e2@x>
Subject: E2

A second word.'
zh import "$T/in" >/dev/null 2>&1
zh triage --offline >/dev/null 2>&1
reason() { "$1" --json triage | grep "\"id\":\"$(id "$2")\"" | sed -n 's/.*"reason":"\([^"]*\)".*/\1/p'; }
while IFS='|' read -r mail english chinese; do
  is "in English: $english" "$(reason en "$mail")" "$english"
  is "in Chinese: $chinese" "$(reason zh "$mail")" "$chinese"
done <<'R'
q@x|3 things are asked|向您问了 3 件事
l@x|a newsletter: it can be unsubscribed|可以退订的通讯
d@x|could not be delivered to nobody@example.org: 550 no such user|未能送达 nobody@example.org：550 no such user
s@x|you asked 3 days ago|您 3 天前问过
e2@x|you moved mail from eve@example.com here|您 1 次把 eve@example.com 的邮件移到这里
e1@x|you said so|您这样说过
R
python3 - "$H/bureau.db" <<'P'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE triage SET reason='有事', code='' WHERE code LIKE 'questions%'")
db.commit()
P
is "a sentence of before stays as it was written" "$(reason en q@x) $(reason zh q@x)" "有事 有事"

# an office that is Chinese throughout: lanes, states, kinds and checks in words, whatever command shows them
C=$T/c
c() { LC_ALL= LANG=zh_CN.UTF-8 LANGUAGE=zh_CN "$BUREAU" --home "$C" "$@" </dev/null 2>&1; }
e() { LANGUAGE=en "$BUREAU" --home "$C" "$@" </dev/null 2>&1; }
mkdir -m 700 "$C"; mkdir -p "$T/cin" "$T/cmail/cur" "$T/cmail/new" "$T/cmail/tmp"
printf 'account work from "安娜 <anna@example.com>" sendmail /bin/false; maildir %s\nset me anna@example.com\n' "$T/cmail" >"$C/bureaurc"; chmod 600 "$C/bureaurc"
letter() { # NUMBER SUBJECT TEXT
  printf 'From: 王 <w@example.com>\nTo: 安娜 <anna@example.com>\nDate: Mon, 23 Nov 2026 09:0%s:00 +0100\nMessage-ID: <c%s@x>\nContent-Type: text/plain; charset=utf-8\n%sSubject: %s\n\n%s\n' \
    "$1" "$1" "${4:+$4$NL}" "$2" "$3" >"$T/cin/$1.eml"; }
NL='
'
letter 1 报价 '请问周五前能把报价单发给我吗？价格是多少？'
letter 2 新闻 '本周新闻。' 'List-Unsubscribe: <mailto:x@y.example>'
letter 3 会议 '我们明天下午三点开会。请准备材料。'
letter 4 归档 '谢谢。'
c import "$T/cin" >/dev/null; c sync >/dev/null
c meet minutes "$(printf 'WEBVTT\n\n00:00:01.000 --> 00:00:05.000\n<v 王>我们决定周五发布。\n' >"$T/会.vtt"; e meet import "$T/会.vtt" --title 会 | cut -d' ' -f1)" --offline >/dev/null
c triage --offline >/dev/null; c lane bulk t4 >/dev/null; c archive m4 >/dev/null
echo '您好，12 月 5 日，300 元。' >"$T/正文"
c reply t1 --offline >"$T/reply"; c draft edit d1 --file "$T/正文" >/dev/null; c compose --to w@example.com --subject 您好 >>"$T/reply"; c draft edit d2 --file "$T/正文" >/dev/null
c send d2 --yes --at +1d >"$T/send"; c outbox cancel o1 >"$T/cancel"; c send d2 --yes >>"$T/send"; c send d2 --yes --at +1d >>"$T/send"
c forward m1 >/dev/null; c draft delete d3 --yes >/dev/null
c ask 报价什么时候要 --offline --office >/dev/null
foreign() { # what is neither an id, an address, a path, a command to type nor a name that has no Chinese (the reader's box is made of such)
  sed -E 's/local\/INBOX|<[^>]*>|[^ ：，；]+@[^ ：，；]+|\/[^ ：，；]*|\b[a-z][0-9]+\b|[0-9a-f]{16}//g
    s/^(ok|warn|fail) |^(work|local) |账户 work|  work：|  (INBOX|Archive)  |List-Unsubscribe|Maildir|UTF-8|zh_CN|读取器.*|[MK]i?B\b|(Re|Fwd): //g
    s/^bureau: |bureau (send|outbox run|work)|bureau [0-9.]+|draft edit  --to|再 send|outbox retry|sendmail//g' | grep -E '[A-Za-z]{2,}'; }
while read -r line; do
  is "nothing English stands in Chinese: $line" "$(c $line | foreign)" ""
done <<'L'
triage
triage t1
status
outbox
outbox list --all
draft list --all
draft show d1
draft check d1
show m1
thread t1
account list
folder list
job list --all
sync
doctor
config check
verify
chat show c1
search *
note list
note show n1
L
is "nor in what a reply, a send and a taking back say" "$(cat "$T/reply" "$T/send" "$T/cancel" | foreign)" ""
is "nor in the head of what was sent" "$(c outbox show o2 | head -1 | foreign)" ""
for line in 't2 +群发 ' '\(事实\)' '\(离线引擎\)'; do like "a lane and who sorted: $line" "$(c triage)" "$line"; done
like "the line of tmux" "$(c status)" '待回复 1.*待发 1'
like "states of the outbox" "$(c outbox list --all)" '^o3 +待发 '
like "failed" "$(c outbox list --all)" '^o2 +失败 '
like "a deleted draft" "$(c draft list --all)" '^d3 +已删除 '
like "a job's kind and state" "$(c job list --all)" '起草 +完成'
like "a fact's kind" "$(c draft check d1)" '金额|日期'
like "a check" "$(c doctor)" '^ok    账户 work  以'
like "how an answer ended" "$(c chat show c1)" '\(x2, 离线引擎, 完整\)'
is "the codes stay in objects" "$(c --json outbox list --all)$(c --json draft list --all)$(c --json triage | grep -o '"lane":"[a-z]*"')$(c --json status)$(c --json job list --all)" \
  "$(e --json outbox list --all)$(e --json draft list --all)$(e --json triage | grep -o '"lane":"[a-z]*"')$(e --json status)$(e --json job list --all)"
# a model that is not reached, and what takes over
printf 'model 大 url http://127.0.0.1:9/v1 name 大 fallback offline\n' >>"$C/bureaurc"
c summary t1 >"$T/summary"
is "nothing English stands in what takes over" "$(foreign <"$T/summary")" ""
like "the offline engine by its words" "$(cat "$T/summary")" '改用 离线引擎$'
is "nor in what has left" "$(c egress | foreign)" ""
like "for what" "$(c egress)" ' 摘要 +[0-9]'
# and in English no code a person would stumble over
for line in "journal --items" "outbox list --all" "draft list --all" "job list --all" doctor status triage verify; do
  is "no code in English: $line" "$(e $line | sed -E 's/[^ ]+@[^ ]+|\/[^ ]*//g' | grep -E '[a-z][._][a-z]')" ""
done

done_testing
