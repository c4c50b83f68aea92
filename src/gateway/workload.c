#include "gateway/workload.h"

#include "gateway/exchange.h"

void workload_read(struct exchange *x)
{
    x->workload =
        exchange_word(x, "x-farthing-workload", x->workload_text, sizeof(x->workload_text));
}
