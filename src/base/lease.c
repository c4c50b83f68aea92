#include "base/lease.h"

#include <string.h>

#include "base/check.h"

bool lease_carve(struct lease_region *r, struct arena *a, const char *name, size_t bytes)
{
    size_t pages = bytes / (LEASE_PAGE_BYTES + 1);
    struct arena_row *row;

    memset(r, 0, sizeof(*r));
    if (pages == 0 || pages > UINT32_MAX)
        return false;
    r->pages = arena_carve(a, name, pages, LEASE_PAGE_BYTES + 1);
    if (r->pages == NULL)
        return false;
    r->page_count = (uint32_t)pages;
    r->taken = (uint8_t *)(r->pages + pages * LEASE_PAGE_BYTES);
    row = arena_last_row(a);
    row->in_use = &r->in_use;
    row->peak = &r->peak;
    row->units = r->page_count;
    return true;
}

static uint32_t lease_pages_for(size_t bytes)
{
    size_t pages = bytes / LEASE_PAGE_BYTES + (bytes % LEASE_PAGE_BYTES != 0 ? 1 : 0);

    return pages == 0 ? 1 : pages > UINT32_MAX ? UINT32_MAX : (uint32_t)pages;
}

/* How many free pages follow one another from `at`, counted up to `enough`. */
static uint32_t lease_run(const struct lease_region *r, uint32_t at, uint32_t enough)
{
    uint32_t run = 0;

    while (run < enough && at + run < r->page_count && r->taken[at + run] == 0)
        run++;
    return run;
}

/* First fit: the page index, or page_count. */
static uint32_t lease_find(const struct lease_region *r, uint32_t pages)
{
    uint32_t at = 0;

    while (at < r->page_count) {
        uint32_t run = lease_run(r, at, pages);

        if (run == pages)
            return at;
        at += run + 1;
    }
    return r->page_count;
}

static void lease_mark(struct lease_region *r, uint32_t at, uint32_t pages, uint8_t taken)
{
    for (uint32_t i = at; i < at + pages; i++) {
        CHECK(r->taken[i] != taken);
        r->taken[i] = taken;
    }
    if (taken != 0)
        r->in_use += pages;
    else
        r->in_use -= pages;
    if (r->in_use > r->peak)
        r->peak = r->in_use;
}

static bool lease_told_to_fail(struct lease_region *r)
{
    return r->fail_at > 0 && --r->fail_at == 0;
}

static bool lease_take_pages(struct lease_region *r, struct lease *l, uint32_t pages)
{
    uint32_t at = lease_find(r, pages);

    if (at == r->page_count)
        return false;
    lease_mark(r, at, pages, 1);
    *l = (struct lease){r->pages + (size_t)at * LEASE_PAGE_BYTES, at, pages};
    return true;
}

bool lease_take(struct lease_region *r, struct lease *l, size_t bytes)
{
    CHECK(l->ptr == NULL);
    if (lease_told_to_fail(r))
        return false;
    return lease_take_pages(r, l, lease_pages_for(bytes));
}

bool lease_grow(struct lease_region *r, struct lease *l, size_t bytes)
{
    uint32_t pages = lease_pages_for(bytes);
    struct lease moved = {0};
    uint32_t more;

    if (l->ptr == NULL)
        return lease_take(r, l, bytes);
    if (pages <= l->page_count)
        return true;
    if (lease_told_to_fail(r))
        return false;
    more = pages - l->page_count;
    if (lease_run(r, l->page_first + l->page_count, more) == more) {
        lease_mark(r, l->page_first + l->page_count, more, 1);
        l->page_count = pages;
        return true;
    }
    if (!lease_take_pages(r, &moved, pages))
        return false;
    memcpy(moved.ptr, l->ptr, lease_bytes(l));
    lease_give(r, l);
    *l = moved;
    return true;
}

void lease_give(struct lease_region *r, struct lease *l)
{
    if (l->ptr == NULL)
        return;
    lease_mark(r, l->page_first, l->page_count, 0);
    *l = (struct lease){0};
}

size_t lease_bytes(const struct lease *l)
{
    return (size_t)l->page_count * LEASE_PAGE_BYTES;
}

size_t lease_largest(const struct lease_region *r)
{
    uint32_t largest = 0;

    for (uint32_t at = 0; at < r->page_count;) {
        uint32_t run = lease_run(r, at, r->page_count);

        largest = run > largest ? run : largest;
        at += run + 1;
    }
    return (size_t)largest * LEASE_PAGE_BYTES;
}

size_t lease_region_bytes(const struct lease_region *r)
{
    return (size_t)r->page_count * LEASE_PAGE_BYTES;
}
