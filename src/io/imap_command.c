/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_command.c - commands word by word: the lowest layer, where nothing that came from outside can
 * become a command of its own. A bad argument makes imap_send refuse the whole command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "io/imap_inside.h"
#include "io/imap_name.h"
#include "io/imap_parse.h"

#define QUOTED_MAX 1000
#define LITERAL_MINUS_MAX 4096 /* RFC 7888 §5 */

/* Forgets a piece. */
static void piece_fini(void *item)
{
    struct imap_piece *p = item;
    free(p->own);
}

/* Begins a command. */
struct imap_command *imap_command(struct imap *s, const char *verb)
{
    struct imap_command *c = mem_alloc(sizeof *c);
    c->imap = s;
    c->verb = verb;
    vec_init(&c->pieces, sizeof(struct imap_piece), piece_fini);
    snprintf(c->tag, sizeof c->tag, "%s%u", s->tag_head, ++s->tags);
    str_addf(&c->text, "%s %s", c->tag, verb);
    return c;
}

/* Gives it up. */
void imap_command_free(struct imap_command *c)
{
    if (!c)
        return;
    vec_fini(&c->pieces);
    str_fini(&c->text);
    free(c);
}

/* Remembers the first thing that is wrong. */
static void refuse(struct imap_command *c, const char *what)
{
    if (!error_is(&c->bad))
        error_set(&c->bad, STATUS_REFUSED, _("IMAP %s is not sent: %s"), c->verb, what);
}

/* Does it hold what would end a line? */
static bool breaks(const char *bytes, size_t n)
{
    return memchr(bytes, '\r', n) || memchr(bytes, '\n', n) || memchr(bytes, '\0', n);
}

/* Syntax as it stands. */
void imap_arg(struct imap_command *c, const char *syntax)
{
    if (breaks(syntax, strlen(syntax)))
        refuse(c, _("a line break in an argument"));
    str_putc(&c->text, ' ');
    str_puts(&c->text, syntax);
}

/* A number. */
void imap_arg_number(struct imap_command *c, uint64_t n)
{
    str_addf(&c->text, " %llu", (unsigned long long)n);
}

/* A set of UIDs. */
void imap_arg_set(struct imap_command *c, const struct imap_set *uids)
{
    if (imap_set_is_empty(uids))
        refuse(c, _("an empty set"));
    str_putc(&c->text, ' ');
    imap_set_print(uids, 0, 0, &c->text);
}

/* May this character stand in an atom? */
static bool is_atom_char(unsigned char b)
{
    return b > ' ' && b < 0x7f && !strchr("(){%*\"\\]", b);
}

/* Is it an atom, with a backslash in front if `system`? */
static bool is_atom(const char *t, bool system)
{
    const char *p = t + (system && *t == '\\');
    if (!*p)
        return false;
    for (; *p; p++)
        if (!is_atom_char((unsigned char)*p))
            return false;
    return true;
}

/* An atom. */
void imap_arg_atom(struct imap_command *c, const char *atom)
{
    if (!is_atom(atom, false))
        refuse(c, _("a word that is not an atom"));
    str_putc(&c->text, ' ');
    str_puts(&c->text, atom);
}

/* Ends the piece that is being built: its bytes go as they are. */
static void end_piece(struct imap_command *c, bool wait_next, const char *bytes, size_t n, char *own)
{
    struct imap_piece *p = vec_push(&c->pieces);
    p->len = c->text.len;
    p->own = str_take(&c->text);
    p->bytes = p->own;
    p = vec_push(&c->pieces);
    p->own = own;
    p->bytes = bytes;
    p->len = n;
    p->wait = wait_next;
}

/* Announces a literal, of eight bits or of bytes, and puts it behind. */
static void put_literal(struct imap_command *c, bool binary, const char *bytes, size_t n, char *own)
{
    bool plus = imap_has(c->imap, "LITERAL+") ||
                (n <= LITERAL_MINUS_MAX && imap_has(c->imap, "LITERAL-"));
    str_addf(&c->text, "%s{%zu%s}\r\n", binary ? "~" : "", n, plus ? "+" : "");
    end_piece(c, !plus, bytes, n, own);
}

/* A string without a blank in front: quoted where it can be, else a literal. */
static void put_string(struct imap_command *c, const char *bytes, size_t n)
{
    bool quoted = n <= QUOTED_MAX;
    bool utf8 = imap_enabled(c->imap, "UTF8=ACCEPT") && utf8_valid(bytes, n);
    if (n && breaks(bytes, n)) {
        refuse(c, _("a line break in an argument"));
        return;
    }
    for (size_t i = 0; i < n && quoted; i++) {
        unsigned char b = (unsigned char)bytes[i];
        quoted = b >= ' ' && b != 0x7f && (b < 0x80 || utf8);
    }
    if (!quoted) {
        char *own = mem_dup(bytes, n);
        put_literal(c, false, own, n, own);
        return;
    }
    str_putc(&c->text, '"');
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\')
            str_putc(&c->text, '\\');
        str_putc(&c->text, bytes[i]);
    }
    str_putc(&c->text, '"');
}

/* A string. */
void imap_arg_string(struct imap_command *c, const char *bytes, size_t n)
{
    str_putc(&c->text, ' ');
    put_string(c, bytes, n);
}

/* A folder as the server named it. */
void imap_arg_wire_name(struct imap_command *c, const char *wire)
{
    if (!wire[0])
        refuse(c, _("a folder without a name"));
    imap_arg_string(c, wire, strlen(wire));
}

/* A folder as a person names it. */
void imap_arg_folder(struct imap_command *c, const char *name)
{
    char *wire = imap_name_encode(name, imap_enabled(c->imap, "UTF8=ACCEPT"));
    if (wire)
        imap_arg_wire_name(c, wire);
    else
        refuse(c, _("a folder's name that cannot be written"));
    free(wire);
}

/* Flags and keywords. */
void imap_arg_flags(struct imap_command *c, const struct vec *flags)
{
    str_puts(&c->text, " (");
    for (size_t i = 0; i < flags->len; i++) {
        const char *flag = strv_at(flags, i);
        if (!is_atom(flag, true))
            refuse(c, _("a flag that is not an atom"));
        str_addf(&c->text, "%s%s", i ? " " : "", flag);
    }
    str_putc(&c->text, ')');
}

/* Gmail's labels: system ones are atoms with a backslash, others strings. */
void imap_arg_labels(struct imap_command *c, const struct vec *labels)
{
    str_puts(&c->text, " (");
    for (size_t i = 0; i < labels->len; i++) {
        const char *label = strv_at(labels, i);
        char *wire = imap_name_encode(label, imap_enabled(c->imap, "UTF8=ACCEPT"));
        str_puts(&c->text, i ? " " : "");
        if (!wire)
            refuse(c, _("a label that cannot be written"));
        else if (wire[0] == '\\' && is_atom(wire, true))
            str_puts(&c->text, wire);
        else
            put_string(c, wire, strlen(wire));
        free(wire);
    }
    str_putc(&c->text, ')');
}

/* A time. */
void imap_arg_date(struct imap_command *c, int64_t t)
{
    char buf[CLOCK_TEXT];
    str_addf(&c->text, " \"%s\"", imap_date_print(t, buf));
}

/* A large literal, borrowed. */
void imap_arg_literal(struct imap_command *c, const char *bytes, size_t n)
{
    bool binary = n && memchr(bytes, '\0', n);

    if (binary && !imap_has(c->imap, "BINARY"))
        refuse(c, _("a NUL byte in a literal"));
    str_putc(&c->text, ' ');
    put_literal(c, binary, bytes, n, NULL);
}

/* Sends it. */
enum status imap_send(struct imap_command *c, void (*on_done)(void *user, const struct imap_result *r),
                      void *user, struct error *err)
{
    struct imap *s = c->imap;
    if (s->state != IMAP_READY && s->state != IMAP_ASKING)
        refuse(c, _("the connection is not open"));
    if (error_is(&c->bad)) {
        enum status st = c->bad.status;
        *err = c->bad;
        imap_command_free(c);
        return st;
    }
    c->on_done = on_done;
    c->user = user;
    str_add(&c->text, "\r\n", 2);
    struct imap_piece *p = vec_push(&c->pieces);
    p->len = c->text.len;
    p->own = str_take(&c->text);
    p->bytes = p->own;
    imap_talk_queue(s, c);
    return STATUS_OK;
}

/* Keeps the words of a server as a strv. */
void imap_learn(struct vec *to, const struct vec *words)
{
    for (size_t i = 0; i < words->len; i++)
        strv_push_take(to, imap_text_dup(*imap_text_at(words, i)));
}

/* Is the name in the list? */
static bool listed(const struct vec *names, const char *name)
{
    for (size_t i = 0; i < names->len; i++)
        if (str_eq_nocase(strv_at(names, i), name))
            return true;
    return false;
}

/* What the server offers. */
bool imap_has(const struct imap *s, const char *capability)
{
    /* RFC 9051, appendix E: these are part of the protocol itself. */
    static const char *const second[] = {"NAMESPACE", "UNSELECT", "UIDPLUS", "ESEARCH", "SEARCHRES", "ENABLE",
                                         "IDLE", "SASL-IR", "LIST-EXTENDED", "LIST-STATUS", "MOVE", "LITERAL-",
                                         "BINARY", "SPECIAL-USE", "CHILDREN", "STATUS=SIZE"};
    if (listed(&s->capabilities, capability))
        return true;
    for (size_t i = 0; i < sizeof second / sizeof *second; i++)
        if (str_eq_nocase(second[i], capability))
            return listed(&s->capabilities, "IMAP4rev2") && !listed(&s->capabilities, "IMAP4rev1");
    return false;
}

/* The number behind "NAME=". */
bool imap_has_number(const struct imap *s, const char *capability, uint64_t *n)
{
    size_t len = strlen(capability);

    for (size_t i = 0; i < s->capabilities.len; i++) {
        const char *have = strv_at(&s->capabilities, i);
        long long value;
        if (strncasecmp(have, capability, len) != 0 || have[len] != '=' || !str_to_int64(have + len + 1, &value) ||
            value < 0)
            continue;
        *n = (uint64_t)value;
        return true;
    }
    return false;
}

/* What was enabled. */
bool imap_enabled(const struct imap *s, const char *extension)
{
    return listed(&s->enabled, extension);
}

struct greeting {
    int left;
    void (*on_done)(void *user);
    void *user;
};

/* One of the two has been answered. */
static void on_greeted(void *user, const struct imap_result *r)
{
    struct greeting *g = user;
    (void)r;
    if (--g->left)
        return;
    g->on_done(g->user);
    free(g);
}

/* ENABLE and ID. */
void imap_greet(struct imap *s, void (*on_done)(void *user), void *user)
{
    static const char *const wanted[] = {"CONDSTORE", "QRESYNC", "UTF8=ACCEPT"};
    struct greeting *g = mem_alloc(sizeof *g);
    struct error err = ERROR_INIT;
    struct imap_command *enable = NULL, *id = NULL;
    g->on_done = on_done;
    g->user = user;
    for (size_t i = 0; i < 3 && imap_has(s, "ENABLE"); i++)
        if (imap_has(s, wanted[i]) || (i == 2 && imap_has(s, "UTF8=ONLY"))) {
            enable = enable ? enable : imap_command(s, "ENABLE");
            imap_arg(enable, wanted[i]);
        }
    if (imap_has(s, "ID")) {
        id = imap_command(s, "ID");
        imap_arg(id, "(\"name\" \"bureau\" \"version\" \"" PACKAGE_VERSION "\")");
    }
    if (!enable && !id) /* the server answers something, so that the callback comes later */
        id = imap_command(s, "NOOP");
    g->left = (enable != NULL) + (id != NULL);
    if (enable && imap_send(enable, on_greeted, g, &err) != STATUS_OK)
        g->left--;
    if (id && imap_send(id, on_greeted, g, &err) != STATUS_OK)
        g->left--;
    if (g->left == 0) /* closed: the caller knows from on_closed */
        free(g);
}
