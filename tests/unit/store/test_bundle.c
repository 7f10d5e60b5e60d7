/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_bundle.c - bytes of many rows packed together: each comes back, each can be given up. */
#include "help.h"

#include "store/bundle.h"
#include "store/doc.h"

static struct error err;

/* Writes a bundle of three texts; places are theirs. */
static void write_three(struct db *db, const char *const texts[3], struct str places[3])
{
    struct str all = STR_INIT, packed = STR_INIT;
    int64_t id = 0;
    size_t at = 0;
    for (int i = 0; i < 3; i++)
        str_puts(&all, texts[i]);
    bundle_pack(all.data, all.len, &packed);
    if (bundle_write(db, &packed, all.len, &id, &err) != STATUS_OK)
        abort();
    for (int i = 0; i < 3; i++) {
        bundle_place(id, at, strlen(texts[i]), &places[i]);
        at += strlen(texts[i]);
    }
    str_fini(&all);
    str_fini(&packed);
}

/* Does a place give this text? */
static bool gives(struct db *db, const struct str *place, const char *text)
{
    struct str out = STR_INIT;
    bool good = bundle_read(db, place->data, place->len, 1000, &out, &err) == STATUS_OK &&
                strcmp(str_text(&out), text) == 0;
    str_fini(&out);
    return good;
}

/* Is a text anywhere in what the bundles hold? */
static bool holds(struct db *db, const char *text)
{
    struct db_query *q = db_prepare(db, "SELECT bytes FROM bundle");
    bool found = false;
    while (db_step(q)) {
        size_t n;
        const void *bytes = db_bytes(q, 0, &n);
        struct str out = STR_INIT;
        if (db_unpack(bytes, n, 1 << 20, &out, &err) == STATUS_OK)
            found = found || memmem(str_text(&out), out.len, text, strlen(text));
        str_fini(&out);
    }
    db_end(q);
    return found;
}

/* Written, read, given up. */
static void test_places(struct db *db)
{
    static const char *const texts[3] = {"the first text of all", "a secret in the middle", "the last"};
    struct str p[3] = {0}, alone = STR_INIT, out = STR_INIT;
    write_three(db, texts, p);
    for (int i = 0; i < 3; i++)
        ok(gives(db, &p[i], texts[i]), "text %d comes back", i);
    ok(bundle_is_place(p[0].data, p[0].len), "a place is told");
    db_pack("by itself", 9, &alone);
    ok(!bundle_is_place(alone.data, alone.len) && gives(db, &alone, "by itself"),
       "what was packed by itself is read too");
    is_int(bundle_read(db, p[0].data, p[0].len, 5, &out, &err), STATUS_LIMIT, "a ceiling holds");

    ok(holds(db, "secret"), "the middle is in the file");
    is_int(bundle_drop(db, p[1].data, p[1].len, &err), STATUS_OK, "it is given up");
    ok(!holds(db, "secret"), "and is in the file no more");
    ok(gives(db, &p[0], texts[0]) && gives(db, &p[2], texts[2]), "its neighbours stand where they stood");
    is_int(bundle_drop(db, alone.data, alone.len, &err), STATUS_OK, "what lies alone is nothing to it");
    is_int(bundle_drop(db, p[0].data, p[0].len, &err), STATUS_OK, "the first goes");
    is_int(bundle_drop(db, p[2].data, p[2].len, &err), STATUS_OK, "and the last");
    is_int(db_get_int(db, "SELECT count(*) FROM bundle", -1), 0, "with them the bundle");
    is_int(bundle_read(db, p[0].data, p[0].len, 1000, &out, &err), STATUS_CORRUPT, "its places lead nowhere");
    for (size_t n = 1; n < p[1].len; n++)
        if (bundle_read(db, p[1].data, n, 1000, &out, &err) != STATUS_CORRUPT)
            ok(false, "a place cut to %zu bytes is told", n);
    for (int i = 0; i < 3; i++)
        str_fini(&p[i]);
    str_fini(&alone);
    str_fini(&out);
}

/* What was unpacked is not taken for another's. */
static void test_numbers(struct db *db)
{
    static const char *const some[3] = {"one", "two", "three"}, *const others[3] = {"eno", "owt", "eerht"};
    struct str p[3] = {0}, q[3] = {0};
    if (db_savepoint(db, &err) != STATUS_OK)
        abort();
    write_three(db, some, p);
    ok(gives(db, &p[1], "two"), "read within what is taken back");
    db_rollback_savepoint(db);
    write_three(db, others, q);
    ok(gives(db, &q[1], "owt"), "what was written in its place is read");
    for (int i = 0; i < 3; i++)
        is_int(bundle_drop(db, q[i].data, q[i].len, &err), STATUS_OK, "given up");
    write_three(db, some, p);
    ok(gives(db, &p[0], "one"), "and what comes after it");
    for (int i = 0; i < 3; i++) {
        str_fini(&p[i]);
        str_fini(&q[i]);
    }
}

/* A doc whose body lies in a bundle: indexed, changed, deleted. */
static void test_docs(struct db *db)
{
    static const char *const texts[3] = {"a body about herons", "a body about storks", "about neither"};
    struct str p[3] = {0}, body = STR_INIT;
    int64_t keys[3];
    int left;
    write_three(db, texts, p);
    for (int i = 0; i < 3; i++) {
        struct doc d = {.kind = DOC_NOTE, .ref = 900 + i, .date = 1700000000 + i, .subject = "birds",
                        .packed = p[i].data, .packed_len = p[i].len};
        is_int(doc_insert(db, &d, &keys[i], &err), STATUS_OK, "a doc");
    }
    is_int(doc_index_some(db, 100, &left, &err), STATUS_OK, "indexed");
    is_int(db_get_int(db, "SELECT count(*) FROM doc_fts WHERE doc_fts MATCH 'storks'", -1), 1, "found by its body");
    is_int(doc_index_verify(db, &err), STATUS_OK, "the index fits the texts");
    struct doc d = {.kind = DOC_NOTE, .ref = 901, .date = 1700000001, .subject = "birds", .body = "now about owls"};
    is_int(doc_update(db, keys[1], &d, &err), STATUS_OK, "its text is changed");
    ok(!holds(db, "storks"), "the old one is nowhere");
    is_int(doc_index_some(db, 100, &left, &err), STATUS_OK, "indexed again");
    is_int(db_get_int(db, "SELECT count(*) FROM doc_fts WHERE doc_fts MATCH 'storks OR owls'", -1), 1,
           "found by the new one alone");
    is_int(doc_delete(db, keys[0], &err), STATUS_OK, "the first is deleted");
    ok(!holds(db, "herons"), "with its text");
    ok(doc_body(db, keys[2], &body, &err) == STATUS_OK && strcmp(str_text(&body), texts[2]) == 0,
       "the third reads as before");
    is_int(doc_index_verify(db, &err), STATUS_OK, "the index fits still");
    for (int i = 0; i < 3; i++)
        str_fini(&p[i]);
    str_fini(&body);
}

/* A store of before there were bundles. */
static void test_before(void)
{
    struct db *db = test_db("before.db");
    struct str body = STR_INIT;
    int64_t key = 0;
    struct doc d = {.kind = DOC_NOTE, .ref = 1, .date = 1700000000, .subject = "old", .body = "kept by itself"};
    ok(test_make_old(db, &err), "a store of before");
    is_int(doc_insert(db, &d, &key, &err), STATUS_OK, "a doc of before");
    is_int(db_commit(db, &err), STATUS_OK, "is left");
    is_int(migrate_run(db, test_dir, &err), STATUS_OK, "it opens");
    is_int(db_get_int(db, "SELECT count(*) FROM bundle", -1), 0, "and has room for bundles");
    ok(doc_body(db, key, &body, &err) == STATUS_OK && strcmp(str_text(&body), "kept by itself") == 0,
       "its texts read as before");
    str_fini(&body);
    db_close(db);
}

int main(void)
{
    test_start();
    struct db *db = test_db("bundle.db");
    test_places(db);
    test_numbers(db);
    test_docs(db);
    db_rollback(db);
    db_close(db);
    test_before();
    return tap_end();
}
