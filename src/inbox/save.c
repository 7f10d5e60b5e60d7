/* SPDX-License-Identifier: GPL-3.0-or-later */
/* save.c - attachments to files: safe names, nothing overwritten (safety.md 13) */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "inbox/commands_mail.h"
#include "inbox/part.h"
#include "mail/reader.h"
#include "mail/store.h"

#define SAME_NAME_MOST 1000

struct saving {
    struct command_call *call; /* borrow */
    struct mail_reader *reader;
    struct mail_message *m;
    struct str raw;
    char *directory;  /* own */
    struct vec parts; /* int: numbers still to be saved, in order */
    size_t at;
    int saved;
    struct error error; /* of one file: the rest is still saved */
};

/* Releases it. */
static void saving_free(void *state)
{
    struct saving *s = state;

    mail_reader_free(s->reader);
    if (s->m)
        mail_message_free(s->m);
    str_fini(&s->raw);
    free(s->directory);
    vec_fini(&s->parts);
    free(s);
}

/* The part under way. */
static const struct mail_part *current(const struct saving *s)
{
    int number = *(int *)vec_at(&s->parts, s->at);

    for (size_t i = 0; i < s->m->parts.len; i++) {
        const struct mail_part *p = vec_at(&s->m->parts, i);
        if (p->number == number)
            return p;
    }
    return NULL;
}

/* An ending for a part without a name. */
static const char *ending(const char *type)
{
    static const struct {
        const char *type, *ending;
    } known[] = {
        {"text/plain", ".txt"},      {"text/html", ".html"},       {"text/calendar", ".ics"},
        {"image/png", ".png"},       {"image/jpeg", ".jpg"},       {"image/gif", ".gif"},
        {"application/pdf", ".pdf"}, {"message/rfc822", ".eml"},   {"text/csv", ".csv"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(type, known[i].type))
            return known[i].ending;
    return ".bin";
}

/* The n-th name to try: "a.pdf", "a (2).pdf", … Yours. */
static char *try_name(const struct saving *s, const struct mail_part *p, int n)
{
    char *plain = p->name && *p->name ? mem_strdup(p->name)
                                      : str_format("part-%d%s", p->number, ending(p->content_type));
    char *name = path_safe_name(plain), *dot, *numbered, *path;

    free(plain);
    if (n > 1) {
        dot = strrchr(name, '.');
        if (dot == name)
            dot = NULL;
        numbered = str_format("%.*s (%d)%s", dot ? (int)(dot - name) : (int)strlen(name), name, n,
                              dot ? dot : "");
        free(name);
        name = numbered;
    }
    path = path_join(s->directory, name);
    free(name);
    return path;
}

/* Writes the part under a name that is free. */
static enum status write_part(struct saving *s, const struct mail_part *p, const struct str *bytes,
                              char **path, struct error *err)
{
    enum status st = STATUS_FAILED;

    for (int n = 1; n <= SAME_NAME_MOST; n++) {
        struct stat there;
        *path = try_name(s, p, n);
        if (lstat(*path, &there) == 0) {
            free(*path);
            *path = NULL;
            continue;
        }
        st = command_is_dry(s->call)
                 ? STATUS_OK
                 : path_write_new(*path, bytes->data ? bytes->data : "", bytes->len, err);
        if (st == STATUS_OK)
            return st;
        free(*path);
        *path = NULL;
        return st;
    }
    return error_set(err, STATUS_LIMIT, _("%s holds too many files of that name"), s->directory);
}

static void next_part(struct saving *s);

/* A part is decoded. */
static void on_part(void *user, const struct str *out, const struct error *err)
{
    struct saving *s = user;
    const struct mail_part *p = current(s);
    struct error failed = ERROR_INIT;
    char *path = NULL;

    if (err && error_is(err))
        failed = *err;
    else if (write_part(s, p, out, &path, &failed) == STATUS_OK) {
        struct json *o = json_object();
        json_set_str(o, "path", path);
        json_set_int(o, "size", (int64_t)out->len);
        json_set_int(o, "part", p->number);
        json_set_str(o, "content_type", p->content_type);
        char *told = command_is_screen(s->call) ? str_format(_("saved: %s"), path) : NULL;
        command_item(s->call, o, told ? told : path);
        free(told);
        s->saved++;
    }
    if (error_is(&failed)) {
        command_warn(s->call, _("part %d: %s"), p->number, failed.text);
        s->error = failed;
    }
    free(path);
    s->at++;
    next_part(s);
}

/* Asks the reader for the next part, or ends. */
static void next_part(struct saving *s)
{
    if (s->at == s->parts.len) {
        command_end(s->call, &s->error);
        return;
    }
    mail_reader_part(s->reader, s->raw.data, s->raw.len, *(int *)vec_at(&s->parts, s->at), false,
                     on_part, s);
}

/* Gathers the parts that are meant; their number. */
static size_t choose_parts(struct saving *s, long long number, bool all)
{
    for (size_t i = 0; i < s->m->parts.len; i++) {
        const struct mail_part *p = vec_at(&s->m->parts, i);
        if (all ? part_is_file(p) : p->number == number)
            *(int *)vec_push(&s->parts) = p->number;
    }
    return s->parts.len;
}

/* `save ID PART DIR`, `save ID DIR --all` */
enum command_result inbox_save_run(struct command_call *c)
{
    struct db *db = store_reader(command_store(c));
    bool all = command_has(c, "all");
    const char *directory = command_arg(c, command_argc(c) - 1);
    struct error err = ERROR_INIT;
    struct saving *s;
    struct stat st;
    long long number = 0;
    int64_t id;

    if (command_argc(c) != 3 && !(all && command_argc(c) == 2))
        return command_usage(c, _("save takes an id, a part and a folder; --all needs no part"));
    if (!all && !str_to_int64(command_arg(c, 1), &number))
        return command_usage(c, _("\"%s\" is not the number of a part"), command_arg(c, 1));
    if (inbox_message_of(db, command_arg(c, 0), &id, &err) != STATUS_OK)
        return command_fail(c, &err);
    s = mem_alloc(sizeof *s);
    s->call = c;
    s->directory = path_expand(directory);
    vec_init(&s->parts, sizeof(int), NULL);
    command_set_state(c, s, saving_free);
    if (stat(s->directory, &st) < 0 || !S_ISDIR(st.st_mode)) {
        error_set(&err, STATUS_NO_SUCH, _("%s is not a folder"), directory);
        error_hint(&err, _("make it first, or name another"));
        return command_fail(c, &err);
    }
    if (mail_message_get(db, id, &s->m, &err) != STATUS_OK ||
        mail_message_raw(db, id, &s->raw, &err) != STATUS_OK)
        return command_fail(c, &err);
    if (!choose_parts(s, number, all)) {
        if (all) {
            command_note(c, _("m%" PRId64 " has no attachments"), id);
            return COMMAND_DONE;
        }
        error_set(&err, STATUS_NO_SUCH, _("m%" PRId64 " has no part %lld"), id, number);
        error_hint(&err, "bureau show m%" PRId64 " --parts", id);
        return command_fail(c, &err);
    }
    s->reader = mail_reader_new(command_loop(c), NULL);
    next_part(s);
    return COMMAND_WAIT;
}
