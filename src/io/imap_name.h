/* imap_name.h - names of folders on the wire: modified UTF-7 (RFC 3501 §5.1.3) and UTF-8.
 *
 * Not every name a server sends can be written back from its decoded form (bad modified UTF-7), so
 * whoever keeps a folder keeps the wire's bytes beside the shown name and addresses it by these. */
#ifndef IO_IMAP_NAME_H
#define IO_IMAP_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The name as UTF-8, for showing and comparing: what is not modified UTF-7 stays as it stands,
 * broken UTF-8 and NUL become U+FFFD; controls stay (the gate shows them). `utf8`: the session has
 * enabled UTF8=ACCEPT, so "&" means itself. INBOX in any case is "INBOX". Yours. */
char *imap_name_decode(const char *wire, size_t n, bool utf8);
/* The wire's form of a UTF-8 name; NULL when it is not UTF-8 or holds a control character. Yours. */
char *imap_name_encode(const char *name, bool utf8);

#endif
