/* unpack.h - records of the reader process made structs again. Nothing in them is trusted: a field
 * of a wrong shape makes the whole record bad. */
#ifndef MAIL_UNPACK_H
#define MAIL_UNPACK_H

#include "base/record.h"
#include "base/vec.h"
#include "mail/message.h"

/* NULL when malformed; yours. */
struct mail_message *mail_unpack_message(struct record_view body);
/* cues: struct mail_cue; false when malformed. */
bool mail_unpack_cues(struct record_view body, struct vec *cues);
void mail_unpack_cues_init(struct vec *cues);

/* What an autoconfiguration file says; false when malformed. */
struct mail_servers;
bool mail_unpack_servers(struct record_view body, struct mail_servers *out);
/* Puts a field's text, mended, in the place of *to. */
void mail_unpack_text(char **to, const struct record_field *f);

#endif
