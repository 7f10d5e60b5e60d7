/* wire.h - what bureau and bureau-reader say to each other: record types and field tags.
 *
 * Requests come over a SOCK_SEQPACKET socket (the reader's descriptor 0), one record a packet. Their bytes
 * lie in a sealed memfd, AT and SIZE say where; it comes with the packet, unless it is the one that came
 * last: small mails share one. Answers go to descriptor 1, a stream of records, in
 * the order of the requests: any number of WIRE_DATA, then one WIRE_MESSAGE, WIRE_CUES,
 * WIRE_SERVERS or WIRE_DONE. The first record of all is WIRE_HELLO, told when the box is closed. */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

enum wire_type {
    /* requests */
    WIRE_PARSE = 1,  /* memfd: a mail → WIRE_MESSAGE */
    WIRE_PART,       /* memfd: a mail; NUMBER, FORM → WIRE_DATA…, WIRE_DONE */
    WIRE_TRANSCRIPT, /* memfd: VTT, SRT or text → WIRE_CUES */
    WIRE_COMPOSE,    /* memfd: a WIRE_OUTGOING record → WIRE_DATA…, WIRE_DONE */
    WIRE_OUTGOING,
    WIRE_AUTOCONFIG, /* memfd: a provider's config-v1.1.xml → WIRE_SERVERS */
    WIRE_CALENDAR, /* memfd: iCalendar text → WIRE_EVENTS */
    /* answers */
    WIRE_HELLO = 32, /* BOX… */
    WIRE_DATA,       /* BYTES */
    WIRE_DONE,       /* STATUS, DETAIL */
    WIRE_MESSAGE,    /* the fields of struct mail_message */
    WIRE_CUES,       /* CUE… */
    WIRE_SERVERS,    /* SERVER…, SIGN_IN… */
    WIRE_EVENTS      /* EVENT…, TRUNCATED */
};

/* How a part is wanted. NUMBER 0 is the whole mail. */
enum wire_form {
    WIRE_FORM_BYTES, /* decoded, nothing else */
    WIRE_FORM_TEXT,  /* its readable text */
    WIRE_FORM_VIEW,  /* to look at: tables, office files; what it really is decides */
    WIRE_FORM_PLAIN, /* the whole mail; of alternatives the plain one */
    WIRE_FORM_HTML,  /* the HTML one */
    WIRE_FORM_SEVEN  /* the whole mail as it may travel: seven bits, short lines; what it says stays */
};

enum wire_tag {
    WIRE_NUMBER = 1, /* int */
    WIRE_FORM,       /* int, enum wire_form */
    WIRE_BYTES,
    WIRE_STATUS, /* int: 0 good, 1 no such part, 2 refused, 3 failed, 4 good but cut short */
    WIRE_DETAIL, /* text: what was refused */
    WIRE_BOX,    /* text: one line of what the system allowed, "landlock 7", "seccomp", … */
    WIRE_AT,     /* int: where a request's bytes begin; SIZE is how many they are */

    WIRE_MESSAGE_ID = 16,
    WIRE_IN_REPLY_TO,
    WIRE_REFERENCE, /* repeated */
    WIRE_DATE,      /* int; absent when unknown */
    WIRE_DATE_TEXT, /* RFC 5322, for composing */
    WIRE_FROM,      /* nested NAME, ADDRESS; repeated */
    WIRE_TO,
    WIRE_CC,
    WIRE_BCC,
    WIRE_REPLY_TO,
    WIRE_SUBJECT,
    WIRE_LIST_ID,
    WIRE_LIST_POST,
    WIRE_LIST_UNSUBSCRIBE,
    WIRE_LIST_UNSUBSCRIBE_POST,
    WIRE_AUTO_SUBMITTED,
    WIRE_PRECEDENCE,
    WIRE_RETURN_PATH,
    WIRE_DELIVERED_TO,
    WIRE_SENDER,
    WIRE_AUTH_RESULTS,
    WIRE_AUTO_RESPONSE_SUPPRESS,
    WIRE_X_MAILER,
    WIRE_CONTENT_TYPE,
    WIRE_BODY_PART, /* nested; repeated */
    WIRE_LINK,      /* nested TEXT, URL; repeated */
    WIRE_WARNING,   /* repeated */
    WIRE_TEXT,
    WIRE_HIDDEN_TEXT,
    WIRE_ICS,
    WIRE_DAMAGED,   /* int, bool */
    WIRE_TRUNCATED, /* int, bool */
    WIRE_FILE,      /* nested NAME, CONTENT_TYPE, BYTES; repeated */
    WIRE_SERVER,    /* nested NAME (imap, smtp), ADDRESS, SIZE (port), SOCKET, USERNAME, METHOD…; repeated */
    WIRE_SIGN_IN,   /* nested ISSUER, SCOPE, AUTHORIZE, TOKEN */
    WIRE_CUE,       /* nested START, END, SPEAKER, TEXT; repeated */
    WIRE_EVENT,     /* nested; the fields of struct mail_event; repeated */
    WIRE_PROTECTION, /* text: "openpgp-signed", … */
    WIRE_REPORT, /* text: reader/report.h */

    /* inside nested fields */
    WIRE_NAME = 64,
    WIRE_ADDRESS,
    WIRE_CHARSET,
    WIRE_DISPOSITION,
    WIRE_CID,
    WIRE_SIZE,       /* int */
    WIRE_ATTACHMENT, /* int, bool */
    WIRE_SHOWN,      /* int, bool */
    WIRE_URL,
    WIRE_START, /* int, ms */
    WIRE_END,
    WIRE_SPEAKER,
    WIRE_SOCKET,
    WIRE_USERNAME,
    WIRE_METHOD,
    WIRE_ISSUER,
    WIRE_SCOPE,
    WIRE_AUTHORIZE,
    WIRE_TOKEN,
    WIRE_REAL_TYPE, /* text: what the bytes of a part are */
    WIRE_STATE,
    WIRE_ROLE,
    WIRE_KIND,
    WIRE_PLACE,
    WIRE_UID,
    WIRE_OF,       /* of which instance of a recurrence */
    WIRE_RULE,
    WIRE_ZONE,
    WIRE_INSTANCE, /* int, seconds; repeated */
    WIRE_ALL_DAY,  /* int, bool: START, END and INSTANCE as if they were UTC */
    WIRE_FLOATING  /* int, bool: likewise, in no zone */
};

#endif
