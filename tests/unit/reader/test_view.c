/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_view - attachments as text: tables, office files, what files really are, appointments; and
 * the same in hostile forms. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "base/record.h"
#include "base/str.h"
#include "base/wire.h"
#include "mail/event.h"
#include "reader/calendar.h"
#include "reader/columns.h"
#include "reader/office.h"
#include "reader/sniff.h"
#include "reader/view.h"
#include "reader/zip.h"
#include "tap.h"

/* ---- columns ---- */

/* Is this CSV shown so? */
static void columns_are(const char *csv, const char *want, const char *name)
{
    struct str out = STR_INIT;
    size_t left = columns_add(&out, csv, strlen(csv), 0, 10000);
    if (!ok(left == 0 && str_eq(str_text(&out), want), "%s", name))
        printf("# got: %s\n", str_text(&out));
    str_fini(&out);
}

/* Commas, quotes, wide characters, numbers to the right. */
static void test_columns(void)
{
    columns_are("name,qty\nbolt,12\nnut,5\n", "name  qty\nbolt   12\nnut     5\n", "numbers to the right");
    columns_are("a;b\n\"x;y\";\"he said \"\"no\"\"\"\n", "a    b\nx;y  he said \"no\"\n", "semicolons, quotes");
    columns_are("品名,数量\n螺栓,12\n", "品名  数量\n螺栓    12\n", "wide characters");
    columns_are("a,b\r\n\"two\nlines\",c\r\n", "a          b\ntwo lines  c\n", "a line end inside quotes");
    columns_are("", "", "nothing");
    struct str big = STR_INIT, out = STR_INIT;
    for (int i = 0; i < 1000000; i++)
        str_addf(&big, "%d,x%d\n", i, i % 7);
    clock_t start = clock();
    size_t left = columns_add(&out, big.data, big.len, 0, 2 << 20);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    ok(left > 700000 && out.len < (2 << 20) + 200, "a million rows: %zu left out, %.2f s", left, seconds);
    str_fini(&big);
    str_fini(&out);
}

/* ---- archives ---- */

struct maker {
    struct str file, list;
    int count;
};

/* Appends a number, low byte first. */
static void put(struct str *s, size_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        str_putc(s, (char)(i < 8 ? v >> (8 * i) : 0));
}

/* Adds a deflated entry. */
static void zip_add(struct maker *m, const char *name, const char *data, size_t n)
{
    size_t at = m->file.len, cap = compressBound((uLong)n) + 64;
    unsigned char *packed = malloc(cap);
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)data, .avail_in = (unsigned)n,
                  .next_out = packed, .avail_out = (unsigned)cap};
    deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    for (int central = 0; central < 2; central++) {
        struct str *to = central ? &m->list : &m->file;
        str_add(to, central ? "PK\1\2" : "PK\3\4", 4);
        put(to, 20, central ? 4 : 2);
        put(to, 0, 2);
        put(to, 8, 2);
        put(to, 0, 4);
        put(to, 0, 4);
        put(to, z.total_out, 4);
        put(to, n, 4);
        put(to, strlen(name), 2);
        put(to, 0, 2);
        if (central) {
            put(to, 0, 2 + 2 + 2 + 4);
            put(to, at, 4);
        }
        str_puts(to, name);
    }
    str_add(&m->file, (char *)packed, z.total_out);
    free(packed);
    m->count++;
}

/* Ends the archive. */
static void zip_end(struct maker *m)
{
    size_t at = m->file.len;
    str_add(&m->file, m->list.data, m->list.len);
    str_add(&m->file, "PK\5\6", 4);
    put(&m->file, 0, 4);
    put(&m->file, (size_t)m->count, 2);
    put(&m->file, (size_t)m->count, 2);
    put(&m->file, m->list.len, 4);
    put(&m->file, at, 4);
    put(&m->file, 0, 2);
    str_fini(&m->list);
}

/* An office file of these entries is shown so. */
static void office_is(const char *const *entries, const char *want, const char *name)
{
    struct maker m = {.count = 0};
    struct str out = STR_INIT;
    bool cut = false;
    for (size_t i = 0; entries[i]; i += 2)
        zip_add(&m, entries[i], entries[i + 1], strlen(entries[i + 1]));
    zip_end(&m);
    bool good = office_add(&out, m.file.data, m.file.len, 1 << 20, &cut);
    if (!ok(good && !cut && str_eq(str_text(&out), want), "%s", name))
        printf("# good %d cut %d got: %s\n", good, cut, str_text(&out));
    for (size_t n = 0; n < m.file.len; n += n < 200 ? 1 : 37) { /* cut anywhere: no crash */
        str_clear(&out);
        office_add(&out, m.file.data, n, 1 << 20, &cut);
    }
    str_fini(&out);
    str_fini(&m.file);
}

#define W "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""

static void test_office(void)
{
    office_is((const char *[]){"word/document.xml",
                               "<?xml version=\"1.0\"?><w:document " W "><w:body>"
                               "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>报价 &amp; Co</w:t></w:r></w:p>"
                               "<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t></w:r></w:p>"
                               "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>item</w:t></w:r></w:p></w:tc>"
                               "<w:tc><w:p><w:r><w:t>EUR</w:t></w:r></w:p></w:tc></w:tr>"
                               "<w:tr><w:tc><w:p><w:r><w:t>bolt</w:t></w:r></w:p></w:tc>"
                               "<w:tc><w:p><w:r><w:t>12</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
                               "<w:p><w:r><w:delText>gone</w:delText><w:t>end</w:t></w:r></w:p></w:body></w:document>",
                               NULL},
              "报价 & Co\none    two\nitem  EUR\nbolt   12\nend\n", "a text document");
    office_is((const char *[]){"xl/workbook.xml",
                               "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"rId1\" xmlns:r=\"r\"/></sheets></workbook>",
                               "xl/styles.xml",
                               "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>",
                               "xl/sharedStrings.xml", "<sst><si><t>总价</t></si><si><r><t>due</t></r></si></sst>",
                               "xl/worksheets/sheet1.xml",
                               "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>"
                               "<row r=\"2\"><c r=\"A2\"><v>48200.300000000003</v></c><c r=\"C2\" s=\"1\"><v>46353</v></c></row></sheetData></worksheet>",
                               NULL},
              "   总价           due\n48200.3    2026-11-27\n", "a sheet: shared texts, gaps, dates");
    office_is((const char *[]){"content.xml",
                               "<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\"><text:h>Titel</text:h>"
                               "<text:p>a<text:s text:c=\"2\"/>b</text:p><office:annotation><text:p>note</text:p></office:annotation>"
                               "<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>"
                               "<table:table-cell table:number-columns-repeated=\"1000\"/></table:table-row></table:table>"
                               "</office:document-content>", NULL},
              "Titel\na  b\nx  \n", "OpenDocument");
    struct maker bomb = {.count = 0};
    struct str zeros = STR_INIT, out = STR_INIT;
    bool cut = false;
    str_puts(&zeros, "<w:document " W "><w:body><w:p><w:r>");
    for (int i = 0; i < 3000000; i++)
        str_puts(&zeros, "<w:t></w:t><w:x a=\"0000000000000000\"/>");
    zip_add(&bomb, "word/document.xml", zeros.data, zeros.len);
    zip_end(&bomb);
    office_add(&out, bomb.file.data, bomb.file.len, 1 << 20, &cut);
    ok(cut && bomb.file.len < 1 << 20, "a bomb of %zu bytes stops at its cap", bomb.file.len);
    str_fini(&zeros);
    str_fini(&bomb.file);
    struct maker laugh = {.count = 0};
    str_clear(&out);
    const char *entities = "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                           "<w:document " W "><w:body><w:p><w:r><w:t>&b;&x;fine</w:t></w:r></w:p></w:body></w:document>";
    zip_add(&laugh, "word/document.xml", entities, strlen(entities));
    zip_end(&laugh);
    office_add(&out, laugh.file.data, laugh.file.len, 1 << 20, &cut);
    ok(!strstr(str_text(&out), "aaaa") && !strstr(str_text(&out), "root:"), "entities are not expanded");
    str_fini(&laugh.file);
    str_fini(&out);
}

/* ---- real types ---- */

static void test_sniff(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *claimed, *real;
        bool differs;
    } cases[] = {
        {"%PDF-1.7", 8, "application/pdf", "application/pdf", false},
        {"%PDF-1.7", 8, "image/png", "application/pdf", true},
        {"\x89PNG\r\n\x1a\n", 8, "image/png", "image/png", false},
        {"\xff\xd8\xff\xe0", 4, "image/jpg", "image/jpeg", false},
        {"\x7f" "ELF\2\1\1", 7, "application/octet-stream", "application/x-executable", true},
        {"#!/bin/sh\nrm", 12, "text/plain", "text/x-script", true},
        {"hello", 5, "text/x-patch", "text/plain", false},
        {"hello", 5, "image/png", "text/plain", true},
        {"<html><script>", 14, "application/pdf", "text/html", true},
        {"<HTML>", 6, "text/html", "text/html", false},
        {"\0\1\2\3\4", 5, "application/octet-stream", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *real = sniff_type(cases[i].bytes, cases[i].n);
        ok(str_eq(real ? real : "-", cases[i].real ? cases[i].real : "-") &&
               sniff_differs(cases[i].claimed, real) == cases[i].differs,
           "%s is %s", cases[i].claimed, real ? real : "unknown");
    }
}

/* ---- appointments ---- */

static struct vec events;
static bool cut;

/* Reads one; the first event, or NULL. */
static const struct mail_event *read_event(const char *ics)
{
    struct str whole = STR_INIT, answer = STR_INIT;
    uint16_t type;
    struct record_view body;
    mail_zone_complete(ics, &whole);
    calendar_read(str_text(&whole), whole.len, &answer);
    vec_clear(&events);
    bool good = record_peek(answer.data, answer.len, &type, &body) == (long)answer.len &&
                type == WIRE_EVENTS && mail_events_unpack(body, &events, &cut);
    str_fini(&whole);
    str_fini(&answer);
    return good && events.len ? vec_at(&events, 0) : NULL;
}

#define ICS(LINES) "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\n" LINES "END:VEVENT\r\nEND:VCALENDAR\r\n"

static void test_calendar(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    calendar_start();
    mail_events_init(&events);
    const struct mail_event *e = read_event(
        ICS("SUMMARY:Q3 会议\r\nLOCATION:Room 2\\, Suzhou\r\nDTSTART;TZID=Asia/Shanghai:20261127T140000\r\n"
            "DTEND;TZID=Asia/Shanghai:20261127T150000\r\nORGANIZER;CN=\"Li Na\":mailto:li.na@haitian.example\r\n"
            "ATTENDEE;PARTSTAT=ACCEPTED;CN=Anna:MAILTO:anna@example.com\r\nATTENDEE:mailto:tom@acme.example\r\n"));
    ok(e && str_eq(e->summary, "Q3 会议") && str_eq(e->place, "Room 2, Suzhou") && str_eq(e->method, "REQUEST"),
       "what and where");
    ok(e && e->start == 1795759200 && e->end == e->start + 3600 && !e->floating && str_eq(e->zone, "Asia/Shanghai"),
       "a zone that is not described: taken from the system (%lld)", e ? (long long)e->start : 0);
    ok(e && e->guests.len == 2 && str_eq(((struct mail_guest *)vec_at(&e->guests, 0))->address, "anna@example.com") &&
           str_eq(((struct mail_guest *)vec_at(&e->guests, 0))->state, "ACCEPTED"), "who");
    e = read_event(ICS("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:off\r\n"));
    ok(e && e->all_day && e->start == 1798066800 && e->end - e->start == 3 * 86400, "whole days are days here");
    e = read_event(ICS("DTSTART;TZID=Nowhere/At-All:20261127T140000\r\nSUMMARY:x\r\n"));
    ok(e && e->floating && str_eq(e->zone, "Nowhere/At-All"), "a zone nobody knows is said to be one");
    e = read_event(ICS("DTSTART;TZID=../../etc/passwd:20261127T140000\r\nSUMMARY:x\r\n"));
    ok(e && e->floating, "and is no way to other files");
    e = read_event(ICS("DTSTART;TZID=Europe/Berlin:20261020T090000\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n"
                       "EXDATE;TZID=Europe/Berlin:20261103T090000\r\n"));
    ok(e && e->instances.len == 3 && *(int64_t *)vec_at(&e->instances, 1) - e->start == 7 * 86400 + 3600 && !e->cut,
       "a weekly one over the change of the clock, without the one taken out");
    clock_t start = clock();
    e = read_event(ICS("DTSTART:20260101T000000Z\r\nRRULE:FREQ=SECONDLY\r\n"));
    ok(e && e->instances.len <= 1000 && e->instances.len >= 999 && e->cut, "every second: a thousand");
    e = read_event(ICS("DTSTART:20260101T000000Z\r\nRRULE:FREQ=YEARLY\r\n"));
    ok(e && e->instances.len == 11 && e->cut, "every year: ten years");
    e = read_event(ICS("DTSTART:20260101T000000Z\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"));
    ok(e != NULL, "a day that never comes");
    ok((double)(clock() - start) / CLOCKS_PER_SEC < 5, "none of them takes long: %.2f s",
       (double)(clock() - start) / CLOCKS_PER_SEC);
    ok(!read_event("no calendar at all") && !read_event("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n") + 1, "broken ones are none");
    vec_fini(&events);
}

int main(void)
{
    test_columns();
    test_office();
    test_sniff();
    test_calendar();
    return tap_end();
}
