/* eval - `farthing eval KIND [-c FILE] [FILE]`: decisions measured offline, by the code that
 * serves.
 *
 * One JSON object a line in, one a line out in the same order, a summary on standard error (DESIGN
 * section 8). The runner (eval.c) reads lines of at most EVAL_LINE_BYTES out of a fixed buffer,
 * parses them, and gives each to its kind; a line that is bad or that the kind refuses becomes
 * {"error": ...} and the run goes on. All memory is one arena.
 *
 * A kind is one file eval_NAME.c with one struct eval_kind, named in the table in eval.c:
 *   start    once, after the configuration was read; may be NULL
 *   line     reads members with eval_text() ..., writes its own with json_write_*(&e->out, ...)
 *            between braces that the runner writes; false after eval_refuse()
 *   ready    after the last line, and late for each good line in order, once more, instead of what
 *            `line` wrote: for kinds that need all lines before the first result; may be NULL
 *   summary  rates over all lines, after the last one; may be NULL
 * and keeps what it adds up in e->state, of its own size, zeroed at the start. */
#ifndef COMMAND_EVAL_H
#define COMMAND_EVAL_H

#include "base/arena.h"
#include "gateway/settings.h"
#include "json/object.h"
#include "json/write.h"

enum {
    EVAL_LINE_BYTES = 1024 * 1024,
    EVAL_REASON_BYTES = 256,
    EVAL_TEXTS_MAX = 64, /* of an array */
};

struct eval {
    const struct settings *settings;     /* NULL without -c */
    const struct classifier *classifier; /* of the configuration, or the one that is built in */
    const struct json_object *in;        /* the line */
    struct json_write out;
    void *state;
    struct arena *arena; /* for more memory in start, up to the kind's extra_bytes */
    uint64_t lines;      /* read so far, this one included */
    uint64_t bad;        /* of them, so far */
    char *scratch;       /* decoded members of this line; as large as a line */
    size_t scratch_used;
    char reason_text[EVAL_REASON_BYTES];
    struct fmt reason; /* of the refusal of this line; empty = none */
};

struct eval_kind {
    const char *name;
    const char *in;  /* members read, for people */
    const char *out; /* members written */
    bool needs_config;
    size_t state_bytes;
    size_t extra_bytes;
    bool (*start)(struct eval *e); /* false after eval_refuse: nothing is run, exit status 2 */
    bool (*line)(struct eval *e);
    void (*ready)(struct eval *e);
    void (*late)(struct eval *e);
    void (*summary)(const struct eval *e, struct fmt *out); /* whole lines of text */
};

extern const struct eval_kind eval_compress;
extern const struct eval_kind eval_join;
extern const struct eval_kind eval_learn;
extern const struct eval_kind eval_near;
extern const struct eval_kind eval_refusal;
extern const struct eval_kind eval_route;
extern const struct eval_kind eval_score;
extern const struct eval_kind eval_split;
extern const struct eval_kind eval_stop;
extern const struct eval_kind eval_tokens;
extern const struct eval_kind eval_usage;
extern const struct eval_kind eval_workload;

/* Members of the line. `found` tells whether it is there (null counts as absent); false after a
 * refusal: the member is missing and `found` is NULL, or it is of another type. */
bool eval_text(struct eval *e, const char *name, struct span *out, bool *found);
bool eval_count(struct eval *e, const char *name, int64_t *out, bool *found); /* 0 or more */
bool eval_milli(struct eval *e, const char *name, int64_t *out, bool *found); /* 0..1, 0..1000 */
bool eval_bool(struct eval *e, const char *name, bool *out, bool *found);
bool eval_object(struct eval *e, const char *name, struct span *out, bool *found); /* as written */
/* An array of 1..most texts; false after a refusal, also when it is missing. */
bool eval_texts(struct eval *e, const char *name, struct span *out, size_t most, size_t *count);
/* Gives false, so that a kind can return it. Names of members are quoted by the caller. */
bool eval_refuse(struct eval *e, const char *reason);

/* "12.34 %" of a value in millionths; "name 12.34 %" pieces make up a summary. */
void eval_percent(struct fmt *f, int64_t millionths);

#endif
