/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_address.c - one address of the web, whole: where it leads, all of it wrapped, y copies it. Nothing is
 * fetched. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "inbox/pane_inside.h"
#include "tui/canvas.h"
#include "tui/text.h"

enum { QUESTION = 30 }; /* cells of a question beside the address */

struct address {
    struct pane *pane;
    char *url; /* own */
    struct text *text;
};

/* Releases it. */
static void free_address(void *state)
{
    struct address *a = state;
    text_free(a->text);
    free(a->url);
    free(a);
}

/* The host, in front of all that may hide it. */
static void add_host(struct text *text, const char *url)
{
    const char *host = strstr(url, "://");
    if (!host)
        return;
    host += 3;
    size_t n = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', n);
    if (at) {
        n -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    text_add(text, STYLE_DIM, _("leads to "));
    text_foreign(text, STYLE_BOLD, host, n);
    text_newline(text);
    text_newline(text);
}

/* Shows an address. */
static void *new_address(struct pane *p, const char *arg)
{
    if (!arg || !*arg)
        return NULL;
    struct address *a = mem_alloc(sizeof *a);
    a->pane = p;
    a->url = mem_strdup(arg);
    a->text = text_new();
    add_host(a->text, arg);
    text_ref(a->text, "url", 0);
    text_ref_url(a->text, arg);
    text_foreign(a->text, STYLE_LINK | STYLE_UNDERLINE, arg, strlen(arg));
    text_ref_end(a->text);
    return a;
}

/* The address alone. */
static void draw_address(void *state, struct canvas *c, bool focused)
{
    struct address *a = state;
    canvas_clear(c);
    canvas_column(c, 0, 1, c->cols - 2, STYLE_BOLD, CUT_END, _("Address"));
    struct canvas body = canvas_sub(c, c->rows >= 8 ? 2 : 1, 1, c->rows, c->cols - 2);
    text_draw(a->text, &body, focused);
}

/* Motions; there is nothing to open. */
static bool verb_address(void *state, enum pane_verb verb, int arg)
{
    return verb == PANE_OPEN || text_verb(((struct address *)state)->text, verb, arg);
}

/* y. */
static void copy_address(void *state, struct str *out)
{
    str_puts(out, ((struct address *)state)->url);
}

/* For coming back. */
static void place_address(void *state, struct str *out)
{
    str_puts(out, ((struct address *)state)->url);
}

/* Keys. */
static void hints_address(void *state, struct str *out)
{
    (void)state;
    str_puts(out, _("y copies the address  q back"));
}

/* Is it too long for a question of one row? */
bool pane_address_is_long(const struct pane *p, const char *url)
{
    return utf8_cells(url, strlen(url)) + QUESTION > (size_t)pane_cols(p);
}

const struct pane_ops address_pane = {
    .name = "address", .title = N_("Address"), .keys = KEYS_HELP, .new_state = new_address,
    .free = free_address, .draw = draw_address, .verb = verb_address, .copy = copy_address,
    .place = place_address, .hints = hints_address,
};
