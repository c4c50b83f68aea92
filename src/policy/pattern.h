/* pattern - a small regular expression, matched in linear time over pieces of a text.
 *
 * For what owners write into a configuration (`refuse`, `require`, `stop`): libc's regex allocates,
 * cannot go on over the pieces of a stream, and can take exponential time. This is Thompson's
 * simulation (K. Thompson, "Regular expression search algorithm", CACM 11(6), 1968) over a bounded
 * program: twice PATTERN_OPS_MAX steps a byte at most, and the state is a bit for each op.
 *
 * Syntax: literals, `.` (any byte but LF), [abc] [^a-z] classes, \d \w \s and their capitals, \b,
 * \n \r \t \\ and escaped signs, ( ) (?: ) | * + ? {m} {m,} {m,n} (n <= 64), ^ and $ (of the whole
 * text; of a line behind a leading (?m)), a leading (?i) folds ASCII case, (?im) does both. Bytes,
 * not characters: a class lists ASCII only, bytes beyond are no word and match [^a] and \W; UTF-8
 * literals are byte sequences. No captures, no backreferences; a `?` behind a repetition (lazy) is
 * taken and changes nothing, for the shortest match is reported anyway.
 *
 *   pattern_compile()                       at start; *why says what is wrong and where
 *   pattern_start(); pattern_feed() ...     true once a match has ended; *end counts from start
 *   pattern_finish()                        for matches that need the end of the text
 *   pattern_found()                         all at once
 *
 * A match is reported at the first byte where one is complete (the shortest); one that ends in \b
 * or a line's $ when the byte behind it comes. */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include "base/fmt.h"

enum {
    PATTERN_TEXT_BYTES = 200,
    PATTERN_OPS_MAX = 256,
    PATTERN_SETS_MAX = 16, /* classes, 32 bytes each */
    PATTERN_DEPTH_MAX = 16,
    PATTERN_REPEAT_MAX = 64,
};

enum pattern_op_kind {
    PATTERN_BYTE,
    PATTERN_ANY,
    PATTERN_SET,
    PATTERN_SPLIT, /* goes on behind itself and at `to` */
    PATTERN_JUMP,
    PATTERN_BEGIN,
    PATTERN_END,
    PATTERN_WORD_EDGE,
    PATTERN_MATCH,
};

struct pattern_op {
    uint8_t kind;
    uint8_t arg; /* the byte, or the set */
    int16_t to;  /* counted from this op */
};

struct pattern {
    uint16_t count;
    uint8_t set_count;
    bool fold;  /* (?i) */
    bool lines; /* (?m) */
    struct pattern_op ops[PATTERN_OPS_MAX];
    uint8_t sets[PATTERN_SETS_MAX][32];
    uint8_t first[32]; /* bytes that a match can begin at, so that others are passed over */
};

struct pattern_match {
    const struct pattern *pattern;
    uint64_t offset; /* bytes fed; the end of the match once there is one */
    bool matched;
    uint8_t last; /* the byte before; for \b and ^ */
    bool started;
    uint64_t live[PATTERN_OPS_MAX / 64];
};

/* False, with a reason in *why ("is no pattern: ..."), when the text is no pattern or too large for
 * the limits. */
bool pattern_compile(struct pattern *p, struct span text, struct fmt *why);
void pattern_start(struct pattern_match *m, const struct pattern *p);
/* True at the first match, with the offset just behind it in *end; later calls change nothing. */
bool pattern_feed(struct pattern_match *m, struct span bytes, uint64_t *end);
bool pattern_finish(struct pattern_match *m, uint64_t *end);
bool pattern_found(const struct pattern *p, struct span text);

#endif
