/* lines - the lines of a file, one after the other, in the memory that the caller gives.
 *
 * For the ledger's own files: they are read at start, for reports and for checkpoints. A line that
 * does not fit into the buffer is given as an empty one, which no reader takes for good. What
 * stands behind the last line end is no line: it was torn off by a power cut. */
#ifndef LEDGER_LINES_H
#define LEDGER_LINES_H

#include "base/span.h"

enum { LINES_BUFFER_BYTES = 4096 }; /* a page: three of the longest lines */

/* A line without its LF, valid during the call; false ends the reading. */
typedef bool lines_take(void *ctx, struct span line);

/* From an offset that is the begin of a line. Gives the offset behind the last line end that was
 * read, with the bytes that are left behind it in *torn_bytes, or -errno. */
int64_t lines_each(int fd, int64_t from, void *buffer, size_t buffer_bytes, lines_take *take,
                   void *ctx, int64_t *torn_bytes);

#endif
