/* stop - rules that end an answer early, while it streams by.
 *
 * As an owner writes them, with commas between:
 *
 *   stop = sentinel:"###", pattern:/(?m)^Sources:/, tokens:200, sentences:3, bytes:4000, json, loop
 *
 *   sentinel:"text"  cut before that text; up to STOP_SENTINELS_MAX of them
 *   pattern:/re/     cut behind the first match (policy/pattern.h; a / in it is written \/)
 *   label:a|b|c      cut behind the first of these words, in upper or lower case: an answer that
 *                    is to be one of a few; not together with a pattern
 *   tokens:N         cut before the word that follows N tokens, by estimate (llm/tokens.h)
 *   sentences:N      cut behind the end of the Nth sentence; a paragraph's end is one, too
 *   bytes:N          N bytes at most, whole characters
 *   json             an answer that begins with { or [ ends with what closes it; one that begins
 *                    with a fenced block ends with that
 *   code             cut behind the line that closes the first fenced block
 *   loop             cut where a text has begun to repeat itself for ever (policy/loop.h)
 *
 * Values may stand in quotes, with \n \t \" \\ in them; labels and sentinels of several words need
 * none unless they hold a comma. The rule that is certain first counts, of several at the same byte
 * the first of enum stop_kind.
 *
 *   stop_start(); stop_feed() ...    true once a rule has fired; later calls change nothing
 *
 * `kept` says how many bytes of the text may go to the client: all fed but what might become a
 * sentinel or the end of the last sentence; once a rule has fired, all there are to be. A loop is
 * certain only turns after it began, so that `kept` can then be less than what went out already:
 * the client of a stream has the turns in between, too. Any split into pieces gives the same. At
 * the end of a text in which no rule fired all of it is kept. Work: a step a byte for each rule.
 * Memory: the structs, about 2 KB for the rules and 2.5 KB for a text. */
#ifndef POLICY_STOP_H
#define POLICY_STOP_H

#include "llm/tokens.h"
#include "policy/loop.h"
#include "policy/pattern.h"
#include "json/scan.h"

enum {
    STOP_SENTINELS_MAX = 4,
    STOP_SENTINEL_BYTES = 64,
    STOP_WORD_BYTES = 8, /* the word before a dot, as far as it is looked at */
};

enum stop_kind {
    STOP_SENTINEL,
    STOP_PATTERN,
    STOP_LABEL,
    STOP_SENTENCES,
    STOP_JSON,
    STOP_CODE,
    STOP_LOOP,
    STOP_TOKENS,
    STOP_BYTES,
    STOP_KINDS,
};

struct stop_sentinel {
    uint8_t len;
    char text[STOP_SENTINEL_BYTES];
};

struct stop_rules {
    uint32_t set; /* bits by enum stop_kind; 0 = none */
    size_t sentinel_count;
    struct stop_sentinel sentinels[STOP_SENTINELS_MAX];
    struct pattern pattern; /* or the labels as one */
    int64_t limits[STOP_KINDS];
};

/* "off" or rules. False with a reason in *why, which begins like "is no ...". */
bool stop_rules_read(struct stop_rules *r, struct span text, struct fmt *why);
/* "sentinel", "pattern" ... */
const char *stop_kind_name(enum stop_kind kind);

/* Where sentences end. */
struct stop_sentences {
    int64_t count;
    uint64_t cut;   /* behind the last one */
    uint64_t end;   /* behind the last mark that may end one */
    uint8_t state;  /* enum in stop.c */
    uint8_t before; /* the last bytes */
    uint8_t before2;
    bool any; /* letters or digits since the last sentence */
    uint8_t word_len;
    char word[STOP_WORD_BYTES];
};

/* The first fenced block. */
struct stop_fence {
    uint8_t state;  /* enum in stop.c */
    uint8_t indent; /* of the line, so far */
    char sign;      /* ` or ~ */
    uint32_t run;   /* signs at the line's start */
    uint32_t open;  /* how many opened the block */
};

struct stop {
    const struct stop_rules *rules;
    uint64_t offset; /* bytes fed */
    uint64_t kept;
    bool fired;
    enum stop_kind rule; /* once fired */
    struct pattern_match match;
    struct token_counter tokens;
    struct stop_sentences sentences;
    struct stop_fence fence;
    struct json_scan json;
    uint8_t json_state; /* enum in stop.c */
    struct text_loop loop;
    size_t tail_len;
    char tail[2 * STOP_SENTINEL_BYTES]; /* the last bytes, for sentinels */
};

void stop_start(struct stop *s, const struct stop_rules *r);
bool stop_feed(struct stop *s, struct span text);

/* ---- what a cut has saved ---- */

enum {
    STOP_MEAN_SPAN = 64, /* answers that a mean remembers, about */
    STOP_MEAN_LEAST = 8, /* answers before it is believed */
};

/* Output tokens of a route's or workload's answers that came whole; zeroed at the start. */
struct stop_mean {
    int64_t count;
    int64_t mean_milli;
};

void stop_mean_feed(struct stop_mean *m, int64_t output_tokens);
/* Tokens that a cut after `tokens` has saved: what the mean answer would still have had. Nothing
 * when the vendor bills on after we hang up, too few answers are known, or it is beyond the mean.
 * A lower estimate: an answer that is that long already is likely to be longer than the mean. */
int64_t stop_saved(const struct stop_mean *m, int64_t tokens, bool vendor_bills_on);

#endif
