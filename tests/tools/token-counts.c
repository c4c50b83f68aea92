/* What token_counter counts in texts, for fit-tokens.mjs.
 *
 * Standard input: for each text its length in bytes, a line end, and the text. Standard output: a
 * line for each, its counts separated by blanks. */
#include <stdio.h>
#include <stdlib.h>

/* One file with what it needs, so that a compiler and two sources build it. */
#include "../../src/llm/tokens.c"

void check_failed(const char *place)
{
    fprintf(stderr, "%s\n", place);
    abort();
}

int main(void)
{
    size_t bytes;

    while (scanf("%zu", &bytes) == 1 && getchar() == '\n') {
        char *text = malloc(bytes + 1);
        struct token_counter c;

        if (text == NULL || fread(text, 1, bytes, stdin) != bytes)
            return 1;
        token_counter_start(&c);
        token_counter_feed(&c, span_of(text, bytes));
        token_counter_finish(&c);
        for (size_t i = 0; i < TOKEN_COUNTS; i++)
            printf("%llu%c", (unsigned long long)c.counts[i], i + 1 < TOKEN_COUNTS ? ' ' : '\n');
        free(text);
    }
    return 0;
}
