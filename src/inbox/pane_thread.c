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
#include "inbox/pane_inside.h"
#include "inbox/reply.h"
#include "io/loop.h"
#include "mail/change.h"
#include "mail/store.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/text.h"

#define SEEN_MS 1000     /* open for this long counts as read */
#define MESSAGES_MAX 200 /* newest of a thread that are shown */
#define WHOLE 3          /* threads longer than this fold what was read before */
#define QUOTE_MIN 3      /* quoted lines that are worth a fold */

struct thread {
    struct pane *pane;
    int64_t id, wanted; /* wanted: the message named when it was opened */
    struct mail_thread head;
    struct vec rows; /* struct mail_row, oldest first */
    struct text *text;
    bool hidden; /* H: hidden text and all recipients are shown */
    struct loop_watch *seen;
    int64_t now;
    char *link; /* own; the one asked about */
    int64_t part_message;
    int part;
};

/* ---- as text ---- */

/* Names of addresses, "me" for own ones. */
static void add_people(struct text *text, unsigned style, const char *word, const struct vec *people)
{
    if (people->len == 0)
        return;
    text_add(text, style, word);
    for (size_t i = 0; i < people->len; i++) {
        const struct mail_address *a = vec_at(people, i);
        if (i)
            text_add(text, style, ", ");
        if (*a->name) {
            text_foreign(text, style, a->name, strlen(a->name));
            text_add(text, style, " ");
        }
        text_add(text, style, "<");
        text_foreign(text, style, a->address, strlen(a->address));
        text_add(text, style, ">");
    }
    text_newline(text);
}

/* A warning of the reader in words. */
static void add_warning(struct text *text, const char *warning)
{
    static const struct {
        const char *word, *text;
    } known[] = {
        {"link-host-differs", N_("a link says one host and leads to another")},
        {"mixed-script", N_("an address mixes alphabets that look alike")},
        {"look-alike", N_("the sender's domain looks like another one")},
        {"link-user", N_("a link hides its host behind a name")},
        {"link-address", N_("a link leads to a bare number, not to a name")},
        {"risky-file", N_("a file that can do harm when it is opened")},
        {"reply-to-differs", N_("answers would go to another address than the sender's")},
        {"display-name-address", N_("the sender's name pretends to be an address")},
        {"truncated", N_("too large: only the beginning is shown")},
        {"bad-charset", N_("the text does not fit its charset: � stands for what could not be read")},
        {"mime-parts", N_("too many parts: only the first ones are shown")},
        {"mime-depth", N_("parts too deeply nested are not shown")},
        {"first-sender", N_("nobody here has heard from this sender before")},
    };
    size_t len = strcspn(warning, ":");
    text_add(text, STYLE_WARN, "! ");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strlen(known[i].word) == len && strncmp(known[i].word, warning, len) == 0) {
            text_add(text, STYLE_WARN, _(known[i].text));
            text_foreign(text, STYLE_WARN, warning + len, strlen(warning + len));
            text_newline(text);
            return;
        }
    text_foreign(text, STYLE_WARN, warning, strlen(warning));
    text_newline(text);
}

/* One line of a mail, with its [n] as references. */
static void add_line(struct text *text, unsigned style, const char *line, size_t n, int64_t message,
                     size_t links)
{
    size_t done = 0;
    for (size_t i = 0; i + 2 < n && links; i++) {
        size_t end = i + 1;
        size_t number = 0;
        if (line[i] != '[')
            continue;
        while (end < n && end < i + 5 && line[end] >= '0' && line[end] <= '9')
            number = number * 10 + (size_t)(line[end++] - '0');
        if (end == i + 1 || end >= n || line[end] != ']' || number == 0 || number > links)
            continue;
        char ref[64];
        snprintf(ref, sizeof ref, "link m%lld %zu", (long long)message, number);
        text_foreign(text, style, line + done, i - done);
        text_ref(text, ref, (int)number);
        text_foreign(text, STYLE_LINK | STYLE_UNDERLINE, line + i, end + 1 - i);
        text_ref_end(text);
        done = end + 1;
        i = end;
    }
    text_foreign(text, style, line + done, n - done);
    text_newline(text);
}

/* Whether a line is quoted history. */
static bool is_quoted(const char *line, size_t n)
{
    return n > 0 && (line[0] == '>' || (n > 1 && line[0] == ' ' && line[1] == '>'));
}

/* Length of a line, and where the next begins. */
static size_t line_length(const char *line, const char *end, const char **next)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    *next = newline ? newline + 1 : end;
    return (size_t)((newline ? newline : end) - line);
}

/* A fold for a run of quoted lines. */
static const char *add_quotes(struct text *text, const char *line, const char *end, int64_t message,
                              size_t links)
{
    const char *at = line, *next;
    int count = 0;
    while (at < end && is_quoted(at, line_length(at, end, &next))) {
        count++;
        at = next;
    }
    bool fold = count >= QUOTE_MIN;
    if (fold) {
        char *label = str_format(P_("  %d line quoted   H shows", "  %d lines quoted   H shows", count),
                                 count);
        text_fold(text, label, true);
        free(label);
    }
    while (line < at) {
        size_t n = line_length(line, end, &next);
        add_line(text, STYLE_QUOTE | STYLE_DIM, line, n, message, links);
        line = next;
    }
    if (fold)
        text_fold_end(text);
    return at;
}

/* The text of a mail: quotes folded, signature dim. */
static void add_body(struct text *text, const char *body, int64_t message, size_t links)
{
    const char *end = body + strlen(body), *next;
    bool signature = false;
    while (end > body && (end[-1] == '\n' || end[-1] == ' '))
        end--;
    for (const char *line = body; line < end;) {
        size_t n = line_length(line, end, &next);
        if (is_quoted(line, n)) {
            line = add_quotes(text, line, end, message, links);
            continue;
        }
        if ((n == 3 && strncmp(line, "-- ", 3) == 0) || (n == 2 && strncmp(line, "--", 2) == 0))
            signature = true;
        add_line(text, signature ? STYLE_DIM : STYLE_PLAIN, line, n, message, links);
        line = next;
    }
}

/* Attachments, numbered behind the links. */
static void add_parts(struct text *text, const struct mail_message *m, int64_t message)
{
    int number = (int)m->links.len;
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *part = vec_at(&m->parts, i);
        struct str size = STR_INIT;
        char ref[64];
        if (!part->attachment)
            continue;
        snprintf(ref, sizeof ref, "part m%lld %d", (long long)message, part->number);
        pane_words_size(part->size, &size);
        text_ref(text, ref, ++number);
        text_addf(text, STYLE_SOURCE, "[%d] ", number);
        const char *name = part->name && *part->name ? part->name : part->content_type;
        text_foreign(text, STYLE_LINK, name, strlen(name));
        text_ref_end(text);
        text_addf(text, STYLE_DIM, "  %s", str_text(&size));
        text_newline(text);
        str_fini(&size);
    }
}

/* What the sender hid: said always, shown on H. */
static void add_hidden(struct thread *th, const struct mail_message *m)
{
    if (!m->hidden_text || !*m->hidden_text)
        return;
    text_addf(th->text, STYLE_WARN, "! ");
    text_addf(th->text, STYLE_WARN, _("%zu bytes of text were hidden by the sender   H shows them"),
              strlen(m->hidden_text));
    text_newline(th->text);
    if (th->hidden) {
        text_indent(th->text, 2, 2);
        text_foreign(th->text, STYLE_WARN | STYLE_DIM, m->hidden_text, strlen(m->hidden_text));
        text_newline(th->text);
        text_indent(th->text, 0, 0);
    }
}

/* One message: who and when, warnings, text, attachments. */
static void add_message(struct thread *th, const struct mail_row *row, bool fold)
{
    struct mail_message *m = NULL;
    struct error err = ERROR_INIT;
    struct str when = STR_INIT;
    char id[32];
    snprintf(id, sizeof id, "m%lld", (long long)row->id);
    text_anchor(th->text, id);
    text_item(th->text, id);
    pane_words_when(row->date, th->now, &when);
    unsigned weight = row->flags & DOC_UNREAD ? STYLE_BOLD : STYLE_PLAIN;
    text_addf(th->text, STYLE_DIM, "%s  ", str_text(&when));
    const char *who = row->flags & DOC_MINE ? _("me")
                      : *row->from_name     ? row->from_name
                                            : row->from_address;
    text_foreign(th->text, weight | STYLE_BOLD, who, strlen(who));
    if (!(row->flags & DOC_MINE) && *row->from_name) {
        text_add(th->text, STYLE_DIM, " <");
        text_foreign(th->text, STYLE_DIM, row->from_address, strlen(row->from_address));
        text_add(th->text, STYLE_DIM, ">");
    }
    text_newline(th->text);
    str_fini(&when);
    if (mail_message_get(store_reader(pane_store(th->pane)), row->id, &m, &err) != STATUS_OK) {
        text_add(th->text, STYLE_ERROR, err.text);
        text_newline(th->text);
        return;
    }
    if (th->hidden || m->to.len + m->cc.len > 1) {
        add_people(th->text, STYLE_DIM, _("to "), &m->to);
        add_people(th->text, STYLE_DIM, _("cc "), &m->cc);
    }
    for (size_t i = 0; i < m->warnings.len; i++)
        add_warning(th->text, strv_at(&m->warnings, i));
    if (m->damaged)
        add_warning(th->text, _("damaged: shown as far as it can be read"));
    add_hidden(th, m);
    if (fold)
        text_fold(th->text, _("  read before   H shows"), true);
    add_body(th->text, m->text ? m->text : "", row->id, m->links.len);
    if (fold)
        text_fold_end(th->text);
    add_parts(th->text, m, row->id);
    text_newline(th->text);
    mail_message_free(m);
}

/* All messages, newest first. */
static void fill(struct thread *th)
{
    text_clear(th->text);
    th->now = clock_now();
    for (size_t i = th->rows.len; i > 0 && th->rows.len - i < MESSAGES_MAX; i--) {
        const struct mail_row *row = vec_at(&th->rows, i - 1);
        bool fold = th->rows.len > WHOLE && i < th->rows.len && !(row->flags & DOC_UNREAD) &&
                    row->id != th->wanted;
        add_message(th, row, fold);
    }
    if (th->rows.len > MESSAGES_MAX)
        text_addf(th->text, STYLE_DIM, _("%zu older messages are not shown: search finds them"),
                  th->rows.len - MESSAGES_MAX);
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
    struct seen_record *r = mem_alloc(sizeof *r);
    vec_init(&r->ids, sizeof(int64_t), NULL);
    for (size_t i = 0; i < th->rows.len; i++) {
        const struct mail_row *row = vec_at(&th->rows, i);
        if (row->flags & DOC_UNREAD)
            *(int64_t *)vec_push(&r->ids) = row->id;
    }
    store_post(pane_store(th->pane), &seen_op, r, NULL, NULL);
}

/* ---- the pane ---- */

/* Reads the thread's rows; false when it is gone. */
static bool read_rows(struct thread *th, struct error *err)
{
    struct db *db = store_reader(pane_store(th->pane));
    mail_thread_fini(&th->head);
    memset(&th->head, 0, sizeof th->head);
    vec_clear(&th->rows);
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
    text_unfold_all(th->text, false);
    fill(th);
    text_verb(th->text, PANE_FIRST, 0);
    if (th->wanted) {
        char anchor[32];
        snprintf(anchor, sizeof anchor, "m%lld", (long long)th->wanted);
        text_jump(th->text, anchor);
    }
    loop_remove(pane_loop(th->pane), th->seen);
    th->seen = th->head.unread ? loop_timer(pane_loop(th->pane), SEEN_MS, on_seen, th) : NULL;
    struct pane *below = pane_below(th->pane);
    if (pane_is_list(below))
        pane_list_show(below, th->id);
    pane_dirty(th->pane);
    return true;
}

/* Closes the reader. */
static void free_thread(void *state)
{
    struct thread *th = state;
    loop_remove(pane_loop(th->pane), th->seen);
    mail_thread_fini(&th->head);
    vec_fini(&th->rows);
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
                              mail_lane_word(th->head.lane));
        str_addf(&facts, P_("%lld message", "%lld messages", th->head.count),
                 (long long)th->head.count);
        pane_words_due(th->head.due, th->now, &due, &late);
        if (due.len)
            str_addf(&facts, _("  due %s"), str_text(&due));
        if (th->head.asks > 0)
            str_addf(&facts, P_("  %lld ask", "  %lld asks", th->head.asks),
                     (long long)th->head.asks);
        if (th->head.draft)
            str_puts(&facts, _("  draft waiting: r resumes it"));
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

/* The folder an attachment is saved to. */
static void on_save(void *state, const char *answer)
{
    struct thread *th = state;
    struct str line = STR_INIT;
    if (!answer || !*answer)
        return;
    str_addf(&line, "save m%lld %d ", (long long)th->part_message, th->part);
    pane_words_quote(&line, answer);
    pane_run(th->pane, str_text(&line));
    str_fini(&line);
}

/* Opens "link m12 3" or "part m12 2". */
static bool open_ref(struct thread *th, const char *ref)
{
    long long message;
    int number;
    struct mail_message *m = NULL;
    struct error err = ERROR_INIT;
    if (sscanf(ref, "part m%lld %d", &message, &number) == 2) {
        struct pane_question q = {.prompt = _("save to folder"), .initial = "~/",
                                  .history = "folder", .complete = "save m1 1 ",
                                  .on_answer = on_save};
        th->part_message = message;
        th->part = number;
        pane_ask(th->pane, &q);
        return true;
    }
    if (sscanf(ref, "link m%lld %d", &message, &number) != 2 ||
        mail_message_get(store_reader(pane_store(th->pane)), message, &m, &err) != STATUS_OK)
        return false;
    if (number > 0 && (size_t)number <= m->links.len) {
        const struct mail_link *link = vec_at(&m->links, (size_t)number - 1);
        free(th->link);
        th->link = mem_strdup(link->url);
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

/* Motions. */
static bool verb_thread(void *state, enum pane_verb verb, int arg)
{
    struct thread *th = state;
    const char *ref;
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
    default:
        return text_verb(th->text, verb, arg);
    }
}

/* next, list or stay. */
static const char *after_action(void)
{
    return option_find("tui.after-action") ? option_text("tui.after-action") : "next";
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
    if (str_eq(after_action(), "list") || !next || !show(th, next))
        pane_close(th->pane);
}

/* Shows another thread. */
void pane_thread_show(struct pane *p, int64_t id)
{
    struct thread *th = pane_state(p);
    th->wanted = 0;
    show(th, id);
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
    if (str_eq(after_action(), "list") || !next || !show(th, next))
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

/* The message on top of the window. */
static int64_t top_message(const struct thread *th)
{
    char letter;
    int64_t id;
    const char *item = text_item_at(th->text, text_top(th->text));
    return item && command_id(item, &letter, &id) && letter == 'm' ? id : 0;
}

/* First say over commands. */
static bool command_thread(void *state, size_t argc, const char *const *argv)
{
    struct thread *th = state;
    struct vec ids;
    if (argc == 2 && str_eq(argv[0], "thread") && str_eq(argv[1], "split") && top_message(th)) {
        pane_runf(th->pane, "thread split m%lld", (long long)top_message(th));
        return true;
    }
    vec_init(&ids, sizeof(int64_t), NULL);
    *(int64_t *)vec_push(&ids) = th->id;
    bool done = pane_reply_command(th->pane, th->id, 0, argc, argv) ||
                pane_act_command(th->pane, argc, argv, &ids, leave_thread, left_thread);
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
    return text_search(((struct thread *)state)->text, needle, direction);
}

/* The whole thread as text. */
static void copy_thread(void *state, struct str *out)
{
    char *plain = text_plain(((struct thread *)state)->text);
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
