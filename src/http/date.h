/* date - HTTP's dates: IMF-fixdate of RFC 9110 section 5.6.7, "Sun, 06 Nov 1994 08:49:37 GMT".
 *
 * The two obsolete forms are not read: no vendor was seen to send them, and who writes one gets
 * what a missing date gets. Years 1970 to 9999; pure. */
#ifndef HTTP_DATE_H
#define HTTP_DATE_H

#include "base/fmt.h"

enum {
    HTTP_DATE_BYTES = 29,
};

void http_date_write(struct fmt *out, int64_t unix_ms); /* milliseconds are left out */
/* Exactly what http_date_write writes, the right weekday included. False leaves *out_unix_ms. */
bool http_date_read(struct span s, int64_t *out_unix_ms);

#endif
