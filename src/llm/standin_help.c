#include "llm/standin.h"

void standin_help(struct fmt *out)
{
    fmt_str(out,
            "Knobs of the stand-in, put behind a model's id as +knob or +knob:value:\n"
            "  latency:MS   wait before the answer        rate:N      tokens a second\n"
            "  tokens:N     length of the answer          cached:N    cached input tokens\n"
            "  fail:STATUS  answer with an error          cut:N       close after N tokens\n"
            "  hang         never answer                  garbage     answer no HTTP\n"
            "  nousage      leave the usage out           unsure:N    decline one question of N\n");
}
