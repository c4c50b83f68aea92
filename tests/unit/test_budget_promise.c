/* The promise of a cap, under everything that can happen: thousands of random stories over the
 * whole gateway on the fake machine. The vendor honours max_tokens and bills what it reports;
 * clients ask, leave, and ask too much; connections break; the clock jumps; the process is stopped,
 * and killed at any write to the disk. At every moment, for every budget and period, what the
 * ledger says was spent stays within the limit, and what the gateway believes is what the ledger
 * says. */
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
#include "../sim/traffic.c"

enum { STORIES = 400, STEPS = 60 };

static void step(void)
{
    switch (pick(16)) {
    case 0:
        traffic_leave();
        break;
    case 1:
        scene_run(&traffic.scene, (int64_t)pick(4000000));
        break;
    case 2:
        fake_set_wall_ms(fake_machine.now_ms + fake_machine.wall_offset_ms +
                         (int64_t)pick(20000000) - 10000000);
        break;
    case 3:
        if (pick(4) == 0)
            traffic_stop();
        break;
    case 4:
        if (pick(3) == 0)
            traffic_reboot();
        else
            fake_disk_stop_at(1 + (int)pick(12)); /* it will die in a write to come */
        break;
    case 5:
    case 6:
        scene_run(&traffic.scene, (int64_t)pick(3000));
        break;
    default:
        traffic_ask();
        break;
    }
    scene_settle(&traffic.scene);
    if (fake_disk_stopped())
        traffic_reboot();
}

static void tell(uint64_t seed)
{
    struct scene_options options = {.seed = seed, .chop = seed % 5 == 0 ? FAKE_RANDOM : FAKE_WHOLE};
    bool tiered = seed % 4 != 0; /* with tiers, a fallback and the cache */
    char config[TRAFFIC_CONFIG_BYTES];
    struct fmt f;
    fmt_init(&f, config, sizeof config - 1);
    fmt_str(&f, "ledger.max_size = 64K\nledger.keep = 5\nup.first_byte_timeout = 20s\n"
                "[budget house]\nper = day\nlimit = ");
    fmt_str(&f, tiered ? "0.0048" : "0.0012");
    fmt_str(&f, "\nclamp = ");
    fmt_str(&f, seed % 2 == 0 ? "yes" : "no");
    fmt_str(&f, tiered ? "\n[budget talk]\nlimit = 0.0035" : "\n[budget talk]\nlimit = 0.0009");
    fmt_str(&f, "\nof = each session\nper = ");
    fmt_str(&f, seed % 3 == 0 ? "hour" : "total");
    fmt_str(&f, "\n");
    if (tiered)
        fmt_str(&f, "[cache]\nttl = 10m\n"
                    "[model big]\nupstream = up\ninput = 2\noutput = 5\n"
                    "[model spare]\nupstream = up\ninput = 1\noutput = 3\n"
                    "[route auto]\nmodel = auto\ntiers = m@0.8, big\nfallback = spare\n");
    traffic_open(fmt_span(&f), &options);
    traffic.texts = tiered ? 6 : 0;
    for (int i = 0; i < STEPS; i++) {
        step();
        traffic_check();
    }
    fake_disk_stop_at(0);
    scene_run(&traffic.scene, 1200000);
    if (traffic.scene.gateway != NULL && !fake_disk_stopped()) {
        assert_int_equal(budget_held_pusd(&traffic.scene.gateway->budgets), 0);
        traffic_check();
    }
    traffic_count_tags();
    scene_end(&traffic.scene);
}

static void no_story_breaks_a_cap(void **state)
{
    const char *only = getenv("STORY");
    int64_t answered = 0;
    int64_t escalated = 0;
    int64_t fell_back = 0;
    int64_t hits = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= STORIES; seed++) {
        if (only != NULL && strtoull(only, NULL, 10) != seed)
            continue;
        print_message(only != NULL ? "story %llu\n" : "", (unsigned long long)seed);
        tell(seed);
        answered += traffic.answered;
        escalated += traffic.escalated;
        fell_back += traffic.fell_back;
        hits += traffic.hits;
    }
    print_message("%lld calls were answered in %d stories, %lld lines by escalation, %lld by "
                  "fallback, %lld without a call\n",
                  (long long)answered, STORIES, (long long)escalated, (long long)fell_back,
                  (long long)hits);
    assert_true(only != NULL || (answered > STORIES * 5 && escalated > STORIES / 4 &&
                                 fell_back > STORIES / 4 && hits > STORIES / 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_story_breaks_a_cap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
