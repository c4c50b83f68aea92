/* learn - what the strong model would gain over the cheap one, learned on the device from outcomes.
 *
 * A router that was trained on other traffic is no better than chance; a few hundred outcomes of
 * one's own are worth more. So each route keeps one linear model of LEARN_WEIGHTS fixed-point
 * weights over hashed words, pairs of words and the prompt's length, which predicts the GAIN:
 * quality of the strong answer minus quality of the cheap one, -1000..1000. (Predicting whether
 * the cheap one fails is worse: where both fail, escalating is wasted.) Labels come from
 * escalations, agreement, shadow checks, whoever has them.
 *
 *   learn_start()        a model that knows nothing: `uncalibrated`, predicts 0
 *   learn_read()         a prompt as the model's input; learn_predict(), learn_update()
 *   learn_state()        whether the order of its predictions may be relied on
 *   learn_save(), learn_load()   bytes with version and CRC, for the caller's file
 *
 * Each update is a step of normalised least mean squares, some 2 us for a prompt of 50 words on a
 * PC. The rate falls with the number of updates to a floor and weights decay, so old traffic is
 * forgotten. Before an update learns from an outcome it was predicted: of the last LEARN_RECENT of
 * these pairs, those that differ in their outcome should stand in the same order in both. A model
 * is calibrated once it has seen LEARN_SIDE_MIN outcomes on either side and that holds for
 * LEARN_ORDER_MIN_MILLI of the pairs. Memory: sizeof(struct learn), about 34 KB a route; 17 KB
 * as a file, which keeps the averages. */
#ifndef POLICY_LEARN_H
#define POLICY_LEARN_H

#include "policy/features.h"

enum {
    LEARN_WEIGHTS = 4096,
    LEARN_INPUTS_MAX = 512,
    LEARN_RECENT = 256,
    LEARN_SIDE_MIN = 30,
    LEARN_ORDER_MIN_MILLI = 550, /* a coin gives 500; over 256 outcomes its error is about 25 */
    LEARN_GAIN_MAX = 1000,
    LEARN_TEXT_BYTES = 2000, /* of a prompt are read: the question, not the appendix */
    LEARN_FILE_BYTES = 8 + 4 * (LEARN_WEIGHTS + 4) + 4 * LEARN_RECENT + 4,
};

struct learn_input {
    uint32_t count;
    uint16_t places[LEARN_INPUTS_MAX];
};

struct learn {
    int32_t weights[LEARN_WEIGHTS];
    int32_t bias;
    int32_t slow[LEARN_WEIGHTS]; /* averages of the weights over the last updates: these predict */
    int32_t slow_bias;
    uint32_t updates;
    uint32_t gained; /* outcomes above 0 */
    uint32_t not_gained;
    struct learn_outcome {
        int16_t predicted;
        int16_t gain;
    } recent[LEARN_RECENT];
};

enum learn_state { LEARN_UNCALIBRATED, LEARN_CALIBRATED };

void learn_start(struct learn *l);
/* `scratch` is free to use during the call. */
void learn_read(struct learn_input *in, struct span text, struct features *scratch);
/* -LEARN_GAIN_MAX..LEARN_GAIN_MAX; also of an uncalibrated model, then without worth. */
int32_t learn_predict(const struct learn *l, const struct learn_input *in);
void learn_update(struct learn *l, const struct learn_input *in, int32_t gain);
/* How many of a thousand pairs of recent outcomes stand in the order that was predicted; 500
 * without any. Some 30,000 comparisons: ask now and then, not on every request. */
int32_t learn_order_milli(const struct learn *l);
enum learn_state learn_state(const struct learn *l);

void learn_save(const struct learn *l, uint8_t out[LEARN_FILE_BYTES]);
/* False, and a model that knows nothing, when these are not the bytes of a whole saved model. */
bool learn_load(struct learn *l, struct span bytes);

#endif
