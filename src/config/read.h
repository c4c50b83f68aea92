/* read - an INI text into the structs of its sections (inih does the lines).
 *
 * All errors of a file are found in one run, not just the first: each is one line "FILE:LINE: what
 * was read; what is allowed", with the nearest known key or section for a misspelt one. Unknown
 * sections and keys, a repeated key or section, a bad value, a missing required key, a line that is
 * no key, a line longer than CONFIG_LINE_BYTES_MAX and bytes that are not UTF-8 are errors. An
 * unnamed section that is not in the file still gets its defaults, as one item. */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H

#include "config/table.h"

enum {
    CONFIG_FILE_BYTES_MAX = 256 * 1024, /* 100 models with routes are 30 KB */
    CONFIG_LINE_BYTES_MAX = 1024,
    CONFIG_SECTIONS_MAX = 16, /* kinds of section */
};

struct config_errors {
    /* Called for each error, with the whole line of text. */
    void (*tell)(void *ctx, struct span line);
    void *ctx;
    const char *file; /* for the text */
    size_t count;
};

/* True when there was no error; targets are filled as far as possible in any case. */
bool config_read(struct span text, struct config_target *targets, size_t target_count,
                 struct config_errors *errors);
/* One error of the caller's own, found in later checks. line 0: none is known. */
void config_error(struct config_errors *e, int line, struct span what);
/* The reference: every section and key with type, default, bounds and help. */
void config_help(const struct config_section *const *sections, size_t count, struct fmt *out);

#endif
