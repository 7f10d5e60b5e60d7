/* config_inside.h - aliases, as config.c reads them. */
#ifndef COMMAND_CONFIG_INSIDE_H
#define COMMAND_CONFIG_INSIDE_H

/* Both are copied; a nick that was there gets these people. */
void config_alias_set(const char *nick, const char *people);
void config_alias_clear(void);

#endif
