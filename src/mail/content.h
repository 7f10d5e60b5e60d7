/* content.h - a parsed mail without its text, as the JSON that is kept beside the raw bytes. */
#ifndef MAIL_CONTENT_H
#define MAIL_CONTENT_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/message.h"

/* Appends the JSON of all fields but text. */
void mail_content_write(const struct mail_message *m, struct str *out);
/* And back: *out is yours; its text is NULL. */
enum status mail_content_read(const char *json, size_t n, struct mail_message **out,
                              struct error *err) MUST_CHECK;

/* "name <address>, …": what search and lists show of an address field (struct mail_address). */
void mail_content_addresses(const struct vec *addresses, struct str *out);

#endif
