#include <stdio.h>
#include <string.h>

#include "gateway/decide.h"
#include "run_command.h"

static struct settings settings;
static char told[4096];

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static void tell(void *ctx, struct span line)
{
    (void)ctx;
    strncat(told, line.ptr, line.len);
    strcat(told, "\n");
}

#define MODELS                                                                                     \
    "[upstream s]\ndialect = standin\n[model a]\nupstream = s\ninput = 1\noutput = 2\n"            \
    "[model v@1/b]\nupstream = s\ninput = 10\noutput = 20\n[model c]\nupstream = s\nfree = yes\n"

static bool read_settings(const char *text)
{
    struct config_errors errors = {.tell = tell, .file = "f"};

    told[0] = '\0';
    return settings_read(&settings, span_str(text), no_environment, &errors);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *route;
        const char *part;
    } rows[] = {
        {"tiers = x\n", "there is no [model x]"},
        {"tiers = a@1.5, c\n", "has a bar that is no score"},
        {"tiers = a@0.8,, c\n", "names no model where one must stand"},
        {"tiers = a*0, c\n", "has a weight that is not 1 to 100"},
        {"tiers = a*x, c\n", "no whole number behind '*'"},
        {"tiers = a|a|a|a\n", "more than 3 models"},
        {"tiers = a,a,a,a,a\n", "more than 4 tiers"},
        {"fallback = a,a,a,a,a\n", "more than 4 models"},
        {"fallback = nobody\n", "there is no [model nobody]"},
        {"has = wings\n", "none of tools, images, json"},
        {"header = X-App\n", "is no header field"},
        {"min_tokens = 9\nmax_tokens = 8\n", "nothing would ever match"},
        {"stop = sentinel\n", "has a rule without its value"},
        {"conciseness = "
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
         "01234567890123456789012345678\n",
         "is too long"},
        {"tiers = a@0.8\nlearn = yes\n", "learn needs two tiers"},
        {"tiers = a, c\nlearn = yes\n", "learn needs two tiers, and a score"},
        {"skip_above = 2\n", "is no gain of 0 to 1"},
        {"shadow = 2\n", "is no whole number of percent of 0% to 100%"},
        {"shadow = 101%\n", "of 0% to 100%"},
        {"switch = 0.1\n", "of 0% to 1000%"},
        {"difficulty = 0.4\n", "is no bound such as < 0.4"},
        {"difficulty = < 4\n", "is no bound such as < 0.4"},
        {"difficulty = < 0.4\n", "train --difficulty"},
        {"tiers = a@0.8 > c\n", "has a '>': tiers stand with commas"},
        {"tier = a\n", "did you mean \"tiers\"?"},
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        strcpy(text, MODELS "[route r]\n");
        strcat(text, rows[i].route);
        assert_false(read_settings(text));
        if (strstr(told, rows[i].part) == NULL)
            fail_msg("%s: %s", rows[i].route, told);
    }
    assert_false(read_settings(MODELS "[route a]\n"));
    assert_non_null(strstr(told, "has the name of a model"));
    assert_false(read_settings(MODELS "[budget b]\nlimit = 1\non_exceed = route z\n"));
    assert_non_null(strstr(told, "on_exceed names a route that is not there"));
}

static void test_learning_is_bounded(void **state)
{
    char text[2048] = MODELS;

    (void)state;
    for (int i = 0; i < 5; i++) {
        char route[128];

        snprintf(route, sizeof route, "[route r%d]\ntiers = a@0.8, c\nlearn = yes\n", i);
        strcat(text, route);
        assert_int_equal(read_settings(text), i < 4);
    }
    assert_non_null(strstr(told, "learn: no more than 4 routes can"));
    assert_false(read_settings(MODELS "[route a/b]\ntiers = a@0.8, c\nlearn = yes\n"));
    assert_non_null(strstr(told, "which has a '/'"));
    assert_true(read_settings(MODELS "[route r]\ntiers = a@0.8, c\nshadow = 2%\nswitch = 20%\n"
                                     "[route s]\ntiers = a\n"));
    assert_int_equal(settings.routes[0].shadow_milli, 20);
    assert_int_equal(settings.routes[0].switch_milli, 200);
    assert_int_equal(settings.routes[0].skip_above_milli, 600);
    assert_int_equal(settings.routes[1].switch_milli, -1);
}

static void test_tiers_are_read(void **state)
{
    const struct route_settings *r = &settings.routes[0];

    (void)state;
    assert_true(read_settings(MODELS "[route r]\ntiers = c * 3 | a @ .75, v@1/b@0.9, v@1/b\n"));
    assert_int_equal(r->tier_count, 3);
    assert_int_equal(r->tiers[0].count, 2);
    assert_string_equal(r->tiers[0].choices[0].model, "c");
    assert_int_equal(r->tiers[0].choices[0].weight, 3);
    assert_int_equal(r->tiers[0].choices[1].model_index, 0);
    assert_int_equal(r->tiers[0].bar_milli, 750);
    assert_string_equal(r->tiers[1].choices[0].model, "v@1/b");
    assert_int_equal(r->tiers[1].bar_milli, 900);
    assert_true(route_judges(r, 0) && route_judges(r, 1) && !route_judges(r, 2));
    assert_string_equal(r->stop, "");
    assert_string_equal(r->conciseness, "");
}

static void test_ends_are_read(void **state)
{
    const struct route_settings *r = &settings.routes[0];

    (void)state;
    assert_true(read_settings(MODELS "[route r]\nstop = sentinel:\"#\", json\nconciseness = yes\n"
                                     "[route s]\nstop = off\nconciseness = no\n"));
    assert_string_equal(r[0].stop, "sentinel:\"#\", json");
    assert_true(r[0].conciseness[0] != '\0');
    assert_string_equal(r[1].stop, "");
    assert_string_equal(r[1].conciseness, "");
    assert_true(read_settings(MODELS "[route r]\nconciseness = Be brief.\n"));
    assert_string_equal(r[0].conciseness, "Be brief.");
}

static const char *chosen(const char *key, const struct route_facts *f, const char *named)
{
    struct key_settings k = {0};
    struct decision d;

    strcpy(k.routes, key);
    switch (decide_route(&settings, key[0] != '\0' ? &k : NULL, f, span_str(named), &d)) {
    case DECIDE_OK:
        return d.route != NULL ? d.route->name : "-";
    case DECIDE_NO_ROUTE:
        return "no route";
    case DECIDE_NOT_ALLOWED:
        return "not allowed";
    case DECIDE_NO_MODEL:
        break;
    }
    return "no model";
}

static void test_first_match(void **state)
{
    struct route_facts f = {.model = SPAN("auto"), .workload = SPAN("unknown")};

    (void)state;
    assert_true(read_settings(MODELS "[route pictures]\nhas = images, tools\ntiers = v@1/b\n"
                                     "[route code]\nworkload = code, translation\nmin_tokens = 10\n"
                                     "max_tokens = 20\ntiers = a\n"
                                     "[route shop]\nkey = till*\ntiers = c\n"
                                     "[route plain]\nmodel = gpt-*, auto\ntiers = a\n"));
    assert_string_equal(chosen("", &f, ""), "plain");
    f.has = ROUTE_HAS_IMAGES;
    assert_string_equal(chosen("", &f, ""), "plain");
    f.has = ROUTE_HAS_IMAGES | ROUTE_HAS_TOOLS | ROUTE_HAS_JSON;
    assert_string_equal(chosen("", &f, ""), "pictures");
    f.has = 0;
    f.workload = SPAN("code");
    f.input_tokens = 9;
    assert_string_equal(chosen("", &f, ""), "plain");
    f.input_tokens = 10;
    assert_string_equal(chosen("", &f, ""), "code");
    f.input_tokens = 21;
    assert_string_equal(chosen("", &f, ""), "plain");
    f.key = SPAN("till-2");
    assert_string_equal(chosen("", &f, ""), "shop");
    assert_string_equal(chosen("plain", &f, ""), "plain");
    assert_string_equal(chosen("plain", &f, "shop"), "not allowed");
    assert_string_equal(chosen("", &f, "nowhere"), "no route");
    f.key = SPAN_EMPTY;
    f.model = SPAN("code");
    f.workload = SPAN_EMPTY;
    assert_string_equal(chosen("", &f, ""), "code"); /* by its name, whatever it matches */
    f.model = SPAN("a");
    assert_string_equal(chosen("", &f, ""), "-");
    f.model = SPAN("b");
    assert_string_equal(chosen("", &f, ""), "no model");
}

/* The most it can cost is all tiers, one after another, each with its dearest model. */
static void test_bound(void **state)
{
    static struct json_object scratch;
    struct bound_terms terms = {.unix_ms = 0};
    struct decide_bound b;
    struct decision d;
    struct request r;
    int64_t in;

    (void)state;
    assert_true(read_settings(MODELS "[route r]\ntiers = c|a@0.5, v@1/b\nmax_output = 50\n"));
    assert_true(request_read(
        &r, API_CHAT, SPAN("{\"model\":\"r\",\"messages\":[],\"max_tokens\":100}"), &scratch));
    d = (struct decision){.route = &settings.routes[0]};
    assert_true(decide_bound(&settings, &r, &d, &terms, &b));
    in = b.input_tokens;
    assert_true(in >= (int64_t)r.body.len);
    assert_int_equal(b.output_tokens, 50);
    assert_int_equal(b.total_pusd, (in * 1 + 50 * 2 + in * 10 + 50 * 20) * 1000000);
}

static void test_commands(void **state)
{
    char path[] = "/tmp/farthing-route-XXXXXX";
    char *eval_argv[] = {"route", "-c", path};
    char *route_argv[] = {"-c", path};
    static const char config[] = MODELS "[route r]\nmodel = auto\ntiers = c@0.8, a\n";
    static const char lines[] = "{\"prompt\":\"What is \\\"love\\\"?\"}\n{\"prompt\":5}\n"
                                "{\"request\":{\"model\":\"c\",\"messages\":[]}}\n";
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, config, sizeof(config) - 1), sizeof(config) - 1);
    close(fd);
    assert_int_equal(run_command(command_eval, 3, eval_argv, lines, sizeof(lines) - 1), COMMAND_OK);
    assert_non_null(strstr(out_text, "\"route\":\"r\",\"tiers\":[\"c@0.800\",\"a\"]"));
    assert_non_null(strstr(out_text, "{\"error\":\"\\\"prompt\\\" is no text\"}"));
    assert_non_null(strstr(out_text, "\"route\":null,\"tiers\":[\"c\"]"));
    assert_non_null(strstr(err_text, "1 match a route"));
    assert_int_equal(run_command(command_route, 2, route_argv, "Hello\nthere", 11), COMMAND_OK);
    assert_non_null(strstr(out_text, "delivered at a score of 0.800"));
    assert_int_equal(run_command(command_route, 2, route_argv, lines, sizeof(lines) - 1),
                     COMMAND_FAILED);
    assert_non_null(strstr(out_text, "no request: it names no model"));
    assert_int_equal(run_command(command_route, 2, route_argv, "", 0), COMMAND_USAGE);
    assert_int_equal(run_command(command_route, 0, route_argv, "x", 1), COMMAND_USAGE);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_refused), cmocka_unit_test(test_learning_is_bounded),
        cmocka_unit_test(test_tiers_are_read),  cmocka_unit_test(test_ends_are_read),
        cmocka_unit_test(test_first_match),     cmocka_unit_test(test_bound),
        cmocka_unit_test(test_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
