/* Runs every file of a corpus folder twice through a fuzz target: no fuzzing engine is needed.
 * Twice, to catch state that is left over. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(1 << 20);
    size_t size;

    if (file == NULL || data == NULL)
        return 0;
    size = fread(data, 1, 1 << 20, file);
    fclose(file);
    data = realloc(data, size > 0 ? size : 1); /* exact, so that a sanitizer sees an over-read */
    LLVMFuzzerTestOneInput(data, size);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    int count = 0;
    struct dirent *entry;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (folder == NULL) {
        fprintf(stderr, "replay: needs the folder of a corpus\n");
        return 1;
    }
    while ((entry = readdir(folder)) != NULL) {
        char path[4096];

        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        if (entry->d_name[0] != '.')
            count += replay(path);
    }
    closedir(folder);
    printf("%s: %d inputs\n", argv[1], count);
    return count > 0 ? 0 : 1;
}
