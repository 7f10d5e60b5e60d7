/* SPDX-License-Identifier: GPL-3.0-or-later */
/* curl.c - opens libcurl at the first transfer. */
#include "io/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/log.h"

struct curl_table curl_table;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;

/* Fills the table. A data pointer becomes a function pointer as POSIX dlsym() allows. */
static void load(void)
{
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        log_warn("io: %s", dlerror());
        return;
    }
    struct {
        const char *name;
        void *slot;
    } functions[] = {
#define X(function) {"curl_" #function, &curl_table.function},
        CURL_FUNCTIONS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *found = dlsym(library, functions[i].name);
        if (!found) {
            log_warn("io: libcurl has no %s", functions[i].name);
            return;
        }
        memcpy(functions[i].slot, &found, sizeof found);
    }
    loaded = true;
}

/* Opens the library once. */
bool curl_load(void)
{
    pthread_once(&once, load);
    return loaded;
}
