/* watch.h - topics of change: a bit each. A pane names the bits it lives on and is reloaded when
 * one of them rings, whichever process made the change. */
#ifndef BASE_WATCH_H
#define BASE_WATCH_H

enum watch {
    WATCH_MAIL = 1 << 0,   /* messages, threads, flags, folders, lanes */
    WATCH_DRAFT = 1 << 1,  /* drafts and their versions */
    WATCH_OUTBOX = 1 << 2, /* what is held, sent, in doubt */
    WATCH_NOTE = 1 << 3,   /* notes, transcripts, minutes */
    WATCH_CHAT = 1 << 4,   /* conversations and turns, streaming included */
    WATCH_JOB = 1 << 5,    /* jobs and their progress */
    WATCH_CONFIG = 1 << 6, /* options, models */
    WATCH_ALL = (1 << 7) - 1
};

#endif
