/* report.h - does a mail say what became of another one: could not be delivered, is delayed, was answered by a
 * machine? RFC 3464 (delivery reports), RFC 5965 (complaints), RFC 3834 (automatic answers), and the
 * reports that servers write as plain text. */
#ifndef READER_REPORT_H
#define READER_REPORT_H

#include <gmime/gmime.h>

/* Lines "kind bounce|delay|delivered|complaint|auto", "of ID", "rcpt ADDRESS<TAB>STATUS<TAB>REASON" (as
 * many as there are, 50 at most); text: the readable text of the mail. NULL when it reports nothing. Yours. */
char *report_of(GMimeObject *root, const char *text);

#endif
