/* What a route has learned outlives the process: on a disk that is damaged, and stopped at every
 * write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../sim/fake_disk.c"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/scene.c"
#include "ledger/blob.h"

enum { BYTES = 9000, WRITES_MAX = 40 };

#define PATH      "/blob"
#define FILE_OF_R SCENE_LEDGER ".learn.r"

static const struct scene_options options = {.seed = 1};
static struct scene scene;

static struct span config_text(void)
{
    return SPAN("[model strong]\nupstream = up\ninput = 10\noutput = 20\n"
                "[route r]\nmodel = auto\ntiers = m@0.8, strong\nlearn = yes\n");
}

static void learn_some(int count)
{
    static struct features features;
    struct learn_input in;

    learn_read(&in, SPAN("Prove it."), &features);
    for (int i = 0; i < count; i++)
        learning_update(learning_find(scene.gateway, "r"), &in, 500);
}

static uint32_t updates(void)
{
    return learning_find(scene.gateway, "r")->model.updates;
}

/* The power goes. */
static void cut(void)
{
    for (int i = 0; i < FAKE_FDS_MAX; i++)
        if (fake_machine.fds[i] != 0)
            sys_close(FAKE_FD_FIRST + i);
    scene_kill(&scene);
    fake_disk_crash();
}

static bool told(const char *what)
{
    return span_find(span_of(scene.said, scene.said_len), span_str(what)) < scene.said_len;
}

static void it_is_kept_over_a_restart(void **state)
{
    (void)state;
    assert_true(scene_open(&scene, config_text(), &options));
    learn_some(20);
    scene_end(&scene);
    assert_int_equal(fake_disk_text(FILE_OF_R).len, LEARN_FILE_BYTES);
    assert_true(scene_start(&scene, config_text()));
    assert_int_equal(updates(), 20);
    scene_end(&scene);
    assert_false(told("damaged"));
}

static void it_is_written_now_and_then(void **state)
{
    (void)state;
    assert_true(scene_open(&scene, config_text(), &options));
    learn_some(1);
    scene_run(&scene, LEARNING_SAVE_MS - 1000);
    assert_true(fake_disk_text(FILE_OF_R).ptr == NULL);
    scene_run(&scene, 2000);
    assert_int_equal(fake_disk_text(FILE_OF_R).len, LEARN_FILE_BYTES);
    int writes = fake_disk_writes();
    scene_run(&scene, 3 * LEARNING_SAVE_MS);
    assert_int_equal(fake_disk_writes(), writes);
    /* A disk that is read-only for a while: told, and tried again. */
    fake_disk_set_read_only(true);
    learn_some(1);
    scene_run(&scene, 1000);
    assert_true(told("learn: " FILE_OF_R " cannot be written"));
    fake_disk_set_read_only(false);
    scene_run(&scene, LEARNING_SAVE_MS + 1000);
    cut();
    assert_true(scene_start(&scene, config_text()));
    assert_int_equal(updates(), 2);
    scene_end(&scene);
}

static void a_damaged_one_is_told_and_begun_anew(void **state)
{
    static char text[LEARN_FILE_BYTES + 1];

    (void)state;
    assert_true(scene_open(&scene, config_text(), &options));
    learn_some(20);
    scene_end(&scene);
    memcpy(text, fake_disk_text(FILE_OF_R).ptr, LEARN_FILE_BYTES);
    for (int i = 0; i < 3; i++) {
        text[100] ^= 1; /* of the second: whole, but a byte too long */
        fake_disk_put(FILE_OF_R, span_of(text, i == 2 ? 0 : LEARN_FILE_BYTES + (size_t)(i & 1)));
        scene.said_len = 0;
        assert_true(scene_start(&scene, config_text()));
        assert_true(told("learn: " FILE_OF_R " is damaged"));
        assert_int_equal(updates(), 0);
        cut();
    }
}

static void fill(char *bytes, char with)
{
    memset(bytes, with, BYTES);
}

/* Stopped in its nth write, for every n: the old one is there, or the new one, whole. */
static void stopped_at_every_write(void **state)
{
    static char old[BYTES];
    static char fresh[BYTES];
    static char got[BYTES + 1];
    bool ended = false;
    int stayed = 0;

    (void)state;
    fill(old, 'o');
    fill(fresh, 'n');
    for (int nth = 1; !ended && nth < WRITES_MAX; nth++) {
        fake_disk_reset((uint64_t)nth);
        assert_int_equal(blob_read(PATH, got, sizeof got), -ENOENT);
        assert_int_equal(blob_write(PATH, span_of(old, BYTES)), 0);
        fake_disk_stop_at(nth);
        ended = blob_write(PATH, span_of(fresh, BYTES)) == 0;
        fake_disk_crash();
        assert_int_equal(blob_read(PATH, got, sizeof got), BYTES);
        bool is_old = memcmp(got, old, BYTES) == 0;
        assert_true(is_old || memcmp(got, fresh, BYTES) == 0);
        stayed += is_old;
        assert_int_equal(blob_write(PATH, span_of(fresh, BYTES)), 0);
        assert_int_equal(blob_read(PATH, got, sizeof got), BYTES);
        assert_memory_equal(got, fresh, BYTES);
    }
    assert_true(ended && stayed >= 3);
    assert_int_equal(fake_disk_open_count(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_kept_over_a_restart),
        cmocka_unit_test(it_is_written_now_and_then),
        cmocka_unit_test(a_damaged_one_is_told_and_begun_anew),
        cmocka_unit_test(stopped_at_every_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
