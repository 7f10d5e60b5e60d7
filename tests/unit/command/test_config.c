/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_config.c - bureaurc: what is read, and what a wrong line says. */
#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "command/config.h"
#include "command/keymap.h"
#include "command/option.h"

static const struct option options[] = {
    {"send.hold", OPTION_DURATION, "20s", 0, 3600000, NULL, NULL, "Hold."},
    {"inbox.headings", OPTION_BOOL, "off", 0, 0, NULL, NULL, "Headings."},
    {"tui.symbols", OPTION_CHOICE, "unicode", 0, 0, "unicode ascii", NULL, "Symbols."},
    {"cache.size", OPTION_SIZE, "2MB", 1024, 1 << 30, NULL, NULL, "Size."},
    {"list.rows", OPTION_INT, "50", 1, 1000, NULL, NULL, "Rows."},
    {NULL, OPTION_BOOL, NULL, 0, 0, NULL, NULL, NULL},
};

static char dir[] = P_tmpdir "/bureau-config-XXXXXX";

/* Writes a file in the test's directory and reads it as bureaurc. */
static void load(const char *text)
{
    struct error err = ERROR_INIT;
    char *path = path_join(dir, "bureaurc");
    ok(path_write(path, text, strlen(text), &err) == STATUS_OK &&
           config_load(path, &err) == STATUS_OK,
       "loads");
    free(path);
}

/* Checks one fault. */
static void fault_is(size_t i, int line, int column, const char *text)
{
    if (!ok(config_faults()->len > i, "there is a fault %zu", i))
        return;
    const struct config_fault *f = vec_at(config_faults(), i);
    is_int(f->line, line, "its line");
    is_int(f->column, column, "its column");
    is_str(f->error.text, text, "its text");
    ok(*f->error.hint, "it says what would be right");
}

/* An account made by the program is read back as it was, whatever its texts hold. */
static void test_print(void)
{
    static const char *const texts[] = {"plain", "two words", "say \"so\"", "back\\slash", "a;b", ";", "# no comment",
                                        "it's", "李娜", "$HOME `x`", "end\\", "line\nbreak\r\x01"};
    enum { N = sizeof texts / sizeof *texts };
    for (size_t i = 0; i < N; i++) {
        struct config_account a, copy;
        struct str line = STR_INIT, again = STR_INIT;
        config_account_init(&a, "work");
        a.from = str_format("%s <anna@example.com>", texts[i]);
        a.user = str_format("%s", texts[(i + 1) % N]);
        a.imap = str_format("imaps://mail.example.com");
        a.plaintext = i % 2;
        a.keep_days = (int64_t)i;
        strv_push(&a.password_command, "pass");
        strv_push(&a.password_command, texts[i]);
        strv_push(&a.aliases, "x@example.com");
        strv_push(&a.aliases, "y@example.com");
        config_account_copy(&copy, &a);
        config_account_print(&copy, &line);
        load(str_text(&line));
        is_int((long long)config_faults()->len, 0, "no fault");
        const struct config_account *read = config_account("work");
        if (ok(read != NULL, "the account is there")) {
            config_account_print(read, &again);
            is_str(str_text(&again), str_text(&line), "and says the same");
            bool control = strchr(texts[i], '\n') != NULL;
            ok(control || str_eq(strv_at(&read->password_command, 1), texts[i]), "a word is whole: %s", texts[i]);
        }
        ok(strchr(str_text(&line), '\n') == line.data + line.len - 1, "on one line");
        config_account_fini(&a);
        config_account_fini(&copy);
        str_fini(&line);
        str_fini(&again);
    }
}

/* Values and their limits. */
static void test_options(void)
{
    struct error err = ERROR_INIT;
    is_int(option_int("send.hold"), 20000, "default");
    ok(option_set("send.hold", "2min", &err) == STATUS_OK, "set");
    is_int(option_int("send.hold"), 120000, "minutes");
    ok(option_is_set("send.hold"), "is set");
    ok(option_set("send.hold", "2h", &err) == STATUS_USAGE, "over its limit");
    is_str(err.hint, "it takes a time such as 25ms, 20s, 5min, 30d, 0d to 1h", "hint");
    ok(option_set("send.hold", "20", &err) == STATUS_USAGE, "a number without unit is no time");
    ok(option_set("tui.symbols", "uni", &err) == STATUS_USAGE, "part of a choice is none");
    ok(option_set("tui.symbols", "ascii", &err) == STATUS_OK, "a choice");
    ok(option_set("inbox.headings", "yes", &err) == STATUS_USAGE, "yes is not on");
    ok(option_set("cache.size", "64kb", &err) == STATUS_OK && option_int("cache.size") == 65536, "KB");
    ok(option_set("sent.hold", "1s", &err) == STATUS_USAGE, "unknown");
    is_str(err.hint, "did you mean send.hold?", "near");
    option_reset();
    is_int(option_int("send.hold"), 20000, "reset");
    ok(!option_is_set("send.hold"), "not set any more");
}

int main(void)
{
    if (!mkdtemp(dir))
        return 1;
    option_register(options);
    test_options();
    test_print();

    load("# a comment\n"
         "set send.hold 5s # why\n"
         "set me Anna@Example.com\n"
         "account work from \"Anna Li <anna@example.com>\" alias anna.li@example.com\n"
         "account work maildir ~/Mail keep-days 90 plaintext\n"
         "account work password-command pass show 'my mail'; smtp smtps://mail.example.com\r\n"
         "model qwen url https://q.example/v1 name qwen-plus key-env KEY price 0.8 2 CNY for draft ask; context 1000\n");
    is_int((int64_t)config_faults()->len, 0, "no faults");
    is_int(option_int("send.hold"), 5000, "set");
    const struct config_account *a = config_account("work");
    ok(a != NULL, "account");
    is_str(a->from, "Anna Li <anna@example.com>", "from");
    is_int(a->keep_days, 90, "keep-days");
    ok(a->plaintext, "plaintext");
    is_int((int64_t)a->password_command.len, 3, "argv");
    is_str(strv_at(&a->password_command, 2), "my mail", "quoted word");
    is_str(a->smtp, "smtps://mail.example.com", "the words behind the list");
    ok(a->maildir[0] == '/', "~ is expanded");
    ok(config_is_me("ANNA@example.com") && config_is_me("X <anna.li@example.com>") &&
           !config_is_me("bob@example.com"),
       "own addresses");
    is_int((int64_t)config_me()->len, 2, "each once");
    const struct config_model *m = config_model("qwen");
    ok(m && str_eq(m->model_name, "qwen-plus") && str_eq(m->price_out, "2") && m->context == 1000, "model");
    is_int((int64_t)m->purposes.len, 2, "purposes");
    is_int((int64_t)config_models()->len, 1, "one model");

    load("sett send.hold 5s\n"
         "set send.hold soon\n"
         "\n"
         "account work imap http://x\n"
         "account work colour red\n"
         "bind list C-q-q archive\n"
         "set send.hold \"5s\n"
         "model qwen price 1 2\n"
         "source nowhere.rc\n"
         "set send.hold 7s\n");
    fault_is(0, 1, 1, "“sett” is unknown here");
    fault_is(1, 2, 15, "send.hold: “soon” is no value of it");
    fault_is(2, 4, 19, "imap: “http://x” is no address of this kind");
    fault_is(3, 5, 14, "account has no “colour”");
    is_int(((struct config_fault *)vec_at(config_faults(), 4))->line, 6, "a key that is none");
    fault_is(5, 7, 15, "column 15: the quote is never closed");
    fault_is(6, 8, 18, "price takes two amounts and a currency");
    is_int((int64_t)config_faults()->len, 8, "every fault once");
    is_int(option_int("send.hold"), 7000, "the rest still loads");

    char *path = path_join(dir, "bureaurc");
    struct error err = ERROR_INIT;
    chmod(path, 0644);
    ok(config_load(path, &err) == STATUS_FAILED, "a file open to others is refused");
    ok(strstr(err.hint, "chmod 600") != NULL, "with a hint");
    unlink(path);
    ok(config_load(path, &err) == STATUS_OK && config_faults()->len == 0, "no file is an empty one");
    free(path);
    rmdir(dir);
    return tap_end();
}
