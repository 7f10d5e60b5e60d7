/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ring.c - datagram sockets between the processes of one store. */
#include "store/ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"

struct ring {
    int dir_fd, fd, probe_fd;
    char name[48];
    pthread_mutex_t lock;
    struct vec others; /* strv, names of the other sockets as last read */
    struct timespec read_at;
    bool known;
};

/* The address of a socket in the directory: through its descriptor, for a path may be longer than
 * an address holds. */
static socklen_t address(const struct ring *r, const char *name, struct sockaddr_un *out)
{
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", r->dir_fd, name);
    return (socklen_t)sizeof *out;
}

/* Binds a socket of our own under a name nobody has. */
static enum status bind_own(struct ring *r, struct error *err)
{
    struct sockaddr_un a;
    for (int n = 0; n < 1000; n++) {
        snprintf(r->name, sizeof r->name, "%ld-%d.sock", (long)getpid(), n);
        socklen_t len = address(r, r->name, &a);
        if (bind(r->fd, (struct sockaddr *)&a, len) == 0) {
            if (fchmodat(r->dir_fd, r->name, 0600, 0) == 0)
                return STATUS_OK;
            break;
        }
        if (errno != EADDRINUSE)
            break;
        if (connect(r->probe_fd, (struct sockaddr *)&a, len) < 0 && errno == ECONNREFUSED)
            unlinkat(r->dir_fd, r->name, 0);
    }
    r->name[0] = '\0';
    return error_set_errno(err, errno, _("no socket in the state directory"));
}

/* Joins the ring. */
enum status ring_open(const char *dir, struct ring **out, struct error *err)
{
    *out = NULL;
    enum status s = path_make_dir(dir, err);
    if (s != STATUS_OK)
        return s;
    struct ring *r = mem_alloc(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    strv_init(&r->others);
    r->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r->probe_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (r->dir_fd < 0 || r->fd < 0 || r->probe_fd < 0 ||
        setsockopt(r->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        s = error_set_errno(err, errno, "%s", dir);
    else
        s = bind_own(r, err);
    if (s != STATUS_OK) {
        ring_close(r);
        return s;
    }
    *out = r;
    return STATUS_OK;
}

/* Leaves the ring. */
void ring_close(struct ring *r)
{
    if (!r)
        return;
    if (r->name[0])
        unlinkat(r->dir_fd, r->name, 0);
    if (r->fd >= 0)
        close(r->fd);
    if (r->probe_fd >= 0)
        close(r->probe_fd);
    if (r->dir_fd >= 0)
        close(r->dir_fd);
    vec_fini(&r->others);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* The descriptor to watch. */
int ring_fd(const struct ring *r)
{
    return r->fd;
}

/* Takes one datagram; 1 of ours, 0 a stranger's, -1 none. */
static int take_one(struct ring *r)
{
    char byte, control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec iov = {&byte, 1};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    if (recvmsg(r->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
        return -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred cred;
            memcpy(&cred, CMSG_DATA(c), sizeof cred);
            return cred.uid == geteuid();
        }
    return 0;
}

/* Empties the socket. */
bool ring_heard(struct ring *r)
{
    bool ours = false;
    for (int k; (k = take_one(r)) >= 0;)
        ours |= k == 1;
    return ours;
}

/* Reads the directory again when it has changed. The lock is held. */
static void look(struct ring *r)
{
    struct stat st;
    if (fstat(r->dir_fd, &st) < 0)
        return;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    /* A change within the clock's grain of the last look would go unseen: look again then. */
    bool settled = now.tv_sec - st.st_mtim.tv_sec > 1;
    if (r->known && settled && st.st_mtim.tv_sec == r->read_at.tv_sec &&
        st.st_mtim.tv_nsec == r->read_at.tv_nsec)
        return;
    int fd = openat(r->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (!d) {
        if (fd >= 0)
            close(fd);
        return;
    }
    vec_clear(&r->others);
    for (struct dirent *e; (e = readdir(d));)
        if (str_ends(e->d_name, ".sock") && strcmp(e->d_name, r->name) != 0)
            strv_push(&r->others, e->d_name);
    closedir(d);
    r->read_at = st.st_mtim;
    r->known = true;
}

/* Calls at every other member; dead ones are removed. Returns how many live. */
static int call_all(struct ring *r, bool ring)
{
    int living = 0;
    pthread_mutex_lock(&r->lock);
    look(r);
    for (size_t i = 0; i < r->others.len; i++) {
        struct sockaddr_un a;
        socklen_t len = address(r, strv_at(&r->others, i), &a);
        int rc = ring ? (int)sendto(r->fd, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL,
                                    (struct sockaddr *)&a, len)
                      : connect(r->probe_fd, (struct sockaddr *)&a, len);
        if (rc < 0 && errno == ECONNREFUSED)
            unlinkat(r->dir_fd, strv_at(&r->others, i), 0);
        else if (rc >= 0 || errno == EAGAIN) /* a full socket has a ring in it that is unheard yet */
            living++;
    }
    pthread_mutex_unlock(&r->lock);
    return living;
}

/* Rings at every other process. */
void ring_ring(struct ring *r)
{
    call_all(r, true);
}

/* How many other processes there are. */
int ring_others(struct ring *r)
{
    return call_all(r, false);
}
