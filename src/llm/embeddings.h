/* embeddings - the vectors of an embeddings answer, each by itself, and an answer made of such.
 *
 * An element of `data` is kept as its vendor wrote it, numbers or base64, members that are not
 * known here included; only its `index` is another in another list. So it is two pieces of text,
 * before the index and behind it. */
#ifndef LLM_EMBEDDINGS_H
#define LLM_EMBEDDINGS_H

#include "base/fmt.h"

struct embedding {
    struct span before; /* as far as `"index":` */
    struct span after;
};

enum { EMBEDDINGS_FRAME_BYTES = 160, EMBEDDINGS_INDEX_BYTES = 21 };

/* The elements by their index, as spans into the body, which scan.h has accepted; the value of
 * `model` as written, empty when it is not there. False unless there are exactly `count` elements,
 * each with a vector and an index of its own below count. Linear. */
bool embeddings_read(struct span body, struct embedding *out, size_t count, struct span *model);

/* An answer: begin, each in the order of the list, end. It takes EMBEDDINGS_FRAME_BYTES and the
 * model's, and for each its own and EMBEDDINGS_INDEX_BYTES. */
void embeddings_begin(struct fmt *out);
void embeddings_put(struct fmt *out, const struct embedding *e, size_t index);
void embeddings_end(struct fmt *out, struct span model, int64_t tokens);

#endif
