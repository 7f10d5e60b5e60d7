/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_header - header values as they are found in the wild. */
#include <stdlib.h>

#include "base/alloc.h"
#include "reader/charset.h"
#include "reader/header.h"
#include "tap.h"

/* Decodes and compares. */
static void decodes(const char *raw, const char *want, const char *name)
{
    char *got = header_text(raw);
    is_str(got, want, name);
    free(got);
}

/* Reads a list and compares "name <address>|…". */
static void addresses(const char *raw, const char *want, const char *name)
{
    struct vec list;
    struct str got = STR_INIT;
    vec_init(&list, sizeof(struct header_address), header_address_fini);
    header_addresses(raw, 1000, &list);
    for (size_t i = 0; i < list.len; i++) {
        struct header_address *a = vec_at(&list, i);
        str_addf(&got, "%s%s<%s>", i ? "|" : "", a->name, a->address);
    }
    is_str(str_text(&got), want, name);
    str_fini(&got);
    vec_fini(&list);
}

/* Reads ids and compares "a b c". */
static void ids(const char *raw, const char *want, const char *name)
{
    struct vec list;
    strv_init(&list);
    header_ids(raw, 100, &list);
    char *got = strv_join(&list, " ");
    is_str(got, want, name);
    free(got);
    vec_fini(&list);
}

/* Reads a parameter and compares. */
static void param(const char *raw, const char *key, const char *want, const char *name)
{
    char *got = header_param(raw, key);
    is_str(got, want, name);
    free(got);
}

/* RFC 2047 as it should be. */
static void test_words(void)
{
    decodes("plain text", "plain text", "plain");
    decodes("=?UTF-8?B?5Lya6K6u?=", "会议", "B");
    decodes("=?utf-8?q?Caf=C3=A9_au_lait?=", "Café au lait", "Q with underscore");
    decodes("Re: =?ISO-8859-1?Q?Gr=FC=DFe?= aus Berlin", "Re: Grüße aus Berlin", "in running text");
    decodes("=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab", "white space between words goes");
    decodes("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c", "but not around other text");
    decodes("=?GB2312?B?1cXI/cDu?=", "张三李", "GB2312");
    decodes("=?gb2312?B?5mfoRg==?=", "鎔鐵", "GB2312 that needs GB18030");
    decodes("=?Big5?B?pKSk5bZspfM=?=", "中文郵件", "Big5");
    decodes("=?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=", "会議", "ISO-2022-JP");
    decodes("=?Shift_JIS?B?ie+LYw==?=", "会議", "Shift_JIS");
    decodes("=?koi8-r?B?8NLJ18XU?=", "Привет", "KOI8-R");
    decodes("=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет", "windows-1251");
    decodes("=?iso-8859-1*en?q?=80?=", "€", "language, and latin-1 that is windows-1252");
    decodes("=?utf-8?B?8J+Zgg==?= ok", "🙂 ok", "emoji");
}

/* RFC 2047 as it is. */
static void test_broken_words(void)
{
    decodes("=?utf-8?q?two words here?=", "two words here", "spaces inside");
    decodes("=?utf-8?B?5Lya?==?utf-8?B?6K6u?=", "会议", "nothing between words");
    decodes("=?utf-8?B?5Lya6K?= =?utf-8?B?6u?=", "会议", "a character cut in two, no padding");
    decodes("=?utf-8?Q?=E4=BC?= =?utf-8?Q?=9A=E8=AE=AE?=", "会议", "a character cut in two, Q");
    decodes("\"=?utf-8?Q?Li_Na?=\"", "\"Li Na\"", "inside quotes");
    decodes("=?utf-8?Q?What?=20now?=", "What? now", "question mark inside");
    decodes("=?utf-8?Q?=3D=3F?= x", "=? x", "escaped marks stay text");
    decodes("=?utf-8?q?open", "=?utf-8?q?open", "no end");
    decodes("=?x-no-such?q?abc?=", "abc", "unknown charset, ASCII");
    decodes("=?utf-8?Q?bad=FFbyte?=", "bad\xef\xbf\xbd" "byte", "malformed UTF-8 is shown");
    decodes("=?us-ascii?Q?a=0D=0ABcc:_x?=", "a Bcc: x", "no line end comes out");
    decodes("=?utf-8?Q?a=00b?=", "a\xef\xbf\xbd" "b", "NUL is shown");
    decodes("\xe4\xbc\x9a\xe8\xae\xae", "会议", "raw UTF-8");
    decodes("\xbb\xe1\xd2\xe9\xcd\xa8\xd6\xaa", "会议通知", "raw GB18030");
    decodes("M\xfcller und Gr\xf6\xdf" "e", "Müller und Größe", "raw latin-1");
    decodes("=?gb18030?q?=BB=E1=D2=E9?= \xbb\xe1\xd2\xe9", "会议 会议", "words and raw bytes");
}

/* Address lists. */
static void test_addresses(void)
{
    addresses("a@b.example", "<a@b.example>", "bare");
    addresses("Tom Berger <tom@b.example>", "Tom Berger<tom@b.example>", "phrase");
    addresses("\"Li, Na\" <n@b.example>, x@y.example", "Li, Na<n@b.example>|<x@y.example>",
              "comma in quotes");
    addresses("Li, Anna <a@b.example>", "Li, Anna<a@b.example>", "comma without quotes");
    addresses("a@b.example (Tom (the) Berger)", "Tom (the) Berger<a@b.example>", "comment");
    addresses("=?GB2312?B?wO7EyA==?= <l@b.example>", "李娜<l@b.example>", "encoded name");
    addresses("=?utf-8?Q?a=2C_b?= <l@b.example>", "a, b<l@b.example>",
              "an encoded comma does not part");
    addresses("=?utf-8?B?TGkgTmEgPG5hQGIuZXhhbXBsZT4=?=", "Li Na<na@b.example>",
              "all in one encoded word");
    addresses("team: a@b.example, c@d.example; e@f.example",
              "<a@b.example>|<c@d.example>|<e@f.example>", "group");
    addresses("undisclosed-recipients:;", "", "empty group");
    addresses("<@relay.example,@x.example:a@b.example>", "<a@b.example>", "route");
    addresses("Tom <tom@b.example", "Tom<tom@b.example>", "no closing bracket");
    addresses("\"tom@b.example\" <other@c.example>", "tom@b.example<other@c.example>",
              "an address as a name");
    addresses("MAILER-DAEMON", "<MAILER-DAEMON>", "no domain");
    addresses(";;;;,,,;", "", "only separators");
    addresses("a@b.example; c@d.example", "<a@b.example>|<c@d.example>", "semicolons");
    addresses("Tom\r\n\t<tom@b.example>,\r\n x@y.example", "Tom<tom@b.example>|<x@y.example>",
              "folded");
    addresses("\xc0\xee\xc4\xc8 <l@b.example>", "李娜<l@b.example>", "raw GB18030 name");
    addresses("\"a\\\"b\" <c@d.example>", "a\"b<c@d.example>", "quoted pair");
}

/* Ids and parameters. */
static void test_structured(void)
{
    ids("<a@b>", "a@b", "one id");
    ids("<a@b> <c@d>\r\n\t<e@f>", "a@b c@d e@f", "several, folded");
    ids("<a @b>", "a@b", "white space inside");
    ids("Your message of Monday <a@b>", "a@b", "prose around it");
    ids("a@b c@d", "a@b c@d", "no brackets");
    ids("\"nothing\"", "", "no id");
    param("attachment; filename=\"a b.pdf\"", "filename", "a b.pdf", "quoted");
    param("attachment; filename=a b.pdf; size=3", "filename", "a b.pdf", "spaces without quotes");
    param("attachment; filename*=UTF-8''%E6%8A%A5%E4%BB%B7.pdf", "filename", "报价.pdf", "2231");
    param("a/b; name*0*=GB2312''%B1%A8; name*1*=%BC%DB; name*2=.xls", "name", "报价.xls",
          "2231 in pieces");
    param("a/b; name*1=b; name*0=a", "name", "ab", "pieces in any order");
    param("a/b; filename=\"=?GB2312?B?sai827WlLnhscw==?=\"", "filename", "报价单.xls",
          "2047 where it must not be");
    param("a/b; filename=\"x.doc\"; filename*=utf-8''y.doc", "filename", "y.doc", "* wins");
    param("a/b; filename=\xb1\xa8\xbc\xdb.xls", "filename", "报价.xls", "raw bytes");
    param("a/b; x=\"; filename=no\"; filename=yes", "filename", "yes", "not inside quotes");
    param("a/b; filename=\"a\\\"b\"", "filename", "a\"b", "quoted pair");
    param("a/b; filename=\"C:\\temp\\x.png\"", "filename", "C:\\temp\\x.png",
          "a path of Windows keeps its strokes");
    param("a/b", "filename", NULL, "absent");
}

/* Runs all. */
int main(void)
{
    charset_open_all();
    test_words();
    test_broken_words();
    test_addresses();
    test_structured();
    return tap_end();
}
