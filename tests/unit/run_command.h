/* run_command - a subcommand in a process of its own, with what it wrote. */
#ifndef TESTS_RUN_COMMAND_H
#define TESTS_RUN_COMMAND_H

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cm.h"
#include "command/command.h"

enum { OUT_BYTES = 1 << 20 };

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

/* A command in a process of its own, with `in` as standard input; gives its exit status. */
static int run_command(int (*command)(int argc, char **argv), int argc, char **argv, const char *in,
                       size_t in_bytes)
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
        _exit(command(argc, argv));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    close(in_fd);
    slurp(out_fd, out_text);
    slurp(err_fd, err_text);
    return WEXITSTATUS(status);
}

#endif
