/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options.c - the settings of models. */
#include "base/i18n.h"
#include "command/option.h"
#include "model/commands.h"

#define HOUR (3600 * 1000LL)
#define DAY (24 * HOUR)

const struct option model_options[] = {
    {.name = "model.policy",
     .type = OPTION_CHOICE,
     .fallback = "ask",
     .choices = "ask allow never",
     .summary = N_("Whether text may go to a model at all: “ask” wants a yes before the first use "
                   "of a key that only stands in OPENAI_API_KEY, “never” leaves the offline engine.")},
    {.name = "model.background",
     .type = OPTION_BOOL,
     .fallback = "off",
     .summary = N_("Whether sorting that nobody asked for may use a model that is not on this "
                   "machine.")},
    {.name = "model.idle-timeout",
     .type = OPTION_DURATION,
     .fallback = "60s",
     .min = 1000,
     .max = HOUR,
     .summary = N_("How long a stream may be silent before it counts as cut.")},
    {.name = "model.first-timeout",
     .type = OPTION_DURATION,
     .fallback = "5min",
     .min = 1000,
     .max = HOUR,
     .summary = N_("How long a model may take before it sends its first byte.")},
    {.name = "model.context",
     .type = OPTION_INT,
     .fallback = "100000",
     .min = 1000,
     .max = 10000000,
     .unit = N_("tokens"),
     .summary = N_("How much a model is given to read when its line in bureaurc does not say.")},
    {.name = "model.policy-account",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("Which accounts' mail a model may see: “PATTERN never|ask|redact|allow, …”; the "
                   "strictest that fits counts.")},
    {.name = "model.policy-folder",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("Which folders' mail a model may see, as in model.policy-account.")},
    {.name = "model.policy-sender",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("Whose mail a model may see, such as “*@bank.example never, boss@example.com "
                   "ask”.")},
    {.name = "model.policy-label",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("Mail with which labels a model may see, as in model.policy-account.")},
    {.name = "model.policy-note",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("Which notes and transcripts a model may see, by id or title: “n4 never, "
                   "*salary* never”.")},
    {.name = "model.redact",
     .type = OPTION_BOOL,
     .fallback = "off",
     .summary = N_("Whether addresses and telephone numbers are replaced in everything that goes to "
                   "a model (secrets always are).")},
    {.name = "model.egress-keep",
     .type = OPTION_DURATION,
     .fallback = "90d",
     .min = DAY,
     .max = 3650 * DAY,
     .summary = N_("How long the exact bytes that left are kept; host, purpose and size stay.")},
    {0}};
