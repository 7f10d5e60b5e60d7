/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal_words.c - changes in words: folders by name, flags by letter, times as times */
#include "office/journal_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/store.h"
#include "mail/thread.h"

#define VALUE_MOST 60 /* bytes of a value without words of its own */

/* A folder's name. */
static void folder_name(struct db *db, const char *value, struct str *out)
{
    struct mail_folder f = {0};
    struct error err = ERROR_INIT;
    long long id;
    if (str_to_int64(value, &id) && mail_folder_get(db, id, &f, &err) == STATUS_OK)
        str_puts(out, f.name);
    else
        str_puts(out, value);
    mail_folder_fini(&f);
}

/* "flagged", "not flagged": each letter that came or went. */
static void flag_words(const struct journal_item *i, struct str *out)
{
    static const struct {
        char letter;
        const char *on, *off;
    } words[] = {{'F', N_("flagged"), N_("not flagged")},
                 {'P', N_("forwarded"), N_("not forwarded")},
                 {'R', N_("replied"), N_("not replied")},
                 {'S', N_("read"), N_("unread")}};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        bool was = strchr(i->before, words[k].letter), is = strchr(i->after, words[k].letter);
        if (was != is)
            str_addf(out, "%s%s", out->len ? ", " : "", _(is ? words[k].on : words[k].off));
    }
}

/* Until when it is snoozed. */
static void snooze_words(const struct journal_item *i, struct str *out)
{
    long long until = 0;
    char when[CLOCK_TEXT];
    if (!str_to_int64(i->after, &until) || until == 0) {
        str_puts(out, _("back in the inbox"));
        return;
    }
    clock_rfc3339(until, when);
    when[16] = '\0';
    when[10] = ' ';
    str_addf(out, _("snoozed until %s"), when);
}

/* One value, cut when it is long, its lines joined. */
static void value_words(const char *value, struct str *out)
{
    size_t n = strlen(value), start = out->len;
    n = n > VALUE_MOST ? VALUE_MOST : n;
    while (n && ((unsigned char)value[n] & 0xc0) == 0x80)
        n--;
    str_add(out, value, n);
    if (value[n])
        str_puts(out, "…");
    for (size_t k = start; k < out->len; k++)
        if (out->data[k] == '\n')
            out->data[k] = ' ';
    if (out->len == start)
        str_puts(out, "-");
}

/* The subject of the mail or conversation it was done to. */
char *journal_subject(struct db *db, char letter, int64_t ref)
{
    struct mail_row row = {0};
    struct mail_thread thread = {0};
    struct error err = ERROR_INIT;
    const char *text = NULL;
    if (letter == 'm' && mail_row_get(db, ref, &row, &err) == STATUS_OK)
        text = row.subject;
    else if (letter == 't' && mail_thread_get(db, ref, &thread, &err) == STATUS_OK)
        text = thread.subject;
    char *found = text && *text ? mem_strdup(text) : NULL;
    mail_row_fini(&row);
    mail_thread_fini(&thread);
    return found;
}

/* The change, then what it was done to. */
void journal_words(struct db *db, const struct journal_item *i, struct str *out)
{
    if (strcmp(i->field, MAIL_FIELD_FLAGS) == 0) {
        flag_words(i, out);
    } else if (strcmp(i->field, MAIL_FIELD_FOLDER) == 0 && i->has_inverse) {
        folder_name(db, i->before, out);
        str_puts(out, " -> ");
        folder_name(db, i->after, out);
    } else if (strcmp(i->field, MAIL_FIELD_SNOOZE) == 0) {
        snooze_words(i, out);
    } else if (strcmp(i->field, MAIL_FIELD_MUTED) == 0) {
        str_puts(out, strcmp(i->after, "1") == 0 ? _("muted") : _("no longer muted"));
    } else if (i->has_inverse) {
        const char *dot = strrchr(i->field, '.');
        str_addf(out, "%s: ", dot ? dot + 1 : i->field);
        value_words(i->before, out);
        str_puts(out, " -> ");
        value_words(i->after, out);
    } else {
        str_addf(out, "%s: ", i->field);
        value_words(i->after, out);
    }
    char *subject = journal_subject(db, i->letter, i->ref);
    if (subject)
        str_addf(out, "   %s", subject);
    free(subject);
}
