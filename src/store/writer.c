/* SPDX-License-Identifier: GPL-3.0-or-later */
/* writer.c - operations, transactions, the turnstile.
 *
 * The life of an operation: posted (queue) → run in a savepoint of some transaction → committed or
 * taken back → its callback in the loop. When a commit fails, every operation of that transaction
 * hears why; none is reported as done that is not in the file.
 *
 * A savepoint costs a copy of every page that its operation changes, in a file of SQLite's: half of
 * what an import wrote. Those of OP_AGAIN go without, as long as only such ones stand in
 * the transaction. When one of them fails all is taken back, and they run again, in savepoints. */
#include "store/writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/watch.h"
#include "store/checkpoint.h"
#include "store/db.h"
#include "store/db_internal.h"
#include "store/delivery.h"
#include "store/doc.h"
#include "store/doc_index.h"
#include "store/feeder.h"
#include "store/ring.h"

enum {
    CLASSES = OP_BULK + 1,
    CACHE_KIB = 12288,
    BUDGET_SHARED = 10,  /* ms that a transaction may run while another process has the store open;
                            an operation and the commit come on top */
    BUDGET_PERSON = 30,
    BUDGET_ALONE = 1500,
    GATHER = 4,          /* ms an open bulk transaction waits for more to come */
    INDEX_REST = 250,    /* ms without operations before a few rows are indexed */
    INDEX_MANY = 2000,   /* so many are worth indexing as soon as nothing waits: long runs make
                            large sorted pieces, of which fewer are merged later */
    INDEX_STEP = 16,
    INDEX_RUN = 200,     /* from so many on they become a piece of the index at once */
    INDEX_WORDS = 3 << 19, /* words of a piece, which cost 4 bytes each while they are gathered, */
    INDEX_SHARED = 1 << 18, /* and while another process has the store open */
    INDEX_STOPPED = 300, /* ms in which rows go by INDEX_STEP after somebody came while a piece was made */
    MERGE_SHARED = 64,   /* pages merged in one transaction while another process has the store open, */
    MERGE_ALONE = 512,   /* and alone */
    INDEX_FEW = 64,      /* so many are fed whoever brought them; more are left to a process that works, */
    INDEX_LOOK = 1000,   /* ms until it is looked at again, */
    INDEX_OWN = 5000,    /* and nothing is left to others for so many ms after rows of our own */
    INDEX_LAST = 2000,   /* fewer rows are still indexed when the store closes */
    LOG_SYNC = 1 << 20,  /* bytes of bulk work that may be unsynced while others have the store open:
                            a person's commit waits for them */
    LOG_REST = 1 << 20,  /* bytes of log that are moved into the file at rest, */
    LOG_HALF = 32 << 20, /* that the helper begins to move beside the work, */
    LOG_MAX = 64 << 20,  /* and in any case; */
    LOG_PERSON = 256 << 20 /* by a process that only wrote for a person: others will do it before */
};

struct item {
    struct item *next;
    const struct store_op *op; /* borrow */
    void *record;              /* own, unless somebody waits */
    void (*done)(void *user, void *record, const struct error *err);
    void *user;
    struct error error;
    bool *finished; /* borrow; somebody waits */
};

struct queue {
    struct item *first, **last;
};

struct writer {
    char *path, *turnstile; /* own */
    struct ring *ring;
    struct delivery *delivery;
    void (*on_change)(void *user, unsigned bits);
    void *user;
    struct db *db; /* own; opened at the first use */
    struct feeder *feeder; /* own; makes pieces of the index */
    int64_t stopped_at; /* when somebody came while a piece was made */
    bool by_step;       /* the index is of a form that only FTS5 writes */
    bool merge, urgent; /* pieces of the index are to be merged; before anything is added */
    pthread_mutex_t lock;
    pthread_cond_t wake, committed;
    pthread_t thread;
    bool threaded, started, ending;
    int64_t synced;   /* bytes of the log at the last sync of bulk work */
    struct queue queues[CLASSES];
    size_t pending; /* posted and not committed */
    int64_t rest_since;
    int64_t rows_at;  /* when rows for the index were last made here */
    int64_t version;  /* what others had changed at the last look */
    bool bulk;        /* bulk work was done here: its words are fed to the index before it ends */
    struct checkpoint *helper; /* own */
    bool helped;      /* it has moved what was in the log when it was asked */
    bool index_empty; /* nothing is queued for the index, as far as this process knows */
    bool posted;      /* in place: a turn is asked for */
};

/* ---- the turnstile ---- */

/* Waits in the queue of writers; -1 when there is no such file (then SQLite's own lock must do). */
int writer_turnstile_take(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
    return fd;
}

/* Lets the next one through. */
void writer_turnstile_let(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* Does another process stand at the turnstile? Then it waits for our transaction to end. */
static bool turnstile_is_taken(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool taken = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    writer_turnstile_let(fd);
    return taken;
}

/* Opens the transaction behind the turnstile. */
static enum status begin(struct writer *w, bool full, struct error *err)
{
    int fd = writer_turnstile_take(w->turnstile);
    enum status s = db_begin(w->db, full, err);
    writer_turnstile_let(fd);
    return s;
}

/* ---- transactions ---- */

/* Opens the connection when it is first needed. */
static enum status need_db(struct writer *w, struct error *err)
{
    if (w->db)
        return STATUS_OK;
    enum status s = db_open(w->path, DB_WRITE, &w->db, err);
    if (s == STATUS_OK)
        db_set_cache(w->db, CACHE_KIB);
    return s;
}

/* Counts the commit in the table of changes, a row for each topic. */
static enum status count_change(struct db *db, unsigned bits, struct error *err)
{
    for (int i = 0; 1u << i <= WATCH_ALL; i++) {
        if (!(bits & 1u << i))
            continue;
        struct db_query *q = db_prepare(db, "UPDATE change SET serial = serial + 1"
                                            " WHERE topic = ?1");
        db_bind_int(q, 1, i);
        enum status s = db_run(q, err);
        if (s != STATUS_OK)
            return s;
    }
    return STATUS_OK;
}

/* Tells this process's listeners, in the loop. */
static void tell_change(void *a, void *b)
{
    struct writer *w = a;
    w->on_change(w->user, (unsigned)(uintptr_t)b);
}

/* Commits, then tells this process and the others what has changed. */
static enum status commit(struct writer *w, struct error *err)
{
    unsigned bits = db_take_touched(w->db);
    enum status s = count_change(w->db, bits, err);
    if (s != STATUS_OK) {
        db_rollback(w->db);
        return s;
    }
    s = db_commit(w->db, err);
    if (s != STATUS_OK || !bits)
        return s;
    if (w->ring)
        ring_ring(w->ring);
    if (w->on_change)
        delivery_put(w->delivery, tell_change, w, (void *)(uintptr_t)bits);
    return s;
}

/* Runs one operation in its savepoint. FULL and the like may have ended the whole transaction. */
static void run_item(struct writer *w, struct item *i)
{
    if (db_savepoint(w->db, &i->error) != STATUS_OK)
        return;
    enum status s = i->op->run(w->db, i->record, &i->error);
    if (s == STATUS_OK)
        s = db_release(w->db, &i->error);
    if (s == STATUS_OK)
        return;
    if (i->error.status == STATUS_OK)
        error_set(&i->error, s, _("%s failed"), i->op->name);
    db_rollback_savepoint(w->db);
}

/* Calls back in the loop. */
static void call_back(void *a, void *unused)
{
    (void)unused;
    struct item *i = a;
    if (i->done)
        i->done(i->user, i->record, &i->error);
    if (i->op->free)
        i->op->free(i->record);
    free(i);
}

/* The operation is over: whoever waits is woken, else its callback goes to the loop. */
static void finish(struct writer *w, struct item *i)
{
    /* Told before it is counted off: who waits until nothing is pending finds every callback. */
    pthread_mutex_lock(&w->lock);
    bool *finished = i->finished;
    if (finished)
        *finished = true;
    else
        delivery_put(w->delivery, call_back, i, NULL);
    w->pending--;
    pthread_cond_broadcast(&w->committed);
    pthread_mutex_unlock(&w->lock);
}

/* Takes the first of a queue; NULL when empty. The lock is held. */
static struct item *pop(struct queue *q)
{
    struct item *i = q->first;
    if (i) {
        q->first = i->next;
        i->next = NULL;
        if (!q->first)
            q->last = &q->first;
    }
    return i;
}

/* Does anything of a class above k wait? */
static bool waits_above(struct writer *w, int k)
{
    pthread_mutex_lock(&w->lock);
    bool waits = false;
    for (int i = 0; i < k; i++)
        waits = waits || w->queues[i].first;
    pthread_mutex_unlock(&w->lock);
    return waits;
}

/* Milliseconds a transaction may go on taking operations. */
static int64_t budget(struct writer *w, int k)
{
    if (w->ring && ring_others(w->ring) > 0)
        return turnstile_is_taken(w->turnstile) ? 0 : BUDGET_SHARED;
    return k == OP_BULK ? BUDGET_ALONE : BUDGET_PERSON;
}

/* Waits until something is posted, at most ms (-1: for ever). The lock is held. */
static void wait_for_work(struct writer *w, int64_t ms)
{
    struct timespec t;
    if (ms < 0) {
        pthread_cond_wait(&w->wake, &w->lock);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    pthread_cond_timedwait(&w->wake, &w->lock, &t);
}

/* The next operation of class k for an open transaction; bulk waits a moment for more. */
static struct item *next_item(struct writer *w, int k, int64_t since)
{
    if (clock_mono_ms() - since >= budget(w, k) || waits_above(w, k))
        return NULL;
    pthread_mutex_lock(&w->lock);
    struct item *i = pop(&w->queues[k]);
    if (!i && k == OP_BULK && w->started && !w->ending) {
        wait_for_work(w, GATHER);
        i = pop(&w->queues[k]);
    }
    pthread_mutex_unlock(&w->lock);
    return i;
}

/* Brings what bulk work wrote to the disk, outside of any lock: else the next commit of a person,
 * in this process or another, would have to wait for all of it. */
static void sync_bulk(struct writer *w)
{
    int64_t bytes = db_log_bytes(w->db);
    if (bytes < w->synced)
        w->synced = 0;
    if (bytes - w->synced < LOG_SYNC || !w->ring || ring_others(w->ring) == 0)
        return;
    db_sync_log(w->db);
    w->synced = bytes;
}

/* Runs an operation that is at its place in the list; what became of the transaction. */
static enum status run_next(struct writer *w, struct item *all, struct item *i, bool bare, struct error *err)
{
    if (bare && i->op->run(w->db, i->record, &i->error) == STATUS_OK)
        return STATUS_OK;
    if (bare) {
        db_rollback(w->db);
        enum status s = begin(w, false, err);
        if (s != STATUS_OK)
            return s;
        i = all;
    }
    for (; i; i = i->next) {
        i->error = ERROR_INIT;
        run_item(w, i);
        if (!db_in_transaction(w->db)) { /* taken back as a whole: nothing here is done */
            *err = i->error;
            return i->error.status;
        }
    }
    return STATUS_OK;
}

/* Runs one transaction of operations of class k, first being its first. */
static void transaction(struct writer *w, int k, struct item *first)
{
    struct error err = ERROR_INIT;
    struct item *all = NULL, **last = &all;
    enum status s = need_db(w, &err);
    if (s == STATUS_OK)
        s = begin(w, k == OP_PERSON, &err);
    int64_t since = clock_mono_ms();
    bool bare = true;
    for (struct item *i = first; i; i = s == STATUS_OK ? next_item(w, k, since) : NULL) {
        *last = i;
        last = &i->next;
        bare = bare && i->op->klass == OP_AGAIN;
        if (s == STATUS_OK)
            s = run_next(w, all, i, bare, &err);
    }
    int64_t ran = clock_mono_ms() - since;
    if (s == STATUS_OK)
        s = commit(w, &err);
    if (s != STATUS_OK && w->db)
        db_rollback(w->db);
    if (s == STATUS_OK && k != OP_PERSON)
        sync_bulk(w);
    int64_t took = clock_mono_ms() - since;
    log_debug("store: %s transaction ran %lld ms, commit %lld ms", first->op->name,
              (long long)ran, (long long)(took - ran));
    w->index_empty = false;
    w->bulk = w->bulk || k == OP_BULK;
    if (w->db && db_take_words(w->db))
        w->rows_at = clock_mono_ms();
    for (struct item *i = all, *next; i; i = next) {
        next = i->next;
        if (s != STATUS_OK && i->error.status == STATUS_OK)
            i->error = err;
        finish(w, i);
    }
}

/* ---- the index and the log ---- */

/* Feeds the index for as long as a transaction may last, at most ms; *left rows remain, at least. */
static enum status feed(struct writer *w, int64_t ms, int64_t *left, struct error *err)
{
    int more = 0;
    enum status s;
    int64_t since = clock_mono_ms();
    do
        s = doc_index_some(w->db, INDEX_STEP, &more, err);
    while (s == STATUS_OK && more > 0 && clock_mono_ms() - since < ms &&
           clock_mono_ms() - since < budget(w, OP_BULK) && !waits_above(w, OP_BULK));
    *left = more;
    return s;
}

/* Moves the log into the file when it is worth it: first the helper, for the disk takes its time;
 * then here what was added meanwhile, after which the log begins anew. */
static void keep_log_short(struct writer *w)
{
    int64_t bytes = w->db ? db_log_bytes(w->db) : 0;
    if (bytes <= (w->threaded ? LOG_HALF : w->bulk ? LOG_MAX : LOG_PERSON))
        return;
    if (checkpoint_runs(w->helper)) {
        if (bytes < 2 * LOG_MAX)
            return;
        checkpoint_wait(w->helper);
    }
    if (w->threaded && !w->helped)
        checkpoint_ask(w->helper);
    else
        db_checkpoint(w->db);
    w->helped = !w->helped;
}

/* Moves all of it, when nothing else is to be done. */
static void empty_log(struct writer *w)
{
    if (w->db && db_log_bytes(w->db) > LOG_REST)
        db_checkpoint(w->db);
}

/* May the piece of the index that is being made go on? Nothing is lost when it stops: it is made again. */
static bool nobody_comes(void *user)
{
    struct writer *w = user;
    return !waits_above(w, OP_STREAM) &&
           !(w->ring && ring_others(w->ring) > 0 && turnstile_is_taken(w->turnstile));
}

/* A transaction that makes a piece of the index of many rows. It is taken back when somebody comes
 * meanwhile: then INTERRUPTED. */
static enum status feed_many(struct writer *w, struct error *err)
{
    size_t words = w->ring && ring_others(w->ring) > 0 ? INDEX_SHARED : INDEX_WORDS;
    int fd = writer_turnstile_take(w->turnstile);
    enum status s = feeder_begin(w->feeder, err);
    writer_turnstile_let(fd);
    if (s == STATUS_OK)
        s = feeder_run(w->feeder, w->db, words, nobody_comes, w, err);
    if (s == STATUS_OK)
        w->merge = doc_index_unmerged(w->db, &w->urgent) > 0;
    return s;
}

/* A transaction that feeds the index with some rows, for at most ms. */
static enum status feed_some(struct writer *w, int64_t ms, struct error *err)
{
    int64_t left = 0;
    enum status s = begin(w, false, err);
    if (s != STATUS_OK)
        return s;
    s = feed(w, ms, &left, err);
    if (s == STATUS_OK)
        return commit(w, err);
    db_rollback(w->db);
    return s;
}

/* A transaction that feeds the index, for at most ms when the rows that wait are few. */
static bool index_once(struct writer *w, int64_t ms, int waiting)
{
    struct error err = ERROR_INIT;
    bool many = waiting >= INDEX_RUN && !w->by_step &&
                (!w->stopped_at || clock_mono_ms() - w->stopped_at > INDEX_STOPPED);
    enum status s = many ? feed_many(w, &err) : feed_some(w, ms, &err);
    if (s == STATUS_INTERRUPTED && many)
        w->stopped_at = clock_mono_ms();
    else if (s == STATUS_REFUSED && many)
        w->by_step = true;
    else if (s != STATUS_OK)
        log_warn("store: index: %s", err.text);
    if (s == STATUS_OK)
        sync_bulk(w);
    keep_log_short(w);
    return s == STATUS_OK || (many && (s == STATUS_INTERRUPTED || s == STATUS_REFUSED));
}

/* A transaction that merges pieces of the index, some pages of them. */
static void merge_once(struct writer *w)
{
    struct error err = ERROR_INIT;
    bool shared = w->ring && ring_others(w->ring) > 0;
    enum status s = begin(w, false, &err);
    w->merge = s == STATUS_OK && doc_index_unmerged(w->db, &w->urgent) > 0;
    if (w->merge)
        s = doc_index_merge(w->db, shared ? MERGE_SHARED : MERGE_ALONE, &err);
    if (s == STATUS_OK)
        s = commit(w, &err);
    else
        db_rollback(w->db);
    if (s != STATUS_OK) {
        w->merge = w->urgent = false;
        log_warn("store: index: %s", err.text);
    }
    sync_bulk(w);
    keep_log_short(w);
}

/* Are these rows another process's, which is at work and feeds them itself? Two that feed in turn
 * make many small pieces, and merge them. */
static bool others_feed(struct writer *w, int waiting)
{
    if (waiting < INDEX_FEW || !w->ring || ring_others(w->ring) == 0 ||
        (w->rows_at && clock_mono_ms() - w->rows_at < INDEX_OWN))
        return false;
    int64_t version = db_get_int(w->db, "PRAGMA data_version", 0);
    bool works = version != w->version;
    w->version = version;
    return works;
}

/* Something useful while nothing waits: milliseconds until it may be asked again, -1: nothing is
 * left to do. */
static int64_t rest(struct writer *w)
{
    struct error err = ERROR_INIT;
    int64_t early = INDEX_REST - (clock_mono_ms() - w->rest_since);
    if (!w->index_empty && need_db(w, &err) == STATUS_OK) {
        int waiting = doc_index_waiting(w->db, INDEX_MANY);
        if (w->urgent || (w->merge && w->bulk && waiting < INDEX_MANY)) {
            merge_once(w);
            return 0;
        }
        if (waiting > 0 && waiting < INDEX_MANY && early > 0)
            return early;
        if (others_feed(w, waiting))
            return INDEX_LOOK;
        w->index_empty = waiting == 0 || !index_once(w, BUDGET_ALONE, waiting);
        return 0;
    }
    if (early > 0)
        return early;
    if (w->db && w->merge && (w->bulk || !w->ring || ring_others(w->ring) == 0)) {
        merge_once(w);
        return 0;
    }
    if (checkpoint_runs(w->helper))
        return INDEX_REST;
    feeder_drop(w->feeder);
    empty_log(w);
    if (w->db)
        db_release_memory(w->db);
    return -1;
}

/* ---- the thread ---- */

/* The class of what is to be done next; CLASSES when nothing waits. The lock is held. */
static int waiting_class(struct writer *w)
{
    int k = 0;
    while (k < CLASSES && !w->queues[k].first)
        k++;
    return k;
}

/* Runs one transaction when something waits. The lock is held, and let go meanwhile. */
static bool run_waiting(struct writer *w)
{
    int k = waiting_class(w);
    if (k == CLASSES)
        return false;
    struct item *i = pop(&w->queues[k]);
    pthread_mutex_unlock(&w->lock);
    transaction(w, k, i);
    keep_log_short(w);
    pthread_mutex_lock(&w->lock);
    w->rest_since = clock_mono_ms();
    return true;
}

/* The thread. */
static void *work(void *user)
{
    struct writer *w = user;
    pthread_mutex_lock(&w->lock);
    for (int64_t pause = 0;;) {
        if (run_waiting(w)) {
            pause = 0;
        } else if (w->ending) {
            break;
        } else if (pause != 0) {
            wait_for_work(w, pause);
            pause = pause > 0 || !w->index_empty ? 0 : pause;
        } else {
            pthread_mutex_unlock(&w->lock);
            pause = rest(w);
            pthread_mutex_lock(&w->lock);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Starts; the thread with the first operation. */
struct writer *writer_new(const struct writer_setup *setup)
{
    struct writer *w = mem_alloc(sizeof *w);
    w->path = mem_strdup(setup->path);
    w->turnstile = mem_strdup(setup->turnstile);
    w->ring = setup->ring;
    w->delivery = setup->delivery;
    w->on_change = setup->on_change;
    w->user = setup->user;
    w->threaded = setup->thread;
    w->helper = checkpoint_new(setup->path);
    w->feeder = feeder_new(setup->path);
    w->index_empty = !setup->index_waits;
    w->merge = true; /* another process may have left some */
    w->rest_since = clock_mono_ms();
    for (int i = 0; i < CLASSES; i++)
        w->queues[i].last = &w->queues[i].first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_cond_init(&w->committed, &attr);
    pthread_condattr_destroy(&attr);
    if (w->threaded && setup->index_waits)
        w->started = pthread_create(&w->thread, NULL, work, w) == 0;
    return w;
}

/* Runs what waits, here. */
static void drain(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    while (run_waiting(w))
        ;
    pthread_mutex_unlock(&w->lock);
}

/* In place: the turn of the loop. */
static void on_turn(void *user, void *unused)
{
    (void)unused;
    struct writer *w = user;
    w->posted = false;
    drain(w);
}

/* Queues an operation. */
static void enqueue(struct writer *w, struct item *i)
{
    pthread_mutex_lock(&w->lock);
    assert(!w->ending);
    struct queue *q = &w->queues[i->op->klass == OP_AGAIN ? OP_BULK : i->op->klass];
    *q->last = i;
    q->last = &i->next;
    w->pending++;
    if (w->threaded && !w->started) {
        w->started = pthread_create(&w->thread, NULL, work, w) == 0;
        w->threaded = w->started;
    }
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

/* Posts an operation. */
void writer_post(struct writer *w, const struct store_op *op, void *record,
                 void (*done)(void *user, void *record, const struct error *err), void *user)
{
    struct item *i = mem_alloc(sizeof *i);
    i->op = op;
    i->record = record;
    i->done = done;
    i->user = user;
    enqueue(w, i);
    if (!w->threaded && !w->posted) {
        w->posted = true;
        delivery_put(w->delivery, on_turn, w, NULL);
    }
}

/* Runs an operation and waits for it. */
enum status writer_run(struct writer *w, const struct store_op *op, void *record,
                       struct error *err)
{
    bool finished = false;
    struct item i = {.op = op, .record = record, .finished = &finished};
    enqueue(w, &i);
    if (!w->threaded)
        drain(w);
    pthread_mutex_lock(&w->lock);
    while (!finished)
        pthread_cond_wait(&w->committed, &w->lock);
    pthread_mutex_unlock(&w->lock);
    if (i.error.status != STATUS_OK)
        *err = i.error;
    return i.error.status;
}

/* Waits until everything is committed. */
void writer_flush(struct writer *w)
{
    if (!w->threaded)
        drain(w);
    pthread_mutex_lock(&w->lock);
    while (w->pending > 0)
        pthread_cond_wait(&w->committed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

/* Operations that are not committed. */
size_t writer_pending(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    size_t n = w->pending;
    pthread_mutex_unlock(&w->lock);
    return n;
}

struct feeding {
    struct writer *writer;
    int64_t left;
};

/* An operation that feeds the index for one transaction. */
static enum status run_feed(struct db *db, void *record, struct error *err)
{
    struct feeding *f = record;
    enum status s = feed(f->writer, BUDGET_ALONE, &f->left, err);
    if (s == STATUS_OK && f->left > 0)
        f->left = doc_index_waiting(db, INT_MAX);
    return s;
}

static const struct store_op feed_op = {.name = "index", .klass = OP_BULK, .run = run_feed};

/* Feeds the index to its end. */
enum status writer_index(struct writer *w, bool (*on_left)(void *user, int64_t left), void *user,
                         struct error *err)
{
    struct feeding f = {.writer = w, .left = 1};
    enum status s = STATUS_OK;
    while (s == STATUS_OK && f.left > 0) {
        s = writer_run(w, &feed_op, &f, err);
        if (s == STATUS_OK && on_left && !on_left(user, f.left))
            break;
    }
    return s;
}

/* What is left for the index when this process ends. A person's command that only changed a thing or
 * two does not pay for what others queued, nor stand in the queue of writers once more: who stays
 * feeds it, and a search feeds the rest first. */
static void leave_index(struct writer *w)
{
    bool shared = w->ring && ring_others(w->ring) > 0;
    if (!w->db || w->index_empty || (shared && !w->bulk))
        return;
    int most = w->bulk ? INDEX_LAST : INDEX_STEP * 4, waiting = doc_index_waiting(w->db, most);
    if (waiting >= most)
        return;
    while (waiting > 0 && index_once(w, w->bulk ? BUDGET_ALONE : BUDGET_SHARED, waiting) && !shared && w->bulk)
        waiting = doc_index_waiting(w->db, most);
}

/* Runs what waits and a short rest of the index, then ends. */
void writer_free(struct writer *w)
{
    if (!w)
        return;
    writer_flush(w);
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    if (w->started)
        pthread_join(w->thread, NULL);
    leave_index(w);
    feeder_free(w->feeder);
    checkpoint_free(w->helper);
    if (w->bulk) /* not left to whoever closes last: that may be a person's command */
        empty_log(w);
    db_close(w->db);
    pthread_cond_destroy(&w->wake);
    pthread_cond_destroy(&w->committed);
    pthread_mutex_destroy(&w->lock);
    free(w->path);
    free(w->turnstile);
    free(w);
}
