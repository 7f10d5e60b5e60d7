/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.c - finds out what a machine's mail says of a mail of ours.
 *
 * A delivery report of RFC 3464 says it in fields. Many servers write prose: that counts as a report only when
 * a machine sent it (MAILER-DAEMON, an empty Return-Path, X-Failed-Recipients) and its subject or its words say
 * that something failed. Who merely forwards a report, or quotes one, is a person and reports nothing. */
#include "reader/report.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "reader/header.h"

#define PART_MAX (256 << 10)
#define RECIPIENTS_MAX 50
#define REASON_MAX 400
#define BODY_MAX 20000
#define DEPTH_MAX 10

struct report {
    const char *kind; /* NULL: none yet */
    char *of;         /* own */
    struct vec rcpts; /* struct rcpt */
    struct str status, feedback, headers; /* the parts, decoded */
};

struct rcpt {
    char *address, *status, *reason; /* own; "" when unknown */
};

/* Releases one. */
static void rcpt_fini(void *item)
{
    struct rcpt *r = item;
    free(r->address);
    free(r->status);
    free(r->reason);
}

/* One line of clean text: no controls, single blanks, cut. Yours. */
static char *clean(const char *s, size_t n)
{
    struct str fixed = STR_INIT, out = STR_INIT;
    utf8_repair(&fixed, s, n < 4 * REASON_MAX ? n : 4 * REASON_MAX);
    for (size_t i = 0; i < fixed.len; i++) {
        char c = fixed.data[i];
        bool blank = (unsigned char)c <= ' ' || c == 0x7f;
        if (!blank)
            str_putc(&out, c);
        else if (out.len && out.data[out.len - 1] != ' ')
            str_putc(&out, ' ');
    }
    if (out.len > REASON_MAX) {
        str_truncate(&out, REASON_MAX);
        str_truncate(&out, out.len - utf8_partial_tail(out.data, out.len));
    }
    str_fini(&fixed);
    return str_trim(str_take(&out));
}

/* A header's value, decoded. Yours; NULL when absent. */
static char *header_of(GMimeObject *o, const char *name)
{
    const char *raw = g_mime_object_get_header(o, name);
    struct str out = STR_INIT;
    if (!raw)
        return NULL;
    header_decode(raw, strnlen(raw, 8000), &out);
    return str_trim(str_take(&out));
}

/* The decoded bytes of a leaf that is not large. */
static void leaf_bytes(GMimeObject *o, struct str *out)
{
    GMimeDataWrapper *content = GMIME_IS_PART(o) ? g_mime_part_get_content(GMIME_PART(o)) : NULL;
    GMimeStream *from = content ? g_mime_data_wrapper_get_stream(content) : NULL;
    if (!from || g_mime_stream_length(from) > PART_MAX)
        return;
    GMimeStream *memory = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, memory);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
    str_clear(out);
    str_add(out, (const char *)bytes->data, bytes->len);
    g_object_unref(memory);
}

/* The id in a header block that is text: of the first Message-ID line. Yours or NULL. */
static char *id_in_text(const char *text)
{
    for (const char *p = text; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
        p += strspn(p, " \t>");
        if (!str_starts_nocase(p, "message-id:"))
            continue;
        const char *open = strchr(p, '<'), *end = open ? strpbrk(open, "> \t\r\n") : NULL;
        const char *line = strchr(p, '\n'); /* the value may stand on the next line */
        if (open && end && *end == '>' && (!line || open < line || (line[1] == ' ' || line[1] == '\t')))
            return mem_strndup(open + 1, (size_t)(end - open - 1));
    }
    return NULL;
}

/* Collects the parts of a report; mails inside are only asked for their Message-ID. */
static void collect(struct report *r, GMimeObject *o, int depth)
{
    GMimeContentType *t = g_mime_object_get_content_type(o);
    if (GMIME_IS_MULTIPART(o) && depth < DEPTH_MAX) {
        int count = g_mime_multipart_get_count(GMIME_MULTIPART(o));
        for (int i = 0; i < count && i < 50; i++)
            collect(r, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
    } else if (GMIME_IS_MESSAGE_PART(o)) {
        GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
        const char *id = inner ? g_mime_message_get_message_id(inner) : NULL;
        if (id && !r->of)
            r->of = mem_strdup(id);
    } else if (t && g_mime_content_type_is_type(t, "message", "delivery-status")) {
        leaf_bytes(o, &r->status);
    } else if (t && g_mime_content_type_is_type(t, "message", "feedback-report")) {
        leaf_bytes(o, &r->feedback);
    } else if (t && (g_mime_content_type_is_type(t, "text", "rfc822-headers") ||
                     g_mime_content_type_is_type(t, "message", "rfc822-headers") ||
                     g_mime_content_type_is_type(t, "message", "rfc822"))) {
        leaf_bytes(o, &r->headers);
    }
}

/* Adds a recipient; one named twice keeps what is known first. */
static void add_rcpt(struct report *r, const char *address, size_t n, const char *status, const char *reason)
{
    char *a = clean(address, n);
    for (size_t i = 0; i < r->rcpts.len; i++)
        if (str_eq_nocase(((struct rcpt *)vec_at(&r->rcpts, i))->address, a))
            n = 0;
    if (n && strchr(a, '@') && r->rcpts.len < RECIPIENTS_MAX) {
        struct rcpt *p = vec_push(&r->rcpts);
        p->address = mem_strdup(a);
        p->status = clean(status, strlen(status));
        p->reason = clean(reason, strlen(reason));
    }
    free(a);
}

/* ---- RFC 3464 ---- */

struct group { /* of a delivery report: one recipient */
    char *final, *original, *action, *status, *reason; /* own */
};

/* Forgets a group. */
static void group_fini(struct group *g)
{
    free(g->final);
    free(g->original);
    free(g->action);
    free(g->status);
    free(g->reason);
    *g = (struct group){0};
}

/* The value behind "rfc822;" or "smtp;". */
static const char *behind_type(const char *value)
{
    const char *p = strchr(value, ';');
    bool typed = p && (size_t)(p - value) == strcspn(value, "; \t<@");
    p = typed ? p + 1 : value;
    return p + strspn(p, " \t<");
}

/* Keeps one field. */
static void take_field(struct group *g, const char *name, const char *value)
{
    char **to = str_eq_nocase(name, "Final-Recipient")      ? &g->final
                : str_eq_nocase(name, "Original-Recipient") ? &g->original
                : str_eq_nocase(name, "Action")             ? &g->action
                : str_eq_nocase(name, "Status")             ? &g->status
                : str_eq_nocase(name, "Diagnostic-Code")    ? &g->reason
                                                            : NULL;
    if (to && !*to)
        *to = mem_strdup(value);
}

/* A recipient's group has ended. */
static void end_group(struct report *r, struct group *g)
{
    const char *rcpt = g->original && strchr(g->original, '@') ? g->original : g->final;
    const char *action = g->action ? g->action : "", *status = g->status ? g->status : "";
    bool failed = str_starts_nocase(action, "failed") || (!*action && *status == '5');
    bool delayed = str_starts_nocase(action, "delayed") || (!*action && *status == '4');
    if (rcpt) {
        const char *address = behind_type(rcpt);
        const char *kind = failed ? "bounce" : delayed ? "delay" : "delivered";
        if (!r->kind || failed)
            r->kind = kind;
        if (failed || delayed || str_eq(r->kind, kind))
            add_rcpt(r, address, strcspn(address, " \t>;"), status, g->reason ? behind_type(g->reason) : "");
    }
    group_fini(g);
}

/* Reads the fields of a delivery report. */
static void read_status(struct report *r, const char *text)
{
    struct group g = {0};
    struct str field = STR_INIT;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n"), len = n && p[n - 1] == '\r' ? n - 1 : n;
        const char *next = p + n + (p[n] == '\n');
        if (len == 0)
            end_group(r, &g);
        str_add(&field, p, len);
        if (*next != ' ' && *next != '\t') { /* the field is whole */
            char *colon = field.len ? strchr(field.data, ':') : NULL;
            if (colon) {
                *colon = '\0';
                take_field(&g, str_trim(field.data), colon + 1 + strspn(colon + 1, " \t"));
            }
            str_clear(&field);
        }
        p = next;
    }
    end_group(r, &g);
    str_fini(&field);
}

/* A complaint (RFC 5965): who complained stands in a field, if anywhere. */
static void read_feedback(struct report *r, const char *text)
{
    r->kind = "complaint";
    for (const char *p = text; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
        if (str_starts_nocase(p, "Original-Rcpt-To:") || str_starts_nocase(p, "Removal-Recipient:")) {
            const char *address = behind_type(strchr(p, ':') + 1);
            add_rcpt(r, address, strcspn(address, " \t\r\n>"), "", "");
        }
}

/* ---- prose ---- */

static const char *const subjects[] = {
    "undeliver", "nondeliver", "non-deliver", "not deliver", "unable to deliver", "delivery status", "delivery fail",
    "delivery error", "delivery notif", "delivery report", "delivery problem", "delivery incomplete", "delivery has",
    "delivery unsuccess", "delivery delay", "delivery not", "mail delivery", "delivery temp", "returned mail", "returning",
    "return to sender", "returned to sender", "failure notice", "failure delivery", "failed mail", "failed to deliver",
    "mail failure", "message status", "mail error", "mail system error", "postmaster notify", "could not send",
    "could not be", "couldn't be", "unknown user", "user unknown", "warning: message", "mail rejected", "bounce", "rejected",
    "unzustellbar", "nicht zugestellt", "non remis", "no entregado", "mancato recapito", "send failed", "error sending",
    "配信", "送信でき", "エラー", "退信", "退回", "投递失败", "无法投递", "無法傳遞", "未送达", "未送達"};
static const char *const phrases[] = {
    "could not be delivered", "couldn't be delivered", "cannot be delivered", "can't be delivered", "not be delivered",
    "was not delivered", "not delivered", "undeliverable", "delivery failed", "failed to deliver", "delivery has failed",
    "unable to deliver", "wasn't able to deliver", "not able to deliver", "delivery to the following", "failed permanently",
    "permanent error", "permanent fatal error", "fatal errors", "user unknown", "unknown user", "no such user",
    "unknown recipient", "invalid recipient", "does not exist", "doesn't exist", "mailbox full", "mailbox is full",
    "over quota", "quota exceeded", "exceeded", "mailbox unavailable", "account disabled", "host unknown", "unknown host",
    "returned to sender", "message was rejected", "has been rejected", "refused", "error while", "delivery error", "bounced",
    "i'm sorry to have to inform", "sorry, i", "not found", "isn't known", "was rejected", "was undeliver",
    "unable to relay", "no valid recipients", "has been returned", "delivery attempt", "failed address", "transcript of session",
    "届けることができ", "配信でき", "退信", "退回", "无法投递", "投递失败", "no mailbox", "無法"};
static const char *const delays[] = {"delayed", "will be retried", "not yet been delivered", "warning message only", "has not been delivered yet",
                                     "do not need to resend", "will keep trying", "still trying", "will continue to try"};
static const char *const copies[] = {"--- below this line", "--- this is a copy", "--- the following is a copy", "original message", "--- returned mail",
                                     "unsent message below", "message header", "--- the header", "return-path:", "received: from", "---message text"};

/* Does the text hold one of these, letters' case apart? Where; NULL nowhere. */
static const char *find_any(const char *text, const char *const *words, size_t n)
{
    const char *first = NULL;
    for (size_t i = 0; i < n; i++) {
        const char *p = strcasestr(text, words[i]);
        if (p && (!first || p < first))
            first = p;
    }
    return first;
}
#define FIND(text, words) find_any(text, words, sizeof words / sizeof *words)

/* Did a mail system send it, by its name? */
static bool is_daemon(const char *from)
{
    static const char *const names[] = {"mailer-daemon", "mailer_daemon", "mail-daemon", "maildaemon", "mailerdaemon", "postmaster", "mail delivery",
                                        "mail.daemon", "mdaemon", "maildeliver", "mail-deliver", "mail administrator", "mail system", "mailsystem",
                                        "mail-system", "systemmail", "double-bounce", "mail server", "delivery sub"};
    static const char *const common[] = {"mail", "daemon", "postmaster", "bounce", "delivery"}; /* one is in each name */
    return from && FIND(from, common) && FIND(from, names);
}

/* Where a reply code of a server begins ("550 ", "550-", "#5.1.1"); NULL when nowhere. */
static const char *find_code(const char *text)
{
    for (const char *p = text; *p; p++) {
        bool begins = p == text || !g_ascii_isalnum(p[-1]);
        if (begins && (*p == '5' || *p == '4') && g_ascii_isdigit(p[1]) && g_ascii_isdigit(p[2]) && strchr(" -#", p[3]) && p[3])
            return p;
        if (begins && (*p == '5' || *p == '4') && p[1] == '.' && g_ascii_isdigit(p[2]) && strchr("0123456789.", p[3]))
            return p;
    }
    return NULL;
}

/* "5.1.1" anywhere in a reason. Yours, "" when there is none. */
static char *status_in(const char *text)
{
    for (const char *p = text; *p; p++) {
        size_t a = strspn(p, "45");
        if (a == 1 && p[1] == '.' && (p == text || !g_ascii_isalnum(p[-1]))) {
            size_t b = strspn(p + 2, "0123456789"), c = p[2 + b] == '.' ? strspn(p + 3 + b, "0123456789") : 0;
            if (b && b < 4 && c && c < 4 && p[3 + b + c] != '.')
                return mem_strndup(p, 3 + b + c);
        }
    }
    return mem_strdup("");
}

/* May this byte stand in an address? */
static bool in_address(char c)
{
    return g_ascii_isalnum(c) || strchr("!#$%&'*+-/=?^_`{|}~.@", c) ? c != '\0' : (unsigned char)c >= 0x80;
}

/* The first addresses of prose that are not the sender's own or a mail system's. */
static void find_rcpts(struct report *r, const char *body, const char *own, const char *from, const char *reason)
{
    char *status = status_in(reason);
    for (const char *p = strchr(body, '@'); p && r->rcpts.len < 3; p = strchr(p + 1, '@')) {
        const char *start = p, *end = p + 1;
        while (start > body && in_address(start[-1]) && start[-1] != '@')
            start--;
        while (in_address(*end) && *end != '@')
            end++;
        while (end > p && strchr(".'-", end[-1]))
            end--;
        size_t n = (size_t)(end - start);
        char *a = mem_strndup(start, n);
        bool good = start < p && end - p > 3 && strchr(p, '.') && n < 255;
        if (good && !is_daemon(a) && !(own && strcasestr(own, a)) && !(from && strcasestr(from, a)))
            add_rcpt(r, start, n, status, reason);
        free(a);
    }
    free(status);
}

/* The line that says why. Yours. */
static char *reason_in(const char *body)
{
    const char *p = find_code(body);
    p = p ? p : FIND(body, phrases);
    if (!p)
        return mem_strdup("");
    while (p > body && p[-1] != '\n')
        p--;
    return clean(p, strcspn(p, "\n"));
}

/* Did a machine send it? */
static bool by_machine(GMimeObject *root, const char *from)
{
    char *path = header_of(root, "Return-Path");
    bool is = !from || !*from || (path && str_eq(path, "<>")) || is_daemon(from);
    free(path);
    return is;
}

/* Reads a report of a machine that is prose. */
static void read_prose(struct report *r, GMimeObject *root, const char *text, const char *from, const char *failed)
{
    char *to = header_of(root, "To"), *subject = header_of(root, "Subject");
    char *body = mem_strndup(text, strnlen(text, BODY_MAX));
    const char *copy = FIND(body, copies);
    bool says = subject && FIND(subject, subjects);
    if (copy && copy > body + 40)
        body[copy - body] = '\0';
    bool code = find_code(body), phrase = FIND(body, phrases);
    if (failed || says || (is_daemon(from) ? code || phrase : code && phrase)) {
        char *reason = reason_in(body);
        r->kind = !failed && FIND(body, delays) ? "delay" : "bounce";
        for (const char *p = failed; p && *p; p += strspn(p, ", \t")) {
            size_t n = strcspn(p, ", \t");
            char *status = status_in(reason);
            add_rcpt(r, p, n, status, reason);
            free(status);
            p += n;
        }
        if (!r->rcpts.len)
            find_rcpts(r, body, to, from, reason);
        free(reason);
    }
    free(to);
    free(subject);
    free(body);
}

/* ---- automatic answers ---- */

/* Did a machine answer for a person who is away? */
static bool is_automatic(GMimeObject *root)
{
    static const char *const heads[] = {"out of office", "out of the office", "automatic reply", "auto reply", "autoreply", "auto-reply", "auto response",
                                        "auto:", "vacation", "away from", "abwesenheit", "automatische antwort", "réponse automatique", "respuesta automática",
                                        "risposta automatica", "自动回复", "自動回覆", "自動返信", "不在"};
    static const char *const names[] = {"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autogenerated"};
    char *said = header_of(root, "Auto-Submitted"), *subject = header_of(root, "Subject");
    char *precedence = header_of(root, "Precedence");
    bool is = (said && str_starts_nocase(said, "auto-replied")) || (precedence && str_eq_nocase(precedence, "auto_reply"));
    for (size_t i = 0; i < sizeof names / sizeof *names && !is; i++)
        is = g_mime_object_get_header(root, names[i]) != NULL;
    bool list = g_mime_object_get_header(root, "List-Id") != NULL, begins = false;
    for (size_t i = 0; i < sizeof heads / sizeof *heads && subject && !begins; i++)
        begins = str_starts_nocase(subject, heads[i]);
    bool answers = g_mime_object_get_header(root, "In-Reply-To") || g_mime_object_get_header(root, "X-Auto-Response-Suppress") ||
                   (said && !str_eq_nocase(said, "no"));
    is = !list && (is || (begins && answers));
    free(said);
    free(subject);
    free(precedence);
    return is;
}

/* What the mail answers or refers to last. Yours or NULL. */
static char *answered_id(GMimeObject *root)
{
    static const char *const names[] = {"In-Reply-To", "References"};
    char *id = NULL;
    for (size_t i = 0; i < 2 && !id; i++) {
        const char *raw = g_mime_object_get_header(root, names[i]);
        struct vec ids;
        strv_init(&ids);
        if (raw)
            header_ids(raw, 5000, &ids);
        if (ids.len)
            id = mem_strdup(strv_at(&ids, ids.len - 1));
        vec_fini(&ids);
    }
    return id;
}

/* Is it an id that can be asked for? */
static bool is_id(const char *id)
{
    for (const char *p = id; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
            return false;
    return *id && strlen(id) < 998;
}

/* Writes what was found. Yours. */
static char *print(const struct report *r)
{
    struct str out = STR_INIT;
    str_addf(&out, "kind %s\n", r->kind);
    if (r->of && is_id(r->of))
        str_addf(&out, "of %s\n", r->of);
    for (size_t i = 0; i < r->rcpts.len; i++) {
        const struct rcpt *p = vec_at(&r->rcpts, i);
        str_addf(&out, "rcpt %s\t%s\t%s\n", p->address, p->status, p->reason);
    }
    return str_take(&out);
}

/* Reads a mail as a report. */
char *report_of(GMimeObject *root, const char *text)
{
    struct report r = {0};
    char *out = NULL;
    if (!root)
        return NULL;
    vec_init(&r.rcpts, sizeof(struct rcpt), rcpt_fini);
    if (GMIME_IS_MESSAGE(root)) {
        GMimeObject *part = g_mime_message_get_mime_part(GMIME_MESSAGE(root));
        if (part)
            collect(&r, part, 0);
    } else {
        collect(&r, root, 0);
    }
    if (r.feedback.len)
        read_feedback(&r, r.feedback.data);
    else if (r.status.len)
        read_status(&r, r.status.data);
    if (!r.kind) { /* looking for a hundred phrases in every person's mail would be half of the reading */
        char *from = header_of(root, "From"), *failed = header_of(root, "X-Failed-Recipients");
        if (failed || by_machine(root, from))
            read_prose(&r, root, text, from, failed);
        free(from);
        free(failed);
    }
    if (!r.kind && is_automatic(root)) {
        r.kind = "auto";
        free(r.of);
        r.of = NULL;
    }
    if (r.kind) {
        if (!r.of && r.headers.len)
            r.of = id_in_text(r.headers.data);
        if (!r.of && !str_eq(r.kind, "auto"))
            r.of = id_in_text(text);
        if (!r.of)
            r.of = answered_id(root);
        out = print(&r);
    }
    free(r.of);
    str_fini(&r.status);
    str_fini(&r.feedback);
    str_fini(&r.headers);
    vec_fini(&r.rcpts);
    return out;
}
