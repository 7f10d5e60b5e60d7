/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - the tables of the inbox: drafts, judgements of triage, what was learned, summaries. */
#include "inbox/inbox.h"

static const struct migration steps[] = {
    {.sql =
         "CREATE TABLE draft (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
         " state TEXT NOT NULL, message INTEGER NOT NULL, thread INTEGER NOT NULL,"
         " account TEXT NOT NULL, from_name TEXT NOT NULL, from_address TEXT NOT NULL,"
         " in_reply_to TEXT NOT NULL, refs TEXT NOT NULL, say TEXT NOT NULL,"
         " created INTEGER NOT NULL, updated INTEGER NOT NULL, version INTEGER NOT NULL,"
         " cursor INTEGER NOT NULL DEFAULT 0, job INTEGER NOT NULL DEFAULT 0,"
         " outbox INTEGER NOT NULL DEFAULT 0, serial INTEGER NOT NULL DEFAULT 0) STRICT;"
         "CREATE INDEX draft_thread ON draft (thread);"
         "CREATE INDEX draft_updated ON draft (updated);"
         "CREATE TABLE draft_version (draft INTEGER NOT NULL REFERENCES draft (id),"
         " version INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, made TEXT NOT NULL,"
         " to_text TEXT NOT NULL, cc_text TEXT NOT NULL, bcc_text TEXT NOT NULL,"
         " subject TEXT NOT NULL, text TEXT NOT NULL, settled INTEGER NOT NULL DEFAULT 0,"
         " PRIMARY KEY (draft, version)) STRICT, WITHOUT ROWID;"
         "CREATE TABLE draft_file (id INTEGER PRIMARY KEY AUTOINCREMENT,"
         " draft INTEGER NOT NULL REFERENCES draft (id), name TEXT NOT NULL,"
         " content_type TEXT NOT NULL, size INTEGER NOT NULL, sha TEXT NOT NULL,"
         " gone INTEGER NOT NULL DEFAULT 0, bytes BLOB NOT NULL) STRICT;"
         "CREATE INDEX draft_file_draft ON draft_file (draft);"},
    {.sql =
         /* The judgement of a thread: newest is the message it was made up to. */
         "CREATE TABLE triage (thread INTEGER PRIMARY KEY, newest INTEGER NOT NULL,"
         " lane TEXT NOT NULL, reason TEXT NOT NULL, quote TEXT NOT NULL,"
         " quote_message INTEGER NOT NULL, due INTEGER, due_words TEXT NOT NULL,"
         " asks INTEGER NOT NULL, confidence REAL NOT NULL, by TEXT NOT NULL,"
         " at INTEGER NOT NULL) STRICT;"
         /* A person's word about a thread, and what it taught: undone, it is taken out again. */
         "CREATE TABLE triage_lesson (thread INTEGER PRIMARY KEY, lane TEXT NOT NULL,"
         " message INTEGER NOT NULL, learned INTEGER NOT NULL, sender TEXT NOT NULL,"
         " list TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
         "CREATE INDEX triage_lesson_sender ON triage_lesson (sender, lane);"
         "CREATE INDEX triage_lesson_list ON triage_lesson (list, lane) WHERE list <> '';"
         "CREATE TABLE triage_word (word INTEGER NOT NULL, lane TEXT NOT NULL,"
         " n INTEGER NOT NULL, PRIMARY KEY (word, lane)) STRICT, WITHOUT ROWID;"
         "CREATE TABLE triage_class (lane TEXT PRIMARY KEY, lessons INTEGER NOT NULL) STRICT,"
         " WITHOUT ROWID;"},
    {.sql = "CREATE TABLE summary (thread INTEGER PRIMARY KEY, newest INTEGER NOT NULL,"
            " by TEXT NOT NULL, lines TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"},
    /* The mail in a folder of drafts that a draft continues. */
    {.sql = "ALTER TABLE draft ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;"
            "CREATE INDEX draft_origin ON draft (origin) WHERE origin <> 0;"},
    /* What of a draft lies in its account's folder of drafts: the serial it shows, and where. */
    {.sql = "ALTER TABLE draft ADD COLUMN mirrored INTEGER NOT NULL DEFAULT -1;"
            "ALTER TABLE draft ADD COLUMN mirror TEXT NOT NULL DEFAULT '';"},
    /* A reason in no language (triage_reason.c); '': it stands in `reason` as it was written. */
    {.sql = "ALTER TABLE triage ADD COLUMN code TEXT NOT NULL DEFAULT '';"},
    /* Facts of a draft, in its words, that nothing bears out and a person stood by at a send. */
    {.sql = "CREATE TABLE draft_accepted (draft INTEGER NOT NULL REFERENCES draft (id),"
            " words TEXT NOT NULL, PRIMARY KEY (draft, words)) STRICT, WITHOUT ROWID;"},
};

const struct migration_list inbox_migrations = {"inbox", steps, sizeof steps / sizeof *steps};
