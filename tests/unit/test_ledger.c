/* The ledger on a disk that fails: torn, full, read-only, and stopped at every single write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../sim/fake_disk.c"
#include "ledger/ledger.h"
#include "ledger/lines.h"

enum { FILES = 4, MEMORY_BYTES = 65536, LINES = 40, WRITES_MAX = 400 };

#define PATH "/l"

struct bench {
    struct ledger ledger;
    struct ledger_settings settings;
    struct diag diag;
    struct arena arena;
    int64_t now_ms;
    char said[8192];
    size_t said_len;
    char why[512];
    _Alignas(16) char memory[MEMORY_BYTES];
};

static struct bench bench;

static void hear(void *ctx, enum diag_level level, struct span line)
{
    struct bench *b = ctx;
    (void)level;
    if (b->said_len + line.len + 2 < sizeof b->said) {
        memcpy(b->said + b->said_len, line.ptr, line.len);
        b->said_len += line.len;
        b->said[b->said_len++] = '\n';
    }
}

static bool said(const char *part)
{
    return span_find(span_of(bench.said, bench.said_len), span_str(part)) < bench.said_len;
}

static bool open_ledger(int64_t sync_ms, int64_t max_size_bytes)
{
    struct bench *b = &bench;
    struct fmt why;
    memset(b, 0, sizeof *b);
    diag_init(&b->diag, DIAG_DEBUG, 2);
    b->diag.emit = hear;
    b->diag.emit_ctx = b;
    memcpy(b->settings.path, PATH, sizeof PATH);
    b->settings.sync_ms = sync_ms;
    b->settings.max_size_bytes = max_size_bytes;
    b->settings.keep = FILES - 1;
    arena_wrap(&b->arena, b->memory, sizeof b->memory);
    assert_true(ledger_carve(&b->ledger, &b->arena, &b->settings, &b->diag));
    fmt_init(&why, b->why, sizeof b->why - 1);
    bool ok = ledger_open(&b->ledger, b->now_ms, &why);
    (void)fmt_cstr(&why);
    return ok;
}

static void add_line(int number)
{
    char id[16];
    struct fmt f;
    fmt_init(&f, id, sizeof id);
    fmt_str(&f, "fg-");
    fmt_i64(&f, number);
    struct ledger_line l = {
        .time_unix_ms = 1767225600000 + number * 1000,
        .id = fmt_span(&f),
        .asked = SPAN("m"),
        .used = SPAN("m"),
        .input = 10,
        .output = number,
        .cost_pusd = 1000 + number,
        .status = 200,
        .first_byte_ms = -1,
    };
    (void)ledger_append(&bench.ledger, &l, bench.now_ms);
}

/* Which of the lines 1..LINES stand in the files, each at most once. */
static void read_back(bool found[LINES + 1])
{
    static const char *const names[FILES] = {PATH, PATH ".1", PATH ".2", PATH ".3"};
    memset(found, 0, (LINES + 1) * sizeof found[0]);
    for (size_t i = 0; i < FILES; i++) {
        struct span rest = fake_disk_text(names[i]);
        struct span line;
        while (rest.len > 0 && span_split(&rest, '\n', &line)) {
            struct ledger_line l;
            if (!ledger_line_read(&l, line))
                continue;
            assert_true(l.output >= 1 && l.output <= LINES);
            assert_false(found[l.output]);
            found[l.output] = true;
        }
    }
}

static void lines_come_back_in_order(void **state)
{
    bool found[LINES + 1];
    (void)state;
    fake_disk_reset(1);
    assert_true(open_ledger(0, 0));
    for (int i = 1; i <= LINES; i++)
        add_line(i);
    ledger_close(&bench.ledger, 0);
    read_back(found);
    for (int i = 1; i <= LINES; i++)
        assert_true(found[i]);
    assert_true(open_ledger(0, 0));
    assert_int_equal(bench.ledger.last_unix_ms, 1767225600000 + LINES * 1000);
    ledger_close(&bench.ledger, 0);
    assert_int_equal(fake_disk_open_count(), 0);
}

/* Stopped in its nth write, for every n: each line that ledger_append took before is there after
 * the power cut, and the file can be opened and written again. */
static void stopped_at_every_write_nothing_older_than_sync_is_lost(void **state)
{
    (void)state;
    for (int sizes = 0; sizes < 2; sizes++) {
        for (int n = 1; n < WRITES_MAX; n++) {
            bool found[LINES + 1];
            int taken = 0;
            fake_disk_reset((uint64_t)n);
            fake_disk_stop_at(n);
            bool opened = open_ledger(0, sizes == 0 ? 0 : 1200);
            for (int i = 1; opened && i <= LINES && !fake_disk_stopped(); i++) {
                add_line(i);
                taken = fake_disk_stopped() ? taken : i;
            }
            bool ended = !fake_disk_stopped();
            fake_disk_crash();
            read_back(found);
            /* Rotation keeps FILES files: of more lines the oldest are gone on purpose. */
            for (int i = sizes == 0 ? 1 : (taken > 12 ? taken - 12 : 1); i <= taken; i++)
                assert_true(found[i]);
            assert_true(open_ledger(0, 0));
            add_line(LINES);
            ledger_close(&bench.ledger, 0);
            if (ended)
                break;
            assert_true(n < WRITES_MAX - 1);
        }
    }
}

static void with_an_interval_only_that_much_is_lost(void **state)
{
    (void)state;
    for (int n = 1; n < WRITES_MAX; n++) {
        bool found[LINES + 1];
        int old_enough = 0; /* the last line that waited for longer than the interval */
        fake_disk_reset((uint64_t)n);
        if (!open_ledger(5000, 0))
            continue;
        fake_disk_stop_at(n);
        for (int i = 1; i <= LINES && !fake_disk_stopped(); i++) {
            add_line(i);
            bench.now_ms += 1000;
            if (bench.now_ms >= ledger_deadline_ms(&bench.ledger))
                ledger_tick(&bench.ledger, bench.now_ms);
            old_enough = fake_disk_stopped() ? old_enough : i - 5;
        }
        bool ended = !fake_disk_stopped();
        fake_disk_crash();
        read_back(found);
        for (int i = 1; i <= old_enough; i++)
            assert_true(found[i]);
        if (ended)
            break;
    }
}

static void a_full_disk_keeps_lines_in_memory(void **state)
{
    bool found[LINES + 1];
    (void)state;
    for (size_t room = 0; room < 2500; room += 97) {
        fake_disk_reset(room);
        assert_true(open_ledger(0, 0));
        fake_disk_set_capacity(fake_disk_text(PATH).len + room);
        for (int i = 1; i <= LINES; i++)
            add_line(i);
        assert_false(ledger_is_writable(&bench.ledger));
        assert_true(said("cannot be written"));
        assert_true(ledger_takes(&bench.ledger, true));
        bench.settings.on_full = LEDGER_STOP;
        assert_false(ledger_takes(&bench.ledger, false));
        fake_disk_set_capacity(SIZE_MAX);
        bench.now_ms = ledger_deadline_ms(&bench.ledger);
        ledger_tick(&bench.ledger, bench.now_ms);
        assert_true(ledger_is_writable(&bench.ledger));
        assert_true(ledger_takes(&bench.ledger, true));
        assert_true(said("can be written again"));
        read_back(found);
        for (int i = 1; i <= LINES; i++)
            assert_true(found[i]);
        ledger_close(&bench.ledger, bench.now_ms);
    }
}

static void what_finds_no_place_is_counted_and_stops_calls(void **state)
{
    (void)state;
    fake_disk_reset(1);
    assert_true(open_ledger(0, 0));
    fake_disk_set_capacity(0);
    for (int i = 0; i < 1000; i++)
        add_line(1);
    assert_false(ledger_takes(&bench.ledger, true)); /* a budget needs the line */
    assert_true(ledger_takes(&bench.ledger, false));
    assert_true(bench.ledger.lines_lost > 0);
    assert_true(bench.ledger.lines_lost < 1000);
    ledger_close(&bench.ledger, 0);
}

/* One call to the disk fails, whichever, rotation included: nothing is lost, and the file is one
 * that the next start takes. */
static void a_single_failure_loses_nothing(void **state)
{
    (void)state;
    for (int n = 1; n < WRITES_MAX; n++) {
        bool found[LINES + 1];
        fake_disk_reset(1);
        assert_true(open_ledger(0, 2400));
        int before = fake_disk_writes();
        fake_disk_fail_at(n, ENOSPC);
        for (int i = 1; i <= LINES; i++) {
            add_line(i);
            bench.now_ms += 6000;
            if (bench.now_ms >= ledger_deadline_ms(&bench.ledger))
                ledger_tick(&bench.ledger, bench.now_ms);
        }
        int writes = fake_disk_writes() - before;
        ledger_close(&bench.ledger, bench.now_ms);
        read_back(found);
        for (int i = LINES - 20; i <= LINES; i++)
            assert_true(found[i]);
        assert_true(open_ledger(0, 0));
        ledger_close(&bench.ledger, 0);
        if (writes < n)
            break;
    }
}

static void a_read_only_file_system_is_said_at_start(void **state)
{
    (void)state;
    fake_disk_reset(1);
    fake_disk_set_read_only(true);
    assert_false(open_ledger(0, 0));
    assert_non_null(strstr(bench.why, "cannot be opened for writing"));
}

static void another_process_or_file_is_left_alone(void **state)
{
    static struct bench first;
    (void)state;
    fake_disk_reset(1);
    assert_true(open_ledger(0, 0));
    first = bench;
    assert_false(open_ledger(0, 0));
    assert_non_null(strstr(bench.why, "in use"));
    fake_disk_reset(1);
    fake_disk_put(PATH, SPAN("my diary\nline\nline\n"));
    assert_false(open_ledger(0, 0));
    assert_non_null(strstr(bench.why, "no ledger"));
    assert_true(span_equal(fake_disk_text(PATH), SPAN("my diary\nline\nline\n")));
    (void)first;
}

static void damaged_lines_are_left_out_and_said(void **state)
{
    char text[4096];
    (void)state;
    fake_disk_reset(1);
    assert_true(open_ledger(0, 0));
    for (int i = 1; i <= 5; i++)
        add_line(i);
    ledger_close(&bench.ledger, 0);
    struct span whole = fake_disk_text(PATH);
    memcpy(text, whole.ptr, whole.len);
    size_t at = span_find(span_of(text, whole.len), SPAN("fg-3"));
    text[at + 3] = '9';
    fake_disk_put(PATH, span_of(text, whole.len));
    assert_true(open_ledger(0, 0));
    assert_int_equal(bench.ledger.lines_damaged, 1);
    assert_true(said("damaged lines are left out: 1 lines"));
    ledger_close(&bench.ledger, 0);
    /* A torn last line is cut off, and the next begins where it was. */
    fake_disk_put(PATH, span_of(text, whole.len - 7));
    assert_true(open_ledger(0, 0));
    assert_true(said("torn last line"));
    add_line(9);
    ledger_close(&bench.ledger, 0);
    assert_true(span_ends(fake_disk_text(PATH), SPAN("\n")));
    assert_true(open_ledger(0, 0));
    assert_int_equal(bench.ledger.lines_damaged, 1);
    ledger_close(&bench.ledger, 0);
}

struct heard {
    char text[256];
    size_t len;
    int lines;
    int stop_at;
};

static bool hear_line(void *ctx, struct span line)
{
    struct heard *h = ctx;
    memcpy(h->text + h->len, line.ptr != NULL ? line.ptr : "", line.len);
    h->len += line.len;
    h->text[h->len++] = '|';
    return ++h->lines != h->stop_at;
}

/* Whatever the buffer: the same lines, but those that do not fit into it are empty. */
static void lines_are_read_in_any_buffer(void **state)
{
    struct span file = SPAN("a\n\nbb\n0123456789\ncc\ntorn");
    char buffer[64];
    int64_t torn;
    (void)state;
    fake_disk_reset(1);
    fake_disk_put(PATH, file);
    int fd = disk_open_read(PATH);
    for (size_t bytes = 3; bytes <= sizeof buffer; bytes++) {
        struct heard h = {.stop_at = 0};
        struct span whole = bytes > 10 ? SPAN("a||bb|0123456789|cc|") : SPAN("a||bb||cc|");
        assert_int_equal(lines_each(fd, 0, buffer, bytes, hear_line, &h, &torn), file.len - 4);
        assert_int_equal(torn, 4);
        assert_true(span_equal(span_of(h.text, h.len), whole));
        h = (struct heard){.stop_at = 2};
        assert_int_equal(lines_each(fd, 3, buffer, bytes, hear_line, &h, &torn), 17);
        assert_int_equal(h.lines, 2);
    }
    struct heard h = {.stop_at = 0};
    assert_int_equal(lines_each(fd, 18, buffer, 4, hear_line, &h, &torn), 20);
    assert_int_equal(torn, 4);
    disk_close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_back_in_order),
        cmocka_unit_test(stopped_at_every_write_nothing_older_than_sync_is_lost),
        cmocka_unit_test(with_an_interval_only_that_much_is_lost),
        cmocka_unit_test(a_full_disk_keeps_lines_in_memory),
        cmocka_unit_test(what_finds_no_place_is_counted_and_stops_calls),
        cmocka_unit_test(a_single_failure_loses_nothing),
        cmocka_unit_test(a_read_only_file_system_is_said_at_start),
        cmocka_unit_test(another_process_or_file_is_left_alone),
        cmocka_unit_test(damaged_lines_are_left_out_and_said),
        cmocka_unit_test(lines_are_read_in_any_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
