/* summary_inside.h - what inbox/summary.c, offline_summary.c and their tests share. */
#ifndef INBOX_SUMMARY_INSIDE_H
#define INBOX_SUMMARY_INSIDE_H

#include "inbox/summary.h"

/* Lines with "[m12]" as struct summary_line, references checked; lines is initialised here. */
void summary_read(const char *text, const struct vec *sources /* model_source */, struct vec *lines);

/* model_offline.run of "summary". */
enum status offline_summary(const struct model_request *req, struct str *out, struct error *err);

#endif
