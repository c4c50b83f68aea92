#include "traffic.h"

#include <string.h>

#include "json/object.h"

static struct traffic traffic;

static uint64_t pick(uint64_t below)
{
    return fake_random() % below;
}

/* ---- the vendor ---- */

static struct traffic_end *end_of(int handle)
{
    for (size_t i = 0; i < TRAFFIC_ENDS && i < traffic.end_count; i++) {
        struct traffic_end *e = &traffic.ends[(traffic.end_count - 1 - i) % TRAFFIC_ENDS];
        if (e->handle == handle)
            return e;
    }
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
    struct traffic_end *e = ctx;
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
    if (!traffic.polite && pick(12) == 0) {
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
    traffic.answered++;
    size_t len = fmt_span(&f).len;
    if (!traffic.polite && pick(10) == 0) { /* cut off anywhere */
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
    traffic.ends[traffic.end_count++ % TRAFFIC_ENDS] = (struct traffic_end){.handle = handle};
}

static void vendor_data(void *ctx, int handle, struct span unused)
{
    struct traffic_end *e = end_of(handle);
    struct request r;
    (void)ctx;
    (void)unused;
    if (e == NULL || e->answering || !vendor_request(handle, &r))
        return;
    e->answering = true;
    if (!traffic.polite && pick(15) == 0)
        fake_break(handle);
    else if (traffic.polite || pick(15) != 0) /* or never */
        fake_after((int64_t)pick(3000), vendor_answer, e);
}

/* ---- the truth ---- */

static const char *const file_names[TRAFFIC_FILES] = {SCENE_LEDGER,      SCENE_LEDGER ".1",
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
    for (size_t i = 0; i < TRAFFIC_FILES; i++) {
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

static void traffic_check(void)
{
    const struct gateway *g = traffic.scene.gateway;
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

static inline void traffic_ask(void)
{
    static const char *const sessions[] = {"", "x-farthing-session: s1\r\n",
                                           "x-farthing-session: s2\r\n",
                                           "x-farthing-session: s3\r\n"};
    char body[512];
    char text[1024];
    struct fmt b;
    struct fmt f;
    int *client = &traffic.clients[pick(TRAFFIC_CLIENTS)];
    fmt_init(&b, body, sizeof body);
    fmt_str(&b, "{\"model\":\"");
    fmt_str(&b, traffic.texts > 0 && pick(2) == 0 ? "auto" : "m");
    fmt_str(&b, "\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    fmt_fill(
        &b, 'x',
        pick(traffic.texts > 0 ? traffic.texts : 200)); /* few come again: the cache knows them */
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
        *client = fake_client(&traffic.scene.listener);
    traffic.asked++;
    if (*client != 0)
        fake_send(*client, fmt_span(&f));
}

static inline void traffic_leave(void)
{
    int *client = &traffic.clients[pick(TRAFFIC_CLIENTS)];
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
    memset(traffic.clients, 0, sizeof traffic.clients);
    while (!scene_start(&traffic.scene, span_str(traffic.config))) {
        if (!fake_disk_stopped())
            scene_die("does not start again", traffic.scene.why);
        close_all();
        fake_disk_crash();
    }
}

static inline void traffic_stop(void)
{
    fake_disk_stop_at(0);
    scene_end(&traffic.scene);
    start_again();
}

static inline void traffic_reboot(void)
{
    close_all();
    scene_kill(&traffic.scene);
    fake_disk_crash();
    start_again();
}

/* What the last ledger tells of how the calls came about. */
static inline void traffic_count_tags(void)
{
    struct span rest = fake_disk_text(SCENE_LEDGER);
    struct span line;
    while (rest.len > 0 && span_split(&rest, '\n', &line)) {
        struct ledger_line l;
        if (!ledger_line_read(&l, line))
            continue;
        traffic.escalated += (l.tags & TAG_ESCALATED) != 0;
        traffic.fell_back += (l.tags & TAG_FALLBACK) != 0;
        traffic.hits += (l.tags & (TAG_HIT | TAG_COALESCED)) != 0;
    }
}

static inline void traffic_open(struct span config, const struct scene_options *o)
{
    const struct fake_service vendor = {.open = vendor_opened, .data = vendor_data};
    struct net_addr place;
    memset(&traffic, 0, sizeof traffic);
    assert_true(config.len < sizeof traffic.config);
    memcpy(traffic.config, config.ptr, config.len);
    assert_true(scene_open(&traffic.scene, config, o));
    assert_true(net_addr_scan(SPAN("10.0.0.9:8000"), &place));
    fake_serve(&place, &vendor);
}
