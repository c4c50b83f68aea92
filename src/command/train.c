/* train - weights for a classifier, from one's own labelled texts. */
#include "policy/train.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/scan.h"
#include "command/command.h"
#include "command/jsonl.h"
#include "command/tradeoff.h"
#include "net/sys.h"

enum {
    TELL_BYTES = 16384,
    SOURCES_TOLD_MAX = 48,
    HELD_OUT_EVERY = 5, /* of the lines, for the bound of difficulty */
    CONFUSION_MAX = 8,  /* labels: a larger table is not read by anyone */
    FILE_MODE = 0644,
};

struct train_run {
    struct train_options options;
    const char *in;
    const char *out;
    const char *test;
    bool difficulty; /* of prompts: the labels are easy and hard */
    uint64_t keep_percent;
    size_t examples;
    size_t features;
    const char *refused; /* why the line was */
    struct arena arena;
    struct arena model_arena;
    struct jsonl *lines;
    struct train *t;
    uint8_t *file;
    size_t file_bytes;
    /* The test. */
    struct linear model;
    uint64_t confusion[CONFUSION_MAX][CONFUSION_MAX + 1]; /* the last column: unknown */
    uint64_t tested;
    uint64_t right;      /* the best class, whatever the confidence */
    uint64_t sure;       /* at or over the bar */
    uint64_t sure_wrong; /* of them */
    struct train_source {
        char name[LINEAR_LABEL_BYTES];
        uint64_t count;
        uint64_t right;
        uint64_t sure_right;
        uint64_t sure_wrong;
    } sources[SOURCES_TOLD_MAX];
    size_t source_count;
    struct tradeoff tradeoff;
};

/* Options with a number. */
static const struct train_option {
    const char *name;
    const char *help;
    size_t offset;
    size_t bytes;
    uint64_t min;
    uint64_t max;
} train_numbers[] = {
#define NUMBER(name, place, low, high, text)                                                       \
    {                                                                                              \
        name, text, offsetof(struct train_options, place),                                         \
            sizeof(((struct train_options *)NULL)->place), low, high                               \
    }
    NUMBER("--seed", seed, 0, UINT32_MAX, "order of the examples"),
    NUMBER("--epochs", epochs, 1, 1000, "times that each example is looked at"),
    NUMBER("--rate", rate, 1, 64 * LINEAR_ONE, "of learning, 65536 = 1"),
    NUMBER("--shrink", shrink, 0, 20, "2^-n of the weights goes each epoch"),
    NUMBER("--drop", drop, 0, 250, "of 256 features are left out each time"),
    NUMBER("--words", form.words, 1, 2, "2: pairs of words too"),
    NUMBER("--chars", form.chars, 0, 5, "runs of 2..n characters"),
    NUMBER("--marks", form.marks, 0, 1, "places and shape, for prompts"),
    NUMBER("--bits", bits, 4, 8, "of a weight, 4 or 8"),
    NUMBER("--sets", sets, 1, LINEAR_SETS_MAX, "of rows, a power of two"),
    NUMBER("--ways", ways, 1, LINEAR_WAYS_MAX, "rows of a set"),
    NUMBER("--prints", prints, 0, 1, "only features that matter have rows"),
    NUMBER("--sources", sources, 1, TRAIN_SOURCES_MAX, "that such a feature must stand in"),
    NUMBER("--sharpness", sharpness, 1, 64 * LINEAR_ONE, "of confidences, 65536 = 1"),
    NUMBER("--bar", bar_milli, 0, 1000, "confidence below which it is unknown"),
#undef NUMBER
};

static const struct train_options train_defaults = {
    .form = {.words = 2, .chars = 5},
    .bits = 8,
    .ways = 1,
    .sets = 1 << 15,
    .epochs = 25,
    .rate = 8 * LINEAR_ONE,
    .shrink = 5,
    .drop = 128,
    .sources = 1,
    .sharpness = LINEAR_ONE,
    .seed = 1,
};

static void train_tell(struct span text)
{
    ssize_t put = write(STDERR_FILENO, text.ptr, text.len);

    (void)put; /* there is nowhere left to say that it failed */
}

static int train_failed(const char *path, const char *what, uint64_t line)
{
    char text[512];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing train: ");
    fmt_visible(&f, span_str(path), 200);
    if (line > 0) {
        fmt_char(&f, ':');
        fmt_u64(&f, line);
    }
    fmt_str(&f, ": ");
    fmt_str(&f, what);
    fmt_char(&f, '\n');
    train_tell(fmt_span(&f));
    return COMMAND_FAILED;
}

/* ---- lines ---- */

struct train_line {
    struct span text;
    struct span label;
    struct span source;
    struct tradeoff_outcome outcome; /* of difficulty */
    unsigned weight;
};

/* How hard a prompt is shows in what the strong model gains, where that is known: what both get
 * wrong is not worth its price either. */
static bool train_outcome(struct train_run *r, struct jsonl *j, struct train_line *out)
{
    if (!r->difficulty || !tradeoff_read(j, out->label, &out->outcome))
        return out->label.len > 0;
    if (out->label.len == 0)
        out->label =
            out->outcome.strong_milli > out->outcome.cheap_milli ? SPAN("hard") : SPAN("easy");
    return true;
}

/* Those that the bound is found with are not learned from. */
static bool train_holds_out(const struct train_run *r, const struct jsonl *j)
{
    return r->difficulty && r->test == NULL && j->line % HELD_OUT_EVERY == 0;
}

static bool train_line(struct train_run *r, struct jsonl *j, struct train_line *out)
{
    const struct json_member *m = json_object_find(&j->object, "weight");
    int64_t weight = 1;

    r->refused = r->difficulty
                     ? "it needs \"prompt\" or \"text\", and \"label\", or \"cheap\" and \"strong\""
                     : "it needs \"prompt\" or \"text\", and \"label\"";
    out->label = SPAN_EMPTY;
    if ((!jsonl_text(j, "prompt", &out->text) && !jsonl_text(j, "text", &out->text)) ||
        (!jsonl_text(j, "label", &out->label) && !r->difficulty) || !train_outcome(r, j, out))
        return false;
    r->refused = "\"weight\" is no whole number of 1 to 100";
    if (m != NULL &&
        (!json_value_i64(m->value, &weight) || weight < 1 || weight > TRAIN_WEIGHT_MAX))
        return false;
    out->weight = (unsigned)weight;
    if (!jsonl_text(j, "source", &out->source))
        out->source = SPAN_EMPTY;
    return true;
}

static bool train_count(void *ctx, struct jsonl *j)
{
    struct train_run *r = ctx;
    struct train_line line;

    if (!train_line(r, j, &line))
        return false;
    if (train_holds_out(r, j))
        return true;
    r->refused = "its label is empty, longer than 47 bytes, or the 257th";
    features_read(&r->t->scratch, &r->options.form, line.text);
    r->examples++;
    r->features += r->t->scratch.count;
    return train_label(r->t, line.label);
}

static bool train_take(void *ctx, struct jsonl *j)
{
    struct train_run *r = ctx;
    struct train_line line;

    if (!train_line(r, j, &line))
        return false;
    if (train_holds_out(r, j))
        return true;
    r->refused = "the file has changed";
    return train_add(r->t, line.text, line.label, line.source, line.weight);
}

static int train_each(struct train_run *r, const char *path,
                      bool (*take)(void *ctx, struct jsonl *j))
{
    int result;

    r->refused = "this is no JSON object of at most 1 MiB";
    result = jsonl_each(r->lines, path, take, r);
    if (result < 0)
        return train_failed(path, sys_error_text(result), 0);
    return result == 0 ? COMMAND_OK : train_failed(path, r->refused, r->lines->line);
}

/* ---- the test ---- */

static struct train_source *train_source(struct train_run *r, struct span name)
{
    for (size_t i = 0; i < r->source_count; i++)
        if (span_equal(span_str(r->sources[i].name), name))
            return &r->sources[i];
    if (r->source_count == SOURCES_TOLD_MAX || name.len >= LINEAR_LABEL_BYTES)
        return NULL;
    if (name.len > 0) /* else its pointer may be null, which memcpy may not have */
        memcpy(r->sources[r->source_count].name, name.ptr, name.len);
    return &r->sources[r->source_count++];
}

static bool train_test_line(void *ctx, struct jsonl *j)
{
    struct train_run *r = ctx;
    int32_t scores[LINEAR_CLASSES_MAX];
    struct train_source *source;
    struct train_line line;
    int32_t milli;
    size_t best;
    bool right;
    bool sure;

    if (!train_line(r, j, &line))
        return false;
    if (r->test == NULL && !train_holds_out(r, j))
        return true;
    features_read(&r->t->scratch, &r->model.form, line.text);
    linear_scores(&r->model, &r->t->scratch, scores);
    best = linear_best(scores, r->model.classes, &milli);
    right = span_equal(linear_label(&r->model, best), line.label);
    sure = milli >= r->model.bar_milli;
    if (r->difficulty)
        tradeoff_add(&r->tradeoff,
                     span_equal(linear_label(&r->model, best), SPAN("hard"))
                         ? milli
                         : TRADEOFF_LEVELS - 1 - milli,
                     &line.outcome, 0, 0);
    r->tested++;
    r->right += right;
    r->sure += sure;
    r->sure_wrong += sure && !right;
    for (size_t i = 0; i < r->model.classes && i < CONFUSION_MAX; i++)
        if (span_equal(linear_label(&r->model, i), line.label) && best < CONFUSION_MAX)
            r->confusion[i][sure ? best : CONFUSION_MAX]++;
    source = train_source(r, line.source);
    if (source != NULL) {
        source->count++;
        source->right += right;
        source->sure_right += sure && right;
        source->sure_wrong += sure && !right;
    }
    return true;
}

static void train_share(struct fmt *f, uint64_t part, uint64_t all)
{
    const uint64_t tenths = 1000;
    uint64_t share = all > 0 ? (part * tenths + all / 2) / all : 0;

    fmt_right_u64(f, share / 10, 5);
    fmt_char(f, '.');
    fmt_u64(f, share % 10);
}

static void train_tell_confusion(const struct train_run *r, struct fmt *f)
{
    if (r->model.classes > CONFUSION_MAX)
        return;
    fmt_left(f, SPAN("label"), 20);
    for (size_t i = 0; i < r->model.classes; i++)
        fmt_right(f, span_part(linear_label(&r->model, i), 0, 9), 10);
    fmt_right(f, SPAN("unknown"), 10);
    for (size_t i = 0; i < r->model.classes; i++) {
        fmt_char(f, '\n');
        fmt_left(f, linear_label(&r->model, i), 20);
        for (size_t k = 0; k < r->model.classes; k++)
            fmt_right_u64(f, r->confusion[i][k], 10);
        fmt_right_u64(f, r->confusion[i][CONFUSION_MAX], 10);
    }
    fmt_char(f, '\n');
}

static void train_tell_test(const struct train_run *r)
{
    char text[TELL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_u64(&f, r->tested);
    fmt_str(&f, " tested: best class right %");
    train_share(&f, r->right, r->tested);
    fmt_str(&f, ", sure and right %");
    train_share(&f, r->sure - r->sure_wrong, r->tested);
    fmt_str(&f, ", sure and wrong %");
    train_share(&f, r->sure_wrong, r->tested);
    fmt_char(&f, '\n');
    train_tell_confusion(r, &f);
    for (size_t i = 0; i < r->source_count; i++) {
        const struct train_source *s = &r->sources[i];

        fmt_left(&f, span_str(s->name), 28);
        fmt_right_u64(&f, s->count, 6);
        train_share(&f, s->right, s->count);
        train_share(&f, s->sure_right, s->count);
        train_share(&f, s->sure_wrong, s->count);
        fmt_char(&f, '\n');
    }
    if (r->difficulty)
        tradeoff_say(&r->tradeoff, r->keep_percent, &f);
    train_tell(fmt_span(&f));
}

/* ---- the run ---- */

static int train_save(const struct train_run *r)
{
    size_t at = 0;
    int fd = open(r->out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    ssize_t put = 0;

    while (fd >= 0 && at < r->file_bytes) {
        put = write(fd, r->file + at, r->file_bytes - at);
        if (put <= 0)
            break;
        at += (size_t)put;
    }
    if (fd < 0 || at < r->file_bytes || close(fd) != 0)
        return train_failed(r->out, "it cannot be written", 0);
    return COMMAND_OK;
}

static bool train_has_hard(const struct train *t)
{
    return strcmp(t->labels[0], "hard") == 0 || strcmp(t->labels[1], "hard") == 0;
}

static int train_learn(struct train_run *r)
{
    int status = train_each(r, r->in, train_count);
    size_t bytes;

    if (status != COMMAND_OK)
        return status;
    if (r->examples == 0)
        return train_failed(r->in, "there is no example in it", 0);
    if (r->difficulty && (r->t->classes != 2 || !train_has_hard(r->t)))
        return train_failed(r->in, "the labels of difficulty are easy and hard", 0);
    bytes = train_bytes(&r->options, r->t->classes, r->examples, r->features);
    if (!arena_map(&r->model_arena, bytes + LINEAR_FILE_BYTES_MAX) ||
        !train_start(r->t, &r->model_arena, &r->options, r->examples, r->features))
        return train_failed(r->in, "there is too little memory for its features", 0);
    status = train_each(r, r->in, train_take);
    if (status != COMMAND_OK)
        return status;
    train_run(r->t);
    r->file_bytes = train_file_bytes(r->t);
    r->file = arena_carve(&r->model_arena, "file", 1, r->file_bytes);
    if (r->file == NULL || r->file_bytes > LINEAR_FILE_BYTES_MAX)
        return train_failed(r->in, "its weights are more than 16 MiB: fewer --sets", 0);
    train_write(r->t, r->file);
    return r->out != NULL ? train_save(r) : COMMAND_OK;
}

static int train_all(struct train_run *r)
{
    int status = train_learn(r);
    const char *why;

    if (status != COMMAND_OK || (r->test == NULL && !r->difficulty))
        return status;
    CHECK(linear_load(&r->model, span_of((const char *)r->file, r->file_bytes), &why));
    status = train_each(r, r->test != NULL ? r->test : r->in, train_test_line);
    if (status == COMMAND_OK)
        train_tell_test(r);
    return status;
}

/* An integer of whichever size stands at the option's place. */
static void train_set(struct train_options *o, const struct train_option *option, uint64_t value)
{
    char *place = (char *)o + option->offset;

    if (option->bytes == sizeof(uint8_t)) {
        uint8_t small = (uint8_t)value;

        memcpy(place, &small, sizeof(small));
    } else {
        uint32_t large = (uint32_t)value;

        CHECK(option->bytes == sizeof(large));
        memcpy(place, &large, sizeof(large));
    }
}

static bool train_number(struct train_run *r, const char *name, const char *text, bool *known)
{
    for (size_t i = 0; i < ARRAY_LEN(train_numbers); i++) {
        const struct train_option *o = &train_numbers[i];
        uint64_t value;

        if (strcmp(o->name, name) != 0)
            continue;
        *known = true;
        if (text == NULL || !scan_u64(span_str(text), &value) || value < o->min || value > o->max)
            return false;
        train_set(&r->options, o, value);
        return true;
    }
    *known = false;
    return false;
}

static int train_usage(void)
{
    char text[TELL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f,
            "farthing train [--difficulty [--keep PERCENT]] [--out FILE] [--test FILE] [--NAME "
            "NUMBER ...] "
            "FILE.jsonl: a line is "
            "{\"prompt\" or \"text\", \"label\", optional \"source\", \"weight\"}; of difficulty "
            "\"cheap\" and \"strong\" (0..1) will do for the label\n\n"
            "  --keep        per cent of what the strong model is better by (95): the bound that "
            "keeps them is found on --test, or on each fifth line, and told\n");
    for (size_t i = 0; i < ARRAY_LEN(train_numbers); i++) {
        fmt_str(&f, "  ");
        fmt_left(&f, span_str(train_numbers[i].name), 14);
        fmt_str(&f, train_numbers[i].help);
        fmt_char(&f, '\n');
    }
    train_tell(fmt_span(&f));
    return COMMAND_USAGE;
}

static int train_arguments(struct train_run *r, int argc, char **argv)
{
    const struct train_options *o = &r->options;
    const char *keep = NULL;

    for (int i = 0; i < argc; i++) {
        const char *name = argv[i];
        bool wrong = false;
        bool known;

        if (command_option(argc, argv, &i, "--out", &r->out, &wrong) ||
            command_option(argc, argv, &i, "--test", &r->test, &wrong) ||
            command_option(argc, argv, &i, "--keep", &keep, &wrong)) {
            if (wrong)
                return command_wrong("a value is missing behind", name);
        } else if (strcmp(name, "--difficulty") == 0) {
            r->difficulty = true;
        } else if (name[0] == '-') {
            if (!train_number(r, name, i + 1 < argc ? argv[i + 1] : NULL, &known))
                return command_wrong(known ? "a wrong number behind" : "unknown argument", name);
            i++;
        } else if (r->in != NULL) {
            return command_wrong("unknown argument", name);
        } else {
            r->in = name;
        }
    }
    if (r->in == NULL)
        return train_usage();
    if (keep != NULL &&
        (!r->difficulty || !scan_u64(span_str(keep), &r->keep_percent) || r->keep_percent > 100))
        return command_wrong("--keep goes with --difficulty and is 0 to 100 per cent, not", keep);
    if ((o->sets & (o->sets - 1)) != 0 || (o->bits != 4 && o->bits != 8) ||
        (!o->prints && o->ways != 1) || (o->prints && o->sets > LINEAR_SETS_MAX / 256))
        return command_wrong("these --sets, --ways, --bits and --prints do not go together", NULL);
    return COMMAND_OK;
}

int command_train(int argc, char **argv)
{
    struct train_run r = {.options = train_defaults, .keep_percent = TRADEOFF_KEEP_PERCENT};
    int status = train_arguments(&r, argc, argv);

    if (status != COMMAND_OK)
        return status;
    if (!arena_map(&r.arena, sizeof(*r.lines) + sizeof(*r.t) + 2 * ARENA_ALIGN_BYTES))
        return command_wrong("there is too little memory", NULL);
    r.lines = arena_carve(&r.arena, "lines", 1, sizeof(*r.lines));
    r.t = arena_carve(&r.arena, "training", 1, sizeof(*r.t));
    status = train_all(&r);
    arena_unmap(&r.arena);
    arena_unmap(&r.model_arena);
    return status;
}
