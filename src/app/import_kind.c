/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import_kind.c - tells mails, mailboxes, notes and calendars apart */
#include "app/import_kind.h"

#include <string.h>
#include <strings.h>

#include "app/features.h"
#include "base/str.h"
#include "command/hook.h"
#include "mail/box.h"

/* The length of a header's name at the line, 0 when the line is no header. */
static size_t header_name(const char *line, size_t n)
{
    size_t k = 0;

    while (k < n && line[k] > ' ' && line[k] < 127 && line[k] != ':')
        k++;
    return k > 0 && k < n && line[k] == ':' ? k : 0;
}

/* Counts the headers that make a mail. */
bool import_kind_is_mail(const char *head, size_t n)
{
    static const char *const names[] = {"From", "To", "Date", "Message-ID", "Received", "Subject"};
    unsigned seen = 0;
    int count = 0;
    size_t at = 0;

    while (at < n) {
        const char *line = head + at;
        const char *nl = memchr(line, '\n', n - at);
        size_t len = nl ? (size_t)(nl - line) : n - at;
        size_t name = header_name(line, len);
        bool continued = len && (line[0] == ' ' || line[0] == '\t') && at > 0;
        if (!name && !continued)
            break;
        for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
            if (strlen(names[i]) == name && strncasecmp(names[i], line, name) == 0)
                seen |= 1u << i;
        at += len + 1;
    }
    for (; seen; seen &= seen - 1)
        count++;
    return count >= 2;
}

/* Walks all importers of all parts; *feature and *i start at 0. */
static const struct hook_import *next_importer(size_t *feature, size_t *i)
{
    const struct feature *f;

    while ((f = feature_at(*feature))) {
        if (f->importers && f->importers[*i])
            return f->importers[(*i)++];
        ++*feature;
        *i = 0;
    }
    return NULL;
}

/* The importer of a word; NULL when none reads that. */
static const struct hook_import *importer_as(const char *as)
{
    const struct hook_import *h;

    for (size_t f = 0, i = 0; (h = next_importer(&f, &i));)
        if (str_eq(h->as, as))
            return h;
    return NULL;
}

/* The importer that fits at least that well. */
static const struct hook_import *importer_fits(const char *name, const char *head, size_t n,
                                               enum hook_fit least)
{
    const struct hook_import *h;

    for (size_t f = 0, i = 0; (h = next_importer(&f, &i));)
        if (h->fit && h->fit(name, head, n) >= least)
            return h;
    return NULL;
}

/* The words of the contract. */
bool import_kind_is_word(const char *as)
{
    return str_eq(as, "mail") || str_eq(as, "note") || str_eq(as, "transcript") ||
           str_eq(as, "calendar");
}

/* Does the name end so, whatever the case? */
static bool ends(const char *name, const char *ending)
{
    size_t n = strlen(name), k = strlen(ending);

    return n >= k && strcasecmp(name + n - k, ending) == 0;
}

/* By what the person says, by content, by name. */
struct import_guess import_kind_guess(const char *name, const char *head, size_t n, const char *as,
                                      bool walked)
{
    struct import_guess g = {IMPORT_NOTHING, NULL};
    bool box = mail_box_is_from(head, n, NULL);

    if (box) { /* the first line alone must be the From line */
        const char *nl = memchr(head, '\n', n);
        box = mail_box_is_from(head, nl ? (size_t)(nl - head) : n, NULL);
    }
    if (as && !str_eq(as, "mail")) {
        g.importer = importer_as(as);
        g.kind = g.importer && n ? IMPORT_OTHER : IMPORT_NOTHING;
        return g;
    }
    if (box)
        g.kind = IMPORT_MBOX;
    else if (n && (as || import_kind_is_mail(head, n)))
        g.kind = IMPORT_MAIL;
    if (g.kind != IMPORT_NOTHING || !n)
        return g;
    g.importer = importer_fits(name, head, n, HOOK_FIT_CONTENT);
    if (!g.importer && ends(name, ".eml")) {
        g.kind = IMPORT_MAIL;
        return g;
    }
    if (!g.importer)
        g.importer = importer_fits(name, head, n, HOOK_FIT_NAME);
    if (g.importer && walked && ends(name, ".txt") && str_eq(g.importer->as, "note"))
        g.importer = NULL; /* plain text becomes a note only when asked */
    g.kind = g.importer ? IMPORT_OTHER : IMPORT_NOTHING;
    return g;
}
