/* The power goes at every single write, sync and change of names that a gateway makes: the ledger
 * with its rotation, the checkpoint of the budgets, the snapshot of the cache, the weights of a
 * route that learns. And once more at a write of the start that follows. Each time it comes back,
 * with nothing lost that is older than [ledger] sync, and the budgets say what the ledger says. */
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

#define SNAPSHOT "/cache.snapshot"
#define WEIGHTS  SCENE_LEDGER ".learn.auto"

enum {
    ASKS = 70,
    SYNC_MS = 5000,
    STEP_MS = 500,    /* how exactly the moment of the cut is known */
    OLD_LINES = 262,  /* 64 KB but for a few: the first rotation comes soon */
    WRITES_MIN = 100, /* fewer, and the story does not have what it is for */
};

/* Under a sanitizer a tenth as fast: every other one. */
#if defined(__SANITIZE_ADDRESS__)
enum { CUT_EVERY = 2 };
#else
enum { CUT_EVERY = 1 };
#endif

static struct cut {
    char ids[ASKS][LEDGER_ID_BYTES]; /* of answers, in order */
    int64_t answered_ms[ASKS];
    size_t count;
    int64_t cut_ms; /* not later */
} cut;

static const char config[] = "ledger.max_size = 64K\nledger.keep = 3\nledger.sync = 5s\n"
                             "[cache]\nttl = 10h\nsnapshot = " SNAPSHOT "\nsnapshot_every = 1m\n"
                             "[budget house]\nper = total\nlimit = 1\n"
                             "[model big]\nupstream = up\ninput = 2\noutput = 5\n"
                             "[route auto]\nmodel = auto\ntiers = m@0.8, big\nlearn = yes\n";

/* A ledger of the days before, nearly full. */
static void put_old_ledger(void)
{
    static char text[128 * 1024];
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    ledger_head_write(&f);
    for (int i = 0; i < OLD_LINES; i++) {
        struct ledger_line line = {.time_unix_ms = SCENE_WALL_MS - 86400000 + i,
                                   .id = SPAN("fg-00000000000000aa"),
                                   .workload = SPAN("chat"),
                                   .asked = SPAN("a-model-of-a-vendor-with-a-long-name"),
                                   .used = SPAN("a-model-of-a-vendor-with-a-long-name"),
                                   .input = 1000,
                                   .output = 200,
                                   .cost_pusd = 100000000,
                                   .baseline_pusd = 100000000,
                                   .status = 200,
                                   .label = SPAN("session=0123456789abcdef0123456789abcdef")};
        assert_true(ledger_line_write(&line, &f));
    }
    assert_true(fmt_span(&f).len > 60000 && fmt_span(&f).len < 65536);
    fake_disk_put(SCENE_LEDGER, fmt_span(&f));
}

static void post(int client, int nth)
{
    char body[256];
    char text[512];
    struct fmt b;
    struct fmt f;
    fmt_init(&b, body, sizeof body);
    fmt_str(&b,
            "{\"model\":\"auto\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":"
            "\"How far is it to place number ");
    fmt_u64(&b, (uint64_t)nth * 7 % 31); /* some come again */
    fmt_str(&b, "?\"}]}");
    fmt_init(&f, text, sizeof text);
    fmt_str(&f, "POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nContent-Length: ");
    fmt_u64(&f, fmt_span(&b).len);
    fmt_str(&f, "\r\n\r\n");
    fmt_text(&f, fmt_span(&b));
    fake_send(client, fmt_span(&f));
}

/* The id of the answer that is wholly there, taken; false: not yet. */
static bool take_answer(int client)
{
    static const char name[] = "x-request-id: ";
    struct span got = fake_received(client);
    const char *at;
    struct http_head h;
    size_t used = 0;
    if (http_head_response(&h, got, false, 0, &used) != PARSE_DONE ||
        got.len < used + (size_t)h.content_length)
        return false;
    at = memmem(got.ptr, used, name, sizeof name - 1);
    assert_non_null(at);
    assert_int_equal(h.status, 200);
    assert_true(cut.count < ASKS);
    memcpy(cut.ids[cut.count], at + sizeof name - 1, sizeof("fg-0123456789abcdef") - 1);
    cut.answered_ms[cut.count++] = fake_now_ms();
    fake_consume(client, used + (size_t)h.content_length);
    return true;
}

/* False when the power went. */
static bool pass(int64_t ms)
{
    for (int64_t passed = 0; passed < ms; passed += STEP_MS) {
        if (!fake_disk_stopped()) {
            cut.cut_ms = fake_now_ms();
            scene_run(&traffic.scene, STEP_MS);
        }
    }
    return !fake_disk_stopped();
}

/* Tens of minutes with everything that is kept on a disk; false when the power went. */
static bool live(void)
{
    int client = 0;
    for (int i = 0; i < ASKS; i++) {
        if (client == 0 || fake_saw_fin(client)) /* kept alive for a minute */
            client = fake_client(&traffic.scene.listener);
        assert_int_not_equal(client, 0);
        post(client, i);
        for (int tries = 0; !take_answer(client); tries++) {
            assert_true(tries < 40 || fake_disk_stopped());
            if (!pass(STEP_MS))
                return false;
        }
        if (!pass(i % 10 == 9 ? 90000 : 1500 + (i % 7) * 1000))
            return false;
        if (i == ASKS / 2 && !pass(LEARNING_SAVE_MS))
            return false;
    }
    return pass(LEARNING_SAVE_MS);
}

static bool ledger_has(const char *id)
{
    for (size_t i = 0; i < TRAFFIC_FILES; i++) {
        struct span text = fake_disk_text(file_names[i]);
        if (text.len > 0 && memmem(text.ptr, text.len, id, strlen(id)) != NULL)
            return true;
    }
    return false;
}

static void check_answered(size_t *lost)
{
    *lost = 0;
    for (size_t i = 0; i < cut.count; i++) {
        bool there = ledger_has(cut.ids[i]);
        *lost += !there;
        if (cut.answered_ms[i] + SYNC_MS > cut.cut_ms)
            continue;
        if (!there)
            scene_die("a line that was older than sync is lost", cut.ids[i]);
    }
}

static void old_lines_are_there(void)
{
    size_t lines = 0;
    for (size_t i = 0; i < TRAFFIC_FILES; i++) {
        struct span rest = fake_disk_text(file_names[i]);
        struct span line;
        while (rest.len > 0 && span_split(&rest, '\n', &line)) {
            struct ledger_line l;
            if (ledger_line_read(&l, line))
                lines += span_equal(l.id, SPAN("fg-00000000000000aa"));
        }
    }
    assert_int_equal(lines, OLD_LINES);
}

static void run_story(int at)
{
    const struct scene_options options = {.seed = 7};
    memset(&cut, 0, sizeof cut);
    traffic_open(SPAN(""), &options); /* for the disk, which is fresh after it */
    scene_end(&traffic.scene);
    memset(&traffic, 0, sizeof traffic);
    traffic.polite = true;
    memcpy(traffic.config, config, sizeof config);
    fake_disk_reset((uint64_t)at);
    put_old_ledger();
    assert_true(scene_start(&traffic.scene, span_str(traffic.config)));
    fake_disk_stop_at(at);
}

/* Cut at the nth change; false when the story was over before. */
static bool cut_at(int at, size_t *lost)
{
    bool had_snapshot;
    bool had_weights;
    run_story(at);
    if (live()) {
        fake_disk_stop_at(0);
        scene_end(&traffic.scene);
        return false;
    }
    close_all();
    scene_kill(&traffic.scene);
    fake_disk_crash();
    had_snapshot = fake_disk_text(SNAPSHOT).len > 0;
    had_weights = fake_disk_text(WEIGHTS).len > 0;
    fake_disk_stop_at(1 + at % 5); /* and once more, if it writes so much */
    start_again();
    fake_disk_stop_at(0);
    check_answered(lost);
    old_lines_are_there();
    traffic_check();
    assert_null(strstr(traffic.scene.said, "damaged"));
    assert_true(!had_snapshot || traffic.scene.gateway->cache.entries > 0);
    assert_true(!had_weights || traffic.scene.gateway->learners[0].model.updates > 0);
    scene_end(&traffic.scene);
    return true;
}

static void every_write_may_be_the_last(void **state)
{
    size_t lost_most = 0;
    int at = 1;
    int cuts = 0;
    (void)state;
    for (; at < 100000; at += CUT_EVERY) {
        size_t lost;
        if (!cut_at(at, &lost))
            break;
        cuts++;
        lost_most = lost > lost_most ? lost : lost_most;
    }
    print_message("cut at %d of %d changes; the most answers lost, all younger than %d s: %zu\n",
                  cuts, at, SYNC_MS / 1000, lost_most);
    assert_true(at > WRITES_MIN && lost_most > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_write_may_be_the_last)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
