/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp.c - handing one message to a submission server.
 *
 * libcurl waits in place for the answer to the final dot and to QUIT, also in its multi interface;
 * a server that scans for half a minute would stop the loop. So each message has a thread of its
 * own, which talks to the loop by loop_post only. The thread asks on_handed through the loop and
 * waits for the answer with the last byte still in its hand. Cancelling before that is told at
 * once; the thread ends by itself and finds that nobody listens. */
#include "io/smtp.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "io/loop.h"
#include "io/transfer.h"

enum answer { NOT_ASKED, ASKED, YES, NO };

struct smtp {
    struct loop_guest guest; /* loop's thread only, as is all down to `lock` */
    struct smtp_events events;
    void *user;
    bool told;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct loop *loop; /* NULL: the loop has gone */
    enum answer answer;
    bool cancelled, thread_ended;
    CURLM *multi; /* while the thread runs its dialogue */
    int owners; /* loop's side and thread: the last one frees */
    /* the thread's, prepared before it starts */
    char *url, *host, *login, *password, *token, *pin, *from; /* own */
    struct curl_slist *to;                             /* own */
    bool tls_by_url, plaintext, probe;
    struct str bytes; /* CRLF line ends */
    size_t at;
    bool handed, answered_after;
    /* what the server's EHLO offers: asked for once the line is as safe as it will be */
    int greetings; /* 220: the server's, then that of STARTTLS */
    bool ehlo, offers_utf8, needs_utf8, refused_here;
    unsigned long long size_max;
    int code;
    bool more;       /* the reply goes on in the next line */
    size_t asked_to; /* recipients named so far, while they are being named */
    struct smtp_result result;
};

/* Wipes and frees a secret. */
static void free_secret(char *s)
{
    if (s)
        explicit_bzero(s, strlen(s));
    free(s);
}

/* Gives up one side's hold; the last one frees. Call with the lock held; it is released. */
static void release(struct smtp *s)
{
    bool last = --s->owners == 0;
    pthread_mutex_unlock(&s->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    free(s->url);
    free(s->host);
    free(s->login);
    free_secret(s->password);
    free_secret(s->token);
    free(s->pin);
    free(s->from);
    curl_slist_free_all(s->to);
    str_fini(&s->bytes);
    free(s);
}

/* Tells the end, in the loop. */
static void tell_end(void *user)
{
    struct smtp *s = user;
    pthread_mutex_lock(&s->lock);
    struct loop *l = s->loop;
    pthread_mutex_unlock(&s->lock);
    if (l)
        loop_guest_remove(l, &s->guest);
    if (!s->told) {
        s->told = true;
        s->result.size_most = (int64_t)(s->size_max & INT64_MAX);
        s->events.on_done(s->user, &s->result);
    }
    pthread_mutex_lock(&s->lock);
    release(s);
}

/* Asks on_handed, in the loop. */
static void ask_handed(void *user)
{
    struct smtp *s = user;
    pthread_mutex_lock(&s->lock);
    bool go = !s->cancelled;
    pthread_mutex_unlock(&s->lock);
    go = go && !s->told && (!s->events.on_handed || s->events.on_handed(s->user));
    pthread_mutex_lock(&s->lock);
    s->answer = go ? YES : NO;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

/* The thread's question before the last byte. */
static bool may_hand(struct smtp *s)
{
    pthread_mutex_lock(&s->lock);
    if (!s->cancelled && s->loop) {
        s->answer = ASKED;
        loop_post(s->loop, ask_handed, s);
        while (s->answer == ASKED)
            pthread_cond_wait(&s->changed, &s->lock);
    }
    bool yes = s->answer == YES;
    pthread_mutex_unlock(&s->lock);
    return yes;
}

/* Gives libcurl the next bytes of the message. */
static size_t on_read(char *out, size_t size, size_t count, void *user)
{
    struct smtp *s = user;
    size_t room = size * count, left = s->bytes.len - s->at;
    if (left == 0 || room == 0)
        return 0;
    if (left == 1) {
        if (!may_hand(s))
            return CURL_READFUNC_ABORT;
        s->handed = true;
    } else {
        left--; /* the last byte is kept back */
    }
    size_t n = left < room ? left : room;
    memcpy(out, s->bytes.data + s->at, n);
    s->at += n;
    return n;
}

/* Could the server take this message at all? Found out before anything of it is handed over. */
static bool check_offers(struct smtp *s)
{
    struct smtp_result *r = &s->result;
    if (s->probe || !(s->plaintext || s->tls_by_url || s->greetings > 1))
        return true;
    if (s->size_max && s->bytes.len > s->size_max) {
        s->code = 552;
        error_set(&r->error, STATUS_REFUSED, _("The server takes mails of up to %.1f MB; this one has %.1f MB"),
                  (double)s->size_max / 1e6, (double)s->bytes.len / 1e6);
        error_hint(&r->error, _("leave an attachment out, or send it as a link"));
    } else if (s->needs_utf8 && !s->offers_utf8) {
        s->code = 553;
        error_set(&r->error, STATUS_REFUSED,
                  _("The server takes no addresses with letters beyond ASCII (it has no SMTPUTF8)"));
        error_hint(&r->error, _("send to another address of that person, or by another account"));
    } else {
        return true;
    }
    r->reply[0] = '\0';
    s->refused_here = true;
    return false;
}

/* Reads a line of the answer to EHLO; false at its end when the message cannot go there. */
static bool read_offer(struct smtp *s, const char *line, size_t len)
{
    char word[32];
    if (len >= 3 && memcmp(line, "220", 3) == 0 && (len == 3 || line[3] == ' ')) {
        s->greetings++;
        s->ehlo = true;
        s->offers_utf8 = false;
        s->size_max = 0;
    } else if (s->ehlo && len >= 4 && memcmp(line, "250", 3) == 0) {
        size_t n = len - 4 < sizeof word - 1 ? len - 4 : sizeof word - 1;
        memcpy(word, line + 4, n);
        word[n] = '\0';
        s->offers_utf8 |= str_starts_nocase(word, "SMTPUTF8");
        if (str_starts_nocase(word, "SIZE "))
            s->size_max = strtoull(word + 5, NULL, 10);
        if (line[3] == '-')
            return true;
        s->ehlo = false;
        return check_offers(s);
    }
    return true;
}

/* Keeps a line of a reply; what follows the first stands behind it, without the code. */
static void keep_reply(struct smtp *s, const char *line, size_t len)
{
    char *reply = s->result.reply;
    size_t at = s->more ? strlen(reply) : 0, skip = s->more ? 3 : 0, room = sizeof s->result.reply - 1 - at;
    size_t n = len - skip < room ? len - skip : room;
    memcpy(reply + at, line + skip, n);
    reply[at + n] = '\0';
    if (n && s->more)
        reply[at] = ' ';
    s->more = len > 3 && line[3] == '-';
    if (s->more && at == 0)
        reply[3] = ' ';
}

/* Which recipient the next answer is about: libcurl names one after the other, then says DATA. */
static int on_talk(CURL *e, curl_infotype kind, char *bytes, size_t n, void *user)
{
    struct smtp *s = user;
    (void)e;
    if (kind == CURLINFO_HEADER_OUT && n >= 8 && memcmp(bytes, "RCPT TO:", 8) == 0)
        s->asked_to++;
    else if (kind == CURLINFO_HEADER_OUT && n >= 4 && memcmp(bytes, "DATA", 4) == 0)
        s->asked_to = 0;
    return 0;
}

/* Keeps the server's last reply. */
static size_t on_reply(char *line, size_t size, size_t count, void *user)
{
    struct smtp *s = user;
    size_t n = size * count, len = n;
    while (len && (line[len - 1] == '\r' || line[len - 1] == '\n'))
        len--;
    if (len >= 3 && line[0] >= '2' && line[0] <= '5') {
        bool quit = strncmp(line, "221", 3) == 0 || s->answered_after; /* not the message's */
        if (!quit) {
            s->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
            keep_reply(s, line, len);
        }
        if (s->handed && (len == 3 || line[3] != '-'))
            s->answered_after = true;
    }
    return read_offer(s, line, len) ? n : 0; /* 0 breaks it off */
}

/* Shall the dialogue be broken off? What was handed is waited for. */
static bool is_stopped(struct smtp *s)
{
    pthread_mutex_lock(&s->lock);
    bool stop = s->cancelled && !s->handed;
    pthread_mutex_unlock(&s->lock);
    return stop;
}

/* libcurl's question whether to go on. */
static int on_progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return is_stopped(user);
}

/* Works out how it ended. */
static void judge(struct smtp *s, CURLcode code, const char *words)
{
    struct smtp_result *r = &s->result;
    bool said_no = s->code >= 400 && s->code < 600;
    r->code = s->code;
    if (code == CURLE_OK) {
        r->end = SMTP_SENT;
        return;
    }
    if (!words[0])
        words = curl_easy_strerror(code);
    if (s->refused_here) {
        r->end = SMTP_REFUSED;
    } else if (s->handed && !s->answered_after) {
        r->end = SMTP_IN_DOUBT;
        error_set(&r->error, STATUS_FAILED,
                  _("The message was handed over, but no answer came: %s"), words);
        error_hint(&r->error, _("look in Sent before you send it again"));
    } else if (said_no || code == CURLE_LOGIN_DENIED) {
        r->end = SMTP_REFUSED;
        r->login = code == CURLE_LOGIN_DENIED;
        r->recipient = s->asked_to;
        if (code == CURLE_LOGIN_DENIED && !said_no)
            r->code = 535;
        error_set(&r->error, STATUS_FAILED, _("The server said no: %s"),
                  said_no && r->reply[0] ? r->reply : words);
        if (code == CURLE_LOGIN_DENIED)
            error_hint(&r->error, _("check the user name and the password command"));
    } else if (s->handed) {
        r->end = SMTP_SENT; /* the message was accepted; only the farewell failed */
    } else if (code == CURLE_ABORTED_BY_CALLBACK) {
        r->end = SMTP_CANCELLED;
        error_set(&r->error, STATUS_INTERRUPTED, _("Cancelled"));
    } else {
        r->end = SMTP_UNREACHABLE;
        transfer_explain(&r->error, code, s->host, words, s->code != 0);
    }
}

/* Wakes the thread, which looks whether it shall stop. The lock is held. */
static void wake_thread(struct smtp *s)
{
    if (s->multi)
        curl_multi_wakeup(s->multi);
}

/* Runs the transfer to its end, or until it is cancelled: at once, not at libcurl's next second. */
static CURLcode perform(struct smtp *s, CURLM *m, CURL *e)
{
    CURLcode code = CURLE_FAILED_INIT;
    int running = 1, left;
    if (curl_multi_add_handle(m, e) != CURLM_OK)
        mem_exhausted();
    pthread_mutex_lock(&s->lock);
    s->multi = m;
    pthread_mutex_unlock(&s->lock);
    while (running) {
        if (is_stopped(s)) {
            code = CURLE_ABORTED_BY_CALLBACK;
            break;
        }
        if (curl_multi_perform(m, &running) != CURLM_OK)
            break;
        if (running)
            curl_multi_poll(m, NULL, 0, 1000, NULL);
    }
    for (CURLMsg *msg; !running && (msg = curl_multi_info_read(m, &left));)
        if (msg->msg == CURLMSG_DONE)
            code = msg->data.result;
    pthread_mutex_lock(&s->lock);
    s->multi = NULL;
    pthread_mutex_unlock(&s->lock);
    return code;
}

/* Says who we are. A token goes by no other mechanism than the two that are made for it. */
static void set_login(CURL *e, const struct smtp *s)
{
    if (s->token) {
        curl_easy_setopt(e, CURLOPT_USERNAME, s->login ? s->login : "");
        curl_easy_setopt(e, CURLOPT_XOAUTH2_BEARER, s->token);
        curl_easy_setopt(e, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
    } else if (s->login) {
        curl_easy_setopt(e, CURLOPT_USERNAME, s->login);
        curl_easy_setopt(e, CURLOPT_PASSWORD, s->password ? s->password : "");
    }
}

/* The whole dialogue, in its own thread. */
static void *dialogue(void *user)
{
    struct smtp *s = user;
    char words[CURL_ERROR_SIZE] = "";
    CURL *e = curl_easy_init();
    CURLM *m = curl_multi_init();
    if (!e || !m)
        mem_exhausted();
    curl_easy_setopt(e, CURLOPT_URL, s->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(e, CURLOPT_USE_SSL, (long)(s->plaintext ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    transfer_set_tls(e, s->pin);
    set_login(e, s);
    if (s->probe) {
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, "NOOP");
        curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(e, CURLOPT_MAIL_FROM, s->from);
        curl_easy_setopt(e, CURLOPT_MAIL_RCPT, s->to);
        curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(e, CURLOPT_READDATA, s);
        curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->bytes.len);
    }
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_reply);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, s);
    curl_easy_setopt(e, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, on_talk);
    curl_easy_setopt(e, CURLOPT_DEBUGDATA, s);
    curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(e, CURLOPT_XFERINFODATA, s);
    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, words);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, 20000L);
    curl_easy_setopt(e, CURLOPT_SERVER_RESPONSE_TIMEOUT, 300L); /* RFC 5321 §4.5.3.2 */
    CURLcode code = perform(s, m, e);
    judge(s, code, words);
    pthread_mutex_lock(&s->lock);
    s->thread_ended = true;
    if (s->loop)
        loop_post(s->loop, tell_end, s); /* which gives up the loop's hold */
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    curl_multi_remove_handle(m, e);
    curl_easy_cleanup(e);
    curl_multi_cleanup(m); /* says QUIT and may wait: nobody waits for us */
    pthread_mutex_lock(&s->lock);
    release(s);
    return NULL;
}

/* The loop goes first: nobody is told; the thread is given two seconds to notice. */
static void on_loop_free(struct loop_guest *g)
{
    struct smtp *s = (struct smtp *)(void *)g;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 2;
    pthread_mutex_lock(&s->lock);
    s->cancelled = true;
    s->loop = NULL;
    if (s->answer == ASKED)
        s->answer = NO;
    wake_thread(s);
    pthread_cond_broadcast(&s->changed);
    while (!s->thread_ended && pthread_cond_timedwait(&s->changed, &s->lock, &until) == 0)
        ;
    release(s);
}

/* Breaks it off if the message was not handed yet; otherwise its true end is told. */
void smtp_cancel(struct smtp *s)
{
    pthread_mutex_lock(&s->lock);
    bool late = s->answer == YES || s->cancelled || s->thread_ended;
    s->cancelled = true;
    wake_thread(s);
    pthread_mutex_unlock(&s->lock);
    if (late || s->told)
        return;
    struct smtp_result r = {.end = SMTP_CANCELLED};
    error_set(&r.error, STATUS_INTERRUPTED, _("Cancelled"));
    s->told = true;
    s->events.on_done(s->user, &r);
}

/* Is it an address that may stand in an envelope? The empty sender is one. */
static bool is_envelope_address(const char *a)
{
    for (const char *p = a; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '<' || *p == '>')
            return false;
    return strlen(a) <= 320;
}

/* Does it hold letters of ASCII only? */
static bool is_ascii(const char *t)
{
    for (; *t; t++)
        if ((unsigned char)*t >= 0x80)
            return false;
    return true;
}

/* The domain as DNS has it. */
char *smtp_plain_address(const char *address)
{
    const char *at = strrchr(address, '@');
    char *host = NULL, *plain = NULL;
    size_t local = at ? (size_t)(at - address) + 1 : 0;
    char *name = mem_strndup(address, local);
    CURLU *u = at && is_ascii(name) && !is_ascii(at) && curl_load() ? curl_url() : NULL;
    if (u) {
        char *url = str_format("https://%s/", at + 1);
        if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
            curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE) == CURLUE_OK && is_ascii(host))
            plain = str_format("%s%s", name, host);
        curl_free(host);
        curl_url_cleanup(u);
        free(url);
    }
    free(name);
    return plain;
}

/* Copies the message with CRLF line ends; one at its end. */
static void copy_lines(struct str *out, const char *bytes, size_t n)
{
    str_reserve(out, n + n / 16);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && bytes[end] != '\r' && bytes[end] != '\n')
            end++;
        str_add(out, bytes + i, end - i);
        if (end < n || n == 0)
            str_add(out, "\r\n", 2);
        i = end + 1;
        if (end + 1 < n && bytes[end] == '\r' && bytes[end + 1] == '\n')
            i = end + 2;
    }
    if (out->len < 2 || out->data[out->len - 1] != '\n')
        str_add(out, "\r\n", 2);
}

/* Splits the URL: the scheme and host are checked, an EHLO name is added. */
static enum status check_url(struct smtp *s, const struct smtp_message *m, struct error *err)
{
    enum status st = STATUS_OK;
    char *scheme = NULL, *host = NULL, *port = NULL;
    CURLU *u = curl_url();
    if (!u)
        mem_exhausted();
    if (strpbrk(m->url, "\r\n") || curl_url_set(u, CURLUPART_URL, m->url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0) ||
        curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || !host[0]) {
        st = error_set(err, STATUS_USAGE, _("“%s” is not an smtps:// or smtp:// address"), m->url);
        goto out;
    }
    s->tls_by_url = strcmp(scheme, "smtps") == 0;
    s->plaintext = m->plaintext && !s->tls_by_url;
    if (s->plaintext && !host_is_loopback(host)) {
        st = error_set(err, STATUS_REFUSED, _("Mail to %s would go unencrypted"), host);
        error_hint(err, _("“plaintext” only counts towards this machine; use smtps:// or STARTTLS"));
        goto out;
    }
    curl_url_get(u, CURLUPART_PORT, &port, 0);
    s->host = mem_strdup(host);
    s->url = str_format("%s://%s:%s/%%5B127.0.0.1%%5D", scheme, host,
                        port ? port : s->tls_by_url ? "465" : "587");
out:
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    return st;
}

/* Starts handing a message over. */
struct smtp *smtp_start(struct loop *l, const struct smtp_message *m, const struct smtp_events *ev,
                        void *user, struct error *err)
{
    if (!transfer_global()) {
        error_set(err, STATUS_FAILED, _("libcurl 7.88 or newer is not installed: nothing can go to the network"));
        return NULL;
    }
    struct smtp *s = mem_alloc(sizeof *s);
    pthread_t thread;
    pthread_attr_t attr;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->owners = 1;
    s->events = *ev;
    s->user = user;
    s->result.error = ERROR_INIT;
    if (check_url(s, m, err) != STATUS_OK)
        goto refused;
    if (m->probe) {
        s->probe = true;
    } else if (!is_envelope_address(m->from)) {
        error_set(err, STATUS_REFUSED, _("The sender's address cannot stand in an envelope"));
        goto refused;
    }
    if (!m->probe && m->to->len == 0) {
        error_set(err, STATUS_REFUSED, _("The message has no recipient"));
        goto refused;
    }
    for (size_t i = 0; !m->probe && i < m->to->len; i++) {
        const char *to = strv_at(m->to, i);
        if (!to[0] || !is_envelope_address(to)) {
            error_set(err, STATUS_REFUSED, _("A recipient's address cannot stand in an envelope"));
            goto refused;
        }
        s->needs_utf8 |= !is_ascii(to);
        char *bracketed = str_format("<%s>", to);
        s->to = curl_slist_append(s->to, bracketed);
        free(bracketed);
        if (!s->to)
            mem_exhausted();
    }
    if (m->pin && !(s->pin = transfer_pin(m->pin))) {
        error_set(err, STATUS_USAGE, _("The pin is not a SHA-256 in hex"));
        goto refused;
    }
    s->from = m->probe ? NULL : str_format("<%s>", m->from);
    s->login = mem_strdup_maybe(m->user);
    s->password = mem_strdup_maybe(m->password);
    s->token = mem_strdup_maybe(m->token);
    if (!m->probe)
        copy_lines(&s->bytes, m->bytes, m->len);
    s->loop = l;
    s->owners = 2;
    s->guest.on_free = on_loop_free;
    loop_guest_add(l, &s->guest);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigset_t all, old; /* signals are the loop's thread's */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int why = pthread_create(&thread, &attr, dialogue, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    if (!why)
        return s;
    loop_guest_remove(l, &s->guest);
    s->owners = 1;
    error_set_errno(err, why, _("The mail server cannot be called"));
refused:
    pthread_mutex_lock(&s->lock);
    release(s);
    return NULL;
}
