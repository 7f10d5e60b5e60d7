/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transfer.c - what every transfer of this folder needs: loopback or not, pins, what went wrong. */
#include "io/transfer.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/str.h"

/* Is it this machine? */
bool host_is_loopback(const char *host)
{
    size_t n = strlen(host);
    if (n > 2 && host[0] == '[' && host[n - 1] == ']')
        return strncmp(host, "[::1]", 5) == 0;
    int a, b, c, d, end = 0;
    if (strcmp(host, "::1") == 0 || strcasecmp(host, "localhost") == 0)
        return true;
    return sscanf(host, "%3d.%3d.%3d.%3d%n", &a, &b, &c, &d, &end) == 4 && host[end] == '\0' &&
           a == 127;
}

/* "sha256//BASE64;sha256//BASE64" of hex fingerprints with commas between; NULL when they are none. Yours. */
char *transfer_pin(const char *hex)
{
    struct str out = STR_INIT;
    for (const char *p = hex;; p++) {
        unsigned char bin[32];
        char text[64];
        size_t n = 0, len = strcspn(p, ",");
        if (sodium_hex2bin(bin, sizeof bin, p, len, ": ", &n, NULL) != 0 || n != sizeof bin) {
            str_fini(&out);
            return NULL;
        }
        sodium_bin2base64(text, sizeof text, bin, sizeof bin, sodium_base64_VARIANT_ORIGINAL);
        str_addf(&out, "%ssha256//%s", out.len ? ";" : "", text);
        p += len;
        if (!*p)
            return str_take(&out);
    }
}

/* TLS 1.2 and up; the authorities of the system (or of the file that SSL_CERT_FILE names, as OpenSSL's own
 * programs take it) with the host's name, or the pin and nothing else. */
void transfer_set_tls(CURL *e, const char *pin)
{
    const char *authorities = getenv("SSL_CERT_FILE");
    curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (authorities && *authorities)
        curl_easy_setopt(e, CURLOPT_CAINFO, authorities);
    if (!pin)
        return;
    curl_easy_setopt(e, CURLOPT_PINNEDPUBLICKEY, pin);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
}

/* What went wrong, for people. */
void transfer_explain(struct error *err, CURLcode code, const char *host, const char *words, bool answered)
{
    if (!words || !words[0])
        words = curl_easy_strerror(code);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        error_set(err, STATUS_UNREACHABLE, _("The name %s is not known"), host);
        error_hint(err, _("check the network and the spelling of the address"));
        break;
    case CURLE_COULDNT_CONNECT:
        error_set(err, STATUS_UNREACHABLE, _("%s takes no connection"), host);
        error_hint(err, _("is the server running and the address right?"));
        break;
    case CURLE_OPERATION_TIMEDOUT:
        error_set(err, STATUS_UNREACHABLE, answered ? _("%s took too long to answer in full")
                                                    : _("%s did not answer in time"), host);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        error_set(err, STATUS_UNREACHABLE, _("The certificate of %s is not trusted: %s"), host, words);
        error_hint(err, _("a wrong name, an old certificate, or someone in between; “bureau doctor” shows the key of a mail server"));
        err->untrusted = true;
        break;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        error_set(err, STATUS_UNREACHABLE, _("The key of %s is not the one that is trusted"), host);
        error_hint(err, _("another server, a new key, or someone in between; “bureau doctor” shows the key of a mail server"));
        err->untrusted = true;
        break;
    default:
        error_set(err, STATUS_UNREACHABLE,
                  answered ? _("%s broke off: %s") : _("%s cannot be reached: %s"), host, words);
    }
}
