/* farthing report over a written ledger: what the vendor's own prompt cache saved. */
#include <fcntl.h>

#include "ledger/line.h"
#include "run_command.h"

static char ledger_path[] = "/tmp/farthing-test-ledger-XXXXXX";
static char config_path[] = "/tmp/farthing-test-conf-XXXXXX";

static void put(int fd, struct span text)
{
    assert_int_equal(write(fd, text.ptr, text.len), (ssize_t)text.len);
}

static void put_line(int fd, struct ledger_line l)
{
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;
    l.id = SPAN("fg-1");
    l.asked = l.used;
    l.status = 200;
    l.first_byte_ms = -1;
    if (l.baseline_pusd == 0)
        l.baseline_pusd = (l.tags & TAG_HIT) != 0 ? 9000000 : l.cost_pusd;
    fmt_init(&f, text, sizeof text);
    assert_true(ledger_line_write(&l, &f));
    put(fd, fmt_span(&f));
}

/* 2 and 0.5 USD per million; from 2100-02-01 on 4 and 0.4. */
static int make(void **state)
{
    char head[512];
    struct fmt f;
    int fd = mkstemp(ledger_path);
    int conf = mkstemp(config_path);
    (void)state;
    assert_true(fd >= 0 && conf >= 0);
    fmt_init(&f, head, sizeof head);
    ledger_head_write(&f);
    put(fd, fmt_span(&f));
    put_line(fd, (struct ledger_line){.time_unix_ms = INT64_C(4102444800000),
                                      .used = SPAN("m"),
                                      .input = 100,
                                      .cached = 60,
                                      .output = 10,
                                      .cost_pusd = 120000000});
    put_line(fd, (struct ledger_line){.time_unix_ms = INT64_C(4105123200000),
                                      .used = SPAN("m"),
                                      .input = 10,
                                      .cached = 10,
                                      .cost_pusd = 4000000});
    put_line(fd, (struct ledger_line){.time_unix_ms = INT64_C(4105123200001),
                                      .used = SPAN("m"),
                                      .input = 10,
                                      .cached = 10,
                                      .tags = TAG_HIT});
    put_line(fd, (struct ledger_line){.time_unix_ms = INT64_C(4105123200002),
                                      .used = SPAN("gone"),
                                      .input = 10,
                                      .cached = 5,
                                      .cost_pusd = 1000});
    put_line(fd, (struct ledger_line){.time_unix_ms = INT64_C(4105123200003),
                                      .used = SPAN("m"),
                                      .input = 10,
                                      .cost_pusd = 40000000});
    put_line(fd, (struct ledger_line){.time_unix_ms = INT64_C(4105123200004),
                                      .used = SPAN("e"),
                                      .input = 5,
                                      .cost_pusd = 5000000,
                                      .baseline_pusd = 12000000});
    close(fd);
    fmt_init(&f, head, sizeof head);
    fmt_str(&f, "[ledger]\npath = ");
    fmt_str(&f, ledger_path);
    fmt_str(&f, "\n[upstream u]\ndialect = standin\n[model m]\nupstream = u\ninput = 2\n"
                "cached_input = 0.5\noutput = 1\nnext_from = 2100-02-01\ninput_next = 4\n"
                "cached_input_next = 0.4\noutput_next = 1\n");
    put(conf, fmt_span(&f));
    close(conf);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    unlink(ledger_path);
    unlink(config_path);
    return 0;
}

static void report(char *form, bool configured)
{
    char *argv[4];
    int argc = 0;
    if (form != NULL)
        argv[argc++] = form;
    argv[argc++] = configured ? "-c" : ledger_path;
    argv[argc++] = config_path;
    assert_int_equal(run_command(command_report, configured ? argc : argc - 1, argv, "", 0), 0);
}

static void has(const char *part)
{
    if (strstr(out_text, part) == NULL)
        fail_msg("%s is not in:\n%s", part, out_text);
}

/* 60 x 1.5 and 10 x 3.6 USD per million; our own hit and a model without prices save nothing. */
static void test_vendor_prompt_cache(void **state)
{
    (void)state;
    report(NULL, true);
    has("\nall                             6        0         145          85          10    "
        "0.000169    0.000016\n"
        "vendor prompt cache             3        0         120          75          10    "
        "0.000124    0.000126\n");
    /* Vectors of which some were kept. */
    has("\npartly hit                      1        0           5           0           0    "
        "0.000005    0.000007");
    report("--json", true);
    has("\"vendor_prompt_cache\":{\"calls\":3,\"errors\":0,\"estimated\":0,\"input_tokens\":120,"
        "\"cached_tokens\":75,\"output_tokens\":10,\"reasoning_tokens\":0,"
        "\"cost\":0.000124001000,\"baseline\":0.000250001000,\"saved\":0.000126000000}");
    report("--csv", true);
    has("\r\nvendor prompt cache,\"all\",3,0,0,120,75,10,0,0.000124001000,0.000250001000\r\n");
}

static void test_without_prices_it_is_not_said(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        report((char *[]){NULL, "--json", "--csv"}[i], false);
        assert_null(strstr(out_text, "vendor"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vendor_prompt_cache),
        cmocka_unit_test(test_without_prices_it_is_not_said),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
