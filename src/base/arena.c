#include "base/arena.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

enum { ARENA_NAME_COLUMN = 20, ARENA_NUMBER_COLUMN = 10 };

static size_t arena_round_up(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

void arena_wrap(struct arena *a, void *memory, size_t size_bytes)
{
    CHECK(memory != NULL);
    memset(a, 0, sizeof(*a));
    a->base = memory;
    a->size_bytes = size_bytes;
}

bool arena_map(struct arena *a, size_t size_bytes)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    size_t mapped_bytes;
    char *base;

    memset(a, 0, sizeof(*a));
    if (size_bytes == 0 || size_bytes > SIZE_MAX - page_bytes)
        return false;
    mapped_bytes = arena_round_up(size_bytes, page_bytes);
    base = mmap(NULL, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return false;
    /* A page is only the kernel's promise until it is written to. */
    for (size_t at = 0; at < mapped_bytes; at += page_bytes)
        ((volatile char *)base)[at] = 0;
    arena_wrap(a, base, mapped_bytes);
    return true;
}

void arena_unmap(struct arena *a)
{
    if (a->base != NULL)
        (void)munmap(a->base, a->size_bytes);
    memset(a, 0, sizeof(*a));
}

size_t arena_left(const struct arena *a)
{
    return a->size_bytes - a->used_bytes;
}

void *arena_carve(struct arena *a, const char *name, size_t slots, size_t slot_bytes)
{
    uintptr_t next = (uintptr_t)a->base + a->used_bytes;
    size_t skip = (ARENA_ALIGN_BYTES - next % ARENA_ALIGN_BYTES) % ARENA_ALIGN_BYTES;
    size_t bytes;
    char *carved;

    CHECK(!a->sealed);
    CHECK(a->row_count < ARENA_ROWS_MAX);
    if (slot_bytes > 0 && slots > (SIZE_MAX - ARENA_ALIGN_BYTES) / slot_bytes)
        return NULL;
    bytes = slots * slot_bytes;
    if (skip > arena_left(a) || bytes > arena_left(a) - skip)
        return NULL;
    carved = a->base + a->used_bytes + skip;
    memset(carved, 0, bytes);
    a->used_bytes += skip + bytes;
    a->rows[a->row_count++] = (struct arena_row){
        .name = name,
        .slots = slots,
        .slot_bytes = slot_bytes,
        .bytes = skip + bytes,
    };
    return carved;
}

struct arena_row *arena_last_row(struct arena *a)
{
    CHECK(a->row_count > 0);
    return &a->rows[a->row_count - 1];
}

void arena_seal(struct arena *a)
{
    CHECK(!a->sealed);
    a->sealed = true;
}

static void arena_size_column(struct fmt *out, uint64_t bytes)
{
    char text[24];
    struct fmt size;

    fmt_init(&size, text, sizeof(text));
    fmt_size(&size, bytes);
    fmt_right(out, fmt_span(&size), ARENA_NUMBER_COLUMN);
}

static void arena_count_column(struct fmt *out, const uint32_t *count)
{
    if (count != NULL)
        fmt_right_u64(out, *count, ARENA_NUMBER_COLUMN);
    else
        fmt_right(out, SPAN("-"), ARENA_NUMBER_COLUMN);
}

static void arena_report_row(const struct arena_row *row, struct fmt *out)
{
    uint64_t units = row->units > 0 ? row->units : row->slots;

    fmt_left(out, span_str(row->name), ARENA_NAME_COLUMN);
    fmt_right_u64(out, units, ARENA_NUMBER_COLUMN);
    arena_size_column(out, units > 0 ? row->slots * row->slot_bytes / units : 0);
    arena_size_column(out, row->bytes);
    arena_count_column(out, row->in_use);
    arena_count_column(out, row->peak);
    fmt_char(out, '\n');
}

void arena_report(const struct arena *a, struct fmt *out)
{
    static const char *const columns[] = {"slots", "each", "bytes", "in use", "peak"};

    fmt_left(out, SPAN("memory"), ARENA_NAME_COLUMN);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        fmt_right(out, span_str(columns[i]), ARENA_NUMBER_COLUMN);
    fmt_char(out, '\n');
    for (size_t i = 0; i < a->row_count; i++)
        arena_report_row(&a->rows[i], out);
    fmt_left(out, SPAN("all"), ARENA_NAME_COLUMN + 2 * ARENA_NUMBER_COLUMN);
    arena_size_column(out, a->used_bytes);
    fmt_str(out, "  of ");
    fmt_size(out, a->size_bytes);
    fmt_char(out, '\n');
}
