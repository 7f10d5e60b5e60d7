/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part.c - kinds of files and what a mail says of its own protection, in words. */
#include "inbox/part.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "mail/people.h"
#include "mail/report.h"
#include "mail/thread.h"

static const struct {
    const char *type, *word;
} kinds[] = {
    {"application/pdf", N_("PDF")},
    {"image/png", N_("PNG picture")},
    {"image/jpeg", N_("JPEG picture")},
    {"image/gif", N_("GIF picture")},
    {"image/webp", N_("WebP picture")},
    {"image/bmp", N_("BMP picture")},
    {"image/tiff", N_("TIFF picture")},
    {"image/heic", N_("HEIC picture")},
    {"image/svg+xml", N_("SVG drawing (may hold scripts)")},
    {"text/plain", N_("text")},
    {"text/html", N_("web page")},
    {"text/csv", N_("table (CSV)")},
    {"text/calendar", N_("appointment")},
    {"application/ics", N_("appointment")},
    {"text/vcard", N_("business card")},
    {"text/x-vcard", N_("business card")},
    {"message/rfc822", N_("mail")},
    {"application/xml", N_("XML text")},
    {"application/rtf", N_("RTF document")},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", N_("Word document")},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", N_("Excel sheet")},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation",
     N_("PowerPoint slides")},
    {"application/vnd.oasis.opendocument.text", N_("OpenDocument text")},
    {"application/vnd.oasis.opendocument.spreadsheet", N_("OpenDocument sheet")},
    {"application/vnd.oasis.opendocument.presentation", N_("OpenDocument slides")},
    {"application/x-ole-storage", N_("old Office file")},
    {"application/msword", N_("old Word document")},
    {"application/vnd.ms-excel", N_("old Excel sheet")},
    {"application/vnd.ms-powerpoint", N_("old PowerPoint slides")},
    {"application/zip", N_("zip archive")},
    {"application/x-zip-compressed", N_("zip archive")},
    {"application/gzip", N_("gzip archive")},
    {"application/x-tar", N_("tar archive")},
    {"application/x-7z-compressed", N_("7z archive")},
    {"application/vnd.rar", N_("rar archive")},
    {"application/pgp-signature", N_("OpenPGP signature")},
    {"application/pgp-encrypted", N_("OpenPGP, encrypted")},
    {"application/pgp-keys", N_("OpenPGP key")},
    {"application/pkcs7-signature", N_("S/MIME signature")},
    {"application/x-pkcs7-signature", N_("S/MIME signature")},
    {"application/pkcs7-mime", N_("S/MIME")},
    {"application/x-pkcs7-mime", N_("S/MIME")},
    {"application/x-executable", N_("program")},
    {"application/vnd.microsoft.portable-executable", N_("program for Windows")},
    {"application/x-msdownload", N_("program for Windows")},
    {"application/x-mach-binary", N_("program for macOS")},
    {"application/java-archive", N_("Java program")},
    {"application/java-vm", N_("Java program")},
    {"application/x-ms-shortcut", N_("Windows shortcut")},
    {"text/x-script", N_("script")},
    {"audio/mpeg", N_("sound")},
    {"audio/ogg", N_("sound")},
    {"audio/wav", N_("sound")},
    {"video/mp4", N_("video")},
};

/* A media type in words. */
const char *part_kind(const char *type)
{
    for (size_t i = 0; type && i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_eq(kinds[i].type, type))
            return _(kinds[i].word);
    return type ? type : _("unknown");
}

/* Says a claim nothing? */
static bool is_vague(const char *type)
{
    return str_eq(type, "application/octet-stream") || str_eq(type, "application/binary") ||
           str_eq(type, "application/x-download") || str_eq(type, "application/force-download");
}

/* Is the claim a kind of what was found? */
static bool is_kind_of(const char *claimed, const char *real)
{
    bool text = str_starts(claimed, "text/") || str_starts(claimed, "application/") ||
                str_starts(claimed, "message/");
    if (str_eq(real, "text/plain"))
        return text && !str_eq(claimed, "application/pdf");
    if (str_eq(real, "application/x-ole-storage"))
        return str_starts(claimed, "application/");
    if (str_eq(real, "application/xml"))
        return text || str_eq(claimed, "image/svg+xml");
    if (str_eq(real, "application/zip"))
        return str_starts(claimed, "application/") && !str_eq(claimed, "application/pdf");
    return false;
}

/* The type that decides. */
const char *part_real(const struct mail_part *p)
{
    return p->real_type && (is_vague(p->content_type) || !is_kind_of(p->content_type, p->real_type))
               ? p->real_type
               : p->content_type;
}

/* The kind, with a claim that is another. */
void part_type(const struct mail_part *p, struct str *out)
{
    const char *real = part_kind(part_is_mail(p) ? "message/rfc822" : part_real(p)), *claimed = part_kind(p->content_type);
    if (is_vague(p->content_type) || str_eq(real, claimed))
        str_puts(out, real);
    else
        str_addf(out, _("%s, but says %s"), real, claimed);
}

/* A file, or a mail inside the mail. */
bool part_is_file(const struct mail_part *p)
{
    return p->attachment || str_eq(p->content_type, "message/rfc822");
}

/* A mail that can be opened as one. */
bool part_is_mail(const struct mail_part *p)
{
    size_t n = p->name ? strlen(p->name) : 0;
    return str_eq(p->content_type, "message/rfc822") ||
           (n > 4 && strcasecmp(p->name + n - 4, ".eml") == 0 && str_eq(p->real_type, "text/plain"));
}

/* Can opening it run something? */
bool part_runs(const struct mail_part *p)
{
    static const char *const types[] = {
        "application/x-executable", "application/vnd.microsoft.portable-executable",
        "application/x-mach-binary", "application/java-vm", "application/java-archive",
        "application/x-ms-shortcut", "text/x-script", "application/x-msdownload",
        "application/x-dosexec", "application/x-msdos-program", "application/x-sh",
        "text/x-shellscript", "application/javascript", "text/javascript", "text/html",
        "image/svg+xml", "application/xhtml+xml", "application/x-desktop", "application/hta"};
    static const char *const endings[] = {
        ".exe", ".scr", ".com", ".pif", ".bat", ".cmd", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".hta",
        ".lnk", ".msi", ".ps1", ".jar", ".cpl", ".reg", ".iso", ".img", ".vhd", ".docm", ".xlsm",
        ".pptm", ".html", ".htm", ".svg", ".sh", ".desktop", ".py", ".pl", ".rb", ".appimage", ".run"};
    const char *both[] = {p->content_type, p->real_type};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; both[k] && i < sizeof types / sizeof types[0]; i++)
            if (str_eq(both[k], types[i]))
                return true;
    size_t n = p->name ? strlen(p->name) : 0;
    while (n && strchr(" .", p->name[n - 1]))
        n--;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t len = strlen(endings[i]);
        if (n >= len && strncasecmp(p->name + n - len, endings[i], len) == 0)
            return true;
    }
    return p->name && strstr(p->name, "\xe2\x80\xae") != NULL;
}

/* A part by number. */
const struct mail_part *part_find(const struct mail_message *m, int number)
{
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        if (p->number == number)
            return p;
    }
    return NULL;
}

/* What a mail says of its protection. */
const char *part_protection(const struct mail_message *m)
{
    static const struct {
        const char *word, *text;
    } all[] = {
        {"openpgp-signed", N_("signed with OpenPGP, not checked")},
        {"smime-signed", N_("signed with S/MIME, not checked")},
        {"openpgp-encrypted", N_("encrypted with OpenPGP: cannot be read here")},
        {"smime-encrypted", N_("encrypted with S/MIME: cannot be read here")},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (str_eq(m->protection, all[i].word))
            return _(all[i].text);
    return NULL;
}

/* The same for scripts. */
struct json *part_protection_json(const struct mail_message *m)
{
    const char *dash = m->protection ? strchr(m->protection, '-') : NULL;
    if (!dash)
        return NULL;
    struct json *o = json_object();
    char method[16] = "";
    memcpy(method, m->protection, (size_t)(dash - m->protection) < 15 ? (size_t)(dash - m->protection) : 15);
    json_set_str(o, "state", dash + 1);
    json_set_str(o, "method", method);
    json_set_bool(o, "checked", false);
    return o;
}

/* ---- what warns ---- */

/* The worst first. */
static const struct {
    const char *word, *text;
} warnings[] = {
    {"not-delivered", N_("could not be delivered")},
    {"type-differs", N_("a file is something else than it says")},
    {"risky-file", N_("a file that can do harm when it is opened")},
    {"link-host-differs", N_("a link says one host and leads to another")},
    {"look-alike", N_("the sender's domain looks like another one")},
    {"mixed-script", N_("an address mixes alphabets that look alike")},
    {"display-name-address", N_("the sender's name pretends to be an address")},
    {"reply-to-differs", N_("answers would go to another address than the sender's")},
    {"link-user", N_("a link hides its host behind a name")},
    {"link-address", N_("a link leads to a bare number, not to a name")},
    {"first-sender", N_("nobody here has heard from this sender before")},
    {"spam-complaint", N_("was called spam by who got it")},
    {"not-yet-delivered", N_("is not yet delivered")},
    {"damaged", N_("damaged: shown as far as it can be read")},
    {"same-message-id", N_("another mail has the same Message-ID")},
    {"truncated", N_("too large: only the beginning is shown")},
    {"mime-parts", N_("too many parts: only the first ones are shown")},
    {"mime-depth", N_("parts too deeply nested are not shown")},
    {"bad-charset", N_("the text does not fit its charset: � stands for what could not be read")},
};

enum { KNOWS_PEOPLE = 100 }; /* mails */
enum { WARNINGS = sizeof warnings / sizeof warnings[0] };

/* Which of the known warnings it is; WARNINGS when none. */
static size_t warning_index(const char *warning)
{
    size_t len = strcspn(warning, ":"), i = 0;
    while (i < WARNINGS &&
           (strlen(warnings[i].word) != len || strncmp(warnings[i].word, warning, len) != 0))
        i++;
    return i;
}

/* One of them in words. */
void part_warning(const char *warning, struct str *out)
{
    size_t i = warning_index(warning);
    if (i == WARNINGS) {
        str_puts(out, warning);
        return;
    }
    str_puts(out, _(warnings[i].text));
    str_puts(out, warning + strlen(warnings[i].word));
}

/* The one that matters most. */
size_t part_worst(const struct vec *list)
{
    size_t worst = 0, best = WARNINGS + 1;
    for (size_t i = 0; i < list->len; i++) {
        size_t index = warning_index(strv_at(list, i));
        if (index < best) {
            best = index;
            worst = i;
        }
    }
    return worst;
}

/* Has nobody here met the sender before this mail? Lists and machines are no senders; an office with
 * little mail knows nobody yet, and its word would mean nothing. */
static bool is_first(struct db *db, const struct mail_row *row, const struct mail_message *m)
{
    struct mail_person person = {0};
    struct error err = ERROR_INIT;
    struct mail_counts counts;
    bool first;
    if (mail_thread_counts(db, &counts, &err) != STATUS_OK || counts.messages < KNOWS_PEOPLE)
        return false;
    if (row->flags & DOC_MINE || !*row->from_address || m->list_id || m->list_unsubscribe)
        return false;
    first = mail_people_get(db, row->from_address, &person, &err) == STATUS_OK &&
            (!person.address || (person.seen <= 1 && person.written == 0));
    mail_person_fini_item(&person);
    return first;
}

/* What machines said of the mail: "not-delivered: ADDRESS: REASON". */
static void add_reports(struct db *db, const char *message_id, struct vec *out)
{
    struct vec reports;
    struct error err = ERROR_INIT;
    if (!*message_id || mail_report_list(db, message_id, &reports, &err) != STATUS_OK)
        return;
    for (size_t i = 0; i < reports.len; i++) {
        const struct mail_report *r = vec_at(&reports, i);
        const char *word = r->kind == MAIL_REPORT_BOUNCE      ? "not-delivered"
                           : r->kind == MAIL_REPORT_DELAY     ? "not-yet-delivered"
                           : r->kind == MAIL_REPORT_COMPLAINT ? "spam-complaint"
                                                              : NULL;
        if (word && !r->rcpts.len)
            strv_push(out, word);
        for (size_t k = 0; word && k < r->rcpts.len; k++) {
            const struct mail_report_rcpt *to = vec_at(&r->rcpts, k);
            const char *why = *to->reason ? to->reason : to->status;
            strv_push_take(out, str_format("%s: %s%s%s", word, to->address, *why ? ": " : "", why));
        }
    }
    vec_fini(&reports);
}

/* Who it did not reach, and why. */
static struct json *rcpt_json(const struct mail_report_rcpt *r)
{
    struct json *o = json_object();
    json_set_str(o, "address", r->address);
    if (*r->status)
        json_set_str(o, "status", r->status);
    if (*r->reason)
        json_set_str(o, "reason", r->reason);
    return o;
}

/* A report. */
static struct json *report_json(const struct mail_report *r)
{
    struct json *o = json_object(), *list = json_array();
    char id[24];
    json_set_str(o, "kind", mail_report_word(r->kind));
    if (r->of)
        json_set_str(o, "of", r->of);
    if (r->message) {
        snprintf(id, sizeof id, "m%lld", (long long)r->message);
        json_set_str(o, "message", id);
    }
    for (size_t i = 0; i < r->rcpts.len; i++)
        json_push(list, rcpt_json(vec_at(&r->rcpts, i)));
    json_set(o, "recipients", list);
    return o;
}

struct json *part_report_json(const struct mail_message *m)
{
    struct mail_report r;
    struct json *o = NULL;
    mail_report_read(m, &r);
    if (r.kind != MAIL_REPORT_NONE)
        o = report_json(&r);
    mail_report_fini(&r);
    return o;
}

struct json *part_delivery_json(struct db *db, const char *message_id)
{
    struct vec reports;
    struct error err = ERROR_INIT;
    struct json *list = json_array();
    if (!message_id || !*message_id || mail_report_list(db, message_id, &reports, &err) != STATUS_OK)
        return list;
    for (size_t i = 0; i < reports.len; i++)
        json_push(list, report_json(vec_at(&reports, i)));
    vec_fini(&reports);
    return list;
}

char *part_undelivered(struct db *db, const char *message_id)
{
    struct vec reports;
    struct error err = ERROR_INIT;
    char *text = NULL;
    if (!message_id || !*message_id || mail_report_list(db, message_id, &reports, &err) != STATUS_OK)
        return NULL;
    for (size_t i = 0; i < reports.len && !text; i++) {
        const struct mail_report *r = vec_at(&reports, i);
        if (r->kind == MAIL_REPORT_BOUNCE)
            text = mail_report_text(r, r->rcpts.len ? vec_at(&r->rcpts, 0) : NULL);
    }
    vec_fini(&reports);
    return text;
}

/* All that warns. */
void part_warnings(struct db *db, const struct mail_row *row, const struct mail_message *m,
                   struct vec *out)
{
    strv_init(out);
    for (size_t i = 0; i < m->warnings.len; i++)
        strv_push(out, strv_at(&m->warnings, i));
    if (is_first(db, row, m))
        strv_push(out, "first-sender");
    if (m->damaged)
        strv_push(out, "damaged");
    add_reports(db, row->message_id, out);
}
