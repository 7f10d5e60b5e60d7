/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailto.c - mailto: URIs. What they hold is foreign: a page or a mail wrote it. */
#include "office/mailto.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "office/people.h"

#define URI_MAX (256u << 10)

/* The value of a hex digit; -1. */
static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes %XX; "+" stays a plus (RFC 6068 §5). What is no UTF-8 is repaired. false: it holds NUL. */
static bool decode(const char *s, size_t n, struct str *out)
{
    struct str raw = STR_INIT;
    for (size_t i = 0; i < n; i++) {
        int high = s[i] == '%' && i + 2 < n ? hex(s[i + 1]) : -1;
        int low = high >= 0 ? hex(s[i + 2]) : -1;
        if (low >= 0) {
            str_putc(&raw, (char)(high * 16 + low));
            i += 2;
        } else {
            str_putc(&raw, s[i]);
        }
    }
    bool good = raw.len == 0 || memchr(raw.data, 0, raw.len) == NULL;
    if (good && raw.len)
        utf8_repair(out, raw.data, raw.len);
    str_fini(&raw);
    return good;
}

/* May it stand in one header line? */
static bool is_line(const struct str *s)
{
    for (size_t i = 0; i < s->len; i++)
        if ((unsigned char)s->data[i] < ' ' || s->data[i] == 0x7f)
            return false;
    return true;
}

/* Takes a text that is given for the first time; a second one is not ours to choose from. */
static void take(char **to, struct str *value)
{
    if (!*to)
        *to = str_take(value);
}

/* Appends an address list. */
static void add_list(struct str *list, const struct str *value)
{
    if (value->len && list->len)
        str_puts(list, ", ");
    str_puts(list, str_text(value));
}

/* A text of a body: line breaks of any kind become ours, other controls go. */
static char *body_of(const struct str *value)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < value->len; i++) {
        char c = value->data[i];
        if (c == '\r' && i + 1 < value->len && value->data[i + 1] == '\n')
            continue;
        if (c == '\r' || c == '\n')
            str_putc(&out, '\n');
        else if (((unsigned char)c >= ' ' && c != 0x7f) || c == '\t')
            str_putc(&out, c);
    }
    return str_take(&out);
}

/* One field of the query. */
static enum status take_field(struct mailto *m, const char *name, struct str *value,
                              struct error *err)
{
    if (str_eq_nocase(name, "body")) {
        if (!m->body)
            m->body = body_of(value);
        return STATUS_OK;
    }
    bool known = str_eq_nocase(name, "to") || str_eq_nocase(name, "cc") ||
                 str_eq_nocase(name, "bcc") || str_eq_nocase(name, "subject") ||
                 str_eq_nocase(name, "in-reply-to");
    if (!known) {
        strv_push(&m->ignored, name);
        return STATUS_OK;
    }
    if (!is_line(value))
        return error_set(err, STATUS_REFUSED,
                         _("the link's field “%s” holds a line break or a control character"), name);
    if (str_eq_nocase(name, "to"))
        add_list(&m->to, value);
    else if (str_eq_nocase(name, "cc"))
        add_list(&m->cc, value);
    else if (str_eq_nocase(name, "bcc"))
        add_list(&m->bcc, value);
    else if (str_eq_nocase(name, "subject"))
        take(&m->subject, value);
    else { /* <id> or id */
        char *id = str_trim(value->data ? value->data : (char[1]){0});
        size_t n = strlen(id);
        if (n > 2 && id[0] == '<' && id[n - 1] == '>')
            id[n - 1] = 0, id++;
        bool good = *id && strlen(id) <= 900 && !strpbrk(id, "<> ");
        for (const char *p = id; good && *p; p++) /* it must be able to stand in our header */
            good = (unsigned char)*p > ' ' && (unsigned char)*p < 0x7f;
        if (good && !m->in_reply_to)
            m->in_reply_to = mem_strdup(id);
    }
    return STATUS_OK;
}

/* "name=value" of the query. */
static enum status read_field(struct mailto *m, const char *s, size_t n, struct error *err)
{
    struct str name = STR_INIT, value = STR_INIT;
    const char *eq = memchr(s, '=', n);
    size_t name_len = eq ? (size_t)(eq - s) : n;
    enum status st = STATUS_OK;
    if (!decode(s, name_len, &name) || (eq && !decode(eq + 1, n - name_len - 1, &value)))
        st = error_set(err, STATUS_REFUSED, _("the link holds a NUL byte"));
    else if (name.len)
        st = take_field(m, str_text(&name), &value, err);
    str_fini(&name);
    str_fini(&value);
    return st;
}

bool mailto_is(const char *text)
{
    return str_starts_nocase(text, "mailto:");
}

enum status mailto_parse(const char *uri, struct mailto *out, struct error *err)
{
    *out = (struct mailto){.subject = NULL};
    strv_init(&out->ignored);
    if (!mailto_is(uri) || strlen(uri) > URI_MAX)
        return error_set(err, STATUS_USAGE, _("this is no mailto: link"));
    const char *p = uri + strlen("mailto:");
    size_t n = strcspn(p, "?#");
    if (!decode(p, n, &out->to) || !is_line(&out->to))
        return error_set(err, STATUS_REFUSED,
                         _("the link's addresses hold a line break or a control character"));
    p += n;
    enum status st = STATUS_OK;
    while (st == STATUS_OK && *p && *p != '#') {
        p++; /* ? or & */
        n = strcspn(p, "&#");
        if (str_starts(p, "amp;")) { /* copied out of HTML */
            p += 4;
            n -= 4;
        }
        if (n)
            st = read_field(out, p, n, err);
        p += n;
    }
    const struct str *lists[] = {&out->to, &out->cc, &out->bcc};
    for (size_t i = 0; st == STATUS_OK && i < 3; i++) {
        struct vec people;
        people_init(&people);
        st = people_parse(str_text(lists[i]), &people, err);
        vec_fini(&people);
    }
    return st;
}

void mailto_fini(struct mailto *m)
{
    str_fini(&m->to);
    str_fini(&m->cc);
    str_fini(&m->bcc);
    free(m->subject);
    free(m->body);
    free(m->in_reply_to);
    vec_fini(&m->ignored);
}

char *mailto_list_post(const char *value)
{
    char *found = NULL;
    for (const char *p = value; p && *p && !found; p++) {
        if (!mailto_is(p))
            continue;
        char *uri = mem_strndup(p, strcspn(p, "> ,\t\r\n"));
        struct mailto m;
        struct error err = ERROR_INIT;
        struct vec people;
        people_init(&people);
        if (mailto_parse(uri, &m, &err) == STATUS_OK && strchr(str_text(&m.to), '@') &&
            people_parse(str_text(&m.to), &people, &err) == STATUS_OK && people.len)
            found = mem_strdup(((struct mail_address *)vec_at(&people, 0))->address);
        vec_fini(&people);
        mailto_fini(&m);
        free(uri);
    }
    return found;
}
