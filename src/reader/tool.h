/* tool.h - other people's programs (pdftotext, chafa, catdoc) in a box: they read their stdin, write
 * their stdout, and can do nothing else. */
#ifndef READER_TOOL_H
#define READER_TOOL_H

enum { TOOL_INPUT_MAX = 100 << 20 };

/* Reads stdin into memory that takes its place (some programs must go back in it, and may write no
 * file of their own), limits this process, closes the box and becomes argv[0]; returns only when that fails (an exit
 * code: 126 the box cannot be closed, 127 no such program). */
int tool_become(char *const argv[]);

#endif
