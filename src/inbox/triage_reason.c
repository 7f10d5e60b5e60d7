/* SPDX-License-Identifier: GPL-3.0-or-later */
/* triage_reason.c - why a thread is in its lane: kept as a code, worded in the language it is read in */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "inbox/triage_inside.h"
#include "mail/report.h"
#include "model/model.h"

enum { ARGUMENTS = 3 };

static const struct {
    const char *code, *words;
} sentences[] = {
    {"link-host-differs", N_("a link shows another host than it goes to")},
    {"mixed-script", N_("letters of different scripts in a name")},
    {"look-alike", N_("a domain that looks like another")},
    {"reply-to-differs", N_("answers would go to another address")},
    {"display-name-address", N_("the name shows another address")},
    {"link-user", N_("a link with a user name in it")},
    {"link-address", N_("a link to a bare address")},
    {"risky-file", N_("a dangerous attachment")},
    {"unproved", N_("the sender could not be proved")},
    {"hidden-orders", N_("hidden text that gives orders")},
    {"borrowed-name", N_("the name of somebody you know, from another address")},
    {"fraud-words", N_("words of a fraud or of junk mail")},
    {"undelivered", N_("a mail of yours could not be delivered")},
    {"dated-notice", N_("a notice with a date to keep")},
    {"automatic-answer", N_("an automatic answer")},
    {"list", N_("a mailing list")},
    {"newsletter", N_("a newsletter: it can be unsubscribed")},
    {"newsletter-words", N_("a newsletter: it says how to leave it")},
    {"bulk", N_("sent in bulk")},
    {"machine", N_("sent by a machine")},
    {"no-reply", N_("a notice nobody reads answers to")},
    {"advertisement", N_("an advertisement")},
    {"question", N_("asks you something")},
    {"task", N_("something to do")},
    {"dated-task", N_("something to do, with a date")},
    {"asked-today", N_("you asked, no answer yet")},
    {"promise", N_("you promised this")},
    {"nothing-open", N_("you wrote last and asked nothing")},
    {"invitation", N_("an invitation")},
    {"cancellation", N_("a meeting was cancelled")},
    {"meeting", N_("about a meeting")},
    {"copy", N_("a copy for you; nothing is asked of you")},
    {"nothing-asked", N_("nothing is asked")},
    {"empty", N_("nothing in it")},
    {"told", N_("you said so")},
    {"like-moved", N_("its words are like those of mail you moved here")},
    {"old", N_("nothing new in it for long")},
    {"model", N_("the model's judgement")},
};

/* Who judged. */
const char *triage_by_name(const char *by)
{
    static const char *const names[] = {N_("rule"), N_("fact"), N_("learned"), N_("model"), N_("me")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(by, names[i]) == 0)
            return _(names[i]);
    return model_by_name(by);
}

/* "report", kind, address, what the other side said. */
char *triage_reason_report(const struct mail_report *r)
{
    const struct mail_report_rcpt *to = r->rcpts.len ? vec_at(&r->rcpts, 0) : NULL;
    return str_format("report\n%s\n%s\n%s", mail_report_word(r->kind), to ? to->address : "",
                      !to ? "" : *to->reason ? to->reason : to->status);
}

/* And back into words. */
static char *report_words(char *const arguments[ARGUMENTS])
{
    struct mail_report_rcpt to = {.address = arguments[1], .status = arguments[2], .reason = arguments[2]};
    struct mail_report r = {.kind = MAIL_REPORT_AUTO};
    while (r.kind != MAIL_REPORT_NONE && strcmp(mail_report_word(r.kind), arguments[0]) != 0)
        r.kind--;
    return mail_report_text(&r, &to);
}

/* A number among the arguments; 0 when it is none. */
static long long number_of(const char *text)
{
    long long n;
    return str_to_int64(text, &n) ? n : 0;
}

char *triage_reason_words(const char *reason)
{
    char *copy = mem_strdup(reason), *rest = copy, *code = strsep(&rest, "\n"), *words = NULL, none[] = "";
    char *arguments[ARGUMENTS];
    for (size_t i = 0; i < ARGUMENTS; i++) {
        arguments[i] = i + 1 < ARGUMENTS ? strsep(&rest, "\n") : rest; /* the last one may have lines */
        arguments[i] = arguments[i] ? arguments[i] : none;
    }
    long long n = number_of(arguments[0]);
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences && !words; i++)
        if (strcmp(sentences[i].code, code) == 0)
            words = mem_strdup(_(sentences[i].words));
    if (strcmp(code, "questions") == 0)
        words = str_format(P_("%d thing is asked", "%d things are asked", n), (int)n);
    else if (strcmp(code, "asked") == 0)
        words = str_format(P_("you asked %lld day ago", "you asked %lld days ago", n), n);
    else if (strcmp(code, "moved") == 0)
        words = str_format(P_("you moved mail from %s here", "you moved mail from %s here %lld times", n),
                           arguments[1], n);
    else if (strcmp(code, "report") == 0)
        words = report_words(arguments);
    free(copy);
    return words ? words : mem_strdup("");
}
