/* classify - which kind of work a prompt asks for: chat, classification, code, summarization or
 * translation, and how sure that is.
 *
 * The routing table maps a workload to the model that is good enough for it. A linear model over
 * hashed words, pairs of words and marks (features.h, linear.h), 8 KB, integers only, about 10 us
 * on a PC. Everything that is to be answered or written freely is chat: questions, also with their
 * context, maths, poems and mails.
 *
 * Below the bar the verdict is WORKLOAD_UNKNOWN: a wrong class with certainty would choose a wrong
 * cheap route. `best` is what it would have been.
 *
 * The last user message decides. A system prompt counts too where it is sure of another class than
 * chat ("you are a helpful assistant" fits everything), but no more than CLASSIFY_SYSTEM_SCORE of a
 * class' score: "you are a translator" turns a bare sentence into a translation, while a
 * request that is itself surer than 0.994 stays what it is, whatever the system prompt
 * says. Text that only talks to the gateway does not count at all.
 *
 *   classify_start()       with the weights that are built in
 *   classify_load()        with those of a file (`farthing train`), which stay where they are
 *   classify()             of texts; classify_request() of a request
 *
 * Beside it there may be a second model of the same form (classify_load_difficulty()): how sure it
 * is that a prompt is hard, one that the cheap model does not do. Its file has the labels "easy"
 * and "hard" (`farthing train --difficulty`).
 *
 * The file's labels may be any; those that are no workload's name give WORKLOAD_UNKNOWN with the
 * label in `class`. How well it does is in tests/tools/fit-workload.mjs. */
#ifndef POLICY_CLASSIFY_H
#define POLICY_CLASSIFY_H

#include "config/table.h"
#include "llm/messages.h"
#include "policy/linear.h"

enum {
    CLASSIFY_WEIGHT_BYTES = 8289,
    CLASSIFY_SYSTEM_SCORE = 5 * LINEAR_ONE, /* e^5 = 148 */
    CLASSIFY_PATH_BYTES = 256,
};

enum workload {
    WORKLOAD_UNKNOWN,
    WORKLOAD_CHAT,
    WORKLOAD_CLASSIFICATION,
    WORKLOAD_CODE,
    WORKLOAD_SUMMARIZATION,
    WORKLOAD_TRANSLATION,
    WORKLOAD_COUNT,
};

/* "unknown", "chat" ...: as in configurations, headers and the ledger. */
const char *workload_name(enum workload w);
/* False when it is no workload's name; "unknown" is one. */
bool workload_from_name(struct span name, enum workload *out);

struct classifier {
    struct linear model;
    uint8_t workloads[LINEAR_CLASSES_MAX]; /* enum workload of each class */
    struct linear difficulty;              /* classes 0: not loaded */
};

struct classify_verdict {
    enum workload workload;
    enum workload best; /* whatever the confidence */
    size_t class;       /* of the model: linear_label() */
    int32_t confidence_milli;
    bool is_sure;             /* at or over the bar, which is the file's */
    int32_t difficulty_milli; /* of a request, 0..1000; -1 = not known */
};

/* Work space; some 13 KB. */
struct classify_room {
    struct features features;
    int32_t scores[LINEAR_CLASSES_MAX];
    int32_t system_scores[LINEAR_CLASSES_MAX];
    char head[FEATURES_WHOLE_BYTES];
    char raw[2 * FEATURES_TAIL_BYTES]; /* of the tail, with its escapes */
    char tail[2 * FEATURES_TAIL_BYTES];
};

void classify_start(struct classifier *c);
/* False with a reason in *why as from linear_load(). */
bool classify_load(struct classifier *c, struct span bytes, const char **why);
bool classify_load_difficulty(struct classifier *c, struct span bytes, const char **why);
/* Either text may be empty; without both the verdict is unknown. */
void classify(const struct classifier *c, struct span system, struct span user,
              struct classify_room *room, struct classify_verdict *out);
void classify_request(const struct classifier *c, const struct messages *m,
                      struct classify_room *room, struct classify_verdict *out);

/* [classify] */
struct classify_settings {
    char weights[CLASSIFY_PATH_BYTES];    /* path of a weight file; "" = those that are built in */
    char difficulty[CLASSIFY_PATH_BYTES]; /* likewise; "" = none */
};

extern const struct config_section classify_section;
extern const uint8_t classify_weights[CLASSIFY_WEIGHT_BYTES];

#endif
