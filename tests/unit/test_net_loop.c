/* The loop on the fake machine: who is stepped, when, with what, and who is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "base/check.h"

enum { WATCHES_MAX = 8 };

struct actor {
    struct watch watch;
    struct loop *loop;
    int steps;
    short revents;
    int64_t now_ms;
    struct actor *removes; /* in its step */
    struct actor *adds;
    struct actor *kicks;
    bool keeps_deadline;
};

struct stage {
    struct loop loop;
    struct arena arena;
    _Alignas(16) char memory[4096];
    struct actor actors[WATCHES_MAX];
};

static void act(void *ctx, short revents, int64_t now_ms)
{
    struct actor *a = ctx;
    a->steps++;
    a->revents = revents;
    a->now_ms = now_ms;
    if (now_ms >= a->watch.deadline_ms && !a->keeps_deadline)
        a->watch.deadline_ms = LOOP_NEVER;
    if (a->removes != NULL)
        loop_remove(a->loop, &a->removes->watch);
    if (a->adds != NULL) {
        loop_add(a->loop, &a->adds->watch);
        a->adds = NULL;
    }
    if (a->kicks != NULL) {
        loop_kick(a->loop, &a->kicks->watch);
        a->kicks = NULL;
    }
}

static int set_up(void **state)
{
    static struct stage s;
    memset(&s, 0, sizeof s);
    fake_reset(1);
    arena_wrap(&s.arena, s.memory, sizeof s.memory);
    assert_true(loop_carve(&s.loop, &s.arena, WATCHES_MAX));
    for (size_t i = 0; i < WATCHES_MAX; i++) {
        watch_init(&s.actors[i].watch, act, &s.actors[i]);
        s.actors[i].loop = &s.loop;
    }
    *state = &s;
    return 0;
}

static void a_timer_is_stepped_at_its_time(void **state)
{
    struct stage *s = *state;
    struct actor *a = &s->actors[0];
    int64_t start_ms = fake_now_ms();
    a->watch.deadline_ms = start_ms + 250;
    loop_add(&s->loop, &a->watch);
    loop_turn(&s->loop);
    assert_int_equal(a->steps, 1);
    assert_int_equal(a->revents, 0);
    assert_int_equal(a->now_ms, start_ms + 250);
    assert_int_equal(s->loop.now_ms, start_ms + 250);
}

static void the_earliest_deadline_wins(void **state)
{
    struct stage *s = *state;
    int64_t start_ms = fake_now_ms();
    for (int i = 0; i < 3; i++) {
        s->actors[i].watch.deadline_ms = start_ms + 300 - 100 * i;
        loop_add(&s->loop, &s->actors[i].watch);
    }
    loop_turn(&s->loop);
    assert_int_equal(s->actors[2].steps, 1);
    assert_int_equal(s->actors[0].steps + s->actors[1].steps, 0);
    assert_int_equal(fake_now_ms(), start_ms + 100);
}

static void a_deadline_in_the_past_does_not_wait(void **state)
{
    struct stage *s = *state;
    struct actor *a = &s->actors[0];
    int64_t start_ms = fake_now_ms();
    a->watch.deadline_ms = 1;
    a->keeps_deadline = true;
    loop_add(&s->loop, &a->watch);
    loop_turn(&s->loop);
    loop_turn(&s->loop);
    assert_int_equal(a->steps, 2);
    assert_int_equal(fake_now_ms(), start_ms);
}

static void add_pair(struct stage *s, struct actor *a, int *other)
{
    int fds[2];
    assert_int_equal(sys_pair(fds), 0);
    a->watch.fd = fds[0];
    a->watch.events = POLLIN;
    *other = fds[1];
    loop_add(&s->loop, &a->watch);
}

static void ready_descriptors_are_stepped_once_a_turn(void **state)
{
    struct stage *s = *state;
    int other[2];
    add_pair(s, &s->actors[0], &other[0]);
    add_pair(s, &s->actors[1], &other[1]);
    assert_int_equal(sys_write(other[1], "x", 1), 1);
    loop_turn(&s->loop);
    assert_int_equal(s->actors[0].steps, 0);
    assert_int_equal(s->actors[1].steps, 1);
    assert_int_equal(s->actors[1].revents, POLLIN);
    loop_turn(&s->loop); /* still unread: level-triggered */
    assert_int_equal(s->actors[1].steps, 2);
}

static void events_that_nobody_asked_for_are_not_told(void **state)
{
    struct stage *s = *state;
    struct actor *a = &s->actors[0];
    int other;
    add_pair(s, a, &other);
    a->watch.events = 0;
    a->watch.deadline_ms = fake_now_ms() + 10;
    assert_int_equal(sys_write(other, "x", 1), 1);
    loop_turn(&s->loop);
    assert_int_equal(a->steps, 1);
    assert_int_equal(a->revents, 0);
    sys_close(other); /* but a hang-up is */
    loop_turn(&s->loop);
    assert_int_equal(a->steps, 2);
    assert_int_equal(a->revents, POLLHUP);
}

static void a_removed_watch_is_not_stepped(void **state)
{
    struct stage *s = *state;
    int other[3];
    for (int i = 0; i < 3; i++) {
        add_pair(s, &s->actors[i], &other[i]);
        assert_int_equal(sys_write(other[i], "x", 1), 1);
    }
    s->actors[0].removes = &s->actors[1];
    loop_turn(&s->loop);
    assert_int_equal(s->actors[0].steps, 1);
    assert_int_equal(s->actors[1].steps, 0);
    assert_int_equal(s->actors[2].steps, 1); /* though it moved into the removed one's place */
    loop_turn(&s->loop);
    assert_int_equal(s->actors[1].steps, 0);
    assert_int_equal(s->actors[2].steps, 2);
    assert_int_equal(s->loop.count, 2);
    assert_int_equal(s->loop.peak, 3);
}

static void a_step_may_remove_its_own_watch(void **state)
{
    struct stage *s = *state;
    struct actor *a = &s->actors[0];
    a->watch.deadline_ms = 1;
    a->removes = a;
    loop_add(&s->loop, &a->watch);
    s->actors[1].watch.deadline_ms = 1;
    loop_add(&s->loop, &s->actors[1].watch);
    loop_turn(&s->loop);
    assert_int_equal(a->steps, 1);
    assert_int_equal(s->actors[1].steps, 1);
    loop_remove(&s->loop, &a->watch); /* idempotent */
    assert_int_equal(s->loop.count, 1);
}

static void an_added_watch_waits_for_the_next_turn(void **state)
{
    struct stage *s = *state;
    s->actors[0].watch.deadline_ms = 1;
    s->actors[0].adds = &s->actors[1];
    s->actors[1].watch.deadline_ms = 1;
    loop_add(&s->loop, &s->actors[0].watch);
    loop_turn(&s->loop);
    assert_int_equal(s->actors[1].steps, 0);
    loop_turn(&s->loop);
    assert_int_equal(s->actors[1].steps, 1);
}

static void removed_and_added_again_waits_as_well(void **state)
{
    struct stage *s = *state;
    struct actor *second = &s->actors[1];
    int other;
    s->actors[0].watch.deadline_ms = 1;
    loop_add(&s->loop, &s->actors[0].watch);
    add_pair(s, second, &other);
    assert_int_equal(sys_write(other, "x", 1), 1);
    s->actors[0].removes = second;
    s->actors[0].adds = second;
    loop_turn(&s->loop);
    assert_int_equal(s->actors[0].steps, 1);
    assert_int_equal(second->steps, 0);
    s->actors[0].removes = NULL;
    loop_turn(&s->loop);
    assert_int_equal(second->steps, 1);
}

static void a_kick_makes_due_in_the_next_turn_without_waiting(void **state)
{
    struct stage *s = *state;
    int64_t start_ms = fake_now_ms();
    int other;
    add_pair(s, &s->actors[1], &other);
    s->actors[1].watch.deadline_ms = start_ms + 1000;
    s->actors[0].watch.deadline_ms = 1;
    s->actors[0].kicks = &s->actors[1];
    loop_add(&s->loop, &s->actors[0].watch);
    loop_turn(&s->loop);
    assert_int_equal(s->actors[1].steps, 0);
    loop_turn(&s->loop);
    assert_int_equal(s->actors[1].steps, 1);
    assert_int_equal(s->actors[1].revents, 0);
    assert_int_equal(fake_now_ms(), start_ms);
    assert_int_equal(s->actors[1].watch.deadline_ms, start_ms + 1000); /* untouched */
    loop_turn(&s->loop);
    assert_int_equal(fake_now_ms(), start_ms + 1000); /* one kick, one step */
}

/* The number may be the same, but what poll said was about another connection. */
static void a_changed_descriptor_gets_no_old_events(void **state)
{
    struct stage *s = *state;
    struct actor *a = &s->actors[0];
    int other;
    add_pair(s, a, &other);
    assert_int_equal(sys_write(other, "x", 1), 1);
    int fd = a->watch.fd;
    a->watch.fd = -1;
    a->watch.deadline_ms = fake_now_ms() + 5;
    loop_turn(&s->loop);
    assert_int_equal(a->steps, 1);
    assert_int_equal(a->revents, 0);
    a->watch.fd = fd;
    loop_turn(&s->loop);
    assert_int_equal(a->revents, POLLIN);
}

static void nothing_to_wait_for_is_seen(void **state)
{
    struct stage *s = *state;
    assert_false(fake_stuck());
    loop_turn(&s->loop);
    assert_true(fake_stuck());
}

static void too_small_an_arena_is_told(void **state)
{
    struct loop l;
    struct arena a;
    _Alignas(16) char memory[64];
    (void)state;
    arena_wrap(&a, memory, sizeof memory);
    assert_false(loop_carve(&l, &a, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_timer_is_stepped_at_its_time, set_up),
        cmocka_unit_test_setup(the_earliest_deadline_wins, set_up),
        cmocka_unit_test_setup(a_deadline_in_the_past_does_not_wait, set_up),
        cmocka_unit_test_setup(ready_descriptors_are_stepped_once_a_turn, set_up),
        cmocka_unit_test_setup(events_that_nobody_asked_for_are_not_told, set_up),
        cmocka_unit_test_setup(a_removed_watch_is_not_stepped, set_up),
        cmocka_unit_test_setup(a_step_may_remove_its_own_watch, set_up),
        cmocka_unit_test_setup(an_added_watch_waits_for_the_next_turn, set_up),
        cmocka_unit_test_setup(removed_and_added_again_waits_as_well, set_up),
        cmocka_unit_test_setup(a_kick_makes_due_in_the_next_turn_without_waiting, set_up),
        cmocka_unit_test_setup(a_changed_descriptor_gets_no_old_events, set_up),
        cmocka_unit_test_setup(nothing_to_wait_for_is_seen, set_up),
        cmocka_unit_test_setup(too_small_an_arena_is_told, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
