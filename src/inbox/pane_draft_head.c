/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_draft_head.c - the head of a draft: as two rows, or as boxes while it is changed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/utf8.h"
#include "inbox/pane_draft.h"
#include "inbox/pane_inside.h"
#include "mail/people.h"
#include "office/people.h"
#include "store/store.h"

#define PEOPLE_MAX 12
#define FILES_MAX 200

static const char *const labels[HEAD_FIELDS] = {N_("To"), N_("Cc"), N_("Bcc"), N_("Subject"),
                                                N_("File")};

/* The pen's draft; NULL before it exists. */
static const struct draft *draft_of(const struct draft_view *v)
{
    return v->pen ? draft_pen_draft(v->pen) : NULL;
}

/* A key in the head. */
static void on_change(void *user)
{
    struct draft_view *v = user;
    v->fresh = false;
    v->head_changed = true;
    if (v->field <= HEAD_SUBJECT &&
        !draft_pen_head(v->pen, (enum draft_head)v->field, box_text(v->head[v->field])))
        pane_say(v->pane, "%s", _("it is on its way already: C-x u takes it back first"));
    pane_dirty(v->pane);
}

/* Recipients by name or address. */
static void complete_people(void *user, const char *text, size_t start, size_t point,
                            struct vec *out)
{
    struct draft_view *v = user;
    struct error err = ERROR_INIT;
    struct vec people;
    char *prefix = mem_strndup(text + start, point - start);
    vec_init(&people, sizeof(struct mail_person), mail_person_fini_item);
    if (mail_people_find(store_reader(pane_store(v->pane)), prefix, PEOPLE_MAX, &people, &err) ==
        STATUS_OK) {
        for (size_t i = 0; i < people.len; i++) {
            const struct mail_person *p = vec_at(&people, i);
            struct str one = STR_INIT;
            people_print_one(&one, p->name, p->address);
            str_puts(&one, ", ");
            strv_push_take(out, str_take(&one));
        }
    }
    vec_fini(&people);
    free(prefix);
}

/* Files of the folder that is being typed. */
static void complete_files(void *user, const char *text, size_t start, size_t point,
                           struct vec *out)
{
    char *typed = mem_strndup(text, point);
    const char *slash = strrchr(typed, '/');
    char *folder = slash ? mem_strndup(typed, (size_t)(slash - typed) + 1) : mem_strdup("./");
    char *real = path_expand(folder);
    const char *name = slash ? slash + 1 : typed;
    DIR *dir = opendir(real);
    struct dirent *e;
    (void)user;
    (void)start;
    while (dir && (e = readdir(dir)) && out->len < FILES_MAX) {
        if (e->d_name[0] == '.' && name[0] != '.')
            continue;
        if (str_starts(e->d_name, name))
            strv_push_take(out, str_format("%s%s%s", slash ? folder : "", e->d_name,
                                           e->d_type == DT_DIR ? "/" : ""));
    }
    if (dir)
        closedir(dir);
    free(real);
    free(folder);
    free(typed);
}

/* The file named is attached. */
static void attach(struct draft_view *v)
{
    struct str line = STR_INIT;
    char *path = path_expand(box_text(v->head[HEAD_FILES]));
    str_addf(&line, "draft edit d%lld --attach ", (long long)v->id);
    pane_words_quote(&line, path);
    pane_run(v->pane, str_text(&line));
    box_set(v->head[HEAD_FILES], "", 0);
    str_fini(&line);
    free(path);
}

/* Enter: the next field, the last leads to the text. */
static void on_enter(void *user)
{
    struct draft_view *v = user;
    if (v->field == HEAD_FILES && *box_text(v->head[HEAD_FILES])) {
        attach(v);
        return;
    }
    if (v->field + 1 < HEAD_FIELDS)
        v->field++;
    else
        draft_head_close(v);
    pane_dirty(v->pane);
}

/* Opens the head for changing. */
void draft_head_open(struct draft_view *v, enum head_field field)
{
    if (!draft_of(v))
        return;
    for (int i = 0; i < HEAD_FIELDS; i++) {
        struct box_events events = {.on_change = on_change, .on_enter = on_enter};
        struct str text = STR_INIT;
        if (i <= HEAD_BCC)
            events.complete = complete_people;
        if (i == HEAD_FILES)
            events.complete = complete_files;
        box_free(v->head[i]);
        v->head[i] = box_new(BOX_LINE, &events, v);
        box_set_breaks(v->head[i], i == HEAD_FILES ? "\n" : ",;\n");
        if (i <= HEAD_SUBJECT)
            str_puts(&text, draft_pen_header(v->pen, (enum draft_head)i));
        if (i <= HEAD_BCC && text.len && !str_ends(str_text(&text), ", "))
            str_puts(&text, ", ");
        box_set(v->head[i], str_text(&text), text.len);
        str_fini(&text);
    }
    v->in_head = true;
    v->field = (int)field;
    v->head_changed = false;
    pane_dirty(v->pane);
}

/* Whether an address list can be read; says what cannot and goes there. */
static bool is_readable(struct draft_view *v, enum head_field field)
{
    struct error err = ERROR_INIT;
    struct vec people;
    people_init(&people);
    bool good = people_parse(box_text(v->head[field]), &people, &err) == STATUS_OK;
    vec_fini(&people);
    if (!good) {
        pane_error(v->pane, &err);
        v->field = (int)field;
    }
    return good;
}

/* Closes the head: what was typed is stored already; stays open when an address cannot be read. */
void draft_head_close(struct draft_view *v)
{
    if (!v->in_head)
        return;
    for (enum head_field i = HEAD_TO; i <= HEAD_BCC; i++)
        if (!is_readable(v, i)) {
            pane_dirty(v->pane);
            return;
        }
    if (*box_text(v->head[HEAD_FILES]))
        attach(v);
    draft_pen_flush(v->pen);
    v->in_head = false;
    pane_dirty(v->pane);
}

/* Releases the boxes. */
void draft_head_free(struct draft_view *v)
{
    for (int i = 0; i < HEAD_FIELDS; i++) {
        box_free(v->head[i]);
        v->head[i] = NULL;
    }
}

/* Rows the head takes. */
int draft_head_rows(const struct draft_view *v, int rows)
{
    if (v->in_head)
        return HEAD_FIELDS + 2;
    return rows < 12 ? 1 : 4;
}

/* Addresses in a row: names with their addresses, "-" for none. */
static void add_people(struct str *out, const struct vec *people)
{
    if (people->len == 0)
        str_puts(out, "-");
    else
        people_print(out, people);
}

/* The boxes, one below the other. */
static void draw_boxes(struct draft_view *v, struct canvas *c, bool focused)
{
    for (int i = 0; i < HEAD_FIELDS && i + 1 < c->rows; i++) {
        int col = 1 + canvas_column(c, i + 1, 1, 9, i == v->field ? STYLE_BOLD : STYLE_DIM, CUT_END,
                                    _(labels[i]));
        struct canvas line = canvas_sub(c, i + 1, col, 1, c->cols - col - 1);
        box_draw(v->head[i], &line, focused && i == v->field);
    }
}

/* Subject and version; From, To; Cc, files. */
void draft_head_draw(struct draft_view *v, struct canvas *c, bool focused)
{
    const struct draft *d = draft_of(v);
    struct str s = STR_INIT;
    canvas_clear(c);
    if (!d) {
        canvas_text(c, 0, 1, STYLE_DIM, _("a new draft"));
        return;
    }
    str_addf(&s, _("draft d%lld v%lld"), (long long)d->id,
             (long long)(v->shown_version ? v->shown_version : d->version));
    int cells = (int)utf8_cells(str_text(&s), s.len);
    canvas_column(c, 0, 1, c->cols - cells - 4, STYLE_BOLD, CUT_END | CANVAS_FOREIGN,
                  *d->subject ? d->subject : _("(no subject)"));
    canvas_text(c, 0, c->cols - cells - 1, STYLE_DIM, str_text(&s));
    str_clear(&s);
    if (v->in_head) {
        draw_boxes(v, c, focused);
    } else if (c->rows >= 3) {
        str_addf(&s, _("From %s"), d->from.address ? d->from.address : "-");
        if (*d->account)
            str_addf(&s, " (%s)", d->account);
        str_puts(&s, _("  To "));
        add_people(&s, &d->to);
        canvas_column(c, 1, 1, c->cols - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN, str_text(&s));
        str_clear(&s);
        str_puts(&s, _("Cc "));
        add_people(&s, &d->cc);
        if (d->bcc.len) {
            str_puts(&s, _("  Bcc "));
            add_people(&s, &d->bcc);
        }
        str_addf(&s, _("  Files %zu"), d->files.len);
        for (size_t i = 0; i < d->files.len; i++)
            str_addf(&s, "  %s", ((struct draft_file *)vec_at(&d->files, i))->name);
        canvas_column(c, 2, 1, c->cols - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN, str_text(&s));
    }
    str_fini(&s);
}
