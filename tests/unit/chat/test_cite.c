/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_cite.c - which source bears which sentence. */
#include "chat/cite.h"

#include <stdlib.h>

#include "base/str.h"
#include "chat/store.h"
#include "tap.h"

static struct source_list given;

/* Adds a source. */
static void give(const char *id, const char *sender, const char *text)
{
    struct model_source s = {.kind = "mail", .id = id, .title = "T", .sender = sender, .text = text};
    source_add(&given, &s);
}

/* Cites an answer and compares the ids found. */
static void is_cited(const char *answer, const char *want, int want_dropped, const char *name)
{
    struct vec sources;
    struct str ids = STR_INIT;
    int dropped = 0;
    cite_answer(answer, &given, &sources, NULL, NULL, &dropped);
    for (size_t i = 0; i < sources.len; i++)
        str_addf(&ids, "%s%s", i ? " " : "", ((struct chat_source *)vec_at(&sources, i))->id);
    is_str(str_text(&ids), want, name);
    is_int(dropped, want_dropped, "  hints dropped");
    str_fini(&ids);
    vec_fini(&sources);
}

int main(void)
{
    source_list_init(&given);
    give("m212", "Tom Berger", "Hello Sofia,\nwe will replace the pallet within 14 days.\nBest");
    give("m7", "李娜", "您好，附件是第三季度报价单，总价 48,200 元（含税）。");
    give("n4@00:22:05", "", "[00:22:05] Tom Berger: Freight is on us this time.\n"
                            "[00:22:12] Li Na: Thank you very much.\n");
    is_cited("You promised to replace the pallet within 14 days [m212].", "m212", 0,
             "a right hint stands");
    is_cited("You promised to replace the pallet within 14 days. [m212]", "m212", 0,
             "also behind the stop");
    is_cited("The pallet is replaced within 14 days [m7].", "m212", 1,
             "a wrong hint goes, the program finds the right one");
    is_cited("The pallet is replaced within 14 days [m999].", "m212", 1,
             "a hint to what was never shown goes");
    is_cited("The moon is made of green cheese [m212].", "", 1, "what nothing bears has no source");
    is_cited("Freight is on us [n4].", "n4@00:22:05", 0, "a moment of a transcript");
    is_cited("Pallet replaced within 14 days, freight is on us [m212, n4@00:22:05].",
             "m212 n4@00:22:05", 0, "several in one bracket");
    is_cited("The quotation says 48,200 [m7].", "m7", 0, "another language: the number bears it");
    is_cited("总价是 48,200 元。", "m7", 0, "Chinese, found without a hint");
    is_cited("", "", 0, "nothing");

    struct vec sources;
    struct str cited = STR_INIT, out = STR_INIT;
    cite_answer("We replace the pallet within 14 days [m7]. It rains [m5].\n\n- Freight is on us. [n4]\n",
                &given, &sources, NULL, &cited, NULL);
    is_str(str_text(&cited),
           "We replace the pallet within 14 days [m212]. It rains.\n\n- Freight is on us "
           "[n4@00:22:05].\n",
           "a cited answer names what holds and nothing else");
    cite_number(str_text(&cited), &sources, &out);
    is_str(str_text(&out),
           "We replace the pallet within 14 days [1]. It rains.\n\n- Freight is on us [2].\n",
           "ids become numbers");
    str_fini(&cited);
    const struct chat_source *s = sources.len ? vec_at(&sources, 0) : NULL;
    is_str(s ? s->quote : NULL, "we will replace the pallet within 14 days.", "the quote");
    is_str(s ? s->who : NULL, "Tom Berger", "who");
    vec_fini(&sources);
    str_fini(&out);
    source_list_fini(&given);
    return tap_end();
}
