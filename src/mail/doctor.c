/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.c - does the reader start, and what does its box hold; what a server refuses */
#include "mail/doctor.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"
#include "command/hook.h"
#include "mail/imap_refused.h"
#include "mail/reader.h"
#include "store/store.h"

/* Starts a reader and reports what the system allowed its box. */
void mail_doctor(struct hook_report *r, struct store *s, struct loop *l, bool offline)
{
    struct str box = STR_INIT;
    struct error err = ERROR_INIT;
    (void)l;
    (void)offline;
    if (mail_reader_probe(NULL, &box, &err) != STATUS_OK)
        hook_check(r, "reader", HOOK_FAIL, err.text,
                   _("mail cannot be read: install bureau whole, or set BUREAU_READER"));
    else if (strstr(str_text(&box), "seccomp") && strstr(str_text(&box), "landlock"))
        hook_check(r, "reader", HOOK_OK, box.data, "");
    else if (strstr(str_text(&box), "seccomp"))
        hook_check(r, "reader", HOOK_OK, box.data,
                   _("this kernel has no Landlock; system calls keep the box closed alone"));
    else
        hook_check(r, "reader", HOOK_WARN, box.data,
                   _("mail is read in a process of its own, but the system does not confine it"));
    str_fini(&box);
    if (s)
        mail_imap_refused_doctor(r, store_reader(s));
}
