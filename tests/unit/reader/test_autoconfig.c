/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_autoconfig - what providers say about their servers, and what nobody should believe. */
#include <libxml/parser.h>
#include <stdlib.h>
#include <time.h>

#include "base/record.h"
#include "base/wire.h"
#include "mail/reader.h"
#include "mail/unpack.h"
#include "reader/autoconfig.h"
#include "tap.h"

/* Reads and prints "type host:port socket user methods" lines. */
static char *reads(const char *bytes, size_t n)
{
    struct str answer = STR_INIT, got = STR_INIT;
    struct mail_servers s;
    uint16_t type = 0;
    struct record_view body;
    autoconfig_read(bytes, n, &answer);
    bool good = record_peek(str_text(&answer), answer.len, &type, &body) == (long)answer.len && type == WIRE_SERVERS &&
                mail_unpack_servers(body, &s);
    if (!good) {
        str_puts(&got, "no record");
        str_fini(&answer);
        return str_take(&got);
    }
    for (size_t i = 0; i < s.servers.len; i++) {
        struct mail_server *v = vec_at(&s.servers, i);
        char *methods = strv_join(&v->methods, ",");
        str_addf(&got, "%s %s:%" PRId64 " %s %s %s\n", v->type, v->host, v->port, v->socket, v->user, methods);
        free(methods);
    }
    if (s.issuer)
        str_addf(&got, "oauth %s %s %s %s\n", s.issuer, s.scope, s.authorize, s.token);
    mail_servers_fini(&s);
    str_fini(&answer);
    return str_take(&got);
}

/* One file, one expectation. */
static void reads_as(const char *text, const char *want, const char *name)
{
    char *got = reads(text, strlen(text));
    is_str(got, want, name);
    free(got);
}

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define IMAP "<incomingServer type=\"imap\"><hostname>imap.example.com</hostname><port>993</port>" \
             "<socketType>SSL</socketType><username>%EMAILADDRESS%</username>" \
             "<authentication>OAuth2</authentication><authentication>password-cleartext</authentication></incomingServer>"

/* What would double at each level, were it ever expanded. */
static void bomb(void)
{
    struct str s = STR_INIT;
    str_puts(&s, HEAD "<!DOCTYPE clientConfig [<!ENTITY a \"aaaaaaaaaaaaaaaa\">");
    for (char c = 'b'; c < 'z'; c++)
        str_addf(&s, "<!ENTITY %c \"&%c;&%c;&%c;&%c;\">", c, c - 1, c - 1, c - 1, c - 1);
    str_puts(&s, "]><clientConfig><emailProvider>" IMAP "<displayName>&y;</displayName></emailProvider></clientConfig>");
    clock_t start = clock();
    reads_as(str_text(&s), "", "an entity bomb gives nothing");
    ok(clock() - start < CLOCKS_PER_SEC / 2, "and costs nothing");
    str_fini(&s);
}

/* Sizes that nobody needs. */
static void large(void)
{
    struct str s = STR_INIT;
    str_puts(&s, HEAD "<clientConfig>" IMAP);
    while (s.len <= AUTOCONFIG_MAX)
        str_puts(&s, "<x/>");
    str_puts(&s, "</clientConfig>");
    reads_as(str_text(&s), "", "a file over the ceiling gives nothing");
    str_clear(&s);
    str_puts(&s, HEAD "<clientConfig>");
    for (int i = 0; i < 40; i++)
        str_puts(&s, IMAP);
    str_puts(&s, "</clientConfig>");
    reads_as(str_text(&s), "", "so does one with forty servers");
    str_clear(&s);
    str_puts(&s, HEAD);
    for (int i = 0; i < 2000; i++)
        str_puts(&s, "<clientConfig>");
    reads_as(str_text(&s), "", "and one that is deep");
    str_clear(&s);
    str_puts(&s, HEAD "<clientConfig><incomingServer type=\"imap\"><hostname>");
    for (int i = 0; i < 2000; i++)
        str_puts(&s, "h");
    str_puts(&s, "</hostname><port>99999999999999999999</port></incomingServer></clientConfig>");
    char *got = reads(str_text(&s), s.len);
    ok(strlen(got) < 600, "a long name is cut");
    free(got);
    str_fini(&s);
}

/* Runs all. */
int main(void)
{
    xmlInitParser();
    reads_as(HEAD "<clientConfig version=\"1.1\"><emailProvider id=\"example.com\"><domain>example.com</domain>" IMAP
             "<incomingServer type=\"pop3\"><hostname>pop.example.com</hostname></incomingServer>"
             "<outgoingServer type=\"smtp\"><hostname> smtp.example.com\n</hostname><port>465</port>"
             "<socketType>SSL</socketType><username>%EMAILLOCALPART%</username><authentication>password-cleartext"
             "</authentication></outgoingServer></emailProvider><oAuth2><issuer>id.example.com</issuer><scope>mail"
             "</scope><authURL>https://id.example.com/a?x=1&amp;y=2</authURL><tokenURL>https://id.example.com/t</tokenURL>"
             "</oAuth2></clientConfig>",
             "imap imap.example.com:993 SSL %EMAILADDRESS% OAuth2,password-cleartext\n"
             "pop3 pop.example.com:0   \n"
             "smtp smtp.example.com:465 SSL %EMAILLOCALPART% password-cleartext\n"
             "oauth id.example.com mail https://id.example.com/a?x=1&y=2 https://id.example.com/t\n",
             "a provider's file");
    reads_as("", "", "nothing");
    reads_as("<html><body>Not found</body></html>", "", "a page instead of a file");
    reads_as(HEAD "<clientConfig>" IMAP, "", "a file that is cut");
    reads_as(HEAD "<clientConfig>" IMAP "&unknown;</clientConfig>", "", "an entity nobody declared");
    reads_as(HEAD "<!DOCTYPE clientConfig SYSTEM \"file:///etc/passwd\"><clientConfig>" IMAP "</clientConfig>", "",
             "a DOCTYPE that names a file");
    reads_as(HEAD "<clientConfig><incomingServer type=\"imap\"><hostname>a<b>x</b>c</hostname><hostname>second</hostname>"
             "</incomingServer></clientConfig>",
             "imap axc:0   \n", "the first of two names, and what stands inside it");
    bomb();
    large();
    return tap_end();
}
