/* tool.h - other people's programs (pdftotext, chafa) in a box: they read their stdin, write their
 * stdout, and can do nothing else. */
#ifndef READER_TOOL_H
#define READER_TOOL_H

/* Limits this process, closes the box and becomes argv[0]; returns only when that fails (an exit
 * code: 126 the box cannot be closed, 127 no such program). */
int tool_become(char *const argv[]);

#endif
