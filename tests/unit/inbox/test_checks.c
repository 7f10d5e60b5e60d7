/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_checks - facts found or marked, questions answered or not, gaps that block. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/str.h"
#include "command/config.h"
#include "command/option.h"
#include "inbox/checks_inside.h"
#include "inbox/draft.h"
#include "office/office.h"
#include "office/people.h"
#include "tap.h"

static int64_t now, monday;

/* Runs the checks of a draft against one mail. */
static void run(const char *mail, const char *draft, const char *model, const char *say, struct checks *out)
{
    struct vec sources;
    vec_init(&sources, sizeof(struct check_text), NULL);
    *(struct check_text *)vec_push(&sources) =
        (struct check_text){.message = 12, .date = monday, .asks = true, .text = mail,
                            .subject = "Q3 报价单", .people = "李娜 <li.na@haitian.example>"};
    *(struct check_text *)vec_push(&sources) =
        (struct check_text){.date = now, .mine = true, .text = say ? say : "", .people = "Anna Li <anna@example.com>"};
    struct check_input in = {.text = draft, .subject = "Re: Q3 报价单", .now = now, .has_recipient = true,
                             .made = "", .model_text = model, .sources = &sources};
    checks_init(out);
    checks_run(&in, out);
    vec_fini(&sources);
}

/* The first check of these words; NULL. */
static const struct check *find(const struct checks *c, const char *text)
{
    for (size_t i = 0; i < c->items.len; i++)
        if (strstr(((const struct check *)vec_at(&c->items, i))->text, text))
            return vec_at(&c->items, i);
    return NULL;
}

/* Is it found, or marked? */
static void fact(const char *mail, const char *draft, const char *words, bool found)
{
    struct checks c;
    run(mail, draft, NULL, NULL, &c);
    const struct check *k = find(&c, words);
    ok(k && k->ok == found, "%.40s…: %s %s", strchr(draft, '\n') ? strrchr(draft, '\n') + 1 : draft, words, found ? "is in the thread" : "is not");
    if (k && found)
        ok(k->message == 12 && *k->quote, "%s has its source", words);
    checks_fini(&c);
}

/* How many questions of a mail the draft answers. */
static void asks(const char *mail, const char *draft, int asked, int answered)
{
    struct checks c;
    run(mail, draft, NULL, NULL, &c);
    if (!ok(c.asks == asked && c.answered == answered, "%.60s: asks %d, answered %d", draft, asked, answered))
        printf("#   got %d, %d\n", c.asks, c.answered);
    checks_fini(&c);
}

/* The same of a draft that was written with gaps. */
static void settled(const char *name, const char *mail, const char *written, const char *draft, int answered)
{
    struct checks c;
    run(mail, draft, written, NULL, &c);
    if (!ok(c.asks == 3 && c.answered == answered, "of three asks %d answered: %s", answered, name))
        printf("#   got %d, %d\n", c.asks, c.answered);
    checks_fini(&c);
}

/* Facts of every kind. */
static void test_facts(void)
{
    const char *mail = "Dear Anna,\n\nthe total is 48,200 EUR including tax. Please confirm by Friday.\n"
                       "Delivery to Suzhou, order PO-2231, account DE02 1203 0000 0000 2020 51.\n"
                       "See https://haitian.example/q3 or write to sales@haitian.example.\n\nLi Na";
    fact(mail, "We confirm 48,200 EUR.", "48,200 EUR", true);
    fact(mail, "We confirm EUR 48200.00 now.", "48200", true);
    fact(mail, "We confirm 48.200 € now.", "48.200", true);
    fact(mail, "We confirm 48,300 EUR.", "48,300", false);
    fact(mail, "You have it by 27 November.", "27 November", true);
    fact(mail, "You have it by Friday.", "Friday", true);
    fact(mail, "You have it by 30 November.", "30 November", false);
    fact(mail, "Our order PO-2231 stands.", "PO-2231", true);
    fact(mail, "Our order PO-2232 stands.", "PO-2232", false);
    fact(mail, "The place is Suzhou as agreed.", "Suzhou", true);
    fact(mail, "The place is Shanghai as agreed.", "Shanghai", false);
    fact(mail, "Pay to DE02120300000000202051 please.", "DE02", true);
    fact(mail, "Pay to DE99120300000000202051 please.", "DE99", false);
    fact(mail, "Write to sales@haitian.example please.", "sales@", true);
    fact(mail, "Write to sales@haitlan.example please.", "sales@", false);
    fact(mail, "It is at https://haitian.example/q3 now.", "https", true);
    fact(mail, "It is at https://haitian.example.evil.example/q3 now.", "https", false);
    const char *zh = "您好，附件是第三季度报价单，总价 48,200 元（含税）。\n能否在周五前确认总价？另外，交货地点是否仍为苏州仓库？\n李娜";
    fact(zh, "李娜您好：\n\n确认总价 4.82 万元。", "4.82 万元", true);
    fact(zh, "李娜您好：\n\n确认总价 48,200 元。", "48,200 元", true);
    fact(zh, "李娜您好：\n\n请在 11 月 27 日前发货。", "11 月 27 日", true);
    fact(zh, "李娜您好：\n\n请在 12 月 2 日前发货。", "12 月 2 日", false);
    fact(zh, "李娜您好：\n\n收到。", "李娜", true);
    fact(zh, "王强您好：\n\n收到。", "王强", false);
    struct checks c;
    run(mail, "Yes.\n\nOn 2026-11-20, Bob Stone wrote:\n> by 30 November\n", NULL, NULL, &c);
    ok(!find(&c, "2026-11-20"), "the line that introduces a quote states nothing");
    checks_fini(&c);
    run(mail, "We take 48,200 EUR, not 99,999 EUR, by 7 January.\n", NULL, "48,200 EUR, not 99,999 EUR, by 7 January", &c);
    const struct check *thread = find(&c, "48,200"), *own = find(&c, "99,999");
    ok(thread && thread->ok && !thread->own && own && own->ok && own->own && !own->message,
       "what only I asked for is mine, what the thread has is the thread's");
    ok(c.facts_found == 1 && c.facts_own == 2 && c.facts_missing == 0, "and they are counted apart");
    char *line = checks_line(&c, 0);
    ok(strstr(line, "1 in thread, 2 by you"), "in the line, too: %s", line);
    free(line);
    checks_fini(&c);
}

/* How many facts a text holds, and which is the first. */
static void one_fact(const char *text, const char *words)
{
    struct vec facts;
    vec_init(&facts, sizeof(struct check_fact), NULL);
    checks_facts(text, now, &facts);
    const struct check_fact *f = facts.len ? vec_at(&facts, 0) : NULL;
    if (!ok(facts.len == 1 && f->len == strlen(words) && strncmp(text + f->at, words, f->len) == 0, "one fact: %s", words))
        for (size_t i = 0; i < facts.len; i++) {
            f = vec_at(&facts, i);
            printf("#   got %.*s\n", (int)f->len, text + f->at);
        }
    vec_fini(&facts);
}

/* A thread: Tom's mail, mine as sent and as a model wrote it (NULL: I did), Tom's answer. Is the amount borne out? */
static void vouched(const char *name, const char *first, const char *mine, const char *written, const char *answer,
                    const char *say, bool found)
{
    struct vec sources;
    struct checks c;
    vec_init(&sources, sizeof(struct check_text), NULL);
    *(struct check_text *)vec_push(&sources) = (struct check_text){.message = 1, .date = monday, .text = first, .subject = "x"};
    *(struct check_text *)vec_push(&sources) = (struct check_text){.message = 2, .date = monday, .text = mine, .subject = "x", .written = written};
    if (say)
        *(struct check_text *)vec_push(&sources) = (struct check_text){.message = 2, .date = monday, .mine = true, .text = say};
    *(struct check_text *)vec_push(&sources) = (struct check_text){.message = 3, .date = now, .asks = true, .text = answer, .subject = "x"};
    const char *text = "Dear Tom,\n\nas I wrote we pay 600 EUR.\n";
    struct check_input in = {.text = text, .subject = "x", .now = now, .has_recipient = true, .made = "", .model_text = text,
                             .sources = &sources};
    checks_init(&c);
    checks_run(&in, &c);
    const struct check *k = find(&c, "600");
    ok(k && k->ok == found && (found || k->level == CHECK_BLOCK), "%s", name);
    if (k && found)
        ok(strstr(k->quote, "600"), "%s: the source holds it", name);
    checks_fini(&c);
    vec_fini(&sources);
}

/* What a model made up does not become true by being sent. */
static void test_vouching(void)
{
    const char *said = "Dear Tom,\n\nwe pay 600 EUR.\n", *open = "Dear Tom,\n\nwe pay [amount: how much?].\n";
    vouched("my own words bear a fact out", "When do you pay?", said, NULL, "Thanks.", NULL, true);
    vouched("a model's words do not, though I sent them", "When do you pay?", said, said, "Thanks.", NULL, false);
    vouched("nor does their quote in the answer", "When do you pay?", said, said, "Thanks.\n\nOn Monday Anna wrote:\n> we pay 600 EUR.\n", NULL, false);
    vouched("the other side's own words do", "When do you pay?", said, said, "Thanks for the 600 EUR.\n\n> we pay 600 EUR.\n", NULL, true);
    vouched("what I put into the gap is mine", "When do you pay?", said, open, "Thanks.", NULL, true);
    vouched("what I asked the model to say is mine", "When do you pay?", said, said, "Thanks.", "we pay 600 EUR", true);
    vouched("what was quoted before a model wrote it is the thread's", "See below.\n\n> that makes 600 EUR.\n", said, said, "Thanks.", NULL, true);
}

/* What is written in groups is one thing. */
static void test_groups(void)
{
    one_fact("please call me at +49 40 1234-5678 or write.", "+49 40 1234-5678");
    one_fact("please call +49 (0)40 1234 5678.", "+49 (0)40 1234 5678");
    one_fact("it is (040) 1234-5678, as ever", "(040) 1234-5678");
    one_fact("it is 040/12 34 56 78.", "040/12 34 56 78");
    one_fact("我的电话是 0512-6666 7777，谢谢。", "0512-6666 7777");
    one_fact("手机：138 0013 8000。", "138 0013 8000");
    one_fact("电话 13800138000，谢谢", "13800138000");
    one_fact("pay to DE02 1203 0000 0000 2020 51 please", "DE02 1203 0000 0000 2020 51");
    one_fact("that is 0.12345678 of it", "0.12345678");
    fact("call +49 40 1234-5678", "I call +49 (40) 12345678 then.", "+49", true);
    fact("call +49 40 1234-5678", "I call 040 1234 5678 then.", "040", true);
    fact("手机：138 0013 8000。", "我会打 13800138000。", "138", true);
    fact("手机：13800138000。", "我会打 138-0013-8000。", "138", true);
    fact("call +49 40 1234-5678", "I call 040 1234 5679 then.", "040", false);
}

/* What a model invents costs money: it blocks; what the person said does not. */
static void test_levels(void)
{
    struct checks c;
    const char *mail = "Please confirm the price of 500 EUR.";
    run(mail, "We confirm 600 EUR.", "We confirm 600 EUR.", NULL, &c);
    ok(!c.sendable && find(&c, "600")->level == CHECK_BLOCK, "an amount of the model's own blocks");
    checks_fini(&c);
    run(mail, "We confirm 600 EUR.", NULL, NULL, &c);
    ok(c.sendable && find(&c, "600")->level == CHECK_WARN, "the same typed by the person is shown only");
    checks_fini(&c);
    run(mail, "We confirm 600 EUR.", "We confirm 600 EUR.", "say yes to 600 EUR", &c);
    ok(c.sendable && find(&c, "600")->ok, "what the person asked for is the person's word");
    checks_fini(&c);
    run(mail, "Hello,\n\n[yes/no: confirm 500 EUR?]\n", NULL, NULL, &c);
    ok(!c.sendable && c.gaps == 1 && find(&c, "confirm 500")->level == CHECK_NEVER, "a gap cannot be accepted");
    is_str(((struct check *)vec_at(&c.items, 0))->id, "k1", "ids count from 1");
    checks_fini(&c);
    run(mail, "您好：\n[是/否：确认？]", NULL, NULL, &c);
    ok(c.gaps == 1, "a Chinese gap");
    checks_fini(&c);
    run(mail, "Hello {{name}},", NULL, NULL, &c);
    ok(!c.sendable, "an open field blocks");
    checks_fini(&c);
    run(mail, "see a[0] and [1] and [sic]", NULL, NULL, &c);
    ok(c.sendable && c.gaps == 0, "other brackets are no gaps");
    checks_fini(&c);
}

/* Questions. */
static void test_asks(void)
{
    asks("Could you confirm the price?", "Yes, we confirm the price.", 1, 1);
    asks("Could you confirm the price?\nWhen will the pallets arrive?", "We confirm the price.", 2, 1);
    asks("Could you confirm the price?\nWhen will the pallets arrive?",
         "We confirm the price. The pallets arrive on 30 November.", 2, 2);
    asks("Thank you for your mail. The goods arrived.", "Thanks.", 0, 0);
    asks("Please find the invoice attached. If you have any questions, feel free to call.", "Thanks.", 0, 0);
    asks("能否在周五前确认总价？另外，交货地点是否仍为苏州仓库？", "确认总价 48,200 元，交货地点仍为苏州仓库。", 2, 2);
    asks("能否在周五前确认总价？另外，交货地点是否仍为苏州仓库？", "交货地点仍为苏州仓库。", 2, 1);
    asks("Is the meeting at ten?\n> Could you send the list?\n", "Yes, the meeting is at ten.", 1, 1);
    asks("Could you confirm the price?", "[yes/no: Could you confirm the price?]", 1, 0);
    asks("Could you confirm the price?", "\n\nOn 2026-11-23, Tom wrote:\n> Could you confirm the price?\n", 1, 0);
    asks("你能参加吗？", "Yes, I come.", 1, 1);
    asks("你能参加吗？", "Notes follow.", 1, 0);
    asks("Could you confirm the price? Do you agree to start on Monday?", "Yes to both.", 2, 2);
}

/* A gap that is gone was answered by what stands in its place, unless nothing does. */
static void test_settled(void)
{
    const char *mail = "Could you confirm clause 7 by Wednesday? Is the place of delivery still Hamburg?\nWhat is your fax number?";
    const char *written = "Dear Tom,\n\n[yes/no: Could you confirm clause 7 by Wednesday?]\n"
                          "[yes/no: Is the place of delivery still Hamburg?]\n[fill: What is your fax number?]\n\nKind regards\nAnna Li";
    settled("as it was written", mail, written, written, 0);
    settled("two gaps settled, one open", mail, written, "Dear Tom,\n\nYes.\nNo.\n[fill: What is your fax number?]\n\nKind regards\nAnna Li", 2);
    settled("all settled", mail, written, "Dear Tom,\n\nYes.\nNo.\n+49 40 99\n\nKind regards\nAnna Li", 3);
    settled("one settled, among other changes", mail, written, "Hi Tom,\n\nthat is settled.\n\nYes.\n\n+49 40 99\n\nBest\nAnna", 2);
    settled("two taken out", mail, written, "Dear Tom,\n\n\nNo.\n\n\nKind regards\nAnna Li", 1);
    settled("all taken out", mail, written, "Dear Tom,\n\n\n\n\n\nKind regards\nAnna Li", 0);
    settled("their lines taken out, too", mail, written, "Dear Tom,\n\nKind regards\nAnna Li", 0);
    settled("nothing left", mail, written, "", 0);
    const char *zh = "能否在周五前确认总价？另外，交货地点是否仍为苏州仓库？请把联系电话告诉我。";
    const char *zh_written = "李娜您好：\n\n[是/否：能否在周五前确认总价？]\n[是/否：另外，交货地点是否仍为苏州仓库？]\n"
                             "我的电话是[填写：请把联系电话告诉我。]，谢谢。\n\n此致\nAnna Li";
    settled("in Chinese, one within a sentence", zh, zh_written, "李娜您好：\n\n可以。\n不行。\n我的电话是13800138000，谢谢。\n\n此致\nAnna Li", 3);
    settled("in Chinese, two taken out", zh, zh_written, "李娜您好：\n\n可以。\n\n我的电话是，谢谢。\n\n此致\nAnna Li", 1);
}

/* The sentences that ask. */
static void test_find(void)
{
    struct check_ask a[8];
    ok(checks_find_asks("请于周三前回复。", a, 8) == 1 && !a[0].question, "a Chinese request");
    ok(checks_find_asks("Is it ready?", a, 8) == 1 && a[0].question && a[0].yes_no, "a yes-no question");
    ok(checks_find_asks("How much is it?", a, 8) == 1 && a[0].question && !a[0].yes_no, "an open question");
    ok(checks_find_asks("Send the list to Tom.", a, 8) == 1, "an order");
    ok(checks_find_asks("", a, 8) == 0 && checks_find_asks("\n\n", a, 8) == 0, "nothing in nothing");
    char *own = checks_own_text("Yes.\n\nOn Monday, Bob wrote:\n> Is it ready?\n> When?\n-- \nAnna");
    ok(!strstr(own, "ready") && !strstr(own, "Anna") && strstr(own, "Yes."), "quotes and signature are not own text");
    free(own);
}

/* Nothing here may crash or hang. */
static void test_hostile(void)
{
    struct str big = STR_INIT;
    struct checks c;
    static const char *const odd[] = {"[", "[yes/no:", "[yes/no:]", "{{", "{{}}", "@", "a@", "a@b", "http://",
                                      "\xff\xfe\x80", "1,2,3,4,5.6.7", "9999999999999999999999999999999999999999999999999999999999999999999999",
                                      "万", "€", "€€€1", "...", "????", "A B C D E F G", "DE", "-", "\n\n\n>>>>\n"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        run(odd[i], odd[sizeof odd / sizeof *odd - 1 - i], odd[i], odd[i], &c);
        checks_fini(&c);
    }
    for (int i = 0; i < 3000; i++)
        str_puts(&big, "Could you confirm 1,000 EUR by Friday to Tom Berger? [yes/no: x] ");
    run(str_text(&big), str_text(&big), NULL, NULL, &c);
    ok(c.gaps == 3000, "a draft of 190 KB");
    checks_fini(&c);
    str_fini(&big);
    ok(true, "odd texts");
}

/* The kinds of findings before sending, as words. Yours. */
static char *before_sending(const char *to, const char *subject, const char *text, int files, const char *mail)
{
    struct draft d = {.kind = DRAFT_REPLY, .subject = (char *)subject, .text = (char *)text, .from = {(char *)"Anna", (char *)"anna@example.com"}};
    struct error err = ERROR_INIT;
    struct checks c;
    struct vec texts;
    struct str out = STR_INIT;
    people_init(&d.to);
    people_init(&d.cc);
    people_init(&d.bcc);
    vec_init(&d.files, sizeof(struct draft_file), NULL);
    vec_init(&texts, sizeof(struct check_text), NULL);
    for (int i = 0; i < files; i++)
        vec_push(&d.files);
    if (mail)
        *(struct check_text *)vec_push(&texts) = (struct check_text){.message = 1, .text = mail};
    ok(people_parse(to, &d.to, &err) == STATUS_OK, "%s", to);
    checks_init(&c);
    checks_send(&d, &texts, &c);
    for (size_t i = 0; i < c.items.len; i++) {
        const struct check *k = vec_at(&c.items, i);
        str_addf(&out, "%s%s", i ? " " : "", check_kind_word(k->kind));
        ok(k->level == CHECK_WARN && !k->ok && k->at + k->len <= strlen(text), "it keeps nobody from sending: %s", k->text);
    }
    ok(c.sendable, "sendable");
    checks_fini(&c);
    vec_fini(&texts);
    vec_fini(&d.to);
    vec_fini(&d.cc);
    vec_fini(&d.bcc);
    vec_fini(&d.files);
    return str_take(&out);
}

/* What one would be sorry for. */
static void test_sending(void)
{
    static const struct {
        const char *to, *subject, *text;
        int files;
        const char *mail, *want;
    } rows[] = {
        {"Tom Berger <tom@acme.example>", "Offer", "Dear Tom,\n\nthe offer is attached.\n", 0, NULL, "attachment"},
        {"Tom Berger <tom@acme.example>", "Offer", "Dear Tom,\n\nthe offer is attached.\n", 1, NULL, ""},
        {"Tom Berger <tom@acme.example>", "Offer", "Dear Tom,\n\nthanks for the attachment, I'll read it.\n", 0, NULL, ""},
        {"Tom Berger <tom@acme.example>", "Offer", "Dear Tom,\n\nfine.\n\n> please see the attached offer\n", 0, NULL, ""},
        {"Tom Berger <tom@acme.example>", "Offer", "Dear Tom,\n\nfine.\n\n-- \nno attachments please\n", 0, NULL, ""},
        {"Tom Berger <tom@acme.example>", "Offer", "Dear Tom,\n\nwe are very attached to this idea. Reattached the wheel.\n", 0, NULL, "attachment"},
        {"Tom Berger <tom@acme.example>", "Offer", "Hi,\n\nthe wheel was unattached.\n", 0, NULL, ""},
        {"李娜 <li.na@haitian.example>", "报价", "李娜您好：\n\n附件是报价单。\n", 0, NULL, "attachment"},
        {"李娜 <li.na@haitian.example>", "报价", "李娜您好：\n\n您的附件已收到，谢谢。\n", 0, NULL, ""},
        {"李娜 <li.na@haitian.example>", "报价", "李娜您好：\n\n报价单随附，请查收。\n", 1, NULL, ""},
        {"Tom Berger <tom@acme.example>", "", "Dear Tom,\n", 0, NULL, "subject"},
        {"Tom Berger <tom@acme.example>", "x", "Dear Peter,\n\nfine.\n", 0, NULL, "greeting"},
        {"Tom Berger <tom@acme.example>", "x", "Dear Mr Berger,\n\nfine.\n", 0, NULL, ""},
        {"Tom Berger <tom@acme.example>", "x", "Dear all,\n\nfine.\n", 0, NULL, ""},
        {"Tom Berger <tom@acme.example>", "x", "Hello,\n\nPeter said it is fine.\n", 0, NULL, ""},
        {"Tom Berger <tom@acme.example>", "x", "Thanks, Peter is informed.\n", 0, NULL, ""},
        {"Andreas Vos <a.vos@vos.example>", "x", "Hi Andy,\n\nfine.\n", 0, NULL, ""},
        {"Robert Vos <r.vos@vos.example>", "x", "Hi Bob,\n\nfine.\n", 0, "Fine with me?\n\nCheers\nBob\n", ""},
        {"Robert Vos <r.vos@vos.example>", "x", "Hi Bob,\n\nfine.\n", 0, "Ask Bob about it, he is back on Monday from a long trip.\n\na\nb\nc\nd\ne\nf\nRobert\n", "greeting"},
        {"r.vos@vos.example", "x", "Hi Bob,\n\nfine.\n", 0, NULL, ""},
        {"李娜 <li.na@haitian.example>", "x", "王经理您好：\n\n可以。\n", 0, NULL, "greeting"},
        {"李娜 <li.na@haitian.example>", "x", "李经理您好：\n\n可以。\n", 0, NULL, ""},
        {"李娜 <li.na@haitian.example>", "x", "尊敬的李总：\n\n可以。\n", 0, NULL, ""},
        {"李娜 <li.na@haitian.example>", "x", "各位同事：\n\n可以。\n", 0, NULL, ""},
        {"李娜 <li.na@haitian.example>", "x", "Dear Li Na,\n\nfine.\n", 0, NULL, ""},
        {"李娜 <li.na@haitian.example>", "x", "王芳，你好！\n\n可以。\n", 0, NULL, "greeting"},
        {"采购部 <buy@zhong.example>", "x", "尊敬的客户：\n\n可以。\n", 0, NULL, ""},
        {"Eva <eva@example.com>, Tom <tom@acme.example>", "x", "Hello,\n", 0, NULL, "outside"},
        {"Tom <tom@acme.example>", "x", "Hello,\n", 0, NULL, ""},
        {"Eva <eva@de.example.com>", "x", "Hello,\n", 0, NULL, ""},
        {"a@x.example,b@x.example,c@x.example,d@x.example,e@x.example,f@x.example,g@x.example,h@x.example,i@x.example,j@x.example,k@x.example", "x", "Hello,\n", 0, NULL, "many"},
    };
    config_add_me("anna@example.com");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *got = before_sending(rows[i].to, rows[i].subject, rows[i].text, rows[i].files, rows[i].mail);
        if (!ok(str_eq(got, rows[i].want), "%.40s | %.60s: %s", rows[i].to, rows[i].text, rows[i].want))
            printf("#   got %s\n", got);
        free(got);
    }
    struct checks c;
    run("Please fill in {{name}} and [yes/no: this].", "Yes.\n\n> Please fill in {{name}} and [yes/no: this].\n", NULL, NULL, &c);
    ok(c.gaps == 0 && c.sendable, "gaps and fields that are quoted are not mine to fill");
    checks_fini(&c);
    run("x", "Hi\n\n---------- Forwarded message ----------\n{{name}} [fill: it]\n", NULL, NULL, &c);
    ok(c.gaps == 0, "nor forwarded ones");
    checks_fini(&c);
}

int main(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    option_register(office_options);
    clock_parse("2026-11-24T10:00:00+01:00", &now);
    clock_parse("2026-11-23T09:12:00+01:00", &monday);
    test_facts();
    test_groups();
    test_vouching();
    test_levels();
    test_asks();
    test_settled();
    test_find();
    test_hostile();
    test_sending();
    return tap_end();
}
