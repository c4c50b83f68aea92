#include "ledger/replay.h"

#include <string.h>

#include "base/scan.h"
#include "ledger/disk.h"
#include "ledger/lines.h"

enum { REPLAY_TAIL_BYTES = 10 }; /* of a line: tab, 8 hex digits, line end */

struct replay {
    struct budget_book *book;
    const struct replay_models *models;
    struct replay_counts *counts;
    uint64_t line_number;
};

/* "session=" and "address=" among the words of a label. */
static struct span word_of(struct span label, struct span name)
{
    struct span word;

    while (span_split(&label, ' ', &word))
        if (span_starts(word, name))
            return span_part(word, name.len, word.len);
    return SPAN_EMPTY;
}

struct budget_subject replay_subject(const struct ledger_line *line,
                                     const struct replay_models *models)
{
    return (struct budget_subject){
        .key = line->key,
        .address = word_of(line->label, SPAN("address=")),
        .session = word_of(line->label, SPAN("session=")),
        .route = line->route,
        .model = line->used,
        .upstream = models->upstream_of(models->ctx, line->used),
    };
}

static bool replay_line(void *ctx, struct span text)
{
    struct replay *r = ctx;
    struct budget_subject subject;
    struct ledger_line line;

    if (++r->line_number <= LEDGER_HEAD_LINES)
        return true;
    if (!ledger_line_read(&line, text)) {
        r->counts->damaged++;
        return true;
    }
    r->counts->lines++;
    subject = replay_subject(&line, r->models);
    budget_replay(r->book, &subject, line.cost_pusd, line.time_unix_ms);
    return true;
}

/* From an offset that is the begin of a line; 0 is the begin of the file with its head. */
static void replay_file(struct replay *r, const char *path, int64_t at)
{
    char buffer[LINES_BUFFER_BYTES];
    int64_t torn_bytes;
    int fd = disk_open_read(path);

    if (fd < 0)
        return;
    r->counts->files++;
    r->line_number = at > 0 ? LEDGER_HEAD_LINES : 0;
    (void)lines_each(fd, at, buffer, sizeof(buffer), replay_line, r, &torn_bytes);
    disk_close(fd);
}

/* The CRC that the line ending at this offset carries. */
static bool crc_before(int fd, int64_t offset, uint32_t *crc)
{
    char tail[REPLAY_TAIL_BYTES];
    uint64_t value;

    if (offset < (int64_t)sizeof(tail) ||
        disk_read_at(fd, tail, sizeof(tail), offset - (int64_t)sizeof(tail)) !=
            (int64_t)sizeof(tail) ||
        tail[0] != '\t' || tail[sizeof(tail) - 1] != '\n' ||
        !scan_hex(span_of(tail + 1, sizeof(tail) - 2), &value))
        return false;
    *crc = (uint32_t)value;
    return true;
}

static bool is_at(const struct ledger_settings *l, int64_t number,
                  const struct checkpoint_position *at)
{
    char path[LEDGER_PATH_BYTES + 8];
    struct fmt f;
    uint32_t crc;
    bool found;
    int fd;

    fmt_init(&f, path, sizeof(path));
    ledger_file_name(l->path, number, &f);
    fd = disk_open_read(path);
    if (fd < 0)
        return false;
    found = crc_before(fd, at->offset, &crc) && crc == at->crc;
    disk_close(fd);
    return found;
}

bool replay_position(const struct ledger_settings *l, struct checkpoint_position *out)
{
    int fd = disk_open_read(l->path);
    bool found;

    if (fd < 0)
        return false;
    out->offset = disk_size(fd);
    found = crc_before(fd, out->offset, &out->crc);
    disk_close(fd);
    return found;
}

static void replay_files(struct replay *r, const struct ledger_settings *l, int64_t oldest,
                         int64_t at)
{
    char path[LEDGER_PATH_BYTES + 8];

    for (int64_t number = oldest; number >= 0; number--) {
        struct fmt f;

        fmt_init(&f, path, sizeof(path));
        ledger_file_name(l->path, number, &f);
        replay_file(r, path, number == oldest ? at : 0);
    }
}

void replay_budgets(struct budget_book *b, const struct ledger_settings *l,
                    const struct replay_models *models, struct replay_counts *counts)
{
    struct replay r = {.book = b, .models = models, .counts = counts};
    struct checkpoint_position at = {0};

    memset(counts, 0, sizeof(*counts));
    if (checkpoint_read(l, b, &at) == CHECKPOINT_READ) {
        for (int64_t number = 0; number <= l->keep; number++) {
            if (!is_at(l, number, &at))
                continue;
            counts->from_checkpoint = true;
            replay_files(&r, l, number, at.offset);
            return;
        }
    }
    budget_forget_spent(b);
    replay_files(&r, l, l->keep, 0);
    (void)checkpoint_read(l, b, &at);
}
