/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal_words.c - changes in words: folders by name, flags by letter, times as times */
#include "office/journal_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/store.h"
#include "mail/thread.h"


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

/* "2026-11-28 09:00" */
static const char *day_and_time(int64_t at, char out[CLOCK_TEXT])
{
    clock_rfc3339(at, out);
    out[16] = '\0';
    out[10] = ' ';
    return out;
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
    str_addf(out, _("snoozed until %s"), day_and_time(until, when));
}

/* One value, cut when it is long, its lines joined. */
static void value_words(const struct journal_field *kind, const char *value, size_t most, struct str *out)
{
    value = kind && kind->word ? kind->word(value) : value;
    size_t n = strlen(value), start = out->len;
    n = n > most ? most : n;
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

/* What the outbox noted: its own words, draft and version approved, else what a server said. */
static void outbox_words(const char *note, size_t most, struct str *out)
{
    static const char *const words[][2] = {
        {"taken back", N_("taken back")}, {"again", N_("tried again")},
        {"again, may arrive twice", N_("tried again, it may arrive twice")}, {"now", N_("to leave now")},
        {"found in the store", N_("found in the store")}, {"no answer after handing", N_("no answer after handing it over")}};
    long long draft, version;
    int rest = 0;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strcmp(note, words[k][0]) == 0) {
            str_puts(out, _(words[k][1]));
            return;
        }
    if (sscanf(note, "approved d%lld v%lld as %n", &draft, &version, &rest) == 2 && rest)
        str_addf(out, _("d%lld version %lld, %s"), draft, version, note + rest);
    else
        value_words(NULL, note, most, out);
}

/* What an import brought, where that is counted; NULL. Yours. */
static char *import_words(const char *what)
{
    long long messages, notes;
    char end;
    if (sscanf(what, "%lld messages, %lld note%c", &messages, &notes, &end) != 3 || end != 's')
        return NULL;
    return str_format(_("%lld messages, %lld notes"), messages, notes);
}

/* Why. */
char *journal_why(const struct journal_row *r)
{
    char when[CLOCK_TEXT];
    int64_t until;
    bool sync = strcmp(r->who, "sync") == 0;
    if (strcmp(r->who, "bureau") == 0 && strcmp(r->what, "unsnooze") == 0) /* also where another language stands */
        return mem_strdup(_("its time has come"));
    if (strcmp(r->what, "snooze") == 0 && !r->undoes && clock_parse(r->why, &until))
        return mem_strdup(day_and_time(until, when));
    if (r->undoes || (sync && (strcmp(r->what, "expunged") == 0 || strcmp(r->what, "conflict") == 0)))
        return mem_strdup(journal_word(r->why));
    char *counted = strcmp(r->what, "import") == 0 ? import_words(r->why) : NULL;
    return counted ? counted : mem_strdup(strcmp(r->what, "lane") == 0 ? mail_lane_value(r->why) : r->why);
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
void journal_words(struct db *db, const struct journal_item *i, size_t most, struct str *out)
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
    } else if (strcmp(i->field, MAIL_FIELD_THREAD) == 0 && i->has_inverse) {
        str_addf(out, "%s: t%s -> t%s", _(i->kind->label), i->before, i->after);
    } else if (i->has_inverse) {
        str_addf(out, "%s: ", i->kind->label ? _(i->kind->label) : i->field);
        value_words(i->kind, i->before, most, out);
        str_puts(out, " -> ");
        value_words(i->kind, i->after, most, out);
    } else {
        char *counted = strcmp(i->field, "import") == 0 ? import_words(i->after) : NULL;
        str_addf(out, "%s: ", journal_word(i->field));
        if (strncmp(i->field, "outbox.", 7) == 0)
            outbox_words(i->after, most, out);
        else
            value_words(NULL, counted ? counted : i->after, most, out);
        free(counted);
    }
    char *subject = journal_subject(db, i->letter, i->ref);
    if (subject)
        str_addf(out, "   %s", subject);
    free(subject);
}
