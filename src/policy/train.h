/* train - weights of a linear model learned from labelled texts, in fixed point.
 *
 * Softmax regression by stochastic gradient descent: the same seed and the same examples in the
 * same order give the same bytes, on every machine. First with a weight for every feature; where
 * the table is to be small (prints), the features whose weights tell the classes apart and that
 * stand in examples of at least two sources are then given rows, and these weights are learned once
 * more without the others.
 *
 *   train_bytes(), train_start()   memory for so many examples and features
 *   train_add() ...                each example; its features are kept, its text is not
 *   train_run()
 *   train_write()                  the weight file (linear.h)
 *
 * Time: epochs * features * classes, twice with prints; 20,000 prompts of five classes take 3
 * seconds on a PC, CLINC150 with its 150 half a minute. */
#ifndef POLICY_TRAIN_H
#define POLICY_TRAIN_H

#include "base/arena.h"
#include "policy/linear.h"

enum {
    TRAIN_SOURCES_MAX = 64, /* bits of a word; more share them */
    TRAIN_WEIGHT_MAX = 100,
};

struct train_options {
    struct features_form form;
    unsigned bits; /* of a weight, 4 or 8 */
    unsigned ways; /* 1 without prints */
    uint32_t sets; /* a power of two */
    bool prints;
    unsigned epochs;
    uint32_t rate;      /* of the first epoch, LINEAR_ONE = 1; falls to 0 in a line */
    unsigned shrink;    /* weights lose 2^-shrink of themselves an epoch; 0: nothing */
    unsigned drop;      /* so many of 256 features are left out each time */
    unsigned sources;   /* that a feature must stand in to get a row */
    uint32_t sharpness; /* scores are multiplied by it, LINEAR_ONE = 1: below 1 if too sure */
    int32_t bar_milli;
    uint32_t seed;
};

struct train {
    const struct train_options *options;
    size_t classes;
    char labels[LINEAR_CLASSES_MAX][LINEAR_LABEL_BYTES];
    int32_t bias[LINEAR_CLASSES_MAX];
    uint32_t salt;     /* of this example's features left out */
    uint32_t space;    /* weights of a class: every feature that can have a row of its own */
    int32_t *weights;  /* [space][classes], TRAIN_ONE = 1 */
    uint64_t *sources; /* [space] which of them it stands in */
    uint32_t *uses;    /* [space] in how many examples */
    uint8_t *kept;     /* [space] */
    uint32_t *features;
    size_t feature_count;
    size_t feature_room;
    struct train_example {
        size_t from;
        uint32_t count;
        uint16_t class;
        uint16_t weight; /* how many examples it counts as */
    } * examples;
    uint32_t *order;
    size_t example_count;
    size_t example_room;
    struct features scratch;
};

/* All labels come before the start; twice is once. False: empty, too long or one too many. */
bool train_label(struct train *t, struct span label);
size_t train_bytes(const struct train_options *o, size_t classes, size_t examples, size_t features);
bool train_start(struct train *t, struct arena *a, const struct train_options *o, size_t examples,
                 size_t features);
/* False when there is no room or the label is not one of those. */
bool train_add(struct train *t, struct span text, struct span label, struct span source,
               unsigned weight);
void train_run(struct train *t);
size_t train_file_bytes(const struct train *t);
/* Exactly train_file_bytes(). */
void train_write(const struct train *t, uint8_t *out);

#endif
