/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_draw.c - the page beside the questions of setup: what was answered, what was found, what to do. */
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"
#include "setup/pane_inside.h"
#include "store/store.h"

/* One line of the page: what was answered, or what will be asked. */
static void draw_step(struct canvas *c, int row, bool now, const char *title, const char *answer, const char *from)
{
    canvas_text(c, row, 1, STYLE_PLAIN, now ? ">" : " ");
    canvas_column(c, row, 3, 16, now ? STYLE_BOLD : STYLE_PLAIN, CUT_END, title);
    if (!answer)
        return;
    int col = canvas_foreign(c, row, 20, STYLE_PLAIN, answer) + 2;
    if (from && col + 8 < c->cols)
        canvas_column(c, row, col, c->cols - col - 1, STYLE_DIM, CUT_END | CANVAS_FOREIGN, from);
}

/* Foreign text over as many rows as it takes, broken at blanks where it has some; the row behind it. */
static int draw_long(struct canvas *c, int row, unsigned style, const char *text)
{
    int room = c->cols - 4;
    for (size_t len = strlen(text), from = 0; from < len && row < c->rows && room > 4;) {
        size_t to = from, blank = 0;
        int cells = 0;
        for (size_t used; to < len; to += used) {
            utf8_decode(text + to, len - to, &used);
            int more = (int)utf8_cells(text + to, used);
            if (cells + more > room)
                break;
            cells += more;
            if (text[to] == ' ')
                blank = to + 1;
        }
        if (to < len && blank > from)
            to = blank;
        char *piece = str_format("%.*s", (int)(to - from), text + from);
        canvas_foreign(c, row++, 2, style, piece);
        free(piece);
        from = to > from ? to : len;
    }
    return row;
}

/* What the account signs in with, as words; "" nothing yet. */
static const char *sign_in_words(const struct setup *s)
{
    if (s->tested)
        return s->signed_in ? _("signed in, tested") : _("password, tested");
    if (s->step == STEP_TEST)
        return _("logging in …");
    return s->signed_in ? _("signed in") : s->has_secret ? _("password") : "";
}

/* The page that has to be visited. */
static void draw_visit(const struct setup *s, struct canvas *c, int row)
{
    if (!s->visit_url) {
        canvas_text(c, row, 1, STYLE_DIM, _("asking the provider …"));
        return;
    }
    canvas_text(c, row++, 1, STYLE_PLAIN, _("Open this address in a browser, on any machine, and sign in:"));
    row = draw_long(c, row, STYLE_LINK, s->visit_url) + 1;
    if (s->visit_code) {
        int col = canvas_text(c, row, 1, STYLE_PLAIN, _("and type this code there:"));
        canvas_foreign(c, row, col + 1, STYLE_BOLD, s->visit_code);
    } else {
        canvas_text(c, row, 1, STYLE_DIM, _("The browser ends on a page that cannot be shown: paste its address here."));
    }
}

/* What stands below the answers. */
static void draw_below(const struct setup *s, struct canvas *c, int row)
{
    if (s->step == STEP_VISIT) {
        draw_visit(s, c, row);
    } else if (s->step == STEP_FAULT) {
        row = draw_long(c, row, STYLE_WARN, s->fault.text);
        draw_long(c, row, STYLE_PLAIN, s->fault.hint);
    } else if (s->step == STEP_FIND) {
        canvas_text(c, row, 1, STYLE_DIM, _("Looking for the mail servers …"));
    } else if (s->found_url && s->first) {
        char *text = str_format(_("Found on this machine: %s at %s"), s->found_model, s->found_url);
        canvas_foreign(c, row, 1, STYLE_GOOD, text);
        free(text);
    } else if (s->first) {
        canvas_text(c, row, 1, STYLE_DIM, _("Without a model everything works too: templates, your own answers, rules."));
    }
    if (s->step == STEP_ME || s->step >= STEP_MODEL)
        canvas_text(c, row + 2, 1, STYLE_DIM, _("Nothing leaves this machine before you say so."));
}

/* Draws the page. */
void setup_pane_draw(void *state, struct canvas *c, bool focused)
{
    struct setup *s = state;
    (void)focused;
    int row = 1;
    bool low = c->rows < 16;
    canvas_clear(c);
    if (low && (s->step == STEP_VISIT || s->step == STEP_FAULT)) { /* what must be read has the room */
        draw_below(s, c, 0);
        return;
    }
    if (!low) {
        canvas_text(c, row++, 1, STYLE_BOLD, s->first ? _("Welcome to bureau.") : _("An account"));
        canvas_text(c, row++, 1, STYLE_PLAIN, _("A few questions, each may be left empty. The answers go to:"));
        canvas_foreign(c, row++, 3, STYLE_DIM, store_paths(pane_store(s->pane))->config);
        row++;
    }
    bool mail = s->step == STEP_FIND || s->step == STEP_MAIL, sign = s->step >= STEP_HOW && s->step <= STEP_FAULT;
    draw_step(c, row++, s->step == STEP_ME, _("You"), s->a.from, NULL);
    draw_step(c, row++, mail, _("Your mail"), s->a.imap ? s->a.imap : s->mail,
              s->a.imap && str_eq(s->a.imap, s->found.imap) ? s->found.imap_from : NULL);
    if (s->a.imap || s->step == STEP_SMTP) {
        draw_step(c, row++, s->step == STEP_SMTP, _("Sending"), s->a.smtp,
                  s->a.smtp && str_eq(s->a.smtp, s->found.smtp) ? s->found.smtp_from : NULL);
        draw_step(c, row++, sign, _("Sign-in"), sign_in_words(s), NULL);
    }
    if (s->first)
        draw_step(c, row++, s->step >= STEP_MODEL, _("A model"), s->model_url, NULL);
    draw_below(s, c, row + 1);
}

/* What the question is about. */
void setup_pane_why(void *state, struct str *out)
{
    const struct setup *s = state;
    static const char *const words[] = {
        [STEP_ME] = N_("Like this: Anna Li <anna@example.com>. Its domain is asked for the servers."),
        [STEP_FIND] = N_("DNS, the domain's own word and the ISP database are asked side by side."),
        [STEP_MAIL] = N_("Right? Or another server, a Maildir (followed), an mbox or folder (read once)."),
        [STEP_SMTP] = N_("The server that sends, as smtps://smtp.example.com; empty: only reading."),
        [STEP_HOW] = N_("OAuth needs a client id of your own; the README says how to get one."),
        [STEP_USER] = N_("As the administrator gave it: often the address, sometimes what stands before the @."),
        [STEP_SECRET] = N_("Kept in a file only you can read; or leave it empty and set password-command."),
        [STEP_CLIENT] = N_("From the provider's console; the README says how to get one."),
        [STEP_CLIENT_SECRET] = N_("Empty when none came with the id; kept in a file only you can read."),
        [STEP_VISIT] = N_("The token that comes is kept in a file that only you can read."),
        [STEP_TEST] = N_("Logging in, to read and to send."),
        [STEP_FAULT] = N_("Nothing is written yet."),
        [STEP_MODEL] = N_("Any OpenAI-compatible address, as https://api.example.com/v1"),
        [STEP_KEY] = N_("The key itself never stands in a file of bureau."),
        [STEP_DONE] = ""};
    if (s->step == STEP_SECRET && s->found.hint)
        str_puts(out, s->found.hint);
    else if (s->step == STEP_MAIL && !s->found.imap && s->address)
        str_addf(out, _("No server found for %s. Like this: imaps://mail.example.com"), strchr(s->address, '@') + 1);
    else if (s->step == STEP_MAIL && !s->found.imap)
        str_puts(out, _("As imaps://mail.example.com, a Maildir (followed), an mbox or folder (read once)."));
    else if (*words[s->step])
        str_puts(out, _(words[s->step]));
}

/* The keys while no question is open. */
void setup_pane_hints(void *state, struct str *out)
{
    const struct setup *s = state;
    if (s->step == STEP_FIND)
        str_puts(out, _("C-c stop looking"));
    else if (s->step == STEP_TEST || s->step == STEP_VISIT)
        str_puts(out, _("C-c stop"));
    else
        str_puts(out, _("Enter go on  q leave"));
}
