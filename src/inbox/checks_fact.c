/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checks_fact.c - finds what can be right or wrong in a text: dates, amounts, numbers, names,
 * addresses, links. One pass over the bytes; dates first, so that "12 月 2 日" is no number. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "inbox/checks_inside.h"

#define DATES_MAX 200

/* Is byte `at` inside one of the dates? *end is where that date ends. */
static bool in_date(const struct when_hit *hits, size_t n, size_t at, size_t *end)
{
    for (size_t i = 0; i < n; i++)
        if (at >= hits[i].start && at < hits[i].start + hits[i].len) {
            *end = hits[i].start + hits[i].len;
            return true;
        }
    return false;
}

/* Adds a fact. */
static struct check_fact *add(struct vec *out, enum check_kind kind, size_t at, size_t len)
{
    struct check_fact *f = vec_push(out);
    f->kind = kind;
    f->at = at;
    f->len = len;
    f->day = CLOCK_NONE;
    return f;
}

/* Is c a letter or digit of ASCII? */
static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0;
}

/* Length of a mail address that begins at s; 0 when none. */
static size_t address_len(const char *s)
{
    size_t n = 0, at = 0;
    while (is_word(s[n]) || (s[n] && strchr("._%+-", s[n])))
        n++;
    if (n == 0 || s[n] != '@')
        return 0;
    at = n++;
    while (is_word(s[n]) || s[n] == '.' || s[n] == '-')
        n++;
    while (n > at + 1 && (s[n - 1] == '.' || s[n - 1] == '-'))
        n--;
    return n > at + 3 && memchr(s + at, '.', n - at) ? n : 0;
}

/* Length of a link that begins at s; 0 when none. */
static size_t link_len(const char *s)
{
    size_t head = str_starts_nocase(s, "https://") ? 8
                  : str_starts_nocase(s, "http://") ? 7
                  : str_starts_nocase(s, "www.")    ? 4
                                                    : 0;
    if (!head)
        return 0;
    size_t n = head;
    while ((unsigned char)s[n] > ' ' && (unsigned char)s[n] < 0x7f && !strchr("<>\"[]{}|\\^`", s[n]))
        n++;
    while (n > head && strchr(".,;:!?)'", s[n - 1]))
        n--;
    return n > head ? n : 0;
}

/* Bytes of the digits at s, in brackets or not ("(0)", "40"); *digits grows by their count. 0: none. */
static size_t group_len(const char *s, size_t *digits)
{
    size_t n = strspn(s + (*s == '('), "0123456789");
    if (n == 0 || (*s == '(' && s[1 + n] != ')'))
        return 0;
    *digits += n;
    return *s == '(' ? n + 2 : n;
}

/* Length of a telephone number in groups that begins at s ("+49 40 1234-5678", "(040) 12 34 56 78",
 * "138 0013 8000"); 0 when none. */
static size_t phone_len(const char *s)
{
    size_t digits = 0, groups = 1, slashes = 0, n = *s == '+', len;
    size_t first = strspn(s, "0123456789");
    bool mobile = s[0] == '1' && s[1] >= '3' && s[1] <= '9' && (first == 3 || first == 11);
    if ((*s != '+' && *s != '(' && *s != '0' && !mobile) || !(len = group_len(s + n, &digits)))
        return 0;
    n += len;
    for (;; groups++) {
        size_t sep = strspn(s + n, " -/") <= 1 ? strspn(s + n, " -/") : 9;
        slashes += s[n] == '/';
        if (sep > 1 || (sep == 0 && s[n] != '(' && s[n - 1] != ')') || slashes > 1 ||
            !(len = group_len(s + n + sep, &digits)))
            break;
        n += sep + len;
    }
    if (mobile && (groups != (first == 3 ? 3 : 1) || digits != 11))
        return 0;
    bool alone = groups < 2 && *s != '+' && !mobile;
    return !alone && digits >= 7 && digits <= 15 && !is_word(s[n]) ? n : 0;
}

/* Length of an account number in groups that begins at s ("DE02 1203 0000 0000 2020 51"); 0 when none. */
static size_t account_len(const char *s)
{
    size_t n = 4, count = 4;
    if (!isupper((unsigned char)s[0]) || !isupper((unsigned char)s[1]) || !isdigit((unsigned char)s[2]) ||
        !isdigit((unsigned char)s[3]))
        return 0;
    while (s[n] == ' ') {
        size_t k = 0, digits = 0;
        for (; k < 4 && (isupper((unsigned char)s[n + 1 + k]) || isdigit((unsigned char)s[n + 1 + k])); k++)
            digits += isdigit((unsigned char)s[n + 1 + k]) != 0;
        if (k == 0 || is_word(s[n + 1 + k]) || (k < 4 && digits < k))
            break;
        n += 1 + k;
        count += k;
        if (k < 4)
            break;
    }
    return count >= 15 && count <= 34 ? n : 0;
}

/* Reads a number at s: its value, and its length. "48,200.50", "48.200,50", "1 000" is 1. */
static size_t number_len(const char *s, double *value)
{
    char digits[64];
    size_t n = 0, k = 0, last = 0, seps = 0;
    while (k < sizeof digits - 2) {
        if (isdigit((unsigned char)s[n])) {
            digits[k++] = s[n++];
        } else if ((s[n] == ',' || s[n] == '.' || s[n] == '\'') && n &&
                   isdigit((unsigned char)s[n + 1])) {
            last = n++;
            seps++;
        } else {
            break;
        }
    }
    if (k == 0)
        return 0;
    size_t behind = seps ? n - last - 1 : 0;
    /* Three digits behind the only kind of mark are thousands; else the last mark is the point. */
    bool point = seps && (behind != 3 || (seps > 1 && memchr(s, s[last], last) == NULL));
    digits[k] = 0;
    *value = strtod(digits, NULL);
    for (size_t i = 0; point && i < behind; i++)
        *value /= 10;
    return n;
}

/* Length of a currency that begins at s; 0 when none. */
static size_t currency_len(const char *s)
{
    static const char *const words[] = {
        "€", "$", "£", "¥", "￥", "元", "EUR", "USD", "CNY", "RMB", "GBP", "CHF", "JPY", "HKD",
        "euros", "euro", "dollars", "yuan", "人民币", "美元", "欧元", "US$", "块", NULL};
    for (size_t i = 0; words[i]; i++) {
        size_t n = strlen(words[i]);
        if (str_starts_nocase(s, words[i]) && (!isalpha((unsigned char)words[i][n - 1]) ||
                                               !isalpha((unsigned char)s[n])))
            return n;
    }
    return 0;
}

/* The factor of a scale word at s (万, k, million); *len its bytes. */
static double scale_of(const char *s, size_t *len)
{
    static const struct {
        const char *word;
        double factor;
    } scales[] = {{"万", 1e4}, {" 万", 1e4}, {"亿", 1e8}, {" 亿", 1e8}, {" million", 1e6}, {" billion", 1e9}, {"k", 1e3},
                  {"K", 1e3}, {"千", 1e3}, {"百万", 1e6}};
    *len = 0;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        size_t n = strlen(scales[i].word);
        if (str_starts(s, scales[i].word) && !isalpha((unsigned char)s[n])) {
            *len = n;
            return scales[i].factor;
        }
    }
    return 1;
}

/* Does the text in front of `at` end in a currency? *len its bytes with the blank. */
static bool currency_before(const char *text, size_t at, size_t *len)
{
    size_t from = at;
    while (from && text[from - 1] == ' ' && at - from < 2)
        from--;
    for (size_t back = 1; back <= 9 && back <= from; back++) {
        size_t n = currency_len(text + from - back);
        if (n == back && (from - back == 0 || !isalpha((unsigned char)text[from - back - 1]) ||
                          !isalpha((unsigned char)text[from - back]))) {
            *len = at - from + back;
            return true;
        }
    }
    return false;
}

/* Do the words in front make even a single digit a fact ("clause 7", "第 7 条")? */
static bool is_counted(const char *text, size_t at)
{
    static const char *const words[] = {"clause", "section", "item", "no.", "number", "nr.", "#",
                                        "page", "version", "article", "invoice", "ticket", "第",
                                        "order", "room", NULL};
    size_t from = at;
    while (from && text[from - 1] == ' ')
        from--;
    for (size_t i = 0; words[i]; i++) {
        size_t n = strlen(words[i]);
        if (from >= n && str_starts_nocase(text + from - n, words[i]))
            return true;
    }
    return false;
}

/* Is the number a mark of a list at the start of its line ("1.", "2)")? */
static bool is_list_mark(const char *text, size_t at, size_t len)
{
    size_t from = at;
    while (from && (text[from - 1] == ' ' || text[from - 1] == '\t'))
        from--;
    if (from && text[from - 1] != '\n')
        return false;
    return len <= 2 && (text[at + len] == '.' || text[at + len] == ')' ||
                        str_starts(text + at + len, "、") || str_starts(text + at + len, "）"));
}

/* A number, an amount or an identifier at `at`; returns where to go on. */
static size_t take_number(const char *text, size_t at, struct vec *out)
{
    double value = 0;
    size_t from = at, n;
    /* A token of letters and digits is an identifier: PO-2231, Q3, DE8937… */
    while (from && (is_word(text[from - 1]) || (strchr("-_/", text[from - 1]) && from > 1 &&
                                               is_word(text[from - 2]))))
        from--;
    size_t end = at, letters = 0, digits = 0;
    while (is_word(text[end]) || (strchr("-_/:", text[end]) && text[end] && is_word(text[end + 1])))
        end++;
    for (size_t i = from; i < end; i++) {
        letters += isalpha((unsigned char)text[i]) != 0;
        digits += isdigit((unsigned char)text[i]) != 0;
    }
    static const char *const plain[] = {"st", "nd", "rd", "th", "am", "pm", "h", "k", "K", "min",
                                        "kg", "km", "cm", "mm", "MB", "GB", "KB", "x", "EUR", "USD",
                                        "CNY", "RMB", NULL};
    n = number_len(text + at, &value);
    bool unit = from == at && letters > 0;
    if (unit) {
        unit = false;
        for (size_t i = 0; plain[i]; i++)
            unit |= end - at - n == strlen(plain[i]) &&
                    strncmp(text + at + n, plain[i], end - at - n) == 0;
    }
    bool marks = memchr(text + from, ':', end - from) || memchr(text + from, '/', end - from) ||
                 memchr(text + from, '-', end - from) || memchr(text + from, '_', end - from);
    if ((letters && !unit) || (marks && end > at + n)) {
        struct check_fact *f = add(out, CHECK_NUMBER, from, end - from);
        f->exact = true;
        f->grave = digits >= 8;
        return end;
    }
    size_t scale_len, before = 0, after, gap;
    value *= scale_of(text + at + n, &scale_len);
    gap = at + n + scale_len;
    after = currency_len(text + gap + (text[gap] == ' '));
    bool money = after > 0 || currency_before(text, at, &before);
    size_t stop = money && after ? gap + (text[gap] == ' ') + after : gap;
    if (!money && n == 1 && scale_len == 0 && text[at + 1] != '%' && !is_counted(text, at))
        return at + n;
    if (!money && is_list_mark(text, at, n))
        return at + n;
    struct check_fact *f = add(out, money ? CHECK_AMOUNT : CHECK_NUMBER, at - before, stop - at + before);
    f->value = value;
    f->grave = money || (digits >= 8 && !scale_len);
    return stop;
}

/* Words with a capital that are no names. */
static bool is_common(const char *s, size_t n)
{
    static const char *const words[] = {
        "I", "The", "A", "An", "And", "But", "Or", "If", "It", "We", "You", "He", "She", "They", "This", "That",
        "These", "Those", "There", "Here", "Dear", "Hello", "Hi", "Hey", "Thanks", "Thank", "Best",
        "Kind", "Warm", "Regards", "Sincerely", "Yours", "Cheers", "Please", "Yes", "No", "Not", "On",
        "In", "At", "By", "For", "From", "To", "As", "My", "Our", "Your", "Their", "His", "Her", "Could", "Can",
        "Would", "Will", "Should", "May", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
        "Saturday", "Sunday", "January", "February", "March", "April", "June", "July", "August",
        "September", "October", "November", "December", "Re", "Fwd", "Team", "Sir", "Madam", "Mr", "Mrs", "Ms",
        "Dr", "With", "When", "What", "Where", "Which", "Who", "Why", "How", "All", "After",
        "Before", "Since", "So", "Also", "However", "Looking", "Let", "Good", "Morning",
        "Afternoon", "Evening", "Attached", "Regarding", "Sorry", "Sure", "Just", "Once", "Then",
        "OK", "Ok", "Unfortunately", "Happy", "Great", "Have", "Is", "Are", "Do", "Did", "Was", "Were", "Am",
        "Both", "Each", "Every", "Some", "Any", "Now", "Today", "Tomorrow", "Yesterday", "Until",
        "Confirmed", "Agreed", "Noted", "English", "Chinese", "German", "French", NULL};
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == n && strncmp(words[i], s, n) == 0)
            return true;
    return false;
}

/* Bytes of a word that begins with a capital at s; 0 when it does not. */
static size_t capital_len(const char *s)
{
    if (!isupper((unsigned char)*s) || !(islower((unsigned char)s[1]) || (unsigned char)s[1] >= 0x80))
        return 0;
    size_t n = 1, used;
    while (s[n]) {
        uint32_t c = utf8_decode(s + n, strnlen(s + n, 4), &used);
        if (!(c < 0x80 ? isalpha((int)c) || ((c == '\'' || c == '-') && isalpha((unsigned char)s[n + 1]))
                       : c < 0x250))
            break;
        n += used;
    }
    if (n > 2 && s[n - 2] == '\'')
        n -= 2; /* "Tom's" */
    return n;
}

/* Does a sentence begin at `at`? */
static bool is_start(const char *text, size_t at)
{
    while (at && (text[at - 1] == ' ' || text[at - 1] == '"' || text[at - 1] == '(' ||
                  text[at - 1] == '*'))
        at--;
    return at == 0 || strchr(".!?:;\n,-", text[at - 1]) != NULL ||
           (at >= 3 && (unsigned char)text[at - 1] >= 0x80);
}

/* A name at `at` (one capital word inside a sentence, or several anywhere); where to go on. */
static size_t take_name(const char *text, size_t at, struct vec *out)
{
    size_t first = capital_len(text + at), end = at + first, words = 1, from = at;
    if (is_common(text + at, first)) {
        from = 0;
        words = 0;
    }
    while (text[end] == ' ') {
        size_t n = capital_len(text + end + 1);
        if (!n)
            break;
        bool common = is_common(text + end + 1, n);
        if (common && words)
            break;
        if (!words)
            from = end + 1;
        if (!common)
            words++;
        end += 1 + n;
    }
    if (words == 0)
        return end;
    bool start = is_start(text, from);
    /* "Dear Tom" names somebody; a lone capital word that begins a sentence does not. */
    if (words > 1 || !start || from != at)
        add(out, CHECK_NAME, from, end - from);
    return end;
}

/* A Chinese name in front of a form of address at the start of a line: 李娜您好, 王经理. */
static size_t take_greeting(const char *text, size_t at, struct vec *out)
{
    static const char *const marks[] = {"您好", "你好", "先生", "女士", "小姐", "经理", "老师",
                                        "总监", "总", "主任", "工", NULL};
    size_t n = 0, count = 0, used;
    for (const char *s = text + at; count < 5; count++) {
        for (size_t i = 0; marks[i] && count >= 1; i++)
            if (str_starts(s + n, marks[i])) {
                const char *behind = s + n + strlen(marks[i]);
                bool sure = i < 6 || *behind == ',' || *behind == ':' || str_starts(behind, "：") ||
                            str_starts(behind, "，") || str_starts(behind, "您好");
                if (sure && !str_starts(text + at, "尊敬") && !str_starts(text + at, "各位") &&
                    !str_starts(text + at, "大家"))
                    add(out, CHECK_NAME, at, n);
                return at + n;
            }
        uint32_t c = utf8_decode(s + n, strnlen(s + n, 4), &used);
        if (c < 0x4e00 || c > 0x9fff)
            break;
        n += used;
    }
    return at;
}

/* Orders facts by their place. */
static int by_place(const void *a, const void *b)
{
    size_t x = ((const struct check_fact *)a)->at, y = ((const struct check_fact *)b)->at;
    return x < y ? -1 : x > y;
}

void checks_facts(const char *text, int64_t written, struct vec *out)
{
    struct when_hit dates[DATES_MAX];
    size_t n = strlen(text);
    size_t hits = when_find(text, n, written, dates, DATES_MAX);
    for (size_t i = 0; i < hits; i++)
        add(out, CHECK_DATE, dates[i].start, dates[i].len)->day = dates[i].day;
    for (size_t i = 0; i < n;) {
        size_t end, len;
        bool border = i == 0 || !is_word(text[i - 1]);
        if (in_date(dates, hits, i, &end)) {
            i = end;
        } else if (border && (len = link_len(text + i))) {
            add(out, CHECK_LINK, i, len)->grave = true;
            i += len;
        } else if (border && (len = address_len(text + i))) {
            add(out, CHECK_ADDRESS, i, len)->grave = true;
            i += len;
        } else if (border && (len = phone_len(text + i))) {
            struct check_fact *f = add(out, CHECK_NUMBER, i, len);
            f->exact = f->grave = f->phone = true;
            i += len;
        } else if (border && (len = account_len(text + i))) {
            struct check_fact *f = add(out, CHECK_NUMBER, i, len);
            f->exact = f->grave = true;
            i += len;
        } else if (isdigit((unsigned char)text[i])) {
            i = take_number(text, i, out);
        } else if (border && capital_len(text + i)) {
            i = take_name(text, i, out);
        } else if ((i == 0 || text[i - 1] == '\n') && (unsigned char)text[i] >= 0xe4) {
            end = take_greeting(text, i, out);
            i = end > i ? end : i + 1;
        } else {
            i++;
        }
    }
    vec_sort(out, by_place);
}
