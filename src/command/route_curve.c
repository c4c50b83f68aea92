#include "command/route_curve.h"

#include "base/arena.h"
#include "command/command.h"
#include "command/jsonl.h"
#include "command/tradeoff.h"
#include "net/sys.h"
#include "policy/switch.h"

enum {
    CURVE_STEP = 50,
    CURVE_WHOLE_MILLI = 1000,
    CURVE_BODY_BYTES = JSONL_LINE_BYTES + 512,
    CURVE_TEXT_BYTES = 4096,
};

struct curve {
    const struct settings *settings;
    const struct classifier *classifier;
    const struct model_settings *cheap;
    const struct model_settings *strong;
    struct explain explain;
    struct explain_scratch scratch;
    struct jsonl lines;
    struct tradeoff tradeoff;
    char body[CURVE_BODY_BYTES];
};

static const struct model_settings *curve_model(const struct settings *s, char difficulty)
{
    for (size_t i = 0; i < s->route_count; i++)
        if (s->routes[i].difficulty == difficulty && s->routes[i].tier_count > 0)
            return &s->models[s->routes[i].tiers[0].choices[0].model_index];
    return NULL;
}

static int64_t curve_cost(const struct model_settings *m, int64_t input_tokens)
{
    const struct usage u = {.input = input_tokens, .output = SWITCH_OUTPUT_TOKENS};

    return m->free ? 0 : price_cost_pusd(&m->price, &u, sys_wall_ms());
}

static bool curve_line(void *ctx, struct jsonl *j)
{
    struct curve *v = ctx;
    struct tradeoff_outcome outcome;
    struct span prompt;
    struct span label = SPAN_EMPTY;
    struct fmt f;

    fmt_init(&f, v->body, sizeof(v->body));
    (void)jsonl_text(j, "label", &label);
    if (!jsonl_text(j, "prompt", &prompt) || !tradeoff_read(j, label, &outcome) ||
        !explain_prompt(prompt, &f) ||
        !explain_request(&v->explain, v->settings, v->classifier, fmt_span(&f), &v->scratch,
                         sys_wall_ms()) ||
        v->explain.workload.difficulty_milli < 0)
        return false;
    tradeoff_add(&v->tradeoff, v->explain.workload.difficulty_milli, &outcome,
                 curve_cost(v->cheap, v->explain.facts.input_tokens),
                 curve_cost(v->strong, v->explain.facts.input_tokens));
    return true;
}

static void curve_share(struct fmt *f, int64_t part_milli, uint64_t all)
{
    fmt_str(f, "    ");
    fmt_milli(f, all > 0 ? part_milli / (int64_t)all : 0);
}

static int curve_print(const struct curve *v)
{
    char text[CURVE_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "cheap ");
    fmt_str(&f, v->cheap->name);
    fmt_str(&f, ", strong ");
    fmt_str(&f, v->strong->name);
    fmt_str(&f, "\nbound    cheap    quality  USD\n");
    for (int bound = 0; bound < TRADEOFF_LEVELS; bound += CURVE_STEP) {
        struct tradeoff_sum sum = tradeoff_at(&v->tradeoff, bound);

        fmt_milli(&f, bound);
        curve_share(&f, (int64_t)sum.cheap * CURVE_WHOLE_MILLI, sum.count);
        curve_share(&f, sum.quality_milli, sum.count);
        fmt_str(&f, "    ");
        fmt_usd_short(&f, sum.cost_pusd, 6);
        fmt_char(&f, '\n');
    }
    tradeoff_say(&v->tradeoff, TRADEOFF_KEEP_PERCENT, &f);
    return command_out(fmt_span(&f)) ? COMMAND_OK : COMMAND_FAILED;
}

static int curve_run(struct curve *v, const char *path)
{
    char text[64];
    struct fmt f;
    int result;

    if (v->cheap == NULL || v->strong == NULL)
        return command_wrong("--curve needs a route with difficulty < and one with difficulty >, "
                             "both with tiers",
                             NULL);
    result = jsonl_each(&v->lines, path, curve_line, v);
    if (result == 0)
        return curve_print(v);
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "line ");
    fmt_u64(&f, v->lines.line);
    return command_wrong(result < 0 ? sys_error_text(result)
                                    : "there is no \"prompt\" with \"cheap\" and \"strong\" "
                                      "(0 to 1), or a \"label\" of easy or hard:",
                         result < 0 ? path : fmt_cstr(&f));
}

int route_curve(const struct settings *s, const struct classifier *c, const char *path)
{
    struct arena arena;
    struct curve *v;
    int status;

    if (path == NULL)
        return command_wrong("--curve needs a file of labelled prompts", NULL);
    if (!arena_map(&arena, sizeof(*v) + (size_t)ARENA_ALIGN_BYTES))
        return command_wrong("there is too little memory", NULL);
    v = arena_carve(&arena, "curve", 1, sizeof(*v));
    v->settings = s;
    v->classifier = c;
    v->cheap = curve_model(s, '<');
    v->strong = curve_model(s, '>');
    status = curve_run(v, path);
    arena_unmap(&arena);
    return status;
}
