/* read - an INI text into the structs of its sections (inih does the lines).
 *
 * All errors of a file are found in one run, not just the first: each is one line "FILE:LINE: what
 * was read; what is allowed", with the nearest known key or section for a misspelt one. Unknown
 * sections and keys, a repeated key or section, a bad value, a missing required key, a line that is
 * neither key nor section nor comment, one longer than CONFIG_LINE_BYTES_MAX (config/line.h), a
 * section's header of more than 48 characters, control characters and bytes that are not UTF-8 are
 * errors. Keys below a bad header are passed over. An unnamed section that is not in the file still
 * gets its defaults, as one item.
 *
 * A comment is a line that begins with # or ;, and what stands behind a blank and a ; in a line.
 * Lines end in LF or CR LF, the last one may lack it; a UTF-8 BOM at the start is passed over. */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H

#include "config/table.h"

enum {
    CONFIG_FILE_BYTES_MAX = 256 * 1024, /* 100 models with routes are 30 KB */
    CONFIG_SECTIONS_MAX = 16,           /* kinds of section */
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
