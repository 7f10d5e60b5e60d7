/* SPDX-License-Identifier: GPL-3.0-or-later */
/* autoconfig.c - SAX events of an autoconfiguration file into server records.
 *
 * The file comes from whoever answers for a domain, so nothing in it is believed: a DOCTYPE ends the
 * reading (no entities, no bombs), texts are short, servers few, and the caller checks names and ports. */
#include "reader/autoconfig.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "base/record.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/wire.h"

enum { VALUE_MAX = 512, DEPTH_MAX = 32, METHODS_MAX = 8 };

/* The texts of a server or of its sign-in, by element. */
static const struct {
    const char *element;
    enum wire_tag tag;
} fields[] = {{"hostname", WIRE_ADDRESS},   {"port", WIRE_SIZE},    {"socketType", WIRE_SOCKET},
              {"username", WIRE_USERNAME},  {"issuer", WIRE_ISSUER}, {"scope", WIRE_SCOPE},
              {"authURL", WIRE_AUTHORIZE},  {"tokenURL", WIRE_TOKEN}};
enum { FIELDS = sizeof fields / sizeof *fields, METHOD = FIELDS };

struct reading {
    xmlParserCtxt *parser;
    struct record_writer writer;
    int depth, servers;
    bool is_config, in_server, in_sign_in, stopped;
    size_t mark;       /* of the nested record that is open */
    int field;         /* index of the open field, METHOD, or -1 */
    int field_depth, methods;
    struct str value;
    unsigned seen;     /* fields this record has, a bit each */
};

/* The value of an attribute, or NULL. */
static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes && attributes[i] && attributes[i + 1]; i += 2)
        if (strcmp((const char *)attributes[i], name) == 0)
            return (const char *)attributes[i + 1];
    return NULL;
}

/* No more of it is read. */
static void stop(struct reading *r)
{
    r->stopped = true;
    xmlStopParser(r->parser);
}

/* A DOCTYPE: files of this kind have none. */
static void on_doctype(void *user, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    (void)name, (void)id, (void)system;
    stop(user);
}

/* Begins a record for a server or a sign-in. */
static void open_record(struct reading *r, enum wire_tag tag, const char *type)
{
    r->mark = record_nest(&r->writer, (uint16_t)tag);
    if (type && strlen(type) < 32)
        record_add_text(&r->writer, WIRE_NAME, type);
    r->seen = 0;
    r->methods = 0;
}

/* An element begins. */
static void on_start(void *user, const xmlChar *element, const xmlChar **attributes)
{
    struct reading *r = user;
    const char *name = (const char *)element;
    if (++r->depth > DEPTH_MAX) {
        stop(r);
        return;
    }
    if (r->depth == 1)
        r->is_config = strcmp(name, "clientConfig") == 0;
    if (!r->is_config || r->field >= 0)
        return;
    bool server = strcmp(name, "incomingServer") == 0 || strcmp(name, "outgoingServer") == 0;
    bool sign_in = strcmp(name, "oAuth2") == 0;
    if ((server || sign_in) && !r->in_server && !r->in_sign_in) {
        if (++r->servers > AUTOCONFIG_SERVERS_MAX) {
            stop(r);
            return;
        }
        r->in_server = server;
        r->in_sign_in = sign_in;
        open_record(r, server ? WIRE_SERVER : WIRE_SIGN_IN, attribute(attributes, "type"));
    } else if (r->in_server || r->in_sign_in) {
        int i = 0;
        while (i < FIELDS && strcmp(fields[i].element, name) != 0)
            i++;
        if (i < FIELDS || strcmp(name, "authentication") == 0) {
            r->field = i;
            r->field_depth = r->depth;
            str_clear(&r->value);
        }
    }
}

/* Text of an element. */
static void on_text(void *user, const xmlChar *text, int n)
{
    struct reading *r = user;
    if (r->field >= 0 && n > 0 && r->value.len + (size_t)n <= VALUE_MAX)
        str_add(&r->value, (const char *)text, (size_t)n);
}

/* Writes a field that is whole; the first of its kind counts. */
static void end_field(struct reading *r)
{
    char *text = str_trim(str_take(&r->value));
    if (!*text || !utf8_valid(text, strlen(text))) {
        r->field = -1;
        free(text);
        return;
    }
    if (r->field == METHOD) {
        if (r->methods++ < METHODS_MAX)
            record_add_text(&r->writer, WIRE_METHOD, text);
    } else if (!(r->seen & 1u << r->field)) {
        long long port = 0;
        r->seen |= 1u << r->field;
        if (fields[r->field].tag != WIRE_SIZE)
            record_add_text(&r->writer, (uint16_t)fields[r->field].tag, text);
        else if (str_to_int64(text, &port))
            record_add_int(&r->writer, WIRE_SIZE, port);
    }
    r->field = -1;
    free(text);
}

/* An element ends. */
static void on_end(void *user, const xmlChar *element)
{
    struct reading *r = user;
    const char *name = (const char *)element;
    if (r->field >= 0 && r->depth == r->field_depth) {
        end_field(r);
    } else if ((r->in_server && (strcmp(name, "incomingServer") == 0 || strcmp(name, "outgoingServer") == 0)) ||
               (r->in_sign_in && strcmp(name, "oAuth2") == 0)) {
        record_unnest(&r->writer, r->mark);
        r->in_server = r->in_sign_in = false;
    }
    r->depth--;
}

/* Reads the file. */
void autoconfig_read(const char *bytes, size_t n, struct str *answer)
{
    static xmlSAXHandler sax = {.internalSubset = on_doctype,
                                .startElement = on_start,
                                .endElement = on_end,
                                .characters = on_text,
                                .cdataBlock = on_text};
    struct reading r = {.field = -1};
    size_t start = answer->len;
    record_begin(&r.writer, answer, WIRE_SERVERS);
    if (n && n <= AUTOCONFIG_MAX && (r.parser = xmlCreatePushParserCtxt(&sax, &r, NULL, 0, NULL))) {
        xmlCtxtUseOptions(r.parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        if (xmlParseChunk(r.parser, bytes, (int)n, 1) != 0 || r.stopped || !r.is_config) {
            /* what is broken is not used in part */
            str_truncate(answer, start);
            record_begin(&r.writer, answer, WIRE_SERVERS);
        } else if (r.in_server || r.in_sign_in) {
            record_unnest(&r.writer, r.mark);
        }
        xmlFreeParserCtxt(r.parser);
    }
    record_end(&r.writer);
    str_fini(&r.value);
}
