/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_text.c - utf8, gate, json, clock. */
#include <locale.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/gate.h"
#include "base/json.h"
#include "base/utf8.h"
#include "tap.h"

/* Folds and compares. */
static void fold_is(const char *text, const char *want)
{
    struct str s = STR_INIT;
    utf8_fold(&s, text, strlen(text));
    is_str(str_text(&s), want, "fold");
    str_fini(&s);
}

static struct str wrapped;

/* Collects wrapped lines. */
static void add_line(void *user, const char *line, size_t n)
{
    (void)user;
    str_add(&wrapped, line, n);
    str_putc(&wrapped, '|');
}

/* Wraps and compares. */
static void wrap_is(const char *text, size_t cells, const char *want)
{
    str_clear(&wrapped);
    utf8_wrap(text, strlen(text), cells, add_line, NULL);
    is_str(str_text(&wrapped), want, "wrap");
}

/* Decoding, cells, clusters. */
static void test_utf8(void)
{
    size_t used;
    ok(utf8_decode("你", 3, &used) == 0x4f60 && used == 3, "decode");
    ok(utf8_decode("\xc0\xaf", 2, &used) == 0xfffd && used == 1, "overlong");
    ok(utf8_decode("\xed\xa0\x80", 3, &used) == 0xfffd && used == 1, "surrogate");
    ok(utf8_decode("\xf4\x90\x80\x80", 4, &used) == 0xfffd, "beyond Unicode");
    for (uint32_t c = 1; c < 0x110000; c += 13) {
        char b[4];
        size_t n = utf8_encode(c, b);
        if (n && (utf8_decode(b, n, &used) != c || used != n))
            ok(false, "round trip of U+%04X", (unsigned)c);
    }
    is_int((int64_t)utf8_partial_tail("a\xf0\x9f\x8c", 4), 3, "partial tail of an emoji");
    is_int((int64_t)utf8_partial_tail("你", 3), 0, "no partial tail");
    is_int((int64_t)utf8_partial_tail("\xc0", 1), 0, "a byte that begins nothing");
    is_int((int64_t)utf8_cells("a你é", 6), 4, "cells");
    is_int((int64_t)utf8_cluster("e\xcc\x81x", 4), 3, "an accent belongs to its letter");
    is_int((int64_t)utf8_cluster("👨‍👩‍👧x", strlen("👨‍👩‍👧x")), (int64_t)strlen("👨‍👩‍👧"), "a family");
    is_int((int64_t)utf8_cluster("🇩🇪🇫🇷", 16), 8, "a flag");
    is_int((int64_t)utf8_cluster_before("ab你", 5), 3, "cluster before");
    is_int((int64_t)utf8_cluster_before("xe\xcc\x81", 4), 3, "cluster before with an accent");
    size_t cells;
    ok(utf8_fit("你好吗", 9, 5, &cells) == 6 && cells == 4, "fit");
    struct str s = STR_INIT;
    utf8_cut_end(&s, "会议纪要.pdf", 8, "…");
    is_str(str_text(&s), "会议纪…", "cut at the end");
    str_clear(&s);
    utf8_cut_middle(&s, "Sophisticated Solutions", 11, "…");
    is_str(str_text(&s), "Sophi…tions", "cut in the middle");
    str_clear(&s);
    utf8_repair(&s, "a\xff" "b\0c", 5);
    is_str(str_text(&s), "a\xef\xbf\xbd" "b\xef\xbf\xbd" "c", "repair");
    str_fini(&s);
    fold_is("Ärger STRASSE ß", "arger strasse ss");
    fold_is("Ｆｕｌｌ　ＷＩＤＴＨ，ok", "full width,ok");
    fold_is("e\xcc\x81t\xc3\xa9 Café", "ete cafe");
    fold_is("ﬁn ｶﾞ が", "fin ガ が");
    fold_is("한글 会议", "한글 会议");
    fold_is("A\xff" "B", "a\xef\xbf\xbd" "b");
    ok(utf8_contains_folded("Das CAFÉ am Eck", "cafe"), "found");
    ok(!utf8_contains_folded("Das CAFÉ", "tee"), "not found");
    wrap_is("of the thread  :attachments", 17, "of the thread|:attachments|");
    wrap_is("one two three", 8, "one two|three|");
    wrap_is("会议纪要很长", 5, "会议|纪要|很长|");
    wrap_is("abcdefghij", 4, "abcd|efgh|ij|");
    wrap_is("", 4, "|");
    wrap_is("a\n\nb\n", 4, "a||b|");
    str_fini(&wrapped);
}

/* The gate gives the same for every cut. */
static void gate_is(const char *bytes, size_t n, enum gate_mode mode, bool ascii, const char *want)
{
    struct str whole = STR_INIT, cut = STR_INIT;
    struct gate g;
    gate_init(&g, mode, ascii);
    gate_feed(&g, bytes, n, &whole);
    gate_end(&g, &whole);
    is_str(str_text(&whole), want, "gate");
    bool same = true;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = i; j <= n; j++) {
            str_clear(&cut);
            gate_init(&g, mode, ascii);
            gate_feed(&g, bytes, i, &cut);
            gate_feed(&g, bytes + i, j - i, &cut);
            gate_feed(&g, bytes + j, n - j, &cut);
            gate_end(&g, &cut);
            same = same && strcmp(str_text(&cut), str_text(&whole)) == 0;
        }
    ok(same, "cut anywhere");
    str_fini(&whole);
    str_fini(&cut);
}

/* What the gate shows. */
static void test_gate(void)
{
#define GATE(text, mode, ascii, want) gate_is(text, sizeof text - 1, mode, ascii, want)
    GATE("a\x1b[31mb\x07", GATE_TEXT, false, "a␛[31mb␇");
    GATE("a\x1b[31mb\x7f", GATE_TEXT, true, "a^[[31mb^?");
    GATE("a\r\nb\rc\n", GATE_TEXT, false, "a\nb␍c\n");
    GATE("a\nb\r", GATE_LINE, false, "a␊b␍");
    GATE("ab\tc\t", GATE_TEXT, false, "ab      c       ");
    GATE("x\xc2\x9b" "31m", GATE_TEXT, false, "x⟦U+009B⟧31m");
    GATE("x\xe2\x80\xae" "y\xe2\x80\x8b", GATE_TEXT, true, "x<U+202E>y<U+200B>");
    GATE("👍🏽 👨‍👩 ❤️", GATE_TEXT, false, "👍 👨👩 ❤");
    GATE("\xf3\xa0\x81\x81", GATE_TEXT, false, "⟦U+E0041⟧");
    GATE("你\xe4\xbd", GATE_TEXT, false, "你\xef\xbf\xbd");
    GATE("\xff\xc3(\xf0\x9f\x8cx", GATE_TEXT, false,
         "\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx");
    GATE("\0", GATE_LINE, false, "␀");
    struct str out = STR_INIT;
    struct gate g;
    gate_init(&g, GATE_TEXT, false);
    for (int i = 0; i < 200000; i++) {
        unsigned r = (unsigned)i * 2654435761u >> 8;
        char c = (char)r;
        gate_feed(&g, &c, 1, &out);
    }
    gate_end(&g, &out);
    bool clean = utf8_valid(out.data, out.len);
    for (size_t i = 0; i < out.len; i++)
        clean = clean && ((unsigned char)out.data[i] >= 0x20 || out.data[i] == '\n') &&
                out.data[i] != 0x7f && !((unsigned char)out.data[i] == 0xc2 &&
                                         (unsigned char)out.data[i + 1] < 0xa0);
    ok(clean, "noise comes out harmless");
    str_fini(&out);
}

/* Reads JSON and prints it again. */
static void json_is(const char *text, const char *want)
{
    struct json *j;
    struct error e = ERROR_INIT;
    if (json_parse(text, strlen(text), &j, &e) != STATUS_OK) {
        is_str(NULL, want, text);
        return;
    }
    char *again = json_print(j);
    is_str(again, want, text);
    free(again);
    json_free(j);
}

/* JSON in and out. */
static void test_json(void)
{
    json_is(" {\"a\": [1, 2.5, true, null, \"x\"]} \n", "{\"a\":[1,2.5,true,null,\"x\"]}");
    json_is("{\"a\":1} x", NULL);
    json_is("{\"a\":", NULL);
    json_is("", NULL);
    json_is("\"\\ud83d\"", "\"\xef\xbf\xbd\"");
    json_is("\"\\ud83d\\ude00\"", "\"😀\"");
    json_is("\"a\\u0000b\"", "\"a\xef\xbf\xbd" "b\"");
    json_is("\"\xff\"", "\"\xef\xbf\xbd\"");
    json_is("\"\\\\u0000\"", "\"\\\\u0000\"");
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    struct json *j;
    struct error e = ERROR_INIT;
    ok(json_parse(deep, 200, &j, &e) == STATUS_CORRUPT, "too deep");
    j = json_object();
    json_set_str(j, "none", NULL);
    json_set_int(j, "n", 1780000000LL << 20);
    json_set_int(j, "n", 1780000000LL << 20);
    json_set_int(j, "max", INT64_MAX);
    json_set_time(j, "never", CLOCK_NONE);
    char *text = json_print(j);
    is_str(text, "{\"n\":1866465280000000,\"max\":9223372036854775807}", "numbers are exact");
    free(text);
    is_int(json_get_int(json_get(j, "absent"), "x", 7), 7, "absent of absent");
    json_free(j);
}

/* Dates. */
static void test_clock(void)
{
    char b[CLOCK_TEXT];
    int64_t t;
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    ok(clock_parse("2026-11-23T09:12:00+01:00", &t), "RFC 3339");
    is_str(clock_rfc3339(t, b), "2026-11-23T09:12:00+01:00", "and back");
    is_str(clock_rfc5322(t, b), "Mon, 23 Nov 2026 09:12:00 +0100", "RFC 5322");
    is_str(clock_day(t, b), "2026-11-23", "day");
    int64_t u;
    ok(clock_parse("2026-11-23 08:12:00.5Z", &u) && u == t, "in UTC");
    ok(clock_parse("2026-11-23T09:12", &u) && u == t, "local");
    ok(clock_parse("2026-11-23", &u) && u == clock_day_start(t, 0), "a day");
    ok(!clock_parse("2026-02-29", &u) && !clock_parse("2026-11-23x", &u) &&
           !clock_parse("26-11-23", &u) && !clock_parse("2026-11-23T25:00", &u),
       "what is none");
    is_str(clock_short(t, t + 3600, b), "09:12", "today");
    is_str(clock_short(t, t + 2 * 86400, b), "Mon", "this week");
    is_str(clock_short(t, t + 20 * 86400, b), "23 Nov", "this year");
    is_str(clock_short(t, t + 90 * 86400, b), "2026", "another year");
    is_str(clock_moment(t, t - 60, b), "09:12", "a moment of today");
    is_str(clock_moment(t, t - 86400, b), "Mon 09:12", "of this week");
    is_str(clock_moment(t, t - 20 * 86400, b), "23 Nov 09:12", "of this year");
    clock_fake_set(t);
    clock_fake_advance(1500);
    ok(clock_now() == t + 1 && clock_now_ms() == t * 1000 + 1500, "the fake clock");
    ok(clock_parse("2026-03-28", &t) && clock_day_start(t, 2) - t == 47 * 3600, "a short day");
}

/* What may become a hyperlink. */
static void url_is(const char *url, const char *want)
{
    struct str out = STR_INIT;
    bool good = gate_url(url, &out);
    if (!ok(good == (want != NULL) && str_eq(str_text(&out), want ? want : ""), "link %s", want ? want : "refused"))
        printf("# %s\n", str_text(&out));
    str_fini(&out);
}

static void test_url(void)
{
    char many[3000];
    memset(many, 'a', sizeof many - 1);
    memcpy(many, "https://", 8);
    many[sizeof many - 1] = '\0';
    url_is("https://a.example/x?y=1&z=2#f", "https://a.example/x?y=1&z=2#f");
    url_is("HTTP://A.example/会", "HTTP://A.example/%E4%BC%9A");
    url_is("mailto:a@b.example", "mailto:a@b.example");
    url_is("https://a.example/\"x y\"", "https://a.example/%22x%20y%22");
    url_is("https://a.example/\033\\\033]0;t\a", NULL);
    url_is("https://a.example/\nx", NULL);
    url_is("https://a.example/\xc2\x9b", "https://a.example/%C2%9B");
    url_is("javascript:alert(1)", NULL);
    url_is("file:///etc/passwd", NULL);
    url_is("https://", NULL);
    url_is("", NULL);
    url_is(many, NULL);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    test_utf8();
    test_gate();
    test_url();
    test_json();
    test_clock();
    return tap_end();
}
