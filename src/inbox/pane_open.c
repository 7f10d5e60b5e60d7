/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_open.c - attachments to a folder, or to the program that the person's mailcap names: a private
 * copy, an argv, a question first where opening can run something. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "inbox/mailcap.h"
#include "inbox/pane_inside.h"
#include "inbox/part.h"
#include "io/child.h"
#include "io/loop.h"
#include "mail/reader.h"
#include "store/store.h"

#define STALE_SECONDS 86400
#define KEEP_MS (10 * 60 * 1000) /* a program that hands over to another has ended, its file is still needed */

/* ---- saving ---- */

static struct {
    struct pane *pane;
    int64_t message;
    int part;
} saving; /* the one question that can be open */

/* The folder an attachment is saved to. */
static void on_folder(void *state, const char *answer)
{
    struct str line = STR_INIT;
    (void)state;
    if (!answer || !*answer)
        return;
    str_addf(&line, "save m%" PRId64 " %d ", saving.message, saving.part);
    pane_words_quote(&line, answer);
    pane_run(saving.pane, str_text(&line));
    str_fini(&line);
}

/* Asks for the folder. */
void pane_part_save(struct pane *p, int64_t message, int part)
{
    struct pane_question q = {.prompt = _("save to folder"), .initial = "~/", .history = "folder",
                              .complete = "save m1 1 ", .on_answer = on_folder};
    saving.pane = p;
    saving.message = message;
    saving.part = part;
    pane_ask(p, &q);
}

/* ---- opening ---- */

struct pane_opening {
    struct pane *pane; /* NULL once the pane is gone */
    struct loop *loop;
    struct mail_reader *reader;
    struct mailcap cap;
    char *type, *name; /* own */
    char *folder, *path; /* own; of the copy, NULL before it is made */
    const struct str *raw; /* borrow; of the pane */
    int part;
    struct str said;   /* what a program with copiousoutput writes */
    struct loop_watch *timer;
    bool asked, running;
};

static struct pane_opening *asking; /* whose question of one key is open */

/* Removes the copy. */
static void remove_copy(struct pane_opening *o)
{
    char *path = o->path, *folder = o->folder;
    o->path = o->folder = NULL;
    if (path) {
        unlink(path);
        free(path);
    }
    if (folder) {
        rmdir(folder);
        free(folder);
    }
}

/* Releases it. */
static void opening_free(struct pane_opening *o)
{
    if (asking == o)
        asking = NULL;
    loop_remove(o->loop, o->timer);
    mail_reader_free(o->reader);
    remove_copy(o);
    mailcap_fini(&o->cap);
    str_fini(&o->said);
    free(o->type);
    free(o->name);
    free(o);
}

/* The pane goes; a program that runs keeps its copy. */
void pane_opening_stop(struct pane_opening *o)
{
    if (!o)
        return;
    o->pane = NULL;
    mail_reader_free(o->reader);
    o->reader = NULL;
    if (!o->running && !o->timer)
        opening_free(o);
}

/* A name for the copy: safe, and as the mailcap's template wants it. Yours. */
static char *copy_name(const struct pane_opening *o)
{
    char *safe = path_safe_name(o->name && *o->name ? o->name : "attachment");
    const char *at = o->cap.name ? strstr(o->cap.name, "%s") : NULL;
    const char *ending = at ? at + 2 : "";
    bool has = !*ending || str_ends(safe, ending);
    char *name = has ? mem_strdup(safe) : str_format("%s%s", safe, ending);
    free(safe);
    return name;
}

/* Removes copies that a crash has left behind. */
static void remove_stale(const char *runtime)
{
    DIR *all = opendir(runtime);
    struct dirent *e;
    while (all && (e = readdir(all))) {
        struct stat st;
        char *folder = path_join(runtime, e->d_name);
        DIR *inside = NULL;
        if (str_starts(e->d_name, "open-") && lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
            time(NULL) - st.st_mtime > STALE_SECONDS)
            inside = opendir(folder);
        for (struct dirent *f; inside && (f = readdir(inside));)
            unlinkat(dirfd(inside), f->d_name, 0);
        if (inside) {
            closedir(inside);
            rmdir(folder);
        }
        free(folder);
    }
    if (all)
        closedir(all);
}

/* Writes the private copy: a folder of its own 0700, the file 0600. */
static bool write_copy(struct pane_opening *o, const struct str *bytes)
{
    struct error err = ERROR_INIT;
    const char *runtime = store_paths(pane_store(o->pane))->runtime;
    remove_stale(runtime);
    o->folder = str_format("%s/open-XXXXXX", runtime);
    if (!mkdtemp(o->folder)) {
        error_set_errno(&err, errno, _("cannot make a folder for the copy"));
        pane_error(o->pane, &err);
        free(o->folder);
        o->folder = NULL;
        return false;
    }
    char *name = copy_name(o);
    o->path = path_join(o->folder, name);
    free(name);
    if (path_write_new(o->path, str_text(bytes), bytes->len, &err) == STATUS_OK)
        return true;
    pane_error(o->pane, &err);
    remove_copy(o);
    return false;
}

/* The copy is not needed any more. */
static void on_kept(void *user)
{
    struct pane_opening *o = user;
    o->timer = NULL;
    if (o->pane)
        remove_copy(o);
    else
        opening_free(o);
}

/* The program in the terminal has ended. */
static void on_left(void *state, int code)
{
    struct pane_opening *o = asking;
    (void)state;
    asking = NULL;
    if (!o)
        return;
    o->running = false;
    if (code != 0 && o->pane)
        pane_say(o->pane, _("%s ended with code %d"), strv_at(&o->cap.words, 0), code);
    remove_copy(o);
    if (!o->pane)
        opening_free(o);
}

/* What a program writes. */
static void on_said(void *user, int fd, const char *bytes, size_t n)
{
    struct pane_opening *o = user;
    if (o->cap.copious && o->said.len < TOOL_SAID_MAX && fd == 1)
        str_add(&o->said, bytes, n);
}

/* A program beside the screen has ended. */
static void on_ended(void *user, int code)
{
    struct pane_opening *o = user;
    o->running = false;
    if (o->pane && code != 0)
        pane_say(o->pane, _("%s ended with code %d"), strv_at(&o->cap.words, 0), code);
    if (o->pane && o->cap.copious && o->said.len)
        pane_view_show(o->pane, str_text(&o->said), o->said.len);
    if (o->cap.copious) {
        remove_copy(o);
        if (!o->pane)
            opening_free(o);
        return;
    }
    o->timer = loop_timer(o->loop, KEEP_MS, on_kept, o);
}

/* Starts the program. */
static void start(struct pane_opening *o, const struct str *bytes)
{
    static const struct child_events events = {.on_output = on_said, .on_exit = on_ended};
    struct error err = ERROR_INIT;
    struct vec words;
    mailcap_argv(&o->cap, o->path, o->type, &words);
    char **argv = mem_array(words.len + 1, sizeof *argv);
    for (size_t i = 0; i < words.len; i++)
        argv[i] = (char *)(uintptr_t)strv_at(&words, i);
    if (o->cap.needs_terminal && !o->cap.copious) {
        asking = o;
        o->running = pane_lend(o->pane, argv, on_left);
    } else if (child_start(o->loop, argv, o->cap.takes_file ? NULL : str_text(bytes),
                           o->cap.takes_file ? 0 : bytes->len, &events, o, &err)) {
        o->running = true;
        pane_say(o->pane, _("opened with %s"), argv[0]);
    } else {
        pane_error(o->pane, &err);
    }
    if (!o->running)
        remove_copy(o);
    free(argv);
    vec_fini(&words);
}

/* The bytes are there. */
static void on_bytes(void *user, const struct str *out, const struct error *err)
{
    struct pane_opening *o = user;
    if (!o->pane || (err && err->status == STATUS_INTERRUPTED))
        return;
    if (!out)
        pane_error(o->pane, err);
    else if (write_copy(o, out))
        start(o, out);
}

/* Takes the bytes out of the mail. */
static void take_bytes(struct pane_opening *o)
{
    o->reader = mail_reader_new(o->loop, NULL);
    mail_reader_part(o->reader, o->raw->data, o->raw->len, o->part, false, on_bytes, o);
}

/* y: it is opened although it may run something. */
static void on_sure(void *state, int key)
{
    struct pane_opening *o = asking;
    (void)state;
    asking = NULL;
    if (o && o->pane && key == 'y')
        take_bytes(o);
}

/* Opens a part with the program that the mailcap names. */
struct pane_opening *pane_part_open(struct pane *p, int64_t message, const struct mail_part *part,
                                    const struct str *raw)
{
    struct mailcap cap;
    const char *type = part_real(part);
    (void)message;
    if (!mailcap_choose(type, &cap) &&
        (str_eq(type, part->content_type) || !mailcap_choose(part->content_type, &cap))) {
        pane_say(p, _("no program for %s   a line \"%s; PROGRAM %%s\" in ~/.mailcap names one; s saves the file"),
                 type, type);
        return NULL;
    }
    struct pane_opening *o = mem_alloc(sizeof *o);
    o->pane = p;
    o->loop = pane_loop(p);
    o->cap = cap;
    o->raw = raw;
    o->part = part->number;
    o->type = mem_strdup(type);
    o->name = mem_strdup_maybe(part->name);
    if (part_runs(part) || !str_eq(part_kind(type), part_kind(part->content_type))) {
        struct str kind = STR_INIT;
        part_type(part, &kind);
        char *question = str_format(_("%s can do harm. Open it with %s?   y yes   n no"), str_text(&kind),
                                    strv_at(&o->cap.words, 0));
        asking = o;
        pane_ask_key(p, question, "yn", on_sure);
        free(question);
        str_fini(&kind);
    } else {
        take_bytes(o);
    }
    return o;
}
