/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change.c - journal fields of mail: reading a value as text and setting it again */
#include "mail/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/imap_inside.h"
#include "mail/imap_place.h"
#include "mail/inside.h"
#include "mail/snooze.h"

static const struct {
    char letter;
    unsigned flag;
    bool when_clear;
} letters[] = {
    {'F', DOC_FLAGGED, false},
    {'P', DOC_FORWARDED, false},
    {'R', DOC_REPLIED, false},
    {'S', DOC_UNREAD, true},
};

/* Asks for the file of a followed Maildir to be made like the row. */
enum status mail_push(struct db *db, int64_t message, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "INSERT INTO mail_push(message,serial) SELECT ?1,1 WHERE EXISTS"
                       " (SELECT 1 FROM mail_copy WHERE message=?1 AND path<>'') OR EXISTS"
                       " (SELECT 1 FROM mail_message m JOIN mail_folder f ON f.id=m.folder"
                       " WHERE m.id=?1 AND f.followed=1)"
                       " ON CONFLICT(message) DO UPDATE SET serial=serial+1");

    db_bind_int(q, 1, message);
    return db_run(q, err);
}

/* The whole number of a value; USAGE when it is none. */
static enum status value_int(const char *value, int64_t *out, struct error *err)
{
    long long n;

    if (!str_to_int64(value, &n))
        return error_set(err, STATUS_USAGE, _("\"%s\" is not a number"), value);
    *out = n;
    return STATUS_OK;
}

/* ---- message.flags ---- */

/* The flags of a message; NO_SUCH when it is gone. */
static enum status message_numbers(struct db *db, int64_t id, unsigned *flags, int64_t *folder,
                                   int64_t *thread, int64_t *doc, struct error *err)
{
    struct mail_row row;
    enum status st = mail_row_get(db, id, &row, err);

    *flags = row.flags;
    *folder = row.folder;
    *thread = row.thread;
    *doc = row.doc;
    mail_row_fini(&row);
    return st;
}

/* "FS" */
void mail_flags_text(unsigned flags, struct str *out)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (((flags & letters[i].flag) != 0) != letters[i].when_clear)
            str_putc(out, letters[i].letter);
}

/* The flags of a message. */
static enum status flags_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    unsigned flags;
    int64_t folder, thread, doc;
    enum status st = message_numbers(db, ref, &flags, &folder, &thread, &doc, err);

    if (st == STATUS_OK)
        mail_flags_text(flags, out);
    return st;
}

/* Flags of message, doc and thread; its places hear whose doing it is. */
static enum status turn_flags(struct db *db, int64_t id, unsigned set, unsigned clear, enum mail_imap_flip how,
                              struct error *err)
{
    unsigned flags;
    int64_t folder, thread, doc;
    enum status st = message_numbers(db, id, &flags, &folder, &thread, &doc, err);

    if (st == STATUS_OK)
        st = mail_imap_flip_flags(db, id, (set & ~flags) | (clear & flags), how, err);
    if (st == STATUS_OK)
        st = mail_message_set_flags_plain(db, id, set, clear, err);
    return st == STATUS_OK ? mail_thread_refresh(db, thread, err) : st;
}

/* Flags a person changed: written back. */
static enum status change_flags(struct db *db, int64_t id, unsigned set, unsigned clear,
                                struct error *err)
{
    enum status st = mail_imap_note(db, id, 0, err);

    if (st == STATUS_OK)
        st = turn_flags(db, id, set, clear, MAIL_FLIP_PERSON, err);
    return st == STATUS_OK ? mail_push(db, id, err) : st;
}

/* Sets the four flags as the letters say. */
static enum status flags_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    unsigned set = 0, clear = 0;

    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        bool on = (strchr(value, letters[i].letter) != NULL) != letters[i].when_clear;
        *(on ? &set : &clear) |= letters[i].flag;
    }
    return change_flags(db, ref, set, clear, err);
}

/* Takes back the letters that differ between before and after and leaves the others as they are. */
static bool flags_take_back(const char *before, const char *after, const char *now, struct str *out)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        char letter = letters[i].letter;
        bool was = strchr(before, letter), became = strchr(after, letter), is = strchr(now, letter);
        if (was != became && is != became)
            return false;
        if (was != became ? was : is)
            str_putc(out, letter);
    }
    return true;
}

/* As another program left them: nothing is written back. */
enum status mail_message_set_flags(struct db *db, int64_t id, unsigned set, unsigned clear,
                                   struct error *err)
{
    return turn_flags(db, id, set, clear, MAIL_FLIP_OTHER, err);
}

/* A person has opened it. */
enum status mail_message_mark_seen(struct db *db, int64_t id, struct error *err)
{
    return change_flags(db, id, 0, DOC_UNREAD, err);
}

/* The same, written back. */
enum status mail_message_mark(struct db *db, int64_t id, unsigned set, struct error *err)
{
    return change_flags(db, id, set, 0, err);
}

/* All four. */
enum status mail_message_give_flags(struct db *db, int64_t id, unsigned flags, struct error *err)
{
    return change_flags(db, id, flags & MAIL_IMAP_FLAGS, ~flags & MAIL_IMAP_FLAGS, err);
}

/* ---- message.folder ---- */

/* The folder's id. */
static enum status folder_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    unsigned flags;
    int64_t folder, thread, doc;
    enum status st = message_numbers(db, ref, &flags, &folder, &thread, &doc, err);

    if (st == STATUS_OK)
        str_addf(out, "%lld", (long long)folder);
    return st;
}

/* Moves it, and asks for its file to be moved. */
static enum status folder_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    int64_t folder = 0;
    enum status st = value_int(value, &folder, err);

    return st == STATUS_OK ? mail_message_move(db, ref, folder, err) : st;
}

/* Moves it as a person would: its file or its copy on the server is to follow. */
enum status mail_message_move(struct db *db, int64_t id, int64_t folder, struct error *err)
{
    enum status st = mail_imap_note(db, id, folder, err);

    if (st == STATUS_OK)
        st = mail_message_put(db, id, folder, err);
    return st == STATUS_OK ? mail_push(db, id, err) : st;
}

/* The folder of the row alone; the first move keeps where it came to by itself. */
static enum status set_column(struct db *db, int64_t id, int64_t folder, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE mail_message SET folder=?2,arrived=CASE WHEN arrived=0"
                                        " AND folder<>?2 THEN folder ELSE arrived END WHERE id=?1");

    db_bind_int(q, 1, id);
    db_bind_int(q, 2, folder);
    return db_run(q, err);
}

/* The folder of message and doc; what lies in trash is left out of searches. */
enum status mail_message_put(struct db *db, int64_t id, int64_t folder, struct error *err)
{
    struct mail_folder f;
    unsigned flags;
    int64_t before, thread, doc;
    enum status st = message_numbers(db, id, &flags, &before, &thread, &doc, err);

    if (st != STATUS_OK)
        return st;
    st = mail_folder_get(db, folder, &f, err);
    if (st == STATUS_OK)
        st = set_column(db, id, folder, err);
    if (st == STATUS_OK)
        st = doc_set_folder(db, doc, folder, err);
    /* An import's copy has no file of its own: it goes where the message goes. */
    if (st == STATUS_OK && before != folder) {
        struct db_query *q = db_prepare(db, "UPDATE OR REPLACE mail_copy SET folder=?2"
                                            " WHERE message=?1 AND folder=?3 AND path=''");
        db_bind_int(q, 1, id);
        db_bind_int(q, 2, folder);
        db_bind_int(q, 3, before);
        st = db_run(q, err);
    }
    if (st == STATUS_OK && (f.role == MAIL_ROLE_TRASH) != ((flags & DOC_DELETED) != 0))
        st = mail_message_set_flags_plain(db, id, f.role == MAIL_ROLE_TRASH ? DOC_DELETED : 0,
                                          f.role == MAIL_ROLE_TRASH ? 0 : DOC_DELETED, err);
    if (st == STATUS_OK)
        st = mail_thread_refresh(db, thread, err);
    mail_folder_fini(&f);
    return st;
}

/* As another program left it: what it puts from the snoozed back into the inbox is snoozed no more. */
enum status mail_message_set_folder(struct db *db, int64_t id, int64_t folder, struct error *err)
{
    struct mail_folder from, to;
    unsigned flags;
    int64_t before, thread, doc;
    enum status st = message_numbers(db, id, &flags, &before, &thread, &doc, err);

    if (st == STATUS_OK)
        st = mail_message_put(db, id, folder, err);
    if (st != STATUS_OK || before == folder || !(flags & DOC_SNOOZED))
        return st;
    st = mail_folder_get(db, before, &from, err);
    if (st != STATUS_OK)
        return st;
    st = mail_folder_get(db, folder, &to, err);
    if (st == STATUS_OK && to.role == MAIL_ROLE_INBOX && str_eq_nocase(from.name, MAIL_SNOOZED))
        st = mail_snooze_end(db, thread, err);
    mail_folder_fini(&from);
    mail_folder_fini(&to);
    return st;
}

/* ---- message.labels ---- */

/* One label a line. */
static enum status labels_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    struct mail_row row;
    struct vec labels;
    char *all;
    enum status st = mail_row_get(db, ref, &row, err);

    mail_row_fini(&row);
    if (st != STATUS_OK)
        return st;
    st = mail_message_labels(db, ref, &labels, err);
    all = strv_join(&labels, "\n");
    str_puts(out, all);
    free(all);
    vec_fini(&labels);
    return st;
}

/* Is a line of the text this word? */
static bool has_line(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (strncmp(at, word, n) == 0 && (at[n] == '\n' || !at[n]))
            return true;
    return false;
}

/* Adds a line where it belongs. */
static void add_line(struct vec *lines, const char *line)
{
    size_t at = 0;

    while (at < lines->len && strcmp(strv_at(lines, at), line) < 0)
        at++;
    *(char **)vec_insert(lines, at) = mem_strdup(line);
}

/* Takes back the labels that were put on and off and leaves those that came or went since. */
static bool labels_take_back(const char *before, const char *after, const char *now,
                             struct str *out)
{
    struct vec lines;
    bool stands = true;
    const char *const texts[] = {before, after, now};
    char *all;

    strv_init(&lines);
    for (size_t i = 0; i < 3; i++) {
        char *copy = mem_strdup(texts[i]), *rest = copy, *line;
        while ((line = strsep(&rest, "\n"))) {
            bool was = has_line(before, line), became = has_line(after, line);
            bool is = has_line(now, line);
            stands = stands && (was == became || is == became);
            bool first = (i == 0) || (i == 1 && !was) || (i == 2 && !was && !became);
            if (*line && first && (was != became ? was : is))
                add_line(&lines, line);
        }
        free(copy);
    }
    all = strv_join(&lines, "\n");
    str_puts(out, all);
    free(all);
    vec_fini(&lines);
    return stands;
}

/* Is it among them? */
static bool has_label(const struct vec *labels, const char *label)
{
    for (size_t i = 0; i < labels->len; i++)
        if (str_eq(strv_at(labels, i), label))
            return true;
    return false;
}

/* A label a person put on or took away. */
static enum status turn_label(struct db *db, int64_t id, int64_t doc, const char *label, bool on, struct error *err)
{
    enum status st = doc_label(db, doc, label, on, err);

    return st == STATUS_OK ? mail_imap_flip_label(db, id, label, MAIL_FLIP_PERSON, err) : st;
}

/* Makes the labels these. */
static enum status labels_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct mail_row row;
    struct vec labels;
    char *copy, *rest, *label;
    enum status st = mail_row_get(db, ref, &row, err);

    if (st != STATUS_OK)
        return st;
    st = mail_message_labels(db, ref, &labels, err);
    if (st == STATUS_OK)
        st = mail_imap_note(db, ref, 0, err);
    for (size_t i = 0; i < labels.len && st == STATUS_OK; i++)
        if (!has_line(value, strv_at(&labels, i)))
            st = turn_label(db, ref, row.doc, strv_at(&labels, i), false, err);
    copy = rest = mem_strdup(value);
    while (st == STATUS_OK && (label = strsep(&rest, "\n")))
        if (*label && !has_label(&labels, label))
            st = turn_label(db, ref, row.doc, label, true, err);
    db_touch(db, WATCH_MAIL);
    free(copy);
    vec_fini(&labels);
    mail_row_fini(&row);
    return st;
}

/* ---- thread.lane, thread.due, thread.snooze, thread.muted ---- */

/* The lane's word. */
static enum status lane_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    struct mail_thread t;
    enum status st = mail_thread_get(db, ref, &t, err);

    str_puts(out, mail_lane_word(t.lane));
    mail_thread_fini(&t);
    return st;
}

/* Sets the lane by its word. */
static enum status lane_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    enum mail_lane lane;

    if (!mail_lane_parse(value, &lane))
        return error_set(err, STATUS_USAGE, _("\"%s\" is not a lane"), value);
    return mail_thread_set_lane(db, ref, lane, err);
}

/* The day or "". */
static enum status due_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    struct mail_thread t;
    enum status st = mail_thread_get(db, ref, &t, err);

    str_puts(out, t.due ? t.due : "");
    mail_thread_fini(&t);
    return st;
}

/* Sets the day. */
static enum status due_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    return mail_thread_set_due(db, ref, value, err);
}

/* The second it comes back, "0" none. */
static enum status snooze_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    struct mail_thread t;
    enum status st = mail_thread_get(db, ref, &t, err);

    str_addf(out, "%lld", (long long)t.snooze);
    mail_thread_fini(&t);
    return st;
}

/* Sets it. */
static enum status snooze_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    int64_t until = 0;
    enum status st = value_int(value, &until, err);

    return st == STATUS_OK ? mail_thread_set_snooze(db, ref, until, err) : st;
}

/* "0" or "1" */
static enum status muted_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    struct mail_thread t;
    enum status st = mail_thread_get(db, ref, &t, err);

    str_puts(out, t.flags & DOC_MUTED ? "1" : "0");
    mail_thread_fini(&t);
    return st;
}

/* Sets it. */
static enum status muted_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    return mail_thread_set_muted(db, ref, str_eq(value, "1"), err);
}

static const struct journal_field fields[] = {
    {.name = MAIL_FIELD_FLAGS, .letter = 'm', .get = flags_get, .set = flags_set,
     .take_back = flags_take_back},
    {.name = MAIL_FIELD_FOLDER, .letter = 'm', .get = folder_get, .set = folder_set},
    {.name = MAIL_FIELD_LABELS, .letter = 'm', .get = labels_get, .set = labels_set, .label = N_("labels"),
     .take_back = labels_take_back},
    {.name = MAIL_FIELD_THREAD, .letter = 'm', .get = mail_regroup_get, .set = mail_regroup_set, .label = N_("conversation")},
    {.name = MAIL_FIELD_LANE, .letter = 't', .get = lane_get, .set = lane_set, .label = N_("lane"), .word = mail_lane_value},
    {.name = MAIL_FIELD_DUE, .letter = 't', .get = due_get, .set = due_set, .label = N_("due")},
    {.name = MAIL_FIELD_SNOOZE, .letter = 't', .get = snooze_get, .set = snooze_set},
    {.name = MAIL_FIELD_MUTED, .letter = 't', .get = muted_get, .set = muted_set},
};

/* Tells the journal how to undo what is done to mail. */
void mail_change_register(void)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        journal_register(&fields[i]);
}
