#include "gateway/metrics_write.h"

void metric_head_of(struct fmt *out, const char *name, const char *kind, const char *help)
{
    fmt_str(out, "# HELP ");
    fmt_str(out, name);
    fmt_char(out, ' ');
    fmt_str(out, help);
    fmt_str(out, "\n# TYPE ");
    fmt_str(out, name);
    fmt_char(out, ' ');
    fmt_str(out, kind);
    fmt_char(out, '\n');
}

static void label_text(struct fmt *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fmt_char(out, '\\');
        fmt_char(out, *text == '\n' ? ' ' : *text);
    }
}

void series_begin_of(struct fmt *out, const char *name, const struct label *labels, size_t count)
{
    fmt_str(out, name);
    for (size_t i = 0; i < count; i++) {
        fmt_char(out, i == 0 ? '{' : ',');
        fmt_str(out, labels[i].name);
        fmt_str(out, "=\"");
        label_text(out, labels[i].value);
        fmt_char(out, '"');
    }
    fmt_str(out, count > 0 ? "} " : " ");
}

void metric_seconds(struct fmt *out, int64_t ms)
{
    fmt_milli(out, ms);
}
