/* process.h - one bureau-reader process: started, sent requests, its records received.
 * Loop thread only. */
#ifndef MAIL_PROCESS_H
#define MAIL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/record.h"
#include "base/str.h"
#include "base/wire.h"

struct loop;
struct mail_process;

struct mail_process_events {
    /* A whole record; not WIRE_HELLO, which only makes mail_process_ready true. */
    void (*on_record)(void *user, struct mail_process *p, uint16_t type, struct record_view body);
    /* It ended, or spoke nonsense (then it was killed). Once; the process is still to be stopped. */
    void (*on_end)(void *user, struct mail_process *p, bool nonsense);
};

/* One request; wire.h says what the fields mean. */
struct mail_request {
    enum wire_type type;
    int number;
    enum wire_form form;
    int memfd; /* borrowed; -1: its bytes lie in the one that was sent last */
    size_t at, size;
};

/* The path of the program: BUREAU_READER, beside the running program, LIBEXECDIR. Yours. */
char *mail_process_program(void);

struct mail_process *mail_process_start(struct loop *l, const char *program, bool compose,
                                        const struct mail_process_events *events, void *user,
                                        struct error *err);
/* Kills it and releases p; NULL is allowed. May be called from the events. */
void mail_process_stop(struct mail_process *p);
/* Was its box closed, is it ready? */
bool mail_process_ready(const struct mail_process *p);
/* False with *full true: try again after an answer. False otherwise: it is gone. */
bool mail_process_send(struct mail_process *p, const struct mail_request *r, bool *full);
/* Takes in at once what it has said so far; false when it ended meanwhile (on_end was called). */
bool mail_process_drain(struct mail_process *p);

/* A memfd with these bytes that nobody can change any more; -1 with err set. */
int mail_process_memfd(const void *bytes, size_t n, struct error *err);
/* Starts one, waits for its hello, tells what its box is made of, ends it. */
enum status mail_process_probe(const char *program, struct str *out, struct error *err) MUST_CHECK;

#endif
