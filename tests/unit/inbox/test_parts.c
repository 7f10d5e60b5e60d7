/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_parts - what attachments are called, which program opens them, what programs in the box of
 * tools can and cannot do. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/path.h"
#include "inbox/history.h"
#include "inbox/mailcap.h"
#include "inbox/part.h"
#include "inbox/tool.h"
#include "io/loop.h"
#include "tap.h"

/* ---- words ---- */

/* The words for a file. */
static void words_are(const char *claimed, const char *real, const char *name, const char *want, bool runs)
{
    struct mail_part p = {.content_type = (char *)(uintptr_t)claimed, .real_type = (char *)(uintptr_t)real,
                          .name = (char *)(uintptr_t)name};
    struct str out = STR_INIT;
    part_type(&p, &out);
    if (!ok(str_eq(str_text(&out), want) && part_runs(&p) == runs, "%s %s %s", claimed, real, name))
        printf("# %s %d\n", str_text(&out), part_runs(&p));
    str_fini(&out);
}

static void test_words(void)
{
    words_are("application/pdf", "application/pdf", "a.pdf", "PDF", false);
    words_are("application/octet-stream", "application/pdf", "a", "PDF", false);
    words_are("image/png", "text/x-script", "a.png", "script, but says PNG picture", true);
    words_are("application/json", "text/plain", "a.json", "application/json", false);
    words_are("application/pdf", "application/vnd.microsoft.portable-executable", "a.pdf",
              "program for Windows, but says PDF", true);
    words_are("text/plain", "text/plain", "run.sh", "text", true);
    words_are("application/vnd.openxmlformats-officedocument.wordprocessingml.document",
              "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a.docx",
              "Word document", false);
    words_are("application/x-foo", NULL, NULL, "application/x-foo", false);
    words_are("text/plain", "text/plain", "a\xe2\x80\xae" "txt.exe", "text", true);
}

/* ---- appointments ---- */

/* An appointment in words. */
static void test_event(void)
{
    struct mail_event e = {.kind = (char *)"VEVENT", .method = (char *)"CANCEL", .summary = (char *)"Review",
                           .rule = (char *)"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20270131T000000Z",
                           .zone = (char *)"Nowhere", .floating = true, .start = 1795759200,
                           .end = 1795759200 + 3600};
    struct str out = STR_INIT;
    vec_init(&e.organizer, sizeof(struct mail_guest), NULL);
    vec_init(&e.guests, sizeof(struct mail_guest), NULL);
    vec_init(&e.instances, sizeof(int64_t), NULL);
    for (int i = 0; i < 3; i++)
        *(int64_t *)vec_push(&e.instances) = e.start + i * 7 * 86400;
    part_event(&e, e.start + 86400, &out);
    ok(strstr(str_text(&out), "[cancelled] Review\n") != NULL, "what");
    ok(strstr(out.data, "2026-11-27 07:00-08:00 in Nowhere, a zone that is not known here") != NULL, "when");
    ok(strstr(out.data, "every 2 weeks on Mon, Wed until 2027-01-31; next Fri 2026-12-04 07:00") != NULL, "how often");
    str_clear(&out);
    e.rule = (char *)"FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR";
    e.all_day = true;
    e.floating = false;
    e.end = e.start + 86400;
    part_event(&e, e.start + 90 * 86400, &out);
    ok(strstr(out.data, "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=FR; it is over") != NULL, "a rule with more to it is shown as it is");
    ok(strstr(out.data, "when: Fri 2026-11-27\n") != NULL, "one whole day");
    str_fini(&out);
    vec_fini(&e.instances);
    vec_fini(&e.organizer);
    vec_fini(&e.guests);
}

/* ---- mailcap ---- */

/* What is run for a type; "-" nothing. */
static void opens(const char *text, const char *type, const char *want, const char *name)
{
    struct mailcap m;
    struct vec argv;
    struct str got = STR_INIT;
    if (mailcap_find(text, type, &m)) {
        mailcap_argv(&m, "/p/a b;c.x", type, &argv);
        for (size_t i = 0; i < argv.len; i++)
            str_addf(&got, "%s[%s]", i ? " " : "", strv_at(&argv, i));
        if (m.needs_terminal)
            str_puts(&got, " terminal");
        if (m.copious)
            str_puts(&got, " copious");
        vec_fini(&argv);
        mailcap_fini(&m);
    } else {
        str_puts(&got, "-");
    }
    if (!ok(str_eq(str_text(&got), want), "%s", name))
        printf("# %s\n", str_text(&got));
    str_fini(&got);
}

static void test_mailcap(void)
{
    opens("text/html; cat %s; copiousoutput", "text/html", "[cat] [/p/a b;c.x] copious", "a file stays one word");
    opens("image/*; cat '%s'", "image/png", "[cat] [/p/a b;c.x]", "a star, quotes");
    opens("image; cat %s", "image/png", "[cat] [/p/a b;c.x]", "no slash is a star");
    opens("image/*; cat %s", "imagex/png", "-", "but not of another type");
    opens("# c\n\nTEXT/plain; \\\n cat -n %s; needsterminal", "text/plain", "[cat] [-n] [/p/a b;c.x] terminal", "comments, continued lines, case");
    opens("a/b; cat %s | less\na/b; cat $HOME/x\na/b; cat `id`\na/b; cat %s > out\na/b; true %s", "a/b", "[true] [/p/a b;c.x]", "what needs a shell is passed over");
    opens("a/b; sh -c 'rm -rf %s'\na/b; /bin/bash %s", "a/b", "-", "so are shells");
    opens("a/b; no-such-program-here %s\na/b; true %s", "a/b", "[true] [/p/a b;c.x]", "what is not installed is passed over");
    setenv("BUREAU_TEST_SET", "1", 1);
    unsetenv("BUREAU_TEST_UNSET");
    opens("a/b; cat %s; test=test -n \"$BUREAU_TEST_UNSET\"\na/b; true %s; test=test -n \"$BUREAU_TEST_SET\"", "a/b", "[true] [/p/a b;c.x]", "tests of the environment");
    opens("a/b; cat %s; test=rm -rf /", "a/b", "-", "other tests are not run");
    opens("a/b; cat --type=%t 100%% %{charset} %s", "a/b", "[cat] [--type=a/b] [100%] [] [/p/a b;c.x]", "places");
    opens("a/b; %s", "a/b", "-", "the file is no program");
    opens("a/b", "a/b", "-", "no command");
    opens("a/b; cat \\; x %s", "a/b", "-", "a quoted semicolon");
}

/* ---- the box of tools ---- */

static struct loop *loop;
static bool done_flag, was_cut;
static char *said, *failed;
static enum status status;

/* The end of a tool. */
static void on_done(void *user, const struct str *out, bool cut, const struct error *err)
{
    (void)user;
    free(said);
    free(failed);
    said = out ? mem_strndup(str_text(out), out->len) : NULL;
    failed = error_is(err) ? mem_strdup(err->text) : NULL;
    status = err->status;
    was_cut = cut;
    done_flag = true;
}

/* Runs a tool to its end. */
static void run(const char *const argv[], const char *input)
{
    done_flag = false;
    tool_start(loop, argv, input, strlen(input), on_done, NULL);
    for (int i = 0; i < 20000 && !done_flag; i++)
        loop_turn(loop, 5);
}

static void test_tool(void)
{
    char secret[] = P_tmpdir "/bureau-secret-XXXXXX", made[64];
    int fd = mkstemp(secret);
    ok(fd >= 0 && write(fd, "secret", 6) == 6, "a file of mine");
    close(fd);
    snprintf(made, sizeof made, "%s.made", secret);
    loop = loop_new();
    run((const char *[]){"cat", NULL}, "in and out");
    ok(str_eq(said, "in and out"), "stdin to stdout");
    run((const char *[]){"cat", secret, NULL}, "");
    ok(!said || !strstr(said, "secret"), "my files cannot be read");
    run((const char *[]){"touch", made, NULL}, "");
    ok(access(made, F_OK) != 0, "nothing can be written");
    run((const char *[]){"rm", "-f", secret, NULL}, "");
    ok(access(secret, F_OK) == 0, "nothing can be removed");
    run((const char *[]){"no-such-program-here", NULL}, "");
    ok(status == STATUS_NO_SUCH && failed && strstr(failed, "not installed"), "what is not installed: said so");
    run((const char *[]){"yes", NULL}, "");
    ok(said && was_cut && strlen(said) == TOOL_OUTPUT_MAX, "a flood is cut");
    tool_set_limit(600);
    int64_t from = clock_mono_ms();
    run((const char *[]){"sleep", "100", NULL}, "");
    ok(status == STATUS_LIMIT && clock_mono_ms() - from < 10000, "one that hangs is stopped: %s", failed ? failed : "");
    tool_set_limit(TOOL_MS);
    struct tool *t = tool_start(loop, (const char *[]){"sleep", "100", NULL}, "", 0, on_done, NULL);
    done_flag = false;
    tool_stop(t);
    for (int i = 0; i < 100; i++)
        loop_turn(loop, 5);
    ok(!done_flag, "one that nobody waits for says nothing");
    run((const char *[]){"awk", "BEGIN { s = \"x\"; while (1) s = s s }", NULL}, "");
    ok(!said || !*said, "one that wants all memory gets none: %s", failed ? failed : "");
    loop_free(loop);
    unlink(secret);
}

/* Where the older mail below an answer begins. */
static void begins(const char *text, const char *want, const char *name)
{
    size_t at = history_begins(text, strlen(text));
    const char *got = text + at;
    if (!ok(strncmp(got, want, strlen(want)) == 0 && (*want || !*got), "%s", name))
        printf("# %s\n", got);
}

static void test_history(void)
{
    begins("Yes.\n\n-----Original Message-----\nFrom: Anna\n\nold\n", "-----Original", "Outlook's divider");
    begins("好的\n\n------------------ 原始邮件 ------------------\n发件人: 李娜\n", "------------------ 原", "QQ's");
    begins("Yes.\n\n________________________________\nFrom: Anna <a@x>\nSent: Monday\nTo: Tom\nSubject: x\n\nold", "________", "a rule and headers");
    begins("Ja.\n\nVon: Anna\nGesendet: Montag\nAn: Tom\nBetreff: x\n\nalt", "Von: Anna", "headers alone");
    begins("收到\n\n发件人： 李娜\n发送时间： 2026年11月23日\n收件人： 安娜\n", "发件人： 李娜", "in Chinese");
    begins("From: Anna\nSent: Monday\nTo: Tom\n\nforwarded, nothing above\n", "", "nothing stands above it");
    begins("The list:\nFrom: Munich\nvia Vienna\nTo: Rome\n", "", "no headers of a mail");
    begins("One.\n________________________________\nTwo.\n", "", "a rule alone");
    begins("> From: a\n> Sent: b\n> To: c\n", "", "marked history");
    begins("", "", "nothing");
}

int main(void)
{
    const char *build = getenv("BUILDDIR");
    char *reader = str_format("%s/bureau-reader", build ? build : "."), *full = realpath(reader, NULL);
    if (full)
        setenv("BUREAU_READER", full, 1);
    free(reader);
    free(full);
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    test_words();
    test_event();
    test_mailcap();
    test_history();
    test_tool();
    free(said);
    free(failed);
    return tap_end();
}
