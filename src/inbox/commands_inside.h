/* commands_inside.h - what the command files of drafts, sending and triage share. */
#ifndef INBOX_COMMANDS_INSIDE_H
#define INBOX_COMMANDS_INSIDE_H

#include "base/json.h"
#include "command/command.h"
#include "inbox/checks.h"
#include "inbox/draft.h"

/* Options of a row without the noise. */
#define OPT(...) ((const struct command_option[]){__VA_ARGS__, {0}})
#define KEYS(...) ((const struct command_key[]){__VA_ARGS__, {0}})

/* Reads argument i as an id of this letter. USAGE. */
enum status command_take_id(const struct command_call *c, size_t i, char letter, int64_t *number,
                            struct error *err) MUST_CHECK;
/* {"name","address"} rows. */
struct json *command_people_json(const struct vec *addresses);
/* A draft as the contract's object; checks may be NULL. */
struct json *command_draft_json(const struct draft *d, const struct checks *checks);
/* draft_get; a stream whose program is dead is taken over first (batch). */
enum status command_draft_get(struct command_call *c, int64_t id, struct draft **out,
                              struct error *err) MUST_CHECK;
/* Every check that a person should see, to stderr. */
void command_tell_checks(struct command_call *c, const struct checks *checks);
/* The error of a stream's end as the contract's exit status; prints nothing on complete. */
void command_end_stream(struct command_call *c, int state /* enum model_state */, const struct error *err);

enum command_result command_reply(struct command_call *c);
enum command_result command_compose(struct command_call *c);
enum command_result command_forward(struct command_call *c);
enum command_result command_edit_as_new(struct command_call *c);
enum command_result command_draft_list(struct command_call *c);
enum command_result command_draft_show(struct command_call *c);
enum command_result command_draft_check(struct command_call *c);
enum command_result command_draft_edit(struct command_call *c);
enum command_result command_draft_delete(struct command_call *c);
enum command_result command_send(struct command_call *c);
enum command_result command_outbox_list(struct command_call *c);
enum command_result command_outbox_show(struct command_call *c);
enum command_result command_outbox_cancel(struct command_call *c);
enum command_result command_outbox_retry(struct command_call *c);
enum command_result command_outbox_run(struct command_call *c);
enum command_result command_triage(struct command_call *c);
enum command_result command_lane(struct command_call *c);
enum command_result command_summary(struct command_call *c);
enum command_result command_template_list(struct command_call *c);
enum command_result command_template_show(struct command_call *c);
enum command_result command_template_check(struct command_call *c);

#endif
