/* SPDX-License-Identifier: GPL-3.0-or-later */
/* topic.c - answers that name no mail: joined by their subject, but only when all of this holds
 *
 *   - the later mail names no other one (no usable References, no In-Reply-To);
 *   - its subject begins with a reply's or forward's prefix and is the same as the earlier one's
 *     without prefixes and [list] tags;
 *   - it came at most 30 days after the earlier one;
 *   - its sender was part of the earlier mail, the earlier one's sender is part of it, and when one
 *     person wrote both they share a recipient;
 *   - neither is a mailing list's or a machine's, and no person has split or joined the thread.
 *
 * Mails come in any order: an answer that found nothing waits in mail_orphan, and an earlier mail
 * that comes later fetches it from there. The nearest earlier mail is taken. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "mail/inside.h"

enum { DAYS = 30, DAY = 86400, CANDIDATES = 20, SHORTEST = 5 };

static const char *const prefixes[] = {"re",  "fwd", "fw",   "aw",  "wg", "sv",   "vs",   "vb",
                                       "tr",  "antw", "odp", "rif", "res", "enc", "回复", "答复",
                                       "回覆", "转发", "轉寄", "轉發", NULL};

/* Skips white space. */
static const char *skip_space(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* The end of "Re:", "RE[2]:", "回复：" at s; s itself when there is none. */
static const char *after_prefix(const char *s)
{
    for (size_t i = 0; prefixes[i]; i++) {
        if (!str_starts_nocase(s, prefixes[i]))
            continue;
        const char *p = s + strlen(prefixes[i]);
        if (*p == '[' || *p == '(') {
            size_t digits = strspn(p + 1, "0123456789");
            if (digits && (p[1 + digits] == ']' || p[1 + digits] == ')'))
                p += digits + 2;
        }
        p = skip_space(p);
        if (*p == ':')
            return skip_space(p + 1);
        if (str_starts(p, "：") || str_starts(p, "﹕"))
            return skip_space(p + 3);
    }
    return s;
}

/* The end of a "[list]" tag at s, when more follows. */
static const char *after_tag(const char *s)
{
    const char *end = *s == '[' ? strchr(s, ']') : NULL;

    if (!end || end - s > 40)
        return s;
    end = skip_space(end + 1);
    return *end ? end : s;
}

/* The key of a subject without its prefixes. */
int64_t mail_topic_key(const char *subject, bool *answer)
{
    const char *p = skip_space(subject ? subject : ""), *before;
    struct str folded = STR_INIT, plain = STR_INIT;
    int64_t key = 0;

    *answer = false;
    do {
        before = p;
        p = after_prefix(p);
        *answer |= p != before;
        p = after_tag(p);
    } while (p != before);
    utf8_fold(&folded, p, strlen(p));
    for (size_t i = 0; i < folded.len; i++) {
        bool space = (unsigned char)folded.data[i] <= ' ';
        if (!space)
            str_putc(&plain, folded.data[i]);
        else if (plain.len && plain.data[plain.len - 1] != ' ')
            str_putc(&plain, ' ');
    }
    while (plain.len && plain.data[plain.len - 1] == ' ')
        str_truncate(&plain, plain.len - 1);
    if (plain.len >= SHORTEST)
        key = mail_join_key(str_text(&plain));
    str_fini(&folded);
    str_fini(&plain);
    return key;
}

/* Does the mail come from a list or a machine? */
static bool is_bulk(const struct mail_message *m)
{
    return m->list_id || m->list_post || m->list_unsubscribe || m->precedence ||
           (m->auto_submitted && !str_eq_nocase(m->auto_submitted, "no"));
}

/* What the subject of a new mail comes to. */
void mail_topic_read(const struct mail_message *m, struct mail_topic *t)
{
    bool answer;

    *t = (struct mail_topic){0};
    if (is_bulk(m) || !m->from.len)
        return;
    t->key = mail_topic_key(m->subject, &answer);
    t->orphan = t->key && answer && !m->in_reply_to && !m->references.len;
}

/* ---- people ---- */

/* Is the address in one of a mail's lists? */
static bool has_address(const struct vec *list, const char *address)
{
    for (size_t i = 0; i < list->len && i < 100; i++)
        if (str_eq_nocase(((const struct mail_address *)vec_at(list, i))->address, address))
            return true;
    return false;
}

/* Is somebody of `list` among the recipients of m? */
static bool shares(const struct vec *list, const struct mail_message *m)
{
    for (size_t i = 0; i < list->len && i < 100; i++) {
        const char *address = ((const struct mail_address *)vec_at(list, i))->address;
        if (has_address(&m->to, address) || has_address(&m->cc, address))
            return true;
    }
    return false;
}

/* Is the address part of the mail? */
static bool takes_part(const struct mail_message *m, const char *address)
{
    return has_address(&m->from, address) || has_address(&m->to, address) ||
           has_address(&m->cc, address);
}

/* Do two mails lie between the same people? */
static bool same_people(const struct mail_message *a, const struct mail_message *b)
{
    if (!a->from.len || !b->from.len)
        return false;
    const char *x = ((const struct mail_address *)vec_at(&a->from, 0))->address;
    const char *y = ((const struct mail_address *)vec_at(&b->from, 0))->address;

    if (!*x || !*y || !takes_part(a, y) || !takes_part(b, x))
        return false;
    return !str_eq_nocase(x, y) || shares(&a->to, b) || shares(&a->cc, b);
}

/* ---- looking for each other ---- */

struct candidate {
    int64_t message, thread;
};

/* Rows of (message, thread) as a query gives them. */
static enum status read_candidates(struct db_query *q, struct vec *out, struct error *err)
{
    vec_init(out, sizeof(struct candidate), NULL);
    while (db_step(q)) {
        struct candidate *c = vec_push(out);
        c->message = db_int(q, 0);
        c->thread = db_int(q, 1);
    }
    return db_done(q, err);
}

/* The thread of the nearest earlier mail that this orphan answers; 0 none. */
enum status mail_topic_find(struct db *db, const struct mail_message *m, const struct mail_topic *t,
                            int64_t date, int64_t *thread, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT id, thread FROM mail_message WHERE topic=?1 AND topic<>0 AND date BETWEEN ?2 AND ?3"
            " AND NOT (SELECT apart FROM mail_thread WHERE mail_thread.id=mail_message.thread)"
            " ORDER BY date DESC LIMIT ?4");
    struct vec found;
    enum status st;

    *thread = 0;
    db_bind_int(q, 1, t->key);
    db_bind_int(q, 2, date - (int64_t)DAYS * DAY);
    db_bind_int(q, 3, date);
    db_bind_int(q, 4, CANDIDATES);
    st = read_candidates(q, &found, err);
    for (size_t i = 0; i < found.len && st == STATUS_OK && !*thread; i++) {
        const struct candidate *c = vec_at(&found, i);
        struct mail_message *other = NULL;
        st = mail_message_get(db, c->message, &other, err);
        if (st == STATUS_OK && same_people(other, m))
            *thread = c->thread;
        mail_message_free(other);
    }
    vec_fini(&found);
    return st;
}

/* Remembers an answer that found nothing. */
enum status mail_topic_wait(struct db *db, const struct mail_topic *t, int64_t message,
                            struct error *err)
{
    struct db_query *q =
        db_prepare(db, "INSERT OR IGNORE INTO mail_orphan(topic, message) VALUES(?1, ?2)");

    db_bind_int(q, 1, t->key);
    db_bind_int(q, 2, message);
    return db_run(q, err);
}

/* It has been found. */
static enum status forget(struct db *db, const struct mail_topic *t, int64_t message,
                          struct error *err)
{
    struct db_query *q = db_prepare(db, "DELETE FROM mail_orphan WHERE topic=?1 AND message=?2");

    db_bind_int(q, 1, t->key);
    db_bind_int(q, 2, message);
    return db_run(q, err);
}

/* Threads of answers that came before this earlier mail did. */
enum status mail_topic_fetch(struct db *db, const struct mail_message *m, const struct mail_topic *t,
                             int64_t date, struct vec *threads, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT m.id, m.thread FROM mail_orphan o JOIN mail_message m ON m.id=o.message"
            " JOIN mail_thread t ON t.id=m.thread WHERE o.topic=?1 AND m.date BETWEEN ?2 AND ?3"
            " AND t.apart=0 ORDER BY m.date LIMIT ?4");
    struct vec found;
    enum status st;

    vec_init(threads, sizeof(int64_t), NULL);
    db_bind_int(q, 1, t->key);
    db_bind_int(q, 2, date);
    db_bind_int(q, 3, date + (int64_t)DAYS * DAY);
    db_bind_int(q, 4, CANDIDATES);
    st = read_candidates(q, &found, err);
    for (size_t i = 0; i < found.len && st == STATUS_OK; i++) {
        const struct candidate *c = vec_at(&found, i);
        struct mail_message *other = NULL;
        st = mail_message_get(db, c->message, &other, err);
        if (st == STATUS_OK && same_people(m, other)) {
            mail_vec_add(threads, c->thread);
            st = forget(db, t, c->message, err);
        }
        mail_message_free(other);
    }
    vec_fini(&found);
    return st;
}
