/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_words.c - short words of the inbox's panes: due days, times, sizes, reasons. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "inbox/pane_inside.h"
#include "inbox/triage.h"
#include "mail/store.h"
#include "model/model.h"
#include "store/store.h"
#include "tui/canvas.h"

#define CHOICE_MS 1000

/* A due day near enough to be said shortly: "today", "Fri", "30 Nov". */
void pane_words_due(const char *day, int64_t now, struct str *out, bool *late)
{
    int64_t at;
    char buf[CLOCK_TEXT];
    *late = false;
    if (!day || !*day || !clock_parse(day, &at))
        return;
    int64_t today = clock_day_start(now, 0);
    *late = at < today;
    if (at == today)
        str_puts(out, _("today"));
    else if (at == clock_day_start(now, 1))
        str_puts(out, _("tomorrow"));
    else if (at > today && at < clock_day_start(now, 7))
        str_puts(out, clock_weekday(at));
    else
        str_puts(out, clock_short(at, now, buf));
}

/* When a message came: day and time when that is near, else the day. */
void pane_words_when(int64_t t, int64_t now, struct str *out)
{
    char buf[CLOCK_TEXT], clock[16];
    struct tm tm;
    if (t == CLOCK_NONE)
        return;
    clock_local(t, &tm);
    str_puts(out, clock_short(t, now, buf));
    if (t > clock_day_start(now, -7) && t < clock_day_start(now, 0) &&
        strftime(clock, sizeof clock, " %H:%M", &tm) > 0)
        str_puts(out, clock);
}

/* Who would write, and where it runs. The choice is kept for a second: the status row is drawn with
 * every frame. */
void pane_words_model(struct store *s, const char *purpose, struct str *out)
{
    static struct model_choice choice;
    static int64_t chosen = -1;
    if (chosen < 0 || clock_mono_ms() - chosen > CHOICE_MS) {
        model_choose(s, purpose, NULL, false, &choice);
        chosen = clock_mono_ms();
    }
    if (choice.offline)
        str_puts(out, model_offline_words());
    else if (choice.local)
        str_addf(out, _("%s on this machine"), choice.name);
    else
        str_addf(out, _("%s at %s"), choice.name, choice.host);
}

/* "212 KB" */
void pane_words_size(int64_t bytes, struct str *out)
{
    if (bytes < 1024)
        str_addf(out, _("%lld bytes"), (long long)bytes);
    else if (bytes < 1024 * 1024)
        str_addf(out, "%lld KB", (long long)((bytes + 1023) / 1024));
    else
        str_addf(out, "%.1f MB", (double)bytes / (1024.0 * 1024.0));
}

/* The quoted words a judgement rests on, and whose they are; else its reason. */
void pane_words_why(struct store *s, int64_t thread, struct str *out)
{
    struct triage t = {0};
    struct error err = ERROR_INIT;
    if (triage_get(store_reader(s), thread, &t, &err) != STATUS_OK)
        return;
    struct mail_row row = {0};
    if (t.quote && *t.quote) {
        if (!t.quote_message && t.reason && *t.reason) /* a header's value says nothing alone */
            str_addf(out, "%s: ", t.reason);
        str_addf(out, "\"%s\"", t.quote);
        if (t.quote_message &&
            mail_row_get(store_reader(s), t.quote_message, &row, &err) == STATUS_OK) {
            str_addf(out, " %s, ", *row.from_name ? row.from_name : row.from_address);
            pane_words_when(row.date, clock_now(), out);
            mail_row_fini(&row);
        }
    } else if (t.reason) {
        str_puts(out, t.reason);
    }
    triage_fini(&t);
}

/* The colour of a lane. */
unsigned pane_words_lane_style(enum mail_lane lane)
{
    return style_lane(mail_lane_word(lane));
}

/* Quotes a word of a command line. */
void pane_words_quote(struct str *out, const char *text)
{
    str_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_putc(out, '\\');
        str_putc(out, *text == '\n' ? ' ' : *text);
    }
    str_putc(out, '"');
}
