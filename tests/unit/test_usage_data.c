/* Usage and prices against other people's: real usage bodies of many vendors with the counts and
 * the price that a price library of its own expects (../shared/data/genai-prices).
 *
 * Run: every body in a dialect that upstreams speak here, read once for each vendor that sells its
 * model under that dialect. Left out, counted and told: bodies in a vendor's native form, readings
 * for vendors that do not sell the model (the body is another's), prices for audio tokens. */
#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scan.h"
#include "cm.h"
#include "config/table.h"
#include "llm/price_file.h"
#include "json/tree.h"

enum { FILE_BYTES_MAX = 4 * 1024 * 1024, TREE_TOKENS = 400000 };

/* The prices that the expected sums were made with held on this day. */
#define DAY_UNIX_MS INT64_C(1782907200000) /* 2026-07-01T12:00:00Z */

struct text {
    char *bytes;
    struct json_tree tree;
};

static bool open_json(struct text *t, const char *command)
{
    FILE *f = popen(command, "r");
    size_t len;

    t->bytes = malloc(FILE_BYTES_MAX);
    assert_true(f != NULL && t->bytes != NULL);
    len = fread(t->bytes, 1, FILE_BYTES_MAX, f);
    if (pclose(f) != 0 || len == 0)
        return false;
    assert_true(len < FILE_BYTES_MAX);
    assert_int_equal(json_tree_read(&t->tree, span_of(t->bytes, len),
                                    malloc(TREE_TOKENS * sizeof(struct json_token)),
                                    malloc(TREE_TOKENS * sizeof(int)), TREE_TOKENS),
                     JSON_TREE_OK);
    return true;
}

static void close_json(struct text *t)
{
    free(t->bytes);
    free(t->tree.tokens);
    free(t->tree.next);
}

static const char *get_text(const struct json_tree *t, int object, const char *name,
                            char out[static 256])
{
    size_t len = 0;

    if (!json_tree_text(t, json_tree_get(t, object, name), out, 255, &len))
        return NULL;
    out[len] = '\0';
    return out;
}

/* A number, or a string that holds one, USD per million tokens: picodollars a token, as a
 * configuration has it: with six decimals, further ones cut off. */
static int64_t get_price(const struct json_tree *t, int value)
{
    struct span raw = json_tree_raw(t, value);
    int64_t pusd = 0;

    if (json_tree_kind(t, value) == JSON_NONE)
        return CONFIG_UNSET;
    if (!scan_usd(span_part(raw, 0, span_find_byte(raw, '.') + 7), &pusd))
        fail_msg("no price: %.*s", (int)raw.len, raw.ptr);
    return pusd / MONEY_TOKENS_PER_PRICE;
}

/* ---- price data ---- */

static bool matches(const struct json_tree *t, int clause, const char *model);

static bool matches_all(const struct json_tree *t, int list, const char *model, bool all)
{
    for (int c = json_tree_first(t, list); c != JSON_TREE_NONE; c = json_tree_after(t, c))
        if (matches(t, c, model) != all)
            return !all;
    return all;
}

static bool matches_regex(const char *pattern, const char *model)
{
    regex_t regex;
    bool found;

    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    found = regexec(&regex, model, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static bool matches(const struct json_tree *t, int clause, const char *model)
{
    int value = json_tree_first(t, clause);
    struct span kind = json_tree_name(t, value);
    char text[256];
    const char *want = get_text(t, clause, "equals", text);
    struct span ref = span_str(model);

    if (span_equal(kind, SPAN("or")))
        return matches_all(t, value, model, false);
    if (span_equal(kind, SPAN("and")))
        return matches_all(t, value, model, true);
    if (want != NULL)
        return strcmp(want, model) == 0;
    if ((want = get_text(t, clause, "starts_with", text)) != NULL)
        return span_starts(ref, span_str(want));
    if ((want = get_text(t, clause, "ends_with", text)) != NULL)
        return span_ends(ref, span_str(want));
    if ((want = get_text(t, clause, "contains", text)) != NULL)
        return strstr(model, want) != NULL;
    want = get_text(t, clause, "regex", text);
    assert_non_null(want);
    return matches_regex(want, model);
}

static int find_provider(const struct json_tree *t, const char *id)
{
    for (int p = json_tree_first(t, 0); p != JSON_TREE_NONE; p = json_tree_after(t, p))
        if (json_tree_is(t, json_tree_get(t, p, "id"), id))
            return p;
    return JSON_TREE_NONE;
}

static int find_model(const struct json_tree *t, int provider, const char *model)
{
    int models = json_tree_get(t, provider, "models");
    int others = json_tree_get(t, provider, "fallback_model_providers");

    for (int m = json_tree_first(t, models); m != JSON_TREE_NONE; m = json_tree_after(t, m))
        if (matches(t, json_tree_get(t, m, "match"), model))
            return m;
    for (int o = json_tree_first(t, others); o != JSON_TREE_NONE; o = json_tree_after(t, o)) {
        char id[256];
        size_t len;
        int other;

        assert_true(json_tree_text(t, o, id, 255, &len));
        id[len] = '\0';
        other = find_provider(t, id);
        models = json_tree_get(t, other, "models");
        for (int m = json_tree_first(t, models); m != JSON_TREE_NONE; m = json_tree_after(t, m))
            if (matches(t, json_tree_get(t, m, "match"), model))
                return m;
    }
    return JSON_TREE_NONE;
}

/* The last of dated prices that holds on the day; hours of the day hold as at noon. */
static int prices_on_the_day(const struct json_tree *t, int prices)
{
    int found = prices;

    if (json_tree_kind(t, prices) != JSON_ARRAY)
        return prices;
    for (int p = json_tree_first(t, prices); p != JSON_TREE_NONE; p = json_tree_after(t, p)) {
        int when = json_tree_get(t, p, "constraint");
        char day[256];
        char start[64];
        int64_t from = 0;

        if (get_text(t, when, "start_date", day) != NULL) {
            snprintf(start, sizeof(start), "%.20sT00:00:00.000Z", day);
            assert_true(scan_time_utc(span_str(start), &from));
        }
        if (from <= DAY_UNIX_MS)
            found = json_tree_get(t, p, "prices");
    }
    return found;
}

static void take_price(const struct json_tree *t, int prices, const char *name, struct price *p,
                       int64_t *base, int64_t *above)
{
    int value = json_tree_get(t, prices, name);
    int tiers = json_tree_get(t, value, "tiers");
    int tier = json_tree_first(t, tiers);

    if (json_tree_kind(t, value) != JSON_OBJECT) {
        *base = get_price(t, value);
        *above = *base; /* one price for all lengths */
        return;
    }
    *base = get_price(t, json_tree_get(t, value, "base"));
    assert_int_equal(json_tree_size(t, tiers), 1);
    assert_true(json_tree_i64(t, json_tree_get(t, tier, "start"), &p->above_tokens));
    *above = get_price(t, json_tree_get(t, tier, "price"));
}

/* As an owner would write them into [model]. False when the vendor has no price for the model. */
static bool price_of(const struct json_tree *t, const char *provider, const char *model,
                     struct price *p)
{
    char lower[256] = ""; /* patterns are in lower case */
    int m;
    int prices;

    for (size_t i = 0; model[i] != '\0' && i < sizeof(lower) - 1; i++)
        lower[i] = (char)tolower((unsigned char)model[i]);
    m = find_model(t, find_provider(t, provider), lower);
    prices = prices_on_the_day(t, json_tree_get(t, m, "prices"));
    price_clear(p);
    if (m == JSON_TREE_NONE)
        return false;
    take_price(t, prices, "input_mtok", p, &p->base.input_pusd, &p->above.input_pusd);
    take_price(t, prices, "cache_read_mtok", p, &p->base.cached_input_pusd,
               &p->above.cached_input_pusd);
    take_price(t, prices, "cache_write_mtok", p, &p->base.cache_write_pusd,
               &p->above.cache_write_pusd);
    take_price(t, prices, "output_mtok", p, &p->base.output_pusd, &p->above.output_pusd);
    if (p->base.output_pusd == CONFIG_UNSET) /* embeddings have none */
        p->base.output_pusd = p->above.output_pusd = 0;
    if (p->above_tokens == 0)
        p->above = p->next;
    assert_null(price_fault(p));
    return price_is_known(p);
}

/* ---- bodies ---- */

enum shape { SHAPE_CHAT, SHAPE_EMBEDDINGS, SHAPE_RESPONSES, SHAPE_ANTHROPIC, SHAPE_NATIVE };

static enum shape shape_of(const struct json_tree *t, int body)
{
    int usage = json_tree_get(t, body, "usage");

    if (json_tree_get(t, usage, "cache_read_input_tokens") != JSON_TREE_NONE)
        return SHAPE_ANTHROPIC;
    if (json_tree_get(t, usage, "input_tokens") != JSON_TREE_NONE)
        return SHAPE_RESPONSES;
    if (json_tree_get(t, usage, "prompt_tokens") == JSON_TREE_NONE)
        return SHAPE_NATIVE; /* Gemini's usageMetadata, Bedrock's inputTokens, Cohere's billed_units
                              */
    return json_tree_get(t, usage, "completion_tokens") != JSON_TREE_NONE ? SHAPE_CHAT
                                                                          : SHAPE_EMBEDDINGS;
}

/* The vendor reads such a body under this dialect: `default` is what a vendor with one has. */
static bool speaks(enum shape shape, const char *provider, const char *flavor)
{
    static const char *const flavors[] = {
        [SHAPE_CHAT] = "chat",
        [SHAPE_EMBEDDINGS] = "embeddings",
        [SHAPE_RESPONSES] = "responses",
        [SHAPE_ANTHROPIC] = "anthropic",
    };
    bool is_anthropic = strcmp(provider, "anthropic") == 0;

    if (strcmp(flavor, flavors[shape]) == 0)
        return !(shape == SHAPE_CHAT && is_anthropic);
    if (strcmp(flavor, "default") != 0)
        return false;
    if (shape == SHAPE_ANTHROPIC)
        return is_anthropic;
    return shape == SHAPE_CHAT &&
           (strcmp(provider, "groq") == 0 || strcmp(provider, "mistral") == 0);
}

struct tally {
    unsigned bodies;
    unsigned run_bodies;
    unsigned readings;
    unsigned native;
    unsigned unsold_bodies;
    unsigned audio;
    unsigned no_price_data;
    unsigned counted;
    unsigned vendors_run;
    char vendors[64][32];
};

static void note_vendor(struct tally *y, const char *provider)
{
    for (unsigned i = 0; i < y->vendors_run; i++)
        if (strcmp(y->vendors[i], provider) == 0)
            return;
    assert_true(y->vendors_run < 64);
    snprintf(y->vendors[y->vendors_run++], 32, "%.31s", provider);
}

static int64_t expected(const struct json_tree *t, int usage, const char *name)
{
    int64_t count = 0;

    (void)json_tree_i64(t, json_tree_get(t, usage, name), &count);
    return count;
}

static void same(const char *what, const char *model, const char *provider, int64_t got,
                 int64_t want)
{
    if (got != want)
        fail_msg("%s (%s): %s is %lld, not %lld", model, provider, what, (long long)got,
                 (long long)want);
}

static void same_counts(const struct json_tree *t, int want, const struct usage *u,
                        const char *model, const char *provider)
{
    assert_true(u->known);
    same("input", model, provider, u->input, expected(t, want, "input_tokens"));
    same("cached", model, provider, u->cached, expected(t, want, "cache_read_tokens"));
    same("cache_write", model, provider, u->cache_write, expected(t, want, "cache_write_tokens"));
    same("output", model, provider, u->output, expected(t, want, "output_tokens"));
    if (json_tree_get(t, want, "output_reasoning_tokens") != JSON_TREE_NONE)
        same("reasoning", model, provider, u->reasoning,
             expected(t, want, "output_reasoning_tokens"));
}

/* What the vendor's own price library makes of the same body: input and output apart. */
static void same_price(const struct json_tree *t, int reading, const struct price *p,
                       const struct usage *u, const char *model, const char *provider)
{
    struct usage input = *u;
    struct usage output = *u;
    int64_t want_input = 0;
    int64_t want_output = 0;

    bool rounded = false;

    assert_true(price_file_usd(json_tree_raw(t, json_tree_get(t, reading, "input_price")),
                               &want_input, &rounded));
    assert_true(price_file_usd(json_tree_raw(t, json_tree_get(t, reading, "output_price")),
                               &want_output, &rounded));
    assert_false(rounded);
    input.output = 0;
    /* The length decides the price of output too, so input stays and its cost is taken away. */
    same("input price", model, provider, price_cost_pusd(p, &input, DAY_UNIX_MS), want_input);
    same("output price", model, provider,
         price_cost_pusd(p, &output, DAY_UNIX_MS) - price_cost_pusd(p, &input, DAY_UNIX_MS),
         want_output);
}

static void read_body(const struct json_tree *t, int body, enum shape shape, struct usage *u)
{
    assert_true(usage_read(u, shape == SHAPE_ANTHROPIC ? USAGE_ANTHROPIC : USAGE_OPENAI,
                           json_tree_raw(t, json_tree_get(t, body, "usage"))));
}

/* One vendor's reading; true when it was run, price and all. */
static bool run_reading(const struct json_tree *t, const struct json_tree *data, int entry,
                        int group, int reading, struct tally *y)
{
    int body = json_tree_get(t, entry, "body");
    int want = json_tree_get(t, group, "usage");
    enum shape shape = shape_of(t, body);
    struct usage u = {0};
    struct price p;
    char provider[256];
    char flavor[256];
    char model[256];

    assert_non_null(get_text(t, reading, "provider_id", provider));
    assert_non_null(get_text(t, reading, "api_flavor", flavor));
    if (!speaks(shape, provider, flavor))
        return false;
    if (json_tree_get(t, reading, "input_price") == JSON_TREE_NONE) {
        /* Not for sale there: only these two readings know all fields that others have. */
        if (strcmp(provider, "openai") != 0 && strcmp(provider, "openrouter") != 0)
            return false;
        read_body(t, body, shape, &u);
        same_counts(t, want, &u, "(any)", provider);
        y->counted++;
        return false;
    }
    assert_non_null(get_text(t, entry, "model", model));
    if (expected(t, want, "input_audio_tokens") > 0 ||
        expected(t, want, "output_audio_tokens") > 0) {
        y->audio++;
        read_body(t, body, shape, &u);
        assert_string_equal(u.unknown, "prompt_tokens_details.audio_tokens");
        return false;
    }
    read_body(t, body, shape, &u);
    same_counts(t, want, &u, model, provider);
    if (!price_of(data, provider, model, &p)) {
        y->no_price_data++; /* the sum was made with prices that are not in data.json */
        return false;
    }
    same_price(t, reading, &p, &u, model, provider);
    note_vendor(y, provider);
    y->readings++;
    return true;
}

static void run_body(const struct json_tree *t, const struct json_tree *data, int entry,
                     struct tally *y)
{
    int groups = json_tree_get(t, entry, "extracted");
    bool run = false;

    y->bodies++;
    if (shape_of(t, json_tree_get(t, entry, "body")) == SHAPE_NATIVE) {
        y->native++;
        return;
    }
    for (int g = json_tree_first(t, groups); g != JSON_TREE_NONE; g = json_tree_after(t, g)) {
        int readings = json_tree_get(t, g, "extractors");

        for (int r = json_tree_first(t, readings); r != JSON_TREE_NONE; r = json_tree_after(t, r))
            run |= run_reading(t, data, entry, g, r, y);
    }
    y->run_bodies += run;
    y->unsold_bodies += !run;
}

static void test_all(void **state)
{
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    struct tally y = {0};
    struct text data = {0};
    struct text usages = {0};
    char command[512];

    (void)state;
    snprintf(command, sizeof(command), "cat %s/genai-prices/data.json 2>/dev/null", folder);
    if (!open_json(&data, command)) {
        close_json(&data);
        print_message("no %s/genai-prices: usage bodies are not compared\n", folder);
        skip();
    }
    snprintf(command, sizeof(command), "gzip -dc %s/genai-prices/usages.json.gz", folder);
    assert_true(open_json(&usages, command));
    for (int e = json_tree_first(&usages.tree, 0); e != JSON_TREE_NONE;
         e = json_tree_after(&usages.tree, e))
        run_body(&usages.tree, &data.tree, e, &y);
    print_message("%u bodies: %u run, exact in %u readings by %u vendors\n", y.bodies, y.run_bodies,
                  y.readings, y.vendors_run);
    print_message("counts alone are exact in %u more readings\n", y.counted);
    print_message(
        "left out: %u bodies in a native form (Gemini, Bedrock, Cohere), %u bodies of "
        "models that no vendor here sells under that dialect,\n          %u readings with "
        "audio tokens (another price), %u readings whose prices are not in the data\n",
        y.native, y.unsold_bodies, y.audio, y.no_price_data);
    assert_true(y.run_bodies > 300 && y.readings > 1000);
    assert_int_equal(y.bodies, y.run_bodies + y.native + y.unsold_bodies);
    close_json(&data);
    close_json(&usages);
}

/* ---- what those bodies do not have ---- */

static void test_more_shapes(void **state)
{
    static const struct {
        const char *json;
        enum usage_dialect dialect;
        struct usage want;
    } rows[] = {
        /* xAI: reasoning beside completion_tokens; the total tells */
        {"{\"prompt_tokens\":32,\"completion_tokens\":9,\"total_tokens\":135,"
         "\"completion_tokens_details\":{\"reasoning_tokens\":94}}",
         USAGE_OPENAI,
         {.input = 32, .output = 103, .reasoning = 94}},
        /* a total that is too small takes nothing away */
        {"{\"prompt_tokens\":32,\"completion_tokens\":9,\"total_tokens\":1}",
         USAGE_OPENAI,
         {.input = 32, .output = 9}},
        {"{\"input_tokens\":20,\"output_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":4,"
         "\"cache_write_tokens\":5},\"output_tokens_details\":{\"reasoning_tokens\":3}}",
         USAGE_OPENAI,
         {.input = 20, .cached = 4, .cache_write = 5, .output = 7, .reasoning = 3}},
        {"{\"input_tokens\":1,\"cache_read_input_tokens\":2,\"cache_creation_input_tokens\":30,"
         "\"cache_creation\":{\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20},"
         "\"output_tokens\":9,\"output_tokens_details\":{\"thinking_tokens\":8}}",
         USAGE_ANTHROPIC,
         {.input = 33,
          .cached = 2,
          .cache_write = 30,
          .output = 9,
          .reasoning = 8,
          .cache_write_1h = 20}},
        /* parts that contradict their whole */
        {"{\"prompt_tokens\":3,\"completion_tokens\":1,\"prompt_cache_hit_tokens\":9,"
         "\"cache_creation_input_tokens\":5,\"reasoning_tokens\":7}",
         USAGE_OPENAI,
         {.input = 3, .cached = 3, .output = 1, .reasoning = 1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct usage u = {0};
        struct usage want = rows[i].want;

        want.known = true;
        assert_true(usage_read(&u, rows[i].dialect, span_str(rows[i].json)));
        if (memcmp(&u, &want, sizeof(u)) != 0)
            fail_msg("%s", rows[i].json);
    }
}

static void test_unknown_fields(void **state)
{
    static const struct {
        const char *json;
        const char *unknown;
    } rows[] = {
        {"{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}", ""},
        {"{\"prompt_tokens\":1,\"citation_tokens\":7}", "citation_tokens"},
        {"{\"prompt_tokens\":1,\"citation_tokens\":0,\"image_count\":2}", "image_count"},
        {"{\"prompt_tokens\":1,\"citation_tokens\":\"7\",\"queue_time\":0.5}", ""},
        {"{\"prompt_tokens\":1,\"prompt_tokens_details\":{\"text_tokens\":1,\"audio_tokens\":3}}",
         "prompt_tokens_details.audio_tokens"},
        {"{\"prompt_tokens\":1,\"tool\":{\"prompt_tokens\":3}}", "tool.prompt_tokens"},
        {"{\"input_tokens\":1,\"output_tokens\":1,\"iterations\":[{\"type\":\"message\","
         "\"input_tokens\":1},{\"type\":\"compaction\",\"input_tokens\":100}]}",
         "iterations.input_tokens"},
        {"{\"input_tokens\":1,\"output_tokens\":1,\"iterations\":[{\"type\":\"message\","
         "\"input_tokens\":1}]}",
         ""},
        {"{\"prompt_tokens\":1,\"a_name_that_is_much_longer_than_any_that_a_vendor_has_tokens\":1}",
         "a_name_that_is_much_longer_than_..."},
        {"{\"prompt_tokens\":1,\"x\\n_tokens\":1}", "x\\n_tokens"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct usage u = {0};

        assert_true(usage_read(&u, USAGE_OPENAI, span_str(rows[i].json)));
        assert_string_equal(u.unknown, rows[i].unknown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_more_shapes),
        cmocka_unit_test(test_unknown_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
