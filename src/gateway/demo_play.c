#include "gateway/demo_play.h"

#include <string.h>

#include "base/money.h"
#include "base/scan.h"
#include "gateway/gateway.h"
#include "net/sys.h"
#include "json/write.h"

enum { DEMO_FAILURES_MAX = 3, DEMO_TEXT_BYTES = 1536, DEMO_DECIMALS = 6 };

static const char *const step_names[DEMO_STEPS] = {
    "the large model for all", "+ model selection", "+ tiers", "+ cache",
    "+ compression",           "+ early ends",
};

/* Routes of settings_demo_text(): what is easy, and what may not be. */
static const char *const easy_routes[DEMO_STEPS] = {"demo-large", "demo-small",  "demo-small",
                                                    "demo-kept",  "demo-packed", "demo-ended"};
static const char *const hard_routes[DEMO_STEPS] = {"demo-large",        "demo-large",
                                                    "demo-tiers",        "demo-tiers-kept",
                                                    "demo-tiers-packed", "demo-tiers-ended"};

static const struct question {
    const char *text;
    bool easy;
    bool is_long; /* comes with a page of text */
} questions[] = {
    {"Is this message spam or not? 'You have won a prize, call now.'", true, false},
    {"Translate into French: Where is the station?", true, false},
    {"Why is the sky blue?", false, false},
    {"Summarize this report in two sentences.", true, true},
    {"Write a function that reverses a list.", false, false},
    {"Why is the sky blue?", false, false},
    {"Is this message spam or not? 'See you at eight.'", true, false},
    {"What did the board decide about the new site?", false, true},
    {"Translate into French: Where is the station?", true, false},
    {"Compare a heat pump with a gas boiler.", false, false},
    {"Why is the sky blue?", false, false},
    {"How do I get a red wine stain out of a shirt?", false, false},
    {"What did the board decide about the new site?", false, true},
    {"Is this message spam or not? 'You have won a prize, call now.'", true, false},
    {"Plan a walk of two hours around the lake.", false, false},
    {"Translate into German: The meeting is at noon.", true, false},
    {"What is the capital of Australia?", false, false},
    {"How do I get a red wine stain out of a shirt?", false, false},
};

/* As people paste it: with blank lines, and with the same footer under each page. */
static const char page[] =
    "Report of the board, first page.\n\n\n\n   The board has met in the large room on the first "
    "floor of the main building. It was said that the old site is too small, and that there is "
    "not enough room for all of those who work there. The board has decided to take the new site "
    "by the river in the spring of the next year.\n\n\n\nThis page is confidential and is meant "
    "for the members of the board only.\n\n\nReport of the board, second page.\n\n\n   It was "
    "asked whether there is the money for it. The treasurer said that there is.\n\n\n\nThis page "
    "is confidential and is meant for the members of the board only.\n\n";

#define QUESTIONS (sizeof(questions) / sizeof(questions[0]))

static void demo_watch(void *ctx, short revents, int64_t now_ms);

void demo_init(struct demo *d, struct gateway *g)
{
    memset(d, 0, sizeof(*d));
    d->gateway = g;
    stream_init(&d->stream);
    watch_init(&d->watch, demo_watch, d);
}

bool demo_progress(const struct demo *d, struct demo_progress *out)
{
    if (d == NULL || d->state == DEMO_IDLE || d->state == DEMO_DONE)
        return false;
    *out = (struct demo_progress){
        .done = d->step * QUESTIONS + d->request,
        .of = DEMO_STEPS * QUESTIONS,
        .step = step_names[d->step],
    };
    return true;
}

/* ---- a request ---- */

static void demo_write(struct demo *d)
{
    const struct question *q = &questions[d->request];
    char text[DEMO_TEXT_BYTES];
    struct json_write w;
    struct fmt body;
    struct fmt f;

    fmt_init(&body, text, sizeof(text));
    json_write_start(&w, &body);
    json_write_object(&w);
    json_write_key(&w, "model");
    json_write_str(&w, q->easy ? easy_routes[d->step] : hard_routes[d->step]);
    json_write_key(&w, "messages");
    json_write_array(&w);
    json_write_object(&w);
    json_write_key(&w, "role");
    json_write_str(&w, "user");
    json_write_key(&w, "content");
    fmt_str(&body, "\"");
    json_escape(&body, span_str(q->is_long ? page : ""));
    json_escape(&body, span_str(q->text));
    fmt_str(&body, "\"");
    w.need_comma = true;
    json_write_object_end(&w);
    json_write_array_end(&w);
    /* What was kept in an earlier step is another question in a later one. */
    json_write_key(&w, "seed");
    json_write_i64(&w, (int64_t)d->step);
    json_write_object_end(&w);
    fmt_init(&f, d->out, sizeof(d->out));
    fmt_str(&f, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: application/json\r\nx-farthing-label: demo-");
    fmt_u64(&f, d->step + 1);
    fmt_str(&f, "\r\nContent-Length: ");
    fmt_u64(&f, fmt_span(&body).len);
    fmt_str(&f, "\r\n\r\n");
    fmt_text(&f, fmt_span(&body));
    d->out_len = fmt_span(&f).len;
    d->out_sent = 0;
    d->in_len = 0;
}

static int64_t field_pusd(const struct http_head *h, const char *name)
{
    int64_t pusd = 0;

    return scan_usd(http_head_field(h, name), &pusd) ? pusd : 0;
}

/* ---- the end ---- */

/* Rounded. The sums are cents: no product overflows. */
static uint64_t demo_percent(const struct demo_sum *s)
{
    return (uint64_t)((s->cost_pusd * 100 + s->baseline_pusd / 2) / s->baseline_pusd);
}

static void demo_tell(const struct demo *d)
{
    struct diag *diag = &d->gateway->diag;

    diag_say(diag, DIAG_INFO, "demo: what each link of the chain has saved, with fictional prices");
    for (size_t i = 0; i < DEMO_STEPS; i++) {
        const struct demo_sum *s = &d->sums[i];
        struct diag_line l;

        diag_open(diag, DIAG_INFO, &l);
        fmt_str(&l.text, "  ");
        fmt_left(&l.text, span_str(step_names[i]), 26);
        fmt_right_u64(&l.text, s->requests, 3);
        fmt_str(&l.text, " requests  $");
        fmt_usd_short(&l.text, s->cost_pusd, DEMO_DECIMALS);
        if (s->refused > 0) {
            fmt_str(&l.text, "  (and ");
            fmt_u64(&l.text, s->refused);
            fmt_str(&l.text, " refused)");
        }
        if (s->baseline_pusd > 0) {
            fmt_str(&l.text, "  ");
            fmt_right_u64(&l.text, demo_percent(s), 3);
            fmt_str(&l.text, " % of the large model's price");
        }
        diag_close(&l);
    }
}

static void demo_close(struct demo *d)
{
    stream_close(&d->stream);
    d->watch.fd = -1;
}

void demo_stop(struct demo *d)
{
    if (d->state == DEMO_IDLE || d->state == DEMO_DONE)
        return;
    demo_close(d);
    loop_remove(&d->gateway->loop, &d->watch);
    d->state = DEMO_DONE;
}

static void demo_pause(struct demo *d, int64_t now_ms)
{
    d->state = DEMO_PAUSE;
    d->watch.events = 0;
    d->watch.deadline_ms = now_ms + DEMO_PACE_MS;
}

static void demo_failed(struct demo *d, int64_t now_ms)
{
    demo_close(d);
    if (++d->failures < DEMO_FAILURES_MAX) {
        demo_pause(d, now_ms);
        return;
    }
    diag_say(&d->gateway->diag, DIAG_WARN, "demo: it cannot ask its own gateway and ends");
    demo_stop(d);
}

/* ---- its life ---- */

static void demo_ask(struct demo *d, int64_t now_ms)
{
    int fd;

    d->watch.deadline_ms = now_ms + DEMO_ANSWER_MS;
    demo_write(d);
    if (stream_is_open(&d->stream)) {
        d->state = DEMO_SEND;
        d->watch.events = POLLOUT;
        return;
    }
    fd = sys_connect(&d->gateway->listeners[0].addr);
    if (fd < 0) {
        demo_failed(d, now_ms);
        return;
    }
    stream_plain(&d->stream, fd);
    d->watch.fd = fd;
    d->watch.events = POLLOUT;
    d->state = DEMO_CONNECT;
}

static void demo_send(struct demo *d, int64_t now_ms)
{
    int64_t sent =
        stream_write(&d->stream, span_of(d->out + d->out_sent, d->out_len - d->out_sent));

    if (sent < 0 && sent != STREAM_AGAIN) {
        demo_failed(d, now_ms);
        return;
    }
    d->out_sent += sent > 0 ? (size_t)sent : 0;
    if (d->out_sent < d->out_len)
        return;
    d->state = DEMO_READ;
    d->watch.events = POLLIN;
}

static void demo_answered(struct demo *d, const struct http_head *h, int64_t now_ms)
{
    struct demo_sum *s = &d->sums[d->step];

    if (h->status == 200)
        s->requests++;
    else
        s->refused++;
    s->cost_pusd = money_add(s->cost_pusd, field_pusd(h, "x-farthing-cost"));
    s->baseline_pusd = money_add(s->baseline_pusd, field_pusd(h, "x-farthing-baseline"));
    d->failures = 0;
    if (!h->keep_alive)
        demo_close(d);
    if (++d->request == QUESTIONS) {
        d->request = 0;
        if (++d->step == DEMO_STEPS) {
            d->step = DEMO_STEPS - 1;
            demo_tell(d);
            demo_stop(d);
            return;
        }
    }
    demo_pause(d, now_ms);
}

static void demo_read(struct demo *d, int64_t now_ms)
{
    int64_t got = stream_read(&d->stream, d->in + d->in_len, sizeof(d->in) - d->in_len);
    struct http_head h;
    size_t used = 0;

    if (got == STREAM_AGAIN)
        return;
    if (got <= 0) {
        demo_failed(d, now_ms);
        return;
    }
    d->in_len += (size_t)got;
    switch (http_head_response(&h, span_of(d->in, d->in_len), 0, false, &used)) {
    case PARSE_MORE:
        break;
    case PARSE_BAD:
        demo_failed(d, now_ms);
        return;
    case PARSE_DONE:
        if (d->in_len >= used + (size_t)h.content_length) {
            demo_answered(d, &h, now_ms);
            return;
        }
    }
    if (d->in_len == sizeof(d->in))
        demo_failed(d, now_ms);
}

static void demo_watch(void *ctx, short revents, int64_t now_ms)
{
    struct demo *d = ctx;

    if (revents == 0 && d->state != DEMO_PAUSE && now_ms >= d->watch.deadline_ms) {
        demo_failed(d, now_ms);
        return;
    }
    switch (d->state) {
    case DEMO_PAUSE:
        if (now_ms >= d->watch.deadline_ms)
            demo_ask(d, now_ms);
        else if (revents != 0)
            demo_close(d); /* the gateway closed an idle connection */
        return;
    case DEMO_CONNECT:
        if (sys_connect_result(d->stream.fd) != 0) {
            demo_failed(d, now_ms);
            return;
        }
        d->state = DEMO_SEND;
        demo_send(d, now_ms);
        return;
    case DEMO_SEND:
        demo_send(d, now_ms);
        return;
    case DEMO_READ:
        demo_read(d, now_ms);
        return;
    case DEMO_IDLE:
    case DEMO_DONE:
        return;
    }
}

void demo_begin(struct demo *d, int64_t now_ms)
{
    if (d->state != DEMO_IDLE || d->gateway->listener_count == 0)
        return;
    diag_say(&d->gateway->diag, DIAG_INFO,
             "demo: the same requests six times, each time with one more link of the chain");
    loop_add(&d->gateway->loop, &d->watch);
    demo_pause(d, now_ms);
}
