/* help.h - a private office for a test: a store with all tables of mail, office and inbox, mails put
 * in without a reader, operations run in place. */
#ifndef TESTS_INBOX_HELP_H
#define TESTS_INBOX_HELP_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"
#include "command/config.h"
#include "command/option.h"
#include "inbox/inbox.h"
#include "io/loop.h"
#include "mail/folder.h"
#include "mail/message.h"
#include "mail/store.h"
#include "office/office.h"
#include "office/people.h"
#include "store/store.h"
#include "tap.h"

static char office_dir[] = P_tmpdir "/bureau-inbox-XXXXXX";
static struct loop *office_loop;
static struct store *office_store;
static struct paths office_paths;

/* Removes one entry of the tree. */
static int office_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* Closes and removes everything; at exit. */
static void office_clean(void)
{
    if (office_loop)
        loop_turn(office_loop, 0); /* what was posted to be freed */
    if (office_store)
        store_close(office_store);
    if (office_loop)
        loop_free(office_loop);
    paths_fini(&office_paths);
    nftw(office_dir, office_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Ends the test program. */
static void office_bail(const char *what, const struct error *err)
{
    printf("Bail out! %s: %s\n", what, err->text);
    exit(1);
}

/* Opens the office; rc is its bureaurc. The clock stands at 23 Nov 2026, 10:00 in Berlin. */
__attribute__((unused)) static void office_open(const char *rc)
{
    struct error err = ERROR_INIT;
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    int64_t now;
    clock_parse("2026-11-23T10:00:00+01:00", &now);
    clock_fake_set(now);
    if (!mkdtemp(office_dir))
        abort();
    atexit(office_clean);
    if (paths_init(&office_paths, office_dir, &err))
        office_bail("paths", &err);
    if (path_write(office_paths.config, rc, strlen(rc), &err))
        office_bail("bureaurc", &err);
    option_register(office_options);
    option_register(inbox_options);
    store_add_migrations(&mail_migrations);
    store_add_migrations(&office_migrations);
    store_add_migrations(&inbox_migrations);
    mail_register();
    office_register();
    inbox_register();
    if (config_load(office_paths.config, &err))
        office_bail("config", &err);
    office_loop = loop_new();
    if (store_open(&office_paths, STORE_INLINE, office_loop, &office_store, &err))
        office_bail("store", &err);
}

/* An operation that is a function with a pointer. */
struct office_op {
    enum status (*fn)(struct db *db, void *user, struct error *err);
    void *user;
};

/* Runs it. */
static enum status office_op_run(struct db *db, void *record, struct error *err)
{
    struct office_op *o = record;
    return o->fn(db, o->user, err);
}

/* Runs a function inside a committed operation. */
__attribute__((unused)) static enum status office_do(enum status (*fn)(struct db *, void *, struct error *),
                                                     void *user, struct error *err)
{
    static const struct store_op op = {"test", OP_PERSON, office_op_run, NULL};
    struct office_op o = {fn, user};
    return store_run(office_store, &op, &o, err);
}

__attribute__((unused)) static struct db *office_db(void)
{
    return store_reader(office_store);
}

struct office_mail { /* what a test says of a mail; NULL is a fitting default */
    const char *from, *to, *cc, *reply_to, *subject, *text, *id, *answers, *list_id, *list_unsubscribe,
        *list_post, *precedence, *auto_submitted, *auth, *warning, *ics, *hidden, *content_type, *date,
        *folder;
};

struct office_adding {
    const struct office_mail *m;
    int64_t id;
};

/* Duplicates or NULL. */
static char *office_dup(const char *s)
{
    return s ? mem_strdup(s) : NULL;
}

/* The operation that adds a mail. */
static enum status office_add(struct db *db, void *user, struct error *err)
{
    static int count;
    struct office_adding *a = user;
    const struct office_mail *m = a->m;
    struct mail_message *x = mail_message_new();
    struct error ignored = ERROR_INIT;
    count++;
    if (people_parse(m->from ? m->from : "Bob <bob@example.org>", &x->from, &ignored) ||
        people_parse(m->to ? m->to : "Anna Li <anna@example.com>", &x->to, &ignored) ||
        (m->cc && people_parse(m->cc, &x->cc, &ignored)) ||
        (m->reply_to && people_parse(m->reply_to, &x->reply_to, &ignored)))
        office_bail("addresses", &ignored);
    x->message_id = m->id ? mem_strdup(m->id) : str_format("%d@example.org", count);
    if (m->answers) {
        x->in_reply_to = mem_strdup(m->answers);
        strv_push(&x->references, m->answers);
    }
    free(x->subject);
    x->subject = mem_strdup(m->subject ? m->subject : "A mail");
    free(x->text);
    x->text = mem_strdup(m->text ? m->text : "Hello.");
    if (!clock_parse(m->date ? m->date : "2026-11-23T09:00:00+01:00", &x->date))
        abort();
    x->list_id = office_dup(m->list_id);
    x->list_unsubscribe = office_dup(m->list_unsubscribe);
    x->list_post = office_dup(m->list_post);
    x->precedence = office_dup(m->precedence);
    x->auto_submitted = office_dup(m->auto_submitted);
    x->auth_results = office_dup(m->auth);
    x->ics = office_dup(m->ics);
    x->hidden_text = office_dup(m->hidden);
    x->content_type = office_dup(m->content_type);
    if (m->warning)
        strv_push(&x->warnings, m->warning);
    char *raw = str_format("Message-ID: <%s>\r\n\r\n%d %s", x->message_id, count, x->text);
    struct mail_new *n = mail_new_make(raw, strlen(raw), x);
    enum status st = mail_folder_make(db, NULL, m->folder ? m->folder : "INBOX", &n->folder, err);
    n->received = x->date;
    n->horizon = CLOCK_NONE;
    n->flags = DOC_UNREAD;
    if (st == STATUS_OK) {
        struct mail_adder *adder = mail_adder_new(db);
        st = mail_add(adder, n, err);
        if (st == STATUS_OK)
            st = mail_adder_end(adder, err);
        else
            mail_adder_abandon(adder);
    }
    a->id = n->id;
    mail_new_free(n);
    free(raw);
    return st;
}

/* Adds a mail; its id. */
__attribute__((unused)) static int64_t office_mail(const struct office_mail *m)
{
    struct error err = ERROR_INIT;
    struct office_adding a = {m, 0};
    if (office_do(office_add, &a, &err))
        office_bail("mail", &err);
    return a.id;
}

/* The thread of a mail. */
__attribute__((unused)) static int64_t office_thread(int64_t message)
{
    struct mail_row row;
    struct error err = ERROR_INIT;
    if (mail_row_get(office_db(), message, &row, &err))
        office_bail("row", &err);
    int64_t thread = row.thread;
    mail_row_fini(&row);
    return thread;
}

/* Turns the loop until *done. */
__attribute__((unused)) static void office_wait(const bool *done)
{
    for (int i = 0; i < 20000 && !*done; i++)
        loop_turn(office_loop, 5);
}

#endif
