#include "net/idle.h"

#include <string.h>

#include "base/check.h"

struct idle_entry {
    struct watch watch;
    struct idle *idle;
    const struct endpoint *endpoint; /* NULL = free */
    struct stream stream;
    struct net_addr peer;
    uint64_t sequence; /* grows with every put: the newest has the largest */
};

struct idle {
    struct loop *loop;
    struct dialer *dialer;
    struct idle_entry *entries;
    uint32_t capacity;
    uint32_t in_use;
    uint32_t peak;
    uint64_t next_sequence;
};

/* Takes the entry out of the table; its stream is the caller's. */
static void detach(struct idle_entry *e, struct stream *out)
{
    loop_remove(e->idle->loop, &e->watch);
    *out = e->stream;
    stream_init(&e->stream);
    e->endpoint = NULL;
    e->idle->in_use--;
}

static void close_entry(struct idle_entry *e)
{
    struct dialer *dialer = e->idle->dialer;
    struct stream s;
    detach(e, &s);
    bool had_slot = s.tls != NULL;
    stream_close(&s);
    if (had_slot)
        dialer_slot_free(dialer, dialer->loop->now_ms);
}

/* Whatever happens to an idle connection ends it: too old, closed by the peer, or bytes that no
 * request asked for (a 408 before closing, mostly). */
static void step_entry(void *ctx, short revents, int64_t now_ms)
{
    struct idle_entry *e = ctx;
    if (revents != 0 || now_ms >= e->watch.deadline_ms)
        close_entry(e);
}

bool idle_carve(struct idle **out, struct arena *a, struct loop *l, struct dialer *d,
                uint32_t entries_max)
{
    size_t bytes = sizeof(struct idle) + entries_max * sizeof(struct idle_entry);
    struct idle *i = arena_carve(a, "idle upstream conns", 1, bytes);
    if (i == NULL)
        return false;
    i->loop = l;
    i->dialer = d;
    i->entries = (struct idle_entry *)(void *)(i + 1);
    i->capacity = entries_max;
    for (uint32_t k = 0; k < entries_max; k++) {
        watch_init(&i->entries[k].watch, step_entry, &i->entries[k]);
        stream_init(&i->entries[k].stream);
        i->entries[k].idle = i;
    }
    struct arena_row *row = arena_last_row(a);
    row->in_use = &i->in_use;
    row->peak = &i->peak;
    row->units = entries_max;
    *out = i;
    return true;
}

/* The newest or the oldest entry; of one endpoint, or of any if it is NULL. */
static struct idle_entry *pick(struct idle *i, const struct endpoint *endpoint, bool newest)
{
    struct idle_entry *best = NULL;
    for (uint32_t k = 0; k < i->capacity; k++) {
        struct idle_entry *e = &i->entries[k];
        if (e->endpoint == NULL || (endpoint != NULL && e->endpoint != endpoint))
            continue;
        if (best == NULL || (e->sequence > best->sequence) == newest)
            best = e;
    }
    return best;
}

bool idle_take(struct idle *i, const struct endpoint *e, struct stream *out, struct net_addr *peer)
{
    CHECK(e != NULL);
    struct idle_entry *entry = pick(i, e, true);
    if (entry == NULL)
        return false;
    *peer = entry->peer;
    detach(entry, out);
    return true;
}

static struct idle_entry *make_room(struct idle *i)
{
    if (i->in_use == i->capacity)
        close_entry(pick(i, NULL, false));
    for (uint32_t k = 0; k < i->capacity; k++)
        if (i->entries[k].endpoint == NULL)
            return &i->entries[k];
    return NULL;
}

void idle_put(struct idle *i, struct endpoint *e, struct stream *s, const struct net_addr *peer,
              int64_t now_ms)
{
    CHECK(e != NULL);
    CHECK(stream_is_open(s));
    struct idle_entry *entry = i->capacity > 0 ? make_room(i) : NULL;
    bool had_slot = s->tls != NULL;
    i->dialer->idle = i; /* from now on there is something to shed */
    if (entry == NULL || stream_has_unread(s)) {
        stream_close(s);
        if (had_slot)
            dialer_slot_free(i->dialer, now_ms);
        return;
    }
    entry->endpoint = e;
    entry->stream = *s;
    stream_init(s);
    entry->peer = *peer;
    entry->sequence = ++i->next_sequence;
    entry->watch.fd = entry->stream.fd;
    entry->watch.events = POLLIN;
    entry->watch.deadline_ms = now_ms + IDLE_TIMEOUT_MS;
    loop_add(i->loop, &entry->watch);
    i->in_use++;
    i->peak = i->in_use > i->peak ? i->in_use : i->peak;
}

bool idle_shed(struct idle *i)
{
    struct idle_entry *entry = NULL;
    for (uint32_t k = 0; k < i->capacity; k++) {
        struct idle_entry *e = &i->entries[k];
        bool has_slot = e->endpoint != NULL && e->stream.tls != NULL;
        if (has_slot && (entry == NULL || e->sequence < entry->sequence))
            entry = e;
    }
    if (entry != NULL)
        close_entry(entry);
    return entry != NULL;
}

void idle_drop(struct idle *i, const struct endpoint *e)
{
    for (uint32_t k = 0; k < i->capacity; k++)
        if (i->entries[k].endpoint != NULL && (e == NULL || i->entries[k].endpoint == e))
            close_entry(&i->entries[k]);
}

void idle_drop_all(struct idle *i)
{
    idle_drop(i, NULL);
}

uint32_t idle_count(const struct idle *i, const struct endpoint *e)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < i->capacity; k++) {
        const struct endpoint *of = i->entries[k].endpoint;
        count += of != NULL && (e == NULL || of == e) ? 1 : 0;
    }
    return count;
}
