/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lines.c - base64 that is kept decoded comes back byte by byte, whatever stands around it. */
#include "mail/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

static uint64_t seed = 20261128;

/* A number below n. */
static unsigned any(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* Appends base64 of n bytes in lines of width. */
static void base64(struct str *out, size_t n, size_t width, const char *eol)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t column = 0;
    for (size_t i = 0; i < n; i += 3) {
        unsigned a = any(256), b = i + 1 < n ? any(256) : 0, c = i + 2 < n ? any(256) : 0;
        char four[4] = {digits[a >> 2], digits[(a & 3) << 4 | b >> 4],
                        i + 1 < n ? digits[(b & 15) << 2 | c >> 6] : '=', i + 2 < n ? digits[c & 63] : '='};
        str_add(out, four, 4);
        column += 4;
        if (column >= width) {
            str_puts(out, eol);
            column = 0;
        }
    }
    if (column)
        str_puts(out, eol);
}

/* Does it come back? *len is the length of its form, 0: it has none. */
static bool comes_back(const struct str *mail, size_t *len)
{
    struct str form = STR_INIT, again = STR_INIT;
    struct error err = ERROR_INIT;
    str_puts(&form, "in front");
    bool has = mail_lines_off(mail->data, mail->len, &form);
    bool good = memcmp(form.data, "in front", 8) == 0 && (has || form.len == 8);
    *len = form.len - 8;
    if (has)
        good = good && mail_lines_on(form.data + 8, form.len - 8, mail->len, &again, &err) == STATUS_OK &&
               again.len == mail->len && memcmp(again.data, mail->data, mail->len) == 0;
    str_fini(&form);
    str_fini(&again);
    return good;
}

/* Usual parts. */
static void test_usual(void)
{
    struct str mail = STR_INIT;
    size_t len;
    static const char *const ends[] = {"\n", "\r\n"};
    for (int e = 0; e < 2; e++) {
        str_clear(&mail);
        str_addf(&mail, "Content-Transfer-Encoding: base64%s%s", ends[e], ends[e]);
        base64(&mail, 5000, 76, ends[e]);
        str_addf(&mail, "%s--border--%s", ends[e], ends[e]);
        ok(comes_back(&mail, &len) && len > 5000 && len < 5100, "an attachment, %s: %zu bytes for %zu",
           e ? "CRLF" : "LF", len, mail.len);
    }
    str_clear(&mail);
    str_puts(&mail, "Subject: none\n\nThis mail has no such lines, and so it has no form.\nIt has words of letters.\n");
    ok(comes_back(&mail, &len) && len == 0, "a mail without any has no form");
    str_fini(&mail);
}

/* Mails of parts of any width and length, changed in places, cut anywhere. */
static void test_any(void)
{
    static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", ""};
    struct str mail = STR_INIT;
    int good = 0, forms = 0;
    for (int i = 0; i < 4000; i++) {
        size_t len;
        str_clear(&mail);
        for (unsigned parts = any(5); parts > 0; parts--) {
            for (unsigned k = any(40); k > 0; k--)
                str_putc(&mail, any(9) ? (char)(' ' + any(95)) : '\n');
            if (any(4))
                str_putc(&mail, '\n');
            base64(&mail, any(3) ? any(900) : any(9), any(3) ? 76 : 4 + 4 * any(40), ends[any(8) < 7 ? any(2) : any(5)]);
        }
        for (unsigned k = any(2) ? 0 : any(4); k > 0 && mail.len; k--)
            mail.data[any((unsigned)mail.len)] = (char)(any(3) ? "=A\r\n/b"[any(6)] : (char)any(256));
        if (mail.len && any(3) == 0)
            str_truncate(&mail, any((unsigned)mail.len));
        good += comes_back(&mail, &len);
        forms += len > 0;
    }
    is_int(good, 4000, "4,000 mails come back");
    ok(forms > 2000, "of which %d had a form", forms);
    str_fini(&mail);
}

/* Forms that were damaged are told, or give something that is no more than asked for. */
static void test_damaged(void)
{
    struct str mail = STR_INIT, form = STR_INIT, bad = STR_INIT, out = STR_INIT;
    int told = 0, wrong = 0;
    str_puts(&mail, "Subject: x\n\n");
    base64(&mail, 300, 76, "\n");
    str_puts(&mail, "between\n");
    base64(&mail, 400, 72, "\n");
    ok(mail_lines_off(mail.data, mail.len, &form), "a form of two blocks");
    struct error limit = ERROR_INIT;
    is_int(mail_lines_on(form.data, form.len, mail.len - 1, &out, &limit), STATUS_LIMIT, "a ceiling holds");
    for (int i = 0; i < 3000; i++) {
        struct error err = ERROR_INIT;
        str_clear(&bad);
        str_clear(&out);
        str_add(&bad, form.data, form.len);
        bad.data[form.len - 1 - any(20)] = (char)any(256);
        if (any(4) == 0)
            str_truncate(&bad, any((unsigned)bad.len));
        enum status s = mail_lines_on(str_text(&bad), bad.len, mail.len, &out, &err);
        told += s != STATUS_OK;
        wrong += s == STATUS_OK && out.len > mail.len;
    }
    ok(told > 1000, "of 3,000 damaged forms %d are told", told);
    is_int(wrong, 0, "none gives more than asked for");
    str_fini(&mail);
    str_fini(&form);
    str_fini(&bad);
    str_fini(&out);
}

int main(void)
{
    test_usual();
    test_any();
    test_damaged();
    return tap_end();
}
