/* transcript.h - what was said in a meeting, from WebVTT, SRT or plain text: cues with times in
 * milliseconds, speaker and text. Cues of one speaker at most two seconds apart become one. */
#ifndef READER_TRANSCRIPT_H
#define READER_TRANSCRIPT_H

#include <stddef.h>

#include "base/str.h"

enum { TRANSCRIPT_MAX = 8 << 20, TRANSCRIPT_CUES_MAX = 100000 };

/* Appends a WIRE_CUES record. */
void transcript_read(const char *bytes, size_t n, struct str *answer);

#endif
