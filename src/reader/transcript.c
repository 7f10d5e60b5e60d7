/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transcript.c - WebVTT (Teams, Zoom), SRT and plain text into cues.
 *
 * Two readers: timed files, where a line with "-->" begins a cue whatever stands around it, and
 * plain text, where names and times at the head of a line do. Who speaks is decided after all
 * cues are there: "Name: text" counts as a speaker only where the whole file reads like that. */
#include "reader/transcript.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/record.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/wire.h"
#include "reader/charset.h"

enum { GAP_MS = 2000, MERGED_MAX = 1000, NAME_MAX_BYTES = 80, NAME_MAX_CELLS = 40 };

struct cue {
    int64_t start, end;      /* ms; -1 unknown */
    struct str speaker, text;
    bool told;               /* the speaker was marked as one (<v>, a line of its own) */
};

/* Releases a cue. */
static void cue_fini(void *item)
{
    struct cue *c = item;
    str_fini(&c->speaker);
    str_fini(&c->text);
}

/* ---- small readers ---- */

/* Reads a time "1:02:03.450", "02:03,4", "0:03"; returns its bytes, 0 when there is none. */
static size_t read_time(const char *s, size_t n, int64_t *ms)
{
    int64_t parts[3] = {0, 0, 0};
    int count = 0;
    size_t i = 0;
    for (;;) {
        size_t digits = 0;
        int64_t v = 0;
        while (i < n && s[i] >= '0' && s[i] <= '9' && digits < 6)
            v = v * 10 + (s[i++] - '0'), digits++;
        if (!digits || count == 3 || (count && digits != 2))
            return 0;
        parts[count++] = v;
        if (i < n && s[i] == ':')
            i++;
        else
            break;
    }
    if (count < 2 || parts[count - 1] > 59 || (count == 3 && parts[1] > 59))
        return 0;
    int64_t seconds = count == 3 ? parts[0] * 3600 + parts[1] * 60 + parts[2]
                                 : parts[0] * 60 + parts[1];
    int64_t fraction = 0, unit = 100;
    if (i + 1 < n && (s[i] == '.' || s[i] == ',') && s[i + 1] >= '0' && s[i + 1] <= '9') {
        for (i++; i < n && s[i] >= '0' && s[i] <= '9'; i++, unit /= 10)
            fraction += (s[i] - '0') * unit;
    }
    *ms = seconds * 1000 + fraction;
    return i;
}

/* Skips blanks. */
static void skip_blanks(const char **s, size_t *n)
{
    while (*n && (**s == ' ' || **s == '\t'))
        (*s)++, (*n)--;
}

/* Takes blanks off both ends. */
static void trim(const char **s, size_t *n)
{
    skip_blanks(s, n);
    while (*n && strchr(" \t\r\n", (*s)[*n - 1]))
        (*n)--;
}

/* Reads "00:01.000 --> 00:02.000 …". */
static bool read_timing(const char *s, size_t n, int64_t *start, int64_t *end)
{
    skip_blanks(&s, &n);
    size_t used = read_time(s, n, start);
    if (!used)
        return false;
    s += used;
    n -= used;
    skip_blanks(&s, &n);
    if (n < 3 || memcmp(s, "-->", 3) != 0)
        return false;
    s += 3;
    n -= 3;
    skip_blanks(&s, &n);
    return read_time(s, n, end) > 0;
}

/* Appends a space unless the text ends with one, or both sides are CJK. */
static void join_space(struct str *text, const char *next, size_t n)
{
    if (!text->len || !n || text->data[text->len - 1] == ' ')
        return;
    size_t at = text->len, used;
    while (at > 0 && ((unsigned char)text->data[--at] & 0xc0) == 0x80)
        ;
    uint32_t before = utf8_decode(text->data + at, text->len - at, &used);
    uint32_t after = utf8_decode(next, n, &used);
    bool cjk_mark = before >= 0x3000 && before <= 0x303f;
    bool wide_mark = before >= 0xff00 && before <= 0xff65;
    if ((utf8_is_cjk(before) || cjk_mark || wide_mark) && utf8_is_cjk(after))
        return;
    str_putc(text, ' ');
}

/* Appends an entity's character; returns its bytes, 0 when it is none. */
static size_t add_entity(const char *s, size_t n, struct str *out)
{
    static const char *const names[][2] = {{"&amp;", "&"},  {"&lt;", "<"},    {"&gt;", ">"},
                                           {"&quot;", "\""}, {"&#39;", "'"},  {"&apos;", "'"},
                                           {"&nbsp;", " "}, {"&lrm;", ""},    {"&rlm;", ""}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i][0]);
        if (n >= len && memcmp(s, names[i][0], len) == 0) {
            str_puts(out, names[i][1]);
            return len;
        }
    }
    return 0;
}

/* ---- timed files ---- */

/* Begins a cue. */
static struct cue *new_cue(struct vec *cues, int64_t start, int64_t end)
{
    struct cue *c = vec_push(cues);
    c->start = start;
    c->end = end < start ? start : end;
    return c;
}

/* Reads the name of <v Name> or <v.class Name>. */
static bool voice_name(const char *tag, size_t n, const char **name, size_t *len)
{
    if (n < 3 || tag[0] != 'v' || (tag[1] != ' ' && tag[1] != '.' && tag[1] != '\t'))
        return false;
    const char *space = memchr(tag, ' ', n);
    if (!space)
        return false;
    *name = space + 1;
    *len = n - (size_t)(space + 1 - tag);
    trim(name, len);
    return *len > 0;
}

/* Adds a line of a cue: marks are taken off, a voice begins a cue of its own. */
static void add_payload(struct vec *cues, const char *s, size_t n)
{
    struct cue *c = vec_at(cues, cues->len - 1);
    const char *end = s + n;
    bool fresh = true;
    while (s < end) {
        if (*s == '<') {
            const char *close = memchr(s, '>', (size_t)(end - s));
            const char *name;
            size_t len;
            if (close && voice_name(s + 1, (size_t)(close - s) - 1, &name, &len)) {
                if (c->text.len || c->told)
                    c = new_cue(cues, c->start, c->end);
                for (size_t i = 0; i < len;) {
                    size_t used = name[i] == '&' ? add_entity(name + i, len - i, &c->speaker) : 0;
                    if (!used)
                        str_putc(&c->speaker, name[i]);
                    i += used ? used : 1;
                }
                c->told = true;
                s = close + 1;
                continue;
            }
            bool tag = close && close - s < 64 &&
                       (s[1] == '/' || (s[1] >= 'a' && s[1] <= 'z') || (s[1] >= '0' && s[1] <= '9'));
            if (tag) {
                s = close + 1;
                continue;
            }
        }
        if (fresh)
            join_space(&c->text, s, (size_t)(end - s));
        fresh = false;
        size_t used = *s == '&' ? add_entity(s, (size_t)(end - s), &c->text) : 0;
        if (!used)
            str_putc(&c->text, *s);
        s += used ? used : 1;
    }
}

/* The line at p, without its end; moves p behind it. */
static void take_line(const char **p, const char *end, const char **line, size_t *n)
{
    *line = *p;
    const char *q = *p;
    while (q < end && *q != '\n' && *q != '\r')
        q++;
    *n = (size_t)(q - *p);
    if (q < end && *q == '\r' && q + 1 < end && q[1] == '\n')
        q++;
    *p = q < end ? q + 1 : end;
}

/* Is this line only an id: digits, or a GUID with its counters? */
static bool is_id(const char *s, size_t n)
{
    bool any = n > 0, dash = false;
    for (size_t i = 0; i < n && any; i++) {
        dash |= s[i] == '-';
        any = strchr("0123456789abcdefABCDEF-/", s[i]) != NULL && s[i] != '\0';
    }
    return any && (dash ? n >= 30 : strspn(s, "0123456789") >= n);
}

/* Reads VTT or SRT. */
static void read_timed(const char *p, const char *end, struct vec *cues)
{
    bool in_cue = false, in_block = false;
    while (p < end && cues->len < TRANSCRIPT_CUES_MAX) {
        const char *line, *next_line;
        size_t n, next_n;
        int64_t start, stop;
        take_line(&p, end, &line, &n);
        trim(&line, &n);
        if (read_timing(line, n, &start, &stop)) {
            new_cue(cues, start, stop);
            in_cue = true;
            in_block = false;
            continue;
        }
        if (!n) {
            in_cue = in_block = false;
            continue;
        }
        if (in_block || !in_cue) {
            in_block |= (n >= 4 && memcmp(line, "NOTE", 4) == 0) ||
                        (n >= 5 && memcmp(line, "STYLE", 5) == 0) ||
                        (n >= 6 && memcmp(line, "REGION", 6) == 0);
            continue;
        }
        const char *ahead = p; /* an id that no empty line cuts off */
        take_line(&ahead, end, &next_line, &next_n);
        if (is_id(line, n) && read_timing(next_line, next_n, &start, &stop))
            continue;
        add_payload(cues, line, n);
    }
}

/* ---- plain text ---- */

/* A line that only says who speaks and when: "Li Na   0:12:31", "0:12:31 Li Na". */
static bool read_heading(const char *s, size_t n, const char **name, size_t *len, int64_t *ms)
{
    size_t used = read_time(s, n, ms);
    if (used && n - used > 1 && n - used < NAME_MAX_BYTES && strchr(" \t", s[used])) {
        *name = s + used;
        *len = n - used;
        trim(name, len);
        return *len > 0 && !memchr(*name, ':', *len) && !memchr(*name, '.', *len) &&
               !memchr(*name, ',', *len) && !memmem(*name, *len, "：", 3);
    }
    size_t i = n;
    while (i && strchr("0123456789:", s[i - 1]))
        i--;
    if (!i || i == n || i > NAME_MAX_BYTES || !read_time(s + i, n - i, ms))
        return false;
    bool wide = s[i - 1] == '\t' || (i >= 2 && s[i - 1] == ' ' && s[i - 2] == ' ');
    bool few = !memchr(s, ':', i) && i < 40;
    *name = s;
    *len = i;
    trim(name, len);
    return *len > 0 && few && (wide || memchr(*name, '.', *len) == NULL);
}

/* Takes a time at the head of a line: "[00:12:31] ", "(0:03) ", "00:12:31 ". */
static bool take_stamp(const char **s, size_t *n, int64_t *ms)
{
    const char *p = *s;
    size_t left = *n;
    char close = '\0';
    if (left && (*p == '[' || *p == '('))
        close = *p == '[' ? ']' : ')', p++, left--;
    size_t used = read_time(p, left, ms);
    if (!used)
        return false;
    p += used;
    left -= used;
    int64_t ignored;
    if (close) {
        if (left && *p == '-' && (used = read_time(p + 1, left - 1, &ignored)))
            p += used + 1, left -= used + 1;
        if (!left || *p != close)
            return false;
        p++, left--;
    } else if (left && !strchr(" \t-", *p)) {
        return false;
    } else {
        const char *q = p;
        size_t k = left;
        skip_blanks(&q, &k);
        size_t word = 0; /* "10:30 Meeting: …" is a note about a time, "00:10:30 …" is none */
        while (word < k && q[word] != ':')
            word++;
        if (strchr(*s, ':') && (size_t)(p - *s) <= 5 && word < k)
            return false;
    }
    skip_blanks(&p, &left);
    if (left && *p == '-' && left > 1 && p[1] == ' ')
        p++, left--;
    skip_blanks(&p, &left);
    *s = p;
    *n = left;
    return true;
}

/* Reads plain text: each line is a cue of its own unless it goes on with the last. */
static void read_plain(const char *p, const char *end, struct vec *cues)
{
    bool blank = true;
    while (p < end && cues->len < TRANSCRIPT_CUES_MAX) {
        const char *line, *name;
        size_t n, len;
        int64_t ms = -1;
        take_line(&p, end, &line, &n);
        trim(&line, &n);
        if (!n) {
            blank = true;
            continue;
        }
        if (read_heading(line, n, &name, &len, &ms)) {
            struct cue *c = new_cue(cues, ms, -1);
            c->end = -1;
            str_add(&c->speaker, name, len);
            c->told = true;
            blank = false;
            continue;
        }
        bool stamped = take_stamp(&line, &n, &ms);
        struct cue *last = cues->len ? vec_at(cues, cues->len - 1) : NULL;
        if (!stamped && last && last->told && !blank) {
            join_space(&last->text, line, n);
            str_add(&last->text, line, n);
            continue;
        }
        struct cue *c = new_cue(cues, stamped ? ms : -1, -1);
        c->end = -1;
        str_add(&c->text, line, n);
        blank = false;
    }
}

/* ---- speakers ---- */

/* Is this the name of a field rather than of a person? */
static bool is_field(const char *s, size_t n)
{
    static const char *const words[] = {
        "note", "notes", "agenda", "date", "time", "attendees", "participants", "present",
        "subject", "location", "action", "actions", "decision", "decisions", "todo", "to do",
        "topic", "re", "fwd", "http", "https", "summary", "question", "questions", "meeting",
        "title", "duration", "next steps", "p.s", "ps", "eg", "example", "warning",
        "会议", "时间", "地点", "主题", "参会人", "参会人员", "出席", "日期", "议题", "备注",
        "决定", "任务", "问题", "结论", "记录", "主持"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == n && strncasecmp(s, words[i], n) == 0)
            return true;
    return false;
}

/* Finds "Name:" at the head of a text: the bytes of the name, 0 when there is none; *skip is
 * where the text goes on. */
static size_t find_speaker(const char *s, size_t n, size_t *skip)
{
    size_t i = 0, words = 1, small = 0;
    bool letter = false, word_start = true;
    while (i < n && i < NAME_MAX_BYTES) {
        size_t used;
        uint32_t c = utf8_decode(s + i, n - i, &used);
        if (c == ':' || c == 0xff1a)
            break;
        if (strchr(",;!?\"<>[]{}=*/|", c < 0x80 ? (int)c : 'a') || (c >= 0x3000 && c <= 0x303f) ||
            (c >= 0xff00 && c <= 0xff0f) || c == 0xff1f)
            return 0;
        if (c == ' ') {
            words++;
            word_start = true;
        } else {
            if (word_start && c >= 'a' && c <= 'z')
                small++;
            letter |= c > 0x7f || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            word_start = false;
        }
        i += used;
    }
    if (i >= n || i >= NAME_MAX_BYTES || !letter || !i || words > 5 || is_field(s, i))
        return 0;
    size_t mark = s[i] == ':' ? 1 : 3;
    const char *rest = s + i + mark;
    size_t left = n - i - mark;
    if (mark == 1 && left && !strchr(" \t", *rest) && (unsigned char)*rest < 0x80)
        return 0; /* a time, an address of the web, a ratio */
    if (small && words > 1 && small + 1 >= words)
        return 0; /* "the point is: …" */
    if (utf8_cells(s, i) > NAME_MAX_CELLS)
        return 0;
    while (left && strchr(" \t", *rest))
        rest++, left--;
    *skip = (size_t)(rest - s);
    return i;
}

/* How often a name heads a text. */
static size_t count_name(const struct vec *cues, const char *name, size_t n)
{
    size_t count = 0, skip;
    for (size_t i = 0; i < cues->len && count < 3; i++) {
        const struct cue *c = vec_at(cues, i);
        count += find_speaker(str_text(&c->text), c->text.len, &skip) == n &&
                 memcmp(c->text.data, name, n) == 0;
    }
    return count;
}

/* Splits "Name: text" where the file reads like a dialogue, else only names that come again. */
static void find_speakers(struct vec *cues)
{
    size_t heads = 0, skip;
    for (size_t i = 0; i < cues->len; i++) {
        const struct cue *c = vec_at(cues, i);
        heads += !c->told && find_speaker(str_text(&c->text), c->text.len, &skip) > 0;
    }
    bool dialogue = heads * 3 >= cues->len && heads > 0;
    size_t checks = 0;
    for (size_t i = 0; i < cues->len; i++) {
        struct cue *c = vec_at(cues, i);
        size_t n = c->told ? 0 : find_speaker(str_text(&c->text), c->text.len, &skip);
        if (!n || (!dialogue && (checks++ > 500 || count_name(cues, c->text.data, n) < 2)))
            continue;
        str_add(&c->speaker, c->text.data, n);
        while (c->speaker.len && c->speaker.data[c->speaker.len - 1] == ' ')
            str_truncate(&c->speaker, c->speaker.len - 1);
    }
    for (size_t i = 0; i < cues->len; i++) { /* only now: counting looked at the whole texts */
        struct cue *c = vec_at(cues, i);
        if (c->speaker.len && !c->told && find_speaker(str_text(&c->text), c->text.len, &skip))
            str_splice(&c->text, 0, skip, NULL, 0);
    }
}

/* ---- putting together ---- */

/* Does b go on with what a says? */
static bool goes_on(const struct cue *a, const struct cue *b, bool timed)
{
    if (a->text.len + b->text.len > MERGED_MAX)
        return false;
    if (!timed)
        return b->start < 0 && !b->speaker.len && a->speaker.len > 0;
    return strcmp(str_text(&a->speaker), str_text(&b->speaker)) == 0 && a->end >= 0 &&
           b->start - a->end <= GAP_MS && b->start >= a->start;
}

/* Writes one cue. */
static void write_cue(struct record_writer *w, const struct cue *c)
{
    size_t mark = record_nest(w, WIRE_CUE);
    record_add_int(w, WIRE_START, c->start);
    record_add_int(w, WIRE_END, c->end);
    record_add(w, WIRE_SPEAKER, str_text(&c->speaker), c->speaker.len);
    record_add(w, WIRE_TEXT, str_text(&c->text), c->text.len);
    record_unnest(w, mark);
}

/* Merges what belongs together and writes the rest. */
static void write_cues(struct vec *cues, bool timed, struct str *answer)
{
    struct record_writer w;
    struct cue *last = NULL;
    record_begin(&w, answer, WIRE_CUES);
    for (size_t i = 0; i < cues->len; i++) {
        struct cue *c = vec_at(cues, i);
        if (!c->text.len)
            continue;
        if (last && goes_on(last, c, timed)) {
            join_space(&last->text, c->text.data, c->text.len);
            str_add(&last->text, c->text.data, c->text.len);
            if (c->end > last->end)
                last->end = c->end;
            continue;
        }
        if (last)
            write_cue(&w, last);
        last = c;
    }
    if (last)
        write_cue(&w, last);
    record_end(&w);
}

/* Is there a cue with a timing line? */
static bool has_timing(const char *p, const char *end)
{
    while (p < end) {
        const char *line;
        size_t n;
        int64_t a, b;
        take_line(&p, end, &line, &n);
        if (n < 100 && memmem(line, n, "-->", 3) && read_timing(line, n, &a, &b))
            return true;
    }
    return false;
}

/* Reads a transcript of any kind. */
void transcript_read(const char *bytes, size_t n, struct str *answer)
{
    struct str text = STR_INIT;
    struct vec cues;
    vec_init(&cues, sizeof(struct cue), cue_fini);
    if (n > TRANSCRIPT_MAX)
        n = TRANSCRIPT_MAX;
    if (n >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        charset_decode("utf-16", bytes, n, &text);
    else
        charset_guess(bytes, n, &text);
    const char *p = str_text(&text), *end = p + text.len;
    if (text.len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    bool timed = has_timing(p, end);
    if (timed)
        read_timed(p, end, &cues);
    else
        read_plain(p, end, &cues);
    find_speakers(&cues);
    write_cues(&cues, timed, answer);
    vec_fini(&cues);
    str_fini(&text);
}
