/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_list.c - the folders of an IMAP account as LIST and STATUS tell them go into the store
 *
 * A folder is kept by the wire's bytes; the name a person sees is made once: "/" between levels, the
 * prefix of the personal namespace left out, unlike any other folder's of the account. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "io/imap_name.h"
#include "mail/imap_run.h"

/* Releases a folder. */
void mail_imap_run_folder_fini(void *item)
{
    struct run_folder *f = item;

    free(f->wire);
    free(f->name);
}

/* Releases the record. */
void mail_imap_listing_free(void *record)
{
    struct run_listing *l = record;

    vec_fini(&l->folders);
    free(l->account);
    free(l->prefix);
    vec_fini(&l->foreign);
    free(l);
}

/* The name for people. Yours. */
static char *shown_name(const struct run_listing *l, const struct run_folder *f)
{
    const char *wire = f->wire;
    size_t n = l->prefix ? strlen(l->prefix) : 0;
    struct str out = STR_INIT;
    char *name;

    if (n && strncmp(wire, l->prefix, n) == 0 && wire[n])
        wire += n;
    name = imap_name_decode(wire, strlen(wire), l->utf8);
    for (const char *c = name; *c; c++) {
        if (f->separator && *c == f->separator)
            str_putc(&out, '/');
        else if (*c == '/')
            str_puts(&out, "\xe2\x88\x95"); /* U+2215 stands for a slash that is no level */
        else
            str_putc(&out, *c);
    }
    free(name);
    if (!out.len)
        str_puts(&out, "?");
    if (out.len > 400)
        str_truncate(&out, 400);
    return str_take(&out);
}

static const struct {
    unsigned attribute;
    enum mail_role role;
} all[] = {{IMAP_LIST_SENT, MAIL_ROLE_SENT},   {IMAP_LIST_DRAFTS, MAIL_ROLE_DRAFTS},
           {IMAP_LIST_TRASH, MAIL_ROLE_TRASH}, {IMAP_LIST_JUNK, MAIL_ROLE_SPAM},
           {IMAP_LIST_ARCHIVE, MAIL_ROLE_ARCHIVE}, {IMAP_LIST_ALL, MAIL_ROLE_ARCHIVE}};

/* The attributes that say so. */
unsigned mail_imap_role_attributes(enum mail_role role)
{
    unsigned attributes = 0;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].role == role)
            attributes |= all[i].attribute;
    return attributes;
}

/* What an attribute says a folder is for. */
static enum mail_role role_of(unsigned attributes)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (attributes & all[i].attribute)
            return all[i].role;
    return MAIL_ROLE_OTHER;
}

/* Is the folder taken by another name of the wire? */
static bool is_taken(struct db *db, int64_t folder)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_imap_folder WHERE folder=?1");

    db_bind_int(q, 1, folder);
    return db_any(q);
}

/* Makes the folder of a name of the wire that is new. */
static enum status make_folder(struct db *db, const struct run_listing *l, struct run_folder *f,
                               struct error *err)
{
    char *name = shown_name(l, f);
    struct db_query *q;
    enum status st = mail_folder_make(db, l->account, name, &f->id, err);

    for (int i = 2; st == STATUS_OK && is_taken(db, f->id) && i < 100; i++) {
        char *other = str_format("%s (%d)", name, i);
        st = mail_folder_make(db, l->account, other, &f->id, err);
        free(other);
    }
    free(name);
    if (st != STATUS_OK)
        return st;
    q = db_prepare(db, "INSERT OR REPLACE INTO mail_imap_folder(folder,account,wire,separator,attributes)"
                       " VALUES(?1,?2,?3,?4,?5)");
    db_bind_int(q, 1, f->id);
    db_bind_text(q, 2, l->account);
    db_bind_text(q, 3, f->wire);
    db_bind_text_n(q, 4, &f->separator, f->separator ? 1 : 0);
    db_bind_int(q, 5, f->attributes);
    st = db_run(q, err);
    if (st == STATUS_OK) {
        q = db_prepare(db, "UPDATE mail_folder SET followed=2 WHERE id=?1 AND followed<>2");
        db_bind_int(q, 1, f->id);
        st = db_run(q, err);
    }
    return st;
}

/* Reads what is stored of a folder; id 0: nothing. */
static enum status read_folder(struct db *db, const struct run_listing *l, struct run_folder *f,
                               struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT f.folder,f.uidvalidity,f.uidnext,f.modseq,f.messages,f.state,n.name,n.role,f.thrids"
                       " FROM mail_imap_folder f JOIN mail_folder n ON n.id=f.folder"
                       " WHERE f.account=?1 AND f.wire=?2");

    db_bind_text(q, 1, l->account);
    db_bind_text(q, 2, f->wire);
    f->id = 0;
    if (db_step(q)) {
        f->id = db_int(q, 0);
        f->uidvalidity = db_int(q, 1);
        f->uidnext = db_int(q, 2);
        f->modseq = db_int(q, 3);
        f->messages = db_int(q, 4);
        f->state = db_int(q, 5);
        free(f->name);
        f->name = mem_strdup(db_text(q, 6));
        f->role = (enum mail_role)db_int(q, 7);
        f->thrids = f->state == MAIL_IMAP_NEW || db_int(q, 8) != 0;
    }
    return db_done(q, err);
}

/* Does it belong to others, or to all? */
static bool is_foreign(const struct run_listing *l, const struct run_folder *f)
{
    size_t own = l->prefix && str_starts(f->wire, l->prefix) ? strlen(l->prefix) : 0;

    for (size_t i = 0; i < l->foreign.len; i++)
        if (str_starts(f->wire, strv_at(&l->foreign, i)) && strlen(strv_at(&l->foreign, i)) > own)
            return true;
    return false;
}

/* The role the server gives; the config's names win (mail_folder_role looks there first). Others' folders have none
 * unless the config says so, whatever they are called: what a person deletes, drafts or sends is not theirs to see. */
static enum status set_role(struct db *db, const struct run_listing *l, struct run_folder *f, struct error *err)
{
    enum mail_role role;
    struct db_query *q;

    f->foreign = is_foreign(l, f);
    if (f->foreign && mail_folder_is_named(l->account, f->name))
        return STATUS_OK;
    role = f->foreign ? MAIL_ROLE_OTHER : role_of(f->attributes);
    if (role == f->role || (!f->foreign && (role == MAIL_ROLE_OTHER || f->role != MAIL_ROLE_OTHER)))
        return STATUS_OK;
    f->role = role;
    q = db_prepare(db, "UPDATE mail_folder SET role=?2 WHERE id=?1");
    db_bind_int(q, 1, f->id);
    db_bind_int(q, 2, role);
    return db_run(q, err);
}

/* A folder that came back after it had vanished is compared anew. */
static enum status revive(struct db *db, struct run_folder *f, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE mail_imap_folder SET state=?2,modseq=0,attributes=?3"
                                        " WHERE folder=?1 AND (state=?4 OR attributes<>?3)");

    db_bind_int(q, 1, f->id);
    db_bind_int(q, 2, f->state == MAIL_IMAP_VANISHED ? MAIL_IMAP_NEW : f->state);
    db_bind_int(q, 3, f->attributes);
    db_bind_int(q, 4, MAIL_IMAP_VANISHED);
    if (f->state == MAIL_IMAP_VANISHED)
        f->state = MAIL_IMAP_NEW;
    return db_run(q, err);
}

/* Folders we know that are listed no more: their copies are gone, until they are settled. */
static enum status find_vanished(struct db *db, const struct run_listing *l, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT folder FROM mail_imap_folder WHERE account=?1 AND state<>?2");
    struct vec gone;
    enum status st;

    vec_init(&gone, sizeof(int64_t), NULL);
    db_bind_text(q, 1, l->account);
    db_bind_int(q, 2, MAIL_IMAP_VANISHED);
    while (db_step(q)) {
        bool listed = false;
        for (size_t i = 0; i < l->folders.len && !listed; i++)
            listed = ((const struct run_folder *)vec_at(&l->folders, i))->id == db_int(q, 0);
        if (!listed)
            mail_vec_add(&gone, db_int(q, 0));
    }
    st = db_done(q, err);
    for (size_t i = 0; i < gone.len && st == STATUS_OK; i++) {
        static const char *const steps[] = {
            "UPDATE mail_imap_folder SET state=2 WHERE folder=?1",
            "UPDATE mail_imap_copy SET state=1 WHERE folder=?1 AND state=0 AND message<>0",
            "DELETE FROM mail_imap_copy WHERE folder=?1 AND message=0",
            "DELETE FROM mail_imap_todo WHERE folder=?1"};
        for (size_t k = 0; k < sizeof steps / sizeof *steps && st == STATUS_OK; k++) {
            q = db_prepare(db, steps[k]);
            db_bind_int(q, 1, mail_vec_int(&gone, i));
            st = db_run(q, err);
        }
    }
    vec_fini(&gone);
    return st;
}

/* All that was listed. */
static enum status list_run(struct db *db, void *record, struct error *err)
{
    struct run_listing *l = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < l->folders.len && st == STATUS_OK; i++) {
        struct run_folder *f = vec_at(&l->folders, i);
        st = read_folder(db, l, f, err);
        if (st == STATUS_OK && !f->id) {
            st = make_folder(db, l, f, err);
            if (st == STATUS_OK)
                st = read_folder(db, l, f, err);
        } else if (st == STATUS_OK) {
            st = revive(db, f, err);
        }
        if (st == STATUS_OK)
            st = set_role(db, l, f, err);
    }
    if (st == STATUS_OK) /* where deleted mail goes, also when the server has no such folder yet */
        st = mail_folder_role(db, l->account, MAIL_ROLE_TRASH, &l->trash, err);
    if (st == STATUS_OK)
        st = mail_folder_role(db, l->account, MAIL_ROLE_DRAFTS, &l->drafts, err);
    if (st == STATUS_OK)
        st = mail_folder_role(db, l->account, MAIL_ROLE_SENT, &l->sent, err);
    return st == STATUS_OK ? find_vanished(db, l, err) : st;
}

const struct store_op mail_imap_list_op = {
    .name = "mail.imap-list", .klass = OP_BULK, .run = list_run, .free = mail_imap_listing_free};
