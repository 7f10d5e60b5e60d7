/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people.c - the address book that fills itself; words of names and addresses by index */
#include "mail/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/config.h"
#include "mail/inside.h"

#define ADDRESS_MOST 254
#define WORDS_MOST 12

struct mail_people {
    struct vec seen;      /* struct mail_person */
    struct vec delivered; /* struct mail_person: address and seen */
};

/* Releases what a person owns. */
void mail_person_fini_item(void *item)
{
    struct mail_person *p = item;

    free(p->name);
    free(p->address);
}

/* An empty count. */
struct mail_people *mail_people_new(void)
{
    struct mail_people *p = mem_alloc(sizeof *p);

    vec_init(&p->seen, sizeof(struct mail_person), mail_person_fini_item);
    vec_init(&p->delivered, sizeof(struct mail_person), mail_person_fini_item);
    return p;
}

/* Forgets what was not written. */
void mail_people_free(struct mail_people *p)
{
    if (!p)
        return;
    vec_fini(&p->seen);
    vec_fini(&p->delivered);
    free(p);
}

/* Lower case (ASCII) copy of an address; NULL when it is none. */
static char *lower_address(const char *address)
{
    size_t n = address ? strlen(address) : 0;
    char *copy;

    if (n < 3 || n > ADDRESS_MOST || !strchr(address, '@') || strpbrk(address, " \t\r\n<>,"))
        return NULL;
    copy = mem_strdup(address);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    return copy;
}

/* The person of that address in a small list, added when new. */
static struct mail_person *person_in(struct vec *list, char *address /* taken */)
{
    struct mail_person *p;

    for (size_t i = 0; i < list->len; i++) {
        p = vec_at(list, i);
        if (str_eq(p->address, address)) {
            free(address);
            return p;
        }
    }
    p = vec_push(list);
    p->address = address;
    p->name = mem_strdup("");
    p->last = CLOCK_NONE;
    return p;
}

/* Counts one address field. */
static void count_list(struct mail_people *p, const struct vec *list, size_t *left, int64_t date,
                       bool written)
{
    for (size_t i = 0; i < list->len && *left; i++, --*left) {
        const struct mail_address *a = vec_at(list, i);
        char *address = lower_address(a->address);
        struct mail_person *who;
        if (!address)
            continue;
        who = person_in(&p->seen, address);
        if (written)
            who->written++;
        else
            who->seen++;
        if (a->name && *a->name && strlen(a->name) <= 200 && (date >= who->last || !*who->name)) {
            free(who->name);
            who->name = mem_strdup(a->name);
        }
        if (date > who->last)
            who->last = date;
    }
}

/* Counts the people of one message. */
void mail_people_count(struct mail_people *p, const struct mail_message *m, int64_t date, bool mine)
{
    size_t left = MAIL_PEOPLE_MOST;
    char *me = lower_address(m->delivered_to);

    count_list(p, &m->from, &left, date, false);
    count_list(p, &m->to, &left, date, mine);
    count_list(p, &m->cc, &left, date, mine);
    if (mine)
        count_list(p, &m->bcc, &left, date, true);
    if (me)
        person_in(&p->delivered, me)->seen++;
}

/* Puts one word into the index of a person. */
static enum status add_word(struct db *db, int64_t person, const char *word, size_t n,
                            struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT OR IGNORE INTO mail_word(word,person) VALUES(?1,?2)");

    db_bind_text_n(q, 1, word, n < 80 ? n : 80);
    db_bind_int(q, 2, person);
    return db_run(q, err);
}

/* The folded words of a name (a CJK name from each of its characters on), and of an address: the
 * whole and its host. */
static enum status add_words(struct db *db, int64_t person, const char *name, const char *address,
                             struct error *err)
{
    struct str folded = STR_INIT;
    const char *host = strchr(address, '@');
    size_t at = 0, words = 0;
    bool inside = false;
    enum status st = add_word(db, person, address, strlen(address), err);

    if (st == STATUS_OK && host && host[1])
        st = add_word(db, person, host + 1, strlen(host + 1), err);
    utf8_fold(&folded, name, strlen(name));
    while (at < folded.len && st == STATUS_OK && words < WORDS_MOST) {
        size_t used;
        uint32_t c = utf8_decode(folded.data + at, folded.len - at, &used);
        bool space = c <= 0x20 || (c < 0x80 && strchr("\"'(),.;:<>-_/", (int)c));
        if (!space && (!inside || utf8_is_cjk(c))) {
            st = add_word(db, person, folded.data + at, folded.len - at, err);
            words++;
        }
        inside = !space;
        at += used;
    }
    str_fini(&folded);
    return st;
}

/* Writes one person; words only when the name or the person is new. */
static enum status write_person(struct db *db, const struct mail_person *p, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT id,name,last FROM mail_person WHERE address=?1");
    int64_t id = 0;
    bool name = *p->name != '\0';
    enum status st;

    db_bind_text(q, 1, p->address);
    if (db_step(q)) {
        id = db_int(q, 0);
        name = name && !str_eq(p->name, db_text(q, 1)) && (p->last >= db_int(q, 2) || !*db_text(q, 1));
    }
    st = db_done(q, err);
    if (st != STATUS_OK)
        return st;
    if (id)
        q = db_prepare(db, "UPDATE mail_person SET seen=seen+?3, written=written+?4,"
                           " last=max(last,?5), name=CASE ?6 WHEN 1 THEN ?2 ELSE name END"
                           " WHERE address=?1");
    else
        q = db_prepare(db, "INSERT INTO mail_person(address,name,seen,written,last)"
                           " VALUES(?1,?2,?3,?4,?5)");
    db_bind_text(q, 1, p->address);
    db_bind_text(q, 2, p->name);
    db_bind_int(q, 3, p->seen);
    db_bind_int(q, 4, p->written);
    db_bind_int(q, 5, p->last);
    if (id)
        db_bind_int(q, 6, name);
    st = db_run(q, err);
    if (st == STATUS_OK && (!id || name))
        st = add_words(db, id ? id : db_last_id(db), p->name, p->address, err);
    return st;
}

/* Writes all that was counted, and forgets it. */
enum status mail_people_write(struct mail_people *p, struct db *db, struct error *err)
{
    enum status st = STATUS_OK;

    for (size_t i = 0; i < p->seen.len && st == STATUS_OK; i++)
        st = write_person(db, vec_at(&p->seen, i), err);
    for (size_t i = 0; i < p->delivered.len && st == STATUS_OK; i++) {
        const struct mail_person *d = vec_at(&p->delivered, i);
        struct db_query *q =
            db_prepare(db, "INSERT INTO mail_delivered(address,count) VALUES(?1,?2)"
                           " ON CONFLICT(address) DO UPDATE SET count=count+excluded.count");
        db_bind_text(q, 1, d->address);
        db_bind_int(q, 2, d->seen);
        st = db_run(q, err);
    }
    vec_clear(&p->seen);
    vec_clear(&p->delivered);
    return st;
}

/* Reads name, address, seen, written, last. */
static void read_person(struct db_query *q, struct mail_person *p)
{
    *p = (struct mail_person){
        .name = mem_strdup(db_text(q, 0)),
        .address = mem_strdup(db_text(q, 1)),
        .seen = db_int(q, 2),
        .written = db_int(q, 3),
        .last = db_int(q, 4),
    };
}

/* How much a person counts: how often, I writing ten times as much as they, halved after a month
 * without a mail and again by age; machines that take no answer come last. */
#define WEIGHT                                                                                    \
    "(written*10+seen)/(1.0+max(0,?2-last)/2592000.0)"                                             \
    "*(CASE WHEN written=0 AND (address LIKE '%noreply%' OR address LIKE '%no-reply%'"             \
    " OR address LIKE '%donotreply%' OR address LIKE 'mailer-daemon@%') THEN 0.001 ELSE 1 END)"

/* Whoever writes does not write to himself: own addresses stand behind all others. */
static void put_me_last(struct vec *people)
{
    size_t n = people->len;
    for (size_t i = 0, looked = 0; looked < n; looked++) {
        struct mail_person *p = vec_at(people, i);
        if (!config_is_me(p->address)) {
            i++;
            continue;
        }
        struct mail_person me = *p;
        *p = (struct mail_person){0};
        vec_remove(people, i);
        *(struct mail_person *)vec_push(people) = me;
    }
}

/* People by the beginning of a word (and all that follows it in the name). */
enum status mail_people_find(struct db *db, const char *prefix, size_t limit, struct vec *people,
                             struct error *err)
{
    struct db_query *q;
    struct str folded = STR_INIT, above = STR_INIT;

    vec_init(people, sizeof(struct mail_person), mail_person_fini_item);
    utf8_fold(&folded, prefix, strlen(prefix));
    if (!folded.len) {
        q = db_prepare(db, "SELECT name,address,seen,written,last FROM (SELECT * FROM mail_person"
                           " ORDER BY written DESC, seen DESC LIMIT 200)"
                           " ORDER BY " WEIGHT " DESC, last DESC LIMIT ?1");
    } else {
        str_add(&above, folded.data, folded.len);
        str_puts(&above, "\xf4\x8f\xbf\xbf");
        q = db_prepare(db, "SELECT name,address,seen,written,last FROM mail_person WHERE id IN"
                           " (SELECT person FROM mail_word WHERE word>=?3 AND word<?4 LIMIT 2000)"
                           " ORDER BY " WEIGHT " DESC, last DESC LIMIT ?1");
        db_bind_text(q, 3, folded.data);
        db_bind_text(q, 4, above.data);
    }
    db_bind_int(q, 1, (int64_t)limit);
    db_bind_int(q, 2, clock_now());
    while (db_step(q))
        read_person(q, vec_push(people));
    put_me_last(people);
    str_fini(&folded);
    str_fini(&above);
    return db_done(q, err);
}

/* One person; all zero when never seen. */
enum status mail_people_get(struct db *db, const char *address, struct mail_person *out,
                            struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT name,address,seen,written,last FROM mail_person"
                                        " WHERE address=?1");
    char *lower = lower_address(address);

    *out = (struct mail_person){0};
    db_bind_text(q, 1, lower ? lower : "");
    if (db_step(q))
        read_person(q, out);
    free(lower);
    return db_done(q, err);
}
