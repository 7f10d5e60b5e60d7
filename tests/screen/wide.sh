#!/bin/sh
# wide.sh - a terminal that gives characters of ambiguous width two cells: mails keep them, columns are right.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$H"
mkdir "$T/more"
mail "$T/more/w1" "Αθηνά Παπά <a@x.example>" "Tue, 24 Nov 2026 09:20:00 +0100" "Отчёт — “черновик”" <<'M'
Привет, Анна…

┌──┬──┐
│ab│cd│
└──┴──┘
x · y
M
"$BUREAU" --home "$H" --quiet import "$T/more" >/dev/null
screen "asked by a cursor report; names, subjects and tables keep their columns" "80x24 --wide" "$BUREAU" --home "$H" <<'END'
wait 〓〓〓〓〓 〓〓〓〓
row 2 〓〓〓〓〓 〓 〓〓〓〓〓〓〓〓〓
wait 李娜              Q3 报价单
key Enter
wait 〓〓〓〓〓〓, 〓〓〓〓〓
row 4 09:20  〓〓〓〓〓 〓〓〓〓 <a@x.example>
wait 〓〓〓〓〓〓〓
wait 〓ab〓cd〓
wait x 〓 y
key w
wait d1 v1
type жж a
wait 〓〓 a
cursor 5 7
key Backspace Backspace Backspace
gone 〓〓 a
key C-x q
wait 〓ab〓cd〓
key 2
gone 〓
key 1
wait 〓ab〓cd〓
key Q
exit 0
END
screen "a terminal that gives them one cell: they are drawn as they are" 80x24 "$BUREAU" --home "$H" <<'END'
wait Αθηνά Παπά
wait Отчёт — “черновик”
key Q
exit 0
END
done_testing
