/* Any text as a CA bundle: measured, then kept in exactly the measured bytes, in pieces of another
 * size; both passes must agree, and a byte less must be refused or do. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "tls/anchors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_all(struct tls_anchors *a, void *memory, size_t bytes, struct span text,
                     size_t piece)
{
    tls_anchors_start(a, memory, bytes);
    for (size_t at = 0; at < text.len; at += piece)
        tls_anchors_feed(a, span_part(text, at, piece));
    return tls_anchors_finish(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tls_anchors *a = malloc(tls_anchors_object_bytes());
    if (a == NULL || size == 0) {
        free(a);
        return 0;
    }
    struct span text = span_of((const char *)data + 1, size - 1);
    size_t piece = 1 + data[0];
    bool measured = read_all(a, NULL, 0, text, text.len + 1);
    CHECK(measured);
    size_t bytes = tls_anchors_used_bytes(a);
    size_t count = tls_anchors_count(a);
    size_t skipped = tls_anchors_skipped(a);
    void *memory = malloc(bytes + 1);
    CHECK(memory != NULL);
    bool kept = read_all(a, memory, bytes, text, piece);
    CHECK(kept);
    CHECK(tls_anchors_count(a) == count);
    CHECK(tls_anchors_skipped(a) == skipped);
    CHECK(tls_anchors_used_bytes(a) == bytes);
    if (bytes > 0) {
        bool smaller = read_all(a, memory, bytes - sizeof(void *), text, piece);
        CHECK(!smaller);
    }
    free(memory);
    free(a);
    return 0;
}
