/* gate.h - the one way of foreign bytes to a terminal (safety.md, invariant 3).
 *
 * Everything that did not come from this program's own tables (mail text, headers, names, server
 * words, model streams, file names, old history) passes here before it reaches the screen or a
 * terminal's stdout. C0, C1, DEL, bidi controls, zero-width and tag characters come out as visible
 * marks ("␛", "⟦U+202E⟧" or, in ASCII, "^["); joiners, variation selectors and skin tones vanish;
 * malformed bytes are U+FFFD. The output holds no byte below 0x20 but "\n" (and "\t" as spaces),
 * and no byte sequence a terminal would act on. State is kept between calls: a stream cut at any
 * byte gives the same output as in one piece. */
#ifndef BASE_GATE_H
#define BASE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum gate_mode {
    GATE_LINE, /* one line: "\n" and "\r" become a visible mark too */
    GATE_TEXT  /* many lines: "\n" passes, "\r\n" becomes "\n", tabs go to the next 8th column */
};

struct gate {
    enum gate_mode mode;
    bool ascii; /* marks in ASCII */
    char pending[8];
    size_t pending_len;
    bool cr;
    size_t column;
};

void gate_init(struct gate *g, enum gate_mode mode, bool ascii);
void gate_feed(struct gate *g, const char *bytes, size_t n, struct str *out);
/* The stream has ended: an unfinished character becomes U+FFFD. */
void gate_end(struct gate *g, struct str *out);
/* All at once; the text is yours. */
char *gate_line(const char *text);
char *gate_text(const char *text);

/* An address of the web or of mail that a terminal may be handed as a hyperlink (OSC 8): http, https
 * or mailto, at most 2,000 bytes; what is not printable ASCII is percent-encoded. Appends; false, and
 * nothing appended, for any other. */
bool gate_url(const char *url, struct str *out);

#endif
