/* SPDX-License-Identifier: GPL-3.0-or-later */
/* features.c - THE list: the parts of bureau, lowest floor first. */
#include "app/features.h"

#include "app/app.h"
#include "app/demo.h"
#include "base/clock.h"
#include "chat/chat.h"
#include "chat/pane.h"
#include "inbox/commands_mail.h"
#include "inbox/inbox.h"
#include "inbox/pane.h"
#include "mail/doctor.h"
#include "mail/imap.h"
#include "mail/store.h"
#include "model/commands.h"
#include "notes/notes.h"
#include "notes/pane.h"
#include "office/commands_store.h"
#include "office/office.h"
#include "setup/setup.h"
#include "tui/tui.h"

static const struct feature features[] = {
    {.name = "app", .commands = app_commands},
    {.name = "tui", .commands = tui_commands, .options = tui_options},
    {.name = "mail",
     .commands = import_commands,
     .options = mail_options,
     .migrations = &mail_migrations,
     .init = mail_register,
     .work = mail_works,
     .doctor = mail_doctor,
     .status = mail_imap_status},
    {.name = "model",
     .commands = model_commands,
     .options = model_options,
     .migrations = &model_migrations,
     .init = model_register,
     .doctor = model_doctor},
    {.name = "store", .commands = office_store_commands},
    {.name = "office",
     .options = office_options,
     .migrations = &office_migrations,
     .init = office_register,
     .work = office_work,
     .doctor = office_doctor,
     .status = office_status},
    {.name = "inbox mail", .commands = inbox_mail_commands},
    {.name = "inbox",
     .commands = inbox_commands,
     .options = inbox_options,
     .migrations = &inbox_migrations,
     .init = inbox_register,
     .work = inbox_work,
     .panes = inbox_panes},
    {.name = "inbox screen", .commands = inbox_screen_commands},
    {.name = "notes",
     .commands = notes_commands,
     .options = notes_options,
     .migrations = &notes_migrations,
     .init = notes_register,
     .panes = notes_panes,
     .importers = notes_importers},
    {.name = "notes screen", .init = notes_screen_register},
    {.name = "chat",
     .commands = chat_commands,
     .options = chat_options,
     .migrations = &chat_migrations,
     .init = chat_register,
     .panes = chat_panes},
    {.name = "chat screen", .commands = chat_screen_commands, .init = chat_screen_register},
    {.name = "setup", .commands = setup_commands, .options = setup_options, .doctor = setup_doctor},
    {.name = "setup screen", .init = setup_screen_register, .panes = setup_panes},
    {.name = "demo", .commands = demo_commands},
};

/* One part of the list. */
const struct feature *feature_at(size_t i)
{
    return i < sizeof(features) / sizeof(features[0]) ? &features[i] : NULL;
}

/* The next thing to do of any part. */
const struct hook_work *feature_next_due(struct feature_round *r, struct store *s)
{
    const struct feature *f;
    for (; (f = feature_at(r->feature)); r->feature++, r->hook = 0) {
        const struct hook_work *h;
        while (f->work && (h = f->work[r->hook])) {
            r->hook++;
            int64_t due = h->due(s);
            if (due == CLOCK_NONE)
                continue;
            if (due <= clock_now())
                return h;
            if (r->earliest == CLOCK_NONE || due < r->earliest)
                r->earliest = due;
        }
    }
    return NULL;
}

/* Makes every part known to the machinery below. */
void features_register(void)
{
    const struct feature *f;
    for (size_t i = 0; (f = feature_at(i)); i++) {
        if (f->commands)
            command_register(f->commands);
        if (f->options)
            option_register(f->options);
        if (f->migrations)
            store_add_migrations(f->migrations);
        if (f->init)
            f->init();
    }
}
