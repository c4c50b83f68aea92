#include "gateway/workload.h"

#include "config/file.h"
#include "gateway/gateway.h"
#include "net/sys.h"

static bool workload_unreadable(const char *path, struct fmt *why, const char *what)
{
    fmt_str(why, "[classify] ");
    fmt_str(why, path);
    fmt_char(why, ' ');
    fmt_str(why, what);
    return false;
}

bool workload_bytes(const struct classify_settings *s, size_t *bytes, struct fmt *why)
{
    const char *const paths[] = {s->weights, s->difficulty};
    struct config_file_stamp stamp;

    *bytes = 0;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (paths[i][0] == '\0')
            continue;
        if (config_file_stamp(paths[i], &stamp) < 0 || stamp.size_bytes <= 0 ||
            stamp.size_bytes > LINEAR_FILE_BYTES_MAX)
            return workload_unreadable(paths[i], why, "cannot be read, or is larger than 16M");
        *bytes += (size_t)stamp.size_bytes;
    }
    return true;
}

/* From *memory on, which is then what is left of it. */
static bool workload_read_file(const char *path, struct span *memory, struct classifier *c,
                               bool (*load)(struct classifier *c, struct span bytes,
                                            const char **why),
                               struct fmt *why)
{
    const char *fault = "is no weight file";
    char *out = (char *)(uintptr_t)memory->ptr;
    size_t len = 0;
    int result;

    if (path[0] == '\0')
        return true;
    result = config_file_read(path, out, memory->len, &len);
    if (result < 0)
        return workload_unreadable(path, why, sys_error_text(result));
    *memory = span_part(*memory, len, memory->len);
    return load(c, span_of(out, len), &fault) || workload_unreadable(path, why, fault);
}

bool workload_open(struct classifier *c, const struct classify_settings *s, void *memory,
                   size_t bytes, struct fmt *why)
{
    struct span room = span_of(memory, bytes);

    classify_start(c);
    return workload_read_file(s->weights, &room, c, classify_load, why) &&
           workload_read_file(s->difficulty, &room, c, classify_load_difficulty, why);
}

void workload_of(struct workload_guess *w, const struct classifier *c, const struct request *r,
                 struct workload_scratch *scratch)
{
    struct classify_verdict v;
    struct fmt f;

    w->confidence_milli = 0;
    w->difficulty_milli = -1;
    fmt_init(&f, w->name, sizeof(w->name) - 1);
    if (r->api != API_EMBEDDINGS && r->api != API_COUNT_TOKENS) {
        messages_read(&scratch->messages, r->api, r->body);
        classify_request(c, &scratch->messages, &scratch->room, &v);
        w->confidence_milli = v.confidence_milli;
        w->difficulty_milli = v.difficulty_milli;
        if (v.is_sure)
            fmt_text(&f, linear_label(&c->model, v.class));
        else
            fmt_str(&f, WORKLOAD_UNKNOWN_NAME);
    }
    w->name[fmt_span(&f).len] = '\0';
}

struct span workload_guess_name(const struct workload_guess *w)
{
    return span_str(w->name);
}

void workload_read(struct exchange *x)
{
    struct gateway *g = x->gateway;
    struct workload_guess guess;
    struct fmt f;

    x->workload =
        exchange_word(x, "x-farthing-workload", x->workload_text, sizeof(x->workload_text));
    x->difficulty_milli = -1;
    if (x->workload.len > 0 && g->classifier.difficulty.classes == 0)
        return;
    workload_of(&guess, &g->classifier, &x->request, g->workload);
    x->difficulty_milli = guess.difficulty_milli;
    if (x->workload.len > 0)
        return;
    fmt_init(&f, x->workload_text, sizeof(x->workload_text));
    fmt_text(&f, workload_guess_name(&guess));
    x->workload = fmt_span(&f);
}
