/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_maildir.c - names and files of Maildirs, messages of mbox files. */
#include "../store/help.h"

#include <fcntl.h>

#include "base/clock.h"
#include "mail/box.h"
#include "mail/maildir.h"
#include "store/doc.h"

/* Is the renamed name this? */
static void renamed(const char *name, unsigned flags, const char *want)
{
    char *got = mail_maildir_rename(name, flags);
    is_str(got, want, want);
    free(got);
}

/* Names. */
static void test_names(void)
{
    is_int(mail_maildir_flags("1.M2.h:2,FS", false), DOC_FLAGGED, "flagged and seen");
    is_int(mail_maildir_flags("1.M2.h:2,", false), DOC_UNREAD, "no letter is unread");
    is_int(mail_maildir_flags("1.M2.h:2,S", true), DOC_UNREAD, "in new/ everything is unread");
    is_int(mail_maildir_flags("1.M2.h", false), DOC_UNREAD, "no flags at all");
    is_int(mail_maildir_flags("1.M2.h!2,PRS", false), DOC_FORWARDED | DOC_REPLIED, "another separator");
    is_int((int64_t)mail_maildir_unique("1.M2.h:2,FS"), 6, "the unique part");
    renamed("1.M2.h:2,", 0, "1.M2.h:2,S");
    renamed("1.M2.h", DOC_UNREAD | DOC_FLAGGED, "1.M2.h:2,F");
    renamed("1.M2.h:2,DTab", DOC_REPLIED, "1.M2.h:2,DRSTab");
    renamed("1.M2.h;2,FS", DOC_UNREAD, "1.M2.h;2,");
    char *name = mail_maildir_folder_name(".Lists.house");
    is_str(name, "Lists/house", "a Maildir++ folder");
    free(name);
}

/* Delivering, listing, finding. */
static void test_files(void)
{
    struct error err = ERROR_INIT;
    struct vec names;
    struct str bytes = STR_INIT;
    char *dir = test_path("Mail"), *a = NULL, *b = NULL, *full, *found, *moved;
    ok(mail_maildir_deliver(dir, "one", 3, DOC_UNREAD, &a, &err) == STATUS_OK && str_starts(a, "new/"),
       "unread mail goes to new/");
    ok(mail_maildir_deliver(dir, "two", 3, DOC_FLAGGED, &b, &err) == STATUS_OK &&
           str_starts(b, "cur/") && str_ends(b, ":2,FS"), "read mail to cur/ with its flags");
    ok(mail_maildir_is(dir), "it is a Maildir");
    ok(mail_maildir_files(dir, &names, &err) == STATUS_OK && names.len == 2, "both are listed");
    full = path_join(dir, b);
    ok(path_read(full, 100, &bytes, &err) == STATUS_OK && str_eq(bytes.data, "two"), "bytes as given");
    moved = str_format("%.*sS", (int)strlen(full) - 2, full);
    rename(full, moved);
    found = mail_maildir_find(full);
    is_str(found, moved, "a renamed file is found");
    unlink(moved);
    free(found);
    found = mail_maildir_find(full);
    ok(!found, "one that is gone is not");
    free(found);
    free(full);
    free(moved);
    free(a);
    free(b);
    free(dir);
    vec_fini(&names);
    str_fini(&bytes);
}

/* Opens a text as a box. */
static struct mail_box *box_of(const char *text)
{
    struct error err = ERROR_INIT;
    struct mail_box *box = NULL;
    char *path = test_path("box");
    unlink(path);
    if (path_write_new(path, text, strlen(text), &err) != STATUS_OK ||
        mail_box_open(open(path, O_RDONLY), &box, &err) != STATUS_OK)
        printf("# %s\n", err.text);
    free(path);
    return box;
}

/* The next message is this text. */
static void message_is(struct mail_box *b, const char *want, const char *name)
{
    struct error err = ERROR_INIT;
    struct mail_box_item item;
    struct str out = STR_INIT;
    enum status st = mail_box_next(b, 1 << 20, &out, &item, &err);
    char *got = st == STATUS_OK ? str_format("%.*s", (int)item.len, out.data + item.start) : NULL;
    is_str(got, want, name);
    free(got);
    str_fini(&out);
}

/* mbox. */
static void test_boxes(void)
{
    int64_t when;
    struct mail_box_item item;
    struct str out = STR_INIT;
    struct error err = ERROR_INIT;
    struct mail_box *b = box_of("From a@b Mon Nov 23 08:00:00 2026\nA: 1\n\nFrom here on\n\nFrom you\n"
                                "\nFrom a@b Mon Nov 23 08:01:00 2026\nA: 2\n\nlast\n");
    message_is(b, "A: 1\n\nFrom here on\n\nFrom you\n", "lines that are no From line split nothing");
    message_is(b, "A: 2\n\nlast\n", "the last message ends with the file");
    message_is(b, NULL, "then nothing");
    mail_box_close(b);
    b = box_of("From a@b Mon Nov 23 08:00:00 2026\r\nA: 1\r\n\r\nx\r\n\r\n"
               "From a@b Mon Nov 23 08:01:00 2026\r\nA: 2\r\n\r\n");
    message_is(b, "A: 1\r\n\r\nx\r\n", "CRLF");
    mail_box_close(b);
    const char *one = "From a@b Mon Nov 23 08:00:00 2026\nStatus: RO\nX-Status: AF\n\nx\n\n";
    b = box_of(one);
    ok(mail_box_next(b, 1 << 20, &out, &item, &err) == STATUS_OK && item.alone &&
           str_eq(out.data, one), "one alone is kept whole");
    is_int(item.flags, DOC_REPLIED | DOC_FLAGGED, "Status and X-Status");
    is_int(item.received, 1795420800, "the time of the From line");
    mail_box_close(b);
    size_t start, len;
    mail_box_inner(one, strlen(one), &start, &len);
    ok(strncmp(one + start, "Status", 6) == 0 && start + len == strlen(one) - 1, "and the mail in it");
    b = box_of("From a@b Mon Nov 23 08:00:00 2026\nA: 1\n\n0123456789\n\n"
               "From a@b Mon Nov 23 08:01:00 2026\nA: 2\n\n");
    ok(mail_box_next(b, 10, &out, &item, &err) == STATUS_LIMIT, "one that is too large is refused");
    ok(mail_box_next(b, 10, &out, &item, &err) == STATUS_OK, "the next one is read");
    mail_box_close(b);
    ok(mail_box_is_from("From x Fri Jul  8 12:08:34 2011", 31, &when) && when == 1310126914, "asctime");
    ok(mail_box_is_from("From - Tue Oct 02 11:23:32 +0200 2012", 37, &when), "with a zone");
    ok(!mail_box_is_from("From here to there in 2011", 26, &when), "no time, no From line");
    ok(!mail_box_is_from("From: a@b 12:00 2011", 20, &when), "a header is none");
    str_fini(&out);
}

int main(void)
{
    test_start();
    test_names();
    test_files();
    test_boxes();
    return tap_end();
}
