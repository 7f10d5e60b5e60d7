/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.c - does the reader start, and what does its box hold; what a server refuses */
#include "mail/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/hook.h"
#include "mail/imap_refused.h"
#include "mail/reader.h"
#include "store/store.h"

/* What holds the reader's box, in the person's language. */
static void name_limits(const char *held, struct str *out)
{
    for (const char *p = held; *p;) {
        size_t n = strcspn(p, ",");
        char *word = mem_strndup(p, n);
        str_trim(word);
        if (out->len)
            str_puts(out, _(", "));
        if (str_starts(word, "memory "))
            str_addf(out, _("memory %s"), word + strlen("memory "));
        else if (str_starts(word, "descriptors "))
            str_addf(out, _("descriptors %s"), word + strlen("descriptors "));
        else
            str_puts(out, word);
        free(word);
        p += n + (p[n] == ',');
    }
}

/* Starts a reader and reports what the system allowed its box. */
void mail_doctor(struct hook_report *r, struct store *s, struct loop *l, bool offline)
{
    struct str box = STR_INIT, said = STR_INIT;
    struct error err = ERROR_INIT;
    (void)l;
    (void)offline;
    bool starts = mail_reader_probe(NULL, &box, &err) == STATUS_OK;
    name_limits(str_text(&box), &said);
    if (!starts)
        hook_check(r, N_("reader"), HOOK_FAIL, err.text,
                   _("mail cannot be read: install bureau whole, or set BUREAU_READER"));
    else if (strstr(str_text(&box), "seccomp") && strstr(str_text(&box), "landlock"))
        hook_check(r, N_("reader"), HOOK_OK, str_text(&said), "");
    else if (strstr(str_text(&box), "seccomp"))
        hook_check(r, N_("reader"), HOOK_OK, str_text(&said),
                   _("this kernel has no Landlock; system calls keep the box closed alone"));
    else
        hook_check(r, N_("reader"), HOOK_WARN, str_text(&said),
                   _("mail is read in a process of its own, but the system does not confine it"));
    str_fini(&box);
    str_fini(&said);
    if (s)
        mail_imap_refused_doctor(r, store_reader(s));
}
