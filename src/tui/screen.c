/* SPDX-License-Identifier: GPL-3.0-or-later */
/* screen.c - ncurses: cells of the grid to the terminal, colours, giving it back. */
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/utf8.h"
#include "command/option.h"

enum { PAINT_PAIRS = 4096 }; /* fewer would be used up by one picture */
enum width { WIDTH_UNKNOWN, WIDTH_NARROW, WIDTH_WIDE };

static struct {
    bool on, lent, handlers;
    SCREEN *terminal;
    struct grid grid;
    struct cell *shown; /* own; what the terminal has; NULL: nothing known */
    struct termios before;
    bool have_before;
    enum width ambiguous;
    int light; /* -1 unknown, 0 dark, 1 light */
    bool colours, cursor_on;
    bool links; /* hyperlinks are written */
    bool paints; /* cells of pictures get their colours */
    short pairs[STYLE_ROLES];
    int colour[STYLE_ROLES]; /* of the pair; -1 none */
    attr_t attrs[STYLE_ROLES];
} screen;

/* What gives a terminal back without any library: normal screen, cursor, no paste marks. */
static const char restore[] = "\033[?2004l\033[?1049l\033[?25h\033[0m\r\n";

/* The last thing before a crash ends the program. */
static void on_crash(int sig)
{
    if (screen.on && !screen.lent) {
        ssize_t sent = write(STDOUT_FILENO, restore, sizeof restore - 1);
        (void)sent;
        if (screen.have_before)
            tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
    }
    raise(sig); /* SA_RESETHAND: the default takes it */
}

/* Out of memory: the terminal first. */
static void on_exhausted(void)
{
    if (screen.on && !screen.lent) {
        fd_write_all(STDOUT_FILENO, restore, sizeof restore - 1);
        if (screen.have_before)
            tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
    }
}

/* Catches what would leave a terminal in raw mode. */
static void install_handlers(void)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    if (screen.handlers)
        return;
    screen.handlers = true;
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) {
        struct sigaction now;
        /* A sanitizer or debugger that took it first keeps it. */
        if (sigaction(fatal[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
            struct sigaction ours = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
            sigaction(fatal[i], &ours, NULL);
        }
    }
    mem_on_exhausted(on_exhausted);
}

/* Light or dark: the option, what the terminal told, COLORFGBG, else dark. */
static bool is_light(void)
{
    const char *wanted = option_find("tui.background") ? option_text("tui.background") : "auto";
    if (str_eq(wanted, "light"))
        return true;
    if (str_eq(wanted, "dark"))
        return false;
    if (screen.light >= 0)
        return screen.light == 1;
    const char *fgbg = getenv("COLORFGBG");
    const char *last = fgbg ? strrchr(fgbg, ';') : NULL;
    return last && (str_eq(last, ";15") || str_eq(last, ";7"));
}

struct role_colour {
    enum style role;
    short basic;              /* of 8 */
    short dark, light;        /* of 256 */
    int dark_rgb, light_rgb;  /* where a terminal has direct colours */
    bool bold;                /* without colours */
};

static const struct role_colour colours[] = {
    {STYLE_LANE_ANSWER, COLOR_CYAN, 80, 24, 0x5fd7d7, 0x005f87, false},
    {STYLE_LANE_ACT, COLOR_YELLOW, 179, 94, 0xd7af5f, 0x875f00, false},
    {STYLE_LANE_WAIT, COLOR_BLUE, 111, 26, 0x87afff, 0x005fd7, false},
    {STYLE_LANE_MEET, COLOR_MAGENTA, 176, 90, 0xd787d7, 0x870087, false},
    {STYLE_LANE_FYI, -1, 250, 238, 0xbcbcbc, 0x444444, false},
    {STYLE_LANE_BULK, -1, 244, 244, 0x808080, 0x808080, false},
    {STYLE_LANE_RISK, COLOR_RED, 203, 124, 0xff5f5f, 0xaf0000, true},
    {STYLE_LANE_DONE, -1, 244, 244, 0x808080, 0x808080, false},
    {STYLE_DUE, COLOR_YELLOW, 179, 94, 0xd7af5f, 0x875f00, false},
    {STYLE_WARN, COLOR_YELLOW, 214, 130, 0xffaf00, 0xaf5f00, true},
    {STYLE_ERROR, COLOR_RED, 203, 124, 0xff5f5f, 0xaf0000, true},
    {STYLE_GOOD, COLOR_GREEN, 114, 28, 0x87d787, 0x008700, false},
    {STYLE_QUOTE, COLOR_CYAN, 66, 66, 0x5f8787, 0x5f8787, false},
    {STYLE_LINK, COLOR_BLUE, 111, 26, 0x87afff, 0x005fd7, false},
    {STYLE_SOURCE, COLOR_CYAN, 73, 30, 0x5fafaf, 0x008787, false},
    {STYLE_GAP, COLOR_YELLOW, 214, 130, 0xffaf00, 0xaf5f00, true},
    {STYLE_CODE, COLOR_GREEN, 150, 22, 0xafd787, 0x005f00, false},
    {STYLE_MATCH, COLOR_YELLOW, 220, 130, 0xffd700, 0xaf5f00, false},
    {STYLE_MARKED, COLOR_GREEN, 114, 28, 0x87d787, 0x008700, false},
    {STYLE_RULE, -1, 240, 248, 0x585858, 0xa8a8a8, false},
    {STYLE_HINT, -1, 250, 238, 0xbcbcbc, 0x444444, false},
    {STYLE_STREAM, COLOR_CYAN, 80, 24, 0x5fd7d7, 0x005f87, false},
};

/* Fills the pairs for what the terminal can. */
static void choose_colours(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *wanted = option_find("tui.colours") ? option_text("tui.colours") : "auto";
    bool off = (no_colour && *no_colour) || str_eq(wanted, "off");
    screen.colours = has_colors() && !off;
    screen.paints = screen.colours && COLORS >= 256 && COLOR_PAIRS >= PAINT_PAIRS;
    memset(screen.pairs, 0, sizeof screen.pairs);
    memset(screen.attrs, 0, sizeof screen.attrs);
    memset(screen.colour, -1, sizeof screen.colour);
    screen.links = links_wanted() && MB_CUR_MAX > 1;
    bool light = is_light();
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++) {
        const struct role_colour *r = &colours[i];
        if (!screen.colours) {
            if (r->bold)
                screen.attrs[r->role] = A_BOLD;
            continue;
        }
        int colour = r->basic;
        if (COLORS > 256)
            colour = light ? r->light_rgb : r->dark_rgb;
        else if (COLORS >= 256)
            colour = light ? r->light : r->dark;
        if (colour < 0)
            continue;
        init_extended_pair((int)i + 1, colour, -1);
        screen.pairs[r->role] = (short)(i + 1);
        screen.colour[r->role] = colour;
    }
}

/* Is it one that the terminal gives two cells and ncurses one? */
static bool is_double(uint32_t c)
{
    return screen.ambiguous == WIDTH_WIDE && c > 0x7f && utf8_is_ambiguous(c);
}

/* Symbols: Unicode only where an ambiguous character is known to take one cell. */
static void choose_symbols(void)
{
    const char *symbols = option_find("tui.symbols") ? option_text("tui.symbols") : "unicode";
    const char *width =
        option_find("tui.ambiguous-width") ? option_text("tui.ambiguous-width") : "auto";
    if (str_eq(width, "1"))
        screen.ambiguous = WIDTH_NARROW;
    else if (str_eq(width, "2"))
        screen.ambiguous = WIDTH_WIDE;
    /* ncurses must not move what it does not know. */
    idlok(stdscr, screen.ambiguous != WIDTH_WIDE);
    idcok(stdscr, screen.ambiguous != WIDTH_WIDE);
    utf8_set_ambiguous_cells(screen.ambiguous == WIDTH_WIDE ? 2 : 1);
    screen.grid.ascii =
        str_eq(symbols, "ascii") || screen.ambiguous != WIDTH_NARROW || MB_CUR_MAX == 1;
}

/* Everything will be sent again. */
void screen_redraw(void)
{
    if (!screen.on)
        return;
    free(screen.shown);
    screen.shown = NULL;
    clearok(curscr, TRUE);
}

/* Applies changed options. */
void screen_options(void)
{
    if (!screen.on)
        return;
    choose_colours();
    choose_symbols();
    screen_redraw();
}

/* Raw keys, no echo, bracketed paste. */
static void prepare_terminal(void)
{
    raw();
    noecho();
    nonl();
    static const char paste[] = "\033[?2004h";
    screen_raw(paste, sizeof paste - 1);
}

/* Asks how wide an ambiguous character is and how bright the background: answers come as input. */
static void ask_terminal(void)
{
    const char *term = getenv("TERM");
    static const char width[] = "\033[1;1H\302\267\033[6n\033[1;1H\033[K";
    static const char background[] = "\033]11;?\007";
    if (!term || str_eq(term, "dumb") || MB_CUR_MAX == 1)
        return;
    screen_raw(width, sizeof width - 1);
    if (!str_starts(term, "linux"))
        screen_raw(background, sizeof background - 1);
}

/* Starts the full screen. */
enum status screen_start(struct error *err)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        error_set(err, STATUS_USAGE, _("the full screen needs a terminal"));
        return error_hint(err, _("run `bureau help` for the commands of scripts"));
    }
    screen.have_before = tcgetattr(STDIN_FILENO, &screen.before) == 0;
    screen.light = -1;
    install_handlers();
    unsetenv("LINES");
    unsetenv("COLUMNS");
    screen.terminal = newterm(NULL, stdout, stdin);
    if (!screen.terminal) {
        const char *term = getenv("TERM");
        error_set(err, STATUS_FAILED, _("the terminal \"%s\" is not known here"), term ? term : "");
        return error_hint(err, _("set TERM, for example to xterm-256color"));
    }
    set_term(screen.terminal);
    if (!screen_can_address()) {
        endwin();
        error_set(err, STATUS_FAILED, _("the terminal \"%s\" cannot place its cursor"),
                  getenv("TERM") ? getenv("TERM") : "");
        return error_hint(err, _("set TERM, for example to xterm-256color"));
    }
    screen.on = true;
    typeahead(-1);
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    leaveok(stdscr, FALSE);
    idlok(stdscr, TRUE);
    grid_init(&screen.grid, LINES, COLS);
    refresh();
    /* Until the screen was left once ncurses empties its buffer at every movement of the cursor: one drawn
     * anew would be more than a hundred writes, each a packet through SSH. */
    endwin();
    refresh();
    prepare_terminal();
    ask_terminal();
    choose_colours();
    choose_symbols();
    screen.cursor_on = true;
    return STATUS_OK;
}

/* Gives the terminal back for good. */
void screen_stop(void)
{
    if (!screen.on)
        return;
    if (!screen.lent)
        screen_lend();
    screen.on = false;
    grid_fini(&screen.grid);
    free(screen.shown);
    screen.shown = NULL;
    delscreen(screen.terminal);
    screen.terminal = NULL;
}

/* Is the full screen running? */
bool screen_is_on(void)
{
    return screen.on && !screen.lent;
}

/* Leaves the screen to another program. */
void screen_lend(void)
{
    if (!screen.on || screen.lent)
        return;
    static const char paste[] = "\033[?2004l";
    curs_set(1);
    screen.cursor_on = true;
    screen_raw(paste, sizeof paste - 1);
    endwin();
    if (screen.have_before)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &screen.before);
    screen.lent = true;
}

/* Takes it again; all is drawn anew. */
void screen_take_back(void)
{
    if (!screen.on || !screen.lent)
        return;
    screen.lent = false;
    reset_prog_mode();
    prepare_terminal();
    screen_redraw();
}

/* What panes draw on. */
struct grid *screen_grid(void)
{
    return &screen.grid;
}

/* Follows the terminal's size. */
bool screen_resize(void)
{
    struct winsize w;
    if (!screen.on || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_row == 0 || w.ws_col == 0)
        return false;
    if (w.ws_row == screen.grid.rows && w.ws_col == screen.grid.cols)
        return false;
    bool ascii = screen.grid.ascii;
    resizeterm(w.ws_row, w.ws_col);
    grid_resize(&screen.grid, w.ws_row, w.ws_col);
    screen.grid.ascii = ascii;
    screen_redraw();
    return true;
}

/* Bytes that ncurses need not know. */
void screen_raw(const char *bytes, size_t n)
{
    fflush(stdout);
    fd_write_all(STDOUT_FILENO, bytes, n);
}

/* What ncurses is given where ambiguous characters take two cells, of which it knows nothing: it would
 * lose its column. The character itself is written over it behind its back (write_wide). */
static uint32_t placeholder(uint32_t c)
{
    return is_double(c) ? '?' : c;
}

/* As it is. */
static uint32_t unchanged(uint32_t c)
{
    return c;
}

/* Can pictures have colours? */
bool screen_paints(void)
{
    return screen.on && screen.paints;
}

/* One of the 256 colours as this terminal counts them. The first 16 are everyone's own, in pictures there
 * are none of them. */
static int picture_colour(int colour)
{
    static const int steps[] = {0, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    int c = colour - 16, grey = 8 + 10 * (colour - 232);
    if (COLORS <= 256 || colour < 16)
        return colour;
    return colour >= 232 ? grey << 16 | grey << 8 | grey
                         : steps[c / 36] << 16 | steps[c / 6 % 6] << 8 | steps[c % 6];
}

/* The pair of colours of a picture's cell. */
static int picture_pair(uint32_t paint)
{
    int fore = (int)(paint & 0xffff) - 1, back = (int)(paint >> 16) - 1;
    int pair = alloc_pair(picture_colour(fore), picture_colour(back));
    return pair > 0 ? pair : 0;
}

/* Puts one cell into ncurses' window. */
static void put_cell(int row, int col, const struct cell *c)
{
    wchar_t text[4] = {(wchar_t)placeholder(c->ch), (wchar_t)c->mark[0], 0, 0};
    if (c->mark[0] && c->mark[1])
        text[2] = (wchar_t)c->mark[1];
    unsigned role = c->style & STYLE_ROLE_MASK;
    attr_t attrs = role < STYLE_ROLES ? screen.attrs[role] : 0;
    int pair = role < STYLE_ROLES ? screen.pairs[role] : 0;
    if (c->paint && screen.paints)
        pair = picture_pair(c->paint);
    attrs |= c->style & STYLE_BOLD ? A_BOLD : 0;
    attrs |= c->style & STYLE_DIM ? A_DIM : 0;
    attrs |= c->style & STYLE_REVERSE ? A_REVERSE : 0;
    attrs |= c->style & STYLE_UNDERLINE ? A_UNDERLINE : 0;
    attrs |= c->style & STYLE_ITALIC ? A_ITALIC : 0;
    cchar_t out;
    memset(&out, 0, sizeof out);
    if (setcchar(&out, text, attrs, 0, &pair) != ERR)
        mvwadd_wch(stdscr, row, col, &out);
    text[0] = ' ';
    text[1] = 0;
    if (is_double(c->ch) && setcchar(&out, text, attrs, 0, &pair) != ERR)
        mvwadd_wch(stdscr, row, col + 1, &out);
}

/* The escape sequence of a style, as ncurses would choose it. */
static void add_sgr(unsigned style, struct str *out)
{
    unsigned role = style & STYLE_ROLE_MASK;
    attr_t attrs = role < STYLE_ROLES ? screen.attrs[role] : 0;
    int colour = role < STYLE_ROLES ? screen.colour[role] : -1;
    str_puts(out, "\033[0");
    if (style & STYLE_BOLD || attrs & A_BOLD)
        str_puts(out, ";1");
    if (style & STYLE_DIM)
        str_puts(out, ";2");
    if (style & STYLE_ITALIC)
        str_puts(out, ";3");
    if (style & STYLE_UNDERLINE)
        str_puts(out, ";4");
    if (style & STYLE_REVERSE)
        str_puts(out, ";7");
    if (colour >= 0 && COLORS > 256)
        str_addf(out, ";38;2;%d;%d;%d", colour >> 16 & 255, colour >> 8 & 255, colour & 255);
    else if (colour >= 8)
        str_addf(out, ";38;5;%d", colour);
    else if (colour >= 0)
        str_addf(out, ";3%d", colour);
    str_putc(out, 'm');
}

/* Writes the hyperlinks of the rows that changed. */
static void write_links(const struct vec *rows)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < rows->len; i++)
        links_write(&screen.grid, vec_at(rows, i), add_sgr, unchanged, &out);
    if (out.len)
        screen_raw(out.data, out.len);
    str_fini(&out);
}

/* The columns of a row where a character of two cells that ncurses does not know comes, goes, or changes. */
static void look_double(const struct cell *now, const struct cell *shown, int cols, struct links_row *out)
{
    for (int col = 0; col < cols; col++) {
        bool changed = !shown || memcmp(&now[col], &shown[col], sizeof *now) != 0;
        if (!changed || !(is_double(now[col].ch) || (shown && is_double(shown[col].ch))))
            continue;
        if (out->from < 0 || col < out->from)
            out->from = col;
        if (col + 2 > out->to)
            out->to = col + 2 < cols ? col + 2 : cols;
    }
    while (out->from > 0 && now[out->from].ch == 0)
        out->from--;
    while (out->to > 0 && out->to < cols && now[out->to].ch == 0)
        out->to++;
}

/* Sends the cells that changed. */
void screen_flush(bool show_cursor)
{
    struct grid *g = &screen.grid;
    size_t n = (size_t)g->rows * (size_t)g->cols;
    struct vec linked; /* struct links_row */
    if (!screen_is_on())
        return;
    vec_init(&linked, sizeof(struct links_row), NULL);
    bool all = !screen.shown;
    if (all)
        screen.shown = mem_array(n, sizeof *screen.shown);
    for (int row = 0; row < g->rows; row++) {
        size_t at = (size_t)row * (size_t)g->cols;
        if (!all && memcmp(&screen.shown[at], &g->cells[at],
                           (size_t)g->cols * sizeof *g->cells) == 0)
            continue;
        struct links_row concerned = {.row = row};
        const struct cell *shown = all ? NULL : &screen.shown[at];
        concerned.from = -1;
        if (!screen.links || !links_look(&g->cells[at], shown, g->cols, &concerned))
            concerned = (struct links_row){.row = row, .from = -1};
        if (screen.ambiguous == WIDTH_WIDE)
            look_double(&g->cells[at], shown, g->cols, &concerned);
        if (concerned.from >= 0)
            *(struct links_row *)vec_push(&linked) = concerned;
        for (int col = 0; col < g->cols; col++) {
            const struct cell *c = &g->cells[at + (size_t)col];
            if (c->ch == 0)
                continue;
            if (all || memcmp(&screen.shown[at + (size_t)col], c, sizeof *c) != 0)
                put_cell(row, col, c);
        }
        memcpy(&screen.shown[at], &g->cells[at], (size_t)g->cols * sizeof *g->cells);
    }
    if (show_cursor != screen.cursor_on) {
        curs_set(show_cursor ? 1 : 0);
        screen.cursor_on = show_cursor;
    }
    if (g->cursor_row >= 0)
        wmove(stdscr, g->cursor_row, g->cursor_col);
    wnoutrefresh(stdscr);
    doupdate();
    write_links(&linked);
    vec_fini(&linked);
}

/* The cursor's column after the ambiguous character: 2 is narrow, 3 is wide. */
void screen_report(int col)
{
    screen.ambiguous = col == 2 ? WIDTH_NARROW : WIDTH_WIDE;
    choose_symbols();
    if (screen.ambiguous == WIDTH_WIDE)
        screen_redraw();
}

/* The terminal's background is light or dark. */
void screen_background(int brightness)
{
    int light = brightness > 127;
    if (light == screen.light)
        return;
    bool before = is_light();
    screen.light = light;
    if (is_light() != before) {
        choose_colours();
        screen_redraw();
    }
}

/* Rings. */
void screen_bell(void)
{
    if (screen_is_on())
        beep();
}
