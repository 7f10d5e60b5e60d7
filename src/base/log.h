/* log.h - the program's diary in state/log: ids, sizes, states; never content or secrets.
 * Thread-safe; before log_open() lines are dropped. Each line is one write(2). */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* Opens (0600, append) the file; it is renamed to FILE.1 when over 4 MiB. */
void log_open(const char *path);
void log_close(void);
/* --debug: also log_debug() lines. */
void log_set_debug(bool on);
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
