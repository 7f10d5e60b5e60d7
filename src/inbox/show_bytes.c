/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show_bytes.c - show --raw and --headers: a message as it came */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "inbox/commands_mail.h"
#include "mail/store.h"

/* The bytes of a message to stdout; on a terminal they could act. */
enum command_result inbox_show_raw(struct command_call *c, struct db *db, int64_t id)
{
    struct error err = ERROR_INIT;
    struct str raw = STR_INIT;

    if (command_is_terminal(c) || command_is_screen(c)) {
        error_set(&err, STATUS_REFUSED, _("raw bytes may act on a terminal"));
        error_hint(&err, _("bureau show m%" PRId64 " --raw > FILE, or --text, --headers"), id);
        return command_fail(c, &err);
    }
    if (mail_message_file(db, id, &raw, &err) == STATUS_OK)
        command_raw(c, raw.data, raw.len);
    str_fini(&raw);
    return error_is(&err) ? command_fail(c, &err) : COMMAND_DONE;
}

/* The end of the header block. */
static size_t header_end(const struct str *raw)
{
    size_t at = 0;

    while (at < raw->len) {
        const char *nl = memchr(raw->data + at, '\n', raw->len - at);
        size_t line = nl ? (size_t)(nl - (raw->data + at)) : raw->len - at;
        if (line == 0 || (line == 1 && raw->data[at] == '\r'))
            break;
        at += line + 1;
    }
    return at < raw->len ? at : raw->len;
}

/* One unfolded header as {"name","value"}. */
static void push_header(struct json *list, struct str *line)
{
    char *colon = line->data ? strchr(line->data, ':') : NULL;

    if (colon) {
        struct json *o = json_object();
        *colon = '\0';
        json_set_str(o, "name", line->data);
        json_set_str(o, "value", str_trim(colon + 1));
        json_push(list, o);
    }
    str_clear(line);
}

/* The header block as it came. */
enum command_result inbox_show_headers(struct command_call *c, struct db *db, int64_t id)
{
    struct error err = ERROR_INIT;
    struct str raw = STR_INIT, text = STR_INIT, line = STR_INIT;
    struct json *o, *list;
    size_t at = 0;

    if (mail_message_stored(db, id, &raw, &err) != STATUS_OK) {
        str_fini(&raw);
        return command_fail(c, &err);
    }
    utf8_repair(&text, str_text(&raw), header_end(&raw));
    o = json_object();
    list = json_array();
    while (at < text.len) {
        const char *start = text.data + at, *nl = memchr(start, '\n', text.len - at);
        size_t n = nl ? (size_t)(nl - start) : text.len - at;
        at += n + 1;
        if (n && start[n - 1] == '\r')
            n--;
        if (!(n && (*start == ' ' || *start == '\t')))
            push_header(list, &line);
        str_add(&line, start, n);
    }
    push_header(list, &line);
    json_set(o, "headers", list);
    command_item(c, o, str_text(&text));
    str_fini(&raw);
    str_fini(&text);
    str_fini(&line);
    return COMMAND_DONE;
}
