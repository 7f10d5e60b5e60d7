/* pane_inside.h - between the pane files of src/setup. */
#ifndef SETUP_PANE_INSIDE_H
#define SETUP_PANE_INSIDE_H

#include "base/str.h"
#include "command/config.h"
#include "setup/check.h"
#include "setup/discover.h"
#include "setup/models.h"
#include "setup/signin.h"
#include "tui/canvas.h"
#include "tui/pane.h"

/* In the order they are asked; a step that is not needed is passed over. */
enum step {
    STEP_ME,     /* name and address */
    STEP_FIND,   /* no question: the servers are looked for */
    STEP_MAIL,   /* a server, or a Maildir, mbox, folder */
    STEP_SMTP,   /* only when it was not found */
    STEP_HOW,    /* a provider that takes OAuth: password or sign-in */
    STEP_USER,   /* the login, of servers named by hand or when asked for */
    STEP_SECRET, /* the password */
    STEP_CLIENT, /* OAuth: the client's id … */
    STEP_CLIENT_SECRET,
    STEP_VISIT,  /* … and the page, or the code */
    STEP_TEST,   /* no question: the logins are tried */
    STEP_FAULT,  /* they failed: what now? */
    STEP_MODEL,
    STEP_KEY,
    STEP_DONE
};

struct setup {
    struct pane *pane; /* borrow */
    enum step step;
    bool first;        /* nothing is there yet: a model is asked for, too */
    bool again;        /* signs in at an account that is there */
    bool begun;
    enum step asked[24]; /* questions that were answered, for the way back; the last is before the one that is open */
    size_t asked_len;
    enum step open;      /* the question that is open; STEP_DONE: none */
    struct config_account a;
    char *address, *mail; /* own; NULL: skipped. mail: what is imported or followed */
    char *model_url, *model_name, *key_env; /* own */
    char *found_url, *found_model;          /* own: the first local model that answered */
    struct setup_servers found;
    struct str secret, client_secret;
    bool has_secret, signed_in, tested, device;
    char *visit_url, *visit_code; /* own: foreign */
    struct error fault;
    char pin[65];      /* key of a server that is not trusted; "" none */
    struct setup_models *models;
    struct setup_discover *discover;
    struct setup_signin *signin;
    struct setup_check *check;
};

/* pane_draw.c */
void setup_pane_draw(void *state, struct canvas *c, bool focused);
void setup_pane_why(void *state, struct str *out);
void setup_pane_hints(void *state, struct str *out);

/* pane_finish.c: writes what was answered, starts what follows, closes the pane. */
void setup_pane_finish(struct setup *s);

#endif
