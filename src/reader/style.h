/* style.h - just enough CSS to know what a person does not see.
 *
 * A style is inherited from element to element; declarations come from attributes, from rules with
 * one simple selector (tag, .class, #id) in <style>, and from style="…". Rules inside @media are
 * not for every reader and are left out. */
#ifndef READER_STYLE_H
#define READER_STYLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"

enum { COLOUR_UNSET = -1, COLOUR_UNKNOWN = -2, COLOUR_NONE = -3 };

struct style {
    bool gone;      /* display:none, opacity 0, off the screen: children too */
    bool invisible; /* visibility:hidden: a child may come back */
    bool tiny;      /* font of 0 or 1 px: a child may be larger */
    bool pre;
    int foreground, background; /* 0xRRGGBB or COLOUR_… */
};

struct style_rules {
    struct vec rules; /* struct style_rule */
};

#define STYLE_INIT                                                                                 \
    ((struct style){.foreground = COLOUR_UNSET, .background = 0xffffff})

void style_rules_init(struct style_rules *r);
void style_rules_fini(struct style_rules *r);
/* Reads the text of a <style> element. */
void style_rules_read(struct style_rules *r, const char *css, size_t n);

/* One element's own declarations, gathered, then laid over what is inherited. */
struct style_own {
    bool none, zero_opacity, mso, absolute, far, clipped, no_height, no_width, no_overflow, scaled;
    signed char visibility; /* -1 hidden, 1 visible */
    signed char size;       /* -1 tiny, 1 readable */
    signed char white;      /* 1 pre, -1 normal */
    int foreground, background;
};
#define STYLE_OWN_INIT ((struct style_own){.foreground = COLOUR_UNSET, .background = COLOUR_UNSET})

void style_own_read(struct style_own *own, const char *declarations, size_t n);
/* What the rules say for an element; class and id may be NULL. */
void style_own_match(struct style_own *own, const struct style_rules *r, const char *tag,
                     const char *classes, const char *id);
void style_apply(struct style *s, const struct style_own *own);
/* Can a person see text of this style? */
bool style_visible(const struct style *s);
/* "#fff", "rgb(…)", "white", "transparent". */
int style_colour(const char *text, size_t n);

#endif
