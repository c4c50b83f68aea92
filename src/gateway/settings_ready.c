/* settings_ready - configurations that need no file: vendor keys of the environment, and the demo.
 */
#include <string.h>

#include "base/check.h"
#include "gateway/settings.h"

/* Prices: copy of the field's common price file of 2026-07-24, USD per million tokens. */
static const struct {
    const char *variable;
    const char *text;
} ready_vendors[] = {
    {"OPENAI_API_KEY",
     "[upstream openai]\nurl = https://api.openai.com/v1\nkey_env = OPENAI_API_KEY\n"
     "[model gpt-4o-mini]\nupstream = openai\ninput = 0.15\ncached_input = 0.075\n"
     "output = 0.6\ncontext = 128000\nmax_output = 16384\n"
     "[model gpt-5]\nupstream = openai\ninput = 1.25\ncached_input = 0.125\n"
     "output = 10\ncontext = 272000\nmax_output = 128000\n"},
    {"DEEPSEEK_API_KEY",
     "[upstream deepseek]\nurl = https://api.deepseek.com/v1\nkey_env = DEEPSEEK_API_KEY\n"
     "[model deepseek-chat]\nupstream = deepseek\ninput = 0.28\ncached_input = 0.028\n"
     "output = 0.42\ncontext = 131072\nmax_output = 8192\n"},
    {"OPENROUTER_API_KEY",
     "[upstream openrouter]\nurl = https://openrouter.ai/api/v1\nkey_env = OPENROUTER_API_KEY\n"
     "[model openai/gpt-4o-mini]\nupstream = openrouter\ninput = 0.15\noutput = 0.6\n"
     "context = 128000\nmax_output = 16384\n"},
    {"ANTHROPIC_API_KEY",
     "[upstream anthropic]\nurl = https://api.anthropic.com/v1\ndialect = anthropic\n"
     "key_env = ANTHROPIC_API_KEY\n"
     "[model claude-sonnet-4-5]\nupstream = anthropic\ninput = 3\ncached_input = 0.3\n"
     "cache_write = 3.75\noutput = 15\ncontext = 200000\nmax_output = 64000\n"},
};

enum { READY_TEXT_BYTES = 4096 };

/* What `auto` asks: the first of these that is there, and what it falls short of the first of
 * those.
 */
static const char *const ready_cheap[] = {"deepseek-chat", "gpt-4o-mini", "openai/gpt-4o-mini"};
static const char *const ready_strong[] = {"gpt-5", "claude-sonnet-4-5"};

static const char *ready_first(struct span text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char head[64];
        struct fmt f;

        fmt_init(&f, head, sizeof(head));
        fmt_str(&f, "[model ");
        fmt_str(&f, names[i]);
        fmt_char(&f, ']');
        if (span_find(text, fmt_span(&f)) < text.len)
            return names[i];
    }
    return NULL;
}

static void ready_route(struct fmt *f)
{
    const char *cheap = ready_first(fmt_span(f), ready_cheap, ARRAY_LEN(ready_cheap));
    const char *strong = ready_first(fmt_span(f), ready_strong, ARRAY_LEN(ready_strong));

    fmt_str(f, "[route auto]\nmodel = auto\ntiers = ");
    if (cheap != NULL) {
        fmt_str(f, cheap);
        fmt_str(f, strong != NULL ? "@0.8, " : "");
    }
    fmt_str(f, strong != NULL ? strong : "");
    fmt_char(f, '\n');
}

bool settings_from_environment(struct settings *s, const char *(*environment)(const char *name),
                               struct config_errors *errors)
{
    char text[READY_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    for (size_t i = 0; i < sizeof(ready_vendors) / sizeof(ready_vendors[0]); i++) {
        const char *key = environment(ready_vendors[i].variable);

        if (key != NULL && key[0] != '\0')
            fmt_str(&f, ready_vendors[i].text);
    }
    if (fmt_span(&f).len == 0)
        return false;
    ready_route(&f);
    fmt_str(&f, "[ledger]\npath = farthing.ledger\n"
                "[budget daily]\nlimit = 1\nper = day\nclamp = yes\n");
    if (!settings_read(s, fmt_span(&f), environment, errors))
        return false;
    s->from_environment = true;
    return true;
}
