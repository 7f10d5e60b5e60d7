/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.c - where a key goes: a question, a text box, or the keymap.
 *
 * Two worlds, never mixed: in a list letters are commands; in a text box every printable key types
 * and only C-x sequences and C-c are the program's. What is typed ahead of what it is meant for (a draft that
 * is being made, approved, taken back) waits, so that a fast hand and a slow disk end as slow hands do. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "command/command.h"
#include "command/keymap.h"
#include "tui/boxkeys.h"
#include "tui/screen.h"
#include "tui/tuidata.h"

/* The box that has the keys: the question's, else the focused pane's. */
struct box *keys_box(struct tui *t)
{
    if (t->question.open)
        return t->question.box;
    struct pane *p = stack_top(t);
    return p && p->ops->box ? p->ops->box(p->state) : NULL;
}

/* Gives readline to the box that has the keys. */
void keys_sync_box(struct tui *t)
{
    struct box *b = keys_box(t);
    if (b != boxkeys_active())
        boxkeys_enter(b);
}

/* Contexts that hold where the cursor is. */
unsigned keys_contexts(struct tui *t)
{
    struct pane *p = stack_top(t);
    if (keys_box(t))
        return KEYS_ALL | KEYS_TEXT;
    return KEYS_ALL | (p ? p->ops->keys : 0);
}

/* Forgets an unfinished sequence. */
static void clear_sequence(struct tui *t)
{
    str_clear(&t->seq);
    str_clear(&t->seq_bytes);
}

/* Keys that move within a box, by meaning. */
static int box_motion(const char *name)
{
    static const struct {
        const char *name;
        int key;
    } motions[] = {{"Up", 'u'},   {"Down", 'd'}, {"Left", 'l'},   {"Right", 'r'},   {"Home", 'h'},
                   {"End", 'e'},  {"PageUp", 'U'}, {"PageDown", 'D'}, {"Delete", 'x'}};
    for (size_t i = 0; i < sizeof motions / sizeof motions[0]; i++)
        if (str_eq(motions[i].name, name))
            return motions[i].key;
    return 0;
}

/* Esc, C-g and C-x q: the box is left, its text stays. */
static void leave_box(struct tui *t, struct box *b)
{
    if (!boxkeys_leave(b))
        stack_back(t);
    t->dirty = true;
}

/* Looks the sequence up and runs it; false: nobody's. */
static bool try_sequence(struct tui *t, const struct input_key *key)
{
    const char *line = NULL;
    if (t->seq.len)
        str_putc(&t->seq, ' ');
    str_puts(&t->seq, key->name);
    str_add(&t->seq_bytes, key->bytes, key->len);
    switch (keymap_find(keys_contexts(t), str_text(&t->seq), &line)) {
    case KEYMAP_PREFIX:
        return true;
    case KEYMAP_LINE:
        clear_sequence(t);
        if (!commands_motion(t, line))
            run_line(t, stack_top(t), line, NULL);
        return true;
    default:
        return false;
    }
}

/* A question may take C-x keys for itself. */
static bool question_key(struct tui *t, const struct input_key *key)
{
    struct tui_question *q = &t->question;
    if (!q->open || !q->on_key || !str_eq(str_text(&t->seq), "C-x") || !q->pane)
        return false;
    clear_sequence(t);
    unsigned number = q->number;
    char *text = mem_strdup(box_text(q->box));
    bool over = q->on_key(q->pane->state, key->name, text);
    free(text);
    if (over && t->question.open && t->question.number == number) { /* it may have asked the next one */
        q->on_answer = NULL;
        prompt_close(t, NULL);
    }
    return true;
}

/* Whether this key may begin a C-x sequence of the program or is C-c. */
static bool programs_own(struct tui *t, const struct input_key *key)
{
    return t->seq.len > 0 || str_eq(key->name, "C-x") || str_eq(key->name, "C-c");
}

/* A key while a text box has the keys. */
static void box_key(struct tui *t, struct box *b, const struct input_key *key)
{
    keys_sync_box(t);
    if (str_eq(key->name, "C-x"))
        boxkeys_end_search();
    if (!boxkeys_busy() || t->seq.len) {
        if (str_eq(key->name, "C-c") && t->question.open) {
            clear_sequence(t);
            prompt_close(t, NULL);
            return;
        }
        if (t->seq.len && question_key(t, key))
            return;
        /* Second "/" on an empty search: everywhere. */
        if (programs_own(t, key)) {
            if (try_sequence(t, key))
                return;
            struct str bytes = t->seq_bytes;
            t->seq_bytes = STR_INIT;
            clear_sequence(t);
            if (!str_eq(key->name, "Esc"))
                boxkeys_feed(str_text(&bytes), bytes.len);
            str_fini(&bytes);
            return;
        }
        if ((str_eq(key->name, "Esc") && !boxkeys_is_vi()) || str_eq(key->name, "C-g")) {
            leave_box(t, b);
            return;
        }
    }
    int motion = box_motion(key->name);
    if (str_eq(key->name, "C-c"))
        boxkeys_feed("\a", 1);
    else if (motion)
        boxkeys_motion(motion);
    else
        boxkeys_feed(key->bytes, key->len);
}

/* A key for a question of one key; a key that is no answer leaves it only when it is Esc or C-c. */
static void answer_key(struct tui *t, const struct input_key *key)
{
    if (str_eq(key->name, "Esc") || str_eq(key->name, "C-c") || str_eq(key->name, "C-g") ||
        str_eq(key->name, "q")) {
        prompt_pressed(t, 0);
        return;
    }
    if (str_eq(key->name, "Enter") && strchr(t->question.keys, '\r')) {
        prompt_pressed(t, '\r');
        return;
    }
    if (key->len == 1 && strchr(t->question.keys, key->bytes[0]))
        prompt_pressed(t, key->bytes[0]);
}

/* ---- typed ahead ---- */

#define AHEAD_MAX 4096 /* keys; more is no hand */

/* Releases what was typed ahead. */
static void ahead_fini(void *item)
{
    free(((struct tui_ahead *)item)->paste);
}

/* Nothing is typed ahead. */
void keys_ahead_init(struct tui *t)
{
    vec_init(&t->ahead, sizeof(struct tui_ahead), ahead_fini);
}

/* Is something under way that decides where the next key goes? */
static bool must_wait(struct tui *t)
{
    struct pane *p = stack_top(t);
    if (!p || t->question.open)
        return false;
    return (p->ops->waits && p->ops->waits(p->state)) || run_is_followed(t, p);
}

/* Keeps a key or a paste when it has to wait; C-c drops what waits and goes on. */
static bool take_ahead(struct tui *t, const struct input_key *key, const char *paste, size_t n)
{
    if (t->ahead_runs || (t->ahead.len == 0 && !must_wait(t)))
        return false;
    if (key && str_eq(key->name, "C-c")) {
        vec_clear(&t->ahead);
        return false;
    }
    if (t->ahead.len >= AHEAD_MAX) {
        tui_say(t, _("too many keys at once: the last ones were dropped"));
        return true;
    }
    struct tui_ahead *a = vec_push(&t->ahead);
    if (key)
        a->key = *key;
    if (paste) {
        a->paste = mem_strndup(paste, n);
        a->len = n;
    }
    return true;
}

/* Gives out what was typed ahead, as far as nothing waits any more. */
void keys_ahead(struct tui *t)
{
    size_t i = 0;
    if (t->ahead.len == 0 || t->ahead_runs)
        return;
    t->ahead_runs = true;
    for (; i < t->ahead.len && !t->quit && !must_wait(t); i++) {
        const struct tui_ahead *a = vec_at(&t->ahead, i);
        if (a->paste)
            keys_on_paste(t, a->paste, a->len);
        else
            keys_on_key(t, &a->key);
        run_pending(t);
        keys_sync_box(t);
    }
    while (i-- > 0)
        vec_remove(&t->ahead, 0);
    t->ahead_runs = false;
}

/* One key. */
void keys_on_key(struct tui *t, const struct input_key *typed)
{
    struct input_key key = *typed;
    if (take_ahead(t, &key, NULL, 0))
        return;
    t->key_pressed = true;
    t->dirty = true;
    if (t->message && !t->ahead_runs) { /* what came of the wait is not passed over */
        free(t->message);
        t->message = NULL;
    }
    if (str_eq(key.name, "C-l")) {
        screen_redraw();
        t->all_dirty = true;
        return;
    }
    struct box *b = keys_box(t);
    if (b) {
        box_key(t, b, &key);
        struct pane *p = stack_top(t);
        if (p && !t->question.open)
            pane_dirty(p);
        return;
    }
    input_narrow(&key);
    if (t->question.open && t->question.keys_only) {
        answer_key(t, &key);
        return;
    }
    if (t->seq.len && str_eq(key.name, "Esc")) {
        clear_sequence(t);
        return;
    }
    if (stack_top(t))
        layout_refresh(stack_top(t));
    if (try_sequence(t, &key))
        return;
    if (t->seq.len)
        tui_say(t, _("%s is no key here   ? shows them all"), str_text(&t->seq));
    clear_sequence(t);
}

/* A paste goes whole into a box; in a list it is dropped. */
void keys_on_paste(struct tui *t, const char *bytes, size_t n)
{
    if (take_ahead(t, NULL, bytes, n))
        return;
    struct box *b = keys_box(t);
    t->key_pressed = t->dirty = true;
    if (!b) {
        tui_say(t, _("the pasted text was dropped: no text box has the keys"));
        return;
    }
    keys_sync_box(t);
    boxkeys_paste(bytes, n);
    struct pane *p = stack_top(t);
    if (p)
        pane_dirty(p);
}
