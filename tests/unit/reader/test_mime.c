/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mime - whole mails: structure, choices, charsets, caps, damage. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/record.h"
#include "base/str.h"
#include "base/wire.h"
#include "mail/unpack.h"
#include "reader/charset.h"
#include "reader/mime.h"
#include "tap.h"

static struct mail_message *mail;

/* Reads a mail; kept until the next call. */
static const struct mail_message *parse_n(const char *bytes, size_t n)
{
    struct str answer = STR_INIT;
    uint16_t type;
    struct record_view body;
    mail_message_free(mail);
    mime_parse(bytes, n, &answer);
    mail = record_peek(answer.data, answer.len, &type, &body) == (long)answer.len &&
                   type == WIRE_MESSAGE
               ? mail_unpack_message(body)
               : NULL;
    str_fini(&answer);
    if (!mail) {
        ok(false, "no record");
        mail = mail_message_new();
    }
    return mail;
}

/* The same for a text. */
static const struct mail_message *parse(const char *text)
{
    return parse_n(text, strlen(text));
}

/* Is a warning there? */
static bool warned(const char *start)
{
    for (size_t i = 0; i < mail->warnings.len; i++)
        if (str_starts(strv_at(&mail->warnings, i), start))
            return true;
    return false;
}

/* Joins the parts as "number type name size flags". */
static void parts_are(const char *want, const char *name)
{
    struct str got = STR_INIT;
    for (size_t i = 0; i < mail->parts.len; i++) {
        struct mail_part *p = vec_at(&mail->parts, i);
        str_addf(&got, "%d %s %s %" PRId64 "%s%s\n", p->number, p->content_type,
                 p->name ? p->name : "-", p->size, p->attachment ? " file" : "",
                 p->shown ? " shown" : "");
    }
    is_str(str_text(&got), want, name);
    str_fini(&got);
}

#define HEAD "From: =?UTF-8?B?5p2O5aic?= <li.na@haitian.example>\r\nTo: anna@example.com\r\n"      \
             "Subject: Q3 =?UTF-8?B?5oql5Lu35Y2V?=\r\nDate: Mon, 23 Nov 2026 09:12:00 +0800\r\n"   \
             "Message-ID: <m1@haitian.example>\r\nMIME-Version: 1.0\r\n"

/* Header facts. */
static void test_headers(void)
{
    const struct mail_message *m = parse(
        HEAD "In-Reply-To: <a@b>\r\nReferences: <z@b>\r\n <a@b>\r\nList-Id: Team <team.x>\r\n"
             "Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\nReply-To: x@other.example\r\n"
             "Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n");
    is_str(((struct mail_address *)vec_at(&m->from, 0))->name, "李娜", "name");
    is_str(((struct mail_address *)vec_at(&m->from, 0))->address, "li.na@haitian.example",
           "address");
    is_str(m->subject, "Q3 报价单", "subject");
    is_str(m->message_id, "m1@haitian.example", "id");
    is_str(m->in_reply_to, "a@b", "in reply to");
    is_int((int64_t)m->references.len, 2, "references");
    is_int(m->date, 1795396320, "date");
    is_str(m->list_id, "Team <team.x>", "list");
    is_str(m->auto_submitted, "auto-replied", "auto-submitted");
    is_str(m->precedence, "bulk", "precedence");
    is_str(m->text, "hello\n", "text");
    ok(!warned("reply-to-differs"), "a list may answer elsewhere");
    parse("From: a@b.example\nReply-To: c@other.example\nSubject: x\n\nx\n");
    ok(warned("reply-to-differs: c@other.example"), "reply-to differs");
    parse("From: \"boss@b.example\" <x@evil.example>\nSubject: x\n\nx\n");
    ok(warned("display-name-address: boss@b.example, x@evil.example"), "a name that is an address");
    parse("From: x@examp1e.example\nTo: me@example.example\nSubject: x\n\nx\n");
    ok(warned("look-alike: examp1e.example"), "a domain that looks like mine");
    parse("From: Tom <tom@exarnple.example>\nTo: me@example.com\nSubject: x\n\nx\n");
    ok(warned("look-alike: exarnple.example"), "  … under another ending");
    parse("From: x@example.org\nTo: me@example.com\nSubject: x\n\nx\n");
    ok(!warned("look-alike"), "the same name under another ending is not");
    parse("From: x@haitian.example\nTo: me@acme.example\nSubject: x\n\nx\n");
    ok(!warned("look-alike"), "others are not");
    m = parse("From: a@b\nReceived: from x; Mon, 23 Nov 2026 09:12:00 +0800\nDate: nonsense\n\nx");
    is_int(m->date, 1795396320, "no date: the newest Received");
    m = parse("Received: x\nFrom: a@b\nSubject: s\n\nx");
    ok(m->date == CLOCK_NONE && m->in_reply_to == NULL, "unknown is unknown");
    m = parse("From a@b Mon Nov 23 2026\r\nFrom: a@b\r\nSubject: in an mbox\r\n\r\nx");
    is_str(m->subject, "in an mbox", "the line of an mbox on top");
    m = parse("From: a@b\rSubject: old Mac\r\rline\rline\r");
    is_str(m->subject, "old Mac", "lines that end with CR");
    is_str(m->text, "line\nline\n", "  … in the text too");
}

/* Which part is shown. */
static void test_choice(void)
{
    parse(HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
               "--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
               "--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b--\r\n");
    is_str(mail->text, "plain\n", "plain before HTML");
    parts_are("1 text/plain - 5 shown\n2 text/html - 11\n", "  … and the parts say so");
    parse(HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
               "--b\r\nContent-Type: text/plain\r\n\r\n \r\n\r\n"
               "--b\r\nContent-Type: text/html\r\n\r\n<p>html <a href='http://x.example'>l</a></p>"
               "\r\n--b--\r\n");
    is_str(mail->text, "html l [1]\n", "HTML when plain is empty");
    parts_are("1 text/plain - 3\n2 text/html - 44 shown\n", "  … and the parts say so");
    parse(HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
               "--b\r\nContent-Type: text/plain\r\n\r\nYour mail program does not support HTML."
               "\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b--\r\n");
    is_str(mail->text, "html\n", "HTML when plain only says that it is missing");
    parse(HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
               "Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n"
               "Content-Type: text/html\r\n\r\nsee<img src='cid:i'>\r\n--r\r\n"
               "Content-Type: image/png\r\nContent-ID: <i>\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--r--\r\n--m\r\n"
               "Content-Type: text/csv; name*=UTF-8''%E6%8A%A5%E4%BB%B7.csv\r\n"
               "Content-Disposition: attachment\r\n\r\na,b\r\n--m\r\n"
               "Content-Type: text/plain\r\n\r\nfooter\r\n--m--\r\n");
    is_str(mail->text, "see\n\nfooter\n", "related, attachment, footer");
    parts_are("1 text/html - 20 shown\n2 image/png - 3 file\n3 text/csv 报价.csv 3 file\n"
              "4 text/plain - 6 shown\n",
              "  … and the parts");
    parse(HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nlook\r\n--m\r\n"
               "Content-Type: message/rfc822\r\n\r\nFrom: Tom <t@b.example>\r\n"
               "Subject: =?utf-8?q?in=C3=A9?=\r\n\r\ninner text\r\n--m--\r\n");
    is_str(mail->text, "look\n\n----------\nFrom: Tom <t@b.example>\nSubject: iné\n\ninner text\n",
           "a message in the message");
    parts_are("1 text/plain - 4 shown\n2 message/rfc822 - 0 shown\n3 text/plain - 10 shown\n",
              "  … and its parts");
    parse(HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
               "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
               "U3ViamVjdDogcwoKaW5uZXIK\r\n--m--\r\n");
    is_str(mail->text, "----------\nSubject: s\n\ninner\n", "a message that travels encoded");
    parts_are("1 message/rfc822 - 0 shown\n2 text/plain - 6 shown\n", "  … and its parts");
    parse(HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
               "--b\r\nContent-Type: text/plain\r\n\r\ncome\r\n"
               "--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n"
               "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--b--\r\n");
    is_str(mail->ics, "BEGIN:VCALENDAR\r\nEND:VCALENDAR", "an invitation");
}

/* Text and its charsets. */
static void test_text(void)
{
    parse(HEAD "Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n"
               "u+HS6c2o1qo=\r\n");
    is_str(mail->text, "会议通知\n", "GB2312");
    parse(HEAD "Content-Type: text/plain; charset=gb2312\r\n\r\n\xe9\x46\xe8\x46\r\n");
    ok(!warned("bad-charset"), "GB2312 that is GB18030");
    parse(HEAD "Content-Type: text/plain; charset=big5\r\nContent-Transfer-Encoding: "
               "quoted-printable\r\n\r\n=A4=A4=A4=E5\r\n");
    is_str(mail->text, "中文\n", "Big5");
    parse(HEAD "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\033$B2q5D\033(B ok\r\n");
    is_str(mail->text, "会議 ok\n", "ISO-2022-JP");
    parse(HEAD "Content-Type: text/plain; charset=utf-8\r\n\r\na\xff"
               "b\xe4\xbc\r\n");
    is_str(mail->text, "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\n", "malformed UTF-8 is shown");
    ok(warned("bad-charset: utf-8"), "  … and told");
    parse(HEAD "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n会議\r\n");
    is_str(mail->text, "会議\n", "UTF-8 under another label");
    parse("From: a@b\nSubject: \xa4\xa4\xa4\xe5\nContent-Type: text/plain; charset=big5\n\nx\n");
    is_str(mail->subject, "中文", "a raw header is in the charset of the text");
    parse(HEAD "Content-Type: text/plain; charset=x-nobody\r\n\r\n\xbb\xe1\xd2\xe9\xcd\xa8\r\n");
    is_str(mail->text, "会议通\n", "an unknown charset is guessed");
    ok(warned("bad-charset: x-nobody"), "  … and told");
    parse(HEAD "Content-Type: text/html\r\n\r\n<meta charset=gb2312><p>\xbb\xe1\xd2\xe9</p>\r\n");
    is_str(mail->text, "会议\n", "charset of a meta");
    parse(HEAD "Content-Type: text/plain; format=flowed; delsp=no\r\n\r\n"
               "one \r\ntwo\r\n> q1 \r\n> q2\r\n>> deep\r\n-- \r\nme\r\n");
    is_str(mail->text, "one two\n> q1 q2\n> > deep\n-- \nme\n", "flowed");
    parse(HEAD "Content-Type: text/plain; format=flowed\r\n\r\n> > deep \r\n> > goes on\r\n> up\r\n");
    is_str(mail->text, "> > deep goes on\n> up\n", "flowed, with blanks between the marks");
    parse(HEAD "Content-Type: text/plain; format=flowed; delsp=yes; charset=utf-8\r\n\r\n"
               "会议 \r\n在三点\r\n> q \r\n>> other\r\n  stuffed\r\n");
    is_str(mail->text, "会议在三点\n> q\n> > other\n stuffed\n", "flowed, the blanks deleted");
    parse(HEAD "\r\nsee https://a.example/x_(y), or http://b.example.\r\n");
    is_int((int64_t)mail->links.len, 2, "links of plain text");
    is_str(((struct mail_link *)vec_at(&mail->links, 0))->url, "https://a.example/x_(y)",
           "  … with brackets, without the comma");
    is_str(((struct mail_link *)vec_at(&mail->links, 1))->url, "http://b.example",
           "  … without the full stop");
    parse_n(HEAD "\r\na\0b\r\n", sizeof(HEAD "\r\na\0b\r\n") - 1);
    is_str(mail->text, "a\xef\xbf\xbd" "b\n", "NUL is shown");
}

/* Mails that are broken or too much. */
static void test_caps(void)
{
    struct str s = STR_INIT;
    parse(HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\ncut in the mid");
    is_str(mail->text, "cut in the mid\n", "a mail that was cut");
    parse(HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\nno part at all\r\n");
    is_str(mail->text, "no part at all\n", "no part at all");
    ok(mail->damaged, "  … is damaged");
    parse("this is no mail\n\nat all\n");
    ok(mail->damaged, "no header at all is damaged");
    parse("");
    ok(mail->damaged, "nothing is damaged");
    str_puts(&s, HEAD);
    for (int i = 0; i < 80; i++)
        str_addf(&s, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    str_puts(&s, "\r\ndeep\r\n");
    parse(s.data);
    ok(warned("mime-depth") && mail->truncated, "nested too deep");
    str_clear(&s);
    str_puts(&s, HEAD);
    for (int i = 0; i < 40; i++)
        str_addf(&s, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    str_puts(&s, "\r\ndeep\r\n");
    parse(s.data);
    is_str(mail->text, "deep\n", "nested deep");
    str_clear(&s);
    str_puts(&s, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (int i = 0; i < 700; i++)
        str_puts(&s, "--b\r\n\r\nx\r\n");
    parse(s.data);
    is_int((int64_t)mail->parts.len, 500, "at most 500 parts");
    ok(warned("mime-parts") && mail->truncated, "  … and told");
    str_clear(&s);
    str_puts(&s, "From: a@b.example\r\nTo: ");
    for (int i = 0; i < 400000; i++)
        str_puts(&s, "a@b,");
    str_puts(&s, "\r\nSubject: still there\r\n\r\nx");
    parse(s.data);
    is_int((int64_t)mail->to.len + 1, 10000, "at most 10,000 addresses");
    is_str(mail->subject, "still there", "  … and what follows an immense header");
    ok(warned("truncated: headers") && mail->truncated, "  … and told");
    str_clear(&s);
    str_puts(&s, HEAD "\r\n");
    for (int i = 0; i < 300000; i++)
        str_puts(&s, "会议通知\r\n");
    parse(s.data);
    ok(strlen(mail->text) <= (2 << 20) + 1 && warned("truncated: text"), "at most 2 MB of text");
    str_fini(&s);
}

/* Collects pieces. */
static void collect(void *user, const char *bytes, size_t n)
{
    str_add(user, bytes, n);
}

/* Single parts. */
static void test_part(void)
{
    static const char text[] =
        HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nhello\r\n--m\r\n"
             "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
             "<p>a=20b</p>\r\n--m--\r\n";
    struct str out = STR_INIT;
    ok(mime_part(text, sizeof text - 1, 2, WIRE_FORM_BYTES, collect, &out), "a part");
    is_str(str_text(&out), "<p>a b</p>", "  … decoded");
    str_clear(&out);
    ok(mime_part(text, sizeof text - 1, 2, WIRE_FORM_TEXT, collect, &out), "its text");
    is_str(str_text(&out), "a b", "  … readable");
    ok(!mime_part(text, sizeof text - 1, 3, WIRE_FORM_BYTES, collect, &out), "no such part");
    ok(!mime_part(text, sizeof text - 1, 0, WIRE_FORM_BYTES, collect, &out), "part 0");
    str_fini(&out);
}

/* Text beyond what is held comes whole when the whole mail is asked for: quoted, in Chinese, in
 * alternatives, between other parts. */
static void test_long(void)
{
    enum { LINES = 150000 };
    struct str text = STR_INIT, out = STR_INIT;
    str_puts(&text, HEAD "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n"
                         "\r\n--a\r\nContent-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
    for (int i = 0; i < LINES; i++)
        str_addf(&text, "%d \xb1\xa8\xbc\xdb\xb5\xa5 of a long list\r\n", i);
    str_puts(&text, "--a\r\nContent-Type: text/html\r\n\r\n<p>not this</p>\r\n--a--\r\n--m\r\n\r\nthe end\r\n--m--\r\n");
    is_int(mime_part(text.data, text.len, 0, WIRE_FORM_PLAIN, collect, &out), MIME_WHOLE, "a long text is whole");
    int lines = 0;
    char *at = out.data;
    for (; lines < LINES && at; lines++) {
        char want[80];
        snprintf(want, sizeof want, "%d 报价单 of a long list\n", lines);
        if (!str_starts(at, want))
            break;
        at += strlen(want);
    }
    is_int(lines, LINES, "  … every line of it");
    ok(at && strstr(at, "the end") && !strstr(at, "not this"), "  … and what follows");
    parse_n(text.data, text.len);
    ok(strlen(mail->text) <= 2 << 20 && warned("truncated: text"), "what is stored is its beginning");
    str_clear(&text);
    str_clear(&out);
    str_puts(&text, HEAD "Content-Type: text/html\r\n\r\n");
    for (int i = 0; i < LINES; i++)
        str_addf(&text, "<p>%d of a long page</p>\r\n", i);
    is_int(mime_part(text.data, text.len, 0, WIRE_FORM_HTML, collect, &out), MIME_WHOLE, "a long page is whole");
    ok(out.len > 2 << 20 && strstr(out.data, "149999 of a long page"), "  … to its end");
    str_fini(&text);
    str_fini(&out);
}

/* Runs all. */
/* What a mail says of its own protection. */
static void protection_is(const char *text, const char *want, const char *name)
{
    parse(text);
    is_str(mail->protection ? mail->protection : "-", want, name);
}

static void test_protection(void)
{
    protection_is(HEAD "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nx\r\n", "openpgp-signed", "armour in the text");
    protection_is(HEAD "\r\nsee:\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n", "openpgp-encrypted", "encrypted in the text");
    protection_is(HEAD "\r\n> -----BEGIN PGP MESSAGE-----\r\n", "-", "quoted armour is none");
    protection_is(HEAD "Content-Type: multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"\r\n\r\n"
                       "--b\r\n\r\nx\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n", "smime-signed", "S/MIME beside the text");
    protection_is(HEAD "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nx\r\n", "smime-signed", "S/MIME around the text");
    protection_is(HEAD "Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data\r\n\r\nx\r\n", "smime-encrypted", "S/MIME encrypted");
    protection_is(HEAD "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/encrypted; boundary=b\r\n\r\n--b--\r\n", "-", "of a mail inside it is not this mail's");
}

int main(void)
{
    charset_open_all();
    mime_start();
    test_headers();
    test_choice();
    test_text();
    test_caps();
    test_part();
    test_long();
    test_protection();
    mail_message_free(mail);
    return tap_end();
}
