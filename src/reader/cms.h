/* cms.h - what stands inside an S/MIME file (RFC 5652, RFC 3274): nothing is checked, only found. */
#ifndef READER_CMS_H
#define READER_CMS_H

#include "base/str.h"

enum cms_kind {
    CMS_NONE,         /* no such file */
    CMS_SIGNED,       /* its content can be read */
    CMS_COMPRESSED,   /* likewise */
    CMS_CERTIFICATES, /* signatures or certificates without a content */
    CMS_ENCRYPTED
};

enum { CMS_CONTENT_MAX = 16 << 20, CMS_DEPTH_MAX = 16 };

/* Reads the file in `bytes` (BER, also of indefinite length and in pieces) and leaves its content
 * there: nothing when it has none that is a mail's. cut: there is more than that. Any bytes may come;
 * the time is linear in their number, the memory that of the bytes and of what was compressed. */
enum cms_kind cms_open(struct str *bytes, bool *cut);

#endif
