/* The overview of a gateway that has as much of everything as a document may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "../sim/fake_disk.c"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/scene.c"
#include "gateway/metrics.h"
#include "json/tree.h"

enum { NODES = 16384 };

static struct scene scene;
static char config[SCENE_CONFIG_BYTES];
static char document[OVERVIEW_BYTES_MAX];

/* As long as a name may be, and different. */
static void long_name(char *out, size_t bytes, char kind, int number)
{
    struct fmt f;
    memset(out, kind, bytes - 1);
    out[bytes - 1] = '\0';
    fmt_init(&f, out, 8);
    fmt_char(&f, kind);
    fmt_u64(&f, (uint64_t)number);
}

static struct span make_config(void)
{
    char name[CONFIG_NAME_BYTES];
    struct fmt f;
    fmt_init(&f, config, sizeof config);
    fmt_str(&f, "server.memory = 16M\nserver.connections = 8\n[cache]\nttl = 1h\n");
    for (int i = 0; i < UPSTREAM_MAX - 1; i++) {
        long_name(name, 36, 'u', i);
        fmt_str(&f, "[upstream ");
        fmt_str(&f, name);
        fmt_str(&f, "]\nurl = http://10.0.0.9:8000\n");
    }
    for (int i = 0; i < BUDGET_MAX; i++) {
        long_name(name, 36, 'b', i);
        fmt_str(&f, "[budget ");
        fmt_str(&f, name);
        fmt_str(&f, "]\nper = month\nof = each session\nlimit = 123456.789012\n");
    }
    return fmt_span(&f);
}

/* A line in each bucket of each range, for each of many names, with sums of twenty digits. */
static void put_ledger(void)
{
    static char text[8 * 1024 * 1024];
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    ledger_head_write(&f);
    for (int i = 0; i < 31 * 8 * 24; i++) {
        char model[LEDGER_NAME_BYTES];
        char label[LEDGER_LABEL_BYTES];
        struct ledger_line line = {
            .time_unix_ms = SCENE_WALL_MS - 31 * INT64_C(86400000) + i * INT64_C(450000),
            .id = SPAN("fg-0123456789abcdef"),
            .tier = 1 + (uint32_t)i % 4,
            .input = 999999999,
            .cached = 99999999,
            .output = 99999999,
            .cost_pusd = 123456789012,
            .baseline_pusd = 323456789011,
            .status = 200,
            .total_ms = 1000000,
            .first_byte_ms = 100000,
            .tags = 0xffff,
        };
        long_name(model, sizeof model, 'm', i % 9);
        long_name(label, sizeof label, 'l', i);
        line.key = line.route = line.asked = line.used = span_str(model);
        line.workload = span_part(span_str(model), 0, 60);
        line.label = span_str(label);
        assert_true(ledger_line_write(&line, &f));
    }
    fake_disk_put(SCENE_LEDGER, fmt_span(&f));
}

static size_t write_document(const struct overview_query *q)
{
    struct fmt f;
    fmt_init(&f, document, sizeof document);
    overview_write(scene.gateway, q, &f);
    assert_true(fmt_ok(&f));
    return fmt_span(&f).len;
}

static void the_fullest_document_fits(void **state)
{
    static struct json_token tokens[NODES];
    static int next[NODES];
    const struct scene_options options = {.seed = 1};
    size_t most = 0;
    (void)state;
    assert_true(scene_open(&scene, SPAN(""), &options));
    scene_end(&scene);
    memset(&scene, 0, sizeof scene);
    fake_disk_reset(1);
    fake_set_wall_ms(SCENE_WALL_MS);
    put_ledger();
    assert_true(scene_start(&scene, make_config()));
    struct gateway *g = scene.gateway;
    assert_non_null(g->trend);
    scene_run(&scene, 1000);
    assert_false(past_running(&g->past));
    assert_true(g->trend->all.calls == 31 * 8 * 24);
    for (size_t i = 0; i < g->current->settings.upstream_count; i++) {
        struct upstream *u = &g->current->upstreams[i];
        memset(u->last_failure, '"', sizeof u->last_failure - 1); /* two bytes each */
        u->last_failure_wall_ms = SCENE_WALL_MS;
    }
    for (int r = 0; r < TREND_RANGES; r++)
        for (int by = 0; by < TREND_DIMENSIONS; by++) {
            const struct overview_query q = {(enum trend_range)r, (enum trend_by)by};
            struct json_tree tree;
            size_t len = write_document(&q);
            most = len > most ? len : most;
            assert_int_equal(json_tree_read(&tree, span_of(document, len), tokens, next, NODES),
                             JSON_TREE_OK);
        }
    for (int i = 0; i < METERS_MODELS * 3; i++) {
        char model[METERS_NAME_BYTES];
        long_name(model, sizeof model, 'm', i);
        for (unsigned tag = 0; tag < 16; tag++) {
            const struct ledger_line line = {.used = span_str(model),
                                             .route = span_str(model),
                                             .tier = 1,
                                             .input = INT64_MAX / 2,
                                             .output = INT64_MAX / 2,
                                             .total_ms = INT64_MAX / 2,
                                             .first_byte_ms = INT64_MAX / 2,
                                             .baseline_pusd = INT64_MAX / 2,
                                             .tags = (1u << tag) & ~(uint32_t)TAG_HIT};
            meters_line(&g->meters, &line, "text_completion", span_str(model));
        }
    }
    for (uint32_t i = 0; i < 2 * METRICS_ACCOUNTS_MAX; i++) {
        char session[BUDGET_SUBJECT_BYTES];
        long_name(session, sizeof session, 's', (int)i);
        budget_replay(&g->budgets, &(struct budget_subject){.session = span_str(session)}, 1,
                      SCENE_WALL_MS);
    }
    static char metrics[METRICS_BYTES_MAX];
    struct fmt f;
    fmt_init(&f, metrics, sizeof metrics);
    metrics_write(g, &f);
    assert_true(fmt_ok(&f));
    print_message("the fullest metrics have %zu of %d bytes\n", fmt_span(&f).len,
                  METRICS_BYTES_MAX);
    print_message("the fullest document has %zu of %d bytes\n", most, OVERVIEW_BYTES_MAX);
    assert_true(most > OVERVIEW_BYTES_MAX / 2);
    scene_end(&scene);
}

static void queries_are_read(void **state)
{
    struct overview_query q;
    (void)state;
    assert_true(overview_query_read(&q, SPAN_EMPTY));
    assert_true(q.range == TREND_DAY && q.by == TREND_MODEL);
    assert_true(overview_query_read(&q, SPAN("by=key&range=month")));
    assert_true(q.range == TREND_MONTH && q.by == TREND_KEY);
    const char *const bad[] = {"range=", "range", "by=models", "range=day&", "x=1", "range=day&by"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (overview_query_read(&q, span_str(bad[i])) && strcmp(bad[i], "range=day&") != 0)
            fail_msg("%s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fullest_document_fits),
        cmocka_unit_test(queries_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
