/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime.c - the structure of a mail: its parts in order, and which of them a person reads.
 *
 * GMime cuts the bytes into parts (they stay where they are: the parts are windows on the mapped
 * file), decodes transfer encodings, and hands over raw header values; what headers mean is read
 * in header.c, charsets in charset.c. Two passes: collect() numbers the leaves, render() walks the
 * same tree again and chooses between alternatives. */
#include "reader/mime.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/record.h"
#include "base/utf8.h"
#include "base/wire.h"
#include "reader/charset.h"
#include "reader/content.h"
#include "reader/facts.h"
#include "reader/found.h"
#include "reader/header.h"
#include "reader/html.h"
#include "reader/nested.h"
#include "reader/plain.h"
#include "reader/protection.h"
#include "reader/report.h"
#include "reader/sniff.h"
#include "reader/split.h"
#include "reader/view.h"
#include "reader/warnings.h"

struct part {
    GMimeObject *object;  /* borrow */
    GMimeMessage *inner;  /* borrow; of a nested message */
    GMimeObject *content; /* borrow; of a file that holds a part of the mail (S/MIME) */
    bool is_message, shown;
    int64_t size; /* -1: not counted yet */
};

struct mime {
    struct split split;
    GMimeObject *root;
    struct vec parts; /* struct part */
    struct vec shown; /* size_t: indexes of parts, in the order they were shown */
    struct nested nested; /* mails and entities that had to be decoded first */
    struct found found;
    enum wire_form form; /* PLAIN or HTML: which alternative is wanted */
    /* Where text goes that is too long to be held, as it is read; NULL: it is cut. */
    void (*emit)(void *user, const char *bytes, size_t n);
    void *user;
    size_t given; /* bytes that went there */
    bool damaged;
};

enum { LONG_PIECE = 512 << 10, WHOLE_TEXT_MAX = 64 << 20 };

static GMimeParserOptions *options;

/* Things the parser met that mean the mail was read only in part. */
static void on_issue(gint64 offset, GMimeParserWarning issue, const gchar *item, gpointer user)
{
    (void)offset;
    (void)item;
    bool *damaged = user;
    if (issue == GMIME_WARN_MALFORMED_MULTIPART || issue == GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY ||
        issue == GMIME_CRIT_NESTING_OVERFLOW)
        *damaged = true;
}

/* What the library has to say is nobody's business: a broken mail is no event. */
static void on_log(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer user)
{
    (void)domain;
    (void)level;
    (void)message;
    (void)user;
}

/* Starts the library. */
void mime_start(void)
{
    g_log_set_default_handler(on_log, NULL);
    g_mime_init();
    options = g_mime_parser_options_new();
}

/* ---- text ---- */

/* The decoded text of a leaf as UTF-8, at most `max` bytes before decoding. */
static void leaf_text(struct mime *m, GMimePart *leaf, int64_t max, struct str *out)
{
    struct str bytes = STR_INIT;
    GMimeObject *o = GMIME_OBJECT(leaf);
    const char *charset = content_param(o, "charset");
    char *meta = NULL;
    if (content_read(leaf, max + 1, content_to_str, &bytes) > max) {
        str_truncate(&bytes, (size_t)max);
        str_truncate(&bytes, bytes.len - utf8_partial_tail(bytes.data, bytes.len));
        found_warn(&m->found, "truncated", "text");
    }
    if (!charset_known(charset) && content_is(o, "text", "html")) {
        meta = html_charset(str_text(&bytes), bytes.len);
        if (meta)
            charset = meta;
    }
    bool good = charset_decode(charset, str_text(&bytes), bytes.len, out);
    if (charset && *charset && (!good || !charset_known(charset)))
        found_warn(&m->found, "bad-charset", charset);
    free(meta);
    str_fini(&bytes);
}

/* ---- first pass: the parts ---- */

/* Adds a leaf or a nested message. */
static void add_part(struct mime *m, GMimeObject *o, GMimeMessage *inner, bool is_message)
{
    if (m->parts.len >= MIME_PARTS_MAX) {
        found_warn(&m->found, "mime-parts", "500");
        m->found.truncated = true;
        return;
    }
    struct part *p = vec_push(&m->parts);
    p->object = o;
    p->inner = inner;
    p->is_message = is_message;
    p->size = -1;
}

/* Numbers all leaves and nested messages below o. */
static void collect(struct mime *m, GMimeObject *o, int depth)
{
    if (depth > MIME_DEPTH_MAX) {
        found_warn(&m->found, "mime-depth", "50");
        m->found.truncated = true;
        return;
    }
    if (GMIME_IS_MULTIPART(o)) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(o));
        for (int i = 0; i < count; i++)
            collect(m, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
        return;
    }
    GMimeMessage *inner = GMIME_IS_MESSAGE_PART(o)
                              ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(o))
                              : nested_message(&m->nested, o, options);
    add_part(m, o, inner, inner || GMIME_IS_MESSAGE_PART(o));
    if (inner && g_mime_message_get_mime_part(inner))
        collect(m, g_mime_message_get_mime_part(inner), depth + 1);
}

/* Numbers what stands in S/MIME files, behind all the rest: a number once given stays. */
static void collect_shells(struct mime *m)
{
    for (size_t i = 0; i < m->parts.len; i++) {
        struct part *p = vec_at(&m->parts, i);
        bool cut = false;
        if (p->is_message)
            continue;
        GMimeObject *content = p->content = nested_shell(&m->nested, p->object, options, &cut);
        if (cut)
            found_warn(&m->found, "truncated", "S/MIME");
        if (content)
            collect(m, content, 0);
    }
}

/* Finds the entry of an object; NULL beyond the caps. */
static struct part *find_part(struct mime *m, GMimeObject *o)
{
    for (size_t i = 0; i < m->parts.len; i++) {
        struct part *p = vec_at(&m->parts, i);
        if (p->object == o)
            return p;
    }
    return NULL;
}

/* ---- second pass: the text ---- */

/* Leaves one empty line between what stands there and what comes. */
static void separate(struct str *text)
{
    while (text->len && (text->data[text->len - 1] == '\n' || text->data[text->len - 1] == ' '))
        str_truncate(text, text->len - 1);
    if (text->len)
        str_puts(text, "\n\n");
}

/* Is there nothing to read in text[from…]? */
static bool is_blank(const struct str *text, size_t from)
{
    for (size_t i = from; i < text->len; i++)
        if (!strchr(" \t\n\r", text->data[i]) && (unsigned char)text->data[i] != 0xa0 &&
            (unsigned char)text->data[i] != 0xc2)
            return false;
    return true;
}

/* Does text[from…] only say that the program cannot show HTML? */
static bool is_html_notice(const struct str *text, size_t from)
{
    static const char *const words[] = {"view", "enable", "support", "display", "browser",
                                        "浏览", "查看", "支持", "anzeigen", "afficher"};
    if (text->len - from > 400 || !utf8_contains_folded(text->data + from, "html"))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (utf8_contains_folded(text->data + from, words[i]))
            return true;
    return false;
}

/* Marks a part as shown. */
static void mark_shown(struct mime *m, struct part *p)
{
    p->shown = true;
    size_t *at = vec_push(&m->shown);
    *at = (size_t)(p - (struct part *)vec_at(&m->parts, 0));
}

/* Should a leaf's text stand in the text of the mail? */
static bool is_readable(GMimeObject *o)
{
    bool text = content_is(o, "text", "plain") || content_is(o, "text", "html") ||
                content_is(o, "text", "enriched") || content_is(o, "text", "markdown") ||
                content_is(o, "text", "rfc822-headers") || content_is(o, "message", "delivery-status") ||
                content_is(o, "text", "x-patch") || content_is(o, "text", "x-diff");
    if (!text)
        return false;
    char *disposition = content_disposition(o);
    bool attached = str_eq(disposition, "attachment");
    if (!disposition && !content_is(o, "text", "plain") && !content_is(o, "text", "html")) {
        char *name = content_name(o);
        attached = name != NULL && content_is(o, "text", "*");
        free(name);
    }
    free(disposition);
    return !attached;
}

struct long_text {
    struct mime *m;
    GMimeObject *leaf;
    struct str bytes; /* not decoded yet */
    bool flowed, delsp, good;
};

/* Decodes the first n bytes and hands the text on but for its last line: what follows is separated
 * from that. */
static void give_piece(struct long_text *l, size_t n)
{
    struct mime *m = l->m;
    struct str text = STR_INIT;
    l->good = charset_decode(content_param(l->leaf, "charset"), str_text(&l->bytes), n, &text) && l->good;
    plain_add(&m->found, str_text(&text), text.len, l->flowed, l->delsp);
    size_t all = m->found.text.len;
    const char *line = all > 1 ? memrchr(m->found.text.data, '\n', all - 1) : NULL;
    size_t done = line ? (size_t)(line + 1 - m->found.text.data) : all > FOUND_TEXT_MAX ? all : 0;
    m->emit(m->user, str_text(&m->found.text), done);
    m->given += done;
    str_splice(&m->found.text, 0, done, NULL, 0);
    str_splice(&l->bytes, 0, n, NULL, 0);
    str_fini(&text);
}

/* Takes decoded bytes of a leaf; whole lines go on. */
static void on_long(void *user, const char *bytes, size_t n)
{
    struct long_text *l = user;
    str_add(&l->bytes, bytes, n);
    if (l->bytes.len < LONG_PIECE)
        return;
    const char *end = memrchr(l->bytes.data, '\n', l->bytes.len);
    if (end || l->bytes.len >= FOUND_TEXT_MAX)
        give_piece(l, end ? (size_t)(end + 1 - l->bytes.data) : l->bytes.len);
}

/* Reads a plain leaf line by line without holding it; in charsets whose lines end with that byte. */
static bool render_long(struct mime *m, GMimePart *leaf, bool flowed, bool delsp)
{
    struct long_text l = {.m = m, .leaf = GMIME_OBJECT(leaf), .flowed = flowed, .delsp = delsp, .good = true};
    const char *charset = content_param(l.leaf, "charset");
    if (charset && (str_starts_nocase(charset, "utf-16") || str_starts_nocase(charset, "utf-32")))
        return false;
    if (content_read(leaf, WHOLE_TEXT_MAX + 1, on_long, &l) > WHOLE_TEXT_MAX)
        found_warn(&m->found, "truncated", "text");
    give_piece(&l, l.bytes.len);
    str_fini(&l.bytes);
    return true;
}

/* Appends the readable text of one leaf. */
static void render_leaf(struct mime *m, GMimePart *leaf)
{
    struct str text = STR_INIT;
    GMimeObject *o = GMIME_OBJECT(leaf);
    if (m->found.text.len >= FOUND_TEXT_MAX) {
        found_warn(&m->found, "truncated", "text");
        return;
    }
    separate(&m->found.text);
    if (content_is(o, "text", "html")) {
        leaf_text(m, leaf, MIME_HTML_MAX, &text);
        html_add(&m->found, str_text(&text), text.len);
    } else {
        const char *format = content_param(o, "format"), *delsp = content_param(o, "delsp");
        bool flowed = format && str_eq_nocase(format, "flowed");
        bool spaces = delsp && str_eq_nocase(delsp, "yes");
        if (m->emit && content_read(leaf, FOUND_TEXT_MAX + 1, NULL, NULL) > FOUND_TEXT_MAX &&
            render_long(m, leaf, flowed, spaces))
            return;
        leaf_text(m, leaf, FOUND_TEXT_MAX, &text);
        plain_add(&m->found, str_text(&text), text.len, flowed, spaces);
    }
    str_fini(&text);
}

enum alternative { ALT_OTHER, ALT_PLAIN, ALT_HTML };

/* What the first text below o is. */
static enum alternative first_text(GMimeObject *o, int depth)
{
    if (depth > MIME_DEPTH_MAX)
        return ALT_OTHER;
    if (GMIME_IS_MULTIPART(o)) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(o));
        for (int i = 0; i < count && i < MIME_PARTS_MAX; i++) {
            enum alternative a =
                first_text(g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
            if (a != ALT_OTHER)
                return a;
        }
        return ALT_OTHER;
    }
    if (content_is(o, "text", "html"))
        return ALT_HTML;
    return content_is(o, "text", "plain") ? ALT_PLAIN : ALT_OTHER;
}

static void render(struct mime *m, GMimeObject *o, int depth);

/* Shows one of the alternatives of a kind; false when none of them had anything to read. */
static bool render_kind(struct mime *m, GMimeMultipart *multipart, enum alternative kind, int depth)
{
    int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count && i < MIME_PARTS_MAX; i++) {
        GMimeObject *child = g_mime_multipart_get_part(multipart, i);
        if (first_text(child, depth + 1) != kind)
            continue;
        size_t text = m->found.text.len, links = m->found.links.len, shown = m->shown.len;
        size_t given = m->given;
        render(m, child, depth + 1);
        if (m->given > given)
            return true;
        if (text > m->found.text.len)
            text = m->found.text.len;
        if (!is_blank(&m->found.text, text) &&
            !(kind == ALT_PLAIN && m->form != WIRE_FORM_PLAIN && is_html_notice(&m->found.text, text)))
            return true;
        found_rewind(&m->found, text, links);
        while (m->shown.len > shown) {
            size_t *at = vec_at(&m->shown, m->shown.len - 1);
            ((struct part *)vec_at(&m->parts, *at))->shown = false;
            vec_remove(&m->shown, m->shown.len - 1);
        }
    }
    return false;
}

/* Appends what the headers of a nested message say. */
static void render_message_head(struct mime *m, GMimeObject *message)
{
    static const char *const names[] = {"From", "To", "Date", "Subject"};
    separate(&m->found.text);
    str_puts(&m->found.text, "----------\n");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *raw = content_header(message, names[i]);
        if (!raw)
            continue;
        str_puts(&m->found.text, names[i]);
        str_puts(&m->found.text, ": ");
        char *value = header_text(raw);
        str_add(&m->found.text, value, strnlen(value, 1000));
        free(value);
        str_putc(&m->found.text, '\n');
    }
    str_putc(&m->found.text, '\n');
}

/* Appends the readable text below o. */
static void render(struct mime *m, GMimeObject *o, int depth)
{
    if (depth > MIME_DEPTH_MAX)
        return;
    struct part *nested = GMIME_IS_MULTIPART(o) ? NULL : find_part(m, o);
    if (nested && nested->is_message) {
        if (!nested->inner)
            return;
        mark_shown(m, nested);
        render_message_head(m, GMIME_OBJECT(nested->inner));
        if (g_mime_message_get_mime_part(nested->inner))
            render(m, g_mime_message_get_mime_part(nested->inner), depth + 1);
    } else if (GMIME_IS_MULTIPART(o)) {
        GMimeMultipart *multipart = GMIME_MULTIPART(o);
        int count = g_mime_multipart_get_count(multipart);
        if (content_is(o, "multipart", "alternative")) {
            bool html = m->form == WIRE_FORM_HTML;
            if (render_kind(m, multipart, html ? ALT_HTML : ALT_PLAIN, depth) ||
                render_kind(m, multipart, html ? ALT_PLAIN : ALT_HTML, depth))
                return;
        }
        bool only_first = content_is(o, "multipart", "related") || content_is(o, "multipart", "signed");
        for (int i = 0; i < count && i < MIME_PARTS_MAX; i++) {
            render(m, g_mime_multipart_get_part(multipart, i), depth + 1);
            if (only_first && m->shown.len)
                break;
        }
    } else if (nested && nested->content) {
        mark_shown(m, nested);
        render(m, nested->content, depth + 1);
    } else if (nested && GMIME_IS_PART(o) && is_readable(o)) {
        mark_shown(m, nested);
        render_leaf(m, GMIME_PART(o));
    }
}

/* ---- opening and closing ---- */

/* Cuts the bytes into parts. */
static void open_mail(struct mime *m, const char *bytes, size_t n)
{
    *m = (struct mime){.damaged = false};
    found_init(&m->found);
    vec_init(&m->parts, sizeof(struct part), NULL);
    vec_init(&m->shown, sizeof(size_t), NULL);
    nested_init(&m->nested);
    split_open(&m->split, bytes, n);
    if (m->split.cut_header)
        found_warn(&m->found, "truncated", "headers");
    if (m->split.cut_parts) {
        found_warn(&m->found, "mime-parts", NULL);
        m->found.truncated = true;
    }
    g_mime_parser_options_set_warning_callback(options, on_issue, &m->damaged);
    GMimeParser *parser = g_mime_parser_new_with_stream(m->split.stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    m->root = g_mime_parser_construct_part(parser, options);
    g_object_unref(parser);
    if (m->root)
        collect(m, m->root, 0);
    collect_shells(m);
    const char *charset = NULL;
    for (size_t i = 0; i < m->parts.len && !charset; i++) {
        struct part *p = vec_at(&m->parts, i);
        if (content_is(p->object, "text", "*"))
            charset = content_param(p->object, "charset");
    }
    charset_set_hint(charset);
}

/* Releases everything. */
static void close_mail(struct mime *m)
{
    if (m->root)
        g_object_unref(m->root);
    nested_fini(&m->nested);
    split_close(&m->split);
    vec_fini(&m->parts);
    vec_fini(&m->shown);
    found_fini(&m->found);
}

/* Is there a multipart that yielded nothing? Then the body is shown as it stands. */
static void render_all(struct mime *m)
{
    if (m->root)
        render(m, m->root, 0);
    if (!m->parts.len && m->split.body_len) {
        size_t n = m->split.body_len;
        m->damaged = true;
        struct str text = STR_INIT;
        if (n > FOUND_TEXT_MAX) {
            n = FOUND_TEXT_MAX;
            found_warn(&m->found, "truncated", "text");
        }
        charset_guess(m->split.body, n, &text);
        plain_add(&m->found, str_text(&text), text.len, false, false);
        str_fini(&text);
    }
    struct str *text = &m->found.text;
    if (text->len > FOUND_TEXT_MAX && !m->emit) {
        size_t cut = FOUND_TEXT_MAX;
        while (cut && ((unsigned char)text->data[cut] & 0xc0) == 0x80)
            cut--;
        str_truncate(text, cut);
        found_warn(&m->found, "truncated", "text");
    }
    while (text->len && strchr(" \t\n", text->data[text->len - 1]))
        str_truncate(text, text->len - 1);
    size_t lead = 0; /* empty lines on top; a first line keeps its indent */
    for (size_t i = 0; i < text->len && strchr(" \t\n", text->data[i]); i++)
        if (text->data[i] == '\n')
            lead = i + 1;
    str_splice(text, 0, lead, NULL, 0);
    if (text->len)
        str_putc(text, '\n');
}

/* ---- the record ---- */

/* The media type as "text/plain", lower case. Yours. */
static char *part_type(GMimeObject *o)
{
    GMimeContentType *t = g_mime_object_get_content_type(o);
    struct str type = STR_INIT;
    if (!t)
        return mem_strdup("text/plain");
    charset_guess(g_mime_content_type_get_media_type(t),
                  strlen(g_mime_content_type_get_media_type(t)), &type);
    str_putc(&type, '/');
    charset_guess(g_mime_content_type_get_media_subtype(t),
                  strlen(g_mime_content_type_get_media_subtype(t)), &type);
    for (size_t k = 0; k < type.len; k++)
        type.data[k] = g_ascii_tolower(type.data[k]);
    return str_take(&type);
}

/* Adds what the bytes of a file are, and warns when they are something else than is said. */
static void write_real_type(struct mime *m, struct record_writer *w, GMimeObject *o,
                            const char *claimed, const char *name)
{
    struct str bytes = STR_INIT;
    GMimeObject *content;
    content_read(GMIME_PART(o), SNIFF_BYTES, content_to_str, &bytes);
    const char *real = nested_kind(&m->nested, o, &content) != CMS_NONE
                           ? "application/pkcs7-mime"
                           : sniff_type(str_text(&bytes), bytes.len);
    record_add_text(w, WIRE_REAL_TYPE, real);
    if (sniff_differs(claimed, real)) {
        struct str detail = STR_INIT;
        str_addf(&detail, "%s, %s", name ? name : claimed, real);
        found_warn(&m->found, "type-differs", detail.data);
        str_fini(&detail);
    }
    str_fini(&bytes);
}

/* Adds the facts of one part. */
static void write_part(struct mime *m, struct record_writer *w, size_t i)
{
    struct part *p = vec_at(&m->parts, i);
    GMimeObject *o = p->object;
    size_t mark = record_nest(w, WIRE_BODY_PART);
    char *type = part_type(o);
    record_add_int(w, WIRE_NUMBER, (int64_t)i + 1);
    record_add_text(w, WIRE_CONTENT_TYPE, type);
    const char *charset = content_param(o, "charset"), *cid = content_header(o, "Content-Id");
    char *text = charset ? header_text(charset) : NULL;
    record_add_text(w, WIRE_CHARSET, text);
    free(text);
    char *disposition = content_disposition(o), *name = content_name(o);
    record_add_text(w, WIRE_DISPOSITION, disposition);
    record_add_text(w, WIRE_NAME, name);
    if (cid) {
        struct vec ids;
        strv_init(&ids);
        header_ids(cid, 1, &ids);
        if (ids.len)
            record_add_text(w, WIRE_CID, strv_at(&ids, 0));
        vec_fini(&ids);
    }
    if (p->size < 0)
        p->size = p->is_message ? 0 : content_read(GMIME_PART(o), INT64_MAX, NULL, NULL);
    record_add_int(w, WIRE_SIZE, p->size);
    bool attachment = name || str_eq(disposition, "attachment") ||
                      (!content_is(o, "text", "*") && !p->is_message &&
                       !content_is(o, "message", "delivery-status"));
    record_add_int(w, WIRE_ATTACHMENT, attachment);
    record_add_int(w, WIRE_SHOWN, p->shown);
    if (attachment && name)
        warnings_file(&m->found, name);
    if (attachment && !p->is_message)
        write_real_type(m, w, o, type, name);
    free(type);
    free(disposition);
    free(name);
    record_unnest(w, mark);
}

/* Adds the first calendar object. */
static void write_ics(struct mime *m, struct record_writer *w)
{
    for (size_t i = 0; i < m->parts.len; i++) {
        struct part *p = vec_at(&m->parts, i);
        if (p->is_message || !GMIME_IS_PART(p->object))
            continue;
        if (!content_is(p->object, "text", "calendar") && !content_is(p->object, "application", "ics"))
            continue;
        struct str text = STR_INIT;
        leaf_text(m, GMIME_PART(p->object), MIME_ICS_MAX, &text);
        record_add(w, WIRE_ICS, str_text(&text), text.len);
        str_fini(&text);
        return;
    }
}

/* Adds links, hidden text and warnings. */
static void write_found(struct mime *m, struct record_writer *w)
{
    for (size_t i = 0; i < m->found.links.len; i++) {
        struct found_link *l = vec_at(&m->found.links, i);
        size_t mark = record_nest(w, WIRE_LINK);
        record_add_text(w, WIRE_TEXT, l->text);
        record_add_text(w, WIRE_URL, l->url);
        record_unnest(w, mark);
    }
    for (size_t i = 0; i < m->found.warnings.len; i++)
        record_add_text(w, WIRE_WARNING, strv_at(&m->found.warnings, i));
    record_add(w, WIRE_TEXT, str_text(&m->found.text), m->found.text.len);
    if (m->found.hidden.len)
        record_add(w, WIRE_HIDDEN_TEXT, m->found.hidden.data, m->found.hidden.len);
    if (m->damaged)
        record_add_int(w, WIRE_DAMAGED, 1);
    if (m->found.truncated)
        record_add_int(w, WIRE_TRUNCATED, 1);
}

/* Reads a mail whole. */
void mime_parse(const char *bytes, size_t n, struct str *answer)
{
    struct mime m;
    struct record_writer w;
    open_mail(&m, bytes, n);
    render_all(&m);
    record_begin(&w, answer, WIRE_MESSAGE);
    if (!m.root || !facts_write(&w, &m.found, m.root))
        m.damaged = true;
    for (size_t i = 0; i < m.parts.len; i++)
        write_part(&m, &w, i);
    write_ics(&m, &w);
    record_add_text(&w, WIRE_PROTECTION, protection_of(m.root, &m.nested, str_text(&m.found.text), m.found.text.len));
    char *report = report_of(m.root, str_text(&m.found.text));
    record_add_text(&w, WIRE_REPORT, report);
    free(report);
    write_found(&m, &w);
    record_end(&w);
    close_mail(&m);
}

/* A part to look at. */
static void view_part(struct mime *m, struct part *p)
{
    struct str bytes = STR_INIT;
    if (p->is_message || p->content) {
        render(m, p->object, 0);
        return;
    }
    if (content_read(GMIME_PART(p->object), VIEW_BYTES_MAX + 1, content_to_str, &bytes) > VIEW_BYTES_MAX)
        m->found.truncated = true;
    char *type = part_type(p->object), *name = content_name(p->object);
    view_add(&m->found, type, name, content_param(p->object, "charset"), str_text(&bytes), bytes.len);
    free(type);
    free(name);
    str_fini(&bytes);
}

/* Gives out one part as text. */
static void text_part(struct mime *m, struct part *p)
{
    if (p->is_message || p->content)
        render(m, p->object, 0);
    else if (content_is(p->object, "text", "*") || content_is(p->object, "message", "*"))
        render_leaf(m, GMIME_PART(p->object));
}

/* Appends where numbered links lead; addresses that stand in the text say it themselves. */
static void add_links(struct found *f)
{
    bool any = false;
    for (size_t i = 0; i < f->links.len && f->text.len < FOUND_TEXT_MAX; i++) {
        const struct found_link *l = vec_at(&f->links, i);
        if (str_eq(l->text, l->url))
            continue;
        str_addf(&f->text, "%s[%zu] %s\n", any ? "" : "\n", i + 1, l->url);
        any = true;
    }
}

/* The whole mail in seven bits and short lines: parts that need it get another transfer encoding,
 * what they hold and all headers stay. */
static bool give_seven(const char *bytes, size_t n,
                       void (*emit)(void *user, const char *bytes, size_t n), void *user)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, n);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    bool damaged = false;
    g_mime_parser_options_set_warning_callback(options, on_issue, &damaged);
    GMimeMessage *mail = g_mime_parser_construct_message(parser, options);
    char *text = NULL;
    if (mail && !damaged) { /* one that was not understood goes as it is */
        g_mime_object_encode(GMIME_OBJECT(mail), GMIME_ENCODING_CONSTRAINT_7BIT);
        text = g_mime_object_to_string(GMIME_OBJECT(mail), NULL);
    }
    if (mail)
        g_object_unref(mail);
    if (text)
        emit(user, text, strlen(text));
    bool good = text != NULL;
    g_free(text);
    g_object_unref(parser);
    g_object_unref(stream);
    return good;
}

/* Gives out one part. */
enum mime_given mime_part(const char *bytes, size_t n, int number, enum wire_form form,
                          void (*emit)(void *user, const char *bytes, size_t n), void *user)
{
    struct mime m;
    if (form == WIRE_FORM_SEVEN)
        return give_seven(bytes, n, emit, user) ? MIME_WHOLE : MIME_NO_PART;
    open_mail(&m, bytes, n);
    bool whole = form == WIRE_FORM_PLAIN || form == WIRE_FORM_HTML;
    bool found = whole || (number >= 1 && (size_t)number <= m.parts.len), cut = false;
    struct part *p = found && !whole ? vec_at(&m.parts, (size_t)number - 1) : NULL;
    m.form = form;
    if (whole) {
        m.emit = emit;
        m.user = user;
        render_all(&m);
    } else if (p && form == WIRE_FORM_VIEW) {
        view_part(&m, p);
    } else if (p && form == WIRE_FORM_TEXT) {
        text_part(&m, p);
    } else if (p && p->is_message) {
        char *text = p->inner ? g_mime_object_to_string(GMIME_OBJECT(p->inner), NULL) : NULL;
        if (text)
            emit(user, text, strlen(text));
        g_free(text);
    } else if (p) {
        content_read(GMIME_PART(p->object), INT64_MAX, emit, user);
    }
    if (whole || form == WIRE_FORM_VIEW)
        add_links(&m.found);
    if (m.found.text.len)
        emit(user, str_text(&m.found.text), m.found.text.len);
    cut = m.found.truncated;
    for (size_t i = 0; i < m.found.warnings.len && !cut; i++)
        cut = str_starts(strv_at(&m.found.warnings, i), "truncated");
    close_mail(&m);
    return !found ? MIME_NO_PART : cut ? MIME_CUT : MIME_WHOLE;
}
