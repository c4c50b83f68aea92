/* fake_disk - files that belong to the test: it replaces ledger/disk.c.
 *
 * Include fake_disk.c before the library is linked. Files are bytes in memory with two lengths:
 * what was written, and what a power cut would leave (written before the last sync, plus, at
 * fake_disk_crash, a random part of what came after it). Changed names are durable after the next
 * sync of any file or of the folder, as on a file system with one journal; until then a power cut
 * undoes the last ones, in order, and a random number of them.
 *
 * Every call that changes something counts as a write. fake_disk_fail_at(n, errno) lets the nth
 * from now fail; fake_disk_stop_at(n) ends the process there in its own way: that write is done to
 * a random part, and from then on every call fails with -EIO until fake_disk_crash(). */
#ifndef SIM_FAKE_DISK_H
#define SIM_FAKE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { FAKE_DISK_FILES_MAX = 32, FAKE_DISK_PATH_BYTES = 300, FAKE_DISK_FDS_MAX = 64 };

void fake_disk_reset(uint64_t seed);
/* What a power cut leaves; descriptors and locks are gone, faults forgotten. */
void fake_disk_crash(void);
void fake_disk_fail_at(int nth, int error); /* 0 = never */
void fake_disk_stop_at(int nth);
bool fake_disk_stopped(void);
/* Appends fail with -ENOSPC, at first partly, once all files together have that many bytes. */
void fake_disk_set_capacity(size_t bytes);
void fake_disk_set_read_only(bool read_only);
int fake_disk_writes(void); /* changing calls so far */
int fake_disk_open_count(void);

/* For the test's own eyes. NULL text: no such file. */
struct span fake_disk_text(const char *path);
void fake_disk_put(const char *path, struct span text);

#endif
