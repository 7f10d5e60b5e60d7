/* SPDX-License-Identifier: GPL-3.0-or-later */
/* triage_fact.c - what the headers of a mail tell: fraud, machines, lists. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "command/config.h"
#include "inbox/checks_inside.h"
#include "inbox/triage_inside.h"
#include "mail/people.h"
#include "mail/report.h"

struct weight {
    const char *words;
    double weight;
};

/* What phishing and advance-fee mails say; weights add up. */
static const struct weight fraud_words[] = {
    {"verify your account", 0.5}, {"confirm your account", 0.5}, {"account has been suspended", 0.6},
    {"account will be suspended", 0.6}, {"account will be locked", 0.5}, {"account will be closed", 0.5},
    {"enter your password", 0.4}, {"account suspended", 0.5}, {"unusual sign-in", 0.4},
    {"unusual activity", 0.35}, {"your password", 0.25}, {"password expires", 0.45},
    {"update your payment", 0.4}, {"click here to", 0.2}, {"click below", 0.2}, {"gift card", 0.5},
    {"wire transfer", 0.35}, {"bank details have changed", 0.7}, {"new bank details", 0.6},
    {"changed our bank", 0.7}, {"next of kin", 0.6}, {"million dollars", 0.4}, {"inheritance", 0.4},
    {"lottery", 0.5}, {"you have won", 0.5}, {"bitcoin", 0.3}, {"crypto wallet", 0.4},
    {"act now", 0.25}, {"within 24 hours", 0.25}, {"final notice", 0.3}, {"customs fee", 0.4},
    {"your parcel", 0.2}, {"could not be delivered", 0.15}, {"avoid suspension", 0.5},
    {"mailbox is full", 0.4}, {"mailbox quota", 0.4}, {"strictly confidential", 0.3},
    {"urgent payment", 0.4}, {"please transfer", 0.3}, {"do not mention it", 0.4},
    {"do not tell anyone", 0.4}, {"i am in a meeting and", 0.3}, {"urgent assistance", 0.5}, {"business proposal", 0.3}, {"risk free", 0.35}, {"100% free", 0.35},
    {"viagra", 0.8}, {"cialis", 0.8}, {"weight loss", 0.4}, {"lose weight", 0.4}, {"work from home", 0.35},
    {"make money", 0.35}, {"earn extra", 0.35}, {"double your", 0.35}, {"no obligation", 0.3},
    {"money back guarantee", 0.3}, {"this is not spam", 0.6}, {"adult", 0.2}, {"xxx", 0.5},
    {"mortgage rates", 0.4}, {"refinance", 0.35}, {"lowest rate", 0.35}, {"credit card debt", 0.4},
    {"online casino", 0.6}, {"ignore previous instructions", 0.5}, {"ignore all previous", 0.5},
    {"账户异常", 0.6}, {"账号异常", 0.6}, {"账户已被冻结", 0.7}, {"账户将被", 0.5}, {"输入密码", 0.3}, {"冻结", 0.3}, {"验证您的账户", 0.6},
    {"点击链接验证", 0.6}, {"密码即将过期", 0.5}, {"中奖", 0.5}, {"恭喜您获得", 0.5},
    {"银行账号变更", 0.7}, {"收款账户变更", 0.7}, {"代开发票", 0.9}, {"汇款", 0.2}, {"礼品卡", 0.5},
    {"24小时内", 0.25}, {"24 小时内", 0.25}, {"包裹", 0.1}, {"领取补贴", 0.6}, {"工资补贴", 0.6},
};

/* What the reader's warnings weigh; each is a code of triage_reason.c. */
static const struct weight fraud_signs[] = {
    {"link-host-differs", 0.4}, {"mixed-script", 0.5}, {"look-alike", 0.7}, {"reply-to-differs", 0.3},
    {"display-name-address", 0.5}, {"link-user", 0.5}, {"link-address", 0.4}, {"risky-file", 0.4},
};

/* Does an Authentication-Results header say this check failed? */
static bool auth_failed(const char *results, const char *check)
{
    char *needle = str_format("%s=fail", check);
    struct str folded = STR_INIT;
    utf8_fold(&folded, results, strlen(results));
    bool failed = strstr(str_text(&folded), needle) != NULL;
    str_fini(&folded);
    free(needle);
    return failed;
}

/* What the warnings of the reader add; the weightiest names the reason. */
static double signs(const struct mail_message *m, const char **reason, const char **detail)
{
    double sum = 0, best = 0;
    bool seen[sizeof fraud_signs / sizeof *fraud_signs] = {0};
    for (size_t i = 0; i < m->warnings.len; i++) {
        const char *w = strv_at(&m->warnings, i);
        for (size_t k = 0; k < sizeof fraud_signs / sizeof *fraud_signs; k++) {
            if (!str_starts(w, fraud_signs[k].words) || seen[k])
                continue;
            seen[k] = true;
            sum += fraud_signs[k].weight;
            if (fraud_signs[k].weight > best) {
                best = fraud_signs[k].weight;
                *reason = fraud_signs[k].words;
                *detail = strchr(w, ':') ? strchr(w, ':') + 1 : "";
            }
        }
    }
    return sum;
}

/* Do the words stand in folded text, not inside a longer Latin word ("cialis" in "specialist")? */
static bool has_words(const char *folded, const char *needle)
{
    size_t n = strlen(needle);
    for (const char *p = strstr(folded, needle); p; p = strstr(p + 1, needle)) {
        bool left = p == folded || !(p[-1] >= 'a' && p[-1] <= 'z');
        bool right = !(p[n] >= 'a' && p[n] <= 'z') || !(needle[n - 1] >= 'a' && needle[n - 1] <= 'z');
        if (left && right)
            return true;
    }
    return false;
}

/* What the words add; the weightiest is told, its line is looked for again by the caller. */
static double words(const char *text, const char **found)
{
    struct str folded = STR_INIT;
    double sum = 0, best = 0;
    utf8_fold(&folded, text, strlen(text));
    for (size_t i = 0; i < sizeof fraud_words / sizeof *fraud_words; i++) {
        if (!has_words(str_text(&folded), fraud_words[i].words))
            continue;
        sum += fraud_words[i].weight;
        if (fraud_words[i].weight > best) {
            best = fraud_words[i].weight;
            *found = fraud_words[i].words;
        }
    }
    str_fini(&folded);
    return sum;
}

/* Does the sender bear the name of somebody known under another address? */
static bool borrows_name(struct db *db, const struct mail_address *from)
{
    struct vec people;
    struct error none = ERROR_INIT;
    bool borrows = false, own = false;
    if (!from || !from->name || strlen(from->name) < 4)
        return false;
    vec_init(&people, sizeof(struct mail_person), mail_person_fini_item);
    if (mail_people_find(db, from->name, 8, &people, &none) == STATUS_OK)
        for (size_t i = 0; i < people.len; i++) {
            const struct mail_person *p = vec_at(&people, i);
            if (str_eq_nocase(p->address, from->address))
                own = p->written > 0 || p->seen > 2;
            else if (str_eq_nocase(p->name, from->name) && (p->written > 0 || p->seen > 1))
                borrows = true;
        }
    vec_fini(&people);
    return borrows && !own;
}

/* What hidden text adds: orders that a reader cannot see are no accident. */
static double hidden_weight(const char *hidden)
{
    static const char *const orders[] = {"instruction", "system:", "assistant:", "ignore", "you must",
                                         "forward", "send every", "do not tell", "指令", "助手", NULL};
    struct str folded = STR_INIT;
    int found = 0;
    const char *words_found = NULL;
    utf8_fold(&folded, hidden, strlen(hidden));
    for (size_t i = 0; orders[i]; i++)
        found += strstr(str_text(&folded), orders[i]) != NULL;
    str_fini(&folded);
    return found >= 2 ? 0.9 : words(hidden, &words_found) > 0.3 ? 0.5 : found ? 0.2 : 0.05;
}

/* The line of the text in which folded words stand. Yours. */
static char *line_of(const char *text, const char *folded_words)
{
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        char *line = mem_strndup(p, n);
        if (utf8_contains_folded(line, folded_words))
            return line;
        free(line);
        p += n + (p[n] == '\n');
    }
    return mem_strdup("");
}

bool triage_risk(struct db *db, const struct triage_thread *in, struct triage *t)
{
    const struct mail_message *m = in->foreign;
    const char *reason = NULL, *detail = "", *found = NULL;
    double sign = signs(m, &reason, &detail), auth = 0;
    if (m->auth_results) {
        if (auth_failed(m->auth_results, "dmarc"))
            auth = 0.6;
        else if (auth_failed(m->auth_results, "spf") || auth_failed(m->auth_results, "dkim"))
            auth = 0.3;
        if (auth > 0 && (!reason || auth > 0.5))
            reason = "unproved";
    }
    struct str all = STR_INIT;
    str_addf(&all, "%s\n%s", m->subject ? m->subject : "", in->text);
    double word = words(str_text(&all), &found);
    double sum = sign + auth + word;
    if (m->hidden_text && *m->hidden_text) {
        double hidden = hidden_weight(m->hidden_text);
        sum += hidden;
        sign += hidden;
        if (hidden > 0.5)
            reason = "hidden-orders";
    }
    struct mail_person who = {0};
    struct error none = ERROR_INIT;
    const struct mail_address *from = m->from.len ? vec_at(&m->from, 0) : NULL;
    if (borrows_name(db, from)) {
        sum += 0.5;
        sign += 0.5;
        if (!reason)
            reason = "borrowed-name";
    }
    if (from && mail_people_get(db, from->address, &who, &none) == STATUS_OK) {
        if (who.written > 0)
            sum -= 0.5; /* somebody I write to */
        else if (who.seen > 5)
            sum -= 0.2;
    }
    mail_person_fini_item(&who);
    /* Newsletters speak loudly too; without a sign they are bulk. */
    if ((m->list_unsubscribe || m->list_id) && sign + auth < 0.4)
        sum -= 0.4;
    bool is = sum >= 0.75 && (sign + auth > 0 || word >= 0.75);
    if (is) {
        if (!reason)
            reason = "fraud-words";
        char *quote = found ? line_of(str_text(&all), found) : mem_strdup(detail + strspn(detail, " "));
        if (!*quote) {
            free(quote);
            quote = mem_strdup(detail + strspn(detail, " "));
        }
        triage_set(t, MAIL_LANE_RISK, "fact", sum > 1.4 ? 0.95 : 0.5 + sum / 3.2, reason, quote,
                   strlen(quote));
        t->quote_message = in->foreign_id;
        free(quote);
    }
    str_fini(&all);
    return is;
}

/* Is the sender a machine by its name? */
static bool is_machine_name(const char *address)
{
    static const char *const names[] = {"no-reply", "noreply", "no_reply", "donotreply", "do-not-reply",
                                        "notification", "notifications", "mailer", "newsletter",
                                        "news", "updates", "alert", "alerts", "marketing", "promo",
                                        "bounce", "automailer", "robot", "system", NULL};
    for (size_t i = 0; names[i]; i++) {
        size_t n = strlen(names[i]);
        if (str_starts_nocase(address, names[i]) && strchr("@-+._0123456789", address[n]))
            return true;
    }
    return false;
}

/* The words with which a newsletter lets itself be left; NULL when it has none. */
static const char *leave_words(const char *text)
{
    static const char *const words_of[] = {
        "unsubscribe", "to be removed", "remove yourself", "opt out", "opt-out", "manage your subscription",
        "email preferences", "subscription preferences", "you are receiving this", "you received this email because",
        "this newsletter", "view this email in your browser", "view in browser", "no longer wish to receive",
        "removed from our", "removed from this", "our mailing list", "退订", "取消订阅", "abmelden", "abbestellen",
        "desabonner", NULL};
    struct str folded = STR_INIT;
    const char *found = NULL;
    utf8_fold(&folded, text, strlen(text));
    for (size_t i = 0; words_of[i] && !found; i++)
        if (strstr(str_text(&folded), words_of[i]))
            found = words_of[i];
    str_fini(&folded);
    return found;
}

/* What advertising says; weights add up. */
static const struct weight sales_words[] = {
    {"order now", 0.5}, {"act now", 0.4}, {"limited time", 0.4}, {"free trial", 0.4}, {"absolutely free", 0.5},
    {"for free", 0.15}, {"no cost", 0.3}, {"guarantee", 0.25}, {"guaranteed", 0.25}, {"money back", 0.4},
    {"lowest price", 0.4}, {"lowest rates", 0.5}, {"best price", 0.3}, {"discount", 0.25}, {"save up to", 0.4},
    {"special offer", 0.4}, {"this offer", 0.3}, {"exclusive offer", 0.4}, {"click here", 0.35},
    {"visit our website", 0.3}, {"visit our site", 0.3}, {"visit our web site", 0.3}, {"call now", 0.4},
    {"toll free", 0.35}, {"toll-free", 0.35}, {"interest rates", 0.3}, {"debt", 0.25}, {"your credit", 0.3},
    {"credit card", 0.15}, {"life insurance", 0.4}, {"income", 0.2}, {"earn", 0.15}, {"make money", 0.5},
    {"opportunity", 0.15}, {"adv:", 0.7}, {"advertise", 0.3}, {"are you tired of", 0.5}, {"tired of", 0.3},
    {"how would you like", 0.4}, {"do you want to", 0.2}, {"enhancement", 0.3}, {"singles", 0.4},
    {"approved", 0.15}, {"no obligation", 0.5}, {"risk-free", 0.4}, {"satisfaction", 0.25}, {"best sellers", 0.3},
    {"home based", 0.4}, {"work at home", 0.5}, {"financial freedom", 0.6}, {"be your own boss", 0.6},
    {"million", 0.1}, {"webcam", 0.4}, {"sexy", 0.5}, {"hot ", 0.1}, {"girls", 0.3}, {"click the link", 0.25},
    {"click on the link", 0.25}, {"wholesale", 0.3}, {"per month", 0.15}, {"per year", 0.1}, {"shipping", 0.1},
    {"特价", 0.4}, {"优惠", 0.3}, {"促销", 0.5}, {"免费试用", 0.4}, {"代理", 0.15}, {"加盟", 0.4},
    {"会展", 0.2}, {"限时", 0.3}, {"抢购", 0.5}, {"培训班", 0.3}, {"欢迎来电", 0.4}, {"诚招", 0.5},
};

/* An advertisement by its words and shouts, from somebody I never wrote to. */
static bool is_advertising(const struct triage_thread *in)
{
    const struct mail_message *m = in->foreign;
    const char *subject = m->subject ? m->subject : "";
    struct str text = STR_INIT, folded = STR_INIT;
    double sum = 0;
    size_t upper = 0, letters = 0, shouts = 0;
    str_addf(&text, "%s\n%s", subject, in->text);
    utf8_fold(&folded, str_text(&text), text.len);
    for (size_t i = 0; i < sizeof sales_words / sizeof *sales_words; i++)
        if (has_words(str_text(&folded), sales_words[i].words))
            sum += sales_words[i].weight;
    for (const char *p = subject; *p; p++) {
        upper += *p >= 'A' && *p <= 'Z';
        letters += (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z');
    }
    for (const char *p = str_text(&text); *p && shouts < 12; p++)
        shouts += *p == '!';
    if (letters > 10 && upper * 10 > letters * 7)
        sum += 0.25;
    sum += 0.05 * (double)shouts;
    if (strstr(subject, "     ")) /* blanks that push a random word out of sight */
        sum += 0.5;
    str_fini(&text);
    str_fini(&folded);
    return sum >= 0.7;
}

/* Is it a report that a mail could not be delivered? */
static bool is_bounce(const struct mail_message *m, const char *from)
{
    struct mail_report r;
    mail_report_read(m, &r);
    bool is = r.kind == MAIL_REPORT_BOUNCE || r.kind == MAIL_REPORT_DELAY || r.kind == MAIL_REPORT_COMPLAINT;
    mail_report_fini(&r);
    return is || (m->content_type && str_starts_nocase(m->content_type, "multipart/report")) ||
           str_starts_nocase(from, "mailer-daemon@") || str_starts_nocase(from, "postmaster@");
}

/* The code of what a report says. Yours. */
static char *bounce_reason(const struct mail_message *m)
{
    struct mail_report r;
    mail_report_read(m, &r);
    char *text = r.kind == MAIL_REPORT_NONE || r.kind == MAIL_REPORT_AUTO
                     ? mem_strdup("undelivered")
                     : triage_reason_report(&r);
    mail_report_fini(&r);
    return text;
}

/* A machine's notice that wants a deed by a day is a task all the same. */
static bool wants_deed(const struct triage_thread *in, struct triage *t)
{
    struct check_ask asks[12];
    struct when_hit hits[8];
    size_t n = checks_find_asks(in->text, asks, 12);
    size_t count = when_find(in->text, strlen(in->text), in->foreign_date, hits, 8);
    if (in->foreign->list_unsubscribe)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!hits[i].deadline || hits[i].past)
            continue;
        for (size_t k = 0; k < n; k++) {
            if (asks[k].strength < 0.5)
                continue;
            t->due = hits[i].day;
            free(t->due_words);
            t->due_words = mem_strndup(in->text + hits[i].start, hits[i].len);
            triage_set(t, MAIL_LANE_ACT, "offline", 0.7, "dated-notice",
                       in->text + asks[k].at, asks[k].len);
            t->quote_message = in->foreign_id;
            return true;
        }
    }
    return false;
}

/* Am I named among the recipients of a list's mail? */
static bool names_me(const struct mail_message *m)
{
    const struct vec *lists[] = {&m->to, &m->cc};
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->len; i++)
            if (config_is_me(((struct mail_address *)vec_at(lists[l], i))->address))
                return true;
    return false;
}

bool triage_machine(struct db *db, const struct triage_thread *in, struct triage *t)
{
    const struct mail_message *m = in->foreign;
    const struct mail_address *sender = m->from.len ? vec_at(&m->from, 0) : NULL;
    const char *from = sender ? sender->address : "", *reason = NULL, *quote = "";
    t->quote_message = in->foreign_id;
    if (is_bounce(m, from)) {
        char *why = bounce_reason(m);
        triage_set(t, MAIL_LANE_ACT, "fact", 0.85, why, m->subject ? m->subject : "", m->subject ? strlen(m->subject) : 0);
        free(why);
        return true;
    }
    bool automatic = m->auto_submitted && !str_starts_nocase(m->auto_submitted, "no");
    if ((m->report && str_starts(m->report, "kind auto")) ||
        (automatic && str_starts_nocase(m->auto_submitted, "auto-replied"))) {
        triage_set(t, MAIL_LANE_FYI, "fact", 0.85, "automatic-answer", in->text,
                   strcspn(in->text, "\n"));
        return true;
    }
    bool precedence = m->precedence && (str_eq_nocase(m->precedence, "bulk") ||
                                        str_eq_nocase(m->precedence, "junk") ||
                                        str_eq_nocase(m->precedence, "list"));
    bool discussion = m->list_post && !m->list_unsubscribe;
    if (m->list_id) {
        reason = "list";
        quote = m->list_id;
    } else if (m->list_unsubscribe) {
        reason = "newsletter";
        quote = "List-Unsubscribe";
    } else if (precedence) {
        reason = "bulk";
        quote = m->precedence;
    } else if (automatic) {
        reason = "machine";
        quote = m->auto_submitted;
    } else if (is_machine_name(from)) {
        reason = "no-reply";
        quote = from;
    }
    char *line = NULL;
    const char *leave = reason ? NULL : leave_words(m->text ? m->text : "");
    if (leave && (m->links.len >= 3 || strlen(in->text) > 1500)) {
        reason = "newsletter-words";
        quote = line = line_of(m->text ? m->text : "", leave);
        t->quote_message = in->foreign_id;
    }
    struct mail_person who = {0};
    struct error none = ERROR_INIT;
    if (!reason && *from && (mail_people_get(db, from, &who, &none) != STATUS_OK || who.written == 0) &&
        is_advertising(in)) {
        reason = "advertisement";
        quote = line = mem_strdup(m->subject ? m->subject : "");
    }
    mail_person_fini_item(&who);
    if (!reason)
        return false;
    /* A person who writes to me through a list still asks me. */
    bool to_me = (m->list_post || discussion) && names_me(m) && !is_machine_name(from);
    bool deed = !line && wants_deed(in, t);
    if (!deed && !to_me) {
        triage_set(t, MAIL_LANE_BULK, "fact", line ? 0.75 : 0.9, reason, quote, quote ? strlen(quote) : 0);
        t->quote_message = line ? in->foreign_id : 0;
    }
    free(line);
    return deed || !to_me;
}
