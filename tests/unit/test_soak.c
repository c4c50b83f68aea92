/* A year of a household's traffic in virtual time: working days and nights, a vendor that fails, a
 * WAN that is away, a disk that is full, clocks that are set, reloads, restarts and power cuts.
 * Once a day the gateway must be idle as on its first day, every budget what the ledger says and
 * below its limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../sim/fake_disk.c"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/scene.c"
#include "../sim/traffic.c"

/* Under a sanitizer a tenth as fast. */
#if defined(__SANITIZE_ADDRESS__)
enum { DAYS = 122 };
#else
enum { DAYS = 366 };
#endif

enum {
    ASKS_A_DAY = 44,
    DAY_MS = 86400000,
    QUIET_MS = 1800000, /* until everything that a request may hold has timed out */
};

static struct soak {
    char path[64]; /* of the configuration, for reloads */
    struct net_addr vendor;
    int64_t reloads;
    int64_t restarts;
    int64_t cuts;
    int64_t away;
    int64_t full;
    uint32_t peak_exchanges;
} soak;

/* Two of them, by turns. */
static const char *const configs[] = {
    "ledger.max_size = 64K\nledger.keep = 5\nup.first_byte_timeout = 20s\n"
    "[budget house]\nper = day\nlimit = 0.06\n[budget month]\nper = month\nlimit = 1.2\n"
    "[budget talk]\nper = hour\nof = each session\nlimit = 0.005\n"
    "[cache]\nttl = 10m\nsnapshot = /cache\n"
    "[model big]\nupstream = up\ninput = 2\noutput = 5\n"
    "[model spare]\nupstream = up\ninput = 1\noutput = 3\n"
    "[route auto]\nmodel = auto\ntiers = m@0.8, big\nfallback = spare\nlearn = yes\n",
    "ledger.max_size = 64K\nledger.keep = 5\nup.first_byte_timeout = 30s\n"
    "[budget house]\nper = day\nlimit = 0.06\nclamp = yes\n[budget month]\nper = month\n"
    "limit = 1.2\n[budget talk]\nper = hour\nof = each session\nlimit = 0.005\n"
    "[cache]\nttl = 2h\nsnapshot = /cache\n"
    "[model big]\nupstream = up\ninput = 2\noutput = 5\n"
    "[model spare]\nupstream = up\ninput = 1\noutput = 3\n"
    "[route auto]\nmodel = auto\ntiers = m@0.7, big\nfallback = spare\nlearn = yes\n",
};

/* As scene.c puts it together: a reload reads a real file. */
static void write_config(const char *text)
{
    char whole[SCENE_CONFIG_BYTES];
    struct fmt f;
    fmt_init(&f, whole, sizeof whole);
    compose(&f, span_str(text));
    int fd = open(soak.path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, fmt_span(&f).ptr, fmt_span(&f).len), fmt_span(&f).len);
    close(fd);
    memcpy(traffic.config, text, strlen(text) + 1);
}

static void reload(void)
{
    traffic.scene.said_len = 0;
    write_config(configs[++soak.reloads % 2]);
    fake_signal(SYS_SIGNAL_RELOAD);
    scene_run(&traffic.scene, 60000);
    assert_non_null(strstr(traffic.scene.said, "reload:"));
    assert_null(strstr(traffic.scene.said, "the old configuration stays"));
}

static void rest(int64_t ms)
{
    scene_run(&traffic.scene, ms);
    if (fake_disk_stopped()) {
        soak.cuts++;
        traffic_reboot();
    }
}

/* Some of a day's misfortunes. */
static void mishap(void)
{
    const struct fake_service vendor = {.open = vendor_opened, .data = vendor_data};
    switch (pick(40)) {
    case 0:
        fake_silent(&soak.vendor);
        soak.away++;
        break;
    case 1:
        fake_unreachable(&soak.vendor);
        soak.away++;
        break;
    case 2:
        fake_refuse(&soak.vendor);
        soak.away++;
        break;
    case 3:
        fake_disk_set_capacity(1);
        soak.full++;
        break;
    case 4: /* by NTP, or by hand */
        fake_set_wall_ms(fake_machine.now_ms + fake_machine.wall_offset_ms + (int64_t)pick(600000) -
                         300000);
        break;
    case 5:
        reload();
        break;
    case 6:
        fake_disk_stop_at(1 + (int)pick(12));
        break;
    default: /* all is well again */
        fake_serve(&soak.vendor, &vendor);
        fake_disk_set_capacity(SIZE_MAX);
        break;
    }
}

static void end_of_day(void)
{
    const struct fake_service vendor = {.open = vendor_opened, .data = vendor_data};
    struct gateway *g = traffic.scene.gateway;
    fake_serve(&soak.vendor, &vendor);
    fake_disk_set_capacity(SIZE_MAX);
    fake_disk_stop_at(0);
    rest(QUIET_MS);
    g = traffic.scene.gateway;
    traffic_check();
    assert_int_equal(budget_held_pusd(&g->budgets), 0);
    assert_true(ledger_is_flushed(&g->ledger));
    assert_int_equal(g->ledger.lines_lost, 0);
    check_idle(&traffic.scene);
    assert_int_equal(g->tapes.in_use, 0);
    assert_int_equal(g->tls_slots.in_use, 0);
    assert_true(g->exchanges.peak <= g->exchanges.count);
    soak.peak_exchanges =
        g->exchanges.peak > soak.peak_exchanges ? g->exchanges.peak : soak.peak_exchanges;
}

static void live_a_day(int day)
{
    int64_t end_ms = fake_now_ms() + DAY_MS;
    for (int i = 0; i < ASKS_A_DAY; i++) {
        for (uint64_t together = 1 + pick(3); together > 0; together--)
            traffic_ask();
        scene_settle(&traffic.scene);
        if (pick(8) == 0)
            traffic_leave();
        mishap();
        rest((int64_t)pick(2 * DAY_MS / ASKS_A_DAY * 9 / 10));
    }
    if (day % 23 == 11) {
        fake_disk_set_capacity(SIZE_MAX);
        fake_disk_stop_at(0);
        scene_run(&traffic.scene, 60000);
        traffic_stop();
        soak.restarts++;
    }
    end_of_day();
    if (fake_now_ms() < end_ms)
        rest(end_ms - fake_now_ms());
}

static void a_year_leaves_it_as_it_was(void **state)
{
    const struct scene_options options = {.seed = 365};
    (void)state;
    strcpy(soak.path, "/tmp/farthing-soak-XXXXXX");
    int fd = mkstemp(soak.path);
    assert_true(fd >= 0);
    close(fd);
    traffic_open(span_str(configs[0]), &options);
    traffic.scene.serve.config_path = soak.path;
    traffic.texts = 12;
    assert_true(net_addr_scan(SPAN("10.0.0.9:8000"), &soak.vendor));
    for (int day = 0; day < DAYS; day++)
        live_a_day(day);
    traffic_count_tags();
    scene_end(&traffic.scene);
    unlink(soak.path);
    print_message(
        "%d days: %lld requests, %lld answers of the vendor, %lld reloads, %lld restarts, "
        "%lld power cuts, %lld times no vendor, %lld times a full disk; at most %u at "
        "once\n",
        DAYS, (long long)traffic.asked, (long long)traffic.answered, (long long)soak.reloads,
        (long long)soak.restarts, (long long)soak.cuts, (long long)soak.away, (long long)soak.full,
        soak.peak_exchanges);
    assert_true(traffic.asked > DAYS * ASKS_A_DAY && traffic.answered > DAYS * 10);
    assert_true(soak.reloads > DAYS / 3 && soak.restarts > 0 && soak.cuts > DAYS / 5 &&
                soak.away > DAYS && soak.full > DAYS / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_year_leaves_it_as_it_was)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
