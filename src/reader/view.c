/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view.c - which reader an attachment goes to. */
#include "reader/view.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "reader/charset.h"
#include "reader/columns.h"
#include "reader/html.h"
#include "reader/mime.h"
#include "reader/office.h"
#include "reader/plain.h"
#include "reader/sniff.h"

enum kind { NONE, TEXT, HTML, COLUMNS, OFFICE };

/* Does the name end so? */
static bool ends(const char *name, const char *ending)
{
    size_t n = name ? strlen(name) : 0, len = strlen(ending);
    return n > len && strcasecmp(name + n - len, ending) == 0;
}

/* Is it a table of values? */
static bool is_columns(const char *claimed, const char *name)
{
    return str_eq(claimed, "text/csv") || str_eq(claimed, "text/tab-separated-values") ||
           ends(name, ".csv") || ends(name, ".tsv");
}

/* What to read it as. */
static enum kind kind_of(const char *claimed, const char *real, const char *name)
{
    if (!real)
        return NONE;
    if (str_starts(real, "application/vnd.openxmlformats-officedocument.") ||
        str_starts(real, "application/vnd.oasis.opendocument."))
        return OFFICE;
    if (str_eq(real, "application/zip"))
        return ends(name, ".docx") || ends(name, ".xlsx") || ends(name, ".pptx") ||
                       ends(name, ".odt") || ends(name, ".ods") || ends(name, ".odp")
                   ? OFFICE
                   : NONE;
    if (str_eq(real, "text/html"))
        return is_columns(claimed, name) ? COLUMNS : HTML;
    bool text = str_starts(real, "text/") || str_starts(real, "application/pgp") ||
                str_eq(real, "application/xml") || str_eq(real, "image/svg+xml");
    if (!text)
        return NONE;
    return is_columns(claimed, name) ? COLUMNS : TEXT;
}

/* Can it be shown? */
bool view_can(const char *claimed, const char *real, const char *name)
{
    return kind_of(claimed, real, name) != NONE;
}

/* A table; what does not fit is counted. */
static void add_columns(struct found *f, const char *claimed, const char *name, const struct str *text)
{
    bool tabs = str_eq(claimed, "text/tab-separated-values") || ends(name, ".tsv");
    size_t left = columns_add(&f->text, str_text(text), text->len, tabs ? '\t' : 0, FOUND_TEXT_MAX);
    f->truncated |= left > 0;
}

/* Shows it. */
void view_add(struct found *f, const char *claimed, const char *name, const char *charset,
              const char *bytes, size_t n)
{
    struct str text = STR_INIT;
    enum kind kind = kind_of(claimed, sniff_type(bytes, n), name);
    size_t most = kind == HTML ? MIME_HTML_MAX : kind == TEXT ? FOUND_TEXT_MAX : VIEW_BYTES_MAX;
    if (kind == NONE)
        return;
    if (n > most) {
        n = most;
        f->truncated = true;
    }
    if (kind == OFFICE) {
        if (!office_add(&f->text, bytes, n, FOUND_TEXT_MAX, &f->truncated))
            f->truncated = true;
        return;
    }
    charset_decode(charset, bytes, n, &text);
    if (kind == COLUMNS)
        add_columns(f, claimed, name, &text);
    else if (kind == HTML)
        html_add(f, str_text(&text), text.len);
    else
        plain_add(f, str_text(&text), text.len, false, false);
    str_fini(&text);
}
