/* SPDX-License-Identifier: GPL-3.0-or-later */
/* textlive.c - an answer that streams into a text. */
#include "tui/textlive.h"

#include "base/markdown.h"
#include "io/loop.h"
#include "tui/pane.h"
#include "tui/text.h"

#define FRAME_MS 33 /* thirty times a second is as smooth as reading is */

void textlive_begin(struct textlive *l, struct text *t)
{
    l->settled = 0;
    l->mark = text_mark(t);
    l->fresh = true;
    text_streaming(t, true);
}

/* It is time to draw what came. */
static void frame_due(void *user)
{
    struct textlive *l = user;
    l->frame = NULL;
    pane_dirty(l->pane);
}

void textlive_more(struct textlive *l, struct pane *p)
{
    l->fresh = true;
    l->pane = p;
    if (!l->frame)
        l->frame = loop_timer(pane_loop(p), FRAME_MS, frame_due, l);
}

void textlive_draw(struct textlive *l, struct text *t, const char *all, size_t n)
{
    if (!l->fresh)
        return;
    l->fresh = false;
    text_cut(t, l->mark);
    size_t more = markdown_settled(all + l->settled, n - l->settled);
    if (more > 0) {
        text_markdown(t, all + l->settled, more, l->settled == 0);
        l->settled += more;
        l->mark = text_mark(t);
    }
    text_markdown(t, all + l->settled, n - l->settled, l->settled == 0);
}

void textlive_fini(struct textlive *l)
{
    if (l->frame)
        loop_remove(pane_loop(l->pane), l->frame);
}
