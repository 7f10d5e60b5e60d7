/* textlive.h - an answer that streams into a text: finished blocks are drawn once, only the open
 * block is drawn anew, and that at most thirty times a second. Zeroed: nothing streams. */
#ifndef TUI_TEXTLIVE_H
#define TUI_TEXTLIVE_H

#include <stdbool.h>
#include <stddef.h>

struct loop_watch;
struct pane;
struct text;

struct textlive {
    size_t settled, mark;     /* bytes drawn for good, and where the open block begins in text */
    bool fresh;               /* something new to draw */
    struct pane *pane;        /* borrow: of the frame */
    struct loop_watch *frame; /* runs from the first piece that is not drawn yet */
};

/* What streams is drawn behind what the text holds now, from its first byte. */
void textlive_begin(struct textlive *l, struct text *t);
/* A piece came: the pane is drawn with the next frame. */
void textlive_more(struct textlive *l, struct pane *p);
/* Draws what came; all: the n bytes of Markdown so far. */
void textlive_draw(struct textlive *l, struct text *t, const char *all, size_t n);
/* The pane goes. */
void textlive_fini(struct textlive *l);

#endif
