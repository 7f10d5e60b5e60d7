/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo_copy.c - copies the sample office and moves its days to today. */
#include "app/demo_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"

enum { FILE_MAX = 4 << 20 };

static const char *const days[][2] = {{"Sunday", "周日"},   {"Monday", "周一"}, {"Tuesday", "周二"}, {"Wednesday", "周三"},
                                      {"Thursday", "周四"}, {"Friday", "周五"}, {"Saturday", "周六"}};
static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

/* The time of a mail: a moment of today that is still to come moves before now, order kept. */
static int64_t mail_time(int64_t now, int day, int hour, int minute)
{
    int64_t t = clock_day_start(now, day) + hour * 3600 + minute * 60;
    if (t > now)
        t = now - 60 - (24 * 60 - (hour * 60 + minute)) * 6;
    return t;
}

/* Writes what one mark stands for; false when it is none of ours. */
static bool fill_mark(const char *mark, int64_t now, struct str *out, int64_t *date)
{
    char word[16], buf[CLOCK_TEXT];
    int day = 0, a = 0, b = 0;
    /* The word is bounded by its field width, and the three numbers are ours. */
    int got = sscanf(mark, "%15s %d %d:%d", word, &day, &a, &b); // NOLINT(cert-err34-c)
    if (got < 2)
        return false;
    int64_t t = clock_day_start(now, day) + 12 * 3600;
    struct tm tm;
    clock_local(t, &tm);
    if (str_eq(word, "date") && got == 4) {
        t = mail_time(now, day, a, b);
        if (date && *date == CLOCK_NONE)
            *date = t;
        str_puts(out, clock_rfc5322(t, buf));
    } else if (str_eq(word, "iso"))
        str_puts(out, clock_day(t, buf));
    else if (str_eq(word, "long"))
        str_addf(out, "%d %s", tm.tm_mday, months[tm.tm_mon]);
    else if (str_eq(word, "zh"))
        str_addf(out, "%d 月 %d 日", tm.tm_mon + 1, tm.tm_mday);
    else if (str_eq(word, "weekday"))
        str_puts(out, days[tm.tm_wday][0]);
    else if (str_eq(word, "zhweekday"))
        str_puts(out, days[tm.tm_wday][1]);
    else if (str_eq(word, "year"))
        str_addf(out, "%d", tm.tm_year + 1900);
    else if (str_eq(word, "ics") && got >= 3)
        str_addf(out, "%04d%02d%02dT%04d00", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, a);
    else
        return false;
    return true;
}

void demo_fill(const char *text, size_t n, int64_t now, struct str *out, int64_t *date)
{
    const char *at = text, *end = text + n;
    while (at < end) {
        const char *open = memmem(at, (size_t)(end - at), "{{", 2);
        const char *close = open ? memmem(open, (size_t)(end - open), "}}", 2) : NULL;
        char mark[40];
        if (!close) {
            str_add(out, at, (size_t)(end - at));
            return;
        }
        str_add(out, at, (size_t)(open - at));
        size_t len = (size_t)(close - open - 2);
        snprintf(mark, sizeof mark, "%.*s", (int)(len < sizeof mark ? len : sizeof mark - 1), open + 2);
        if (!fill_mark(mark, now, out, date))
            str_add(out, open, len + 4);
        at = close + 2;
    }
}

/* Where a mail goes: new/ without flags, else cur/ with them. */
static char *mail_target(const char *maildir, const char *name, int number, int64_t date)
{
    const char *dot = strchr(name, '.'), *end = strrchr(name, '.');
    char *flags = dot && end > dot ? mem_strndup(dot + 1, (size_t)(end - dot - 1)) : NULL;
    char *path = flags ? str_format("%s/cur/%lld.%d.demo:2,%s", maildir, (long long)date, number, flags)
                       : str_format("%s/new/%lld.%d.demo", maildir, (long long)date, number);
    free(flags);
    return path;
}

/* The time of a meeting from its file's name: DAYS before today, two in the afternoon. */
static int64_t meeting_time(const char *name, int64_t now)
{
    long days_ago = strtol(name, NULL, 10);
    return clock_day_start(now, -(int)days_ago) + 14 * 3600;
}

enum what { MAILS, MEETINGS, FILES };

/* Copies one file, its marks filled. */
static enum status copy_file(const char *from, const char *name, const char *to, enum what what, int number, int64_t now,
                             struct error *err)
{
    struct str raw = STR_INIT, text = STR_INIT;
    char *path = path_join(from, name), *target = NULL;
    int64_t date = CLOCK_NONE;
    enum status st = path_read(path, FILE_MAX, &raw, err);
    if (st != STATUS_OK)
        goto out;
    demo_fill(str_text(&raw), raw.len, now, &text, &date);
    target = what == MAILS ? mail_target(to, name, number, date == CLOCK_NONE ? now : date) : path_join(to, name);
    st = path_write_new(target, str_text(&text), text.len, err);
    if (st == STATUS_OK && what == MEETINGS) {
        struct timespec times[2] = {{.tv_sec = meeting_time(name, now)}, {.tv_sec = meeting_time(name, now)}};
        if (utimensat(AT_FDCWD, target, times, AT_SYMLINK_NOFOLLOW) != 0)
            st = error_set_errno(err, errno, _("Cannot set the time of %s"), target);
    }
out:
    str_fini(&raw);
    str_fini(&text);
    free(path);
    free(target);
    return st;
}

static int keep_visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

/* Copies the files of one folder in the order of their names. */
static enum status copy_dir(const char *from, const char *to, enum what what, int64_t now, struct error *err)
{
    struct dirent **list = NULL;
    int n = scandir(from, &list, keep_visible, alphasort);
    if (n < 0)
        return error_set_errno(err, errno, _("Cannot read the sample office at %s"), from);
    enum status st = path_make_dir(to, err);
    static const char *const maildir[] = {"cur", "new", "tmp"};
    for (size_t i = 0; st == STATUS_OK && what == MAILS && i < 3; i++) {
        char *sub = path_join(to, maildir[i]);
        st = path_make_dir(sub, err);
        free(sub);
    }
    for (int i = 0; i < n; i++) {
        if (st == STATUS_OK)
            st = copy_file(from, list[i]->d_name, to, what, i + 1, now, err);
        free(list[i]);
    }
    free(list);
    return st;
}

enum status demo_copy(const char *from, const char *to, int64_t now, struct error *err)
{
    static const struct {
        const char *from, *to;
        enum what what;
    } parts[] = {{"mail/INBOX", "mail", MAILS},
                 {"mail/Sent", "mail/.Sent", MAILS},
                 {"meetings", "meetings", MEETINGS},
                 {"notes", "notes", FILES},
                 {"templates", "home/templates", FILES}};
    enum status st = STATUS_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && st == STATUS_OK; i++) {
        char *a = path_join(from, parts[i].from), *b = path_join(to, parts[i].to);
        st = copy_dir(a, b, parts[i].what, now, err);
        free(a);
        free(b);
    }
    return st;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    if (remove(path) != 0)
        return 0; /* the rest still goes */
    return 0;
}

void demo_remove(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

char *demo_find(void)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    const char *env = getenv("BUREAU_DATA");
    char *tries[] = {env ? path_join(env, "demo") : NULL, mem_strdup(DATADIR "/demo"), str_format("%s/data/demo", self),
                     str_format("%s/../data/demo", self)};
    char *found = NULL;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (tries[i] && !found && access(tries[i], R_OK) == 0)
            found = tries[i];
        else
            free(tries[i]);
    }
    return found;
}
