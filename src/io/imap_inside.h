/* imap_inside.h - the session, shared by its files only: imap.c (connection), imap_talk.c (commands
 * out, responses in), imap_command.c (arguments). */
#ifndef IO_IMAP_INSIDE_H
#define IO_IMAP_INSIDE_H

#include "base/str.h"
#include "io/imap.h"
#include "io/transfer.h"

enum imap_state {
    IMAP_CONNECTING, /* libcurl's */
    IMAP_ASKING,     /* our CAPABILITY is under way */
    IMAP_READY,
    IMAP_CLOSED
};

enum imap_idling {
    IMAP_IDLE_OFF,
    IMAP_IDLE_ASKED, /* IDLE is sent, "+" has not come */
    IMAP_IDLE_ON,
    IMAP_IDLE_ENDING /* DONE is sent, the tagged answer has not come */
};

struct imap_piece { /* of a command on its way out */
    char *own;         /* own, or NULL */
    const char *bytes; /* own or borrow */
    size_t len;
    bool wait; /* the server's "+" first */
};

struct imap_command {
    struct imap_command *next;
    struct imap *imap; /* borrow */
    char tag[24];
    const char *verb;  /* borrow: a constant */
    struct str text;   /* being built */
    struct vec pieces; /* struct imap_piece */
    size_t piece, at;  /* written up to here */
    bool started, written, go_on, is_idle;
    void (*on_done)(void *user, const struct imap_result *r);
    void *user;
    struct error bad; /* the first bad argument */
};

struct imap {
    struct transfer transfer; /* first: the loop gives it back */
    struct loop_guest guest;
    struct loop *loop; /* borrow */
    struct imap_events events;
    void *user;
    char *host; /* own */
    int64_t connect_timeout_ms, answer_timeout_ms, idle_ms;
    uint64_t untagged_max, untagged;
    enum imap_state state;
    int busy;  /* callbacks under way: whoever ends the last one frees */
    bool posted; /* imap_talk_more waits in the loop */
    struct loop_watch *watch, *timer; /* the loop's */
    int64_t timer_due, last_heard, idle_since, opened, logout_due;
    struct imap_reader *reader;          /* own */
    struct vec capabilities, enabled;    /* strv */
    struct imap_command *first, *last;   /* own: unanswered, in the order they were sent */
    struct imap_command *writing;        /* borrow: the first that is not written whole */
    enum imap_idling idling;
    bool want_idle, paused, leaving, said_bye;
    unsigned tags;
    char tag_head[12];
    struct str out; /* bytes for the socket */
    size_t out_at;
    char *in; /* own: bytes from the socket, not taken by the reader yet */
    size_t in_at, in_len;
    char curl_error[CURL_ERROR_SIZE];
    char login_reply[512]; /* the server's last tagged line while libcurl logged in */
    char bye[300];
};

/* imap.c */
void imap_fail(struct imap *s, const struct error *why); /* closes and tells */
void imap_arm(struct imap *s);                           /* sets the timer for what is due next */
void imap_enter(struct imap *s);                         /* around callbacks */
bool imap_leave(struct imap *s);                         /* false: it is closed and may be gone */
void imap_command_end(struct imap *s, struct imap_command *c, const struct imap_result *r);

/* imap_talk.c */
void imap_talk_flush(struct imap *s); /* writes what the socket takes */
void imap_talk_read(struct imap *s);  /* reads, parses, tells */
void imap_talk_more(void *user);      /* the same, posted */
void imap_talk_queue(struct imap *s, struct imap_command *c);
void imap_talk_rest(struct imap *s); /* idles if nothing is to do */

/* imap_command.c */
void imap_learn(struct vec *to, const struct vec *words);

#endif
