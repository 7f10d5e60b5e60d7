/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dns.c - questions to name servers over UDP and TCP, on the loop. */
#include "io/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "io/curl.h"
#include "io/loop.h"

enum { SERVERS_MAX = 3, TRY_MS = 1500, UDP_MAX = 1232, TCP_MAX = 65535, RECORDS_MAX = 64, HEAD = 12 };

struct dns_query {
    struct loop *loop; /* borrow */
    struct sockaddr_storage servers[SERVERS_MAX];
    socklen_t lengths[SERVERS_MAX];
    int server_count, tries;
    enum dns_type type;
    unsigned char packet[600];
    size_t packet_len;
    int fd; /* -1: none */
    bool tcp, connected;
    struct loop_watch *watch, *try_timer, *end_timer;
    struct str in; /* of TCP */
    size_t out_at;
    void (*done)(void *user, const struct dns_record *records, size_t n, const struct error *err);
    void *user;
};

static void next_try(struct dns_query *q);

/* ---- names ---- */

/* May it be the name of a host? */
bool dns_is_host(const char *name)
{
    size_t n = strlen(name), label = 0;
    if (n == 0 || n > 253)
        return false;
    for (size_t i = 0; i <= n; i++) {
        char c = name[i];
        if (c == '.' || c == '\0') {
            if (label == 0 || label > 63 || name[i - 1] == '-')
                return false;
            label = 0;
        } else if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c == '-' && label)) {
            label++;
        } else {
            return false;
        }
    }
    return true;
}

/* A domain as DNS has it. */
char *dns_domain(const char *domain)
{
    char *out = NULL, *host = NULL;
    bool ascii = true;
    for (const char *p = domain; *p; p++)
        ascii = ascii && (unsigned char)*p < 0x80;
    if (ascii) {
        out = dns_is_host(domain) ? mem_strdup(domain) : NULL;
    } else if (!strpbrk(domain, "/:@?#[]%\\ \t\r\n") && curl_load()) {
        CURLU *u = curl_url();
        char *url = str_format("https://%s/", domain);
        if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
            curl_url_get(u, CURLUPART_HOST, &host, CURLU_PUNYCODE) == CURLUE_OK && dns_is_host(host))
            out = mem_strdup(host);
        free(url);
        curl_free(host);
        curl_url_cleanup(u);
    }
    for (char *p = out; p && *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p | 32);
    return out;
}

/* ---- servers ---- */

/* Adds "192.0.2.1", "192.0.2.1:5300", "2001:db8::1" or "[2001:db8::1]:53". */
static void add_server(struct dns_query *q, const char *text)
{
    char *copy = str_trim(mem_strdup(text)), *host = copy, *port = NULL;
    long long number = 53;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (*copy == '[' && strchr(copy, ']')) {
        host = copy + 1;
        port = strchr(copy, ']');
        *port++ = '\0';
        port = *port == ':' ? port + 1 : NULL;
    } else if ((port = strchr(copy, ':')) && !strchr(port + 1, ':')) {
        *port++ = '\0';
    } else {
        port = NULL;
    }
    if (port && (!str_to_int64(port, &number) || number < 1 || number > 65535))
        number = 0;
    char *zone = strchr(host, '%'); /* link-local servers with an interface are left out */
    if (number && !zone && q->server_count < SERVERS_MAX) {
        struct sockaddr_storage *to = &q->servers[q->server_count];
        v4.sin_port = v6.sin6_port = htons((uint16_t)number);
        if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
            memcpy(to, &v4, sizeof v4);
            q->lengths[q->server_count++] = sizeof v4;
        } else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
            memcpy(to, &v6, sizeof v6);
            q->lengths[q->server_count++] = sizeof v6;
        }
    }
    free(copy);
}

/* Reads the words that name servers. */
static void find_servers(struct dns_query *q, const char *servers)
{
    struct str file = STR_INIT;
    struct error err = ERROR_INIT;
    if (servers && *servers) {
        for (const char *p = servers; *p; p += strcspn(p, ", "), p += strspn(p, ", ")) {
            char *one = mem_strndup(p, strcspn(p, ", "));
            add_server(q, one);
            free(one);
        }
    } else if (path_read("/etc/resolv.conf", 64 << 10, &file, &err) == STATUS_OK) {
        for (const char *p = str_text(&file); *p; p += strcspn(p, "\n"), p += *p == '\n') {
            if (!str_starts(p, "nameserver") || !strchr(" \t", p[10]))
                continue;
            const char *value = p + 10 + strspn(p + 10, " \t");
            char *one = mem_strndup(value, strcspn(value, " \t\r\n"));
            add_server(q, one);
            free(one);
        }
    }
    str_fini(&file);
    if (!q->server_count && !(servers && *servers))
        add_server(q, "127.0.0.1"); /* resolv.conf(5) */
}

/* ---- packets ---- */

/* Writes a 16-bit number. */
static void put16(unsigned char *at, unsigned v)
{
    at[0] = (unsigned char)(v >> 8);
    at[1] = (unsigned char)v;
}

/* Reads a 16-bit number. */
static unsigned get16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* Writes the question with an EDNS record; 0 when the name is none. */
static size_t write_question(unsigned char *out, size_t size, const char *name, enum dns_type type)
{
    memset(out, 0, HEAD);
    out[2] = 1; /* recursion desired */
    put16(out + 4, 1);
    put16(out + 10, 1);
    int n = dn_comp(name, out + HEAD, (int)(size - HEAD - 20), NULL, NULL);
    if (n < 2)
        return 0;
    unsigned char *at = out + HEAD + n;
    put16(at, (unsigned)type);
    put16(at + 2, 1);
    memset(at + 4, 0, 11);
    put16(at + 5, 41); /* OPT */
    put16(at + 7, UDP_MAX);
    return (size_t)(at + 15 - out);
}

/* Releases a record. */
static void record_fini(void *item)
{
    free(((struct dns_record *)item)->host);
}

/* Best first: by priority, then by weight. */
static int compare(const void *a, const void *b)
{
    const struct dns_record *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return x->weight == y->weight ? 0 : x->weight > y->weight ? -1 : 1;
}

/* Takes one record of the answer; what is no host name is left out. */
static void take_record(const unsigned char *bytes, const unsigned char *end, const unsigned char *data, size_t n,
                        enum dns_type type, struct vec *out)
{
    size_t head = type == DNS_SRV ? 6 : 2;
    char host[NS_MAXDNAME];
    if (n <= head || out->len >= RECORDS_MAX || dn_expand(bytes, end, data + head, host, sizeof host) < 0)
        return;
    size_t len = strlen(host);
    if (len && host[len - 1] == '.')
        host[len - 1] = '\0';
    if (*host && !dns_is_host(host))
        return;
    struct dns_record *r = vec_push(out);
    r->priority = get16(data);
    if (type == DNS_SRV) {
        r->weight = get16(data + 2);
        r->port = get16(data + 4);
    }
    r->host = mem_strdup(host);
}

enum answer { ANSWER_OTHER, ANSWER_CUT, ANSWER_FAILED, ANSWER_GOOD };

/* Reads an answer to the question in packet. */
static enum answer read_answer(const unsigned char *packet, const unsigned char *bytes, size_t n, enum dns_type type,
                               struct vec *out)
{
    const unsigned char *end = bytes + n, *at = bytes + HEAD;
    char asked[NS_MAXDNAME], name[NS_MAXDNAME];
    int used;
    if (n < HEAD || memcmp(bytes, packet, 2) != 0 || !(bytes[2] & 0x80) || (bytes[2] & 0x78) || get16(bytes + 4) != 1)
        return ANSWER_OTHER;
    if (dn_expand(packet, packet + 600, packet + HEAD, asked, sizeof asked) < 0 ||
        (used = dn_expand(bytes, end, at, name, sizeof name)) < 0 || end - at - used < 4 || !str_eq_nocase(asked, name) ||
        get16(at + used) != (unsigned)type || get16(at + used + 2) != 1)
        return ANSWER_OTHER;
    if (bytes[2] & 2)
        return ANSWER_CUT;
    unsigned code = bytes[3] & 15, count = get16(bytes + 6);
    if (code == ns_r_nxdomain)
        return ANSWER_GOOD;
    if (code)
        return ANSWER_FAILED;
    at += used + 4;
    for (; count; count--) {
        used = dn_skipname(at, end);
        if (used < 0 || end - at - used < 10)
            break;
        at += used;
        unsigned t = get16(at), klass = get16(at + 2), len = get16(at + 8);
        at += 10;
        if (end - at < (long)len)
            break;
        if (t == (unsigned)type && klass == 1)
            take_record(bytes, end, at, len, type, out);
        at += len;
    }
    vec_sort(out, compare);
    return ANSWER_GOOD;
}

/* Reads any bytes as an answer. */
size_t dns_try(const unsigned char *bytes, size_t n, enum dns_type type)
{
    unsigned char packet[600] = {0};
    struct vec records;
    write_question(packet, sizeof packet, "example.com", type);
    vec_init(&records, sizeof(struct dns_record), record_fini);
    if (n >= 2)
        memcpy(packet, bytes, 2);
    read_answer(packet, bytes, n, type, &records);
    size_t found = records.len;
    for (size_t i = 0; i < found; i++)
        if (strpbrk(((struct dns_record *)vec_at(&records, i))->host, "\r\n /@"))
            abort();
    vec_fini(&records);
    return found;
}

/* ---- the dialogue ---- */

/* Closes the socket of a try. */
static void close_try(struct dns_query *q)
{
    loop_remove(q->loop, q->watch);
    loop_remove(q->loop, q->try_timer);
    q->watch = q->try_timer = NULL;
    if (q->fd >= 0)
        close(q->fd);
    q->fd = -1;
    q->tcp = q->connected = false;
    q->out_at = 0;
    str_clear(&q->in);
}

/* Releases it. */
void dns_cancel(struct dns_query *q)
{
    if (!q)
        return;
    close_try(q);
    loop_remove(q->loop, q->end_timer);
    str_fini(&q->in);
    free(q);
}

/* Tells the end and releases it. */
static void finish(struct dns_query *q, const struct vec *records, const struct error *err)
{
    q->done(q->user, records && records->len ? vec_at(records, 0) : NULL, records ? records->len : 0, err);
    dns_cancel(q);
}

/* No server has answered. */
static void on_end(void *user)
{
    struct dns_query *q = user;
    struct error err = ERROR_INIT;
    q->end_timer = NULL;
    (void)error_set(&err, STATUS_UNREACHABLE, _("no name server answers"));
    finish(q, NULL, &err);
}

/* This server does not answer: the next one. */
static void on_try_time(void *user)
{
    struct dns_query *q = user;
    q->try_timer = NULL;
    next_try(q);
}

static void on_ready(void *user, int events);

/* Opens a socket to the server of this try and asks. */
static bool open_try(struct dns_query *q, bool tcp)
{
    int i = q->tries % q->server_count;
    close_try(q);
    q->tcp = tcp;
    q->fd = socket(q->servers[i].ss_family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (q->fd < 0 || getrandom(q->packet, 2, 0) != 2)
        return false;
    /* a connected socket takes nothing but this server's packets */
    if (connect(q->fd, (struct sockaddr *)(void *)&q->servers[i], q->lengths[i]) != 0 && errno != EINPROGRESS)
        return false;
    if (!tcp && send(q->fd, q->packet, q->packet_len, MSG_NOSIGNAL) != (ssize_t)q->packet_len)
        return false;
    q->watch = loop_fd(q->loop, q->fd, tcp ? LOOP_WRITE : LOOP_READ, on_ready, q);
    q->try_timer = loop_timer(q->loop, TRY_MS, on_try_time, q);
    return true;
}

/* Asks the next server; without any that can be asked waits for the end or the next round. */
static void next_try(struct dns_query *q)
{
    for (int i = 0; i < q->server_count; i++) {
        q->tries++;
        if (open_try(q, false))
            return;
    }
    close_try(q);
    q->try_timer = loop_timer(q->loop, TRY_MS, on_try_time, q);
}

/* Does what an answer asks for. */
static void take_answer(struct dns_query *q, const unsigned char *bytes, size_t n)
{
    struct error err = ERROR_INIT;
    struct vec records;
    vec_init(&records, sizeof(struct dns_record), record_fini);
    switch (read_answer(q->packet, bytes, n, q->type, &records)) {
    case ANSWER_GOOD:
        finish(q, &records, &err);
        break;
    case ANSWER_CUT:
        if (!q->tcp && !open_try(q, true))
            next_try(q);
        break;
    case ANSWER_FAILED:
        if (q->tries + 1 < 2 * q->server_count) {
            next_try(q);
        } else {
            (void)error_set(&err, STATUS_UNREACHABLE, _("the name server cannot tell"));
            finish(q, NULL, &err);
        }
        break;
    case ANSWER_OTHER:
        break; /* forged or late: the true one may still come */
    }
    vec_fini(&records);
}

/* A packet came. */
static void read_udp(struct dns_query *q)
{
    unsigned char buf[4096];
    ssize_t n = recv(q->fd, buf, sizeof buf, 0);
    if (n > 0)
        take_answer(q, buf, (size_t)n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR && q->server_count > 1)
        next_try(q); /* the port is closed */
}

/* Writes the question, then collects the answer. */
static void talk_tcp(struct dns_query *q, int events)
{
    unsigned char framed[sizeof q->packet + 2], buf[4096];
    size_t len = q->packet_len + 2;
    if ((events & LOOP_WRITE) && q->out_at < len) {
        put16(framed, (unsigned)q->packet_len);
        memcpy(framed + 2, q->packet, q->packet_len);
        ssize_t n = send(q->fd, framed + q->out_at, len - q->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            next_try(q);
            return;
        }
        q->out_at += n > 0 ? (size_t)n : 0;
        if (q->out_at == len)
            loop_fd_events(q->watch, LOOP_READ);
        return;
    }
    ssize_t n = recv(q->fd, buf, sizeof buf, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        next_try(q);
    } else if (n > 0) {
        str_add(&q->in, (char *)buf, (size_t)n);
        const unsigned char *in = (const unsigned char *)q->in.data;
        if (q->in.len >= 2 && q->in.len >= 2 + (size_t)get16(in))
            take_answer(q, in + 2, get16(in));
        else if (q->in.len > TCP_MAX + 2)
            next_try(q);
    }
}

/* The socket has something. */
static void on_ready(void *user, int events)
{
    struct dns_query *q = user;
    if (q->tcp)
        talk_tcp(q, events);
    else
        read_udp(q);
}

/* Asks. */
struct dns_query *dns_ask(struct loop *l, const char *servers, const char *name, enum dns_type type, int64_t timeout_ms,
                          void (*done)(void *user, const struct dns_record *records, size_t n,
                                       const struct error *err),
                          void *user, struct error *err)
{
    struct dns_query *q = mem_alloc(sizeof *q);
    q->loop = l;
    q->fd = -1;
    q->type = type;
    q->done = done;
    q->user = user;
    find_servers(q, servers);
    q->packet_len = write_question(q->packet, sizeof q->packet, name, type);
    if (!q->server_count || !q->packet_len) {
        if (q->packet_len)
            (void)error_set(err, STATUS_USAGE, _("“%s” names no name server"), servers ? servers : "");
        else
            (void)error_set(err, STATUS_USAGE, _("“%s” is no domain"), name);
        free(q);
        return NULL;
    }
    q->end_timer = loop_timer(l, timeout_ms, on_end, q);
    q->tries = -1;
    next_try(q);
    return q;
}
