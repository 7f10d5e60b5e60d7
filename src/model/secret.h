/* secret.h - secrets in text: found by form and checksum, replaced by placeholders before text
 * leaves, put back in what comes (also when a placeholder arrives in pieces). Pure. */
#ifndef MODEL_SECRET_H
#define MODEL_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/vec.h"

struct secret {
    char *placeholder; /* own: "[CARD-1-a3f9]" */
    char *value;       /* own */
};

struct secrets {
    struct vec items; /* struct secret */
    char nonce[8];    /* what no mail can guess */
    int counts[8];
};

void secrets_init(struct secrets *s, const char *nonce);
void secrets_fini(struct secrets *s);
/* Appends text with its secrets replaced; personal: addresses and telephone numbers, too. The same
 * value gets the same placeholder. Returns how many were replaced. */
int secrets_hide(struct secrets *s, const char *text, size_t n, bool personal, struct str *out);

/* Putting back, as a stream: what may be the beginning of a placeholder waits. */
struct secrets_back {
    const struct secrets *secrets; /* borrow */
    struct str pending;
};
void secrets_back_init(struct secrets_back *b, const struct secrets *s);
void secrets_back_fini(struct secrets_back *b);
void secrets_back_feed(struct secrets_back *b, const char *text, size_t n, struct str *out);
void secrets_back_end(struct secrets_back *b, struct str *out);

#endif
