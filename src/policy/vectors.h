/* vectors - questions as directions: which of the stored ones points most nearly the same way?
 *
 * For a cache that asks an embedding model what a question means. A vector is kept as 256 signed
 * bytes, scaled so that its largest component is 127, which costs less than .01 of a cosine. More
 * dimensions than 256 are reduced:
 *   VECTOR_CUT   the first 256, for models that are made for it (text-embedding-3, nomic, jina v3,
 *                and whatever is asked with "dimensions": 256)
 *   VECTOR_FOLD  sums of every 256th with signs of its own, for all others: a random projection,
 *                right to about .06 of a cosine (1 / sqrt(256))
 * No floats: numbers are read as whole billionths.
 *
 * READING an answer of /v1/embeddings as it streams by; the first of data[].embedding counts, as an
 * array of numbers or as base64 of little-endian 32-bit floats:
 *   vector_read_start(); vector_read_feed() ...; vector_read_finish()
 * PARSE_BAD for what is no JSON, has no embedding, or one of zeros, or one of more than
 * VECTOR_INPUT_MAX dimensions.
 *
 * STORING in a ring of fixed slots that the caller owns, the oldest overwritten. Each has a `ref`
 * of the caller's (where the answer stands), 0 for an empty slot. Search is exact, over all slots:
 * 10,000 in 0.4 ms on one core of a server (x86_64, SSE2). Memory: 272 bytes a slot. */
#ifndef POLICY_VECTORS_H
#define POLICY_VECTORS_H

#include "json/scan.h"

enum {
    VECTOR_DIMS = 256,
    VECTOR_INPUT_MAX = 8192, /* twice the largest that a vendor offers */
    VECTOR_COSINE_MAX = 1000,
};

enum vector_reduce { VECTOR_CUT, VECTOR_FOLD };

struct vector {
    int8_t at[VECTOR_DIMS];
    uint32_t inverse; /* 2^31 over the length of `at` */
};

struct vector_slot {
    struct vector vector;
    uint64_t ref;
};

struct vectors {
    struct vector_slot *slots; /* the caller's, zeroed */
    size_t capacity;
    size_t next; /* overwritten next */
};

/* A decimal number that comes byte by byte. */
struct vector_number {
    uint64_t digits;
    int scale; /* of ten */
    int exponent;
    bool negative;
    bool in_fraction;
    bool in_exponent;
    bool exponent_negative;
};

struct vector_reader {
    struct json_scan scan;
    enum vector_reduce reduce;
    uint32_t dims;     /* read so far */
    uint32_t elements; /* of data */
    bool in_data;
    bool in_embedding; /* the member's value is next, or is being read */
    bool number_open;
    bool bad; /* too many dimensions, no base64 */
    struct vector_number number;
    uint32_t quad; /* base64 digits and bytes that wait for more */
    uint32_t quad_bits;
    uint32_t word;
    uint32_t word_bytes;
    int64_t sums[VECTOR_DIMS]; /* billionths */
};

void vector_read_start(struct vector_reader *r, enum vector_reduce reduce);
enum parse vector_read_feed(struct vector_reader *r, struct span bytes);
enum parse vector_read_finish(struct vector_reader *r, struct vector *out);

/* -VECTOR_COSINE_MAX..VECTOR_COSINE_MAX. */
int vector_cosine(const struct vector *a, const struct vector *b);

void vectors_init(struct vectors *v, struct vector_slot *slots, size_t capacity);
void vectors_put(struct vectors *v, const struct vector *vector, uint64_t ref);
/* Forgets all vectors of that ref; true when there was one. */
bool vectors_drop(struct vectors *v, uint64_t ref);
/* The nearest one's ref, with its cosine; 0 when the ring is empty. */
uint64_t vectors_nearest(const struct vectors *v, const struct vector *asked, int *cosine);

#endif
