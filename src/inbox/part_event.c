/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part_event.c - appointments in words: when it is here, what the rule means, who comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "inbox/part.h"

enum { GUESTS_SHOWN = 20, NEXT_SHOWN = 3, DAY = 86400 };

/* ---- when ---- */

/* "Fri 27 Nov 2026"; with a time "Fri 27 Nov 2026 07:00 CET". */
static void add_time(struct str *out, int64_t t, bool day_only, bool zone)
{
    struct tm tm;
    char text[64];
    clock_local(t, &tm);
    str_addf(out, "%s ", clock_weekday(t));
    strftime(text, sizeof text, "%Y-%m-%d", &tm);
    str_puts(out, text);
    if (day_only)
        return;
    strftime(text, sizeof text, zone ? " %H:%M %Z" : " %H:%M", &tm);
    str_puts(out, text);
}

/* From and to. */
static void add_span(struct str *out, const struct mail_event *e)
{
    struct tm a, b;
    char text[32];
    bool has_end = e->end != CLOCK_NONE && e->end > e->start;
    int64_t last = e->all_day && has_end ? e->end - DAY / 2 : e->end; /* the end is the day after */
    if (!has_end) {
        add_time(out, e->start, e->all_day, !e->floating);
        return;
    }
    clock_local(e->start, &a);
    clock_local(last, &b);
    bool same = a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;
    add_time(out, e->start, e->all_day, false);
    if (same && e->all_day)
        return;
    str_puts(out, same ? "-" : " - ");
    if (!same) {
        add_time(out, last, e->all_day, !e->floating);
        return;
    }
    strftime(text, sizeof text, e->floating ? "%H:%M" : "%H:%M %Z", &b);
    str_puts(out, text);
}

/* ---- how often ---- */

/* A part of the rule, "WEEKLY" of FREQ; "" when absent. */
static void rule_part(const char *rule, const char *name, char *out, size_t n)
{
    size_t len = strlen(name);
    out[0] = '\0';
    for (const char *p = rule; p && *p; p = strchr(p, ';') ? strchr(p, ';') + 1 : NULL)
        if (strncmp(p, name, len) == 0 && p[len] == '=') {
            snprintf(out, n, "%.*s", (int)strcspn(p + len + 1, ";"), p + len + 1);
            return;
        }
}

/* "MO,WE" as "Mon, Wed"; what has more to it as it stands. */
static void add_days(struct str *out, const char *days)
{
    static const char codes[] = "MOTUWETHFRSASU";
    struct str words = STR_INIT;
    for (const char *p = days; *p; p += 2 + (p[2] == ',')) {
        size_t i = 0;
        while (i < 14 && (p[0] != codes[i] || p[1] != codes[i + 1]))
            i += 2;
        if (i == 14 || (p[2] && p[2] != ',')) {
            str_clear(&words);
            str_puts(&words, days);
            break;
        }
        struct tm tm = {.tm_year = 126, .tm_mon = 10, .tm_mday = 23 + (int)i / 2, .tm_hour = 12, .tm_isdst = -1};
        str_addf(&words, "%s%s", words.len ? ", " : "", clock_weekday(clock_from_local(&tm)));
    }
    str_addf(out, _(" on %s"), str_text(&words));
    str_fini(&words);
}

/* "every 2 weeks on Mon, Wed, 10 times"; what has more to it is given as it stands. */
static void add_rule(struct str *out, const char *rule)
{
    static const struct {
        const char *freq, *every, *every_n;
    } words[] = {{"DAILY", N_("every day"), N_("every %d days")},
                 {"WEEKLY", N_("every week"), N_("every %d weeks")},
                 {"MONTHLY", N_("every month"), N_("every %d months")},
                 {"YEARLY", N_("every year"), N_("every %d years")}};
    char freq[16], interval[16], count[16], until[32], days[64];
    rule_part(rule, "FREQ", freq, sizeof freq);
    rule_part(rule, "INTERVAL", interval, sizeof interval);
    rule_part(rule, "COUNT", count, sizeof count);
    rule_part(rule, "UNTIL", until, sizeof until);
    rule_part(rule, "BYDAY", days, sizeof days);
    size_t i = 0;
    while (i < sizeof words / sizeof words[0] && !str_eq(words[i].freq, freq))
        i++;
    if (i == sizeof words / sizeof words[0] || strstr(rule, "BYSETPOS") || strstr(rule, "BYMONTH") ||
        strstr(rule, "BYYEARDAY") || strstr(rule, "BYWEEKNO") || strstr(rule, "BYHOUR")) {
        str_puts(out, rule);
        return;
    }
    int n = (int)strtol(interval, NULL, 10);
    str_addf(out, n > 1 ? _(words[i].every_n) : _(words[i].every), n);
    if (*days)
        add_days(out, days);
    if (*count)
        str_addf(out, _(", %s times"), count);
    if (strlen(until) >= 8)
        str_addf(out, _(" until %.4s-%.2s-%.2s"), until, until + 4, until + 6);
}

/* The next times from now on. */
static void add_next(struct str *out, const struct mail_event *e, int64_t now)
{
    int shown = 0;
    for (size_t i = 0; i < e->instances.len && shown < NEXT_SHOWN; i++) {
        int64_t t = *(int64_t *)vec_at(&e->instances, i);
        if (t < now)
            continue;
        str_puts(out, shown++ ? ", " : _("; next "));
        add_time(out, t, e->all_day, false);
    }
    if (!shown && !e->cut)
        str_puts(out, _("; it is over"));
}

/* ---- who ---- */

/* What a guest has said. */
static const char *state_word(const char *state)
{
    static const struct {
        const char *state, *word;
    } all[] = {{"ACCEPTED", N_("comes")},
               {"DECLINED", N_("does not come")},
               {"TENTATIVE", N_("perhaps")},
               {"DELEGATED", N_("sends another")}};
    for (size_t i = 0; state && i < sizeof all / sizeof all[0]; i++)
        if (str_eq(all[i].state, state))
            return _(all[i].word);
    return NULL;
}

/* "Anna <anna@example.com> (comes)" */
static void add_guest(struct str *out, const struct mail_guest *g)
{
    const char *word = state_word(g->state);
    str_puts(out, *g->name ? g->name : g->address);
    if (*g->name && *g->address && !str_eq(g->name, g->address))
        str_addf(out, " <%s>", g->address);
    if (word)
        str_addf(out, " (%s)", word);
}

/* All of them. */
static void add_guests(struct str *out, const struct mail_event *e)
{
    for (size_t i = 0; i < e->guests.len && i < GUESTS_SHOWN; i++) {
        str_puts(out, i ? ", " : "");
        add_guest(out, vec_at(&e->guests, i));
    }
    if (e->guests.len > GUESTS_SHOWN)
        str_addf(out, _(" and %zu more"), e->guests.len - GUESTS_SHOWN);
}

/* ---- all of it ---- */

/* What the mail wants. */
static const char *method_word(const struct mail_event *e)
{
    static const struct {
        const char *method, *word;
    } all[] = {{"REQUEST", N_("invitation")},
               {"CANCEL", N_("cancelled")},
               {"REPLY", N_("answer to an invitation")},
               {"COUNTER", N_("another time is proposed")},
               {"ADD", N_("further dates")},
               {"REFRESH", N_("asks for the newest version")},
               {"DECLINECOUNTER", N_("the proposal was declined")}};
    if (str_eq(e->state, "CANCELLED"))
        return _("cancelled");
    for (size_t i = 0; e->method && i < sizeof all / sizeof all[0]; i++)
        if (str_eq(all[i].method, e->method))
            return _(all[i].word);
    return str_eq(e->kind, "VTODO") ? _("task") : _("appointment");
}

/* A line with its word in front. */
static void add_line(struct str *out, const char *word, const char *text)
{
    if (text && *text)
        str_addf(out, "  %s: %s\n", word, text);
}

/* An appointment in lines. */
void part_event(const struct mail_event *e, int64_t now, struct str *out)
{
    struct str text = STR_INIT;
    str_addf(out, "[%s] %s\n", method_word(e), e->summary ? e->summary : _("(no subject)"));
    if (e->start != CLOCK_NONE) {
        add_span(&text, e);
        if (e->floating && e->zone)
            str_addf(&text, _(" in %s, a zone that is not known here"), e->zone);
        else if (e->zone && !e->all_day)
            str_addf(&text, _(" (written for %s)"), e->zone);
        add_line(out, _("when"), str_text(&text));
        str_clear(&text);
    } else if (e->end != CLOCK_NONE) {
        add_time(&text, e->end, false, true);
        add_line(out, _("due"), str_text(&text));
        str_clear(&text);
    }
    if (e->rule || e->instances.len > 1) {
        if (e->rule)
            add_rule(&text, e->rule);
        else
            str_addf(&text, _("%zu times"), e->instances.len);
        add_next(&text, e, now);
        add_line(out, _("repeats"), str_text(&text));
        str_clear(&text);
    }
    add_line(out, _("where"), e->place);
    if (e->organizer.len) {
        add_guest(&text, vec_at(&e->organizer, 0));
        add_line(out, _("asked by"), str_text(&text));
        str_clear(&text);
    }
    add_guests(&text, e);
    add_line(out, _("who"), str_text(&text));
    add_line(out, _("says"), e->comment);
    add_line(out, _("link"), e->url);
    str_fini(&text);
}

/* A person for scripts. */
static struct json *guest_json(const struct mail_guest *g)
{
    struct json *o = json_object();
    if (*g->name)
        json_set_str(o, "name", g->name);
    json_set_str(o, "address", g->address);
    json_set_str(o, "state", g->state);
    return o;
}

/* An appointment for scripts. */
struct json *part_event_json(const struct mail_event *e)
{
    struct json *o = json_object(), *guests = json_array(), *instances = json_array();
    json_set_str(o, "method", e->method);
    json_set_str(o, "kind", e->kind);
    json_set_str(o, "summary", e->summary);
    if (e->start != CLOCK_NONE)
        json_set_time(o, "start", e->start);
    if (e->end != CLOCK_NONE)
        json_set_time(o, "end", e->end);
    json_set_bool(o, "all_day", e->all_day);
    json_set_bool(o, "floating", e->floating);
    json_set_str(o, "zone", e->zone);
    json_set_str(o, "where", e->place);
    json_set_str(o, "state", e->state);
    json_set_str(o, "uid", e->uid);
    json_set_int(o, "sequence", e->sequence);
    json_set_str(o, "rule", e->rule);
    if (e->organizer.len)
        json_set(o, "organizer", guest_json(vec_at(&e->organizer, 0)));
    for (size_t i = 0; i < e->guests.len; i++)
        json_push(guests, guest_json(vec_at(&e->guests, i)));
    json_set(o, "guests", guests);
    for (size_t i = 0; i < e->instances.len && i < 100; i++) {
        char text[CLOCK_TEXT];
        json_push_str(instances, clock_rfc3339(*(int64_t *)vec_at(&e->instances, i), text));
    }
    json_set(o, "instances", instances);
    json_set_bool(o, "cut", e->cut);
    return o;
}
