#include <stdio.h>
#include <string.h>

#include "llm/price_file.h"
#include "run_command.h"

static void test_numbers(void **state)
{
    static const struct {
        const char *number;
        int64_t pusd; /* -1: refused */
        bool rounded;
    } rows[] = {
        {"1.5e-07", 150000, false},
        {"1.5E-7", 150000, false},
        {"3e-06", 3000000, false},
        {"0.000003", 3000000, false},
        {"0.0", 0, false},
        {"0", 0, false},
        {"0e500", 0, false},
        {"1e-12", 1, false},
        {"10e-13", 1, false},
        {"1e-13", 1, true},
        {"1.0000000000000001e-07", 100001, true},
        {"2.9999900000000002e-06", 2999991, true},
        {"1e-900", 1, true},
        {"15", INT64_C(15000000000000), false},
        {"1E+1", INT64_C(10000000000000), false},
        {"0.00000000000000000000000000000000000000015e33", 150000, false},
        {"123456789012345678901234567890e-30", INT64_C(123456789013), true},
        {"9223372", INT64_C(9223372000000000000), false},
        {"9223373", -1, false},
        {"1e9", -1, false},
        {"1e99999999999999999999", -1, false},
        {"-1e-07", -1, false},
        {"", -1, false},
        {"1e", -1, false},
        {"true", -1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool rounded = false;
        int64_t pusd = -1;
        bool ok = price_file_usd(span_str(rows[i].number), &pusd, &rounded);

        if (ok != (rows[i].pusd >= 0) || pusd != rows[i].pusd || rounded != rows[i].rounded)
            fail_msg("%s: %lld", rows[i].number, (long long)pusd);
    }
}

static const char list[] =
    "{\"last_updated\":\"2026\",\n"
    "\"a/m\":{\"mode\":\"chat\",\"litellm_provider\":\"a\",\"input_cost_per_token\":1.5e-07,"
    "\"output_cost_per_token\":6e-7,\"output_cost_per_token_above_200k_tokens\":2e-6,"
    "\"input_cost_per_token_above_128k_tokens\":3E-07,"
    "\"cache_read_input_token_cost\":0.0,\"input_cost_per_token_cache_hit\":7.5e-08,"
    "\"cache_creation_input_token_cost_above_1hr_above_128k_tokens\":4e-6,"
    "\"input_cost_per_token_above_128k_tokens_priority\":9,\"input_cost_per_token_batches\":9,"
    "\"max_input_tokens\":128000,\"max_output_tokens\":\"none\",\"extra\":{\"input_cost_per_"
    "token\":9},"
    "\"output_cost_per_reasoning_token\":8e-7},\n"
    "\"banded\":{\"tiered_pricing\":[{\"input_cost_per_token\":5e-8,\"range\":[0,256000.0]}]},\n"
    "\"half\":{\"input_cost_per_token\":1e-6,\"output_cost_per_token\":\"1\"}}";

struct seen {
    size_t count;
    struct price_file_model models[4];
};

static void take(void *ctx, const struct price_file_model *m)
{
    struct seen *s = ctx;

    assert_true(s->count < 4);
    s->models[s->count++] = *m;
}

static void check_list(const struct seen *s)
{
    const struct price_file_model *m = &s->models[0];

    assert_int_equal(s->count, 3);
    assert_string_equal(m->name, "a/m");
    assert_string_equal(m->provider, "a");
    assert_string_equal(m->mode, "chat");
    assert_int_equal(m->price.base.input_pusd, 150000);
    assert_int_equal(m->price.base.output_pusd, 600000);
    assert_int_equal(m->price.base.cached_input_pusd, 75000);
    assert_true(m->price.base.cache_write_pusd == CONFIG_UNSET);
    assert_int_equal(m->price.above_tokens, 128000);
    assert_int_equal(m->price.above.input_pusd, 300000);
    assert_int_equal(m->price.above.cache_write_1h_pusd, 4000000);
    assert_true(m->price.above.output_pusd == CONFIG_UNSET); /* it has another threshold */
    assert_true(m->more_tiers && !m->banded && !m->rounded && !m->name_cut);
    assert_int_equal(m->context_tokens, 128000);
    assert_int_equal(m->max_output_tokens, 0);
    assert_int_equal(m->reasoning_pusd, 800000);
    assert_true(s->models[1].banded && !price_is_known(&s->models[1].price));
    assert_false(price_is_known(&s->models[2].price));
}

/* At once, and in two pieces cut at every byte. */
static void test_any_split(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof(list); cut++) {
        struct price_file f;
        struct seen s = {0};

        price_file_start(&f, take, &s);
        assert_int_equal(price_file_feed(&f, span_of(list, cut)), PARSE_MORE);
        assert_int_equal(price_file_feed(&f, span_of(list + cut, sizeof(list) - 1 - cut)),
                         PARSE_MORE);
        assert_int_equal(price_file_finish(&f), PARSE_DONE);
        check_list(&s);
        if (cut + 2 == sizeof(list))
            break;
    }
}

static void test_byte_by_byte_and_bad(void **state)
{
    static const char *const bad[] = {"", "{\"m\":{\"input_cost_per_token\":1.e5}}", "{\"m\":{}",
                                      "{\"m\":{}} x"};
    struct price_file f;
    struct seen s = {0};

    (void)state;
    price_file_start(&f, take, &s);
    for (size_t i = 0; i + 1 < sizeof(list); i++)
        assert_int_equal(price_file_feed(&f, span_of(list + i, 1)), PARSE_MORE);
    assert_int_equal(price_file_finish(&f), PARSE_DONE);
    check_list(&s);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&s, 0, sizeof(s));
        price_file_start(&f, take, &s);
        assert_true(price_file_feed(&f, span_str(bad[i])) == PARSE_BAD ||
                    price_file_finish(&f) == PARSE_BAD);
    }
}

/* ---- the command ---- */

static char list_name[64];

static void write_list(void)
{
    int fd;

    strcpy(list_name, "/tmp/farthing-test-XXXXXX");
    fd = mkstemp(list_name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, list, sizeof(list) - 1), sizeof(list) - 1);
    close(fd);
}

static void test_command(void **state)
{
    char *names[] = {list_name};
    char *one[] = {list_name, "a/m"};
    char *some[] = {list_name, "m", "banded", "half", "a/m"};
    char *option[] = {"-x"};
    char *absent[] = {"/no/such/file"};

    (void)state;
    write_list();
    assert_int_equal(run_command(command_prices, 1, names, "", 0), COMMAND_OK);
    assert_string_equal(out_text, "a/m\n");
    assert_int_equal(run_command(command_prices, 2, one, "", 0), COMMAND_OK);
    assert_string_equal(out_text, "[model m]\nupstream = a\n"
                                  "# the list has more thresholds than the lowest\n"
                                  "# output is priced as reasoning, which the list has dearer\n"
                                  "input = 0.15\ncached_input = 0.075\noutput = 0.8\n"
                                  "above = 128000\ninput_above = 0.3\ncache_write_1h_above = 4\n"
                                  "context = 128000\n\n");
    assert_int_equal(run_command(command_prices, 5, some, "", 0), COMMAND_FAILED);
    assert_non_null(strstr(out_text, "[model m]"));
    assert_non_null(strstr(err_text, "m: the list has no such model; nearest: a/m\n"));
    assert_non_null(strstr(err_text, "banded: its prices are bands"));
    assert_non_null(strstr(err_text, "half: the list has no price of a token"));
    unlink(list_name);
    assert_int_equal(run_command(command_prices, 0, NULL, "", 0), COMMAND_USAGE);
    assert_int_equal(run_command(command_prices, 1, option, "", 0), COMMAND_USAGE);
    assert_int_equal(run_command(command_prices, 1, absent, "", 0), COMMAND_FAILED);
}

/* What the command writes for models of the real list is what a configuration takes. */
static void test_real_list(void **state)
{
    static const char head[] = "[upstream anthropic]\nurl = http://127.0.0.1:1\n"
                               "[upstream openai]\nurl = http://127.0.0.1:1\n"
                               "[upstream gemini]\nurl = http://127.0.0.1:1\n";
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    char path[512];
    char name[] = "/tmp/farthing-test-XXXXXX";
    char *models[] = {path, "claude-sonnet-4-5", "gpt-4o", "gemini/gemini-2.5-pro"};
    char *eval[] = {"usage", "-c", name};
    static const char in[] =
        "{\"dialect\":\"anthropic\",\"model\":\"claude-sonnet-4-5\",\"body\":{\"usage\":{"
        "\"input_tokens\":401468,\"output_tokens\":792}}}\n"
        "{\"dialect\":\"openai\",\"model\":\"gpt-4o\",\"body\":{\"usage\":{\"prompt_tokens\":10,"
        "\"completion_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":4}}}}\n";
    int fd;

    (void)state;
    snprintf(path, sizeof(path), "%s/prices/model_prices.json", folder);
    if (access(path, R_OK) != 0) {
        print_message("no %s: the real price list is not read\n", path);
        skip();
    }
    assert_int_equal(run_command(command_prices, 4, models, "", 0), COMMAND_OK);
    fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, head, sizeof(head) - 1), sizeof(head) - 1);
    assert_int_equal(write(fd, out_text, strlen(out_text)), (ssize_t)strlen(out_text));
    close(fd);
    assert_int_equal(run_command(command_eval, 3, eval, in, sizeof(in) - 1), COMMAND_OK);
    unlink(name);
    assert_non_null(strstr(out_text, "\"cost\":2.426628000000}\n"));
    assert_non_null(strstr(out_text, "\"cost\":0.000030000000}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_any_split),
        cmocka_unit_test(test_byte_by_byte_and_bad),
        cmocka_unit_test(test_command),
        cmocka_unit_test(test_real_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
