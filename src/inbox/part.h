/* part.h - words for what a mail carries: kinds of files, appointments, signatures. Shared by show and
 * the screen, so that they say the same. */
#ifndef INBOX_PART_H
#define INBOX_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "mail/event.h"
#include "mail/message.h"
#include "mail/store.h"

/* A media type in words: "PDF", "PNG picture"; an unknown one as it is. Translated. */
const char *part_kind(const char *type);
/* Appends the kind: the real one, with the claimed one beside it when they differ. Foreign text. */
void part_type(const struct mail_part *p, struct str *out);
/* A file, or a mail inside the mail: what is listed and saved. */
bool part_is_file(const struct mail_part *p);
/* A mail that can be opened as one: message/rfc822, or text in a file that is named .eml. */
bool part_is_mail(const struct mail_part *p);
/* Can opening it run something? By its name, its claim and what it is. */
bool part_runs(const struct mail_part *p);
/* The type that decides what is done with it. */
const char *part_real(const struct mail_part *p);
/* NULL when number is none of m's. */
const struct mail_part *part_find(const struct mail_message *m, int number);

/* All that warns of a mail: the reader's words ("link-host-differs: a, b"), "first-sender" for somebody nobody
 * here has met before, what a mail system said of it ("not-delivered: ADDRESS: REASON"): strv, yours. */
void part_warnings(struct db *db, const struct mail_row *row, const struct mail_message *m,
                   struct vec *out);
/* One of them in words; appends. Foreign text. */
void part_warning(const char *warning, struct str *out);
/* The one that matters most. */
size_t part_worst(const struct vec *warnings);

/* "signed, not checked" and the like; NULL when m says nothing of the kind. Translated. */
const char *part_protection(const struct mail_message *m);
/* {"state","method","checked":false}, or NULL. */
struct json *part_protection_json(const struct mail_message *m);

/* {"kind","of","recipients":[{"address","status","reason"}]} of a mail that is a report; NULL. */
struct json *part_report_json(const struct mail_message *m);
/* What was reported of the mail with this Message-ID: an array of the same with "message". */
struct json *part_delivery_json(struct db *db, const char *message_id);

/* "could not be delivered to X: reason" when that was reported; NULL. Foreign text. Yours. */
char *part_undelivered(struct db *db, const char *message_id);

/* An appointment in lines: what, when (here, and there), where, who, how often. Foreign text. */
void part_event(const struct mail_event *e, int64_t now, struct str *out);
struct json *part_event_json(const struct mail_event *e);

#endif
