#include "command/eval.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/scan.h"
#include "command/command.h"
#include "config/file.h"
#include "gateway/workload.h"
#include "net/sys.h"

static const struct eval_kind *const kinds[] = {
    &eval_compress, &eval_join,  &eval_learn, &eval_near,   &eval_refusal, &eval_route,
    &eval_score,    &eval_split, &eval_stop,  &eval_tokens, &eval_usage,   &eval_workload,
};

enum {
    EVAL_OUT_BYTES = 4 * EVAL_LINE_BYTES, /* a line's results; text can grow when it is escaped */
    EVAL_FLUSH_BYTES = 64 * 1024,
    EVAL_TELL_BYTES = 8192,
    EVAL_REFUSED_BYTES = 256 * 1024, /* some thousand bad lines */
};

struct eval_run {
    const struct eval_kind *kind;
    const char *path; /* NULL: standard input */
    const char *config_path;
    struct eval e;
    struct arena arena;
    struct json_object *object;
    struct settings *settings;
    struct classifier classifier;
    struct arena weights; /* mapped when the configuration names a file of them */
    char *line;           /* EVAL_LINE_BYTES and a line end */
    size_t line_bytes;
    bool skipping; /* a line that is too long, up to its end */
    struct fmt out;
    struct fmt
        refused; /* late results: each refusal as its line's number, a NUL, its reason, a NUL */
    int64_t started_ms;
};

static void eval_tell(struct span text)
{
    ssize_t put = write(STDERR_FILENO, text.ptr, text.len);

    (void)put; /* there is nowhere left to say that it failed */
}

void eval_percent(struct fmt *f, int64_t millionths)
{
    const uint64_t hundredth = 100; /* millionths in a hundredth of a per cent */
    uint64_t size = (uint64_t)(millionths < 0 ? -millionths : millionths);
    uint64_t rounded = (size + hundredth / 2) / hundredth;

    if (millionths < 0 && rounded > 0)
        fmt_char(f, '-');
    fmt_u64(f, rounded / 100);
    fmt_char(f, '.');
    fmt_char(f, (char)('0' + rounded / 10 % 10));
    fmt_char(f, (char)('0' + rounded % 10));
    fmt_str(f, " %");
}

/* ---- lines ---- */

static bool eval_flush(struct eval_run *r)
{
    bool ok = command_out(fmt_span(&r->out));

    fmt_init(&r->out, r->out.ptr, r->out.cap_bytes);
    return ok;
}

static void eval_write_error(struct eval_run *r, size_t from, struct span reason)
{
    r->e.bad++;
    r->out.len = from;
    r->out.full = false;
    json_write_start(&r->e.out, &r->out);
    json_write_object(&r->e.out);
    json_write_key(&r->e.out, "error");
    json_write_text(&r->e.out, reason);
    json_write_object_end(&r->e.out);
}

static bool eval_parse(struct eval_run *r, struct span line)
{
    struct fmt *f = &r->e.reason;

    if (json_object_read(r->object, line))
        return true;
    fmt_init(f, r->e.reason_text, sizeof(r->e.reason_text));
    if (r->object->err == JSON_ERR_SYNTAX && r->object->err_offset == 0) {
        fmt_str(f, "this is no JSON object");
    } else {
        fmt_str(f, "no JSON: ");
        fmt_str(f, json_err_text(r->object->err));
        fmt_str(f, " at byte ");
        fmt_u64(f, r->object->err_offset);
    }
    return false;
}

/* A line whose result comes later: only why it is refused is kept. */
static bool eval_keep(struct eval_run *r, size_t from, bool ok)
{
    r->out.len = from;
    r->out.full = false;
    if (ok)
        return true;
    fmt_u64(&r->refused, r->e.lines);
    fmt_char(&r->refused, '\0');
    fmt_text(&r->refused, fmt_span(&r->e.reason));
    fmt_char(&r->refused, '\0');
    return fmt_ok(&r->refused);
}

/* One line, whole; false when its result cannot be written. */
static bool eval_line(struct eval_run *r, struct span line, bool too_long)
{
    struct eval *e = &r->e;
    size_t from = r->out.len;
    bool ok;

    e->lines++;
    e->scratch_used = 0;
    fmt_init(&e->reason, e->reason_text, sizeof(e->reason_text));
    json_write_start(&e->out, &r->out);
    json_write_object(&e->out);
    if (too_long)
        ok = eval_refuse(e, "the line is longer than 1 MiB");
    else
        ok = eval_parse(r, line) && r->kind->line(e);
    if (r->kind->late != NULL)
        return eval_keep(r, from, ok);
    if (ok)
        json_write_object_end(&e->out);
    if (ok && !fmt_ok(&r->out))
        ok = eval_refuse(e, "the result is longer than 4 MiB");
    if (!ok)
        eval_write_error(r, from, fmt_span(&e->reason));
    fmt_char(&r->out, '\n');
    return r->out.len < EVAL_FLUSH_BYTES || eval_flush(r);
}

/* Results that had to wait for the last line. */
static bool eval_late(struct eval_run *r)
{
    struct span refused = fmt_span(&r->refused);
    struct span part = SPAN_EMPTY;
    uint64_t next = 0;

    r->kind->ready(&r->e);
    for (uint64_t line = 1; line <= r->e.lines; line++) {
        size_t from = r->out.len;

        if (next < line && (!span_split(&refused, '\0', &part) || !scan_u64(part, &next)))
            next = UINT64_MAX;
        json_write_start(&r->e.out, &r->out);
        if (next == line) {
            (void)span_split(&refused, '\0', &part);
            eval_write_error(r, from, part);
        } else {
            json_write_object(&r->e.out);
            r->kind->late(&r->e);
            json_write_object_end(&r->e.out);
        }
        fmt_char(&r->out, '\n');
        if (r->out.len >= EVAL_FLUSH_BYTES && !eval_flush(r))
            return false;
    }
    return eval_flush(r);
}

/* All whole lines of what was read; the rest stays. */
static bool eval_lines(struct eval_run *r, size_t *used)
{
    struct span rest = span_of(r->line, *used);
    size_t end;

    for (end = span_find_byte(rest, '\n'); end < rest.len; end = span_find_byte(rest, '\n')) {
        bool good = r->skipping || eval_line(r, span_part(rest, 0, end), false);

        r->skipping = false;
        if (!good)
            return false;
        rest = span_part(rest, end + 1, rest.len);
    }
    memmove(r->line, rest.ptr, rest.len);
    *used = rest.len;
    if (*used <= EVAL_LINE_BYTES)
        return true;
    *used = 0;
    if (r->skipping)
        return true;
    r->skipping = true;
    return eval_line(r, SPAN_EMPTY, true);
}

/* 0, or -errno of the input; 1 when the output is gone. */
static int eval_read(struct eval_run *r, int fd)
{
    size_t used = 0;

    for (;;) {
        int64_t got;

        /* Whoever waits for the answer to a line gets it before more is asked for. */
        if (!eval_flush(r))
            return 1;
        got = config_file_some(fd, r->line + used, r->line_bytes - used);
        if (got < 0)
            return (int)got;
        if (got == 0)
            break;
        used += (size_t)got;
        if (!eval_lines(r, &used))
            return 1;
    }
    if (used > 0 && !r->skipping && !eval_line(r, span_of(r->line, used), false))
        return 1;
    return eval_flush(r) ? 0 : 1;
}

/* ---- start and end ---- */

static void eval_config_tell(void *ctx, struct span line)
{
    (void)ctx;
    eval_tell(line);
    eval_tell(SPAN("\n"));
}

/* Nobody is called, so keys of vendors need not be there. */
static const char *eval_environment(const char *name)
{
    (void)name;
    return "not-used";
}

static int eval_weights(struct eval_run *r)
{
    const struct classify_settings *s = &r->settings->classify;
    char text[512];
    size_t bytes = 0;
    struct fmt why;

    fmt_init(&why, text, sizeof(text));
    if (!workload_bytes(s, &bytes, &why) || (bytes > 0 && !arena_map(&r->weights, bytes)) ||
        !workload_open(&r->classifier, s, r->weights.base, bytes, &why))
        return command_wrong(fmt_cstr(&why), NULL);
    return COMMAND_OK;
}

static int eval_configure(struct eval_run *r)
{
    struct config_errors errors = {.tell = eval_config_tell, .file = r->config_path};
    size_t len = 0;
    int result;

    if (r->config_path == NULL) {
        if (!r->kind->needs_config)
            return COMMAND_OK;
        return command_wrong("this kind needs a configuration: -c FILE", r->kind->name);
    }
    result = config_file_read(r->config_path, r->line, CONFIG_FILE_BYTES_MAX, &len);
    if (result < 0) {
        config_error(&errors, 0, span_str(sys_error_text(result)));
        return COMMAND_USAGE;
    }
    if (!settings_read(r->settings, span_of(r->line, len), eval_environment, &errors))
        return COMMAND_USAGE;
    r->e.settings = r->settings;
    return eval_weights(r);
}

static bool eval_carve(struct eval_run *r)
{
    struct arena *a = &r->arena;
    char *out;
    char *refused;

    r->line_bytes = EVAL_LINE_BYTES + 1;
    if (!arena_map(a, r->line_bytes + EVAL_LINE_BYTES + EVAL_OUT_BYTES + sizeof(*r->object) +
                          sizeof(*r->settings) + EVAL_REFUSED_BYTES + r->kind->state_bytes +
                          r->kind->extra_bytes + (size_t)ARENA_ROWS_MAX * ARENA_ALIGN_BYTES))
        return false;
    r->line = arena_carve(a, "line", 1, r->line_bytes);
    r->e.scratch = arena_carve(a, "decoded", 1, EVAL_LINE_BYTES);
    out = arena_carve(a, "results", 1, EVAL_OUT_BYTES);
    r->object = arena_carve(a, "members", 1, sizeof(*r->object));
    r->settings = arena_carve(a, "settings", 1, sizeof(*r->settings));
    r->e.state = arena_carve(a, "state", 1, r->kind->state_bytes);
    CHECK(r->e.state != NULL);
    refused = arena_carve(a, "refusals", 1, EVAL_REFUSED_BYTES);
    fmt_init(&r->out, out, EVAL_OUT_BYTES);
    fmt_init(&r->refused, refused, EVAL_REFUSED_BYTES);
    r->e.in = r->object;
    r->e.arena = a;
    return true;
}

static void eval_summary(const struct eval_run *r)
{
    int64_t took_ms = sys_mono_ms() - r->started_ms;
    char text[EVAL_TELL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "eval ");
    fmt_str(&f, r->kind->name);
    fmt_str(&f, ": ");
    fmt_u64(&f, r->e.lines);
    fmt_str(&f, " lines, ");
    fmt_u64(&f, r->e.bad);
    fmt_str(&f, " bad, ");
    fmt_i64(&f, took_ms);
    fmt_str(&f, " ms");
    if (took_ms > 0) {
        fmt_str(&f, ", ");
        fmt_u64(&f, r->e.lines * 1000 / (uint64_t)took_ms);
        fmt_str(&f, " lines/s");
    }
    fmt_char(&f, '\n');
    if (r->kind->summary != NULL)
        r->kind->summary(&r->e, &f);
    eval_tell(fmt_span(&f));
}

static int eval_unreadable(const char *path, int result)
{
    char text[EVAL_TELL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing eval: ");
    fmt_visible(&f, span_str(path != NULL ? path : "standard input"), 200);
    fmt_str(&f, ": ");
    fmt_str(&f, sys_error_text(result));
    fmt_char(&f, '\n');
    eval_tell(fmt_span(&f));
    return COMMAND_FAILED;
}

static int eval_run_kind(struct eval_run *r)
{
    int fd = STDIN_FILENO;
    int result;

    r->started_ms = sys_mono_ms();
    if (r->kind->start != NULL && !r->kind->start(&r->e))
        return command_wrong(fmt_cstr(&r->e.reason), NULL);
    if (r->path != NULL)
        fd = open(r->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return eval_unreadable(r->path, -errno);
    result = eval_read(r, fd);
    if (r->path != NULL)
        (void)close(fd);
    if (result < 0)
        return eval_unreadable(r->path, result);
    if (result == 0 && r->kind->late != NULL && !eval_late(r))
        result = 1;
    eval_summary(r);
    return result == 0 ? COMMAND_OK : COMMAND_FAILED;
}

static int eval_usage_text(void)
{
    char text[EVAL_TELL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing eval KIND [-c FILE] [FILE]: one JSON object a line in, one out\n\n");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        fmt_str(&f, "  ");
        fmt_left(&f, span_str(kinds[i]->name), 10);
        fmt_str(&f, kinds[i]->in);
        fmt_str(&f, "  ->  ");
        fmt_str(&f, kinds[i]->out);
        fmt_char(&f, '\n');
    }
    eval_tell(fmt_span(&f));
    return COMMAND_USAGE;
}

int command_eval(int argc, char **argv)
{
    struct eval_run r = {0};
    int status;

    for (size_t i = 0; argc > 0 && i < ARRAY_LEN(kinds); i++)
        if (strcmp(argv[0], kinds[i]->name) == 0)
            r.kind = kinds[i];
    if (r.kind == NULL)
        return argc == 0 ? eval_usage_text() : command_wrong("eval has no kind", argv[0]);
    for (int i = 1; i < argc; i++) {
        bool wrong = false;

        if (command_option(argc, argv, &i, "-c", &r.config_path, &wrong) ||
            command_option(argc, argv, &i, "--config", &r.config_path, &wrong)) {
            if (wrong)
                return command_wrong("a value is missing behind", argv[i]);
        } else if (r.path != NULL || argv[i][0] == '-') {
            return command_wrong("unknown argument", argv[i]);
        } else {
            r.path = argv[i];
        }
    }
    if (!eval_carve(&r))
        return command_wrong("there is too little memory", NULL);
    classify_start(&r.classifier);
    r.e.classifier = &r.classifier;
    status = eval_configure(&r);
    if (status == COMMAND_OK)
        status = eval_run_kind(&r);
    arena_unmap(&r.arena);
    if (r.weights.base != NULL)
        arena_unmap(&r.weights);
    return status;
}
