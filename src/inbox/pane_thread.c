/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_thread.c - reading a thread: newest message on top, quotes folded, what warns in a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/watch.h"
#include "command/command.h"
#include "command/option.h"
#include "inbox/draft.h"
#include "inbox/pane_inside.h"
#include "inbox/pane_message.h"
#include "inbox/reply.h"
#include "io/loop.h"
#include "mail/change.h"
#include "mail/reader.h"
#include "mail/store.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/text.h"

#define SEEN_MS 1000     /* open for this long counts as read */
#define MESSAGES_MAX 200 /* newest of a thread that are shown */
#define WHOLE 3          /* threads longer than this fold what was read before */
#define AT_ONCE (96 << 10) /* bytes of a mail's text that are laid out at once */
#define MORE_LINES 300     /* so near to the end of what is laid out comes the rest */
#define FIRST_LINES 100    /* so much of a thread is laid out before it is painted first */

struct read_events {
    int64_t message;
    struct vec events; /* struct mail_event */
};

/* Which mail of the conversation a command means: the newest that came until the person looks at another. */
enum looks { LOOKS_NEWEST, LOOKS_TOP, LOOKS_FOUND, LOOKS_END };

struct thread {
    struct pane *pane;
    enum looks looks;
    int64_t id, wanted; /* wanted: the message named when it was opened */
    struct mail_thread head;
    struct vec rows; /* struct mail_row, oldest first */
    struct text *text;
    bool hidden; /* H: hidden text and all recipients are shown */
    struct loop_watch *seen;
    bool unasked; /* it followed an action by itself, and no key was pressed in it yet */
    bool ripe;    /* it was open for a second meanwhile */
    int64_t now;
    char *link; /* own; the one asked about */
    size_t left;             /* older messages that are not laid out yet */
    struct loop_watch *rest; /* they come after the first frame */
    size_t limit, cut_line;  /* bytes of each mail laid out; the first line where more would come */
    struct mail_reader *reader; /* NULL until an appointment is read */
    struct vec events; /* struct read_events */
    struct vec asked;  /* int64_t: messages whose appointments are being read, in order */
};

/* ---- as text ---- */

/* Appointments of a message that were read; NULL. */
static const struct vec *events_of(const struct thread *th, int64_t message)
{
    for (size_t i = 0; i < th->events.len; i++) {
        const struct read_events *e = vec_at(&th->events, i);
        if (e->message == message)
            return &e->events;
    }
    return NULL;
}

static void ask_events(struct thread *th, int64_t message, const char *ics);

/* One message; the newer ones stand above it. */
static void add_message(struct thread *th, size_t at)
{
    const struct mail_row *row = vec_at(&th->rows, at);
    struct mail_message *m;
    struct pane_message p = {.store = pane_store(th->pane), .text = th->text, .now = th->now,
                             .hidden = th->hidden, .limit = th->limit,
                             .events = events_of(th, row->id)};
    p.fold = th->rows.len > WHOLE && at + 1 < th->rows.len && !(row->flags & DOC_UNREAD) &&
             row->id != th->wanted;
    pane_message_add(&p, row, &m);
    if (p.cut && p.cut_line < th->cut_line)
        th->cut_line = p.cut_line;
    if (m && p.wants_events)
        ask_events(th, row->id, m->ics);
    mail_message_free(m);
}

/* Older messages, newest of them first, until the text has so many lines. */
static void lay(struct thread *th, size_t lines)
{
    size_t unseen = th->rows.len > MESSAGES_MAX ? th->rows.len - MESSAGES_MAX : 0;
    while (th->left > unseen && text_lines(th->text) < lines)
        add_message(th, --th->left);
    if (th->left > 0 && th->left == unseen) {
        text_addf(th->text, STYLE_DIM, _("%zu older messages are not shown: search finds them"), unseen);
        th->left = 0;
    }
}

/* The older messages that had to wait for the first frame. */
static void lay_rest(struct thread *th)
{
    loop_remove(pane_loop(th->pane), th->rest);
    th->rest = NULL;
    lay(th, SIZE_MAX);
}

/* The first frame stands. */
static void on_rest(void *user)
{
    struct thread *th = user;
    th->rest = NULL;
    lay_rest(th);
    pane_dirty(th->pane);
}

/* Begins the text with the newest messages. */
static void fill_first(struct thread *th, size_t lines)
{
    text_clear(th->text);
    th->now = clock_now();
    th->cut_line = SIZE_MAX;
    th->left = th->rows.len;
    lay(th, lines);
}

/* All messages, newest first. */
static void fill(struct thread *th)
{
    fill_first(th, SIZE_MAX);
    lay_rest(th);
}

/* The rest of a big mail is laid out when the reader comes near its end. */
static void load_more(struct thread *th)
{
    if (th->cut_line == SIZE_MAX || text_top(th->text) + MORE_LINES < th->cut_line)
        return;
    th->limit *= 4;
    fill(th);
}

/* All of it is laid out. */
static void load_all(struct thread *th)
{
    lay_rest(th);
    if (th->cut_line == SIZE_MAX)
        return;
    th->limit = SIZE_MAX / 4;
    fill(th);
}

/* The appointments of a message came. */
static void on_events(void *user, struct vec *events, bool cut, const struct error *err)
{
    struct thread *th = user;
    int64_t message = th->asked.len ? *(int64_t *)vec_at(&th->asked, 0) : 0;
    (void)cut;
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    if (th->asked.len)
        vec_remove(&th->asked, 0);
    struct read_events *e = vec_push(&th->events);
    e->message = message;
    mail_events_init(&e->events);
    if (events) { /* taken over: the reader's list is empty afterwards */
        struct vec empty = e->events;
        e->events = *events;
        *events = empty;
    }
    fill(th);
    pane_dirty(th->pane);
}

/* Asks for the appointments of a message, once. */
static void ask_events(struct thread *th, int64_t message, const char *ics)
{
    for (size_t i = 0; i < th->asked.len; i++)
        if (*(int64_t *)vec_at(&th->asked, i) == message)
            return;
    if (!th->reader)
        th->reader = mail_reader_new(pane_loop(th->pane), NULL);
    *(int64_t *)vec_push(&th->asked) = message;
    mail_reader_calendar(th->reader, ics, on_events, th);
}

/* Releases what was read. */
static void read_events_fini(void *item)
{
    vec_fini(&((struct read_events *)item)->events);
}

/* ---- read after a second ---- */

struct seen_record {
    struct vec ids; /* int64_t */
};

/* Marks as seen. */
static enum status run_seen(struct db *db, void *record, struct error *err)
{
    struct seen_record *r = record;
    for (size_t i = 0; i < r->ids.len; i++) {
        enum status st = mail_message_mark_seen(db, *(int64_t *)vec_at(&r->ids, i), err);
        if (st != STATUS_OK && st != STATUS_NO_SUCH)
            return st;
    }
    return STATUS_OK;
}

/* Releases the record. */
static void free_seen(void *record)
{
    vec_fini(&((struct seen_record *)record)->ids);
    free(record);
}

static const struct store_op seen_op = {"seen", OP_PERSON, run_seen, free_seen};

/* The thread was open for a second. */
static void on_seen(void *user)
{
    struct thread *th = user;
    th->seen = NULL;
    th->ripe = th->unasked; /* nobody may sit before it: the first key says so */
    if (th->ripe)
        return;
    struct seen_record *r = mem_alloc(sizeof *r);
    vec_init(&r->ids, sizeof(int64_t), NULL);
    for (size_t i = 0; i < th->rows.len; i++) {
        const struct mail_row *row = vec_at(&th->rows, i);
        if (row->flags & DOC_UNREAD)
            *(int64_t *)vec_push(&r->ids) = row->id;
    }
    store_post(pane_store(th->pane), &seen_op, r, NULL, NULL);
}

/* A key was pressed in it: somebody reads. */
static void touch(struct thread *th)
{
    th->unasked = false;
    if (th->ripe)
        on_seen(th);
}

/* ---- the pane ---- */

/* Reads the thread's rows; false when it is gone. */
static bool read_rows(struct thread *th, struct error *err)
{
    struct db *db = store_reader(pane_store(th->pane));
    mail_thread_fini(&th->head);
    memset(&th->head, 0, sizeof th->head);
    vec_fini(&th->rows); /* mail_thread_messages begins it anew */
    if (mail_thread_get(db, th->id, &th->head, err) != STATUS_OK)
        return false;
    th->id = th->head.id;
    return mail_thread_messages(db, th->id, &th->rows, err) == STATUS_OK;
}

/* Shows another thread in this pane. */
static bool show(struct thread *th, int64_t id)
{
    struct error err = ERROR_INIT;
    th->id = id;
    if (!read_rows(th, &err)) {
        pane_error(th->pane, &err);
        return false;
    }
    th->hidden = false;
    th->limit = AT_ONCE;
    text_unfold_all(th->text, false);
    fill_first(th, th->wanted ? SIZE_MAX : FIRST_LINES);
    loop_remove(pane_loop(th->pane), th->rest);
    th->rest = th->left ? loop_timer(pane_loop(th->pane), 0, on_rest, th) : NULL;
    text_verb(th->text, PANE_FIRST, 0);
    if (th->wanted) {
        char anchor[32];
        snprintf(anchor, sizeof anchor, "m%lld", (long long)th->wanted);
        text_jump(th->text, anchor);
    }
    th->looks = th->wanted ? LOOKS_TOP : LOOKS_NEWEST;
    th->unasked = th->ripe = false;
    loop_remove(pane_loop(th->pane), th->seen);
    th->seen = th->head.unread ? loop_timer(pane_loop(th->pane), SEEN_MS, on_seen, th) : NULL;
    struct pane *below = pane_below(th->pane);
    if (pane_is_list(below))
        pane_list_show(below, th->id);
    pane_dirty(th->pane);
    return true;
}

/* Reads the thread's newest mail for nothing. */
void pane_thread_warm(struct pane *list, int64_t id)
{
    struct thread th = {.pane = list, .id = id};
    struct error err = ERROR_INIT;
    struct mail_message *m = NULL;
    vec_init(&th.rows, sizeof(struct mail_row), mail_row_fini_item);
    const struct mail_row *newest = read_rows(&th, &err) && th.rows.len ? vec_at(&th.rows, th.rows.len - 1) : NULL;
    if (newest && !(newest->flags & DOC_PARTIAL)) { /* what is on the server is asked for by who opens it */
        struct pane_message p = {.store = pane_store(list), .text = text_new(), .limit = AT_ONCE};
        pane_message_add(&p, newest, &m);
        text_free(p.text);
        mail_message_free(m);
    }
    mail_thread_fini(&th.head);
    vec_fini(&th.rows);
}

/* Closes the reader. */
static void free_thread(void *state)
{
    struct thread *th = state;
    loop_remove(pane_loop(th->pane), th->seen);
    loop_remove(pane_loop(th->pane), th->rest);
    mail_thread_fini(&th->head);
    vec_fini(&th->rows);
    mail_reader_free(th->reader);
    vec_fini(&th->events);
    vec_fini(&th->asked);
    text_free(th->text);
    free(th->link);
    free(th);
}

/* Opens "t5", or "m12" with that message on top. */
static void *new_thread(struct pane *p, const char *arg)
{
    char letter;
    int64_t number;
    struct mail_row row = {0};
    struct error err = ERROR_INIT;
    if (!arg || !command_id(arg, &letter, &number))
        return NULL;
    struct thread *th = mem_alloc(sizeof *th);
    th->pane = p;
    th->text = text_new();
    vec_init(&th->rows, sizeof(struct mail_row), mail_row_fini_item);
    vec_init(&th->events, sizeof(struct read_events), read_events_fini);
    vec_init(&th->asked, sizeof(int64_t), NULL);
    if (letter == 'm') {
        if (mail_row_get(store_reader(pane_store(p)), number, &row, &err) != STATUS_OK) {
            pane_error(p, &err);
            free_thread(th);
            return NULL;
        }
        th->wanted = number;
        number = row.thread;
        mail_row_fini(&row);
    }
    if (!show(th, number)) {
        free_thread(th);
        return NULL;
    }
    return th;
}

/* Mail changed: a new answer, other flags. */
static void reload_thread(void *state, unsigned bits)
{
    struct thread *th = state;
    struct error err = ERROR_INIT;
    (void)bits;
    if (read_rows(th, &err))
        fill(th);
}

/* The mail a line of the text belongs to. */
static int64_t message_at(const struct thread *th, size_t line)
{
    char letter;
    int64_t id;
    const char *item = text_item_at(th->text, line);
    return item && command_id(item, &letter, &id) && letter == 'm' ? id : 0;
}

/* The mail that is seen: at the end the last, else that of the match or the one on top of the window. */
static int64_t seen_message(const struct thread *th)
{
    return message_at(th, th->looks == LOOKS_END     ? text_lines(th->text) - 1
                          : th->looks == LOOKS_FOUND ? text_found(th->text)
                                                     : text_top(th->text));
}

/* The mail the person has turned to; 0: none, the conversation as a whole is meant. */
static int64_t turned_to(const struct thread *th)
{
    int64_t id = th->looks == LOOKS_NEWEST ? 0 : seen_message(th);
    const struct mail_row *newest = th->rows.len ? vec_at(&th->rows, th->rows.len - 1) : NULL;
    return newest && id == newest->id && id != th->wanted ? 0 : id;
}

/* The draft that waits, and the key that goes on with it, for the mail that is meant. */
static const char *waiting_words(const struct thread *th)
{
    struct db *db = store_reader(pane_store(th->pane));
    int64_t mail = turned_to(th);
    int64_t answer = draft_reply_of(db, th->id, mail ? mail : reply_target(db, th->id));
    int64_t forward = answer ? 0 : draft_forward_of(db, th->id, mail);
    bool held = draft_is_held(db, answer ? answer : forward);
    return answer    ? held ? _("  reply held") : _("  draft waiting: r resumes it")
           : forward ? held ? _("  forward held") : _("  forward waiting: f resumes it")
                     : _("  draft waiting: D shows it");
}

/* Subject, facts, then the messages. */
static void draw_thread(void *state, struct canvas *c, bool focused)
{
    struct thread *th = state;
    struct str facts = STR_INIT, due = STR_INIT;
    bool late;
    int head = c->rows >= 8 ? 3 : 1;
    for (int i = 0; i < head; i++)
        canvas_clear_row(c, i);
    canvas_column(c, 0, 1, c->cols - 2, STYLE_BOLD, CUT_END | CANVAS_FOREIGN,
                  *th->head.subject ? th->head.subject : _("(no subject)"));
    if (head > 1) {
        int col = canvas_text(c, 1, 1, pane_words_lane_style(th->head.lane),
                              mail_lane_name(th->head.lane));
        str_addf(&facts, P_("%lld message", "%lld messages", th->head.count),
                 (long long)th->head.count);
        pane_words_due(th->head.due, th->now, &due, &late);
        if (due.len)
            str_addf(&facts, _("  due %s"), str_text(&due));
        if (th->head.asks > 0)
            str_addf(&facts, P_("  %lld ask", "  %lld asks", th->head.asks),
                     (long long)th->head.asks);
        if (th->head.draft)
            str_puts(&facts, waiting_words(th));
        canvas_text(c, 1, col > 1 ? col + 2 : 1, STYLE_DIM, str_text(&facts));
    }
    for (int row = head; row < c->rows; row++)
        canvas_fill(c, row, 0, 1, STYLE_PLAIN);
    struct canvas body = canvas_sub(c, head, 1, c->rows - head, c->cols - 2);
    text_draw(th->text, &body, focused);
    for (int row = head; row < c->rows; row++)
        canvas_fill(c, row, c->cols - 1, 1, STYLE_PLAIN);
    str_fini(&facts);
    str_fini(&due);
}

/* ---- opening links and attachments ---- */

/* y: the link goes to the clipboard. */
static void on_link_key(void *state, int key)
{
    struct thread *th = state;
    if (key == 'y' && th->link)
        pane_copy(th->pane, th->link, strlen(th->link));
}

/* Opens "link m12 3" or "part m12 2". */
static bool open_ref(struct thread *th, const char *ref)
{
    long long message;
    int number;
    struct mail_message *m = NULL;
    struct error err = ERROR_INIT;
    if (sscanf(ref, "part m%lld %d", &message, &number) == 2) {
        char place[64];
        snprintf(place, sizeof place, "m%lld %d", message, number);
        pane_open(th->pane, "view", place);
        return true;
    }
    if (sscanf(ref, "link m%lld %d", &message, &number) != 2 ||
        mail_message_get(store_reader(pane_store(th->pane)), message, &m, &err) != STATUS_OK)
        return false;
    if (number > 0 && (size_t)number <= m->links.len) {
        const struct mail_link *link = vec_at(&m->links, (size_t)number - 1);
        free(th->link);
        th->link = mem_strdup(link->url);
        if (pane_address_is_long(th->pane, link->url)) {
            pane_open(th->pane, "address", link->url);
            mail_message_free(m);
            return true;
        }
        char *question = str_format(_("%s   y copies it"), link->url);
        pane_ask_key(th->pane, question, "y", on_link_key);
        free(question);
    }
    mail_message_free(m);
    return true;
}

/* J K . and , lead to another thread of the list. */
static void step(struct thread *th, enum pane_verb motion)
{
    struct pane *below = pane_below(th->pane);
    int64_t next = pane_is_list(below) ? pane_list_step(below, th->id, motion) : 0;
    th->wanted = 0;
    if (next)
        show(th, next);
    else
        pane_say(th->pane, "%s", motion == PANE_DOWN ? _("that was the last one")
                                 : motion == PANE_UP ? _("that was the first one")
                                                     : _("no other one is unread"));
}

/* The person moved from this top line: which mail is looked at now. At the very end it is the last one. */
static void look(struct thread *th, size_t from, bool last)
{
    size_t top = text_top(th->text);
    if (last)
        th->looks = LOOKS_END;
    else if (top == 0)
        th->looks = LOOKS_NEWEST;
    else if (top != from)
        th->looks = text_at_end(th->text) ? LOOKS_END : LOOKS_TOP;
}

/* Motions. */
static bool verb_thread(void *state, enum pane_verb verb, int arg)
{
    struct thread *th = state;
    const char *ref;
    size_t from = text_top(th->text);
    touch(th);
    if (th->left)
        lay_rest(th);
    switch (verb) {
    case PANE_OPEN:
        ref = text_ref_at(th->text, arg);
        if (ref && open_ref(th, ref))
            return true;
        if (arg > 0)
            pane_say(th->pane, _("there is no [%d] here"), arg);
        return true;
    case PANE_ITEM_NEXT:
    case PANE_ITEM_PREV:
        step(th, verb == PANE_ITEM_NEXT ? PANE_DOWN : PANE_UP);
        return true;
    case PANE_UNREAD_NEXT:
    case PANE_UNREAD_PREV:
        step(th, verb);
        return true;
    case PANE_HIDDEN:
        th->hidden = !th->hidden;
        text_unfold_all(th->text, th->hidden);
        fill(th);
        return true;
    case PANE_LAST:
        load_all(th);
        text_verb(th->text, verb, arg);
        look(th, from, true);
        return true;
    default:
        if (!text_verb(th->text, verb, arg))
            return false;
        if (verb == PANE_SEARCH_NEXT || verb == PANE_SEARCH_PREV)
            th->looks = LOOKS_FOUND;
        else
            look(th, from, false);
        load_more(th);
        return true;
    }
}

/* next, list or stay. */
static const char *after_action(void)
{
    return option_find("tui.after-action") ? option_text("tui.after-action") : "next";
}

/* What follows an action by itself; false: there is nothing. */
static bool show_next(struct thread *th, int64_t id)
{
    if (!id || !show(th, id))
        return false;
    th->unasked = true;
    return true;
}

/* The thread leaves the list: what is read next. */
static void leave_thread(void *state, const struct vec *ids)
{
    struct thread *th = state;
    struct pane *below = pane_below(th->pane);
    (void)ids;
    if (!pane_is_list(below))
        return;
    int64_t next = pane_list_leave(below, th->id);
    th->wanted = 0;
    if (str_eq(after_action(), "stay"))
        return;
    if (str_eq(after_action(), "list") || !show_next(th, next))
        pane_close(th->pane);
}

/* Shows another thread. */
void pane_thread_show(struct pane *p, int64_t id)
{
    struct thread *th = pane_state(p);
    th->wanted = 0;
    show(th, id);
}

/* It is answered: so it was read. */
void pane_thread_seen(struct pane *p)
{
    struct thread *th = pane_state(p);
    touch(th);
    if (!th->seen)
        return;
    loop_remove(pane_loop(p), th->seen);
    on_seen(th);
}

/* The thread was answered. */
void pane_thread_after(struct pane *p)
{
    struct thread *th = pane_state(p);
    struct pane *below = pane_below(p);
    if (!pane_is_list(below) || str_eq(after_action(), "stay"))
        return;
    int64_t next = pane_list_step(below, th->id, PANE_DOWN);
    th->wanted = 0;
    if (str_eq(after_action(), "list") || !show_next(th, next))
        pane_close(p);
}

/* The change is stored or refused. */
static void left_thread(void *state, const struct error *err)
{
    struct thread *th = state;
    struct pane *below = pane_below(th->pane);
    (void)err;
    if (pane_is_list(below))
        pane_list_left(below);
}

/* Is it a command on what is read? Undoing, leaving, marking as read itself are not, nor what names ids:
 * so run the changes that brought the next conversation here. */
static bool is_about(size_t argc, const char *const *argv)
{
    char letter;
    int64_t number;
    const struct command *c = command_find(argv[0], NULL);
    return str_eq(argv[0], "view") || (c && c->flags & CMD_IDS && !str_starts(argv[0], "mark-") &&
                                       !command_id(argv[argc - 1], &letter, &number));
}

/* One mail of it goes: what is read stays. */
static void stay_thread(void *state, const struct vec *ids)
{
    (void)state;
    (void)ids;
}

/* One mail of the conversation; the last of it is the conversation, which leaves the list then. What is snoozed is
 * always a conversation. */
static void run_alone(struct thread *th, const char *act)
{
    static const struct {
        const char *act, *line;
    } lines[] = {{"delete", "delete"}, {"archive", "archive"}, {"move", "move"}, {"spam", "spam"},
                 {"snooze", "snooze"}, {"flag", "flag --toggle"}, {"read", "mark-read --toggle"}};
    const char *line = NULL;
    struct vec mail;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        line = str_eq(lines[i].act, act) ? lines[i].line : line;
    if (line && (th->rows.len == 1 || str_eq(act, "snooze"))) {
        pane_run(th->pane, line);
        return;
    }
    if (!line)
        return;
    vec_init(&mail, sizeof(int64_t), NULL);
    *(int64_t *)vec_push(&mail) = seen_message(th);
    if (!pane_act_command(th->pane, 1, &line, 'm', &mail, stay_thread, NULL))
        pane_runf(th->pane, "%s m%lld", line, (long long)seen_message(th));
    vec_fini(&mail);
}

/* First say over commands. */
static bool command_thread(void *state, size_t argc, const char *const *argv)
{
    struct thread *th = state;
    struct vec ids;
    if (is_about(argc, argv))
        touch(th);
    if (str_eq(argv[0], "view")) {
        pane_view_open(th->pane, seen_message(th), argc > 1 ? argv[1] : NULL);
        return true;
    }
    if (argc == 2 && str_eq(argv[0], "thread") && str_eq(argv[1], "split") && seen_message(th)) {
        pane_runf(th->pane, "thread split m%lld", (long long)seen_message(th));
        return true;
    }
    if (argc == 2 && str_eq(argv[0], "this-mail") && seen_message(th)) {
        run_alone(th, argv[1]);
        return true;
    }
    if (argc == 1 && str_eq(argv[0], "unsubscribe") && turned_to(th)) {
        pane_runf(th->pane, "unsubscribe m%lld", (long long)turned_to(th));
        return true;
    }
    vec_init(&ids, sizeof(int64_t), NULL);
    *(int64_t *)vec_push(&ids) = th->id;
    bool done = pane_reply_command(th->pane, th->id, turned_to(th), argc, argv) ||
                pane_act_command(th->pane, argc, argv, 't', &ids, leave_thread, left_thread);
    vec_fini(&ids);
    return done;
}

/* Commands work on the thread. */
static void target_thread(void *state, struct vec *ids)
{
    struct thread *th = state;
    strv_push_take(ids, str_format("t%lld", (long long)th->id));
}

/* What was taken back is a draft again: opens it. */
static void result_thread(void *state, const char *command, const struct json *obj)
{
    pane_reply_result(((struct thread *)state)->pane, command, obj);
}

/* Why it stands in its lane. */
static void why_thread(void *state, struct str *out)
{
    struct thread *th = state;
    pane_words_why(pane_store(th->pane), th->id, out);
}

/* Place and model. */
static void status_thread(void *state, struct str *out)
{
    struct thread *th = state;
    str_addf(out, "t%lld  ", (long long)th->id);
    pane_words_model(pane_store(th->pane), "draft", out);
}

/* Search in the text. */
static bool search_thread(void *state, const char *needle, int direction)
{
    struct thread *th = state;
    touch(th);
    load_all(th); /* what is searched is the whole */
    bool found = text_search(th->text, needle, direction);
    if (found)
        th->looks = LOOKS_FOUND;
    return found;
}

/* The whole thread as text. */
static void copy_thread(void *state, struct str *out)
{
    struct thread *th = state;
    load_all(th);
    char *plain = text_plain(th->text);
    str_puts(out, plain);
    free(plain);
}

/* For coming back. */
static void place_thread(void *state, struct str *out)
{
    struct thread *th = state;
    str_addf(out, "t%lld", (long long)th->id);
}

const struct pane_ops thread_pane = {
    .name = "thread", .title = N_("Thread"), .keys = KEYS_THREAD, .watch = WATCH_MAIL | WATCH_DRAFT,
    .opens = "tm", .new_state = new_thread, .free = free_thread, .reload = reload_thread,
    .draw = draw_thread, .verb = verb_thread, .command = command_thread, .target = target_thread,
    .why = why_thread, .status = status_thread, .search = search_thread, .copy = copy_thread,
    .place = place_thread, .result = result_thread,
};
