#include "command/route_curve.h"

#include "base/arena.h"
#include "command/command.h"
#include "command/jsonl.h"
#include "net/sys.h"
#include "policy/switch.h"

enum {
    CURVE_LEVELS = 1001, /* thousandths of difficulty */
    CURVE_STEP = 50,
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
    struct curve_level {
        uint64_t count;
        uint64_t easy;
        int64_t cheap_pusd;
        int64_t strong_pusd;
    } levels[CURVE_LEVELS];
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
    struct curve_level *level;
    struct span prompt;
    struct span label;
    struct fmt f;

    fmt_init(&f, v->body, sizeof(v->body));
    if (!jsonl_text(j, "prompt", &prompt) || !jsonl_text(j, "label", &label) ||
        (!span_equal(label, SPAN("easy")) && !span_equal(label, SPAN("hard"))) ||
        !explain_prompt(prompt, &f) ||
        !explain_request(&v->explain, v->settings, v->classifier, fmt_span(&f), &v->scratch,
                         sys_wall_ms()) ||
        v->explain.workload.difficulty_milli < 0)
        return false;
    level = &v->levels[v->explain.workload.difficulty_milli];
    level->count++;
    level->easy += span_equal(label, SPAN("easy"));
    level->cheap_pusd =
        money_add(level->cheap_pusd, curve_cost(v->cheap, v->explain.facts.input_tokens));
    level->strong_pusd =
        money_add(level->strong_pusd, curve_cost(v->strong, v->explain.facts.input_tokens));
    return true;
}

static void curve_share(struct fmt *f, uint64_t part, uint64_t all)
{
    fmt_str(f, "    ");
    fmt_milli(f, (int64_t)(all > 0 ? part * 1000 / all : 0));
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
    for (size_t bound = 0; bound < CURVE_LEVELS; bound += CURVE_STEP) {
        int64_t cost_pusd = 0;
        uint64_t all = 0;
        uint64_t cheap = 0;
        uint64_t good = 0;

        for (size_t i = 0; i < CURVE_LEVELS; i++) {
            const struct curve_level *l = &v->levels[i];
            bool is_cheap = i < bound;

            all += l->count;
            cheap += is_cheap ? l->count : 0;
            good += is_cheap ? l->easy : l->count;
            cost_pusd = money_add(cost_pusd, is_cheap ? l->cheap_pusd : l->strong_pusd);
        }
        fmt_milli(&f, (int64_t)bound);
        curve_share(&f, cheap, all);
        curve_share(&f, good, all);
        fmt_str(&f, "    ");
        fmt_usd_short(&f, cost_pusd, 6);
        fmt_char(&f, '\n');
    }
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
                                    : "there is no \"prompt\" with a \"label\" of easy or hard:",
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
