/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_cms - S/MIME files built byte by byte, alone and in mails: DER, pieces, lies about lengths. */
#include <stdlib.h>
#include <zlib.h>

#include "base/record.h"
#include "base/str.h"
#include "base/wire.h"
#include "mail/unpack.h"
#include "reader/charset.h"
#include "reader/cms.h"
#include "reader/mime.h"
#include "tap.h"

#define PKCS "\x2a\x86\x48\x86\xf7\x0d\x01"
#define BYTES(text) text, sizeof(text) - 1

enum { OCTETS = 0x04, OID = 0x06, PIECES = 0x24, SEQUENCE = 0x30, SET = 0x31, CONTENT = 0xa0 };

static bool endless; /* SEQUENCE, SET, … get no length but an end */

/* Puts an element around what stands in s from `at`. */
static void wrap(struct str *s, size_t at, int tag)
{
    char head[6] = {(char)tag};
    size_t n = s->len - at, len = 2;
    if (endless && tag & 0x20) {
        head[1] = (char)0x80;
        str_add(s, "\0\0", 2);
    } else if (n < 128) {
        head[1] = (char)n;
    } else {
        head[1] = (char)0x83;
        head[2] = (char)(n >> 16);
        head[3] = (char)(n >> 8);
        head[4] = (char)n;
        len = 5;
    }
    str_splice(s, at, 0, head, len);
}

/* Appends one element. */
static void add(struct str *s, int tag, const char *bytes, size_t n)
{
    size_t at = s->len;
    str_add(s, bytes, n);
    wrap(s, at, tag);
}

/* A file of this kind around a content that stands in `octets` already as its elements. */
static void shell(struct str *s, const char *kind, size_t kind_len, const struct str *octets, const char *type, size_t type_len)
{
    str_clear(s);
    add(s, OID, kind, kind_len);
    size_t content = s->len, signed_at = s->len;
    add(s, 0x02, BYTES("\3"));
    size_t set = s->len;
    size_t algorithm = s->len;
    add(s, OID, BYTES("\x60\x86\x48\1\x65\3\4\2\1"));
    add(s, 0x05, "", 0);
    wrap(s, algorithm, SEQUENCE);
    wrap(s, set, SET);
    size_t inside = s->len;
    add(s, OID, type, type_len);
    if (octets) {
        size_t at = s->len;
        str_add(s, octets->data, octets->len);
        wrap(s, at, CONTENT);
    }
    wrap(s, inside, SEQUENCE);
    add(s, SET, BYTES("the signatures"));
    wrap(s, signed_at, SEQUENCE);
    wrap(s, content, CONTENT);
    wrap(s, 0, SEQUENCE);
}

/* Opens it: "kind cut content". */
static void opens(const struct str *file, const char *want, const char *name)
{
    struct str bytes = STR_INIT, got = STR_INIT;
    bool cut;
    str_add(&bytes, str_text(file), file->len);
    enum cms_kind kind = cms_open(&bytes, &cut);
    str_addf(&got, "%d%s %s", (int)kind, cut ? " cut" : "", str_text(&bytes));
    is_str(str_text(&got), want, name);
    str_fini(&bytes);
    str_fini(&got);
}

/* Of every shape. */
static void test_shapes(void)
{
    struct str s = STR_INIT, octets = STR_INIT, packed = STR_INIT;
    char zipped[200];
    uLongf n = sizeof zipped;
    for (int i = 0; i < 2; i++) {
        endless = i;
        str_clear(&octets);
        add(&octets, OCTETS, BYTES("hello"));
        shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
        opens(&s, "1 hello", i ? "signed, without lengths" : "signed, with lengths");
        str_clear(&octets);
        add(&octets, OCTETS, BYTES("one "));
        add(&octets, OCTETS, BYTES(""));
        size_t at = octets.len;
        add(&octets, OCTETS, BYTES("two "));
        wrap(&octets, at, PIECES);
        add(&octets, OCTETS, BYTES("three"));
        wrap(&octets, 0, PIECES);
        shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
        opens(&s, "1 one two three", "in pieces, and pieces of pieces");
        shell(&s, BYTES(PKCS "\7\3"), &octets, BYTES(PKCS "\7\1"));
        opens(&s, "4 ", "encrypted: nothing");
        shell(&s, BYTES(PKCS "\7\2"), NULL, BYTES(PKCS "\7\1"));
        opens(&s, "3 ", "certificates alone");
        shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\x09\x10\1\4"));
        opens(&s, "3 ", "a content that is no mail's");
        compress((Bytef *)zipped, &n, (const Bytef *)"packed words", 12);
        str_clear(&octets);
        add(&octets, OCTETS, zipped, n);
        shell(&s, BYTES(PKCS "\x09\x10\1\x09"), &octets, BYTES(PKCS "\7\1"));
        opens(&s, "2 packed words", "compressed");
        str_clear(&octets);
        add(&octets, OCTETS, zipped, n - 6);
        shell(&s, BYTES(PKCS "\x09\x10\1\x09"), &octets, BYTES(PKCS "\7\1"));
        opens(&s, "2 cut packed word", "compressed, without its end");
    }
    endless = false;
    str_fini(&s);
    str_fini(&octets);
    str_fini(&packed);
}

/* Lengths that lie, ends that are missing, towers. */
static void test_lies(void)
{
    struct str s = STR_INIT, octets = STR_INIT;
    bool cut;
    add(&octets, OCTETS, BYTES("hello"));
    shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
    size_t all = s.len, at = (size_t)((char *)memmem(s.data, s.len, "hello", 5) - s.data);
    s.data[at - 1] = 0x7f;
    opens(&s, "1 cut hello", "a length beyond the end takes what there is");
    s.data[at - 1] = 5;
    str_truncate(&s, at + 3);
    opens(&s, "1 cut hel", "a file without its end");
    for (size_t i = 0; i < all; i++) { /* every beginning of it, and every byte of it wrong */
        struct str one = STR_INIT;
        shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
        str_add(&one, s.data, i);
        cms_open(&one, &cut);
        for (int wrong = 0; wrong < 256; wrong++) {
            str_clear(&one);
            str_add(&one, s.data, s.len);
            one.data[i] = (char)wrong;
            cms_open(&one, &cut);
        }
        str_fini(&one);
    }
    ok(true, "cut anywhere, wrong anywhere");
    endless = true;
    str_clear(&octets);
    add(&octets, OCTETS, BYTES("deep"));
    for (int i = 0; i < 40; i++)
        wrap(&octets, 0, PIECES);
    shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
    opens(&s, "1 cut ", "a tower of pieces");
    endless = false;
    str_clear(&s);
    for (int i = 0; i < 100000; i++)
        str_puts(&s, "0\x80");
    opens(&s, "0 ", "a tower of sequences");
    str_clear(&s);
    opens(&s, "0 ", "nothing");
    str_puts(&s, "-----BEGIN PKCS7-----");
    opens(&s, "0 ", "something else");
    str_fini(&s);
    str_fini(&octets);
}

/* More than may be is cut, however small it came. */
static void test_bomb(void)
{
    struct str s = STR_INIT, octets = STR_INIT, zeros = STR_INIT;
    uLongf n = 100 << 10;
    bool cut;
    for (int i = 0; i < 40; i++) {
        str_reserve(&zeros, 1 << 20);
        memset(zeros.data + zeros.len, 'x', 1 << 20);
        zeros.len += 1 << 20;
    }
    char *packed = malloc(n);
    compress2((Bytef *)packed, &n, (const Bytef *)zeros.data, zeros.len, 9);
    add(&octets, OCTETS, packed, n);
    shell(&s, BYTES(PKCS "\x09\x10\1\x09"), &octets, BYTES(PKCS "\7\1"));
    ok(cms_open(&s, &cut) == CMS_COMPRESSED && cut && s.len <= CMS_CONTENT_MAX + (64 << 10), "40 MB in %lu bytes are cut", n);
    free(packed);
    str_fini(&s);
    str_fini(&octets);
    str_fini(&zeros);
}

/* Reads a mail whose body is the file: "protection|text|parts". */
static void mail_is(const char *head, const struct str *file, const char *want, const char *name)
{
    static const char *const digits = "0123456789ABCDEF";
    struct str mail = STR_INIT, answer = STR_INIT, got = STR_INIT;
    uint16_t type;
    struct record_view body;
    str_addf(&mail, "From: a@b.example\nSubject: x\n%s\nContent-Transfer-Encoding: quoted-printable\n\n", head);
    for (size_t i = 0; i < file->len; i++) {
        unsigned char c = (unsigned char)file->data[i];
        str_addf(&mail, "=%c%c%s", digits[c >> 4], digits[c & 15], i % 20 == 19 ? "=\n" : "");
    }
    mime_parse(mail.data, mail.len, &answer);
    if (record_peek(answer.data, answer.len, &type, &body) == (long)answer.len) {
        struct mail_message *m = mail_unpack_message(body);
        str_addf(&got, "%s|%s|", m->protection ? m->protection : "-", m->text);
        for (size_t i = 0; i < m->parts.len; i++) {
            const struct mail_part *p = vec_at(&m->parts, i);
            str_addf(&got, "%d %s %s%s%s ", p->number, p->content_type, p->name ? p->name : "-",
                     p->real_type ? "=" : "", p->real_type ? p->real_type : "");
        }
        for (size_t i = 0; i < m->warnings.len; i++)
            str_addf(&got, "!%s", (const char *)strv_at(&m->warnings, i));
        mail_message_free(m);
    }
    is_str(str_text(&got), want, name);
    str_fini(&mail);
    str_fini(&answer);
    str_fini(&got);
}

#define MIXED                                                                                     \
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nWords.\r\n" \
    "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--\r\n"
#define PKCS7(more) "Content-Type: application/pkcs7-mime" more "\nContent-Disposition: attachment; filename=smime.p7m"

/* In a mail: the text is read, the files are listed, nothing is called checked. */
static void test_mails(void)
{
    struct str s = STR_INIT, octets = STR_INIT;
    add(&octets, OCTETS, BYTES(MIXED));
    shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
    mail_is(PKCS7("; smime-type=signed-data"), &s,
            "smime-signed|Words.\n|1 application/pkcs7-mime smime.p7m=application/pkcs7-mime 2 text/plain - 3 text/csv a.csv=text/plain ",
            "a signed mail's text and files");
    mail_is("Content-Type: application/octet-stream; name=\"SMIME.P7M\"", &s,
            "smime-signed|Words.\n|1 application/octet-stream SMIME.P7M=application/pkcs7-mime 2 text/plain - 3 text/csv a.csv=text/plain ",
            "one that only its name tells");
    mail_is("Content-Type: application/x-pkcs7-mime; smime-type=enveloped-data", &s,
            "smime-signed|Words.\n|1 application/x-pkcs7-mime -=application/pkcs7-mime 2 text/plain - 3 text/csv a.csv=text/plain ",
            "what it is, not what it says");
    shell(&s, BYTES(PKCS "\7\3"), &octets, BYTES(PKCS "\7\1"));
    mail_is(PKCS7(""), &s, "smime-encrypted||1 application/pkcs7-mime smime.p7m=application/pkcs7-mime ", "an encrypted one");
    str_splice(&s, 0, 0, BYTES("Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"));
    str_clear(&octets);
    add(&octets, OCTETS, s.data, s.len);
    shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
    mail_is(PKCS7("; smime-type=signed-data"), &s,
            "smime-encrypted||1 application/pkcs7-mime smime.p7m=application/pkcs7-mime 2 application/pkcs7-mime -=application/pkcs7-mime ",
            "an encrypted one that was signed");
    shell(&s, BYTES(PKCS "\7\2"), NULL, BYTES(PKCS "\7\1"));
    mail_is(PKCS7("; smime-type=certs-only"), &s, "-||1 application/pkcs7-mime smime.p7m=application/pkcs7-mime ", "certificates");
    str_clear(&octets);
    add(&octets, OCTETS, BYTES("No header here, only words\r\nof two lines.\r\n"));
    shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
    str_truncate(&s, (size_t)((char *)memmem(s.data, s.len, "lines", 5) - s.data));
    mail_is(PKCS7(""), &s, "smime-signed|No header here, only words\nof two\n|1 application/pkcs7-mime smime.p7m=application/pkcs7-mime 2 text/plain - !truncated: S/MIME",
            "cut short, without a header: said, and shown as far as it goes");
    str_fini(&s);
    str_fini(&octets);
}

/* Wrapped in itself very often: it ends, the text of the inside is not needed. */
static void test_tower(void)
{
    struct str s = STR_INIT, octets = STR_INIT, mail = STR_INIT, answer = STR_INIT;
    str_puts(&mail, "Content-Type: text/plain\r\n\r\nThe core.\r\n");
    for (int i = 0; i < 60; i++) {
        str_clear(&octets);
        add(&octets, OCTETS, mail.data, mail.len);
        shell(&s, BYTES(PKCS "\7\2"), &octets, BYTES(PKCS "\7\1"));
        str_clear(&mail);
        str_puts(&mail, "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n");
        str_add(&mail, s.data, s.len);
    }
    mime_parse(mail.data, mail.len, &answer);
    ok(memmem(answer.data, answer.len, "truncated: S/MIME", 17) != NULL, "sixty around each other: said");
    str_fini(&s);
    str_fini(&octets);
    str_fini(&mail);
    str_fini(&answer);
}

int main(void)
{
    charset_open_all();
    mime_start();
    test_shapes();
    test_lies();
    test_bomb();
    test_mails();
    test_tower();
    return tap_end();
}
