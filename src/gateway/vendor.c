#include "gateway/vendor.h"

#include <string.h>

#include "base/check.h"
#include "http/emit.h"
#include "net/sys.h"

/* One answer under way: what the stand-in still has to say, and a timer for when. */
struct vendor_answer {
    struct vendor *vendor;
    struct conn *conn;
    struct watch timer;
    struct standin standin;
};

enum { VENDOR_IDLE_MS = 65000 }; /* longer than a gateway keeps its idle connections */

static void vendor_answer_free(struct vendor_answer *a)
{
    loop_remove(a->vendor->server.loop, &a->timer);
    pool_give(&a->vendor->answers, a);
}

/* Raw bytes: the stand-in writes its own head and framing, so that it can also get them wrong. */
static void vendor_speak(struct vendor_answer *a, int64_t now_ms)
{
    struct conn *c = a->conn;
    enum standin_step step = STANDIN_MORE;

    a->timer.deadline_ms = LOOP_NEVER;
    while (step == STANDIN_MORE) {
        size_t room_bytes;
        char *room = buf_room(&c->out, &room_bytes);
        struct fmt f;

        if (room_bytes < STANDIN_OUT_BYTES_MIN) {
            conn_flush(c, now_ms);
            room = buf_room(&c->out, &room_bytes);
        }
        if (c->state != CONN_BUSY || room_bytes < STANDIN_OUT_BYTES_MIN)
            return; /* room() goes on, or gone() ends it */
        fmt_init(&f, room, room_bytes);
        step = standin_next(&a->standin, now_ms, &f);
        CHECK(fmt_ok(&f));
        buf_commit(&c->out, fmt_span(&f).len);
    }
    if (step == STANDIN_WAIT) {
        a->timer.deadline_ms = standin_due_ms(&a->standin);
        conn_flush(c, now_ms);
    } else if (step == STANDIN_HANG) {
        conn_flush(c, now_ms); /* and never another byte: the peer gives up, gone() cleans up */
    } else {
        vendor_answer_free(a);
        conn_finish_raw(c, step == STANDIN_DONE, now_ms);
    }
}

static void vendor_timer(void *ctx, short revents, int64_t now_ms)
{
    (void)revents;
    vendor_speak(ctx, now_ms);
}

static void vendor_refuse(struct conn *c, enum conn_fault fault, int64_t now_ms)
{
    struct emit e;
    struct fmt f;
    int status = fault == CONN_FAULT_BODY_SIZE ? 413 : fault == CONN_FAULT_NO_MEMORY ? 503 : 400;

    conn_head_begin(c, &e, &f, status, 0, sys_wall_ms());
    CHECK(conn_head_end(c, &e));
    conn_finish(c, now_ms);
}

static void vendor_request(struct conn *c, int64_t now_ms)
{
    struct vendor *v = c->server->owner;
    struct vendor_answer *a = pool_take(&v->answers);

    if (a == NULL) {
        vendor_refuse(c, CONN_FAULT_NO_MEMORY, now_ms);
        return;
    }
    a->vendor = v;
    a->conn = c;
    c->user = a;
    watch_init(&a->timer, vendor_timer, a);
    loop_add(c->server->loop, &a->timer);
    standin_start(&a->standin, &c->head, conn_body(c), v->scratch, now_ms);
    vendor_speak(a, now_ms);
}

static void vendor_room(struct conn *c, int64_t now_ms)
{
    struct vendor_answer *a = c->user;

    if (a->timer.deadline_ms == LOOP_NEVER)
        vendor_speak(a, now_ms);
}

static void vendor_gone(struct conn *c, int64_t now_ms)
{
    struct vendor_answer *a = c->user;

    (void)now_ms;
    if (a != NULL)
        vendor_answer_free(a);
}

static const struct conn_handler vendor_handler = {
    .request = vendor_request,
    .room = vendor_room,
    .gone = vendor_gone,
    .refuse = vendor_refuse,
};

bool vendor_carve(struct vendor *v, struct arena *a, struct loop *l, struct lease_region *bodies,
                  struct json_object *scratch, uint32_t connections, int64_t max_body_bytes)
{
    memset(v, 0, sizeof(*v));
    v->bodies = bodies;
    v->scratch = scratch;
    v->server = (struct conn_server){
        .loop = l,
        .conns = &v->conns,
        .bodies = bodies,
        .handler = &vendor_handler,
        .owner = v,
        .max_body_bytes = max_body_bytes,
        .head_timeout_ms = VENDOR_IDLE_MS,
        .body_timeout_ms = VENDOR_IDLE_MS,
        .idle_timeout_ms = VENDOR_IDLE_MS,
    };
    return pool_carve(&v->conns, a, "stand-in conns", connections, sizeof(struct conn)) &&
           pool_carve(&v->answers, a, "stand-in answers", connections,
                      sizeof(struct vendor_answer));
}

int vendor_connect(struct vendor *v, int64_t now_ms)
{
    struct net_addr nobody = {.family = NET_NONE};
    int fds[2];
    int result = sys_pair(fds);

    if (result < 0)
        return result;
    if (!conn_adopt(&v->server, fds[1], &nobody, true, now_ms)) {
        sys_close(fds[0]);
        return -1;
    }
    return fds[0];
}
