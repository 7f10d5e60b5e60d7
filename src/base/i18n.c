/* SPDX-License-Identifier: GPL-3.0-or-later */
/* i18n.c - gettext, but for the language the texts are written in.
 *
 * gettext remembers what it found, not what it did not find: without a catalogue each text is
 * looked for anew through the environment and a list of files, a third of what a key costs. */
#include "base/i18n.h"

#include <libintl.h>
#include <stdbool.h>
#include <string.h>

static bool has_catalogue;

/* Looks whether the language has a catalogue: its head is what the empty text stands for. */
void i18n_start(const char *dir)
{
    bindtextdomain("bureau", dir);
    bind_textdomain_codeset("bureau", "UTF-8");
    textdomain("bureau");
    has_catalogue = *gettext("") != '\0';
}

/* Translates. */
const char *i18n_text(const char *text)
{
    return has_catalogue ? gettext(text) : text;
}

/* Translates what stands behind the context. */
const char *i18n_context(const char *context, const char *both)
{
    const char *found = i18n_text(both);
    return found == both ? both + strlen(context) + 1 : found;
}

/* Translates with a number. */
const char *i18n_plural(const char *one, const char *many, unsigned long n)
{
    return has_catalogue ? ngettext(one, many, n) : n == 1 ? one : many;
}
