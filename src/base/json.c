/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - JSON behind one face; the only file that knows cJSON.
 *
 * A struct json is a cJSON under another name. Foreign text is looked over once before cJSON sees
 * it: depth is capped, and what cJSON refuses or would cut short although servers send it (a lone
 * surrogate escape, \u0000, malformed UTF-8) becomes U+FFFD. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"

#define DEPTH_MAX 64
#define SIZE_MAX_BYTES (64u << 20)

/* Our name for a value of cJSON that must be there. */
static struct json *ours(cJSON *c)
{
    if (!c)
        mem_exhausted();
    return (struct json *)(void *)c;
}

/* cJSON's name for a value of ours. */
static cJSON *theirs(const struct json *j)
{
    return (cJSON *)(uintptr_t)j;
}

/* A new object. */
struct json *json_object(void)
{
    return ours(cJSON_CreateObject());
}

/* A new array. */
struct json *json_array(void)
{
    return ours(cJSON_CreateArray());
}

/* A new string, repaired. */
struct json *json_string(const char *s)
{
    size_t n = strlen(s);
    if (utf8_valid(s, n))
        return ours(cJSON_CreateString(s));
    struct str fixed = STR_INIT;
    utf8_repair(&fixed, s, n);
    struct json *j = ours(cJSON_CreateString(str_text(&fixed)));
    str_fini(&fixed);
    return j;
}

/* A new whole number; large ones are written digit by digit, for cJSON would use an exponent. */
struct json *json_int(int64_t n)
{
    if (n > -1000000000000000 && n < 1000000000000000)
        return ours(cJSON_CreateNumber((double)n));
    char *text = str_format("%lld", (long long)n);
    struct json *j = ours(cJSON_CreateRaw(text));
    free(text);
    return j;
}

/* A new number. */
struct json *json_real(double n)
{
    return isfinite(n) ? ours(cJSON_CreateNumber(n)) : json_null();
}

/* true or false. */
struct json *json_bool(bool b)
{
    return ours(cJSON_CreateBool(b));
}

/* null. */
struct json *json_null(void)
{
    return ours(cJSON_CreateNull());
}

/* A deep copy. */
struct json *json_copy(const struct json *j)
{
    return ours(cJSON_Duplicate(theirs(j), true));
}

/* Releases a tree; NULL is allowed. */
void json_free(struct json *j)
{
    cJSON_Delete(theirs(j));
}

/* Sets a member, replacing one of the same name. */
void json_set(struct json *object, const char *name, struct json *value)
{
    if (!value)
        return;
    if (cJSON_GetObjectItemCaseSensitive(theirs(object), name))
        cJSON_ReplaceItemInObjectCaseSensitive(theirs(object), name, theirs(value));
    else
        cJSON_AddItemToObject(theirs(object), name, theirs(value));
}

/* Sets a text member; NULL adds nothing. */
void json_set_str(struct json *object, const char *name, const char *value)
{
    if (value)
        json_set(object, name, json_string(value));
}

/* Sets a whole number. */
void json_set_int(struct json *object, const char *name, int64_t value)
{
    json_set(object, name, json_int(value));
}

/* Sets a number. */
void json_set_real(struct json *object, const char *name, double value)
{
    json_set(object, name, json_real(value));
}

/* Sets true or false. */
void json_set_bool(struct json *object, const char *name, bool value)
{
    json_set(object, name, json_bool(value));
}

/* Sets a time. */
void json_set_time(struct json *object, const char *name, int64_t when)
{
    char buf[CLOCK_TEXT];
    if (when != CLOCK_NONE)
        json_set_str(object, name, clock_rfc3339(when, buf));
}

/* Appends to an array. */
void json_push(struct json *array, struct json *value)
{
    if (value)
        cJSON_AddItemToArray(theirs(array), theirs(value));
}

/* Appends a text to an array. */
void json_push_str(struct json *array, const char *value)
{
    if (value)
        json_push(array, json_string(value));
}

/* A member, NULL when absent. */
const struct json *json_get(const struct json *object, const char *name)
{
    if (!json_is_object(object))
        return NULL;
    return (const struct json *)(void *)cJSON_GetObjectItemCaseSensitive(theirs(object), name);
}

/* An item of an array, NULL when absent. */
const struct json *json_at(const struct json *array, size_t i)
{
    if (!json_is_array(array) || i > (size_t)INT32_MAX)
        return NULL;
    return (const struct json *)(void *)cJSON_GetArrayItem(theirs(array), (int)i);
}

/* Number of items or members. */
size_t json_len(const struct json *j)
{
    if (!json_is_array(j) && !json_is_object(j))
        return 0;
    return (size_t)cJSON_GetArraySize(theirs(j));
}

/* The text of a string. */
const char *json_text(const struct json *j)
{
    return json_is_string(j) ? theirs(j)->valuestring : NULL;
}

/* The text of a member that is a string. */
const char *json_get_text(const struct json *object, const char *name)
{
    return json_text(json_get(object, name));
}

/* The whole number of a value. */
int64_t json_to_int(const struct json *j, int64_t fallback)
{
    if (!json_is_number(j))
        return fallback;
    double d = theirs(j)->valuedouble;
    if (!(d > -9.2e18 && d < 9.2e18))
        return fallback;
    return (int64_t)d;
}

/* The whole number of a member. */
int64_t json_get_int(const struct json *object, const char *name, int64_t fallback)
{
    return json_to_int(json_get(object, name), fallback);
}

/* The number of a member. */
double json_get_real(const struct json *object, const char *name, double fallback)
{
    const struct json *j = json_get(object, name);
    return json_is_number(j) ? theirs(j)->valuedouble : fallback;
}

/* true or false of a member. */
bool json_get_bool(const struct json *object, const char *name, bool fallback)
{
    const struct json *j = json_get(object, name);
    return j && cJSON_IsBool(theirs(j)) ? cJSON_IsTrue(theirs(j)) != 0 : fallback;
}

/* Is it an object? */
bool json_is_object(const struct json *j)
{
    return j && cJSON_IsObject(theirs(j));
}

/* Is it an array? */
bool json_is_array(const struct json *j)
{
    return j && cJSON_IsArray(theirs(j));
}

/* Is it a string? */
bool json_is_string(const struct json *j)
{
    return j && cJSON_IsString(theirs(j));
}

/* Is it a number? */
bool json_is_number(const struct json *j)
{
    return j && cJSON_IsNumber(theirs(j));
}

/* Is it null? */
bool json_is_null(const struct json *j)
{
    return j && cJSON_IsNull(theirs(j));
}

/* Walks the members of an object. */
bool json_member(const struct json *object, size_t *i, const char **name,
                 const struct json **value)
{
    if (!json_is_object(object) || *i > (size_t)INT32_MAX)
        return false;
    cJSON *c = cJSON_GetArrayItem(theirs(object), (int)*i);
    if (!c)
        return false;
    (*i)++;
    *name = c->string ? c->string : "";
    *value = (const struct json *)(void *)c;
    return true;
}

/* The four hex digits behind "\u", -1 when they are none. */
static int unicode_escape(const char *s, size_t n)
{
    int value = 0;
    if (n < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        char c = s[i];
        int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0)
            return -1;
        value = value * 16 + d;
    }
    return value;
}

/* Looks at the escape at s: its length, and whether it must become U+FFFD. */
static size_t escape_length(const char *s, size_t n, bool *bad)
{
    int c = unicode_escape(s, n);
    *bad = c == 0 || (c >= 0xdc00 && c <= 0xdfff);
    if (c < 0)
        return n < 2 ? n : 2;
    if (c >= 0xd800 && c <= 0xdbff) {
        int low = unicode_escape(s + 6, n - 6);
        if (low >= 0xdc00 && low <= 0xdfff)
            return 12;
        *bad = true;
    }
    return 6;
}

/* Looks the text over: false when it is too deep; *fixed holds a mended copy when one is needed. */
static bool look_over(const char *s, size_t n, struct str *fixed, size_t *where)
{
    int depth = 0;
    size_t from = 0;
    bool in_string = false;
    for (size_t i = 0; i < n;) {
        char c = s[i];
        bool bad = false;
        size_t len = 1;
        if (c == '"')
            in_string = !in_string;
        else if (in_string && c == '\\')
            len = escape_length(s + i, n - i, &bad);
        else if (in_string && (unsigned char)c >= 0x80)
            bad = utf8_decode(s + i, n - i, &len) == 0xfffd && len == 1;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
        if (depth > DEPTH_MAX) {
            *where = i;
            return false;
        }
        if (bad) {
            str_add(fixed, s + from, i - from);
            str_puts(fixed, "\xef\xbf\xbd");
            from = i + len;
        }
        i += len;
    }
    if (from)
        str_add(fixed, s + from, n - from);
    return true;
}

/* Reads JSON text. */
enum status json_parse(const char *text, size_t n, struct json **out, struct error *err)
{
    struct str fixed = STR_INIT;
    size_t where = 0;
    cJSON *c = NULL;
    *out = NULL;
    if (n > SIZE_MAX_BYTES)
        return error_set(err, STATUS_CORRUPT, _("The JSON text is larger than %u bytes"),
                         SIZE_MAX_BYTES);
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    if (look_over(text, n, &fixed, &where)) {
        const char *s = fixed.len ? fixed.data : text, *end = NULL;
        size_t len = fixed.len ? fixed.len : n;
        c = cJSON_ParseWithLengthOpts(s, len, &end, false);
        if (c)
            while (end < s + len && (*end == ' ' || (*end >= '\t' && *end <= '\r')))
                end++;
        where = end ? (size_t)(end - s) : 0;
        if (c && end != s + len) {
            cJSON_Delete(c);
            c = NULL;
        }
    }
    str_fini(&fixed);
    if (!c)
        return error_set(err, STATUS_CORRUPT, _("Not JSON at byte %zu"), where);
    *out = ours(c);
    return STATUS_OK;
}

/* Takes over a text that cJSON allocated. */
static char *printed(char *text)
{
    if (!text)
        mem_exhausted();
    return text;
}

/* One line of JSON. */
char *json_print(const struct json *j)
{
    return printed(cJSON_PrintUnformatted(theirs(j)));
}

/* Indented JSON. */
char *json_print_pretty(const struct json *j)
{
    return printed(cJSON_Print(theirs(j)));
}
