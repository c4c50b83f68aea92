/* check_settings - [check NAME]: what an answer must be like to pass a tier's bar.
 *
 * Patterns (policy/pattern.h) are kept as text, one after the other, and compiled into the caller's
 * scratch when an answer is judged: a compiled one is 2 KB. About 900 bytes each. */
#ifndef POLICY_CHECK_SETTINGS_H
#define POLICY_CHECK_SETTINGS_H

#include "config/table.h"

enum {
    CHECK_MAX = 16,
    CHECK_REFUSE_MAX = 8,
    CHECK_PATTERNS_BYTES = 512, /* of all refuse and require patterns of a section, with NULs */
    CHECK_WEIGHT_MAX = 1000,
};

/* The checks; their names stand in check_names. */
enum check {
    CHECK_EMPTY,    /* no text and no tool call, or only the question again */
    CHECK_ERROR,    /* "overloaded", an HTML error page: a failure that came as an answer */
    CHECK_LOOP,     /* the text repeats itself for ever */
    CHECK_JSON,     /* no JSON where JSON was asked for */
    CHECK_SCHEMA,   /* JSON, but not of the schema asked for */
    CHECK_TOOLS,    /* a call of a tool that is not there, or with wrong arguments */
    CHECK_REFUSAL,  /* declines to answer */
    CHECK_REFUSE,   /* a `refuse` pattern is found */
    CHECK_REQUIRE,  /* the `require` pattern is not */
    CHECK_FINISH,   /* ended by a limit that nobody asked for, or by a filter */
    CHECK_CUT,      /* stops in the middle of a sentence */
    CHECK_BALANCE,  /* a code fence or brackets in code are not closed */
    CHECK_LANGUAGE, /* another language than the question's */
    CHECK_HEDGE,    /* says itself that it may be wrong */
    CHECK_MATHS,    /* sums that do not come out; no convincing number where one is asked for */
    CHECK_LENGTH,   /* min_chars, max_chars */
    CHECK_LOGPROB,  /* mean log-probability below `logprob` */
    CHECK_JUDGE,    /* what the judge model says */
    CHECK_AGREE,    /* what a second model answers */
    CHECK_COUNT,
};

extern const char *const check_names[CHECK_COUNT + 1]; /* NULL-terminated */

/* All zero but for the switches, which are on, is what holds without a [check]: check_default. */
struct check_settings {
    char name[CONFIG_NAME_BYTES];
    int64_t min_chars;
    int64_t max_chars;     /* 0 = no bound */
    int64_t logprob_milli; /* least mean, in milli-nats, below 0; 0 = not judged */
    bool json;             /* JSON is expected even when the request does not ask for it */
    bool finish;
    bool schema;
    bool tools;
    bool loop;
    bool language;
    bool refusal;
    char judge[CONFIG_NAME_BYTES]; /* a model's name; "" = none */
    char agree[CONFIG_NAME_BYTES];
    int16_t weights[CHECK_COUNT]; /* as written, and 1; 0 = the default */
    uint8_t refuse_count;
    uint16_t refuse_at[CHECK_REFUSE_MAX]; /* offsets in patterns */
    bool has_require;
    uint16_t require_at;
    uint16_t pattern_bytes;
    char patterns[CHECK_PATTERNS_BYTES];
};

extern const struct config_section check_section;
extern const struct check_settings check_default;

/* Of a check with these settings; 0 = off. */
int check_weight(const struct check_settings *s, enum check check);
/* The pattern's text that begins at an offset. */
struct span check_pattern(const struct check_settings *s, size_t at);

#endif
