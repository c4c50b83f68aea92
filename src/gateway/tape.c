#include "gateway/tape.h"

#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"

struct tape *tape_open(struct pool *tapes, const struct cache_id *id, struct exchange *writer)
{
    struct tape *t = pool_take(tapes);

    if (t == NULL)
        return NULL;
    t->id = *id;
    t->users = 1;
    t->writer = writer;
    t->open = true;
    return t;
}

static bool tape_is(const struct tape *t, const struct cache_id *id)
{
    return t->id.key.word[0] == id->key.word[0] && t->id.key.word[1] == id->key.word[1] &&
           t->id.scope == id->scope && t->id.kind == id->kind;
}

struct tape *tape_find(struct pool *tapes, const struct cache_id *id)
{
    for (uint32_t i = 0; i < tapes->count; i++) {
        struct tape *t = pool_at(tapes, i);

        if (t != NULL && t->open && !t->failed && tape_is(t, id))
            return t;
    }
    return NULL;
}

void tape_follow(struct tape *t, struct exchange *x)
{
    CHECK(x->tape == NULL);
    x->tape = t;
    x->follows = true;
    x->tape_next = t->followers;
    t->followers = x;
    t->users++;
}

static void tape_unlink(struct tape *t, const struct exchange *x)
{
    struct exchange **at = &t->followers;

    while (*at != x)
        at = &(*at)->tape_next;
    *at = x->tape_next;
}

void tape_leave(struct tape *t, struct exchange *x, struct pool *tapes, struct lease_region *memory)
{
    CHECK(x->tape == t && t->users > 0);
    if (x->follows)
        tape_unlink(t, x);
    else if (!t->whole)
        tape_fail(t);
    if (!x->follows)
        t->writer = NULL;
    x->tape = NULL;
    x->follows = false;
    t->users--;
    if (t->writer != NULL && t->writer->departed) /* does anybody still want it? */
        loop_kick(&t->writer->gateway->loop, &t->writer->wake);
    if (t->users > 0)
        return;
    lease_give(memory, &t->recorder);
    lease_give(memory, &t->bytes);
    pool_give(tapes, t);
}

void tape_again(struct tape *t, struct lease_region *memory)
{
    lease_give(memory, &t->recorder);
    lease_give(memory, &t->bytes);
    t->len = 0;
    t->events = false;
    t->whole = false;
    t->held = false;
}

void tape_wake(struct tape *t)
{
    for (struct exchange *x = t->followers; x != NULL; x = x->tape_next)
        loop_kick(&x->gateway->loop, &x->wake);
}

void tape_fail(struct tape *t)
{
    t->failed = true;
    t->open = false;
    tape_wake(t);
}

struct span tape_bytes(const struct tape *t)
{
    return span_of(t->bytes.ptr, t->len);
}

/* ---- writing ---- */

static bool tape_room(struct tape *t, struct lease_region *memory, size_t bytes, struct fmt *out)
{
    size_t need = t->len + bytes;
    size_t have = t->bytes.ptr != NULL ? lease_bytes(&t->bytes) : 0;

    if (need > have && !lease_grow(memory, &t->bytes, need > 2 * have ? need : 2 * have) &&
        !lease_grow(memory, &t->bytes, need)) {
        tape_fail(t);
        return false;
    }
    fmt_init(out, t->bytes.ptr + t->len, lease_bytes(&t->bytes) - t->len);
    return true;
}

/* The recorder, begun; NULL when there is no memory for it, or the tape has failed. */
static struct recording *tape_recorder(struct tape *t, struct lease_region *memory)
{
    struct recording *r = (struct recording *)(void *)t->recorder.ptr;
    struct fmt out;

    if (t->failed || r != NULL)
        return t->failed ? NULL : r;
    if (!lease_take(memory, &t->recorder, sizeof(*r))) {
        tape_fail(t);
        return NULL;
    }
    r = (struct recording *)(void *)t->recorder.ptr;
    memset(r, 0, sizeof(*r)); /* its bound is asked before it begins */
    if (!tape_room(t, memory, recording_bound(r, 0), &out))
        return NULL;
    recording_start(r, RECORDING_EVENTS, &out);
    t->len += fmt_span(&out).len;
    t->events = true;
    return r;
}

static void tape_written(struct tape *t, const struct recording *r, const struct fmt *out)
{
    t->len += fmt_span(out).len;
    if (r->failed)
        tape_fail(t);
}

void tape_data(struct tape *t, struct lease_region *memory, struct span name, struct span data)
{
    struct recording *r = tape_recorder(t, memory);
    struct fmt out;

    if (r == NULL || !tape_room(t, memory, recording_bound(r, data.len), &out))
        return;
    recording_put(r, name, data, &out);
    tape_written(t, r, &out);
}

void tape_event_end(struct tape *t, struct lease_region *memory, struct span name)
{
    struct recording *r = tape_recorder(t, memory);
    struct fmt out;

    if (r == NULL || !tape_room(t, memory, recording_bound(r, 0), &out))
        return;
    recording_event_end(r, name, &out);
    tape_written(t, r, &out);
    tape_wake(t);
}

void tape_finish(struct tape *t, struct lease_region *memory)
{
    struct recording *r = tape_recorder(t, memory);
    struct fmt out;

    if (r == NULL || !tape_room(t, memory, recording_bound(r, 0), &out))
        return;
    t->whole = recording_finish(r, &out);
    t->len += fmt_span(&out).len;
    lease_give(memory, &t->recorder);
    if (!t->whole)
        tape_fail(t);
    tape_wake(t);
}

void tape_body(struct tape *t, struct lease_region *memory, struct span body)
{
    struct recording *r;
    struct lease scratch = {0};
    struct fmt out;

    CHECK(t->len == 0);
    if (t->failed || !lease_take(memory, &scratch, sizeof(*r))) {
        tape_fail(t);
        return;
    }
    r = (struct recording *)(void *)scratch.ptr;
    memset(r, 0, sizeof(*r));
    if (tape_room(t, memory, body.len + 2 * recording_bound(r, 0), &out)) {
        recording_start(r, RECORDING_BODY, &out);
        recording_put(r, SPAN_EMPTY, body, &out);
        t->whole = recording_finish(r, &out) && fmt_ok(&out);
        t->len = fmt_span(&out).len;
    }
    lease_give(memory, &scratch);
    if (!t->whole)
        tape_fail(t);
    tape_wake(t);
}
