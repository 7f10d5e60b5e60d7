/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_message.c - a mail as styled text. */
#include "inbox/pane_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "inbox/history.h"
#include "inbox/pane_inside.h"
#include "inbox/part.h"
#include "mail/imap.h"
#include "store/store.h"
#include "tui/canvas.h"

enum { QUOTE_MIN = 3, LINKS_SHOWN = 6, HTML_MAX = 8 << 20 /* that the reader reads */ };

/* Names of addresses, "me" for own ones. */
static void add_people(struct text *text, unsigned style, const char *word, const struct vec *people)
{
    if (people->len == 0)
        return;
    text_add(text, style, word);
    for (size_t i = 0; i < people->len; i++) {
        const struct mail_address *a = vec_at(people, i);
        if (i)
            text_add(text, style, ", ");
        if (*a->name) {
            text_foreign(text, style, a->name, strlen(a->name));
            text_add(text, style, " ");
        }
        text_add(text, style, "<");
        text_foreign(text, style, a->address, strlen(a->address));
        text_add(text, style, ">");
    }
    text_newline(text);
}

/* What warns, in one line: the worst, and how many more there are; H shows all. */
static void add_warnings(struct pane_message *p, const struct vec *warnings)
{
    struct str line = STR_INIT;
    size_t worst = part_worst(warnings);
    for (size_t i = 0; i < warnings->len; i++) {
        if (!p->hidden && i != worst)
            continue;
        str_clear(&line);
        part_warning(strv_at(warnings, i), &line);
        text_add(p->text, STYLE_WARN, "! ");
        text_foreign(p->text, STYLE_WARN, str_text(&line), line.len);
        if (!p->hidden && warnings->len > 1)
            text_addf(p->text, STYLE_WARN, _("   +%zu H"), warnings->len - 1);
        text_newline(p->text);
    }
    str_fini(&line);
}

/* A reference to the n-th link, with its address for terminals that can open it. */
static void add_link(struct text *text, unsigned style, const struct mail_message *m, int64_t message,
                     size_t number, const char *shown, size_t n)
{
    char ref[64];
    snprintf(ref, sizeof ref, "link m%lld %zu", (long long)message, number);
    text_ref(text, ref, (int)number);
    text_ref_url(text, ((const struct mail_link *)vec_at(&m->links, number - 1))->url);
    text_foreign(text, style | STYLE_LINK | STYLE_UNDERLINE, shown, n);
    text_ref_end(text);
}

/* The bytes of "[12]" at s when it is a link's number; 0 otherwise. */
static size_t mark_at(const char *s, size_t n, const struct mail_message *m, size_t *number)
{
    size_t end = 1;
    *number = 0;
    while (end < n && end < 5 && s[end] >= '0' && s[end] <= '9')
        *number = *number * 10 + (size_t)(s[end++] - '0');
    return end > 1 && end < n && s[end] == ']' && *number > 0 && *number <= m->links.len ? end + 1 : 0;
}

/* The bytes of a link's own address at s; 0 otherwise. */
static size_t address_at(const char *s, size_t n, const struct mail_message *m, size_t *number)
{
    size_t best = 0;
    if (n < 8 || (strncmp(s, "http://", 7) != 0 && strncmp(s, "https://", 8) != 0))
        return 0;
    for (size_t i = 0; i < m->links.len; i++) {
        const char *url = ((const struct mail_link *)vec_at(&m->links, i))->url;
        size_t len = strlen(url);
        if (len > best && len <= n && memcmp(url, s, len) == 0) {
            best = len;
            *number = i + 1;
        }
    }
    return best;
}

/* One line of a mail, with its links as references. */
static void add_line(struct text *text, unsigned style, const char *line, size_t n,
                     const struct mail_message *m, int64_t message)
{
    size_t done = 0, number;
    for (size_t i = 0; i < n && m->links.len; i++) {
        size_t len = line[i] == '['   ? mark_at(line + i, n - i, m, &number)
                     : line[i] == 'h' ? address_at(line + i, n - i, m, &number)
                                      : 0;
        if (!len)
            continue;
        text_foreign(text, style, line + done, i - done);
        add_link(text, style & (unsigned)~STYLE_ROLE_MASK, m, message, number, line + i, len);
        done = i + len;
        i = done - 1;
    }
    text_foreign(text, style, line + done, n - done);
    text_newline(text);
}

/* Whether a line is quoted history. */
static bool is_quoted(const char *line, size_t n)
{
    return n > 0 && (line[0] == '>' || (n > 1 && line[0] == ' ' && line[1] == '>'));
}

/* Length of a line, and where the next begins. */
static size_t line_length(const char *line, const char *end, const char **next)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    *next = newline ? newline + 1 : end;
    return (size_t)((newline ? newline : end) - line);
}

/* The lines up to `end`, in a fold that says `label`. */
static void add_folded(struct text *text, const char *label, const char *line, const char *end,
                       const struct mail_message *m, int64_t message)
{
    const char *next;
    text_fold(text, label, true);
    for (; line < end; line = next) {
        size_t n = line_length(line, end, &next);
        add_line(text, STYLE_QUOTE | STYLE_DIM, line, n, m, message);
    }
    text_fold_end(text);
}

/* Quoted lines, in a fold when they are many. */
static void add_old(struct text *text, const char *line, const char *end, const struct mail_message *m,
                    int64_t message)
{
    const char *at = line, *next;
    int count = 0;
    for (; at < end; at = next, count++)
        line_length(at, end, &next);
    if (count >= QUOTE_MIN) {
        char *label = str_format(P_("  %d line quoted   H shows", "  %d lines quoted   H shows", count),
                                 count);
        add_folded(text, label, line, end, m, message);
        free(label);
        return;
    }
    for (; line < end; line = next) {
        size_t n = line_length(line, end, &next);
        add_line(text, STYLE_QUOTE | STYLE_DIM, line, n, m, message);
    }
}

/* A run of quoted lines; where it ends. */
static const char *add_quotes(struct text *text, const char *line, const char *end,
                              const struct mail_message *m, int64_t message)
{
    const char *at = line, *next;
    for (; at < end && is_quoted(at, line_length(at, end, &next)); at = next)
        ;
    add_old(text, line, at, m, message);
    return at;
}

/* Does the line begin so? */
static bool starts(const char *line, size_t n, const char *with)
{
    return n >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* Armour of OpenPGP in the text: the signature in a fold, the lines above what is signed dim. Where it
 * ends; NULL when there is none. */
static const char *add_armour(struct text *text, const char *line, size_t n, const char *end,
                              const struct mail_message *m, int64_t message)
{
    const char *at = line, *next = end;
    bool head = starts(line, n, "-----BEGIN PGP SIGNED MESSAGE-----");
    if (!head && !starts(line, n, "-----BEGIN PGP SIGNATURE-----"))
        return NULL;
    for (bool last = false; at < end && !last; at = next) {
        n = line_length(at, end, &next);
        last = head ? n == 0 : starts(at, n, "-----END PGP SIGNATURE-----");
        if (head && n)
            add_line(text, STYLE_DIM, at, n, m, message);
    }
    if (!head)
        add_folded(text, _("  OpenPGP signature   H shows"), line, at, m, message);
    return at;
}

/* Where the older mail below an answer begins; n where there is none, or where it may be what the mail is
 * about: a forwarded one, a mail inside. */
static size_t find_history(const char *body, size_t n, const struct mail_message *m)
{
    static const char *const forwards[] = {"fw:", "fwd:", "wg:", "tr:", "fw：", "fwd：", "转发"};
    if (!m->subject || !*m->subject)
        return n;
    for (size_t i = 0; i < sizeof forwards / sizeof *forwards; i++)
        if (str_starts_nocase(m->subject, forwards[i]))
            return n;
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        if (p->shown && str_eq(p->content_type, "message/rfc822"))
            return n;
    }
    return history_begins(body, n);
}

/* The text of a mail: quotes folded, signature dim. */
void pane_message_body(struct text *text, const char *body, size_t n, const struct mail_message *m,
                       int64_t message)
{
    const char *end = body + n, *next;
    const char *old = body + find_history(body, n, m);
    bool signature = false;
    while (end > body && (end[-1] == '\n' || end[-1] == ' '))
        end--;
    for (const char *line = body; line < end;) {
        size_t len = line_length(line, end, &next);
        if (line == old) {
            add_old(text, line, end, m, message);
            return;
        }
        if (is_quoted(line, len)) {
            line = add_quotes(text, line, end, m, message);
            continue;
        }
        const char *behind = *line == '-' ? add_armour(text, line, len, end, m, message) : NULL;
        if (behind) {
            line = behind;
            continue;
        }
        if ((len == 3 && strncmp(line, "-- ", 3) == 0) || (len == 2 && strncmp(line, "--", 2) == 0))
            signature = true;
        add_line(text, signature ? STYLE_DIM : STYLE_PLAIN, line, len, m, message);
        line = next;
    }
}

/* What is stored of a very long text is its beginning: says how the rest is read. */
static void add_rest(struct text *text, const struct mail_message *m)
{
    bool cut = false, plain = false;
    for (size_t i = 0; i < m->warnings.len && !cut; i++)
        cut = str_eq(strv_at(&m->warnings, i), "truncated: text");
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        plain = plain || (p->shown && (str_eq(p->content_type, "text/plain") || p->size <= HTML_MAX));
    }
    if (!cut)
        return;
    text_add(text, STYLE_WARN, plain ? _("  The text goes on: V p shows all of it.")
                                     : _("  The text goes on: V s shows the source of all of it."));
    text_newline(text);
}

/* The text as far as it is laid out: up to a line's end near the limit. */
static void add_body(struct pane_message *p, const struct mail_message *m, int64_t message)
{
    const char *body = m->text ? m->text : "";
    size_t all = strlen(body), n = all;
    if (n > p->limit) {
        const char *line = memchr(body + p->limit, '\n', all - p->limit);
        n = line ? (size_t)(line - body) : all;
    }
    pane_message_body(p->text, body, n, m, message);
    p->cut = n < all;
    if (!p->cut) {
        add_rest(p->text, m);
        return;
    }
    struct str size = STR_INIT;
    p->cut_line = text_lines(p->text);
    pane_words_size((int64_t)(all - n), &size);
    text_addf(p->text, STYLE_DIM, _("  %s more of this mail"), str_text(&size));
    text_newline(p->text);
    str_fini(&size);
}

/* Where the numbered links really lead: a few are shown, many are folded. */
static void add_links(struct pane_message *p, const struct mail_message *m, int64_t message)
{
    bool marks = false;
    for (size_t i = 0; i < m->links.len && !marks; i++) {
        const struct mail_link *link = vec_at(&m->links, i);
        marks = !str_eq(link->text, link->url);
    }
    if (!marks) /* plain text shows its addresses where they stand */
        return;
    bool fold = m->links.len > LINKS_SHOWN;
    text_newline(p->text);
    if (fold) {
        char *label = str_format(P_("  %d link   H shows where it leads, A lists it",
                                    "  %d links   H shows where they lead, A lists them",
                                    (int)m->links.len), (int)m->links.len);
        text_fold(p->text, label, true);
        free(label);
    }
    for (size_t i = 0; i < m->links.len; i++) {
        const struct mail_link *link = vec_at(&m->links, i);
        char number[24];
        int n = snprintf(number, sizeof number, "[%zu]", i + 1);
        text_indent(p->text, 0, 5);
        add_link(p->text, STYLE_PLAIN, m, message, i + 1, number, (size_t)n);
        text_add(p->text, STYLE_DIM, " ");
        text_foreign(p->text, STYLE_DIM, link->url, strlen(link->url));
        text_newline(p->text);
    }
    text_indent(p->text, 0, 0);
    if (fold)
        text_fold_end(p->text);
}

/* A file, with what it is; ref NULL: it cannot be opened from here. */
static void add_file(struct text *text, const char *ref, int number, const struct mail_part *part)
{
    struct str size = STR_INIT, type = STR_INIT;
    bool mail = str_eq(part->content_type, "message/rfc822");
    const char *name = part->name && *part->name ? part->name : mail ? _("a mail inside") : _("unnamed");
    pane_words_size(part->size, &size);
    part_type(part, &type);
    if (ref) {
        text_ref(text, ref, number);
        text_addf(text, STYLE_SOURCE, "[%d] ", number);
    }
    text_foreign(text, ref ? STYLE_LINK : STYLE_PLAIN, name, strlen(name));
    text_ref_end(text);
    text_add(text, STYLE_DIM, "  ");
    text_foreign(text, part_runs(part) ? STYLE_WARN : STYLE_DIM, str_text(&type), type.len);
    if (!mail)
        text_addf(text, STYLE_DIM, "  %s", str_text(&size));
    text_newline(text);
    str_fini(&size);
    str_fini(&type);
}

/* Attachments, numbered behind the links. */
static void add_parts(struct pane_message *p, const struct mail_message *m, int64_t message)
{
    int number = (int)m->links.len;
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *part = vec_at(&m->parts, i);
        char ref[64];
        if (!part_is_file(part))
            continue;
        snprintf(ref, sizeof ref, "part m%lld %d", (long long)message, part->number);
        add_file(p->text, ref, ++number, part);
    }
}

/* What the sender hid: said always, shown on H. */
static void add_hidden(struct pane_message *p, const struct mail_message *m)
{
    if (!m->hidden_text || !*m->hidden_text)
        return;
    text_addf(p->text, STYLE_WARN, "! ");
    text_addf(p->text, STYLE_WARN, _("%zu bytes of text were hidden by the sender   H shows them"),
              strlen(m->hidden_text));
    text_newline(p->text);
    if (p->hidden) {
        text_indent(p->text, 2, 2);
        text_foreign(p->text, STYLE_WARN | STYLE_DIM, m->hidden_text, strlen(m->hidden_text));
        text_newline(p->text);
        text_indent(p->text, 0, 0);
    }
}

/* Appointments, once they are read. */
static void add_events(struct pane_message *p, const struct mail_message *m)
{
    struct str text = STR_INIT;
    if (!m->ics || !*m->ics)
        return;
    p->wants_events = !p->events;
    for (size_t i = 0; p->events && i < p->events->len; i++) {
        str_clear(&text);
        part_event(vec_at(p->events, i), p->now, &text);
        const char *end = memchr(str_text(&text), '\n', text.len);
        size_t first = end ? (size_t)(end - text.data) : text.len;
        text_foreign(p->text, STYLE_LANE_MEET | STYLE_BOLD, str_text(&text), first);
        text_indent(p->text, 0, 4);
        text_foreign(p->text, STYLE_PLAIN, str_text(&text) + first, text.len - first);
        text_indent(p->text, 0, 0);
        text_newline(p->text);
    }
    str_fini(&text);
}

/* Who and when. */
static void add_sender(struct pane_message *p, const struct mail_row *row)
{
    struct str when = STR_INIT;
    pane_words_when(row->date, p->now, &when);
    unsigned weight = row->flags & DOC_UNREAD ? STYLE_BOLD : STYLE_PLAIN;
    text_addf(p->text, STYLE_DIM, "%s  ", str_text(&when));
    const char *who = row->flags & DOC_MINE ? _("me")
                      : *row->from_name     ? row->from_name
                                            : row->from_address;
    text_foreign(p->text, weight | STYLE_BOLD, who, strlen(who));
    if (!(row->flags & DOC_MINE) && *row->from_name) {
        text_add(p->text, STYLE_DIM, " <");
        text_foreign(p->text, STYLE_DIM, row->from_address, strlen(row->from_address));
        text_add(p->text, STYLE_DIM, ">");
    }
    if (row->flags & DOC_DELETED)
        text_add(p->text, STYLE_WARN, _("  in the trash"));
    text_newline(p->text);
    str_fini(&when);
}

/* One message: who and when, warnings, text, attachments. */
void pane_message_add(struct pane_message *p, const struct mail_row *row, struct mail_message **out)
{
    struct mail_message *m = NULL;
    struct error err = ERROR_INIT;
    struct vec warnings;
    char id[32];
    *out = NULL;
    snprintf(id, sizeof id, "m%lld", (long long)row->id);
    text_anchor(p->text, id);
    text_item(p->text, id);
    add_sender(p, row);
    if (mail_message_get(store_reader(p->store), row->id, &m, &err) != STATUS_OK) {
        text_add(p->text, STYLE_ERROR, err.text);
        text_newline(p->text);
        return;
    }
    if (p->hidden || m->to.len + m->cc.len > 1) {
        add_people(p->text, STYLE_DIM, _("to "), &m->to);
        add_people(p->text, STYLE_DIM, _("cc "), &m->cc);
    }
    part_warnings(store_reader(p->store), row, m, &warnings);
    add_warnings(p, &warnings);
    vec_fini(&warnings);
    if (part_protection(m)) {
        text_add(p->text, STYLE_DIM, part_protection(m));
        text_newline(p->text);
    }
    if (row->flags & DOC_PARTIAL) {
        mail_imap_want(p->store, row->id);
        text_add(p->text, STYLE_DIM, _("The text is still on the server; it comes as soon as it can be reached."));
        text_newline(p->text);
    }
    add_hidden(p, m);
    add_events(p, m);
    if (p->fold)
        text_fold(p->text, _("  read before   H shows"), true);
    add_body(p, m, row->id);
    add_links(p, m, row->id);
    if (p->fold)
        text_fold_end(p->text);
    add_parts(p, m, row->id);
    text_newline(p->text);
    *out = m;
}

/* One header of a mail inside. */
static void add_header(struct text *text, const char *word, const char *value)
{
    if (!value || !*value)
        return;
    text_add(text, STYLE_DIM, word);
    text_foreign(text, STYLE_PLAIN, value, strlen(value));
    text_newline(text);
}

/* Who, when, what, and what warns. */
void pane_message_inside_head(struct pane_message *p, const struct mail_message *inner)
{
    char date[CLOCK_TEXT];
    add_people(p->text, STYLE_DIM, _("From: "), &inner->from);
    add_people(p->text, STYLE_DIM, _("To: "), &inner->to);
    add_people(p->text, STYLE_DIM, _("Cc: "), &inner->cc);
    if (inner->date != CLOCK_NONE) {
        struct tm at;
        clock_local(inner->date, &at);
        text_addf(p->text, STYLE_DIM, "%s%s %02d:%02d\n", _("Date: "), clock_day(inner->date, date), at.tm_hour,
                  at.tm_min);
    }
    add_header(p->text, _("Subject: "), inner->subject);
    add_warnings(p, &inner->warnings);
    add_header(p->text, "", part_protection(inner));
    add_hidden(p, inner);
    text_newline(p->text);
}

/* The outer mail's part that is the inner one's: they are numbered in the same order, but for what stands
 * in S/MIME files. NULL when it is not there. */
static const struct mail_part *outer_part(const struct mail_message *outer, int part,
                                          const struct mail_part *inner)
{
    const struct mail_part *p = part_find(outer, part + inner->number);
    return p && p->size == inner->size && str_eq(p->content_type, inner->content_type) &&
                   str_eq(p->name, inner->name)
               ? p
               : NULL;
}

/* Links and files. */
void pane_message_inside_tail(struct pane_message *p, const struct mail_message *inner, int64_t message,
                              const struct mail_message *outer, int part)
{
    int number = 0;
    for (size_t i = 0; i < inner->links.len; i++) {
        const struct mail_link *link = vec_at(&inner->links, i);
        if (str_eq(link->text, link->url))
            continue;
        text_indent(p->text, 0, 5);
        text_addf(p->text, STYLE_DIM, "[%zu] ", i + 1);
        text_foreign(p->text, STYLE_DIM, link->url, strlen(link->url));
        text_newline(p->text);
        number = (int)i + 1;
    }
    text_indent(p->text, 0, 0);
    for (size_t i = 0; i < inner->parts.len; i++) {
        const struct mail_part *in = vec_at(&inner->parts, i), *out = outer_part(outer, part, in);
        char ref[64];
        if (!part_is_file(in))
            continue;
        if (!out) { /* of an .eml: no part of the outer mail */
            add_file(p->text, NULL, 0, in);
            continue;
        }
        snprintf(ref, sizeof ref, "m%lld %d", (long long)message, out->number);
        add_file(p->text, ref, ++number, out);
    }
}
