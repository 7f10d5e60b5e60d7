/* imap_link.h - a session of an account: what it logs in with is asked for, then it is opened and
 * greeted. A token that is refused is renewed once. Loop thread. */
#ifndef MAIL_IMAP_LINK_H
#define MAIL_IMAP_LINK_H

#include "base/error.h"
#include "io/imap.h"
#include "store/store.h"

struct mail_imap_link;

struct mail_imap_link_events {
    void (*on_up)(void *user, struct imap *session);
    void (*on_response)(void *user, const struct imap_response *r);
    /* Once, last of all; the link is gone when it returns. */
    void (*on_down)(void *user, const struct error *why);
};

/* on_down may come for any reason, never from inside this call. */
struct mail_imap_link *mail_imap_link_open(struct store *s, const char *account,
                                           const struct mail_imap_link_events *ev, void *user);
/* How long to wait before the next try, when so many failed: from 1 to 2 s doubling, `longest` at most, up to half
 * of it chance, so that many do not come back at the same moment. Milliseconds. */
int64_t mail_imap_link_pause(int tries, int64_t longest);
/* LOGOUT when it is up, else it is given up; on_down follows. */
void mail_imap_link_close(struct mail_imap_link *l);
/* At once; on_down from inside or in the next turn. */
void mail_imap_link_cut(struct mail_imap_link *l);

#endif
