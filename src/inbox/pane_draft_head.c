/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_draft_head.c - the head of a draft: as two rows, or as boxes while it is changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/utf8.h"
#include "inbox/pane_draft.h"
#include "inbox/pane_inside.h"
#include "command/config.h"
#include "command/queue.h"
#include "mail/people.h"
#include "office/people.h"
#include "office/people_query.h"
#include "store/store.h"
#include "tui/boxkeys.h"

#define PEOPLE_MAX 12
#define FILE_ROWS 5

static const char *const labels[HEAD_FIELDS] = {N_("From"), N_("To"), N_("Cc"), N_("Bcc"),
                                                N_("Subject"), N_("File")};

/* Is it a field that the pen keeps? */
static bool is_pen_field(int field)
{
    return field >= HEAD_TO && field <= HEAD_SUBJECT;
}

/* The pen's name of it. */
static enum draft_head pen_field(int field)
{
    return (enum draft_head)(field - HEAD_TO);
}

/* The pen's draft; NULL before it exists. */
static const struct draft *draft_of(const struct draft_view *v)
{
    return v->pen ? draft_pen_draft(v->pen) : NULL;
}

/* A comma typed where completion has put one already: it is the same one. true: taken out, which is told as a change. */
static bool drop_comma(struct draft_view *v)
{
    static const char *const marks[] = {",", ";", "，", "；", "、"};
    struct box *box = v->head[v->field];
    const char *text = box_text(box);
    size_t point = box_point(box);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]), before = point - n;
        if (point < n + 2 || memcmp(text + before, marks[i], n) != 0 || memcmp(text + before - 2, ", ", 2) != 0)
            continue;
        box_replace(box, before, point, "");
        return true;
    }
    return false;
}

/* A key in the head. */
static void on_change(void *user)
{
    struct draft_view *v = user;
    if (v->field >= HEAD_TO && v->field <= HEAD_BCC && drop_comma(v))
        return;
    v->fresh = false;
    v->head_changed = true;
    if (is_pen_field(v->field) &&
        !draft_pen_head(v->pen, pen_field(v->field), box_text(v->head[v->field])))
        pane_say(v->pane, "%s", _("it is on its way already: C-x u takes it back first"));
    pane_dirty(v->pane);
}

/* ---- completion ---- */

struct candidates {
    struct vec told; /* struct mail_address: offered, or in the box already */
    struct vec *out; /* borrow */
};

/* Offers one person once. */
static void offer(struct candidates *c, const char *name, const char *address)
{
    struct str one = STR_INIT;
    if (people_has(&c->told, address))
        return;
    people_add(&c->told, "", address);
    people_print_one(&one, name, address);
    str_puts(&one, ", ");
    strv_push_take(c->out, str_take(&one));
}

/* The other program's address book has answered. */
static void on_queried(void *user, const struct vec *people, const struct error *err)
{
    struct draft_view *v = user;
    v->query = NULL;
    vec_clear(&v->query_people);
    people_copy(&v->query_people, people);
    if (error_is(err))
        pane_error(v->pane, err);
    else if (people->len && v->in_head)
        pane_say(v->pane, P_("%zu in the address book   Tab shows it",
                             "%zu in the address book   Tab shows them", people->len), people->len);
}

/* Did it answer for this text, or for the beginning of it? */
static bool was_asked(const struct draft_view *v, const char *prefix)
{
    return v->query_text && str_starts(prefix, v->query_text) && !v->query;
}

/* Asks the address book beside us; what it says is offered by the next Tab. */
static void ask_book(struct draft_view *v, const char *prefix)
{
    struct error err = ERROR_INIT;
    if (!people_query_is_set() || strlen(prefix) < 2 || was_asked(v, prefix) ||
        (v->query && str_eq(v->query_text, prefix)))
        return;
    people_query_cancel(v->query); /* what is typed now counts */
    free(v->query_text);
    v->query_text = mem_strdup(prefix);
    vec_clear(&v->query_people);
    v->query = people_query_start(pane_loop(v->pane), prefix, on_queried, v, &err);
    if (!v->query)
        pane_error(v->pane, &err);
}

/* Aliases by their short name: one person as such, who may have been met, too; several as one candidate. */
static void offer_aliases(struct candidates *c, const char *prefix)
{
    const struct vec *all = config_aliases();
    for (size_t i = 0; i < all->len && *prefix; i++) {
        const struct config_alias *a = vec_at(all, i);
        struct error err = ERROR_INIT;
        struct str text = STR_INIT;
        struct vec people;
        people_init(&people);
        if (str_starts_nocase(a->nick, prefix) && people_parse(a->nick, &people, &err) == STATUS_OK) {
            const struct mail_address *one = people.len == 1 ? vec_at(&people, 0) : NULL;
            people_print(&text, &people);
            if (one)
                offer(c, one->name, one->address);
            else if (people.len)
                strv_push_take(c->out, str_format("%s, ", str_text(&text)));
        }
        str_fini(&text);
        vec_fini(&people);
    }
}

/* Recipients by alias, name or address: those met, then the address book. */
static void complete_people(void *user, const char *text, size_t start, size_t point,
                            struct vec *out)
{
    struct draft_view *v = user;
    struct error err = ERROR_INIT;
    struct candidates c = {.out = out};
    struct vec people;
    char *prefix = mem_strndup(text + start, point - start), *before = mem_strndup(text, start);
    people_init(&c.told);
    if (people_parse(before, &c.told, &err) != STATUS_OK)
        vec_clear(&c.told);
    offer_aliases(&c, prefix);
    if (mail_people_find(store_reader(pane_store(v->pane)), prefix, PEOPLE_MAX, &people, &err) ==
        STATUS_OK)
        for (size_t i = 0; i < people.len; i++) {
            const struct mail_person *p = vec_at(&people, i);
            offer(&c, p->name, p->address);
        }
    vec_fini(&people);
    for (size_t i = 0; was_asked(v, prefix) && i < v->query_people.len; i++) {
        const struct mail_address *a = vec_at(&v->query_people, i);
        if (str_eq(v->query_text, prefix) || utf8_contains_folded(a->name, prefix) ||
            utf8_contains_folded(a->address, prefix))
            offer(&c, a->name, a->address);
    }
    if (out->len != 1)
        ask_book(v, prefix);
    vec_fini(&c.told);
    free(prefix);
    free(before);
}

/* Files of the folder that is being typed; behind a dash those that are attached. */
static void complete_files(void *user, const char *text, size_t start, size_t point,
                           struct vec *out)
{
    const struct draft_view *v = user;
    const struct draft *d = draft_of(v);
    char *typed = mem_strndup(text, point);
    (void)start;
    for (size_t i = 0; d && *typed == '-' && i < d->files.len; i++)
        strv_push_take(out, str_format("-%s", ((struct draft_file *)vec_at(&d->files, i))->name));
    if (*typed != '-')
        queue_complete_files(typed, false, out);
    free(typed);
}

/* Tab goes through my identities, or finds one by a part of it. */
static void complete_from(void *user, const char *text, size_t start, size_t point, struct vec *out)
{
    struct vec all, texts;
    size_t next = SIZE_MAX;
    (void)user;
    (void)start;
    (void)point;
    strv_init(&texts);
    people_identities(&all);
    for (size_t i = 0; i < all.len; i++) {
        const struct people_identity *id = vec_at(&all, i);
        struct str one = STR_INIT;
        people_print_one(&one, id->name, id->address);
        if (str_eq(str_text(&one), text))
            next = (i + 1) % all.len;
        if (utf8_contains_folded(str_text(&one), text))
            strv_push(out, str_text(&one));
        strv_push_take(&texts, str_take(&one));
    }
    if (next != SIZE_MAX || out->len == 0) {
        vec_clear(out);
        for (size_t i = 0; i < texts.len; i++)
            if (next == SIZE_MAX || i == next)
                strv_push(out, strv_at(&texts, i));
    }
    vec_fini(&texts);
    vec_fini(&all);
}

/* ---- from field to field ---- */

/* A command of the head has ended: a send that waits for it goes on, or does not. */
static void command_done(struct draft_view *v, bool failed)
{
    v->commands--;
    v->sending = v->sending && !failed;
    draft_send_look(v);
    pane_dirty(v->pane);
}

/* The file is attached, or could not be: then its path is there again to be mended, unless another is typed already. */
static void on_attached(void *state, const struct error *err)
{
    struct draft_view *v = state;
    bool failed = error_is(err);
    if (failed && v->sending && !v->in_head) /* it would go without the file */
        draft_head_open(v, HEAD_FILES);
    struct box *box = v->head[HEAD_FILES];
    if (box && failed && v->attaching && !*box_text(box))
        box_set(box, v->attaching, strlen(v->attaching));
    if (box && failed && v->in_head)
        v->field = HEAD_FILES;
    free(v->attaching);
    v->attaching = NULL;
    command_done(v, failed);
}

/* Another identity writes it, or could not. */
static void on_from(void *state, const struct error *err)
{
    command_done(state, error_is(err));
}

/* What stands behind the dash: the file of that number or name. */
static const char *attached_name(const struct draft *d, const char *text)
{
    long long n;
    if (str_to_int64(text, &n) && n >= 1 && (size_t)n <= d->files.len)
        return ((struct draft_file *)vec_at(&d->files, (size_t)n - 1))->name;
    return text;
}

/* The file named is attached; "-2" or "-name" takes one off. */
static void attach(struct draft_view *v)
{
    struct str line = STR_INIT;
    char *typed = mem_strdup(box_text(v->head[HEAD_FILES])), *text = str_trim(typed);
    if (*text == '-' && text[1]) {
        str_addf(&line, "draft edit d%lld --detach ", (long long)v->id);
        pane_words_quote(&line, attached_name(draft_of(v), text + 1));
    } else if (*text) {
        char *path = path_expand(text);
        str_addf(&line, "draft edit d%lld --attach ", (long long)v->id);
        pane_words_quote(&line, path);
        free(path);
    }
    v->fresh = false;
    draft_pen_flush(v->pen);
    if (line.len) {
        free(v->attaching);
        v->attaching = mem_strdup(box_text(v->head[HEAD_FILES]));
        box_set(v->head[HEAD_FILES], "", 0); /* at once: what is typed next is the next file's */
        v->commands++;
        pane_run_then(v->pane, str_text(&line), on_attached);
    }
    str_fini(&line);
    free(typed);
}

/* Another identity was typed: it writes from now on. false (told): it is none of mine. */
static bool take_from(struct draft_view *v)
{
    const struct draft *d = draft_of(v);
    struct people_identity id;
    struct error err = ERROR_INIT;
    struct str line = STR_INIT, whole = STR_INIT;
    if (!*box_text(v->head[HEAD_FROM]) && !*d->from.address)
        return true;
    if (people_identity_find(box_text(v->head[HEAD_FROM]), &id, &err) != STATUS_OK) {
        struct str now = STR_INIT; /* as it is already, though the config knows it no more */
        people_print_one(&now, d->from.name, d->from.address);
        bool same = str_eq(str_text(&now), box_text(v->head[HEAD_FROM]));
        str_fini(&now);
        if (!same)
            pane_error(v->pane, &err);
        return same;
    }
    if (!str_eq_nocase(id.address, d->from.address) || !str_eq(id.account, d->account)) {
        v->fresh = false;
        draft_pen_flush(v->pen);
        str_addf(&line, "draft edit d%lld --from ", (long long)v->id);
        pane_words_quote(&line, id.address);
        v->commands++;
        pane_run_then(v->pane, str_text(&line), on_from);
        people_print_one(&whole, id.name, id.address);
        box_set(v->head[HEAD_FROM], str_text(&whole), whole.len);
    }
    people_identity_fini(&id);
    str_fini(&line);
    str_fini(&whole);
    return true;
}

/* Goes to a field when the one that is left can be read. */
static void go_to(struct draft_view *v, int field)
{
    if (v->field == HEAD_FROM && !take_from(v))
        return;
    v->field = field;
    pane_dirty(v->pane);
}

/* Enter: the next field, the last leads to the text. */
static void on_enter(void *user)
{
    struct draft_view *v = user;
    if (v->field == HEAD_FILES && *box_text(v->head[HEAD_FILES]))
        attach(v);
    else if (v->field + 1 < HEAD_FIELDS)
        go_to(v, v->field + 1);
    else
        draft_head_close(v);
    pane_dirty(v->pane);
}

/* Up and down: the field above, below. */
static bool on_edge(void *user, int direction)
{
    struct draft_view *v = user;
    int to = v->field + direction;
    if (to >= 0 && to < HEAD_FIELDS)
        go_to(v, to);
    return true;
}

/* What a field begins with. */
static void fill_field(struct draft_view *v, int field, struct str *text)
{
    const struct draft *d = draft_of(v);
    if (field == HEAD_FROM && d->from.address && *d->from.address)
        people_print_one(text, d->from.name, d->from.address);
    if (is_pen_field(field))
        str_puts(text, draft_pen_header(v->pen, pen_field(field)));
    if (field >= HEAD_TO && field <= HEAD_BCC && text->len && !str_ends(str_text(text), ", "))
        str_puts(text, ", ");
}

/* Opens the head for changing. */
void draft_head_open(struct draft_view *v, enum head_field field)
{
    if (!draft_of(v) || draft_view_refuses(v))
        return;
    for (int i = 0; i < HEAD_FIELDS; i++) {
        struct box_events events = {.on_change = on_change, .on_enter = on_enter, .on_edge = on_edge};
        struct str text = STR_INIT;
        if (i >= HEAD_TO && i <= HEAD_BCC)
            events.complete = complete_people;
        if (i == HEAD_FILES)
            events.complete = complete_files;
        if (i == HEAD_FROM)
            events.complete = complete_from;
        box_free(v->head[i]);
        v->head[i] = box_new(BOX_LINE, &events, v);
        box_set_breaks(v->head[i], i == HEAD_FILES || i == HEAD_FROM ? "\n" : ",;\n");
        fill_field(v, i, &text);
        box_set(v->head[i], str_text(&text), text.len);
        str_fini(&text);
    }
    v->in_head = true;
    v->field = (int)field;
    v->head_changed = false;
    pane_dirty(v->pane);
}

/* Whether an address list can be read; says what cannot and goes there. Aliases become people. */
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
        return false;
    }
    char *expanded = people_expanded(box_text(v->head[field]));
    if (expanded && draft_pen_head(v->pen, pen_field((int)field), expanded))
        box_set(v->head[field], expanded, strlen(expanded)); /* aliases are shown as their people */
    free(expanded);
    return true;
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
    if (!take_from(v)) {
        v->field = HEAD_FROM;
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
    people_query_cancel(v->query);
    free(v->query_text);
    free(v->attaching);
    vec_fini(&v->query_people);
    for (int i = 0; i < HEAD_FIELDS; i++) {
        box_free(v->head[i]);
        v->head[i] = NULL;
    }
}

/* What the keys do in the field. */
void draft_head_hints(const struct draft_view *v, struct str *out)
{
    const struct draft *d = draft_of(v);
    const char *leave = boxkeys_is_vi() ? _("C-x h to the text") : _("Esc to the text");
    if (v->field == HEAD_FROM)
        str_addf(out, _("Tab another of yours  Enter next  %s"), leave);
    else if (v->field == HEAD_FILES && d && d->files.len)
        str_addf(out, _("Tab completes  Enter attaches  -1 Enter takes off  %s"), leave);
    else if (v->field == HEAD_FILES)
        str_addf(out, _("Tab completes  Enter attaches, or leads to the text"));
    else
        str_addf(out, _("Tab completes  Enter next  Up From  %s  C-x Enter send"), leave);
}

/* Rows the attached files take below the boxes. */
static int file_rows(const struct draft_view *v, int rows)
{
    const struct draft *d = draft_of(v);
    int n = d ? (int)d->files.len : 0, room = rows - HEAD_FIELDS - 6;
    n = n < FILE_ROWS ? n : FILE_ROWS;
    return n < room ? n : room > 0 ? room : 0;
}

/* Rows the head takes; something of the text stays in sight. */
int draft_head_rows(const struct draft_view *v, int rows)
{
    if (!v->in_head)
        return rows < 12 ? 1 : 4;
    int wanted = HEAD_FIELDS + 2 + file_rows(v, rows);
    return wanted <= rows - 2 ? wanted : rows > 5 ? rows - 3 : rows;
}

/* Addresses in a row: what is none first and marked, for the row may be cut, then names with addresses; "-" for none. */
static void add_people(struct str *out, const struct vec *people, const struct vec *bad)
{
    if (people->len == 0 && bad->len == 0)
        str_puts(out, "-");
    for (size_t i = 0; i < bad->len; i++)
        str_addf(out, _("%s (no address)%s"), strv_at(bad, i), i + 1 < bad->len || people->len ? ", " : "");
    people_print(out, people);
}

/* "报价.pdf  212 KB  application/pdf". */
static void add_file(struct str *out, const struct draft_file *f)
{
    str_addf(out, "%s  ", f->name);
    pane_words_size(f->size, out);
    str_addf(out, "  %s", f->content_type);
}

/* The boxes, one below the other, the one with the keys in sight; the attached files. */
static void draw_boxes(struct draft_view *v, struct canvas *c, bool focused)
{
    const struct draft *d = draft_of(v);
    int room = c->rows - 1, first = v->field >= room ? v->field - room + 1 : 0, row = 1;
    for (int i = first; i < HEAD_FIELDS && row < c->rows; i++, row++) {
        int col = 1 + canvas_column(c, row, 1, 9, i == v->field ? STYLE_BOLD : STYLE_DIM, CUT_END,
                                    _(labels[i]));
        struct canvas line = canvas_sub(c, row, col, 1, c->cols - col - 1);
        box_draw(v->head[i], &line, focused && i == v->field);
    }
    for (size_t i = 0; i < d->files.len && row + 1 < c->rows; i++, row++) {
        struct str s = STR_INIT;
        bool last = row + 2 >= c->rows && i + 1 < d->files.len;
        str_addf(&s, "%zu  ", i + 1);
        add_file(&s, vec_at(&d->files, i));
        if (last)
            str_addf(&s, _("  and %zu more"), d->files.len - i - 1);
        canvas_column(c, row, 10, c->cols - 11, STYLE_DIM, CUT_END | CANVAS_FOREIGN, str_text(&s));
        str_fini(&s);
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
        add_people(&s, &d->to, &d->bad[0]);
        canvas_column(c, 1, 1, c->cols - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN, str_text(&s));
        str_clear(&s);
        str_puts(&s, _("Cc "));
        add_people(&s, &d->cc, &d->bad[1]);
        if (d->bcc.len || d->bad[2].len) {
            str_puts(&s, _("  Bcc "));
            add_people(&s, &d->bcc, &d->bad[2]);
        }
        str_addf(&s, _("  Files %zu"), d->files.len);
        for (size_t i = 0; i < d->files.len; i++) {
            const struct draft_file *f = vec_at(&d->files, i);
            str_addf(&s, "  %s ", f->name);
            pane_words_size(f->size, &s);
        }
        canvas_column(c, 2, 1, c->cols - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN, str_text(&s));
    }
    str_fini(&s);
}
