/* draft_mirror.h - drafts in their account's folder of drafts, so that other programs and machines
 * find them: a pause after the last change, in the background; away when sent or deleted. */
#ifndef INBOX_DRAFT_MIRROR_H
#define INBOX_DRAFT_MIRROR_H

#include "command/hook.h"

extern const struct hook_work draft_mirror_work;

#endif
