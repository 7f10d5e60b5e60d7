/* SPDX-License-Identifier: GPL-3.0-or-later */
/* floor_list.c - the least an ncurses list can cost: 1,000 rows, j and k move the bar, q leaves. */
#include <curses.h>
#include <locale.h>

static int top, selected;

static void draw_row(int i)
{
    if (i == selected)
        attron(A_REVERSE);
    mvprintw(i - top, 0, "%-*s", COLS, "");
    mvprintw(i - top, 0, "%4d answer 09:12 Somebody %-10d 合同 a subject of the usual length", i, i);
    attroff(A_REVERSE);
}

static void draw_page(void)
{
    for (int i = top; i < top + LINES - 1 && i < 1000; i++)
        draw_row(i);
    mvprintw(LINES - 1, 0, "READY");
}

int main(void)
{
    setlocale(LC_ALL, "");
    initscr();
    cbreak();
    noecho();
    curs_set(0);
    draw_page();
    for (int key; (key = getch()) != 'q';) {
        int before = selected;
        if (key == 'j' && selected < 999)
            selected++;
        if (key == 'k' && selected > 0)
            selected--;
        if (selected < top || selected >= top + LINES - 1) {
            top = selected;
            erase();
            draw_page();
        } else {
            draw_row(before);
            draw_row(selected);
        }
        refresh();
    }
    endwin();
    return 0;
}
