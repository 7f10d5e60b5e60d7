/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_fuzz - a short run of every fuzz target that is the same each time: good inputs, and what
 * becomes of them by cutting, doubling, swapping and flipping. FUZZ_ROUNDS makes it longer; with
 * file names as arguments it only runs those through the target named first. */
#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "fuzz/targets.h"
#include "tap.h"

static const struct target {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define X(name) {#name, fuzz_##name},
    FUZZ_TARGETS(X)
#undef X
};
enum { TARGETS = sizeof targets / sizeof targets[0] };

/* Inputs to begin with: something of every format. */
static const char *const seeds[] = {
    "From: =?UTF-8?B?5p2O5aic?= <li@h.example>\r\nTo: a@b, \"x, y\" <c@d>\r\nSubject: x\r\n"
    "References: <a@b> <c@d>\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=gb2312; format=flowed\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nu+HS6c2o1qo=\r\n--b\r\n"
    "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<p style=3D\"display:none\">x</p><table><tr><td>a<td>b</table>\r\n--b--\r\n",
    "From: a\nContent-Type: message/rfc822\n\nFrom: b\nContent-Type: multipart/mixed; "
    "boundary=\"q\"\n\n--q\nContent-Disposition: attachment; filename*0*=UTF-8''%E6%8A; "
    "filename*1*=%A5.pdf\n\nx\n--q--\n",
    "From: a\nContent-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n"
    "MIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwGggCSABB9Db250ZW50LVR5cGU6IG11\n"
    "bHRpcGFydC9taXhlZDsgBB9ib3VuZGFyeT1iDQoNCi0tYg0KDQp4DQotLWItLQ0KAAAAAAAAAAAA\n"
    "AAAA\n",
    "<style>.a{display:none}#b,p.c{color:#fff}</style><div class=a>h</div><ul><li>a<li>b</ul>"
    "<blockquote>q<pre>  p</pre></blockquote><a href='https://a.example'>b.example</a>&amp;&#20250;",
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Li Na>we keep</v>\n\nNOTE x\n\n"
    "00:03.000 --> 00:04.000\nTom: yes &amp; no\n",
    "1\n00:00:01,000 --> 00:00:02,000\nAnna: one\n\n[00:12:31] Li Na: text\nTom Berger  0:12\nok\n",
    "=?GB2312?B?u+HS6Q==?= =?utf-8*en?Q?a_=3D=C3?= =?ISO-2022-JP?B?GyRCMnE1RBsoQg==?= x",
    "team: \"Li, Na\" <l@x>, (c (d)) t@y (Tom), <@r,@s:u@v>; Anna, B <a@b>",
    "attachment; name*=GB2312'zh'%B1%A8; name=\"=?utf-8?q?x?=\"; name*1=b; x=\"\\\"\"",
    "data: {\"choices\":[{\"delta\":{\"content\":\"\\u4f1a \\ud83d\\ude42\"}}]}\r\n\r\n: c\n"
    "event: e\ndata: [DONE]\n\n",
    "{\"a\":[1,2.5e3,true,null,\"x\\n\"],\"b\":{\"c\":{}}}",
    "from:li (会议 OR \"a phrase\") -date:2026-03..2026-05 budget* newer:7d NOT label:x in:\"a b\"",
    "a\033[31mred\033]0;t\007\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\xa1\r\n\tb\xf0\x9f\x91\xa9\xe2\x80\x8d",
    "account work from \"Anna <a@b>\" smtp 'smtps://x' password-command pass show ; # c",
    "by Friday, 12 月 2 日 前, 30 Nov, 下周三 15:00, tomorrow 9:00, 2026-12-01 14:00, +3d, 明天上午",
    "* 1 FETCH (UID 7 FLAGS (\\Seen $a) BODY[HEADER.FIELDS (A)]<0> {5}\r\nab\r\nc MODSEQ (9))\r\n* VANISHED (EARLIER) 1:5,9\r\n"
    "b1 OK [COPYUID 3 1:2 4:5] done\r\n* LIST (\\Sent) \"/\" \"&Txqurg-\"\r\n* SEARCH 1 2 (MODSEQ 4)\r\n",
    "* ESEARCH (TAG \"a\") UID ALL 1,3:9 COUNT 4\r\n* STATUS {3}\r\na b (MESSAGES 1 X (2))\r\n+ go\r\n* OK [ALERT] x\r\n"
    "* 3 FETCH (ENVELOPE (NIL ((\"a\" NIL))) X-GM-LABELS (\\Inbox \"b\\\"c\") INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\r\n",
    "* NAMESPACE ((\"\" \"/\")) NIL ((\"#s.\" \".\" \"X\" (\"y\")))\r\n* ID (\"name\" NIL)\r\n* BYE [UNAVAILABLE] {9}\r\n1,5:9,*",
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    "BEGIN:VEVENT\r\nDTSTART;TZID=X:20261127T140000\r\nDTEND;TZID=Asia/Shanghai:20261127T150000\r\nRRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=9\r\n"
    "EXDATE;TZID=X:20261201T140000\r\nATTENDEE;CN=\"a\";PARTSTAT=ACCEPTED:mailto:a@b\r\nSUMMARY:x\\,y\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "name;qty\r\n\"a;\"\"b\"\"\r\nc\";12,5\r\n|\t,,;;\n",
    "# Head\n\n- a **b** `c`\n  1. d\n\n> q\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n",
};
enum { SEEDS = sizeof seeds / sizeof seeds[0] };

static uint64_t state;

/* A number that is the same in every run (splitmix64). */
static uint64_t next_number(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A number below n. */
static size_t below(size_t n)
{
    return n ? (size_t)(next_number() % n) : 0;
}

/* Changes an input in one of the usual ways. */
static void mutate(struct str *s)
{
    static const char *const bits[] = {"\r\n", "=?", "?=", "<", ">", "\"", "--", "\xff", "\x1b",
                                       "\xe4\xbc", "&#", "(", ";", ":", "\\", "{", "[", "0", " "};
    size_t at = below(s->len + 1), n = below(s->len - at + 1);
    switch (below(8)) {
    case 0: /* cut */
        str_splice(s, at, n, NULL, 0);
        break;
    case 1: { /* double */
        char *copy = s->len ? strndup(s->data + at, n) : NULL;
        if (copy)
            str_splice(s, at, 0, copy, strlen(copy));
        free(copy);
        break;
    }
    case 2: /* end early */
        str_truncate(s, at);
        break;
    case 3: { /* something of another seed */
        const char *other = seeds[below(SEEDS)];
        size_t from = below(strlen(other));
        str_splice(s, at, 0, other + from, below(strlen(other + from) + 1));
        break;
    }
    case 4: { /* a piece of syntax, many times */
        const char *bit = bits[below(sizeof bits / sizeof bits[0])];
        for (size_t i = below(30) + 1; i; i--)
            str_splice(s, at, 0, bit, strlen(bit));
        break;
    }
    default: /* flip bytes */
        for (size_t i = below(6) + 1; i && s->len; i--)
            s->data[below(s->len)] = (char)next_number();
    }
    if (s->len > 20000)
        str_truncate(s, 20000);
}

/* Runs files through one target. */
static int run_files(int argc, char **argv)
{
    for (size_t t = 0; t < TARGETS; t++)
        for (int i = 2; i < argc && str_eq(argv[1], targets[t].name); i++) {
            struct str s = STR_INIT;
            struct error err = ERROR_INIT;
            if (path_read(argv[i], 64 << 20, &s, &err) == STATUS_OK)
                targets[t].run((const uint8_t *)str_text(&s), s.len);
            str_fini(&s);
        }
    return 0;
}

/* Runs all targets. */
int main(int argc, char **argv)
{
    const char *more = getenv("FUZZ_ROUNDS");
    long rounds = more ? strtol(more, NULL, 10) : 5000;
    if (argc > 2)
        return run_files(argc, argv);
    for (size_t t = 0; t < TARGETS; t++) {
        struct str s = STR_INIT;
        state = t;
        alarm(200); /* an input that hangs ends the test, loudly */
        for (long i = 0; i < rounds; i++) {
            if (i % 12 == 0) {
                str_clear(&s);
                str_puts(&s, seeds[(size_t)(i / 12) % SEEDS]);
            }
            targets[t].run((const uint8_t *)str_text(&s), s.len);
            mutate(&s);
        }
        ok(true, "%s: %ld inputs", targets[t].name, rounds);
        str_fini(&s);
    }
    return tap_end();
}
