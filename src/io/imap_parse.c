/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_parse.c - one response to its typed form: the cursor, conditions with their codes, and which
 * reader a response goes to.
 *
 * Servers differ from the grammar in harmless ways (two blanks, an atom where a string belongs), and
 * these are read; what leaves in doubt where a value ends is CORRUPT. */
#include "io/imap_parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "base/str.h"
#include "io/imap_parse_inside.h"
#include "io/imap_set.h"

/* An empty response. */
void imap_response_init(struct imap_response *r)
{
    memset(r, 0, sizeof *r);
    vec_init(&r->words, sizeof(struct imap_text), NULL);
    vec_init(&r->spaces, sizeof(struct imap_space), NULL);
    vec_init(&r->fetch.flags, sizeof(struct imap_text), NULL);
    vec_init(&r->fetch.labels, sizeof(struct imap_text), NULL);
    vec_init(&r->fetch.sections, sizeof(struct imap_section), NULL);
}

/* Releases it. */
void imap_response_fini(struct imap_response *r)
{
    vec_fini(&r->words);
    vec_fini(&r->spaces);
    vec_fini(&r->fetch.flags);
    vec_fini(&r->fetch.labels);
    vec_fini(&r->fetch.sections);
}

static const struct imap_text none = {.bytes = "", .len = 0};

/* Empties it; the memory of the vecs stays. */
static void response_clear(struct imap_response *r)
{
    struct vec words = r->words, spaces = r->spaces;
    struct imap_fetch f = {.flags = r->fetch.flags,
                           .labels = r->fetch.labels,
                           .sections = r->fetch.sections,
                           .date_text = none,
                           .emailid = none,
                           .threadid = none,
                           .preview = none};
    vec_clear(&words);
    vec_clear(&spaces);
    vec_clear(&f.flags);
    vec_clear(&f.labels);
    vec_clear(&f.sections);
    memset(r, 0, sizeof *r);
    r->words = words;
    r->spaces = spaces;
    r->fetch = f;
    r->tag = r->text = r->set = none;
    r->code.set = r->code.dest = r->code.text = none;
    r->list.name = r->folder.name = r->folder.mailboxid = r->search.tag = none;
}

/* Compares, ASCII case apart. */
bool imap_text_is(struct imap_text t, const char *word)
{
    return strlen(word) == t.len && strncasecmp(t.bytes, word, t.len) == 0;
}

/* A copy with a NUL behind it. */
char *imap_text_dup(struct imap_text t)
{
    return mem_strndup(t.bytes, strnlen(t.bytes, t.len));
}

/* The i-th of a vec of texts. */
const struct imap_text *imap_text_at(const struct vec *texts, size_t i)
{
    return vec_at(texts, i);
}

/* Over blanks. */
void imap_cursor_blanks(struct imap_cursor *c)
{
    while (c->p < c->end && *c->p == ' ')
        c->p++;
}

/* Over one character. */
bool imap_cursor_char(struct imap_cursor *c, char what)
{
    if (c->p >= c->end || *c->p != what)
        return false;
    c->p++;
    return true;
}

/* A number of up to 63 bits. */
bool imap_cursor_number(struct imap_cursor *c, uint64_t *out)
{
    char *start = c->p;
    uint64_t n = 0;
    for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
        if (n > (UINT64_MAX - 9) / 10)
            return false;
        n = n * 10 + (uint64_t)(*c->p - '0');
    }
    *out = n;
    return c->p > start;
}

/* A number of 32 bits. */
bool imap_cursor_number32(struct imap_cursor *c, uint32_t *out)
{
    uint64_t n;
    if (!imap_cursor_number(c, &n) || n > UINT32_MAX)
        return false;
    *out = (uint32_t)n;
    return true;
}

/* One more part. */
bool imap_cursor_count(struct imap_cursor *c)
{
    c->over = c->over || ++c->used > c->parts;
    return !c->over;
}

/* A word. */
bool imap_cursor_word(struct imap_cursor *c, struct imap_text *out)
{
    char *start = c->p;
    while (c->p < c->end && (unsigned char)*c->p > ' ' && *c->p != '(' && *c->p != ')' &&
           *c->p != '"')
        c->p++;
    *out = (struct imap_text){.bytes = start, .len = (size_t)(c->p - start)};
    return c->p > start;
}

/* A quoted string, unescaped where it stands. */
static bool quoted(struct imap_cursor *c, struct imap_text *out)
{
    char *to = ++c->p, *start = to;
    while (c->p < c->end && *c->p != '"') {
        if (*c->p == '\\' && c->p + 1 < c->end)
            c->p++;
        *to++ = *c->p++;
    }
    *out = (struct imap_text){.bytes = start, .len = (size_t)(to - start)};
    return imap_cursor_char(c, '"');
}

/* Is "{N}" and a line end at the cursor? Then it is passed and the literal taken. */
static bool literal(struct imap_cursor *c, struct imap_text *out)
{
    char *p = c->p;
    if (p < c->end && *p == '~')
        p++;
    if (p >= c->end || *p != '{' || c->literals_len == 0)
        return false;
    char *end = memchr(p, '\n', (size_t)(c->end - p));
    if (!end)
        return false;
    for (p++; p < end && ((*p >= '0' && *p <= '9') || *p == '+'); p++)
        ;
    if (end - p != 2 || p[0] != '}' || p[1] != '\r')
        return false;
    c->p = end + 1;
    *out = *c->literals++;
    c->literals_len--;
    return true;
}

/* A string in any of its forms. */
bool imap_cursor_string(struct imap_cursor *c, struct imap_text *out)
{
    if (c->p >= c->end)
        return false;
    if (*c->p == '"')
        return quoted(c, out);
    if ((*c->p == '{' || *c->p == '~') && literal(c, out))
        return true;
    if (!imap_cursor_word(c, out))
        return false;
    if (imap_text_is(*out, "NIL"))
        *out = (struct imap_text){.bytes = "", .len = 0, .nil = true};
    return true;
}

/* A list of strings. */
bool imap_cursor_list(struct imap_cursor *c, struct vec *out)
{
    struct imap_text t;
    if (!imap_cursor_char(c, '('))
        return imap_cursor_string(c, &t) && t.nil;
    for (imap_cursor_blanks(c); !imap_cursor_char(c, ')'); imap_cursor_blanks(c)) {
        if (!imap_cursor_string(c, &t) || !imap_cursor_count(c))
            return false;
        *(struct imap_text *)vec_push(out) = t;
    }
    return true;
}

/* Over any value. */
bool imap_cursor_skip(struct imap_cursor *c)
{
    size_t depth = 0;
    struct imap_text t;
    do {
        imap_cursor_blanks(c);
        if (imap_cursor_char(c, '(')) {
            if (++depth > c->depth) {
                c->over = true;
                return false;
            }
        } else if (depth && imap_cursor_char(c, ')')) {
            depth--;
        } else if (!imap_cursor_string(c, &t)) {
            return false;
        }
    } while (depth);
    return true;
}

/* Words up to the end, or up to `stop`. */
static bool words(struct imap_cursor *c)
{
    struct imap_text t;
    for (imap_cursor_blanks(c); c->p < c->end; imap_cursor_blanks(c)) {
        if (!imap_cursor_word(c, &t) || !imap_cursor_count(c))
            return false;
        *(struct imap_text *)vec_push(&c->out->words) = t;
    }
    return true;
}

static const char *const code_names[] = {
    [IMAP_CODE_NONE] = "",
#define X(name) [IMAP_CODE_##name] = #name,
    IMAP_CODES(X)
#undef X
    [IMAP_CODE_READ_ONLY] = "READ-ONLY",
    [IMAP_CODE_READ_WRITE] = "READ-WRITE",
    [IMAP_CODE_UNKNOWN_CTE] = "UNKNOWN-CTE",
};

/* Which code a name is. */
static enum imap_code_kind code_kind(struct imap_text name)
{
    for (size_t i = 1; i < sizeof code_names / sizeof *code_names; i++)
        if (imap_text_is(name, code_names[i]))
            return (enum imap_code_kind)i;
    return IMAP_CODE_OTHER;
}

/* A set as a word; false when it is none. */
static bool set_word(struct imap_cursor *c, struct imap_text *out)
{
    imap_cursor_blanks(c);
    return imap_cursor_word(c, out) && imap_ranges_valid(out->bytes, out->len);
}

/* The arguments of a code; a code whose arguments are not as they must be is none. */
static bool code_arguments(struct imap_cursor *c, struct imap_code *k)
{
    uint32_t n32 = 0;
    switch (k->kind) {
    case IMAP_CODE_UIDVALIDITY:
    case IMAP_CODE_UIDNEXT:
    case IMAP_CODE_UNSEEN:
        if (!imap_cursor_number32(c, &n32))
            return false;
        k->number = n32;
        return true;
    case IMAP_CODE_HIGHESTMODSEQ:
        return imap_cursor_number(c, &k->number);
    case IMAP_CODE_MODIFIED:
        return set_word(c, &k->set);
    case IMAP_CODE_APPENDUID:
    case IMAP_CODE_COPYUID:
        if (!imap_cursor_number32(c, &n32) || !set_word(c, &k->set))
            return false;
        k->number = n32;
        return k->kind == IMAP_CODE_APPENDUID || set_word(c, &k->dest);
    case IMAP_CODE_PERMANENTFLAGS:
        return imap_cursor_list(c, &c->out->words);
    case IMAP_CODE_CAPABILITY:
        return words(c);
    case IMAP_CODE_MAILBOXID:
        return imap_cursor_char(c, '(') && imap_cursor_word(c, &k->text);
    default:
        return true;
    }
}

/* Where the "]" of a code is; NULL when nowhere. Quoted ones do not count. */
static char *code_end(char *p, const char *end)
{
    for (bool inside = false; p < end; p++) {
        if (inside && *p == '\\')
            p++;
        else if (*p == '"')
            inside = !inside;
        else if (*p == ']' && !inside)
            return p;
    }
    return NULL;
}

/* "[CODE …] text". */
static bool condition_text(struct imap_cursor *c)
{
    struct imap_response *r = c->out;
    imap_cursor_blanks(c);
    char *end = c->p < c->end && *c->p == '[' ? code_end(c->p, c->end) : NULL;
    if (end) {
        struct imap_cursor in = *c;
        in.p++;
        in.end = end;
        char *name = in.p;
        while (in.p < in.end && *in.p != ' ')
            in.p++;
        r->code.kind = code_kind((struct imap_text){.bytes = name, .len = (size_t)(in.p - name)});
        imap_cursor_blanks(&in);
        r->code.text = (struct imap_text){.bytes = in.p, .len = (size_t)(in.end - in.p)};
        if (!code_arguments(&in, &r->code)) {
            c->over = in.over;
            r->code.kind = IMAP_CODE_OTHER;
        }
        c->used = in.used;
        c->p = end + 1;
        imap_cursor_blanks(c);
    }
    r->text = (struct imap_text){.bytes = c->p, .len = (size_t)(c->end - c->p)};
    c->p = c->end;
    return !c->over;
}

/* OK, NO, BAD, BYE, PREAUTH; false when it is none of them. */
static bool condition_name(struct imap_text name, bool tagged, enum imap_status *out)
{
    static const char *const names[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
    for (size_t i = 0; i < (tagged ? 3u : 5u); i++)
        if (imap_text_is(name, names[i])) {
            *out = (enum imap_status)i;
            return true;
        }
    return false;
}

/* "VANISHED (EARLIER) 1:5". */
static bool vanished(struct imap_cursor *c)
{
    imap_cursor_blanks(c);
    if (imap_cursor_char(c, '(')) {
        struct imap_text t;
        if (!imap_cursor_word(c, &t) || !imap_text_is(t, "EARLIER") || !imap_cursor_char(c, ')'))
            return false;
        c->out->earlier = true;
    }
    return set_word(c, &c->out->set);
}

/* "FLAGS (…)". */
static bool flags(struct imap_cursor *c)
{
    imap_cursor_blanks(c);
    return imap_cursor_list(c, &c->out->words);
}

static const struct {
    const char *name;
    enum imap_kind kind;
    bool (*read)(struct imap_cursor *c);
} named[] = {
    {"CAPABILITY", IMAP_CAPABILITY, words},
    {"ENABLED", IMAP_ENABLED, words},
    {"LIST", IMAP_LIST, imap_data_list},
    {"XLIST", IMAP_LIST, imap_data_list},
    {"LSUB", IMAP_LSUB, imap_data_list},
    {"STATUS", IMAP_FOLDER, imap_data_folder},
    {"FLAGS", IMAP_FLAGS, flags},
    {"VANISHED", IMAP_VANISHED, vanished},
    {"SEARCH", IMAP_SEARCH, imap_data_search},
    {"ESEARCH", IMAP_ESEARCH, imap_data_esearch},
    {"NAMESPACE", IMAP_NAMESPACE, imap_data_namespace},
    {"ID", IMAP_ID, flags},
};

/* "* 12 EXISTS". */
static bool numbered(struct imap_cursor *c)
{
    struct imap_response *r = c->out;
    struct imap_text name;
    if (!imap_cursor_number32(c, &r->number))
        return false;
    imap_cursor_blanks(c);
    if (!imap_cursor_word(c, &name))
        return false;
    if (imap_text_is(name, "EXISTS") || imap_text_is(name, "RECENT")) {
        r->kind = imap_text_is(name, "EXISTS") ? IMAP_EXISTS : IMAP_RECENT;
        return true;
    }
    r->kind = imap_text_is(name, "EXPUNGE") ? IMAP_EXPUNGE
              : imap_text_is(name, "FETCH") ? IMAP_FETCH
                                            : IMAP_OTHER;
    if (r->kind == IMAP_OTHER) {
        *(struct imap_text *)vec_push(&r->words) = name;
        c->p = c->end;
        return true;
    }
    return r->number > 0 && (r->kind == IMAP_EXPUNGE || imap_data_fetch(c));
}

/* What stands behind "* ". */
static bool untagged(struct imap_cursor *c)
{
    struct imap_response *r = c->out;
    struct imap_text name;
    if (c->p < c->end && *c->p >= '0' && *c->p <= '9')
        return numbered(c);
    if (!imap_cursor_word(c, &name))
        return false;
    if (condition_name(name, false, &r->status)) {
        r->kind = IMAP_CONDITION;
        return condition_text(c);
    }
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (imap_text_is(name, named[i].name)) {
            r->kind = named[i].kind;
            return named[i].read(c);
        }
    r->kind = IMAP_OTHER;
    *(struct imap_text *)vec_push(&r->words) = name;
    c->p = c->end;
    return true;
}

/* The whole response; false when it breaks the grammar. */
static bool response(struct imap_cursor *c)
{
    struct imap_response *r = c->out;
    struct imap_text name;
    if (imap_cursor_char(c, '+')) {
        r->kind = IMAP_CONTINUE;
        return condition_text(c);
    }
    if (c->end - c->p >= 2 && c->p[0] == '*' && c->p[1] == ' ') {
        c->p += 2;
        imap_cursor_blanks(c);
        if (!untagged(c))
            return false;
        imap_cursor_blanks(c);
        return c->p == c->end;
    }
    r->kind = IMAP_TAGGED;
    if (!imap_cursor_word(c, &r->tag) || !imap_cursor_char(c, ' '))
        return false;
    imap_cursor_blanks(c);
    return imap_cursor_word(c, &name) && condition_name(name, true, &r->status) && condition_text(c);
}

/* The first words of a line, for an error: kinds and numbers, never text of a mail. */
static char *line_head(const char *line, size_t len)
{
    size_t n = 0, blanks = 0;
    while (n < len && n < 40 && (unsigned char)line[n] >= ' ' && line[n] != '(' && line[n] != '"' &&
           (line[n] != ' ' || ++blanks < 3))
        n++;
    char *raw = mem_strndup(line, n), *shown = gate_line(raw);
    free(raw);
    return shown;
}

/* One response. */
enum status imap_parse(struct imap_input *in, struct imap_response *r, struct error *err)
{
    struct imap_cursor c = {.p = in->line,
                            .end = in->line + in->len,
                            .literals = in->literals,
                            .literals_len = in->literals_len,
                            .parts = in->parts,
                            .depth = in->depth,
                            .out = r};
    response_clear(r);
    if (response(&c))
        return STATUS_OK;
    char *head = line_head(in->line, in->len);
    if (c.over)
        error_set(err, STATUS_LIMIT, _("The mail server's answer “%s …” has too many or too deep parts"), head);
    else
        error_set(err, STATUS_CORRUPT, _("The mail server breaks the rules of IMAP in “%s …”"), head);
    free(head);
    return err->status;
}
