#!/bin/sh
# meant.sh - what a key means in a conversation: which of its drafts goes on, which of its mails is answered or forwarded,
# what counts as read, and what the list's marks say.
. "${SRCDIR:-.}/tests/tap.sh"
. "$SRC/tests/screen/lib.sh"
H=$T/h
office "$T/fresh"
b() { "$BUREAU" --home "$H" "$@"; }
again() { rm -rf "$H"; cp -a "$T/fresh" "$H"; }

again
screen "a forward that waits goes to other people: r and w begin an answer, f goes on with it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key f
wait Enter next
type marta@ruiz.example
key Esc
wait Contract draft
key Esc
wait forward waiting: f resumes it
refuse r resumes
key r
wait what shall it say?
wait a forward waits, too: d1, f resumes it
key Esc
key w
wait To Tom Berger <tom@acme.example>
wait draft d2
refuse marta
type Fine.
key Esc
wait draft waiting: r resumes it
key f
wait draft d1
wait To marta@ruiz.example
key Esc
key R
wait draft d2
wait To Tom Berger
key Esc
key q
wait 1 Inbox
row 3 d
key f
wait draft d1
key Esc
key q
key q
key Q
exit 0
END

again
screen "a flag stands beside what says unread, or that a draft waits" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
row 3 > N answer
key F
row 3 >FN answer
key i
row 3 > F answer
key i
row 3 >FN answer
key w
wait draft d1
type Fine.
key Esc
key q
row 3 >Fd answer
size 40x12
row 2 >dFa
key Q
exit 0
END

# A conversation of three: Tom's mail with a file, Marta's in between, Tom's long one on top.
python3 - "$T/long" <<'P'
import os, sys
from email.message import EmailMessage
os.mkdir(sys.argv[1])
def mail(n, who, when, text, file=None):
    m = EmailMessage()
    m["From"], m["To"], m["Date"] = who, "Anna Li <anna@example.com>", when
    m["Subject"] = "Pallets" if n == 1 else "Re: Pallets"
    m["Message-ID"] = "<p%d@test.example>" % n
    if n > 1:
        m["In-Reply-To"] = "<p%d@test.example>" % (n - 1)
        m["References"] = " ".join("<p%d@test.example>" % i for i in range(1, n))
    m.set_content(text)
    if file:
        m.add_attachment(b"a;b\n", maintype="text", subtype="csv", filename=file)
    open(os.path.join(sys.argv[1], str(n)), "wb").write(bytes(m))
mail(1, "Tom Berger <tom@acme.example>", "Thu, 12 Nov 2026 10:00:00 +0100", "The list is attached.\n\nTom\n", "list.csv")
mail(2, "Marta Ruiz <marta@ruiz.example>", "Mon, 16 Nov 2026 10:00:00 +0100",
     "Which harbour?\n" + "".join("harbour %d\n" % i for i in range(30)))
mail(3, "Jan Vos <jan@vos.example>", "Tue, 24 Nov 2026 09:20:00 +0100",
     "Shall we ship?\n" + "".join("ship %d\n" % i for i in range(30)))
P
cp -a "$T/fresh" "$T/two"
"$BUREAU" --home "$T/two" --quiet import "$T/long" >"$T/.import" 2>&1
again() { rm -rf "$H"; cp -a "$T/two" "$H"; }

again
screen "at the end of a conversation its last mail is meant, with its file, and named" 80x24 "$BUREAU" --home "$H" <<'END'
wait Pallets
key Enter
wait Shall we ship?
key G
wait The list is attached.
key r
wait mail of Tom Berger, 12 Nov: what shall it say?
key Esc
key w
wait To Tom Berger <tom@acme.example>
wait answers the mail of Tom Berger, 12 Nov
wait The list is attached
key Esc
key f
wait 1  list.csv
wait forwards the mail of Tom Berger, 12 Nov
key Esc
key Esc
wait 3 messages
key V p
wait The list is attached
refuse harbour
key q
key q
key q
key Q
exit 0
END

again
screen "scrolled to a mail, or its words searched, it is meant; on top again the newest" 80x24 "$BUREAU" --home "$H" <<'END'
wait Pallets
key Enter
wait Shall we ship?
key j
key r
wait what shall it say?
refuse mail of
key Esc
key Space Space
wait harbour 9
key r
wait mail of Marta Ruiz, 16 Nov: what
key Esc
key g
key R
wait what shall it say?
refuse mail of
key Esc
key /
type list is
key Enter
wait The list is attached.
key r
wait mail of Tom Berger, 12 Nov: what
key Esc
key q
key Q
exit 0
END

again
screen "a reply answers the mail that is meant: another mail's draft stays and is named" 80x24 "$BUREAU" --home "$H" <<'END'
wait Pallets
key Enter
wait Shall we ship?
key G
key w
wait To Tom Berger <tom@acme.example>
type Thanks for the list.
key Esc
wait draft waiting: r resumes it
# on top Jan's mail is meant: the answer to Tom is none to it
key g
wait draft waiting: D shows it
refuse r resumes
key r
wait what shall it say?
wait another reply waits in this conversation: d1, D shows it
key Esc
key w
wait To Jan Vos <jan@vos.example>
wait draft d2
wait another reply waits in this conversation: d1, D shows it
type Yes, ship.
key Esc
wait draft waiting: r resumes it
key r
wait draft d2
wait Yes, ship.
key Esc
wait Shall we ship?
# each mail has its own
key G
wait draft waiting: r resumes it
key R
wait draft d1
wait Thanks for the list.
key Esc
key q
wait 1 Inbox
key r
wait draft d2
key Esc
key q
# a hit is a mail, too
key C-x f
type from:tom list
key Enter
wait The list is attached
key r
wait draft d1
key Esc
key Q
exit 0
END

again
screen "what follows an action by itself is unread until a key is pressed in it" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key Enter
wait 48,200 元（含税）
row 0 1 Inbox 6
key a
wait clause 7 by Wednesday
row 0 1 Inbox 6
sleep 1500
row 0 1 Inbox 6
key j
row 0 1 Inbox 5
key a
wait when will invoice 2231 be paid
sleep 1500
key q
wait Sign the travel policy
row 0 1 Inbox 5
key Q
exit 0
END

again
screen "it is read when the next action follows there" 80x24 "$BUREAU" --home "$H" <<'END'
wait Q3 报价单
key j
key Enter
wait 48,200 元（含税）
row 0 1 Inbox 6
key a
wait clause 7 by Wednesday
sleep 1500
key F
row 0 1 Inbox 5
key q
key Q
exit 0
END

again
screen "one mail of a conversation is thrown away and put back; the others stay" 80x24 "$BUREAU" --home "$H" <<'END'
wait Pallets
key Enter
wait 3 messages
key G
wait The list is attached.
key X F
wait 1 flagged
key X d
wait 1 in the trash; u puts it back
wait Tom Berger <tom@acme.example>  in the trash
key g
wait Jan Vos <jan@vos.example>
refuse vos.example>  in the trash
key u
key G
wait Tom Berger <tom@acme.example>
gone in the trash
key q
wait Pallets
key Q
exit 0
END

again
screen "one mail of a conversation is moved, or is spam, by the keys of its conversation; a snooze is the conversation's" 80x24 "$BUREAU" --home "$H" <<'END'
wait Pallets
key Enter
wait 3 messages
key G
wait The list is attached.
key X
wait m move  ! spam
key m
wait move to
type Lists
key Enter
wait 1 moved to Lists
key /
type harbour 9
key Enter
wait harbour 9
key X !
wait 1 marked as spam
key X s
wait snooze until
type tomorrow
key Enter
wait 48,200 元（含税）
key q
refuse Pallets
key Q
exit 0
END
is "Tom's lies in Lists, Marta's with the spam, and nothing else" "$(b --json search in:Lists | grep -o '"address":"tom@[a-z.]*')|$(b --json search in:Spam | grep -o '"address":"marta@[a-z.]*')|$(b count in:Lists)$(b count in:Spam)" '"address":"tom@acme.example|"address":"marta@ruiz.example|11'
like "the snooze is the conversation's" "$(b --json search is:snoozed)" 'Shall we ship'

done_testing
