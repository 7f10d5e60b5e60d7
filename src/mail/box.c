/* SPDX-License-Identifier: GPL-3.0-or-later */
/* box.c - mbox files as a stream of messages, through zlib (which passes plain files on as they are) */
#include "mail/box.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "store/doc.h"

#define WINDOW (128u << 10)
#define HEAD 4096
#define HEADERS_MOST (64u << 10) /* looked through for Status lines */

struct mail_box {
    gzFile file;
    char window[WINDOW];
    size_t at, end;  /* unread bytes of the window */
    bool eof, broken;
    bool middle;     /* of a line longer than the window */
    bool begun;      /* the first From line is behind us */
    struct str from_line; /* of the message that comes next */
    int64_t next_received;
};

/* Opens over a descriptor. */
enum status mail_box_open(int fd, struct mail_box **out, struct error *err)
{
    struct mail_box *b = mem_alloc(sizeof *b);

    *out = NULL;
    b->file = gzdopen(fd, "rb");
    if (!b->file) {
        close(fd);
        free(b);
        return error_set(err, STATUS_FAILED, _("the file cannot be read"));
    }
    gzbuffer(b->file, 64u << 10);
    b->next_received = CLOCK_NONE;
    *out = b;
    return STATUS_OK;
}

/* Closes it. */
void mail_box_close(struct mail_box *b)
{
    if (!b)
        return;
    gzclose_r(b->file);
    str_fini(&b->from_line);
    free(b);
}

/* Reads more behind what is unread; false when nothing more came. */
static bool fill(struct mail_box *b)
{
    int got;

    if (b->eof)
        return false;
    if (b->at) {
        memmove(b->window, b->window + b->at, b->end - b->at);
        b->end -= b->at;
        b->at = 0;
    }
    if (b->end == WINDOW)
        return false;
    got = gzread(b->file, b->window + b->end, (unsigned)(WINDOW - b->end));
    if (got > 0) {
        b->end += (size_t)got;
        return true;
    }
    b->eof = true;
    if (got < 0)
        b->broken = true;
    else {
        int code = Z_OK;
        gzerror(b->file, &code);
        b->broken = code != Z_OK && code != Z_STREAM_END;
    }
    return false;
}

/* The first bytes. */
const char *mail_box_head(struct mail_box *b, size_t *n)
{
    while (b->end - b->at < HEAD && fill(b))
        ;
    *n = b->end - b->at < HEAD ? b->end - b->at : HEAD;
    return b->window + b->at;
}

/* The error of a file that breaks off. */
static enum status broken(struct error *err)
{
    return error_set(err, STATUS_CORRUPT, _("the file breaks off (damaged gzip data)"));
}

/* All that is left. */
enum status mail_box_rest(struct mail_box *b, size_t max, struct str *out, struct error *err)
{
    do {
        if (out->len + (b->end - b->at) > max)
            return error_set(err, STATUS_LIMIT, _("larger than %zu MB"), max >> 20);
        str_add(out, b->window + b->at, b->end - b->at);
        b->at = b->end;
    } while (fill(b));
    return b->broken ? broken(err) : STATUS_OK;
}

/* Bytes read of the file. */
int64_t mail_box_offset(const struct mail_box *b)
{
    return (int64_t)gzoffset(b->file);
}

/* Two digits, a colon, two digits at s (n bytes left)? */
static bool is_time(const char *s, size_t n)
{
    return n >= 5 && s[0] >= '0' && s[0] <= '2' && s[1] >= '0' && s[1] <= '9' && s[2] == ':' &&
           s[3] >= '0' && s[3] <= '5' && s[4] >= '0' && s[4] <= '9';
}

/* A number of the digits at s. */
static int digits(const char *s, size_t n, size_t *used)
{
    int value = 0;

    for (*used = 0; *used < n && *used < 6 && s[*used] >= '0' && s[*used] <= '9'; ++*used)
        value = value * 10 + (s[*used] - '0');
    return value;
}

/* Reads one word of the From line's date into tm. */
static void date_word(const char *s, size_t n, struct tm *tm, bool *time, bool *year)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    size_t used;
    int value = digits(s, n, &used);

    if (is_time(s, n)) {
        tm->tm_hour = (s[0] - '0') * 10 + (s[1] - '0');
        tm->tm_min = (s[3] - '0') * 10 + (s[4] - '0');
        if (n >= 8 && s[5] == ':')
            tm->tm_sec = digits(s + 6, n - 6, &used);
        *time = true;
    } else if (used == n && n == 4 && value >= 1970 && value < 2200) {
        tm->tm_year = value - 1900;
        *year = true;
    } else if (used == n && n <= 2 && n > 0 && value >= 1 && value <= 31) {
        tm->tm_mday = value;
    } else if (n == 3) {
        for (int m = 0; m < 12; m++)
            if (strncmp(months + 3 * m, s, 3) == 0)
                tm->tm_mon = m;
    }
}

/* "From someone Fri Jul  8 12:08:34 2011": a time and a year behind it. */
bool mail_box_is_from(const char *line, size_t n, int64_t *when)
{
    struct tm tm = {.tm_mon = -1};
    bool time = false, year = false;
    size_t at = 5;

    if (when)
        *when = CLOCK_NONE;
    if (n < 6 || memcmp(line, "From ", 5) != 0)
        return false;
    while (at < n) {
        size_t start;
        while (at < n && (line[at] == ' ' || line[at] == '\t'))
            at++;
        start = at;
        while (at < n && line[at] != ' ' && line[at] != '\t' && line[at] != '\r' && line[at] != '\n')
            at++;
        if (at == start)
            break;
        date_word(line + start, at - start, &tm, &time, &year);
    }
    if (!time || !year)
        return false;
    if (when && tm.tm_mon >= 0 && tm.tm_mday > 0)
        *when = (int64_t)timegm(&tm);
    return true;
}

/* Is the line this header? Its value then. */
static const char *header_value(const char *line, size_t n, const char *name, size_t *len)
{
    size_t k = strlen(name);

    if (n <= k || strncasecmp(line, name, k) != 0 || line[k] != ':')
        return NULL;
    *len = n - k - 1;
    return line + k + 1;
}

/* Status: RO · X-Status: AF · X-Mozilla-Status: 0001 */
unsigned mail_box_flags(const char *message, size_t n)
{
    unsigned flags = DOC_UNREAD;
    size_t at = 0;

    if (n > HEADERS_MOST)
        n = HEADERS_MOST;
    while (at < n) {
        const char *line = message + at, *value;
        const char *nl = memchr(line, '\n', n - at);
        size_t len = nl ? (size_t)(nl - line) : n - at, k;
        if (len == 0 || (len == 1 && line[0] == '\r'))
            break;
        value = header_value(line, len, "Status", &k);
        if (!value)
            value = header_value(line, len, "X-Status", &k);
        for (size_t i = 0; value && i < k; i++) {
            if (value[i] == 'R')
                flags &= ~(unsigned)DOC_UNREAD;
            else if (value[i] == 'A')
                flags |= DOC_REPLIED;
            else if (value[i] == 'F')
                flags |= DOC_FLAGGED;
        }
        value = header_value(line, len, "X-Mozilla-Status", &k);
        if (value) {
            char text[16] = "";
            unsigned long bits;
            memcpy(text, value, k < sizeof text - 1 ? k : sizeof text - 1);
            bits = strtoul(text, NULL, 16);
            if (bits & 0x1)
                flags &= ~(unsigned)DOC_UNREAD;
            if (bits & 0x2)
                flags |= DOC_REPLIED;
            if (bits & 0x4)
                flags |= DOC_FLAGGED;
            if (bits & 0x1000)
                flags |= DOC_FORWARDED;
        }
        at += len + 1;
    }
    return flags;
}

/* The next line of the window with its newline, or a piece of an overlong one; 0: end of file. */
static size_t next_line(struct mail_box *b, bool *begins)
{
    const char *nl;

    *begins = !b->middle;
    for (;;) {
        nl = memchr(b->window + b->at, '\n', b->end - b->at);
        if (nl || !fill(b))
            break;
    }
    b->middle = !nl && !b->eof;
    return nl ? (size_t)(nl - (b->window + b->at)) + 1 : b->end - b->at;
}

/* Is this an empty line? */
static bool is_empty(const char *line, size_t n)
{
    return (n == 1 && line[0] == '\n') || (n == 2 && line[0] == '\r' && line[1] == '\n');
}

/* The length of a message without the empty line that separates it from the next. */
static size_t without_separator(const char *s, size_t n)
{
    if (n >= 2 && s[n - 1] == '\n' && s[n - 2] == '\n')
        return n - 1;
    if (n >= 4 && memcmp(s + n - 4, "\r\n\r\n", 4) == 0)
        return n - 2;
    return n;
}

/* What lies between a From line and the separator. */
void mail_box_inner(const char *bytes, size_t n, size_t *start, size_t *len)
{
    const char *nl = memchr(bytes, '\n', n);
    size_t line = nl ? (size_t)(nl - bytes) + 1 : n;

    *start = 0;
    *len = n;
    if (n && mail_box_is_from(bytes, line, NULL)) {
        *start = line;
        *len = without_separator(bytes + line, n - line);
    }
}

/* The next message. */
enum status mail_box_next(struct mail_box *b, size_t max, struct str *out,
                          struct mail_box_item *item, struct error *err)
{
    bool first = !b->begun, empty_before = first, begins, over = false, any = false, next = false;
    size_t n;

    str_clear(out);
    str_add(out, str_text(&b->from_line), b->from_line.len);
    *item = (struct mail_box_item){.received = b->next_received, .start = out->len};
    while (!next && (n = next_line(b, &begins)) > 0) {
        const char *line = b->window + b->at;
        int64_t when;
        if (begins && empty_before && mail_box_is_from(line, n, &when)) {
            b->begun = true;
            b->next_received = when;
            str_clear(&b->from_line);
            str_add(&b->from_line, line, n);
            b->at += n;
            next = any;
            if (!any) {
                str_clear(out);
                str_add(out, str_text(&b->from_line), b->from_line.len);
                item->start = out->len;
                item->received = when;
                empty_before = false;
            }
            continue;
        }
        empty_before = begins && is_empty(line, n);
        any = true;
        if (out->len - item->start + n > max)
            over = true;
        if (!over)
            str_add(out, line, n);
        b->at += n;
    }
    item->alone = first && !next;
    item->len = without_separator(str_text(out) + item->start, out->len - item->start);
    if (!next)
        str_clear(&b->from_line);
    if (b->broken && !next) {
        b->broken = false;
        return broken(err);
    }
    if (!any)
        return error_set(err, STATUS_NO_SUCH, _("no more messages"));
    if (over)
        return error_set(err, STATUS_LIMIT, _("larger than %zu MB"), max >> 20);
    item->flags = mail_box_flags(str_text(out) + item->start, item->len);
    return STATUS_OK;
}
