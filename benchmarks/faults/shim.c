/* Fails the Nth call that writes below one folder: open for writing, write, fsync, rename, link,
   mkdir, ftruncate.  Loaded before the C library (LD_PRELOAD), so Python, FFmpeg and everything
   else meet it.  Armed from Python by ctypes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX];
static long count, nth;
static int with_error, stays, fds[4096];
static char where[PATH_MAX + 64];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fault_arm(const char *folder, long n, int error, int for_good) {
    pthread_mutex_lock(&lock);
    snprintf(root, sizeof root, "%s", folder);
    count = 0; nth = n; with_error = error; stays = for_good; where[0] = 0;
    memset(fds, 0, sizeof fds);
    pthread_mutex_unlock(&lock);
}
void fault_disarm(void) { pthread_mutex_lock(&lock); root[0] = 0; pthread_mutex_unlock(&lock); }
long fault_count(void) { return count; }
const char *fault_where(void) { return where; }

static int below(const char *path) {
    char here[PATH_MAX];
    if (!root[0] || !path) return 0;
    if (path[0] == '/') return strncmp(path, root, strlen(root)) == 0;
    return getcwd(here, sizeof here) && strncmp(here, root, strlen(root)) == 0;
}
static int fails(const char *call, const char *path) {
    int result = 0;
    pthread_mutex_lock(&lock);
    if (root[0]) {
        count++;
        if (nth && (count == nth || (stays && count > nth))) {
            if (!where[0]) snprintf(where, sizeof where, "%s %s", call, path);
            result = with_error;
        }
    }
    pthread_mutex_unlock(&lock);
    if (result) errno = result;
    return result;
}
static int ours(int fd) { return root[0] && fd >= 0 && fd < 4096 && fds[fd]; }
static const char *name_of(int fd, char *to) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, to, PATH_MAX - 1);
    to[n > 0 ? n : 0] = 0;
    return to;
}
#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)
static int writes(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) != 0; }
static int opened(int fd, const char *path, int flags) {
    if (fd >= 0 && fd < 4096) fds[fd] = below(path) && writes(flags);
    return fd;
}
#define OPEN(symbol) \
int symbol(const char *path, int flags, ...) { \
    REAL(int, #symbol, const char *, int, ...); \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \
    if (below(path) && writes(flags) && fails("open", path)) return -1; \
    return opened(real(path, flags, mode), path, flags); }
OPEN(open)
OPEN(open64)
#define OPENAT(symbol) \
int symbol(int folder, const char *path, int flags, ...) { \
    REAL(int, #symbol, int, const char *, int, ...); \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \
    if (below(path) && writes(flags) && fails("open", path)) return -1; \
    return opened(real(folder, path, flags, mode), path, flags); }
OPENAT(openat)
OPENAT(openat64)
ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, "write", int, const void *, size_t);
    char name[PATH_MAX];
    if (ours(fd) && fails("write", name_of(fd, name))) return -1;
    return real(fd, data, size);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    char name[PATH_MAX];
    if (ours(fd) && fails("pwrite", name_of(fd, name))) return -1;
    return real(fd, data, size, at);
}
int fsync(int fd) {
    REAL(int, "fsync", int);
    char name[PATH_MAX];
    if (root[0] && below(name_of(fd, name)) && fails("fsync", name)) return -1;
    return real(fd);
}
int ftruncate64(int fd, off_t size) {
    REAL(int, "ftruncate64", int, off_t);
    char name[PATH_MAX];
    if (ours(fd) && fails("ftruncate", name_of(fd, name))) return -1;
    return real(fd, size);
}
int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    if (below(to) && fails("rename", to)) return -1;
    return real(from, to);
}
int renameat(int a, const char *from, int b, const char *to) {
    REAL(int, "renameat", int, const char *, int, const char *);
    if (below(to) && fails("rename", to)) return -1;
    return real(a, from, b, to);
}
int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    if (below(to) && fails("link", to)) return -1;
    return real(from, to);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    REAL(int, "linkat", int, const char *, int, const char *, int);
    if (below(to) && fails("link", to)) return -1;
    return real(a, from, b, to, flags);
}
int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    if (below(path) && fails("mkdir", path)) return -1;
    return real(path, mode);
}
