/* doctor.h - the check of the reader and its box for `doctor`. */
#ifndef MAIL_DOCTOR_H
#define MAIL_DOCTOR_H

#include <stdbool.h>

struct hook_report;
struct store;
struct loop;

void mail_doctor(struct hook_report *r, struct store *s, struct loop *l, bool offline);

#endif
