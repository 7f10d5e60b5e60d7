/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_talk.c - the conversation of an open session: commands out, responses in, IDLE between.
 *
 * Commands stand in one list in the order they are sent; `writing` is the first that is not out
 * whole. A synchronizing literal holds everything behind it until the server's "+". While the
 * session idles, a command first ends that with DONE. A tagged answer ends the command with that
 * tag, wherever in the list it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "io/imap_inside.h"
#include "io/loop.h"

#define OUT_CHUNK 16384
#define IN_SIZE (64u << 10)
#define TURN_BYTES (1u << 20) /* read in one turn of the loop at most, */
#define TURN_MS 8             /* and for so long: keys wait behind it */

/* The connection broke. */
static void lost(struct imap *s, CURLcode code)
{
    struct error why = ERROR_INIT;
    if (s->said_bye && s->leaving) {
        /* as it was asked to */
    } else if (s->said_bye) {
        error_set(&why, STATUS_UNREACHABLE, _("%s ended the session: %s"), s->host, s->bye);
    } else if (code == CURLE_OK || code == CURLE_GOT_NOTHING) {
        error_set(&why, STATUS_UNREACHABLE, _("%s closed the connection"), s->host);
    } else {
        transfer_explain(&why, code, s->host, s->curl_error, true);
    }
    imap_fail(s, &why);
}

/* Takes the next bytes of commands into `out`; false when there are none to write now. */
static bool refill(struct imap *s)
{
    str_clear(&s->out);
    s->out_at = 0;
    if (s->idling == IMAP_IDLE_ON && (s->writing || !s->want_idle)) {
        str_puts(&s->out, "DONE\r\n");
        s->idling = IMAP_IDLE_ENDING;
    }
    while (s->writing && s->out.len < OUT_CHUNK && s->idling != IMAP_IDLE_ASKED) {
        struct imap_command *c = s->writing;
        struct imap_piece *p = vec_at(&c->pieces, c->piece);
        if (p->wait && c->at == 0 && !c->go_on)
            break;
        size_t left = p->len - c->at, room = OUT_CHUNK - s->out.len;
        size_t n = left < room ? left : room;
        str_add(&s->out, p->bytes + c->at, n);
        c->started = true;
        c->at += n;
        if (c->at < p->len)
            break;
        c->at = 0;
        c->go_on = false;
        if (++c->piece < c->pieces.len)
            continue;
        c->written = true;
        s->writing = c->next;
        if (c->is_idle)
            s->idling = IMAP_IDLE_ASKED;
    }
    return s->out.len > 0;
}

/* Writes what the socket takes now. */
void imap_talk_flush(struct imap *s)
{
    if (s->state != IMAP_READY && s->state != IMAP_ASKING)
        return;
    while (s->out_at < s->out.len || refill(s)) {
        size_t n = 0;
        CURLcode code = curl_easy_send(s->transfer.easy, s->out.data + s->out_at, s->out.len - s->out_at, &n);
        if (code == CURLE_AGAIN)
            break;
        if (code != CURLE_OK) {
            lost(s, code);
            return;
        }
        s->out_at += n;
        s->last_heard = clock_mono_ms();
    }
    loop_fd_events(s->watch, (s->paused ? 0 : LOOP_READ) | (s->out_at < s->out.len ? LOOP_WRITE : 0));
    imap_arm(s);
}

/* Puts a command behind the others. */
void imap_talk_queue(struct imap *s, struct imap_command *c)
{
    if (s->last)
        s->last->next = c;
    else
        s->first = c;
    s->last = c;
    if (!s->writing)
        s->writing = c;
    if (s->first == c)
        s->last_heard = clock_mono_ms();
    if (!s->posted) { /* all commands of one callback leave in one write */
        s->posted = true;
        loop_post(s->loop, imap_talk_more, s);
    }
}

/* The answer to our IDLE: nothing to do but to know. */
static void on_idle_ended(void *user, const struct imap_result *r)
{
    struct imap *s = user;
    s->idling = IMAP_IDLE_OFF;
    if (r->end == IMAP_DENIED)
        s->want_idle = false;
}

/* Idles if that is wanted and nothing else is to do. */
void imap_talk_rest(struct imap *s)
{
    struct error err = ERROR_INIT;
    if (!s->want_idle || s->first || s->state != IMAP_READY || s->idling != IMAP_IDLE_OFF || s->leaving)
        return;
    struct imap_command *c = imap_command(s, "IDLE");
    c->is_idle = true;
    s->idle_since = clock_mono_ms();
    s->untagged = 0;
    (void)!imap_send(c, on_idle_ended, s, &err);
}

/* Takes a command out of the list. */
static void unlink_command(struct imap *s, struct imap_command *c)
{
    struct imap_command *before = NULL;
    for (struct imap_command *p = s->first; p != c; p = p->next)
        before = p;
    if (before)
        before->next = c->next;
    else
        s->first = c->next;
    if (s->last == c)
        s->last = before;
    if (s->writing == c)
        s->writing = c->next;
}

/* The server answers a command that is not out whole. Refused at its "{N}", the rest is not sent; in
 * the middle of a literal that it takes unasked, the rest must follow, from a copy of ours: the owner
 * may free the literal when told. */
static void cut_short(struct imap *s, struct imap_command *c)
{
    struct imap_piece *p = vec_at(&c->pieces, c->piece);
    bool at_gate = p->wait && c->at == 0;
    if (at_gate)
        return;
    for (size_t i = c->piece; i < c->pieces.len; i++) {
        struct imap_piece *rest = vec_at(&c->pieces, i);
        size_t from = i == c->piece ? c->at : 0;
        if (rest->wait && from == 0)
            return;
        str_add(&s->out, rest->bytes + from, rest->len - from);
    }
}

/* The words of a refusal. */
static void explain_denied(const struct imap *s, const struct imap_command *c, const struct imap_response *r,
                           struct error *err)
{
    char *raw = imap_text_dup(r->text), *words = gate_line(raw);
    enum status st = r->code.kind == IMAP_CODE_OVERQUOTA     ? STATUS_FULL
                     : r->code.kind == IMAP_CODE_NONEXISTENT ? STATUS_NO_SUCH
                     : r->code.kind == IMAP_CODE_NOPERM      ? STATUS_REFUSED
                     : r->code.kind == IMAP_CODE_UNAVAILABLE || r->code.kind == IMAP_CODE_INUSE
                         ? STATUS_UNREACHABLE
                         : STATUS_FAILED;
    error_set(err, st, _("%s said no to %s: %s"), s->host, c->verb, words);
    free(raw);
    free(words);
}

/* A tagged answer. */
static void on_tagged(struct imap *s, const struct imap_response *r)
{
    struct imap_command *c = s->first;
    while (c && !(c->started && imap_text_is(r->tag, c->tag)))
        c = c->next;
    if (!c) {
        struct error why = ERROR_INIT;
        error_set(&why, STATUS_CORRUPT, _("%s answers a command that was not given"), s->host);
        imap_fail(s, &why);
        return;
    }
    struct imap_result result = {.end = r->status == IMAP_OK ? IMAP_DONE : IMAP_DENIED, .tagged = r};
    result.error = ERROR_INIT;
    if (result.end == IMAP_DENIED)
        explain_denied(s, c, r, &result.error);
    if (!c->written)
        cut_short(s, c);
    unlink_command(s, c);
    s->untagged = 0;
    imap_command_end(s, c, &result);
}

/* The server's "+". */
static void on_continue(struct imap *s)
{
    struct imap_command *c = s->writing;
    if (s->idling == IMAP_IDLE_ASKED) {
        s->idling = IMAP_IDLE_ON;
        s->idle_since = clock_mono_ms();
    } else if (c && c->started && c->piece < c->pieces.len) {
        struct imap_piece *p = vec_at(&c->pieces, c->piece);
        c->go_on = p->wait && c->at == 0;
    }
}

/* "* BYE": kept for the end, which is near. */
static void on_bye(struct imap *s, const struct imap_response *r)
{
    char *raw = imap_text_dup(r->text), *words = gate_line(raw);
    s->said_bye = true;
    snprintf(s->bye, sizeof s->bye, "%s", words);
    free(raw);
    free(words);
}

/* What the session itself learns from an untagged response. */
static void learn(struct imap *s, const struct imap_response *r)
{
    bool code = (r->kind == IMAP_CONDITION || r->kind == IMAP_TAGGED) && r->code.kind == IMAP_CODE_CAPABILITY;
    if ((r->kind == IMAP_CAPABILITY || code) && r->words.len) {
        vec_clear(&s->capabilities);
        imap_learn(&s->capabilities, &r->words);
    }
    if (r->kind == IMAP_ENABLED && s->enabled.len < 100)
        imap_learn(&s->enabled, &r->words);
    if (r->kind == IMAP_CONDITION && r->status == IMAP_BYE)
        on_bye(s, r);
}

/* One response. */
static void dispatch(struct imap *s, const struct imap_response *r)
{
    learn(s, r);
    if (r->kind == IMAP_TAGGED) {
        on_tagged(s, r);
    } else if (r->kind == IMAP_CONTINUE) {
        on_continue(s);
    } else if (++s->untagged > s->untagged_max) {
        struct error why = ERROR_INIT;
        error_set(&why, STATUS_LIMIT, _("%s sends more than %llu answers to one command"), s->host,
                  (unsigned long long)s->untagged_max);
        imap_fail(s, &why);
    } else if (s->events.on_response) {
        s->events.on_response(s->user, r);
    }
}

/* Has the reader take what is in `in`; false when the session is over. */
static bool take_input(struct imap *s)
{
    while (s->in_at < s->in_len && !s->paused) {
        const struct imap_response *r = NULL;
        struct error why = ERROR_INIT;
        size_t used = 0;
        enum imap_feed f = imap_reader_feed(s->reader, s->in + s->in_at, s->in_len - s->in_at, &used, &r, &why);
        s->in_at += used;
        if (f == IMAP_FEED_BROKEN)
            imap_fail(s, &why);
        else if (f == IMAP_FEED_RESPONSE)
            dispatch(s, r);
        if (s->state == IMAP_CLOSED)
            return false;
    }
    return true;
}

/* Reads, as long as a turn may last; more is left to the next. */
static void read_some(struct imap *s)
{
    int64_t began = clock_mono_ms();
    size_t total = 0;
    while (take_input(s) && !s->paused) {
        size_t n = 0;
        if (total >= TURN_BYTES || (total && clock_mono_ms() - began >= TURN_MS)) {
            if (!s->posted) {
                s->posted = true;
                loop_post(s->loop, imap_talk_more, s);
            }
            return;
        }
        CURLcode code = curl_easy_recv(s->transfer.easy, s->in, IN_SIZE, &n);
        if (code == CURLE_AGAIN)
            return;
        if (code != CURLE_OK || n == 0) {
            lost(s, code);
            return;
        }
        s->in_at = 0;
        s->in_len = n;
        total += n;
        s->last_heard = clock_mono_ms();
    }
}

/* Reads, tells, writes. */
void imap_talk_read(struct imap *s)
{
    if (!s->in)
        s->in = mem_alloc(IN_SIZE);
    imap_enter(s);
    read_some(s);
    if (s->said_bye && !s->leaving && s->state != IMAP_CLOSED && !s->paused)
        lost(s, CURLE_OK);
    if (s->state != IMAP_CLOSED) {
        imap_talk_rest(s);
        imap_talk_flush(s);
    }
    imap_leave(s);
}

/* The loop comes back to what was left over. */
void imap_talk_more(void *user)
{
    struct imap *s = user;
    s->posted = false;
    imap_talk_read(s);
}
