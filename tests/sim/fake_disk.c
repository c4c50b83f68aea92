#include "fake_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/disk.h"

enum { FAKE_DISK_FD_FIRST = 5000, FAKE_DISK_MOVES_MAX = 64 };

struct fake_file {
    char path[FAKE_DISK_PATH_BYTES];
    char *data;
    size_t len;
    size_t durable;
    bool exists; /* false: free, or renamed over while open */
    bool locked;
    int users;
};

/* A change of names that a power cut may still undo. */
struct fake_move {
    char from[FAKE_DISK_PATH_BYTES];
    char to[FAKE_DISK_PATH_BYTES]; /* empty: it was removed */
    char *over;                    /* what was there before, as far as it was durable */
    size_t over_len;
    bool had_over;
};

static struct {
    struct fake_move moves[FAKE_DISK_MOVES_MAX];
    size_t move_count;
    struct fake_file files[FAKE_DISK_FILES_MAX];
    struct fake_file *fds[FAKE_DISK_FDS_MAX];
    bool lock_of[FAKE_DISK_FDS_MAX];
    uint64_t random;
    size_t capacity;
    bool read_only;
    bool stopped;
    int fail_at;
    int fail_error;
    int stop_at;
    int writes;
} fake_disk;

static _Noreturn void disk_die(const char *why)
{
    (void)!write(2, "fake_disk: ", 11);
    (void)!write(2, why, strlen(why));
    (void)!write(2, "\n", 1);
    abort();
}

static uint64_t disk_random(void)
{
    fake_disk.random = fake_disk.random * 6364136223846793005u + 1442695040888963407u;
    return fake_disk.random >> 33;
}

static void drop_if_unused(struct fake_file *f)
{
    if (f->exists || f->users > 0)
        return;
    free(f->data);
    memset(f, 0, sizeof *f);
}

static void forget_moves(void)
{
    for (size_t i = 0; i < fake_disk.move_count; i++)
        free(fake_disk.moves[i].over);
    fake_disk.move_count = 0;
}

void fake_disk_reset(uint64_t seed)
{
    forget_moves();
    for (size_t i = 0; i < FAKE_DISK_FILES_MAX; i++)
        free(fake_disk.files[i].data);
    memset(&fake_disk, 0, sizeof fake_disk);
    fake_disk.random = seed;
    fake_disk.capacity = SIZE_MAX;
}

void fake_disk_fail_at(int nth, int error)
{
    fake_disk.fail_at = nth;
    fake_disk.fail_error = error;
}

void fake_disk_stop_at(int nth)
{
    fake_disk.stop_at = nth;
}

bool fake_disk_stopped(void)
{
    return fake_disk.stopped;
}

void fake_disk_set_capacity(size_t bytes)
{
    fake_disk.capacity = bytes;
}

void fake_disk_set_read_only(bool read_only)
{
    fake_disk.read_only = read_only;
}

int fake_disk_writes(void)
{
    return fake_disk.writes;
}

int fake_disk_open_count(void)
{
    int count = 0;
    for (size_t i = 0; i < FAKE_DISK_FDS_MAX; i++)
        count += fake_disk.fds[i] != NULL;
    return count;
}

static struct fake_file *find(const char *path)
{
    for (size_t i = 0; i < FAKE_DISK_FILES_MAX; i++)
        if (fake_disk.files[i].exists && strcmp(fake_disk.files[i].path, path) == 0)
            return &fake_disk.files[i];
    return NULL;
}

static struct fake_file *create(const char *path)
{
    for (size_t i = 0; i < FAKE_DISK_FILES_MAX; i++) {
        struct fake_file *f = &fake_disk.files[i];
        if (f->exists || f->users > 0)
            continue;
        if (strlen(path) >= sizeof f->path)
            disk_die("path too long");
        strcpy(f->path, path);
        f->exists = true;
        return f;
    }
    disk_die("too many files");
}

static struct fake_file *file_of(int fd)
{
    int i = fd - FAKE_DISK_FD_FIRST;
    if (i < 0 || i >= FAKE_DISK_FDS_MAX || fake_disk.fds[i] == NULL)
        disk_die("not an open descriptor");
    return fake_disk.fds[i];
}

struct span fake_disk_text(const char *path)
{
    struct fake_file *f = find(path);
    return f == NULL ? SPAN_EMPTY : span_of(f->data != NULL ? f->data : "", f->len);
}

static void append(struct fake_file *f, const void *data, size_t bytes)
{
    f->data = realloc(f->data, f->len + bytes + 1);
    if (f->data == NULL)
        disk_die("out of memory");
    memcpy(f->data + f->len, data, bytes);
    f->len += bytes;
}

void fake_disk_put(const char *path, struct span text)
{
    struct fake_file *f = find(path);
    if (f == NULL)
        f = create(path);
    f->len = 0;
    append(f, text.ptr, text.len);
    f->durable = f->len;
}

/* Names change in order: what is undone is the end of what was done. */
static void undo_moves(size_t kept)
{
    for (size_t i = fake_disk.move_count; i > kept; i--) {
        struct fake_move *m = &fake_disk.moves[i - 1];
        struct fake_file *moved = m->to[0] != '\0' ? find(m->to) : NULL;
        struct fake_file *since = find(m->from);
        if (since != NULL) { /* made after it, and not yet durable */
            since->exists = false;
            drop_if_unused(since);
        }
        if (moved != NULL)
            strcpy(moved->path, m->from);
        if (m->had_over)
            fake_disk_put(m->to[0] != '\0' ? m->to : m->from, span_of(m->over, m->over_len));
    }
    forget_moves();
}

static void note_move(const char *from, const char *to, const struct fake_file *over)
{
    if (fake_disk.move_count == FAKE_DISK_MOVES_MAX)
        disk_die("too many changes of names without a sync");
    struct fake_move *m = &fake_disk.moves[fake_disk.move_count++];
    memset(m, 0, sizeof *m);
    strcpy(m->from, from);
    strcpy(m->to, to);
    if (over == NULL)
        return;
    m->had_over = true;
    m->over_len = over->durable;
    m->over = malloc(over->durable + 1);
    if (m->over == NULL)
        disk_die("out of memory");
    memcpy(m->over, over->data != NULL ? over->data : "", over->durable);
}

void fake_disk_crash(void)
{
    memset(fake_disk.fds, 0, sizeof fake_disk.fds);
    memset(fake_disk.lock_of, 0, sizeof fake_disk.lock_of);
    undo_moves(disk_random() % (fake_disk.move_count + 1));
    for (size_t i = 0; i < FAKE_DISK_FILES_MAX; i++) {
        struct fake_file *f = &fake_disk.files[i];
        f->users = 0;
        f->locked = false;
        drop_if_unused(f);
        if (f->exists && f->len > f->durable)
            f->len = f->durable + (size_t)(disk_random() % (f->len - f->durable + 1));
        f->durable = f->len;
    }
    fake_disk.stopped = false;
    fake_disk.stop_at = 0;
    fake_disk.fail_at = 0;
}

/* Before each call that changes something: 0, or the error it has to fail with. *stops: this is the
 * one that the process dies in. */
static int change(bool *stops)
{
    *stops = false;
    if (fake_disk.stopped)
        return -EIO;
    fake_disk.writes++;
    if (fake_disk.fail_at > 0 && --fake_disk.fail_at == 0)
        return -fake_disk.fail_error;
    if (fake_disk.stop_at > 0 && --fake_disk.stop_at == 0) {
        *stops = true;
        fake_disk.stopped = true;
    }
    return fake_disk.read_only ? -EROFS : 0;
}

static int open_file(struct fake_file *f)
{
    for (int i = 0; i < FAKE_DISK_FDS_MAX; i++) {
        if (fake_disk.fds[i] == NULL) {
            fake_disk.fds[i] = f;
            f->users++;
            return FAKE_DISK_FD_FIRST + i;
        }
    }
    disk_die("too many descriptors");
}

int disk_open_append(const char *path)
{
    bool stops;
    int err = change(&stops);
    if (err != 0 || stops)
        return err != 0 ? err : -EIO;
    struct fake_file *f = find(path);
    return open_file(f != NULL ? f : create(path));
}

int disk_open_read(const char *path)
{
    struct fake_file *f = find(path);
    if (fake_disk.stopped)
        return -EIO;
    return f == NULL ? -ENOENT : open_file(f);
}

bool disk_is_at(int fd, const char *path)
{
    return find(path) == file_of(fd);
}

int64_t disk_size(int fd)
{
    return fake_disk.stopped ? -EIO : (int64_t)file_of(fd)->len;
}

int64_t disk_read_at(int fd, void *out, size_t bytes, int64_t offset)
{
    const struct fake_file *f = file_of(fd);
    if (fake_disk.stopped)
        return -EIO;
    if (offset < 0 || (size_t)offset >= f->len)
        return 0;
    size_t left = f->len - (size_t)offset;
    size_t part = left < bytes ? left : bytes;
    memcpy(out, f->data + offset, part);
    return (int64_t)part;
}

int64_t disk_append(int fd, const void *data, size_t bytes)
{
    struct fake_file *f = file_of(fd);
    size_t total = 0;
    bool stops;
    int err = change(&stops);
    if (err != 0)
        return err;
    if (stops) {
        append(f, data, (size_t)(disk_random() % (bytes + 1)));
        return -EIO;
    }
    for (size_t i = 0; i < FAKE_DISK_FILES_MAX; i++)
        total += fake_disk.files[i].len;
    if (total >= fake_disk.capacity)
        return -ENOSPC;
    if (bytes > fake_disk.capacity - total)
        bytes = fake_disk.capacity - total;
    append(f, data, bytes);
    return (int64_t)bytes;
}

int disk_truncate(int fd, int64_t size)
{
    struct fake_file *f = file_of(fd);
    bool stops;
    int err = change(&stops);
    if (err != 0)
        return err;
    if ((size_t)size < f->len && (!stops || disk_random() % 2 == 0))
        f->len = (size_t)size;
    if (f->durable > f->len)
        f->durable = f->len;
    return stops ? -EIO : 0;
}

int disk_sync(int fd)
{
    struct fake_file *f = file_of(fd);
    bool stops;
    int err = change(&stops);
    if (err != 0 || stops)
        return err != 0 ? err : -EIO;
    f->durable = f->len;
    forget_moves(); /* one journal */
    return 0;
}

int disk_rename(const char *from, const char *to)
{
    struct fake_file *f = find(from);
    struct fake_file *over = find(to);
    bool stops;
    int err = change(&stops);
    if (err != 0)
        return err;
    if (f == NULL)
        return -ENOENT;
    if (stops && disk_random() % 2 == 0)
        return -EIO;
    note_move(from, to, over);
    if (over != NULL) {
        over->exists = false;
        drop_if_unused(over);
    }
    strcpy(f->path, to);
    return stops ? -EIO : 0;
}

int disk_remove(const char *path)
{
    struct fake_file *f = find(path);
    bool stops;
    int err = change(&stops);
    if (err != 0)
        return err;
    if (f == NULL)
        return -ENOENT;
    note_move(path, "", f);
    f->exists = false;
    drop_if_unused(f);
    return stops ? -EIO : 0;
}

int disk_sync_folder(const char *path_of_a_file_in_it)
{
    bool stops;
    (void)path_of_a_file_in_it;
    int err = change(&stops);
    if (err != 0 || stops)
        return err != 0 ? err : -EIO;
    forget_moves();
    return 0;
}

int disk_lock(int fd)
{
    struct fake_file *f = file_of(fd);
    if (f->locked)
        return -EAGAIN;
    f->locked = true;
    fake_disk.lock_of[fd - FAKE_DISK_FD_FIRST] = true;
    return 0;
}

void disk_close(int fd)
{
    struct fake_file *f = file_of(fd);
    int i = fd - FAKE_DISK_FD_FIRST;
    if (fake_disk.lock_of[i])
        f->locked = false;
    fake_disk.lock_of[i] = false;
    fake_disk.fds[i] = NULL;
    f->users--;
    drop_if_unused(f);
}
