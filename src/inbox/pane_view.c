/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_view.c - a mail in another form (source, headers, parts, its plain or its HTML text), or one
 * attachment to look at: text, tables, office files and appointments by bureau-reader, PDF by
 * pdftotext, old office files by catdoc, pictures by chafa, all in their box. The place is "m12 source" or "m12 3". */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/watch.h"
#include "command/command.h"
#include "inbox/inside.h"
#include "inbox/look.h"
#include "inbox/pane_inside.h"
#include "inbox/pane_message.h"
#include "inbox/part.h"
#include "mail/reader.h"
#include "mail/store.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/text.h"

#define PAGE (128 << 10) /* bytes that are laid out at once, and added at the end */
#define HEAD 2           /* rows above it: what it is */
#define NEAR 100         /* lines from the end where the next page is added */
#define SOURCE_MAX (64 << 20) /* of a source that is shown */

enum form { FORM_PART, FORM_PLAIN, FORM_HTML, FORM_SOURCE, FORM_HEADERS, FORM_PARTS };

static const struct {
    const char *word, *title;
} forms[] = {
    [FORM_PART] = {"", ""},
    [FORM_PLAIN] = {"plain", N_("plain text")},
    [FORM_HTML] = {"html", N_("HTML as text")},
    [FORM_SOURCE] = {"source", N_("source")},
    [FORM_HEADERS] = {"headers", N_("headers")},
    [FORM_PARTS] = {"parts", N_("parts")},
};

struct view {
    struct pane *pane;
    int64_t message;
    enum form form;
    int part;
    struct mail_message *m, *none; /* none: without links */
    struct str raw;    /* the bytes of the mail */
    struct str shown;  /* what is shown, of which `laid` bytes are laid out */
    size_t laid;
    bool cut, plain;   /* more than was read; no markup of quotes and signatures */
    bool picture, painted; /* made for so many columns and rows; with colours */
    int for_cols, for_rows;
    struct text *text;
    struct mail_reader *reader;
    struct store_asked *asked; /* the bytes are on their way; they are not there before */
    struct look *look; /* an attachment on its way */
    struct inside *inside;      /* a mail inside on its way */
    struct mail_message *inner; /* own: the mail inside that is shown; NULL */
    bool hidden;                /* H: all of it is shown */
    struct pane_opening *opening; /* an attachment on its way to a program */
};

/* ---- laying out ---- */

/* Lays out the next page: up to the end of a line. */
static void lay_page(struct view *v)
{
    const char *at = str_text(&v->shown) + v->laid;
    size_t left = v->shown.len - v->laid, n = left;
    if (!left)
        return;
    if (n > PAGE) {
        const char *line = memchr(at + PAGE, '\n', left - PAGE);
        n = line ? (size_t)(line + 1 - at) : left;
    }
    if (v->painted)
        text_picture(v->text, at, n);
    else if (v->plain)
        text_foreign(v->text, STYLE_PLAIN, at, n);
    else
        pane_message_body(v->text, at, n, v->none, v->message); /* its [n] are not those of the mail */
    v->laid += n;
    if (v->laid == v->shown.len && v->inner) {
        struct pane_message p = {.text = v->text, .hidden = v->hidden};
        text_newline(v->text);
        pane_message_inside_tail(&p, v->inner, v->message, v->m, v->part);
    }
    if (v->laid == v->shown.len && v->cut) {
        text_newline(v->text);
        if (v->form == FORM_PART)
            text_add(v->text, STYLE_WARN, _("There is more: s saves the file, e opens it with a program."));
        else
            text_addf(v->text, STYLE_WARN, _("There is more: bureau show m%lld --raw gives every byte."),
                      (long long)v->message);
    }
}

/* More when the reader comes near the end. */
static void lay_more(struct view *v, bool all)
{
    while (v->laid < v->shown.len && (all || text_top(v->text) + NEAR > text_lines(v->text)))
        lay_page(v);
}

/* Shows a text that has come. */
static void show_text(struct view *v, const char *bytes, size_t n, bool cut)
{
    text_clear(v->text);
    str_clear(&v->shown);
    str_add(&v->shown, bytes, n);
    v->laid = 0;
    v->cut = cut;
    lay_page(v);
    pane_dirty(v->pane);
}

/* Shows the mail inside: what its headers say, then its text. */
static void show_inside(struct view *v)
{
    struct pane_message p = {.text = v->text, .hidden = v->hidden};
    const char *text = v->inner->text && *v->inner->text ? v->inner->text : "\n";
    size_t top = text_top(v->text);
    text_clear(v->text);
    pane_message_inside_head(&p, v->inner);
    str_clear(&v->shown);
    str_puts(&v->shown, text);
    v->laid = 0;
    v->cut = false;
    lay_page(v);
    text_set_top(v->text, top);
    pane_dirty(v->pane);
}

/* Says something instead of a text. */
static void show_words(struct view *v, unsigned style, const char *words, const char *hint)
{
    text_clear(v->text);
    str_clear(&v->shown);
    v->laid = 0;
    text_foreign(v->text, style, words, strlen(words));
    if (hint && *hint) {
        text_newline(v->text);
        text_add(v->text, STYLE_DIM, hint);
    }
    pane_dirty(v->pane);
}

/* Nothing here can show it. */
static void show_nothing(struct view *v)
{
    show_words(v, STYLE_DIM, _("This kind of file cannot be shown here."),
               _("s saves it, e opens it with a program."));
}

/* ---- what comes ---- */

/* From the reader. */
static void on_view(void *user, const struct str *out, bool cut, const struct error *err)
{
    struct view *v = user;
    if (err->status == STATUS_INTERRUPTED)
        return;
    if (!out)
        show_words(v, STYLE_ERROR, err->text, err->hint);
    else if (!out->len)
        show_nothing(v);
    else
        show_text(v, str_text(out), out->len, cut);
}

/* An attachment. */
static void on_look(void *user, const struct str *out, bool cut, const struct error *err)
{
    struct view *v = user;
    v->look = NULL;
    on_view(v, out, cut, err);
}

/* A mail inside. */
static void on_inside(void *user, struct mail_message *m, struct str *bytes, const struct error *err)
{
    struct view *v = user;
    str_fini(bytes);
    v->inside = NULL;
    v->inner = m;
    if (m)
        show_inside(v);
    else
        show_words(v, STYLE_ERROR, err->text, err->hint);
}

/* ---- the forms ---- */

/* Asks for the attachment as text of the size that there is. */
static void ask_look(struct view *v)
{
    v->for_cols = pane_cols(v->pane);
    v->for_rows = pane_rows(v->pane);
    const struct look_space space = {.cols = v->for_cols - 2, .rows = v->for_rows - HEAD,
                                     .ascii = pane_is_ascii(v->pane), .colours = pane_has_paint(v->pane)};
    v->painted = v->picture && space.colours;
    v->look = look_start(pane_loop(v->pane), v->m, &v->raw, v->part, &space, on_look, v);
}

/* An attachment: by what it is. */
static void load_part(struct view *v)
{
    const struct mail_part *p = part_find(v->m, v->part);
    const char *type = p ? part_real(p) : "";
    if (p && part_is_mail(p)) {
        v->inside = inside_start(pane_store(v->pane), v->message, v->part, on_inside, v);
        return;
    }
    v->plain = p && !str_starts(type, "text/plain") && !str_eq(type, "message/rfc822");
    v->picture = p && look_is_picture(p);
    ask_look(v);
}

/* The bytes as they came, or their header block. */
static void load_source(struct view *v)
{
    const char *end = v->form == FORM_HEADERS ? memmem(v->raw.data, v->raw.len, "\n\n", 2) : NULL;
    const char *crlf = v->form == FORM_HEADERS ? memmem(v->raw.data, v->raw.len, "\r\n\r\n", 4) : NULL;
    if (crlf && (!end || crlf < end))
        end = crlf;
    size_t all = end ? (size_t)(end - v->raw.data) : v->raw.len, n = all < SOURCE_MAX ? all : SOURCE_MAX;
    v->plain = true;
    show_text(v, str_text(&v->raw), n, n < all);
}

/* A line for each part; each can be opened. */
static void load_parts(struct view *v)
{
    text_clear(v->text);
    for (size_t i = 0; i < v->m->parts.len; i++) {
        const struct mail_part *p = vec_at(&v->m->parts, i);
        struct str type = STR_INIT, size = STR_INIT;
        char ref[64];
        snprintf(ref, sizeof ref, "m%" PRId64 " %d", v->message, p->number);
        part_type(p, &type);
        pane_words_size(p->size, &size);
        text_item(v->text, ref);
        text_ref(v->text, ref, p->number);
        text_addf(v->text, STYLE_SOURCE, "[%d] ", p->number);
        text_foreign(v->text, STYLE_LINK, p->content_type, strlen(p->content_type));
        text_ref_end(v->text);
        text_addf(v->text, STYLE_DIM, "  %s  ", str_text(&size));
        if (p->name)
            text_foreign(v->text, STYLE_PLAIN, p->name, strlen(p->name));
        text_add(v->text, STYLE_DIM, "  ");
        text_foreign(v->text, part_runs(p) ? STYLE_WARN : STYLE_DIM, str_text(&type), type.len);
        if (p->shown)
            text_add(v->text, STYLE_DIM, _("  (its text is in the mail)"));
        text_newline(v->text);
        str_fini(&type);
        str_fini(&size);
    }
    text_select_items(v->text, true);
    pane_dirty(v->pane);
}

/* Begins to show the form. */
static void load(struct view *v)
{
    if (v->asked)
        return; /* when they are there */
    look_stop(v->look);
    inside_stop(v->inside);
    mail_message_free(v->inner);
    v->look = NULL;
    v->inside = NULL;
    v->inner = NULL;
    v->picture = v->painted = false;
    text_select_items(v->text, false);
    text_set_top(v->text, 0);
    if (v->form == FORM_SOURCE || v->form == FORM_HEADERS) {
        load_source(v);
        return;
    }
    if (v->form == FORM_PARTS) {
        load_parts(v);
        return;
    }
    if (!v->reader)
        v->reader = mail_reader_new(pane_loop(v->pane), NULL);
    show_words(v, STYLE_DIM, _("reading…"), NULL);
    v->plain = false;
    if (v->form == FORM_PART)
        load_part(v);
    else
        mail_reader_view(v->reader, v->raw.data, v->raw.len, 0,
                         v->form == FORM_HTML ? WIRE_FORM_HTML : WIRE_FORM_PLAIN, on_view, v);
}

/* ---- the pane ---- */

struct bytes_record {
    int64_t message;
    struct str raw;
};

/* Reads the bytes of a mail, beside the loop: they may be many. */
static enum status read_bytes(struct db *db, void *record, struct error *err)
{
    struct bytes_record *r = record;
    str_clear(&r->raw);
    return mail_message_raw(db, r->message, &r->raw, err);
}

/* Releases the record. */
static void free_bytes(void *record)
{
    str_fini(&((struct bytes_record *)record)->raw);
    free(record);
}

/* The bytes are there. */
static void on_raw(void *user, void *record, const struct error *err)
{
    struct view *v = user;
    struct bytes_record *r = record;
    if (err->status == STATUS_INTERRUPTED)
        return;
    v->asked = NULL;
    if (error_is(err)) {
        show_words(v, STYLE_ERROR, err->text, err->hint);
        return;
    }
    v->raw = r->raw;
    r->raw = STR_INIT;
    load(v);
}

/* Asks for them. */
static void ask_bytes(struct view *v)
{
    static const struct store_question question = {
        .name = "mail.bytes", .run = read_bytes, .free = free_bytes};
    struct bytes_record *r = mem_alloc(sizeof *r);
    r->message = v->message;
    v->asked = store_ask(pane_store(v->pane), &question, r, on_raw, v);
}

/* Releases it. */
static void free_view(void *state)
{
    struct view *v = state;
    store_ask_cancel(pane_store(v->pane), v->asked);
    mail_reader_free(v->reader);
    look_stop(v->look);
    inside_stop(v->inside);
    mail_message_free(v->inner);
    pane_opening_stop(v->opening);
    mail_message_free(v->m);
    mail_message_free(v->none);
    str_fini(&v->raw);
    str_fini(&v->shown);
    text_free(v->text);
    free(v);
}

/* Reads "source" or "3". */
static bool read_form(struct view *v, const char *word)
{
    long long number;
    for (size_t i = FORM_PLAIN; i < sizeof forms / sizeof forms[0]; i++)
        if (str_eq(forms[i].word, word)) {
            v->form = (enum form)i;
            return true;
        }
    if (!str_to_int64(word, &number) || !part_find(v->m, (int)number))
        return false;
    v->form = FORM_PART;
    v->part = (int)number;
    return true;
}

/* Opens "m12 source" or "m12 3". */
static void *new_view(struct pane *p, const char *arg)
{
    long long message;
    char word[32];
    struct error err = ERROR_INIT;
    if (!arg || sscanf(arg, "m%lld %31s", &message, word) != 2)
        return NULL;
    struct view *v = mem_alloc(sizeof *v);
    struct db *db = store_reader(pane_store(p));
    v->pane = p;
    v->message = message;
    v->text = text_new();
    v->none = mail_message_new();
    if (mail_message_get(db, message, &v->m, &err) != STATUS_OK) {
        pane_error(p, &err);
        free_view(v);
        return NULL;
    }
    if (!read_form(v, word)) {
        pane_say(p, _("m%lld has no part %s"), message, word);
        free_view(v);
        return NULL;
    }
    ask_bytes(v);
    return v;
}

/* What it is, then it. */
static void draw_view(void *state, struct canvas *c, bool focused)
{
    struct view *v = state;
    const struct mail_part *p = v->form == FORM_PART ? part_find(v->m, v->part) : NULL;
    struct str title = STR_INIT, size = STR_INIT;
    int head = c->rows >= 8 ? HEAD : 1;
    for (int i = 0; i < head; i++)
        canvas_clear_row(c, i);
    if (v->inner) {
        str_addf(&title, "%s  %s", _("a mail inside"), v->inner->subject);
    } else if (p) {
        pane_words_size(p->size, &size);
        if (p->name && *p->name)
            str_addf(&title, "%s  ", p->name);
        part_type(p, &title);
        if (p->size)
            str_addf(&title, "  %s", str_text(&size));
    } else {
        str_addf(&title, "%s  %s", _(forms[v->form].title), v->m->subject);
    }
    canvas_column(c, 0, 1, c->cols - 2, STYLE_BOLD, CUT_END | CANVAS_FOREIGN, str_text(&title));
    struct canvas body = canvas_sub(c, head, 1, c->rows - head, c->cols - 2);
    text_draw(v->text, &body, focused);
    if (v->picture && !v->look && (pane_cols(v->pane) != v->for_cols || pane_rows(v->pane) != v->for_rows))
        ask_look(v); /* the window is another one now */
    for (int row = head; row < c->rows; row++) {
        canvas_fill(c, row, 0, 1, STYLE_PLAIN);
        canvas_fill(c, row, c->cols - 1, 1, STYLE_PLAIN);
    }
    str_fini(&title);
    str_fini(&size);
}

/* Motions; Enter opens a part of the list. */
static bool verb_view(void *state, enum pane_verb verb, int arg)
{
    struct view *v = state;
    const char *ref;
    if (verb == PANE_OPEN) {
        ref = text_ref_at(v->text, arg);
        if (ref)
            pane_open(v->pane, "view", ref);
        return true;
    }
    if (verb == PANE_HIDDEN && v->inner) {
        v->hidden = !v->hidden;
        show_inside(v);
        text_unfold_all(v->text, v->hidden);
        return true;
    }
    if (verb == PANE_LAST)
        lay_more(v, true);
    if (!text_verb(v->text, verb, arg))
        return false;
    lay_more(v, false);
    return true;
}

/* The part that is meant: the one shown, or the one selected in the list; 0 none. */
static int meant_part(struct view *v)
{
    const char *item = v->form == FORM_PARTS ? text_selected(v->text) : NULL;
    const char *space = item ? strchr(item, ' ') : NULL;
    long long number = 0;
    if (space)
        str_to_int64(space + 1, &number);
    return v->form == FORM_PART ? v->part : (int)number;
}

/* Answers and forwards the mail that is shown: this one, or the one inside it. */
static bool answer_view(struct view *v, size_t argc, const char *const *argv)
{
    char number[16];
    const char **all = mem_array(argc + 2, sizeof *all);
    memcpy(all, argv, argc * sizeof *all);
    if (v->inner) {
        snprintf(number, sizeof number, "%d", v->part);
        all[argc++] = "--part";
        all[argc++] = number;
    }
    bool taken = pane_reply_command(v->pane, 0, v->message, argc, all);
    free(all);
    return taken;
}

/* Switches the form, saves, opens. */
static bool command_view(void *state, size_t argc, const char *const *argv)
{
    struct view *v = state;
    int part = meant_part(v);
    if (str_eq(argv[0], "view")) {
        pane_view_open(v->pane, v->message, argc > 1 ? argv[1] : NULL);
        return true;
    }
    if (str_eq(argv[0], "reply") || str_eq(argv[0], "forward"))
        return answer_view(v, argc, argv);
    bool keep = str_eq(argv[0], "keep-file") || (part && str_eq(argv[0], "copy-file"));
    if (keep || str_eq(argv[0], "open-file")) {
        if (!part) {
            pane_say(v->pane, "%s", _("no file is selected: V a lists the parts"));
        } else if (v->asked) {
            pane_say(v->pane, "%s", _("it is still being read"));
        } else if (keep) {
            pane_part_save(v->pane, v->message, part);
        } else {
            pane_opening_stop(v->opening);
            v->opening = pane_part_open(v->pane, v->message, part_find(v->m, part), &v->raw);
        }
        return true;
    }
    return false;
}

/* The mail, for commands that take one. */
static void target_view(void *state, struct vec *ids)
{
    strv_push_take(ids, str_format("m%" PRId64, ((struct view *)state)->message));
}

/* Search: in all of it. */
static bool search_view(void *state, const char *needle, int direction)
{
    struct view *v = state;
    lay_more(v, true);
    return text_search(v->text, needle, direction);
}

/* All of it as text. */
static void copy_view(void *state, struct str *out)
{
    struct view *v = state;
    lay_more(v, true);
    char *plain = text_plain(v->text);
    str_puts(out, plain);
    free(plain);
}

/* For coming back. */
static void place_view(void *state, struct str *out)
{
    struct view *v = state;
    str_addf(out, "m%" PRId64 " ", v->message);
    if (v->form == FORM_PART)
        str_addf(out, "%d", v->part);
    else
        str_puts(out, _(forms[v->form].title));
}

/* Where this is. */
static void status_view(void *state, struct str *out)
{
    place_view(state, out);
}

/* What a program said. */
void pane_view_show(struct pane *p, const char *text, size_t n)
{
    struct view *v = pane_state(p);
    v->plain = true;
    v->picture = v->painted = false;
    show_text(v, text, n, n >= TOOL_SAID_MAX);
}

/* Has the mail no HTML, as far as it has come? */
static bool lacks_html(struct pane *p, int64_t message)
{
    struct mail_message *m = NULL;
    struct error err = ERROR_INIT; /* opening it will tell */
    if (mail_message_get(store_reader(pane_store(p)), message, &m, &err) != STATUS_OK)
        return false;
    bool lacks = m->parts.len > 0;
    for (size_t i = 0; i < m->parts.len; i++)
        lacks = lacks && !str_starts_nocase(((struct mail_part *)vec_at(&m->parts, i))->content_type, "text/html");
    mail_message_free(m);
    return lacks;
}

/* Opens a form above the reader, or changes the one that is open. */
void pane_view_open(struct pane *p, int64_t message, const char *form)
{
    char place[64];
    if (form && str_eq(form, "html") && lacks_html(p, message)) {
        pane_say(p, _("m%lld has no HTML: it is text alone"), (long long)message);
        return;
    }
    if (!form || str_eq(form, "read")) {
        if (pane_kind(p) == &view_pane)
            pane_close(p);
        return;
    }
    if (pane_kind(p) == &view_pane) {
        struct view *v = pane_state(p);
        if (read_form(v, form))
            load(v);
        else
            pane_say(p, _("\"%s\" is no view: plain, html, source, headers, parts, read"), form);
        return;
    }
    snprintf(place, sizeof place, "m%" PRId64 " %s", message, form);
    pane_open(p, "view", place);
}

const struct pane_ops view_pane = {
    .name = "view", .title = N_("View"), .keys = KEYS_VIEW, .new_state = new_view, .free = free_view,
    .draw = draw_view, .verb = verb_view, .command = command_view, .target = target_view,
    .status = status_view, .search = search_view, .copy = copy_view, .place = place_view,
};
