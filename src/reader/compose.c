/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compose.c - builds the bytes of a message.
 *
 * The headers are written here: they are few, and every byte of a line that leaves the office must
 * be ours. GMime encodes words (RFC 2047), parameters (RFC 2231) and bodies. */
#include "reader/compose.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/record.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/wire.h"

enum { LINE = 76, WORD_BYTES = 45 };

struct person {
    char *name, *address; /* own */
};

struct file {
    char *name, *content_type; /* own */
    const char *bytes;         /* borrow */
    size_t len;
};

struct message {
    struct vec from, to, cc; /* struct person */
    struct vec references;   /* strv */
    struct vec files;        /* struct file */
    char *subject, *text, *message_id, *in_reply_to, *date; /* own */
};

/* Releases a person. */
static void person_fini(void *item)
{
    struct person *p = item;
    free(p->name);
    free(p->address);
}

/* Releases a file. */
static void file_fini(void *item)
{
    struct file *f = item;
    free(f->name);
    free(f->content_type);
}

/* ---- what must not be ---- */

/* May this stand in a header? Valid UTF-8 without any control character. */
static bool is_header_text(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    return utf8_valid(s, n);
}

/* Is this an address a server can be given: one "@", nothing that ends or opens anything? */
static bool is_address(const char *s)
{
    const char *at = strrchr(s, '@');
    if (!at || at == s || !at[1] || strlen(s) > 320)
        return false;
    for (const char *p = s; *p; p++)
        if ((unsigned char)*p <= 0x20 || strchr("<>,;:()[]\"\\", *p))
            return false;
    return strchr(s, '@') == at;
}

/* Is this an id that can stand in <>? */
static bool is_id(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] <= 0x20 || (unsigned char)s[i] > 0x7e || s[i] == '<' || s[i] == '>')
            return false;
    return n > 0 && n <= 990;
}

/* Is this type/subtype made of tokens? */
static bool is_media_type(const char *s)
{
    const char *slash = strchr(s, '/');
    if (!slash || slash == s || !slash[1] || strlen(s) > 127)
        return false;
    for (const char *p = s; *p; p++)
        if (p != slash && !g_ascii_isalnum(*p) && !strchr(".+-_!#$&^", *p))
            return false;
    return true;
}

/* ---- reading the request ---- */

/* Takes a text field after checking it. */
static bool take(char **to, const struct record_field *f, const char *what, struct str *why)
{
    if (!is_header_text(f->bytes, f->len)) {
        str_puts(why, what);
        return false;
    }
    free(*to);
    *to = record_text(f);
    return true;
}

/* Reads one person. */
static bool take_person(struct vec *list, const struct record_field *field, const char *what,
                        struct str *why)
{
    struct record_view v = record_open(field);
    struct record_field f;
    struct person *p = vec_push(list);
    bool good = true;
    while (good && record_next(&v, &f)) {
        if (f.tag == WIRE_NAME)
            good = take(&p->name, &f, what, why);
        else if (f.tag == WIRE_ADDRESS)
            good = take(&p->address, &f, what, why);
    }
    if (good && (!p->address || !is_address(p->address))) {
        str_puts(why, what);
        good = false;
    }
    return good;
}

/* Reads one file. */
static bool take_file(struct vec *list, const struct record_field *field, struct str *why)
{
    struct record_view v = record_open(field);
    struct record_field f;
    struct file *file = vec_push(list);
    bool good = true;
    while (good && record_next(&v, &f)) {
        if (f.tag == WIRE_NAME)
            good = take(&file->name, &f, "file name", why);
        else if (f.tag == WIRE_CONTENT_TYPE)
            good = take(&file->content_type, &f, "Content-Type", why);
        else if (f.tag == WIRE_BYTES) {
            file->bytes = f.bytes;
            file->len = f.len;
        }
    }
    if (good && (!file->content_type || !is_media_type(file->content_type))) {
        str_puts(why, "Content-Type");
        good = false;
    }
    return good;
}

/* Reads one field of the request. */
static bool take_field(struct message *m, const struct record_field *f, struct str *why)
{
    char *id = NULL;
    switch (f->tag) {
    case WIRE_FROM:
        return take_person(&m->from, f, "From", why);
    case WIRE_TO:
        return take_person(&m->to, f, "To", why);
    case WIRE_CC:
        return take_person(&m->cc, f, "Cc", why);
    case WIRE_SUBJECT:
        return take(&m->subject, f, "Subject", why);
    case WIRE_MESSAGE_ID:
        return take(&m->message_id, f, "Message-ID", why);
    case WIRE_IN_REPLY_TO:
        return take(&m->in_reply_to, f, "In-Reply-To", why);
    case WIRE_DATE_TEXT:
        return take(&m->date, f, "Date", why);
    case WIRE_REFERENCE:
        if (!take(&id, f, "References", why))
            return false;
        strv_push_take(&m->references, id);
        return true;
    case WIRE_FILE:
        return take_file(&m->files, f, why);
    case WIRE_TEXT:
        free(m->text);
        m->text = record_text(f);
        return true;
    default:
        return true;
    }
}

/* Reads the whole request and checks what is checked over all. */
static bool read_message(struct message *m, const char *request, size_t n, struct str *why)
{
    uint16_t type;
    struct record_view body;
    struct record_field f;
    if (record_peek(request, n, &type, &body) <= 0 || type != WIRE_OUTGOING) {
        str_puts(why, "request");
        return false;
    }
    while (record_next(&body, &f))
        if (!take_field(m, &f, why))
            return false;
    if (m->from.len != 1)
        str_puts(why, "From");
    else if (!m->message_id || !is_id(m->message_id))
        str_puts(why, "Message-ID");
    else if (m->in_reply_to && !is_id(m->in_reply_to))
        str_puts(why, "In-Reply-To");
    else if (!m->date || strlen(m->date) > 60)
        str_puts(why, "Date");
    for (size_t i = 0; i < m->references.len && !why->len; i++)
        if (!is_id(strv_at(&m->references, i)))
            str_puts(why, "References");
    return why->len == 0;
}

/* ---- headers ---- */

/* A header line in the making: the column tells when to fold. */
struct line {
    struct str *out;
    size_t column;
};

/* Begins "Name:". */
static struct line line_start(struct str *out, const char *name)
{
    str_puts(out, name);
    str_putc(out, ':');
    return (struct line){.out = out, .column = strlen(name) + 1};
}

/* Adds one word, on a line of its own where it would not fit. */
static void line_word(struct line *l, const char *word, size_t n)
{
    if (l->column + 1 + n > LINE && l->column > 1) {
        str_puts(l->out, "\r\n ");
        l->column = 1 + n;
    } else {
        str_putc(l->out, ' ');
        l->column += 1 + n;
    }
    str_add(l->out, word, n);
}

/* Adds text as encoded words, each of whole characters (RFC 2047 §5). */
static void line_encoded(struct line *l, const char *s, size_t n)
{
    while (n) {
        size_t len = 0;
        while (len < n) {
            size_t used;
            utf8_decode(s + len, n - len, &used);
            if (len + used > WORD_BYTES)
                break;
            len += used;
        }
        char *code = g_base64_encode((const guchar *)s, len);
        char *word = str_format("=?UTF-8?B?%s?=", code);
        line_word(l, word, strlen(word));
        g_free(code);
        free(word);
        s += len;
        n -= len;
    }
}

/* Can this text stand in a header as it is? Not when a reader could take it for encoded words. */
static bool is_plain(const char *s)
{
    if (strstr(s, "=?") || *s == ' ' || strstr(s, "  ") || (*s && s[strlen(s) - 1] == ' '))
        return false;
    for (const char *p = s; *p;) {
        size_t n = strcspn(p, " ");
        if (n > LINE - 2)
            return false;
        for (size_t i = 0; i < n; i++)
            if ((unsigned char)p[i] > 0x7e)
                return false;
        p += n + (p[n] == ' ');
    }
    return true;
}

/* Adds unstructured text: plain words as they are, everything encoded otherwise. */
static void line_text(struct line *l, const char *s)
{
    if (!is_plain(s)) {
        line_encoded(l, s, strlen(s));
        return;
    }
    while (*s) {
        size_t n = strcspn(s, " ");
        line_word(l, s, n);
        s += n + (s[n] == ' ');
    }
}

/* Adds a display name: atoms bare, specials quoted, the rest encoded. */
static void line_name(struct line *l, const char *name)
{
    bool atoms = is_plain(name), quotable = atoms && strlen(name) < 60;
    for (const char *p = name; *p && atoms; p++)
        atoms = g_ascii_isalnum(*p) || strchr(" !#$%&'*+-/=?^_`{|}~", *p);
    if (atoms) {
        line_text(l, name);
    } else if (quotable) {
        struct str q = STR_INIT;
        str_putc(&q, '"');
        for (const char *p = name; *p; p++) {
            if (*p == '"' || *p == '\\')
                str_putc(&q, '\\');
            str_putc(&q, *p);
        }
        str_putc(&q, '"');
        line_word(l, q.data, q.len);
        str_fini(&q);
    } else {
        line_encoded(l, name, strlen(name));
    }
}

/* Writes a list of people. */
static void write_people(struct str *out, const char *header, const struct vec *people)
{
    if (!people->len)
        return;
    struct line l = line_start(out, header);
    for (size_t i = 0; i < people->len; i++) {
        const struct person *p = vec_at(people, i);
        bool named = p->name && *p->name;
        const char *comma = i + 1 < people->len ? "," : "";
        if (named)
            line_name(&l, p->name);
        char *word = str_format(named ? "<%s>%s" : "%s%s", p->address, comma);
        line_word(&l, word, strlen(word));
        free(word);
    }
    str_puts(out, "\r\n");
}

/* Writes one id in brackets. */
static void write_id(struct line *l, const char *id)
{
    char *word = str_format("<%s>", id);
    line_word(l, word, strlen(word));
    free(word);
}

/* Writes the headers of the message, without those of its body. */
static void write_headers(const struct message *m, struct str *out)
{
    struct line l = line_start(out, "Date");
    line_text(&l, m->date);
    str_puts(out, "\r\n");
    write_people(out, "From", &m->from);
    write_people(out, "To", &m->to);
    write_people(out, "Cc", &m->cc);
    l = line_start(out, "Subject");
    line_text(&l, m->subject ? m->subject : "");
    str_puts(out, "\r\n");
    l = line_start(out, "Message-ID");
    write_id(&l, m->message_id);
    str_puts(out, "\r\n");
    if (m->in_reply_to) {
        l = line_start(out, "In-Reply-To");
        write_id(&l, m->in_reply_to);
        str_puts(out, "\r\n");
    }
    if (m->references.len) {
        l = line_start(out, "References");
        for (size_t i = 0; i < m->references.len; i++)
            write_id(&l, strv_at(&m->references, i));
        str_puts(out, "\r\n");
    }
    str_puts(out, "MIME-Version: 1.0\r\n");
}

/* ---- bodies ---- */

/* Appends bytes in a transfer encoding, lines with CRLF. */
static void add_encoded(struct str *out, GMimeContentEncoding how, const char *bytes, size_t n)
{
    enum { PIECE = 57 * 512 };
    GMimeEncoding state;
    g_mime_encoding_init_encode(&state, how);
    char *buf = g_malloc(g_mime_encoding_outlen(&state, PIECE) + 16);
    for (size_t i = 0; i == 0 || i < n; i += PIECE) {
        size_t len = n - i < PIECE ? n - i : PIECE;
        size_t made = i + len >= n ? g_mime_encoding_flush(&state, bytes + i, len, buf)
                                   : g_mime_encoding_step(&state, bytes + i, len, buf);
        for (size_t k = 0; k < made; k++) {
            if (buf[k] == '\n')
                str_putc(out, '\r');
            str_putc(out, buf[k]);
        }
    }
    g_free(buf);
    if (out->len < 2 || out->data[out->len - 1] != '\n')
        str_puts(out, "\r\n");
}

/* Chooses how text travels: as it is, quoted-printable, or base64 when most of it is not ASCII. */
static GMimeContentEncoding text_encoding(const char *s, size_t n)
{
    size_t high = 0, line = 0;
    bool plain = true;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        high += c > 0x7e;
        line = c == '\n' ? 0 : line + 1;
        plain &= c <= 0x7e && (c >= 0x20 || c == '\n' || c == '\t') && line <= 78;
        plain &= !(c == ' ' && (i + 1 == n || s[i + 1] == '\n') && line != 3);
        plain &= !(line == 1 && n - i >= 5 && memcmp(s + i, "From ", 5) == 0);
    }
    if (plain)
        return GMIME_CONTENT_ENCODING_7BIT;
    return high * 4 > n ? GMIME_CONTENT_ENCODING_BASE64 : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

/* Writes the text part with its headers. */
static void write_text(const struct message *m, struct str *out)
{
    struct str text = STR_INIT;
    for (const char *p = m->text ? m->text : ""; *p; p++)
        if (*p != '\r')
            str_putc(&text, *p);
        else if (p[1] != '\n')
            str_putc(&text, '\n');
    if (text.len && text.data[text.len - 1] != '\n')
        str_putc(&text, '\n');
    GMimeContentEncoding how = text_encoding(str_text(&text), text.len);
    bool ascii = true;
    for (size_t i = 0; i < text.len && ascii; i++)
        ascii = (unsigned char)text.data[i] < 0x80;
    str_addf(out, "Content-Type: text/plain; charset=%s\r\n", ascii ? "us-ascii" : "utf-8");
    if (how == GMIME_CONTENT_ENCODING_7BIT) {
        str_puts(out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
        for (size_t i = 0; i < text.len; i++) {
            if (text.data[i] == '\n')
                str_putc(out, '\r');
            str_putc(out, text.data[i]);
        }
    } else if (how == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
        str_puts(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        add_encoded(out, how, str_text(&text), text.len);
    } else {
        struct str crlf = STR_INIT; /* base64 carries the line ends themselves */
        for (size_t i = 0; i < text.len; i++) {
            if (text.data[i] == '\n')
                str_putc(&crlf, '\r');
            str_putc(&crlf, text.data[i]);
        }
        str_puts(out, "Content-Transfer-Encoding: base64\r\n\r\n");
        add_encoded(out, how, str_text(&crlf), crlf.len);
        str_fini(&crlf);
    }
    str_fini(&text);
}

/* Adds one parameter of RFC 2231, in as many pieces as it needs. */
static void write_param(struct str *out, const char *name, const char *value)
{
    bool plain = strlen(value) < 60;
    for (const char *p = value; *p && plain; p++)
        plain = (unsigned char)*p < 0x7f && *p != '"' && *p != '\\' && *p != '%';
    if (plain) {
        str_addf(out, ";\r\n %s=\"%s\"", name, value);
        return;
    }
    int piece = 0;
    for (const char *p = value; *p; piece++) {
        str_addf(out, ";\r\n %s*%d*=%s", name, piece, piece ? "" : "UTF-8''");
        for (size_t column = 0; *p && column < 48;) {
            size_t used;
            utf8_decode(p, strlen(p) < 4 ? strlen(p) : 4, &used);
            for (size_t i = 0; i < used; i++, p++) {
                if (g_ascii_isalnum(*p) || strchr("-._~", *p)) {
                    str_putc(out, *p);
                    column++;
                } else {
                    str_addf(out, "%%%02X", (unsigned char)*p);
                    column += 3;
                }
            }
        }
    }
}

/* Writes one file. */
static void write_file(const struct file *f, struct str *out)
{
    bool message = g_ascii_strcasecmp(f->content_type, "message/rfc822") == 0;
    str_addf(out, "Content-Type: %s", f->content_type);
    str_puts(out, "\r\nContent-Disposition: attachment");
    write_param(out, "filename", f->name && *f->name ? f->name : "file");
    if (message && f->bytes && memchr(f->bytes, 0, f->len) == NULL) {
        str_puts(out, "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        for (size_t i = 0; i < f->len; i++) { /* RFC 2046 §5.2.1: no base64 here */
            if (f->bytes[i] == '\n' && (!i || f->bytes[i - 1] != '\r'))
                str_putc(out, '\r');
            str_putc(out, f->bytes[i]);
        }
        str_puts(out, "\r\n");
        return;
    }
    str_puts(out, "\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    add_encoded(out, GMIME_CONTENT_ENCODING_BASE64, f->bytes ? f->bytes : "", f->len);
}

/* Makes a boundary that no part holds. */
static char *make_boundary(const struct message *m)
{
    for (unsigned i = 0;; i++) {
        char *b = str_format("=_%08x_%u", g_str_hash(m->message_id), i);
        bool held = m->text && strstr(m->text, b);
        for (size_t k = 0; k < m->files.len && !held; k++) {
            const struct file *f = vec_at(&m->files, k);
            held = f->len && memmem(f->bytes, f->len, b, strlen(b)) != NULL;
        }
        if (!held)
            return b;
        free(b);
    }
}

/* Writes the message. */
static void write_message(const struct message *m, struct str *out)
{
    write_headers(m, out);
    if (!m->files.len) {
        write_text(m, out);
        return;
    }
    char *boundary = make_boundary(m);
    str_addf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
             boundary);
    write_text(m, out);
    for (size_t i = 0; i < m->files.len; i++) {
        str_addf(out, "--%s\r\n", boundary);
        write_file(vec_at(&m->files, i), out);
    }
    str_addf(out, "--%s--\r\n", boundary);
    free(boundary);
}

/* Builds a message from a request. */
enum compose_result compose_write(const char *request, size_t n, struct str *out, struct str *why)
{
    struct message m = {.subject = NULL};
    vec_init(&m.from, sizeof(struct person), person_fini);
    vec_init(&m.to, sizeof(struct person), person_fini);
    vec_init(&m.cc, sizeof(struct person), person_fini);
    vec_init(&m.files, sizeof(struct file), file_fini);
    strv_init(&m.references);
    bool good = read_message(&m, request, n, why);
    if (good)
        write_message(&m, out);
    vec_fini(&m.from);
    vec_fini(&m.to);
    vec_fini(&m.cc);
    vec_fini(&m.files);
    vec_fini(&m.references);
    free(m.subject);
    free(m.text);
    free(m.message_id);
    free(m.in_reply_to);
    free(m.date);
    return good ? COMPOSE_GOOD : COMPOSE_REFUSED;
}
