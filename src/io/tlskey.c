/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tlskey.c - asks a server for its certificate and takes the public key out of it. */
#include "io/tlskey.h"

#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "io/loop.h"
#include "io/transfer.h"

#define CONNECT_MS 10000L

struct tlskey {
    struct transfer transfer; /* first */
    struct loop_guest guest;
    struct loop *loop;
    void (*done)(void *user, const char *hex);
    void *user;
};

/* ---- the key in a certificate ---- */

struct der { /* what is left of a value */
    const unsigned char *at, *end;
};

/* Takes the next value; *whole begins at its tag, *inside at its content. */
static bool der_next(struct der *d, unsigned char tag, struct der *whole, struct der *inside)
{
    const unsigned char *p = d->at;
    size_t len = 0;
    if (d->end - p < 2 || p[0] != tag)
        return false;
    size_t count = p[1] & 0x80 ? p[1] & 0x7fu : 0;
    if (count > 4 || (size_t)(d->end - p) < 2 + count)
        return false;
    len = count ? 0 : p[1];
    for (size_t i = 0; i < count; i++)
        len = len << 8 | p[2 + i];
    p += 2 + count;
    if ((size_t)(d->end - p) < len)
        return false;
    *whole = (struct der){d->at, p + len};
    *inside = (struct der){p, p + len};
    d->at = p + len;
    return true;
}

/* Behind version, serial number, algorithm, issuer, validity and subject stands the key. */
bool tlskey_of_certificate(const unsigned char *der, size_t n, char hex[TLSKEY_HEX])
{
    enum { SEQUENCE = 0x30, INTEGER = 0x02, VERSION = 0xa0 };
    struct der d = {der, der + n}, whole, certificate, tbs, skipped;
    unsigned char hash[crypto_hash_sha256_BYTES];
    if (!der_next(&d, SEQUENCE, &whole, &certificate) || !der_next(&certificate, SEQUENCE, &whole, &tbs))
        return false;
    (void)der_next(&tbs, VERSION, &whole, &skipped); /* absent in version 1 */
    bool good = der_next(&tbs, INTEGER, &whole, &skipped);
    for (int i = 0; i < 5 && good; i++)
        good = der_next(&tbs, SEQUENCE, &whole, &skipped);
    if (!good)
        return false;
    crypto_hash_sha256(hash, whole.at, (size_t)(whole.end - whole.at));
    sodium_bin2hex(hex, TLSKEY_HEX, hash, sizeof hash);
    return true;
}

/* The same of libcurl's list about a certificate: "Cert:-----BEGIN CERTIFICATE-----…". */
static bool key_of_list(const struct curl_slist *list, char hex[TLSKEY_HEX])
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END";
    for (; list; list = list->next) {
        const char *from = strstr(list->data, begin), *to = from ? strstr(from + sizeof begin - 1, end) : NULL;
        if (!to)
            continue;
        from += sizeof begin - 1;
        size_t room = (size_t)(to - from), n = 0;
        unsigned char *der = mem_array(room + 1, 1);
        bool good = sodium_base642bin(der, room + 1, from, room, "\r\n ", &n, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
                    tlskey_of_certificate(der, n, hex);
        free(der);
        return good;
    }
    return false;
}

/* ---- the connection ---- */

/* Ends the connection and releases it. */
static void key_free(struct tlskey *k)
{
    loop_transfer_remove(k->loop, &k->transfer);
    loop_guest_remove(k->loop, &k->guest);
    curl_easy_cleanup(k->transfer.easy);
    free(k);
}

/* The handshake is over, or there was none. */
static void on_connected(struct transfer *t, CURLcode code)
{
    struct tlskey *k = (struct tlskey *)(void *)t;
    struct curl_certinfo *certificates = NULL;
    char hex[TLSKEY_HEX];
    bool good = false;
    (void)code; /* a server that then says no has shown its key all the same */
    if (curl_easy_getinfo(t->easy, CURLINFO_CERTINFO, &certificates) == CURLE_OK && certificates &&
        certificates->num_of_certs > 0)
        good = key_of_list(certificates->certinfo[0], hex);
    void (*done)(void *user, const char *hex) = k->done;
    void *user = k->user;
    key_free(k);
    done(user, good ? hex : NULL);
}

/* Nothing is told meanwhile. */
static void on_deliver(struct transfer *t)
{
    (void)t;
}

/* The loop goes first. */
static void on_loop_free(struct loop_guest *g)
{
    struct tlskey *k = (struct tlskey *)(void *)((char *)g - offsetof(struct tlskey, guest));
    loop_transfer_remove(k->loop, &k->transfer);
    curl_easy_cleanup(k->transfer.easy);
    free(k);
}

/* Begins. */
struct tlskey *tlskey_start(struct loop *l, const char *url, void (*done)(void *user, const char *hex), void *user)
{
    CURL *e = transfer_global() ? curl_easy_init() : NULL;
    if (!e)
        return NULL;
    struct tlskey *k = mem_alloc(sizeof *k);
    k->loop = l;
    k->done = done;
    k->user = user;
    k->transfer = (struct transfer){.easy = e, .deliver = on_deliver, .done = on_connected, .stays = true};
    k->guest.on_free = on_loop_free;
    curl_easy_setopt(e, CURLOPT_URL, url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "imap,imaps,smtp,smtps");
    curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(e, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    transfer_set_tls(e, NULL);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L); /* nothing is said on this connection */
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(e, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(e, CURLOPT_SERVER_RESPONSE_TIMEOUT, CONNECT_MS / 1000);
    loop_guest_add(l, &k->guest);
    if (loop_transfer_add(l, &k->transfer))
        return k;
    loop_guest_remove(l, &k->guest);
    curl_easy_cleanup(e);
    free(k);
    return NULL;
}

/* Nobody waits any more. */
void tlskey_cancel(struct tlskey *k)
{
    if (k)
        key_free(k);
}
