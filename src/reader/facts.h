/* facts.h - what the headers of a mail say: people, ids, date, list and automatic-mail facts. */
#ifndef READER_FACTS_H
#define READER_FACTS_H

#include <gmime/gmime.h>
#include <stdbool.h>

#include "base/record.h"
#include "reader/found.h"

/* Adds the header fields of a WIRE_MESSAGE and what they warn of. False when there is no header
 * that a mail has. */
bool facts_write(struct record_writer *w, struct found *f, GMimeObject *mail);

#endif
