/* history.h - where, in the text of an answer, the older mail begins that its program put below it without
 * marking its lines with ">" (Outlook, QQ, phones). Pure; any thread. */
#ifndef INBOX_HISTORY_H
#define INBOX_HISTORY_H

#include <stddef.h>

/* The byte where its divider or its block of headers begins; n when there is none, or nothing stands
 * above it. */
size_t history_begins(const char *text, size_t n);

#endif
