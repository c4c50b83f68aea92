/* table - configuration keys as data: one table a section, owned by the module that uses it.
 *
 * A key has a name, a type, the offset of its place in the section's struct, a default written as
 * in the file, bounds and a line of help. The same table parses the file (config/read.h), prints
 * the reference of `farthing help config`, and lists what is allowed in an error.
 *
 * Places by type:  TEXT char[place_bytes] NUL-terminated, BOOL bool, COUNT int64_t, SIZE int64_t
 * (bytes), DURATION int64_t (ms), PRICE int64_t (written USD per million tokens, kept picodollars
 * per token; CONFIG_UNSET when not given), ENUM int (index into names), CUSTOM whatever parse
 * does. A repeatable key must be CUSTOM. A section may be given once (unnamed) or once for each
 * name. */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include "base/fmt.h"

#define CONFIG_UNSET INT64_MIN

enum {
    CONFIG_NAME_BYTES = 64, /* of a section's name, with its NUL: it stands in headers and logs */
};

enum config_type {
    CONFIG_TEXT,
    CONFIG_BOOL,
    CONFIG_COUNT,
    CONFIG_SIZE,
    CONFIG_DURATION,
    CONFIG_PRICE,
    CONFIG_ENUM,
    CONFIG_CUSTOM,
};

struct config_key {
    const char *name;
    enum config_type type : 8; /* small fields together: there are many keys */
    bool required;
    bool repeatable;
    uint16_t offset;
    uint16_t place_bytes; /* TEXT */
    const char
        *fallback; /* as written in a file; NULL = none, TEXT then "" and PRICE CONFIG_UNSET */
    int64_t min;
    int64_t max;              /* both 0: no bounds but the type's own */
    const char *const *names; /* ENUM: NULL-terminated */
    /* CUSTOM: false with a reason in *why, which begins like "is no address ..." */
    bool (*parse)(void *section, struct span value, struct fmt *why);
    const char *help; /* one line; for people */
};

struct config_section {
    const char *name; /* "upstream" of [upstream NAME] */
    bool named;       /* then the struct begins with char name[CONFIG_NAME_BYTES] */
    const struct config_key *keys;
    size_t key_count;
    const char *help;
};

/* Where a file's sections go: `items` is an array of capacity structs of item_bytes. */
struct config_target {
    const struct config_section *section;
    void *items;
    size_t item_bytes;
    size_t capacity;
    size_t count; /* sections read */
    int *lines;   /* line of each section's head, for later errors; capacity entries, or NULL */
};

#endif
