/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane.c - the inbox on the screen: threads by lane, who, what, what is owed by when.
 *
 * Rows are read by index in pages as the view comes near their end. What a person did stays
 * visible while the writer works: its threads are left out of every reload until the change is
 * stored, or come back with the reason when it was refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "command/command.h"
#include "command/config.h"
#include "command/option.h"
#include "inbox/pane_inside.h"
#include "io/loop.h"
#include "inbox/reply.h"
#include "inbox/triage.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/store.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"

#define FIRST_PAGE 100  /* rows read before the first frame: two windows */
#define PAGE 200        /* rows read at once later */
#define ROWS_MAX 20000  /* rows kept; beyond it search is the way */
#define WARM_MS 40      /* after the list stands, while the eye still looks for its row */
#define NARROW 60       /* columns under which a row is shortened */

struct inbox {
    struct pane *pane;
    struct list *list;
    struct mail_filter filter;
    char *title;           /* own; NULL for the inbox itself */
    char *arg;             /* own; for coming back */
    struct vec rows;       /* struct mail_thread */
    bool complete;         /* no rows behind these */
    struct mail_counts counts;
    struct vec leaving;    /* int64_t: threads of changes under way */
    int changes;           /* how many are under way */
    bool drafts;           /* a folder of drafts: Enter goes on writing */
    int64_t newest;        /* newest message when the pane opened, or that was told of */
    int64_t woken;         /* snoozes that ended after this are new */
    int64_t now;
    struct loop_watch *warm; /* the first frame stands: opening is made ready for */
    bool settling;         /* the first mail comes and is sorted, no key was pressed: the first row is selected */
};

/* Is this thread on its way out? */
static bool is_leaving(const struct inbox *b, int64_t id)
{
    for (size_t i = 0; i < b->leaving.len; i++)
        if (*(int64_t *)vec_at(&b->leaving, i) == id)
            return true;
    return false;
}

/* Drops rows that are leaving, from `from` on. */
static void drop_leaving(struct inbox *b, size_t from)
{
    for (size_t i = from; b->leaving.len && i < b->rows.len;) {
        if (is_leaving(b, ((struct mail_thread *)vec_at(&b->rows, i))->id))
            vec_remove(&b->rows, i);
        else
            i++;
    }
}

/* Reads the next page. */
static void read_page(struct inbox *b, size_t limit)
{
    struct error err = ERROR_INIT;
    struct mail_cursor after = {MAIL_LANE_NONE, 0};
    size_t had = b->rows.len;
    if (b->filter.view == MAIL_VIEW_IDS) {
        after.key = (int64_t)had;
    } else if (had) {
        const struct mail_thread *last = vec_at(&b->rows, had - 1);
        after.lane = last->lane;
        after.key = last->key;
    }
    if (mail_thread_list(store_reader(pane_store(b->pane)), &b->filter, after, limit, &b->rows,
                         &err) != STATUS_OK) {
        pane_error(b->pane, &err);
        b->complete = true;
        return;
    }
    b->complete = b->rows.len - had < limit || b->rows.len >= ROWS_MAX;
    drop_leaving(b, had);
}

/* Reads everything shown so far anew. */
static void reload(struct inbox *b)
{
    size_t want = b->rows.len > FIRST_PAGE ? b->rows.len : FIRST_PAGE;
    struct error err = ERROR_INIT;
    vec_clear(&b->rows);
    b->now = clock_now();
    read_page(b, want);
    if (mail_thread_counts(store_reader(pane_store(b->pane)), &b->counts, &err) != STATUS_OK)
        pane_error(b->pane, &err);
}

/* The newest message that is there: what comes after it is new. */
static void remember_newest(struct inbox *b)
{
    for (size_t i = 0; i < b->rows.len; i++) {
        const struct mail_thread *t = vec_at(&b->rows, i);
        if (t->newest > b->newest)
            b->newest = t->newest;
    }
}

/* Says when something that has come since wants an answer. */
static void notice(struct inbox *b)
{
    const struct mail_thread *newest = NULL;
    if (b->filter.view != MAIL_VIEW_INBOX)
        return;
    for (size_t i = 0; i < b->rows.len; i++) {
        const struct mail_thread *t = vec_at(&b->rows, i);
        if (t->lane == MAIL_LANE_ANSWER && t->unread && t->newest_foreign > b->newest &&
            (!newest || t->newest_foreign > newest->newest_foreign))
            newest = t;
        if (t->lane > MAIL_LANE_ANSWER)
            break;
    }
    if (!newest)
        return;
    char *people = mail_thread_people(newest);
    b->newest = newest->newest_foreign;
    pane_notice(b->pane, _("wants an answer: %s  %s"), people, newest->subject);
    free(people);
}

/* Names what has come back since the last look. */
static void notice_back(struct inbox *b)
{
    const struct mail_thread *back = NULL;
    int64_t before = b->woken;
    for (size_t i = 0; i < b->rows.len; i++) {
        const struct mail_thread *t = vec_at(&b->rows, i);
        if (t->woken > before && t->unread && (!back || t->woken >= back->woken))
            back = t;
    }
    if (!back || b->filter.view != MAIL_VIEW_INBOX)
        return;
    char *people = mail_thread_people(back);
    b->woken = back->woken;
    pane_notice(b->pane, _("back: %s  %s"), people, back->subject);
    free(people);
}

/* ---- rows ---- */

/* How many rows are loaded. */
static size_t row_count(void *user)
{
    return ((struct inbox *)user)->rows.len;
}

/* A row's thread. */
static int64_t row_id(void *user, size_t i)
{
    return ((struct mail_thread *)vec_at(&((struct inbox *)user)->rows, i))->id;
}

/* Its lane, as the group. */
static int row_group(void *user, size_t i)
{
    const struct inbox *b = user;
    return b->filter.view == MAIL_VIEW_INBOX ? (int)((struct mail_thread *)vec_at(&b->rows, i))->lane
                                             : 0;
}

/* The lane's words above its first thread, when wanted. */
static const char *row_heading(void *user, size_t i)
{
    const struct inbox *b = user;
    if (b->filter.view != MAIL_VIEW_INBOX || !option_bool("inbox.headings"))
        return NULL;
    const struct mail_thread *t = vec_at(&b->rows, i);
    return t->lane == MAIL_LANE_NONE ? _("Not sorted yet") : triage_label(t->lane);
}

/* Something unread? */
static bool row_unread(void *user, size_t i)
{
    return ((struct mail_thread *)vec_at(&((struct inbox *)user)->rows, i))->unread > 0;
}

/* Does the row hold the words searched? */
static bool row_match(void *user, size_t i, const char *needle)
{
    const struct mail_thread *t = vec_at(&((struct inbox *)user)->rows, i);
    return utf8_contains_folded(t->subject, needle) || utf8_contains_folded(t->people, needle);
}

/* The view is near the end of what is loaded. */
static void row_more(void *user)
{
    struct inbox *b = user;
    if (!b->complete)
        read_page(b, PAGE);
}

/* The one character that says most about a thread. */
static const char *state_word(const struct mail_thread *t, unsigned flags)
{
    if (flags & LIST_MARKED)
        return "x";
    if (t->draft)
        return "d";
    if (t->unread)
        return "N";
    if (t->flags & DOC_FLAGGED)
        return "F";
    return t->flags & DOC_REPLIED ? "r" : " ";
}

/* Until when it is away, or that it has come back and was not seen since; false: neither. */
static bool draw_back(const struct inbox *b, const struct mail_thread *t, struct str *out)
{
    char when[CLOCK_TEXT];
    struct tm tm;
    if (t->snooze) {
        bool late;
        clock_local(t->snooze, &tm);
        pane_words_due(clock_day(t->snooze, when), b->now, out, &late);
        str_addf(out, " %02d:%02d", tm.tm_hour, tm.tm_min);
    } else if (t->woken && t->unread) {
        str_addf(out, _("back %s"), clock_short(t->woken, b->now, when));
    }
    return out->len > 0;
}

/* What is owed: files, due day, open questions; returns the column where it begins. */
static int draw_owed(const struct inbox *b, const struct mail_thread *t, struct canvas *c, int left)
{
    struct str due = STR_INIT, asks = STR_INIT, files = STR_INIT;
    bool late = false;
    if (!draw_back(b, t, &due))
        pane_words_due(t->due, b->now, &due, &late);
    if (t->lane == MAIL_LANE_WAIT && !due.len)
        str_puts(&due, _("no answer"));
    if (t->asks > 0)
        str_addf(&asks, P_("%lld ask", "%lld asks", t->asks), (long long)t->asks);
    if (t->files > 0)
        str_addf(&files, "+%lld", (long long)t->files);
    int cells = (int)utf8_cells(str_text(&due), due.len), ask = (int)utf8_cells(str_text(&asks), asks.len),
        file = (int)files.len;
    int col = c->cols - 1 - (ask ? ask : 0);
    int start = c->cols - 1;
    if (ask && col > left) {
        canvas_text(c, 0, col, STYLE_PLAIN, str_text(&asks));
        start = col;
    }
    if (cells && start - cells - 1 > left) {
        start -= cells + (ask ? 1 : 0);
        canvas_text(c, 0, start, late ? STYLE_WARN : STYLE_DUE, str_text(&due));
    }
    if (file && start - file - 1 > left) {
        start -= file + 1;
        canvas_text(c, 0, start, STYLE_DIM, str_text(&files));
    }
    str_fini(&due);
    str_fini(&asks);
    str_fini(&files);
    return start;
}

/* Cells for names: who is what one looks for. */
static int name_cells(int cols)
{
    return cols < NARROW ? 12 : cols >= 100 ? 22 : 17;
}

/* The selection reaches to the end of the names. */
static int row_bar(void *user, int cols)
{
    (void)user;
    return (cols < NARROW ? 12 : 18) + name_cells(cols) + clock_short_cells() - 6;
}

/* One row. */
static void row_draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    struct inbox *b = user;
    const struct mail_thread *t = vec_at(&b->rows, i);
    unsigned weight = t->unread ? STYLE_BOLD : STYLE_PLAIN;
    char when[CLOCK_TEXT];
    char *people = mail_thread_people(t);
    bool narrow = c->cols < NARROW;
    int names = name_cells(c->cols), col;
    unsigned lane = pane_words_lane_style(t->lane);
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    const char *state = state_word(t, flags);
    canvas_text(c, 0, narrow ? 1 : 2, t->draft || flags & LIST_MARKED ? STYLE_MARKED : weight, state);
    if (t->flags & DOC_FLAGGED && !str_eq(state, "F")) /* in the free cell beside what hides it */
        canvas_text(c, 0, narrow ? 2 : 1, weight, "F");
    if (narrow) {
        char letter[2] = {mail_lane_word(t->lane)[0], 0};
        canvas_text(c, 0, 3, lane, letter);
        col = 5;
    } else {
        canvas_column(c, 0, 4, 6, lane, CUT_END, mail_lane_name(t->lane));
        col = 11;
    }
    col = canvas_column(c, 0, col, clock_short_cells(), STYLE_PLAIN, CUT_END, clock_short(t->date, b->now, when)) + 1;
    col = canvas_column(c, 0, col, names, weight, CUT_END | CANVAS_FOREIGN, people) + 1;
    int end = draw_owed(b, t, c, col + (narrow ? 6 : 12));
    canvas_column(c, 0, col, end - col - 1, weight, CUT_END | CANVAS_FOREIGN,
                  *t->subject ? t->subject : _("(no subject)"));
    free(people);
}

/* The selection moved. */
static void on_select(void *user)
{
    pane_moved(((struct inbox *)user)->pane);
}

static const struct list_rows list_rows = {
    .count = row_count, .id = row_id, .draw = row_draw, .group = row_group, .unread = row_unread,
    .match = row_match, .more = row_more, .on_select = on_select, .bar = row_bar,
    .heading = row_heading,
};

/* ---- the pane ---- */

/* Reads what shall be shown: "folder 3", "lane answer", "snoozed", "muted", "all", "" the inbox. */
static void read_filter(struct inbox *b, const char *arg)
{
    struct mail_folder f = {0};
    struct error err = ERROR_INIT;
    long long n;
    b->filter.view = MAIL_VIEW_INBOX;
    if (str_starts(arg, "folder ") && str_to_int64(arg + 7, &n)) {
        b->filter.view = MAIL_VIEW_FOLDER;
        b->filter.folder = n;
        if (mail_folder_get(store_reader(pane_store(b->pane)), n, &f, &err) == STATUS_OK) {
            b->title = mem_strdup(f.name);
            b->drafts = f.role == MAIL_ROLE_DRAFTS;
            mail_folder_fini(&f);
        }
    } else if (str_starts(arg, "lane ") && mail_lane_parse(arg + 5, &b->filter.lane)) {
        b->filter.view = MAIL_VIEW_LANE;
        b->title = mem_strdup(triage_label(b->filter.lane));
    } else if (str_eq(arg, "snoozed")) {
        b->filter.view = MAIL_VIEW_SNOOZED;
        b->title = mem_strdup(_("Snoozed"));
    } else if (str_eq(arg, "muted")) {
        b->filter.view = MAIL_VIEW_MUTED;
        b->title = mem_strdup(_("Muted"));
    } else if (str_eq(arg, "all")) {
        b->filter.view = MAIL_VIEW_ALL;
        b->title = mem_strdup(_("All mail"));
    }
}

/* The first mail that is opened is to come as fast as the second. */
static void on_warm(void *user)
{
    static bool warm;
    struct inbox *b = user;
    b->warm = NULL;
    if (!warm && list_selected(b->list))
        pane_thread_warm(b->pane, list_selected(b->list));
    warm = true;
}

/* Opens the inbox ("t5": with this thread selected), or another list of threads. */
static void *new_inbox(struct pane *p, const char *arg)
{
    struct inbox *b = mem_alloc(sizeof *b);
    char letter;
    int64_t number;
    b->pane = p;
    mail_thread_rows_init(&b->rows);
    vec_init(&b->leaving, sizeof(int64_t), NULL);
    b->arg = mem_strdup(arg ? arg : "");
    read_filter(b, b->arg);
    reload(b);
    remember_newest(b);
    b->woken = b->now - 1;
    b->list = list_new(&list_rows, b);
    b->settling = b->filter.view == MAIL_VIEW_INBOX &&
                  (b->rows.len == 0 || b->counts.threads[MAIL_LANE_NONE] > 0);
    if (arg && command_id(arg, &letter, &number) && letter == 't') {
        b->settling = false;
        list_select(b->list, number);
    }
    b->warm = loop_timer(pane_loop(p), WARM_MS, on_warm, b);
    return b;
}

/* Closes it. */
static void free_inbox(void *state)
{
    struct inbox *b = state;
    loop_remove(pane_loop(b->pane), b->warm);
    list_free(b->list);
    vec_fini(&b->rows);
    vec_fini(&b->leaving);
    free(b->title);
    free(b->arg);
    free(b);
}

/* Mail changed. */
static void reload_inbox(void *state, unsigned bits)
{
    struct inbox *b = state;
    reload(b);
    list_reload(b->list);
    if (b->settling) {
        list_select_row(b->list, 0);
        b->settling = b->rows.len == 0 || b->counts.threads[MAIL_LANE_NONE] > 0;
    }
    if (bits & WATCH_MAIL) {
        notice(b);
        notice_back(b);
    }
}

/* "answer 4  act 2  wait 3": how much stands in each lane, or the list's title. */
static void draw_counts(struct inbox *b, struct canvas *c)
{
    int col = 1;
    canvas_clear_row(c, 0);
    if (b->title) {
        canvas_foreign(c, 0, 1, STYLE_BOLD, b->title);
        return;
    }
    size_t row = list_selected_row(b->list);
    enum mail_lane here = row < b->rows.len ? ((struct mail_thread *)vec_at(&b->rows, row))->lane
                                            : MAIL_LANE_NONE;
    for (int lane = MAIL_LANE_ANSWER; lane < MAIL_LANE_DONE; lane++) {
        if (b->counts.threads[lane] == 0)
            continue;
        unsigned style = pane_words_lane_style((enum mail_lane)lane) | ((int)here == lane ? STYLE_BOLD : 0);
        col = canvas_textf(c, 0, col, style, "%s %lld", mail_lane_name((enum mail_lane)lane),
                           (long long)b->counts.threads[lane]) + 2;
    }
    if (b->counts.threads[MAIL_LANE_NONE] > 0)
        canvas_textf(c, 0, col, STYLE_DIM, _("new %lld"),
                     (long long)b->counts.threads[MAIL_LANE_NONE]);
}

/* Whether an account says where its mail is. */
static bool has_source(void)
{
    const struct vec *all = config_accounts();
    for (size_t i = 0; i < all->len; i++) {
        const struct config_account *a = vec_at(all, i);
        if (a->imap || a->maildir)
            return true;
    }
    return false;
}

/* Nothing to show: what can be done about it. */
static void draw_empty(const struct inbox *b, struct canvas *c)
{
    int row = c->rows / 3;
    canvas_clear(c);
    if (b->counts.messages > 0) {
        canvas_text(c, row, 2, STYLE_PLAIN,
                    b->title ? _("Nothing here.") : _("Nothing waits for you here."));
        canvas_text(c, row + 1, 2, STYLE_DIM, _("b other folders   // searches everything"));
        return;
    }
    canvas_text(c, row, 2, STYLE_PLAIN, _("No mail yet."));
    canvas_text(c, row + 1, 2, STYLE_DIM, has_source() ? _(":sync          fetches what the account has")
                                                      : _(":setup         makes an account"));
    canvas_text(c, row + 2, 2, STYLE_DIM, _(":import PATH   reads a Maildir, mbox or folder"));
    canvas_text(c, row + 3, 2, STYLE_DIM, _("bureau demo    shows a sample office"));
}

/* Lane counts (from 16 rows on), then the threads. */
static void draw_inbox(void *state, struct canvas *c, bool focused)
{
    struct inbox *b = state;
    int head = c->rows >= 12 || b->title ? 1 : 0;
    struct canvas rest = canvas_sub(c, head, 0, c->rows - head, c->cols);
    if (pane_only_moved(b->pane) && b->rows.len > 0) {
        list_draw_moved(b->list, &rest, focused);
        return;
    }
    if (head)
        draw_counts(b, c);
    if (b->rows.len == 0)
        draw_empty(b, &rest);
    else
        list_draw(b->list, &rest, focused);
}

/* The selected thread as loaded; NULL when there is none. */
static const struct mail_thread *selected(struct inbox *b)
{
    size_t row = list_selected_row(b->list);
    return row < b->rows.len ? vec_at(&b->rows, row) : NULL;
}

/* Motions, and opening. */
static bool verb_inbox(void *state, enum pane_verb verb, int arg)
{
    struct inbox *b = state;
    char id[32];
    b->settling = false;
    if (verb == PANE_OPEN) {
        if (!list_selected(b->list))
            return true;
        if (b->drafts) { /* drafts are gone on with */
            pane_runf(b->pane, "edit-as-new t%lld", (long long)list_selected(b->list));
            return true;
        }
        snprintf(id, sizeof id, "t%lld", (long long)list_selected(b->list));
        pane_open(b->pane, "thread", id);
        return true;
    }
    if (verb == PANE_ITEM_NEXT || verb == PANE_ITEM_PREV)
        verb = verb == PANE_ITEM_NEXT ? PANE_DOWN : PANE_UP;
    if (verb == PANE_LAST)
        while (!b->complete && b->rows.len < ROWS_MAX)
            read_page(b, 5 * PAGE);
    return list_verb(b->list, verb, arg);
}

/* Takes threads out of the rows while their change is on its way. */
static void leave(void *state, const struct vec *ids)
{
    struct inbox *b = state;
    list_leave(b->list, (const int64_t *)(const void *)ids->items, ids->len);
    for (size_t i = 0; i < ids->len; i++)
        *(int64_t *)vec_push(&b->leaving) = *(int64_t *)vec_at(ids, i);
    drop_leaving(b, 0);
    list_unmark(b->list);
    list_reload(b->list);
    b->changes++;
    pane_dirty(b->pane);
}

/* A change is stored or refused: rows are what the store says. */
static void changed(void *state, const struct error *err)
{
    struct inbox *b = state;
    int64_t back = error_is(err) && b->leaving.len ? *(int64_t *)vec_at(&b->leaving, 0) : 0;
    if (b->changes > 0 && --b->changes == 0)
        vec_clear(&b->leaving);
    list_unmark(b->list);
    reload(b);
    list_reload(b->list);
    if (back) /* refused: where one was */
        list_select(b->list, back);
    pane_dirty(b->pane);
}

/* First say over commands: those that ask, open or make rows leave. */
static bool command_inbox(void *state, size_t argc, const char *const *argv)
{
    struct inbox *b = state;
    struct vec ids;
    const struct mail_thread *t = selected(b);
    b->settling = false;
    vec_init(&ids, sizeof(int64_t), NULL);
    list_target(b->list, &ids);
    bool done = pane_reply_command(b->pane, t ? t->id : 0, 0, argc, argv) ||
                pane_act_command(b->pane, argc, argv, 't', &ids, leave, changed);
    vec_fini(&ids);
    return done;
}

/* Ids for commands. */
static void target_inbox(void *state, struct vec *out)
{
    struct inbox *b = state;
    struct vec ids;
    vec_init(&ids, sizeof(int64_t), NULL);
    list_target(b->list, &ids);
    for (size_t i = 0; i < ids.len; i++)
        strv_push_take(out, str_format("t%lld", (long long)*(int64_t *)vec_at(&ids, i)));
    vec_fini(&ids);
}

/* Which account the selected thread lies in, when there are several. */
static void add_account(struct inbox *b, struct str *out)
{
    struct db *db = store_reader(pane_store(b->pane));
    const struct mail_thread *t = selected(b);
    struct mail_row row = {0};
    struct mail_folder f = {0};
    struct error err = ERROR_INIT;
    if (t && mail_row_get(db, t->newest, &row, &err) == STATUS_OK &&
        mail_folder_get(db, row.folder, &f, &err) == STATUS_OK)
        str_addf(out, "%s[%s/%s]", out->len ? "  " : "", f.account, f.name);
    mail_row_fini(&row);
    mail_folder_fini(&f);
}

/* Why the selected thread stands where it stands. */
static void why_inbox(void *state, struct str *out)
{
    struct inbox *b = state;
    if (list_say_marks(b->list, out) || !list_selected(b->list))
        return;
    pane_words_why(pane_store(b->pane), list_selected(b->list), out);
    if (config_accounts()->len > 1)
        add_account(b, out);
}

/* How much mail, and what leaves the machine. */
static void status_inbox(void *state, struct str *out)
{
    struct inbox *b = state;
    str_addf(out, P_("%lld mail", "%lld mails", b->counts.messages), (long long)b->counts.messages);
    char when[CLOCK_TEXT];
    int64_t synced = mail_imap_last(store_reader(pane_store(b->pane)), NULL);
    if (synced != CLOCK_NONE)
        str_addf(out, _(", synced %s"), clock_short(synced, b->now, when));
    if (b->changes)
        str_puts(out, _(", saving"));
    str_puts(out, "  ");
    pane_words_model(pane_store(b->pane), "draft", out);
}

/* Search in the list. */
static bool search_inbox(void *state, const char *needle, int direction)
{
    struct inbox *b = state;
    b->settling = false;
    return list_search(b->list, needle, direction);
}

/* y: subject and people. */
static void copy_inbox(void *state, struct str *out)
{
    struct inbox *b = state;
    const struct mail_thread *t = selected(b);
    if (t)
        str_addf(out, "%s\n%s\n", t->subject, t->people);
}

/* For coming back: which list, and the thread selected. */
static void place_inbox(void *state, struct str *out)
{
    struct inbox *b = state;
    if (b->title)
        str_puts(out, b->arg);
    else if (list_selected(b->list))
        str_addf(out, "t%lld", (long long)list_selected(b->list));
}

/* Behind the tab's name: unread threads. */
static void count_inbox(void *state, struct str *out)
{
    struct inbox *b = state;
    struct error ignored = ERROR_INIT; /* the reload will tell */
    if (pane_take_news(b->pane) && !pane_visible(b->pane) &&
        mail_thread_counts(store_reader(pane_store(b->pane)), &b->counts, &ignored) != STATUS_OK)
        pane_dirty(b->pane);
    if (b->counts.all_unread > 0)
        str_addf(out, "%lld", (long long)b->counts.all_unread);
}

/* Selects what an undo brought back. */
static void result_inbox(void *state, const char *command, const struct json *obj)
{
    struct inbox *b = state;
    char letter;
    int64_t number;
    const struct json *ids = json_get(obj, "ids");
    /* An undo walks back: what stood first in the list comes last. */
    size_t at = str_eq(command, "undo") && json_len(ids) ? json_len(ids) - 1 : 0;
    const char *id = json_text(json_at(ids, at));
    b->settling = false;
    pane_reply_result(b->pane, command, obj);
    if (!str_eq(command, "undo") && !str_eq(command, "redo"))
        return;
    if (!id || !command_id(id, &letter, &number))
        return;
    struct mail_row row = {0};
    struct error err = ERROR_INIT;
    if (letter == 'm' &&
        mail_row_get(store_reader(pane_store(b->pane)), number, &row, &err) == STATUS_OK) {
        number = row.thread;
        mail_row_fini(&row);
    }
    reload(b);
    list_reload(b->list);
    list_select(b->list, number);
    pane_dirty(b->pane);
}

/* ---- for the reader ---- */

/* Is it a list of threads? */
bool pane_is_list(const struct pane *p)
{
    return p && (pane_kind(p) == &inbox_pane || pane_kind(p) == &threads_pane);
}

/* The neighbour of a thread, or the next unread one; the selection goes there. */
int64_t pane_list_step(struct pane *list, int64_t thread, enum pane_verb motion)
{
    struct inbox *b = pane_state(list);
    b->settling = false;
    list_select(b->list, thread);
    int64_t before = list_selected(b->list);
    list_verb(b->list, motion, 0);
    pane_dirty(list);
    int64_t now = list_selected(b->list);
    return now == before ? 0 : now;
}

/* The reader's thread leaves: who is next. */
int64_t pane_list_leave(struct pane *list, int64_t thread)
{
    struct inbox *b = pane_state(list);
    struct vec ids;
    vec_init(&ids, sizeof(int64_t), NULL);
    *(int64_t *)vec_push(&ids) = thread;
    list_select(b->list, thread);
    leave(b, &ids);
    vec_fini(&ids);
    return list_selected(b->list);
}

/* The reader's change is stored. */
void pane_list_left(struct pane *list)
{
    changed(pane_state(list), &ERROR_INIT);
}

/* Shows which thread is read. */
void pane_list_show(struct pane *list, int64_t thread)
{
    struct inbox *b = pane_state(list);
    b->settling = false;
    list_select(b->list, thread);
    pane_dirty(list);
}

#define INBOX_OPS                                                                                  \
    .keys = KEYS_LIST | KEYS_INBOX, .watch = WATCH_MAIL | WATCH_DRAFT, .new_state = new_inbox,     \
    .free = free_inbox, .reload = reload_inbox, .draw = draw_inbox, .verb = verb_inbox,            \
    .command = command_inbox, .target = target_inbox, .why = why_inbox, .status = status_inbox,    \
    .search = search_inbox, .copy = copy_inbox, .place = place_inbox, .result = result_inbox

const struct pane_ops inbox_pane = {
    .name = "inbox", .title = N_("Inbox"), .tab = 1, .count = count_inbox, INBOX_OPS};
const struct pane_ops threads_pane = {.name = "threads", .title = N_("Threads"), INBOX_OPS};

/* What app/features.c lists. */
const struct pane_ops *const inbox_panes[] = {
    &inbox_pane, &threads_pane, &thread_pane, &draft_pane, &folders_pane, &drafts_pane,
    &parts_pane, &results_pane, &summary_pane, &view_pane, &address_pane, NULL};
