/* near_alike - answers to questions that are only alike, where the route says from which
 * similarity.
 *
 * Beside the exact and the canonical key (near_recall.h): a table of the questions whose answers
 * are kept, with their canonical texts and, where [cache] embeddings names a model, their vectors.
 * The most alike question with the same system prompt and parameters, for the same scope, is a
 * candidate, no more: whether its answer is given is up to what was learned of it
 * (policy/verified). While that is little, the model is asked all the same, and its answer is
 * compared with the kept one: a shadow check, which teaches the entry and bounds the share of wrong
 * hits by [cache] near_error. Checks and disagreements are counted.
 *
 * The table is a ring of fixed slots; it is not part of the snapshot. */
#ifndef GATEWAY_NEAR_ALIKE_H
#define GATEWAY_NEAR_ALIKE_H

#include "base/arena.h"
#include "policy/cache.h"
#include "policy/near.h"
#include "policy/vectors.h"
#include "policy/verified.h"

struct exchange;

struct near_slot {
    uint64_t ref;          /* 0 = empty; never given twice */
    struct hash128 rest;   /* of all but the question */
    struct cache_id exact; /* of the kept answer */
    struct verified verified;
    struct near_text text;
};

struct near_table {
    struct near_slot *slots; /* NULL: no route looks for what is only alike */
    size_t capacity;
    size_t next;
    uint64_t last_ref;
    struct vectors vectors; /* without slots where no model is configured */
    uint64_t checks;        /* shadow checks, */
    uint64_t wrong;         /* and those whose answers differed */
};

/* What an exchange knows of it. */
struct near_alike {
    bool on; /* the question has a canonical text, and the route a threshold below 1 */
    bool has_vector;
    struct hash128 rest;
    struct near_text text;
    struct vector vector;
    uint64_t candidate; /* ref of the slot whose answer is checked against; 0 = none */
    int similarity_milli;
};

bool near_table_carve(struct near_table *t, struct arena *a, size_t entries, bool vectors);
/* Whether the question has to be embedded first, and then that it is on its way. */
bool near_alike_embeds(struct exchange *x, int64_t now_ms);
/* The most alike one: true when its answer is to be given. */
bool near_alike_find(struct exchange *x, int64_t now_unix_ms, struct cache_entry *out);
/* The answer to the question was kept. */
void near_alike_remember(struct exchange *x);
/* The model has answered after all: what it says against what was kept. */
void near_alike_check(struct exchange *x, struct span recording_or_body, bool events);

#endif
