/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_doc.c - hub rows: keys, texts, attributes, the index and its queue. */
#include "base/vec.h"
#include "help.h"
#include "store/doc.h"

/* How many docs the index finds for a word. */
static int64_t found(struct db *db, const char *match)
{
    struct db_query *q = db_prepare(db, "SELECT count(*) FROM doc_fts WHERE doc_fts MATCH ?1");
    db_bind_text(q, 1, match);
    int64_t n = db_step(q) ? db_int(q, 0) : -1;
    db_end(q);
    return n;
}

/* Feeds the whole queue. */
static void feed(struct db *db)
{
    struct error err = ERROR_INIT;
    int left = 1;
    while (left && doc_index_some(db, 3, &left, &err) == STATUS_OK)
        ;
    is_int(err.status, STATUS_OK, "the queue is fed");
}

/* Keys, texts, attributes. */
static void test_rows(struct db *db)
{
    struct error err = ERROR_INIT;
    int64_t a, b, c;
    struct doc d = {.kind = DOC_MAIL, .ref = 1, .date = 1700000000, .thread = 5, .flags = DOC_UNREAD,
                    .subject = "Budget for the office", .sender = "Anna Li <anna@example.com>",
                    .body = "Dear Bob, the contracts are attached. 我们明天开会议。"};
    is_int(doc_insert(db, &d, &a, &err), STATUS_OK, "a mail");
    d.ref = 2;
    is_int(doc_insert(db, &d, &b, &err), STATUS_OK, "another of the same second");
    d.ref = 3;
    d.date = 1600000000;
    d.lane = "done";
    is_int(doc_insert(db, &d, &c, &err), STATUS_OK, "an older one");
    ok(b == a + 1 && c < a, "keys are in the order of time");
    is_int(doc_find(db, DOC_MAIL, 2), b, "found by its id");
    is_int(doc_find(db, DOC_NOTE, 2), 0, "of its kind only");
    d.ref = 4;
    d.date = INT64_MIN;
    int64_t none;
    ok(doc_insert(db, &d, &none, &err) == STATUS_OK && none < c, "no date is the oldest of all");
    struct doc got;
    struct vec texts;
    strv_init(&texts);
    is_int(doc_get(db, a, &got, &texts, &err), STATUS_OK, "read whole");
    is_str(got.body, "Dear Bob, the contracts are attached. 我们明天开会议。", "its text");
    is_str(got.cc, "", "an absent text is empty");
    ok(got.lane == NULL && got.thread == 5 && got.flags == DOC_UNREAD, "its attributes");
    vec_fini(&texts);
    is_int(doc_set_flags(db, a, DOC_FLAGGED, DOC_UNREAD, &err), STATUS_OK, "flags");
    is_int(doc_flags(db, a), DOC_FLAGGED, "are set and cleared");
    is_int(doc_label(db, a, "legal", true, &err), STATUS_OK, "a label");
    is_int(doc_label(db, a, "合同", true, &err), STATUS_OK, "another");
    is_int(doc_label(db, a, "never", false, &err), STATUS_OK, "one that is not there");
    struct vec labels;
    strv_init(&labels);
    doc_labels(db, a, &labels);
    char *joined = strv_join(&labels, ",");
    is_str(joined, "legal,合同", "both are read back");
    free(joined);
    vec_fini(&labels);
    is_int(doc_set_lane(db, DOC_MAIL, 5, "answer", &err), STATUS_OK, "a lane of the thread");
    is_int(db_get_int(db, "SELECT count(*) FROM doc WHERE lane = 'answer'", 0), 4, "of all of it");
    is_int(doc_move_thread(db, DOC_MAIL, 5, 2, &err), STATUS_OK, "threads merge");
    is_int(db_get_int(db, "SELECT count(*) FROM doc WHERE thread = 2", 0), 4, "with all mails");
}

/* The queue and the index. */
static void test_index(struct db *db)
{
    struct error err = ERROR_INIT;
    is_int(doc_index_waiting(db, 10), 4, "four wait");
    is_int(found(db, "contract"), 0, "nothing is found before");
    feed(db);
    is_int(doc_index_waiting(db, 10), 0, "none wait");
    is_int(found(db, "contract"), 4, "found by the singular");
    is_int(found(db, "CONTRACTS"), 4, "and the plural");
    is_int(found(db, "会议"), 4, "two characters");
    is_int(found(db, "会*"), 4, "one character");
    is_int(found(db, "议"), 4, "the last one");
    is_int(found(db, "开会议"), 4, "three");
    is_int(found(db, "议会"), 0, "not the other way round");
    is_int(doc_index_verify(db, &err), STATUS_OK, "index and texts fit");
    int64_t a = doc_find(db, DOC_MAIL, 1);
    struct doc d = {.kind = DOC_MAIL, .ref = 1, .date = 1700000000, .subject = "新的 subject",
                    .body = "quite other words"};
    is_int(doc_update(db, a, &d, &err), STATUS_OK, "texts replaced");
    is_int(found(db, "contract"), 3, "the old words are gone at once");
    is_int(doc_index_waiting(db, 10), 1, "it waits again");
    d.body = "and once more";
    is_int(doc_update(db, a, &d, &err), STATUS_OK, "replaced while waiting");
    feed(db);
    is_int(found(db, "once"), 1, "the newest words are found");
    is_int(found(db, "quite"), 0, "those between never were");
    d.flags = DOC_FLAGGED;
    is_int(doc_update(db, a, &d, &err), STATUS_OK, "attributes alone");
    is_int(doc_index_waiting(db, 10), 0, "do not touch the index");
    is_int(doc_delete(db, a, &err), STATUS_OK, "deleted");
    is_int(found(db, "once"), 0, "with its words");
    is_int(db_get_int(db, "SELECT count(*) FROM doc_text", 0), 3, "and its texts");
    is_int(doc_delete(db, a, &err), STATUS_NO_SUCH, "only once");
    err = ERROR_INIT;
    is_int(doc_index_verify(db, &err), STATUS_OK, "index and texts fit still");
    is_int(db_get_int(db, "UPDATE doc_text SET subject = 'tampered' RETURNING 1", 0), 1, "a text is forged");
    is_int(doc_index_verify(db, &err), STATUS_CORRUPT, "which is noticed");
    err = ERROR_INIT;
    is_int(doc_index_rebuild(db, &err), STATUS_OK, "the index is made anew");
    feed(db);
    is_int(doc_index_verify(db, &err), STATUS_OK, "and fits");
    is_int(found(db, "tampered"), 3, "as the texts are now");
}

/* A text over the ceiling of the index. */
static void test_large(struct db *db)
{
    struct error err = ERROR_INIT;
    struct str body = STR_INIT;
    str_puts(&body, "firstword ");
    while (body.len < DOC_INDEX_MAX + 5000)
        str_puts(&body, "会议 lorem ");
    str_puts(&body, "lastword");
    struct doc d = {.kind = DOC_NOTE, .ref = 9, .date = 1, .body = str_text(&body)};
    int64_t key;
    is_int(doc_insert(db, &d, &key, &err), STATUS_OK, "a text of over 2 MB");
    feed(db);
    is_int(found(db, "firstword"), 1, "its beginning is found");
    is_int(found(db, "lastword"), 0, "its end is not");
    is_int(doc_index_verify(db, &err), STATUS_OK, "index and texts fit");
    struct str out = STR_INIT;
    ok(doc_body(db, key, &out, &err) == STATUS_OK && out.len == body.len, "it is kept whole");
    is_int(doc_delete(db, key, &err), STATUS_OK, "and deleted");
    is_int(found(db, "firstword"), 0, "with its words");
    str_fini(&out);
    str_fini(&body);
}

struct dated {
    int64_t date, key;
};

static int by_date(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    return (x->date > y->date) - (x->date < y->date);
}

/* Inserts docs of these dates; how many of their keys are not in the order of their dates. */
static int misplaced(struct db *db, struct dated *all, int n, int64_t ref)
{
    struct error err = ERROR_INIT;
    int wrong = 0;
    for (int i = 0; i < n; i++) {
        struct doc d = {.kind = DOC_NOTE, .ref = ref + i, .date = all[i].date, .subject = "dated"};
        if (doc_insert(db, &d, &all[i].key, &err) != STATUS_OK)
            abort();
    }
    qsort(all, (size_t)n, sizeof *all, by_date);
    for (int i = 1; i < n; i++)
        wrong += all[i].key <= all[i - 1].key && all[i].date > all[i - 1].date;
    return wrong;
}

/* Keys keep the order of dates, however docs come. */
static void test_keys(struct db *db)
{
    enum { N = 2000, DAY = 86400, FROM = 1200000000 };
    static struct dated all[N];
    unsigned x = 1;
    for (int i = 0; i < N; i++)
        all[i].date = FROM + i;
    is_int(misplaced(db, all, N, 10000), 0, "a second apart, the oldest first");
    for (int i = 0; i < N; i++)
        all[i].date = FROM + 2 * DAY - i;
    is_int(misplaced(db, all, N, 20000), 0, "a second apart, the newest first");
    for (int i = 0; i < N; i++) {
        x = x * 1103515245u + 12345u;
        all[i].date = FROM + 100 * DAY + (x >> 8) % (20 * DAY);
    }
    is_int(misplaced(db, all, N, 30000), 0, "anyhow, a hundred a day");
    for (int i = 0; i < N; i++)
        all[i].date = FROM + 50 * DAY;
    is_int(misplaced(db, all, N, 40000), 0, "all of one second");
    ok(all[0].key > 0 && all[N - 1].key - all[0].key == N - 1, "stand close together");
    for (int i = 0; i < N; i++)
        all[i].date = FROM + 60 * DAY + i * 7919 % N;
    misplaced(db, all, N, 50000);
    bool own = true;
    qsort(all, N, sizeof *all, by_date);
    for (int i = 0; i < N; i++)
        own = own && all[i].key > (FROM + 59 * DAY) / 8 && all[i].key < (FROM + 61 * DAY) / 8;
    ok(own, "more than there is room for, anyhow: near their time");
    all[0].date = 0;
    all[1].date = 40;
    all[2].date = 20;
    is_int(misplaced(db, all, 3, 60000), 0, "at the beginning of time");
    ok(all[0].key > 0, "no key is 0");
    all[0].date = INT64_MAX;
    all[1].date = FROM + 3000 * DAY;
    is_int(misplaced(db, all, 2, 61000), 0, "and at its end");
}

/* Runs the parts. */
int main(void)
{
    test_start();
    struct db *db = test_db("doc.db");
    test_rows(db);
    test_index(db);
    test_large(db);
    test_keys(db);
    db_rollback(db);
    db_close(db);
    return tap_end();
}
