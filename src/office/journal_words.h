/* journal_words.h - what a change of the journal was, in words. */
#ifndef OFFICE_JOURNAL_WORDS_H
#define OFFICE_JOURNAL_WORDS_H

#include "base/str.h"
#include "store/db.h"
#include "store/journal.h"

#define JOURNAL_VALUE 60 /* bytes of a value in a row */

/* Why a batch was made; yours. The code in the row becomes words, a name or another program's words stay. */
char *journal_why(const struct journal_row *r);
/* "INBOX -> Archive   Q3 报价单": what became of the thing, and its subject; a value without words of its own in so
 * many bytes. Foreign text. A few reads by index. */
void journal_words(struct db *db, const struct journal_item *i, size_t most, struct str *out);
/* The subject of the mail ('m') or conversation ('t'); yours, NULL when there is none. Foreign text. */
char *journal_subject(struct db *db, char letter, int64_t ref);

#endif
