/* text.h - scrolling, wrapped text: mails, answers, minutes, help.
 *
 * A text is lines of spans, appended at the end; every append of foreign bytes passes the gate,
 * whose state is kept, so a stream may be cut anywhere. Wrapping is remembered per line: what is
 * above does not move and is not wrapped again when something arrives. The view follows the end
 * only if it was there. Folds (quoted history) show as one line until opened. No terminal. */
#ifndef TUI_TEXT_H
#define TUI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "tui/canvas.h"
#include "tui/pane.h"

struct text;

struct text *text_new(void);
void text_free(struct text *t);
void text_clear(struct text *t); /* keeps the place by anchor when the same text comes again */

/* ---- building ---- */
/* Foreign bytes; "\n" ends a line. */
void text_foreign(struct text *t, unsigned style, const char *bytes, size_t n);
/* Our own words. */
void text_add(struct text *t, unsigned style, const char *words);
void text_addf(struct text *t, unsigned style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void text_newline(struct text *t); /* ends the line; a second one makes an empty line */
/* Hanging indent in cells for the lines that follow (lists, quotes). */
void text_indent(struct text *t, int first, int rest);
/* What is appended until text_ref_end can be opened: ref is "m12", "n4@00:12:31", "link 3",
 * "part 2"; number 1… is its [n] for `o`+digit, 0 none. */
void text_ref(struct text *t, const char *ref, int number);
/* The open reference is a hyperlink to this address, where the terminal has such. */
void text_ref_url(struct text *t, const char *url);
void text_ref_end(struct text *t);
/* An item that can be selected (a line of minutes, a message of a thread): begins at this line. */
void text_item(struct text *t, const char *id);
/* A place to jump to ("m12", "00:12:31"): this line. */
void text_anchor(struct text *t, const char *name);
/* The lines until text_fold_end show as one line `label` while folded. */
void text_fold(struct text *t, const char *label, bool folded);
void text_fold_end(struct text *t);
/* For Markdown that is read again while it grows: cut back to a mark, append anew. */
size_t text_mark(struct text *t);
void text_cut(struct text *t, size_t mark);
/* Foreign Markdown in styled lines (base/markdown.h): n bytes of whole blocks, or the open end of a
 * stream. first: nothing of the same answer stands above. */
void text_markdown(struct text *t, const char *markdown, size_t n, bool first);
/* Foreign bytes that chafa wrote: its colours (SGR 38;5, 48;5, 0) become those of the cells, every other
 * sequence is shown as the gate shows it. */
void text_picture(struct text *t, const char *bytes, size_t n);
/* The colours (canvas.h: PAINT) of what is appended from here on; 0: those of its style. */
void text_paint(struct text *t, uint32_t paint);
/* A marker is drawn behind the last character. */
void text_streaming(struct text *t, bool on);

/* ---- showing ---- */
void text_draw(struct text *t, struct canvas *c, bool focused);
/* Motion, items, search next: true when it was one of a text's. UP and DOWN scroll a line, or
 * move between items when text_select_items is on. */
bool text_verb(struct text *t, enum pane_verb verb, int arg);
bool text_search(struct text *t, const char *needle, int direction);
bool text_jump(struct text *t, const char *anchor);
void text_select_items(struct text *t, bool on);
const char *text_selected(const struct text *t);   /* id of the item, NULL */
const char *text_item_at(const struct text *t, size_t line); /* of the item a line belongs to; NULL */
bool text_select(struct text *t, const char *item);
/* ref of [n], or of the first ref of the selected item or top line when n is 0; NULL. */
const char *text_ref_at(struct text *t, int n);
bool text_unfold_all(struct text *t, bool open); /* false: nothing to fold */
bool text_at_end(struct text *t); /* its last line is in the window */
size_t text_found(const struct text *t); /* the line of the last match; none: the first on the screen */
size_t text_lines(const struct text *t);
/* First line on the screen, for coming back. */
size_t text_top(const struct text *t);
void text_set_top(struct text *t, size_t line);
/* All as plain text (copy, file). Yours. */
char *text_plain(const struct text *t);

#endif
