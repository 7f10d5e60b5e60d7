/* SPDX-License-Identifier: GPL-3.0-or-later */
/* path.c - places and files: private, atomic, never another user's. */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "base/utf8.h"

/* The user's home directory; yours. */
static char *user_home(void)
{
    const char *home = getenv("HOME");
    if (home && home[0] == '/')
        return mem_strdup(home);
    const struct passwd *pw = getpwuid(getuid());
    return mem_strdup(pw && pw->pw_dir && pw->pw_dir[0] == '/' ? pw->pw_dir : "/");
}

/* Joins a directory and a name. */
char *path_join(const char *dir, const char *name)
{
    size_t n = strlen(dir);
    return str_format("%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
}

/* Replaces "~" at the start. */
char *path_expand(const char *path)
{
    if (path[0] != '~' || (path[1] && path[1] != '/'))
        return mem_strdup(path);
    char *home = user_home();
    char *full = path[1] ? path_join(home, path + 1 + strspn(path + 1, "/")) : mem_strdup(home);
    free(home);
    return full;
}

/* Makes a path absolute; yours. */
static char *absolute(const char *path)
{
    char *full = path_expand(path);
    if (full[0] == '/')
        return full;
    char *cwd = getcwd(NULL, 0);
    char *joined = path_join(cwd ? cwd : "/", full);
    free(cwd);
    free(full);
    return joined;
}

/* Makes a directory and its parents, 0700. */
enum status path_make_dir(const char *path, struct error *err)
{
    enum status st = STATUS_OK;
    char *full = absolute(path);
    for (char *p = full + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(full, 0700) != 0) {
            int why = errno;
            struct stat sb;
            if (why != EEXIST && stat(full, &sb) == 0)
                why = EEXIST;
            if (why != EEXIST || (kept == '\0' && (stat(full, &sb) != 0 || !S_ISDIR(sb.st_mode)))) {
                st = error_set_errno(err, why, _("The directory %s cannot be made"), full);
                break;
            }
        }
        *p = kept;
        if (!kept)
            break;
    }
    free(full);
    return st;
}

/* Refuses a directory that others can read or that is not ours. */
static enum status check_private(const char *dir, struct error *err)
{
    struct stat sb;
    if (stat(dir, &sb) != 0)
        return error_set_errno(err, errno, _("The directory %s cannot be read"), dir);
    if (!S_ISDIR(sb.st_mode))
        return error_set(err, STATUS_FAILED, _("%s is not a directory"), dir);
    if (sb.st_uid != geteuid()) {
        error_set(err, STATUS_FAILED, _("The directory %s belongs to another user"), dir);
        return error_hint(err, _("choose one of your own with --home DIR"));
    }
    if (sb.st_mode & 077) {
        error_set(err, STATUS_FAILED, _("Other users may enter the directory %s (mode %04o)"), dir,
                  (unsigned)(sb.st_mode & 07777));
        return error_hint(err, "chmod 700 %s", dir);
    }
    return STATUS_OK;
}

/* Makes a directory when it is absent and checks that it is private. */
static enum status private_dir(const char *dir, struct error *err)
{
    enum status st = path_make_dir(dir, err);
    return st != STATUS_OK ? st : check_private(dir, err);
}

/* "$VARIABLE/bureau", or "HOME/fallback/bureau"; yours. */
static char *xdg_dir(const char *variable, const char *fallback)
{
    const char *base = getenv(variable);
    if (base && base[0] == '/')
        return path_join(base, "bureau");
    if (!fallback)
        return NULL;
    char *home = user_home();
    char *dir = str_format("%s/%s/bureau", strcmp(home, "/") == 0 ? "" : home, fallback);
    free(home);
    return dir;
}

/* Finds where the office lives and makes its directories. */
enum status paths_init(struct paths *p, const char *home, struct error *err)
{
    enum status st;
    char *config_dir = NULL, *data_dir = NULL;
    *p = (struct paths){0};
    if (!home || !home[0])
        home = getenv("BUREAU_HOME");
    if (home && home[0]) {
        p->home = absolute(home);
        p->config = path_join(p->home, "bureaurc");
        p->db = path_join(p->home, "bureau.db");
        p->state = path_join(p->home, "state");
        p->runtime = mem_strdup(p->state);
        st = private_dir(p->home, err);
    } else {
        config_dir = xdg_dir("XDG_CONFIG_HOME", ".config");
        data_dir = xdg_dir("XDG_DATA_HOME", ".local/share");
        p->config = path_join(config_dir, "bureaurc");
        p->db = path_join(data_dir, "bureau.db");
        p->state = xdg_dir("XDG_STATE_HOME", ".local/state");
        p->runtime = xdg_dir("XDG_RUNTIME_DIR", NULL);
        if (!p->runtime)
            p->runtime = mem_strdup(p->state);
        st = private_dir(config_dir, err);
        if (st == STATUS_OK)
            st = private_dir(data_dir, err);
    }
    if (st == STATUS_OK)
        st = private_dir(p->state, err);
    if (st == STATUS_OK)
        st = private_dir(p->runtime, err);
    free(config_dir);
    free(data_dir);
    if (st != STATUS_OK)
        paths_fini(p);
    return st;
}

/* Releases the paths. */
void paths_fini(struct paths *p)
{
    free(p->config);
    free(p->db);
    free(p->state);
    free(p->runtime);
    free(p->home);
    *p = (struct paths){0};
}

/* Writes until all is out. */
bool fd_write_all(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* Flushes the directory that holds a file, so that its name survives a power cut. */
static void sync_dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? mem_strndup(path, slash == path ? 1 : (size_t)(slash - path))
                      : mem_strdup(".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(dir);
}

/* Writes, flushes and closes; 0 or the errno of what failed. */
static int fill_and_close(int fd, const void *bytes, size_t n)
{
    int why = 0;
    if (!fd_write_all(fd, bytes, n) || fsync(fd) != 0)
        why = errno;
    if (close(fd) != 0 && !why)
        why = errno;
    return why;
}

/* Replaces a file in one step. */
enum status path_write(const char *path, const void *bytes, size_t n, struct error *err)
{
    char *temp = str_format("%s.XXXXXX", path);
    int fd = mkostemp(temp, O_CLOEXEC), why = 0;
    if (fd < 0) {
        why = errno;
    } else {
        why = fill_and_close(fd, bytes, n);
        if (!why && rename(temp, path) != 0)
            why = errno;
        if (why)
            unlink(temp);
        else
            sync_dir_of(path);
    }
    free(temp);
    return why ? error_set_errno(err, why, _("%s cannot be written"), path) : STATUS_OK;
}

/* Could a new file of this name be written? */
enum status path_is_new(const char *path, struct error *err)
{
    struct stat there;
    const char *slash = strrchr(path, '/');
    char *folder = slash == path ? mem_strdup("/")
                   : slash       ? mem_strndup(path, (size_t)(slash - path))
                                 : mem_strdup(".");
    int why = lstat(path, &there) == 0 ? EEXIST : access(folder, W_OK | X_OK) < 0 ? errno : 0;
    free(folder);
    if (!why)
        return STATUS_OK;
    error_set_errno(err, why, _("%s cannot be written"), path);
    if (why == EEXIST)
        error_hint(err, _("nothing is overwritten: choose another name"));
    return err->status;
}

/* Writes a file that must not be there yet. */
enum status path_write_new(const char *path, const void *bytes, size_t n, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        int why = errno;
        error_set_errno(err, why, _("%s cannot be written"), path);
        if (why == EEXIST)
            error_hint(err, _("nothing is overwritten: choose another name"));
        return err->status;
    }
    int why = fill_and_close(fd, bytes, n);
    if (why) {
        unlink(path);
        return error_set_errno(err, why, _("%s cannot be written"), path);
    }
    sync_dir_of(path);
    return STATUS_OK;
}

/* Is the name free? Renames without overwriting. */
bool path_rename_new(const char *from, const char *to)
{
    if (str_eq(from, to) || renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if ((errno != EINVAL && errno != ENOSYS) || link(from, to) < 0) /* file systems without that flag */
        return false;
    unlink(from);
    return true;
}

/* Names a whole file. */
enum status path_name_new(const char *from, const char *to, struct error *err)
{
    if (!path_rename_new(from, to)) {
        int why = errno;
        error_set_errno(err, why, _("%s cannot be written"), to);
        if (why == EEXIST)
            error_hint(err, _("nothing is overwritten: choose another name"));
        return err->status;
    }
    sync_dir_of(to);
    return STATUS_OK;
}

/* Reads a whole file. */
enum status path_read(const char *path, size_t max, struct str *out, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int why = errno;
        error_set_errno(err, why, _("%s cannot be read"), path);
        if (why == ENOENT)
            err->status = STATUS_NO_SUCH;
        return err->status;
    }
    enum status st = STATUS_OK;
    size_t total = 0;
    for (;;) {
        str_reserve(out, 65536);
        size_t room = out->cap - out->len - 1;
        ssize_t got = read(fd, out->data + out->len, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            st = error_set_errno(err, errno, _("%s cannot be read"), path);
        if (got <= 0)
            break;
        out->len += (size_t)got;
        out->data[out->len] = '\0';
        total += (size_t)got;
        if (total > max) {
            st = error_set(err, STATUS_LIMIT, _("%s is larger than %zu bytes"), path, max);
            break;
        }
    }
    close(fd);
    return st;
}

/* Makes a safe file name from foreign text. */
char *path_safe_name(const char *name)
{
    const char *base = name;
    for (const char *p = name; *p; p++)
        if ((*p == '/' || *p == '\\') && p[1])
            base = p + 1;
    char *visible = gate_line(base);
    struct str out = STR_INIT;
    for (const char *p = visible; *p; p++) {
        if (*p == '/' || *p == '\\')
            str_putc(&out, '_');
        else if (*p == '.' && out.len == 0)
            str_putc(&out, '_');
        else
            str_putc(&out, *p);
    }
    free(visible);
    if (out.len)
        out.len = strlen(str_trim(out.data));
    if (out.len > 200) { /* keep the extension: it says what the file is */
        const char *dot = strrchr(out.data, '.');
        size_t tail = dot && out.len - (size_t)(dot - out.data) <= 16
                          ? out.len - (size_t)(dot - out.data)
                          : 0;
        size_t head = 200 - tail;
        head -= utf8_partial_tail(out.data, head);
        str_splice(&out, head, out.len - tail - head, "", 0);
    }
    if (out.len == 0)
        str_puts(&out, "unnamed");
    return str_take(&out);
}
