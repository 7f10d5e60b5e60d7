/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_view.c - a question and an answer as lines of a text, sources below. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "chat/cite.h"
#include "chat/pane.h"
#include "chat/store.h"
#include "tui/text.h"

/* One source below an answer: "[1] m212 Tom Berger, 4 Nov: “…”". */
static void add_source(struct text *t, const struct chat_source *s, int number, bool quote)
{
    char when[CLOCK_TEXT];
    struct str line = STR_INIT;
    text_indent(t, 0, 4);
    text_ref(t, s->id, number);
    text_addf(t, STYLE_SOURCE, "[%d] ", number);
    str_addf(&line, "%s ", s->id);
    if (*s->who)
        str_addf(&line, "%.*s", (int)strcspn(s->who, "<"), s->who);
    while (line.len > 0 && line.data[line.len - 1] == ' ')
        str_truncate(&line, line.len - 1);
    if (!*s->who && *s->title)
        str_addf(&line, " %s", s->title);
    if (s->date != CLOCK_NONE && s->date != 0)
        str_addf(&line, ", %s", clock_short(s->date, clock_now(), when));
    if (quote)
        str_addf(&line, ": “%s”", s->quote);
    text_foreign(t, STYLE_DIM, str_text(&line), line.len);
    text_ref_end(t);
    text_newline(t);
    text_indent(t, 0, 0);
    str_fini(&line);
}

/* What is to be known about how an answer ended; nothing when it is whole. */
static void add_state(struct text *t, const struct chat_turn *turn)
{
    const char *words = str_eq(turn->state, "cut")        ? _("cut off: C-x a asks again")
                        : str_eq(turn->state, "limited")  ? _("the model's limit of length was met")
                        : str_eq(turn->state, "filtered") ? _("ended by the provider's filter")
                        : str_eq(turn->state, "cancelled") ? _("stopped by you")
                        : str_eq(turn->state, "failed")    ? _("failed")
                                                           : NULL;
    if (!words)
        return;
    text_addf(t, STYLE_WARN, "(%s", words);
    if (*turn->error && !str_eq(turn->state, "cancelled")) {
        text_add(t, STYLE_WARN, ": ");
        text_foreign(t, STYLE_WARN, turn->error, strlen(turn->error));
    }
    text_add(t, STYLE_WARN, ")");
    text_newline(t);
}

/* Adds a finished answer. */
void chat_view_answer(struct text *t, const struct chat_turn *turn)
{
    struct str shown = STR_INIT;
    cite_number(*turn->cited ? turn->cited : turn->text, &turn->sources, &shown);
    text_markdown(t, str_text(&shown), shown.len, true);
    for (size_t i = 0; i < turn->sources.len; i++)
        add_source(t, vec_at(&turn->sources, i), (int)i + 1, !str_eq(turn->provider, "offline"));
    if (turn->sources.len == 0 && shown.len && str_eq(turn->state, "complete") && !str_eq(turn->provider, "offline")) {
        text_add(t, STYLE_WARN, _("(nothing in your office bears this answer)"));
        text_newline(t);
    }
    add_state(t, turn);
    str_fini(&shown);
}

/* Adds a question. */
void chat_view_question(struct text *t, const struct chat_turn *turn)
{
    text_indent(t, 0, 2);
    text_add(t, STYLE_BOLD, "> ");
    text_foreign(t, STYLE_BOLD, turn->text, strlen(turn->text));
    if (turn->siblings > 1)
        text_addf(t, STYLE_DIM, "  %lld/%lld", (long long)turn->place, (long long)turn->siblings);
    text_newline(t);
    text_indent(t, 0, 0);
}
