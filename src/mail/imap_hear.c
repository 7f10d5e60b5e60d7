/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_hear.c - what an IMAP server says while a run's commands are under way is gathered here */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/imap_name.h"
#include "mail/imap_run.h"

#define FOLDERS_MOST 5000

/* ---- what was heard ---- */

/* Releases what the server said of a UID. */
static void remote_fini(void *item)
{
    free(((struct mail_remote *)item)->keywords);
}

/* Empties it. */
void mail_imap_heard_clear(struct run_heard *h)
{
    vec_clear(&h->told);
    vec_clear(&h->thrids);
    imap_set_clear(&h->vanished);
    imap_set_clear(&h->found);
    h->has_found = h->any_keyword = h->read_only = h->no_modseq = false;
    h->exists = h->uidvalidity = h->uidnext = h->modseq = h->copy_validity = 0;
    str_clear(&h->copy_from);
    str_clear(&h->copy_to);
}

/* Makes an empty one. */
void mail_imap_heard_init(struct run_heard *h)
{
    *h = (struct run_heard){0};
    vec_init(&h->told, sizeof(struct mail_remote), remote_fini);
    vec_init(&h->thrids, sizeof(struct run_thrid), NULL);
    imap_set_init(&h->vanished);
    imap_set_init(&h->found);
}

/* Labels of Gmail. */
void mail_imap_gmail_labels(struct mail_imap_run *r, const struct vec *labels, struct str *keywords)
{
    bool utf8 = imap_enabled(r->session, "UTF8=ACCEPT");

    for (size_t i = 0; i < labels->len; i++) {
        struct imap_text t = *imap_text_at(labels, i);
        char *label = imap_name_decode(t.bytes, t.len, utf8), *keyword = NULL;
        if (t.len && t.bytes[0] != '\\')
            keyword = mail_imap_keyword(label);
        if (keyword && !mail_imap_has_word(str_text(keywords), ' ', keyword))
            str_addf(keywords, "%s%s", keywords->len ? " " : "", keyword);
        free(keyword);
        free(label);
    }
}

/* Flags of a UID. Gmail tells its labels only when asked: without them nothing is known of them. */
static void hear_fetch(struct mail_imap_run *r, const struct imap_fetch *f)
{
    struct mail_remote *m;
    struct str keywords = STR_INIT;

    if (!(f->has & IMAP_FETCH_UID) || !f->uid)
        return;
    if (f->has & IMAP_FETCH_THRID && f->thrid) {
        struct run_thrid *t = vec_push(&r->heard.thrids);
        *t = (struct run_thrid){f->uid, f->thrid};
    }
    if (!(f->has & IMAP_FETCH_FLAGS))
        return;
    m = vec_push(&r->heard.told);
    m->uid = f->uid;
    m->modseq = (int64_t)(f->modseq & INT64_MAX);
    m->received = CLOCK_NONE;
    mail_imap_words_read(&f->flags, &m->flags, &keywords);
    if (f->has & IMAP_FETCH_LABELS)
        mail_imap_gmail_labels(r, &f->labels, &keywords);
    m->keywords = str_take(&keywords);
    if (!(f->has & IMAP_FETCH_LABELS) && imap_has(r->session, "X-GM-EXT-1")) {
        free(m->keywords);
        m->keywords = NULL;
    }
}

/* The words of PERMANENTFLAGS. */
static void hear_permanent(struct mail_imap_run *r, const struct vec *words)
{
    r->heard.any_keyword = false;
    for (size_t i = 0; i < words->len; i++)
        r->heard.any_keyword = r->heard.any_keyword || imap_text_is(*imap_text_at(words, i), "\\*");
}

/* A response code, tagged or not. */
void mail_imap_hear_code(struct mail_imap_run *r, const struct imap_response *resp)
{
    struct run_heard *h = &r->heard;

    switch (resp->code.kind) {
    case IMAP_CODE_UIDVALIDITY:
        h->uidvalidity = (int64_t)resp->code.number;
        break;
    case IMAP_CODE_UIDNEXT:
        h->uidnext = (int64_t)resp->code.number;
        break;
    case IMAP_CODE_HIGHESTMODSEQ:
        h->modseq = (int64_t)(resp->code.number & INT64_MAX);
        break;
    case IMAP_CODE_NOMODSEQ:
        h->no_modseq = true;
        break;
    case IMAP_CODE_PERMANENTFLAGS:
        hear_permanent(r, &resp->words);
        break;
    case IMAP_CODE_READ_ONLY:
        h->read_only = true;
        break;
    case IMAP_CODE_CLOSED: /* what came before is of the folder before */
        mail_imap_heard_clear(h);
        break;
    case IMAP_CODE_APPENDUID:
    case IMAP_CODE_COPYUID:
        h->copy_validity = (int64_t)resp->code.number;
        str_clear(&h->copy_from);
        str_clear(&h->copy_to);
        str_add(&h->copy_from, resp->code.set.bytes, resp->code.set.len);
        str_add(&h->copy_to, resp->code.dest.bytes, resp->code.dest.len);
        break;
    default:
        break;
    }
}

/* The folder of the listing with this name of the wire. */
static struct run_folder *by_wire(struct mail_imap_run *r, struct imap_text name)
{
    for (size_t i = 0; i < r->folders.len; i++) {
        struct run_folder *f = vec_at(&r->folders, i);
        if (strlen(f->wire) == name.len && memcmp(f->wire, name.bytes, name.len) == 0)
            return f;
        if (name.len == 5 && imap_text_is(name, "INBOX") && str_eq_nocase(f->wire, "INBOX"))
            return f;
    }
    return NULL;
}

/* A folder of LIST. */
static void hear_list(struct mail_imap_run *r, const struct imap_response *resp)
{
    struct run_folder *f;

    if (by_wire(r, resp->list.name) || r->folders.len >= FOLDERS_MOST || !resp->list.name.len ||
        memchr(resp->list.name.bytes, '\0', resp->list.name.len))
        return;
    f = vec_push(&r->folders);
    f->wire = imap_text_dup(resp->list.name);
    f->separator = resp->list.separator;
    f->attributes = resp->list.attributes;
}

/* STATUS of a folder. */
static void hear_status(struct mail_imap_run *r, const struct imap_folder *s)
{
    struct run_folder *f = by_wire(r, s->name);

    if (!f)
        return;
    f->now.has = s->has;
    f->now.uidvalidity = s->uidvalidity;
    f->now.uidnext = s->uidnext;
    f->now.modseq = (int64_t)(s->highestmodseq & INT64_MAX);
    f->now.messages = s->messages;
}

/* Everything untagged. */
void mail_imap_run_response(struct mail_imap_run *r, const struct imap_response *resp)
{
    switch (resp->kind) {
    case IMAP_LIST:
        hear_list(r, resp);
        break;
    case IMAP_FOLDER:
        hear_status(r, &resp->folder);
        break;
    case IMAP_NAMESPACE:
        for (size_t i = 0; i < resp->spaces.len; i++) {
            const struct imap_space *s = vec_at(&resp->spaces, i);
            if (s->kind == 0 && !r->prefix) {
                r->prefix = imap_text_dup(s->prefix);
                r->separator = s->separator;
            } else if (s->kind != 0 && s->prefix.len && r->foreign.len < FOLDERS_MOST) {
                strv_push_take(&r->foreign, imap_text_dup(s->prefix));
            }
        }
        break;
    case IMAP_EXISTS:
        r->heard.exists = resp->number;
        break;
    case IMAP_CONDITION:
        mail_imap_hear_code(r, resp);
        break;
    case IMAP_VANISHED: {
        struct imap_set set;
        imap_set_init(&set);
        if (imap_set_parse(&set, resp->set.bytes, resp->set.len))
            for (size_t i = 0; i < set.ranges.len; i++) {
                const struct imap_range *range = vec_at(&set.ranges, i);
                imap_set_add(&r->heard.vanished, range->first, range->last);
            }
        imap_set_fini(&set);
        break;
    }
    case IMAP_FETCH:
        if (resp->fetch.sections.len)
            mail_imap_fetch_take(r, resp);
        else
            hear_fetch(r, &resp->fetch);
        break;
    case IMAP_SEARCH:
    case IMAP_ESEARCH:
        r->heard.has_found = true;
        if (resp->set.len && !imap_set_parse(&r->heard.found, resp->set.bytes, resp->set.len))
            log_warn("imap: a search that is no set");
        break;
    default:
        break;
    }
}
