# lib.sh - screen tests: source tap.sh first. screen NAME COLSxROWS PROGRAM ARG… <<script plays it with drive.
DRIVE=$BUILD/tests/screen/drive
[ -x "$DRIVE" ] || { echo "1..0 # SKIP libvterm is not here"; exit 0; }
export LC_ALL=C.UTF-8 INPUTRC=/dev/null
screen() {
  _name=$1 _size=$2; shift 2
  if "$DRIVE" $_size "$@" >"$T/.screen" 2>"$T/.screen.err"; then _say 0 "$_name"; else _say 1 "$_name"; cat "$T/.screen"; sed 's/^/# /' "$T/.screen.err" | head -20; fi
}
# office DIR: a small office at a fixed time: eight threads, Chinese and English.
export BUREAU_NOW=2026-11-24T09:30:00+01:00
mail() { # mail FILE FROM DATE SUBJECT [HEADER…] <body
  _f=$1 _from=$2 _date=$3 _subject=$4; shift 4
  { printf 'From: %s\nTo: Anna Li <anna@example.com>\nDate: %s\nMessage-ID: <%s@test.example>\nSubject: %s\n' "$_from" "$_date" "$(basename "$_f")" "$_subject"
    for _h; do printf '%s\n' "$_h"; done
    printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n'; cat; } >"$_f"
}
office() {
  mkdir -m 700 "$1"; mkdir -p "$T/mails"
  mail "$T/mails/1" "李娜 <li.na@haitian.example>" "Tue, 24 Nov 2026 09:12:00 +0100" "Q3 报价单" <<'M'
安娜您好：

附件是第三季度报价单，总价 48,200 元（含税）。
能否在周五前确认总价？另外，交货地点是否仍为苏州仓库？

李娜
M
  mail "$T/mails/2" "Tom Berger <tom@acme.example>" "Tue, 24 Nov 2026 08:50:00 +0100" "Contract draft, clause 7" <<'M'
Dear Anna,

could you confirm clause 7 by Wednesday?

> On Monday you wrote:
> please send the draft
> with clause 7
> and clause 9

Best regards,
Tom Berger
M
  mail "$T/mails/3" "Marta Ruiz <marta@ruiz.example>" "Mon, 23 Nov 2026 16:00:00 +0100" "Invoice 2231" <<'M'
Hello Anna,

when will invoice 2231 be paid? The amount is EUR 1,280.

Marta
M
  mail "$T/mails/4" "HR <hr@example.com>" "Mon, 23 Nov 2026 07:30:00 +0100" "Sign the travel policy" <<'M'
Please sign the travel policy until 30 November.
M
  mail "$T/mails/5" "Weekly News <news@list.example>" "Sun, 22 Nov 2026 06:00:00 +0100" "Ports this week" "List-Id: <news.list.example>" "List-Unsubscribe: <https://list.example/u>" "Precedence: bulk" <<'M'
All about ports.
M
  mail "$T/mails/6" "采购部 <buy@zhong.example>" "Sun, 22 Nov 2026 05:00:00 +0100" "供应商资料更新" <<'M'
请在今天内更新供应商资料。会议在三点。
M
  printf 'set me anna@example.com\n' >"$1/bureaurc"; chmod 600 "$1/bureaurc"
  "$BUREAU" --home "$1" --quiet import "$T/mails" >"$T/.import" 2>&1
}
