/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft_pen.c - a draft open for typing: in memory at once, on disk within 300 ms.
 *
 * One write is under way at a time; it names the serial it was made for. When the draft was changed
 * elsewhere meanwhile (STALE), nothing of either side is lost: the pen's whole text is written as a
 * version behind the other's. What fails (disk full) is kept and tried again each second. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/log.h"
#include "inbox/draft_inside.h"
#include "io/loop.h"
#include "store/store.h"

#define PACE_MS 200
#define AGAIN_MS 1000

struct draft_pen {
    struct store *store;  /* borrow */
    struct draft *draft;  /* own: as last read */
    struct str text;      /* what the screen shows */
    struct str saved;     /* what the store holds */
    size_t cursor, saved_cursor;
    char *heads[DRAFT_HEADS], *saved_heads[DRAFT_HEADS]; /* own */
    int64_t serial;
    struct loop_watch *timer;
    bool writing, closing, stale;
    bool missed;          /* another's change was not taken while ours waited */
    struct error error;
    void (*on_written)(void *user); /* NULL */
    void *user;
};

/* A posted write. */
struct stroke {
    struct draft_pen *pen; /* the pen lives until its last write is done */
    int64_t draft, serial, cursor;
    struct str text;       /* the whole text after it */
    struct textlog_edit edit;
    char *heads[DRAFT_HEADS]; /* own; NULL: unchanged */
    bool has_edit, whole, close;
};

static void pen_write(struct draft_pen *p);
static void pen_take(struct draft_pen *p, struct draft *d);

/* Frees a write. */
static void stroke_free(void *record)
{
    struct stroke *s = record;
    str_fini(&s->text);
    for (int i = 0; i < DRAFT_HEADS; i++)
        free(s->heads[i]);
    free(s);
}

/* The operation: one row of typing, the headers that changed; closing settles the version. */
static enum status stroke_run(struct db *db, void *record, struct error *err)
{
    struct stroke *s = record;
    enum status st = STATUS_OK;
    if (s->whole) {
        struct draft *now;
        if ((st = draft_get(db, s->draft, &now, err)))
            return st;
        bool same = !s->has_edit || strcmp(now->text, str_text(&s->text)) == 0;
        draft_free(now);
        if (!same)
            st = draft_change(db, s->draft, &(struct draft_change){.text = str_text(&s->text)}, err);
    } else {
        st = draft_type(db, s->draft, &s->serial, s->has_edit ? &s->edit : NULL, s->cursor, err);
    }
    for (int i = 0; st == STATUS_OK && i < DRAFT_HEADS; i++)
        if (s->heads[i])
            st = draft_set_head(db, s->draft, (enum draft_head)i, s->heads[i], err);
    if (st == STATUS_OK && s->close)
        st = draft_fold(db, s->draft, true, err);
    if (st)
        return st;
    struct db_query *q = db_prepare(db, "SELECT serial FROM draft WHERE id = ?");
    db_bind_int(q, 1, s->draft);
    if (db_step(q))
        s->serial = db_int(q, 0);
    return db_done(q, err);
}

static const struct store_op stroke_op = {"draft typing", OP_PERSON, stroke_run, stroke_free};

/* Frees a pen for good. */
static void pen_free(struct draft_pen *p)
{
    loop_remove(store_loop(p->store), p->timer);
    draft_free(p->draft);
    str_fini(&p->text);
    str_fini(&p->saved);
    for (int i = 0; i < DRAFT_HEADS; i++) {
        free(p->heads[i]);
        free(p->saved_heads[i]);
    }
    free(p);
}

bool draft_pen_kept(const struct draft_pen *p)
{
    if (p->text.len != p->saved.len ||
        memcmp(str_text(&p->text), str_text(&p->saved), p->text.len) != 0)
        return false;
    for (int i = 0; i < DRAFT_HEADS; i++)
        if (strcmp(p->heads[i], p->saved_heads[i]) != 0)
            return false;
    return true;
}

/* Is anything not yet written? */
static bool is_dirty(const struct draft_pen *p)
{
    return p->cursor != p->saved_cursor || !draft_pen_kept(p);
}

/* The timer of the pace, and of trying again. */
static void pen_due(void *user)
{
    struct draft_pen *p = user;
    p->timer = NULL;
    pen_write(p);
}

/* The draft as another left it; nothing of ours waits. */
static void take_others(struct draft_pen *p)
{
    struct draft *d;
    struct error err = ERROR_INIT;
    p->missed = false;
    if (draft_get(store_reader(p->store), p->draft->id, &d, &err) == STATUS_OK)
        pen_take(p, d);
}

/* Does this write hold anything but a place of the cursor? */
static bool says_something(const struct stroke *s)
{
    for (int i = 0; i < DRAFT_HEADS; i++)
        if (s->heads[i])
            return true;
    return s->has_edit;
}

/* What follows a write: the next one, or trying again. */
static void stroke_next(struct draft_pen *p, const struct stroke *s, const struct error *err)
{
    if (err->status == STATUS_OK) {
        p->error = ERROR_INIT;
        p->stale = false;
        if (s->whole && !s->has_edit)
            p->missed = true; /* the store's text is another's: its serial is not ours to know */
        else
            p->serial = s->serial;
        str_clear(&p->saved);
        str_add(&p->saved, str_text(&s->text), s->text.len);
        p->saved_cursor = (size_t)s->cursor;
        for (int i = 0; i < DRAFT_HEADS; i++)
            if (s->heads[i]) {
                free(p->saved_heads[i]);
                p->saved_heads[i] = mem_strdup(s->heads[i]);
            }
        if (s->close)
            pen_free(p);
        else if (is_dirty(p) || p->closing)
            pen_write(p);
        else if (p->missed)
            take_others(p);
        return;
    }
    p->error = *err;
    if (err->status == STATUS_STALE && !p->stale) {
        p->stale = says_something(s);
        if (!p->stale && !p->closing && p->text.len == p->saved.len &&
            strcmp(str_text(&p->text), str_text(&p->saved)) == 0)
            take_others(p);
        else if (!p->stale && p->closing)
            pen_free(p);
        else
            pen_write(p);
    } else if (p->closing || err->status == STATUS_REFUSED || err->status == STATUS_NO_SUCH) {
        log_warn("draft d%lld: typing not stored: %s", (long long)p->draft->id, err->text);
        if (p->closing)
            pen_free(p);
    } else if (!p->timer) {
        p->timer = loop_timer(store_loop(p->store), AGAIN_MS, pen_due, p);
    }
}

/* A write is in, or was not possible: whoever shows the draft is told. */
static void stroke_done(void *user, void *record, const struct error *err)
{
    struct draft_pen *p = user;
    void (*tell)(void *user) = p->closing ? NULL : p->on_written;
    void *who = p->user;
    p->writing = false;
    stroke_next(p, record, err); /* may free a pen that is closing */
    if (tell)
        tell(who);
}

/* Posts what differs from what is saved. */
static void pen_write(struct draft_pen *p)
{
    if (p->writing || (!is_dirty(p) && !p->closing))
        return;
    struct stroke *s = mem_alloc(sizeof *s);
    *s = (struct stroke){.pen = p,
                         .draft = p->draft->id,
                         .serial = p->serial,
                         .cursor = (int64_t)p->cursor,
                         .whole = p->stale,
                         .close = p->closing};
    str_add(&s->text, str_text(&p->text), p->text.len);
    s->has_edit = textlog_diff(str_text(&p->saved), str_text(&s->text), &s->edit);
    for (int i = 0; i < DRAFT_HEADS; i++)
        if (strcmp(p->heads[i], p->saved_heads[i]) != 0)
            s->heads[i] = mem_strdup(p->heads[i]);
    p->writing = true;
    loop_remove(store_loop(p->store), p->timer);
    p->timer = NULL;
    store_post(p->store, &stroke_op, s, stroke_done, p);
}

/* Something changed: it is written when the pace allows. */
static void pen_touch(struct draft_pen *p)
{
    if (!p->timer && !p->writing)
        p->timer = loop_timer(store_loop(p->store), PACE_MS, pen_due, p);
}

/* Takes a draft as it was read; what differs from the store's is kept only when keep. */
static void pen_take(struct draft_pen *p, struct draft *d)
{
    const char *heads[DRAFT_HEADS] = {d->to_text, d->cc_text, d->bcc_text, d->subject};
    draft_free(p->draft);
    p->draft = d;
    p->serial = d->serial;
    str_clear(&p->saved);
    str_puts(&p->saved, d->text);
    str_clear(&p->text);
    str_puts(&p->text, d->text);
    p->cursor = p->saved_cursor = d->cursor;
    for (int i = 0; i < DRAFT_HEADS; i++) {
        free(p->heads[i]);
        free(p->saved_heads[i]);
        p->heads[i] = mem_strdup(heads[i]);
        p->saved_heads[i] = mem_strdup(heads[i]);
    }
}

struct draft_pen *draft_pen_open(struct store *s, int64_t draft, struct error *err)
{
    struct draft *d;
    if (draft_get(store_reader(s), draft, &d, err))
        return NULL;
    if (d->state == DRAFT_SENT || d->state == DRAFT_DELETED) {
        error_set(err, STATUS_REFUSED, d->state == DRAFT_SENT ? _("d%lld was sent")
                                                              : _("d%lld was deleted"),
                  (long long)draft);
        draft_free(d);
        return NULL;
    }
    struct draft_pen *p = mem_alloc(sizeof *p);
    p->store = s;
    p->error = ERROR_INIT;
    pen_take(p, d);
    return p;
}

void draft_pen_on_written(struct draft_pen *p, void (*fn)(void *user), void *user)
{
    p->on_written = fn;
    p->user = user;
}

const struct draft *draft_pen_draft(const struct draft_pen *p)
{
    return p->draft;
}

const struct str *draft_pen_text(const struct draft_pen *p)
{
    return &p->text;
}

size_t draft_pen_cursor(const struct draft_pen *p)
{
    return p->cursor;
}

const char *draft_pen_header(const struct draft_pen *p, enum draft_head head)
{
    return p->heads[head];
}

/* May keys change it now? */
static bool is_open(const struct draft_pen *p)
{
    return p->draft->state == DRAFT_OPEN || p->draft->state == DRAFT_APPROVED;
}

bool draft_pen_edit(struct draft_pen *p, size_t pos, size_t deleted, const char *inserted, size_t n)
{
    if (!is_open(p) || pos > p->text.len || deleted > p->text.len - pos)
        return false;
    str_splice(&p->text, pos, deleted, inserted, n);
    p->cursor = pos + n;
    pen_touch(p);
    return true;
}

bool draft_pen_head(struct draft_pen *p, enum draft_head head, const char *text)
{
    if (!is_open(p) || head >= DRAFT_HEADS)
        return false;
    if (strcmp(p->heads[head], text) != 0) {
        free(p->heads[head]);
        p->heads[head] = mem_strdup(text);
        pen_touch(p);
    }
    return true;
}

void draft_pen_move(struct draft_pen *p, size_t cursor)
{
    p->cursor = cursor < p->text.len ? cursor : p->text.len;
    if (is_open(p))
        pen_touch(p);
}

bool draft_pen_set(struct draft_pen *p, const char *text, size_t n, size_t cursor)
{
    if (!is_open(p))
        return false;
    if (n != p->text.len || memcmp(str_text(&p->text), text, n) != 0) {
        str_clear(&p->text);
        str_add(&p->text, text, n);
    }
    draft_pen_move(p, cursor);
    return true;
}

void draft_pen_flush(struct draft_pen *p)
{
    pen_write(p);
}

bool draft_pen_saved(const struct draft_pen *p)
{
    return !p->writing && !is_dirty(p);
}

const struct error *draft_pen_error(const struct draft_pen *p)
{
    return error_is(&p->error) && p->error.status != STATUS_STALE ? &p->error : NULL;
}

void draft_pen_reload(struct draft_pen *p)
{
    struct draft *d;
    struct error err = ERROR_INIT;
    if (p->closing || draft_get(store_reader(p->store), p->draft->id, &d, &err))
        return;
    if (p->writing || is_dirty(p)) { /* the keys come first; the write will find out */
        d->serial = p->draft->serial;
        p->missed = true;
        struct draft *old = p->draft;
        p->draft = d;
        draft_free(old);
        if (is_open(p)) /* what moved while a stream wrote is stored now */
            pen_touch(p);
        return;
    }
    size_t cursor = p->cursor;
    bool same = strcmp(d->text, str_text(&p->text)) == 0;
    pen_take(p, d);
    if (same)
        p->cursor = p->saved_cursor = cursor;
}

void draft_pen_close(struct draft_pen *p)
{
    if (!p)
        return;
    p->closing = true;
    if (!is_open(p) && !p->writing) { /* a stream writes it, or it has left: nothing of ours */
        pen_free(p);
        return;
    }
    pen_write(p);
}
