/* ids.h - what a CMD_IDS command works on, resolved before its run() is called.
 *
 * The first min_args positional arguments of a CMD_IDS row are its own ("lane LANE ID…": min_args
 * 1); every one after them is an id. With max_args -1 (many) the machine also takes "-" (ids from
 * stdin, white space between) and adds the options --query Q and --threads. The search runs in
 * place in batch and on the finder on the screen; by the contract an empty query is refused (2),
 * "*" or more than COMMAND_IDS_MANY hits need --yes. On the screen, when no id and no query is
 * given, the screen's target supplies the marked or selected rows (one row unless many).
 *
 * run() then finds its ids in command_ids(): in the order given, each once. Only their form has
 * been checked; whether m12 exists is the command's to tell (NO_SUCH, or a skipped item). With an
 * id argument required and none there, run() is not called (USAGE). */
#ifndef COMMAND_IDS_H
#define COMMAND_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "command/command.h"

#define COMMAND_IDS_MANY 200 /* more hits of a query than this need --yes */
#define COMMAND_ID_TEXT 24   /* a buffer for any id as text */

struct command_target {
    char letter; /* 'm', 't', 'd', … */
    int64_t number;
    int64_t from; /* 0, or the second of a place "n4@00:12:31" in milliseconds + 1 */
};

/* struct command_target; borrowed until the call ends. */
const struct vec *command_ids(const struct command_call *c);
/* The query they came from (--query), NULL when named one by one. */
const char *command_ids_query(const struct command_call *c);
/* "m12". Returns buf. */
const char *command_id_text(char letter, int64_t number, char buf[COMMAND_ID_TEXT]);
/* Appends one id when it is not there yet; what a screen's target() does for each row. */
void command_ids_add(struct vec *ids, char letter, int64_t number);
/* {"id","why"} for the "skipped" array of a changing command's result. */
void command_skip(struct json *skipped, char letter, int64_t number, const char *why);
/* Fills the error of a command some of whose ids do not exist: exit 3. list: the command that lists them. */
void command_missing(struct error *err, int count, const char *list);

#endif
