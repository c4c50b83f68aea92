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
#include "ledger/replay.h"
#include "json/object.h"

enum {
    STORIES = 400,
    STEPS = 60,
    CLIENTS = 6,
    VENDOR_CONNECTIONS = 4096,
    FILES = 6, /* the ledger and its rotated ones */
};

struct vendor_end {
    int handle;
    bool answering;
};

static struct story {
    struct scene scene;
    struct scene_options options;
    char config[2048];
    int clients[CLIENTS];
    struct vendor_end ends[VENDOR_CONNECTIONS];
    size_t end_count;
    int64_t answered;
    bool tiered; /* with tiers, a fallback and the cache */
    int64_t escalated;
    int64_t fell_back;
    int64_t hits;
} story;

static uint64_t pick(uint64_t below)
{
    return fake_random() % below;
}

/* ---- the vendor ---- */

static struct vendor_end *end_of(int handle)
{
    for (size_t i = story.end_count; i > 0; i--)
        if (story.ends[i - 1].handle == handle)
            return &story.ends[i - 1];
    return NULL;
}

/* The whole request at the front of what came, or false. */
static bool vendor_request(int handle, struct request *r)
{
    static struct json_object scratch;
    struct span raw = fake_received(handle);
    struct http_head h;
    size_t used = 0;
    if (http_head_request(&h, raw, 0, &used) != PARSE_DONE ||
        raw.len < used + (size_t)h.content_length)
        return false;
    assert_true(
        request_read(r, API_CHAT, span_part(raw, used, (size_t)h.content_length), &scratch));
    return true;
}

/* Good enough for a tier's bar, or not. */
static const char *const vendor_says[] = {
    "The capital of France is Paris, on the Seine.",
    "I'm sorry, but I can't help with that.",
    "",
};

static void vendor_answer(void *ctx)
{
    struct vendor_end *e = ctx;
    struct request r;
    char body[512];
    char text[1024];
    struct fmt b;
    struct fmt f;
    e->answering = false;
    if (fake_saw_fin(e->handle) || fake_saw_reset(e->handle) || !vendor_request(e->handle, &r))
        return;
    assert_true(r.max_output_tokens > 0); /* no budget without a limit */
    fmt_init(&b, body, sizeof body);
    fmt_str(&b, "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"");
    fmt_str(&b, vendor_says[pick(sizeof vendor_says / sizeof vendor_says[0])]);
    fmt_str(&b, "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":");
    fmt_u64(&b, 1 + pick(r.body.len));
    fmt_str(&b, ",\"completion_tokens\":");
    fmt_u64(&b, pick((uint64_t)r.max_output_tokens + 1));
    fmt_str(&b, "}}");
    fmt_init(&f, text, sizeof text);
    bool stream = r.stream;
    if (pick(12) == 0) {
        fmt_str(&f, "HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\n{}");
    } else if (stream) {
        fmt_str(&f, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                    "Connection: close\r\n\r\ndata: {\"choices\":[{\"index\":0,\"delta\":"
                    "{\"content\":\"");
        fmt_str(&f, vendor_says[pick(sizeof vendor_says / sizeof vendor_says[0])]);
        fmt_str(&f, "\"},\"finish_reason\":\"stop\"}]}\n\ndata: ");
        fmt_text(&f, fmt_span(&b));
        fmt_str(&f, "\n\ndata: [DONE]\n\n");
    } else {
        fmt_str(&f, "HTTP/1.1 200 OK\r\nContent-Length: ");
        fmt_u64(&f, fmt_span(&b).len);
        fmt_str(&f, "\r\n\r\n");
        fmt_text(&f, fmt_span(&b));
    }
    fake_consume(e->handle, fake_received(e->handle).len);
    story.answered++;
    size_t len = fmt_span(&f).len;
    if (pick(10) == 0) { /* cut off anywhere */
        fake_send(e->handle, span_part(fmt_span(&f), 0, pick(len)));
        fake_close(e->handle);
        return;
    }
    fake_send(e->handle, fmt_span(&f));
    if (stream)
        fake_close(e->handle);
}

static void vendor_opened(void *ctx, int handle)
{
    (void)ctx;
    if (story.end_count == VENDOR_CONNECTIONS)
        scene_die("test", "too many connections");
    story.ends[story.end_count++] = (struct vendor_end){.handle = handle};
}

static void vendor_data(void *ctx, int handle, struct span unused)
{
    struct vendor_end *e = end_of(handle);
    struct request r;
    (void)ctx;
    (void)unused;
    if (e == NULL || e->answering || !vendor_request(handle, &r))
        return;
    e->answering = true;
    if (pick(15) == 0)
        fake_break(handle);
    else if (pick(15) != 0) /* or never */
        fake_after((int64_t)pick(3000), vendor_answer, e);
}

/* ---- the truth ---- */

static const char *const file_names[FILES] = {SCENE_LEDGER,      SCENE_LEDGER ".1",
                                              SCENE_LEDGER ".2", SCENE_LEDGER ".3",
                                              SCENE_LEDGER ".4", SCENE_LEDGER ".5"};

static struct span upstream_of(const void *ctx, struct span model)
{
    (void)ctx;
    (void)model;
    return SPAN("up");
}

/* What all files together say was spent of a budget by a subject in the period that begins then. */
static int64_t spent_by_ledger(const struct budget_settings *b, struct span subject,
                               int64_t period_ms)
{
    const struct replay_models models = {upstream_of, NULL};
    int64_t sum_pusd = 0;
    for (size_t i = 0; i < FILES; i++) {
        struct span rest = fake_disk_text(file_names[i]);
        struct span line;
        while (rest.len > 0 && span_split(&rest, '\n', &line)) {
            struct ledger_line l;
            if (!ledger_line_read(&l, line))
                continue;
            struct budget_subject s = replay_subject(&l, &models);
            struct span name = b->of == BUDGET_OF_ALL ? SPAN("all") : s.session;
            if (span_equal(name, subject) &&
                budget_period_begin((enum budget_period)b->per, l.time_unix_ms,
                                    &(struct zone){.standard_ms = 0}) == period_ms)
                sum_pusd += l.cost_pusd;
        }
    }
    return sum_pusd;
}

static void check_promise(void)
{
    const struct gateway *g = story.scene.gateway;
    int64_t held_pusd = 0;
    for (uint32_t i = 0; i < g->exchanges.count; i++) {
        const struct exchange *x = pool_at(&g->exchanges, i);
        if (x != NULL)
            held_pusd += (int64_t)x->hold.count * x->hold.amount_pusd;
    }
    assert_int_equal(budget_held_pusd(&g->budgets), held_pusd);
    for (uint32_t i = 0; i < g->budgets.capacity; i++) {
        const struct budget_account *a = &g->budgets.accounts[i];
        const struct budget_settings *b = budget_of_account(&g->budgets, a);
        if (b == NULL)
            continue;
        assert_true(a->spent_pusd + a->held_pusd <= b->limit_pusd);
        int64_t told = spent_by_ledger(b, span_str(a->subject), a->period_unix_ms);
        assert_true(told <= b->limit_pusd);
        if (g->budgets.evicted == 0 && ledger_is_flushed(&g->ledger))
            assert_int_equal(told, a->spent_pusd);
    }
}

/* ---- what happens ---- */

static void ask(void)
{
    static const char *const sessions[] = {"", "x-farthing-session: s1\r\n",
                                           "x-farthing-session: s2\r\n",
                                           "x-farthing-session: s3\r\n"};
    char body[512];
    char text[1024];
    struct fmt b;
    struct fmt f;
    int *client = &story.clients[pick(CLIENTS)];
    fmt_init(&b, body, sizeof body);
    fmt_str(&b, "{\"model\":\"");
    fmt_str(&b, story.tiered && pick(2) == 0 ? "auto" : "m");
    fmt_str(&b, "\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    fmt_fill(&b, 'x',
             pick(story.tiered ? 6 : 200)); /* short ones come again: the cache knows them */
    fmt_str(&b, "\"}]");
    if (pick(3) != 0) {
        fmt_str(&b, ",\"max_tokens\":");
        fmt_u64(&b, 1 + pick(400));
    }
    fmt_str(&b, pick(2) == 0 ? ",\"stream\":true}" : "}");
    fmt_init(&f, text, sizeof text);
    fmt_str(&f, "POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\n");
    fmt_str(&f, sessions[pick(4)]);
    fmt_str(&f, "Content-Length: ");
    fmt_u64(&f, fmt_span(&b).len);
    fmt_str(&f, "\r\n\r\n");
    fmt_text(&f, fmt_span(&b));
    if (*client == 0 || fake_saw_fin(*client) || fake_saw_reset(*client))
        *client = fake_client(&story.scene.listener);
    if (*client != 0)
        fake_send(*client, fmt_span(&f));
}

static void leave(void)
{
    int *client = &story.clients[pick(CLIENTS)];
    if (*client == 0)
        return;
    if (pick(2) == 0)
        fake_break(*client);
    else
        fake_close(*client);
    *client = 0;
}

/* A process that is gone leaves its descriptors to the kernel. */
static void close_all(void)
{
    for (int i = 0; i < FAKE_FDS_MAX; i++)
        if (fake_machine.fds[i] != 0)
            sys_close(FAKE_FD_FIRST + i);
}

/* It may be killed while it starts, too. */
static void start_again(void)
{
    memset(story.clients, 0, sizeof story.clients);
    while (!scene_start(&story.scene, span_str(story.config))) {
        if (!fake_disk_stopped())
            scene_die("does not start again", story.scene.why);
        close_all();
        fake_disk_crash();
    }
}

static void stop(void)
{
    fake_disk_stop_at(0);
    scene_end(&story.scene);
    start_again();
}

static void reboot(void)
{
    close_all();
    scene_kill(&story.scene);
    fake_disk_crash();
    start_again();
}

static void step(void)
{
    switch (pick(16)) {
    case 0:
        leave();
        break;
    case 1:
        scene_run(&story.scene, (int64_t)pick(4000000));
        break;
    case 2:
        fake_set_wall_ms(fake_machine.now_ms + fake_machine.wall_offset_ms +
                         (int64_t)pick(20000000) - 10000000);
        break;
    case 3:
        if (pick(4) == 0)
            stop();
        break;
    case 4:
        if (pick(3) == 0)
            reboot();
        else
            fake_disk_stop_at(1 + (int)pick(12)); /* it will die in a write to come */
        break;
    case 5:
    case 6:
        scene_run(&story.scene, (int64_t)pick(3000));
        break;
    default:
        ask();
        break;
    }
    scene_settle(&story.scene);
    if (fake_disk_stopped())
        reboot();
}

/* What the last ledger tells of how the calls came about. */
static void count_tags(void)
{
    struct span rest = fake_disk_text(SCENE_LEDGER);
    struct span line;
    while (rest.len > 0 && span_split(&rest, '\n', &line)) {
        struct ledger_line l;
        if (!ledger_line_read(&l, line))
            continue;
        story.escalated += (l.tags & TAG_ESCALATED) != 0;
        story.fell_back += (l.tags & TAG_FALLBACK) != 0;
        story.hits += (l.tags & (TAG_HIT | TAG_COALESCED)) != 0;
    }
}

static void tell(uint64_t seed)
{
    const struct fake_service vendor = {.open = vendor_opened, .data = vendor_data};
    struct net_addr place;
    struct fmt f;
    memset(&story, 0, sizeof story);
    story.options =
        (struct scene_options){.seed = seed, .chop = seed % 5 == 0 ? FAKE_RANDOM : FAKE_WHOLE};
    fmt_init(&f, story.config, sizeof story.config - 1);
    fmt_str(&f, "ledger.max_size = 64K\nledger.keep = 5\nup.first_byte_timeout = 20s\n"
                "[budget house]\nper = day\nlimit = ");
    story.tiered = seed % 4 != 0;
    fmt_str(&f, story.tiered ? "0.0048" : "0.0012");
    fmt_str(&f, "\nclamp = ");
    fmt_str(&f, seed % 2 == 0 ? "yes" : "no");
    fmt_str(&f,
            story.tiered ? "\n[budget talk]\nlimit = 0.0035" : "\n[budget talk]\nlimit = 0.0009");
    fmt_str(&f, "\nof = each session\nper = ");
    fmt_str(&f, seed % 3 == 0 ? "hour" : "total");
    fmt_str(&f, "\n");
    if (story.tiered)
        fmt_str(&f, "[cache]\nttl = 10m\n"
                    "[model big]\nupstream = up\ninput = 2\noutput = 5\n"
                    "[model spare]\nupstream = up\ninput = 1\noutput = 3\n"
                    "[route auto]\nmodel = auto\ntiers = m@0.8, big\nfallback = spare\n");
    (void)fmt_cstr(&f);
    assert_true(scene_open(&story.scene, span_str(story.config), &story.options));
    assert_true(net_addr_scan(SPAN("10.0.0.9:8000"), &place));
    fake_serve(&place, &vendor);
    for (int i = 0; i < STEPS; i++) {
        step();
        check_promise();
    }
    fake_disk_stop_at(0);
    scene_run(&story.scene, 1200000);
    if (story.scene.gateway != NULL && !fake_disk_stopped()) {
        assert_int_equal(budget_held_pusd(&story.scene.gateway->budgets), 0);
        check_promise();
    }
    count_tags();
    scene_end(&story.scene);
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
        answered += story.answered;
        escalated += story.escalated;
        fell_back += story.fell_back;
        hits += story.hits;
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
