/* gate.h - the one gate to a model (safety.md, invariant 4): takes sources, the program's own
 * constants and what a person typed; gives the messages that may leave. Order: policy, invisible
 * characters out, quoted history and signatures off, secrets replaced, budget. Pure but for options. */
#ifndef MODEL_GATE_H
#define MODEL_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "model/model.h"
#include "model/secret.h"

enum model_policy { POLICY_ALLOW, POLICY_REDACT, POLICY_ASK, POLICY_NEVER };

struct model_prompt {
    struct json *messages;  /* own: array of {"role","content"} */
    struct secrets secrets; /* what was replaced */
    int passages;           /* sources that go */
    int refused;            /* sources that policy kept back */
    int asking;             /* of these, such as a person's yes would let go */
    int trimmed;            /* sources cut to the budget */
    int invisible;          /* invisible characters taken out */
    int64_t tokens;         /* our estimate of the whole */
};

/* The strictest policy of all that fit the source. */
enum model_policy model_policy_of(const struct model_source *s);
/* context: tokens of the model; REFUSED when policy forbids what the request is about (asking tells
 * whether a yes would do). */
enum status model_gate(const struct model_request *req, int64_t context, struct model_prompt *out,
                       struct error *err) MUST_CHECK;
void model_prompt_fini(struct model_prompt *p);
/* A low estimate: four ASCII bytes a token, three CJK characters two. */
int64_t model_tokens(const char *text, size_t n);
/* Takes quoted history and the signature off a mail's text; returns the bytes that stay. Quotes
 * between answered lines stay. */
size_t model_cut_quotes(const char *text, size_t n);
/* The policy options in one line each that cannot be read, for doctor; "" when all are good. Yours. */
char *model_policy_faults(void);

#endif
