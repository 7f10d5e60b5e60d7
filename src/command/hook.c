/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hook.c - the lines that parts add to a report. */
#include "command/hook.h"

#include <assert.h>
#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/command.h"

/* The check as a person reads it: its words, or its first word before a name ("account work"). */
static void add_name(struct str *out, const char *check)
{
    struct str head = STR_INIT;
    const char *whole = _(check);
    str_add(&head, check, strcspn(check, " "));
    if (whole == check)
        str_addf(out, "%s%s", _(str_text(&head)), check + head.len);
    else
        str_puts(out, whole);
    str_fini(&head);
}

/* One line of the report. */
void hook_check(struct hook_report *r, const char *check, enum hook_state state,
                const char *message, const char *hint)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    struct json *o = json_object();
    json_set_str(o, "check", check);
    json_set_str(o, "state", words[state]);
    json_set_str(o, "message", message);
    if (hint && *hint)
        json_set_str(o, "hint", hint);
    struct str text = STR_INIT, name = STR_INIT;
    add_name(&name, check);
    str_addf(&text, "%-5s ", words[state]);
    utf8_pad(&text, str_text(&name), 11);
    str_puts(&text, message);
    if (hint && *hint)
        str_addf(&text, _("\n%17shint: %s"), "", hint);
    command_item(r->call, o, str_text(&text));
    str_fini(&text);
    str_fini(&name);
    r->failed += state == HOOK_FAIL;
}

/* A check that answers later. */
void hook_check_begin(struct hook_report *r, void (*stop)(void *user), void *user)
{
    assert(!r->waiting);
    r->waiting = true;
    r->stop = stop;
    r->user = user;
}

/* It has answered. */
void hook_check_end(struct hook_report *r)
{
    r->waiting = false;
    r->on_end(r);
}
