#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cm.h"
#include "command/command.h"

enum { OUT_BYTES = 1 << 20, LONG_LINE = 1024 * 1024 };

static char out_text[OUT_BYTES];
static char err_text[OUT_BYTES];

static void slurp(int fd, char *text)
{
    ssize_t got;
    size_t len = 0;

    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    while ((got = read(fd, text + len, OUT_BYTES - 1 - len)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    close(fd);
}

static int temporary(void)
{
    char name[] = "/tmp/farthing-test-XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    unlink(name);
    return fd;
}

/* The command in a process of its own, with `in` as standard input; gives its exit status. */
static int run_eval(int argc, char **argv, const char *in, size_t in_bytes)
{
    int in_fd = temporary();
    int out_fd = temporary();
    int err_fd = temporary();
    int status = 0;
    pid_t child;

    assert_int_equal(write(in_fd, in, in_bytes), (ssize_t)in_bytes);
    assert_int_equal(lseek(in_fd, 0, SEEK_SET), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(in_fd, 0);
        dup2(out_fd, 1);
        dup2(err_fd, 2);
        _exit(command_eval(argc, argv));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    close(in_fd);
    slurp(out_fd, out_text);
    slurp(err_fd, err_text);
    return WEXITSTATUS(status);
}

static void test_bad_lines_go_on(void **state)
{
    static const char in[] = "{\"text\":\"the\"}\n"
                             "\n"
                             "nope\n"
                             "[1]\n"
                             "{\"text\":5}\n"
                             "{\"tokens\":5}\n"
                             "{\"text\":\"a\",\"text\":\"b\"}\n"
                             "{\"text\":\"the\",\"tokens\":-1}\n"
                             "{\"text\":\"the\",\"tokens\":null}\r\n"
                             "{\"text\":\"the\"}";
    static const char want[] =
        "{\"estimate\":1,\"bound\":67}\n"
        "{\"error\":\"no JSON: no value at byte 0\"}\n"
        "{\"error\":\"no JSON: a character that cannot stand there at byte 1\"}\n"
        "{\"error\":\"this is no JSON object\"}\n"
        "{\"error\":\"\\\"text\\\" is no text\"}\n"
        "{\"error\":\"\\\"text\\\" is missing\"}\n"
        "{\"error\":\"no JSON: a duplicate key at byte 17\"}\n"
        "{\"error\":\"\\\"tokens\\\" is no whole number of 0 or more\"}\n"
        "{\"estimate\":1,\"bound\":67}\n"
        "{\"estimate\":1,\"bound\":67}\n";
    char *argv[] = {"tokens"};

    (void)state;
    assert_int_equal(run_eval(1, argv, in, sizeof(in) - 1), COMMAND_OK);
    assert_string_equal(out_text, want);
    assert_non_null(strstr(err_text, "eval tokens: 10 lines, 7 bad"));
}

static void test_token_summary(void **state)
{
    char in[4096] = "";
    char *argv[] = {"tokens"};

    (void)state;
    /* "the" is estimated as 1: exact 19 times, and once it is said to be 2. */
    for (int i = 0; i < 19; i++)
        strcat(in, "{\"text\":\"the\",\"tokens\":1}\n");
    strcat(in, "{\"text\":\"the\",\"tokens\":2}\n{\"text\":\"the\",\"tokens\":0}\n");
    assert_int_equal(run_eval(1, argv, in, strlen(in)), COMMAND_OK);
    assert_non_null(strstr(err_text,
                           "20 with a true count: mean error 2.50 %, p95 0.10 %, bias -2.50 %\n"
                           "undercounts: 1 estimates, 0 bounds\n"));
}

/* A line of exactly 1 MiB is read, one of a byte more is not, and the next one is again. */
static void test_long_lines(void **state)
{
    static char in[3 * LONG_LINE];
    char *argv[] = {"tokens"};
    size_t len = 0;

    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        size_t start = len;

        memcpy(in + len, "{\"text\":\"", 9);
        len += 9;
        memset(in + len, ' ', LONG_LINE + (size_t)extra - 11);
        len += LONG_LINE + (size_t)extra - 11;
        memcpy(in + len, "\"}\n", 3);
        len += 3;
        assert_int_equal(len - start, LONG_LINE + extra + 1);
    }
    memcpy(in + len, "{\"text\":\"the\"}\n", 15);
    len += 15;
    assert_int_equal(run_eval(1, argv, in, len), COMMAND_OK);
    assert_string_equal(out_text, "{\"estimate\":1,\"bound\":1048629}\n"
                                  "{\"error\":\"the line is longer than 1 MiB\"}\n"
                                  "{\"estimate\":1,\"bound\":67}\n");
}

static void test_command_line(void **state)
{
    char *unknown[] = {"nothing"};
    char *file[] = {"tokens", "/no/such/file"};
    char *config[] = {"tokens", "-c", "/no/such/file"};
    char *two[] = {"tokens", "a", "b"};

    (void)state;
    assert_int_equal(run_eval(0, NULL, "", 0), COMMAND_USAGE);
    assert_non_null(strstr(err_text, "tokens"));
    assert_int_equal(run_eval(1, unknown, "", 0), COMMAND_USAGE);
    assert_int_equal(run_eval(2, file, "", 0), COMMAND_FAILED);
    assert_int_equal(run_eval(3, config, "", 0), COMMAND_USAGE);
    assert_int_equal(run_eval(3, two, "", 0), COMMAND_USAGE);
    assert_string_equal(out_text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_lines_go_on),
        cmocka_unit_test(test_token_summary),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_command_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
