/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_place.c - the places of a mail: what each of them is to have
 *
 * A mail has one row here and any number of places on servers, and flags are each place's own. A place is
 * to have what the row has, but for the words in which it stands `apart`; what it has not yet of that is
 * due and is sent when its account is looked at. When a word of the row turns round,
 *   a person's doing    applies to all places: none stands apart in it any more;
 *   undo                gives each place back what it had: `past` remembers of each doing which place
 *                       took part (+word) and which had it so before (-word);
 *   another program's   is of its place alone: all others turn round their being apart.
 * Words are \Seen, \Flagged, \Answered, $Forwarded, and of labels their keywords. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/imap_inside.h"
#include "mail/imap_place.h"

#define PAST_MOST 600 /* bytes; the oldest is forgotten */
#define PLACES_MOST 200

static _Thread_local bool putting_back;

/* A refused change is put back: as an undo. */
void mail_imap_putting_back(bool on)
{
    putting_back = on;
}

/* ---- words ---- */

/* Puts a word into words, or takes it out. */
static void set_word(char **words, const char *word, bool on)
{
    struct str out = STR_INIT;
    char *rest = *words, *one;

    while ((one = strsep(&rest, " ")))
        if (*one && !str_eq_nocase(one, word))
            str_addf(&out, "%s%s", out.len ? " " : "", one);
    if (on)
        str_addf(&out, "%s%s", out.len ? " " : "", word);
    free(*words);
    *words = out.len ? str_take(&out) : mem_strdup("");
    str_fini(&out);
}

/* The words of flags and of labels, as they are compared. */
void mail_imap_place_words(unsigned flags, const struct vec *labels, struct vec *words)
{
    mail_imap_flag_words(flags & MAIL_IMAP_FLAGS, words);
    for (size_t i = 0; labels && i < labels->len; i++) {
        char *keyword = mail_imap_keyword(strv_at(labels, i));
        if (keyword)
            strv_push_take(words, keyword);
    }
}

/* The same of what a copy has. */
static void copy_words(unsigned flags, const char *keywords, struct vec *words)
{
    struct vec labels;

    mail_imap_labels(keywords, &labels);
    mail_imap_place_words(flags, &labels, words);
    vec_fini(&labels);
}

/* Is the word among them? */
bool mail_imap_has(const struct vec *words, const char *word)
{
    for (size_t i = 0; i < words->len; i++)
        if (str_eq_nocase(strv_at(words, i), word))
            return true;
    return false;
}

/* The keyword of a copy that stands for this word of ours: another program may write it otherwise. */
static char *own_spelling(const char *keywords, const char *word)
{
    char *copy = mem_strdup(keywords), *rest = copy, *one, *found = NULL;

    while (!found && (one = strsep(&rest, " "))) {
        char *label = *one ? mail_imap_label(one) : NULL, *keyword = label ? mail_imap_keyword(label) : NULL;
        if (keyword && str_eq_nocase(keyword, word))
            found = mem_strdup(one);
        free(label);
        free(keyword);
    }
    free(copy);
    return found ? found : mem_strdup(word);
}

/* ---- what is due ---- */

/* A word behind others. */
static void add(struct str *to, const char *word)
{
    str_addf(to, "%s%s", to->len ? " " : "", word);
}

/* What the copy has not yet of what it is to have: row ^ apart. */
void mail_imap_place_due(const struct vec *row, unsigned flags, const char *keywords, const char *apart,
                         struct str *plus, struct str *minus)
{
    struct vec have, all;
    char *copy = mem_strdup(apart), *rest = copy, *word;

    copy_words(flags, keywords, &have);
    strv_init(&all);
    while ((word = strsep(&rest, " ")))
        if (*word)
            strv_push(&all, word);
    for (size_t i = 0; i < row->len; i++)
        if (!mail_imap_has(&all, strv_at(row, i)))
            strv_push(&all, strv_at(row, i));
    for (size_t i = 0; i < have.len; i++)
        if (!mail_imap_has(&all, strv_at(&have, i)))
            strv_push(&all, strv_at(&have, i));
    for (size_t i = 0; i < all.len; i++) {
        bool wanted = mail_imap_has(row, strv_at(&all, i)) != mail_imap_has_word(apart, ' ', strv_at(&all, i));
        bool has = mail_imap_has(&have, strv_at(&all, i));
        char *own = has && !wanted ? own_spelling(keywords, strv_at(&all, i)) : NULL;
        if (has != wanted)
            add(wanted ? plus : minus, own ? own : strv_at(&all, i));
        free(own);
    }
    free(copy);
    vec_fini(&have);
    vec_fini(&all);
}

/* The words of a message's row. */
enum status mail_imap_row_words(struct db *db, int64_t message, struct vec *words, struct error *err)
{
    struct mail_row row;
    struct vec labels;
    enum status st = mail_row_get(db, message, &row, err);

    if (st == STATUS_OK) {
        st = mail_message_labels(db, message, &labels, err);
        mail_imap_place_words(row.flags, &labels, words);
        vec_fini(&labels);
    } else {
        strv_init(words);
    }
    mail_row_fini(&row);
    return st;
}

/* Is anything due at a place, of whatever account? */
enum status mail_imap_any_due(struct db *db, int64_t message, bool *any, bool *due, struct error *err)
{
    struct db_query *q;
    struct vec row;
    enum status st = mail_imap_row_words(db, message, &row, err);

    *any = *due = false;
    if (st == STATUS_OK) {
        q = db_prepare(db, "SELECT flags,keywords,apart FROM mail_imap_copy WHERE message=?1 AND state=0 LIMIT ?2");
        db_bind_int(q, 1, message);
        db_bind_int(q, 2, PLACES_MOST);
        while (!*due && db_step(q)) {
            struct str plus = STR_INIT, minus = STR_INIT;
            mail_imap_place_due(&row, (unsigned)db_int(q, 0), db_text(q, 1), db_text(q, 2), &plus, &minus);
            *any = true;
            *due = plus.len || minus.len;
            str_fini(&plus);
            str_fini(&minus);
        }
        st = db_done(q, err);
    }
    vec_fini(&row);
    return st;
}

/* ---- a word of the row turns round ---- */

struct place {
    int64_t folder, uid, state;
    unsigned flags;
    char *keywords, *apart, *past; /* own */
};

static void place_fini(void *item)
{
    struct place *p = item;

    free(p->keywords);
    free(p->apart);
    free(p->past);
}

/* The places of a message: struct place. */
static enum status read_places(struct db *db, int64_t message, struct vec *places, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT folder,uid,flags,keywords,apart,past,state FROM mail_imap_copy"
                                        " WHERE message=?1 AND state<>2 LIMIT ?2");

    vec_init(places, sizeof(struct place), place_fini);
    db_bind_int(q, 1, message);
    db_bind_int(q, 2, PLACES_MOST);
    while (db_step(q)) {
        struct place *p = vec_push(places);
        *p = (struct place){.folder = db_int(q, 0),
                            .uid = db_int(q, 1),
                            .flags = (unsigned)db_int(q, 2),
                            .keywords = mem_strdup(db_text(q, 3)),
                            .apart = mem_strdup(db_text(q, 4)),
                            .past = mem_strdup(db_text(q, 5)),
                            .state = db_int(q, 6)};
    }
    return db_done(q, err);
}

/* Writes what a place remembers. */
static enum status write_place(struct db *db, const struct place *p, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE mail_imap_copy SET apart=?3,past=?4 WHERE folder=?1 AND uid=?2");

    db_bind_int(q, 1, p->folder);
    db_bind_int(q, 2, p->uid);
    db_bind_text(q, 3, p->apart);
    db_bind_text(q, 4, p->past);
    return db_run(q, err);
}

/* A doing is remembered. */
static void push(struct place *p, const char *word, bool took_part)
{
    const char *from = p->past;
    char *longer;

    if (strlen(from) > PAST_MOST) {
        from = strchr(from, ' ');
        from = from ? from + 1 : "";
    }
    longer = str_format("%s%s%c%s", from, *from ? " " : "", took_part ? '+' : '-', word);
    free(p->past);
    p->past = longer;
}

/* Takes the newest doing of a word off: did it take part? */
static bool pop(struct place *p, const char *word)
{
    struct str left = STR_INIT;
    char *rest = p->past, *one;
    struct vec all;
    size_t at = SIZE_MAX;
    bool took_part = true;

    strv_init(&all);
    while ((one = strsep(&rest, " "))) {
        if (*one && str_eq_nocase(one + 1, word))
            at = all.len;
        if (*one)
            strv_push(&all, one);
    }
    for (size_t i = 0; i < all.len; i++)
        if (i == at)
            took_part = *strv_at(&all, i) == '+';
        else
            add(&left, strv_at(&all, i));
    free(p->past);
    p->past = mem_strdup(str_text(&left));
    str_fini(&left);
    vec_fini(&all);
    return took_part;
}

/* One word at one place. */
static void flip_one(struct place *p, const char *word, enum mail_imap_flip how)
{
    bool apart = mail_imap_has_word(p->apart, ' ', word);

    if (how == MAIL_FLIP_PERSON) {
        push(p, word, !apart);
        set_word(&p->apart, word, false);
    } else if (how == MAIL_FLIP_OTHER || !pop(p, word)) {
        set_word(&p->apart, word, !apart);
    } else {
        set_word(&p->apart, word, false);
    }
}

/* Words of the row turn round. */
enum status mail_imap_flip(struct db *db, int64_t message, const struct vec *words, enum mail_imap_flip how,
                           struct error *err)
{
    struct vec places;
    enum status st;

    if (how == MAIL_FLIP_PERSON && (putting_back || journal_is_undoing()))
        how = MAIL_FLIP_UNDO;
    if (!words->len)
        return STATUS_OK;
    st = read_places(db, message, &places, err);
    for (size_t i = 0; i < places.len && st == STATUS_OK; i++) {
        struct place *p = vec_at(&places, i);
        for (size_t k = 0; k < words->len; k++)
            flip_one(p, strv_at(words, k), how);
        st = write_place(db, p, err);
    }
    vec_fini(&places);
    return st;
}

/* Flags of the row turn round. */
enum status mail_imap_flip_flags(struct db *db, int64_t message, unsigned bits, enum mail_imap_flip how,
                                 struct error *err)
{
    struct vec words;
    enum status st;

    mail_imap_flag_words((bits & MAIL_IMAP_FLAGS) ^ DOC_UNREAD, &words); /* \Seen stands for the bit turned round */
    st = mail_imap_flip(db, message, &words, how, err);
    vec_fini(&words);
    return st;
}

/* A label does. */
enum status mail_imap_flip_label(struct db *db, int64_t message, const char *label, enum mail_imap_flip how,
                                 struct error *err)
{
    struct vec words;
    char *keyword = mail_imap_keyword(label);
    enum status st;

    strv_init(&words);
    if (keyword)
        strv_push_take(&words, keyword);
    st = mail_imap_flip(db, message, &words, how, err);
    vec_fini(&words);
    return st;
}

/* ---- the server speaks of a place ---- */

/* The row follows one word. */
static enum status follow(struct db *db, int64_t message, const char *word, bool on, struct error *err)
{
    bool seen;
    unsigned bits = mail_imap_word_bits(word, &seen);
    bool set = seen ? !on : on;
    struct mail_row row;
    char *label;
    enum status st;

    bits |= seen ? DOC_UNREAD : 0;
    if (bits)
        return mail_message_set_flags(db, message, set ? bits : 0, set ? 0 : bits, err);
    label = mail_imap_label(word);
    st = mail_row_get(db, message, &row, err);
    if (st == STATUS_OK && label)
        st = doc_label(db, row.doc, label, on, err);
    if (st == STATUS_OK && label)
        st = mail_imap_flip_label(db, message, label, MAIL_FLIP_OTHER, err);
    db_touch(db, WATCH_MAIL);
    mail_row_fini(&row);
    free(label);
    return st;
}

/* Writes the words in which a place differs; sql is one of two. */
static enum status keep_apart(struct db *db, const char *sql, int64_t folder, int64_t uid, const char *apart,
                              struct error *err)
{
    struct db_query *q = db_prepare(db, sql);
    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    db_bind_text(q, 3, apart);
    return db_run(q, err);
}

/* Sets whether a place stands apart in a word. */
enum status mail_imap_set_apart(struct db *db, int64_t folder, int64_t uid, const char *word, bool on, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT apart FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
    char *apart;
    enum status st;

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    apart = mem_strdup(db_step(q) ? db_text(q, 0) : "");
    st = db_done(q, err);
    set_word(&apart, word, on);
    if (st == STATUS_OK)
        st = keep_apart(db, "UPDATE mail_imap_copy SET apart=?3 WHERE folder=?1 AND uid=?2", folder, uid, apart, err);
    free(apart);
    return st;
}

/* One word of a place changed there: what was due is done, anything else is newer than what we have. */
static enum status spoke(struct db *db, int64_t message, int64_t folder, int64_t uid, const char *word, bool now,
                         const char *apart, const struct vec *row, const struct vec *touched, struct error *err)
{
    bool is = mail_imap_has(row, word), stands_apart = mail_imap_has_word(apart, ' ', word);
    bool was_due = (is != stands_apart) == now;
    enum status st = STATUS_OK;

    if (was_due || (!stands_apart && mail_imap_has(touched, word)))
        return STATUS_OK; /* what was touched and is otherwise now was ours, unheard: it is due again */
    if (!stands_apart)
        st = follow(db, message, word, now, err);
    return st == STATUS_OK ? mail_imap_set_apart(db, folder, uid, word, false, err) : st;
}

/* What the server says of a place. */
enum status mail_imap_spoke(struct db *db, int64_t message, int64_t folder, int64_t uid, unsigned was,
                            unsigned now, const char *words_was, const char *words_now, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT apart FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
    struct vec row = {0}, touched, before, after;
    char *apart;
    enum status st;

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    apart = mem_strdup(db_step(q) ? db_text(q, 0) : "");
    st = db_done(q, err);
    copy_words(was, words_was, &before);
    copy_words(now, words_now, &after);
    mail_imap_touched(db, message, &touched);
    if (st == STATUS_OK)
        st = mail_imap_row_words(db, message, &row, err);
    for (size_t i = 0; i < after.len && st == STATUS_OK; i++)
        if (!mail_imap_has(&before, strv_at(&after, i)))
            st = spoke(db, message, folder, uid, strv_at(&after, i), true, apart, &row, &touched, err);
    for (size_t i = 0; i < before.len && st == STATUS_OK; i++)
        if (!mail_imap_has(&after, strv_at(&before, i)))
            st = spoke(db, message, folder, uid, strv_at(&before, i), false, apart, &row, &touched, err);
    vec_fini(&row);
    vec_fini(&touched);
    vec_fini(&before);
    vec_fini(&after);
    free(apart);
    return st;
}

/* Does a place that is not apart in the word have it (or not have it) as this one does? Then both wait for
 * the same. */
static bool waits_too(const struct vec *places, const char *word, bool on)
{
    for (size_t i = 0; i < places->len; i++) {
        const struct place *p = vec_at(places, i);
        struct vec words;
        bool same;
        copy_words(p->flags, p->keywords, &words);
        same = p->state == 0 && !mail_imap_has_word(p->apart, ' ', word) && mail_imap_has(&words, word) == on;
        vec_fini(&words);
        if (same)
            return true;
    }
    return false;
}

/* One more place of a mail that has others: its labels add up, in what it has otherwise it stands apart. */
enum status mail_imap_joined(struct db *db, int64_t message, int64_t folder, int64_t uid, unsigned flags,
                             const char *keywords, struct error *err)
{
    struct vec row, have, places = {0};
    char *apart = mem_strdup("");
    enum status st = mail_imap_row_words(db, message, &row, err);

    copy_words(flags, keywords, &have);
    for (size_t i = 0; i < have.len && st == STATUS_OK; i++) {
        const char *word = strv_at(&have, i);
        bool seen;
        if (!mail_imap_word_bits(word, &seen) && !seen && !mail_imap_has(&row, word))
            st = follow(db, message, word, true, err);
    }
    vec_fini(&row);
    row = (struct vec){0};
    if (st == STATUS_OK)
        st = mail_imap_row_words(db, message, &row, err);
    if (st == STATUS_OK)
        st = read_places(db, message, &places, err);
    for (size_t i = places.len; i-- > 0;) {
        const struct place *p = vec_at(&places, i);
        if (p->folder == folder && p->uid == uid)
            vec_remove(&places, i);
    }
    for (size_t i = 0; i < row.len; i++)
        if (!mail_imap_has(&have, strv_at(&row, i)) && !waits_too(&places, strv_at(&row, i), false))
            set_word(&apart, strv_at(&row, i), true);
    for (size_t i = 0; i < have.len; i++)
        if (!mail_imap_has(&row, strv_at(&have, i)) && !waits_too(&places, strv_at(&have, i), true))
            set_word(&apart, strv_at(&have, i), true);
    if (st == STATUS_OK)
        st = keep_apart(db, "UPDATE mail_imap_copy SET apart=?3,past='' WHERE folder=?1 AND uid=?2", folder, uid, apart,
                        err);
    vec_fini(&row);
    vec_fini(&have);
    vec_fini(&places);
    free(apart);
    return st;
}

/* A place is gone: a flag in which all that are left stand apart turns round in the row. */
enum status mail_imap_left(struct db *db, int64_t message, struct error *err)
{
    static const unsigned bits[] = {DOC_UNREAD, DOC_FLAGGED, DOC_REPLIED, DOC_FORWARDED};
    static const char *const words[] = {"\\Seen", "\\Flagged", "\\Answered", "$Forwarded"};
    struct vec places;
    struct mail_row row;
    unsigned now;
    enum status st = mail_row_get(db, message, &row, err);

    now = row.flags;
    mail_row_fini(&row);
    if (st != STATUS_OK)
        return st;
    st = read_places(db, message, &places, err);
    for (size_t k = 0; k < 4 && st == STATUS_OK; k++) {
        bool all = false;
        for (size_t i = 0; i < places.len; i++) {
            const struct place *p = vec_at(&places, i);
            if (p->state != 0)
                continue;
            all = mail_imap_has_word(p->apart, ' ', words[k]);
            if (!all)
                break;
        }
        if (all)
            st = mail_message_set_flags(db, message, now & bits[k] ? 0 : bits[k], now & bits[k] ? bits[k] : 0, err);
    }
    vec_fini(&places);
    return st;
}

/* The words that a place refused: when another place has taken them it stands apart in them; *alone: those
 * that none has taken. */
enum status mail_imap_refused_words(struct db *db, int64_t message, const char *account, const char *words,
                                    struct vec *alone, struct error *err)
{
    struct vec places = {0}, row;
    char *copy = mem_strdup(words), *rest = copy, *word;
    enum status st = mail_imap_row_words(db, message, &row, err);

    strv_init(alone);
    if (st == STATUS_OK)
        st = read_places(db, message, &places, err);
    while (st == STATUS_OK && (word = strsep(&rest, " "))) {
        bool on = mail_imap_has(&row, word), taken = false;
        for (size_t i = 0; i < places.len && *word; i++) {
            const struct place *p = vec_at(&places, i);
            struct vec have;
            copy_words(p->flags, p->keywords, &have);
            taken = taken || (p->state == 0 && mail_imap_has(&have, word) == on && !mail_imap_has_word(p->apart, ' ', word));
            vec_fini(&have);
        }
        if (*word && !taken)
            strv_push(alone, word);
        for (size_t i = 0; i < places.len && *word && taken && st == STATUS_OK; i++) {
            const struct place *p = vec_at(&places, i);
            struct vec have;
            bool due;
            copy_words(p->flags, p->keywords, &have);
            due = mail_imap_has(&have, word) != on && mail_folder_on_server(db, p->folder, account);
            vec_fini(&have);
            if (due)
                st = mail_imap_set_apart(db, p->folder, p->uid, word, true, err);
        }
    }
    free(copy);
    vec_fini(&row);
    vec_fini(&places);
    return st;
}
