/* SPDX-License-Identifier: GPL-3.0-or-later */
/* me.c - which mail is mine: own addresses by config or by Delivered-To, and marking it afterwards */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "command/config.h"
#include "mail/folder.h"
#include "mail/inside.h"

#define SETTING "mail.me"
#define SPAN 500 /* messages looked at in one operation */

struct marking {
    struct store *store; /* borrow */
    struct vec me;       /* strv, lower case */
    char *all;           /* own: the setting */
    int64_t at, last;
    void (*done)(void *user, const struct error *err);
    void *user;
};

/* Releases the record of the operation. */
static void marking_free(void *record)
{
    struct marking *m = record;

    vec_fini(&m->me);
    free(m->all);
    free(m);
}

/* Is this one of the addresses? */
static bool is_mine(const struct marking *m, const char *address)
{
    for (size_t i = 0; i < m->me.len; i++)
        if (str_eq_nocase(strv_at(&m->me, i), address))
            return true;
    return false;
}

/* Marks a span of messages; sets the setting behind the last. */
static enum status mark_span(struct db *db, void *record, struct error *err)
{
    struct marking *m = record;
    struct db_query *q =
        db_prepare(db, "SELECT id,flags,from_address,thread FROM mail_message WHERE id>?1"
                       " ORDER BY id LIMIT ?2");
    struct vec ids, threads;
    enum status st;

    vec_init(&ids, sizeof(int64_t), NULL);
    vec_init(&threads, sizeof(int64_t), NULL);
    m->last = m->at;
    db_bind_int(q, 1, m->at);
    db_bind_int(q, 2, SPAN);
    while (db_step(q)) {
        m->last = db_int(q, 0);
        if (!(db_int(q, 1) & DOC_MINE) && is_mine(m, db_text(q, 2))) {
            mail_vec_add(&ids, m->last);
            if (!mail_vec_has(&threads, db_int(q, 3)))
                mail_vec_add(&threads, db_int(q, 3));
        }
    }
    st = db_done(q, err);
    for (size_t i = 0; i < ids.len && st == STATUS_OK; i++)
        st = mail_message_set_flags_plain(db, mail_vec_int(&ids, i), DOC_MINE, 0, err);
    for (size_t i = 0; i < threads.len && st == STATUS_OK; i++)
        st = mail_thread_refresh(db, mail_vec_int(&threads, i), err);
    if (st == STATUS_OK && m->last == m->at)
        st = store_setting_set(db, SETTING, m->all, err);
    vec_fini(&ids);
    vec_fini(&threads);
    return st;
}

static const struct store_op mark_op = {
    .name = "mail.mark_mine", .klass = OP_BULK, .run = mark_span, .free = marking_free};

/* Goes on behind the span, or ends. */
static void span_done(void *user, void *record, const struct error *err)
{
    struct marking *m = record, *next;

    (void)user;
    if (error_is(err) || m->last == m->at) {
        if (m->done)
            m->done(m->user, err);
        return;
    }
    next = mem_alloc(sizeof *next);
    *next = *m;
    strv_init(&next->me);
    for (size_t i = 0; i < m->me.len; i++)
        strv_push(&next->me, strv_at(&m->me, i));
    next->all = mem_strdup(m->all);
    next->at = m->last;
    store_post(m->store, &mark_op, next, span_done, NULL);
}

/* The commonest Delivered-To, when the config names nobody; then marks what came from me. */
void mail_learn_me(struct store *s, void (*done)(void *user, const struct error *err), void *user)
{
    static const struct error none = ERROR_INIT;
    struct db *db = store_reader(s);
    struct marking *m;
    char *known, *all;

    mail_folder_configure();
    if (!config_me()->len) {
        struct db_query *q = db_prepare(db, "SELECT address FROM mail_delivered"
                                            " ORDER BY count DESC, address LIMIT 1");
        if (db_step(q))
            config_add_me(db_text(q, 0));
        db_end(q);
    }
    known = store_setting(db, SETTING);
    all = strv_join(config_me(), " ");
    if (!*all || str_eq(known, all)) {
        free(known);
        free(all);
        if (done)
            done(user, &none);
        return;
    }
    free(known);
    m = mem_alloc(sizeof *m);
    m->store = s;
    m->all = all;
    m->done = done;
    m->user = user;
    strv_init(&m->me);
    for (size_t i = 0; i < config_me()->len; i++)
        strv_push(&m->me, strv_at(config_me(), i));
    store_post(s, &mark_op, m, span_done, NULL);
}
