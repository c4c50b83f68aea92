#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "base/scan.h"
#include "fake_dns.h"
#include "fake_tls.h"
#include "fake_tls_client.h"
#include "http/body.h"
#include "scene.h"

enum {
    SCRIPT_PARTIES_MAX = 40,
    SCRIPT_WORDS_MAX = 24,
    SCRIPT_TEXT_BYTES = 1 << 18,
    SCRIPT_PATIENCE_MS = 7200000, /* vendors that never answer, one after another */
    SCRIPT_SECURE_MAX = 2,
    SCRIPT_NAMES_BYTES = 2048,
};

struct party {
    char name[16];
    int handle;
    bool asked; /* a client that is owed an answer */
    char headers[1024];
    uint64_t got; /* bytes taken so far */
    bool has_from;
    struct net_addr from;
    struct fake_tls_client *tls; /* NULL = it speaks in clear */
};

/* A vendor that speaks TLS and always says the same. */
struct secure_place {
    struct fake_tls tls;
    struct span body; /* in the scenario's text */
};

struct script {
    struct scene scene;
    struct scene_options options;
    struct fake_dns dns;
    int dns_asked; /* counted so far */
    char names[SCRIPT_NAMES_BYTES];
    size_t names_len;
    struct secure_place *secure_places[SCRIPT_SECURE_MAX];
    bool lenient;
    bool started;
    bool failed;
    struct fmt *why;
    size_t line_number;
    char config[8192];
    size_t config_len;
    struct party clients[SCRIPT_PARTIES_MAX];
    struct party upstreams[SCRIPT_PARTIES_MAX];
    size_t word_count;
    struct span words[SCRIPT_WORDS_MAX];
    bool quoted[SCRIPT_WORDS_MAX];
    struct span rest[SCRIPT_WORDS_MAX]; /* the line from that word on */
    char text[SCRIPT_TEXT_BYTES];       /* unescaped words */
    char scratch[SCRIPT_TEXT_BYTES];
};

static void broken(struct script *c, const char *what, struct span detail)
{
    if (c->lenient || c->failed)
        return;
    c->failed = true;
    fmt_str(c->why, "line ");
    fmt_u64(c->why, c->line_number);
    fmt_str(c->why, ": ");
    fmt_str(c->why, what);
    fmt_str(c->why, ": ");
    fmt_visible(c->why, detail, 600);
}

static void must(struct script *c, bool holds, const char *what, struct span detail)
{
    if (!holds)
        broken(c, what, detail);
}

/* ---- words ---- */

static int hex(char c)
{
    const char *at = strchr("0123456789abcdef", c);
    return at == NULL || c == '\0' ? 0 : (int)(at - "0123456789abcdef");
}

static size_t unescape(const char *from, size_t len, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (from[i] != '\\' || i + 1 == len) {
            out[n++] = from[i];
            continue;
        }
        i++;
        switch (from[i]) {
        case 'r':
            out[n++] = '\r';
            break;
        case 'n':
            out[n++] = '\n';
            break;
        case 't':
            out[n++] = '\t';
            break;
        case 'x':
            out[n++] = (char)(hex(from[i + 1]) * 16 + hex(from[i + 2]));
            i += 2;
            break;
        default:
            out[n++] = from[i];
        }
    }
    return n;
}

static size_t quoted_end(struct span line, size_t at)
{
    while (at < line.len && line.ptr[at] != '"')
        at += line.ptr[at] == '\\' ? 2 : 1;
    return at < line.len ? at : line.len;
}

static void split(struct script *c, struct span line)
{
    size_t at = 0;
    char *out = c->text;
    c->word_count = 0;
    while (c->word_count < SCRIPT_WORDS_MAX) {
        while (at < line.len && line.ptr[at] == ' ')
            at++;
        if (at == line.len)
            return;
        c->rest[c->word_count] = span_part(line, at, line.len);
        bool quoted = line.ptr[at] == '"';
        size_t begin = quoted ? at + 1 : at;
        size_t end = begin;
        if (quoted)
            end = quoted_end(line, begin);
        else
            while (end < line.len && line.ptr[end] != ' ')
                end++;
        size_t len = quoted ? unescape(line.ptr + begin, end - begin, out) : end - begin;
        if (!quoted)
            memcpy(out, line.ptr + begin, len);
        c->quoted[c->word_count] = quoted;
        c->words[c->word_count++] = span_of(out, len);
        out += len;
        at = end + (quoted ? 1 : 0);
    }
}

static bool is(const struct script *c, size_t i, const char *word)
{
    return i < c->word_count && span_equal(c->words[i], span_str(word));
}

static int64_t number(const struct script *c, size_t i)
{
    int64_t value = 0;
    if (i >= c->word_count || !scan_i64(c->words[i], &value))
        return -1;
    return value;
}

static int64_t times(const struct script *c, size_t i)
{
    return i < c->word_count ? number(c, i) : 1;
}

static bool contains(struct span text, struct span part)
{
    return part.len == 0 ||
           (text.len > 0 && memmem(text.ptr, text.len, part.ptr, part.len) != NULL);
}

/* ---- parties ---- */

static struct party *party(struct party *list, struct span name)
{
    for (size_t i = 0; i < SCRIPT_PARTIES_MAX; i++) {
        if (list[i].name[0] == '\0') {
            if (name.len >= sizeof list[i].name)
                break;
            memcpy(list[i].name, name.ptr, name.len);
            return &list[i];
        }
        if (span_equal(span_str(list[i].name), name))
            return &list[i];
    }
    scene_die("script", "too many parties, or a name too long");
}

static void connect_to(struct script *c, struct party *p, const struct net_addr *listener)
{
    if (p->handle == 0)
        p->handle = p->has_from ? fake_client_from(listener, &p->from) : fake_client(listener);
    must(c, p->handle != 0, "nobody listens", SPAN_EMPTY);
}

static void connect_client(struct script *c, struct party *p)
{
    connect_to(c, p, &c->scene.listener);
}

static void knock(struct script *c, struct party *p)
{
    const struct gateway *g = c->scene.gateway;
    for (size_t i = 0; i < g->listener_count; i++)
        if (g->listeners[i].tls) {
            connect_to(c, p, &g->listeners[i].addr);
            return;
        }
    broken(c, "there is no https listener", SPAN_EMPTY);
}

static void secure(struct script *c, struct party *p, const struct party *other)
{
    struct tls_resume resume = {.valid = false};
    knock(c, p);
    if (p->handle == 0)
        return;
    if (other != NULL && other->tls != NULL && tls_session_state(other->tls->session) == TLS_OPEN)
        tls_client_save(other->tls->session, &resume);
    p->asked = true; /* a handshake is owed an end */
    p->tls = fake_tls_client_new(p->handle, &resume);
}

/* What came of the gateway and was not taken: plain text, where there is TLS. */
static struct span received(const struct party *p)
{
    if (p->handle == 0)
        return SPAN_EMPTY;
    return p->tls != NULL ? span_of(p->tls->plain, p->tls->plain_len) : fake_received(p->handle);
}

static void consume(struct party *p, size_t bytes)
{
    p->got += bytes;
    if (p->tls != NULL)
        fake_tls_client_consume(p->tls, bytes);
    else
        fake_consume(p->handle, bytes);
}

static void send_to_gateway(struct party *p, struct span bytes)
{
    if (p->handle != 0 && p->tls != NULL)
        fake_tls_client_send(p->tls, bytes);
    else if (p->handle != 0)
        fake_send(p->handle, bytes);
}

static bool is_at_end(const struct party *p)
{
    return p->handle != 0 && (fake_saw_fin(p->handle) || fake_saw_reset(p->handle));
}

/* A whole message at the front of what came: its length, 0 when it is not whole yet. The payload is
 * gathered behind a copy of the head in c->scratch. */
static size_t message(struct script *c, struct span raw, bool request, bool at_end,
                      struct http_head *h, struct span *shown)
{
    struct http_body body;
    size_t at = 0;
    enum parse verdict =
        request ? http_head_request(h, raw, 0, &at) : http_head_response(h, raw, 0, false, &at);
    if (verdict != PARSE_DONE)
        return 0;
    size_t n = at;
    memcpy(c->scratch, raw.ptr, at);
    http_body_start(&body, h);
    bool none =
        h->framing == HTTP_BODY_NONE || (h->framing == HTTP_BODY_LENGTH && h->content_length == 0);
    verdict = none ? PARSE_DONE : PARSE_MORE;
    while (verdict == PARSE_MORE && at < raw.len) {
        struct span payload = SPAN_EMPTY;
        size_t used = 0;
        verdict = http_body_next(&body, span_part(raw, at, raw.len), &payload, &used);
        if (n + payload.len > sizeof c->scratch)
            scene_die("script", "a message is too long");
        memcpy(c->scratch + n, payload.ptr != NULL ? payload.ptr : "", payload.len);
        n += payload.len;
        at += used;
        if (verdict == PARSE_MORE && used == 0)
            break;
    }
    if (verdict == PARSE_MORE && at_end && http_body_eof(&body) == PARSE_DONE)
        verdict = PARSE_DONE;
    *shown = span_of(c->scratch, n);
    return verdict == PARSE_DONE ? at : 0;
}

static void expect_parts(struct script *c, size_t from, struct span shown)
{
    for (size_t i = from; i < c->word_count; i++) {
        struct span part = c->words[i];
        bool absent = !c->quoted[i] && part.len > 1 && part.ptr[0] == '!';
        if (absent)
            must(c, !contains(shown, span_part(part, 1, part.len)), "there is what must not be",
                 shown);
        else
            must(c, contains(shown, part), "a part is missing", shown);
    }
}

/* ---- clients ---- */

static void client_ask(struct script *c, struct party *p, const char *method)
{
    static char request[SCRIPT_TEXT_BYTES];
    struct span body = c->word_count > 4 ? c->rest[4] : SPAN_EMPTY;
    struct fmt f;
    fmt_init(&f, request, sizeof request);
    fmt_str(&f, method);
    fmt_char(&f, ' ');
    fmt_text(&f, c->words[3]);
    fmt_str(&f, " HTTP/1.1\r\nHost: localhost\r\n");
    fmt_str(&f, p->headers);
    if (body.len > 0) {
        fmt_str(&f, "Content-Type: application/json\r\nContent-Length: ");
        fmt_u64(&f, body.len);
        fmt_str(&f, "\r\n");
    }
    fmt_str(&f, "\r\n");
    fmt_text(&f, body);
    if (!fmt_ok(&f))
        scene_die("script", "a request is too long");
    connect_client(c, p);
    p->asked = true;
    send_to_gateway(p, fmt_span(&f));
}

static void client_got(struct script *c, struct party *p)
{
    struct span raw = received(p);
    bool at_end = p->handle != 0 && fake_saw_fin(p->handle);
    struct span shown = SPAN_EMPTY;
    struct http_head h;
    size_t len = message(c, raw, false, at_end, &h, &shown);
    must(c, len > 0, "no whole response", raw);
    if (len == 0)
        return;
    must(c, h.status == number(c, 3), "another status", shown);
    expect_parts(c, 4, shown);
    consume(p, len);
}

/* The payload of what came of a stream, head left out once it was read. */
static void client_reads(struct script *c, struct party *p)
{
    struct span raw = received(p);
    struct span shown = SPAN_EMPTY;
    struct http_head h;
    (void)message(c, raw, false, false, &h, &shown);
    must(c,
         shown.len >= c->words[3].len &&
             span_equal(span_part(shown, shown.len - c->words[3].len, shown.len), c->words[3]),
         "other bytes came last", shown);
}

/* Commands of TLS; false when it is none of them. */
static bool client_tls_command(struct script *c, struct party *p)
{
    bool open = p->tls != NULL && tls_session_state(p->tls->session) == TLS_OPEN;
    if (is(c, 2, "knocks"))
        knock(c, p);
    else if (is(c, 2, "secures") || is(c, 2, "greets"))
        secure(c, p, NULL);
    else if (is(c, 2, "resumes"))
        secure(c, p, party(c->clients, c->words[3]));
    else if (is(c, 2, "secured"))
        must(c, open && !tls_client_resumed(p->tls->session), "no TLS was spoken", SPAN_EMPTY);
    else if (is(c, 2, "resumed"))
        must(c, open && tls_client_resumed(p->tls->session), "nothing was resumed", SPAN_EMPTY);
    else if (is(c, 2, "unsecured"))
        must(c, !open, "TLS is spoken", SPAN_EMPTY);
    else if (is(c, 2, "mute") || is(c, 2, "speaks")) {
        if (p->tls != NULL)
            p->tls->mute = is(c, 2, "mute");
    } else
        return false;
    if (is(c, 2, "greets") && p->tls != NULL) {
        (void)fake_tls_client_out(p->tls);
        p->tls->mute = true;
    }
    return true;
}

static void client_sips(struct script *c, struct party *p)
{
    for (int64_t i = 0; i < number(c, 5); i++) {
        size_t most = received(p).len;
        size_t sip = (size_t)number(c, 3);
        consume(p, sip < most ? sip : most);
        scene_run(&c->scene, number(c, 4));
    }
}

static void client_drips(struct script *c, struct party *p)
{
    for (int64_t i = 0; i < number(c, 5); i++) {
        send_to_gateway(p, c->words[3]);
        scene_run(&c->scene, number(c, 4));
    }
}

static void client_command(struct script *c)
{
    struct party *p = party(c->clients, c->words[1]);
    struct span raw = received(p);
    if (client_tls_command(c, p))
        return;
    if (is(c, 2, "lives"))
        p->has_from = net_addr_scan(c->words[3], &p->from);
    else if (is(c, 2, "connects"))
        connect_client(c, p);
    else if (is(c, 2, "header")) {
        size_t at = strlen(p->headers);
        struct fmt f;
        fmt_init(&f, p->headers + at, sizeof p->headers - at - 1);
        fmt_text(&f, c->words[3]);
        fmt_str(&f, "\r\n");
        (void)fmt_cstr(&f);
    } else if (is(c, 2, "posts"))
        client_ask(c, p, "POST");
    else if (is(c, 2, "gets"))
        client_ask(c, p, "GET");
    else if (is(c, 2, "sends")) {
        connect_client(c, p);
        send_to_gateway(p, c->words[3]);
    } else if (is(c, 2, "got"))
        client_got(c, p);
    else if (is(c, 2, "reads"))
        client_reads(c, p);
    else if (is(c, 2, "holds"))
        expect_parts(c, 3, raw);
    else if (is(c, 2, "silent"))
        must(c, raw.len == 0, "something came", raw);
    else if (is(c, 2, "at-end"))
        must(c, is_at_end(p), "the gateway keeps it open", raw);
    else if (p->handle == 0)
        broken(c, "not connected", c->words[1]);
    else if (is(c, 2, "window"))
        fake_window(p->handle, (size_t)number(c, 3));
    else if (is(c, 2, "drains"))
        consume(p, raw.len);
    else if (is(c, 2, "drips"))
        client_drips(c, p);
    else if (is(c, 2, "sips"))
        client_sips(c, p);
    else if (is(c, 2, "shuts") && p->tls != NULL) {
        tls_session_close(p->tls->session);
        while (fake_tls_client_out(p->tls))
            ;
    } else if (is(c, 2, "shuts"))
        fake_shutdown(p->handle);
    else if (is(c, 2, "closes") || is(c, 2, "breaks")) {
        p->asked = false;
        if (is(c, 2, "closes"))
            fake_close(p->handle);
        else
            fake_break(p->handle);
    } else
        broken(c, "unknown command", c->rest[0]);
}

/* ---- upstreams ---- */

static struct net_addr address(struct span text)
{
    struct net_addr a;
    if (!net_addr_scan(text, &a))
        scene_die("script", "an address cannot be read");
    return a;
}

static void upstream_send_response(struct script *c, struct party *p, size_t verb)
{
    static char response[SCRIPT_TEXT_BYTES];
    struct span body = c->word_count > verb + 2 ? c->rest[verb + 2] : SPAN_EMPTY;
    struct fmt f;
    fmt_init(&f, response, sizeof response);
    fmt_str(&f, "HTTP/1.1 ");
    fmt_text(&f, c->words[verb + 1]);
    fmt_str(&f, " X\r\nContent-Type: application/json\r\nContent-Length: ");
    fmt_u64(&f, body.len);
    fmt_str(&f, "\r\n\r\n");
    fmt_text(&f, body);
    fake_consume(p->handle, fake_received(p->handle).len);
    fake_send(p->handle, fmt_span(&f));
}

static void upstream_stream(struct party *p, struct span data)
{
    static char chunk[SCRIPT_TEXT_BYTES];
    struct fmt f;
    fmt_init(&f, chunk, sizeof chunk);
    fmt_hex(&f, data.len + 8, 1);
    fmt_str(&f, "\r\ndata: ");
    fmt_text(&f, data);
    fmt_str(&f, "\n\n\r\n");
    fake_send(p->handle, fmt_span(&f));
}

static void upstream_body(struct script *c, struct party *p)
{
    struct span shown = SPAN_EMPTY;
    struct http_head h;
    struct span raw = fake_received(p->handle);
    size_t len = message(c, raw, true, false, &h, &shown);
    must(c, len > 0, "the request is not whole", raw);
    if (len == 0)
        return;
    size_t head = len - (size_t)h.content_length;
    must(c, span_equal(span_part(shown, head, shown.len), c->rest[3]), "another body", shown);
}

static void upstream_sends(struct script *c, struct party *p, size_t verb)
{
    for (int64_t i = 0; i < times(c, verb + 2); i++)
        fake_send(p->handle, c->words[verb + 1]);
    if (c->word_count > verb + 3)
        fake_send(p->handle, c->words[verb + 3]);
}

static void upstream_drips(struct script *c, struct party *p, size_t verb)
{
    for (int64_t i = 0; i < number(c, verb + 3); i++) {
        fake_send(p->handle, c->words[verb + 1]);
        scene_run(&c->scene, number(c, verb + 2));
    }
}

static void upstream_command(struct script *c)
{
    struct party *p = party(c->upstreams, c->words[1]);
    struct net_addr at = address(SPAN("10.0.0.9:8000"));
    size_t verb = 2;
    if (is(c, 2, "at")) {
        at = address(c->words[3]);
        verb = 4;
    }
    if (p->handle == 0)
        p->handle = fake_accept(&at);
    must(c, p->handle != 0, "no connection came", c->words[1]);
    if (p->handle == 0)
        return;
    if (is(c, verb, "gets"))
        expect_parts(c, verb + 1, fake_received(p->handle));
    else if (is(c, verb, "takes")) {
        size_t all = fake_received(p->handle).len;
        bool some = number(c, verb + 1) >= 0 && number(c, verb + 1) < (int64_t)all;
        fake_consume(p->handle, some ? (size_t)number(c, verb + 1) : all);
    } else if (is(c, verb, "body"))
        upstream_body(c, p);
    else if (is(c, verb, "answers"))
        upstream_send_response(c, p, verb);
    else if (is(c, verb, "sends"))
        upstream_sends(c, p, verb);
    else if (is(c, verb, "drips"))
        upstream_drips(c, p, verb);
    else if (is(c, verb, "begins-stream"))
        fake_send(p->handle, SPAN("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n"));
    else if (is(c, verb, "streams"))
        for (int64_t i = 0; i < times(c, verb + 2); i++)
            upstream_stream(p, c->words[verb + 1]);
    else if (is(c, verb, "ends-stream")) {
        upstream_stream(p, SPAN("[DONE]"));
        fake_send(p->handle, SPAN("0\r\n\r\n"));
    } else if (is(c, verb, "left"))
        must(c, fake_saw_fin(p->handle) || fake_saw_reset(p->handle), "the gateway keeps it open",
             fake_received(p->handle));
    else if (is(c, verb, "stays"))
        must(c, !fake_saw_fin(p->handle) && !fake_saw_reset(p->handle), "the gateway closed it",
             SPAN_EMPTY);
    else if (is(c, verb, "closes"))
        fake_close(p->handle);
    else if (is(c, verb, "breaks"))
        fake_break(p->handle);
    else if (is(c, verb, "shuts"))
        fake_shutdown(p->handle);
    else if (is(c, verb, "vanishes"))
        fake_vanish(p->handle);
    else if (is(c, verb, "window"))
        fake_window(p->handle, (size_t)number(c, verb + 1));
    else
        broken(c, "unknown command", c->rest[0]);
}

/* ---- places and names ---- */

/* Once the head's end is there: requests of these scenarios have short bodies, which come with it
 * or are not looked at. */
static void secure_answer(void *ctx, struct fake_tls_connection *connection, struct span text)
{
    const struct secure_place *s = ctx;
    char response[1024];
    struct fmt f;
    if (!contains(text, SPAN("\r\n\r\n")))
        return;
    fmt_init(&f, response, sizeof response);
    fmt_str(&f, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
    fmt_u64(&f, s->body.len);
    fmt_str(&f, "\r\n\r\n");
    fmt_text(&f, s->body);
    fake_tls_send(connection, fmt_span(&f));
}

static void secure_place(struct script *c, const struct net_addr *a)
{
    static struct tls_chain identity;
    size_t i = 0;
    while (i < SCRIPT_SECURE_MAX && c->secure_places[i] != NULL)
        i++;
    if (i == SCRIPT_SECURE_MAX ||
        (c->secure_places[i] = calloc(1, sizeof *c->secure_places[i])) == NULL)
        scene_die("script", "too many places that speak TLS");
    if (identity.chain_len == 0)
        tls_chain_load(&identity, "ec-leaf.pem", "ec-inter.pem", "ec-leaf.key", true);
    c->secure_places[i]->body = c->rest[3];
    fake_tls_start(&c->secure_places[i]->tls, a, &identity, secure_answer, c->secure_places[i]);
}

static void place_command(struct script *c)
{
    struct net_addr a = address(c->words[1]);
    if (is(c, 2, "listens"))
        fake_listen(&a);
    else if (is(c, 2, "refuses"))
        fake_refuse(&a);
    else if (is(c, 2, "silent"))
        fake_silent(&a);
    else if (is(c, 2, "unreachable"))
        fake_unreachable(&a);
    else if (is(c, 2, "secures") && c->word_count > 3)
        secure_place(c, &a);
    else if (is(c, 2, "delays")) {
        fake_listen(&a);
        fake_delay(&a, number(c, 3));
    } else
        broken(c, "unknown command", c->rest[0]);
}

static const char *lasting(struct script *c, struct span text)
{
    char *at = c->names + c->names_len;
    if (text.len >= sizeof c->names - c->names_len)
        scene_die("script", "too many names");
    memcpy(at, text.ptr, text.len);
    at[text.len] = '\0';
    c->names_len += text.len + 1;
    return at;
}

static bool dns_mode(struct script *c)
{
    static const char *const modes[] = {
        [FAKE_DNS_ANSWERS] = "answers",     [FAKE_DNS_SILENT] = "silent",
        [FAKE_DNS_FAILS] = "fails",         [FAKE_DNS_TRUNCATES] = "truncates",
        [FAKE_DNS_LIES] = "lies",           [FAKE_DNS_TRUNCATES_EMPTY] = "truncates-empty",
        [FAKE_DNS_GARBLES] = "garbles",     [FAKE_DNS_ONLY_A] = "only-a",
        [FAKE_DNS_ONLY_AAAA] = "only-aaaa",
    };
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (!is(c, 1, modes[i]))
            continue;
        c->dns.mode = (enum fake_dns_mode)i;
        return true;
    }
    return false;
}

static void dns_command(struct script *c)
{
    if (is(c, 1, "knows") && c->word_count > 2) {
        const char *name = lasting(c, c->words[2]);
        fake_dns_forget(&c->dns, name);
        for (size_t i = 3; i < c->word_count; i++)
            fake_dns_add(&c->dns, name, lasting(c, c->words[i]));
    } else if (is(c, 1, "ttl"))
        c->dns.ttl_s = (uint32_t)number(c, 2);
    else if (is(c, 1, "tcp"))
        c->dns.tcp_breaks = is(c, 2, "breaks");
    else if (is(c, 1, "asked")) {
        char text[32];
        struct fmt f;
        fmt_init(&f, text, sizeof text);
        fmt_i64(&f, c->dns.udp_queries - c->dns_asked);
        must(c, c->dns.udp_queries - c->dns_asked == number(c, 2), "another count of questions",
             fmt_span(&f));
        c->dns_asked = c->dns.udp_queries;
    } else if (!dns_mode(c))
        broken(c, "unknown command", c->rest[0]);
}

/* ---- the clock ---- */

static int64_t time_of(struct script *c, size_t i)
{
    int64_t unix_ms;
    if (i >= c->word_count || !scan_time_utc(c->words[i], &unix_ms))
        scene_die("script", "a time cannot be read");
    return unix_ms;
}

static void clock_command(struct script *c)
{
    if (is(c, 1, "at"))
        fake_set_wall_ms(time_of(c, 2));
    else if (is(c, 1, "forward"))
        fake_set_wall_ms(sys_wall_ms() + number(c, 2));
    else if (is(c, 1, "back"))
        fake_set_wall_ms(sys_wall_ms() - number(c, 2));
    else
        broken(c, "unknown command", c->rest[0]);
}

static void restart(struct script *c)
{
    for (size_t i = 0; i < SCRIPT_PARTIES_MAX; i++) {
        if (c->clients[i].tls != NULL)
            fake_tls_client_free(c->clients[i].tls);
        memset(&c->clients[i], 0, sizeof c->clients[i]);
        memset(&c->upstreams[i], 0, sizeof c->upstreams[i]);
    }
    scene_end(&c->scene);
    if (c->word_count > 1)
        fake_set_wall_ms(time_of(c, 1));
    if (!scene_start(&c->scene, span_of(c->config, c->config_len)))
        broken(c, "does not start again", span_str(c->scene.why));
}

/* ---- the rest ---- */

static void ledger_column(struct script *c, const struct ledger_line *l, struct span word)
{
    char text[256];
    struct span value = word;
    struct span name;
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    if (!span_split(&value, '=', &name))
        scene_die("script", "a column has no value");
    if (span_equal(name, SPAN("asked")))
        fmt_text(&f, l->asked);
    else if (span_equal(name, SPAN("used")))
        fmt_text(&f, l->used);
    else if (span_equal(name, SPAN("key")))
        fmt_text(&f, l->key);
    else if (span_equal(name, SPAN("route")))
        fmt_text(&f, l->route);
    else if (span_equal(name, SPAN("workload")))
        fmt_text(&f, l->workload);
    else if (span_equal(name, SPAN("tier")))
        fmt_u64(&f, l->tier);
    else if (span_equal(name, SPAN("baseline")))
        fmt_i64(&f, l->baseline_pusd);
    else if (span_equal(name, SPAN("label")))
        fmt_text(&f, l->label);
    else if (span_equal(name, SPAN("in")))
        fmt_i64(&f, l->input);
    else if (span_equal(name, SPAN("cached")))
        fmt_i64(&f, l->cached);
    else if (span_equal(name, SPAN("out")))
        fmt_i64(&f, l->output);
    else if (span_equal(name, SPAN("reasoning")))
        fmt_i64(&f, l->reasoning);
    else if (span_equal(name, SPAN("cost")))
        fmt_i64(&f, l->cost_pusd);
    else if (span_equal(name, SPAN("status")))
        fmt_i64(&f, l->status);
    else if (span_equal(name, SPAN("time")))
        fmt_time_utc(&f, l->time_unix_ms);
    else if (span_equal(name, SPAN("ttfb")))
        fmt_i64(&f, l->first_byte_ms);
    else if (span_equal(name, SPAN("ms")))
        fmt_i64(&f, l->total_ms);
    else if (span_equal(name, SPAN("tags"))) {
        for (uint32_t tag = 1; tag != 0 && tag <= TAG_DEMO; tag <<= 1) {
            if ((l->tags & tag) == 0)
                continue;
            if (fmt_span(&f).len > 0)
                fmt_char(&f, ',');
            fmt_str(&f, ledger_tag_name(tag));
        }
        if (fmt_span(&f).len == 0)
            fmt_char(&f, '-');
    } else
        scene_die("script", "an unknown column");
    must(c, span_equal(fmt_span(&f), value), "the ledger says otherwise", fmt_span(&f));
}

static void ledger_command(struct script *c)
{
    struct ledger_line last;
    int64_t cost_pusd;
    struct span text = fake_disk_text(SCENE_LEDGER);
    size_t lines = scene_ledger(text, &last, &cost_pusd);
    must(c, (int64_t)lines == number(c, 1), "another count of lines", text);
    if (c->lenient || c->failed || lines == 0)
        return;
    for (size_t i = 2; i < c->word_count; i++)
        ledger_column(c, &last, c->words[i]);
}

static void signal_command(struct script *c)
{
    fake_signal(is(c, 1, "stop")     ? SYS_SIGNAL_STOP
                : is(c, 1, "reload") ? SYS_SIGNAL_RELOAD
                                     : SYS_SIGNAL_REPORT);
}

/* 40 outcomes of each kind: more than the 30 that a model needs to be calibrated. */
static void learned_command(struct script *c)
{
    static struct features features;
    char name[CONFIG_NAME_BYTES] = {0};
    struct learn_input in[2];
    memcpy(name, c->words[1].ptr, c->words[1].len);
    struct learner *l = learning_find(c->scene.gateway, name);
    for (int i = 0; i < 2; i++)
        learn_read(&in[i], c->words[2 + i], &features);
    for (int i = 0; i < 80; i++)
        learning_update(l, &in[i % 2], i % 2 == 0 ? 1000 : 0);
}

/* Peers of TLS answer at once. */
static void settle(struct script *c)
{
    bool moved = true;
    while (moved && c->scene.gateway != NULL) {
        scene_settle(&c->scene);
        moved = false;
        for (size_t i = 0; i < SCRIPT_PARTIES_MAX; i++)
            if (c->clients[i].tls != NULL)
                moved = fake_tls_client_pump(c->clients[i].tls) || moved;
    }
}

/* A line of a key that is there takes its place. */
static void changes(struct script *c)
{
    char kept[sizeof c->config];
    struct span config = span_of(c->config, c->config_len);
    struct span line = c->rest[1];
    size_t key = span_find_byte(line, '=') + 1;
    struct span other;
    struct fmt f;
    fmt_init(&f, kept, sizeof kept);
    while (span_split(&config, '\n', &other)) {
        bool same = other.len > key && memcmp(other.ptr, line.ptr, key) == 0;
        fmt_text(&f, same ? SPAN_EMPTY : other);
        fmt_char(&f, '\n');
    }
    fmt_text(&f, line);
    fmt_char(&f, '\n');
    if (!fmt_ok(&f))
        scene_die("script", "the configuration is too long");
    c->config_len = fmt_span(&f).len;
    memcpy(c->config, kept, c->config_len);
    scene_config_file(&c->scene, fmt_span(&f));
}

static void start(struct script *c)
{
    struct net_addr usual = address(SPAN("10.0.0.9:8000"));
    c->started = true;
    if (!scene_open(&c->scene, span_of(c->config, c->config_len), &c->options) && !c->lenient)
        broken(c, "does not start", span_str(c->scene.why));
    fake_listen(&usual);
    fake_dns_start(&c->dns, "192.0.2.53");
}

static void command(struct script *c)
{
    if (is(c, 0, "config")) {
        struct span line = c->word_count > 1 ? c->rest[1] : SPAN_EMPTY;
        memcpy(c->config + c->config_len, line.ptr, line.len);
        c->config_len += line.len;
        c->config[c->config_len++] = '\n';
        return;
    }
    if (is(c, 0, "clock") && is(c, 1, "boots")) {
        c->options.wall_ms = time_of(c, 2);
        return;
    }
    if (!c->started)
        start(c);
    if (c->scene.gateway == NULL)
        return;
    if (is(c, 0, "client") && c->word_count > 2)
        client_command(c);
    else if (is(c, 0, "upstream") && c->word_count > 2)
        upstream_command(c);
    else if (is(c, 0, "place") && c->word_count > 2)
        place_command(c);
    else if (is(c, 0, "dns") && c->word_count > 1)
        dns_command(c);
    else if (is(c, 0, "clock") && c->word_count > 2)
        clock_command(c);
    else if (is(c, 0, "restart"))
        restart(c);
    else if (is(c, 0, "no-call")) {
        struct net_addr a = address(c->word_count > 1 ? c->words[1] : SPAN("10.0.0.9:8000"));
        must(c, fake_accept(&a) == 0, "a call was made", SPAN_EMPTY);
    } else if (is(c, 0, "wait"))
        scene_run(&c->scene, number(c, 1));
    else if (is(c, 0, "busy"))
        fake_slow_turns(number(c, 1));
    else if (is(c, 0, "changes") && c->word_count > 3)
        changes(c);
    else if (is(c, 0, "signal"))
        signal_command(c);
    else if (is(c, 0, "disk"))
        fake_disk_set_capacity(is(c, 1, "full") ? 0 : SIZE_MAX);
    else if (is(c, 0, "learned"))
        learned_command(c);
    else if (is(c, 0, "stopped"))
        must(c, c->scene.stopped, "it still runs", SPAN_EMPTY);
    else if (is(c, 0, "said"))
        must(c, contains(span_of(c->scene.said, c->scene.said_len), c->words[1]),
             "the owner was not told", span_of(c->scene.said, c->scene.said_len));
    else if (is(c, 0, "unsaid"))
        must(c, !contains(span_of(c->scene.said, c->scene.said_len), c->words[1]),
             "the owner was told", span_of(c->scene.said, c->scene.said_len));
    else if (is(c, 0, "ledger"))
        ledger_command(c);
    else
        broken(c, "unknown command", c->rest[0]);
    settle(c);
}

static void end(struct script *c)
{
    if (c->scene.gateway == NULL)
        return;
    scene_run(&c->scene, SCRIPT_PATIENCE_MS);
    for (size_t i = 0; i < SCRIPT_PARTIES_MAX && c->clients[i].name[0] != '\0'; i++) {
        const struct party *p = &c->clients[i];
        bool let_go = p->handle == 0 || p->got > 0 || received(p).len > 0 || is_at_end(p);
        if (p->asked && !let_go && !c->scene.stopped)
            scene_die("a client waits for ever", c->scene.said);
    }
    scene_end(&c->scene);
}

bool script_run(struct span text, const struct scene_options *o, struct fmt *why)
{
    struct script *c = calloc(1, sizeof *c);
    struct span line;
    if (c == NULL)
        scene_die("script", "out of memory");
    c->options = *o;
    c->lenient = o->fault != SCENE_FAULT_NONE;
    c->why = why;
    while (span_split(&text, '\n', &line)) {
        c->line_number++;
        split(c, line);
        if (c->word_count > 0 && line.ptr[0] != '#' && !c->failed)
            command(c);
    }
    if (!c->failed)
        end(c);
    else
        scene_kill(&c->scene);
    bool ok = !c->failed;
    for (size_t i = 0; i < SCRIPT_PARTIES_MAX; i++)
        if (c->clients[i].tls != NULL)
            fake_tls_client_free(c->clients[i].tls);
    for (size_t i = 0; i < SCRIPT_SECURE_MAX; i++)
        free(c->secure_places[i]);
    free(c);
    return ok;
}
