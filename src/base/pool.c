#include "base/pool.h"

#include <string.h>

#include "base/check.h"

#define POOL_TAKEN UINT32_MAX       /* in next[]: not on the free list */
#define POOL_END   (UINT32_MAX - 1) /* in next[]: the list ends here */

bool pool_carve(struct pool *p, struct arena *a, const char *name, uint32_t count,
                size_t slot_bytes)
{
    size_t links_bytes = 2 * sizeof(uint32_t);
    size_t rounded = (slot_bytes + ARENA_ALIGN_BYTES - 1) / ARENA_ALIGN_BYTES * ARENA_ALIGN_BYTES;
    struct arena_row *row;

    CHECK(slot_bytes > 0 && count < POOL_END);
    memset(p, 0, sizeof(*p));
    p->slot_bytes = rounded;
    p->zero_bytes = rounded;
    p->count = count;
    p->free_head = count > 0 ? 0 : POOL_END;
    p->slots = arena_carve(a, name, count, rounded + links_bytes);
    if (p->slots == NULL)
        return false;
    p->next = (uint32_t *)(void *)(p->slots + (size_t)count * rounded);
    p->generation = p->next + count;
    for (uint32_t i = 0; i < count; i++) {
        p->next[i] = i + 1 < count ? i + 1 : POOL_END;
        p->generation[i] = 1;
    }
    row = arena_last_row(a);
    row->in_use = &p->in_use;
    row->peak = &p->peak;
    return true;
}

static char *pool_slot(const struct pool *p, uint32_t index)
{
    return p->slots + (size_t)index * p->slot_bytes;
}

void pool_zero_only(struct pool *p, size_t bytes)
{
    CHECK(bytes <= p->slot_bytes);
    p->zero_bytes = bytes;
}

void *pool_take(struct pool *p)
{
    uint32_t index = p->free_head;

    if (p->fail_at > 0 && --p->fail_at == 0)
        return NULL;
    if (index == POOL_END)
        return NULL;
    CHECK(p->next[index] != POOL_TAKEN);
    p->free_head = p->next[index];
    p->next[index] = POOL_TAKEN;
    p->in_use++;
    if (p->in_use > p->peak)
        p->peak = p->in_use;
    memset(pool_slot(p, index), 0, p->zero_bytes);
    return pool_slot(p, index);
}

uint32_t pool_index(const struct pool *p, const void *slot)
{
    size_t offset = (size_t)((const char *)slot - p->slots);

    CHECK(offset % p->slot_bytes == 0 && offset / p->slot_bytes < p->count);
    return (uint32_t)(offset / p->slot_bytes);
}

void pool_give(struct pool *p, void *slot)
{
    uint32_t index = pool_index(p, slot);

    CHECK(p->next[index] == POOL_TAKEN);
    CHECK(p->in_use > 0);
    p->generation[index]++;
    if (p->generation[index] == 0) /* 0 refers to nothing */
        p->generation[index] = 1;
    p->next[index] = p->free_head;
    p->free_head = index;
    p->in_use--;
}

struct pool_ref pool_ref(const struct pool *p, const void *slot)
{
    uint32_t index = pool_index(p, slot);

    CHECK(p->next[index] == POOL_TAKEN);
    return (struct pool_ref){index, p->generation[index]};
}

void *pool_find(const struct pool *p, struct pool_ref ref)
{
    if (ref.generation == 0 || ref.index >= p->count || p->next[ref.index] != POOL_TAKEN ||
        p->generation[ref.index] != ref.generation)
        return NULL;
    return pool_slot(p, ref.index);
}

void *pool_at(const struct pool *p, uint32_t index)
{
    if (index >= p->count || p->next[index] != POOL_TAKEN)
        return NULL;
    return pool_slot(p, index);
}
