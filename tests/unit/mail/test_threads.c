/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_threads.c - conversations, their rows and counts, changes and their undoing, people: against
 * a slow model of the same, with random mail in random order. */
#include "../store/help.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "command/config.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/people.h"
#include "mail/store.h"
#include "mail/snooze.h"
#include "mail/thread.h"
#include "store/journal.h"
#include "store/store.h"

#define MAILS 400
#define NOW INT64_C(1795000000)

static struct store *store;
static unsigned seed = 12345;

/* Numbers that are the same everywhere. */
static unsigned next(unsigned below)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % below;
}

/* ---- mail ---- */

/* A mail "number i" whose references are these numbers (-1 ends). */
static struct mail_new *make(int i, const int *refs, const char *from, const char *subject)
{
    struct mail_message *m = mail_message_new();
    struct mail_address *a = vec_push(&m->from);
    char *bytes = str_format("mail %d", i);
    struct mail_new *n;
    a->name = mem_strdup(str_eq(from, "li@x") ? "李娜" : "Tom Berger");
    a->address = mem_strdup(from);
    a = vec_push(&m->to);
    a->name = mem_strdup("Anna");
    a->address = mem_strdup("anna@x");
    m->message_id = str_format("m%d@x", i);
    free(m->subject);
    m->subject = mem_strdup(subject);
    free(m->text);
    m->text = str_format("text %d", i);
    m->date = NOW - 400 * 86400 + i * 60;
    for (; refs && *refs >= 0; refs++)
        strv_push_take(&m->references, str_format("m%d@x", *refs));
    n = mail_new_make(bytes, strlen(bytes), m);
    n->flags = DOC_UNREAD;
    free(bytes);
    return n;
}

struct adding {
    struct mail_new **mails;
    int count;
    const char *folder;
};

static enum status run_adding(struct db *db, void *record, struct error *err)
{
    struct adding *r = record;
    struct mail_adder *a = mail_adder_new(db);
    int64_t folder;
    enum status st = mail_folder_make(db, NULL, r->folder, &folder, err);
    for (int i = 0; i < r->count && st == STATUS_OK; i++) {
        r->mails[i]->folder = folder;
        st = mail_add(a, r->mails[i], err);
    }
    if (st == STATUS_OK)
        return mail_adder_end(a, err);
    mail_adder_abandon(a);
    return st;
}

static const struct store_op adding_op = {"test.add", OP_BULK, run_adding, NULL};

/* Adds mails in one operation. */
static bool add(struct mail_new **mails, int count, const char *folder)
{
    struct adding r = {mails, count, folder};
    struct error err = ERROR_INIT;
    if (store_run(store, &adding_op, &r, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    return !error_is(&err);
}

/* ---- what must hold at any time ---- */

/* The counts that the writer keeps are those of the rows. */
static bool counts_fit(void)
{
    struct db *db = store_reader(store);
    struct mail_counts c;
    struct error err = ERROR_INIT;
    bool fit = mail_thread_counts(db, &c, &err) == STATUS_OK;
    int64_t threads[MAIL_LANES] = {0}, unread[MAIL_LANES] = {0};
    struct db_query *q = db_prepare(db, "SELECT lane, count(*), sum(unread>0) FROM mail_thread"
                                        " WHERE open=1 GROUP BY lane");
    while (db_step(q)) {
        threads[db_int(q, 0)] = db_int(q, 1);
        unread[db_int(q, 0)] = db_int(q, 2);
    }
    db_end(q);
    for (int i = 0; i < MAIL_LANES; i++)
        if (c.threads[i] != threads[i] || c.unread[i] != unread[i]) {
            printf("# lane %d: counted %" PRId64 "/%" PRId64 ", there %" PRId64 "/%" PRId64 "\n", i,
                   c.threads[i], c.unread[i], threads[i], unread[i]);
            fit = false;
        }
    return fit && c.messages == db_get_int(db, "SELECT count(*) FROM mail_message", -1);
}

/* Rows, docs and messages say the same. */
static bool rows_fit(void)
{
    struct db *db = store_reader(store);
    int64_t bad = db_get_int(
        db, "SELECT count(*) FROM mail_message m LEFT JOIN mail_thread t ON t.id=m.thread"
            " LEFT JOIN doc d ON d.key=m.doc WHERE t.id IS NULL OR d.key IS NULL OR"
            " d.thread<>m.thread OR d.folder<>m.folder OR d.flags<>m.flags OR d.ref<>m.id", -1);
    int64_t empty = db_get_int(db, "SELECT count(*) FROM mail_thread t WHERE t.count<>(SELECT count(*)"
                                   " FROM mail_message m WHERE m.thread=t.id) OR t.count=0", -1);
    int64_t lanes = db_get_int(db, "SELECT count(*) FROM mail_message m JOIN mail_thread t"
                                   " ON t.id=m.thread JOIN doc d ON d.key=m.doc WHERE"
                                   " coalesce(d.lane,'')<>CASE t.lane WHEN 0 THEN '' WHEN 1 THEN"
                                   " 'answer' WHEN 2 THEN 'act' WHEN 3 THEN 'wait' WHEN 4 THEN 'meet'"
                                   " WHEN 5 THEN 'fyi' WHEN 6 THEN 'bulk' WHEN 7 THEN 'risk' ELSE 'done'"
                                   " END", -1);
    if (bad || empty || lanes)
        printf("# %" PRId64 " messages, %" PRId64 " threads, %" PRId64 " lanes do not fit\n", bad,
               empty, lanes);
    return !bad && !empty && !lanes;
}

/* ---- joining ---- */

static int parent[MAILS];

/* The slow model: whose conversation is it? */
static int root(int i)
{
    while (parent[i] != i)
        i = parent[i];
    return i;
}

/* Random references, arriving in random order, in operations of random size. */
static void test_joining(void)
{
    static int refs[MAILS][4], order[MAILS];
    struct mail_new *batch[40];
    struct db *db = store_reader(store);
    struct error err = ERROR_INIT;
    bool good = true;
    int wrong = 0;
    for (int i = 0; i < MAILS; i++) {
        int count = next(3) == 0 ? (int)next(4) : 0;
        order[i] = parent[i] = i;
        for (int k = 0; k < 3; k++)
            refs[i][k] = k < count ? (int)next(MAILS) : -1; /* also later ones: loops */
        refs[i][3] = -1;
    }
    for (int i = 0; i < MAILS; i++) {
        int other = (int)next(MAILS), keep = order[i];
        order[i] = order[other];
        order[other] = keep;
        for (int k = 0; refs[i][k] >= 0; k++)
            parent[root(refs[i][k])] = root(i);
    }
    for (int at = 0; at < MAILS;) {
        int n = 1 + (int)next(40);
        if (n > MAILS - at)
            n = MAILS - at;
        for (int k = 0; k < n; k++)
            batch[k] = make(order[at + k], refs[order[at + k]], k % 3 ? "tom@x" : "li@x", "s");
        good = good && add(batch, n, at % 3 ? "INBOX" : "Archive") && counts_fit();
        for (int k = 0; k < n; k++)
            mail_new_free(batch[k]);
        at += n;
    }
    ok(good, "400 mails go in, counts right after each operation");
    ok(rows_fit(), "rows, docs and messages fit");
    for (int i = 0; i < MAILS; i++)
        for (int k = 0; k < i; k++) {
            char id[24], other[24];
            struct mail_row a, b;
            snprintf(id, sizeof id, "m%d@x", i);
            snprintf(other, sizeof other, "m%d@x", k);
            good = mail_row_get(db, mail_message_find(db, id), &a, &err) == STATUS_OK &&
                   mail_row_get(db, mail_message_find(db, other), &b, &err) == STATUS_OK && good;
            wrong += (a.thread == b.thread) != (root(i) == root(k));
            mail_row_fini(&a);
            mail_row_fini(&b);
            if (k > 40 && i < MAILS - 40)
                k += 7; /* a sample will do */
        }
    ok(good && wrong == 0, "conversations are those of the slow model (%d wrong)", wrong);
    ok(db_get_int(db, "SELECT count(*) FROM mail_alias a JOIN mail_thread t ON t.id=a.thread"
                      " WHERE a.id < a.thread", -1) == 0, "the older id stays");
    ok(db_get_int(db, "SELECT count(*) FROM mail_alias", 0) > 0 &&
           db_get_int(db, "SELECT count(*) FROM mail_alias a LEFT JOIN mail_thread t"
                          " ON t.id=a.thread WHERE t.id IS NULL", -1) == 0,
       "every alias leads to a living thread");
}

/* ---- changes ---- */

/* Runs a batch; its id. */
static int64_t change(struct mail_batch *b, size_t *changed)
{
    struct error err = ERROR_INIT;
    int64_t id;
    if (store_run(store, &mail_batch_op, b, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    id = b->batch;
    if (changed)
        *changed = b->changed.len;
    mail_batch_free(b);
    return id;
}

struct undoing {
    int64_t id;
    struct journal_undone out;
};

static enum status run_undo(struct db *db, void *record, struct error *err)
{
    struct undoing *u = record;
    return journal_undo(db, u->id, true, &u->out, err);
}

static const struct store_op undo_op = {"test.undo", OP_PERSON, run_undo, NULL};

/* A picture of everything that changes can touch. Yours. */
static char *picture(void)
{
    struct str s = STR_INIT;
    struct db_query *q = db_prepare(
        store_reader(store), "SELECT m.id, m.flags, m.folder, t.lane, t.open, t.snooze, t.muted,"
                             " coalesce(t.due,''), (SELECT group_concat(label) FROM doc_label l"
                             " WHERE l.key=m.doc), t.id FROM mail_message m JOIN mail_thread t"
                             " ON t.id=m.thread ORDER BY m.id");
    while (db_step(q)) {
        for (int i = 0; i < 10; i++)
            str_addf(&s, "%s ", db_text(q, i));
        str_putc(&s, '\n');
    }
    db_end(q);
    return str_take(&s);
}

/* Random changes; each is undone in the reverse order. */
static void test_changes(void)
{
    int64_t batches[60];
    char *before = picture(), *after, *between;
    int made = 0;
    bool fit = true, all = true;
    for (int i = 0; i < 60; i++) {
        struct mail_batch *b = mail_batch_new((enum mail_change)next(MAIL_CHANGE_JOIN + 1));
        for (unsigned k = 1 + next(12); k; k--)
            *(int64_t *)vec_push(next(3) ? &b->messages : &b->threads) = 1 + next(MAILS);
        if (b->change == MAIL_CHANGE_MOVE)
            b->folder = mem_strdup(next(2) ? "Projects" : "Lists/house");
        if (b->change == MAIL_CHANGE_LABEL) {
            strv_push(next(4) ? &b->add : &b->remove, next(2) ? "urgent" : "später");
        }
        int64_t id = change(b, NULL);
        if (id)
            batches[made++] = id;
        fit = fit && counts_fit();
    }
    ok(fit && made > 30, "%d random changes, counts right after each", made);
    ok(rows_fit(), "rows, docs and messages fit");
    between = picture();
    ok(!str_eq(before, between), "something changed");
    while (made-- > 0) {
        struct undoing u = {.id = batches[made]};
        struct error err = ERROR_INIT;
        journal_undone_init(&u.out);
        all = store_run(store, &undo_op, &u, &err) == STATUS_OK && u.out.skipped.len == 0 && all;
        journal_undone_fini(&u.out);
        fit = fit && counts_fit();
    }
    ok(all && fit, "all of them undone, nothing skipped");
    after = picture();
    ok(str_eq(before, after), "everything is as it was");
    ok(rows_fit(), "rows fit still");
    free(before);
    free(between);
    free(after);
}

/* ---- by hand ---- */

/* The thread of "mN@x". */
static int64_t thread_of(int i)
{
    char id[24];
    struct mail_row row;
    struct error err = ERROR_INIT;
    struct db *db = store_reader(store);
    snprintf(id, sizeof id, "m%d@x", i);
    int64_t thread = mail_row_get(db, mail_message_find(db, id), &row, &err) == STATUS_OK ? row.thread : 0;
    mail_row_fini(&row);
    return thread;
}

/* One mail with these references, added alone. */
static void add_one(int i, const int *refs)
{
    struct mail_new *n = make(i, refs, "tom@x", "by hand");
    ok(add(&n, 1, "INBOX"), "mail %d", i);
    mail_new_free(n);
}

/* Splits or joins; how many mails moved. */
static size_t regroup(enum mail_change what, const int *mails, int64_t *batch)
{
    struct mail_batch *b = mail_batch_new(what);
    size_t changed = 0;
    struct db *db = store_reader(store);
    for (; *mails >= 0; mails++) {
        char id[24];
        snprintf(id, sizeof id, "m%d@x", *mails);
        *(int64_t *)vec_push(&b->messages) = mail_message_find(db, id);
    }
    *batch = change(b, &changed);
    return changed;
}

/* 1000 ← 1001 ← 1002, 1000 ← 1003; split at 1001; what comes later goes to its half. */
static void test_by_hand(void)
{
    int64_t split, joined, at_once;
    struct undoing u;
    struct error err = ERROR_INIT;
    add_one(1000, (int[]){-1});
    add_one(1001, (int[]){1000, -1});
    add_one(1002, (int[]){1000, 1001, -1});
    add_one(1003, (int[]){1000, -1});
    int64_t before = thread_of(1000);
    ok(regroup(MAIL_CHANGE_SPLIT, (int[]){1000, -1}, &at_once) == 0 && !at_once,
       "the first mail takes all with it: nothing to split");
    ok(regroup(MAIL_CHANGE_SPLIT, (int[]){1001, -1}, &split) == 2 && split, "a mail and its answer");
    ok(thread_of(1001) == thread_of(1002) && thread_of(1001) != before && thread_of(1003) == before,
       "are a conversation of their own");
    add_one(1004, (int[]){1000, 1001, 1002, -1});
    add_one(1005, (int[]){1000, 1003, -1});
    ok(thread_of(1004) == thread_of(1001), "an answer goes to the half it answers");
    ok(thread_of(1005) == before, "and does not join the halves again");
    ok(counts_fit() && rows_fit(), "rows and counts fit");
    int64_t half = thread_of(1001);
    ok(regroup(MAIL_CHANGE_JOIN, (int[]){1000, 1001, -1}, &joined) == 3, "joined by hand");
    ok(thread_of(1004) == before && mail_thread_id(store_reader(store), half) == before,
       "the older id stays, the other leads to it");
    ok(counts_fit() && rows_fit(), "rows and counts fit");
    for (int i = 0; i < 2; i++) {
        u = (struct undoing){.id = i ? split : joined};
        journal_undone_init(&u.out);
        ok(store_run(store, &undo_op, &u, &err) == STATUS_OK, "undo %d", i);
        journal_undone_fini(&u.out);
        if (i == 0)
            ok(thread_of(1001) == half && thread_of(1004) == half, "two again, under the old ids");
    }
    ok(thread_of(1001) == before && thread_of(1002) == before && thread_of(1004) == half,
       "the split is undone; the mail that came later stays where it came");
    ok(counts_fit() && rows_fit(), "rows and counts fit");
}

/* ---- by subject ---- */

/* A mail without references from, to, subject, day. */
static struct mail_new *plain(int i, const char *from, const char *to, const char *subject, int day)
{
    struct mail_message *m = mail_message_new();
    char *bytes = str_format("mail %d", i);
    struct mail_new *n;
    *(struct mail_address *)vec_push(&m->from) = (struct mail_address){mem_strdup(""), mem_strdup(from)};
    *(struct mail_address *)vec_push(&m->to) = (struct mail_address){mem_strdup(""), mem_strdup(to)};
    m->message_id = str_format("m%d@x", i);
    free(m->subject);
    m->subject = mem_strdup(subject);
    m->date = NOW - 300 * 86400 + day * 86400;
    n = mail_new_make(bytes, strlen(bytes), m);
    free(bytes);
    return n;
}

static const struct subject_case {
    const char *name;
    const char *from[2], *to[2], *subject[2];
    int day[2];
    bool list, together;
} subject_cases[] = {
    {"Re: between the same two", {"a@s", "b@s"}, {"b@s", "a@s"}, {"Offer 12", "Re: Offer 12"}, {0, 2}, false, true},
    {"AW: RE[2]: and other case", {"a@s", "b@s"}, {"b@s", "a@s"}, {"Offer thirteen", "AW: RE[2]: OFFER Thirteen"}, {0, 2}, false, true},
    {"回复：", {"a@s", "b@s"}, {"b@s", "a@s"}, {"三季度报价", "回复：三季度报价"}, {0, 2}, false, true},
    {"a list's tag", {"a@s", "b@s"}, {"b@s", "a@s"}, {"[dev] Ports", "Re: [dev] Ports"}, {0, 2}, false, true},
    {"no prefix", {"a@s", "b@s"}, {"b@s", "a@s"}, {"Offer 15", "Offer 15"}, {0, 2}, false, false},
    {"others", {"a@s", "c@s"}, {"b@s", "d@s"}, {"Offer 16", "Re: Offer 16"}, {0, 2}, false, false},
    {"the sender was no part of it", {"a@s", "c@s"}, {"b@s", "a@s"}, {"Offer 17", "Re: Offer 17"}, {0, 2}, false, false},
    {"too late", {"a@s", "b@s"}, {"b@s", "a@s"}, {"Offer 18", "Re: Offer 18"}, {0, 31}, false, false},
    {"the answer is older", {"a@s", "b@s"}, {"b@s", "a@s"}, {"Offer 19", "Re: Offer 19"}, {5, 2}, false, false},
    {"a list", {"a@s", "b@s"}, {"b@s", "a@s"}, {"Offer 20", "Re: Offer 20"}, {0, 2}, true, false},
    {"too short a subject", {"a@s", "b@s"}, {"b@s", "a@s"}, {"Hi", "Re: Hi"}, {0, 2}, false, false},
};

/* Each case in both orders of arrival. */
static void test_by_subject(void)
{
    int number = 2000;
    for (size_t k = 0; k < sizeof subject_cases / sizeof *subject_cases; k++)
        for (int turned = 0; turned < 2; turned++) {
            const struct subject_case *c = &subject_cases[k];
            for (int i = 0; i < 2; i++) {
                int which = turned ? 1 - i : i;
                char *subject = str_format("%s%s", c->subject[which], turned ? " b" : "");
                struct mail_new *n = plain(number + which, c->from[which], c->to[which], subject, c->day[which]);
                if (c->list)
                    n->message->list_id = mem_strdup("list.s");
                add(&n, 1, "INBOX");
                mail_new_free(n);
                free(subject);
            }
            ok((thread_of(number) == thread_of(number + 1)) == c->together, "%s%s", c->name,
               turned ? ", the answer first" : "");
            number += 2;
        }
    ok(counts_fit() && rows_fit(), "rows and counts fit");
}

/* ---- lists ---- */

struct laning {
    int64_t thread, snooze;
    enum mail_lane lane;
    bool mute;
};

static enum status run_laning(struct db *db, void *record, struct error *err)
{
    struct laning *l = record;
    enum status st = mail_thread_set_lane(db, l->thread, l->lane, err);
    if (st == STATUS_OK && l->snooze)
        st = mail_thread_set_snooze(db, l->thread, l->snooze, err);
    if (st == STATUS_OK && l->mute)
        st = mail_thread_set_muted(db, l->thread, true, err);
    return st == STATUS_NO_SUCH ? STATUS_OK : st;
}

static const struct store_op laning_op = {"test.lane", OP_PERSON, run_laning, NULL};

static enum status run_waking(struct db *db, void *record, struct error *err)
{
    return mail_thread_wake(db, NOW + 200, record, err);
}

static const struct store_op waking_op = {"test.wake", OP_STREAM, run_waking, NULL};

/* Walks a view page by page; the order must fall by lane, then by key. */
static int walk(const struct mail_filter *f, bool by_lane, bool *ordered)
{
    struct mail_cursor after = {0};
    struct error err = ERROR_INIT;
    int count = 0;
    *ordered = true;
    for (;;) {
        struct vec rows;
        mail_thread_rows_init(&rows);
        if (mail_thread_list(store_reader(store), f, after, 17, &rows, &err) != STATUS_OK)
            *ordered = false;
        for (size_t i = 0; i < rows.len; i++) {
            const struct mail_thread *t = vec_at(&rows, i);
            if (count && !(by_lane && t->lane > after.lane) && t->key >= after.key)
                *ordered = false;
            if (count && by_lane && t->lane < after.lane)
                *ordered = false;
            after.lane = by_lane ? t->lane : f->lane;
            after.key = t->key;
            count++;
        }
        size_t got = rows.len;
        vec_fini(&rows);
        if (got < 17)
            return count;
    }
}

/* Lanes, snooze, mute and the views. */
static void test_lists(void)
{
    struct db *db = store_reader(store);
    struct error err = ERROR_INIT;
    struct mail_filter f = {.view = MAIL_VIEW_INBOX};
    int64_t folder = mail_folder_find(db, NULL, "inbox"), woken = 0;
    bool ordered, fit = true;
    for (int i = 0; i < 200; i++) {
        struct laning l = {.thread = 1 + next(MAILS), .lane = (enum mail_lane)next(MAIL_LANES)};
        l.snooze = next(9) == 0 ? NOW + 100 : 0;
        l.mute = next(20) == 0;
        (void)!store_run(store, &laning_op, &l, &err);
        fit = fit && counts_fit();
    }
    ok(fit && rows_fit(), "lanes, snoozes, mutes: counts and rows fit");
    is_int(walk(&f, true, &ordered), db_get_int(db, "SELECT count(*) FROM mail_thread WHERE open=1", -1),
           "the inbox shows every open thread once");
    ok(ordered, "by lane, newest first");
    f = (struct mail_filter){.view = MAIL_VIEW_LANE, .lane = MAIL_LANE_ACT};
    is_int(walk(&f, false, &ordered),
           db_get_int(db, "SELECT count(*) FROM mail_thread WHERE open=1 AND lane=2", -1), "one lane");
    f = (struct mail_filter){.view = MAIL_VIEW_FOLDER, .folder = folder};
    struct db_query *q = db_prepare(db, "SELECT count(DISTINCT thread) FROM mail_message WHERE folder=?1");
    db_bind_int(q, 1, folder);
    int64_t want = db_step(q) ? db_int(q, 0) : -1;
    db_end(q);
    is_int(walk(&f, false, &ordered), want, "a folder shows each of its threads once");
    ok(ordered, "by the newest mail there");
    f = (struct mail_filter){.view = MAIL_VIEW_ALL};
    is_int(walk(&f, false, &ordered), db_get_int(db, "SELECT count(*) FROM mail_thread", -1), "all");
    int64_t sleeping = db_get_int(db, "SELECT count(*) FROM mail_thread WHERE snooze>0", -1);
    ok(sleeping > 0 && mail_thread_next_wake(db) == NOW + 100, "the next snooze that ends");
    ok(store_run(store, &waking_op, &woken, &err) == STATUS_OK && woken == sleeping,
       "all of them come back when it is time");
    ok(counts_fit() && rows_fit(), "counts and rows fit");
    is_int(mail_thread_next_wake(db), CLOCK_NONE, "nothing sleeps any more");
}

/* ---- people ---- */

/* Names and addresses by the beginning of a word. */
static void test_people(void)
{
    struct db *db = store_reader(store);
    struct error err = ERROR_INIT;
    struct vec people;
    ok(mail_people_find(db, "berg", 5, &people, &err) == STATUS_OK && people.len == 1,
       "by the second word of a name");
    vec_fini(&people);
    ok(mail_people_find(db, "娜", 5, &people, &err) == STATUS_OK && people.len == 1 &&
           str_eq(((struct mail_person *)vec_at(&people, 0))->address, "li@x"),
       "by a character inside a Chinese name");
    vec_fini(&people);
    ok(mail_people_find(db, "TOM@", 5, &people, &err) == STATUS_OK && people.len == 1, "by the address");
    vec_fini(&people);
    ok(mail_people_find(db, "", 5, &people, &err) == STATUS_OK && people.len == 3, "everybody");
    vec_fini(&people);
}

/* ---- the same bytes, twins ---- */

static void test_twins(void)
{
    struct db *db = store_reader(store);
    struct error err = ERROR_INIT;
    struct mail_new *a = make(1, NULL, "tom@x", "s"), *b;
    struct mail_message *m;
    struct vec ids;
    struct str raw = STR_INIT;
    unsigned char x[MAIL_HASH], y[MAIL_HASH];
    add(&a, 1, "Lists/house");
    ok(a->duplicate && a->id == mail_message_find(db, "m1@x"), "the same bytes are one message");
    b = make(5001, NULL, "tom@x", "s");
    free(b->message->message_id);
    b->message->message_id = mem_strdup("m1@x");
    add(&b, 1, "INBOX");
    ok(!b->duplicate && b->id != a->id, "other bytes of the same Message-ID are another message");
    ok(mail_message_twins(db, a->id, &ids, &err) == STATUS_OK && ids.len == 1 &&
           *(int64_t *)vec_at(&ids, 0) == b->id, "and shown as such");
    ok(mail_message_raw(db, b->id, &raw, &err) == STATUS_OK && str_eq(raw.data, "mail 5001"),
       "raw bytes come back");
    ok(mail_message_get(db, b->id, &m, &err) == STATUS_OK && str_eq(m->text, "text 5001") &&
           m->from.len == 1 && str_eq(((struct mail_address *)vec_at(&m->to, 0))->name, "Anna"),
       "and all that was read");
    mail_message_free(m);
    mail_hash("a\r\nb\rc\n", 7, x);
    mail_hash("a\nb\rc\n", 6, y);
    ok(memcmp(x, y, MAIL_HASH) == 0, "CRLF is LF, a lone CR is not");
    mail_hash("a\nb\nc\n", 6, y);
    ok(memcmp(x, y, MAIL_HASH) != 0, "so another text has another hash");
    mail_new_free(a);
    mail_new_free(b);
    vec_fini(&ids);
    str_fini(&raw);
}

int main(void)
{
    struct paths p = {0};
    struct error err = ERROR_INIT;
    test_start();
    clock_fake_set(NOW);
    p.home = test_path("home");
    mkdir(p.home, 0700);
    p.config = path_join(p.home, "bureaurc");
    p.db = path_join(p.home, "bureau.db");
    p.state = path_join(p.home, "state");
    p.runtime = path_join(p.home, "state");
    mail_register();
    store_add_migrations(&mail_migrations);
    if (store_open(&p, STORE_INLINE, NULL, &store, &err) != STATUS_OK) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    test_joining();
    test_changes();
    test_by_hand();
    test_lists();
    test_people();
    test_by_subject();
    test_twins();
    store_close(store);
    paths_fini(&p);
    return tap_end();
}
