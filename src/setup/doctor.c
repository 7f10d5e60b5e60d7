/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.c - what is wrong with an account, and what to do: password or token, servers, folders.
 *
 * All accounts are looked at side by side; the lines come in the order of the config. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/config.h"
#include "mail/imap.h"
#include "setup/check.h"
#include "setup/setup.h"
#include "store/store.h"

/* One account under way. */
struct look {
    struct setup_doctor *whole; /* borrow */
    struct config_account account; /* own: the config may be read anew meanwhile */
    struct setup_check *check;  /* own; NULL: ended */
    struct setup_check_result result;
};

/* All of them. */
struct setup_doctor {
    struct hook_report *report; /* borrow */
    struct look *looks;         /* own */
    size_t count, left;
};

/* A line that stands for an error. */
static void report(struct hook_report *r, const char *check, const struct error *err)
{
    hook_check(r, check, err->status == STATUS_UNREACHABLE && !err->untrusted ? HOOK_WARN : HOOK_FAIL, err->text,
               *err->hint ? err->hint : _("mend its line in bureaurc, or: bureau setup"));
}

/* The lines of one account. */
static void tell(struct hook_report *r, const struct config_account *a, const struct setup_check_result *c)
{
    char *imap = str_format("imap %s", a->name), *smtp = str_format("smtp %s", a->name);
    char *login = str_format(N_("login") " %s", a->name);
    if (error_is(&c->errors[SETUP_LOGIN])) {
        report(r, login, &c->errors[SETUP_LOGIN]);
    } else {
        if (c->tried[SETUP_IMAP] && error_is(&c->errors[SETUP_IMAP])) {
            report(r, imap, &c->errors[SETUP_IMAP]);
        } else if (c->tried[SETUP_IMAP]) {
            char *text = str_format(P_("logged in at %s, %d folder", "logged in at %s, %d folders", c->folders), a->imap,
                                    c->folders);
            if (c->lacks) {
                struct str lacks = STR_INIT;
                mail_imap_lacks_words(c->lacks, &lacks);
                hook_check(r, imap, HOOK_OK, text, str_text(&lacks));
                str_fini(&lacks);
            } else {
                hook_check(r, imap, HOOK_OK, text, "");
            }
            free(text);
            if (!c->has_sent)
                hook_check(r, imap, HOOK_WARN, _("the server marks no folder as Sent"),
                           _("say which one it is: account NAME sent \"Sent Items\""));
            if (!c->has_trash)
                hook_check(r, imap, HOOK_WARN, _("the server marks no folder as Trash"),
                           _("say which one it is: account NAME trash \"Deleted Items\""));
        }
        if (c->tried[SETUP_SMTP] && error_is(&c->errors[SETUP_SMTP])) {
            report(r, smtp, &c->errors[SETUP_SMTP]);
        } else if (c->tried[SETUP_SMTP]) {
            char *text = str_format(_("logged in at %s"), a->smtp);
            hook_check(r, smtp, HOOK_OK, text, "");
            free(text);
        }
    }
    free(imap);
    free(smtp);
    free(login);
}

/* Gives up what is under way. */
static void free_doctor(void *user)
{
    struct setup_doctor *d = user;
    for (size_t i = 0; i < d->count; i++) {
        setup_check_cancel(d->looks[i].check);
        config_account_fini(&d->looks[i].account);
    }
    free(d->looks);
    free(d);
}

/* One account is done; after the last the lines are told. */
static void on_checked(void *user, const struct setup_check_result *r)
{
    struct look *k = user;
    struct setup_doctor *d = k->whole;
    struct hook_report *report = d->report;
    k->result = *r;
    k->check = NULL;
    if (--d->left)
        return;
    for (size_t i = 0; i < d->count; i++)
        tell(report, &d->looks[i].account, &d->looks[i].result);
    free_doctor(d);
    hook_check_end(report);
}

/* The check. */
void setup_doctor(struct hook_report *r, struct store *s, struct loop *l, bool offline)
{
    const struct vec *all = config_accounts();
    if (!s || offline || !all->len)
        return;
    struct setup_doctor *d = mem_alloc(sizeof *d);
    d->report = r;
    d->looks = mem_array(all->len, sizeof *d->looks);
    for (size_t i = 0; i < all->len; i++) {
        const struct config_account *a = vec_at(all, i);
        if (!a->imap && (!a->smtp || a->sendmail.len))
            continue;
        struct look *k = &d->looks[d->count++];
        k->whole = d;
        config_account_copy(&k->account, a);
        k->check = setup_check_start(l, store_paths(s), a, NULL, on_checked, k);
    }
    d->left = d->count;
    if (d->left)
        hook_check_begin(r, free_doctor, d);
    else
        free_doctor(d);
}
