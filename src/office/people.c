/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people.c - addresses as people type them, and from whom an answer goes. */
#include "office/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/config.h"
#include "command/option.h"

#define ADDRESS_MAX 254 /* RFC 5321 §4.5.3.1.3 */
#define ALIAS_DEPTH 8   /* aliases may name aliases */

/* Reading a list: how deep within aliases, and whether one was met. */
struct parsing {
    int depth;
    bool aliased;
    struct vec *bad; /* borrow; takes what is no address, NULL: it ends the reading */
};

static enum status parse(const char *text, struct vec *out, struct parsing *p, struct error *err)
    MUST_CHECK;

void people_init(struct vec *addresses)
{
    vec_init(addresses, sizeof(struct mail_address), mail_address_fini_item);
}

void people_add(struct vec *addresses, const char *name, const char *address)
{
    struct mail_address *a = vec_push(addresses);
    a->name = mem_strdup(name ? name : "");
    a->address = mem_strdup(address);
}

void people_copy(struct vec *to, const struct vec *from)
{
    for (size_t i = 0; i < from->len; i++) {
        const struct mail_address *a = vec_at(from, i);
        people_add(to, a->name, a->address);
    }
}

bool people_has(const struct vec *addresses, const char *address)
{
    for (size_t i = 0; i < addresses->len; i++)
        if (str_eq_nocase(((const struct mail_address *)vec_at(addresses, i))->address, address))
            return true;
    return false;
}

bool people_is_address(const char *address)
{
    size_t n = strlen(address), at = 0, ats = 0;
    if (n < 3 || n > ADDRESS_MAX || address[0] == '-')
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)address[i];
        if (c <= ' ' || c == 0x7f || strchr("\"<>(),;:\\[]", c))
            return false;
        if (c == '@') {
            at = i;
            ats++;
        }
    }
    return ats == 1 && at > 0 && at < n - 1 && address[at + 1] != '.' && address[n - 1] != '.' &&
           address[at + 1] != '-';
}

/* Trims white space, including the ideographic space. */
static char *trim(char *s)
{
    s = str_trim(s);
    while (str_starts(s, "\xe3\x80\x80"))
        s = str_trim(s + 3);
    size_t n = strlen(s);
    while (n >= 3 && strcmp(s + n - 3, "\xe3\x80\x80") == 0) {
        s[n - 3] = 0;
        s = str_trim(s);
        n = strlen(s);
    }
    return s;
}

/* Takes quotes and backslashes off a display name. */
static char *unquote(const char *s, size_t n)
{
    struct str out = STR_INIT;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '"')
            quoted = !quoted;
        else if (s[i] == '\\' && quoted && i + 1 < n)
            str_putc(&out, s[++i]);
        else
            str_putc(&out, s[i]);
    }
    char *text = str_take(&out), *name = mem_strdup(trim(text));
    free(text);
    return name;
}

/* Reads one address between separators; white space alone gives nothing. */
static enum status parse_one(char *item, struct vec *out, struct parsing *how, struct error *err)
{
    char *s = trim(item), *name = NULL, *address = NULL;
    if (!*s)
        return STATUS_OK;
    const char *people = strchr(s, '@') ? NULL : config_alias(s);
    if (people && how->depth < ALIAS_DEPTH) {
        struct parsing inner = {.depth = how->depth + 1};
        how->aliased = true;
        return parse(people, out, &inner, err);
    }
    bool quoted = false;
    char *open = NULL;
    for (char *p = s; *p; p++) {
        if (*p == '\\' && quoted && p[1])
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (*p == '<' && !quoted)
            open = p;
    }
    char *close = open ? strchr(open, '>') : NULL;
    if (open && close && !*trim(close + 1)) {
        name = unquote(s, (size_t)(open - s));
        *close = 0;
        address = trim(open + 1);
    } else if (!open) {
        char *comment = strchr(s, '('), *end = comment ? strrchr(comment, ')') : NULL;
        if (comment && end && !*trim(end + 1)) {
            name = unquote(comment + 1, (size_t)(end - comment - 1));
            *comment = 0;
        }
        address = trim(s);
    }
    enum status st = STATUS_OK;
    if (!address || !people_is_address(address)) {
        error_set(err, STATUS_USAGE, _("%s is no mail address"), address && *address ? address : s);
        st = error_hint(err, _("write it as name@example.org or \"Name\" <name@example.org>"));
    } else {
        people_add(out, name, address);
    }
    free(name);
    return st;
}

/* Bytes of a separator at s (0: none); full-width ones count. */
static size_t separator(const char *s)
{
    if (*s == ',' || *s == ';')
        return 1;
    if (str_starts(s, "\xef\xbc\x8c") || str_starts(s, "\xef\xbc\x9b") ||
        str_starts(s, "\xe3\x80\x81"))
        return 3;
    return 0;
}

/* Reads a list. */
static enum status parse(const char *text, struct vec *out, struct parsing *how, struct error *err)
{
    for (const char *p = text; *p; p++)
        if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
            return error_set(err, STATUS_REFUSED, _("an address holds a control character"));
    enum status st = STATUS_OK;
    struct str item = STR_INIT;
    bool quoted = false, address = false;
    int depth = 0;
    for (const char *p = text;; p++) {
        size_t sep = quoted || depth ? 0 : separator(p);
        if (!*p || sep) {
            char *typed = mem_strdup(str_text(&item));
            st = parse_one((char *)(item.data ? item.data : (char[1]){0}), out, how, err);
            if (st && how->bad) { /* the others are read all the same */
                strv_push(how->bad, trim(typed));
                *err = ERROR_INIT;
                st = STATUS_OK;
            }
            free(typed);
            if (st)
                break;
            str_clear(&item);
            quoted = address = false;
            depth = 0;
            if (!*p)
                break;
            p += sep - 1;
            continue;
        }
        if (*p == '\\' && quoted && p[1]) {
            str_add(&item, p++, 2);
            continue;
        }
        if (*p == '"')
            quoted = !quoted;
        else if (!quoted && *p == '(')
            depth++;
        else if (!quoted && *p == ')' && depth)
            depth--;
        else if (!quoted && (*p == '@' || *p == '<'))
            address = true;
        else if (!quoted && *p == ':' && !address) { /* "Team: a@x, b@y;": the name goes */
            str_clear(&item);
            continue;
        }
        str_putc(&item, *p);
    }
    str_fini(&item);
    return st;
}

enum status people_parse(const char *text, struct vec *out, struct error *err)
{
    struct parsing how = {0};
    return parse(text, out, &how, err);
}

enum status people_parse_each(const char *text, struct vec *out, struct vec *bad, struct error *err)
{
    struct parsing how = {.bad = bad};
    return parse(text, out, &how, err);
}

char *people_expanded(const char *text)
{
    struct parsing how = {0};
    struct str out = STR_INIT;
    struct error err = ERROR_INIT;
    struct vec people;
    people_init(&people);
    bool good = parse(text, &people, &how, &err) == STATUS_OK && how.aliased;
    if (good)
        people_print(&out, &people);
    vec_fini(&people);
    return good ? str_take(&out) : NULL;
}

void people_print_one(struct str *out, const char *name, const char *address)
{
    if (!name || !*name) {
        str_puts(out, address);
        return;
    }
    if (strpbrk(name, "()<>[]:;@\\,.\"") || separator(name) || strstr(name, "\xef\xbc\x8c") ||
        strstr(name, "\xef\xbc\x9b") || strstr(name, "\xe3\x80\x81")) {
        str_putc(out, '"');
        for (const char *p = name; *p; p++) {
            if (*p == '"' || *p == '\\')
                str_putc(out, '\\');
            str_putc(out, *p);
        }
        str_putc(out, '"');
    } else {
        str_puts(out, name);
    }
    str_addf(out, " <%s>", address);
}

void people_print(struct str *out, const struct vec *addresses)
{
    for (size_t i = 0; i < addresses->len; i++) {
        const struct mail_address *a = vec_at(addresses, i);
        if (i)
            str_puts(out, ", ");
        people_print_one(out, a->name, a->address);
    }
}

bool people_can_send(const struct config_account *a)
{
    return a->sendmail.len > 0 || (a->smtp && *a->smtp);
}

/* Does the account own this address (from or an alias or identity)? */
static bool owns(const struct config_account *a, const char *address)
{
    struct vec own;
    struct error err = ERROR_INIT;
    people_init(&own);
    bool has = false;
    if (a->from && people_parse(a->from, &own, &err) == STATUS_OK)
        has = people_has(&own, address);
    for (size_t i = 0; !has && i < a->aliases.len; i++)
        has = str_eq_nocase(strv_at(&a->aliases, i), address);
    for (size_t i = 0; !has && i < a->identities.len; i++) {
        vec_clear(&own);
        if (people_parse(strv_at(&a->identities, i), &own, &err) == STATUS_OK)
            has = people_has(&own, address);
    }
    vec_fini(&own);
    return has;
}

const struct config_account *people_account(const char *name, const struct vec *recipients)
{
    const struct vec *all = config_accounts();
    const struct config_account *named = name && *name ? config_account(name) : NULL;
    if (named)
        return named;
    for (size_t i = 0; recipients && i < recipients->len; i++)
        for (size_t k = 0; k < all->len; k++)
            if (owns(vec_at(all, k), ((struct mail_address *)vec_at(recipients, i))->address))
                return vec_at(all, k);
    for (size_t i = 0; i < all->len; i++)
        if (people_can_send(vec_at(all, i)))
            return vec_at(all, i);
    return all->len ? vec_at(all, 0) : NULL;
}

/* The first address of a config value such as "Anna Li <anna@x>"; false when it is none. */
static bool first_of(const char *text, struct mail_address *out)
{
    struct vec list;
    struct error err = ERROR_INIT;
    people_init(&list);
    bool good = text && people_parse(text, &list, &err) == STATUS_OK && list.len > 0;
    if (good) {
        const struct mail_address *a = vec_at(&list, 0);
        *out = (struct mail_address){mem_strdup(a->name), mem_strdup(a->address)};
    }
    vec_fini(&list);
    return good;
}

bool people_from(const struct config_account *a, const struct vec *recipients,
                 struct mail_address *out)
{
    if (a) {
        struct mail_address from = {0};
        bool known = first_of(a->from, &from);
        for (size_t i = 0; recipients && i < recipients->len; i++) {
            const char *to = ((const struct mail_address *)vec_at(recipients, i))->address;
            if (!owns(a, to) || (known && str_eq_nocase(from.address, to)))
                continue;
            for (size_t k = 0; k < a->identities.len; k++) {
                struct mail_address own;
                if (!first_of(strv_at(&a->identities, k), &own))
                    continue;
                if (str_eq_nocase(own.address, to)) {
                    mail_address_fini_item(&from);
                    *out = own;
                    return true;
                }
                mail_address_fini_item(&own);
            }
            *out = (struct mail_address){mem_strdup(known ? from.name : ""), mem_strdup(to)};
            mail_address_fini_item(&from);
            return true;
        }
        if (known) {
            *out = from;
            return true;
        }
    }
    const struct vec *me = config_me();
    for (size_t i = 0; recipients && i < recipients->len; i++) {
        const struct mail_address *r = vec_at(recipients, i);
        if (config_is_me(r->address)) {
            *out = (struct mail_address){mem_strdup(r->name), mem_strdup(r->address)};
            return true;
        }
    }
    if (me->len == 0)
        return false;
    return first_of(strv_at(me, 0), out);
}

/* ---- the organisation ---- */

/* Where everybody may have a mailbox: no organisation. */
static const char *const providers[] = {
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
    "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "web.de", "t-online.de",
    "proton.me", "protonmail.com", "fastmail.com", "mail.ru", "yandex.ru", "qq.com", "foxmail.com",
    "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "aliyun.com", "139.com",
    "189.cn", "tom.com", "21cn.com"};

/* Is the host this domain or below it? */
static bool is_below(const char *host, const char *domain, size_t n)
{
    size_t len = strlen(host);
    return n > 0 && len >= n && strncasecmp(host + len - n, domain, n) == 0 &&
           (len == n || host[len - n - 1] == '.');
}

/* The host of an own address, unless it is a provider's; NULL. */
static const char *own_host(const char *address)
{
    const char *at = strrchr(address, '@');
    for (size_t i = 0; at && i < sizeof providers / sizeof *providers; i++)
        if (str_eq_nocase(at + 1, providers[i]))
            return NULL;
    return at ? at + 1 : NULL;
}

bool people_has_inside(void)
{
    const struct vec *me = config_me();
    bool has = *option_text("send.organisation") != 0;
    for (size_t i = 0; !has && i < me->len; i++)
        has = own_host(strv_at(me, i)) != NULL;
    return has;
}

bool people_is_inside(const char *address)
{
    const char *at = strrchr(address, '@'), *p = option_text("send.organisation");
    const struct vec *me = config_me();
    bool named = *p != 0, inside = false;
    for (; at && *p && !inside; p += *p ? 1 : 0) {
        size_t n = strcspn(p, " ,");
        inside = is_below(at + 1, p, n);
        p += n;
    }
    for (size_t i = 0; at && !named && !inside && i < me->len; i++) {
        const char *host = own_host(strv_at(me, i));
        inside = host && is_below(at + 1, host, strlen(host));
    }
    return inside;
}

/* ---- identities ---- */

void people_identity_fini(void *item)
{
    struct people_identity *i = item;
    free(i->name);
    free(i->address);
}

/* Adds one of an account unless its address is there; without a name it gets the account's. */
static void add_identity(struct vec *out, const char *account, const char *text, const char *name)
{
    struct mail_address a;
    if (!first_of(text, &a))
        return;
    for (size_t i = 0; i < out->len; i++) {
        const struct people_identity *had = vec_at(out, i);
        if (str_eq_nocase(had->address, a.address) && str_eq(had->account, account)) {
            mail_address_fini_item(&a);
            return;
        }
    }
    struct people_identity *id = vec_push(out);
    id->account = account;
    id->name = *a.name ? mem_strdup(a.name) : mem_strdup(name);
    id->address = mem_strdup(a.address);
    mail_address_fini_item(&a);
}

void people_identities(struct vec *out)
{
    const struct vec *accounts = config_accounts(), *me = config_me();
    vec_init(out, sizeof(struct people_identity), people_identity_fini);
    for (size_t i = 0; i < accounts->len; i++) {
        const struct config_account *a = vec_at(accounts, i);
        size_t first = out->len;
        if (a->from)
            add_identity(out, a->name, a->from, "");
        for (size_t k = 0; k < a->identities.len; k++)
            add_identity(out, a->name, strv_at(&a->identities, k), "");
        const struct people_identity *main = first < out->len ? vec_at(out, first) : NULL;
        char *name = mem_strdup(main ? main->name : "");
        for (size_t k = 0; k < a->aliases.len; k++)
            add_identity(out, a->name, strv_at(&a->aliases, k), name);
        free(name);
    }
    for (size_t i = 0; accounts->len == 0 && i < me->len; i++)
        add_identity(out, "", strv_at(me, i), "");
}

/* How well an identity fits what was typed: 0 not at all, 1 by a part, 2 by account
 * or whole name (the first of them), 3 by its address. */
static int identity_fits(const struct people_identity *id, const char *text, const char *address)
{
    struct str name = STR_INIT, typed = STR_INIT;
    if (address)
        return str_eq_nocase(id->address, address) ? 3 : 0;
    if (str_eq(id->account, text))
        return 2;
    utf8_fold(&name, id->name, strlen(id->name));
    utf8_fold(&typed, text, strlen(text));
    bool same = str_eq(str_text(&name), str_text(&typed));
    bool in = strstr(str_text(&name), str_text(&typed)) || strstr(id->address, text);
    str_fini(&name);
    str_fini(&typed);
    return same ? 2 : in;
}

enum status people_identity_find(const char *text, struct people_identity *out, struct error *err)
{
    struct vec all;
    struct mail_address typed = {0};
    struct str names = STR_INIT;
    const struct people_identity *best = NULL;
    int fits = 0, same = 0;
    char *copy = mem_strdup(text), *word = trim(copy);
    size_t n = strlen(word);
    while (n && strchr(",; ", word[n - 1]))
        word[--n] = 0;
    bool address = strchr(word, '@') && first_of(word, &typed);
    people_identities(&all);
    for (size_t i = 0; i < all.len; i++) {
        const struct people_identity *id = vec_at(&all, i);
        int fit = n ? identity_fits(id, word, address ? typed.address : NULL) : 0;
        if (fit > fits) {
            best = id;
            same = 0;
        }
        same += fit > 0 && fit == fits;
        fits = fit > fits ? fit : fits;
        if (names.len)
            str_puts(&names, ", ");
        str_puts(&names, id->address);
    }
    enum status st = STATUS_OK;
    if (!best || (fits == 1 && same)) {
        error_set(err, STATUS_USAGE, best ? _("%s could be several identities") : _("%s is none of your identities"), word);
        st = error_hint(err, _("one of: %s   (account NAME identity \"N <a>\" adds one)"), str_text(&names));
    } else {
        *out = (struct people_identity){best->account, mem_strdup(best->name), mem_strdup(best->address)};
    }
    mail_address_fini_item(&typed);
    vec_fini(&all);
    str_fini(&names);
    free(copy);
    return st;
}
