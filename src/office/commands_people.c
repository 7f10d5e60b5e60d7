/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_people.c - who can be written to: aliases, people met, the address book of another program. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/utf8.h"
#include "command/config.h"
#include "mail/people.h"
#include "office/commands_store.h"
#include "office/people.h"
#include "office/people_query.h"
#include "store/store.h"

#define MOST 50

struct asking { /* a call that waits for the other program */
    struct people_query *query;
    struct vec told; /* struct mail_address */
    char *text;      /* own */
};

/* Frees it. */
static void asking_free(void *state)
{
    struct asking *a = state;
    vec_fini(&a->told);
    free(a->text);
    free(a);
}

/* One person, unless told already. */
static void tell(struct command_call *c, struct json *o, const char *name, const char *address,
                 const char *source)
{
    struct asking *a = command_state(c);
    struct str text = STR_INIT;
    if (people_has(&a->told, address)) {
        json_free(o);
        return;
    }
    people_add(&a->told, "", address);
    if (*name)
        json_set_str(o, "name", name);
    json_set_str(o, "address", address);
    json_set_str(o, "source", source);
    people_print_one(&text, name, address);
    command_item(c, o, str_text(&text));
    str_fini(&text);
}

/* Aliases that begin with the text, or whose people's names hold it. */
static void tell_aliases(struct command_call *c, const char *prefix)
{
    const struct vec *all = config_aliases();
    for (size_t i = 0; i < all->len; i++) {
        const struct config_alias *alias = vec_at(all, i);
        struct vec people;
        struct error ignored = ERROR_INIT;
        if (!str_starts_nocase(alias->nick, prefix) && !utf8_contains_folded(alias->people, prefix))
            continue;
        people_init(&people);
        if (people_parse(alias->people, &people, &ignored) == STATUS_OK)
            for (size_t k = 0; k < people.len; k++) {
                const struct mail_address *m = vec_at(&people, k);
                struct json *o = json_object();
                json_set_str(o, "alias", alias->nick);
                tell(c, o, m->name, m->address, "alias");
            }
        vec_fini(&people);
    }
}

/* People met, those that count most first. */
static enum status tell_met(struct command_call *c, const char *prefix, struct error *err)
{
    struct vec people;
    enum status st = mail_people_find(store_reader(command_store(c)), prefix, MOST, &people, err);
    for (size_t i = 0; st == STATUS_OK && i < people.len; i++) {
        const struct mail_person *p = vec_at(&people, i);
        struct json *o = json_object();
        json_set_int(o, "seen", p->seen);
        json_set_int(o, "written", p->written);
        json_set_time(o, "last", p->last);
        tell(c, o, p->name, p->address, "met");
    }
    vec_fini(&people);
    return st;
}

/* The other program has answered. */
static void queried(void *user, const struct vec *people, const struct error *err)
{
    struct command_call *c = user;
    struct asking *a = command_state(c);
    a->query = NULL;
    command_on_cancel(c, NULL);
    for (size_t i = 0; i < people->len; i++) {
        const struct mail_address *m = vec_at(people, i);
        tell(c, json_object(), m->name, m->address, "query");
    }
    command_end(c, err);
}

/* C-c. */
static void cancelled(struct command_call *c)
{
    struct asking *a = command_state(c);
    struct error err = ERROR_INIT;
    people_query_cancel(a->query);
    a->query = NULL;
    error_set(&err, STATUS_INTERRUPTED, _("stopped"));
    command_end(c, &err);
}

enum command_result office_run_people(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct asking *a = mem_alloc(sizeof *a);
    people_init(&a->told);
    a->text = mem_strdup(command_text(c, 0));
    command_set_state(c, a, asking_free);
    tell_aliases(c, a->text);
    if (tell_met(c, a->text, &err))
        return command_fail(c, &err);
    if (!*a->text || !people_query_is_set())
        return COMMAND_DONE;
    a->query = people_query_start(command_loop(c), a->text, queried, c, &err);
    if (!a->query)
        return command_fail(c, &err);
    command_on_cancel(c, cancelled);
    return COMMAND_WAIT;
}
