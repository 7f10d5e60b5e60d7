/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_transcript - what was said, from the files that meeting programs write. */
#include "base/record.h"
#include "base/wire.h"
#include "mail/reader.h"
#include "mail/unpack.h"
#include "reader/charset.h"
#include "reader/transcript.h"
#include "tap.h"

/* Reads and compares "start-end speaker: text" lines. */
static void reads(const char *bytes, size_t n, const char *want, const char *name)
{
    struct str answer = STR_INIT, got = STR_INIT;
    struct vec cues;
    uint16_t type;
    struct record_view body;
    mail_unpack_cues_init(&cues);
    transcript_read(bytes, n, &answer);
    bool good = record_peek(str_text(&answer), answer.len, &type, &body) > 0 && type == WIRE_CUES &&
                mail_unpack_cues(body, &cues);
    ok(good, "%s: a record", name);
    for (size_t i = 0; i < cues.len; i++) {
        struct mail_cue *c = vec_at(&cues, i);
        str_addf(&got, "%" PRId64 "-%" PRId64 " %s: %s\n", c->start_ms, c->end_ms, c->speaker,
                 c->text);
    }
    is_str(str_text(&got), want, name);
    vec_fini(&cues);
    str_fini(&answer);
    str_fini(&got);
}

#define READS(text, want, name) reads(text, sizeof(text) - 1, want, name)

/* Runs all. */
int main(void)
{
    charset_open_all();
    READS("\xef\xbb\xbfWEBVTT\r\n\r\n3f2a1b9c-8d7e-4f10-a2b3-c4d5e6f70819/12-0\r\n"
          "00:12:31.000 --> 00:12:34.500\r\n<v Li Na>we keep forty-eight two hundred</v>\r\n\r\n"
          "3f2a1b9c-8d7e-4f10-a2b3-c4d5e6f70819/13-0\r\n00:12:35.000 --> 00:12:36.000\r\n"
          "<v Li Na>until March</v>\r\n\r\n00:13:00.000 --> 00:13:02.000\r\n<v Tom Berger>fine\r\n",
          "751000-756000 Li Na: we keep forty-eight two hundred until March\n"
          "780000-782000 Tom Berger: fine\n",
          "Teams");
    READS("WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\n李娜: 价格保持不变，\n\n2\n"
          "00:00:04.500 --> 00:00:06.000\n李娜: 到三月为止。\n\n3\n00:00:09.000 --> 00:00:10.000\n"
          "Tom Berger: I send the clause &amp; the list.\n",
          "1000-6000 李娜: 价格保持不变，到三月为止。\n"
          "9000-10000 Tom Berger: I send the clause & the list.\n",
          "Zoom");
    READS("WEBVTT - title\nKind: captions\n\nNOTE a note\nover two lines\n\nSTYLE\n::cue{}\n\n"
          "01:02.500 --> 01:04.000 align:start\n<i>hello</i> <00:01:03.000><c>there</c>\n",
          "62500-64000 : hello there\n", "no hours, marks, settings, notes");
    READS("1\r00:00:01,000 --> 00:00:02,000\rAnna: one\r\r2\r00:00:08,000 --> 00:00:09,500\r"
          "Ben: two\r",
          "1000-2000 Anna: one\n8000-9500 Ben: two\n", "SRT with CR");
    READS("1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:08,000 --> 00:00:09,500\ntwo\n",
          "1000-2000 : one\n8000-9500 : two\n", "SRT without empty lines");
    READS("WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>x</v>\n\n00:04.100 --> 00:05.000\n<v A>y</v>\n",
          "1000-2000 A: x\n4100-5000 A: y\n", "more than two seconds apart");
    READS("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>yes?</v><v Ben>no.</v>\n",
          "1000-2000 Anna: yes?\n1000-2000 Ben: no.\n", "two voices in one cue");
    READS("WEBVTT\n\n00:01.000 --> 00:02.000\n10:30 Meeting: starts\n\n"
          "00:05.000 --> 00:06.000\nthe point is: money\n\n00:09.000 --> 00:10.000\nhttp://x.y\n",
          "1000-2000 : 10:30 Meeting: starts\n5000-6000 : the point is: money\n"
          "9000-10000 : http://x.y\n",
          "what is no speaker");
    READS("Li Na: We keep the price.\nTom Berger: Until when?\n  And who pays?\nLi Na: March.\n",
          "-1--1 Li Na: We keep the price.\n-1--1 Tom Berger: Until when? And who pays?\n"
          "-1--1 Li Na: March.\n",
          "plain text, a line that goes on");
    READS("[00:12:31] Li Na: We keep it.\n[00:12:40] Tom: Good.\n",
          "751000--1 Li Na: We keep it.\n760000--1 Tom: Good.\n", "plain text with times");
    READS("Li Na   0:03\nWe keep it.\nReally.\n\nTom Berger   0:12\nGood.\n",
          "3000--1 Li Na: We keep it. Really.\n12000--1 Tom Berger: Good.\n", "heads with times");
    READS("李娜：价格不变。\n王伟：同意。\n", "-1--1 李娜: 价格不变。\n-1--1 王伟: 同意。\n",
          "full-width colon");
    READS("Agenda: price\nDate: Monday\nWe met and talked.\nNothing else: really.\n",
          "-1--1 : Agenda: price\n-1--1 : Date: Monday\n-1--1 : We met and talked.\n"
          "-1--1 : Nothing else: really.\n",
          "notes are no dialogue");
    READS("\xc0\xee\xc4\xc8: \xbb\xe1\xd2\xe9\xcd\xa8\xd6\xaa\n", "-1--1 李娜: 会议通知\n",
          "GB18030");
    READS("", "", "empty");
    return tap_end();
}
