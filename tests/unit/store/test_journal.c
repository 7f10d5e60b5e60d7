/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_journal.c - batches, undo, redo, the chain; and jobs. */
#include <sys/wait.h>

#include "base/clock.h"
#include "help.h"
#include "store/job.h"
#include "store/journal.h"

static struct db *db;

/* Reads a value of the test's table. */
static enum status get(struct db *d, int64_t ref, struct str *out, struct error *err)
{
    struct db_query *q = db_prepare(d, "SELECT value FROM thing WHERE id = ?1");
    db_bind_int(q, 1, ref);
    bool found = db_step(q);
    str_puts(out, db_text(q, 0));
    db_end(q);
    return found ? STATUS_OK : error_set(err, STATUS_NO_SUCH, "gone");
}

/* Sets it. */
static enum status set(struct db *d, int64_t ref, const char *value, struct error *err)
{
    struct db_query *q = db_prepare(d, "UPDATE thing SET value = ?2 WHERE id = ?1");
    db_bind_int(q, 1, ref);
    db_bind_text(q, 2, value);
    return db_run(q, err);
}

/* Values of the form "X…": the first letter is one part, the rest another. */
static bool take_back(const char *before, const char *after, const char *now, struct str *out)
{
    if (before[0] != '+' || after[0] != '-' || now[0] != '-' || strcmp(before + 1, after + 1) != 0)
        return false;
    str_addf(out, "+%s", now + 1);
    return true;
}

static const struct journal_field field = {
    .name = "test.value", .letter = 'm', .get = get, .set = set, .take_back = take_back};

/* A batch that sets things lo to hi; its id. */
static int64_t change(const char *who, int lo, int hi, const char *value)
{
    struct journal *j;
    struct error err = ERROR_INIT;
    int64_t id = -1;
    if (journal_begin(db, who, "change", "because", &j, &err) != STATUS_OK)
        return -1;
    for (int i = lo; i <= hi; i++)
        if (journal_set(j, "test.value", i, value, NULL, &err) != STATUS_OK) {
            journal_abandon(j);
            return -1;
        }
    return journal_end(j, &id, &err) == STATUS_OK ? id : -1;
}

/* How many things have this value. */
static int64_t with(const char *value)
{
    struct db_query *q = db_prepare(db, "SELECT count(*) FROM thing WHERE value = ?1");
    db_bind_text(q, 1, value);
    int64_t n = db_step(q) ? db_int(q, 0) : -1;
    db_end(q);
    return n;
}

/* Undo: how many came back; negative: the status. */
static int64_t undo(int64_t id, bool force, int64_t *skipped)
{
    struct journal_undone u;
    struct error err = ERROR_INIT;
    journal_undone_init(&u);
    enum status s = journal_undo(db, id, force, &u, &err);
    int64_t n = s == STATUS_OK ? u.count : -(int64_t)s;
    if (skipped)
        *skipped = (int64_t)u.skipped.len;
    journal_undone_fini(&u);
    return n;
}

/* Redo, likewise. */
static int64_t redo(void)
{
    struct journal_undone u;
    struct error err = ERROR_INIT;
    journal_undone_init(&u);
    enum status s = journal_redo(db, 0, false, &u, &err);
    int64_t n = s == STATUS_OK ? u.count : -(int64_t)s;
    journal_undone_fini(&u);
    return n;
}

/* The chain's status. */
static enum status verify(void)
{
    struct error err = ERROR_INIT;
    int64_t n;
    return journal_verify(db, &n, &err);
}

/* Batches, their inverses, and what has changed since. */
static void test_undo(void)
{
    struct error err = ERROR_INIT;
    struct journal *j;
    int64_t id, skipped;
    is_int(undo(0, false, NULL), -STATUS_NO_SUCH, "nothing to undo");
    is_int(change("me", 1, 10, "a"), 1, "the first batch");
    is_int(change("me", 1, 10, "a"), 0, "a change that changes nothing leaves no batch");
    is_int(change("me", 1, 5, "b"), 2, "the second");
    ok(journal_begin(db, "import", "import", NULL, &j, &err) == STATUS_OK &&
           journal_note(j, "import", 0, "3,249 messages", &err) == STATUS_OK &&
           journal_end(j, &id, &err) == STATUS_OK && id == 3, "an import");
    is_int(undo(0, false, NULL), 5, "undo takes back the newest of mine");
    is_int(with("a"), 10, "as it was");
    is_int(undo(0, false, NULL), 10, "undo again takes back the one before");
    is_int(with(""), 10, "as it was at first");
    is_int(undo(0, false, NULL), -STATUS_NO_SUCH, "no more");
    is_int(redo(), 10, "redo");
    is_int(redo(), 5, "redo again");
    is_int(with("b"), 5, "all is done again");
    is_int(redo(), -STATUS_NO_SUCH, "no more");
    is_int(undo(0, false, NULL), 5, "and undone again");
    is_int(change("me", 6, 6, "c"), 9, "something new");
    is_int(redo(), -STATUS_NO_SUCH, "is the end of redo");
    is_int(undo(1, false, &skipped), 9, "an older batch by its id");
    is_int(skipped, 1, "what changed since is left and named");
    is_int(with("c"), 1, "as it is");
    is_int(undo(1, false, NULL), -STATUS_REFUSED, "not twice");
    is_int(undo(3, false, NULL), -STATUS_REFUSED, "an import has no inverse");
    is_int(undo(99, false, NULL), -STATUS_NO_SUCH, "an id that is not there");
    is_int(change("rule 账单", 7, 8, "r"), 11, "a rule's batch");
    is_int(undo(0, false, NULL), 1, "bare undo passes over it");
    is_int(undo(0, false, NULL), -STATUS_REFUSED, "and then asks for its id");
    is_int(undo(0, true, NULL), 2, "unless it is forced");
    is_int(change("me", 1, 1, "old"), 14, "a change");
    clock_fake_advance(3601 * 1000);
    is_int(undo(0, false, NULL), -STATUS_REFUSED, "after an hour it needs its id");
    is_int(undo(14, false, NULL), 1, "which works a week later too");
    journal_set_program("screen 1");
    is_int(change("me", 2, 2, "s"), 16, "a change on a screen");
    journal_set_program("screen 2");
    is_int(undo(0, false, NULL), -STATUS_REFUSED, "is not another screen's to undo");
    journal_set_program("screen 1");
    is_int(undo(0, false, NULL), 1, "but its own");
    ok(db_exec(db, "DELETE FROM thing WHERE id = 3", &err) == STATUS_OK, "a thing goes");
    change("me", 4, 4, "x");
    is_int(change("rule R", 9, 9, "y"), 19, "a rule");
    is_int(change("rule R", 10, 10, "y"), 20, "twice");
    struct journal_undone u;
    journal_undone_init(&u);
    is_int(journal_undo_since(db, "rule R", clock_now() - 60, &u, &err), STATUS_OK, "all of a rule");
    is_int(u.count, 2, "is taken back");
    is_str(u.ids.len ? strv_at(&u.ids, 0) : "", "m10", "the newest first");
    journal_undone_fini(&u);
    is_int(verify(), STATUS_OK, "the chain holds");
}

/* Single things of a batch, values of parts, batches that are over. */
static void test_things(void)
{
    struct error err = ERROR_INIT;
    struct journal_undone u;
    struct vec only;
    int64_t id, skipped;
    journal_set_program("screen 3");
    vec_init(&only, sizeof(struct journal_thing), NULL);
    id = change("me", 1, 2, "t") ? change("me", 4, 6, "t") : 0;
    *(struct journal_thing *)vec_push(&only) = (struct journal_thing){'m', 5};
    journal_undone_init(&u);
    is_int(journal_undo_things(db, id, &only, &u, &err), STATUS_OK, "one thing of a batch");
    is_int(u.count, 1, "it alone");
    journal_undone_fini(&u);
    is_int(with("t"), 4, "the others stand");
    journal_undone_init(&u);
    is_int(journal_undo_things(db, id, &only, &u, &err), STATUS_OK, "once more");
    is_int(u.count, 0, "does nothing");
    is_int((int64_t)u.skipped.len, 1, "and says so");
    journal_undone_fini(&u);
    *(struct journal_thing *)vec_at(&only, 0) = (struct journal_thing){'m', 9};
    journal_undone_init(&u);
    is_int(journal_undo_things(db, id, &only, &u, &err), STATUS_NO_SUCH, "one that is not in it");
    journal_undone_fini(&u);
    is_int(undo(0, false, &skipped), 2, "the rest of the batch");
    is_int(skipped, 1, "names what was taken back before");
    is_int(redo(), 2, "redo of the rest");
    is_int(redo(), 1, "and of the one thing");
    is_int(with("t"), 5, "all as it was done");
    vec_fini(&only);

    is_int(undo(0, false, NULL), 3, "undone again");
    change("me", 7, 7, "one");
    change("me", 8, 8, "two");
    ok(set(db, 8, "elsewhere", &err) == STATUS_OK, "another program changes it");
    is_int(undo(0, false, &skipped), 0, "nothing of the newest can be taken back");
    is_int(skipped, 1, "it is named");
    is_int(undo(0, false, NULL), 1, "and the next undo goes on to the one before");

    change("me", 7, 7, "+x");
    id = change("me", 7, 7, "-x");
    ok(set(db, 7, "-y", &err) == STATUS_OK, "another part of it changes");
    is_int(undo(id, false, NULL), 1, "its part is taken back");
    is_int(with("+y"), 1, "the other is left");
    is_int(redo(), 1, "and done again");
    is_int(with("-y"), 1, "likewise");
    is_int(verify(), STATUS_OK, "the chain holds");
}

/* Keeps the first row's words. */
static bool first_row(void *user, const struct journal_row *r)
{
    snprintf(user, 100, "j%lld %s %s %s", (long long)r->id, r->who, r->what, r->why);
    return false;
}

/* Forging and erasing. */
static void test_chain(void)
{
    struct error err = ERROR_INIT;
    char row[100];
    is_int(journal_list(db, 10, first_row, row, &err), STATUS_OK, "listed");
    ok(str_starts(row, "j36 me change redo"), "newest first: %s", row);
    static const char *const forgeries[] = {
        "UPDATE journal_item SET after = 'forged' WHERE batch = 2 AND n = 1",
        "UPDATE journal_batch SET who = 'somebody' WHERE id = 2",
        "DELETE FROM journal_item WHERE batch = 1 AND n = 10",
        "UPDATE journal_item SET digest = zeroblob(16) WHERE batch = 5 AND n = 1",
        "DELETE FROM journal_item WHERE batch = 9; DELETE FROM journal_batch WHERE id = 9",
        "UPDATE journal_item SET salt = NULL, before = 'kept' , digest = randomblob(16) WHERE batch = 4 AND n = 2",
    };
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        ok(db_savepoint(db, &err) == STATUS_OK && db_exec(db, forgeries[i], &err) == STATUS_OK,
           "%s", forgeries[i]);
        is_int(verify(), STATUS_CORRUPT, "is noticed");
        db_rollback_savepoint(db);
    }
    is_int(journal_erase(db, "test.value", 1, &err), STATUS_OK, "content is erased");
    is_int(db_get_int(db, "SELECT count(*) FROM journal_item WHERE ref = 1 AND field = 'test.value'"
                          " AND (before IS NOT NULL OR after IS NOT NULL OR salt IS NOT NULL)", -1),
           0, "nothing of it is left");
    is_int(verify(), STATUS_OK, "and the chain still holds");
}

/* ---- jobs ---- */

static int orphans;

/* Counts what was left behind. */
static enum status on_orphan(struct db *d, int64_t job, const char *input, struct error *err)
{
    (void)d;
    (void)job;
    (void)input;
    (void)err;
    orphans++;
    return STATUS_OK;
}

static const struct job_kind kind_import = {"import", JOB_RESUME, NULL};
static const struct job_kind kind_draft = {"draft", JOB_CUT, on_orphan};
static const struct job_kind kind_send = {"send", JOB_DOUBT, NULL};

/* Is job id in this state? */
static bool in_state(int64_t id, const char *state)
{
    struct db_query *q = db_prepare(db, "SELECT state FROM job WHERE id = ?1");
    db_bind_int(q, 1, id);
    bool is = db_step(q) && strcmp(db_text(q, 0), state) == 0;
    db_end(q);
    return is;
}

/* A process takes the running jobs and dies. */
static void run_and_die(void)
{
    struct error err = ERROR_INIT;
    char sql[200];
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    /* Its number is free again: the same holder with that number and an impossible start. */
    snprintf(sql, sizeof sql, "UPDATE job SET holder = replace(holder, ' %ld ', ' %ld ')",
             (long)getpid(), (long)pid);
    ok(db_exec(db, sql, &err) == STATUS_OK, "their process dies");
}

/* Leases, fences, orphans. */
static void test_jobs(void)
{
    struct error err = ERROR_INIT;
    struct job_claim a, b, c;
    int64_t id;
    int count;
    job_register(&kind_import);
    job_register(&kind_draft);
    job_register(&kind_send);
    is_int(job_create(db, "import", "{}", &id, &err), STATUS_OK, "a job");
    is_int(job_take(db, id, &a, &err), STATUS_OK, "is taken");
    is_int(job_take(db, id, &b, &err), STATUS_STALE, "once");
    is_int(job_progress(db, a, 3, 10, "reading", &err), STATUS_OK, "it goes on");
    is_int(job_recover(db, &count, &err), STATUS_OK, "looking for orphans");
    is_int(count, 0, "finds none while it lives");
    ok(db_exec(db, "UPDATE job SET lease = 0", &err) == STATUS_OK, "its lease runs out");
    is_int(job_recover(db, &count, &err), STATUS_OK, "then");
    ok(count == 1 && in_state(id, "queued"), "it is queued again");
    is_int(job_progress(db, a, 4, 10, NULL, &err), STATUS_STALE, "its first runner hears it");
    is_int(job_take(db, id, &b, &err), STATUS_OK, "another takes it");
    is_int(job_finish(db, a, "done", NULL, NULL, &err), STATUS_STALE, "the first cannot end it");
    is_int(job_finish(db, b, "done", "{}", NULL, &err), STATUS_OK, "the second can");
    ok(job_start(db, "import", NULL, &a, &err) == STATUS_OK &&
           job_start(db, "draft", NULL, &b, &err) == STATUS_OK &&
           job_start(db, "send", NULL, &c, &err) == STATUS_OK, "three more run");
    run_and_die();
    is_int(job_recover(db, &count, &err), STATUS_OK, "at once, within their lease,");
    is_int(count, 3, "three orphans are found");
    ok(in_state(a.id, "queued") && in_state(b.id, "failed") && in_state(c.id, "in-doubt"),
       "an import goes on, a draft is cut, a send is in doubt");
    is_int(orphans, 1, "the draft's owner was told");
    is_int(job_retry(db, b.id, &err), STATUS_OK, "a failed one is run again");
    ok(in_state(b.id, "queued"), "queued");
    is_int(job_retry(db, c.id, &err), STATUS_REFUSED, "one in doubt is not");
    is_int(job_cancel(db, b.id, &err), STATUS_OK, "cancelled");
    is_int(job_cancel(db, b.id, &err), STATUS_REFUSED, "once");
    is_int(job_cancel(db, 99, &err), STATUS_NO_SUCH, "one that is not there");
    job_start(db, "draft", NULL, &a, &err) == STATUS_OK ? (void)0 : (void)ok(false, "start");
    is_int(job_cancel(db, a.id, &err), STATUS_OK, "a running one is cancelled");
    is_int(job_progress(db, a, 1, 0, NULL, &err), STATUS_STALE, "and hears it");
}

/* Runs the parts. */
int main(void)
{
    struct error err = ERROR_INIT;
    test_start();
    clock_fake_set(1780000000);
    journal_register(&field);
    db = test_db("journal.db");
    ok(db_exec(db, "CREATE TABLE thing(id INTEGER PRIMARY KEY, value TEXT NOT NULL DEFAULT '');"
                   "INSERT INTO thing(id) VALUES(1),(2),(3),(4),(5),(6),(7),(8),(9),(10)", &err) ==
           STATUS_OK, "ten things");
    test_undo();
    test_things();
    test_chain();
    test_jobs();
    db_rollback(db);
    db_close(db);
    return tap_end();
}
