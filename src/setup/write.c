/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write.c - lines for bureaurc. */
#include "setup/write.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "command/config.h"
#include "io/dns.h"

enum { CONFIG_MAX = 1 << 20 };

/* Appends lines. */
enum status setup_write_lines(const char *path, const char *lines, struct error *err)
{
    struct str text = STR_INIT;
    char *target = realpath(path, NULL); /* a link to where someone keeps their dotfiles */
    enum status s = STATUS_OK;
    if (!target && errno != ENOENT)
        s = error_set_errno(err, errno, "%s", path);
    else if (target)
        s = path_read(target, CONFIG_MAX, &text, err);
    if (s == STATUS_OK) {
        if (text.len && text.data[text.len - 1] != '\n')
            str_putc(&text, '\n');
        str_puts(&text, lines);
        s = path_write(target ? target : path, str_text(&text), text.len, err);
    }
    free(target);
    str_fini(&text);
    return s;
}

/* The word of a domain that people call it by: "example" of mail.example.com.cn. Yours. */
static char *domain_word(const char *domain)
{
    const char *best = domain, *end = domain + strcspn(domain, ".");
    for (const char *p = domain; *p;) { /* the last label that is not an ending */
        size_t n = strcspn(p, ".");
        bool last = p[n] == '\0';
        bool ending = last || (n <= 3 && strchr(p + n + 1, '.') == NULL && strlen(p + n + 1) == 2);
        if (!ending || p == domain) {
            best = p;
            end = p + n;
        }
        p += n + !last;
    }
    return mem_strndup(best, (size_t)(end - best));
}

/* A name that is free. */
char *setup_write_name(const char *address)
{
    const char *at = strrchr(address, '@');
    char *word = domain_word(at ? at + 1 : address), *name = mem_strdup(*word ? word : "mail");
    for (char *p = name; *p; p++)
        if (strchr(" \t/:\"'\\;", *p))
            *p = '-';
    for (int i = 2; config_account(name); i++) {
        free(name);
        name = str_format("%s%d", *word ? word : "mail", i);
    }
    free(word);
    return name;
}

/* Is it the name or the number of a host? What ends like a number must be one. */
static bool is_host(const char *host)
{
    struct in6_addr number;
    size_t n = strlen(host);
    if (*host == '[' && n > 2 && host[n - 1] == ']') {
        char *inner = mem_strndup(host + 1, n - 2);
        bool good = inet_pton(AF_INET6, inner, &number) == 1;
        free(inner);
        return good;
    }
    const char *last = strrchr(host, '.');
    if (last && last[1] >= '0' && last[1] <= '9')
        return inet_pton(AF_INET, host, &number) == 1;
    char *name = dns_domain(host);
    bool good = name && dns_is_host(name);
    free(name);
    return good;
}

/* What is wrong with a server's address. */
bool setup_write_server(const char *url, const char *tls, const char *plain, struct error *err)
{
    const char *host = str_starts(url, tls) ? url + strlen(tls) : str_starts(url, plain) ? url + strlen(plain) : NULL;
    if (!host) {
        (void)error_set(err, STATUS_USAGE, _("The address of this server begins with %s or %s"), tls, plain);
        return false;
    }
    size_t n = *host == '[' ? strcspn(host, "]") : strcspn(host, ":/");
    n += host[n] == ']';
    char *name = mem_strndup(host, n);
    const char *rest = host + n, *digits = *rest == ':' ? rest + 1 : NULL;
    size_t len = digits ? strspn(digits, "0123456789") : 0;
    bool good = is_host(name), port = !digits || (len > 0 && len < 6 && strtol(digits, NULL, 10) > 0 && strtol(digits, NULL, 10) < 65536);
    rest = digits ? digits + len : rest;
    if (!good)
        (void)error_set(err, STATUS_USAGE, _("“%s” is no name and no number of a server"), name);
    else if (!port || (*rest && !str_eq(rest, "/")))
        (void)error_set(err, STATUS_USAGE, _("Behind %s stands at most a port, as in :993"), name);
    free(name);
    return !error_is(err);
}

/* Is the text free of controls? */
static bool is_clean(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)(text ? text : ""); *p; p++)
        if (*p < ' ' || *p == 0x7f)
            return false;
    return true;
}

/* May it stand in bureaurc? */
enum status setup_write_valid(const struct config_account *a, struct error *err)
{
    const char *texts[] = {a->from, a->imap, a->smtp, a->user, a->oauth, a->oauth_client};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!is_clean(texts[i]))
            return error_set(err, STATUS_USAGE, _("a value holds a line break or another control character"));
    for (size_t i = 0; i < a->password_command.len; i++)
        if (!is_clean(strv_at(&a->password_command, i)))
            return error_set(err, STATUS_USAGE, _("a value holds a line break or another control character"));
    return STATUS_OK;
}
