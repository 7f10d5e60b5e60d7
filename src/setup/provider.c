/* SPDX-License-Identifier: GPL-3.0-or-later */
/* provider.c - the table of known providers. */
#include "setup/provider.h"

#include <string.h>

#include "base/i18n.h"
#include "base/str.h"

#define APP_PASSWORD_QQ N_("QQ wants an authorization code from its web settings, not the password")
#define APP_PASSWORD_163 N_("NetEase wants an authorization code from its web settings, not the password")

/* The first that fits counts: longer ends of exchangers stand before shorter ones. */
static const struct setup_provider providers[] = {
    {"Gmail", "gmail.com googlemail.com", "google.com googlemail.com", "imaps://imap.gmail.com",
     "smtps://smtp.gmail.com", "google", N_("Google wants an app password (or OAuth), not the password")},
    {"Outlook", "outlook.com hotmail.com live.com msn.com outlook.de outlook.fr outlook.jp hotmail.co.uk live.cn",
     "olc.protection.outlook.com", "imaps://outlook.office365.com", "smtp://smtp-mail.outlook.com", "microsoft",
     N_("Microsoft takes OAuth only: passwords are refused")},
    {"Microsoft 365", "", "mail.protection.outlook.com mx.microsoft protection.partner.outlook.cn",
     "imaps://outlook.office365.com", "smtp://smtp.office365.com", "microsoft",
     N_("Microsoft takes OAuth only: passwords are refused")},
    {"iCloud", "icloud.com me.com mac.com", "mail.icloud.com", "imaps://imap.mail.me.com", "smtp://smtp.mail.me.com",
     NULL, N_("Apple wants an app-specific password from account.apple.com")},
    {"Exmail", "exmail.qq.com", "mxbiz1.qq.com mxbiz2.qq.com exmail.qq.com", "imaps://imap.exmail.qq.com",
     "smtps://smtp.exmail.qq.com", NULL, N_("Exmail wants a client password when safe login is on")},
    {"QQ", "qq.com vip.qq.com foxmail.com", "qq.com", "imaps://imap.qq.com", "smtps://smtp.qq.com", NULL, APP_PASSWORD_QQ},
    {"163", "163.com", "163mx01.mxmail.netease.com 163mx02.mxmail.netease.com 163mx03.mxmail.netease.com", "imaps://imap.163.com", "smtps://smtp.163.com", NULL, APP_PASSWORD_163},
    {"126", "126.com", "", "imaps://imap.126.com", "smtps://smtp.126.com", NULL, APP_PASSWORD_163},
    {"yeah.net", "yeah.net", "", "imaps://imap.yeah.net", "smtps://smtp.yeah.net", NULL, APP_PASSWORD_163},
    {"188", "188.com", "", "imaps://imap.188.com", "smtps://smtp.188.com", NULL, APP_PASSWORD_163},
    {"NetEase", "", "qiye163mx01.mxmail.netease.com qiye163mx02.mxmail.netease.com qiye.163.com",
     "imaps://imap.qiye.163.com", "smtps://smtp.qiye.163.com", NULL, APP_PASSWORD_163},
    {"Aliyun Qiye", "", "qiye.aliyun.com mxhichina.com", "imaps://imap.qiye.aliyun.com", "smtps://smtp.qiye.aliyun.com",
     NULL, N_("Aliyun wants a client password when third-party safety is on")},
    {"Aliyun", "aliyun.com", "", "imaps://imap.aliyun.com", "smtps://smtp.aliyun.com", NULL, NULL},
};

/* Does the name equal a word of the list, or end in one behind a dot? */
static bool is_listed(const char *list, const char *name, bool ends)
{
    size_t len = strlen(name);
    for (const char *p = list; *p; p += strcspn(p, " "), p += *p == ' ') {
        size_t n = strcspn(p, " ");
        if (n && n <= len && (ends || n == len) && (n == len || name[len - n - 1] == '.')) {
            size_t i = 0;
            while (i < n && (name[len - n + i] | 32) == (p[i] | 32))
                i++;
            if (i == n)
                return true;
        }
    }
    return false;
}

/* By address. */
const struct setup_provider *setup_provider_of(const char *domain)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (is_listed(providers[i].domains, domain, false))
            return &providers[i];
    return NULL;
}

/* By exchanger. */
const struct setup_provider *setup_provider_by_mx(const char *host)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
        if (is_listed(providers[i].mx, host, true))
            return &providers[i];
    return NULL;
}
