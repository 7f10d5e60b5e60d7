/* template.h - answers written beforehand: text files with fields.
 *
 * A file NAME.txt in the folder "templates" beside bureaurc:
 *
 *     Name: Confirm a quotation     (a header block that ends at an empty line; all optional)
 *     Language: en
 *     For: quotation price total    (words that make it fit a mail)
 *     Subject: Your order
 *
 *     Dear {first name}, thank you … {gap: yes/no: we confirm the total of {amount}}
 *
 * Fields are filled from the mail where they are known (name, first name, my name, subject, today,
 * amount, date); any other becomes a gap "[fill: field]", and {gap: …} becomes "[…]": gaps block
 * sending until a person has filled them. "confirm-quote.en.txt" is found as confirm-quote.en, or
 * as confirm-quote with the language of the mail. */
#ifndef INBOX_TEMPLATE_H
#define INBOX_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

struct paths;

struct template_file {
    char *name;     /* own, as are all: file name without ".txt" */
    char *title, *subject, *language, *words, *text, *path; /* "" when not given */
    struct vec fields; /* strv, each once; gaps not among them */
};
void template_fini_item(void *item);

struct template_fault {
    char *name, *message; /* own */
    int line;             /* of the file, from 1 */
};
void template_fault_fini_item(void *item);

/* All templates, sorted by name. A folder that is not there holds none. */
enum status template_load(const struct paths *paths, struct vec *out /* template_file */,
                          struct error *err) MUST_CHECK;
/* NO_SUCH with the names there are as hint. language NULL: any. Release with template_fini_item. */
enum status template_find(const struct paths *paths, const char *name, const char *language,
                          struct template_file *out, struct error *err) MUST_CHECK;
/* Open braces, empty text, unknown header lines. */
void template_check(const struct template_file *t, struct vec *faults);

struct template_value {
    const char *field, *value; /* value NULL: not known */
};
/* Appends the text filled as said above. Values never open a field of their own. */
void template_fill(const char *text, const struct template_value *values, size_t n, struct str *out);

#endif
