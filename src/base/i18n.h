/* i18n.h - gettext. _() translates now; N_() marks a text for tables and translates later; C_() tells
 * apart what one English word says in several places, NC_() marks such a word for tables. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

/* Takes the catalogue of the locale's language below a folder. Call once, after setlocale and
 * before other threads; without a catalogue texts are taken as they are written. */
void i18n_start(const char *dir);
/* The text in the person's language; borrowed for ever. */
const char *i18n_text(const char *text) __attribute__((format_arg(1)));
const char *i18n_plural(const char *one, const char *many, unsigned long n)
    __attribute__((format_arg(1), format_arg(2)));

/* The same of a word that means different things: context says which. */
const char *i18n_context(const char *context, const char *both);

#define _(text) i18n_text(text)
#define N_(text) text
#define C_(context, text) i18n_context(context, context "\004" text)
#define NC_(context, text) text
#define P_(one, many, n) i18n_plural(one, many, (unsigned long)(n))

#endif
