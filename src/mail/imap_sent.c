/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_sent.c - what was sent to an IMAP server is written down (operations) */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/imap_place.h"
#include "mail/imap_send.h"

/* Runs a statement of up to three numbers. */
static enum status run3(struct db *db, const char *sql, int64_t a, int64_t b, int64_t c, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    db_bind_int(q, 3, c);
    return db_run(q, err);
}

/* ---- flags ---- */

/* Keywords with these added and those taken away, sorted as the server's are kept. */
static char *with_words(const char *keywords, const char *plus, const char *minus)
{
    struct vec words;
    struct str out = STR_INIT;
    char *all = str_format("%s %s", keywords, plus), *copy = all, *word;
    unsigned flags;

    vec_init(&words, sizeof(struct imap_text), NULL);
    while ((word = strsep(&copy, " "))) {
        struct imap_text *t;
        if (!*word || *word == '\\' || str_eq(word, "$Forwarded") || mail_imap_has_word(minus, ' ', word))
            continue;
        t = vec_push(&words);
        *t = (struct imap_text){.bytes = word, .len = strlen(word)};
    }
    mail_imap_words_read(&words, &flags, &out);
    vec_fini(&words);
    free(all);
    return str_take(&out);
}

/* A copy has got and lost these words. */
static enum status stored_one(struct db *db, int64_t folder, int64_t uid, const char *plus, const char *minus,
                              struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT flags,keywords FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
    bool found, seen, unseen;
    unsigned flags = 0, set, clear;
    char *keywords = NULL;
    enum status st;

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    found = db_step(q);
    if (found) {
        flags = (unsigned)db_int(q, 0);
        keywords = with_words(db_text(q, 1), plus, minus);
    }
    st = db_done(q, err);
    if (st != STATUS_OK || !found)
        return st;
    set = mail_imap_word_bits(plus, &seen);
    clear = mail_imap_word_bits(minus, &unseen);
    if (seen)
        clear |= DOC_UNREAD;
    if (unseen)
        set |= DOC_UNREAD;
    q = db_prepare(db, "UPDATE mail_imap_copy SET flags=?3,keywords=?4 WHERE folder=?1 AND uid=?2");
    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    db_bind_int(q, 3, (flags | set) & ~clear);
    db_bind_text(q, 4, keywords);
    st = db_run(q, err);
    free(keywords);
    return st;
}

/* Words that its folder cannot keep: the place stands apart in them. */
static enum status stands_apart(struct db *db, int64_t folder, int64_t uid, const char *words, struct error *err)
{
    char *copy = mem_strdup(words), *rest = copy, *word;
    enum status st = STATUS_OK;

    while (st == STATUS_OK && (word = strsep(&rest, " ")))
        st = mail_imap_set_apart(db, folder, uid, word, true, err);
    free(copy);
    return st;
}

/* ---- moves ---- */

/* The folders a copy was moved from, once it has come from `folder` to `target`. */
static void origin_of(const char *origin, int64_t folder, int64_t target, struct str *out)
{
    if (mail_imap_origin_has(origin, target))
        mail_imap_origin_cut(origin, target, out);
    else
        mail_imap_origin_push(origin, folder, out);
}

/* A copy lies in the target, too. */
enum status mail_imap_sent_place(struct db *db, int64_t folder, int64_t uid, int64_t target, int64_t to, bool known,
                                 struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT origin FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
    struct str origin = STR_INIT;
    enum status st;

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    if (db_step(q))
        origin_of(db_text(q, 0), folder, target, &origin);
    st = db_done(q, err);
    if (st == STATUS_OK) {
        q = db_prepare(db, known ? "UPDATE mail_imap_copy SET origin=?5,apart=o.apart,past=o.past FROM mail_imap_copy o WHERE"
                                   " o.folder=?1 AND o.uid=?2 AND mail_imap_copy.folder=?3 AND mail_imap_copy.uid=?4"
                                 : "INSERT OR REPLACE INTO mail_imap_copy(folder,uid,message,flags,keywords,modseq,"
                                   "received,size,whole,state,apart,past,origin) SELECT ?3,?4,message,flags,keywords,0,"
                                   "received,size,whole,0,apart,past,?5 FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
        db_bind_int(q, 1, folder);
        db_bind_int(q, 2, uid);
        db_bind_int(q, 3, target);
        db_bind_int(q, 4, to);
        db_bind_text(q, 5, str_text(&origin));
        st = db_run(q, err);
    }
    str_fini(&origin);
    if (st == STATUS_OK)
        st = run3(db, "DELETE FROM mail_imap_todo WHERE folder=?1 AND uid=?2 AND ?3=?3", target, to, 0, err);
    if (st == STATUS_OK)
        st = run3(db, "INSERT OR IGNORE INTO mail_copy(message,folder,path) SELECT message,?3,'' FROM mail_imap_copy"
                      " WHERE folder=?1 AND uid=?2", folder, uid, target, err);
    return st;
}

/* A copy lies elsewhere now; to 0: we do not know where. */
static enum status moved_one(struct db *db, const struct send_job *j, int64_t uid, int64_t to,
                             struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT message FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
    int64_t message = 0;
    enum status st;

    db_bind_int(q, 1, j->folder);
    db_bind_int(q, 2, uid);
    if (db_step(q))
        message = db_int(q, 0);
    st = db_done(q, err);
    if (st == STATUS_OK && message && to)
        st = mail_imap_sent_place(db, j->folder, uid, j->target, to, j->copied, err);
    if (st == STATUS_OK && message)
        st = j->left ? run3(db, "UPDATE mail_imap_copy SET state=?3,flags=flags|1048576 WHERE folder=?1"
                                " AND uid=?2", j->folder, uid, MAIL_COPY_LEFT, err)
                     : run3(db, "DELETE FROM mail_imap_copy WHERE folder=?1 AND uid=?2 AND ?3=?3",
                            j->folder, uid, 0, err);
    if (st == STATUS_OK && message)
        st = run3(db, "DELETE FROM mail_copy WHERE message=?1 AND folder=?2 AND path='' AND ?3=?3 AND"
                      " NOT EXISTS (SELECT 1 FROM mail_imap_copy WHERE message=?1 AND folder=?2 AND state=0)",
                  message, j->folder, 0, err);
    if (st == STATUS_OK && j->copied)
        st = run3(db, "DELETE FROM mail_imap_going WHERE folder=?1 AND uid=?2 AND ?3=?3", j->folder, uid, 0, err);
    return st;
}

/* Does COPYUID speak of the folder as we know it (or is it not known yet)? */
bool mail_imap_sent_valid(struct db *db, int64_t folder, int64_t validity)
{
    struct db_query *q = db_prepare(db, "SELECT uidvalidity FROM mail_imap_folder WHERE folder=?1");
    int64_t known = -1;

    db_bind_int(q, 1, folder);
    if (db_step(q))
        known = db_int(q, 0);
    db_end(q);
    return validity > 0 && (known == validity || known == 0);
}

/* A MOVE. Without COPYUID the copies are found by their bytes when the target is looked at. */
static enum status moved(struct db *db, struct sent_job *s, struct error *err)
{
    struct imap_pairs pairs;
    uint32_t from, to;
    enum status st = STATUS_OK;

    if (s->job.copied || !mail_imap_sent_valid(db, s->job.target, s->validity)) {
        for (size_t i = 0; i < s->job.pairs.len && st == STATUS_OK; i++) {
            const struct send_pair *p = vec_at(&s->job.pairs, i);
            st = moved_one(db, &s->job, p->uid, s->job.copied ? p->copy : 0, err);
        }
        return st;
    }
    imap_pairs_init(&pairs, s->from, strlen(s->from), s->to, strlen(s->to));
    while (st == STATUS_OK && imap_pairs_next(&pairs, &from, &to))
        for (size_t i = 0; i < s->job.pairs.len; i++)
            if (((struct send_pair *)vec_at(&s->job.pairs, i))->uid == from)
                st = moved_one(db, &s->job, from, to, err);
    return st;
}

/* An APPEND. */
static enum status appended(struct db *db, struct sent_job *s, struct error *err)
{
    const struct send_pair *p = vec_at(&s->job.pairs, 0);
    struct db_query *q;
    enum status st;

    if (!s->uid || !mail_imap_sent_valid(db, s->job.target, s->validity))
        return STATUS_OK;
    q = db_prepare(db, "INSERT OR REPLACE INTO mail_imap_copy(folder,uid,message,flags,keywords,modseq,"
                       "received,size,whole,state) SELECT ?1,?2,id,?4,?5,0,date,size,1,0 FROM mail_message"
                       " WHERE id=?3");
    db_bind_int(q, 1, s->job.target);
    db_bind_int(q, 2, s->uid);
    db_bind_int(q, 3, p->message);
    bool seen;
    unsigned flags = mail_imap_word_bits(s->job.plus, &seen);
    char *keywords = with_words("", s->job.plus, "");
    db_bind_int(q, 4, flags | (seen ? 0 : DOC_UNREAD));
    db_bind_text(q, 5, keywords);
    st = db_run(q, err);
    free(keywords);
    if (st == STATUS_OK)
        st = run3(db, "INSERT OR IGNORE INTO mail_copy(message,folder,path) SELECT ?1,?2,'' WHERE ?3=?3",
                  p->message, s->job.target, 0, err);
    if (st == STATUS_OK)
        st = run3(db, "DELETE FROM mail_imap_todo WHERE folder=?1 AND uid=?2 AND ?3=?3", s->job.target,
                  s->uid, 0, err);
    /* At once, not with the round: the line may drop before that, and a mail that is put elsewhere
     * meanwhile is then moved, not appended once more. */
    if (st == STATUS_OK)
        st = run3(db, "UPDATE mail_imap_push SET folder=?2 WHERE message=?1 AND ?3=?3", p->message,
                  s->job.target, 0, err);
    return st;
}

/* One job. */
static enum status sent_run(struct db *db, void *record, struct error *err)
{
    struct sent_job *s = record;
    enum status st = STATUS_OK;

    if (s->job.kind == SEND_MOVE)
        return moved(db, s, err);
    if (s->job.kind == SEND_APPEND)
        return appended(db, s, err);
    for (size_t i = 0; i < s->job.pairs.len && st == STATUS_OK; i++) {
        const struct send_pair *p = vec_at(&s->job.pairs, i);
        st = stored_one(db, s->job.folder, p->uid, s->job.plus, s->job.minus, err);
        if (st == STATUS_OK && s->job.dropped)
            st = stands_apart(db, s->job.folder, p->uid, s->job.dropped, err);
        if (st == STATUS_OK && (p->plus || p->minus))
            st = stored_one(db, s->job.folder, p->uid, p->plus ? p->plus : "", p->minus ? p->minus : "", err);
    }
    return st;
}

/* Releases the record. */
static void sent_free(void *record)
{
    struct sent_job *s = record;

    free(s->job.plus);
    free(s->job.minus);
    free(s->job.dropped);
    vec_fini(&s->job.pairs);
    free(s->from);
    free(s->to);
    free(s);
}

const struct store_op mail_imap_sent_op = {
    .name = "mail.imap-sent", .klass = OP_BULK, .run = sent_run, .free = sent_free};

/* ---- a round ---- */

/* Where a message was last told to be, when no copy is known there any more: where one is. */
static int64_t base_left(struct db *db, int64_t message, int64_t folder)
{
    struct db_query *q = db_prepare(
        db, "SELECT c.folder FROM mail_imap_copy c WHERE c.message=?1 AND c.state=0 AND ?2<>0 AND NOT EXISTS"
            " (SELECT 1 FROM mail_imap_copy o WHERE o.message=?1 AND o.folder=?2) LIMIT 1");

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, folder);
    if (db_step(q))
        folder = db_int(q, 0);
    db_end(q);
    return folder;
}

/* Lines in the order of their bytes. */
static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Does the word stand here still as it was sent, and what does its turning round make of flags and labels? */
static void turn_back(const struct send_message *m, const char *word, const struct vec *row, unsigned *flags,
                      struct vec *labels)
{
    bool seen, on = mail_imap_has(&m->words, word), now = mail_imap_has(row, word);
    unsigned bits = mail_imap_word_bits(word, &seen);
    char *label;

    bits |= seen ? DOC_UNREAD : 0;
    if (on != now) /* a person changed it since */
        return;
    *flags ^= bits;
    if (bits || !(label = mail_imap_label(word)))
        return;
    for (size_t i = labels->len; i-- > 0;)
        if (str_eq_nocase(strv_at(labels, i), label))
            vec_remove(labels, i);
    if (!on)
        strv_push(labels, label);
    free(label);
}

/* What the server refused and no other place has taken is again as it was, unless a person changed it since. */
static enum status put_back(struct db *db, const char *account, const struct send_message *m, struct error *err)
{
    struct vec alone, row, labels = {0};
    struct str value = STR_INIT;
    struct mail_row now = {0};
    unsigned flags = 0;
    enum status st = mail_imap_refused_words(db, m->message, account, m->unset, &alone, err);

    mail_imap_putting_back(true);
    if (st == STATUS_OK)
        st = mail_row_get(db, m->message, &now, err);
    if (st == STATUS_OK)
        st = mail_message_labels(db, m->message, &labels, err);
    mail_imap_place_words(now.flags, &labels, &row);
    flags = now.flags;
    for (size_t i = 0; i < alone.len; i++)
        turn_back(m, strv_at(&alone, i), &row, &flags, &labels);
    mail_flags_text(flags, &value);
    if (st == STATUS_OK && flags != now.flags)
        st = mail_imap_journal(db, MAIL_FIELD_FLAGS, m->message, str_text(&value), N_("refused"), m->why, err);
    vec_sort(&labels, by_bytes);
    char *lines = strv_join(&labels, "\n");
    if (st == STATUS_OK)
        st = mail_imap_journal(db, MAIL_FIELD_LABELS, m->message, lines, N_("refused"), m->why, err);
    mail_imap_putting_back(false);
    free(lines);
    mail_row_fini(&now);
    str_fini(&value);
    vec_fini(&alone);
    vec_fini(&row);
    vec_fini(&labels);
    return st;
}

/* What a server said no to is written down; it waits (*waits), or is put back as the server has it. */
static enum status refused_one(struct db *db, const char *account, struct send_message *m,
                               const struct mail_imap_base *b, bool *waits, struct error *err)
{
    struct mail_imap_refusal no = {.account = account, .message = m->message, .folder = m->where, .why = m->why,
                                   .no = m->no};
    bool over;
    enum status st = mail_imap_refused_note(db, &no, &over, &m->again, err);

    m->told = st == STATUS_OK;
    *waits = !over;
    if (st != STATUS_OK || !over)
        return st;
    if (m->unmoved && b->folder && b->folder != m->folder)
        st = mail_imap_journal_move(db, m->message, b->folder, N_("refused"), m->why, err);
    return st == STATUS_OK && m->unset ? put_back(db, account, m, err) : st;
}

/* Of one message the server was told how it stood when the round began. */
static enum status told_one(struct db *db, const char *account, struct send_message *m, struct error *err)
{
    struct mail_imap_base b;
    bool waits = false;
    enum status st = mail_imap_base_get(db, m->message, &b, err);

    if (st != STATUS_OK || !b.pending) {
        free(b.labels);
        return st == STATUS_NO_SUCH ? STATUS_OK : st;
    }
    if (m->no)
        st = refused_one(db, account, m, &b, &waits, err);
    else if (!m->failed)
        st = mail_imap_refused_clear(db, account, m->message, 0, err);
    if (st == STATUS_OK && (m->failed || waits))
        b.folder = base_left(db, m->message, b.folder);
    if (st == STATUS_OK && !m->failed && !waits) {
        b.flags = m->flags;
        if (!m->unmoved || !b.folder)
            b.folder = m->away && mail_folder_on_server(db, m->folder, NULL) ? 0 : m->folder;
        free(b.labels);
        b.labels = mem_strdup(m->labels);
        b.touched = 0;
    }
    if (st == STATUS_OK)
        return mail_imap_base_set(db, m->message, &b, err);
    free(b.labels);
    return st;
}

/* All of them. */
static enum status round_run(struct db *db, void *record, struct error *err)
{
    struct sent_round *s = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < s->messages.len && st == STATUS_OK; i++)
        st = told_one(db, s->account, vec_at(&s->messages, i), err);
    return st;
}

/* Releases the record. */
static void round_free(void *record)
{
    struct sent_round *s = record;

    vec_fini(&s->messages);
    free(s->account);
    free(s);
}

const struct store_op mail_imap_round_op = {
    .name = "mail.imap-round", .klass = OP_BULK, .run = round_run, .free = round_free};

/* ---- before a deletion ---- */

/* What was changed there since the last look: merged, and a deletion that waits is taken back. */
static enum status look_run(struct db *db, void *record, struct error *err)
{
    struct sent_look *l = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < l->told.len && st == STATUS_OK; i++) {
        const struct mail_remote *m = vec_at(&l->told, i);
        bool changed;
        st = mail_imap_told(db, l->folder, m, &changed, err);
        if (changed)
            imap_set_add(&l->changed, (uint32_t)m->uid, (uint32_t)m->uid);
    }
    return st;
}

/* Releases the record. */
static void look_free(void *record)
{
    struct sent_look *l = record;

    vec_fini(&l->told);
    imap_set_fini(&l->changed);
    free(l);
}

const struct store_op mail_imap_look_op = {
    .name = "mail.imap-look", .klass = OP_BULK, .run = look_run, .free = look_free};

/* ---- appends ---- */

/* From here on nobody knows whether it arrived, until the server or the folder says so. */
static enum status try_run(struct db *db, void *record, struct error *err)
{
    const struct sent_try *t = record;

    if (t->message)
        return run3(db, "UPDATE mail_imap_push SET tried=1 WHERE message=?1 AND ?2=?2 AND ?3=?3",
                    t->message, 0, 0, err);
    return run3(db, "UPDATE mail_imap_append SET sent=1 WHERE id=?1 AND ?2=?2 AND ?3=?3", t->append, 0, 0,
                err);
}

const struct store_op mail_imap_try_op = {
    .name = "mail.imap-try", .klass = OP_STREAM, .run = try_run, .free = free};

/* A copy of ours arrived. */
static enum status copied_run(struct db *db, void *record, struct error *err)
{
    const struct sent_copy *c = record;
    bool valid = c->uid && mail_imap_sent_valid(db, c->folder, c->validity);
    struct db_query *q;
    enum status st =
        run3(db, "DELETE FROM mail_imap_append WHERE id=?1 AND key IS NULL AND ?2=?2 AND ?3=?3", c->append,
             0, 0, err);

    if (st != STATUS_OK || db_changed(db) || !valid)
        return st;
    q = db_prepare(db, "UPDATE mail_imap_append SET folder=?2,uid=?3,"
                       "raw=CASE serial WHEN ?4 THEN NULL ELSE raw END,"
                       "sent=CASE serial WHEN ?4 THEN 2 ELSE 0 END WHERE id=?1");
    db_bind_int(q, 1, c->append);
    db_bind_int(q, 2, c->folder);
    db_bind_int(q, 3, c->uid);
    db_bind_int(q, 4, c->serial);
    st = db_run(q, err);
    if (st == STATUS_OK)
        st = run3(db, "INSERT OR REPLACE INTO mail_imap_copy(folder,uid,message,flags,keywords,modseq,"
                      "received,size,whole,state) SELECT ?1,?2,0,0,'',0,0,0,1,0 WHERE ?3=?3", c->folder,
                  c->uid, 0, err);
    if (st == STATUS_OK)
        st = run3(db, "DELETE FROM mail_imap_todo WHERE folder=?1 AND uid=?2 AND ?3=?3", c->folder, c->uid,
                  0, err);
    return st;
}

const struct store_op mail_imap_copied_op = {
    .name = "mail.imap-copied", .klass = OP_BULK, .run = copied_run, .free = free};

/* Old mirrors are gone, or marked \Deleted where nothing can be expunged alone. */
static enum status cleaned_run(struct db *db, void *record, struct error *err)
{
    const struct sent_clean *c = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < c->uids.len && st == STATUS_OK; i++) {
        int64_t uid = mail_vec_int(&c->uids, i);
        st = run3(db, c->left ? "UPDATE mail_imap_copy SET state=2 WHERE folder=?1 AND uid=?2 AND ?3=?3"
                              : "DELETE FROM mail_imap_copy WHERE folder=?1 AND uid=?2 AND ?3=?3",
                  c->folder, uid, 0, err);
        if (st == STATUS_OK)
            st = run3(db, "DELETE FROM mail_imap_append WHERE folder=?1 AND uid=?2 AND raw IS NULL AND sent=0"
                          " AND ?3=?3", c->folder, uid, 0, err);
    }
    return st;
}

/* Releases the record. */
static void cleaned_free(void *record)
{
    vec_fini(&((struct sent_clean *)record)->uids);
    free(record);
}

const struct store_op mail_imap_cleaned_op = {
    .name = "mail.imap-cleaned", .klass = OP_BULK, .run = cleaned_run, .free = cleaned_free};

/* ---- folders that were made ---- */

/* The server has it now. */
static enum status made_run(struct db *db, void *record, struct error *err)
{
    const struct sent_folder *f = record;
    struct db_query *q = db_prepare(
        db, "INSERT OR IGNORE INTO mail_imap_folder(folder,account,wire,separator,attributes)"
            " VALUES(?1,?2,?3,?4,0)");
    enum status st;

    db_bind_int(q, 1, f->folder);
    db_bind_text(q, 2, f->account);
    db_bind_text(q, 3, f->wire);
    db_bind_text_n(q, 4, &f->separator, f->separator ? 1 : 0);
    st = db_run(q, err);
    if (st == STATUS_OK)
        st = run3(db, "UPDATE mail_imap_folder SET state=0,uidvalidity=0,modseq=0 WHERE folder=?1 AND state=2"
                      " AND ?2=?2 AND ?3=?3", f->folder, 0, 0, err);
    return st;
}

/* Releases the record. */
static void made_free(void *record)
{
    struct sent_folder *f = record;

    free(f->account);
    free(f->wire);
    free(f);
}

const struct store_op mail_imap_made_op = {
    .name = "mail.imap-made", .klass = OP_BULK, .run = made_run, .free = made_free};
