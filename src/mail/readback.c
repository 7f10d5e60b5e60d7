/* SPDX-License-Identifier: GPL-3.0-or-later */
/* readback.c - does a composed message say what was asked?
 *
 * This is no general reader: it knows the few forms that our own composer writes (encoded words in
 * UTF-8 and base64, quoted names, one header of a kind) and takes everything else for a fault. */
#include "mail/readback.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "mail/reader.h"

/* ---- what is wanted ---- */

/* Copies people. */
static void copy_people(struct vec *to, const struct vec *from)
{
    vec_init(to, sizeof(struct mail_address), mail_address_fini_item);
    for (size_t i = 0; from && i < from->len; i++) {
        const struct mail_address *a = vec_at(from, i);
        struct mail_address *b = vec_push(to);
        b->name = mem_strdup(a->name ? a->name : "");
        b->address = mem_strdup(a->address);
    }
}

/* An id in brackets; NULL stays NULL. */
static char *bracket(const char *id)
{
    return id && *id ? str_format("<%s>", id) : NULL;
}

/* Keeps what a message must say. */
void mail_readback_init(struct mail_readback *want, const struct mail_outgoing *m)
{
    struct str references = STR_INIT;
    copy_people(&want->from, NULL);
    if (m->from) {
        struct mail_address *a = vec_push(&want->from);
        a->name = mem_strdup(m->from->name ? m->from->name : "");
        a->address = mem_strdup(m->from->address ? m->from->address : "");
    }
    copy_people(&want->to, m->to);
    copy_people(&want->cc, m->cc);
    want->subject = mem_strdup(m->subject ? m->subject : "");
    want->date = mem_strdup(m->date ? m->date : "");
    want->message_id = bracket(m->message_id ? m->message_id : "");
    want->in_reply_to = bracket(m->in_reply_to);
    for (size_t i = 0; m->references && i < m->references->len; i++)
        str_addf(&references, "%s<%s>", i ? " " : "", strv_at(m->references, i));
    want->references = references.len ? str_take(&references) : NULL;
    str_fini(&references);
}

/* Releases it. */
void mail_readback_fini(struct mail_readback *want)
{
    vec_fini(&want->from);
    vec_fini(&want->to);
    vec_fini(&want->cc);
    free(want->subject);
    free(want->date);
    free(want->message_id);
    free(want->in_reply_to);
    free(want->references);
}

/* ---- reading ---- */

/* Appends the text of an encoded word at s; returns its bytes, 0 when it is none of ours. */
static size_t add_word(const char *s, struct str *out)
{
    static const char head[] = "=?UTF-8?B?";
    if (strncmp(s, head, sizeof head - 1) != 0)
        return 0;
    const char *code = s + sizeof head - 1, *end = strstr(code, "?=");
    if (!end)
        return 0;
    unsigned char bin[128];
    size_t n = 0;
    if (sodium_base642bin(bin, sizeof bin, code, (size_t)(end - code), NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return 0;
    str_add(out, (const char *)bin, n);
    return (size_t)(end + 2 - s);
}

/* Appends text up to `stop` ("\0" or "<" …), encoded words decoded; moves *s behind it. */
static void read_text(const char **s, const char *stop, struct str *out)
{
    bool word_before = false;
    while (**s && !strchr(stop, **s)) {
        struct str word = STR_INIT;
        size_t n = add_word(*s, &word);
        if (n) {
            if (word_before && out->len && out->data[out->len - 1] == ' ')
                str_truncate(out, out->len - 1);
            str_add(out, str_text(&word), word.len);
            *s += n;
        } else {
            str_putc(out, **s);
            (*s)++;
        }
        if (n || (*s)[-1] != ' ')
            word_before = n > 0;
        str_fini(&word);
    }
    while (out->len && out->data[out->len - 1] == ' ')
        str_truncate(out, out->len - 1);
}

/* Reads one person at *s up to the comma behind. */
static void read_person(const char **s, struct str *name, struct str *address)
{
    if (**s == '"') {
        for ((*s)++; **s && **s != '"'; (*s)++) {
            if (**s == '\\' && (*s)[1])
                (*s)++;
            str_putc(name, **s);
        }
        if (**s)
            (*s)++;
        while (**s == ' ')
            (*s)++;
    } else {
        read_text(s, "<,", name);
    }
    if (**s == '<') {
        for ((*s)++; **s && **s != '>'; (*s)++)
            str_putc(address, **s);
        if (**s)
            (*s)++;
    } else {
        str_add(address, str_text(name), name->len);
        str_clear(name);
    }
}

/* Does a header list exactly these people? */
static bool same_people(const struct vec *want, const char *value)
{
    bool same = true;
    for (size_t i = 0; i < want->len && same; i++) {
        const struct mail_address *a = vec_at(want, i);
        struct str name = STR_INIT, address = STR_INIT;
        read_person(&value, &name, &address);
        same = str_eq(str_text(&name), a->name) && str_eq(str_text(&address), a->address);
        str_fini(&name);
        str_fini(&address);
        if (i + 1 < want->len) {
            same = same && value[0] == ',' && value[1] == ' ';
            value += same ? 2 : 0;
        }
    }
    return same && *value == '\0';
}

/* Does a header say exactly this text? */
static bool same_text(const char *want, const char *value)
{
    struct str text = STR_INIT;
    read_text(&value, "", &text);
    bool same = str_eq(str_text(&text), want);
    str_fini(&text);
    return same;
}

enum { DATE, FROM, TO, CC, SUBJECT, MESSAGE_ID, IN_REPLY_TO, REFERENCES, OTHERS };

static const char *const names[] = {"Date",        "From",         "To",
                                    "Cc",          "Subject",      "Message-ID",
                                    "In-Reply-To", "References",   "MIME-Version",
                                    "Content-Type", "Content-Transfer-Encoding"};
enum { NAMES = sizeof names / sizeof names[0] };

/* Compares one header. */
static bool same_header(const struct mail_readback *want, size_t which, const char *value)
{
    switch (which) {
    case DATE:
        return str_eq(want->date, value);
    case FROM:
        return same_people(&want->from, value);
    case TO:
        return same_people(&want->to, value);
    case CC:
        return same_people(&want->cc, value);
    case SUBJECT:
        return same_text(want->subject, value);
    case MESSAGE_ID:
        return str_eq(want->message_id, value);
    case IN_REPLY_TO:
        return str_eq(want->in_reply_to, value);
    case REFERENCES:
        return str_eq(want->references, value);
    default:
        return true;
    }
}

/* Must this header be there? */
static bool is_wanted(const struct mail_readback *want, size_t which)
{
    switch (which) {
    case TO:
        return want->to.len > 0;
    case CC:
        return want->cc.len > 0;
    case IN_REPLY_TO:
        return want->in_reply_to != NULL;
    case REFERENCES:
        return want->references != NULL;
    default:
        return which < OTHERS;
    }
}

/* Says which header differs. */
static enum status differs(struct error *err, const char *name)
{
    return error_set(err, STATUS_REFUSED,
                     _("the composed message differs from the draft in its header %s"), name);
}

/* Takes one header, unfolded, off the block; NULL when a line end is not CRLF. Yours. */
static char *next_header(const char **p, const char *end)
{
    struct str line = STR_INIT;
    for (;;) {
        const char *cr = memchr(*p, '\r', (size_t)(end - *p));
        const char *stop = cr ? cr : end;
        if (memchr(*p, '\n', (size_t)(stop - *p)) || memchr(*p, 0, (size_t)(stop - *p)) || !cr ||
            cr + 1 >= end || cr[1] != '\n') {
            str_fini(&line);
            return NULL;
        }
        str_add(&line, *p, (size_t)(stop - *p));
        *p = cr + 2;
        if (*p >= end || **p != ' ')
            break;
    }
    str_puts(&line, "");
    return str_take(&line);
}

/* Reads the header block and compares. */
enum status mail_readback_check(const struct mail_readback *want, const struct str *bytes,
                                struct error *err)
{
    bool seen[NAMES] = {false};
    const char *p = str_text(bytes), *end = p + bytes->len;
    const char *stop = memmem(p, bytes->len, "\r\n\r\n", 4);
    enum status status = STATUS_OK;
    if (!stop)
        return differs(err, "-");
    stop += 2;
    while (p < stop && status == STATUS_OK) {
        char *line = next_header(&p, end);
        if (!line)
            return differs(err, "-");
        char *colon = strchr(line, ':');
        size_t which = NAMES;
        for (size_t i = 0; colon && i < NAMES; i++)
            if (strlen(names[i]) == (size_t)(colon - line) &&
                memcmp(names[i], line, (size_t)(colon - line)) == 0)
                which = i;
        if (which == NAMES || seen[which] || !(which >= OTHERS || is_wanted(want, which)))
            status = differs(err, which == NAMES ? "-" : names[which]);
        else if (!same_header(want, which, colon + 1 + strspn(colon + 1, " ")))
            status = differs(err, names[which]);
        if (which < NAMES)
            seen[which] = true;
        free(line);
    }
    for (size_t i = 0; i < OTHERS && status == STATUS_OK; i++)
        if (is_wanted(want, i) && !seen[i])
            status = differs(err, names[i]);
    return status;
}
