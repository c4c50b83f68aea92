/* linear - a linear model over features, as a file: weights of a few bits for each class.
 *
 *   linear_load()     a view of the bytes of a weight file, which stay where they are
 *   linear_scores()   a score for each class, LINEAR_ONE = 1
 *   linear_best()     the best class and its share (softmax), 0..1000
 *
 * The file, numbers little-endian:
 *
 *   0  "FWT1"          the form of features and file; another one is refused
 *   4  u16 classes, u8 bits (4 or 8), u8 ways (1..8)
 *   8  u32 sets        a power of two up to 2^20
 *  12  u8 words, u8 chars, u8 marks (features.h), u8 prints (0 or 1)
 *  16  u32 scale       score of one unit of weight, LINEAR_ONE = 1
 *  20  u16 bar         confidence below which the answer is "unknown", 0..1000
 *  22  u16 label bytes
 *  24  u32 bytes of the whole file
 *  28  u32 0
 *  32  labels, each with a NUL; i16 bias of each class in 1/256 units; with prints: a byte for each
 * row; rows: the classes' weights, two to a byte if they have 4 bits; u32 CRC-32 of all before
 *
 * A feature's row is one of the `ways` rows of set hash % sets. With prints it is the one whose
 * print is the hash's top byte: then most features have no row, and only those that matter have
 * one, which keeps a table small and words that it never met from hitting another's weights. */
#ifndef POLICY_LINEAR_H
#define POLICY_LINEAR_H

#include "policy/features.h"

enum {
    LINEAR_CLASSES_MAX = 256, /* 150 intents of CLINC150, with room */
    LINEAR_LABEL_BYTES = 48,
    LINEAR_WAYS_MAX = 8,
    LINEAR_SETS_MAX = 1 << 20,
    LINEAR_HEAD_BYTES = 32,
    LINEAR_FILE_BYTES_MAX = 16 * 1024 * 1024,
    LINEAR_ONE = 1 << 16,
    LINEAR_UNIT_BITS = 8,
};

struct linear {
    struct features_form form;
    uint16_t classes;
    uint8_t bits;
    uint8_t ways;
    uint32_t sets;
    uint32_t scale;
    int32_t bar_milli;
    size_t row_bytes;
    struct span labels; /* each with a NUL */
    const uint8_t *bias;
    const uint8_t *prints; /* NULL: none */
    const uint8_t *rows;
};

/* False with a reason in *why ("is ..."), when these are not the bytes of a whole weight file. */
bool linear_load(struct linear *m, struct span bytes, const char **why);
/* The label of a class, without its NUL. */
struct span linear_label(const struct linear *m, size_t class);
/* scores[classes]; 0 everywhere but for the biases when no feature has a row. */
void linear_scores(const struct linear *m, const struct features *f, int32_t *scores);
/* The class with the highest score; its share of the sum of e^score in *milli. */
size_t linear_best(const int32_t *scores, size_t classes, int32_t *milli);

/* LINEAR_ONE * e^(-x / LINEAR_ONE) for x >= 0. */
uint32_t linear_exp_minus(uint32_t x);
/* LINEAR_ONE / sqrt(count): what a feature counts when there are so many. */
uint32_t linear_norm(uint32_t count);
size_t linear_row_bytes(size_t classes, unsigned bits);

#endif
