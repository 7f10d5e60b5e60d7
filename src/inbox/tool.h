/* tool.h - attachments through other programs (pdftotext, chafa, catdoc) beside the loop: in bureau-reader's
 * box of tools, inside bubblewrap too where that works. Loop thread only. */
#ifndef INBOX_TOOL_H
#define INBOX_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct loop;
struct tool;

enum { TOOL_OUTPUT_MAX = 2 << 20, TOOL_MS = 15000 };

/* Gives input to argv's stdin; done gets its stdout (cut: there was more), or an error that says what
 * it is and what to do. argv and input are copied. done comes once, never from inside this call, and
 * not at all after tool_stop. */
struct tool *tool_start(struct loop *l, const char *const argv[], const void *input, size_t n,
                        void (*done)(void *user, const struct str *out, bool cut,
                                     const struct error *err),
                        void *user);
void tool_stop(struct tool *t); /* NULL is allowed */
/* How long programs may take (TOOL_MS), for tests. */
void tool_set_limit(int64_t ms);

#endif
