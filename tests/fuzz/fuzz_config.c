/* Any bytes as a configuration: an answer, never a crash; errors are told when and only when it is
 * bad. */
#include "gateway/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(void *ctx, struct span line)
{
    if (line.len == 0)
        __builtin_trap();
    (*(size_t *)ctx)++;
}

static const char *environment(const char *name)
{
    return name[0] == 'K' ? "secret" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings s;
    size_t told = 0;
    struct config_errors errors = {.tell = tell, .ctx = &told, .file = "fuzz"};
    bool ok = settings_read(&s, span_of((const char *)data, size), environment, &errors);

    if (ok != (told == 0))
        __builtin_trap();
    return 0;
}
