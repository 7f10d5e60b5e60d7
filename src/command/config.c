/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config.c - reading bureaurc: set, bind, source, account, model, alias. */
#include "command/config.h"
#include "command/config_inside.h"
#include "command/keymap.h"
#include "command/option.h"
#include "command/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"

#define CONFIG_MAX (1u << 20)
#define CONFIG_DEPTH 8 /* files that name files */

/* One line while it is read. */
struct line {
    const char *file;
    int number, depth;
    const char *text;
    struct vec words; /* struct word */
    size_t at;        /* the word being read */
};

static struct {
    bool ready;
    struct vec accounts, models, faults, me;
} config;

/* Releases a fault. */
static void fault_fini(void *item)
{
    struct config_fault *f = item;
    free(f->file);
}

/* Releases an account. */
static void account_fini(void *item)
{
    struct config_account *a = item;
    char *texts[] = {a->name,         a->from, a->imap, a->smtp,   a->maildir, a->caldav, a->user, a->oauth,
                     a->oauth_client, a->pin,  a->sent, a->drafts, a->trash,   a->archive, a->spam,
                     a->oauth_authorize, a->oauth_token, a->oauth_device, a->oauth_scope, a->oauth_redirect};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    vec_fini(&a->aliases);
    vec_fini(&a->identities);
    vec_fini(&a->signatures);
    vec_fini(&a->password_command);
    vec_fini(&a->token_command);
    vec_fini(&a->sendmail);
    vec_fini(&a->oauth_secret_command);
}

/* Releases a model. */
static void model_fini(void *item)
{
    struct config_model *m = item;
    char *texts[] = {m->name,     m->url,      m->model_name, m->key_env,
                     m->fallback, m->price_in, m->price_out,  m->currency};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    vec_fini(&m->key_command);
    vec_fini(&m->purposes);
}

/* Makes the lists once. */
static void prepare(void)
{
    if (config.ready)
        return;
    vec_init(&config.accounts, sizeof(struct config_account), account_fini);
    vec_init(&config.models, sizeof(struct config_model), model_fini);
    vec_init(&config.faults, sizeof(struct config_fault), fault_fini);
    strv_init(&config.me);
    config.ready = true;
}

/* Forgets everything that was read. */
void config_clear(void)
{
    prepare();
    vec_clear(&config.accounts);
    vec_clear(&config.models);
    config_alias_clear();
    vec_clear(&config.faults);
    vec_clear(&config.me);
    option_reset();
    keymap_reset();
}

/* Remembers what is wrong with a line. */
static void add_fault(const struct line *l, int column, const struct error *err)
{
    struct config_fault *f = vec_push(&config.faults);
    *f = (struct config_fault){
        .file = mem_strdup(l->file), .line = l->number, .column = column, .error = *err};
}

/* The column of the word being read, or of the line's end. */
static int column_at(const struct line *l, size_t i)
{
    if (i < l->words.len)
        return (int)((struct word *)vec_at(&l->words, i))->start + 1;
    return (int)strlen(l->text) + 1;
}

/* Records a fault at word i and returns false, for `return wrong(…)`. */
static bool wrong(const struct line *l, size_t i, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static bool wrong(const struct line *l, size_t i, const char *hint, const char *format, ...)
{
    struct str s = STR_INIT;
    struct error err = ERROR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    (void)error_set(&err, STATUS_USAGE, "%s", str_text(&s));
    if (hint)
        (void)error_hint(&err, "%s", hint);
    str_fini(&s);
    add_fault(l, column_at(l, i), &err);
    return false;
}

/* The word at i; NULL past the end. */
static const char *word_at(const struct line *l, size_t i)
{
    return i < l->words.len ? ((struct word *)vec_at(&l->words, i))->text : NULL;
}

/* Is the word at i the ";" that ends a list? */
static bool is_separator(const struct line *l, size_t i)
{
    return i < l->words.len && ((struct word *)vec_at(&l->words, i))->separator;
}

/* ---- own addresses ---- */

/* The bare address of "Anna Li <anna@example.com>", in lower case. Yours. */
char *config_address(const char *text)
{
    const char *open = strrchr(text, '<');
    const char *close = open ? strchr(open, '>') : NULL;
    char *s = open && close ? mem_strndup(open + 1, (size_t)(close - open - 1)) : mem_strdup(text);
    str_trim(s);
    for (char *p = s; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return s;
}

/* Tells whether an address is one of mine. */
bool config_is_me(const char *address)
{
    prepare();
    char *bare = config_address(address ? address : "");
    bool found = false;
    for (size_t i = 0; i < config.me.len && !found; i++)
        found = strcmp(strv_at(&config.me, i), bare) == 0;
    free(bare);
    return found;
}

/* Adds an address of mine. */
void config_add_me(const char *address)
{
    prepare();
    char *bare = config_address(address);
    if (!*bare || config_is_me(bare))
        free(bare);
    else
        strv_push_take(&config.me, bare);
}

/* My addresses. */
const struct vec *config_me(void)
{
    prepare();
    return &config.me;
}

/* ---- account and model: a table of their words ---- */

enum field_kind {
    FIELD_TEXT,
    FIELD_PATH,
    FIELD_ADDRESS,
    FIELD_URL,    /* begins with one of `starts` */
    FIELD_PIN,    /* 64 hex digits, several with commas */
    FIELD_LIST,   /* adds one text to a list */
    FIELD_ARGV,   /* words to ";" or the end of the line */
    FIELD_FLAG,
    FIELD_NUMBER,
    FIELD_PRICE   /* IN OUT CURRENCY */
};

struct field {
    const char *word;
    enum field_kind kind;
    size_t offset;
    const char *starts; /* FIELD_URL */
    const char *form;   /* how it is written */
};

#define A(member) offsetof(struct config_account, member)
static const struct field account_fields[] = {
    {"from", FIELD_ADDRESS, A(from), NULL, "from \"Anna Li <anna@example.com>\""},
    {"alias", FIELD_LIST, A(aliases), NULL, "alias anna.li@example.com"},
    {"identity", FIELD_LIST, A(identities), NULL, "identity \"Support <support@example.com>\""},
    {"signature", FIELD_LIST, A(signatures), NULL,
     "signature ~/.signature, or for one identity: signature support@example.com=~/.sig-support"},
    {"imap", FIELD_URL, A(imap), "imaps:// imap://", "imap imaps://mail.example.com"},
    {"smtp", FIELD_URL, A(smtp), "smtps:// smtp://", "smtp smtps://mail.example.com"},
    {"maildir", FIELD_PATH, A(maildir), NULL, "maildir ~/Mail"},
    {"caldav", FIELD_URL, A(caldav), "https:// http://", "caldav https://cal.example.com/anna/"},
    {"user", FIELD_TEXT, A(user), NULL, "user anna"},
    {"password-command", FIELD_ARGV, A(password_command), NULL, "password-command pass show mail;"},
    {"token-command", FIELD_ARGV, A(token_command), NULL, "token-command oauth2-token anna;"},
    {"oauth", FIELD_TEXT, A(oauth), NULL, "oauth PROVIDER"},
    {"oauth-client", FIELD_TEXT, A(oauth_client), NULL, "oauth-client ID"},
    {"oauth-authorize", FIELD_URL, A(oauth_authorize), "https:// http://", "oauth-authorize https://id.example.com/authorize"},
    {"oauth-token", FIELD_URL, A(oauth_token), "https:// http://", "oauth-token https://id.example.com/token"},
    {"oauth-device", FIELD_URL, A(oauth_device), "https:// http://", "oauth-device https://id.example.com/device"},
    {"oauth-scope", FIELD_TEXT, A(oauth_scope), NULL, "oauth-scope \"mail offline_access\""},
    {"oauth-redirect", FIELD_TEXT, A(oauth_redirect), NULL, "oauth-redirect http://127.0.0.1/"},
    {"oauth-secret-command", FIELD_ARGV, A(oauth_secret_command), NULL, "oauth-secret-command pass show mail-client;"},
    {"sendmail", FIELD_ARGV, A(sendmail), NULL, "sendmail /usr/sbin/sendmail -t -oi;"},
    {"pin", FIELD_PIN, A(pin), NULL, "pin SHA256[,SHA256…] (64 hex digits)"},
    {"plaintext", FIELD_FLAG, A(plaintext), NULL, "plaintext"},
    {"sent", FIELD_TEXT, A(sent), NULL, "sent Sent (or none: the provider keeps the copy by itself)"},
    {"drafts", FIELD_TEXT, A(drafts), NULL, "drafts Drafts"},
    {"trash", FIELD_TEXT, A(trash), NULL, "trash Trash"},
    {"archive", FIELD_TEXT, A(archive), NULL, "archive Archive"},
    {"spam", FIELD_TEXT, A(spam), NULL, "spam Junk"},
    {"keep-days", FIELD_NUMBER, A(keep_days), NULL, "keep-days 90"},
    {NULL, FIELD_TEXT, 0, NULL, NULL},
};
#undef A

#define M(member) offsetof(struct config_model, member)
static const struct field model_fields[] = {
    {"url", FIELD_URL, M(url), "https:// http://", "url https://api.example.com/v1"},
    {"name", FIELD_TEXT, M(model_name), NULL, "name qwen-plus"},
    {"key-command", FIELD_ARGV, M(key_command), NULL, "key-command pass show qwen;"},
    {"key-env", FIELD_TEXT, M(key_env), NULL, "key-env DASHSCOPE_API_KEY"},
    {"context", FIELD_NUMBER, M(context), NULL, "context 131072"},
    {"price", FIELD_PRICE, 0, NULL, "price 0.8 2.0 CNY (per million tokens in and out)"},
    {"for", FIELD_ARGV, M(purposes), NULL, "for draft summary;"},
    {"fallback", FIELD_TEXT, M(fallback), NULL, "fallback offline"},
    {NULL, FIELD_TEXT, 0, NULL, NULL},
};
#undef M

/* ---- accounts outside the config ---- */

/* An account that says nothing yet. */
void config_account_init(struct config_account *a, const char *name)
{
    *a = (struct config_account){.name = mem_strdup(name)};
    for (const struct field *f = account_fields; f->word; f++)
        if (f->kind == FIELD_LIST || f->kind == FIELD_ARGV)
            strv_init((struct vec *)(void *)((char *)a + f->offset));
}

/* A copy that is one's own. */
void config_account_copy(struct config_account *to, const struct config_account *from)
{
    config_account_init(to, from->name);
    for (const struct field *f = account_fields; f->word; f++) {
        void *at = (char *)to + f->offset;
        const void *was = (const char *)from + f->offset;
        if (f->kind == FIELD_FLAG)
            *(bool *)at = *(const bool *)was;
        else if (f->kind == FIELD_NUMBER)
            *(int64_t *)at = *(const int64_t *)was;
        else if (f->kind == FIELD_LIST || f->kind == FIELD_ARGV)
            for (size_t i = 0; i < ((const struct vec *)was)->len; i++)
                strv_push(at, strv_at(was, i));
        else
            *(char **)at = mem_strdup_maybe(*(char *const *)was);
    }
}

/* Releases it. */
void config_account_fini(struct config_account *a)
{
    account_fini(a);
}

/* A word as words_split reads it back: in quotes unless it is plain. Control characters are left out. */
static void print_word(struct str *out, const char *word)
{
    bool plain = *word && !word[strcspn(word, " \t\"'\\;#~$`*?|&<>(){}")];
    str_puts(out, plain ? " " : " \"");
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            str_putc(out, '\\');
        if ((unsigned char)*word >= ' ' && *word != 0x7f)
            str_putc(out, *word);
    }
    if (!plain)
        str_putc(out, '"');
}

/* The account's line. */
void config_account_print(const struct config_account *a, struct str *out)
{
    str_puts(out, "account");
    print_word(out, a->name);
    for (const struct field *f = account_fields; f->word; f++) {
        const void *at = (const char *)a + f->offset;
        const struct vec *list = at;
        bool many = f->kind == FIELD_LIST || f->kind == FIELD_ARGV;
        if (f->kind == FIELD_FLAG && *(const bool *)at) {
            str_addf(out, " %s", f->word);
        } else if (f->kind == FIELD_NUMBER && *(const int64_t *)at) {
            str_addf(out, " %s %lld", f->word, (long long)*(const int64_t *)at);
        } else if (many) {
            for (size_t i = 0; i < list->len; i++) {
                if (i == 0 || f->kind == FIELD_LIST)
                    str_addf(out, " %s", f->word);
                print_word(out, strv_at(list, i));
            }
            if (f->kind == FIELD_ARGV && list->len)
                str_puts(out, " ;");
        } else if (f->kind != FIELD_FLAG && f->kind != FIELD_NUMBER && *(char *const *)at) {
            str_addf(out, " %s", f->word);
            print_word(out, *(char *const *)at);
        }
    }
    str_putc(out, '\n');
}

/* Puts a text into a field. */
static void set_text(void *thing, size_t offset, char *value /* taken */)
{
    char **at = (char **)(void *)((char *)thing + offset);
    free(*at);
    *at = value;
}

/* Tells whether a URL begins as it should and has a host. */
static bool is_url(const char *url, const char *starts)
{
    const char *rest = strstr(url, "://");
    if (!rest || !rest[3])
        return false;
    size_t n = (size_t)(rest - url) + 3;
    for (const char *p = starts; *p; p += strcspn(p, " "), p += *p == ' ')
        if (strncmp(p, url, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

/* One or more keys, with commas between. */
bool config_is_pin(const char *text)
{
    for (;; text += 65) {
        if (strspn(text, "0123456789abcdefABCDEF") != 64)
            return false;
        if (text[64] != ',')
            return text[64] == '\0';
    }
}

/* Reads a decimal such as 0.8; false when it is none. */
static bool is_decimal(const char *text)
{
    size_t n = strspn(text, "0123456789");
    if (n && text[n] == '.')
        n += 1 + strspn(text + n + 1, "0123456789");
    return n > 0 && n < 20 && text[n] == '\0';
}

/* Reads the three words of a price. */
static bool read_price(struct line *l, const struct field *f, struct config_model *m)
{
    const char *in = word_at(l, l->at), *out = word_at(l, l->at + 1), *currency = word_at(l, l->at + 2);
    if (!currency || !is_decimal(in) || !is_decimal(out) || strlen(currency) != 3)
        return wrong(l, l->at, f->form, _("price takes two amounts and a currency"));
    set_text(m, offsetof(struct config_model, price_in), mem_strdup(in));
    set_text(m, offsetof(struct config_model, price_out), mem_strdup(out));
    set_text(m, offsetof(struct config_model, currency), mem_strdup(currency));
    l->at += 3;
    return true;
}

/* Reads the words of a list up to ";" or the end of the line. */
static bool read_list(struct line *l, const struct field *f, struct vec *list)
{
    size_t first = l->at;
    vec_clear(list);
    for (; l->at < l->words.len && !is_separator(l, l->at); l->at++)
        strv_push(list, word_at(l, l->at));
    l->at += is_separator(l, l->at);
    if (list->len == 0)
        return wrong(l, first, f->form, _("%s needs words behind it"), f->word);
    return true;
}

/* Reads one text value into its field, checking its form. */
static bool read_text(struct line *l, const struct field *f, void *thing, const char *value)
{
    switch (f->kind) {
    case FIELD_URL:
        if (!is_url(value, f->starts))
            return wrong(l, l->at, f->form, _("%s: “%s” is no address of this kind"), f->word, value);
        break;
    case FIELD_ADDRESS:
        if (!strchr(value, '@'))
            return wrong(l, l->at, f->form, _("%s: “%s” is no mail address"), f->word, value);
        break;
    case FIELD_PIN:
        if (!config_is_pin(value))
            return wrong(l, l->at, f->form, _("pin takes 64 hex digits, of several keys with commas between"));
        break;
    default:
        break;
    }
    set_text(thing, f->offset, f->kind == FIELD_PATH ? path_expand(value) : mem_strdup(value));
    return true;
}

/* Reads the value of one field; l->at stands behind its word. */
static bool read_field(struct line *l, const struct field *f, void *thing)
{
    void *at = (char *)thing + f->offset;
    const char *value = word_at(l, l->at);
    long long n = 0;
    if (f->kind == FIELD_FLAG) {
        *(bool *)at = true;
        return true;
    }
    if (f->kind == FIELD_PRICE)
        return read_price(l, f, thing);
    if (f->kind == FIELD_ARGV)
        return read_list(l, f, at);
    if (!value || is_separator(l, l->at))
        return wrong(l, l->at, f->form, _("%s needs a value"), f->word);
    if (f->kind == FIELD_NUMBER) {
        if (!str_to_int64(value, &n) || n < 0)
            return wrong(l, l->at, f->form, _("%s: “%s” is not a number"), f->word, value);
        *(int64_t *)at = n;
    } else if (f->kind == FIELD_LIST) {
        strv_push(at, value);
    } else if (!read_text(l, f, thing, value)) {
        return false;
    }
    l->at++;
    return true;
}

/* Reads "NAME word value word value …" into a named thing. */
static void read_fields(struct line *l, const struct field *fields, void *thing)
{
    for (l->at = 2; l->at < l->words.len;) {
        const char *word = word_at(l, l->at);
        const struct field *f = fields;
        while (f->word && strcmp(f->word, word) != 0)
            f++;
        if (!f->word) {
            struct vec names;
            strv_init(&names);
            for (f = fields; f->word; f++)
                strv_push(&names, f->word);
            const char *near = words_near(word, &names);
            char *all = strv_join(&names, " "), *hint = str_format(_("did you mean %s?"), near ? near : "");
            wrong(l, l->at, near ? hint : all, _("%s has no “%s”"), word_at(l, 0), word);
            free(all);
            free(hint);
            vec_fini(&names);
            return;
        }
        l->at++;
        if (!read_field(l, f, thing))
            return;
    }
}

/* Checks the name of an account or a model. */
static bool check_name(const struct line *l, const char *form)
{
    const char *name = word_at(l, 1);
    if (!name)
        return wrong(l, 1, form, _("%s needs a name"), word_at(l, 0));
    if (!*name || strpbrk(name, " \t/:"))
        return wrong(l, 1, form, _("“%s” cannot be a name: no blanks, “/” or “:”"), name);
    return true;
}

/* account NAME … */
static void read_account(struct line *l)
{
    if (!check_name(l, "account work from \"Anna Li <anna@example.com>\" maildir ~/Mail"))
        return;
    struct config_account *a = NULL;
    for (size_t i = 0; i < config.accounts.len && !a; i++) {
        a = vec_at(&config.accounts, i);
        a = strcmp(a->name, word_at(l, 1)) == 0 ? a : NULL;
    }
    if (!a) {
        a = vec_push(&config.accounts);
        config_account_init(a, word_at(l, 1));
    }
    read_fields(l, account_fields, a);
}

/* model NAME … */
static void read_model(struct line *l)
{
    if (!check_name(l, "model qwen url https://api.example.com/v1 name qwen-plus key-env KEY"))
        return;
    if (strcmp(word_at(l, 1), "offline") == 0) {
        wrong(l, 1, NULL, _("“offline” is the program's own engine; choose another name"));
        return;
    }
    struct config_model *m = NULL;
    for (size_t i = 0; i < config.models.len && !m; i++) {
        m = vec_at(&config.models, i);
        m = strcmp(m->name, word_at(l, 1)) == 0 ? m : NULL;
    }
    if (!m) {
        m = vec_push(&config.models);
        m->name = mem_strdup(word_at(l, 1));
        strv_init(&m->key_command);
        strv_init(&m->purposes);
    }
    read_fields(l, model_fields, m);
}

/* set NAME VALUE; set me ADDR… */
static void read_set(struct line *l)
{
    const char *name = word_at(l, 1), *value = word_at(l, 2);
    if (!name || !value) {
        wrong(l, name ? 2 : 1, "set send.hold 20s", name ? _("set %s needs a value") : _("set needs a name and a value"),
              name);
        return;
    }
    if (strcmp(name, "me") == 0) {
        for (size_t i = 2; i < l->words.len; i++)
            if (strchr(word_at(l, i), '@'))
                config_add_me(word_at(l, i));
            else
                wrong(l, i, "set me anna@example.com", _("“%s” is no mail address"), word_at(l, i));
        return;
    }
    if (l->words.len > 3) {
        wrong(l, 3, _("put quotes around a value with blanks"), _("set %s takes one value"), name);
        return;
    }
    struct error err = ERROR_INIT;
    if (option_set(name, value, &err) != STATUS_OK)
        add_fault(l, column_at(l, option_find(name) ? 2 : 1), &err);
}

/* bind CONTEXT KEY COMMAND… */
static void read_bind(struct line *l)
{
    struct error err = ERROR_INIT;
    if (l->words.len < 4) {
        wrong(l, l->words.len, "bind list x archive", _("bind needs a context, a key and a command"));
        return;
    }
    const struct word *first = vec_at(&l->words, 3), *last = vec_at(&l->words, l->words.len - 1);
    const struct word *key = vec_at(&l->words, 2);
    char *spelled = mem_strndup(l->text + key->start, key->end - key->start);
    char *line = mem_strndup(l->text + first->start, last->end - first->start);
    /* "\C-x" keeps its backslash when it is not in quotes */
    const char *keys = strpbrk(spelled, "'\"") ? key->text : spelled;
    if (!keymap_context(word_at(l, 1)))
        wrong(l, 1, "all list inbox thread notes chat text help", _("“%s” is no context of keys"),
              word_at(l, 1));
    else if (keymap_bind(word_at(l, 1), keys, line, &err) != STATUS_OK)
        add_fault(l, column_at(l, strstr(err.text, spelled) ? 2 : 3), &err);
    free(spelled);
    free(line);
}

/* alias NICK PEOPLE…, and mutt's "alias -group NAME NICK PEOPLE…": a mutt alias file can be sourced.
 * The last line of a nick counts. */
static void read_alias(struct line *l)
{
    size_t at = 1;
    while (word_at(l, at) && str_eq(word_at(l, at), "-group"))
        at += 2;
    const char *nick = word_at(l, at);
    if (!nick || !word_at(l, at + 1)) {
        wrong(l, l->words.len, "alias tom \"Tom Berger\" <tom@acme.example>",
              _("alias needs a short name and addresses"));
        return;
    }
    if (strpbrk(nick, "@,;<>\"")) {
        wrong(l, at, NULL, _("“%s” cannot be a short name"), nick);
        return;
    }
    const struct word *first = vec_at(&l->words, at + 1), *end = vec_at(&l->words, l->words.len - 1);
    char *people = mem_strndup(l->text + first->start, end->end - first->start);
    config_alias_set(nick, people); /* as it was typed: quotes keep a comma within a name */
    free(people);
}

static enum status read_file(const char *path, int depth, struct error *err) MUST_CHECK;

/* source FILE */
static void read_source(struct line *l)
{
    const char *name = word_at(l, 1);
    struct error err = ERROR_INIT;
    if (!name || l->words.len > 2) {
        wrong(l, name ? 2 : 1, "source colours.rc", _("source takes one file"));
        return;
    }
    if (l->depth >= CONFIG_DEPTH) {
        wrong(l, 0, NULL, _("files name each other more than %d deep"), CONFIG_DEPTH);
        return;
    }
    char *path = path_expand(name);
    if (path[0] != '/') {
        const char *slash = strrchr(l->file, '/');
        char *dir = slash ? mem_strndup(l->file, (size_t)(slash - l->file)) : mem_strdup(".");
        char *joined = path_join(dir, path);
        free(dir);
        free(path);
        path = joined;
    }
    if (access(path, F_OK) != 0)
        wrong(l, 1, _("mend the path; it is relative to this file"), _("%s: no such file"), path);
    else if (read_file(path, l->depth + 1, &err) != STATUS_OK)
        add_fault(l, column_at(l, 1), &err);
    free(path);
}

/* Reads one line of a file. */
static void read_line(struct line *l)
{
    static const struct {
        const char *word;
        void (*read)(struct line *l);
    } words[] = {{"set", read_set},
                 {"bind", read_bind},
                 {"source", read_source},
                 {"account", read_account},
                 {"alias", read_alias},
                 {"model", read_model}};
    struct error err = ERROR_INIT;
    int column = 1;
    words_init(&l->words);
    if (words_split(l->text, true, &l->words, &column, &err) != STATUS_OK) {
        add_fault(l, column, &err);
    } else if (l->words.len) {
        size_t i = 0, n = sizeof(words) / sizeof(words[0]);
        while (i < n && strcmp(words[i].word, word_at(l, 0)) != 0)
            i++;
        if (i < n)
            words[i].read(l);
        else
            wrong(l, 0, _("a line begins with set, bind, source, account, alias or model"),
                  _("“%s” is unknown here"), word_at(l, 0));
    }
    vec_fini(&l->words);
}

/* Checks that nobody else may read (or, for a file that is named by it, write) the file. */
static enum status check_mode(const char *path, int depth, struct error *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return error_set_errno(err, errno, "%s", path);
    bool foreign = st.st_uid != geteuid() && !(depth > 0 && st.st_uid == 0);
    mode_t loose = depth > 0 ? 022 : 077;
    if (foreign) {
        (void)error_set(err, STATUS_FAILED, _("%s belongs to another user"), path);
        return error_hint(err, "chown %u %s", (unsigned)geteuid(), path);
    }
    if (st.st_mode & loose) {
        (void)error_set(err, STATUS_FAILED, _("%s is open to other users (mode %03o)"), path,
                        (unsigned)(st.st_mode & 0777));
        return error_hint(err, "chmod %s %s", depth > 0 ? "go-w" : "600", path);
    }
    return STATUS_OK;
}

/* Reads a file line by line; its faults collect. */
static enum status read_file(const char *path, int depth, struct error *err)
{
    struct str text = STR_INIT;
    enum status s = check_mode(path, depth, err);
    if (s == STATUS_OK)
        s = path_read(path, CONFIG_MAX, &text, err);
    if (s == STATUS_OK) {
        struct line l = {.file = path, .depth = depth};
        char *p = text.data ? text.data : (char *)"";
        if (str_starts(p, "\xef\xbb\xbf"))
            p += 3;
        while (*p) {
            size_t n = strcspn(p, "\n");
            char *line = mem_strndup(p, n && p[n - 1] == '\r' ? n - 1 : n);
            l.number++;
            l.text = line;
            read_line(&l);
            free(line);
            p += n + (p[n] == '\n');
        }
    }
    str_fini(&text);
    return s;
}

/* Adds the accounts' addresses to mine. */
static void add_account_addresses(void)
{
    for (size_t i = 0; i < config.accounts.len; i++) {
        const struct config_account *a = vec_at(&config.accounts, i);
        if (a->from)
            config_add_me(a->from);
        for (size_t k = 0; k < a->aliases.len; k++)
            config_add_me(strv_at(&a->aliases, k));
        for (size_t k = 0; k < a->identities.len; k++)
            config_add_me(strv_at(&a->identities, k));
    }
}

/* Reads bureaurc. */
enum status config_load(const char *path, struct error *err)
{
    config_clear();
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return STATUS_OK;
    enum status s = read_file(path, 0, err);
    add_account_addresses();
    return s;
}

/* What is wrong in it. */
const struct vec *config_faults(void)
{
    prepare();
    return &config.faults;
}

/* All accounts. */
const struct vec *config_accounts(void)
{
    prepare();
    return &config.accounts;
}

/* All models. */
const struct vec *config_models(void)
{
    prepare();
    return &config.models;
}

/* One account by name. */
const struct config_account *config_account(const char *name)
{
    prepare();
    for (size_t i = 0; name && i < config.accounts.len; i++) {
        const struct config_account *a = vec_at(&config.accounts, i);
        if (strcmp(a->name, name) == 0)
            return a;
    }
    return NULL;
}

/* One model by name. */
const struct config_model *config_model(const char *name)
{
    prepare();
    for (size_t i = 0; name && i < config.models.len; i++) {
        const struct config_model *m = vec_at(&config.models, i);
        if (strcmp(m->name, name) == 0)
            return m;
    }
    return NULL;
}

/* Splits one line into words. */
enum status config_split(const char *line, struct vec *words, int *column, struct error *err)
{
    struct vec split;
    words_init(&split);
    enum status s = words_split(line, false, &split, column, err);
    for (size_t i = 0; s == STATUS_OK && i < split.len; i++)
        strv_push(words, ((struct word *)vec_at(&split, i))->text);
    vec_fini(&split);
    return s;
}
