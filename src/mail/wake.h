/* wake.h - snoozed conversations come back by themselves. */
#ifndef MAIL_WAKE_H
#define MAIL_WAKE_H

#include "command/hook.h"

extern const struct hook_work mail_wake_work;

#endif
