/* SPDX-License-Identifier: GPL-3.0-or-later */
/* triage_learn.c - what a person's corrections teach: the thread itself, rules of the sender and of
 * the list, and a naive Bayes classifier over the words of the mail.
 *
 * A lesson is a journal field of the thread, so that undoing a correction unlearns it: the words
 * are counted out again from the very mail they were counted in from. Word counts are numbers of
 * lessons that hold the word (Bernoulli); of a mail's words the most telling TELLING ones count. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/str.h"
#include "inbox/checks_inside.h"
#include "inbox/triage_inside.h"

#define WORDS_MOST 400
#define TELLING 25
#define LESSONS_LEAST 6 /* before words decide anything */
#define CLASS_LEAST 3
#define SURE 0.97

static const char *const classes[] = {"answer", "act", "meet", "fyi", "bulk", "risk"};
#define CLASSES (sizeof classes / sizeof *classes)

/* Orders keys. */
static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* A key of a fact that is no word of the text ("from:example.org"). */
static uint64_t fact_key(const char *kind, const char *value)
{
    uint64_t h = 1469598103934665603u;
    for (const char *p = kind; *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211u;
    for (const char *p = value; *p; p++)
        h = (h ^ (unsigned char)tolower((unsigned char)*p)) * 1099511628211u;
    return h;
}

/* The distinct words of a mail, at most WORDS_MOST; uint64_t. */
static void words_of(const struct mail_message *m, const char *text, struct vec *out)
{
    const struct mail_address *from = m->from.len ? vec_at(&m->from, 0) : NULL;
    const char *at = from ? strchr(from->address, '@') : NULL;
    struct vec all;
    vec_init(&all, sizeof(uint64_t), NULL);
    if (m->subject)
        passage_words(m->subject, strlen(m->subject), &all);
    passage_words(text, strnlen(text, 16384), &all);
    while (all.len > 4000)
        all.len--;
    vec_sort(&all, by_key);
    if (at)
        *(uint64_t *)vec_push(out) = fact_key("domain:", at + 1);
    if (m->list_id)
        *(uint64_t *)vec_push(out) = fact_key("list:", m->list_id);
    if (m->list_unsubscribe)
        *(uint64_t *)vec_push(out) = fact_key("has:", "unsubscribe");
    for (size_t i = 0; i < all.len && out->len < WORDS_MOST; i++) {
        uint64_t key = *(uint64_t *)vec_at(&all, i);
        if (i == 0 || key != *(uint64_t *)vec_at(&all, i - 1))
            *(uint64_t *)vec_push(out) = key;
    }
    vec_fini(&all);
}

/* The address of the sender, lower case. Yours. */
static char *sender_of(const struct mail_message *m)
{
    const struct mail_address *from = m->from.len ? vec_at(&m->from, 0) : NULL;
    char *s = mem_strdup(from && from->address ? from->address : "");
    for (char *p = s; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return s;
}

/* Is it a lane that words can tell? */
static bool is_class(const char *lane)
{
    for (size_t i = 0; i < CLASSES; i++)
        if (strcmp(lane, classes[i]) == 0)
            return true;
    return false;
}

/* Counts the words of a mail in (1) or out (-1) of a lane. */
static enum status count_words(struct db *db, int64_t message, const char *lane, int by,
                               struct error *err)
{
    struct mail_message *m;
    struct vec words;
    struct error gone = ERROR_INIT;
    if (!message || !is_class(lane) || mail_message_get(db, message, &m, &gone))
        return STATUS_OK;
    char *text = checks_own_text(m->text ? m->text : "");
    enum status st = STATUS_OK;
    vec_init(&words, sizeof(uint64_t), NULL);
    words_of(m, text, &words);
    for (size_t i = 0; st == STATUS_OK && i < words.len; i++) {
        struct db_query *q =
            db_prepare(db, "INSERT INTO triage_word (word, lane, n) VALUES (?1, ?2, max(?3, 0))"
                           " ON CONFLICT (word, lane) DO UPDATE SET n = max(n + ?3, 0)");
        db_bind_int(q, 1, (int64_t) * (uint64_t *)vec_at(&words, i));
        db_bind_text(q, 2, lane);
        db_bind_int(q, 3, by);
        st = db_run(q, err);
    }
    if (st == STATUS_OK) {
        struct db_query *q =
            db_prepare(db, "INSERT INTO triage_class (lane, lessons) VALUES (?1, max(?2, 0))"
                           " ON CONFLICT (lane) DO UPDATE SET lessons = max(lessons + ?2, 0)");
        db_bind_text(q, 1, lane);
        db_bind_int(q, 2, by);
        st = db_run(q, err);
    }
    vec_fini(&words);
    free(text);
    mail_message_free(m);
    return st;
}

/* journal_field: the lane a person said, "" none. */
static enum status lesson_get(struct db *db, int64_t thread, struct str *out, struct error *err)
{
    if (!mail_thread_id(db, thread))
        return error_set(err, STATUS_NO_SUCH, _("there is no thread t%lld"), (long long)thread);
    struct db_query *q = db_prepare(db, "SELECT lane FROM triage_lesson WHERE thread = ?");
    db_bind_int(q, 1, mail_thread_id(db, thread));
    if (db_step(q))
        str_puts(out, db_text(q, 0));
    return db_done(q, err);
}

/* Takes a lesson out again. */
static enum status unlearn(struct db *db, int64_t thread, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT lane, learned FROM triage_lesson WHERE thread = ?");
    db_bind_int(q, 1, thread);
    bool had = db_step(q);
    char *lane = mem_strdup(had ? db_text(q, 0) : "");
    int64_t learned = had ? db_int(q, 1) : 0;
    enum status st = db_done(q, err);
    if (st == STATUS_OK && had) {
        st = count_words(db, learned, lane, -1, err);
        if (st == STATUS_OK) {
            q = db_prepare(db, "DELETE FROM triage_lesson WHERE thread = ?");
            db_bind_int(q, 1, thread);
            st = db_run(q, err);
        }
    }
    free(lane);
    return st;
}

/* journal_field: learns a lane, or unlearns. */
static enum status lesson_set(struct db *db, int64_t ref, const char *lane, struct error *err)
{
    struct triage_thread in;
    int64_t thread = mail_thread_id(db, ref);
    enum status st = thread ? unlearn(db, thread, err)
                            : error_set(err, STATUS_NO_SUCH, _("there is no thread t%lld"),
                                        (long long)ref);
    if (st || !*lane || (st = triage_open(db, thread, &in, err)))
        return st;
    char *sender = in.foreign ? sender_of(in.foreign) : mem_strdup("");
    struct db_query *q = db_prepare(
        db, "INSERT INTO triage_lesson (thread, lane, message, learned, sender, list, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, thread);
    db_bind_text(q, 2, lane);
    db_bind_int(q, 3, in.thread.newest);
    db_bind_int(q, 4, in.foreign_id);
    db_bind_text(q, 5, sender);
    db_bind_text(q, 6, in.foreign && in.foreign->list_id ? in.foreign->list_id : "");
    db_bind_int(q, 7, clock_now());
    st = db_run(q, err);
    if (st == STATUS_OK)
        st = count_words(db, in.foreign_id, lane, 1, err);
    free(sender);
    triage_close(&in);
    return st;
}

const struct journal_field triage_lesson_field = {
    .name = "triage.lesson", .letter = 't', .get = lesson_get, .set = lesson_set,
    .label = N_("learned"), .word = mail_lane_value};

bool triage_told(struct db *db, const struct triage_thread *in, struct triage *t)
{
    struct db_query *q =
        db_prepare(db, "SELECT lane, message FROM triage_lesson WHERE thread = ?");
    db_bind_int(q, 1, in->thread.id);
    enum mail_lane lane = MAIL_LANE_NONE;
    bool stands = db_step(q) && db_int(q, 1) == in->thread.newest && mail_lane_parse(db_text(q, 0), &lane);
    db_end(q);
    if (stands)
        triage_set(t, lane, "learned", 1, "told", NULL, 0);
    return stands;
}

/* What lessons of the same sender (or list) say; lessons_n how many of them. */
static enum mail_lane rule_of(struct db *db, const char *sql, const char *value, int64_t thread,
                              int64_t *agree, int64_t *all)
{
    enum mail_lane lane = MAIL_LANE_NONE, one;
    struct db_query *q = db_prepare(db, sql);
    db_bind_text(q, 1, value);
    db_bind_int(q, 2, thread);
    *agree = *all = 0;
    while (db_step(q)) {
        *all += db_int(q, 1);
        if (*agree == 0 && mail_lane_parse(db_text(q, 0), &one)) {
            lane = one;
            *agree = db_int(q, 1);
        }
    }
    db_end(q);
    return lane;
}

/* Is somebody asked something in so many words? */
static bool asks_clearly(const char *text)
{
    struct check_ask asks[12];
    size_t n = checks_find_asks(text, asks, 12);
    for (size_t i = 0; i < n; i++)
        if (asks[i].strength >= 0.8)
            return true;
    return false;
}

struct telling {
    double spread; /* how far the lanes differ about it */
    double log_p[CLASSES];
};

/* The most telling first. */
static int by_spread(const void *a, const void *b)
{
    double x = ((const struct telling *)a)->spread, y = ((const struct telling *)b)->spread;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Reads how many lessons each lane has; returns their sum. */
static int64_t read_classes(struct db *db, int64_t lessons[CLASSES])
{
    int64_t sum = 0;
    struct db_query *q = db_prepare(db, "SELECT lane, lessons FROM triage_class");
    while (db_step(q))
        for (size_t c = 0; c < CLASSES; c++)
            if (strcmp(db_text(q, 0), classes[c]) == 0) {
                lessons[c] = db_int(q, 1);
                sum += lessons[c];
            }
    db_end(q);
    return sum;
}

/* Naive Bayes: the lane the words speak for and how surely; false when it knows too little. */
static bool by_words(struct db *db, const struct triage_thread *in, enum mail_lane *lane, double *sure)
{
    int64_t lessons[CLASSES] = {0};
    if (read_classes(db, lessons) < LESSONS_LEAST)
        return false;
    struct vec words, told;
    vec_init(&words, sizeof(uint64_t), NULL);
    vec_init(&told, sizeof(struct telling), NULL);
    words_of(in->foreign, in->text, &words);
    for (size_t i = 0; i < words.len; i++) {
        double n[CLASSES] = {0}, high = -1e9, low = 1e9;
        bool known = false;
        struct db_query *q = db_prepare(db, "SELECT lane, n FROM triage_word WHERE word = ? AND n > 0");
        db_bind_int(q, 1, (int64_t) * (uint64_t *)vec_at(&words, i));
        while (db_step(q))
            for (size_t c = 0; c < CLASSES; c++)
                if (strcmp(db_text(q, 0), classes[c]) == 0) {
                    n[c] = (double)db_int(q, 1);
                    known = true;
                }
        db_end(q);
        if (!known)
            continue;
        struct telling *w = vec_push(&told);
        for (size_t c = 0; c < CLASSES; c++) {
            if (!lessons[c])
                continue;
            w->log_p[c] = log((n[c] + 0.4) / ((double)lessons[c] + 0.8));
            high = w->log_p[c] > high ? w->log_p[c] : high;
            low = w->log_p[c] < low ? w->log_p[c] : low;
        }
        w->spread = high - low;
    }
    vec_sort(&told, by_spread);
    double score[CLASSES], best = -1e18, sum = 0;
    size_t winner = CLASSES;
    int64_t all = 0;
    for (size_t c = 0; c < CLASSES; c++)
        all += lessons[c];
    for (size_t c = 0; c < CLASSES; c++) {
        if (!lessons[c])
            continue;
        score[c] = log((double)lessons[c] / (double)all);
        for (size_t i = 0; i < told.len && i < TELLING; i++)
            score[c] += ((struct telling *)vec_at(&told, i))->log_p[c];
        if (score[c] > best) {
            best = score[c];
            winner = c;
        }
    }
    for (size_t c = 0; c < CLASSES; c++)
        if (lessons[c])
            sum += exp(score[c] - best);
    bool enough = told.len >= 5 && winner < CLASSES && lessons[winner] >= CLASS_LEAST;
    *sure = enough ? 1 / sum : 0;
    vec_fini(&words);
    vec_fini(&told);
    return enough && mail_lane_parse(classes[winner], lane);
}

bool triage_learned(struct db *db, const struct triage_thread *in, struct triage *t)
{
    int64_t agree, all;
    double sure;
    char *sender = sender_of(in->foreign);
    enum mail_lane lane = rule_of(db, "SELECT lane, count(*) AS n FROM triage_lesson WHERE sender = ?1"
                                      " AND thread <> ?2 AND sender <> '' AND lane NOT IN ('done',"
                                      " 'wait') GROUP BY lane ORDER BY n DESC, max(at) DESC",
                                  sender, in->thread.id, &agree, &all);
    if (lane == MAIL_LANE_NONE && in->foreign->list_id)
        lane = rule_of(db, "SELECT lane, count(*) AS n FROM triage_lesson WHERE list = ?1 AND"
                           " thread <> ?2 AND lane NOT IN ('done', 'wait') GROUP BY lane"
                           " ORDER BY n DESC, max(at) DESC",
                       in->foreign->list_id, in->thread.id, &agree, &all);
    bool quiet = lane == MAIL_LANE_FYI || lane == MAIL_LANE_BULK;
    /* One word about somebody does not silence a clear question of theirs. */
    if (lane != MAIL_LANE_NONE && quiet && agree < 2 && !in->foreign->list_id &&
        !in->foreign->list_unsubscribe && asks_clearly(in->text))
        lane = MAIL_LANE_NONE;
    if (lane != MAIL_LANE_NONE && 2 * agree > all) {
        char *reason = str_format("moved\n%lld\n%s", (long long)agree, sender);
        triage_set(t, lane, "learned", 0.6 + 0.35 * (double)agree / ((double)all + 1), reason, NULL, 0);
        free(reason);
    } else if (by_words(db, in, &lane, &sure) && sure >= SURE &&
               !((lane == MAIL_LANE_FYI || lane == MAIL_LANE_BULK) && asks_clearly(in->text) &&
                 !in->foreign->list_unsubscribe)) {
        triage_set(t, lane, "learned", sure * 0.9, "like-moved",
                   NULL, 0);
    } else {
        lane = MAIL_LANE_NONE;
    }
    free(sender);
    return lane != MAIL_LANE_NONE;
}
