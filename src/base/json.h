/* json.h - JSON (RFC 8259) behind one face; the library is cJSON and stays in json.c.
 * A struct json is one value; a tree is owned by its root. Reading takes NULL anywhere: an absent
 * member of an absent object is absent. Depth is capped at 64, size at 64 MiB. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct json;

struct json *json_object(void);
struct json *json_array(void);
struct json *json_string(const char *s);
struct json *json_int(int64_t n);
struct json *json_real(double n);
struct json *json_bool(bool b);
struct json *json_null(void);
struct json *json_copy(const struct json *j);
void json_free(struct json *j);

/* Members; value NULL adds nothing ("unknown values are absent"). Malformed UTF-8 is repaired. */
void json_set(struct json *object, const char *name, struct json *value /* taken */);
void json_set_str(struct json *object, const char *name, const char *value);
void json_set_int(struct json *object, const char *name, int64_t value);
void json_set_real(struct json *object, const char *name, double value);
void json_set_bool(struct json *object, const char *name, bool value);
/* RFC 3339 with offset; CLOCK_NONE adds nothing. */
void json_set_time(struct json *object, const char *name, int64_t when);
void json_push(struct json *array, struct json *value /* taken */);
void json_push_str(struct json *array, const char *value);

const struct json *json_get(const struct json *object, const char *name);
const struct json *json_at(const struct json *array, size_t i);
size_t json_len(const struct json *array_or_object);
const char *json_text(const struct json *j);                   /* NULL unless a string */
const char *json_get_text(const struct json *object, const char *name);
int64_t json_get_int(const struct json *object, const char *name, int64_t fallback);
double json_get_real(const struct json *object, const char *name, double fallback);
bool json_get_bool(const struct json *object, const char *name, bool fallback);
int64_t json_to_int(const struct json *j, int64_t fallback);
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
bool json_is_string(const struct json *j);
bool json_is_number(const struct json *j);
bool json_is_null(const struct json *j);
/* Walks members: *i starts at 0; false at the end. */
bool json_member(const struct json *object, size_t *i, const char **name,
                 const struct json **value);

/* CORRUPT with the byte offset in the text. */
enum status json_parse(const char *text, size_t n, struct json **out, struct error *err) MUST_CHECK;
char *json_print(const struct json *j);        /* one line; yours */
char *json_print_pretty(const struct json *j); /* indented; yours */

#endif
