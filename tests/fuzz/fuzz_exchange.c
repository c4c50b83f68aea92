/* A whole gateway between two clients and a vendor that say anything at all, in any order.
 *
 * The first byte chooses how bytes are chopped, and whether answers may be ended early; then steps
 * of an operation, a length, and so many bytes. Whatever comes, the laws of sim/scene.h hold at the
 * end. */
#include <stdlib.h>
#include <string.h>

#include "../sim/fake_disk.c"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/scene.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum operation {
    OP_A_SENDS,
    OP_B_SENDS,
    OP_A_ASKS, /* a whole request with these bytes behind its model */
    OP_A_STREAMS,
    OP_VENDOR_SENDS,
    OP_VENDOR_ANSWERS, /* a head in front of these bytes */
    OP_VENDOR_CLOSES,
    OP_CLIENT_LEAVES,
    OP_WAIT,
    OP_COUNT,
};

enum { OP_WAIT_STEP_MS = 500, TEXT_BYTES = 2048 };

struct story {
    struct scene scene;
    int clients[2];
    int vendor; /* the newest connection to it */
    struct net_addr place;
};

static void client_sends(struct story *t, int who, struct span bytes)
{
    if (t->clients[who] == 0)
        t->clients[who] = fake_client(&t->scene.listener);
    if (t->clients[who] != 0)
        fake_send(t->clients[who], bytes);
}

static void client_asks(struct story *t, const char *fields, struct span bytes)
{
    char text[TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof text);
    fmt_str(&f, "POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nContent-Length: ");
    fmt_u64(&f, strlen(fields) + bytes.len + 1);
    fmt_str(&f, "\r\n\r\n");
    fmt_str(&f, fields);
    fmt_text(&f, bytes);
    fmt_char(&f, '}');
    client_sends(t, 0, fmt_span(&f));
}

static void vendor_sends(struct story *t, const char *head, struct span bytes)
{
    int next = fake_accept(&t->place);

    if (next != 0)
        t->vendor = next;
    if (t->vendor == 0)
        return;
    fake_consume(t->vendor, fake_received(t->vendor).len);
    fake_send(t->vendor, span_str(head));
    fake_send(t->vendor, bytes);
}

static void leave(struct story *t, int how)
{
    int *client = &t->clients[how & 1];

    if (*client == 0)
        return;
    if ((how & 2) != 0)
        fake_break(*client);
    else
        fake_close(*client);
    *client = 0;
}

static void step(struct story *t, enum operation op, struct span bytes)
{
    switch (op) {
    case OP_A_SENDS:
        client_sends(t, 0, bytes);
        break;
    case OP_B_SENDS:
        client_sends(t, 1, bytes);
        break;
    case OP_A_ASKS:
        client_asks(t, "{\"model\":\"m\"", bytes);
        break;
    case OP_A_STREAMS:
        client_asks(t, "{\"model\":\"m\",\"stream\":true", bytes);
        break;
    case OP_VENDOR_SENDS:
        vendor_sends(t, "", bytes);
        break;
    case OP_VENDOR_ANSWERS:
        vendor_sends(t, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n", bytes);
        break;
    case OP_VENDOR_CLOSES:
        vendor_sends(t, "", SPAN_EMPTY);
        if (t->vendor != 0)
            fake_close(t->vendor);
        t->vendor = 0;
        break;
    case OP_CLIENT_LEAVES:
        leave(t, (int)bytes.len);
        break;
    case OP_WAIT:
        scene_run(&t->scene, (int64_t)bytes.len * OP_WAIT_STEP_MS);
        break;
    case OP_COUNT:
        break;
    }
    scene_settle(&t->scene);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct story t;
    struct span rest = span_of((const char *)data, size);
    struct scene_options o = {.seed = size, .chop = size > 0 ? (enum fake_chop)(data[0] % 3) : 0};

    memset(&t, 0, sizeof t);
    CHECK(scene_open(&t.scene,
                     size > 0 && data[0] / 3 % 2 == 1
                         ? SPAN("server.connections = 2\n[budget b]\nlimit = 0.001\n"
                                "[route r]\nstop = sentinel:\"#\", sentences:1, json\n")
                         : SPAN("up.on_abort = drain\nserver.connections = 2\n"),
                     &o));
    CHECK(net_addr_scan(SPAN("10.0.0.9:8000"), &t.place));
    fake_listen(&t.place);
    rest = span_part(rest, 1, rest.len);
    while (rest.len >= 2) {
        enum operation op = (enum operation)((uint8_t)rest.ptr[0] % OP_COUNT);
        size_t len = (uint8_t)rest.ptr[1];

        rest = span_part(rest, 2, rest.len);
        len = len < rest.len ? len : rest.len;
        step(&t, op, span_part(rest, 0, len));
        rest = span_part(rest, len, rest.len);
    }
    scene_end(&t.scene);
    return 0;
}
