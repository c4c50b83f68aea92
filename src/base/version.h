/* version - what this binary is: version, board, build time, and the board's defaults.
 *
 * The only module that depends on the build's variables. The build time is the last commit's (or
 * SOURCE_DATE_EPOCH), so that the same sources give the same binary; it is also the clock's floor.
 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include <stdbool.h>
#include <stdint.h>

const char *version_text(void);  /* "0.1.0" */
const char *version_board(void); /* "x86_64" */
int64_t version_build_unix_s(void);
int64_t version_memory_default_bytes(void);
int64_t version_connections_default(void);
/* The CPU may have AES instructions that BearSSL uses: AES-GCM goes before ChaCha20. */
bool version_tls_aes_first(void);

#endif
