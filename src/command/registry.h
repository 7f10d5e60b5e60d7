/* registry.h - questions to the list of rows that only command/ and the docs ask. */
#ifndef COMMAND_REGISTRY_H
#define COMMAND_REGISTRY_H

#include <stdbool.h>

#include "base/vec.h"

/* Changes whenever rows were registered. */
unsigned command_serial(void);
bool command_has_verbs(const char *family);
/* First words, each once, sorted; strv. */
void command_families(bool screen, struct vec *out);
void command_verbs(const char *family, bool screen, struct vec *out);

#endif
