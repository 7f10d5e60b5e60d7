/* SPDX-License-Identifier: GPL-3.0-or-later */
/* office.c - options, hooks and registrations of the floor. */
#include "office/office.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "command/config.h"
#include "office/outbox.h"
#include "office/people.h"
#include "office/signature.h"
#include "store/journal.h"

const struct option office_options[] = {
    {.name = "send.hold",
     .type = OPTION_DURATION,
     .fallback = "20s",
     .min = 0,
     .max = 86400000,
     .unit = N_("time"),
     .summary = N_("How long the screen holds an approved mail so that it can be taken back.")},
    {.name = "send.retry-for",
     .type = OPTION_DURATION,
     .fallback = "5d",
     .min = 60000,
     .max = INT64_C(2592000000),
     .unit = N_("time"),
     .summary = N_("How long a server that cannot be reached is tried before a mail has failed.")},
    {.name = "send.organisation",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("Domains of the own organisation, with blanks between; without it those of the own "
                   "addresses, but for the big mail providers'.")},
    {.name = "send.many",
     .type = OPTION_INT,
     .fallback = "10",
     .min = 1,
     .max = 1000,
     .summary = N_("A mail to more people than this is pointed out before it is sent.")},
    {.name = "people.query-command",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("A program that is asked for addresses, by mutt's query protocol; %s is what was "
                   "typed: \"khard email --parsable %s\".")},
    {.name = "compose.signature",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("A file with the lines under a mail, for accounts that name none of their own.")},
    {.name = "compose.signature-place",
     .type = OPTION_CHOICE,
     .fallback = "above",
     .choices = "above below",
     .summary = N_("Where the signature of an answer stands: above or below what is quoted.")},
    {0},
};

const struct hook_work *const office_work[] = {&outbox_work, NULL};

/* Does the URL name this machine? */
static bool is_here(const char *url)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    return str_starts(host, "127.") || str_starts(host, "localhost") || str_starts(host, "[::1]");
}

/* A signature that is named and cannot be read. */
static void doctor_signatures(struct hook_report *r)
{
    struct vec all;
    people_identities(&all);
    for (size_t i = 0; i < all.len; i++) {
        const struct people_identity *id = vec_at(&all, i);
        struct error err = ERROR_INIT;
        char *text = signature_read(id->account, id->address, &err);
        if (error_is(&err)) {
            char *check = str_format(N_("signature") " %s", id->address);
            hook_check(r, check, HOOK_WARN, err.text,
                       _("make the file, or take it out of bureaurc"));
            free(check);
        }
        free(text);
    }
    vec_fini(&all);
}

/* An alias that stands for nobody. */
static void doctor_aliases(struct hook_report *r)
{
    const struct vec *all = config_aliases();
    for (size_t i = 0; i < all->len; i++) {
        const struct config_alias *a = vec_at(all, i);
        struct error err = ERROR_INIT;
        struct vec people;
        people_init(&people);
        if (people_parse(a->nick, &people, &err) != STATUS_OK || people.len == 0) {
            char *check = str_format(N_("alias") " %s", a->nick);
            hook_check(r, check, HOOK_WARN, error_is(&err) ? err.text : _("names nobody"),
                       _("alias tom Tom Berger <tom@acme.example>: the rest of the line, without quotes around all of it"));
            free(check);
        }
        vec_fini(&people);
    }
}

void office_doctor(struct hook_report *r, struct store *s, struct loop *l, bool offline)
{
    (void)s;
    (void)l;
    (void)offline;
    const struct vec *all = config_accounts();
    if (all->len == 0) {
        hook_check(r, N_("account"), HOOK_WARN, _("no account: nothing can be sent"),
                   _("account work from \"You <you@example.org>\" smtp smtps://mail.example.org"));
        return;
    }
    for (size_t i = 0; i < all->len; i++) {
        const struct config_account *a = vec_at(all, i);
        struct mail_address from;
        char *check = str_format(N_("account") " %s", a->name);
        if (!people_can_send(a))
            hook_check(r, check, HOOK_WARN, _("cannot send"), _("give it smtp URL or sendmail ARGV"));
        else if (!people_from(a, NULL, &from))
            hook_check(r, check, HOOK_FAIL, _("has no address"), _("give it from \"You <you@…>\""));
        else {
            char *message = str_format(_("sends as %s through %s"), from.address,
                                       a->sendmail.len ? strv_at(&a->sendmail, 0) : a->smtp);
            if (!a->sendmail.len && a->plaintext && !is_here(a->smtp))
                hook_check(r, check, HOOK_FAIL, message,
                           _("plaintext is for a server on this machine only: take it off"));
            else
                hook_check(r, check, HOOK_OK, message, "");
            free(message);
            mail_address_fini_item(&from);
        }
        free(check);
    }
    doctor_signatures(r);
    doctor_aliases(r);
}

void office_status(struct store *s, struct json *out, struct str *words)
{
    struct outbox_held held;
    outbox_held(store_reader(s), &held);
    json_set_int(out, "held", held.count);
    json_set_int(out, "in_doubt", held.doubtful);
    if (held.count)
        str_addf(words, _("%sheld %d"), words->len ? "  " : "", held.count);
    if (held.doubtful)
        str_addf(words, _("%sperhaps sent %d"), words->len ? "  " : "", held.doubtful);
}

void office_register(void)
{
    if (sodium_init() < 0)
        abort();
    journal_register_word("outbox.approved", N_("send approved"));
    journal_register_word("outbox.held", N_("send held"));
    journal_register_word("outbox.queued", N_("send queued"));
    journal_register_word("outbox.handed", N_("handed over"));
    journal_register_word("outbox.sent", N_("sent"));
    journal_register_word("outbox.in-doubt", N_("send in doubt"));
    journal_register_word("outbox.failed", N_("send failed"));
    journal_register_word("outbox.cancelled", N_("send cancelled"));
}
