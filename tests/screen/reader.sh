#!/bin/sh
# reader.sh - reading on the screen: what files are, attachments in the pane, other views of a mail, links, programs that open
# files, splitting a thread, mails that are big or mean harm.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
mkdir -m 700 "$T/fresh"
python3 "$SRC/tests/screen/reader_mails.py" "$T/mails"
printf 'set me anna@example.com\n' >"$T/fresh/bureaurc"; chmod 600 "$T/fresh/bureaurc"
"$BUREAU" --home "$T/fresh" --quiet import "$T/mails" >"$T/.import" 2>&1
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }
id() { "$BUREAU" --home "$T/fresh" search "id:$1@reader" --output ids | head -1; }
files=$(id files) invite=$(id invite) both=$(id both) html=$(id html) big=$(id big) signed=$(id signed) crypt=$(id crypt) inside=$(id inside) bombs=$(id bombs) opaque=$(id opaque) sealed=$(id sealed) second=$(id second) picture=$(id picture) old=$(id old) huge=$(id huge) outlook=$(id outlook) eml=$(id eml)

again
printf 'text/*; cat %%s; needsterminal\n' >"$HOME/.mailcap" # whatever the machine has
screen "files with what they really are; a table, an office file, a script that says it is a picture" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $files
key Enter
wait [1] 报价单.csv  table (CSV)
wait ! a file is something else than it says: photo.png
wait [2] Vertrag.docx  Word document
wait script, but says PNG picture
wait ../../setup.exe  program for Windows
key o 1
wait bolt   12   3.50
row 1 报价单.csv
key q
wait [1] 报价单.csv
key o 2
wait Pallet    120
key q
wait [1] 报价单.csv
key o 4
wait #!/bin/sh
key e
wait can do harm
key n
gone can do harm
key q
wait [1] 报价单.csv
key o 5
wait cannot be shown here
key q q Q
exit 0
END

again
screen "saved from the pane: a safe name, nothing overwritten" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $files
key Enter
wait [5]
key o 5
wait cannot be shown here
key s
wait save to folder
key Enter
row -3 saved: 
row -3 /setup.exe
key q
key A
wait Attachments and links
row -2 s save
key s
wait save to folder
key Enter
row -3 saved: 
key q q Q
exit 0
END
ok "  it lies in the folder, without a way out of it" test -s "$HOME/setup.exe"

again
screen "V h on a mail of text alone says so, from the reader and from a view" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $second
key Enter
wait ? more
key V h
wait $second has no HTML: it is text alone
key V s
wait Message-ID
key V h
wait has no HTML
row 1 source
key q q q Q
exit 0
END

again
screen "views: source, headers, parts, plain, HTML, and back" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $both
key Enter
wait Plain words only
key V h
wait HTML as text
wait Bolt  3.50
wait [1] https://evil.example/x
key V p
wait Plain words only
key V s
wait multipart/alternative
key V e
wait Message-ID: <both@reader>
gone Plain words
key V a
wait [2] text/html
key Enter
wait Plain words only
key q
wait [2] text/html
key V V
wait fyi
key q Q
exit 0
END

again
screen "links say where they lead; hidden text is told, H shows it and all warnings" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $html
key Enter
wait a link says one host and leads to another: bank.example, evil.example
wait [1] https://evil.example/x
wait bytes of text were hidden by the sender
refuse ignore all previous
key H
wait ignore all previous
wait the sender's name pretends to be an address
key o 1
wait https://evil.example/x   y copies it
key Esc
key q Q
exit 0
END

again
screen "an invitation: when it is here, how often, who" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $invite
key Enter
wait [invitation] Q3 会议
wait Fri 2026-11-27 07:00-08:00 CET (written for Asia/Shanghai)
wait every week, 4 times; next
wait Room 2, Suzhou
wait (comes)
key q Q
exit 0
END

again
screen "signed and encrypted: said, never ticked" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $signed
key Enter
wait signed with OpenPGP, not checked
refuse ✓
refuse ✔
type :show-id $crypt
key Enter
wait encrypted with OpenPGP: cannot be read here
key q q Q
exit 0
END

again
screen "S/MIME in one file: what is signed is read, its files too; what is encrypted says so" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $opaque
key Enter
wait signed with S/MIME, not checked
wait The price stays. 价格不变
wait [1] smime.p7m  S/MIME
wait [2] prices.csv  table (CSV)
refuse ✓
refuse ✔
key o 2
wait bolt  3.50
key q
wait [2] prices.csv
type :show-id $sealed
key Enter
wait encrypted with S/MIME: cannot be read here
refuse The price
key q q Q
exit 0
END

again
screen "a mail inside a mail" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $inside
key Enter
wait [1] a mail inside
key o 1
wait From: Marta Ruiz <marta@ruiz.example>
wait Date: 2026-11-23 08:00
wait The inner words
wait [1] sum.csv  table (CSV)
key o 1
wait 2231  1280
key q
wait The inner words
key w
wait To Marta Ruiz <marta@ruiz.example>
wait Re: Invoice
wait > The inner words.
key Esc
wait a mail inside  Invoice
key f
wait Fwd: Invoice
wait sum.csv
key Esc Esc
wait a mail inside  Invoice
key q q Q
exit 0
END

again
screen "a mail in a file that only its name tells" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $eml
key Enter
wait [1] Rechnung.EML  mail
key o 1
wait From: Marta Ruiz <marta@ruiz.example>
wait sum.csv  table (CSV)
key w
wait To Marta Ruiz <marta@ruiz.example>
key Esc
wait a mail inside  Invoice
key q q Q
exit 0
END

again
screen "a big mail is there at once and goes on to its end; the source too" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $big
key Enter
wait line 0 of
key PageDown PageDown
wait line 38 of
key G
wait line 29999 of
key g
wait line 0 of
key V s
wait Message-ID: <big@reader>
key G
wait line 29999 of
key q q Q
exit 0
END

again
screen "what an answer carries below it is folded, marked or not" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $outlook
key Enter
wait Clause 7 stays.
wait 7 lines quoted   H shows
refuse words of last week
key H
wait words of last week
key q q Q
exit 0
END

again
screen "of a huge mail the beginning is stored, the whole is one key away" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $huge
key Enter
wait row 0 of
key G G
wait The text goes on: V p shows all of it.
refuse row 119999
key V p
wait plain text  Huge
wait row 0 of
key G
wait row 119999 of
refuse There is more
key q q Q
exit 0
END

again
screen "archives and sheets that mean harm end in a word" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $bombs
key Enter
wait [1] bomb.docx
key o 1
wait There is more
key q
wait [1] bomb.docx
key o 2
wait 17  x17
key G
wait There is more
key q q Q
exit 0
END

again
screen "a thread is split at the mail on top, and undone" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $second
key Enter
wait 2 messages
type :thread split
key Enter
wait conversation of its own
wait 1 message
key u
wait 2 messages
key q Q
exit 0
END

again
screen "the same in Chinese" 80x24 /usr/bin/env LANGUAGE=zh_CN LC_ALL=C.UTF-8 BUREAU_LOCALEDIR="$BUILD/po/locale" "$BUREAU" --home "$H" <<END
wait 收件箱
type :show-id $files
key Enter
wait [1] 报价单.csv  表格 (CSV)
wait 脚本，却自称PNG 图片
wait ! 文件的真实类型与声称的不符
key X
wait X  d 删除  a 归档  m 移动  ! 垃圾  F 星标  i 已读  s 推迟
key Esc V
wait V  p 纯文本  h HTML  s 源文  e 邮件头  a 各部分  V 阅读
key Esc o 5
wait 这种文件无法在这里显示
key q
type :show-id $invite
key Enter
wait [邀请] Q3 会议
wait 重复: 每周，共 4 次
key q q Q
exit 0
END

again
screen "a narrow, low window" 40x12 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $files
key Enter
wait Files of all kinds
key o 1
wait bolt   12   3.50
key q q Q
exit 0
END

# programs of the mailcap: the terminal, their output in the pane
cat >"$HOME/.mailcap" <<'M'
text/csv; tr , + < %s
text/csv; wc -l %s; copiousoutput
application/vnd.openxmlformats-officedocument.wordprocessingml.document; see-file %s; needsterminal
M
mkdir -p "$T/bin"
cat >"$T/bin/see-file" <<'M'
#!/bin/sh
printf 'mode %s of %s\n' "$(stat -c %a "$1")" "$(basename "$1")"
ls -ld "$(dirname "$1")" | cut -c1-10
read -r _
M
chmod +x "$T/bin/see-file"
again
PATH=$T/bin:$PATH screen "mailcap: a private copy, an argv, a program that gets the terminal and gives it back" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $files
key Enter
wait [1] 报价单.csv
key o 1
wait bolt
key e
wait 3 
wait .csv
key q
wait [2] Vertrag.docx
key o 2
wait Pallet
key e
wait mode 600 of Vertrag.docx
wait drwx------
key Enter
wait Pallet
key q q Q
exit 0
END
is "  no copy is left" "$(find "$H" -name 'open-*' | wc -l)" 0

if command -v catdoc >/dev/null; then
again
screen "old office files: words, a table, one that is broken" 80x24 "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $old
key Enter
wait [1] angebot.wps  old Office file
key o 1
wait Angebot für Anna
wait 报价单
key q
wait [2] preise.xls
key o 2
wait 螺栓   3.50
key q
wait [3] a.rtf
key o 3
wait Rich words
key q
wait [4] broken.ppt
key o 4
wait There is no text in it
key q q Q
exit 0
END
fi
again
screen "without the program a line names it" 80x24 /usr/bin/env PATH=/nowhere "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $old
key Enter
wait [2] preise.xls
key o 2
wait xls2csv is not installed
wait install catdoc, or open the file with another program
key q q Q
exit 0
END

if command -v chafa >/dev/null; then
picture_is() { # picture_is NAME painted|unpainted ENV…
again
_look=$2; _what=$1; shift 2
screen "$_what" 80x24 /usr/bin/env "$@" "$BUREAU" --home "$H" <<END
wait Inbox
type :show-id $picture
key Enter
wait [1] view.png
key o 1
wait view.png  PNG picture
gone reading
attr 5 5 $_look
attr 5 45 $_look
attr 1 5 unpainted
size 60x14
attr 5 5 $_look
attr 5 45 unpainted
key q q Q
exit 0
END
}
picture_is "a picture in colours" painted TERM=xterm-256color
picture_is "a picture where there shall be none" unpainted NO_COLOR=1
picture_is "a picture on a terminal of eight colours" unpainted TERM=xterm
fi

# programs in the box: one that hangs, one that is not there
for p in pdftotext chafa; do printf '#!/bin/sh\nexec sleep 100\n' >"$T/bin/$p"; chmod +x "$T/bin/$p"; done
again
ok "a link is a hyperlink of the terminal when it is wanted, with nothing foreign in it" python3 - "$BUREAU" "$H" "$html" <<'PY'
import os, pty, re, select, sys, time
bureau, home, mail = sys.argv[1:]
def run(option):
    open(home + "/bureaurc", "a").write("set tui.hyperlinks %s\n" % option)
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(bureau, [bureau, "--home", home])
    import fcntl, struct, termios
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    out, sent, end = b"", 0, time.time() + 12
    while time.time() < end:
        if select.select([fd], [], [], 0.3)[0]:
            try: chunk = os.read(fd, 65536)
            except OSError: break
            if not chunk: break
            out += chunk
            if b"\033[6n" in chunk: os.write(fd, b"\033[1;2R")
        elif sent == 0: os.write(fd, (":show-id %s\r" % mail).encode()); sent = 1
        elif sent == 1 and b"evil.example" in out: os.write(fd, b"qqQ"); sent = 2
    os.waitpid(pid, 0)
    return out
on, off = run("on"), run("off")
links = re.findall(rb"\033\]8;([^\033]*)\033\\", on)
assert any(l.endswith(b";https://evil.example/x") for l in links), links
assert all(l == b";" or re.fullmatch(rb"id=\d+;(https?://|mailto:)[\x21-\x7e]*", l) for l in links), links
assert links.count(b";") * 2 >= len(links), links
assert b"\033]8;" not in off
PY
done_testing
