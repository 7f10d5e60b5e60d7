/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_checks - facts found or marked, questions answered or not, gaps that block. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/str.h"
#include "inbox/checks_inside.h"
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

int main(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    clock_parse("2026-11-24T10:00:00+01:00", &now);
    clock_parse("2026-11-23T09:12:00+01:00", &monday);
    test_facts();
    test_levels();
    test_asks();
    test_find();
    test_hostile();
    return tap_end();
}
