/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_send_flags.c - flags and labels go to the server; what it refuses is not written down as done
 *
 * System flags and keywords go in commands of their own, so that a keyword the server has no room for
 * takes no flag with it. Behind a NO nobody knows which of the mails have got the words (RFC 2180 §4.2):
 * the server is asked how they stand. What it has is done; what it has not stands there as before. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/log.h"
#include "mail/imap_place.h"
#include "mail/imap_send.h"

/* A STORE under way. */
struct part {
    bool plus, last;
    char *words; /* own: as the job has them */
};

static void part_free(void *part)
{
    free(((struct part *)part)->words);
    free(part);
}

/* Words behind others. */
static void add_words(struct str *to, const char *words)
{
    if (*words)
        str_addf(to, "%s%s", to->len ? " " : "", words);
}

/* Words as an argument: system flags, or keywords; Gmail has labels instead of those, a folder may keep
 * none. The words that went in, yours; NULL: none. */
static char *arg_words(struct mail_imap_run *r, struct imap_command *c, const char *words, bool system)
{
    bool gmail = imap_has(r->session, "X-GM-EXT-1");
    struct vec all;
    struct str kept = STR_INIT;
    char *copy = mem_strdup(words), *rest = copy, *word;

    strv_init(&all);
    while ((word = strsep(&rest, " "))) {
        char *label = NULL;
        if (!*word || (*word == '\\') != system)
            continue;
        if (!system && (gmail ? !(label = mail_imap_label(word)) : !r->heard.any_keyword)) {
            add_words(&r->send->dropped, word);
            continue;
        }
        if (label)
            strv_push_take(&all, label);
        else
            strv_push(&all, word);
        add_words(&kept, word);
    }
    if (all.len && gmail && !system)
        imap_arg_labels(c, &all);
    else if (all.len)
        imap_arg_flags(c, &all);
    vec_fini(&all);
    free(copy);
    return kept.len ? str_take(&kept) : NULL;
}

/* Forgets what a STORE left. */
static void clear(struct run_send *s)
{
    for (int i = 0; i < 2; i++) {
        str_clear(&s->got[i]);
        str_clear(&s->lost[i]);
    }
    str_clear(&s->dropped);
    s->no = MAIL_IMAP_YES;
    free(s->why);
    s->why = NULL;
}

/* The job as far as it went. */
static void finish(struct mail_imap_run *r)
{
    struct run_send *s = r->send;
    struct send_job *j = mail_imap_send_job(r);

    free(j->plus);
    free(j->minus);
    j->plus = mem_strdup(str_text(&s->got[true]));
    j->minus = mem_strdup(str_text(&s->got[false]));
    free(j->dropped);
    j->dropped = s->dropped.len ? mem_strdup(str_text(&s->dropped)) : NULL;
    clear(s);
    mail_imap_send_done(r);
}

/* ---- behind a NO ---- */

/* What the server just said of a UID; NULL: nothing. */
static const struct mail_remote *told_of(const struct mail_imap_run *r, int64_t uid)
{
    for (size_t i = r->heard.told.len; i-- > 0;) {
        const struct mail_remote *m = vec_at(&r->heard.told, i);
        if (m->uid == uid)
            return m;
    }
    return NULL;
}

/* Has it the word? */
static bool has_word(const struct mail_remote *m, const char *word)
{
    bool seen;
    unsigned bits = mail_imap_word_bits(word, &seen);

    if (seen)
        return !(m->flags & DOC_UNREAD);
    return bits ? (m->flags & bits) == bits : m->keywords && mail_imap_has_word(m->keywords, ' ', word);
}

/* The word as all places write it: a label's keyword may be spelled otherwise there. Yours. */
static char *our_spelling(const char *word)
{
    bool seen;
    char *label = mail_imap_word_bits(word, &seen) || seen ? NULL : mail_imap_label(word);
    char *keyword = label ? mail_imap_keyword(label) : mem_strdup(word);

    free(label);
    return keyword ? keyword : mem_strdup(word);
}

/* A word that the mail's copy did not get (or lose): the message says so. */
static void keep_lost(struct send_message *m, const char *word)
{
    char *ours = our_spelling(word), *more;

    if (!m->unset || !mail_imap_has_word(m->unset, ' ', ours)) {
        more = str_format("%s%s%s", m->unset ? m->unset : "", m->unset ? " " : "", ours);
        free(m->unset);
        m->unset = more;
    }
    free(ours);
}

/* All of these words. */
void mail_imap_send_lost(struct send_message *m, const char *plus, const char *minus)
{
    char *copy = str_format("%s %s", plus ? plus : "", minus ? minus : ""), *rest = copy, *word;

    while ((word = strsep(&rest, " ")))
        if (*word)
            keep_lost(m, word);
    free(copy);
}

/* The refused words of one copy: which are there all the same? */
static void weigh(struct mail_imap_run *r, struct send_pair *p, const struct mail_remote *told)
{
    struct send_message *m = mail_imap_jobs_message(r->send, p->message);
    bool lost = false;

    for (int plus = 0; plus < 2 && m; plus++) {
        struct str got = STR_INIT;
        char *copy = mem_strdup(str_text(&r->send->lost[plus])), *rest = copy, *word;
        while ((word = strsep(&rest, " "))) {
            if (*word && told && has_word(told, word) == plus) {
                add_words(&got, word);
            } else if (*word) {
                keep_lost(m, word);
                lost = true;
            }
        }
        free(copy);
        *(plus ? &p->plus : &p->minus) = str_take(&got);
    }
    if (lost)
        mail_imap_send_refuse(m, r->send->no, r->send->why, mail_imap_send_job(r)->folder);
}

/* The server said how they stand. */
static void on_truth(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct send_job *j = mail_imap_send_job(r);

    (void)user;
    for (size_t i = 0; i < j->pairs.len; i++) {
        struct send_pair *p = vec_at(&j->pairs, i);
        const struct mail_remote *told = result->end == IMAP_DONE ? told_of(r, p->uid) : NULL;
        struct send_message *m = mail_imap_jobs_message(r->send, p->message);
        if (told || result->end != IMAP_DONE)
            weigh(r, p, told);
        else if (m)
            m->failed = true; /* it is gone: the next look says where */
    }
    finish(r);
}

/* Asks how they stand. */
static void ask_truth(struct mail_imap_run *r)
{
    struct imap_command *c = mail_imap_send_command(r, "UID FETCH");

    vec_clear(&r->heard.told);
    imap_arg(c, imap_has(r->session, "X-GM-EXT-1") ? "(UID FLAGS X-GM-LABELS)" : "(UID FLAGS)");
    mail_imap_run_send(r, c, on_truth, NULL);
}

/* ---- STORE ---- */

/* A STORE was answered. */
static void on_store(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct run_send *s = r->send;
    struct part *p = user;
    enum mail_imap_no no = mail_imap_no_of(result);
    bool last = p->last;

    add_words(no ? &s->lost[p->plus] : &s->got[p->plus], p->words);
    if (no > s->no) {
        log_warn("imap: flags were refused");
        s->no = no;
        free(s->why);
        s->why = mem_strdup(result->error.text);
    }
    part_free(p);
    if (last && s->no)
        ask_truth(r);
    else if (last)
        finish(r);
}

/* Sends the STOREs of a job; all at once. */
void mail_imap_send_flags(struct mail_imap_run *r)
{
    static const char *const verbs[] = {"-FLAGS.SILENT", "+FLAGS.SILENT", "-X-GM-LABELS.SILENT", "+X-GM-LABELS.SILENT"};
    struct send_job *j = mail_imap_send_job(r);
    struct imap_command *all[4];
    struct part *parts[4];
    size_t n = 0, labels = imap_has(r->session, "X-GM-EXT-1") ? 2 : 0;

    clear(r->send);
    for (size_t i = 0; i < 4; i++) {
        bool plus = i % 2, system = i < 2;
        all[n] = mail_imap_send_command(r, "UID STORE");
        imap_arg(all[n], verbs[plus + (system ? 0 : labels)]);
        char *words = arg_words(r, all[n], plus ? j->plus : j->minus, system);
        if (!words) {
            imap_command_free(all[n]);
            continue;
        }
        parts[n] = mem_alloc(sizeof *parts[n]);
        *parts[n++] = (struct part){.plus = plus, .words = words};
    }
    if (!n) {
        finish(r);
        return;
    }
    parts[n - 1]->last = true;
    for (size_t i = 0; i < n; i++) {
        if (mail_imap_run_goes(r)) {
            mail_imap_run_hand(r, all[i], on_store, parts[i], part_free);
        } else {
            imap_command_free(all[i]);
            part_free(parts[i]);
        }
    }
}
