/* template.h - answers written beforehand: text files with fields.
 *
 * A file NAME.txt in the templates folder beside bureaurc (else the program's data):
 *
 *     Name: delivery-date           (optional header block, ends at an empty line)
 *     Subject: Your order {{order}}
 *     Language: en
 *     Keywords: delivery date, shipment, 发货
 *
 *     Dear {{name}}, …
 *
 * Fields: {{name}} {{first_name}} {{subject}} {{my_name}} {{today}} are known; any other stays for
 * the person and blocks sending until filled; {{amount=48,200 EUR}} has a proposal. */
#ifndef INBOX_TEMPLATE_H
#define INBOX_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

struct paths;

struct template_file {
    char *name, *subject, *language, *keywords, *text, *path; /* own; "" when not given */
    struct vec fields;                                        /* strv, each once */
};
void template_fini_item(void *item);

struct template_fault {
    char *name, *message; /* own */
    int line;
};
void template_fault_fini_item(void *item);

/* All templates, by name: the user's folder first, then the program's (a user's name wins). */
enum status template_load(const struct paths *paths, struct vec *out /* template_file */,
                          struct error *err) MUST_CHECK;
/* NO_SUCH with the near names as hint. Fields of out are own: template_fini_item. */
enum status template_find(const struct paths *paths, const char *name, struct template_file *out,
                          struct error *err) MUST_CHECK;
/* Unclosed fields, bad names, empty text, two of one name. */
void template_check(const struct template_file *t, struct vec *faults);

struct template_value {
    const char *field, *value;
};
/* Fills known fields; unknown ones stay as they are. Values never open a field of their own. */
void template_fill(const char *text, const struct template_value *values, size_t n, struct str *out);

#endif
