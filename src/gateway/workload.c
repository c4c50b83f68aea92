#include "gateway/workload.h"

#include "config/file.h"
#include "gateway/gateway.h"
#include "net/sys.h"

static bool workload_unreadable(const struct classify_settings *s, struct fmt *why,
                                const char *what)
{
    fmt_str(why, "[classify] weights = ");
    fmt_str(why, s->weights);
    fmt_char(why, ' ');
    fmt_str(why, what);
    return false;
}

bool workload_bytes(const struct classify_settings *s, size_t *bytes, struct fmt *why)
{
    struct config_file_stamp stamp;

    *bytes = 0;
    if (s->weights[0] == '\0')
        return true;
    if (config_file_stamp(s->weights, &stamp) < 0 || stamp.size_bytes <= 0 ||
        stamp.size_bytes > LINEAR_FILE_BYTES_MAX)
        return workload_unreadable(s, why, "cannot be read, or is larger than 16M");
    *bytes = (size_t)stamp.size_bytes;
    return true;
}

bool workload_open(struct classifier *c, const struct classify_settings *s, void *memory,
                   size_t bytes, struct fmt *why)
{
    const char *fault = "is no weight file";
    size_t len = 0;
    int result;

    classify_start(c);
    if (bytes == 0)
        return true;
    result = config_file_read(s->weights, memory, bytes, &len);
    if (result < 0)
        return workload_unreadable(s, why, sys_error_text(result));
    return classify_load(c, span_of(memory, len), &fault) || workload_unreadable(s, why, fault);
}

void workload_of(struct workload_guess *w, const struct classifier *c, const struct request *r,
                 struct workload_scratch *scratch)
{
    struct classify_verdict v;
    struct fmt f;

    w->confidence_milli = 0;
    fmt_init(&f, w->name, sizeof(w->name) - 1);
    if (r->api != API_EMBEDDINGS && r->api != API_COUNT_TOKENS) {
        messages_read(&scratch->messages, r->api, r->body);
        classify_request(c, &scratch->messages, &scratch->room, &v);
        w->confidence_milli = v.confidence_milli;
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
    if (x->workload.len > 0)
        return;
    workload_of(&guess, &g->classifier, &x->request, g->workload);
    fmt_init(&f, x->workload_text, sizeof(x->workload_text));
    fmt_text(&f, workload_guess_name(&guess));
    x->workload = fmt_span(&f);
}
