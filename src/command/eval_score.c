/* eval score: answers scored as a tier's are, against labels where those are given; with the
 * outcomes of two tiers, what escalating in the order of the scores would give. */
#include "base/check.h"
#include "base/scan.h"
#include "command/eval.h"
#include "llm/messages.h"
#include "policy/quality.h"

enum {
    MILLION = 1000000,
    SCORES = 1001,
    OUTCOME_UNIT = 1000,        /* of cheap and strong */
    QUESTION_BYTES = 64 * 1024, /* a longer one is cut: checks look at its ends */
};

/* Of the answers with one score: how many, how many of them good, and what both tiers reach. */
struct score_step {
    uint32_t count[2]; /* [good] */
    uint32_t pairs;
    int64_t gain; /* strong minus cheap, thousandths */
};

struct score_state {
    struct quality_work work;
    struct quality_request request;
    struct messages messages;
    char question[QUESTION_BYTES]; /* of a request, decoded */
    struct score_step steps[SCORES];
    uint32_t check_counts[CHECK_COUNT][SCORES][2]; /* [score][good] */
    uint64_t labels;
    uint64_t pairs;
    int64_t gain;
};

/* The settings of the line's check; false after a refusal. NULL: the defaults. */
static bool score_settings(struct eval *e, const struct check_settings **out)
{
    struct span name;
    bool known;

    *out = NULL;
    if (!eval_text(e, "check", &name, &known))
        return false;
    for (size_t i = 0; known && e->settings != NULL && i < e->settings->check_count; i++)
        if (span_equal(span_str(e->settings->checks[i].name), name))
            *out = &e->settings->checks[i];
    return !known || *out != NULL ||
           eval_refuse(e, "\"check\" is the name of no [check] of the configuration");
}

/* An optional number of 0..1 with at most three decimals; true and false count as 1 and 0. */
static bool score_outcome(struct eval *e, const char *name, int64_t *out, bool *known)
{
    const struct json_member *m = json_object_find(e->in, name);

    *known = m != NULL && m->kind != JSON_NULL;
    if (!*known)
        return true;
    if (m->kind == JSON_TRUE || m->kind == JSON_FALSE) {
        *out = m->kind == JSON_TRUE ? OUTCOME_UNIT : 0;
        return true;
    }
    return scan_milli(m->value, out) || eval_refuse(e, "an outcome is no number of 0 to 1");
}

/* Without a question of its own the line's is the last text of the user. */
static struct span score_question(struct score_state *s, struct span request)
{
    const struct message_text *last;

    messages_read(&s->messages, API_CHAT, request);
    last = messages_last(&s->messages, ROLE_USER);
    if (last == NULL)
        return SPAN_EMPTY;
    return span_of(s->question, message_text_decode(last, s->question, sizeof(s->question)));
}

static bool score_input(struct eval *e, struct quality_input *in)
{
    struct score_state *s = e->state;
    const struct json_member *calls = json_object_find(e->in, "tool_calls");
    struct span request;
    bool known;
    bool asked;

    *in = (struct quality_input){.judge = QUALITY_NONE, .agree = QUALITY_NONE};
    if (!eval_text(e, "question", &in->question, &asked) ||
        !eval_text(e, "answer", &in->answer, NULL) ||
        !eval_text(e, "finish_reason", &in->finish, &known) ||
        !eval_object(e, "request", &request, &known))
        return false;
    if (known && quality_request_read(&s->request, request, &s->work))
        in->request = &s->request;
    if (in->request != NULL && !asked)
        in->question = score_question(s, request);
    if (calls != NULL && calls->kind == JSON_ARRAY)
        in->calls = calls->value;
    return true;
}

static void score_write(struct eval *e, const struct quality *q)
{
    json_write_key(&e->out, "score");
    json_write_raw(&e->out, SPAN(""));
    fmt_milli(e->out.out, q->score);
    json_write_key(&e->out, "checks");
    json_write_object(&e->out);
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        if (q->checks[i] == QUALITY_NONE)
            continue;
        json_write_key(&e->out, check_names[i]);
        json_write_raw(&e->out, SPAN(""));
        fmt_milli(e->out.out, q->checks[i]);
    }
    json_write_object_end(&e->out);
}

static void score_count(struct score_state *s, const struct quality *q, bool good)
{
    s->labels++;
    s->steps[q->score].count[good]++;
    for (size_t i = 0; i < CHECK_COUNT; i++)
        /* What does not apply speaks for no side. */
        s->check_counts[i][q->checks[i] == QUALITY_NONE ? SCORES - 1 : q->checks[i]][good]++;
}

static bool score_line(struct eval *e)
{
    struct score_state *s = e->state;
    const struct check_settings *settings;
    struct quality_input in;
    struct quality q;
    int64_t cheap = 0;
    int64_t strong = 0;
    int64_t good = 0;
    bool known;
    bool cheap_known;
    bool strong_known;

    if (!score_input(e, &in) || !score_settings(e, &settings) ||
        !score_outcome(e, "good", &good, &known) ||
        !score_outcome(e, "cheap", &cheap, &cheap_known) ||
        !score_outcome(e, "strong", &strong, &strong_known))
        return false;
    quality_score(&q, &in, settings, &s->work);
    score_write(e, &q);
    if (known)
        score_count(s, &q, good >= OUTCOME_UNIT / 2);
    if (cheap_known && strong_known) {
        s->pairs++;
        s->steps[q.score].pairs++;
        s->steps[q.score].gain += strong - cheap;
        s->gain += strong - cheap;
    }
    return true;
}

/* ---- summary ---- */

/* The chance that a good answer has a higher score than a bad one, ties half, in millionths; -1
 * when one kind is missing. */
static int64_t auroc(const uint32_t *counts, size_t stride)
{
    uint64_t bad_below = 0;
    uint64_t goods = 0;
    uint64_t twice = 0;

    for (size_t i = 0; i < SCORES; i++) {
        const uint32_t *count = counts + i * stride;

        twice += count[1] * (2 * bad_below + count[0]);
        bad_below += count[0];
        goods += count[1];
    }
    if (goods == 0 || bad_below == 0)
        return -1;
    return (int64_t)(twice * (MILLION / 2) / (goods * bad_below));
}

/* The share of calls to the strong tier, in millionths, at which `share` hundredths of its gain are
 * reached when answers are escalated from the lowest score up, those with one score evenly. */
static int64_t calls_for(const struct score_state *s, int64_t share)
{
    int64_t wanted = s->gain * share / 100;
    int64_t gain = 0;
    int64_t calls = 0;

    for (size_t i = 0; i < SCORES; i++) {
        const struct score_step *step = &s->steps[i];

        if (step->gain > 0 && gain + step->gain >= wanted)
            return (calls * MILLION + step->pairs * (wanted - gain) * MILLION / step->gain) /
                   (int64_t)s->pairs;
        gain += step->gain;
        calls += step->pairs;
    }
    return MILLION;
}

/* The mean share of the gain over all shares of calls, in millionths. */
static int64_t mean_gain(const struct score_state *s)
{
    int64_t gain = 0;
    int64_t area = 0; /* of gain over calls, twice */

    for (size_t i = 0; i < SCORES; i++) {
        area += (2 * gain + s->steps[i].gain) * s->steps[i].pairs;
        gain += s->steps[i].gain;
    }
    return area * (MILLION / 2) / (s->gain * (int64_t)s->pairs);
}

static void score_summary(const struct eval *e, struct fmt *out)
{
    const struct score_state *s = e->state;
    int64_t area = auroc(s->steps[0].count, sizeof(s->steps[0]) / sizeof(uint32_t));

    if (area >= 0) {
        fmt_u64(out, s->labels);
        fmt_str(out, " with a label: AUROC ");
        eval_percent(out, area);
        fmt_char(out, '\n');
        for (size_t i = 0; i < CHECK_COUNT; i++) {
            int64_t one = auroc(s->check_counts[i][0], 2);

            if (one == MILLION / 2)
                continue;
            fmt_str(out, "  ");
            fmt_left(out, span_str(check_names[i]), 10);
            eval_percent(out, one);
            fmt_char(out, '\n');
        }
    }
    if (s->pairs > 0 && s->gain > 0) {
        fmt_u64(out, s->pairs);
        fmt_str(out, " with outcomes: APGR ");
        fmt_milli(out, (mean_gain(s) + MILLION / 2000) / (MILLION / 1000));
        fmt_str(out, ", CPT50 ");
        eval_percent(out, calls_for(s, 50));
        fmt_str(out, ", CPT80 ");
        eval_percent(out, calls_for(s, 80));
        fmt_char(out, '\n');
    }
}

const struct eval_kind eval_score = {
    .name = "score",
    .in =
        "answer; optional question, request, finish_reason, tool_calls, check, good, cheap, strong",
    .out = "score, checks; AUROC, per check; APGR, CPT50, CPT80",
    .state_bytes = sizeof(struct score_state),
    .line = score_line,
    .summary = score_summary,
};
