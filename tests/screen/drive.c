/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drive.c - plays a script of keys against a program in a real pseudo-terminal and looks at the
 * screen of a real terminal emulator (libvterm).
 *
 *     drive COLSxROWS [--keep FILE] [--wide] PROGRAM ARG… < script
 *
 * --wide: a terminal of East Asia, on which Greek, Cyrillic, dashes, quotes and lines take two cells; each is seen as 〓.
 *
 * A script is lines; # begins a comment:
 *     wait TEXT            until it stands on the screen (10 s)
 *     gone TEXT            until it stands there no more
 *     expect TEXT          it stands there now       refuse TEXT   it does not
 *     row N TEXT           row N (from 0, negative from below) holds it, within 10 s
 *     key NAME…            C-x, Enter, Esc, Tab, Up, Down, Left, Right, Backspace, PageUp, Home,
 *                          End, Delete, Space, or characters
 *     burst NAME…          the same keys in one write, as from a hand that is faster than the program
 *     type TEXT            as typed, key by key      paste TEXT    as a bracketed paste (\n a line)
 *     size COLSxROWS       the window changes        sleep MS
 *     signal NAME          TERM, HUP, TSTP, CONT, KILL
 *     cursor ROW COL       the cursor stands there   quiet MS       no byte comes for so long
 *     same FILE            the screen is FILE, row by row; "~" in FILE stands for any text
 *     exit CODE            the program ends with it, the terminal is given back
 *     attr ROW COL reverse|bold|underline|painted|unpainted (has a colour behind it, or none)
 * The first line that fails ends it: exit 1, with the line and the screen on stdout. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#define WAIT_MS 10000
#define LINE_MAX_BYTES 8192

static struct {
    VTerm *vt;
    VTermScreen *screen;
    int fd, rows, cols;
    pid_t pid;
    bool alternate, ended, wide;
    char tail[4]; /* an unfinished character, wide only */
    size_t tail_len;
    int status;
    long bytes;
} term;

/* Milliseconds of a clock that never jumps. */
static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A character that --wide gives two cells. */
static bool is_double(unsigned long c)
{
    return (c >= 0x391 && c <= 0x3c9) || (c >= 0x401 && c <= 0x451) || (c >= 0x2010 && c <= 0x2027) ||
           (c >= 0x2500 && c <= 0x257f) || c == 0xb7;
}

/* Feeds the emulator; those characters as one that is wide everywhere. */
static void feed(const char *s, size_t n)
{
    static char out[4 * 65536 + 16];
    size_t len = 0;
    if (!term.wide) {
        vterm_input_write(term.vt, s, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)s[i], first;
        if (byte < 0x80) {
            out[len++] = s[i];
            continue;
        }
        term.tail[term.tail_len++] = s[i];
        first = (unsigned char)term.tail[0];
        size_t whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (term.tail_len < whole)
            continue;
        unsigned long c = first & (0xffu >> (whole + 1));
        for (size_t k = 1; k < whole; k++)
            c = c << 6 | (term.tail[k] & 0x3f);
        memcpy(out + len, is_double(c) ? "\343\200\223" : term.tail, is_double(c) ? 3 : whole);
        len += is_double(c) ? 3 : whole;
        term.tail_len = 0;
    }
    vterm_input_write(term.vt, out, len);
}

/* What the terminal answers goes back to the program. */
static void on_output(const char *s, size_t n, void *user)
{
    (void)user;
    if (write(term.fd, s, n) < 0)
        return;
}

/* Remembers whether the alternate screen is shown. */
static int on_prop(VTermProp prop, VTermValue *value, void *user)
{
    (void)user;
    if (prop == VTERM_PROP_ALTSCREEN)
        term.alternate = value->boolean;
    return 1;
}

/* Takes what comes for at most ms; false when nothing came. */
static bool pump(int ms)
{
    char bytes[65536];
    struct pollfd p = {.fd = term.fd, .events = POLLIN};
    if (poll(&p, 1, ms) <= 0)
        return false;
    ssize_t n = read(term.fd, bytes, sizeof bytes);
    if (n <= 0) {
        if (!term.ended && waitpid(term.pid, &term.status, 0) == term.pid)
            term.ended = true;
        return false;
    }
    term.bytes += n;
    feed(bytes, (size_t)n);
    return true;
}

/* A row as text without trailing blanks. */
static const char *row_text(int row)
{
    static char text[LINE_MAX_BYTES];
    VTermRect rect = {.start_row = row, .end_row = row + 1, .start_col = 0, .end_col = term.cols};
    size_t n = vterm_screen_get_text(term.screen, text, sizeof text - 1, rect);
    while (n > 0 && text[n - 1] == ' ')
        n--;
    text[n] = 0;
    return text;
}

/* The row that holds text, or -1. */
static int find(const char *text)
{
    for (int row = 0; row < term.rows; row++)
        if (strstr(row_text(row), text))
            return row;
    return -1;
}

/* The screen, for a person. */
static void show_screen(FILE *f)
{
    for (int row = 0; row < term.rows; row++)
        if (*row_text(row))
            fprintf(f, "# %3d|%s\n", row, row_text(row));
    if (term.ended)
        fprintf(f, "# the program has ended, status 0x%x\n", (unsigned)term.status);
}

/* Sends bytes as a keyboard would. */
static void send_bytes(const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t did = write(term.fd, bytes, n);
        if (did <= 0)
            return;
        bytes += did;
        n -= (size_t)did;
    }
}

/* The bytes of a key; buf holds what is made. */
static const char *key_bytes(const char *name, char buf[2])
{
    static const struct {
        const char *name, *bytes;
    } keys[] = {{"Enter", "\r"},     {"Esc", "\033"},     {"Tab", "\t"},       {"Up", "\033[A"},
                {"Down", "\033[B"},  {"Right", "\033[C"}, {"Left", "\033[D"},  {"Space", " "},
                {"Backspace", "\177"}, {"PageUp", "\033[5~"}, {"PageDown", "\033[6~"},
                {"Home", "\033[H"},  {"End", "\033[F"},   {"Delete", "\033[3~"}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i].name, name) == 0)
            return keys[i].bytes;
    if (name[0] == 'C' && name[1] == '-' && name[2] && !name[3]) {
        buf[0] = (char)(name[2] & 0x1f);
        buf[1] = 0;
        return buf;
    }
    return name;
}

/* Sends a key by its name. */
static void send_key(const char *name)
{
    char buf[2];
    const char *bytes = key_bytes(name, buf);
    send_bytes(bytes, strlen(bytes));
}

/* Sends several in one write. */
static void send_burst(char *names)
{
    char all[LINE_MAX_BYTES] = "", buf[2];
    size_t len = 0;
    for (char *rest = names, *word; (word = strsep(&rest, " "));) {
        const char *bytes = key_bytes(word, buf);
        size_t n = strlen(bytes);
        if (len + n < sizeof all)
            memcpy(all + len, bytes, n);
        len += n;
    }
    send_bytes(all, len);
}

/* Gives the window another size. */
static void set_size(int cols, int rows)
{
    /* What was drawn for the old size is read first. */
    while (pump(30))
        ;
    struct winsize w = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    term.rows = rows;
    term.cols = cols;
    vterm_set_size(term.vt, rows, cols);
    ioctl(term.fd, TIOCSWINSZ, &w);
}

/* Waits until text is there (or not). */
static bool wait_text(const char *text, bool there)
{
    long end = now_ms() + WAIT_MS;
    while ((find(text) >= 0) != there) {
        if (now_ms() > end || term.ended)
            return false;
        pump(20);
    }
    return true;
}

/* Waits until a row holds text. */
static bool wait_row(const char *args)
{
    char *text;
    long row = strtol(args, &text, 10), end = now_ms() + WAIT_MS;
    if (*text == ' ')
        text++;
    if (row < 0)
        row += term.rows;
    while (row >= term.rows || !strstr(row_text((int)row), text)) {
        if (now_ms() > end || term.ended)
            return false;
        pump(20);
    }
    return true;
}

/* Whether text fits a pattern where "~" stands for anything. */
static bool fits(const char *pattern, const char *text)
{
    if (*pattern == '~') {
        for (;; text++) {
            if (fits(pattern + 1, text))
                return true;
            if (!*text)
                return false;
        }
    }
    if (!*pattern || !*text)
        return *pattern == *text;
    return *pattern == *text && fits(pattern + 1, text + 1);
}

/* Compares the screen with a file; waits for it. */
static bool same_as(const char *path)
{
    long end = now_ms() + WAIT_MS;
    char line[LINE_MAX_BYTES];
    bool same = false;
    while (!same && now_ms() < end) {
        FILE *f = fopen(path, "r");
        if (!f) {
            printf("# no such file: %s\n", path);
            return false;
        }
        same = true;
        for (int row = 0; row < term.rows && same; row++) {
            if (!fgets(line, sizeof line, f))
                line[0] = 0;
            line[strcspn(line, "\n")] = 0;
            same = fits(line, row_text(row));
        }
        fclose(f);
        if (!same)
            pump(50);
    }
    return same;
}

/* Whether a cell has an attribute. */
static bool has_attr(const char *args)
{
    int row, col;
    char word[32];
    VTermScreenCell cell;
    if (sscanf(args, "%d %d %31s", &row, &col, word) != 3)
        return false;
    VTermPos pos = {.row = row < 0 ? row + term.rows : row, .col = col};
    for (long end = now_ms() + WAIT_MS; now_ms() < end; pump(20)) {
        vterm_screen_get_cell(term.screen, pos, &cell);
        if ((strcmp(word, "reverse") == 0 && cell.attrs.reverse) ||
            (strcmp(word, "bold") == 0 && cell.attrs.bold) ||
            (strcmp(word, "underline") == 0 && cell.attrs.underline) ||
            (strcmp(word, "painted") == 0 && !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)) ||
            (strcmp(word, "unpainted") == 0 && VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)))
            return true;
    }
    return false;
}

/* Waits until the cursor stands there. */
static bool cursor_at(const char *args)
{
    int row, col;
    VTermPos pos;
    if (sscanf(args, "%d %d", &row, &col) != 2)
        return false;
    for (long end = now_ms() + WAIT_MS; now_ms() < end; pump(20)) {
        vterm_state_get_cursorpos(vterm_obtain_state(term.vt), &pos);
        if (pos.row == (row < 0 ? row + term.rows : row) && pos.col == col)
            return true;
    }
    printf("# the cursor stands at %d %d\n", pos.row, pos.col);
    return false;
}

/* Pastes; \n in the text is a line break. */
static void paste(const char *text)
{
    send_bytes("\033[200~", 6);
    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == 'n') {
            send_bytes("\r", 1);
            text++;
        } else {
            send_bytes(text, 1);
        }
    }
    send_bytes("\033[201~", 6);
}

/* Waits for the end. */
static bool ends_with(int code)
{
    for (long end = now_ms() + WAIT_MS; !term.ended && now_ms() < end;) {
        pump(20);
        if (!term.ended && waitpid(term.pid, &term.status, WNOHANG) == term.pid)
            term.ended = true;
    }
    while (pump(20))
        ;
    int got = WIFEXITED(term.status)     ? WEXITSTATUS(term.status)
              : WIFSIGNALED(term.status) ? 128 + WTERMSIG(term.status)
                                         : -1;
    if (!term.ended || got != code) {
        printf("# it %s %d\n", term.ended ? "ended with" : "runs still", got);
        return false;
    }
    if (term.alternate && code < 128) {
        printf("# the alternate screen was not left\n");
        return false;
    }
    return true;
}

/* Sends a signal. */
static bool send_signal(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"TERM", SIGTERM}, {"HUP", SIGHUP}, {"TSTP", SIGTSTP}, {"CONT", SIGCONT},
                   {"KILL", SIGKILL}, {"INT", SIGINT}};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strcmp(signals[i].name, name) == 0)
            return kill(term.pid, signals[i].number) == 0;
    return false;
}

/* No byte comes for so long, once what was on its way has come. */
static bool is_quiet(int ms)
{
    while (pump(300))
        ;
    long before = term.bytes, end = now_ms() + ms;
    while (now_ms() < end)
        pump((int)(end - now_ms()));
    if (term.bytes != before)
        printf("# %ld bytes came\n", term.bytes - before);
    return term.bytes == before;
}

/* Keys with pauses that let each be drawn. */
static void type_text(const char *text)
{
    send_bytes(text, strlen(text));
}

/* Does one line; false when it fails. */
static bool do_line(char *line)
{
    char *args = strchr(line, ' ');
    int cols, rows;
    if (args)
        *args++ = 0;
    else
        args = line + strlen(line);
    if (strcmp(line, "wait") == 0)
        return wait_text(args, true);
    if (strcmp(line, "gone") == 0)
        return wait_text(args, false);
    if (strcmp(line, "expect") == 0)
        return find(args) >= 0;
    if (strcmp(line, "refuse") == 0)
        return find(args) < 0;
    if (strcmp(line, "row") == 0)
        return wait_row(args);
    if (strcmp(line, "same") == 0)
        return same_as(args);
    if (strcmp(line, "attr") == 0)
        return has_attr(args);
    if (strcmp(line, "cursor") == 0)
        return cursor_at(args);
    if (strcmp(line, "signal") == 0)
        return send_signal(args);
    if (strcmp(line, "quiet") == 0)
        return is_quiet((int)strtol(args, NULL, 10));
    if (strcmp(line, "exit") == 0)
        return ends_with((int)strtol(args, NULL, 10));
    if (strcmp(line, "type") == 0) {
        type_text(args);
    } else if (strcmp(line, "paste") == 0) {
        paste(args);
    } else if (strcmp(line, "key") == 0) {
        for (char *rest = args, *word; (word = strsep(&rest, " "));)
            if (*word) {
                send_key(word);
                /* A lone Esc is told from a sequence by time. */
                for (long end = now_ms() + (strcmp(word, "Esc") == 0 ? 80 : 5); now_ms() < end;)
                    pump((int)(end - now_ms()));
            }
    } else if (strcmp(line, "burst") == 0) {
        send_burst(args);
    } else if (strcmp(line, "size") == 0 && sscanf(args, "%dx%d", &cols, &rows) == 2) {
        set_size(cols, rows);
    } else if (strcmp(line, "sleep") == 0) {
        for (long end = now_ms() + strtol(args, NULL, 10); now_ms() < end;)
            pump((int)(end - now_ms()));
    } else {
        printf("# no such step: %s\n", line);
        return false;
    }
    return true;
}

/* Starts the program in its own terminal. */
static bool start(char *argv[])
{
    static const VTermScreenCallbacks callbacks = {.settermprop = on_prop};
    struct winsize w = {.ws_row = (unsigned short)term.rows, .ws_col = (unsigned short)term.cols};
    term.pid = forkpty(&term.fd, NULL, NULL, &w);
    if (term.pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        unsetenv("TMUX");
        unsetenv("COLORTERM");
        execv(argv[0], argv);
        _exit(127);
    }
    term.vt = vterm_new(term.rows, term.cols);
    vterm_set_utf8(term.vt, 1);
    vterm_output_set_callback(term.vt, on_output, NULL);
    term.screen = vterm_obtain_screen(term.vt);
    vterm_screen_set_callbacks(term.screen, &callbacks, NULL);
    vterm_screen_enable_altscreen(term.screen, 1);
    vterm_screen_reset(term.screen, 1);
    return term.pid > 0;
}

/* The driver. */
int main(int argc, char *argv[])
{
    char line[LINE_MAX_BYTES];
    const char *keep = NULL;
    int at = 2, number = 0, code = 0;
    if (argc > 4 && strcmp(argv[2], "--keep") == 0) {
        keep = argv[3];
        at = 4;
    }
    if (argc > at && strcmp(argv[at], "--wide") == 0) {
        term.wide = true;
        at++;
    }
    if (argc <= at || sscanf(argv[1], "%dx%d", &term.cols, &term.rows) != 2)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    if (!start(argv + at))
        return 2;
    while (fgets(line, sizeof line, stdin)) {
        char *text = line + strspn(line, " ");
        number++;
        text[strcspn(text, "\n")] = 0;
        if (!*text || *text == '#')
            continue;
        char copy[LINE_MAX_BYTES];
        snprintf(copy, sizeof copy, "%s", text);
        if (do_line(text))
            continue;
        printf("# line %d failed: %s\n", number, copy);
        show_screen(stdout);
        code = 1;
        break;
    }
    if (keep) {
        FILE *f = fopen(keep, "w");
        for (int row = 0; f && row < term.rows; row++)
            fprintf(f, "%s\n", row_text(row));
        if (f)
            fclose(f);
    }
    if (!term.ended) {
        kill(term.pid, SIGKILL);
        waitpid(term.pid, NULL, 0);
    }
    return code;
}
