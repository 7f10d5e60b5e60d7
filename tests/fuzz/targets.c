/* SPDX-License-Identifier: GPL-3.0-or-later */
/* targets.c - every reader of foreign bytes behind one kind of function. */
#include "fuzz/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/gate.h"
#include "base/json.h"
#include "base/markdown.h"
#include "base/passage.h"
#include "base/record.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "base/wire.h"
#include "command/config.h"
#include "io/dns.h"
#include "io/imap_name.h"
#include "io/imap_reader.h"
#include "io/imap_set.h"
#include "io/sse.h"
#include "mail/reader.h"
#include "mail/event.h"
#include "mail/unpack.h"
#include "reader/charset.h"
#include "reader/calendar.h"
#include "reader/cms.h"
#include "reader/compose.h"
#include "reader/header.h"
#include "reader/html.h"
#include "reader/mime.h"
#include "reader/autoconfig.h"
#include "reader/office.h"
#include "reader/transcript.h"
#include "reader/view.h"
#include "store/search.h"

/* Ends the run where something came out that must not. */
static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* Opens what the reader opens. */
void fuzz_start(void)
{
    static bool started;
    if (started)
        return;
    started = true;
    charset_open_all();
    mime_start();
    calendar_start();
}

/* Text that came out is UTF-8 without NUL. */
static void must_text(const char *text, size_t n, const char *what)
{
    must(utf8_valid(text, n) && !memchr(text, 0, n), what);
}

/* A copy with a NUL behind it. */
static char *text_of(const uint8_t *data, size_t size)
{
    return mem_strndup((const char *)data, strnlen((const char *)data, size));
}

/* A mail. */
int fuzz_message(const uint8_t *data, size_t size)
{
    struct str answer = STR_INIT;
    uint16_t type;
    struct record_view body;
    fuzz_start();
    mime_parse((const char *)data, size, &answer);
    must(record_peek(answer.data, answer.len, &type, &body) == (long)answer.len, "a whole record");
    struct mail_message *m = mail_unpack_message(body);
    must(m != NULL, "a message that can be unpacked");
    must_text(m->text, strlen(m->text), "text");
    must_text(m->subject, strlen(m->subject), "subject");
    must(!strpbrk(m->subject, "\r\n"), "subject on one line");
    mail_message_free(m);
    str_fini(&answer);
    return 0;
}

/* Counts what was emitted. */
static void count(void *user, const char *bytes, size_t n)
{
    (void)bytes;
    *(size_t *)user += n;
}

/* A part of a mail, as it is and as text. */
int fuzz_part(const uint8_t *data, size_t size)
{
    size_t n = 0;
    fuzz_start();
    for (int i = 0; i < 4; i++) {
        for (int form = WIRE_FORM_BYTES; form <= WIRE_FORM_HTML; form++)
            mime_part((const char *)data, size, i, (enum wire_form)form, count, &n);
    }
    return 0;
}

/* HTML. */
int fuzz_html(const uint8_t *data, size_t size)
{
    struct str text = STR_INIT;
    struct found f;
    fuzz_start();
    found_init(&f);
    charset_guess((const char *)data, size, &text);
    html_add(&f, str_text(&text), text.len);
    must_text(str_text(&f.text), f.text.len, "text of HTML");
    must_text(str_text(&f.hidden), f.hidden.len, "hidden text");
    free(html_charset((const char *)data, size));
    found_fini(&f);
    str_fini(&text);
    return 0;
}

/* Appointments, with the zones that are added to them. */
int fuzz_calendar(const uint8_t *data, size_t size)
{
    char *ics = text_of(data, size);
    struct str whole = STR_INIT, answer = STR_INIT;
    struct vec events;
    uint16_t type;
    struct record_view body;
    bool cut;
    fuzz_start();
    mail_zone_complete(ics, &whole);
    calendar_read(str_text(&whole), whole.len, &answer);
    mail_events_init(&events);
    must(record_peek(answer.data, answer.len, &type, &body) == (long)answer.len, "a whole record");
    must(mail_events_unpack(body, &events, &cut), "appointments that can be unpacked");
    for (size_t i = 0; i < events.len; i++)
        must(((struct mail_event *)vec_at(&events, i))->instances.len <= CALENDAR_INSTANCES_MAX, "the cap of instances");
    vec_fini(&events);
    str_fini(&whole);
    str_fini(&answer);
    free(ics);
    return 0;
}

/* An attachment to look at: tables, archives, whatever it is. */
int fuzz_file(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a.csv", "a.docx", "a"};
    fuzz_start();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct found f;
        bool cut = false;
        struct str out = STR_INIT;
        found_init(&f);
        view_add(&f, "application/octet-stream", names[i], NULL, (const char *)data, size);
        must(f.text.len <= FOUND_TEXT_MAX + (64 << 10), "the cap of text");
        found_fini(&f);
        office_add(&out, (const char *)data, size, 1 << 20, &cut);
        str_fini(&out);
    }
    return 0;
}

/* An S/MIME file: the bytes alone, and as the pieces of a content. */
int fuzz_cms(const uint8_t *data, size_t size)
{
    static const char head[] = "\x30\x80\6\x09\x2a\x86\x48\x86\xf7\x0d\1\7\2\xa0\x80\x30\x80\2\1\1\x31\0"
                               "\x30\x80\6\x09\x2a\x86\x48\x86\xf7\x0d\1\7\1\xa0\x80\x24\x80";
    struct str bytes = STR_INIT;
    for (int whole = 0; whole < 2; whole++) {
        bool cut;
        str_clear(&bytes);
        if (!whole)
            str_add(&bytes, head, sizeof head - 1);
        str_add(&bytes, (const char *)data, size);
        size_t most = bytes.len;
        enum cms_kind kind = cms_open(&bytes, &cut);
        must(bytes.len <= most || kind == CMS_COMPRESSED, "no more than came");
        must(whole || kind == CMS_SIGNED, "the kind that it says");
    }
    str_fini(&bytes);
    return 0;
}

/* A transcript. */
int fuzz_transcript(const uint8_t *data, size_t size)
{
    struct str answer = STR_INIT;
    struct vec cues;
    uint16_t type;
    struct record_view body;
    fuzz_start();
    mail_unpack_cues_init(&cues);
    transcript_read((const char *)data, size, &answer);
    must(record_peek(answer.data, answer.len, &type, &body) == (long)answer.len, "a whole record");
    must(mail_unpack_cues(body, &cues), "cues that can be unpacked");
    vec_fini(&cues);
    str_fini(&answer);
    return 0;
}

/* A provider's autoconfiguration. */
int fuzz_autoconfig(const uint8_t *data, size_t size)
{
    struct str answer = STR_INIT;
    struct mail_servers servers;
    uint16_t type;
    struct record_view body;
    fuzz_start();
    autoconfig_read((const char *)data, size, &answer);
    must(record_peek(answer.data, answer.len, &type, &body) == (long)answer.len, "a whole record");
    must(mail_unpack_servers(body, &servers), "servers that can be unpacked");
    mail_servers_fini(&servers);
    str_fini(&answer);
    return 0;
}

/* An answer of a name server. */
int fuzz_dns(const uint8_t *data, size_t size)
{
    fuzz_start();
    dns_try(data, size, DNS_SRV);
    dns_try(data, size, DNS_MX);
    return 0;
}

/* Encoded words, in every charset. */
int fuzz_words(const uint8_t *data, size_t size)
{
    struct str out = STR_INIT;
    fuzz_start();
    header_decode((const char *)data, size, &out);
    must_text(str_text(&out), out.len, "decoded words");
    must(!out.len || !strpbrk(out.data, "\r\n\t"), "decoded words on one line");
    str_clear(&out);
    if (size > 1) {
        static const char *const labels[] = {"gb2312", "big5", "iso-2022-jp", "shift_jis", "utf-7",
                                             "utf-16", "euc-kr", "iso-2022-kr", "utf-8", "johab"};
        charset_decode(labels[data[0] % 10], (const char *)data + 1, size - 1, &out);
        must_text(str_text(&out), out.len, "decoded bytes");
    }
    str_fini(&out);
    return 0;
}

/* Address lists and ids. */
int fuzz_addresses(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size);
    struct vec list, ids;
    fuzz_start();
    vec_init(&list, sizeof(struct header_address), header_address_fini);
    strv_init(&ids);
    header_addresses(text, 100, &list);
    must(list.len <= 101, "the cap of addresses");
    for (size_t i = 0; i < list.len; i++) {
        struct header_address *a = vec_at(&list, i);
        must_text(a->name, strlen(a->name), "name");
        must_text(a->address, strlen(a->address), "address");
        must(!strpbrk(a->address, "\r\n") && !strpbrk(a->name, "\r\n"), "address on one line");
    }
    header_ids(text, 100, &ids);
    for (size_t i = 0; i < ids.len; i++)
        must(!strpbrk(strv_at(&ids, i), " \r\n\t<>"), "a clean id");
    vec_fini(&list);
    vec_fini(&ids);
    free(text);
    return 0;
}

/* Parameters of structured headers. */
int fuzz_parameters(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size);
    fuzz_start();
    char *name = header_param(text, "name");
    if (name)
        must_text(name, strlen(name), "parameter");
    free(name);
    free(text);
    return 0;
}

/* Whatever a request to compose holds, no line of the headers comes out that was not asked for. */
int fuzz_compose(const uint8_t *data, size_t size)
{
    struct str request = STR_INIT, out = STR_INIT, why = STR_INIT;
    struct record_writer w;
    fuzz_start();
    record_begin(&w, &request, WIRE_OUTGOING);
    size_t mark = record_nest(&w, WIRE_FROM);
    record_add_text(&w, WIRE_ADDRESS, "a@b.example");
    record_add(&w, WIRE_NAME, data, size);
    record_unnest(&w, mark);
    record_add(&w, WIRE_SUBJECT, data, size);
    record_add_text(&w, WIRE_MESSAGE_ID, "1@b.example");
    record_add_text(&w, WIRE_DATE_TEXT, "Mon, 23 Nov 2026 09:12:00 +0100");
    record_add(&w, WIRE_TEXT, data, size);
    record_end(&w);
    if (compose_write(request.data, request.len, &out, &why) == COMPOSE_GOOD) {
        const char *end = strstr(out.data, "\r\n\r\n");
        must(end != NULL, "headers end");
        size_t lines = 0;
        for (const char *p = out.data; p < end; p++)
            if (*p == '\n' && p[1] != ' ')
                lines++;
        must(lines == 6, "seven headers");
    }
    str_fini(&request);
    str_clear(&out);
    compose_write((const char *)data, size, &out, &why);
    str_fini(&out);
    str_fini(&why);
    return 0;
}

/* Records of a broken peer. */
int fuzz_records(const uint8_t *data, size_t size)
{
    struct record_view body = {(const char *)data, (const char *)data + size};
    struct vec cues;
    uint16_t type;
    mail_message_free(mail_unpack_message(body));
    mail_unpack_cues_init(&cues);
    (void)!mail_unpack_cues(body, &cues);
    vec_fini(&cues);
    record_peek((const char *)data, size, &type, &body);
    return 0;
}

/* A stream of events. */
int fuzz_sse(const uint8_t *data, size_t size)
{
    sse_try((const char *)data, size);
    return 0;
}

/* JSON: what was read prints and reads again. */
int fuzz_json(const uint8_t *data, size_t size)
{
    struct json *j = NULL, *again = NULL;
    struct error err = ERROR_INIT;
    if (json_parse((const char *)data, size, &j, &err) == STATUS_OK) {
        char *text = json_print(j);
        must(json_parse(text, strlen(text), &again, &err) == STATUS_OK, "JSON printed is JSON");
        json_free(again);
        free(text);
        json_free(j);
    }
    return 0;
}

/* The search language. */
int fuzz_query(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size);
    struct error err = ERROR_INIT;
    (void)!search_check(text, &err);
    free(search_loose(text));
    free(text);
    return 0;
}

/* The gate to the screen: the same in one piece and cut, and nothing a terminal would act on. */
int fuzz_gate(const uint8_t *data, size_t size)
{
    struct gate g;
    struct str whole = STR_INIT, cut = STR_INIT;
    enum gate_mode mode = size && data[0] & 1 ? GATE_LINE : GATE_TEXT;
    gate_init(&g, mode, size && data[0] & 2);
    gate_feed(&g, (const char *)data, size, &whole);
    gate_end(&g, &whole);
    gate_init(&g, mode, size && data[0] & 2);
    for (size_t i = 0; i < size; i++)
        gate_feed(&g, (const char *)data + i, 1, &cut);
    gate_end(&g, &cut);
    must(whole.len == cut.len && !memcmp(str_text(&whole), str_text(&cut), cut.len),
         "a stream cut anywhere is the same");
    must(utf8_valid(str_text(&whole), whole.len), "UTF-8 for the screen");
    for (size_t i = 0; i < whole.len; i++) {
        unsigned char c = (unsigned char)whole.data[i];
        must((c >= 0x20 && c != 0x7f) || (c == '\n' && mode == GATE_TEXT), "no control byte");
        must(c != 0xc2 || (unsigned char)whole.data[i + 1] >= 0xa0, "no C1 control");
    }
    str_fini(&whole);
    str_fini(&cut);
    return 0;
}

/* A line of bureaurc. */
int fuzz_config(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size);
    struct vec words;
    struct error err = ERROR_INIT;
    int column = 0;
    strv_init(&words);
    (void)!config_split(text, &words, &column, &err);
    vec_fini(&words);
    free(text);
    return 0;
}

/* Dates in running text and as an argument. */
int fuzz_dates(const uint8_t *data, size_t size)
{
    struct when_hit hits[20];
    struct error err = ERROR_INIT;
    int64_t at;
    char *text = text_of(data, size);
    size_t n = when_find((const char *)data, size, 1795421520, hits, 20);
    must(n <= 20, "the cap of dates");
    for (size_t i = 0; i < n; i++)
        must(hits[i].start + hits[i].len <= size, "a date inside the text");
    (void)!when_parse(text, 1795421520, &at, &err);
    free(text);
    return 0;
}

/* Sees lines of wrapping go by. */
static void on_line(void *user, const char *line, size_t n)
{
    (void)line;
    *(size_t *)user += n;
}

/* Sees sentences go by. */
static bool on_sentence(void *user, size_t start, size_t len)
{
    *(size_t *)user = start + len;
    return true;
}

/* Folding, cutting, wrapping. */
int fuzz_text(const uint8_t *data, size_t size)
{
    struct str out = STR_INIT, fold = STR_INIT;
    struct vec words;
    size_t n = 0, used;
    utf8_repair(&out, (const char *)data, size);
    must_text(str_text(&out), out.len, "repaired text");
    utf8_fold(&fold, str_text(&out), out.len);
    must(utf8_valid(str_text(&fold), fold.len), "folded text");
    utf8_wrap((const char *)data, size, 1 + size % 80, on_line, &n);
    must(utf8_fit((const char *)data, size, 10, &used) <= size && used <= 10, "text that fits");
    for (size_t at = size; at > 0;) {
        size_t k = utf8_cluster_before((const char *)data, at);
        must(k >= 1 && k <= at, "a cluster before");
        at -= k;
    }
    str_clear(&fold);
    utf8_cut_end(&fold, str_text(&out), 12, "…");
    utf8_cut_middle(&fold, str_text(&out), 12, "…");
    vec_init(&words, sizeof(uint64_t), NULL);
    passage_words(str_text(&out), out.len, &words);
    n = 0;
    passage_sentences(str_text(&out), out.len, on_sentence, &n);
    must(n <= out.len, "sentences inside the text");
    vec_fini(&words);
    str_fini(&out);
    str_fini(&fold);
    return 0;
}

/* What the renderer tells. */
static void on_span(void *user, unsigned style, const char *text, size_t n)
{
    (void)style;
    must(utf8_valid(text, n), "spans of UTF-8");
    *(size_t *)user += n;
}

static void on_end_of_line(void *user)
{
    ++*(size_t *)user;
}

static void on_indent(void *user, int first, int rest)
{
    (void)user;
    must(first >= 0 && rest >= 0, "an indent");
}

/* Markdown of an answer, whole and as it grows. */
int fuzz_markdown(const uint8_t *data, size_t size)
{
    static const struct markdown_events events = {on_span, on_end_of_line, on_indent};
    struct str text = STR_INIT;
    size_t n = 0;
    utf8_repair(&text, (const char *)data, size);
    must(markdown_settled(str_text(&text), text.len) <= text.len, "a settled part");
    markdown_render(str_text(&text), text.len, true, &events, &n);
    str_fini(&text);
    return 0;
}

/* Reads every byte a text lends. */
static uint32_t sum_of(struct imap_text t)
{
    uint32_t sum = (uint32_t)t.len;
    for (size_t i = 0; i < t.len; i++)
        sum = sum * 31 + (unsigned char)t.bytes[i];
    return sum;
}

/* A response, read whole, as one number. */
static uint32_t sum_of_response(const struct imap_response *r)
{
    struct imap_ranges it;
    struct imap_range range;
    uint32_t sum = (uint32_t)r->kind + sum_of(r->text) + sum_of(r->tag) + sum_of(r->code.text);
    sum += sum_of(r->list.name) + sum_of(r->folder.name) + sum_of(r->fetch.date_text) + r->number;
    for (size_t i = 0; i < r->words.len; i++)
        sum = sum * 31 + sum_of(*imap_text_at(&r->words, i));
    for (size_t i = 0; i < r->fetch.flags.len; i++)
        sum = sum * 31 + sum_of(*imap_text_at(&r->fetch.flags, i));
    for (size_t i = 0; i < r->fetch.labels.len; i++)
        sum = sum * 31 + sum_of(*imap_text_at(&r->fetch.labels, i));
    for (size_t i = 0; i < r->fetch.sections.len; i++) {
        const struct imap_section *s = vec_at(&r->fetch.sections, i);
        sum = sum * 31 + sum_of(s->name) + sum_of(s->data);
    }
    must(r->set.len == 0 || imap_ranges_valid(r->set.bytes, r->set.len), "a set is a set");
    imap_ranges_init(&it, r->set.bytes, r->set.len);
    while (imap_ranges_next(&it, &range))
        must(range.first > 0 && range.first <= range.last, "a range");
    must(r->kind != IMAP_FETCH || r->number > 0, "a message has a number");
    return sum;
}

/* Feeds bytes in pieces; what came out, as one number. */
static uint32_t imap_sum(const uint8_t *data, size_t size, size_t step)
{
    const struct imap_limits limits = {.line = 4096, .literal = 2048, .literals = 4096, .parts = 50, .depth = 10};
    struct imap_reader *r = imap_reader_new(&limits);
    uint32_t sum = 0;
    for (size_t at = 0, used = 0; at < size; at += used) {
        struct error err = ERROR_INIT;
        const struct imap_response *response = NULL;
        size_t n = size - at < step ? size - at : step;
        char *piece = mem_dup(data + at, n);
        enum imap_feed f = imap_reader_feed(r, piece, n, &used, &response, &err);
        free(piece);
        must(used <= n && (f != IMAP_FEED_MORE || used == n), "bytes that were there");
        if (f == IMAP_FEED_BROKEN) {
            must(err.status != STATUS_OK && err.text[0], "a reason");
            sum = sum * 31 + 1;
            break;
        }
        if (f == IMAP_FEED_RESPONSE)
            sum = sum * 31 + sum_of_response(response);
    }
    imap_reader_free(r);
    return sum;
}

/* What an IMAP server says, whole and cut; names of folders; sets. */
int fuzz_imap(const uint8_t *data, size_t size)
{
    struct imap_set set;
    uint32_t whole = imap_sum(data, size, size ? size : 1);
    must(whole == imap_sum(data, size, 1), "the same cut at each byte");
    char *name = imap_name_decode((const char *)data, size, false);
    must_text(name, strlen(name), "a folder's name");
    char *wire = imap_name_encode(name, false);
    if (wire) {
        char *again = imap_name_decode(wire, strlen(wire), false);
        must(strcmp(again, name) == 0, "a name there and back");
        free(again);
    }
    free(wire);
    free(name);
    imap_set_init(&set);
    if (imap_set_parse(&set, (const char *)data, size)) {
        struct str out = STR_INIT;
        struct imap_set back;
        imap_set_init(&back);
        imap_set_print(&set, 0, 0, &out);
        must(imap_set_parse(&back, out.data, out.len) && imap_set_count(&back) == imap_set_count(&set),
             "a set there and back");
        imap_set_fini(&back);
        str_fini(&out);
    }
    imap_set_fini(&set);
    return 0;
}
