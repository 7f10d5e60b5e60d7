/* imap_response.h - what an IMAP server said, typed (RFC 3501, RFC 9051 and the extensions named
 * here). Made by imap_parse.c from bytes that imap_reader.c collected.
 *
 * Everything in a response borrows from the reader and lives until it takes the next bytes: in
 * practice, while the callback runs. Server text is foreign: base/gate before a person sees it. */
#ifndef IO_IMAP_RESPONSE_H
#define IO_IMAP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

/* A piece of a response. Not NUL-terminated: `len` counts. */
struct imap_text {
    const char *bytes; /* borrow; never NULL */
    size_t len;
    bool nil; /* it said NIL (len is 0 then) */
};

enum imap_kind {
    IMAP_TAGGED,     /* tag, status, code, text */
    IMAP_CONTINUE,   /* "+": text */
    IMAP_CONDITION,  /* untagged OK, NO, BAD, BYE, PREAUTH: status, code, text */
    IMAP_CAPABILITY, /* words */
    IMAP_ENABLED,    /* words */
    IMAP_LIST,       /* list */
    IMAP_LSUB,       /* list */
    IMAP_FOLDER,     /* "* STATUS name (…)": folder */
    IMAP_FLAGS,      /* words */
    IMAP_EXISTS,     /* number */
    IMAP_RECENT,     /* number */
    IMAP_EXPUNGE,    /* number: a sequence number */
    IMAP_VANISHED,   /* set; earlier */
    IMAP_FETCH,      /* number: a sequence number; fetch */
    IMAP_SEARCH,     /* set (blanks made commas, order kept); modseq */
    IMAP_ESEARCH,    /* search; set when it has ALL */
    IMAP_NAMESPACE,  /* spaces: personal, then others, then shared */
    IMAP_ID,         /* words: name, value, name, value … */
    IMAP_OTHER       /* a name we do not read: words[0]; nothing else is set */
};

enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };

/* Response codes, "[NAME …]". */
#define IMAP_CODES(X)                                                                              \
    X(ALERT) X(ALREADYEXISTS) X(APPENDUID) X(APPENDLIMIT) X(AUTHENTICATIONFAILED)                  \
    X(AUTHORIZATIONFAILED) X(BADCHARSET) X(CANNOT) X(CAPABILITY) X(CLIENTBUG) X(CLOSED)            \
    X(CONTACTADMIN) X(COPYUID) X(CORRUPTION) X(EXPIRED) X(EXPUNGEISSUED) X(HASCHILDREN)            \
    X(HIGHESTMODSEQ) X(INUSE) X(LIMIT) X(MAILBOXID) X(MODIFIED) X(NOMODSEQ) X(NONEXISTENT)         \
    X(NOPERM) X(OVERQUOTA) X(PARSE) X(PERMANENTFLAGS) X(PRIVACYREQUIRED) X(SERVERBUG) X(TOOBIG)    \
    X(TRYCREATE) X(UIDNEXT) X(UIDNOTSTICKY) X(UIDVALIDITY) X(UNAVAILABLE) X(UNSEEN)
/* READ-ONLY, READ-WRITE, UNKNOWN-CTE have a hyphen and stand beside the list. */
enum imap_code_kind {
    IMAP_CODE_NONE,
#define X(name) IMAP_CODE_##name,
    IMAP_CODES(X)
#undef X
    IMAP_CODE_READ_ONLY,
    IMAP_CODE_READ_WRITE,
    IMAP_CODE_UNKNOWN_CTE,
    IMAP_CODE_OTHER
};

struct imap_code {
    enum imap_code_kind kind;
    uint64_t number; /* UIDVALIDITY, UIDNEXT, UNSEEN, HIGHESTMODSEQ; of APPENDUID, COPYUID: uidvalidity */
    struct imap_text set;  /* MODIFIED; APPENDUID: the new UIDs; COPYUID: UIDs there, at the source */
    struct imap_text dest; /* COPYUID: UIDs at the destination (imap_pairs walks both) */
    struct imap_text text; /* everything behind the name, as it stands; MAILBOXID: the id */
    /* the words of CAPABILITY and PERMANENTFLAGS are in the response's `words` */
};

/* Attributes of LIST (RFC 9051 §7.3.1, SPECIAL-USE RFC 6154, RFC 8457, Gmail's XLIST names). */
enum imap_attribute {
    IMAP_LIST_NOSELECT = 1 << 0, /* also \NonExistent */
    IMAP_LIST_NOINFERIORS = 1 << 1,
    IMAP_LIST_HASCHILDREN = 1 << 2,
    IMAP_LIST_HASNOCHILDREN = 1 << 3,
    IMAP_LIST_MARKED = 1 << 4,
    IMAP_LIST_UNMARKED = 1 << 5,
    IMAP_LIST_SUBSCRIBED = 1 << 6,
    IMAP_LIST_REMOTE = 1 << 7,
    IMAP_LIST_NONEXISTENT = 1 << 8,
    IMAP_LIST_ALL = 1 << 9, /* \All, \AllMail */
    IMAP_LIST_ARCHIVE = 1 << 10,
    IMAP_LIST_DRAFTS = 1 << 11,
    IMAP_LIST_FLAGGED = 1 << 12, /* \Flagged, \Starred */
    IMAP_LIST_JUNK = 1 << 13,    /* \Junk, \Spam */
    IMAP_LIST_SENT = 1 << 14,
    IMAP_LIST_TRASH = 1 << 15,
    IMAP_LIST_IMPORTANT = 1 << 16
};

struct imap_list {
    unsigned attributes; /* enum imap_attribute; their words are in the response's `words` */
    char separator;      /* 0: NIL, the name has no levels */
    struct imap_text name; /* the wire's bytes: imap_name_decode for showing */
};

enum imap_folder_has {
    IMAP_HAS_MESSAGES = 1 << 0,
    IMAP_HAS_RECENT = 1 << 1,
    IMAP_HAS_UIDNEXT = 1 << 2,
    IMAP_HAS_UIDVALIDITY = 1 << 3,
    IMAP_HAS_UNSEEN = 1 << 4,
    IMAP_HAS_HIGHESTMODSEQ = 1 << 5,
    IMAP_HAS_SIZE = 1 << 6,
    IMAP_HAS_MAILBOXID = 1 << 7
};

struct imap_folder {
    struct imap_text name; /* the wire's bytes */
    unsigned has;          /* enum imap_folder_has */
    uint32_t messages, recent, uidnext, uidvalidity, unseen;
    uint64_t highestmodseq, size;
    struct imap_text mailboxid;
};

enum imap_fetch_has {
    IMAP_FETCH_UID = 1 << 0,
    IMAP_FETCH_FLAGS = 1 << 1,
    IMAP_FETCH_DATE = 1 << 2,
    IMAP_FETCH_SIZE = 1 << 3,
    IMAP_FETCH_MODSEQ = 1 << 4,
    IMAP_FETCH_LABELS = 1 << 5, /* X-GM-LABELS */
    IMAP_FETCH_THRID = 1 << 6,  /* X-GM-THRID */
    IMAP_FETCH_MSGID = 1 << 7,  /* X-GM-MSGID */
    IMAP_FETCH_EMAILID = 1 << 8,
    IMAP_FETCH_THREADID = 1 << 9,
    IMAP_FETCH_ENVELOPE = 1 << 10, /* was there; read over */
    IMAP_FETCH_STRUCTURE = 1 << 11, /* BODYSTRUCTURE or BODY; read over */
    IMAP_FETCH_PREVIEW = 1 << 12
};

struct imap_section { /* BODY[…], BINARY[…], RFC822, RFC822.HEADER, RFC822.TEXT */
    struct imap_text name; /* inside the brackets: "" is the whole mail; "HEADER", "TEXT" of RFC822.… */
    bool binary;
    int64_t origin; /* <n>; -1: none */
    struct imap_text data; /* nil: the server has none */
};

struct imap_fetch {
    unsigned has; /* enum imap_fetch_has */
    uint32_t uid;
    int64_t date; /* INTERNALDATE, seconds; CLOCK_NONE when unreadable */
    struct imap_text date_text; /* as it stands: "17-Jul-1996 02:44:25 -0700" */
    uint64_t size, modseq, thrid, msgid;
    struct vec flags;    /* struct imap_text: "\Seen", "$label" */
    struct vec labels;   /* struct imap_text: X-GM-LABELS */
    struct vec sections; /* struct imap_section */
    struct imap_text emailid, threadid, preview;
};

struct imap_search { /* of ESEARCH */
    struct imap_text tag; /* "" when none */
    bool uid, has_count, has_min, has_max, has_all;
    uint32_t count, min, max;
};

struct imap_space { /* of NAMESPACE */
    int kind;       /* 0 personal, 1 other users, 2 shared */
    struct imap_text prefix;
    char separator; /* 0: NIL */
};

/* One response. The vecs are used again for the next. */
struct imap_response {
    enum imap_kind kind;
    enum imap_status status;
    struct imap_text tag, text;
    struct imap_code code;
    uint32_t number;
    uint64_t modseq;
    bool earlier;
    struct imap_text set; /* valid syntax (imap_ranges, imap_set_parse); "" when empty */
    struct vec words;     /* struct imap_text */
    struct vec spaces;    /* struct imap_space */
    struct imap_list list;
    struct imap_folder folder;
    struct imap_fetch fetch;
    struct imap_search search;
};

bool imap_text_is(struct imap_text t, const char *word); /* ASCII, case does not count */
char *imap_text_dup(struct imap_text t);                 /* up to a NUL byte; yours */
const struct imap_text *imap_text_at(const struct vec *texts, size_t i);

#endif
