/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_draft - versions, the typing log, the pen, streams, heads of answers, templates, offline drafts. */
#include "inbox/help.h"
#include "inbox/draft_inside.h"
#include "inbox/reply_inside.h"
#include "inbox/summary_inside.h"
#include "inbox/template.h"

static int64_t draft_id;

/* Creates an empty answer. */
static enum status create(struct db *db, void *user, struct error *err)
{
    struct draft *d = reply_fresh();
    d->kind = DRAFT_NEW;
    d->subject = mem_strdup("S");
    people_add(&d->to, "Bob", "bob@example.org");
    d->from = (struct mail_address){mem_strdup("Anna"), mem_strdup("anna@example.com")};
    enum status st = draft_create(db, d, err);
    *(int64_t *)user = d->id;
    draft_free(d);
    return st;
}

/* A change of the text by me. */
static enum status change(struct db *db, void *user, struct error *err)
{
    return draft_change(db, draft_id, &(struct draft_change){.text = user, .settle = true}, err);
}

/* Reads the draft. */
static struct draft *get(void)
{
    struct draft *d;
    struct error err = ERROR_INIT;
    if (draft_get(office_db(), draft_id, &d, &err))
        office_bail("get", &err);
    return d;
}

/* Text, version and number of versions. */
static void is_draft(const char *text, int64_t version, const char *name)
{
    struct draft *d = get();
    is_str(d->text, text, name);
    is_int(d->version, version, "  version");
    draft_free(d);
}

/* Turns the loop for a while (fake clock moves along). */
static void turn(int ms)
{
    for (int i = 0; i < ms; i += 10) {
        clock_fake_advance(10);
        loop_turn(office_loop, 0);
    }
}

/* Every version stays. */
static void test_versions(void)
{
    struct error err = ERROR_INIT;
    office_do(create, &draft_id, &err);
    is_draft("", 1, "a new draft is empty");
    office_do(change, "one", &err);
    is_draft("one", 1, "the first text is the first version");
    office_do(change, "two", &err);
    is_draft("two", 2, "a change is a new one");
    struct draft *d;
    ok(draft_get_version(office_db(), draft_id, 1, &d, &err) == STATUS_OK && strcmp(d->text, "one") == 0, "the first is kept");
    draft_free(d);
    ok(draft_get_version(office_db(), draft_id, 9, &d, &err) == STATUS_NO_SUCH, "there is no ninth");
    struct draft *a = get();
    office_do(change, "two", &err);
    struct draft *b = get();
    is_str(b->hash, a->hash, "the same content has the same hash");
    draft_free(a);
    draft_free(b);
}

/* Typing is in the log within 300 ms, and a crash loses no more. */
static void test_pen(void)
{
    struct error err = ERROR_INIT;
    office_do(create, &draft_id, &err);
    struct draft_pen *p = draft_pen_open(office_store, draft_id, &err);
    ok(p != NULL, "the pen opens");
    draft_pen_edit(p, 0, 0, "Hello", 5);
    ok(!draft_pen_saved(p), "not saved at once");
    turn(300);
    ok(draft_pen_saved(p), "saved within 300 ms");
    is_draft("Hello", 1, "the log is the text");
    ok(textlog_has(office_db(), DRAFT_LOG, draft_id), "as rows of the log");
    draft_pen_edit(p, 5, 0, "，世界", strlen("，世界"));
    draft_pen_edit(p, 0, 5, "你好", strlen("你好"));
    draft_pen_move(p, 3);
    turn(300);
    struct draft *d = get();
    is_str(d->text, "你好，世界", "edits of many bytes");
    is_int((int64_t)d->cursor, 3, "the cursor is kept");
    draft_free(d);
    ok(draft_pen_head(p, DRAFT_HEAD_TO, "bob@exam"), "a half-typed recipient");
    turn(300);
    d = get();
    is_str(d->to_text, "bob@exam", "is kept as typed");
    draft_free(d);
    draft_pen_head(p, DRAFT_HEAD_TO, "nonsense,");
    turn(300);
    d = get();
    ok(*d->unread != 0, "what is no address is told");
    draft_free(d);
    ok(!draft_pen_edit(p, 999, 0, "x", 1), "an edit outside the text is none");
    /* another program changes it meanwhile */
    draft_pen_edit(p, 0, 0, "A", 1);
    office_do(change, "theirs", &err);
    turn(2500);
    is_draft("A你好，世界", 3, "what I typed is the newest version");
    ok(draft_get_version(office_db(), draft_id, 2, &d, &err) == STATUS_OK && strcmp(d->text, "theirs") == 0, "theirs is kept before it");
    draft_free(d);
    draft_pen_close(p);
    turn(300);
    ok(!textlog_has(office_db(), DRAFT_LOG, draft_id), "closing folds the log");
    is_draft("A你好，世界", 3, "and the text stands");
    p = draft_pen_open(office_store, draft_id, &err);
    draft_pen_set(p, "A你好！", strlen("A你好！"), 2);
    turn(300);
    is_draft("A你好！", 4, "typing into a settled version begins the next");
    /* another changes the text while a recipient waits to be written */
    draft_pen_head(p, DRAFT_HEAD_TO, "eve@example.com");
    office_do(change, "theirs again", &err);
    draft_pen_reload(p);
    turn(600);
    is_str(str_text(draft_pen_text(p)), "theirs again", "the pen takes their text");
    d = get();
    is_str(d->to_text, "eve@example.com", "and keeps my recipient");
    draft_free(d);
    draft_pen_edit(p, 0, 0, "Not ", 4);
    turn(300);
    d = get();
    is_str(d->text, "Not theirs again", "what is typed then goes into their text");
    draft_free(d);
    draft_pen_close(p);
    turn(300);
}


/* The operations of a stream. */
static enum status stream_begin(struct db *db, void *user, struct error *err)
{
    (void)user;
    return draft_stream_begin(db, draft_id, "qwen", 0, NULL, err);
}

/* Appends. */
static enum status stream_add(struct db *db, void *user, struct error *err)
{
    return textlog_append(db, DRAFT_LOG, draft_id, user, strlen(user), err);
}

/* Ends as cut. */
static enum status stream_cut(struct db *db, void *user, struct error *err)
{
    (void)user;
    return draft_stream_end(db, draft_id, NULL, "cut", NULL, err);
}

/* A stream is a version of its own; while it runs nobody else writes. */
static void test_stream(void)
{
    struct error err = ERROR_INIT;
    office_do(create, &draft_id, &err);
    ok(office_do(stream_begin, NULL, &err) == STATUS_OK, "a stream begins");
    office_do(stream_add, "Dear ", &err);
    office_do(stream_add, "Bob", &err);
    is_draft("Dear Bob", 1, "its text comes into the empty first version");
    ok(office_do(change, "mine", &err) == STATUS_REFUSED, "nobody writes into it");
    err = ERROR_INIT;
    office_do(stream_cut, NULL, &err);
    struct draft *d = get();
    ok(d->state == DRAFT_OPEN && strcmp(d->made, "cut") == 0 && strcmp(d->by, "qwen") == 0, "cut: open again, marked");
    is_str(d->text, "Dear Bob", "the text is kept");
    draft_free(d);
    office_do(change, "Dear Bob, yes.", &err);
    d = get();
    ok(d->version == 2 && strcmp(d->by, "me") == 0 && !*d->made, "my edit is a version of mine");
    draft_free(d);
}

/* Recipients, subject, references of an answer. */
static void test_head(void)
{
    struct error err = ERROR_INIT;
    struct draft *d;
    int64_t m = office_mail(&(struct office_mail){.id = "h1@x", .from = "Li Na <li@x.example>", .to = "Anna <anna@example.com>, Tom <tom@example.com>",
        .cc = "c@x.example, li@x.example", .subject = "AW: Re: Price\r\nBcc: evil@x.example"});
    if (reply_head(office_db(), DRAFT_REPLY_ALL, m, NULL, &d, &err))
        office_bail("head", &err);
    ok(d->to.len == 1 && people_has(&d->to, "li@x.example"), "to the sender");
    ok(d->cc.len == 2 && people_has(&d->cc, "tom@example.com") && people_has(&d->cc, "c@x.example"), "to all but me, each once");
    is_str(d->subject, "Re: Price Bcc: evil@x.example", "one Re:, one line");
    is_str(d->in_reply_to, "h1@x", "In-Reply-To");
    is_str(d->from.address, "anna@example.com", "from me");
    draft_free(d);
    m = office_mail(&(struct office_mail){.from = "a@x.example", .reply_to = "Desk <desk@x.example>", .id = "bad id\r\nX: y", .subject = "回复：报价"});
    if (reply_head(office_db(), DRAFT_REPLY, m, NULL, &d, &err))
        office_bail("head", &err);
    ok(d->to.len == 1 && people_has(&d->to, "desk@x.example"), "Reply-To wins");
    ok(!*d->in_reply_to && d->references.len == 0, "a Message-ID that breaks a line is left out");
    is_str(d->subject, "Re: 报价", "回复： is not stacked");
    draft_free(d);
    m = office_mail(&(struct office_mail){.from = "anna@example.com", .to = "bob@y.example", .subject = "Mine"});
    if (reply_head(office_db(), DRAFT_REPLY, m, NULL, &d, &err))
        office_bail("head", &err);
    ok(d->to.len == 1 && people_has(&d->to, "bob@y.example"), "my own mail: to whom I wrote");
    draft_free(d);
    m = office_mail(&(struct office_mail){.list_post = "<mailto:list@z.example>", .subject = "Fwd: x"});
    if (reply_head(office_db(), DRAFT_REPLY_LIST, m, NULL, &d, &err))
        office_bail("head", &err);
    ok(d->to.len == 1 && people_has(&d->to, "list@z.example"), "to the list");
    draft_free(d);
    m = office_mail(&(struct office_mail){.subject = "no list"});
    ok(reply_head(office_db(), DRAFT_REPLY_LIST, m, NULL, &d, &err) == STATUS_REFUSED, "no list to answer to");
    char *clean = reply_clean("\n\nSubject: x\n\nHi\x1b[31m Bob\x07\n\tyes\n\n");
    is_str(clean, "Hi[31m Bob\n\tyes", "a model's text as a mail's");
    free(clean);
}

/* Templates. */
static void test_template(void)
{
    struct str out = STR_INIT;
    struct template_value v[] = {{"name", "Tom {evil} [yes/no: x]"}, {"amount", ""}};
    template_fill("Dear {name}, {gap: yes/no: we confirm {amount}} {gap: where} {order}", v, 2, &out);
    is_str(str_text(&out), "Dear Tom (evil) (yes/no: x), [yes/no: we confirm amount] [fill: where] [fill: order]",
           "fields, gaps, and values that open none");
    str_truncate(&out, 0);
    template_fill("您好，{gap: 地点}，{order}", v, 2, &out);
    is_str(str_text(&out), "您好，[填写：地点]，[填写：order]", "gaps in the template's language");
    str_fini(&out);
    struct error err = ERROR_INIT;
    char *dir = path_join(office_dir, "templates"), *path = path_join(dir, "confirm.en.txt"), *bad = path_join(dir, "bad.txt");
    if (path_make_dir(dir, &err) || path_write(path, "Name: Confirm\nLanguage: en\nFor: price total\n\nDear {first name},\nok {x}", 70, &err) ||
        path_write(bad, "a { b\n}} c", 10, &err))
        office_bail("templates", &err);
    struct template_file t;
    ok(template_find(&office_paths, "confirm", "en", &t, &err) == STATUS_OK, "found by its stem");
    is_str(t.name, "confirm.en", "name");
    is_int((int64_t)t.fields.len, 2, "its fields");
    template_fini_item(&t);
    ok(template_find(&office_paths, "nothing", NULL, &t, &err) == STATUS_NO_SUCH && strstr(err.hint, "confirm.en"), "none of that name: the names there are");
    struct vec faults;
    vec_init(&faults, sizeof(struct template_fault), template_fault_fini_item);
    if (template_find(&office_paths, "bad", NULL, &t, &err) == STATUS_OK) {
        template_check(&t, &faults);
        template_fini_item(&t);
    }
    ok(faults.len >= 1, "a brace that is not closed is told");
    vec_fini(&faults);
    free(dir);
    free(path);
    free(bad);
}

/* Drafts and summaries without a model. */
static void test_offline(void)
{
    struct vec sources;
    struct str out = STR_INIT;
    struct error err = ERROR_INIT;
    vec_init(&sources, sizeof(struct model_source), NULL);
    *(struct model_source *)vec_push(&sources) = (struct model_source){.kind = "mail", .id = "m1", .sender = "Tom Berger <tom@x.example>", .title = "Price and place",
        .date = clock_now(), .text = "Hi Anna,\n\nCan you confirm the total of 500 EUR? When shall we deliver?\n\nTom"};
    *(struct model_source *)vec_push(&sources) = (struct model_source){.kind = "head", .id = "draft", .text = "From: Anna Li <anna@example.com>\nTo: Tom Berger <tom@x.example>\nSubject: Re: Price\n"};
    struct model_request req = {.purpose = "draft", .sources = &sources};
    offline_draft(&req, &out, &err);
    ok(strstr(str_text(&out), "Dear Tom,") && strstr(str_text(&out), "Anna Li"), "greeting and name");
    ok(strstr(str_text(&out), "[yes/no: Can you confirm the total of 500 EUR?]") && strstr(str_text(&out), "[fill: When shall we deliver?]"), "a gap for each question");
    str_clear(&out);
    req.typed = "yes, we confirm the total of 500 EUR";
    offline_draft(&req, &out, &err);
    ok(strstr(str_text(&out), "Yes, we confirm") && !strstr(str_text(&out), "[yes/no: Can you confirm") && strstr(str_text(&out), "[fill: When"), "what was said fills its question");
    str_clear(&out);
    req.typed = NULL;
    *(struct model_source *)vec_push(&sources) = (struct model_source){.kind = "earlier", .id = "m9", .sender = "anna@example.com", .date = clock_now(),
        .text = "Dear Paul,\n\nwe confirm the total of 900 EUR and shall deliver on 3 May; call +49 40 1234-5678.\n\nBest\nAnna"};
    offline_draft(&req, &out, &err);
    ok(!strstr(str_text(&out), "Paul") && strstr(str_text(&out), "[amount: was 900 EUR]") && strstr(str_text(&out), "[date: was"), "an earlier answer lends its words, not its facts");
    ok(strstr(str_text(&out), "[fill: was +49 40 1234-5678]"), "a telephone number is one gap");
    str_clear(&out);
    offline_summary(&req, &out, &err);
    ok(strstr(str_text(&out), "[m1]") && !strstr(str_text(&out), "[m9]"), "a summary names its mails");
    struct vec lines;
    summary_read("- The total is 500 EUR [m1]\n* Something about elephants in Africa [m1]\nTotal 500 EUR [m77]\n\n# no\n", &sources, &lines);
    is_int((int64_t)lines.len, 3, "lines of an answer");
    const struct summary_line *l = vec_at(&lines, 0);
    ok(l->supported && strcmp(strv_at(&l->refs, 0), "m1") == 0 && strcmp(l->text, "The total is 500 EUR") == 0, "with a true source");
    l = vec_at(&lines, 1);
    ok(!l->supported, "what no mail says is marked");
    l = vec_at(&lines, 2);
    ok(l->supported && strcmp(strv_at(&l->refs, 0), "m1") == 0, "a wrong reference is replaced by the true one");
    vec_fini(&lines);
    vec_fini(&sources);
    str_fini(&out);
}

int main(void)
{
    office_open("set me anna@example.com\naccount work from \"Anna Li <anna@example.com>\" smtp smtp://127.0.0.1:1 plaintext\n");
    test_versions();
    test_pen();
    test_stream();
    test_head();
    test_template();
    test_offline();
    return tap_end();
}
