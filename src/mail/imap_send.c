/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_send.c - what waits goes to the server: rounds of jobs, one command after the other
 *
 * Flags first, so that a moved copy takes them along, then moves, then appends. An append is written
 * down before it is sent: when the line drops before the answer, the next run looks for its bytes and
 * its Message-ID before it is sent again. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "io/imap_name.h"
#include "mail/box.h"
#include "mail/imap_send.h"

/* The job at hand. */
struct send_job *mail_imap_send_job(struct mail_imap_run *r)
{
    return vec_at(&r->send->jobs, r->send->at);
}

/* Its messages stay in the queue. */
void mail_imap_send_failed(struct mail_imap_run *r)
{
    struct send_job *j = mail_imap_send_job(r);

    for (size_t i = 0; i < j->pairs.len; i++) {
        struct send_message *m =
            mail_imap_jobs_message(r->send, ((struct send_pair *)vec_at(&j->pairs, i))->message);
        if (m)
            m->failed = true;
    }
    r->send->at++;
    mail_imap_send_next(r);
}

/* The firmest no counts, with its words. */
void mail_imap_send_refuse(struct send_message *m, enum mail_imap_no no, const char *why, int64_t where)
{
    if (no <= m->no)
        return;
    m->no = no;
    free(m->why);
    m->why = mem_strdup(why);
    m->where = where;
}

/* The server said no to the job, or we know that it would. */
static void job_refused(struct mail_imap_run *r, enum mail_imap_no no, const char *why)
{
    struct send_job *j = mail_imap_send_job(r);

    for (size_t i = 0; i < j->pairs.len; i++) {
        struct send_message *m =
            mail_imap_jobs_message(r->send, ((struct send_pair *)vec_at(&j->pairs, i))->message);
        if (!m)
            continue;
        mail_imap_send_refuse(m, no, why, j->folder ? j->folder : j->target);
        if (j->kind == SEND_STORE)
            mail_imap_send_lost(m, j->plus, j->minus);
        else
            m->unmoved = true;
    }
    r->send->at++;
    mail_imap_send_next(r);
}

/* The same by its answer; a folder that is not there is made first. */
void mail_imap_send_denied(struct mail_imap_run *r, const struct imap_result *result)
{
    int code = result->tagged ? (int)result->tagged->code.kind : 0;
    struct send_job *j = mail_imap_send_job(r);

    if (code == IMAP_CODE_TRYCREATE && j->kind == SEND_MOVE && !r->send->created) {
        r->send->created = true;
        mail_imap_send_create(r, j->target);
    } else if (code == IMAP_CODE_EXPUNGEISSUED) {
        mail_imap_send_failed(r); /* one of them is gone: the others go when we know which */
    } else {
        job_refused(r, mail_imap_no_of(result), result->error.text);
    }
}

/* It is written down. */
static void on_stored(struct mail_imap_run *r, void *record)
{
    (void)record;
    r->send->at++;
    mail_imap_send_next(r);
}

/* How many copies have got something by the job. */
static int64_t count_done(const struct send_job *j)
{
    int64_t n = 0;

    for (size_t i = 0; i < j->pairs.len; i++) {
        const struct send_pair *p = vec_at(&j->pairs, i);
        n += j->kind != SEND_STORE || *j->plus || *j->minus || (p->plus && *p->plus) || (p->minus && *p->minus);
    }
    return n;
}

/* The job was done: its copies are written down. */
void mail_imap_send_done(struct mail_imap_run *r)
{
    struct sent_job *s = mem_alloc(sizeof *s);
    struct send_job *j = mail_imap_send_job(r);
    const struct run_folder *f = mail_imap_run_folder(r, j->folder ? j->folder : j->target);
    long long uid;

    s->job = *j;
    j->plus = j->minus = NULL;
    vec_init(&j->pairs, sizeof(struct send_pair), mail_imap_pair_fini);
    s->validity = r->heard.copy_validity;
    s->from = str_take(&r->heard.copy_from);
    s->to = str_take(&r->heard.copy_to);
    if (s->job.kind == SEND_APPEND && str_to_int64(s->from, &uid))
        s->uid = uid;
    r->heard.copy_validity = 0;
    r->pushed += count_done(&s->job);
    if (f)
        ((struct run_folder *)(uintptr_t)f)->told.pushed += count_done(&s->job);
    mail_imap_run_post(r, &mail_imap_sent_op, s, on_stored);
}

/* UIDs of a job. */
static void job_uids(const struct send_job *j, struct imap_set *uids)
{
    imap_set_init(uids);
    for (size_t i = 0; i < j->pairs.len; i++) {
        uint32_t uid = (uint32_t)((const struct send_pair *)vec_at(&j->pairs, i))->uid;
        imap_set_add(uids, uid, uid);
    }
}

/* "UID VERB set". */
struct imap_command *mail_imap_send_command(struct mail_imap_run *r, const char *verb)
{
    struct imap_command *c = imap_command(r->session, verb);
    struct imap_set uids;

    job_uids(mail_imap_send_job(r), &uids);
    imap_arg_set(c, &uids);
    imap_set_fini(&uids);
    return c;
}

/* ---- folders that are not there yet ---- */

/* Made on the server: the job is tried again. */
static void on_made(struct mail_imap_run *r, void *record)
{
    (void)record;
    mail_imap_send_next(r);
}

/* CREATE was answered; that it exists already is as good. */
static void on_created(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct sent_folder *made = user;
    struct run_folder *f;

    if (result->end == IMAP_DENIED &&
        !(result->tagged && result->tagged->code.kind == IMAP_CODE_ALREADYEXISTS)) {
        log_warn("imap: a folder cannot be made");
        mail_imap_made_op.free(made);
        if (r->send->at < r->send->jobs.len)
            mail_imap_send_denied(r, result);
        else
            mail_imap_send_copies(r);
        return;
    }
    f = vec_push(&r->folders);
    f->id = made->folder;
    f->wire = mem_strdup(made->wire);
    f->separator = made->separator;
    mail_imap_run_post(r, &mail_imap_made_op, made, on_made);
}

/* A name of the wire with the prefix of one's own folders, unless it lies among others' (taken, yours). */
static char *with_prefix(const struct mail_imap_run *r, char *wire)
{
    char *whole;

    for (size_t i = 0; wire && i < r->foreign.len; i++)
        if (str_starts(wire, strv_at(&r->foreign, i)))
            return wire;
    whole = wire ? str_format("%s%s", r->prefix ? r->prefix : "", wire) : NULL;
    free(wire);
    return whole;
}

/* Makes a folder on the server: a job's target, or one of copies of ours. */
void mail_imap_send_create(struct mail_imap_run *r, int64_t folder)
{
    struct sent_folder *made = mem_alloc(sizeof *made);
    struct mail_folder f;
    struct error err = ERROR_INIT;
    struct str name = STR_INIT;
    const struct run_folder *like = r->folders.len ? vec_at(&r->folders, 0) : NULL;
    struct imap_command *c;
    bool utf8 = imap_enabled(r->session, "UTF8=ACCEPT");

    if (mail_folder_get(store_reader(r->store), folder, &f, &err) == STATUS_OK) {
        made->separator = r->separator ? r->separator : like && like->separator ? like->separator : '/';
        for (const char *ch = f.name; *ch; ch++)
            str_putc(&name, *ch == '/' ? made->separator : *ch);
    }
    mail_folder_fini(&f);
    made->folder = folder;
    made->account = mem_strdup(r->account);
    made->wire = name.len ? with_prefix(r, imap_name_encode(str_text(&name), utf8)) : NULL;
    str_fini(&name);
    if (!made->wire) {
        mail_imap_made_op.free(made);
        if (r->send->at < r->send->jobs.len)
            job_refused(r, MAIL_IMAP_NEVER, _("its folder has a name that no server can have"));
        else
            mail_imap_send_copies(r);
        return;
    }
    c = imap_command(r->session, "CREATE");
    imap_arg_wire_name(c, made->wire);
    mail_imap_run_hand(r, c, on_created, made, mail_imap_made_op.free);
}

/* ---- appends ---- */

/* APPEND was answered. */
static void on_appended(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    (void)user;
    if (result->end == IMAP_DENIED) {
        log_warn("imap: a message could not be appended");
        mail_imap_send_denied(r, result);
    } else {
        mail_imap_send_done(r);
    }
}

/* Every line ends with CRLF. */
static void put_crlf(struct str *out, const char *bytes, size_t n)
{
    str_clear(out);
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' && !(i && bytes[i - 1] == '\r'))
            str_putc(out, '\r');
        str_putc(out, bytes[i]);
    }
}

/* "APPEND wire (flags) date literal" of r->send->bytes; words are flags and keywords. */
static struct imap_command *append_command(struct mail_imap_run *r, const char *wire, const char *words,
                                           int64_t date)
{
    struct imap_command *c = imap_command(r->session, "APPEND");
    struct vec all;
    char *copy = mem_strdup(words), *rest = copy, *word;

    strv_init(&all);
    while ((word = strsep(&rest, " ")))
        if (*word)
            strv_push(&all, word);
    imap_arg_wire_name(c, wire);
    imap_arg_flags(c, &all);
    imap_arg_date(c, date);
    imap_arg_literal(c, str_text(&r->send->bytes), r->send->bytes.len);
    vec_fini(&all);
    free(copy);
    return c;
}

/* Flags and labels of a message as words; where labels are no keywords they follow by a STORE. Yours. */
static char *words_of(struct mail_imap_run *r, const struct send_message *m)
{
    struct vec words;
    char *copy = mem_strdup(m->labels), *rest = copy, *label, *out;

    mail_imap_flag_words(m->flags, &words);
    while ((label = strsep(&rest, "\n"))) {
        bool apart = imap_has(r->session, "X-GM-EXT-1");
        char *keyword = *label && !apart ? mail_imap_keyword(label) : NULL;
        r->send->labels = r->send->labels || (apart && *label);
        if (keyword)
            strv_push_take(&words, keyword);
    }
    out = strv_join(&words, " ");
    vec_fini(&words);
    free(copy);
    return out;
}

/* It is written down that it goes out. */
static void on_tried(struct mail_imap_run *r, void *record)
{
    struct send_job *j = mail_imap_send_job(r);
    const struct send_pair *p = vec_at(&j->pairs, 0);
    const struct send_message *m = mail_imap_jobs_message(r->send, p->message);
    const struct run_folder *target = mail_imap_run_folder(r, j->target);
    struct mail_row row;
    struct error err = ERROR_INIT;

    (void)record;
    if (!mail_imap_run_goes(r))
        return;
    if (mail_row_get(store_reader(r->store), p->message, &row, &err) != STATUS_OK) {
        mail_row_fini(&row);
        mail_imap_send_failed(r);
        return;
    }
    free(j->plus);
    j->plus = words_of(r, m);
    mail_imap_run_send(r, append_command(r, target->wire, j->plus, row.date), on_appended, NULL);
    mail_row_fini(&row);
}

/* Whose copies are the UIDs that a search found? -1: one of them was not looked at yet. */
static int found_ours(struct mail_imap_run *r, int64_t message)
{
    uint32_t uid = 0;
    int ours = 0;

    while (ours == 0 && imap_set_next(&r->heard.found, &uid)) {
        struct db_query *q = db_prepare(store_reader(r->store),
                                        "SELECT message FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
        db_bind_int(q, 1, r->selected);
        db_bind_int(q, 2, uid);
        ours = !db_step(q) ? -1 : db_int(q, 0) == message;
        db_end(q);
    }
    return ours;
}

/* The folder was searched for a message whose append nobody knows the end of. Others may have the same
 * Message-ID: what counts is whose bytes they are, and those of an unknown UID come first. */
static void on_searched(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    int64_t message = ((struct send_pair *)vec_at(&mail_imap_send_job(r)->pairs, 0))->message;
    int ours = result->end == IMAP_DONE ? found_ours(r, message) : 0;
    struct sent_try *t;

    (void)user;
    if (ours < 0) {
        mail_imap_send_failed(r); /* the next run knows */
        return;
    }
    if (ours) {
        r->send->at++; /* it is there: the round says so */
        mail_imap_send_next(r);
        return;
    }
    t = mem_alloc(sizeof *t);
    t->message = message;
    mail_imap_run_post(r, &mail_imap_try_op, t, on_tried);
}

/* Searches the folder selected. */
static void on_target(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct mail_row row;
    struct error err = ERROR_INIT;
    struct imap_command *c;

    (void)user;
    if (result->end != IMAP_DONE ||
        mail_row_get(store_reader(r->store), ((struct send_pair *)vec_at(&mail_imap_send_job(r)->pairs, 0))->message,
                     &row, &err) != STATUS_OK) {
        mail_imap_send_failed(r);
        return;
    }
    mail_imap_heard_clear(&r->heard);
    c = imap_command(r->session, "UID SEARCH");
    imap_arg(c, "HEADER Message-ID");
    imap_arg_string(c, row.message_id, strlen(row.message_id));
    mail_imap_run_send(r, c, on_searched, NULL);
    mail_row_fini(&row);
}

/* What no APPEND can carry. */
char *mail_imap_send_unfit(const struct mail_imap_run *r)
{
    const struct str *bytes = &r->send->bytes;
    uint64_t most;

    if (bytes->len && memchr(bytes->data, '\0', bytes->len) && !imap_has(r->session, "BINARY"))
        return mem_strdup(_("it holds NUL bytes, which this server cannot take"));
    if (imap_has_number(r->session, "APPENDLIMIT", &most) && bytes->len > most) /* RFC 7889 */
        return str_format(_("it is larger than this server takes (%lld bytes)"), (long long)most);
    return NULL;
}

/* A body that is not here: it is fetched first, if it can be. */
static void await_body(struct mail_imap_run *r, const struct mail_row *row)
{
    if (row->size > (int64_t)MAIL_SIZE_MOST) {
        job_refused(r, MAIL_IMAP_NEVER, _("it is too large to be taken from one account to another"));
        return;
    }
    mail_imap_want(r->store, row->id);
    mail_imap_send_failed(r);
}

/* Appends a message to the folder it lies in. */
static void send_append(struct mail_imap_run *r)
{
    struct send_job *j = mail_imap_send_job(r);
    const struct send_pair *p = vec_at(&j->pairs, 0);
    const struct send_message *m = mail_imap_jobs_message(r->send, p->message);
    struct db *db = store_reader(r->store);
    struct error err = ERROR_INIT;
    struct mail_row row;
    struct str raw = STR_INIT;
    struct sent_try *t;
    bool ok = m && mail_row_get(db, p->message, &row, &err) == STATUS_OK;
    char *unfit;

    if (ok && row.flags & DOC_PARTIAL) {
        await_body(r, &row);
        mail_row_fini(&row);
        return;
    }
    if (!ok || mail_message_raw(db, p->message, &raw, &err) != STATUS_OK) {
        mail_row_fini(&row); /* there is nothing that could be sent */
        str_fini(&raw);
        mail_imap_send_failed(r);
        return;
    }
    put_crlf(&r->send->bytes, str_text(&raw), raw.len);
    str_fini(&raw);
    unfit = mail_imap_send_unfit(r);
    if (unfit) {
        mail_row_fini(&row);
        job_refused(r, MAIL_IMAP_NEVER, unfit);
        free(unfit);
        return;
    }
    if (m->tried && *row.message_id) {
        mail_row_fini(&row);
        mail_imap_run_select(r, mail_imap_run_folder(r, j->target), false, on_target);
        return;
    }
    mail_row_fini(&row);
    t = mem_alloc(sizeof *t);
    t->message = p->message;
    mail_imap_run_post(r, &mail_imap_try_op, t, on_tried);
}

/* ---- jobs and rounds ---- */

/* The job's folder is open. */
static void on_folder(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    const struct run_folder *f = mail_imap_run_folder(r, r->selected);

    (void)user;
    if (result->end != IMAP_DONE || !f || (f->uidvalidity && f->uidvalidity != r->heard.uidvalidity)) {
        r->selected = 0;
        mail_imap_send_failed(r);
        return;
    }
    if (r->heard.read_only) {
        r->selected = 0;
        job_refused(r, MAIL_IMAP_NEVER, _("the server lets nothing be changed in this folder"));
        return;
    }
    mail_imap_send_next(r);
}

/* The round is written down: a person hears what was refused. */
static void on_round(struct mail_imap_run *r, void *record)
{
    const struct sent_round *round = record;

    for (size_t i = 0; i < round->messages.len; i++) {
        const struct send_message *m = vec_at(&round->messages, i);
        if (m->told)
            mail_imap_run_warn(r, m->where, m->message, m->why, m->again);
    }
    mail_imap_send_rounds(r);
}

/* The next job, or the end of the round. */
void mail_imap_send_next(struct mail_imap_run *r)
{
    struct run_send *s = r->send;
    struct send_job *j;

    if (!mail_imap_run_goes(r))
        return;
    if (s->at == s->jobs.len) {
        struct sent_round *round = mem_alloc(sizeof *round);
        round->account = mem_strdup(r->account);
        round->messages = s->messages;
        s->messages = (struct vec){0};
        vec_init(&s->messages, sizeof(struct send_message), round->messages.item_fini);
        mail_imap_run_post(r, &mail_imap_round_op, round, on_round);
        return;
    }
    j = mail_imap_send_job(r);
    if (j->target && !mail_imap_run_folder(r, j->target)) {
        mail_imap_send_create(r, j->target);
        return;
    }
    s->created = false;
    if (j->kind == SEND_APPEND)
        send_append(r);
    else if (r->selected != j->folder && mail_imap_run_folder(r, j->folder))
        mail_imap_run_select(r, mail_imap_run_folder(r, j->folder), false, on_folder);
    else if (r->selected != j->folder)
        mail_imap_send_failed(r);
    else if (j->kind == SEND_STORE)
        mail_imap_send_flags(r);
    else
        mail_imap_send_move(r);
}

/* The next round, or what is no message: copies of ours. */
void mail_imap_send_rounds(struct mail_imap_run *r)
{
    if (!mail_imap_run_goes(r))
        return;
    bool any = mail_imap_jobs_make(r, r->send);
    if (!any && r->send->labels) { /* what was appended gets its labels */
        r->send->labels = false;
        r->send->last = 0;
        any = mail_imap_jobs_make(r, r->send);
    }
    if (any) {
        mail_imap_send_next(r);
        return;
    }
    r->send->created = false;
    mail_imap_send_copies(r);
}

/* Begins. */
void mail_imap_send_all(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r))
{
    struct run_send *s = mem_alloc(sizeof *s);

    mail_imap_send_free(r->send);
    s->then = then;
    vec_init(&s->back, sizeof(struct going_back), NULL);
    vec_init(&s->appends, sizeof(int64_t), NULL);
    vec_init(&s->cleaned, sizeof(int64_t), NULL);
    r->send = s;
    mail_imap_send_resume(r);
}

/* Bytes of a copy of ours, made ready for the line. */
void mail_imap_send_bytes(struct mail_imap_run *r, const char *bytes, size_t n)
{
    put_crlf(&r->send->bytes, bytes, n);
}

/* The command that appends them. */
struct imap_command *mail_imap_send_append(struct mail_imap_run *r, const char *wire, const char *words,
                                           int64_t date)
{
    return append_command(r, wire, words, date);
}
