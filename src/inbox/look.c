/* SPDX-License-Identifier: GPL-3.0-or-later */
/* look.c - which way an attachment becomes text. */
#include "inbox/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "inbox/part.h"
#include "inbox/tool.h"
#include "mail/reader.h"

struct look {
    struct loop *loop;
    const struct mail_message *m;
    int part;
    struct look_space space;
    const char *package; /* of the program that shows it */
    bool sheet;          /* what it writes is a table */
    struct mail_reader *reader;
    struct tool *tool;
    void (*done)(void *user, const struct str *out, bool cut, const struct error *err);
    void *user;
};

/* Releases it. */
static void look_free(struct look *k)
{
    mail_reader_free(k->reader);
    tool_stop(k->tool);
    free(k);
}

/* Tells the end. */
static void finish(struct look *k, const struct str *out, bool cut, const struct error *err)
{
    k->done(k->user, out, cut, err);
    look_free(k);
}

/* From the reader. */
static void on_view(void *user, const struct str *out, bool cut, const struct error *err)
{
    struct look *k = user;
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    finish(k, out, cut, err);
}

/* A table that a program wrote, laid out by the reader as one that came in a mail. */
static void show_table(struct look *k, const struct str *csv)
{
    struct str mail = STR_INIT;
    str_puts(&mail, "Content-Type: text/csv; charset=utf-8\nContent-Transfer-Encoding: binary\n\n");
    str_add(&mail, str_text(csv), csv->len);
    mail_reader_view(k->reader, mail.data, mail.len, 1, WIRE_FORM_VIEW, on_view, k);
    str_fini(&mail);
}

/* From a program: pages of a PDF follow each other. */
static void on_tool(void *user, const struct str *out, bool cut, const struct error *err)
{
    struct look *k = user;
    struct str text = STR_INIT;
    struct error missing = ERROR_INIT;
    k->tool = NULL;
    if (err->status == STATUS_NO_SUCH) {
        missing = *err;
        error_hint(&missing, _("install %s, or open the file with another program"), k->package);
        err = &missing;
    }
    for (size_t i = 0; out && i < out->len; i++)
        str_putc(&text, out->data[i] == '\f' ? '\n' : out->data[i]);
    if (out && strspn(str_text(&text), " \t\r\n") == text.len) {
        str_clear(&text);
        str_puts(&text, _("There is no text in it: perhaps it is a picture of text."));
    }
    if (out && k->sheet && !cut)
        show_table(k, &text);
    else
        finish(k, out ? &text : NULL, cut, err);
    str_fini(&text);
}

/* Which program reads an old office file: by its name, else by what the mail says of it. */
static const char *old_office(const struct mail_part *p)
{
    static const struct {
        const char *endings, *type, *program;
    } kinds[] = {{".doc.dot.wps.wpt", "application/msword", "catdoc"},
                 {".xls.xlt.et.ett", "application/vnd.ms-excel", "xls2csv"},
                 {".ppt.pps.pot.dps", "application/vnd.ms-powerpoint", "catppt"}};
    enum { KINDS = sizeof kinds / sizeof kinds[0] };
    if (str_eq(p->real_type, "application/rtf"))
        return "catdoc";
    if (!str_eq(p->real_type, "application/x-ole-storage"))
        return NULL;
    const char *dot = p->name ? strrchr(p->name, '.') : NULL;
    size_t n = dot ? strlen(dot) : 0;
    for (size_t i = 0; i < KINDS && n > 1; i++)
        for (const char *at = kinds[i].endings; (at = strchr(at, '.')); at++)
            if (strncasecmp(at, dot, n) == 0 && (at[n] == '.' || !at[n]))
                return kinds[i].program;
    for (size_t i = 0; i < KINDS; i++)
        if (str_eq(p->content_type, kinds[i].type))
            return kinds[i].program;
    return NULL;
}

/* The bytes for a program. */
static void on_bytes(void *user, const struct str *out, const struct error *err)
{
    struct look *k = user;
    const struct mail_part *p = part_find(k->m, k->part);
    char size[32];
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    if (!out || !p) {
        finish(k, NULL, false, err);
        return;
    }
    const struct look_space *s = &k->space;
    snprintf(size, sizeof size, "--size=%dx%d", s->cols, s->rows);
    const char *pdf[] = {"pdftotext", "-layout", "-q", "-enc", "UTF-8", "-", "-", NULL};
    /* Of colours the 240 that are the same everywhere, told once where they change, no other sequences. */
    const char *picture[] = {"chafa", "--format=symbols", s->colours ? "--colors=240" : "--colors=none",
                             s->ascii     ? "--symbols=ascii"
                             : s->colours ? "--symbols=block+space"
                                          : "--symbols=braille",
                             s->colours ? "--dither=none" : "--dither=diffusion", "--animate=off",
                             "--polite=on", "--optimize=2", size, "-", NULL};
    const char *program = old_office(p);
    const char *office[] = {program, "-d", "utf-8", "/dev/stdin", NULL};
    const char *words[] = {program, "-w", "-d", "utf-8", "/dev/stdin", NULL};
    k->sheet = str_eq(program, "xls2csv");
    k->package = program ? "catdoc" : str_eq(part_real(p), "application/pdf") ? "poppler-utils" : "chafa";
    k->tool = tool_start(k->loop,
                         str_eq(program, "catdoc")             ? words
                         : program                             ? office
                         : str_eq(k->package, "poppler-utils") ? pdf
                                                               : picture,
                         str_text(out), out->len, on_tool, k);
}

/* Appointments of a file. */
static void on_events(void *user, struct vec *events, bool cut, const struct error *err)
{
    struct look *k = user;
    struct str text = STR_INIT;
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    for (size_t i = 0; events && i < events->len; i++) {
        const struct mail_event *e = vec_at(events, i);
        part_event(e, clock_now(), &text);
        if (e->description)
            str_addf(&text, "\n%s\n", e->description);
        str_putc(&text, '\n');
    }
    finish(k, events ? &text : NULL, cut, err);
    str_fini(&text);
}

/* The text of an appointment file. */
static void on_calendar(void *user, const struct str *out, bool cut, const struct error *err)
{
    struct look *k = user;
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    if (out && out->len)
        mail_reader_calendar(k->reader, str_text(out), on_events, k);
    else
        finish(k, out, cut, err);
}

/* Is it a picture that chafa can show? */
static bool is_picture(const char *type)
{
    return str_starts(type, "image/") && !str_eq(type, "image/svg+xml") && !str_eq(type, "image/heic") &&
           !str_eq(type, "image/vnd.microsoft.icon");
}

/* The same of a part. */
bool look_is_picture(const struct mail_part *p)
{
    return is_picture(part_real(p));
}

/* A number between two others. */
static int within(int n, int least, int most)
{
    return n < least ? least : n > most ? most : n;
}

/* Begins. */
struct look *look_start(struct loop *l, const struct mail_message *m, const struct str *raw, int part,
                        const struct look_space *space,
                        void (*done)(void *user, const struct str *out, bool cut,
                                     const struct error *err),
                        void *user)
{
    const struct mail_part *p = part_find(m, part);
    const char *type = p ? part_real(p) : "";
    bool calendar = str_eq(type, "text/calendar") || str_eq(type, "application/ics");
    struct look *k = mem_alloc(sizeof *k);
    k->loop = l;
    k->m = m;
    k->part = part;
    k->space = *space;
    k->space.cols = within(space->cols, 10, 300);
    k->space.rows = within(space->rows, 4, 100);
    k->done = done;
    k->user = user;
    k->reader = mail_reader_new(l, NULL);
    if (str_eq(type, "application/pdf") || is_picture(type) || (p && old_office(p)))
        mail_reader_part(k->reader, raw->data, raw->len, part, false, on_bytes, k);
    else
        mail_reader_view(k->reader, raw->data, raw->len, part, WIRE_FORM_VIEW,
                         calendar ? on_calendar : on_view, k);
    return k;
}

/* Nobody waits any more. */
void look_stop(struct look *k)
{
    if (k)
        look_free(k);
}
