/* db_dictionary.h - the dictionary that packs mail; see make_dictionary.py. */
#ifndef STORE_DB_DICTIONARY_H
#define STORE_DB_DICTIONARY_H

#include <stddef.h>

extern const size_t db_dictionary_mail1_len;
extern const unsigned char db_dictionary_mail1[];

#endif
