/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tokenizer.c - folding, runs and plurals. */
#include <stdlib.h>
#include <string.h>

#include "store/tokenizer.h"
#include "tap.h"

/* Writes a run as "word" or "[cjk]". */
static bool on_run(void *user, bool cjk, char *bytes, size_t n)
{
    struct str *out = user;
    if (out->len)
        str_putc(out, ' ');
    if (cjk)
        str_putc(out, '[');
    str_add(out, bytes, n);
    if (cjk)
        str_putc(out, ']');
    return true;
}

/* One text and its runs. */
static void runs(struct tokenizer *t, const char *text, const char *want)
{
    struct str out = STR_INIT;
    tokenizer_runs(t, text, strlen(text), on_run, &out);
    is_str(str_text(&out), want, text);
    str_fini(&out);
}

/* One word and its singular. */
static void stem(const char *word, const char *want)
{
    char buf[64];
    snprintf(buf, sizeof buf, "%s", word);
    buf[tokenizer_stem(buf, strlen(buf))] = '\0';
    is_str(buf, want, word);
}

/* Runs the parts. */
int main(void)
{
    struct tokenizer *t = tokenizer_new();
    runs(t, "Hello, World! 42", "hello world 42");
    runs(t, "CAF\xc3\x89 na\xc3\xafve Stra\xc3\x9f" "e", "cafe naive strasse");
    runs(t, "cafe\xcc\x81", "cafe");
    runs(t, "\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\x93", "ab3");              /* full width */
    runs(t, "\xef\xac\x81le", "file");                                 /* a ligature */
    runs(t, "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
    runs(t, "anna.li@example.com", "anna li example com");
    runs(t, "snake_case", "snake case");
    runs(t, "会议plan纪要", "[会议] plan [纪要]");
    runs(t, "会议，纪要。", "[会议] [纪要]");
    runs(t, "ｶﾞｲﾄﾞ ガイド", "[ガイド] [ガイド]");
    runs(t, "\xe1\x84\x92\xe1\x85\xac\xe1\x84\x8b\xe1\x85\xb4", "[회의]"); /* pieces of Hangul */
    runs(t, "การประชุม", "[การประชุม]");
    runs(t, "bad \xff\xfe utf", "bad utf");
    runs(t, "\xe4\xbc", "");
    runs(t, "", "");
    runs(t, "①Ⅳ", "1iv");
    char text[400];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    struct str out = STR_INIT;
    tokenizer_runs(t, text, strlen(text), on_run, &out);
    is_int((int64_t)out.len, TOKENIZER_WORD_MAX, "a long word is cut");
    str_fini(&out);
    stem("contracts", "contract");
    stem("companies", "company");
    stem("invoices", "invoice");
    stem("boxes", "boxe");
    stem("employees", "employee");
    stem("status", "status");
    stem("address", "address");
    stem("is", "is");
    stem("ids", "id");
    stem("s", "s");
    stem("ties", "ty");
    tokenizer_free(t);
    return tap_end();
}
