/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - dividers by their words, and blocks of headers: "From:" with a date and a recipient below. */
#include "inbox/history.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* What lines of a block of headers begin with, by kind. */
static const char *const senders[] = {"From:", "Von:", "De :", "De:", "Da:", "发件人:", "发件人：", "寄件者:",
                                      "寄件者：", "差出人:", "*From:*", NULL};
static const char *const others[] = {"Sent:", "Date:", "Gesendet:", "Datum:", "Envoyé", "Enviado", "Inviato:",
                                     "发送时间", "发送日期", "日期:", "日期：", "送信日時", "*Sent:*", "*Date:*",
                                     "To:", "An:", "À :", "Para:", "A:", "收件人", "宛先:", "*To:*", NULL};
static const char *const dividers[] = {
    "-----Original Message", "----- Original Message", "-------- Original Message",
    "-----Ursprüngliche Nachricht", "-------- Ursprüngliche Nachricht", "-----Message d'origine",
    "-----原始邮件", "----- 原始邮件", "------------------ 原始邮件", "------------------\xc2\xa0原始邮件",
    "-----邮件原件", "----- 原邮件", NULL};

/* Does the line begin with one of the words? */
static bool begins(const char *line, size_t n, const char *const words[])
{
    while (n && (*line == ' ' || *line == '\t')) {
        line++;
        n--;
    }
    for (size_t i = 0; n && words[i]; i++) {
        if (((words[i][0] ^ *line) & ~0x20) != 0) /* most lines, without a call */
            continue;
        size_t len = strlen(words[i]);
        if (n >= len && strncasecmp(line, words[i], len) == 0)
            return true;
    }
    return false;
}

/* Is the line blank, or nothing but a rule? */
static bool is_rule(const char *line, size_t n)
{
    size_t marks = 0;
    for (size_t i = 0; i < n; i++) {
        if (!strchr(" _-\r", line[i]))
            return false;
        marks += line[i] != ' ' && line[i] != '\r';
    }
    return marks == 0 || marks >= 10;
}

/* Do headers of a mail begin at `at`? One of the sender, and two others within the next five lines. */
static bool is_block(const char *text, size_t n, size_t at)
{
    int found = 0;
    for (int line = 0; line < 6 && at < n; line++) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t len = newline ? (size_t)(newline - text) - at : n - at;
        if (line == 0 && !begins(text + at, len, senders))
            return false;
        found += line > 0 && begins(text + at, len, others);
        at += len + 1;
    }
    return found >= 2;
}

/* Where it begins. */
size_t history_begins(const char *text, size_t n)
{
    bool own = false;
    size_t rule = n; /* a rule with nothing but blank lines behind it so far */
    for (size_t at = 0; at < n;) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t len = newline ? (size_t)(newline - text) - at : n - at;
        if (own && (begins(text + at, len, dividers) || is_block(text, n, at)))
            return rule < at ? rule : at;
        if (!is_rule(text + at, len)) {
            own = own || text[at] != '>';
            rule = n;
        } else if (len > 9 && rule == n) {
            rule = at;
        }
        at += len + 1;
    }
    return n;
}
