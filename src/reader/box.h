/* box.h - what the reader takes away from itself before it touches a foreign byte.
 *
 * Files: Landlock without a single path, where the kernel has it; system calls: an allow list
 * without sockets, opening, executing, or executable memory; memory (RLIMIT_DATA), descriptors,
 * file size, processor time per item. Every charset is open before, so nothing is needed later.
 * A build with sanitizers needs what the box takes, so it stays open and says so. */
#ifndef READER_BOX_H
#define READER_BOX_H

#include <stddef.h>

#include "base/vec.h"

/* data: bytes of memory. Adds to lines (strv) what the system allowed, e.g. "landlock 7". */
void box_close(size_t data, struct vec *lines);
/* Before each item: so many seconds of processor time from now on. */
void box_allow_cpu(unsigned seconds);

#endif
