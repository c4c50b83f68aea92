/* Every scenario of tests/sim/scenarios, at once, byte by byte, at random splits; and with every
 * pool, lease, descriptor and write made to fail at each of its first takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "../sim/fake_disk.c"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/scene.c"
#include "../sim/script.c"
#include "config/file.h"

enum {
    SCENARIOS_MAX = 256,
    SCENARIO_BYTES = 1 << 18,
    RANDOM_RUNS = 12,
    FAULTS_AT_MAX = 8, /* no scenario takes more of anything before its first answer */
};

#define SCENARIOS "tests/sim/scenarios"

static struct scenario {
    char name[256];
    char *text;
    size_t len;
} scenarios[SCENARIOS_MAX];
static size_t scenario_count;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct scenario *)a)->name, ((const struct scenario *)b)->name);
}

static int load(void **state)
{
    DIR *d = opendir(SCENARIOS);
    const char *only = getenv("SCENARIO");
    (void)state;
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char path[512];
        struct scenario *s = &scenarios[scenario_count];
        if (strstr(e->d_name, ".txt") == NULL || (only != NULL && strstr(e->d_name, only) == NULL))
            continue;
        assert_true(scenario_count < SCENARIOS_MAX);
        snprintf(s->name, sizeof s->name, "%s", e->d_name);
        snprintf(path, sizeof path, SCENARIOS "/%s", e->d_name);
        s->text = malloc(SCENARIO_BYTES);
        assert_int_equal(config_file_read(path, s->text, SCENARIO_BYTES, &s->len), 0);
        scenario_count++;
    }
    closedir(d);
    qsort(scenarios, scenario_count, sizeof scenarios[0], by_name);
    assert_true(scenario_count > 0);
    return 0;
}

static int run(const struct scenario *s, const struct scene_options *o)
{
    char why[2048];
    struct fmt f;
    fmt_init(&f, why, sizeof why - 1);
    if (script_run(span_of(s->text, s->len), o, &f))
        return 0;
    fmt_cstr(&f);
    print_error("%s (chop %d, seed %llu): %s\n", s->name, (int)o->chop, (unsigned long long)o->seed,
                why);
    return 1;
}

static void run_all(struct scene_options o)
{
    int failures = 0;
    for (size_t i = 0; i < scenario_count; i++)
        failures += run(&scenarios[i], &o);
    assert_int_equal(failures, 0);
}

static void every_scenario_at_once(void **state)
{
    (void)state;
    run_all((struct scene_options){.seed = 1, .chop = FAKE_WHOLE});
}

static void every_scenario_byte_by_byte(void **state)
{
    (void)state;
    run_all((struct scene_options){.seed = 1, .chop = FAKE_BYTES});
}

static void every_scenario_at_random_splits(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= RANDOM_RUNS; seed++)
        run_all((struct scene_options){.seed = seed, .chop = FAKE_RANDOM});
}

static void every_scenario_with_every_fault(void **state)
{
    (void)state;
    for (int fault = SCENE_FAULT_NONE + 1; fault < SCENE_FAULT_COUNT; fault++)
        for (int at = 1; at <= FAULTS_AT_MAX; at++)
            run_all((struct scene_options){.seed = (uint64_t)at,
                                           .chop = at % 2 == 0 ? FAKE_RANDOM : FAKE_WHOLE,
                                           .fault = (enum scene_fault)fault,
                                           .fault_at = at});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_at_once),
        cmocka_unit_test(every_scenario_byte_by_byte),
        cmocka_unit_test(every_scenario_at_random_splits),
        cmocka_unit_test(every_scenario_with_every_fault),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
