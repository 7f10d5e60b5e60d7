/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox.c - approving: refusals, composing the exact bytes, reading them back, storing them. */
#include "office/outbox.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/config.h"
#include "io/loop.h"
#include "io/smtp.h"
#include "mail/reader.h"
#include "office/outbox_store.h"
#include "office/people.h"
#include "store/store.h"

#define SUBJECT_MAX 2000
#define RECIPIENTS_MAX 1000

/* ---- refusals ---- */

/* Does the text hold what would end a header line? */
static bool breaks_line(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
            return true;
    return false;
}

/* A header value of the draft: one line of valid UTF-8. */
static enum status check_value(const char *what, const char *value, struct error *err)
{
    if (!value)
        return STATUS_OK;
    if (breaks_line(value) || !utf8_valid(value, strlen(value))) {
        error_set(err, STATUS_REFUSED, _("the %s cannot stand in a header"), what);
        return error_hint(err, _("it holds a line break, a control character or broken text"));
    }
    return STATUS_OK;
}

/* A Message-ID of the answered mail, which is foreign: no space, control or angle bracket. */
static bool is_msgid(const char *id)
{
    size_t n = strlen(id);
    if (n == 0 || n > 900)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)id[i] <= ' ' || (unsigned char)id[i] >= 0x7f || id[i] == '<' ||
            id[i] == '>')
            return false;
    return true;
}

/* Every address of a list and its name. */
static enum status check_list(const char *what, const struct vec *list, size_t *count,
                              struct error *err)
{
    for (size_t i = 0; list && i < list->len; i++) {
        const struct mail_address *a = vec_at(list, i);
        if (!people_is_address(a->address)) {
            error_set(err, STATUS_REFUSED, _("%s holds something that is no address"), what);
            return error_hint(err, _("write it as name@example.org"));
        }
        if (check_value(what, a->name, err))
            return err->status;
        ++*count;
    }
    return STATUS_OK;
}

enum status outbox_check(const struct outbox_order *o, struct error *err)
{
    size_t recipients = 0;
    if (check_list(_("To"), o->to, &recipients, err) || check_list(_("Cc"), o->cc, &recipients, err) ||
        check_list(_("Bcc"), o->bcc, &recipients, err))
        return err->status;
    if (recipients == 0) {
        error_set(err, STATUS_REFUSED, _("the draft has no recipient"));
        return error_hint(err, _("draft edit d%lld --to ADDRESS"), (long long)o->draft);
    }
    if (recipients > RECIPIENTS_MAX)
        return error_set(err, STATUS_REFUSED, _("more than %d recipients"), RECIPIENTS_MAX);
    if (!o->from || !people_is_address(o->from)) {
        error_set(err, STATUS_REFUSED, _("the draft has no sender"));
        return error_hint(err, _("set me ADDRESS, or account NAME from ADDRESS, in bureaurc"));
    }
    if (check_value(_("sender"), o->from_name, err) || check_value(_("subject"), o->subject, err))
        return err->status;
    if (o->subject && strlen(o->subject) > SUBJECT_MAX)
        return error_set(err, STATUS_REFUSED, _("the subject is longer than %d bytes"), SUBJECT_MAX);
    if (o->in_reply_to && *o->in_reply_to && !is_msgid(o->in_reply_to))
        return error_set(err, STATUS_REFUSED, _("the answered mail has a broken Message-ID"));
    for (size_t i = 0; o->files && i < o->files->len; i++) {
        const struct mail_file *f = vec_at(o->files, i);
        if (check_value(_("file name"), f->name, err) ||
            check_value(_("content type"), f->content_type, err))
            return err->status;
    }
    const struct config_account *a = people_account(o->account, NULL);
    if (!a || !people_can_send(a)) {
        error_set(err, STATUS_FAILED, _("no account can send"));
        if (a)
            return error_hint(err, _("account %s smtp smtps://mail.example.org in bureaurc"),
                              a->name);
        return error_hint(err, _("account work from \"You <you@example.org>\" smtp "
                                 "smtps://mail.example.org in bureaurc"));
    }
    return STATUS_OK;
}

/* ---- reading back what was composed ---- */

/* The bytes may leave only when their header block is what we meant: known names, each once, line
 * ends CRLF, no bare CR, LF or NUL anywhere in it, our Message-ID, no Bcc. */
static enum status check_bytes(const struct str *bytes, const char *message_id, struct error *err)
{
    static const char *const known[] = {
        "From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
        "User-Agent"};
    unsigned seen = 0;
    bool id_good = false;
    const char *p = bytes->data, *end = p ? p + bytes->len : NULL;
    while (p && p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        if (!lf || lf == p || lf[-1] != '\r' || memchr(p, 0, (size_t)(lf - p)) ||
            memchr(p, '\r', (size_t)(lf - 1 - p)))
            break;
        size_t n = (size_t)(lf - 1 - p);
        if (n == 0) {
            if (id_good && (seen & 1u) && (seen & (1u << 4)))
                return STATUS_OK;
            break;
        }
        if (*p != ' ' && *p != '\t') {
            const char *colon = memchr(p, ':', n);
            size_t k = 0, len = colon ? (size_t)(colon - p) : 0;
            while (k < sizeof known / sizeof *known &&
                   !(len == strlen(known[k]) && strncasecmp(known[k], p, len) == 0))
                k++;
            if (k == sizeof known / sizeof *known || (seen & (1u << k)))
                break;
            seen |= 1u << k;
            if (k == 5) {
                char *want = str_format("<%s>", message_id);
                const char *v = colon + 1;
                while (v < lf - 1 && (*v == ' ' || *v == '\t'))
                    v++;
                if (v == lf - 1) { /* folded right behind the name */
                    v = lf + 1;
                    while (v < end && (*v == ' ' || *v == '\t'))
                        v++;
                }
                id_good = (size_t)(end - v) > strlen(want) && memcmp(v, want, strlen(want)) == 0 &&
                          (v[strlen(want)] == '\r');
                free(want);
            }
        } else if (seen == 0) {
            break;
        }
        p = lf + 1;
    }
    return error_set(err, STATUS_REFUSED,
                     _("the composed message has headers that were not asked for; nothing was sent"));
}

/* ---- approving ---- */

struct approval {
    struct store *store; /* borrow */
    struct mail_reader *reader;
    struct outbox_new row;
    struct outbox_order order; /* own copies of what confirm needs: ids and hash */
    char *date, *subject, *text, *in_reply_to;
    struct mail_address from;
    struct vec to, cc, bcc, references, files;
    struct error error;
    void (*done)(void *user, int64_t id, const struct error *err);
    void *user;
};

/* Frees one struct mail_file. */
static void file_fini(void *item)
{
    struct mail_file *f = item;
    free(f->name);
    free(f->content_type);
    str_fini(&f->bytes);
}

/* Tells the end and frees an approval; posted, so that the reader's callback has returned. */
static void approval_gone(void *user)
{
    struct approval *a = user;
    a->done(a->user, a->row.id, &a->error);
    if (a->reader)
        mail_reader_free(a->reader);
    outbox_new_fini(&a->row);
    free(a->date);
    free(a->subject);
    free(a->text);
    free(a->in_reply_to);
    mail_address_fini_item(&a->from);
    vec_fini(&a->to);
    vec_fini(&a->cc);
    vec_fini(&a->bcc);
    vec_fini(&a->references);
    vec_fini(&a->files);
    free(a);
}

/* Lets go, with this id and error. */
static void approval_end(struct approval *a, int64_t id, const struct error *err)
{
    a->row.id = id;
    a->error = *err;
    loop_post(store_loop(a->store), approval_gone, a);
}

/* The operation: voids an earlier approval of the draft, stores the new one, lets the draft agree. */
static enum status approve_run(struct db *db, void *record, struct error *err)
{
    struct approval *a = record;
    enum status st = a->order.draft ? outbox_void_draft(db, a->order.draft, NULL, err) : STATUS_OK;
    if (st == STATUS_OK)
        st = outbox_insert(db, &a->row, err);
    if (st == STATUS_OK && a->order.confirm)
        st = a->order.confirm(db, &a->order, a->row.id, err);
    return st;
}

static const struct store_op approve_op = {"approve", OP_PERSON, approve_run, NULL};

/* The approval is committed, or refused. */
static void approve_done(void *user, void *record, const struct error *err)
{
    (void)record;
    struct approval *a = user;
    approval_end(a, err->status == STATUS_OK ? a->row.id : 0, err);
}

/* The bytes are there: they are checked, hashed and stored. */
static void approve_composed(void *user, const struct str *bytes, const struct error *err)
{
    struct approval *a = user;
    struct error late = ERROR_INIT;
    if (err->status != STATUS_OK) {
        approval_end(a, 0, err);
        return;
    }
    if (check_bytes(bytes, a->row.message_id, &late)) {
        approval_end(a, 0, &late);
        return;
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[crypto_hash_sha256_BYTES * 2 + 1];
    crypto_hash_sha256(digest, (const unsigned char *)bytes->data, bytes->len);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    a->row.hash = mem_strdup(hex);
    a->row.size = (int64_t)bytes->len;
    db_pack(bytes->data, bytes->len, &a->row.packed);
    store_post(a->store, &approve_op, a, approve_done, a);
}

/* "<128 random bits>@<domain of the sender>". Yours. */
static char *make_message_id(const char *from)
{
    unsigned char random[16];
    char hex[33];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    const char *at = strrchr(from, '@');
    for (const char *p = at; p && *p; p++) /* an internationalised domain has no place in it */
        if ((unsigned char)*p >= 0x7f)
            at = NULL;
    return str_format("%s%s", hex, at ? at : "@bureau.invalid");
}

/* Domains beyond ASCII as DNS has them: then every server takes the address. */
static void plain_domains(struct vec *people)
{
    for (size_t i = 0; i < people->len; i++) {
        struct mail_address *a = vec_at(people, i);
        char *plain = smtp_plain_address(a->address);
        if (!plain)
            continue;
        free(a->address);
        a->address = plain;
    }
}

/* One envelope address a line, each once. */
static char *envelope_of(const struct approval *approval)
{
    const struct vec *lists[] = {&approval->to, &approval->cc, &approval->bcc};
    struct vec seen;
    struct str out = STR_INIT;
    people_init(&seen);
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; lists[l] && i < lists[l]->len; i++) {
            const struct mail_address *a = vec_at(lists[l], i);
            if (people_has(&seen, a->address))
                continue;
            people_add(&seen, "", a->address);
            str_addf(&out, "%s\n", a->address);
        }
    vec_fini(&seen);
    return str_take(&out);
}

/* Copies the order, so that the caller may forget it. */
static struct approval *approval_new(struct store *s, const struct outbox_order *o)
{
    struct approval *a = mem_alloc(sizeof *a);
    struct str to = STR_INIT;
    char date[CLOCK_TEXT];
    const struct config_account *account = people_account(o->account, NULL);
    a->store = s;
    people_init(&a->to);
    people_init(&a->cc);
    people_init(&a->bcc);
    strv_init(&a->references);
    vec_init(&a->files, sizeof(struct mail_file), file_fini);
    if (o->to)
        people_copy(&a->to, o->to);
    if (o->cc)
        people_copy(&a->cc, o->cc);
    if (o->bcc)
        people_copy(&a->bcc, o->bcc);
    plain_domains(&a->to);
    plain_domains(&a->cc);
    plain_domains(&a->bcc);
    for (size_t i = 0; o->references && i < o->references->len; i++)
        if (is_msgid(strv_at(o->references, i)))
            strv_push(&a->references, strv_at(o->references, i));
    for (size_t i = 0; o->files && i < o->files->len; i++) {
        const struct mail_file *f = vec_at(o->files, i);
        struct mail_file *own = vec_push(&a->files);
        own->name = mem_strdup(f->name);
        own->content_type = mem_strdup(f->content_type);
        str_add(&own->bytes, f->bytes.data, f->bytes.len);
    }
    a->from = (struct mail_address){mem_strdup(o->from_name ? o->from_name : ""),
                                    mem_strdup(o->from ? o->from : "")};
    a->subject = mem_strdup(o->subject ? o->subject : "");
    a->text = mem_strdup(o->text ? o->text : "");
    a->in_reply_to = mem_strdup_maybe(o->in_reply_to && *o->in_reply_to ? o->in_reply_to : NULL);
    a->date = mem_strdup(clock_rfc5322(clock_now(), date));
    people_print(&to, a->to.len ? &a->to : a->cc.len ? &a->cc : &a->bcc);
    a->row = (struct outbox_new){.draft = o->draft,
                                 .version = o->version,
                                 .send_at = o->send_at,
                                 .draft_hash = mem_strdup(o->draft_hash ? o->draft_hash : ""),
                                 .account = mem_strdup(account ? account->name : ""),
                                 .from_name = mem_strdup(a->from.name),
                                 .from = mem_strdup(a->from.address),
                                 .envelope = envelope_of(a),
                                 .to = str_take(&to),
                                 .subject = mem_strdup(a->subject),
                                 .message_id = make_message_id(a->from.address),
                                 .who = mem_strdup(o->who)};
    a->order = (struct outbox_order){.draft = o->draft,
                                     .version = o->version,
                                     .draft_hash = a->row.draft_hash,
                                     .who = a->row.who,
                                     .confirm = o->confirm};
    return a;
}

void outbox_approve(struct store *s, const struct outbox_order *o,
                    void (*done)(void *user, int64_t id, const struct error *err), void *user)
{
    struct approval *a = approval_new(s, o);
    a->done = done;
    a->user = user;
    a->error = ERROR_INIT;
    if (sodium_init() < 0)
        error_set(&a->error, STATUS_FAILED, _("no source of random numbers"));
    if (error_is(&a->error) || outbox_check(o, &a->error)) {
        loop_post(store_loop(s), approval_gone, a);
        return;
    }
    struct mail_outgoing m = {.from = &a->from,
                              .to = &a->to,
                              .cc = &a->cc,
                              .bcc = &a->bcc,
                              .subject = a->subject,
                              .text = a->text,
                              .message_id = a->row.message_id,
                              .in_reply_to = a->in_reply_to,
                              .date = a->date,
                              .references = &a->references,
                              .files = &a->files};
    a->reader = mail_reader_new(store_loop(s), NULL);
    mail_reader_compose(a->reader, &m, approve_composed, a);
}

char *outbox_way_out(int64_t id, int64_t draft)
{
    return str_format(_("d%lld is open again: draft edit d%lld --to ADDRESS and send d%lld, or outbox retry o%lld "
                        "as it is"), (long long)draft, (long long)draft, (long long)draft, (long long)id);
}
