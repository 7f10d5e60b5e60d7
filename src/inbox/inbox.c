/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inbox.c - options and registrations of the feature. */
#include "inbox/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/json.h"
#include "command/config.h"
#include "command/queue.h"
#include "inbox/draft_inside.h"
#include "inbox/draft_mirror.h"
#include "inbox/reply_inside.h"
#include "inbox/summary_inside.h"
#include "inbox/template.h"
#include "inbox/triage_inside.h"
#include "model/model.h"
#include "mail/people.h"
#include "office/outbox.h"
#include "office/people.h"
#include "store/job.h"

#define PEOPLE_MAX 50

const struct option inbox_options[] = {
    {.name = "triage.auto",
     .type = OPTION_BOOL,
     .fallback = "on",
     .summary = N_("Sort new mail into lanes as it comes.")},
    {.name = "triage.horizon",
     .type = OPTION_DURATION,
     .fallback = "30d",
     .min = 0,
     .max = INT64_C(315360000000),
     .unit = N_("time"),
     .summary = N_("Threads without a mail for this long start in the lane done when they come in.")},
    {.name = "inbox.headings",
     .type = OPTION_BOOL,
     .fallback = "off",
     .summary = N_("The lane's name above its first thread.")},
    {.name = "reply.quote",
     .type = OPTION_BOOL,
     .fallback = "on",
     .summary = N_("Quote the answered mail below a reply written by hand.")},
    {.name = "compose.mirror",
     .type = OPTION_BOOL,
     .fallback = "on",
     .summary = N_("Keep a copy of each draft in its account's folder of drafts, for other programs.")},
    {.name = "compose.mirror-after",
     .type = OPTION_DURATION,
     .fallback = "10s",
     .min = 0,
     .max = 86400000,
     .unit = N_("time"),
     .summary = N_("How long a draft rests before that copy is written.")},
    {.name = "reply.attribution",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("The line above a quote, with {name}, {address} and {date}; without it one in the "
                   "language of the mail.")},
    {.name = "forward.as",
     .type = OPTION_CHOICE,
     .fallback = "inline",
     .choices = "inline attached",
     .summary = N_("How a mail is forwarded: its text and files, or the whole mail as a file.")},
    {0},
};

const struct hook_work *const inbox_work[] = {&triage_work, &draft_mirror_work, NULL};

/* A stream whose runner died: what came stays, marked as cut. */
static enum status draft_orphan(struct db *db, int64_t job, const char *input, struct error *err)
{
    struct json *j = NULL;
    struct error bad = ERROR_INIT;
    (void)job;
    if (json_parse(input, strlen(input), &j, &bad))
        return STATUS_OK;
    int64_t id = json_get_int(j, "draft", 0);
    json_free(j);
    enum status st = id ? draft_stream_end(db, id, NULL, "cut", NULL, err) : STATUS_OK;
    if (st == STATUS_NO_SUCH) {
        *err = ERROR_INIT;
        st = STATUS_OK;
    }
    return st;
}

static const struct job_kind draft_job = {N_("draft"), JOB_CUT, draft_orphan};

/* Completion of --template. */
static void fill_templates(struct store *s, const char *prefix, struct vec *out)
{
    struct vec all;
    struct error err = ERROR_INIT;
    (void)prefix;
    if (!s || template_load(store_paths(s), &all, &err))
        return;
    for (size_t i = 0; i < all.len; i++)
        strv_push(out, ((struct template_file *)vec_at(&all, i))->name);
    vec_fini(&all);
}

/* Completion of lanes. */
static void fill_lanes(struct store *s, const char *prefix, struct vec *out)
{
    (void)s;
    (void)prefix;
    for (int lane = MAIL_LANE_ANSWER; lane < MAIL_LANES; lane++)
        strv_push(out, mail_lane_word((enum mail_lane)lane));
}

/* Completion of recipients: addresses met, aliases. */
static void fill_people(struct store *s, const char *prefix, struct vec *out)
{
    struct vec people;
    struct error err = ERROR_INIT;
    const struct vec *aliases = config_aliases();
    for (size_t i = 0; i < aliases->len; i++)
        strv_push(out, ((struct config_alias *)vec_at(aliases, i))->nick);
    if (!s || mail_people_find(store_reader(s), prefix, PEOPLE_MAX, &people, &err))
        return;
    for (size_t i = 0; i < people.len; i++)
        strv_push(out, ((struct mail_person *)vec_at(&people, i))->address);
    vec_fini(&people);
}

/* Completion of --from. */
static void fill_identities(struct store *s, const char *prefix, struct vec *out)
{
    struct vec all;
    (void)s;
    (void)prefix;
    people_identities(&all);
    for (size_t i = 0; i < all.len; i++)
        strv_push(out, ((struct people_identity *)vec_at(&all, i))->address);
    vec_fini(&all);
}

void inbox_register(void)
{
    static const struct model_offline engines[] = {
        {"draft", offline_draft}, {"instruct", offline_instruct}, {"summary", offline_summary}};
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
        model_offline_register(&engines[i]);
    journal_register(&draft_state_field);
    journal_register_word("message.unsubscribe", N_("unsubscribe"));
    journal_register(&triage_lesson_field);
    job_register(&draft_job);
    outbox_on_state(draft_on_outbox);
    queue_complete_with("template", fill_templates);
    queue_complete_with("lane", fill_lanes);
    queue_complete_with("person", fill_people);
    queue_complete_with("identity", fill_identities);
}
