/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret.c - finds secrets by form and checksum, replaces them, puts them back. */
#include "model/secret.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum kind { PRIVATE_KEY, KEY, PASSWORD, CARD, IBAN, ADDRESS, PHONE, NO_KIND };

static const char *const kind_names[] = {"PRIVATE-KEY", "KEY",     "PASSWORD", "CARD",
                                         "IBAN",        "ADDRESS", "PHONE"};

/* Starts a set; nonce makes its placeholders unguessable. */
void secrets_init(struct secrets *s, const char *nonce)
{
    *s = (struct secrets){0};
    vec_init(&s->items, sizeof(struct secret), NULL);
    snprintf(s->nonce, sizeof s->nonce, "%s", nonce);
}

/* Wipes and releases the set. */
void secrets_fini(struct secrets *s)
{
    for (size_t i = 0; i < s->items.len; i++) {
        struct secret *x = vec_at(&s->items, i);
        explicit_bzero(x->value, strlen(x->value));
        free(x->value);
        free(x->placeholder);
    }
    vec_fini(&s->items);
}

/* ASCII classes that do not follow the locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* An ASCII letter or digit. */
static bool is_alnum(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* A character of a key. */
static bool is_key_char(char c)
{
    return is_alnum(c) || c == '-' || c == '_';
}

/* Does this text stand here, ASCII case aside? */
static bool here(const char *s, size_t n, const char *text)
{
    size_t len = strlen(text);
    if (len > n)
        return false;
    for (size_t i = 0; i < len; i++) {
        char a = s[i];
        if (a >= 'A' && a <= 'Z')
            a = (char)(a + 32);
        if (a != text[i])
            return false;
    }
    return true;
}

/* A private key in PEM: from BEGIN to the end of its END line, or of the text. */
static size_t private_key(const char *s, size_t n)
{
    if (n < 20 || memcmp(s, "-----BEGIN ", 11) != 0)
        return 0;
    const char *line_end = memchr(s, '\n', n);
    size_t head = line_end ? (size_t)(line_end - s) : n;
    if (!memmem(s, head, "PRIVATE KEY", 11))
        return 0;
    const char *end = memmem(s, n, "-----END ", 9);
    if (!end || (size_t)(end - s) > 32768)
        return n < 32768 ? n : 32768;
    size_t at = (size_t)(end - s) + 9;
    while (at < n && s[at] != '\n' && s[at] != '\r')
        at++;
    return at;
}

/* A key by its maker's prefix, or a JSON Web Token. */
static size_t api_key(const char *s, size_t n)
{
    static const struct {
        const char *prefix;
        size_t least; /* characters behind the prefix */
    } makers[] = {{"sk-", 16},      {"sk_live_", 12}, {"sk_test_", 12},  {"rk_live_", 12},
                  {"ghp_", 20},     {"gho_", 20},     {"ghs_", 20},      {"github_pat_", 20},
                  {"glpat-", 16},   {"xoxb-", 16},    {"xoxp-", 16},     {"xoxa-", 16},
                  {"xoxs-", 16},    {"AKIA", 16},     {"ASIA", 16},      {"AIza", 30},
                  {"hf_", 20},      {"npm_", 20},     {"ya29.", 20},     {"SG.", 30},
                  {"LTAI", 12},     {"dop_v1_", 30},  {"pypi-", 30},     {"AGE-SECRET-KEY-", 30}};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        size_t len = strlen(makers[i].prefix), at = len;
        if (len > n || memcmp(s, makers[i].prefix, len) != 0)
            continue;
        bool dots = strchr(makers[i].prefix, '.') != NULL;
        while (at < n && (is_key_char(s[at]) || (dots && s[at] == '.')))
            at++;
        if (at - len >= makers[i].least)
            return at;
    }
    if (n > 40 && memcmp(s, "eyJ", 3) == 0) {
        size_t at = 0;
        int dots = 0;
        while (at < n && (is_key_char(s[at]) || s[at] == '.'))
            dots += s[at++] == '.';
        if (dots == 2 && at > 40)
            return at;
    }
    return 0;
}

/* Is it an ordinary word that stands behind "password:" in running text? */
static bool is_common_word(const char *s, size_t n)
{
    static const char *const words[] = {"reset", "required", "please", "change", "changed", "expired",
                                        "expires", "protected", "manager", "policy", "your", "this",
                                        "that", "none", "http", "https", "will", "must", "forgot"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && here(s, n, words[i]))
            return true;
    return false;
}

/* A password behind its word: *skip is the length up to the value, the result the value's. */
static size_t password(const char *s, size_t n, size_t *skip)
{
    static const char *const names[] = {"password", "passwort", "kennwort", "passphrase", "passcode",
                                        "passwd", "pwd", "api key", "api_key", "apikey", "secret key",
                                        "access token", "密码", "口令", "密碼", "密钥"};
    static const char *const joints[] = {":", "=", "：", "is", "是", "为", "為"};
    size_t at = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && !at; i++)
        if (here(s, n, names[i]))
            at = strlen(names[i]);
    if (!at)
        return 0;
    while (at < n && (s[at] == ' ' || s[at] == '*' || s[at] == '"'))
        at++;
    size_t joint = sizeof joints / sizeof *joints;
    for (size_t i = 0; i < sizeof joints / sizeof *joints; i++)
        if (here(s + at, n - at, joints[i])) {
            joint = i;
            at += strlen(joints[i]);
            break;
        }
    if (joint == sizeof joints / sizeof *joints)
        return 0;
    while (at < n && (s[at] == ' ' || s[at] == '*' || s[at] == '"' || s[at] == '`' || s[at] == '\''))
        at++;
    size_t start = at;
    bool odd = false; /* a digit or a sign: not an ordinary word */
    while (at < n && (unsigned char)s[at] > ' ' && (unsigned char)s[at] < 0x7f && s[at] != '"' &&
           s[at] != '`' && at - start < 200) {
        odd = odd || !isalpha((unsigned char)s[at]);
        at++;
    }
    while (at > start && strchr(".,;:!?)'*", s[at - 1]))
        at--;
    size_t len = at - start;
    bool strong = joint <= 2;
    if (len < 4 || is_common_word(s + start, len) || (!strong && !odd) || s[start] == '<' || s[start] == '[')
        return 0;
    *skip = start;
    return len;
}

/* A payment card: 13 to 19 digits in groups, Luhn. */
static size_t card(const char *s, size_t n)
{
    int digits[20], count = 0;
    size_t at = 0, end = 0;
    if (s[0] < '2' || s[0] > '6')
        return 0;
    while (at < n && count < 20) {
        if (is_digit(s[at])) {
            digits[count++] = s[at] - '0';
            end = ++at;
        } else if ((s[at] == ' ' || s[at] == '-') && at + 1 < n && is_digit(s[at + 1])) {
            at++;
        } else {
            break;
        }
    }
    if (count < 13 || count > 19 || (end < n && is_alnum(s[end])))
        return 0;
    int sum = 0;
    for (int i = 0; i < count; i++) {
        int d = digits[count - 1 - i];
        if (i % 2)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return sum % 10 == 0 ? end : 0;
}

/* An IBAN: country, check digits, 11 to 30 characters, remainder 1 by 97 (ISO 13616). */
static size_t iban(const char *s, size_t n)
{
    char text[40];
    size_t count = 0, at = 0, best = 0;
    if (n < 15 || !(s[0] >= 'A' && s[0] <= 'Z') || !(s[1] >= 'A' && s[1] <= 'Z') || !is_digit(s[2]) ||
        !is_digit(s[3]))
        return 0;
    while (at < n && count < 34) {
        if (is_digit(s[at]) || (s[at] >= 'A' && s[at] <= 'Z')) {
            text[count++] = s[at++];
        } else if (s[at] == ' ' && at + 1 < n && is_alnum(s[at + 1])) {
            at++;
            continue;
        } else {
            break;
        }
        if (count < 15 || (at < n && is_alnum(s[at])))
            continue;
        unsigned rest = 0;
        for (size_t i = 0; i < count; i++) {
            char c = text[(i + 4) % count];
            rest = is_digit(c) ? (rest * 10 + (unsigned)(c - '0')) % 97
                               : (rest * 100 + (unsigned)(c - 'A' + 10)) % 97;
        }
        if (rest == 1)
            best = at;
    }
    return best;
}

/* A mail address. */
static size_t address(const char *s, size_t n)
{
    size_t at = 0;
    while (at < n && (is_key_char(s[at]) || s[at] == '.' || s[at] == '+'))
        at++;
    if (at == 0 || at >= n || s[at] != '@')
        return 0;
    size_t host = ++at, dots = 0;
    while (at < n && (is_alnum(s[at]) || s[at] == '-' || (s[at] == '.' && at + 1 < n && is_alnum(s[at + 1]))))
        dots += s[at++] == '.';
    return at > host + 2 && dots ? at : 0;
}

/* A telephone number: "+" and eight digits or more in groups, or a Chinese mobile number. */
static size_t phone(const char *s, size_t n)
{
    size_t at = s[0] == '+', digits = 0, end = 0;
    for (; at < n && at < 30; at++) {
        if (is_digit(s[at])) {
            digits++;
            end = at + 1;
        } else if (!strchr(" -()/.", s[at]) || s[at] == '\0') {
            break;
        }
    }
    if (s[0] == '+')
        return digits >= 8 && digits <= 15 ? end : 0;
    return n >= 11 && s[0] == '1' && s[1] >= '3' && s[1] <= '9' && digits == 11 && end == 11 ? end : 0;
}

/* The secret that begins at s: its length, 0 when none; *skip bytes of it stay. */
static size_t secret_at(const char *s, size_t n, bool personal, enum kind *kind, size_t *skip)
{
    size_t len;
    *skip = 0;
    if (*s == '-' && (len = private_key(s, n))) {
        *kind = PRIVATE_KEY;
    } else if ((len = api_key(s, n))) {
        *kind = KEY;
    } else if ((len = password(s, n, skip))) {
        *kind = PASSWORD;
    } else if (is_digit(*s) && (len = card(s, n))) {
        *kind = CARD;
    } else if (*s >= 'A' && *s <= 'Z' && (len = iban(s, n))) {
        *kind = IBAN;
    } else if (personal && is_alnum(*s) && (len = address(s, n))) {
        *kind = ADDRESS;
    } else if (personal && (*s == '+' || is_digit(*s)) && (len = phone(s, n))) {
        *kind = PHONE;
    }
    return len;
}

/* The placeholder of a value, made when it is new. */
static const char *placeholder(struct secrets *s, enum kind kind, const char *value, size_t n)
{
    for (size_t i = 0; i < s->items.len; i++) {
        const struct secret *x = vec_at(&s->items, i);
        if (strlen(x->value) == n && memcmp(x->value, value, n) == 0)
            return x->placeholder;
    }
    struct secret *x = vec_push(&s->items);
    x->value = mem_strndup(value, n);
    x->placeholder = str_format("[%s-%d-%s]", kind_names[kind], ++s->counts[kind], s->nonce);
    return x->placeholder;
}

/* Appends text with its secrets replaced. */
int secrets_hide(struct secrets *s, const char *text, size_t n, bool personal, struct str *out)
{
    int hidden = 0;
    size_t from = 0;
    for (size_t i = 0; i < n;) {
        enum kind kind = NO_KIND;
        size_t skip, len = 0;
        unsigned char c = (unsigned char)text[i];
        bool begins = i == 0 || !is_alnum(text[i - 1]) || c >= 0x80;
        if (begins && (is_alnum(text[i]) || c == '-' || c == '+' || c >= 0xe4))
            len = secret_at(text + i, n - i, personal, &kind, &skip);
        if (!len) {
            i++;
            continue;
        }
        str_add(out, text + from, i + skip - from);
        str_puts(out, placeholder(s, kind, text + i + skip, len));
        hidden++;
        i = from = i + skip + len;
    }
    str_add(out, text + from, n - from);
    return hidden;
}

/* Starts putting back. */
void secrets_back_init(struct secrets_back *b, const struct secrets *s)
{
    *b = (struct secrets_back){.secrets = s};
}

/* Releases what waits. */
void secrets_back_fini(struct secrets_back *b)
{
    str_fini(&b->pending);
}

/* Compares text with the placeholders: 1 whole, 0 a beginning of one, -1 none. */
static int compare(const struct secrets *s, const char *text, size_t n, const struct secret **found)
{
    int best = -1;
    for (size_t i = 0; i < s->items.len; i++) {
        const struct secret *x = vec_at(&s->items, i);
        size_t len = strlen(x->placeholder);
        if (n >= len && memcmp(text, x->placeholder, len) == 0) {
            *found = x;
            return 1;
        }
        if (n < len && memcmp(text, x->placeholder, n) == 0)
            best = 0;
    }
    return best;
}

/* Puts back what is whole in pending; a possible beginning at its end waits unless last. */
static void put_back(struct secrets_back *b, bool last, struct str *out)
{
    const char *text = str_text(&b->pending);
    size_t n = b->pending.len, at = 0;
    while (at < n) {
        const char *open = memchr(text + at, '[', n - at);
        size_t plain = open ? (size_t)(open - text) - at : n - at;
        str_add(out, text + at, plain);
        at += plain;
        if (!open)
            break;
        const struct secret *x = NULL;
        int match = compare(b->secrets, text + at, n - at, &x);
        if (match > 0) {
            str_puts(out, x->value);
            at += strlen(x->placeholder);
        } else if (match == 0 && !last) {
            break;
        } else {
            str_putc(out, '[');
            at++;
        }
    }
    str_splice(&b->pending, 0, at, "", 0);
}

/* Takes the next text of the stream. */
void secrets_back_feed(struct secrets_back *b, const char *text, size_t n, struct str *out)
{
    if (!b->secrets->items.len) {
        str_add(out, text, n);
        return;
    }
    str_add(&b->pending, text, n);
    put_back(b, false, out);
}

/* The stream has ended. */
void secrets_back_end(struct secrets_back *b, struct str *out)
{
    put_back(b, true, out);
}
