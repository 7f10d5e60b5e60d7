/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hook.c - the lines that parts add to a report. */
#include "command/hook.h"

#include <assert.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "command/command.h"

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
    char *text = hint && *hint ? str_format(_("%-5s %-10s %s\n%17shint: %s"), words[state], check,
                                            message, "", hint)
                               : str_format("%-5s %-10s %s", words[state], check, message);
    command_item(r->call, o, text);
    free(text);
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
