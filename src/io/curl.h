/* curl.h - libcurl, loaded when the first transfer needs it.
 *
 * libcurl brings some thirty libraries with it; loading and relocating them costs more than all else that
 * happens before the first paint, and most runs of a batch command never open a socket. So the program
 * is not linked against it: curl_load() opens it once, and the names below go through its table.
 * Types and constants come from the library's own header; a function that is not in the list does not
 * compile. Include only this, never curl/curl.h. */
#ifndef IO_CURL_H
#define IO_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdbool.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

#define CURL_FUNCTIONS(X)                                                                          \
    X(easy_cleanup) X(easy_getinfo) X(easy_init) X(easy_recv) X(easy_send) X(easy_setopt)          \
    X(easy_strerror)                                                                               \
    X(free) X(global_init) X(multi_add_handle) X(multi_cleanup) X(multi_info_read) X(multi_init)   \
    X(multi_perform) X(multi_poll) X(multi_remove_handle) X(multi_strerror) X(slist_append)        \
    X(multi_wakeup) X(slist_free_all) X(url) X(url_cleanup) X(url_get) X(url_set)

struct curl_table {
#define X(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(X)
#undef X
};

extern struct curl_table curl_table;

/* Opens the library, once for the process; any thread. false: it is not there or too old. */
bool curl_load(void);

#define curl_easy_cleanup curl_table.easy_cleanup
#define curl_easy_getinfo curl_table.easy_getinfo
#define curl_easy_init curl_table.easy_init
#define curl_easy_recv curl_table.easy_recv
#define curl_easy_send curl_table.easy_send
#define curl_easy_setopt curl_table.easy_setopt
#define curl_easy_strerror curl_table.easy_strerror
#define curl_free curl_table.free
#define curl_global_init curl_table.global_init
#define curl_multi_add_handle curl_table.multi_add_handle
#define curl_multi_cleanup curl_table.multi_cleanup
#define curl_multi_info_read curl_table.multi_info_read
#define curl_multi_init curl_table.multi_init
#define curl_multi_perform curl_table.multi_perform
#define curl_multi_poll curl_table.multi_poll
#define curl_multi_remove_handle curl_table.multi_remove_handle
#define curl_multi_strerror curl_table.multi_strerror
#define curl_multi_wakeup curl_table.multi_wakeup
#define curl_slist_append curl_table.slist_append
#define curl_slist_free_all curl_table.slist_free_all
#define curl_url curl_table.url
#define curl_url_cleanup curl_table.url_cleanup
#define curl_url_get curl_table.url_get
#define curl_url_set curl_table.url_set

#endif
