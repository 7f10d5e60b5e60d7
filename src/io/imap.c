/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap.c - the connection of a session: opening, times, the end.
 *
 * libcurl connects and logs in inside the loop's multi handle (CURLOPT_CONNECT_ONLY); afterwards the
 * handle stays there, for taking it out would close the connection, and its socket is a descriptor
 * of the loop. Everything is told in callbacks; one of them may close the session, so the memory goes
 * when the outermost has returned. */
#include "io/imap.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "base/log.h"
#include "io/imap_inside.h"
#include "io/loop.h"

#define LOGOUT_MS 2000
#define DONE_MS 10000 /* the end of an IDLE takes a server no work: so long unanswered, the line is dead */
#define KEEP_IDLE_S 60 /* a silent peer is asked for a sign of life by TCP after; */
#define KEEP_EVERY_S 15
#define KEEP_TRIES 3 /* without one it is gone: a VPN, a network that was left */

/* Releases everything. */
static void session_free(struct imap *s)
{
    while (s->first) {
        struct imap_command *c = s->first;
        s->first = c->next;
        imap_command_free(c);
    }
    if (s->transfer.easy)
        curl_easy_cleanup(s->transfer.easy);
    imap_reader_free(s->reader);
    vec_fini(&s->capabilities);
    vec_fini(&s->enabled);
    str_fini(&s->out);
    free(s->in);
    free(s->host);
    explicit_bzero(s->login_reply, sizeof s->login_reply);
    free(s);
}

/* A callback begins. */
void imap_enter(struct imap *s)
{
    s->busy++;
}

/* A callback has ended; the outermost frees a closed session. */
bool imap_leave(struct imap *s)
{
    bool open = s->state != IMAP_CLOSED;
    if (--s->busy == 0 && !open)
        session_free(s);
    return open;
}

/* Tells a command's end and frees it; the session is entered. */
static void tell_end(struct imap_command *c, const struct imap_result *r)
{
    if (c->on_done)
        c->on_done(c->user, r);
    imap_command_free(c);
}

/* The same from outside. */
void imap_command_end(struct imap *s, struct imap_command *c, const struct imap_result *r)
{
    imap_enter(s);
    tell_end(c, r);
    imap_leave(s);
}

/* Takes the session off the loop. */
static void detach(struct imap *s)
{
    s->state = IMAP_CLOSED;
    loop_remove(s->loop, s->watch);
    loop_remove(s->loop, s->timer);
    s->watch = s->timer = NULL;
    if (s->posted)
        loop_unpost(s->loop, imap_talk_more, s);
    s->posted = false;
    loop_transfer_remove(s->loop, &s->transfer);
    loop_guest_remove(s->loop, &s->guest);
}

/* Closes, tells every command, then the end. */
void imap_fail(struct imap *s, const struct error *why)
{
    struct error copy = *why; /* it may be the session's own */
    if (s->state == IMAP_CLOSED)
        return;
    imap_enter(s);
    detach(s);
    log_info("imap: %s: closed (%s)", s->host, status_word(why->status));
    while (s->first) {
        struct imap_command *c = s->first;
        struct imap_result r = {.end = c->started ? IMAP_LOST : IMAP_UNSENT, .error = copy};
        if (!error_is(&r.error))
            error_set(&r.error, STATUS_INTERRUPTED, _("The session with %s has ended"), s->host);
        s->first = c->next;
        tell_end(c, &r);
    }
    if (s->events.on_closed)
        s->events.on_closed(s->user, &copy);
    imap_leave(s);
}

/* Closes at once. */
void imap_close(struct imap *s)
{
    struct error why = ERROR_INIT;
    error_set(&why, STATUS_INTERRUPTED, _("Cancelled"));
    imap_fail(s, &why);
}

/* The loop goes first: nobody is told. */
static void on_loop_free(struct loop_guest *g)
{
    struct imap *s = (struct imap *)(void *)((char *)g - offsetof(struct imap, guest));
    loop_transfer_remove(s->loop, &s->transfer);
    session_free(s);
}

/* When the session must have heard something; -1: it may wait for ever. */
static int64_t next_due(const struct imap *s)
{
    int64_t due = -1;
    if (s->state == IMAP_CONNECTING || s->state == IMAP_ASKING)
        return s->opened + s->connect_timeout_ms;
    if (s->leaving)
        return s->logout_due;
    if (s->idling == IMAP_IDLE_ON)
        return s->idle_since + s->idle_ms;
    if (s->first && !s->paused)
        due = s->last_heard +
              (s->idling == IMAP_IDLE_ENDING && s->answer_timeout_ms > DONE_MS ? DONE_MS : s->answer_timeout_ms);
    return due;
}

/* The time is over, or the timer was set for something that has passed. */
static void on_time(void *user)
{
    struct imap *s = user;
    struct error why = ERROR_INIT;
    int64_t due = next_due(s);
    s->timer = NULL;
    if (due < 0)
        return;
    if (clock_mono_ms() < due) {
        imap_arm(s);
        return;
    }
    if (s->state == IMAP_READY && s->idling == IMAP_IDLE_ON && !s->leaving) {
        s->idling = IMAP_IDLE_ENDING; /* a dead line does not answer this */
        str_puts(&s->out, "DONE\r\n");
        s->last_heard = clock_mono_ms();
        imap_enter(s);
        imap_talk_flush(s);
        imap_leave(s);
        return;
    }
    if (!s->leaving)
        error_set(&why, STATUS_UNREACHABLE, _("%s did not answer in time"), s->host);
    imap_fail(s, &why);
}

/* Sets the timer, if what is due comes before it. */
void imap_arm(struct imap *s)
{
    int64_t due = next_due(s);
    if (s->state == IMAP_CLOSED || due < 0 || (s->timer && s->timer_due <= due))
        return;
    loop_remove(s->loop, s->timer);
    s->timer_due = due;
    s->timer = loop_timer(s->loop, due - clock_mono_ms(), on_time, s);
}

/* The socket is ready. */
static void on_socket(void *user, int events)
{
    struct imap *s = user;
    (void)events;
    imap_talk_read(s);
}

/* Our CAPABILITY is answered: the session is open. */
static void on_capability(void *user, const struct imap_result *r)
{
    struct imap *s = user;
    struct error why = ERROR_INIT;
    if (s->state == IMAP_CLOSED || r->end == IMAP_LOST || r->end == IMAP_UNSENT)
        return;
    if (!imap_has(s, "IMAP4rev1") && !imap_has(s, "IMAP4rev2")) {
        error_set(&why, STATUS_CORRUPT, _("%s does not speak IMAP4rev1"), s->host);
        imap_fail(s, &why);
        return;
    }
    s->state = IMAP_READY;
    log_info("imap: %s: open", s->host);
    if (s->events.on_ready)
        s->events.on_ready(s->user);
}

/* Why libcurl could not log in. */
static void explain_login(struct imap *s, CURLcode code, struct error *why)
{
    const char *no = strstr(s->login_reply, "[UNAVAILABLE]");
    no = no ? no : strstr(s->login_reply, "[INUSE]");
    no = no ? no : strstr(s->login_reply, "[LIMIT]");
    if (code == CURLE_LOGIN_DENIED && s->login_reply[0]) {
        char *words = gate_line(s->login_reply);
        error_set(why, no ? STATUS_UNREACHABLE : STATUS_REFUSED, _("%s refused the login: %s"), s->host, words);
        if (!no)
            error_hint(why, _("check the user name and the password command"));
        free(words);
    } else if (code == CURLE_LOGIN_DENIED) {
        error_set(why, STATUS_REFUSED, _("%s offers no way to log in that is safe here"), s->host);
    } else if (code == CURLE_USE_SSL_FAILED) {
        error_set(why, STATUS_REFUSED, _("%s offers no encryption: nothing was sent to it"), s->host);
        error_hint(why, _("use imaps:// if the server has it"));
    } else {
        transfer_explain(why, code, s->host, s->curl_error, false);
        if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH) /* no time heals it */
            why->status = STATUS_REFUSED;
    }
}

/* Has TCP find out when the other side is gone without a word. */
static void keep_alive(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {{SOL_SOCKET, SO_KEEPALIVE, 1},
                   {IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S},
                   {IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EVERY_S},
                   {IPPROTO_TCP, TCP_KEEPCNT, KEEP_TRIES}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        (void)setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}

/* libcurl has connected and logged in, or failed to. */
static void on_connected(struct transfer *t, CURLcode code)
{
    struct imap *s = (struct imap *)(void *)t;
    struct error why = ERROR_INIT;
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (code == CURLE_OK)
        curl_easy_getinfo(s->transfer.easy, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD) {
        explain_login(s, code, &why);
        imap_fail(s, &why);
        return;
    }
    s->state = IMAP_ASKING;
    keep_alive((int)fd);
    s->watch = loop_fd(s->loop, (int)fd, LOOP_READ, on_socket, s);
    struct imap_command *c = imap_command(s, "CAPABILITY");
    (void)!imap_send(c, on_capability, s, &why);
}

/* Nothing is told while libcurl works. */
static void on_deliver(struct transfer *t)
{
    (void)t;
}

/* Keeps the last tagged line of the login: a refusal in the server's words. */
static size_t on_login_line(char *line, size_t size, size_t count, void *user)
{
    struct imap *s = user;
    size_t n = size * count, len = n;
    while (len && (line[len - 1] == '\r' || line[len - 1] == '\n'))
        len--;
    const char *blank = memchr(line, ' ', len);
    if (!blank || line[0] == '*' || line[0] == '+')
        return n;
    size_t from = (size_t)(blank - line) + 1, kept = len - from;
    bool no = kept > 2 && (strncasecmp(line + from, "NO", 2) == 0 || strncasecmp(line + from, "BAD", 3) == 0);
    kept = kept < sizeof s->login_reply - 1 ? kept : sizeof s->login_reply - 1;
    if (no) {
        memcpy(s->login_reply, line + from, kept);
        s->login_reply[kept] = '\0';
    }
    return n;
}

/* Splits the URL: scheme, host, port; the URL for libcurl is yours. */
static char *check_url(struct imap *s, const struct imap_config *c, bool *implicit, struct error *err)
{
    char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *user = NULL, *url = NULL;
    CURLU *u = curl_url();
    if (!u)
        mem_exhausted();
    if (strpbrk(c->url, "\r\n") || curl_url_set(u, CURLUPART_URL, c->url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "imap") != 0 && strcmp(scheme, "imaps") != 0) ||
        curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || !host[0] ||
        (curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") != 0) ||
        curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK) {
        error_set(err, STATUS_USAGE, _("“%s” is not an imaps:// or imap:// address"), c->url);
        goto out;
    }
    s->host = mem_strdup(host);
    *implicit = strcmp(scheme, "imaps") == 0;
    if (c->plaintext && !*implicit && !host_is_loopback(host)) {
        error_set(err, STATUS_REFUSED, _("The password for %s would go unencrypted"), host);
        error_hint(err, _("“plaintext” only counts towards this machine; use imaps:// or STARTTLS"));
        goto out;
    }
    curl_url_get(u, CURLUPART_PORT, &port, 0);
    url = str_format("%s://%s:%s/", scheme, host, port ? port : *implicit ? "993" : "143");
out:
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_free(user);
    curl_url_cleanup(u);
    return url;
}

/* What libcurl has to know. */
static void set_options(struct imap *s, const struct imap_config *c, const char *url, const char *pin, bool clear)
{
    CURL *e = s->transfer.easy;
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(e, CURLOPT_USE_SSL, (long)(clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    transfer_set_tls(e, pin);
    curl_easy_setopt(e, CURLOPT_USERNAME, c->user ? c->user : "");
    if (c->token) {
        curl_easy_setopt(e, CURLOPT_XOAUTH2_BEARER, c->token);
        curl_easy_setopt(e, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
    } else {
        curl_easy_setopt(e, CURLOPT_PASSWORD, c->password ? c->password : "");
    }
    curl_easy_setopt(e, CURLOPT_SASL_IR, 1L);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_login_line);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, s->curl_error);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_timeout_ms);
    if (host_is_loopback(s->host))
        curl_easy_setopt(e, CURLOPT_PROXY, "");
}

/* Does a login hold what would end a line? */
static bool breaks_line(const char *t)
{
    return t && strpbrk(t, "\r\n");
}

/* Opens a session. */
struct imap *imap_open(struct loop *l, const struct imap_config *c, const struct imap_events *ev, void *user,
                       struct error *err)
{
    unsigned char noise[5];
    bool implicit = false;
    char *url = NULL, *pin = NULL;
    if (!transfer_global()) {
        error_set(err, STATUS_FAILED, _("libcurl 7.88 or newer is not installed: nothing can go to the network"));
        return NULL;
    }
    struct imap *s = mem_alloc(sizeof *s);
    s->loop = l;
    s->events = *ev;
    s->user = user;
    strv_init(&s->capabilities);
    strv_init(&s->enabled);
    s->connect_timeout_ms = c->connect_timeout_ms ? c->connect_timeout_ms : 15000;
    s->answer_timeout_ms = c->answer_timeout_ms ? c->answer_timeout_ms : 60000;
    s->idle_ms = c->idle_ms ? c->idle_ms : 28 * 60000;
    s->untagged_max = c->untagged_max ? c->untagged_max : 4000000;
    randombytes_buf(noise, sizeof noise);
    s->tag_head[0] = 'b';
    sodium_bin2hex(s->tag_head + 1, sizeof s->tag_head - 1, noise, 5);
    url = check_url(s, c, &implicit, err);
    if (!url)
        goto refused;
    if (breaks_line(c->user) || breaks_line(c->password) || breaks_line(c->token)) {
        error_set(err, STATUS_REFUSED, _("The login for %s holds a line break"), s->host);
        goto refused;
    }
    if (c->pin && !(pin = transfer_pin(c->pin))) {
        error_set(err, STATUS_USAGE, _("The pin is not a SHA-256 in hex"));
        goto refused;
    }
    s->reader = imap_reader_new(&c->limits);
    s->transfer.easy = curl_easy_init();
    if (!s->transfer.easy)
        mem_exhausted();
    s->transfer.deliver = on_deliver;
    s->transfer.done = on_connected;
    s->transfer.stays = true;
    s->guest.on_free = on_loop_free;
    s->opened = s->last_heard = clock_mono_ms();
    set_options(s, c, url, pin, c->plaintext && !implicit);
    if (!loop_transfer_add(l, &s->transfer)) {
        error_set(err, STATUS_FAILED, _("The connection to %s cannot be started"), s->host);
        goto refused;
    }
    loop_guest_add(l, &s->guest);
    imap_arm(s);
    free(url);
    free(pin);
    return s;
refused:
    free(url);
    free(pin);
    session_free(s);
    return NULL;
}

/* LOGOUT is answered: with OK, or the line went. */
static void on_logged_out(void *user, const struct imap_result *r)
{
    struct imap *s = user;
    struct error fine = ERROR_INIT;
    (void)r;
    imap_fail(s, &fine); /* nothing when it is closed already */
}

/* Leaves politely. */
void imap_logout(struct imap *s)
{
    struct error why = ERROR_INIT;
    if (s->state != IMAP_READY) {
        imap_close(s);
        return;
    }
    s->want_idle = false;
    s->leaving = true;
    s->logout_due = clock_mono_ms() + LOGOUT_MS;
    (void)!imap_send(imap_command(s, "LOGOUT"), on_logged_out, s, &why);
    imap_arm(s);
}

/* Whom we talk to. */
const char *imap_host(const struct imap *s)
{
    return s->host;
}

/* Unanswered commands; an IDLE is none. */
size_t imap_pending(const struct imap *s)
{
    size_t n = 0;
    for (const struct imap_command *c = s->first; c; c = c->next)
        n += !c->is_idle;
    return n;
}

/* Idles between commands from now on, or no longer. */
bool imap_idle(struct imap *s, bool on)
{
    if (on && !imap_has(s, "IDLE"))
        return false;
    if (s->state != IMAP_READY || s->want_idle == on)
        return s->state == IMAP_READY;
    s->want_idle = on; /* refill() says DONE */
    if (!s->posted) {
        s->posted = true;
        loop_post(s->loop, imap_talk_more, s);
    }
    return true;
}

/* Stops and goes on reading. */
void imap_pause(struct imap *s, bool on)
{
    if (s->state == IMAP_CLOSED || s->paused == on)
        return;
    s->paused = on;
    s->last_heard = clock_mono_ms();
    if (!s->posted) {
        s->posted = true;
        loop_post(s->loop, imap_talk_more, s);
    }
}
