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
#include "office/mailto.h"
#include "office/people.h"

#define QUOTE_MAX (64u << 10)

char *reply_one_line(const char *text)
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

char *reply_subject(const char *subject, enum draft_kind kind)
{
    static const char *const prefixes[] = {"re:", "aw:", "sv:", "antw:", "fwd:", "fw:", "wg:",
                                           "re：", "回复:", "回复：", "答复:", "答复：", "转发:",
                                           "转发：", NULL};
    char *line = reply_one_line(subject ? subject : ""), *p = line;
    for (size_t i = 0; prefixes[i];) {
        if (str_starts_nocase(p, prefixes[i])) {
            p += strlen(prefixes[i]);
            p += strspn(p, " ");
            i = 0;
        } else {
            i++;
        }
    }
    const char *prefix = kind == DRAFT_NEW ? "" : kind == DRAFT_FORWARD ? "Fwd: " : "Re: ";
    char *out = str_format("%s%s", prefix, p);
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
        char *name = reply_one_line(a->name ? a->name : "");
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

/* The list's address by List-Post (RFC 2369); false when it tells none. */
static bool take_list(struct draft *d, const struct mail_message *m)
{
    char *address = mailto_list_post(m->list_post);
    bool good = address != NULL;
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

/* References, the last 20 at most and always the first. */
static void take_chain(struct draft *d, const struct mail_message *m)
{
    size_t n = m->references.len;
    for (size_t i = 0; i < n; i++)
        if ((i == 0 || i + 19 > n) && is_msgid(strv_at(&m->references, i)))
            strv_push(&d->references, strv_at(&m->references, i));
    if (n == 0 && m->in_reply_to && is_msgid(m->in_reply_to))
        strv_push(&d->references, m->in_reply_to);
}

void reply_take_answered(struct draft *d, const struct mail_message *m)
{
    take_chain(d, m);
    if (m->in_reply_to && is_msgid(m->in_reply_to)) {
        free(d->in_reply_to);
        d->in_reply_to = mem_strdup(m->in_reply_to);
    }
}

/* References by RFC 5322 §3.6.4. */
static void take_references(struct draft *d, const struct mail_message *m)
{
    take_chain(d, m);
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

enum status reply_set_sender(struct draft *d, const char *identity, struct error *err)
{
    struct people_identity id;
    enum status st = people_identity_find(identity, &id, err);
    if (st)
        return st;
    mail_address_fini_item(&d->from);
    d->from = (struct mail_address){mem_strdup(id.name), mem_strdup(id.address)};
    free(d->account);
    d->account = mem_strdup(id.account);
    people_identity_fini(&id);
    return STATUS_OK;
}

enum status reply_head(struct db *db, enum draft_kind kind, int64_t message,
                       const struct mail_message *inner, struct draft **out, struct error *err)
{
    struct mail_message *outer = NULL;
    struct mail_row row;
    *out = NULL;
    enum status st = mail_row_get(db, message, &row, err);
    if (st)
        return st;
    if (!inner && (st = mail_message_get(db, message, &outer, err))) {
        mail_row_fini(&row);
        return st;
    }
    const struct mail_message *m = inner ? inner : outer;
    struct draft *d = reply_fresh();
    struct vec recipients, none;
    struct mail_folder folder = {0};
    struct error ignored = ERROR_INIT;
    people_init(&recipients);
    people_init(&none);
    d->kind = kind;
    d->message = message;
    d->thread = row.thread;
    d->subject = reply_subject(m->subject, kind);
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
    if (kind != DRAFT_FORWARD && inner && *row.message_id && is_msgid(row.message_id))
        strv_push(&d->references, row.message_id); /* so that it stays in the conversation it came in */
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
    mail_message_free(outer);
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

/* Appends a text with "> " in front of each line, up to its signature. */
static void add_quoted(struct str *out, const char *text)
{
    size_t limit = out->len + QUOTE_MAX;
    while (*text && out->len < limit) {
        size_t n = strcspn(text, "\n");
        if (n == 3 && strncmp(text, "-- ", 3) == 0)
            break;
        str_puts(out, *text == '>' ? ">" : n ? "> " : ">");
        str_add(out, text, n);
        str_putc(out, '\n');
        text += n + (text[n] == '\n');
    }
}

/* The line above a quote: as the person set it, else in the language of the mail. */
static void add_attribution(struct str *out, const char *name, const char *address,
                            const char *date, bool chinese)
{
    const char *p = option_text("reply.attribution");
    const struct {
        const char *field, *value;
    } fields[] = {{"{name}", name}, {"{address}", address}, {"{date}", date}};
    if (!*p) {
        if (!*date) /* the mail has none that can be read */
            str_addf(out, chinese ? "%s 写道：\n" : "%s wrote:\n", name);
        else
            str_addf(out, chinese ? "在 %s，%s 写道：\n" : "On %s, %s wrote:\n", date, name);
        return;
    }
    while (*p) {
        size_t i = 0;
        while (i < 3 && !str_starts(p, fields[i].field))
            i++;
        if (i < 3) {
            str_puts(out, fields[i].value);
            p += strlen(fields[i].field);
        } else {
            str_putc(out, *p++);
        }
    }
    str_putc(out, '\n');
}

char *reply_quote(const struct mail_message *m)
{
    struct str out = STR_INIT;
    char date[CLOCK_TEXT];
    const struct mail_address *from = m->from.len ? vec_at(&m->from, 0) : NULL;
    const char *name = !from ? "?" : from->name && *from->name ? from->name : from->address;
    const char *text = m->text ? m->text : "";
    char *line = reply_one_line(name);
    if (m->date != CLOCK_NONE)
        clock_day(m->date, date);
    else
        date[0] = 0;
    add_attribution(&out, line, from ? from->address : "", date, passage_is_cjk(text, strlen(text)));
    add_quoted(&out, text);
    free(line);
    return str_take(&out);
}

/* "From: …" of the block above a forwarded mail. */
static void add_head_line(struct str *out, const char *name, const char *value)
{
    char *line = reply_one_line(value);
    if (*line)
        str_addf(out, "%s%s\n", name, line);
    free(line);
}

char *reply_forwarded(const struct mail_message *m)
{
    static const char *const english[] = {REPLY_FORWARDED, "From: ", "Date: ", "Subject: ", "To: ", "Cc: "};
    static const char *const chinese[] = {REPLY_FORWARDED_ZH, "发件人：", "日期：", "主题：", "收件人：",
                                          "抄送："};
    const char *text = m->text ? m->text : "";
    const char *const *words = passage_is_cjk(text, strlen(text)) ? chinese : english;
    struct str out = STR_INIT, people = STR_INIT;
    char date[CLOCK_TEXT];
    str_addf(&out, "%s\n", words[0]);
    people_print(&people, &m->from);
    add_head_line(&out, words[1], str_text(&people));
    if (m->date != CLOCK_NONE)
        add_head_line(&out, words[2], clock_rfc5322(m->date, date));
    add_head_line(&out, words[3], m->subject ? m->subject : "");
    const struct vec *lists[] = {&m->to, &m->cc};
    for (size_t i = 0; i < 2; i++) {
        str_clear(&people);
        people_print(&people, lists[i]);
        add_head_line(&out, words[4 + i], str_text(&people));
    }
    str_addf(&out, "\n%s", text);
    str_fini(&people);
    return str_take(&out);
}

char *reply_plain(const char *text)
{
    struct str out = STR_INIT;
    for (; *text; text++)
        if (((unsigned char)*text >= ' ' && *text != 0x7f) || *text == '\n' || *text == '\t')
            str_putc(&out, *text);
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
    char *plain = reply_plain(text);
    str_puts(&out, plain);
    free(plain);
    while (out.len && strchr("\n ", out.data[out.len - 1]))
        str_truncate(&out, out.len - 1);
    return str_take(&out);
}
