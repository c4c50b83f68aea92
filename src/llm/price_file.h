/* price_file - prices of models out of the price list that LiteLLM publishes (JSON, USD per token).
 *
 * The file has more than a megabyte: it is read as it streams by, one model at a time, and nothing
 * of it is kept.
 *
 *   price_file_start(); price_file_feed() ...; price_file_finish()
 *
 * `take` is told each model once its object has ended. Numbers such as 1.5e-07 become picodollars
 * exactly, digit by digit; one that is no whole number of picodollars (the list has a few out of
 * floating-point sums) is rounded up, and `rounded` says so. Models with another shape than numbers
 * (bands under `tiered_pricing`) come without a price; a price of 0 for the vendor's cache is left
 * out, so that what is cached is never free by accident. */
#ifndef LLM_PRICE_FILE_H
#define LLM_PRICE_FILE_H

#include "llm/model.h"
#include "json/scan.h"

enum {
    PRICE_FILE_NAME_BYTES = JSON_KEY_BYTES + 1,
    PRICE_FILE_WORD_BYTES = 40,   /* a provider's name or a mode */
    PRICE_FILE_NUMBER_BYTES = 64, /* longer than any number that stands for a price */
};

struct price_file_model {
    char name[PRICE_FILE_NAME_BYTES]; /* in the list: most begin with the provider and a slash */
    bool name_cut;                    /* longer than that */
    char provider[PRICE_FILE_WORD_BYTES];
    char mode[PRICE_FILE_WORD_BYTES]; /* chat, embedding ...; "" = not said */
    int64_t context_tokens;           /* 0 = not said */
    int64_t max_output_tokens;        /* likewise */
    struct price price;               /* base and above */
    int64_t reasoning_pusd;           /* CONFIG_UNSET, or output's reasoning has its own price */
    bool rounded;
    bool more_tiers; /* there are thresholds beyond the lowest, which is in price */
    bool banded;     /* tiered_pricing */
};

struct price_file {
    struct json_scan scan;
    void (*take)(void *ctx, const struct price_file_model *m);
    void *take_ctx;
    struct price_file_model model;
    int field;         /* of the model, being read; -1 = none that matters */
    int64_t threshold; /* in the field's name; 0 = none */
    struct span chunk; /* being fed */
    uint64_t chunk_at; /* its first byte's offset */
    bool in_number;
    uint64_t number_at; /* what of it is not copied yet */
    size_t number_len;
    char number[PRICE_FILE_NUMBER_BYTES];
    size_t word_len;
};

void price_file_start(struct price_file *f,
                      void (*take)(void *ctx, const struct price_file_model *m), void *take_ctx);
enum parse price_file_feed(struct price_file *f, struct span bytes);
enum parse price_file_finish(struct price_file *f);

/* A JSON number of USD as picodollars, rounded up where it has smaller parts (then *rounded is
 * set, else left). False when it is negative, no number or beyond int64_t. */
bool price_file_usd(struct span number, int64_t *pusd, bool *rounded);

#endif
