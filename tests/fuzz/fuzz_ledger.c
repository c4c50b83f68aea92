/* A line that is read is written back the same. */
#include "ledger/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ledger_line line;
    struct ledger_line back;
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;

    if (!ledger_line_read(&line, span_of((const char *)data, size)))
        return 0;
    fmt_init(&f, text, sizeof(text));
    if (ledger_line_write(&line, &f) &&
        (!ledger_line_read(&back, span_of(text, f.len - 1)) || back.cost_pusd != line.cost_pusd ||
         back.tags != line.tags))
        __builtin_trap();
    return 0;
}
