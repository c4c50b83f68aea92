/* `farthing route`: explains what would be done with a prompt, a request body, or lines of them. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "command/command.h"
#include "command/explain.h"
#include "command/route_curve.h"
#include "config/file.h"
#include "gateway/load.h"
#include "net/sys.h"

enum { ROUTE_INPUT_BYTES = 4 * 1024 * 1024, ROUTE_TEXT_BYTES = 8192 };

struct route_run {
    bool curve;
    struct settings settings;
    struct classifier classifier;
    struct explain explain;
    struct explain_scratch scratch;
    char input[ROUTE_INPUT_BYTES];
    char body[ROUTE_INPUT_BYTES]; /* a prompt as a request */
};

static void say_yes(struct fmt *f, const char *what, bool yes)
{
    if (yes) {
        fmt_str(f, ", ");
        fmt_str(f, what);
    }
}

static void say_tiers(struct fmt *f, const struct route_settings *r)
{
    for (size_t t = 0; t < r->tier_count; t++) {
        fmt_str(f, "\n  tier ");
        fmt_u64(f, t + 1);
        for (size_t c = 0; c < r->tiers[t].count; c++) {
            fmt_str(f, c == 0 ? "    " : " or ");
            fmt_str(f, r->tiers[t].choices[c].model);
        }
        if (route_judges(r, t)) {
            fmt_str(f, ", delivered at a score of ");
            fmt_milli(f, r->tiers[t].bar_milli);
        }
    }
    for (size_t i = 0; i < r->fallback_count; i++) {
        fmt_str(f, i == 0 ? "\n  fallback  " : ", ");
        fmt_str(f, r->fallbacks[i].model);
    }
}

static void say_decision(struct fmt *f, const struct explain *e)
{
    const struct decision *d = &e->decision;

    fmt_str(f, "features    ");
    fmt_i64(f, e->facts.input_tokens);
    fmt_str(f, " tokens by estimate, at most ");
    fmt_i64(f, tokens_bound(e->request.body.len));
    say_yes(f, "tools", e->request.has_tools);
    say_yes(f, "images", e->request.has_images);
    say_yes(f, "asks for JSON", e->request.wants_json);
    fmt_str(f, "\nworkload    ");
    fmt_text(f, workload_guess_name(&e->workload));
    fmt_str(f, ", confidence ");
    fmt_milli(f, e->workload.confidence_milli);
    if (e->workload.difficulty_milli >= 0) {
        fmt_str(f, "\ndifficulty  ");
        fmt_milli(f, e->workload.difficulty_milli);
    }
    fmt_str(f, "\nmodel asked ");
    fmt_visible(f, e->facts.model, 80);
    fmt_str(f, d->asked != NULL ? "" : " (none of the [model]s)");
    fmt_str(f, "\nroute       ");
    fmt_str(f, d->route != NULL ? d->route->name : "none matches");
    if (d->route != NULL)
        say_tiers(f, d->route);
    if (e->result == DECIDE_NO_MODEL)
        fmt_str(f, "\nrefused     404: no route names a model for it");
    fmt_str(f, "\nat most     ");
    if (e->bounded) {
        fmt_usd_short(f, e->bound.total_pusd, 6);
        fmt_str(f, " USD");
    } else {
        fmt_str(f, "not bounded");
    }
    fmt_str(f, "\n\n");
}

static bool explain_one(struct route_run *r, struct span body, int *status)
{
    char text[ROUTE_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    if (explain_request(&r->explain, &r->settings, &r->classifier, body, &r->scratch,
                        sys_wall_ms())) {
        say_decision(&f, &r->explain);
    } else {
        explain_refusal(&r->explain.request, &f);
        fmt_str(&f, "\n\n");
        *status = COMMAND_FAILED;
    }
    return command_out(fmt_span(&f));
}

/* An object whose member `request` or `prompt` is what is meant, as in `farthing eval`. */
static struct span inner_of(struct route_run *r, struct span line)
{
    const struct json_member *m;
    size_t len = 0;
    struct fmt f;

    if (!json_object_read(&r->scratch.object, line) ||
        json_object_find(&r->scratch.object, "model") != NULL)
        return line;
    m = json_object_find(&r->scratch.object, "request");
    if (m != NULL && m->kind == JSON_OBJECT)
        return m->value;
    m = json_object_find(&r->scratch.object, "prompt");
    /* Decoded behind its own place: a text is never longer than it is written. */
    if (m == NULL || !json_value_text(m->value, r->body, sizeof(r->body) / 2, &len))
        return line;
    fmt_init(&f, r->body + len, sizeof(r->body) - len);
    return explain_prompt(span_of(r->body, len), &f) ? fmt_span(&f) : line;
}

static int route_lines(struct route_run *r, struct span text)
{
    int status = COMMAND_OK;
    struct span line;

    while (span_split(&text, '\n', &line)) {
        line = span_trim(line);
        if (line.len > 0 && !explain_one(r, inner_of(r, line), &status))
            return COMMAND_FAILED;
    }
    return status;
}

/* One body may stand on many lines; else each line is one. */
static int route_text(struct route_run *r, struct span text)
{
    int status = COMMAND_OK;
    struct fmt f;

    if (text.len == 0)
        return command_wrong("there is no prompt on standard input", NULL);
    if (json_object_read(&r->scratch.object, text))
        return explain_one(r, inner_of(r, text), &status) ? status : COMMAND_FAILED;
    if (text.ptr[0] == '{')
        return route_lines(r, text);
    fmt_init(&f, r->body, sizeof(r->body));
    if (!explain_prompt(text, &f))
        return command_wrong("the prompt is too long", NULL);
    return explain_one(r, fmt_span(&f), &status) ? status : COMMAND_FAILED;
}

static int route_read(struct route_run *r, const char *path)
{
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    size_t used = 0;
    int64_t got = fd < 0 ? -1 : 1;

    while (got > 0 && used < sizeof(r->input)) {
        got = config_file_some(fd, r->input + used, sizeof(r->input) - used);
        used += got > 0 ? (size_t)got : 0;
    }
    if (path != NULL && fd >= 0)
        (void)close(fd);
    if (got < 0)
        return command_wrong("this cannot be read:", path != NULL ? path : "standard input");
    if (used == sizeof(r->input))
        return command_wrong("the input is longer than 4 MiB", NULL);
    return route_text(r, span_trim(span_of(r->input, used)));
}

static int route_run(struct route_run *r, const char *path)
{
    struct arena weights = {0};
    char text[512];
    size_t bytes = 0;
    struct fmt why;
    int status;

    fmt_init(&why, text, sizeof(text));
    if (!workload_bytes(&r->settings.classify, &bytes, &why) ||
        (bytes > 0 && !arena_map(&weights, bytes)) ||
        !workload_open(&r->classifier, &r->settings.classify, weights.base, bytes, &why))
        status = command_wrong(fmt_cstr(&why), NULL);
    else
        status = r->curve ? route_curve(&r->settings, &r->classifier, path) : route_read(r, path);
    if (weights.base != NULL)
        arena_unmap(&weights);
    return status;
}

int command_route(int argc, char **argv)
{
    struct serve_options o = {0};
    const char *path = NULL;
    bool curve = false;
    struct route_run *r;
    struct arena arena;
    struct diag diag;
    int status = COMMAND_USAGE;

    for (int i = 0; i < argc; i++) {
        bool wrong = false;

        if (command_option(argc, argv, &i, "-c", &o.config_path, &wrong) ||
            command_option(argc, argv, &i, "--config", &o.config_path, &wrong)) {
            if (wrong)
                return command_wrong("a value is missing behind", argv[i]);
        } else if (strcmp(argv[i], "--curve") == 0) {
            curve = true;
        } else if (path != NULL || argv[i][0] == '-') {
            return command_wrong("unknown argument", argv[i]);
        } else {
            path = argv[i];
        }
    }
    if (o.config_path == NULL)
        return command_wrong("route needs a configuration: -c FILE", NULL);
    if (!arena_map(&arena, sizeof(*r) + (size_t)ARENA_ALIGN_BYTES))
        return command_wrong("there is too little memory", NULL);
    r = arena_carve(&arena, "route", 1, sizeof(*r));
    diag_init(&diag, DIAG_WARN, STDERR_FILENO);
    if (r != NULL)
        r->curve = curve;
    if (r != NULL && load_settings(&o, &r->settings, &diag))
        status = route_run(r, path);
    arena_unmap(&arena);
    return status;
}
