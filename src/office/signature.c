/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signature.c - finding, reading and placing signatures. */
#include "office/signature.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/config.h"
#include "command/option.h"

#define RULE "-- \n"
#define SIGNATURE_MAX (16u << 10)

/* "ADDRESS=FILE": the file when the address is this one; "FILE" gives NULL. */
static const char *file_of_identity(const char *value, const char *address, bool *for_one)
{
    const char *eq = strchr(value, '='), *at = strchr(value, '@');
    *for_one = eq && at && at < eq;
    if (!*for_one || !address || strlen(address) != (size_t)(eq - value) ||
        strncasecmp(value, address, (size_t)(eq - value)) != 0)
        return NULL;
    return eq + 1;
}

char *signature_path(const char *account, const char *address)
{
    const struct config_account *a = config_account(account);
    const char *file = NULL, *general = NULL;
    for (size_t i = 0; a && i < a->signatures.len && !file; i++) {
        bool for_one;
        file = file_of_identity(strv_at(&a->signatures, i), address, &for_one);
        if (!for_one)
            general = strv_at(&a->signatures, i);
    }
    if (!file)
        file = general ? general : option_text("compose.signature");
    return file && *file ? path_expand(file) : NULL;
}

char *signature_read(const char *account, const char *address, struct error *err)
{
    struct error ignored = ERROR_INIT;
    struct str raw = STR_INIT, clean = STR_INIT, out = STR_INIT;
    char *path = signature_path(account, address);
    if (path && path_read(path, SIGNATURE_MAX, &raw, err ? err : &ignored) == STATUS_OK) {
        utf8_repair(&clean, raw.data ? raw.data : "", raw.len);
        const char *p = str_text(&clean);
        if (str_starts(p, RULE)) /* many files bring their own */
            p += strlen(RULE);
        for (; *p; p++)
            if ((unsigned char)*p >= ' ' ? *p != 0x7f : *p == '\n' || *p == '\t')
                str_putc(&out, *p);
        while (out.len && strchr(" \n\t", out.data[out.len - 1]))
            str_truncate(&out, out.len - 1);
    }
    free(path);
    str_fini(&raw);
    str_fini(&clean);
    if (out.len)
        return str_take(&out);
    str_fini(&out);
    return NULL;
}

char *signature_place(const char *body, const char *signature, const char *tail)
{
    struct str out = STR_INIT;
    bool below = str_eq(option_text("compose.signature-place"), "below");
    str_puts(&out, body);
    if (signature && tail && !below)
        str_addf(&out, "\n\n%s", signature);
    if (tail)
        str_addf(&out, "\n\n%s", tail);
    if (signature && (!tail || below)) {
        while (tail && out.len && out.data[out.len - 1] == '\n')
            str_truncate(&out, out.len - 1);
        str_addf(&out, "\n\n" RULE "%s", signature);
    }
    return str_take(&out);
}

/* The last place of the block in the text, as whole lines; NULL. */
static const char *last_block(const char *text, const char *block)
{
    const char *found = NULL;
    size_t n = strlen(block);
    for (const char *p = text; n && (p = strstr(p, block)); p++)
        if ((p == text || p[-1] == '\n') && (p[n] == 0 || p[n] == '\n'))
            found = p;
    return found;
}

char *signature_swap(const char *text, const char *old, const char *fresh)
{
    const char *at = old ? last_block(text, old) : NULL;
    if (!at && fresh && !(old && *old)) { /* none stood there: under the text, or above the quote */
        const char *quote = strstr(text, "\n>");
        return quote || strstr(text, "\n" RULE) ? mem_strdup(text)
                                                 : signature_place(text, fresh, NULL);
    }
    if (!at)
        return mem_strdup(text); /* the person changed it: it is the person's */
    struct str out = STR_INIT;
    size_t before = (size_t)(at - text);
    bool rule = before >= strlen(RULE) &&
                strncmp(at - strlen(RULE), RULE, strlen(RULE)) == 0;
    if (!fresh && rule)
        before -= strlen(RULE);
    while (!fresh && before && text[before - 1] == '\n')
        before--;
    str_add(&out, text, before);
    if (fresh)
        str_puts(&out, fresh);
    str_puts(&out, at + strlen(old));
    return str_take(&out);
}
