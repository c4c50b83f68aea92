#include "gateway/workload.h"

#include "gateway/gateway.h"

void workload_of(struct workload_guess *w, const struct settings *s, const struct request *r,
                 struct workload_scratch *scratch)
{
    struct fmt f;

    (void)s;
    (void)r;
    (void)scratch;
    w->confidence_milli = 0;
    fmt_init(&f, w->name, sizeof(w->name));
    fmt_str(&f, WORKLOAD_UNKNOWN);
    (void)fmt_cstr(&f);
}

struct span workload_guess_name(const struct workload_guess *w)
{
    return span_str(w->name);
}

void workload_read(struct exchange *x)
{
    x->workload =
        exchange_word(x, "x-farthing-workload", x->workload_text, sizeof(x->workload_text));
}
