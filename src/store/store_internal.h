/* store_internal.h - closing and opening the connections of an open store, for care.c. */
#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include "store/store.h"

/* Ends the writer and the finder and closes every connection of this process. */
void store_disconnect(struct store *s);
/* Migrates when it is due and opens them again; nothing to do when they are open. */
enum status store_connect(struct store *s, struct error *err) MUST_CHECK;

#endif
