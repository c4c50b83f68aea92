/* eval learn - what the on-device learner would predict for prompts that it did not learn from.
 *
 * Line i is predicted by a model that saw the lines of the four other folds, LEARN_EPOCHS times, so
 * that its figures compare with those of published routers, which are cross-validated likewise. All
 * lines are needed first: they are kept as the model's inputs. */
#include <string.h>

#include "base/check.h"
#include "command/eval.h"
#include "policy/learn.h"

enum {
    FOLDS = 5,
    LEARN_EPOCHS = 5,
    LINES_MAX = 65536,
    PLACES_MAX = 12 * 1024 * 1024, /* 190 inputs a line: a question of 90 words */
    LEVELS = 2 * LEARN_GAIN_MAX + 1,
    MILLION = 1000000,
};

struct learn_line {
    uint32_t from; /* of its inputs */
    uint16_t count;
    int16_t cheap_milli;
    int16_t strong_milli;
    int16_t gain; /* as predicted */
};

struct learn_eval_state {
    struct learn model;
    struct learn_input in;
    struct features scratch;
    uint16_t *places;
    size_t place_count;
    struct learn_line *lines;
    uint32_t *order;
    size_t line_count;
    size_t written;
    /* By predicted gain. */
    uint32_t level_count[LEVELS];
    int64_t level_gain[LEVELS];
};

static bool learn_eval_start(struct eval *e)
{
    struct learn_eval_state *s = e->state;

    s->places = arena_carve(e->arena, "inputs", PLACES_MAX, sizeof(uint16_t));
    s->lines = arena_carve(e->arena, "outcomes", LINES_MAX, sizeof(struct learn_line));
    s->order = arena_carve(e->arena, "order", LINES_MAX, sizeof(uint32_t));
    CHECK(s->order != NULL && s->places != NULL && s->lines != NULL);
    return true;
}

static bool learn_eval_line(struct eval *e)
{
    struct learn_eval_state *s = e->state;
    struct learn_line *l = &s->lines[s->line_count];
    struct span prompt;
    int64_t cheap;
    int64_t strong;

    if (!eval_text(e, "prompt", &prompt, NULL) || !eval_milli(e, "cheap", &cheap, NULL) ||
        !eval_milli(e, "strong", &strong, NULL))
        return false;
    learn_read(&s->in, prompt, &s->scratch);
    if (s->line_count == LINES_MAX || s->in.count > PLACES_MAX - s->place_count)
        return eval_refuse(e, "more than 65536 lines, or too much text, to keep");
    memcpy(s->places + s->place_count, s->in.places, s->in.count * sizeof(s->in.places[0]));
    *l = (struct learn_line){.from = (uint32_t)s->place_count,
                             .count = (uint16_t)s->in.count,
                             .cheap_milli = (int16_t)cheap,
                             .strong_milli = (int16_t)strong};
    s->place_count += s->in.count;
    s->line_count++;
    return true;
}

static void learn_eval_input(struct learn_eval_state *s, const struct learn_line *l)
{
    s->in.count = l->count;
    memcpy(s->in.places, s->places + l->from, l->count * sizeof(s->in.places[0]));
}

/* Files are often sorted by topic, which a stream of requests is not: lines are learned from, and
 * dealt out to the folds, in a shuffled order that is always the same. */
static void learn_eval_shuffle(struct learn_eval_state *s)
{
    uint32_t random = 1;

    for (size_t i = 0; i < s->line_count; i++)
        s->order[i] = (uint32_t)i;
    for (size_t i = s->line_count; i > 1; i--) {
        size_t other;
        uint32_t swap = s->order[i - 1];

        random = random * 1664525 + 1013904223; /* Numerical Recipes' generator */
        other = random % i;
        s->order[i - 1] = s->order[other];
        s->order[other] = swap;
    }
}

static void learn_eval_fold(struct learn_eval_state *s, size_t fold)
{
    learn_start(&s->model);
    for (size_t k = 0; k < LEARN_EPOCHS * s->line_count; k++) {
        size_t at = k % s->line_count;
        const struct learn_line *l = &s->lines[s->order[at]];

        if (at % FOLDS == fold)
            continue;
        learn_eval_input(s, l);
        learn_update(&s->model, &s->in, l->strong_milli - l->cheap_milli);
    }
    for (size_t at = fold; at < s->line_count; at += FOLDS) {
        struct learn_line *l = &s->lines[s->order[at]];

        learn_eval_input(s, l);
        l->gain = (int16_t)learn_predict(&s->model, &s->in);
    }
}

static void learn_eval_ready(struct eval *e)
{
    struct learn_eval_state *s = e->state;

    learn_eval_shuffle(s);
    for (size_t fold = 0; fold < FOLDS && s->line_count > 0; fold++)
        learn_eval_fold(s, fold);
    for (size_t i = 0; i < s->line_count; i++) {
        const struct learn_line *l = &s->lines[i];

        s->level_count[l->gain + LEARN_GAIN_MAX]++;
        s->level_gain[l->gain + LEARN_GAIN_MAX] += l->strong_milli - l->cheap_milli;
    }
}

static void learn_eval_late(struct eval *e)
{
    struct learn_eval_state *s = e->state;

    json_write_key(&e->out, "gain");
    fmt_milli(e->out.out, s->lines[s->written++].gain);
}

/* The share of strong calls, in millionths, that recovers so much of the difference; with as many
 * lines of one level as it takes. */
static int64_t learn_eval_cpt(const struct learn_eval_state *s, int64_t total, int64_t percent)
{
    int64_t want = total * percent / 100;
    int64_t sum = 0;
    int64_t calls = 0;

    for (size_t i = LEVELS; i-- > 0;) {
        int64_t count = s->level_count[i];

        if (sum + s->level_gain[i] >= want && s->level_gain[i] > 0)
            return (calls * MILLION + count * MILLION * (want - sum) / s->level_gain[i]) /
                   (int64_t)s->line_count;
        sum += s->level_gain[i];
        calls += count;
    }
    return MILLION;
}

/* The area under the share of the difference that is recovered, over the share of strong calls. */
static int64_t learn_eval_apgr(const struct learn_eval_state *s, int64_t total)
{
    int64_t sum = 0;
    int64_t area = 0; /* twice */

    for (size_t i = LEVELS; i-- > 0;) {
        area += s->level_count[i] * (2 * sum + s->level_gain[i]);
        sum += s->level_gain[i];
    }
    return area * 1000 / (2 * total * (int64_t)s->line_count);
}

static void learn_eval_summary(const struct eval *e, struct fmt *out)
{
    const struct learn_eval_state *s = e->state;
    int64_t total = 0;

    for (size_t i = 0; i < LEVELS; i++)
        total += s->level_gain[i];
    fmt_u64(out, s->line_count);
    fmt_str(out, " outcomes, 5 folds: ");
    if (total <= 0) {
        fmt_str(out, "the strong model is no better here\n");
        return;
    }
    fmt_str(out, "APGR ");
    fmt_milli(out, learn_eval_apgr(s, total));
    fmt_str(out, ", CPT50 ");
    eval_percent(out, learn_eval_cpt(s, total, 50));
    fmt_str(out, ", CPT80 ");
    eval_percent(out, learn_eval_cpt(s, total, 80));
    fmt_str(out, "\n");
}

const struct eval_kind eval_learn = {
    .name = "learn",
    .in = "prompt, cheap, strong (0..1)",
    .out = "gain of the strong model, by 5 folds; APGR, CPT50, CPT80",
    .state_bytes = sizeof(struct learn_eval_state),
    .extra_bytes = PLACES_MAX * sizeof(uint16_t) +
                   LINES_MAX * (sizeof(struct learn_line) + sizeof(uint32_t)) +
                   3 * ARENA_ALIGN_BYTES,
    .start = learn_eval_start,
    .line = learn_eval_line,
    .ready = learn_eval_ready,
    .late = learn_eval_late,
    .summary = learn_eval_summary,
};
