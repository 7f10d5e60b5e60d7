/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_alias.c - short names of people. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "command/config.h"
#include "command/config_inside.h"

static struct vec aliases; /* struct config_alias */

/* Releases an alias. */
static void alias_fini(void *item)
{
    struct config_alias *a = item;
    free(a->nick);
    free(a->people);
}

/* The alias of that nick; NULL. */
static struct config_alias *find(const char *nick)
{
    for (size_t i = 0; i < aliases.len; i++) {
        struct config_alias *a = vec_at(&aliases, i);
        if (str_eq_nocase(a->nick, nick))
            return a;
    }
    return NULL;
}

void config_alias_clear(void)
{
    if (aliases.item_size)
        vec_fini(&aliases);
    vec_init(&aliases, sizeof(struct config_alias), alias_fini);
}

void config_alias_set(const char *nick, const char *people)
{
    struct config_alias *a = find(nick);
    if (!a) {
        a = vec_push(&aliases);
        a->nick = mem_strdup(nick);
    }
    free(a->people);
    a->people = mem_strdup(people);
}

const struct vec *config_aliases(void)
{
    if (!aliases.item_size)
        config_alias_clear();
    return &aliases;
}

const char *config_alias(const char *nick)
{
    const struct config_alias *a = find(nick);
    return a ? a->people : NULL;
}
