/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply_head.c - recipients, subject, references and sender of an answer: from the mail only. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "command/config.h"
#include "command/option.h"
#include "inbox/checks_inside.h"
#include "inbox/reply_inside.h"
#include "mail/folder.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/people.h"

#define QUOTE_MAX (64u << 10)

/* Foreign text on one line: controls become blanks, blanks are one. */
static char *one_line(const char *text)
{
    struct str out = STR_INIT;
    for (; *text; text++) {
        bool blank = (unsigned char)*text <= ' ' || *text == 0x7f;
        if (!blank)
            str_putc(&out, *text);
        else if (out.len && out.data[out.len - 1] != ' ')
            str_putc(&out, ' ');
    }
    while (out.len && out.data[out.len - 1] == ' ')
        str_truncate(&out, out.len - 1);
    return str_take(&out);
}

char *reply_subject(const char *subject, bool forward)
{
    static const char *const prefixes[] = {"re:", "aw:", "sv:", "antw:", "fwd:", "fw:", "wg:",
                                           "re：", "回复:", "回复：", "答复:", "答复：", "转发:",
                                           "转发：", NULL};
    char *line = one_line(subject ? subject : ""), *p = line;
    for (size_t i = 0; prefixes[i];) {
        if (str_starts_nocase(p, prefixes[i])) {
            p += strlen(prefixes[i]);
            p += strspn(p, " ");
            i = 0;
        } else {
            i++;
        }
    }
    char *out = str_format("%s%s", forward ? "Fwd: " : "Re: ", p);
    free(line);
    return out;
}

/* Adds foreign addresses that can be ones, without me and without those already there. */
static void take(struct vec *to, const struct vec *from, bool with_me, const struct vec *not_these)
{
    for (size_t i = 0; i < from->len; i++) {
        const struct mail_address *a = vec_at(from, i);
        if (!a->address || !people_is_address(a->address) || people_has(to, a->address) ||
            (not_these && people_has(not_these, a->address)) ||
            (!with_me && config_is_me(a->address)))
            continue;
        char *name = one_line(a->name ? a->name : "");
        people_add(to, name, a->address);
        free(name);
    }
}

/* Who answers go to. */
static void take_target(struct draft *d, const struct mail_message *m)
{
    bool mine = m->from.len > 0;
    for (size_t i = 0; mine && i < m->from.len; i++)
        mine = config_is_me(((struct mail_address *)vec_at(&m->from, i))->address);
    if (mine) { /* my own mail: the follow-up goes where it went */
        take(&d->to, &m->to, false, NULL);
        if (d->to.len == 0)
            take(&d->to, &m->to, true, NULL);
        return;
    }
    take(&d->to, m->reply_to.len ? &m->reply_to : &m->from, true, NULL);
    if (d->to.len == 0)
        take(&d->to, &m->from, true, NULL);
}

/* The list's address of "<mailto:list@example.org>"; false when it tells none. */
static bool take_list(struct draft *d, const struct mail_message *m)
{
    const char *p = m->list_post ? strstr(m->list_post, "mailto:") : NULL;
    if (!p)
        return false;
    p += strlen("mailto:");
    char *address = mem_strndup(p, strcspn(p, ">?,; \t\r\n"));
    bool good = people_is_address(address);
    if (good)
        people_add(&d->to, "", address);
    free(address);
    return good;
}

/* May this foreign Message-ID stand in a header of ours? */
static bool is_msgid(const char *id)
{
    size_t n = 0;
    for (; id[n]; n++)
        if ((unsigned char)id[n] <= ' ' || (unsigned char)id[n] >= 0x7f || strchr("<>", id[n]))
            return false;
    return n > 0 && n <= 900;
}

/* References by RFC 5322 §3.6.4, the last 20 at most and always the first. */
static void take_references(struct draft *d, const struct mail_message *m)
{
    size_t n = m->references.len;
    for (size_t i = 0; i < n; i++)
        if ((i == 0 || i + 19 > n) && is_msgid(strv_at(&m->references, i)))
            strv_push(&d->references, strv_at(&m->references, i));
    if (n == 0 && m->in_reply_to && is_msgid(m->in_reply_to))
        strv_push(&d->references, m->in_reply_to);
    if (m->message_id && is_msgid(m->message_id)) {
        strv_push(&d->references, m->message_id);
        free(d->in_reply_to);
        d->in_reply_to = mem_strdup(m->message_id);
    }
}

struct draft *reply_fresh(void)
{
    struct draft *d = mem_alloc(sizeof *d);
    people_init(&d->to);
    people_init(&d->cc);
    people_init(&d->bcc);
    strv_init(&d->references);
    vec_init(&d->files, sizeof(struct draft_file), NULL);
    d->in_reply_to = mem_strdup("");
    return d;
}

void reply_sender(struct draft *d, const char *account, const struct vec *recipients)
{
    const struct config_account *a = people_account(account, recipients);
    mail_address_fini_item(&d->from);
    d->from = (struct mail_address){0};
    free(d->account);
    d->account = mem_strdup(a ? a->name : "");
    if (!people_from(a, recipients, &d->from))
        d->from = (struct mail_address){mem_strdup(""), mem_strdup("")};
}

enum status reply_head(struct db *db, enum draft_kind kind, int64_t message, struct draft **out,
                       struct error *err)
{
    struct mail_message *m;
    struct mail_row row;
    *out = NULL;
    enum status st = mail_row_get(db, message, &row, err);
    if (st)
        return st;
    if ((st = mail_message_get(db, message, &m, err))) {
        mail_row_fini(&row);
        return st;
    }
    struct draft *d = reply_fresh();
    struct vec recipients, none;
    struct mail_folder folder = {0};
    struct error ignored = ERROR_INIT;
    people_init(&recipients);
    people_init(&none);
    d->kind = kind;
    d->message = message;
    d->thread = row.thread;
    d->subject = reply_subject(m->subject, kind == DRAFT_FORWARD);
    if (kind == DRAFT_REPLY_LIST && !take_list(d, m)) {
        error_set(err, STATUS_REFUSED, _("m%lld does not come from a mailing list"),
                  (long long)message);
        st = error_hint(err, _("reply or reply --all"));
        goto out;
    }
    if (kind == DRAFT_REPLY || kind == DRAFT_REPLY_ALL)
        take_target(d, m);
    if (kind == DRAFT_REPLY_ALL) {
        take(&d->cc, &m->to, false, &d->to);
        take(&d->cc, &m->cc, false, &d->to);
    }
    if (kind != DRAFT_FORWARD)
        take_references(d, m);
    take(&recipients, &m->to, true, NULL);
    take(&recipients, &m->cc, true, NULL);
    if (m->delivered_to && people_is_address(m->delivered_to) && config_is_me(m->delivered_to))
        people_add(&recipients, "", m->delivered_to);
    bool placed = row.folder && mail_folder_get(db, row.folder, &folder, &ignored) == STATUS_OK;
    reply_sender(d, placed ? folder.account : NULL, &recipients);
out:
    mail_folder_fini(&folder);
    vec_fini(&recipients);
    vec_fini(&none);
    mail_row_fini(&row);
    mail_message_free(m);
    if (st == STATUS_OK)
        *out = d;
    else
        draft_free(d);
    return st;
}

int64_t reply_target(struct db *db, int64_t thread)
{
    struct mail_thread t;
    struct error err = ERROR_INIT;
    if (mail_thread_get(db, thread, &t, &err))
        return 0;
    int64_t id = t.newest_foreign ? t.newest_foreign : t.newest;
    mail_thread_fini(&t);
    return id;
}

/* Appends a text with "> " in front of each line. */
static void add_quoted(struct str *out, const char *text)
{
    size_t limit = out->len + QUOTE_MAX;
    while (*text && out->len < limit) {
        size_t n = strcspn(text, "\n");
        str_puts(out, *text == '>' ? ">" : n ? "> " : ">");
        str_add(out, text, n);
        str_putc(out, '\n');
        text += n + (text[n] == '\n');
    }
}

char *reply_quote(const struct mail_message *m)
{
    struct str out = STR_INIT, who = STR_INIT;
    char date[CLOCK_TEXT];
    const struct mail_address *from = m->from.len ? vec_at(&m->from, 0) : NULL;
    const char *name = !from ? "?" : from->name && *from->name ? from->name : from->address;
    const char *text = m->text ? m->text : "";
    char *line = one_line(name);
    if (m->date != CLOCK_NONE)
        clock_day(m->date, date);
    else
        date[0] = 0;
    if (passage_is_cjk(text, strlen(text)))
        str_addf(&out, "在 %s，%s 写道：\n", date, line);
    else
        str_addf(&out, "On %s, %s wrote:\n", date, line);
    add_quoted(&out, text);
    free(line);
    str_fini(&who);
    return str_take(&out);
}

char *reply_forwarded(const struct mail_message *m)
{
    struct str out = STR_INIT, people = STR_INIT;
    char date[CLOCK_TEXT];
    str_puts(&out, "---------- Forwarded message ----------\n");
    people_print(&people, &m->from);
    char *line = one_line(str_text(&people));
    str_addf(&out, "From: %s\n", line);
    free(line);
    if (m->date != CLOCK_NONE)
        str_addf(&out, "Date: %s\n", clock_rfc5322(m->date, date));
    line = one_line(m->subject ? m->subject : "");
    str_addf(&out, "Subject: %s\n", line);
    free(line);
    str_clear(&people);
    people_print(&people, &m->to);
    line = one_line(str_text(&people));
    str_addf(&out, "To: %s\n\n", line);
    free(line);
    str_puts(&out, m->text ? m->text : "");
    str_fini(&people);
    return str_take(&out);
}

char *reply_clean(const char *text)
{
    struct str out = STR_INIT;
    while (*text == '\n' || *text == '\r' || *text == ' ')
        text++;
    if (str_starts_nocase(text, "subject:") && strchr(text, '\n')) { /* some models cannot help it */
        text = strchr(text, '\n');
        while (*text == '\n')
            text++;
    }
    for (; *text; text++)
        if ((unsigned char)*text >= ' ' || *text == '\n' || *text == '\t') {
            if (*text != 0x7f)
                str_putc(&out, *text);
        }
    while (out.len && strchr("\n ", out.data[out.len - 1]))
        str_truncate(&out, out.len - 1);
    return str_take(&out);
}
