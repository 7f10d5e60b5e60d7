/* models.h - model servers that people run on their own machine: looked for on loopback only. */
#ifndef SETUP_MODELS_H
#define SETUP_MODELS_H

struct loop;
struct setup_models;

/* on_found: once, from the loop, for the first that answers; strings are borrowed. */
struct setup_models *setup_models_look(struct loop *l,
                                       void (*on_found)(void *user, const char *url, const char *model),
                                       void *user);
void setup_models_stop(struct setup_models *m); /* NULL is allowed */

#endif
