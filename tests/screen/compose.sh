#!/bin/sh
# compose.sh - writing on the screen: identities, completion of people (met, aliases, another program's book), files, lists,
# forwarding, drafts of other programs, links; warnings before sending.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$T/fresh"
b() { "$BUREAU" --home "$H" "$@"; }
get() { b --json draft show "$1" | /usr/bin/env python3 -c 'import json,sys
o=json.loads(sys.stdin.readlines()[-1])
for k in sys.argv[1].split("."): o=o[int(k)] if k.isdigit() else o.get(k,"")
print(json.dumps(o,ensure_ascii=False) if isinstance(o,(list,dict,bool)) else o)' "$2"; }
mkdir -p "$HOME/文件 夹"; printf 'x%.0s' $(seq 3000) >"$HOME/文件 夹/报价 单.pdf"; echo hello >"$HOME/文件 夹/notes.txt"
printf 'Anna Li\nExample GmbH\n' >"$T/sig"; printf 'Your support\n' >"$T/sig2"
cat >"$T/book" <<'B'
#!/bin/sh
echo "found 2"
printf 'zoe@book.example\tZoe Zhang\tfriend\n'
printf 'zo\033]0;x\007e2@book.example\tEvil\t\nzora@book.example\tZora \033[31mRed\trest\n'
B
chmod +x "$T/book"
again() {
  rm -rf "$H"; cp -a "$T/fresh" "$H"
  cat >>"$H/bureaurc" <<C
account work from "Anna Li <anna@example.com>" identity "Support <support@example.com>" smtp smtp://127.0.0.1:1 plaintext
account work signature $T/sig signature support@example.com=$T/sig2
alias boss "Big Boss" <boss@example.com>
alias berg Tom Berger <tom@acme.example>
set people.query-command "$T/book %s"
C
}

again
screen "a new mail: From by Up and Tab, people by alias, by name, from the book, files with spaces" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key c
wait Subject
row 2 From      Anna Li <anna@example.com>
type bos
key Tab
wait boss@example.com
type berg
key Tab
wait tom@acme.example
type zo
key Tab
wait in the address book
key Tab
wait zora@book.example
type e
key Tab
wait zoe@book.example
refuse Red
key Up
wait Tab another of yours
key Tab
row 3 Big Boss
row 2 From      Support <support@example.com>
key Enter
wait Your support
key Enter Enter Enter
type Offer for you
key Enter
type ~/文
key Tab
wait ~/文件 夹/
type 报
key Tab
wait ~/文件 夹/报价 单.pdf
key Enter
wait 1  报价 单.pdf
row 8 application/pdf
row 8 3 KB
type ~/文件 夹/notes.txt
burst Enter - 1 Enter
gone 报价 单.pdf
wait 1  notes.txt
type /no/such file
key Enter
wait no/such file
key Esc
wait Files 1
expect notes.txt
expect support@example.com
type Dear Zoe,
wait saved
key C-x q
wait 1 Inbox
key Q
exit 0
END
is "stored so" "$(get d1 from.address)|$(get d1 to.0.address)|$(get d1 to.1.name)|$(get d1 to.2.name)|$(get d1 files.0.name)|$(get d1 subject)" "support@example.com|boss@example.com|Tom Berger|Zoe Zhang|notes.txt|Offer for you"
is "under it the identity's signature" "$(get d1 text)" "Dear Zoe,

-- 
Your support"

again
printf 'Q\nQ\n' >/dev/null
screen "what one would be sorry for stands in the question, in Chinese too" 80x24 /usr/bin/env LANGUAGE=zh_CN BUREAU_LOCALEDIR="$BUILD/po/locale" "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait d1
type 王经理您好：
key Enter
type 附件是合同。
wait 已保存
key C-x Enter
wait 没有附文件
expect 称呼的是别人
key Esc
key C-x c
wait 请看
wait 正文提到附件
key C-x q
wait 收件
key Q
exit 0
END

zh() { LANGUAGE=zh_CN BUREAU_LOCALEDIR="$BUILD/po/locale" "$@"; }
for size in 80x24 60x20; do
again
screen "all facts and asks stand whole in the question and in the line of the checks at $size" $size "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type Dear Peter, attached is it for 900 EUR from Ms Weber by 12 December.
wait saved
wait not found
key C-x Enter
wait to 1 outside example.com, nothing
expect greets
expect 2 asks open
key Esc
gone Enter sends
key C-x q
key Q
exit 0
END
again
zh screen "the same in Chinese at $size" $size "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait 草稿 d1
type 王经理您好：附件是 900 元的合同，Ms Weber 于 12 月 12 日签。
wait 已保存
key C-x Enter
wait 称呼的是别人
expect 2 问未答
key Esc
key C-x q
key Q
exit 0
END
done

again
screen "a fact that Enter accepted is not asked for again in this draft, a new one is" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type We pay 900 EUR.
wait saved
key C-x Enter
wait 1 fact not found
key Enter
wait held 1
key C-x u
wait draft d1
wait We pay 900 EUR.
key C-x Enter
wait Enter sends
refuse not found
key Esc
gone Enter sends
type And 700 EUR more.
wait 2 by you, 1 not found (700 EUR)
key C-x Enter
wait 1 fact not found
key Esc
gone Enter sends
key C-x q
key Q
exit 0
END

again
screen "and whole in 40x12" 40x12 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key w
wait draft d1
type Dear Peter, attached is 900 EUR.
wait saved
key C-x Enter
row -5 Enter sends, Esc back: to 1 outside
wait nothing attached
wait not found
row -2 open
key Esc
key C-x q
key Q
exit 0
END

again
screen "the head in Chinese at 80x24, and in 40x12" 80x24 /usr/bin/env LANGUAGE=zh_CN BUREAU_LOCALEDIR="$BUILD/po/locale" "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key c
row 2 发件人    Anna Li <anna@example.com>
row 3 收件人
type 李
key Tab
wait li.na@haitian.example
expect Tab 补全
key Up
wait Tab 换一个身份
key Tab
row 2 support@example.com
key Enter Enter Enter Enter
type 报价
key Enter
wait Enter 附加
type ~/文件 夹/报
key Tab Enter
wait 1  报价 单.pdf  3 KB  application/pdf
size 40x12
wait 附件
wait 报价 单.pdf
size 80x24
key Esc
wait 附件 1
key C-x q
key Q
exit 0
END
is "stored so in Chinese" "$(get d1 from.address)|$(get d1 to.0.name)|$(get d1 subject)|$(get d1 files.0.name)" "support@example.com|李娜|报价|报价 单.pdf"

# a list, forwarding, and a draft that another program left
mail "$T/list" "Mia <mia@list.example>" "Tue, 24 Nov 2026 07:00:00 +0100" "[users] release" "List-Post: <mailto:users@list.example>" <<'M'
Which release do you run?
M
mail "$T/other" "Anna Li <anna@example.com>" "Tue, 24 Nov 2026 06:00:00 +0100" "Re: Q3 报价单" "In-Reply-To: <1@test.example>" <<'M'
李娜您好，写到一半
M
again; b --quiet import "$T/list" >"$T/out" 2>&1; b --quiet import "$T/other" --account work --folder Drafts >"$T/out" 2>&1
screen "L to the list, f with the files, drafts of another program" 80x24 "$BUREAU" --home "$H" <<'END'
wait [users] release
key :
type search release
key Enter
wait 1 found
key Enter
gone 1 found
wait Which release
key L
wait what shall it say?
key C-x w
wait users@list.example
key C-x q
wait Which release
key f
wait Forwarded message
wait Fwd: [users] release
key C-x q
gone Bcc
key C-x q
wait Which release
key q
key q
wait Q3 报价单
key b
wait Drafts
key G
wait Drafts
key Enter
wait Re: Q3 报价单
key Enter
wait 写到一半
expect To 
type 完
wait saved
key C-x q
wait Re: Q3 报价单
key Enter
wait 写到一半
row 1 d3 v
key C-x q
key Q
exit 0
END
is "it answers the mail it answered there" "$(get d3 message)|$(get d3 from.address)" "$(b --json search id:1@test.example | sed -n 's/.*"id":"\(m[0-9]*\)".*/\1/p' | head -1)|anna@example.com"

again
screen "reply to list on a mail of no list: said, and no empty editor" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key Enter
wait clause 7
key L
wait what shall it say?
key C-x w
wait does not come from a mailing list
refuse a new draft
expect clause 7
key Q
exit 0
END

again
screen "what is no address is seen before it is sent: in the line, in the head, in the checks; one comma is enough" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key c
wait Subject
type 李
key Tab
wait li.na@haitian.example>,
type ,tom@acme.example, bo
row 3 , tom@acme.example, bo
refuse , ,
key Down Down
type Kill test
key Down
type An offer
row -3 2 things to look at (bo is no mail address)
signal TERM
exit 0
END
screen "and again where it was left" 80x24 "$BUREAU" --home "$H" <<'END'
wait draft d1
row 2 To bo (no address), 李娜
row 3 Bcc Kill test (no address)
row -3 2 things to look at (bo is no mail address)
key C-x c
wait bo is no mail address
wait Kill test is no mail address
key C-x Enter
wait mend the recipients first: bo is no mail address
signal TERM
exit 0
END
exits 4 "nor does it leave from the command line" b send d1

again
screen "a mailto: link opens the draft" 80x24 "$BUREAU" --home "$H" 'mailto:tom@acme.example?subject=Hi%20%22there%22&body=From%20a%20link&attach=/etc/passwd' <<'END'
wait Hi "there"
wait tom@acme.example
wait From a link
wait “attach” is ignored
refuse passwd
key Esc
key C-x q
key Q
exit 0
END
done_testing
