/* farthing simulate, tail and report --wear over written ledgers, by figures worked out by hand. */
#include <fcntl.h>

#include "gateway/whatif.h"
#include "ledger/wear.h"
#include "run_command.h"

static char ledger_path[] = "/tmp/farthing-test-ledger-XXXXXX";
static char config_path[] = "/tmp/farthing-test-conf-XXXXXX";

#define DAY_MS INT64_C(86400000)
#define BEGIN  INT64_C(4102444800000) /* 2100-01-01 */

static void put(int fd, struct span text)
{
    assert_int_equal(write(fd, text.ptr, text.len), (ssize_t)text.len);
}

static void put_line(int fd, struct ledger_line l)
{
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;
    if (l.id.len == 0)
        l.id = SPAN("fg-1");
    l.status = l.status != 0 ? l.status : 200;
    l.first_byte_ms = -1;
    fmt_init(&f, text, sizeof text);
    assert_true(ledger_line_write(&l, &f));
    put(fd, fmt_span(&f));
}

static int open_ledger(void)
{
    char head[512];
    struct fmt f;
    int fd = open(ledger_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    fmt_init(&f, head, sizeof head);
    ledger_head_write(&f);
    put(fd, fmt_span(&f));
    return fd;
}

/* small: 1 and 2 USD per million tokens; large: 10 and 20. */
static void put_config(const char *rest)
{
    int fd = open(config_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    put(fd, SPAN("[upstream u]\ndialect = standin\n"
                 "[model small]\nupstream = u\ninput = 1\noutput = 2\n"
                 "[model large]\nupstream = u\ninput = 10\noutput = 20\n"));
    put(fd, span_str(rest));
    close(fd);
}

static int make(void **state)
{
    (void)state;
    close(mkstemp(ledger_path));
    close(mkstemp(config_path));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    unlink(ledger_path);
    unlink(config_path);
    return 0;
}

static void simulate(char *pass)
{
    char *argv[] = {"--from", ledger_path, "-c", config_path, "--json", "--pass", pass};
    assert_int_equal(run_command(command_simulate, pass != NULL ? 7 : 5, argv, "", 0), 0);
}

static void has(const char *part)
{
    if (strstr(out_text, part) == NULL)
        fail_msg("%s is not in:\n%s", part, out_text);
}

/* 1000 in and 100 out: small 0.0012, large 0.012. */
static struct ledger_line call_of(int64_t at, const char *asked, int64_t cost_pusd)
{
    return (struct ledger_line){.time_unix_ms = BEGIN + at,
                                .asked = span_str(asked),
                                .used = span_str(asked),
                                .workload = SPAN("chat"),
                                .input = 1000,
                                .output = 100,
                                .cost_pusd = cost_pusd,
                                .baseline_pusd = cost_pusd};
}

static void a_route_to_a_cheaper_model(void **state)
{
    int fd = open_ledger();
    struct ledger_line l = call_of(0, "large", INT64_C(12000000000));
    (void)state;
    put_line(fd, l);
    l.workload = SPAN("code");
    put_line(fd, l);
    put_line(fd, call_of(1, "unheard-of", 7));
    put(fd, SPAN("no line\n"));
    close(fd);
    put_config("[route cheap]\nworkload = chat\ntiers = small\n");
    simulate(NULL);
    has("\"before\":{\"calls\":3,\"input\":3000,\"output\":300,\"cost\":0.024000000007,");
    /* chat goes to small, whatever model it asks for; code stays. */
    has("\"after\":{\"calls\":3,\"input\":3000,\"output\":300,\"cost\":0.014400000000,"
        "\"baseline\":0.025200000000,\"saved\":0.010800000000}");
    has("\"unplaced\":0");
    has("\"damaged\":1");
    put_config("");
    simulate(NULL);
    has("\"cost\":0.024000000007,\"baseline\":0.024000000007");
    has("\"unplaced\":1");
}

/* Under the configuration that it was made with, nothing changes. */
static void the_same_configuration_costs_the_same(void **state)
{
    int fd = open_ledger();
    struct ledger_line l = call_of(0, "auto", INT64_C(1200000000));
    (void)state;
    l.baseline_pusd = INT64_C(12000000000);
    l.used = SPAN("small");
    l.tier = 1;
    l.tags = TAG_ROUTED | TAG_TIER;
    l.route = SPAN("r");
    put_line(fd, l);
    l.baseline_pusd = 0; /* its answer was not good enough */
    put_line(fd, l);
    l.used = SPAN("large");
    l.tier = 2;
    l.tags |= TAG_ESCALATED;
    l.cost_pusd = l.baseline_pusd = INT64_C(12000000000);
    put_line(fd, l);
    l.tags = TAG_HIT | TAG_ROUTED;
    l.tier = 0;
    l.cost_pusd = 0;
    put_line(fd, l);
    close(fd);
    put_config("[cache]\nttl = 1h\n[route r]\nmodel = auto\ntiers = small@0.8, large\n");
    simulate(NULL);
    has("\"before\":{\"calls\":4,\"input\":4000,\"output\":400,\"cost\":0.014400000000,"
        "\"baseline\":0.036000000000,\"saved\":0.021600000000},\"after\":{\"calls\":4,"
        "\"input\":4000,\"output\":400,\"cost\":0.014400000000,\"baseline\":0.036000000000,");
    /* Without the cache the hit is a call to the first tier, with one tier there is no second. */
    put_config("[route r]\nmodel = auto\ntiers = small\n");
    simulate(NULL);
    has("\"after\":{\"calls\":3,\"input\":3000,\"output\":300,\"cost\":0.003600000000,");
    has("\"dropped\":1");
}

static void a_share_of_answers_is_not_good_enough(void **state)
{
    int fd = open_ledger();
    (void)state;
    for (int i = 0; i < 10; i++)
        put_line(fd, call_of(i, "large", INT64_C(12000000000)));
    close(fd);
    put_config("[route r]\ntiers = small@0.8, large\n");
    simulate(NULL);
    has("\"cost\":0.012000000000,\"baseline\":0.120000000000");
    simulate("0.75"); /* 10 x (0.0012 + 0.25 x 0.012) */
    has("\"cost\":0.042000000000,\"baseline\":0.120000000000");
}

/* 0.03 USD a day hold two calls of large; the third of each day is refused, with its escalation. */
static void a_budget_refuses(void **state)
{
    int fd = open_ledger();
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct ledger_line l =
            call_of(i / 3 * DAY_MS + i % 3 * 1000, "large", INT64_C(12000000000));
        l.id = i % 3 == 2 ? SPAN("fg-x") : SPAN("fg-y");
        put_line(fd, l);
    }
    close(fd);
    put_config("[budget day]\nper = day\nlimit = 0.03\n");
    simulate(NULL);
    has("\"after\":{\"calls\":4,");
    has("\"blocked\":[{\"budget\":\"day\",\"requests\":1,\"rerouted\":0,\"first\":\"2100-01-01T00:"
        "00:02.000Z\"}]");
    char *argv[] = {"--from", ledger_path, "-c", config_path};
    assert_int_equal(run_command(command_simulate, 4, argv, "", 0), 0);
    has("budget day: ");
}

/* 0.028 USD hold two calls of large (0.024) and three of small (0.0036). */
static void a_budget_takes_another_route(void **state)
{
    int fd = open_ledger();
    (void)state;
    for (int i = 0; i < 6; i++) {
        static const char *const ids[] = {"a", "b", "c", "d", "e", "f"};
        struct ledger_line l = call_of(i * 1000, "large", INT64_C(12000000000));
        l.id = span_str(ids[i]);
        put_line(fd, l);
    }
    close(fd);
    put_config("[budget day]\nper = day\nlimit = 0.028\non_exceed = route cheap\n"
               "[route r]\nmodel = large\ntiers = large\n[route cheap]\ntiers = small\n");
    simulate(NULL);
    has("\"after\":{\"calls\":5,\"input\":5000,\"output\":500,\"cost\":0.027600000000,"
        "\"baseline\":0.060000000000,");
    has("\"blocked\":[{\"budget\":\"day\",\"requests\":1,\"rerouted\":3,"
        "\"first\":\"2100-01-01T00:00:02.000Z\"}]");
    char *argv[] = {"--from", ledger_path, "-c", config_path};
    assert_int_equal(run_command(command_simulate, 4, argv, "", 0), 0);
    has("budget day: 1 requests would have been refused, 3 would have taken the route of "
        "on_exceed, "
        "the first at 2100-01-01");
    put_config("[budget day]\nper = day\nlimit = 0.028\non_exceed = cache_only\n");
    simulate(NULL);
    has("\"requests\":4,\"rerouted\":0,");
}

static void wrong_command_lines(void **state)
{
    (void)state;
    char *nothing[] = {"--from", ledger_path};
    assert_int_equal(run_command(command_simulate, 2, nothing, "", 0), COMMAND_USAGE);
    char *missing[] = {"--from", "/tmp/farthing-test-not-there", "-c", config_path};
    put_config("");
    assert_int_equal(run_command(command_simulate, 4, missing, "", 0), COMMAND_FAILED);
    char *no_ledger[] = {"--from", config_path, "-c", config_path};
    assert_int_equal(run_command(command_simulate, 4, no_ledger, "", 0), COMMAND_FAILED);
    assert_non_null(strstr(err_text, "this is no ledger"));
    char *share[] = {"--from", ledger_path, "-c", config_path, "--pass", "2"};
    assert_int_equal(run_command(command_simulate, 6, share, "", 0), COMMAND_USAGE);
    char *tail[] = {"-n", "many"};
    assert_int_equal(run_command(command_tail, 2, tail, "", 0), COMMAND_USAGE);
    assert_int_equal(run_command(command_tail, 0, tail, "", 0), COMMAND_USAGE);
}

static void tail_shows_the_newest(void **state)
{
    int fd = open_ledger();
    (void)state;
    for (int i = 0; i < 30; i++) {
        struct ledger_line l = call_of(i * 1000, i % 2 ? "small" : "large", 1000000);
        l.baseline_pusd = 3000000;
        l.key = i % 3 ? SPAN("mia") : SPAN("till");
        l.status = i == 29 ? 500 : 200;
        l.tags = TAG_ROUTED;
        put_line(fd, l);
    }
    put(fd, SPAN("damaged\n2100-01-01T torn"));
    close(fd);
    char *argv[] = {"--no-follow", "-n", "2", ledger_path};
    assert_int_equal(run_command(command_tail, 4, argv, "", 0), 0);
    assert_string_equal(
        out_text,
        "2100-01-01T00:00:28.000Z 200  large                         1000+100 tokens  $0.000001  "
        "saved $0.000002  0 ms  routed  key mia  chat\n"
        "2100-01-01T00:00:29.000Z 500  small                         1000+100 tokens  $0.000001  "
        "saved $0.000002  0 ms  routed  key mia  chat\n");
    assert_non_null(strstr(err_text, "damaged lines were left out: 1\n"));
    char *of_key[] = {"--no-follow", "--key", "till", "--model", "large", ledger_path};
    assert_int_equal(run_command(command_tail, 6, of_key, "", 0), 0);
    size_t rows = 0;
    for (const char *c = out_text; *c != '\0'; c++)
        rows += *c == '\n';
    assert_int_equal(rows, 5);
    char *none[] = {"--no-follow", "/tmp/farthing-test-not-there"};
    assert_int_equal(run_command(command_tail, 2, none, "", 0), COMMAND_FAILED);
    assert_non_null(
        strstr(err_text, "tail: /tmp/farthing-test-not-there: it cannot be read: No such file"));
}

/* Ten lines of 200 bytes, five seconds apart, two days. */
static void wear_by_hand(void **state)
{
    const struct wear_files none = {0};
    const struct wear_files files = {.snapshot_bytes = 100000,
                                     .snapshot_every_ms = 3600000,
                                     .weights_bytes = 16000,
                                     .weights_every_ms = 600000};
    struct wear_day d;
    struct wear w;
    (void)state;
    wear_start(&w, 5000);
    for (int i = 0; i < 10; i++) /* two in each five seconds */
        wear_line(&w, BEGIN + i * 2500, 200);
    assert_false(wear_day(&w, &none, &d));
    wear_line(&w, BEGIN + 2 * DAY_MS, 5000); /* two pages */
    assert_true(wear_day(&w, &none, &d));
    assert_int_equal(d.lines, 5);
    assert_int_equal(d.writes, 3);
    assert_int_equal(d.ledger_bytes, (5 * 2 + 3) * 4096 / 2);
    assert_int_equal(d.all_bytes, d.ledger_bytes);
    assert_true(wear_day(&w, &files, &d));
    assert_int_equal(d.snapshot_bytes, 24 * (25 + 1) * 4096);
    assert_int_equal(d.weights_bytes, 144 * (4 + 1) * 4096);
    /* 26,624 bytes a day: 16 MB x 10,000 / 26,624 / 365 = 17,264.4 years. */
    assert_true(wear_day(&w, &none, &d));
    assert_int_equal(wear_tenth_years(&d, 16 * 1024 * 1024), 172644);
    wear_start(&w, 0);
    for (int i = 0; i < 4; i++)
        wear_line(&w, BEGIN + i * DAY_MS / 4, 200);
    assert_true(wear_day(&w, &none, &d));
    assert_int_equal(d.writes, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_to_a_cheaper_model),
        cmocka_unit_test(the_same_configuration_costs_the_same),
        cmocka_unit_test(a_share_of_answers_is_not_good_enough),
        cmocka_unit_test(a_budget_refuses),
        cmocka_unit_test(a_budget_takes_another_route),
        cmocka_unit_test(wrong_command_lines),
        cmocka_unit_test(tail_shows_the_newest),
        cmocka_unit_test(wear_by_hand),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
