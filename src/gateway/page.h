/* page - GET /: the dashboard, one document without anything from elsewhere.
 *
 * Its sources are in src/page; src/page/embed joins and packs them when the binary is built. Sent
 * gzipped to who accepts it, else unpacked into a lease. Holds no data: the script reads
 * /api/events. With an ETag (RFC 9110 section 8.8.3), and a Content-Security-Policy that lets only
 * this very script and style act. */
#ifndef GATEWAY_PAGE_H
#define GATEWAY_PAGE_H

#include "gateway/status.h"

enum { PAGE_BYTES_MAX = 40960 };

extern const size_t page_bytes; /* unpacked */
extern const char page_etag[];
extern const char page_policy[];
extern const unsigned char page_gzip[];
extern const size_t page_gzip_bytes;

enum status_result page_serve(struct gateway *g, struct conn *c, int64_t now_ms);

#endif
