/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_mail.c - archive and its kin, folders; the table of the commands over stored mail */
#include "inbox/commands_mail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/when.h"
#include "command/config.h"
#include "command/ids.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/maildir.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "mail/write_back.h"

/* ---- changes ---- */

/* "2 snoozed until Fri 2026-11-27 09:00" */
static char *snooze_text(long long n, int64_t until)
{
    char day[CLOCK_TEXT];
    struct tm tm;

    clock_local(until, &tm);
    return str_format(P_("%lld snoozed until %s %s %02d:%02d", "%lld snoozed until %s %s %02d:%02d",
                         n), n, clock_weekday(until), clock_day(until, day), tm.tm_hour, tm.tm_min);
}

/* What a person reads about what was named. */
static char *named_text(const struct mail_batch *b)
{
    long long n = (long long)b->done;

    if (!n)
        return mem_strdup(_("nothing to change"));
    switch (b->change) {
    case MAIL_CHANGE_ARCHIVE:
        return str_format(P_("%lld archived", "%lld archived", n), n);
    case MAIL_CHANGE_DELETE:
        return str_format(P_("%lld in the trash", "%lld in the trash", n), n);
    case MAIL_CHANGE_SPAM:
        return str_format(P_("%lld marked as spam", "%lld marked as spam", n), n);
    case MAIL_CHANGE_READ:
        return str_format(P_("%lld read", "%lld read", n), n);
    case MAIL_CHANGE_UNREAD:
        return str_format(P_("%lld unread", "%lld unread", n), n);
    case MAIL_CHANGE_FLAG:
        return str_format(P_("%lld flagged", "%lld flagged", n), n);
    case MAIL_CHANGE_UNFLAG:
        return str_format(P_("%lld no longer flagged", "%lld no longer flagged", n), n);
    case MAIL_CHANGE_MOVE:
        return b->made ? str_format(P_("%lld moved to %s, a new folder", "%lld moved to %s, a new folder", n), n, b->folder)
                       : str_format(P_("%lld moved to %s", "%lld moved to %s", n), n, b->folder);
    case MAIL_CHANGE_LABEL:
        return str_format(P_("%lld labelled", "%lld labelled", n), n);
    case MAIL_CHANGE_SPLIT:
        return str_format(P_("%lld mail is a conversation of its own now",
                             "%lld mails are a conversation of their own now", n), n);
    case MAIL_CHANGE_JOIN:
        return str_format(P_("%lld mail joined the older conversation",
                             "%lld mails joined the older conversation", n), n);
    case MAIL_CHANGE_SNOOZE:
        return snooze_text(n, b->until);
    case MAIL_CHANGE_UNSNOOZE:
        return str_format(P_("%lld back in the inbox", "%lld back in the inbox", n), n);
    case MAIL_CHANGE_MUTE:
        return str_format(P_("%lld muted: new mail does not bring it back",
                             "%lld muted: new mail does not bring them back", n), n);
    case MAIL_CHANGE_UNMUTE:
        return str_format(P_("%lld no longer muted", "%lld no longer muted", n), n);
    }
    return mem_strdup("");
}

/* The same, with the mails when a conversation had several. */
static char *change_text(const struct mail_batch *b)
{
    char *named = named_text(b), *text;

    if (!b->done || (int64_t)b->changed.len == b->done)
        return named;
    text = str_format(P_("%s, %zu mail", "%s, %zu mails", b->changed.len), named, b->changed.len);
    free(named);
    return text;
}

/* The result row; its end. */
static void tell_change(struct command_call *c, const struct mail_batch *b)
{
    struct json *o = json_object(), *ids = json_array(), *skipped = json_array();
    struct error err = ERROR_INIT;
    char *text = change_text(b), *line;
    char batch[24];

    if (b->batch) {
        snprintf(batch, sizeof batch, "j%" PRId64, b->batch);
        json_set_str(o, "batch", batch);
    }
    json_set_int(o, "changed", (int64_t)b->changed.len);
    for (size_t i = 0; i < b->changed.len; i++)
        json_push_str(ids, strv_at(&b->changed, i));
    json_set(o, "ids", ids);
    for (size_t i = 0; i < b->skipped.len; i++) {
        const struct mail_skip *s = vec_at(&b->skipped, i);
        struct json *row = json_object();
        json_set_str(row, "id", s->id);
        json_set_str(row, "why", s->why);
        json_push(skipped, row);
        if (!command_is_json(c) && !command_is_screen(c))
            command_note(c, _("%s left as it is: %s"), s->id, s->why);
    }
    json_set(o, "skipped", skipped);
    if (b->change == MAIL_CHANGE_SNOOZE)
        json_set_time(o, "until", b->until);
    if (b->dry_run)
        json_set_bool(o, "dry_run", true);
    if (command_is_screen(c))
        line = b->batch ? str_format(_("%s; u puts it back"), text) : mem_strdup(text);
    else
        line = b->batch ? str_format("%s (%s)", text, batch) : mem_strdup(text);
    command_result(c, o, line);
    if (b->missing)
        command_missing(&err, b->missing, "search");
    command_end(c, &err);
    free(text);
    free(line);
}

/* Files and servers have it: the change is told. */
static void on_written(void *user, const struct error *files, const struct error *server)
{
    struct command_call *c = user;

    if (error_is(files))
        command_warn(c, "%s", files->text);
    if (error_is(server))
        command_note(c, "%s", server->text);
    tell_change(c, command_state(c));
}

/* Hands the filled record over to the call: it outlives the operation. */
static struct mail_batch *keep(struct mail_batch *b)
{
    struct mail_batch *kept = mem_alloc(sizeof *kept);

    *kept = *b;
    memset(b, 0, sizeof *b);
    return kept;
}

/* The operation is committed. */
static void on_changed(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct mail_batch *b;

    if (error_is(err)) {
        command_end(c, err);
        return;
    }
    b = keep(record);
    command_set_state(c, b, mail_batch_free);
    if (b->batch && !command_is_screen(c))
        mail_write_back(command_store(c), command_is_offline(c), on_written, c);
    else
        tell_change(c, b);
}

/* Takes the ids of the call; an id that is no mail is a wrong use. */
static enum status take_ids(struct command_call *c, struct mail_batch *b, struct error *err)
{
    const struct vec *ids = command_ids(c);

    for (size_t i = 0; i < ids->len; i++) {
        const struct command_target *t = vec_at(ids, i);
        if (t->letter == 'm')
            *(int64_t *)vec_push(&b->messages) = t->number;
        else if (t->letter == 't')
            *(int64_t *)vec_push(&b->threads) = t->number;
        else
            return error_set(err, STATUS_USAGE, _("%c%" PRId64 " is not a mail"), t->letter,
                             t->number);
    }
    return STATUS_OK;
}

/* Posts a batch. b is taken. */
static enum command_result post(struct command_call *c, struct mail_batch *b)
{
    struct error err = ERROR_INIT;

    if (take_ids(c, b, &err) != STATUS_OK) {
        mail_batch_free(b);
        return command_fail(c, &err);
    }
    b->dry_run = command_is_dry(c);
    store_post(command_store(c), &mail_batch_op, b, on_changed, c);
    return COMMAND_WAIT;
}

/* archive */
static enum command_result run_archive(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_ARCHIVE));
}

/* delete */
static enum command_result run_delete(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_DELETE));
}

/* spam */
static enum command_result run_spam(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_SPAM));
}

/* Has any of what is meant this flag? (For keys that go back and forth.) */
static bool any_has(struct command_call *c, unsigned flag)
{
    struct db *db = store_reader(command_store(c));
    const struct vec *ids = command_ids(c);
    bool any = false;

    for (size_t i = 0; i < ids->len && !any; i++) {
        const struct command_target *t = vec_at(ids, i);
        struct error err = ERROR_INIT;
        struct mail_thread thread = {0};
        struct mail_row row = {0};
        if (t->letter == 't' && mail_thread_get(db, t->number, &thread, &err) == STATUS_OK)
            any = flag == DOC_UNREAD ? thread.unread > 0 : (thread.flags & flag) != 0;
        else if (t->letter == 'm' && mail_row_get(db, t->number, &row, &err) == STATUS_OK)
            any = (row.flags & flag) != 0;
        mail_thread_fini(&thread);
        mail_row_fini(&row);
    }
    return any;
}

/* mark-read; --toggle: unread when all is read */
static enum command_result run_read(struct command_call *c)
{
    bool unread = command_has(c, "toggle") && !any_has(c, DOC_UNREAD);

    return post(c, mail_batch_new(unread ? MAIL_CHANGE_UNREAD : MAIL_CHANGE_READ));
}

/* mark-unread */
static enum command_result run_unread(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_UNREAD));
}

/* flag; --toggle: unflags what is flagged */
static enum command_result run_flag(struct command_call *c)
{
    bool off = command_has(c, "toggle") && any_has(c, DOC_FLAGGED);

    return post(c, mail_batch_new(off ? MAIL_CHANGE_UNFLAG : MAIL_CHANGE_FLAG));
}

/* unflag */
static enum command_result run_unflag(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_UNFLAG));
}

/* thread split */
static enum command_result run_split(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_SPLIT));
}

/* thread join */
static enum command_result run_join(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_JOIN));
}

/* snooze WHEN */
static enum command_result run_snooze(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct mail_batch *b = mail_batch_new(MAIL_CHANGE_SNOOZE);

    if (when_parse(command_when(c), clock_now(), &b->until, &err) != STATUS_OK) {
        mail_batch_free(b);
        return command_fail(c, &err);
    }
    return post(c, b);
}

/* unsnooze */
static enum command_result run_unsnooze(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_UNSNOOZE));
}

/* mute; --toggle: unmutes what is muted */
static enum command_result run_mute(struct command_call *c)
{
    bool off = command_has(c, "toggle") && any_has(c, DOC_MUTED);

    return post(c, mail_batch_new(off ? MAIL_CHANGE_UNMUTE : MAIL_CHANGE_MUTE));
}

/* unmute */
static enum command_result run_unmute(struct command_call *c)
{
    return post(c, mail_batch_new(MAIL_CHANGE_UNMUTE));
}

/* move FOLDER */
static enum command_result run_move(struct command_call *c)
{
    struct mail_batch *b;

    if (strpbrk(command_arg(c, 0), "\n\r"))
        return command_usage(c, _("\"%s\" cannot be a folder's name"), command_arg(c, 0));
    b = mail_batch_new(MAIL_CHANGE_MOVE);
    b->folder = mem_strdup(command_arg(c, 0));
    return post(c, b);
}

/* label --add L --remove L */
static enum command_result run_label(struct command_call *c)
{
    const char *values[64];
    struct mail_batch *b = mail_batch_new(MAIL_CHANGE_LABEL);

    for (int k = 0; k < 2; k++) {
        size_t n = command_values(c, k ? "remove" : "add", values, 64);
        for (size_t i = 0; i < n && i < 64; i++) {
            if (!*values[i] || strpbrk(values[i], "\n\r")) {
                mail_batch_free(b);
                return command_usage(c, _("\"%s\" cannot be a label"), values[i]);
            }
            strv_push(k ? &b->remove : &b->add, values[i]);
        }
    }
    if (!b->add.len && !b->remove.len) {
        mail_batch_free(b);
        return command_usage(c, _("label needs --add LABEL or --remove LABEL"));
    }
    return post(c, b);
}

/* ---- sync ---- */

struct syncing {
    struct mail_maildir_sync *sync; /* NULL when it has ended */
    struct mail_imap_sync *imap;    /* likewise: it comes second */
    int64_t start_ms, newest, added, pushed; /* newest: id of a mail when it began */
    struct error error;             /* the first account's that failed */
};

/* One row for each folder. */
static void on_synced_folder(void *user, const struct mail_sync_folder *f)
{
    struct command_call *c = user;
    struct syncing *s = command_state(c);
    struct json *o = json_object();
    bool quiet = !f->added && !f->changed && !f->gone;
    char *text = NULL;

    if (f->pushed)
        text = str_format(_("%s/%s: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " gone, %" PRId64 " sent up"),
                          f->account, f->folder, f->added, f->changed, f->gone, f->pushed);
    else if (!quiet)
        text = str_format(_("%s/%s: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " gone"),
                          f->account, f->folder, f->added, f->changed, f->gone);
    s->pushed += f->pushed;
    json_set_str(o, "account", f->account);
    json_set_str(o, "folder", f->folder);
    json_set_int(o, "new", f->added);
    json_set_int(o, "changed", f->changed);
    json_set_int(o, "gone", f->gone);
    json_set_int(o, "pushed", f->pushed);
    json_set_real(o, "seconds", (double)(clock_mono_ms() - s->start_ms) / 1000);
    command_item(c, o, text);
    free(text);
}

/* A mail that could not be sent up or taken whole: named, and all goes on. */
static void on_sync_warning(void *user, const char *text)
{
    command_warn(user, "%s", text);
}

/* The id of the newest mail here; 0: none. */
static int64_t newest_mail(struct store *store)
{
    struct error ignored = ERROR_INIT;
    struct db_query *q = db_prepare(store_reader(store), "SELECT coalesce(max(id), 0) FROM mail_message");
    int64_t id = db_step(q) ? db_int(q, 0) : 0;
    return db_done(q, &ignored) == STATUS_OK ? id : 0;
}

/* All accounts were looked at. */
static void on_synced_imap(void *user, int64_t added, const struct error *err)
{
    struct command_call *c = user;
    struct syncing *s = command_state(c);

    s->imap = NULL;
    s->added += added;
    int64_t came = newest_mail(command_store(c)) - s->newest; /* the watch of the accounts may have fetched them meanwhile */
    if (came > s->added)
        s->added = came;
    if (error_is(err) && !error_is(&s->error))
        s->error = *err;
    if (s->pushed) {
        char *sent = str_format(P_("%lld change sent up", "%lld changes sent up", s->pushed), (long long)s->pushed);
        command_note(c, P_("%lld new mail, %s", "%lld new mails, %s", s->added), (long long)s->added, sent);
        free(sent);
    } else if (!config_accounts()->len) {
        command_note(c, "%s", _("no account yet; “setup” makes one from an address"));
    } else if (s->added || !error_is(&s->error)) {
        command_note(c, P_("%lld new mail", "%lld new mails", s->added), (long long)s->added);
    }
    command_end(c, &s->error);
}

/* The Maildirs were looked at: now the servers. */
static void on_synced(void *user, int64_t added, const struct error *err)
{
    struct command_call *c = user;
    struct syncing *s = command_state(c);
    struct mail_imap_sync_setup setup = {.account = command_arg(c, 0),
                                         .confirmed = command_is_yes(c),
                                         .wait_bodies = true,
                                         .on_warn = on_sync_warning};

    s->sync = NULL;
    s->added = added;
    s->error = *err;
    if (command_is_dry(c) && mail_imap_any())
        command_note(c, _("a dry run does not look at servers"));
    if (err->status == STATUS_INTERRUPTED || command_is_offline(c) || command_is_dry(c)) {
        on_synced_imap(c, 0, err);
        return;
    }
    s->imap = mail_imap_sync(command_store(c), &setup, on_synced_folder, on_synced_imap, c);
}

/* C-c. */
static void cancel_sync(struct command_call *c)
{
    struct syncing *s = command_state(c);

    if (s->sync)
        mail_maildir_cancel(s->sync);
    else if (s->imap)
        mail_imap_sync_cancel(s->imap);
}

/* sync [ACCOUNT] */
static enum command_result run_sync(struct command_call *c)
{
    const char *account = command_arg(c, 0);
    struct error err = ERROR_INIT;
    struct syncing *s;

    if (account && !config_account(account)) {
        error_set(&err, STATUS_NO_SUCH, _("there is no account %s"), account);
        error_hint(&err, _("“%s” lists those there are"), "account list");
        return command_fail(c, &err);
    }
    s = mem_alloc(sizeof *s);
    s->start_ms = clock_mono_ms();
    s->newest = newest_mail(command_store(c));
    command_set_state(c, s, free);
    command_on_cancel(c, cancel_sync);
    mail_imap_watch_kick();
    s->sync = mail_maildir_sync(command_store(c), account, on_synced_folder, on_synced, c);
    if (command_is_dry(c))
        mail_maildir_only_look(s->sync);
    return COMMAND_WAIT;
}

/* ---- the table ---- */

static const struct command_option show_options[] = {
    {.name = "raw", .summary = N_("the stored bytes, exactly; not to a terminal")},
    {.name = "text", .summary = N_("the text alone")},
    {.name = "headers", .summary = N_("the header block as it came")},
    {.name = "parts", .summary = N_("a line for each part")},
    {.name = "part", .value = "N", .summary = N_("one part, decoded")},
    {0},
};

static const struct command_option save_options[] = {
    {.name = "all", .summary = N_("every attachment")},
    {0},
};

static const struct command_option toggle_options[] = {
    {.name = "toggle", .summary = N_("the other way when it is so already")},
    {0},
};

static const struct command_option label_options[] = {
    {.name = "add",
     .value = "LABEL",
     .summary = N_("puts a label on"),
     .repeats = true,
     .complete = "label"},
    {.name = "remove",
     .value = "LABEL",
     .summary = N_("takes a label away"),
     .repeats = true,
     .complete = "label"},
    {0},
};

static const struct command_option export_options[] = {
    {.name = "maildir", .value = "DIR", .summary = N_("adds the mails to a Maildir"), .complete = "dir"},
    {.name = "mbox", .value = "FILE", .summary = N_("writes a new mbox file"), .complete = "file"},
    {0},
};

#define PLACES (KEYS_INBOX | KEYS_THREAD)
#define KEY(...) (const struct command_key[]){{.contexts = PLACES, __VA_ARGS__}, {0}}
#define CHANGE(NAME, SUMMARY, RUN, KEYS, ...)                                                      \
    {.name = NAME, .args = "ID…", .summary = SUMMARY, .flags = CMD_CHANGES | CMD_IDS,              \
     .max_args = -1, .complete = "id", .keys = KEYS, .run = RUN, __VA_ARGS__}

const struct command inbox_mail_commands[] = {
    {.name = "show",
     .args = "ID",
     .summary = N_("shows a mail"),
     .help = N_("Of a conversation, its newest mail. Nothing remote is fetched. --raw gives the "
                "stored bytes exactly and is refused on a terminal, where bytes may act."),
     .min_args = 1,
     .max_args = 1,
     .complete = "id",
     .options = show_options,
     .run = inbox_show_run},
    {.name = "thread",
     .args = "ID",
     .summary = N_("shows all mails of a conversation, oldest first"),
     .min_args = 1,
     .max_args = 1,
     .complete = "id",
     .run = inbox_thread_run},
    {.name = "thread split",
     .args = "ID…",
     .summary = N_("makes a mail and its answers a conversation of their own"),
     .help = N_("Nothing joins them again but thread join; an answer to one of them goes with them. "
                "One change, undone by undo. On the screen without an id: the mail on top of the "
                "reader."),
     .flags = CMD_CHANGES | CMD_IDS,
     .max_args = -1,
     .complete = "id",
     .run = run_split},
    {.name = "thread join",
     .args = "ID ID…",
     .summary = N_("makes conversations one"),
     .help = N_("The oldest id stays, the others lead to it. One change, undone by undo. On the "
                "screen without ids: the marked ones."),
     .flags = CMD_CHANGES | CMD_IDS,
     .max_args = -1,
     .complete = "id",
     .run = run_join},
    {.name = "save",
     .args = "ID [PART] DIR",
     .summary = N_("saves an attachment to a folder"),
     .help = N_("The name is made safe and nothing is overwritten: a second file of the same name "
                "becomes \"name (2)\". With --all no part is given."),
     .flags = CMD_CHANGES,
     .min_args = 2,
     .max_args = 3,
     .complete = "id",
     .options = save_options,
     .run = inbox_save_run},
    CHANGE("archive", N_("moves mail out of the inbox into the archive"), run_archive,
           KEY(.keys = "a", .hint = N_("archive"), .rank = 3), .options = NULL),
    {.name = "delete",
     .args = "ID…",
     .summary = N_("moves mail to the trash"),
     .flags = CMD_CHANGES | CMD_IDS | CMD_NO_ABBREV,
     .max_args = -1,
     .complete = "id",
     .keys = KEY(.keys = "d", .hint = N_("delete"), .rank = 9),
     .run = run_delete},
    {.name = "spam",
     .args = "ID…",
     .summary = N_("moves mail to the spam folder"),
     .flags = CMD_CHANGES | CMD_IDS | CMD_NO_ABBREV,
     .max_args = -1,
     .complete = "id",
     .keys = KEY(.keys = "!", .hint = N_("spam"), .rank = 12),
     .run = run_spam},
    CHANGE("mark-read", N_("marks mail as read"), run_read,
           KEY(.keys = "i", .args = "--toggle", .hint = N_("read"), .rank = 11),
           .options = toggle_options),
    CHANGE("mark-unread", N_("marks mail as unread"), run_unread, NULL, .options = NULL),
    CHANGE("flag", N_("flags mail"), run_flag,
           KEY(.keys = "F", .args = "--toggle", .hint = N_("flag"), .rank = 10),
           .options = toggle_options),
    CHANGE("unflag", N_("takes the flag away"), run_unflag, NULL, .options = NULL),
    CHANGE("label", N_("puts labels on mail or takes them away"), run_label,
           KEY(.keys = "+", .hint = N_("label"), .rank = 14),
           .options = label_options),
    {.name = "move",
     .args = "FOLDER ID…",
     .summary = N_("moves mail to a folder"),
     .help = N_("The folder is looked for in the mail's own account; ACCOUNT/FOLDER names another. "
                "One that does not exist is made."),
     .flags = CMD_CHANGES | CMD_IDS,
     .min_args = 1,
     .max_args = -1,
     .complete = "folder",
     .keys = KEY(.keys = "m", .hint = N_("move"), .rank = 13),
     .run = run_move},
    {.name = "snooze",
     .args = "WHEN ID…",
     .summary = N_("hides conversations until a time, then brings them back unread"),
     .help = N_("WHEN is a time as people write it: tomorrow, fri 9:00, +3d, 2026-12-01 14:00, "
                "明天上午, 下周三 15:00; without a time of day it is the morning. One that has passed is "
                "refused. New mail in the conversation brings it back at once. In an account with "
                "folders on a server the mails lie in the folder Snoozed meanwhile; moving one back "
                "to the inbox there ends it too. A screen or “work” brings them back on time; else "
                "they come at the next start."),
     .flags = CMD_CHANGES | CMD_IDS | CMD_WHEN,
     .min_args = 1,
     .max_args = -1,
     .complete = "id",
     .keys = KEY(.keys = "s", .hint = N_("snooze"), .rank = 4),
     .run = run_snooze},
    CHANGE("unsnooze", N_("brings snoozed conversations back now"), run_unsnooze, NULL,
           .options = NULL),
    {.name = "mute",
     .args = "ID…",
     .summary = N_("keeps conversations out of the inbox, new mail in them too"),
     .help = N_("They are found by is:muted and listed under “muted” in the side list (b). mute "
                "--toggle or unmute takes it back."),
     .flags = CMD_CHANGES | CMD_IDS,
     .max_args = -1,
     .complete = "id",
     .keys = KEY(.keys = "M", .args = "--toggle", .hint = N_("mute"), .rank = 15),
     .options = toggle_options,
     .run = run_mute},
    CHANGE("unmute", N_("lets conversations into the inbox again"), run_unmute, NULL,
           .options = NULL),
    {.name = "unsubscribe",
     .args = "ID",
     .summary = N_("leaves a mailing list the way its mail says"),
     .help = N_("With one click where the mail offers it (RFC 8058): one POST to the https address "
                "of its header, nothing else, and only after a yes, for it tells the list that you "
                "read its mail; nobody has checked who sent the mail. Else a draft to the list's "
                "address that waits for your approval, else the address of its page is shown. It is "
                "written in the journal and cannot be undone."),
     .flags = CMD_CHANGES | CMD_IDS,
     .max_args = 1,
     .complete = "id",
     .keys = KEY(.keys = "U", .hint = N_("unsubscribe"), .rank = 16),
     .run = inbox_unsubscribe_run},
    {.name = "folder list",
     .summary = N_("lists the folders of all accounts"),
     .run = inbox_folders_run},
    {.name = "account list",
     .summary = N_("lists the accounts: servers, folders, unread mail, last sync"),
     .help = N_("Accounts are lines of bureaurc. Mail that was imported lies in the account “local”; "
                "one that is no longer in bureaurc keeps its mail and is of kind local, too."),
     .run = inbox_accounts_run},
    {.name = "sync",
     .args = "[ACCOUNT]",
     .summary = N_("looks at the accounts' servers and Maildirs, both ways"),
     .help = N_("New mail comes in, flags and moves of other programs are taken over, and what was "
                "changed here is written back. On the screen and with “work” this happens by "
                "itself. When many mails are gone from a server at once they are kept here until "
                "--yes says that it is right."),
     .flags = CMD_CHANGES,
     .max_args = 1,
     .keys = (const struct command_key[]){{.contexts = KEYS_INBOX | KEYS_THREAD,
                                           .keys = "$",
                                           .hint = N_("sync"),
                                           .rank = 30},
                                          {0}},
     .complete = "account",
     .run = run_sync},
    {.name = "export",
     .args = "QUERY",
     .summary = N_("writes found mail to a Maildir or an mbox file"),
     .help = N_("The bytes are those that came in. In an mbox, lines that begin with \"From \" get a "
                "\">\" in front, and lines end in LF. A file is never overwritten."),
     .flags = CMD_CHANGES | CMD_TEXT,
     .min_args = 1,
     .max_args = -1,
     .options = export_options,
     .run = inbox_export_run},
    {0},
};
