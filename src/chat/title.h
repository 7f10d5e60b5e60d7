/* title.h - a short title for a conversation, made by a model after its first answer. Loop thread. */
#ifndef CHAT_TITLE_H
#define CHAT_TITLE_H

#include <stdint.h>

struct store;

/* Asks the model for titles, in the background; host: where the answer came from. Nothing is asked
 * when that would be the offline engine; a title that a person gave is never overwritten. */
void chat_title_ask(struct store *s, int64_t chat, const char *question, const char *answer,
                    const char *host);
/* A model's words as a title: one line, without marks around it, cut. Yours; "" when nothing is left. */
char *chat_title_clean(const char *text);

#endif
