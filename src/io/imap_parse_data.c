/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_parse_data.c - what stands behind FETCH, LIST, STATUS, SEARCH, ESEARCH, NAMESPACE. */
#include <string.h>

#include "base/clock.h"
#include "io/imap_parse_inside.h"
#include "io/imap_set.h"

/* "(n)" as MODSEQ has it, or a bare number. */
static bool modseq(struct imap_cursor *c, uint64_t *out)
{
    bool list = imap_cursor_char(c, '(');
    return imap_cursor_number(c, out) && (!list || imap_cursor_char(c, ')'));
}

/* "(id)", "id" or NIL. */
static bool object_id(struct imap_cursor *c, struct imap_text *out)
{
    bool list = imap_cursor_char(c, '(');
    return imap_cursor_string(c, out) && (!list || imap_cursor_char(c, ')'));
}

/* Behind "BODY" or "BINARY": "[…]<n> data". */
static bool section(struct imap_cursor *c, bool binary)
{
    struct imap_section s = {.binary = binary, .origin = -1};
    struct imap_text over;
    uint64_t origin;
    char *start = ++c->p;
    while (c->p < c->end && *c->p != ']') {
        if (*c->p == '"' || *c->p == '{') {
            if (!imap_cursor_string(c, &over))
                return false;
        } else {
            c->p++;
        }
    }
    s.name = (struct imap_text){.bytes = start, .len = (size_t)(c->p - start)};
    if (!imap_cursor_char(c, ']'))
        return false;
    if (imap_cursor_char(c, '<')) {
        if (!imap_cursor_number(c, &origin) || !imap_cursor_char(c, '>') || origin > INT64_MAX)
            return false;
        s.origin = (int64_t)origin;
    }
    imap_cursor_blanks(c);
    if (!imap_cursor_string(c, &s.data) || !imap_cursor_count(c))
        return false;
    *(struct imap_section *)vec_push(&c->out->fetch.sections) = s;
    return true;
}

/* RFC822 and its parts: the names of before IMAP4rev1. */
static bool old_section(struct imap_cursor *c, const char *name)
{
    struct imap_section s = {.origin = -1, .name = {.bytes = name, .len = strlen(name)}};
    if (!imap_cursor_string(c, &s.data) || !imap_cursor_count(c))
        return false;
    *(struct imap_section *)vec_push(&c->out->fetch.sections) = s;
    return true;
}

/* The rest of "INTERNALDATE". */
static bool internal_date(struct imap_cursor *c)
{
    struct imap_fetch *f = &c->out->fetch;
    if (!imap_cursor_string(c, &f->date_text))
        return false;
    if (!imap_date_parse(f->date_text.bytes, f->date_text.len, &f->date))
        f->date = CLOCK_NONE;
    return true;
}

static const struct {
    const char *name;
    unsigned has;
} items[] = {
    {"UID", IMAP_FETCH_UID},
    {"FLAGS", IMAP_FETCH_FLAGS},
    {"INTERNALDATE", IMAP_FETCH_DATE},
    {"RFC822.SIZE", IMAP_FETCH_SIZE},
    {"MODSEQ", IMAP_FETCH_MODSEQ},
    {"X-GM-LABELS", IMAP_FETCH_LABELS},
    {"X-GM-THRID", IMAP_FETCH_THRID},
    {"X-GM-MSGID", IMAP_FETCH_MSGID},
    {"EMAILID", IMAP_FETCH_EMAILID},
    {"THREADID", IMAP_FETCH_THREADID},
    {"ENVELOPE", IMAP_FETCH_ENVELOPE},
    {"BODYSTRUCTURE", IMAP_FETCH_STRUCTURE},
    {"BODY", IMAP_FETCH_STRUCTURE},
    {"PREVIEW", IMAP_FETCH_PREVIEW},
};

/* The value of one item we keep. */
static bool item_value(struct imap_cursor *c, unsigned has)
{
    struct imap_fetch *f = &c->out->fetch;
    f->has |= has;
    switch (has) {
    case IMAP_FETCH_UID:
        return imap_cursor_number32(c, &f->uid) && f->uid > 0;
    case IMAP_FETCH_FLAGS:
        vec_clear(&f->flags);
        return imap_cursor_list(c, &f->flags);
    case IMAP_FETCH_DATE:
        return internal_date(c);
    case IMAP_FETCH_SIZE:
        return imap_cursor_number(c, &f->size);
    case IMAP_FETCH_MODSEQ:
        return modseq(c, &f->modseq);
    case IMAP_FETCH_LABELS:
        vec_clear(&f->labels);
        return imap_cursor_list(c, &f->labels);
    case IMAP_FETCH_THRID:
        return imap_cursor_number(c, &f->thrid);
    case IMAP_FETCH_MSGID:
        return imap_cursor_number(c, &f->msgid);
    case IMAP_FETCH_EMAILID:
        return object_id(c, &f->emailid);
    case IMAP_FETCH_THREADID:
        return object_id(c, &f->threadid);
    case IMAP_FETCH_PREVIEW:
        return imap_cursor_string(c, &f->preview);
    default:
        return imap_cursor_skip(c);
    }
}

/* The name of an item: up to a blank, a bracket or a parenthesis. */
static struct imap_text item_name(struct imap_cursor *c)
{
    char *start = c->p;
    while (c->p < c->end && (unsigned char)*c->p > ' ' && !strchr("[()\"", *c->p))
        c->p++;
    return (struct imap_text){.bytes = start, .len = (size_t)(c->p - start)};
}

/* One item of FETCH. */
static bool fetch_item(struct imap_cursor *c)
{
    struct imap_text name = item_name(c);
    bool bracket = c->p < c->end && *c->p == '[';
    if (name.len == 0)
        return false;
    if (bracket && (imap_text_is(name, "BODY") || imap_text_is(name, "BINARY")))
        return section(c, imap_text_is(name, "BINARY"));
    if (bracket) { /* BINARY.SIZE[…], or what we do not know */
        char *end = memchr(c->p, ']', (size_t)(c->end - c->p));
        if (!end)
            return false;
        c->p = end + 1;
    }
    imap_cursor_blanks(c);
    if (bracket)
        return imap_cursor_skip(c);
    if (imap_text_is(name, "RFC822"))
        return old_section(c, "");
    if (imap_text_is(name, "RFC822.HEADER"))
        return old_section(c, "HEADER");
    if (imap_text_is(name, "RFC822.TEXT"))
        return old_section(c, "TEXT");
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (imap_text_is(name, items[i].name))
            return item_value(c, items[i].has);
    return imap_cursor_skip(c);
}

/* Behind "FETCH". */
bool imap_data_fetch(struct imap_cursor *c)
{
    imap_cursor_blanks(c);
    if (!imap_cursor_char(c, '('))
        return false;
    for (imap_cursor_blanks(c); !imap_cursor_char(c, ')'); imap_cursor_blanks(c))
        if (!imap_cursor_count(c) || !fetch_item(c))
            return false;
    return true;
}

static const struct {
    const char *name;
    unsigned attribute;
} attributes[] = {
    {"\\Noselect", IMAP_LIST_NOSELECT},
    {"\\NonExistent", IMAP_LIST_NOSELECT | IMAP_LIST_NONEXISTENT},
    {"\\Noinferiors", IMAP_LIST_NOINFERIORS | IMAP_LIST_HASNOCHILDREN},
    {"\\HasChildren", IMAP_LIST_HASCHILDREN},
    {"\\HasNoChildren", IMAP_LIST_HASNOCHILDREN},
    {"\\Marked", IMAP_LIST_MARKED},
    {"\\Unmarked", IMAP_LIST_UNMARKED},
    {"\\Subscribed", IMAP_LIST_SUBSCRIBED},
    {"\\Remote", IMAP_LIST_REMOTE},
    {"\\All", IMAP_LIST_ALL},
    {"\\AllMail", IMAP_LIST_ALL},
    {"\\Archive", IMAP_LIST_ARCHIVE},
    {"\\Drafts", IMAP_LIST_DRAFTS},
    {"\\Flagged", IMAP_LIST_FLAGGED},
    {"\\Starred", IMAP_LIST_FLAGGED},
    {"\\Junk", IMAP_LIST_JUNK},
    {"\\Spam", IMAP_LIST_JUNK},
    {"\\Sent", IMAP_LIST_SENT},
    {"\\Trash", IMAP_LIST_TRASH},
    {"\\Important", IMAP_LIST_IMPORTANT},
};

/* A separator: one character, or NIL. */
static bool separator(struct imap_cursor *c, char *out)
{
    struct imap_text t;
    if (!imap_cursor_string(c, &t) || t.len > 1)
        return false;
    *out = t.len && (unsigned char)t.bytes[0] > ' ' && t.bytes[0] != 0x7f ? t.bytes[0] : '\0';
    return true;
}

/* The name of a folder; an atom may hold what a word may not. "NIL" is a name here. */
static bool folder_name(struct imap_cursor *c, struct imap_text *out)
{
    char *start = c->p;
    if (!imap_cursor_string(c, out))
        return false;
    if (out->nil)
        *out = (struct imap_text){.bytes = start, .len = 3};
    return true;
}

/* Behind "LIST": "(\HasChildren) "/" name", then extended data. */
bool imap_data_list(struct imap_cursor *c)
{
    struct imap_response *r = c->out;
    imap_cursor_blanks(c);
    if (!imap_cursor_list(c, &r->words))
        return false;
    imap_cursor_blanks(c);
    if (!separator(c, &r->list.separator))
        return false;
    imap_cursor_blanks(c);
    if (!folder_name(c, &r->list.name))
        return false;
    for (size_t i = 0; i < r->words.len; i++)
        for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++)
            if (imap_text_is(*imap_text_at(&r->words, i), attributes[k].name))
                r->list.attributes |= attributes[k].attribute;
    for (imap_cursor_blanks(c); c->p < c->end; imap_cursor_blanks(c))
        if (!imap_cursor_skip(c))
            return false;
    return true;
}

/* One item of STATUS. */
static bool folder_item(struct imap_cursor *c, struct imap_text name)
{
    struct imap_folder *f = &c->out->folder;
    struct {
        const char *name;
        unsigned has;
        uint32_t *to;
    } counts[] = {
        {"MESSAGES", IMAP_HAS_MESSAGES, &f->messages}, {"RECENT", IMAP_HAS_RECENT, &f->recent},
        {"UIDNEXT", IMAP_HAS_UIDNEXT, &f->uidnext},    {"UIDVALIDITY", IMAP_HAS_UIDVALIDITY, &f->uidvalidity},
        {"UNSEEN", IMAP_HAS_UNSEEN, &f->unseen},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (imap_text_is(name, counts[i].name)) {
            f->has |= counts[i].has;
            return imap_cursor_number32(c, counts[i].to);
        }
    if (imap_text_is(name, "HIGHESTMODSEQ")) {
        f->has |= IMAP_HAS_HIGHESTMODSEQ;
        return imap_cursor_number(c, &f->highestmodseq);
    }
    if (imap_text_is(name, "SIZE")) {
        f->has |= IMAP_HAS_SIZE;
        return imap_cursor_number(c, &f->size);
    }
    if (imap_text_is(name, "MAILBOXID")) {
        f->has |= IMAP_HAS_MAILBOXID;
        return object_id(c, &f->mailboxid);
    }
    return imap_cursor_skip(c);
}

/* Behind "STATUS". */
bool imap_data_folder(struct imap_cursor *c)
{
    imap_cursor_blanks(c);
    if (!folder_name(c, &c->out->folder.name))
        return false;
    imap_cursor_blanks(c);
    if (!imap_cursor_char(c, '('))
        return false;
    for (imap_cursor_blanks(c); !imap_cursor_char(c, ')'); imap_cursor_blanks(c)) {
        struct imap_text name;
        if (!imap_cursor_word(c, &name) || !imap_cursor_count(c))
            return false;
        imap_cursor_blanks(c);
        if (!folder_item(c, name))
            return false;
    }
    return true;
}

/* Behind "SEARCH": numbers, made a set where they stand, and perhaps "(MODSEQ n)". */
bool imap_data_search(struct imap_cursor *c)
{
    struct imap_response *r = c->out;
    imap_cursor_blanks(c);
    char *start = c->p, *to = start;
    while (c->p < c->end && *c->p != '(') {
        char *from = c->p;
        uint32_t n;
        if (!imap_cursor_number32(c, &n) || n == 0)
            return false;
        size_t len = (size_t)(c->p - from);
        imap_cursor_blanks(c); /* before the comma may fall on the blank */
        if (to > start)
            *to++ = ',';
        memmove(to, from, len);
        to += len;
    }
    r->set = (struct imap_text){.bytes = start, .len = (size_t)(to - start)};
    if (c->p < c->end) {
        struct imap_text name;
        c->p++;
        if (!imap_cursor_word(c, &name) || !imap_text_is(name, "MODSEQ"))
            return false;
        imap_cursor_blanks(c);
        return imap_cursor_number(c, &r->modseq) && imap_cursor_char(c, ')');
    }
    return true;
}

/* One result of ESEARCH. */
static bool esearch_item(struct imap_cursor *c, struct imap_text name)
{
    struct imap_response *r = c->out;
    struct imap_search *s = &r->search;
    imap_cursor_blanks(c);
    if (imap_text_is(name, "COUNT")) {
        s->has_count = true;
        return imap_cursor_number32(c, &s->count);
    }
    if (imap_text_is(name, "MIN")) {
        s->has_min = true;
        return imap_cursor_number32(c, &s->min);
    }
    if (imap_text_is(name, "MAX")) {
        s->has_max = true;
        return imap_cursor_number32(c, &s->max);
    }
    if (imap_text_is(name, "MODSEQ"))
        return imap_cursor_number(c, &r->modseq);
    if (imap_text_is(name, "ALL")) {
        s->has_all = true;
        return imap_cursor_word(c, &r->set) && imap_ranges_valid(r->set.bytes, r->set.len);
    }
    return imap_cursor_skip(c);
}

/* Behind "ESEARCH": '(TAG "x") UID COUNT 3 ALL 2,10:15'. */
bool imap_data_esearch(struct imap_cursor *c)
{
    struct imap_search *s = &c->out->search;
    struct imap_text name;
    imap_cursor_blanks(c);
    if (imap_cursor_char(c, '(')) {
        if (!imap_cursor_word(c, &name) || !imap_text_is(name, "TAG"))
            return false;
        imap_cursor_blanks(c);
        if (!imap_cursor_string(c, &s->tag) || !imap_cursor_char(c, ')'))
            return false;
    }
    for (imap_cursor_blanks(c); c->p < c->end; imap_cursor_blanks(c)) {
        if (!imap_cursor_word(c, &name) || !imap_cursor_count(c))
            return false;
        if (imap_text_is(name, "UID"))
            s->uid = true;
        else if (!esearch_item(c, name))
            return false;
    }
    return true;
}

/* One kind of name space: NIL or (("prefix" "/") …). */
static bool spaces(struct imap_cursor *c, int kind)
{
    struct imap_text t;
    imap_cursor_blanks(c);
    if (!imap_cursor_char(c, '('))
        return imap_cursor_string(c, &t) && t.nil;
    for (imap_cursor_blanks(c); !imap_cursor_char(c, ')'); imap_cursor_blanks(c)) {
        struct imap_space s = {.kind = kind};
        if (!imap_cursor_char(c, '(') || !imap_cursor_string(c, &s.prefix) || !imap_cursor_count(c))
            return false;
        imap_cursor_blanks(c);
        if (!separator(c, &s.separator))
            return false;
        for (imap_cursor_blanks(c); !imap_cursor_char(c, ')'); imap_cursor_blanks(c))
            if (!imap_cursor_skip(c))
                return false;
        *(struct imap_space *)vec_push(&c->out->spaces) = s;
    }
    return true;
}

/* Behind "NAMESPACE". */
bool imap_data_namespace(struct imap_cursor *c)
{
    return spaces(c, 0) && spaces(c, 1) && spaces(c, 2);
}
