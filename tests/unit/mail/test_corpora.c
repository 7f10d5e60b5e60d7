/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_corpora - every file of the public mail collections through the reader: none may cost the
 * process its life. Skipped where they are not installed (BUREAU_CORPORA, ../shared/corpora). */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "io/loop.h"
#include "mail/reader.h"
#include "tap.h"

static struct mail_reader *reader;
static struct loop *loop;
static size_t asked, answered, failed;

/* One answer. */
static void on_message(void *user, struct mail_message *m, const struct error *err)
{
    answered++;
    if (!m) {
        failed++;
        printf("# %s: %s\n", (char *)user, err->text);
    }
    mail_message_free(m);
    free(user);
}

/* The same for a transcript. */
static void on_cues(void *user, struct vec *cues, const struct error *err)
{
    answered++;
    if (!cues) {
        failed++;
        printf("# %s: %s\n", (char *)user, err->text);
    }
    free(user);
}

/* The same for appointments. */
static void on_events(void *user, struct vec *events, bool cut, const struct error *err)
{
    (void)cut;
    answered++;
    if (!events) {
        failed++;
        printf("# %s: %s\n", (char *)user, err->text);
    }
    free(user);
}

/* One file. */
static int on_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    struct error err = ERROR_INIT;
    struct str bytes = STR_INIT;
    (void)ftw;
    if (kind != FTW_F || st->st_size > 8 << 20)
        return 0;
    if (path_read(path, 8 << 20, &bytes, &err) == STATUS_OK) {
        mail_reader_parse(reader, str_text(&bytes), bytes.len, on_message, str_format("%s", path));
        asked++;
        if (strstr(path, "/ical-")) {
            mail_reader_calendar(reader, str_text(&bytes), on_events, str_format("%s", path));
            asked++;
        }
        if (asked % 10 == 0) {
            mail_reader_transcript(reader, str_text(&bytes), bytes.len, on_cues,
                                   str_format("%s", path));
            asked++;
        }
    }
    str_fini(&bytes);
    while (mail_reader_pending(reader) > 64)
        loop_turn(loop, 1000);
    return 0;
}

/* Runs all. */
int main(void)
{
    static const char *const folders[] = {"mime-alot", "mime-cpython", "mime-mikel", "mime-mu",
                                          "mime-notmuch", "mime-stalwart", "spam-spamassassin",
                                          "quote-talon", "bounces-sisimai", "render-aerc", "ical-calcurse",
                                          "ical-icaljs", "ical-khal"};
    const char *named = getenv("BUREAU_CORPORA"), *src = getenv("SRCDIR");
    char *root = named ? str_format("%s", named)
                       : str_format("%s/../shared/corpora", src ? src : ".");
    const char *dir = getenv("BUILDDIR");
    char *program = str_format("%s/bureau-reader", dir ? dir : ".");
    if (access(root, R_OK) != 0) {
        printf("1..0 # skipped: no corpora at %s\n", root);
        free(program);
        free(root);
        return 0;
    }
    loop = loop_new();
    reader = mail_reader_new(loop, program);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char *path = path_join(root, folders[i]);
        size_t before = asked, bad = failed;
        nftw(path, on_file, 16, FTW_PHYS);
        while (mail_reader_pending(reader))
            loop_turn(loop, 1000);
        ok(failed == bad && answered == asked, "%s: %zu items", folders[i], asked - before);
        free(path);
    }
    mail_reader_free(reader);
    loop_free(loop);
    free(program);
    free(root);
    return tap_end();
}
