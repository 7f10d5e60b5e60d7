/* SPDX-License-Identifier: GPL-3.0-or-later */
/* triage_judge.c - the lane of a thread by facts, questions and what was learned. Pure over a
 * connection. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "command/config.h"
#include "inbox/checks_inside.h"
#include "inbox/triage_inside.h"
#include "office/people.h"

#define ASKS_MAX 24
#define DATES_MAX 24
#define QUOTE_MOST 300
#define TEXT_MOST (64u << 10)

void triage_set(struct triage *t, enum mail_lane lane, const char *by, double confidence,
                const char *code, const char *quote, size_t quote_len)
{
    free(t->reason);
    free(t->code);
    free(t->quote);
    free(t->by);
    t->lane = lane;
    t->confidence = confidence;
    t->by = mem_strdup(by);
    t->code = mem_strdup(code);
    t->reason = triage_reason_words(code);
    struct str line = STR_INIT;
    for (size_t i = 0; quote && i < quote_len && line.len < QUOTE_MOST; i++) {
        bool blank = quote[i] == ' ' || quote[i] == '\n' || quote[i] == '\t' || quote[i] == '\r';
        if (!blank)
            str_putc(&line, quote[i]);
        else if (line.len && line.data[line.len - 1] != ' ')
            str_putc(&line, ' ');
    }
    str_truncate(&line, line.len - utf8_partial_tail(str_text(&line), line.len));
    t->quote = str_take(&line);
}

/* Reads one mail with its text cut to what a person wrote in it. */
static enum status read_one(struct db *db, int64_t id, struct mail_message **m, char **text,
                            int64_t *date, struct error *err)
{
    enum status st = mail_message_get(db, id, m, err);
    if (st)
        return st;
    char *whole = mem_strndup((*m)->text ? (*m)->text : "", TEXT_MOST);
    *text = checks_own_text(whole);
    *date = (*m)->date;
    free(whole);
    return STATUS_OK;
}

enum status triage_open(struct db *db, int64_t thread, struct triage_thread *out, struct error *err)
{
    *out = (struct triage_thread){0};
    enum status st = mail_thread_get(db, thread, &out->thread, err);
    if (st)
        return st;
    if (out->thread.newest_foreign) {
        out->foreign_id = out->thread.newest_foreign;
        st = read_one(db, out->foreign_id, &out->foreign, &out->text, &out->foreign_date, err);
    }
    if (st == STATUS_OK && out->thread.newest && out->thread.newest != out->thread.newest_foreign) {
        out->mine_id = out->thread.newest;
        st = read_one(db, out->mine_id, &out->mine, &out->my_text, &out->my_date, err);
    }
    if (st)
        triage_close(out);
    return st;
}

void triage_close(struct triage_thread *t)
{
    mail_thread_fini(&t->thread);
    mail_message_free(t->foreign);
    mail_message_free(t->mine);
    free(t->text);
    free(t->my_text);
    *t = (struct triage_thread){0};
}

/* Sets what is due when the words of a text name a day at or near the asking place. */
static void find_due(struct triage *t, const char *text, int64_t written, const struct check_ask *asks,
                     size_t n)
{
    struct when_hit hits[DATES_MAX];
    size_t count = when_find(text, strlen(text), written, hits, DATES_MAX), best = count;
    for (size_t i = 0; i < count && best == count; i++)
        if (hits[i].deadline && !hits[i].past)
            best = i;
    for (size_t k = 0; k < n && best == count; k++)
        for (size_t i = 0; i < count && best == count; i++)
            if (!hits[i].past && hits[i].start >= asks[k].at &&
                hits[i].start < asks[k].at + asks[k].len)
                best = i;
    if (best == count)
        return;
    t->due = hits[best].day;
    free(t->due_words);
    t->due_words = mem_strndup(text + hits[best].start, hits[best].len);
}

/* How I stand in the mail: To, Cc, or not named. */
enum place { PLACE_TO, PLACE_CC, PLACE_NOT };

/* Where I am among the recipients; nobody known as me counts as To. */
static enum place my_place(const struct mail_message *m)
{
    if (config_me()->len == 0)
        return PLACE_TO;
    for (size_t i = 0; i < m->to.len; i++)
        if (config_is_me(((struct mail_address *)vec_at(&m->to, i))->address))
            return PLACE_TO;
    for (size_t i = 0; i < m->cc.len; i++)
        if (config_is_me(((struct mail_address *)vec_at(&m->cc, i))->address))
            return PLACE_CC;
    return PLACE_NOT;
}

/* Does the text call me by the name that stands with my address? */
static bool calls_me(const struct mail_message *m, const char *text)
{
    const struct vec *lists[] = {&m->to, &m->cc};
    bool called = false;
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->len && !called; i++) {
            const struct mail_address *a = vec_at(lists[l], i);
            if (!config_is_me(a->address))
                continue;
            const char *name = a->name && *a->name ? a->name : a->address;
            char *first = mem_strndup(name, strcspn(name, " .@,"));
            called = strlen(first) > 2 && utf8_contains_folded(text, first);
            free(first);
        }
    return called;
}

/* Does a request want words back (an answer), not a deed? */
static bool wants_words(const char *sentence, size_t n)
{
    static const char *const words[] = {
        "confirm", "let me know", "let us know", "reply", "respond", "get back", "tell me", "tell us",
        "advise", "your thoughts", "your opinion", "your comments", "your feedback", "feedback",
        "send me", "send us", "could you send", "can you send", "please send", "give me", "answer",
        "what do you think", "rsvp", "explain", "clarify", "quote", "回复", "告知", "确认", "答复",
        "发给", "发我", "发一", "提供", "盼复", "望复", "反馈", "意见", NULL};
    struct str folded = STR_INIT;
    bool wants = false;
    utf8_fold(&folded, sentence, n);
    for (size_t i = 0; words[i] && !wants; i++)
        wants = strstr(str_text(&folded), words[i]) != NULL;
    str_fini(&folded);
    return wants;
}

/* Questions and requests to me: answer or act. */
static bool judge_asks(const struct triage_thread *in, struct triage *t)
{
    struct check_ask asks[ASKS_MAX];
    struct when_hit hits[DATES_MAX];
    size_t n = checks_find_asks(in->text, asks, ASKS_MAX), best = n;
    enum place place = my_place(in->foreign);
    size_t people = in->foreign->to.len + in->foreign->cc.len;
    double need = place == PLACE_TO ? 0.6 : 0.85, strength = 0;
    if (people > 8)
        need += 0.15;
    if (place == PLACE_CC) /* what is asked there is asked of others, unless I am called by name */
        need = calls_me(in->foreign, in->text) ? 0.7 : 2;
    size_t days = when_find(in->text, strlen(in->text), in->foreign_date, hits, DATES_MAX);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < days; k++) /* a day to keep makes a request one */
            if (hits[k].deadline && !hits[k].past && hits[k].start >= asks[i].at &&
                hits[k].start < asks[i].at + asks[i].len) {
                asks[i].strength = asks[i].strength + 0.2 > 1 ? 1 : asks[i].strength + 0.2;
                break;
            }
        if (asks[i].strength < need)
            continue;
        t->asks++;
        if (asks[i].strength > strength) {
            strength = asks[i].strength;
            best = i;
        }
    }
    if (best == n)
        return false;
    const struct check_ask *a = &asks[best];
    const char *words = in->text + a->at;
    bool answer = a->question || wants_words(words, a->len);
    char *reason;
    find_due(t, in->text, in->foreign_date, asks, n);
    if (answer)
        reason = t->asks > 1 ? str_format("questions\n%d", t->asks) : mem_strdup("question");
    else
        reason = mem_strdup(*t->due_words ? "dated-task" : "task");
    triage_set(t, answer ? MAIL_LANE_ANSWER : MAIL_LANE_ACT, "offline", 0.5 + strength / 2.2, reason,
               words, a->len);
    t->quote_message = in->foreign_id;
    free(reason);
    return true;
}

/* Does a sentence of mine promise something with a day ("I will send it by Friday")? */
static bool find_promise(const char *text, int64_t written, struct triage *t, size_t *at, size_t *len)
{
    static const char *const words[] = {"I'll ", "I will ", "We'll ", "We will ", "we'll ", "we will ",
                                        "i'll ", "i will ", "我会", "我将", "我们会", "我们将", NULL};
    struct when_hit hits[DATES_MAX];
    size_t count = when_find(text, strlen(text), written, hits, DATES_MAX);
    for (size_t i = 0; words[i]; i++)
        for (const char *p = strstr(text, words[i]); p; p = strstr(p + 1, words[i])) {
            size_t from = (size_t)(p - text), n = strcspn(p, ".!?\n");
            const char *stop = strstr(p, "。");
            if (stop && (size_t)(stop - p) < n)
                n = (size_t)(stop - p);
            for (size_t k = 0; k < count; k++)
                if (hits[k].start > from && hits[k].start < from + n && !hits[k].past) {
                    t->due = hits[k].day;
                    free(t->due_words);
                    t->due_words = mem_strndup(text + hits[k].start, hits[k].len);
                    *at = from;
                    *len = n;
                    return true;
                }
        }
    return false;
}

/* My mail is the newest: somebody owes me, I owe, or nothing is open. */
static void judge_mine(const struct triage_thread *in, int64_t now, struct triage *t)
{
    struct check_ask asks[ASKS_MAX];
    size_t n = checks_find_asks(in->my_text, asks, ASKS_MAX), best = n, at, len;
    double strength = 0.6;
    for (size_t i = 0; i < n; i++)
        if (asks[i].strength >= strength) {
            strength = asks[i].strength;
            best = i;
        }
    t->quote_message = in->mine_id;
    if (best < n) {
        int64_t days = in->my_date == CLOCK_NONE ? 0 : (now - in->my_date) / 86400;
        char *reason = days > 0 ? str_format("asked\n%lld", (long long)days) : mem_strdup("asked-today");
        find_due(t, in->my_text, in->my_date, &asks[best], 1);
        triage_set(t, MAIL_LANE_WAIT, "offline", 0.8, reason, in->my_text + asks[best].at,
                   asks[best].len);
        free(reason);
    } else if (find_promise(in->my_text, in->my_date, t, &at, &len)) {
        triage_set(t, MAIL_LANE_ACT, "offline", 0.7, "promise", in->my_text + at, len);
    } else {
        t->quote_message = 0;
        triage_set(t, MAIL_LANE_DONE, "fact", 0.7, "nothing-open", NULL, 0);
    }
}

/* One property of an iCalendar text, unfolded. Yours; NULL when absent. */
static char *ics_value(const char *ics, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = ics; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
        if (!str_starts_nocase(p, name) || (p[n] != ':' && p[n] != ';'))
            continue;
        const char *colon = p + strcspn(p, ":\n");
        if (*colon != ':')
            continue;
        struct str value = STR_INIT;
        for (p = colon + 1; *p; p++) {
            if (*p == '\r')
                continue;
            if (*p == '\n') {
                if (p[1] != ' ' && p[1] != '\t')
                    break;
                p++;
                continue;
            }
            str_putc(&value, *p);
        }
        return str_take(&value);
    }
    return NULL;
}

/* The day of "20261124T140000Z"; CLOCK_NONE when it is none. */
static int64_t ics_day(const char *value)
{
    struct str text = STR_INIT;
    int64_t at = CLOCK_NONE;
    if (value && strlen(value) >= 8) {
        str_addf(&text, "%.4s-%.2s-%.2s", value, value + 4, value + 6);
        if (strlen(value) >= 15 && value[8] == 'T')
            str_addf(&text, "T%.2s:%.2s:%.2s%s", value + 9, value + 11, value + 13,
                     value[15] == 'Z' ? "Z" : "");
        if (!clock_parse(str_text(&text), &at))
            at = CLOCK_NONE;
    }
    str_fini(&text);
    return at;
}

/* An invitation: a calendar part, or words of meeting beside a day and a question. */
static bool judge_meet(const struct triage_thread *in, struct triage *t)
{
    const struct mail_message *m = in->foreign;
    if (m->ics) {
        char *method = ics_value(m->ics, "METHOD"), *summary = ics_value(m->ics, "SUMMARY"),
             *start = ics_value(m->ics, "DTSTART");
        bool asked = !method || str_eq_nocase(method, "REQUEST") || str_eq_nocase(method, "PUBLISH") ||
                     str_eq_nocase(method, "CANCEL") || str_eq_nocase(method, "COUNTER");
        if (asked) {
            int64_t at = ics_day(start);
            const char *reason = method && str_eq_nocase(method, "CANCEL") ? "cancellation" : "invitation";
            triage_set(t, MAIL_LANE_MEET, "fact", 0.95, reason, summary ? summary : "",
                       summary ? strlen(summary) : 0);
            if (at != CLOCK_NONE) {
                char day[CLOCK_TEXT];
                t->due = clock_day_start(at, 0);
                free(t->due_words);
                t->due_words = mem_strdup(clock_day(at, day));
            }
            t->quote_message = in->foreign_id;
        }
        free(method);
        free(summary);
        free(start);
        if (asked)
            return true;
    }
    static const char *const words[] = {
        "invitation:", "meeting request", "schedule a call", "schedule a meeting", "set up a call",
        "set up a meeting", "meet on", "meet at", "shall we meet", "can we meet", "could we meet",
        "invite you to", "you are invited", "join the meeting", "zoom.us/j", "teams.microsoft.com",
        "会议邀请", "邀请您参加", "召开会议", "开会时间", "约个时间", "碰个头", "视频会议", NULL};
    struct str folded = STR_INIT;
    struct when_hit hits[4];
    bool meet = false;
    const char *subject = m->subject ? m->subject : "";
    utf8_fold(&folded, subject, strlen(subject));
    str_putc(&folded, '\n');
    utf8_fold(&folded, in->text, strlen(in->text));
    size_t count = when_find(in->text, strlen(in->text), in->foreign_date, hits, 4);
    const char *found = NULL;
    for (size_t i = 0; words[i] && !found; i++)
        found = strstr(str_text(&folded), words[i]);
    for (size_t i = 0; found && i < count && !meet; i++)
        if (!hits[i].past && hits[i].time != CLOCK_NONE) {
            size_t from = hits[i].start, to = hits[i].start + hits[i].len;
            while (from && in->text[from - 1] != '\n' && hits[i].start - from < 120)
                from--;
            while (((unsigned char)in->text[from] & 0xC0) == 0x80)
                from++;
            to += strcspn(in->text + to, "\n.");
            meet = true;
            t->due = hits[i].day;
            free(t->due_words);
            t->due_words = mem_strndup(in->text + hits[i].start, hits[i].len);
            triage_set(t, MAIL_LANE_MEET, "offline", 0.7, "meeting", in->text + from,
                       to - from);
            t->quote_message = in->foreign_id;
        }
    str_fini(&folded);
    return meet;
}

/* Takes the first words of a text as the quote of what is only to be read. */
static void judge_fyi(const struct triage_thread *in, struct triage *t)
{
    const char *text = in->text ? in->text : "";
    for (;;) { /* behind the greeting */
        text += strspn(text, "\n ");
        size_t n = strcspn(text, "\n");
        const char *end = text + n;
        bool greeting = n && n < 60 && (end[-1] == ',' || end[-1] == ':' || end[-1] == '!' ||
                                        (n >= 3 && (memcmp(end - 3, "，", 3) == 0 ||
                                                    memcmp(end - 3, "：", 3) == 0)));
        if (!greeting || !*end)
            break;
        text = end;
    }
    enum place place = in->foreign ? my_place(in->foreign) : PLACE_TO;
    triage_set(t, MAIL_LANE_FYI, "offline", 0.5,
               place == PLACE_CC ? "copy" : "nothing-asked",
               text, strcspn(text, "\n"));
    t->quote_message = in->foreign_id;
}

enum status triage_judge(struct db *db, int64_t thread, int64_t now, struct triage *out,
                         struct error *err)
{
    struct triage_thread in;
    *out = (struct triage){.thread = thread, .due = CLOCK_NONE};
    out->due_words = mem_strdup("");
    enum status st = triage_open(db, thread, &in, err);
    if (st)
        return st;
    out->thread = in.thread.id;
    out->newest = in.thread.newest;
    if (triage_told(db, &in, out)) {
        /* a person's word stands until a new mail comes */
    } else if (in.mine) {
        judge_mine(&in, now, out);
    } else if (!in.foreign) {
        triage_set(out, MAIL_LANE_DONE, "fact", 0.5, "empty", NULL, 0);
    } else if (!triage_risk(db, &in, out) && !triage_learned(db, &in, out) &&
               !(in.foreign->ics && judge_meet(&in, out)) && !triage_machine(db, &in, out) &&
               !judge_meet(&in, out) && !judge_asks(&in, out)) {
        judge_fyi(&in, out);
    }
    if (out->lane == MAIL_LANE_ACT && *out->due_words == 0 && in.foreign && !in.mine)
        find_due(out, in.text, in.foreign_date, NULL, 0);
    triage_close(&in);
    return STATUS_OK;
}
