/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_base.c - alloc, str, vec, error, path, log. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "tap.h"

/* Strings grow, are cut and spliced. */
static void test_str(void)
{
    struct str s = STR_INIT;
    is_str(str_text(&s), "", "an empty string has a text");
    for (int i = 0; i < 1000; i++)
        str_addf(&s, "%d,", i);
    ok(s.len == 3890 && str_ends(str_text(&s), "999,"), "a thousand numbers");
    str_truncate(&s, 5);
    is_str(s.data, "0,1,2", "truncated");
    str_splice(&s, 2, 1, "one", 3);
    is_str(s.data, "0,one,2", "spliced");
    char *taken = str_take(&s);
    is_str(taken, "0,one,2", "taken");
    ok(s.len == 0 && s.data == NULL, "and gone");
    free(taken);
    long long n;
    ok(str_to_int64("-12", &n) && n == -12, "a number");
    ok(!str_to_int64("12x", &n) && !str_to_int64("", &n) && !str_to_int64(" 1", &n) &&
           !str_to_int64("99999999999999999999", &n),
       "no numbers");
    char blanks[] = " \t a b \n";
    is_str(str_trim(blanks), "a b", "trimmed");
    ok(str_starts_nocase("Re: x", "re:") && !str_starts_nocase("R", "re:"), "prefix, case aside");
    ok(str_eq(NULL, NULL) && !str_eq(NULL, ""), "NULL equals only NULL");
    str_fini(&s);
}

/* Compares two ints for sorting. */
static int compare_ints(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Arrays grow, shrink and sort. */
static void test_vec(void)
{
    struct vec v, texts;
    vec_init(&v, sizeof(int), NULL);
    for (int i = 0; i < 100; i++)
        *(int *)vec_push(&v) = 99 - i;
    vec_sort(&v, compare_ints);
    *(int *)vec_insert(&v, 0) = -1;
    vec_remove(&v, 1);
    ok(v.len == 100 && *(int *)vec_at(&v, 0) == -1 && *(int *)vec_at(&v, 99) == 99, "a vec of ints");
    vec_fini(&v);
    strv_init(&texts);
    strv_push(&texts, "a");
    strv_push_take(&texts, mem_strdup("b"));
    char *joined = strv_join(&texts, ", ");
    is_str(joined, "a, b", "joined");
    free(joined);
    vec_fini(&texts);
}

/* Errors carry words, hints, contexts. */
static void test_error(void)
{
    struct error e = ERROR_INIT;
    ok(!error_is(&e), "no error yet");
    ok(error_set(&e, STATUS_NO_SUCH, "no %s", "m1") == STATUS_NO_SUCH, "set gives the status");
    error_hint(&e, "try %s", "m2");
    error_prefix(&e, "show");
    is_str(e.text, "show: no m1", "prefixed");
    is_str(e.hint, "try m2", "hinted");
    error_set(&e, STATUS_FAILED, "again: %s", e.text);
    is_str(e.text, "again: show: no m1", "an argument may be the old text");
    is_str(e.hint, "", "a new error has no hint");
    is_int(error_set_errno(&e, ENOSPC, "x"), STATUS_FULL, "a full disk");
    is_str(status_word(STATUS_REFUSED), "refused", "word");
    is_int(status_exit(STATUS_LOCKED), 5, "exit");
    char wide[700];
    memset(wide, 'a', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    memcpy(wide + 250, "你", 3);
    memcpy(wide + 442, "你", 3);
    error_set(&e, STATUS_FAILED, "%s", wide);
    is_int((int64_t)strlen(e.text), 250 + 3 + 254, "of what is too long the middle goes, never half a character");
    error_set(&e, STATUS_FAILED, "%s: there is no such file", wide);
    ok(str_starts(e.text, "aaa") && strstr(e.text, "…") && str_ends(e.text, "a: there is no such file"),
       "what happened stands at its end");
}

/* Places and files. */
static void test_path(void)
{
    char dir[] = P_tmpdir "/bureau-test-XXXXXX";
    struct error e = ERROR_INIT;
    struct paths p;
    struct str got = STR_INIT;
    struct stat sb;
    ok(mkdtemp(dir) != NULL, "a temporary directory");
    char *home = path_join(dir, "office");
    ok(paths_init(&p, home, &e) == STATUS_OK, "an office: %s", e.text);
    ok(stat(p.state, &sb) == 0 && (sb.st_mode & 0777) == 0700, "state is private");
    char *file = path_join(home, "f");
    ok(path_write(file, "one", 3, &e) == STATUS_OK, "written");
    ok(path_write(file, "two", 3, &e) == STATUS_OK, "replaced");
    ok(path_read(file, 10, &got, &e) == STATUS_OK, "read");
    is_str(str_text(&got), "two", "what was written");
    ok(stat(file, &sb) == 0 && (sb.st_mode & 0777) == 0600, "private too");
    is_int(path_write_new(file, "x", 1, &e), STATUS_FAILED, "never overwritten");
    str_clear(&got);
    is_int(path_read(file, 2, &got, &e), STATUS_LIMIT, "a ceiling");
    unlink(file);
    is_int(path_read(file, 2, &got, &e), STATUS_NO_SUCH, "absent");
    paths_fini(&p);
    chmod(home, 0750);
    is_int(paths_init(&p, home, &e), STATUS_FAILED, "loose modes are refused");
    ok(strstr(e.hint, "chmod 700 ") == e.hint, "with a hint");
    chmod(home, 0700);
    char *log = path_join(home, "log");
    log_info("dropped");
    log_open(log);
    log_info("kept %d\nin one line", 7);
    log_debug("not shown");
    log_close();
    str_clear(&got);
    ok(path_read(log, 1000, &got, &e) == STATUS_OK && strstr(got.data, " info kept 7 in one line\n"),
       "one line");
    ok(!strstr(got.data, "dropped") && !strstr(got.data, "not shown"), "nothing else");
    unlink(log);
    char *state = path_join(home, "state");
    rmdir(state);
    rmdir(home);
    ok(rmdir(dir) == 0, "nothing left behind");
    free(state);
    free(log);
    free(file);
    free(home);
    str_fini(&got);
}

/* File names from foreign text. */
static void test_safe_name(void)
{
    static const char *const pairs[][2] = {
        {"a.pdf", "a.pdf"},         {"../../etc/passwd", "passwd"}, {".bashrc", "_bashrc"},
        {"C:\\x\\y.doc", "y.doc"},  {"", "unnamed"},                {"..", "_."},
        {"a\nb\x1b.txt", "a␊b␛.txt"}, {"x/", "x_"},                 {"\xe2\x80\xae" "fdp.exe", "⟦U+202E⟧fdp.exe"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *name = path_safe_name(pairs[i][0]);
        is_str(name, pairs[i][1], "safe name");
        free(name);
    }
    char longest[600];
    memset(longest, 'x', sizeof longest);
    memcpy(longest + 590, ".tar.gz", 8);
    char *name = path_safe_name(longest);
    ok(strlen(name) == 200 && str_ends(name, ".gz"), "a long name keeps its ending");
    free(name);
}

int main(void)
{
    test_str();
    test_vec();
    test_error();
    test_path();
    test_safe_name();
    return tap_end();
}
