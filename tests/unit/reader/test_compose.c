/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_compose - messages written, read back, and refused. */
#include <stdlib.h>

#include "base/record.h"
#include "base/str.h"
#include "base/wire.h"
#include "mail/readback.h"
#include "mail/reader.h"
#include "mail/unpack.h"
#include "reader/charset.h"
#include "reader/compose.h"
#include "reader/mime.h"
#include "tap.h"

static struct mail_outgoing out;
static struct mail_address from;
static struct vec to, cc, references, files;
static struct str bytes, why;

/* Puts people into the request. */
static void add_people(struct record_writer *w, uint16_t tag, const struct vec *people)
{
    for (size_t i = 0; i < people->len; i++) {
        struct mail_address *a = vec_at(people, i);
        size_t mark = record_nest(w, tag);
        record_add_text(w, WIRE_NAME, a->name);
        record_add_text(w, WIRE_ADDRESS, a->address);
        record_unnest(w, mark);
    }
}

/* Composes what `out` says. */
static enum compose_result compose(void)
{
    struct str request = STR_INIT;
    struct record_writer w;
    str_clear(&bytes);
    str_clear(&why);
    record_begin(&w, &request, WIRE_OUTGOING);
    size_t mark = record_nest(&w, WIRE_FROM);
    record_add_text(&w, WIRE_NAME, from.name);
    record_add_text(&w, WIRE_ADDRESS, from.address);
    record_unnest(&w, mark);
    add_people(&w, WIRE_TO, &to);
    add_people(&w, WIRE_CC, &cc);
    record_add_text(&w, WIRE_SUBJECT, out.subject);
    record_add_text(&w, WIRE_TEXT, out.text);
    record_add_text(&w, WIRE_MESSAGE_ID, out.message_id);
    record_add_text(&w, WIRE_IN_REPLY_TO, out.in_reply_to);
    record_add_text(&w, WIRE_DATE_TEXT, out.date);
    for (size_t i = 0; i < references.len; i++)
        record_add_text(&w, WIRE_REFERENCE, strv_at(&references, i));
    for (size_t i = 0; i < files.len; i++) {
        struct mail_file *f = vec_at(&files, i);
        mark = record_nest(&w, WIRE_FILE);
        record_add_text(&w, WIRE_NAME, f->name);
        record_add_text(&w, WIRE_CONTENT_TYPE, f->content_type);
        record_add(&w, WIRE_BYTES, str_text(&f->bytes), f->bytes.len);
        record_unnest(&w, mark);
    }
    record_end(&w);
    enum compose_result result = compose_write(request.data, request.len, &bytes, &why);
    str_fini(&request);
    return result;
}

/* Reads the message back: by the reader, and by the strict comparison. */
static struct mail_message *read_back(const char *name)
{
    struct str answer = STR_INIT;
    uint16_t type;
    struct record_view body;
    struct mail_readback want;
    struct error err = ERROR_INIT;
    mail_readback_init(&want, &out);
    ok(mail_readback_check(&want, &bytes, &err) == STATUS_OK, "%s: headers say what was asked %s",
       name, err.text);
    mail_readback_fini(&want);
    bool lines = true, seven = true;
    for (size_t i = 0, start = 0; i < bytes.len; i++) {
        seven &= (unsigned char)bytes.data[i] < 0x80;
        if (bytes.data[i] == '\n') {
            lines &= i > start && bytes.data[i - 1] == '\r' && i - start <= 79;
            start = i + 1;
        } else if (bytes.data[i] == '\r') {
            lines &= bytes.data[i + 1] == '\n';
        }
    }
    ok(lines, "%s: short lines with CRLF", name);
    ok(seven, "%s: seven bits", name);
    mime_parse(bytes.data, bytes.len, &answer);
    struct mail_message *m = record_peek(answer.data, answer.len, &type, &body) > 0
                                 ? mail_unpack_message(body)
                                 : NULL;
    str_fini(&answer);
    return m ? m : mail_message_new();
}

/* Adds a person. */
static void person(struct vec *list, char *name, char *address)
{
    struct mail_address *a = vec_push(list);
    a->name = name;
    a->address = address;
}

/* A request that is good. */
static void reset(void)
{
    vec_clear(&to);
    vec_clear(&cc);
    vec_clear(&references);
    vec_clear(&files);
    from = (struct mail_address){.name = "Anna Li", .address = "anna@example.com"};
    person(&to, "李娜", "li.na@haitian.example");
    out = (struct mail_outgoing){.from = &from,
                                 .to = &to,
                                 .cc = &cc,
                                 .references = &references,
                                 .files = &files,
                                 .subject = "Re: Q3 报价单 🙂",
                                 .text = "李娜您好：\n\n价格不变。\n",
                                 .message_id = "m1@example.com",
                                 .date = "Mon, 23 Nov 2026 09:12:00 +0100"};
}

/* Messages that go out. */
static void test_good(void)
{
    static const char *const subjects[] = {
        "", "x", "Re: clause 7", "关于第三季度报价单以及交货地点和付款方式的若干问题的补充说明与确认请求",
        "=?utf-8?q?not_encoded?=", "a  b", "Grüße \"quoted\" <angle>, comma",
        "word-that-is-longer-than-a-line-of-a-header-may-be-because-it-has-no-space-in-it-at-all-ok",
        "👩‍👩‍👧 family and a long tail of words that has to be folded over several lines of text"};
    reset();
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        out.subject = subjects[i];
        ok(compose() == COMPOSE_GOOD, "subject %zu is composed", i);
        struct mail_message *m = read_back("subject");
        is_str(m->subject, subjects[i], "  … and read as it was");
        is_str(m->text, "李娜您好：\n\n价格不变。\n", "  … with its text");
        mail_message_free(m);
    }
    reset();
    out.in_reply_to = "m0@haitian.example";
    strv_push(&references, "a@b");
    strv_push(&references, "m0@haitian.example");
    for (int i = 0; i < 30; i++)
        strv_push(&references, "a-rather-long-id.0123456789.abcdef@mail.example.com");
    person(&to, "Tom \"T\" Berger, Jr.", "tom@b.example");
    person(&to, "", "bare@c.example");
    person(&to, "Müller (Einkauf)", "m@d.example");
    person(&cc, "采购部采购部采购部采购部采购部采购部采购部采购部采购部采购部", "p@e.example");
    out.text = "short\n\nFrom here on.\n.\n-- \nAnna\n";
    ok(compose() == COMPOSE_GOOD, "a reply is composed");
    struct mail_message *m = read_back("reply");
    is_str(m->in_reply_to, "m0@haitian.example", "in reply to");
    is_int((int64_t)m->references.len, 32, "references");
    is_int((int64_t)m->to.len, 4, "recipients");
    is_str(((struct mail_address *)vec_at(&m->to, 1))->name, "Tom \"T\" Berger, Jr.", "quotes");
    is_str(((struct mail_address *)vec_at(&m->to, 3))->name, "Müller (Einkauf)", "encoded");
    is_str(m->text, "short\n\nFrom here on.\n.\n-- \nAnna\n", "text");
    mail_message_free(m);
    reset();
    struct str text = STR_INIT;
    for (int i = 0; i < 200; i++)
        str_puts(&text, "A paragraph is one line in the draft, however long it gets; ü. ");
    str_puts(&text, "\nand trailing blanks  \n\ttab");
    out.text = text.data;
    ok(compose() == COMPOSE_GOOD, "long lines are composed");
    m = read_back("long lines");
    str_putc(&text, '\n');
    is_str(m->text, text.data, "  … and read as they were");
    mail_message_free(m);
    str_fini(&text);
}

/* Files. */
static void test_files(void)
{
    reset();
    struct mail_file *f = vec_push(&files);
    f->name = "报价单-第三季度-含税-修订版-最终版-真的最终版-二零二六年十一月.pdf";
    f->content_type = "application/pdf";
    for (int i = 0; i < 100000; i++)
        str_putc(&f->bytes, (char)(i * 7));
    f = vec_push(&files);
    f->name = "a \"quoted\" 100% name.txt";
    f->content_type = "text/plain";
    str_puts(&f->bytes, "x\ny");
    f = vec_push(&files);
    f->name = "";
    f->content_type = "application/octet-stream";
    ok(compose() == COMPOSE_GOOD, "files are composed");
    struct mail_message *m = read_back("files");
    is_int((int64_t)m->parts.len, 4, "parts");
    is_str(((struct mail_part *)vec_at(&m->parts, 1))->name,
           ((struct mail_file *)vec_at(&files, 0))->name, "a long Chinese name");
    is_int(((struct mail_part *)vec_at(&m->parts, 1))->size, 100000, "its size");
    is_str(((struct mail_part *)vec_at(&m->parts, 2))->name, "a \"quoted\" 100% name.txt",
           "a name with specials");
    is_int(((struct mail_part *)vec_at(&m->parts, 2))->size, 3, "a text file as it was");
    is_int(((struct mail_part *)vec_at(&m->parts, 3))->size, 0, "an empty file");
    mail_message_free(m);
    for (size_t i = 0; i < files.len; i++)
        str_fini(&((struct mail_file *)vec_at(&files, i))->bytes);
}

/* Values that must not leave. */
static void test_refused(void)
{
    static char *const evil[] = {"x\r\nBcc: v@evil.example", "x\nBcc: v@evil.example", "x\ry",
                                 "x\x01y", "x\x7fy", "x\xffy"};
    for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
        reset();
        out.subject = evil[i];
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "Subject"), "subject %zu", i);
        reset();
        from.name = evil[i];
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "From"), "name %zu", i);
        reset();
        person(&to, "", evil[i]);
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "To"), "address %zu", i);
        reset();
        out.in_reply_to = evil[i];
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "In-Reply-To"), "reply %zu", i);
        reset();
        strv_push(&references, evil[i]);
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "References"), "refs %zu", i);
        reset();
        out.message_id = evil[i];
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "Message-ID"), "id %zu", i);
        reset();
        out.date = evil[i];
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "Date"), "date %zu", i);
        reset();
        struct mail_file *f = vec_push(&files);
        f->name = evil[i];
        f->content_type = "text/plain";
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "file name"), "file %zu", i);
        f->name = "x";
        f->content_type = evil[i];
        ok(compose() == COMPOSE_REFUSED && str_eq(str_text(&why), "Content-Type"), "type %zu", i);
    }
    static char *const addresses[] = {"", "x", "x@", "@y", "a@b@c", "a b@c", "a@b>", "<a@b>",
                                      "a@b,c@d", "a;b@c"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        reset();
        person(&to, "", addresses[i]);
        ok(compose() == COMPOSE_REFUSED, "address \"%s\"", addresses[i]);
    }
}

/* A message that was changed does not pass. */
static void test_readback(void)
{
    static const char *const changes[][2] = {
        {"Subject:", "Subject: more\r\nSubject:"}, {"To:", "Bcc: v@evil.example\r\nTo:"},
        {"li.na@haitian.example", "li.na@evil.example"}, {"m1@example.com", "m2@example.com"},
        {"Subject: Re", "Subject: Fw"}, {"Date: Mon", "Date: Tue"},
        {"Anna Li", "Anna Lo"}, {"MIME-Version", "X-Other"}, {"\r\nTo:", "\nTo:"},
        {"Cc:", "X-Cc:"}, {"To:", "From: x@y\r\nTo:"}};
    struct mail_readback want;
    reset();
    out.subject = "Re: x";
    person(&cc, "", "c@d.example");
    compose();
    mail_readback_init(&want, &out);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct str changed = STR_INIT;
        struct error err = ERROR_INIT;
        str_add(&changed, bytes.data, bytes.len);
        const char *at = strstr(changed.data, changes[i][0]);
        str_splice(&changed, (size_t)(at - changed.data), strlen(changes[i][0]), changes[i][1],
                   strlen(changes[i][1]));
        ok(mail_readback_check(&want, &changed, &err) == STATUS_REFUSED, "change %zu is seen: %s", i,
           err.text);
        str_fini(&changed);
    }
    mail_readback_fini(&want);
}

/* Runs all. */
int main(void)
{
    charset_open_all();
    mime_start();
    vec_init(&to, sizeof(struct mail_address), NULL);
    vec_init(&cc, sizeof(struct mail_address), NULL);
    vec_init(&files, sizeof(struct mail_file), NULL);
    strv_init(&references);
    test_good();
    test_files();
    test_refused();
    test_readback();
    vec_fini(&to);
    vec_fini(&cc);
    vec_fini(&files);
    vec_fini(&references);
    str_fini(&bytes);
    str_fini(&why);
    return tap_end();
}
