/* SPDX-License-Identifier: GPL-3.0-or-later */
/* export.c - found mail as a Maildir or an mbox, byte by byte as it came */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "inbox/commands_mail.h"
#include "io/loop.h"
#include "mail/maildir.h"
#include "mail/store.h"
#include "store/search.h"

#define SLICE_MS 8

struct exporting {
    struct command_call *call; /* borrow */
    struct store *store;       /* borrow */
    char *maildir, *mbox;      /* own */
    char *part;                /* own; the mbox until it is whole: beside it, moved at the end */
    int fd;                    /* of part */
    struct vec ids;            /* int64_t, newest first */
    size_t left;               /* written from the oldest on */
    int64_t written, skipped;  /* skipped: their bodies are on the server only */
    bool stopped;
};

/* Releases it. */
static void exporting_free(void *state)
{
    struct exporting *x = state;

    if (x->fd >= 0)
        close(x->fd);
    if (x->part)
        unlink(x->part);
    free(x->part);
    free(x->maildir);
    free(x->mbox);
    vec_fini(&x->ids);
    free(x);
}

/* ---- the question: which ---- */

struct finding {
    char *query; /* own */
    struct vec ids;
};

static void finding_free(void *record)
{
    struct finding *f = record;

    free(f->query);
    vec_fini(&f->ids);
    free(f);
}

/* Notes a hit. */
static bool on_row(void *user, const struct search_row *row)
{
    struct finding *f = user;

    *(int64_t *)vec_push(&f->ids) = row->ref;
    return true;
}

/* Finds all mails of the query. */
static enum status finding_run(struct db *db, void *record, struct error *err)
{
    struct finding *f = record;
    struct search_options o = {.now = clock_now(), .limit = -1, .kinds = 1u << DOC_MAIL};

    return search_run(db, f->query, &o, on_row, f, NULL, err);
}

/* ---- writing ---- */

/* Appends one message to the mbox: a From line, lines that would be one quoted, LF ends. */
static enum status write_mbox(struct exporting *x, const struct mail_row *row, const struct str *raw,
                              struct error *err)
{
    struct str out = STR_INIT;
    time_t t = (time_t)row->date;
    struct tm tm;
    char date[40];
    size_t at = 0;
    enum status st = STATUS_OK;
    const char *sender = *row->from_address && !strpbrk(row->from_address, " \t\r\n")
                             ? row->from_address
                             : "MAILER-DAEMON";

    gmtime_r(&t, &tm);
    strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &tm);
    str_addf(&out, "From %s %s\n", sender, date);
    while (at < raw->len) {
        const char *line = raw->data + at, *nl = memchr(line, '\n', raw->len - at);
        size_t n = nl ? (size_t)(nl - line) : raw->len - at;
        at += n + 1;
        if (n >= 5 && memcmp(line, "From ", 5) == 0)
            str_putc(&out, '>');
        str_add(&out, line, n && nl && line[n - 1] == '\r' ? n - 1 : n);
        str_putc(&out, '\n');
    }
    str_putc(&out, '\n');
    if (!fd_write_all(x->fd, out.data, out.len))
        st = error_set_errno(err, errno, "%s", x->mbox);
    str_fini(&out);
    return st;
}

/* Writes one message. */
static enum status write_one(struct exporting *x, int64_t id, struct error *err)
{
    struct db *db = store_reader(x->store);
    struct mail_row row;
    struct str raw = STR_INIT;
    const unsigned kept = DOC_UNREAD | DOC_FLAGGED | DOC_REPLIED | DOC_FORWARDED;
    enum status st = mail_row_get(db, id, &row, err);

    if (st == STATUS_OK && row.flags & DOC_PARTIAL) {
        mail_row_fini(&row);
        x->skipped++;
        return STATUS_OK;
    }
    if (st == STATUS_OK)
        st = mail_message_raw(db, id, &raw, err);
    if (st == STATUS_OK && x->maildir)
        st = mail_maildir_put(x->maildir, raw.data, raw.len, row.flags & kept, row.date, err);
    else if (st == STATUS_OK)
        st = write_mbox(x, &row, &raw, err);
    x->written += st == STATUS_OK;
    str_fini(&raw);
    mail_row_fini(&row);
    return st;
}

/* All is written: it becomes durable, and the mbox gets its name. */
static enum status close_target(struct exporting *x, struct error *err)
{
    if (x->maildir)
        return x->written ? mail_maildir_flush(x->maildir, err) : STATUS_OK;
    if (fsync(x->fd) < 0)
        return error_set_errno(err, errno, "%s", x->part);
    return path_name_new(x->part, x->mbox, err);
}

/* Writes for a slice of time. */
static void write_some(void *user)
{
    struct exporting *x = user;
    int64_t until = clock_mono_ms() + SLICE_MS;
    struct error err = ERROR_INIT;

    while (x->left && !x->stopped && clock_mono_ms() < until) {
        x->left--;
        if (write_one(x, *(int64_t *)vec_at(&x->ids, x->left), &err) != STATUS_OK) {
            command_end(x->call, &err);
            return;
        }
    }
    command_progress(x->call, x->written, (int64_t)x->ids.len, _("exporting"));
    if (x->left && !x->stopped) {
        loop_post(store_loop(x->store), write_some, x);
        return;
    }
    if (x->stopped)
        error_set(&err, STATUS_INTERRUPTED, _("stopped after %" PRId64 " messages"), x->written);
    else
        (void)!close_target(x, &err);
    if (!error_is(&err) && x->skipped)
        command_warn(x->call, P_("%" PRId64 " mail is not there as a whole: sync fetches it first",
                                 "%" PRId64 " mails are not there as a whole: sync fetches them first",
                                 x->skipped), x->skipped);
    if (!error_is(&err)) {
        struct json *o = json_object();
        const char *where = x->maildir ? x->maildir : x->mbox;
        char *text = str_format(P_("%" PRId64 " message in %s", "%" PRId64 " messages in %s",
                                   x->written), x->written, where);
        json_set_int(o, "exported", x->written);
        json_set_int(o, "skipped", x->skipped);
        json_set_str(o, "path", where);
        command_result(x->call, o, text);
        free(text);
    }
    command_end(x->call, &err);
}

/* Stops behind the message under way. */
static void on_cancel(struct command_call *c)
{
    struct exporting *x = command_state(c);

    x->stopped = true;
}

/* The ids are there: opens the target and begins. */
static void on_found(void *user, void *record, const struct error *err)
{
    struct exporting *x = user;
    struct finding *f = record;
    struct error failed = *err;

    if (!error_is(&failed)) {
        vec_fini(&x->ids);
        x->ids = f->ids;
        vec_init(&f->ids, sizeof(int64_t), NULL);
        x->left = x->ids.len;
    }
    if (!error_is(&failed) && command_is_dry(x->call)) {
        struct json *o = json_object();
        for (size_t i = 0; i < x->ids.len; i++)
            x->skipped += mail_message_is_partial(store_reader(x->store), *(int64_t *)vec_at(&x->ids, i));
        json_set_int(o, "exported", (int64_t)x->ids.len - x->skipped);
        json_set_int(o, "skipped", x->skipped);
        json_set_str(o, "path", x->maildir ? x->maildir : x->mbox);
        json_set_bool(o, "dry_run", true);
        command_result(x->call, o, NULL);
        command_end(x->call, NULL);
        return;
    }
    if (!error_is(&failed) && x->mbox) {
        x->part = str_format("%s.XXXXXX", x->mbox);
        if (path_is_new(x->mbox, &failed) == STATUS_OK && (x->fd = mkostemp(x->part, O_CLOEXEC)) < 0)
            error_set_errno(&failed, errno, "%s", x->part);
        if (x->fd < 0) {
            free(x->part);
            x->part = NULL;
        }
    }
    if (error_is(&failed)) {
        command_end(x->call, &failed);
        return;
    }
    write_some(x);
}

/* `export QUERY --maildir DIR | --mbox FILE` */
enum command_result inbox_export_run(struct command_call *c)
{
    static const struct store_question question = {
        .name = "mail.export", .run = finding_run, .free = finding_free};
    const char *maildir = command_value(c, "maildir"), *mbox = command_value(c, "mbox");
    struct exporting *x;
    struct finding *f;

    if (!maildir == !mbox)
        return command_usage(c, _("export needs --maildir DIR or --mbox FILE"));
    x = mem_alloc(sizeof *x);
    x->call = c;
    x->store = command_store(c);
    x->fd = -1;
    x->maildir = maildir ? path_expand(maildir) : NULL;
    x->mbox = mbox ? path_expand(mbox) : NULL;
    vec_init(&x->ids, sizeof(int64_t), NULL);
    command_set_state(c, x, exporting_free);
    command_on_cancel(c, on_cancel);
    f = mem_alloc(sizeof *f);
    f->query = mem_strdup(command_text(c, 0));
    vec_init(&f->ids, sizeof(int64_t), NULL);
    store_ask(x->store, &question, f, on_found, x);
    return COMMAND_WAIT;
}
