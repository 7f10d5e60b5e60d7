/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_finish.c - the answers become lines and secrets; then the mail begins to come. */
#include <stdlib.h>
#include <unistd.h>

#include "base/i18n.h"
#include "command/command.h"
#include "mail/imap.h"
#include "mail/secret.h"
#include "mail/store.h"
#include "setup/pane_inside.h"
#include "setup/write.h"
#include "store/store.h"

/* A value as bureaurc quotes it. */
static void add_quoted(struct str *out, const char *text)
{
    str_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_putc(out, '\\');
        if ((unsigned char)*text >= ' ')
            str_putc(out, *text);
    }
    str_putc(out, '"');
}

/* The lines that the answers make. Yours. */
static char *lines_of(const struct setup *s, const char *path)
{
    struct str out = STR_INIT;
    if (access(path, F_OK) != 0)
        str_puts(&out, _("# Made by the first start. `man bureaurc` explains every line.\n"));
    if (s->address && s->first) {
        str_puts(&out, "set me ");
        add_quoted(&out, s->address);
        str_putc(&out, '\n');
    }
    if (s->a.from || s->a.maildir || s->a.imap)
        config_account_print(&s->a, &out);
    if (s->model_url) {
        str_puts(&out, "model main url ");
        add_quoted(&out, s->model_url);
        if (s->model_name) {
            str_puts(&out, " name ");
            add_quoted(&out, s->model_name);
        }
        if (s->key_env) {
            str_puts(&out, " key-env ");
            add_quoted(&out, s->key_env);
        }
        str_putc(&out, '\n');
    }
    return str_take(&out);
}

/* Writes the secrets, then the lines, then reads the config. */
static enum status write_all(struct setup *s, bool *wrote, struct error *err)
{
    const struct paths *paths = store_paths(pane_store(s->pane));
    enum status st = STATUS_OK;
    if (s->has_secret)
        st = mail_secret_write(paths, s->a.name, "password", str_text(&s->secret), err);
    *wrote = s->has_secret;
    if (st || s->again)
        return st;
    char *lines = lines_of(s, paths->config);
    st = setup_write_valid(&s->a, err);
    *wrote = *lines != '\0';
    if (st == STATUS_OK && *wrote)
        st = setup_write_lines(paths->config, lines, err);
    if (st == STATUS_OK)
        st = config_load(paths->config, err);
    free(lines);
    return st;
}

/* What follows: a sync of the new account, or an import of what lies here. */
static void follow(struct setup *s)
{
    struct pane *below = pane_below(s->pane) ? pane_below(s->pane) : s->pane;
    struct str line = STR_INIT;
    if (s->a.imap && (s->tested || s->again)) {
        str_puts(&line, "sync ");
        str_puts(&line, s->a.name);
    } else if (s->mail) {
        str_puts(&line, "import ");
        if (s->a.maildir)
            str_addf(&line, "--account %s ", s->a.name);
        add_quoted(&line, s->mail);
    }
    if (line.len && (!s->a.imap || command_find("sync", NULL)))
        pane_run(below, str_text(&line));
    str_fini(&line);
}

/* The end. */
void setup_pane_finish(struct setup *s)
{
    struct pane *pane = s->pane;
    struct error err = ERROR_INIT;
    bool wrote = false;
    s->step = STEP_DONE;
    if (write_all(s, &wrote, &err) != STATUS_OK) {
        pane_error(pane, &err);
    } else {
        if (s->again && (s->has_secret || s->signed_in))
            pane_say(pane, _("%s is signed in"), s->a.name);
        else if (wrote)
            pane_say(pane, _("Wrote %s"), store_paths(pane_store(pane))->config);
        mail_learn_me(pane_store(pane), NULL, NULL); /* whose folders these are, and who I am */
        (void)mail_imap_watch_new(pane_store(pane)); /* an empty account changes nothing that would begin it */
        mail_imap_watch_renew();
        follow(s);
    }
    pane_close(pane);
}
