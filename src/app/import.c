/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import.c - the command `import`: files → intake → store
 *
 * The pump reads files in the loop for as long as the intake has room and a slice of time lasts;
 * parsing and inserting go on beside it. Importers of other parts (notes, transcripts) take one
 * file at a time. At the end everything is flushed, journalled as one batch, and the full-text
 * index is waited for. On the screen the command runs as a child program, so that nothing here
 * costs a key. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/import_child.h"
#include "app/import_kind.h"
#include "app/import_walk.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "command/hook.h"
#include "io/loop.h"
#include "mail/box.h"
#include "mail/folder.h"
#include "mail/intake.h"
#include "mail/maildir.h"
#include "mail/store.h"
#include "store/job.h"
#include "store/journal.h"

#define SLICE_MS 8
#define BEAT_MS 1000        /* progress of the job row */
#define INDEX_LOOK_MS 20
#define INDEX_WAIT_FROM 2000 /* fewer rows are indexed when the store closes */
#define NOTE_MOST (16u << 20)
#define HEAD 4096

struct import {
    struct command_call *call; /* borrow */
    struct store *store;       /* borrow */
    struct loop *loop;         /* borrow */
    struct mail_intake *intake;
    struct import_walk *walk;
    const char *as, *account, *folder; /* borrow */
    struct mail_box *box; /* the mbox under way */
    char *box_name, *box_folder;
    int box_number;
    int64_t horizon;
    struct str bytes, head;
    int64_t added, duplicates, damaged, failed, ignored, messages, notes;
    int64_t start_ms;
    struct job_claim job;
    struct loop_watch *timer;
    struct vec dry; /* int64_t: hashes seen, dry run */
    bool dry_run, posted, importing, exhausted, stopped;
    struct error broken; /* what ended it early (disk full) */
};

/* Releases the state of the call. */
static void import_free(void *state)
{
    struct import *im = state;

    loop_remove(im->loop, im->timer);
    mail_intake_free(im->intake);
    import_walk_free(im->walk);
    mail_box_close(im->box);
    free(im->box_name);
    free(im->box_folder);
    str_fini(&im->bytes);
    str_fini(&im->head);
    vec_fini(&im->dry);
    free(im);
}

/* A file that could not be read. */
static void count_failed(struct import *im, const char *name, const struct error *err)
{
    im->failed++;
    if (name)
        command_warn(im->call, "%s: %s", name, err->text);
    else
        command_warn(im->call, "%s", err->text);
}

/* ---- one mail ---- */

/* Has a dry run met these bytes already, here or in the store? */
static bool dry_known(struct import *im, const void *bytes, size_t n)
{
    unsigned char hash[MAIL_HASH];
    int64_t key;
    size_t low = 0, high = im->dry.len;

    mail_hash(bytes, n, hash);
    memcpy(&key, hash, sizeof key);
    while (low < high) { /* kept sorted */
        size_t middle = (low + high) / 2;
        if (*(int64_t *)vec_at(&im->dry, middle) < key)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < im->dry.len && *(int64_t *)vec_at(&im->dry, low) == key)
        return true;
    *(int64_t *)vec_insert(&im->dry, low) = key;
    return mail_find_hash(store_reader(im->store), hash) != 0;
}

/* Hands one mail over. */
static void put(struct import *im, const struct mail_intake_item *item, const void *bytes, size_t n)
{
    if (im->dry_run) {
        bool known = dry_known(im, (const char *)bytes + item->start, item->len ? item->len : n);
        im->duplicates += known;
        im->added += !known;
        im->messages += !known;
        return;
    }
    mail_intake_put(im->intake, bytes, n, item);
}

/* What became of one mail. */
static void on_item(void *user, const struct mail_intake_result *r)
{
    struct import *im = user;

    if (r->error && r->error->status == STATUS_FULL) { /* said once, at the end: hundreds may be under way */
        im->failed++;
        im->broken = *r->error;
    } else if (r->error) {
        count_failed(im, r->name, r->error);
    } else if (r->duplicate) {
        im->duplicates++;
    } else if (r->damaged) {
        im->damaged++;
        im->messages++;
        command_warn(im->call, _("%s: damaged, kept as m%" PRId64 " as far as readable: %s"), r->name,
                     r->id, r->why);
    } else {
        im->added++;
        im->messages++;
    }
}

/* The next message of the mbox under way. */
static void step_box(struct import *im)
{
    struct error err = ERROR_INIT;
    struct mail_box_item found;
    enum status st = mail_box_next(im->box, MAIL_SIZE_MOST, &im->bytes, &found, &err);
    char *name = str_format("%s:%d", im->box_name, ++im->box_number);
    struct mail_intake_item item = {
        .name = name,
        .account = im->account,
        .folder = im->box_folder,
        .flags = found.flags,
        .received = found.received,
        .horizon = im->horizon,
    };

    if (st == STATUS_CORRUPT)
        command_warn(im->call, "%s: %s", im->box_name, err.text);
    if (st == STATUS_OK && found.alone) { /* kept as it came, From line included */
        item.start = found.start;
        item.len = found.len;
        put(im, &item, im->bytes.data, im->bytes.len);
    } else if ((st == STATUS_OK || st == STATUS_CORRUPT) && found.len) {
        put(im, &item, im->bytes.data + found.start, found.len);
    }
    if (st == STATUS_LIMIT)
        count_failed(im, name, &err);
    free(name);
    if (st == STATUS_NO_SUCH || st == STATUS_CORRUPT) {
        mail_box_close(im->box);
        im->box = NULL;
    }
}

/* Begins an mbox. */
static void open_box(struct import *im, const struct import_file *f, struct mail_box *box /* taken */)
{
    char *role = im->folder ? NULL : import_walk_role_name(f->path);

    im->box = box;
    im->box_number = 0;
    free(im->box_name);
    free(im->box_folder);
    im->box_name = mem_strdup(f->path);
    im->box_folder = role ? role : mem_strdup(f->folder);
}

/* ---- one file ---- */

static void pump(void *user);

/* Goes on in the loop's next turn. */
static void pump_soon(struct import *im)
{
    if (im->posted)
        return;
    im->posted = true;
    loop_post(im->loop, pump, im);
}

/* An importer of another part is done. */
static void imported(void *user, const struct hook_import_result *r, const struct error *err)
{
    struct import *im = user;

    im->importing = false;
    if (r && !(err && error_is(err))) {
        im->added += r->added;
        im->notes += r->added + r->damaged;
        im->duplicates += r->duplicates;
        im->damaged += r->damaged;
        im->failed += r->failed;
    } else {
        count_failed(im, NULL, err);
    }
    pump_soon(im);
}

/* Gives a file to another part. */
static void run_importer(struct import *im, const struct hook_import *h, const struct import_file *f)
{
    if (im->dry_run) {
        const char *bytes = im->bytes.data ? im->bytes.data : "";
        bool known = dry_known(im, bytes, im->bytes.len);
        known = known || (h->known && h->known(im->store, bytes, im->bytes.len));
        im->duplicates += known;
        im->added += !known;
        im->notes += !known;
        return;
    }
    im->importing = true;
    h->run(im->store, f->path, im->bytes.data ? im->bytes.data : "", im->bytes.len, imported, im);
}

/* The mail of a file that was read whole. */
static void put_file(struct import *im, const struct import_file *f, const struct stat *stat)
{
    const char *slash = f->name ? strchr(f->name, '/') : NULL;
    struct mail_intake_item item = {
        .name = f->path,
        .account = im->account,
        .folder = f->folder,
        .flags = DOC_UNREAD,
        .received = stat->st_mtime,
        .horizon = im->horizon,
    };

    if (slash)
        item.flags = mail_maildir_flags(slash + 1, str_starts(f->name, "new/"));
    put(im, &item, im->bytes.data, im->bytes.len);
}

/* Reads the rest of a plain file behind what im->bytes holds. */
static enum status read_rest(struct import *im, int fd, const struct stat *stat, size_t max,
                             struct error *err)
{
    if ((uint64_t)stat->st_size > max)
        return error_set(err, STATUS_LIMIT, _("larger than %zu MB"), max >> 20);
    str_reserve(&im->bytes, (size_t)stat->st_size + 1);
    for (;;) {
        char chunk[16384];
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, errno, _("cannot be read"));
        if (got == 0)
            return STATUS_OK;
        if (im->bytes.len + (size_t)got > max)
            return error_set(err, STATUS_LIMIT, _("larger than %zu MB"), max >> 20);
        str_add(&im->bytes, chunk, (size_t)got);
    }
}

/* A stream: gzip, mbox or stdin. fd is taken. */
static enum status read_stream(struct import *im, int fd, const struct import_file *f,
                               const struct stat *stat, struct error *err)
{
    struct mail_box *box;
    const char *head;
    size_t n;
    struct import_guess g;
    enum status st = mail_box_open(fd, &box, err);

    if (st != STATUS_OK)
        return st;
    head = mail_box_head(box, &n);
    g = import_kind_guess(f->path, head, n, im->as, f->walked);
    if (g.kind == IMPORT_MBOX) {
        open_box(im, f, box);
        return STATUS_OK;
    }
    if (g.kind == IMPORT_NOTHING) {
        im->ignored++;
    } else {
        st = mail_box_rest(box, g.kind == IMPORT_MAIL ? MAIL_SIZE_MOST : NOTE_MOST, &im->bytes, err);
        if (st == STATUS_OK && g.kind == IMPORT_MAIL)
            put_file(im, f, stat);
        else if (st == STATUS_OK)
            run_importer(im, g.importer, f);
    }
    mail_box_close(box);
    return st;
}

/* A plain file: its head decides. fd stays the caller's. */
static enum status read_plain(struct import *im, int fd, const struct import_file *f,
                              const struct stat *stat, struct error *err)
{
    struct import_guess g = {IMPORT_MAIL, NULL};
    ssize_t got = 0;
    enum status st;

    if (!f->name) {
        char head[HEAD];
        got = pread(fd, head, sizeof head, 0);
        if (got < 0)
            return error_set_errno(err, errno, _("cannot be read"));
        if (got >= 2 && (unsigned char)head[0] == 0x1f && (unsigned char)head[1] == 0x8b)
            return read_stream(im, dup(fd), f, stat, err);
        g = import_kind_guess(f->path, head, (size_t)got, im->as, f->walked);
    }
    if (g.kind == IMPORT_MBOX)
        return read_stream(im, dup(fd), f, stat, err);
    if (g.kind == IMPORT_NOTHING || stat->st_size == 0) {
        im->ignored++;
        return STATUS_OK;
    }
    st = read_rest(im, fd, stat, g.kind == IMPORT_MAIL ? MAIL_SIZE_MOST : NOTE_MOST, err);
    if (st == STATUS_OK && g.kind == IMPORT_MAIL)
        put_file(im, f, stat);
    else if (st == STATUS_OK)
        run_importer(im, g.importer, f);
    return st;
}

/* Opens a file; another program may have renamed a mail of a Maildir meanwhile. */
static int open_file(const struct import_file *f)
{
    int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    char *found;

    if (fd >= 0 || errno != ENOENT || !f->name)
        return fd;
    found = mail_maildir_find(f->path);
    if (found)
        fd = open(found, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    else
        errno = ENOENT;
    free(found);
    return fd;
}

/* Reads one file, or begins to. */
static void step_file(struct import *im, const struct import_file *f)
{
    struct error err = ERROR_INIT;
    struct stat stat;
    enum status st = STATUS_OK;
    int fd;

    str_clear(&im->bytes);
    if (str_eq(f->path, "-")) {
        memset(&stat, 0, sizeof stat);
        stat.st_mtime = clock_now();
        st = read_stream(im, dup(STDIN_FILENO), f, &stat, &err);
        if (st != STATUS_OK)
            count_failed(im, _("standard input"), &err);
        return;
    }
    fd = open_file(f);
    if (fd < 0 && errno == ENOENT && f->walked) {
        im->ignored++; /* gone since the folder was listed */
        return;
    }
    if (fd < 0 || fstat(fd, &stat) < 0)
        st = error_set_errno(&err, errno, _("cannot be read"));
    else if (!S_ISREG(stat.st_mode) && f->walked)
        im->ignored++;
    else if (!S_ISREG(stat.st_mode))
        st = read_stream(im, dup(fd), f, &stat, &err);
    else
        st = read_plain(im, fd, f, &stat, &err);
    if (st != STATUS_OK)
        count_failed(im, f->path, &err);
    if (fd >= 0)
        close(fd);
}

/* ---- the pump ---- */

/* A folder that cannot be read. */
static void on_walk_error(void *user, const struct error *err)
{
    count_failed(user, NULL, err);
}

/* Says how far it is. */
static void progress(struct import *im)
{
    int64_t seen = im->added + im->duplicates + im->damaged + im->failed + im->ignored;
    size_t left = import_walk_left(im->walk);

    command_progress(im->call, seen, left ? seen + (int64_t)left : 0, _("importing"));
}

/* Nothing more is read: what is under way goes to its end. */
static void exhaust(struct import *im)
{
    im->exhausted = true;
    mail_box_close(im->box);
    im->box = NULL;
    mail_intake_flush(im->intake);
}

/* Reads while there is room and time. */
static void pump(void *user)
{
    struct import *im = user;
    int64_t until = clock_mono_ms() + SLICE_MS;

    im->posted = false;
    if (im->exhausted || im->importing)
        return;
    while (!im->stopped && !error_is(&im->broken) && !im->importing && mail_intake_room(im->intake)) {
        struct import_file f;
        if (clock_mono_ms() >= until) {
            progress(im);
            pump_soon(im);
            return;
        }
        if (im->box) {
            step_box(im);
        } else if (import_walk_next(im->walk, &f, on_walk_error, im)) {
            step_file(im, &f);
        } else {
            exhaust(im);
            return;
        }
    }
    progress(im);
    if ((im->stopped || error_is(&im->broken)) && !im->importing)
        exhaust(im);
}

/* The intake has room again. */
static void on_room(void *user)
{
    struct import *im = user;

    if (!im->posted)
        pump(im);
}

/* ---- the end ---- */

/* Prints what was done and ends. */
static void report(struct import *im)
{
    struct json *o = json_object();
    int64_t seen = im->added + im->duplicates + im->damaged + im->failed + im->ignored;
    double seconds = (double)(clock_mono_ms() - im->start_ms) / 1000;
    struct error err = im->broken;
    char *text;

    json_set_int(o, "seen", seen);
    json_set_int(o, "added", im->added);
    json_set_int(o, "duplicates", im->duplicates);
    json_set_int(o, "damaged", im->damaged);
    json_set_int(o, "failed", im->failed);
    json_set_int(o, "ignored", im->ignored);
    json_set_int(o, "messages", im->messages);
    json_set_int(o, "notes", im->notes);
    json_set_real(o, "seconds", seconds);
    if (im->dry_run)
        json_set_bool(o, "dry_run", true);
    text = str_format(_("%" PRId64 " seen: %" PRId64 " added, %" PRId64 " duplicates, %" PRId64
                        " damaged, %" PRId64 " failed, %" PRId64 " ignored (%.1f s)"),
                      seen, im->added, im->duplicates, im->damaged, im->failed, im->ignored, seconds);
    command_result(im->call, o, text);
    free(text);
    if (!error_is(&err) && im->stopped) {
        error_set(&err, STATUS_INTERRUPTED, _("stopped: what was read is kept"));
        error_hint(&err, _("the same import goes on where it stopped; nothing comes in twice"));
    } else if (!error_is(&err) && im->failed) {
        error_set(&err, STATUS_FAILED, P_("%" PRId64 " file failed", "%" PRId64 " files failed",
                                          im->failed), im->failed);
    }
    command_end(im->call, &err);
}

/* Waits until the index has caught up. */
static void await_index(void *user)
{
    struct import *im = user;
    int64_t left = db_get_int(store_reader(im->store),
                              "SELECT count(*) FROM (SELECT 1 FROM doc_dirty LIMIT 100000)", 0);

    im->timer = NULL;
    if (left < INDEX_WAIT_FROM || im->stopped) {
        report(im);
        return;
    }
    command_progress(im->call, im->messages > left ? im->messages - left : 0, im->messages,
                     _("indexing"));
    im->timer = loop_timer(im->loop, INDEX_LOOK_MS, await_index, im);
}

/* Own mail is marked. */
static void on_marked(void *user, const struct error *err)
{
    (void)err;
    await_index(user);
}

/* The journal's record of an import. */
struct closing {
    char *what; /* own */
    struct job_claim job;
    bool stopped;
    int64_t added;
};

/* Releases it. */
static void closing_free(void *record)
{
    struct closing *c = record;

    free(c->what);
    free(c);
}

/* One batch in the journal, the job finished. */
static enum status closing_run(struct db *db, void *record, struct error *err)
{
    struct closing *c = record;
    struct journal *j = NULL;
    int64_t batch;
    enum status st = STATUS_OK;

    if (c->added) {
        st = journal_begin(db, N_("import"), "import", c->what, &j, err);
        if (st != STATUS_OK)
            return st;
        st = journal_note(j, "import", c->added, c->what, err);
        if (st != STATUS_OK) {
            journal_abandon(j);
            return st;
        }
        st = journal_end(j, &batch, err);
    }
    if (st == STATUS_OK && c->job.id)
        st = job_finish(db, c->job, c->stopped ? "cancelled" : "done", c->what, "", err);
    return st == STATUS_STALE ? STATUS_OK : st;
}

static const struct store_op closing_op = {
    .name = "import.end", .klass = OP_BULK, .run = closing_run, .free = closing_free};

/* What went into an account that lies in a Maildir has its files. */
static void on_pushed(void *user, int64_t pushed, const struct error *err)
{
    struct import *im = user;

    (void)pushed;
    if (error_is(err))
        command_warn(im->call, _("the Maildir could not be changed yet: %s"), err->text);
    mail_learn_me(im->store, on_marked, im);
}

/* The journal is written. */
static void on_closed(void *user, void *record, const struct error *err)
{
    struct import *im = user;

    (void)record;
    if (error_is(err) && !error_is(&im->broken))
        im->broken = *err;
    mail_maildir_push(im->store, on_pushed, im);
}

/* Everything is committed. */
static void on_empty(void *user)
{
    struct import *im = user;
    struct closing *c;

    loop_remove(im->loop, im->timer);
    im->timer = NULL;
    if (im->dry_run) {
        report(im);
        return;
    }
    c = mem_alloc(sizeof *c);
    c->what = str_format("%" PRId64 " messages, %" PRId64 " notes", im->messages, im->notes);
    c->job = im->job;
    c->stopped = im->stopped;
    c->added = im->messages + im->notes;
    store_post(im->store, &closing_op, c, on_closed, im);
}

/* ---- the job row: what `job list` and an open screen see ---- */

struct beat {
    struct job_claim job;
    int64_t done, total;
};

/* Takes the job, or tells how far it is. */
static enum status beat_run(struct db *db, void *record, struct error *err)
{
    struct beat *b = record;
    enum status st;

    if (!b->job.id)
        return job_start(db, N_("import"), "", &b->job, err);
    st = job_progress(db, b->job, b->done, b->total, "", err);
    return st == STATUS_STALE ? STATUS_OK : st;
}

static const struct store_op beat_op = {
    .name = "import.beat", .klass = OP_STREAM, .run = beat_run, .free = free};

/* The first beat brings the claim. */
static void on_beat(void *user, void *record, const struct error *err)
{
    struct import *im = user;

    if (!error_is(err))
        im->job = ((struct beat *)record)->job;
}

/* Tells how far it is once a second. */
static void beat(void *user)
{
    struct import *im = user;
    struct beat *b = mem_alloc(sizeof *b);

    b->job = im->job;
    b->done = im->added + im->duplicates + im->damaged + im->failed + im->ignored;
    b->total = b->done + (int64_t)import_walk_left(im->walk);
    im->timer = loop_timer(im->loop, BEAT_MS, beat, im);
    store_post(im->store, &beat_op, b, on_beat, im);
}

/* ---- the command ---- */

/* C-c, SIGINT: what is under way is finished. */
static void on_cancel(struct command_call *c)
{
    struct import *im = command_state(c);

    im->stopped = true;
    if (!im->exhausted && !im->importing)
        pump_soon(im);
}

/* Threads whose newest mail is older than this start in `done`. */
static int64_t horizon(void)
{
    const struct option *o = option_find("triage.horizon");
    int64_t ms = o ? option_int("triage.horizon") : INT64_C(30) * 86400 * 1000;

    return clock_now() - ms / 1000;
}

/* `import PATH…` */
static enum command_result run(struct command_call *c)
{
    static const struct mail_intake_events events = {
        .on_item = on_item, .on_room = on_room, .on_empty = on_empty};
    struct error err = ERROR_INIT;
    struct import *im;

    if (command_value(c, "as") && !import_kind_is_word(command_value(c, "as")))
        return command_usage(c, _("--as takes mail, note, transcript or calendar"));
    const char *folder = command_value(c, "folder");
    if (folder && (!*folder || strpbrk(folder, "\n\r")))
        return command_usage(c, _("\"%s\" cannot be a folder's name"), folder);
    if (command_is_screen(c))
        return import_child_run(c);
    im = mem_alloc(sizeof *im);
    im->call = c;
    im->store = command_store(c);
    im->loop = command_loop(c);
    im->as = command_value(c, "as");
    im->account = command_value(c, "account");
    im->folder = folder;
    im->dry_run = command_is_dry(c);
    im->horizon = horizon();
    im->start_ms = clock_mono_ms();
    vec_init(&im->dry, sizeof(int64_t), NULL);
    im->walk = import_walk_new(im->folder);
    im->intake = mail_intake_new(im->store, &events, im);
    command_set_state(c, im, import_free);
    for (size_t i = 0; i < command_argc(c); i++)
        if (import_walk_add(im->walk, command_arg(c, i), &err) != STATUS_OK)
            return command_fail(c, &err);
    command_on_cancel(c, on_cancel);
    if (!im->dry_run)
        beat(im);
    pump_soon(im);
    return COMMAND_WAIT;
}

static const struct command_option options[] = {
    {.name = "as",
     .value = "KIND",
     .summary = N_("read every file as mail, note, transcript or calendar"),
     .complete = "=mail note transcript calendar"},
    {.name = "account", .value = "NAME", .summary = N_("the account the mail belongs to")},
    {.name = "folder",
     .value = "FOLDER",
     .summary = N_("the folder the mail goes to"),
     .complete = "folder"},
    {0},
};

const struct command import_commands[] = {
    {.name = "import",
     .args = "PATH…",
     .summary = N_("reads mail, notes and transcripts from files and folders"),
     .help = N_("Reads Maildirs (flags from the names), mbox files (gzipped too), single mails, "
                "transcripts (.vtt, .srt) and Markdown notes. What a file is, its content decides, "
                "then its name; a folder is walked; - is standard input.\n\n"
                "The same bytes are one message however often they come: a second import adds "
                "nothing. Damaged mails are kept as far as they can be read and are named. What is "
                "none of these kinds is counted as ignored; plain text in a folder becomes a note "
                "only with --as note.\n\n"
                "Conversations without a message in the last 30 days (triage.horizon) start in the "
                "lane done."),
     .flags = CMD_CHANGES | CMD_THREADS,
     .min_args = 1,
     .max_args = -1,
     .complete = "file",
     .options = options,
     .run = run},
    {0},
};
