/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_imap.c - words of flags and labels, what is due at a place, where copies came from, copies of ours. */
#include "../store/help.h"

#include "command/config.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/imap_inside.h"
#include "mail/imap_link.h"
#include "mail/imap_place.h"
#include "mail/store.h"
#include "store/store.h"

/* Reads words parted by blanks. */
static unsigned read_words(const char *text, struct str *keywords)
{
    struct vec words;
    char *copy = str_format("%s", text), *rest = copy, *word;
    unsigned flags;
    vec_init(&words, sizeof(struct imap_text), NULL);
    while ((word = strsep(&rest, " "))) {
        struct imap_text *t = vec_push(&words);
        *t = (struct imap_text){.bytes = word, .len = strlen(word)};
    }
    str_clear(keywords);
    mail_imap_words_read(&words, &flags, keywords);
    vec_fini(&words);
    free(copy);
    return flags;
}

/* FLAGS. */
static void test_flags(void)
{
    struct str k = STR_INIT;
    struct vec words;
    char *joined;
    is_int(read_words("", &k), DOC_UNREAD, "no flag is unread");
    is_int(read_words("\\Seen \\Recent", &k), 0, "\\Seen is read, \\Recent nothing");
    is_int(read_words("\\seen \\ANSWERED $forwarded \\Flagged b a b", &k),
           DOC_REPLIED | DOC_FORWARDED | DOC_FLAGGED, "case does not count");
    is_str(str_text(&k), "a b", "keywords are sorted, once each");
    is_int(read_words("\\Deleted \\Draft \\Strange", &k), DOC_UNREAD | MAIL_COPY_DELETED | MAIL_COPY_DRAFT,
           "deleted, draft");
    is_str(str_text(&k), "", "an unknown system flag is no keyword");
    mail_imap_flag_words(DOC_FLAGGED | DOC_REPLIED, &words);
    joined = strv_join(&words, " ");
    is_str(joined, "\\Seen \\Flagged \\Answered", "flags as words");
    free(joined);
    vec_fini(&words);
    str_fini(&k);
}

/* A label there and back. */
static void there_and_back(const char *label, const char *keyword)
{
    char *k = mail_imap_keyword(label), *l = k ? mail_imap_label(k) : NULL;
    is_str(k, keyword, label);
    is_str(l, label, "and back");
    free(k);
    free(l);
}

/* A keyword's label; NULL: none. */
static void label_of(const char *keyword, const char *label)
{
    char *l = mail_imap_label(keyword);
    if (label)
        is_str(l, label, keyword);
    else
        ok(!l, "%s", keyword);
    free(l);
}

/* Labels. */
static void test_labels(void)
{
    there_and_back("later", "later");
    there_and_back("two words", "two=20words");
    there_and_back("待办", "=E5=BE=85=E5=8A=9E");
    there_and_back("a=41", "a=3D41");
    there_and_back("$mine", "=24mine");
    there_and_back("(x)\\\"*%]", "=28x=29=5C=22=2A=25=5D");
    label_of("$Junk", NULL);
    label_of("NonJunk", NULL);
    label_of("a=41", "a=41");
    label_of("=FF", "=FF");
    label_of("=0A", "=0A");
    label_of("x=2Cy", "x=2Cy");
    ok(!mail_imap_keyword(""), "an empty label has no keyword");
    ok(mail_imap_has_word("a Later b", ' ', "later"), "a word among words");
    ok(!mail_imap_has_word("a laterx b", ' ', "later") && !mail_imap_has_word("", ' ', "a"), "not a part of one");
}

/* What is due at a copy. */
static void due(const char *row, unsigned flags, const char *keywords, const char *apart, const char *plus,
                const char *minus)
{
    struct vec words;
    struct str p = STR_INIT, m = STR_INIT;
    char *copy = str_format("%s", row), *rest = copy, *word;
    strv_init(&words);
    while ((word = strsep(&rest, " ")))
        if (*word)
            strv_push(&words, word);
    mail_imap_place_due(&words, flags, keywords, apart, &p, &m);
    ok(str_eq(str_text(&p), plus) && str_eq(str_text(&m), minus), "row (%s) copy %u (%s) apart (%s): +%s -%s", row,
       flags, keywords, apart, str_text(&p), str_text(&m));
    free(copy);
    vec_fini(&words);
    str_fini(&p);
    str_fini(&m);
}

/* Row, copy and apart of a place, in every case of one word. */
static void test_due(void)
{
    for (unsigned i = 0; i < 8; i++) {
        bool row = i & 1, copy = i & 2, apart = i & 4;
        bool wanted = row != apart;
        due(row ? "\\Seen \\Flagged" : "\\Seen", copy ? DOC_FLAGGED : 0, "", apart ? "\\Flagged" : "",
            wanted && !copy ? "\\Flagged" : "", !wanted && copy ? "\\Flagged" : "");
    }
    due("", 0, "", "", "", "\\Seen");
    due("later two=20words", DOC_UNREAD, "Later $Junk NonJunk", "", "two=20words", "");
    due("", DOC_UNREAD, "a=41", "", "", "a=41");
    due("a=3D41", DOC_UNREAD, "a=41", "", "", "");
}

/* Where a copy came from. */
static void test_origin(void)
{
    struct str s = STR_INIT, t = STR_INIT;
    mail_imap_origin_push("", 12, &s);
    is_str(s.data, "12", "one move");
    mail_imap_origin_push(str_text(&s), 5, &t);
    is_str(t.data, "12 5", "two");
    is_int(mail_imap_origin_top(str_text(&t)), 5, "the newest");
    ok(mail_imap_origin_has(str_text(&t), 12) && !mail_imap_origin_has(str_text(&t), 1), "who is there");
    str_clear(&s);
    mail_imap_origin_cut(str_text(&t), 12, &s);
    is_str(str_text(&s), "", "back to the first");
    str_clear(&s);
    mail_imap_origin_cut(str_text(&t), 5, &s);
    is_str(str_text(&s), "12", "back by one");
    is_int(mail_imap_origin_top(""), 0, "from nowhere");
    for (int i = 0; i < 1000; i++) {
        str_clear(&t);
        mail_imap_origin_push(str_text(&s), 1000 + i, &t);
        str_clear(&s);
        str_puts(&s, str_text(&t));
    }
    ok(s.len < 300 && mail_imap_origin_top(str_text(&s)) == 1999, "it does not grow without end");
    str_fini(&s);
    str_fini(&t);
}

/* Queues a copy; the status. */
static enum status append(struct db *db, const char *account, const char *key, const char *bytes, int64_t date)
{
    struct error err = ERROR_INIT;
    struct mail_imap_copy_new c = {.account = account, .role = MAIL_ROLE_DRAFTS, .key = key, .bytes = bytes,
                                   .len = strlen(bytes), .flags = DOC_UNREAD | DOC_MINE, .date = date};
    return mail_imap_append(db, &c, &err);
}

/* A number of the queue. */
static int64_t queued(struct db *db, const char *what)
{
    char *sql = str_format("SELECT %s FROM mail_imap_append WHERE account='work'", what);
    int64_t n = db_get_int(db, sql, -1);
    free(sql);
    return n;
}

/* mail_imap_append: copies of ours that a sync takes to the server. */
static void test_append(void)
{
    struct error err = ERROR_INIT;
    char *rc = test_path("rc");
    FILE *f = fopen(rc, "w");
    if (!f || fputs("account work from \"W <w@x.example>\" user w imap imaps://mail.x.example ;\n"
                    "account home from \"H <h@x.example>\" maildir /nowhere ;\n", f) < 0 || fclose(f) || chmod(rc, 0600))
        abort();
    ok(config_load(rc, &err) == STATUS_OK, "two accounts %s", err.text);
    mail_folder_configure();
    store_add_migrations(&mail_migrations);
    struct db *db = test_db("append.db");
    ok(append(db, "home", "draft 1", "x", 5) == STATUS_OK && db_get_int(db, "SELECT count(*) FROM mail_imap_append", -1) == 0,
       "an account without a server: nothing");
    ok(append(db, "work", NULL, "", 5) == STATUS_USAGE, "neither bytes nor a key: refused");
    ok(append(db, "work", "draft 1", "From: w\n\none\n", 5) == STATUS_OK, "a mirror");
    is_int(queued(db, "count(*)"), 1, "waits");
    is_int(queued(db, "serial*10+sent"), 10, "as its first version, not sent");
    is_int(queued(db, "flags"), DOC_UNREAD, "with the flags a server knows");
    is_int(queued(db, "date"), 5, "and its date");
    ok(append(db, "work", "draft 1", "From: w\r\n\r\none\r\n", 6) == STATUS_OK && queued(db, "serial") == 1,
       "the same bytes, whatever ends their lines, are no new version");
    ok(db_exec(db, "UPDATE mail_imap_append SET sent=2,raw=NULL,uid=7", &err) == STATUS_OK, "it is there");
    ok(append(db, "work", "draft 1", "From: w\n\ntwo\n", 7) == STATUS_OK && queued(db, "count(*)") == 1 &&
           queued(db, "serial*10+sent") == 20 && queued(db, "raw IS NOT NULL") && queued(db, "uid") == 7,
       "other bytes replace it: sent anew, where the old one lies is known");
    ok(append(db, "work", "draft 1", "", 8) == STATUS_OK && queued(db, "raw IS NULL") && queued(db, "serial") == 3,
       "no bytes: it is taken away");
    ok(append(db, "work", NULL, "a", 1) == STATUS_OK && append(db, "work", NULL, "a", 1) == STATUS_OK &&
           queued(db, "count(*)") == 3, "without a key each is one of its own");
    (void)db_rollback(db);
    db_close(db);
    free(rc);
}

/* The pauses between tries to connect. */
static void test_pauses(void)
{
    const int64_t longest = 300000;
    int64_t least = longest, most = 0;
    for (int tries = 0; tries < 200; tries++) {
        int64_t full = tries < 8 ? 2000 << tries : longest;
        bool within = true;
        least = longest;
        most = 0;
        for (int i = 0; i < 200; i++) {
            int64_t pause = mail_imap_link_pause(tries, longest);
            within = within && pause >= full / 2 && pause <= full && pause <= longest;
            least = pause < least ? pause : least;
            most = pause > most ? pause : most;
        }
        if (!within || most - least < full / 4)
            ok(false, "try %d: %lld to %lld ms", tries, (long long)least, (long long)most);
    }
    ok(least >= longest / 2 && most <= longest, "pauses grow to %lld ms at most: %lld to %lld", (long long)longest,
       (long long)least, (long long)most);
    is_int(mail_imap_link_pause(3, 0), 0, "no pause at all");
    ok(mail_imap_link_pause(0, 1000) <= 1000, "the longest counts from the first try on");
}

int main(void)
{
    test_start();
    test_pauses();
    test_flags();
    test_labels();
    test_due();
    test_origin();
    test_append();
    return tap_end();
}
