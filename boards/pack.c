/* pack - relative relocations as bits: `pack STRIPPED`, of a static PIE, in place.
 *
 * A table with pointers needs a relocation for each, of 24 bytes (8 on 32-bit boards): 24 KB of
 * the binary. DT_RELR needs one bit, and musl's start code knows it, but this board's linker does
 * not write it. boards/pack.ld puts the relocations at the end of the image, where this program
 * writes them anew and cuts off what is left, the section headers with it. The build stops when
 * anything is not as expected. Format: the ELF gABI's proposal "Relative relocations", SHT_RELR. */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PT_RISCV_ATTRIBUTES
#define PT_RISCV_ATTRIBUTES 0x70000003
#endif

enum { IMAGE_BYTES_MAX = 4 << 20, RELOCATIONS_MAX = 1 << 16 };

static unsigned char image[IMAGE_BYTES_MAX];
static uint64_t places[RELOCATIONS_MAX];
static unsigned word; /* bytes of an address: 4 or 8 */

static void need(int fact, const char *what)
{
    if (!fact) {
        fprintf(stderr, "pack: %s\n", what);
        exit(1);
    }
}

static uint64_t get(uint64_t at, unsigned bytes)
{
    uint64_t value = 0;

    need(at + bytes <= IMAGE_BYTES_MAX, "an offset is outside of the file");
    while (bytes-- > 0)
        value = value << 8 | image[at + bytes];
    return value;
}

static void put(uint64_t at, uint64_t value, unsigned bytes)
{
    need(at + bytes <= IMAGE_BYTES_MAX, "an offset is outside of the file");
    for (unsigned i = 0; i < bytes; i++)
        image[at + i] = (unsigned char)(value >> 8 * i);
}

/* Where a program header of the type stands, the last one; 0 = none. */
static uint64_t find_header(uint32_t type)
{
    uint64_t first = get(word == 8 ? 32 : 28, word), found = 0;
    unsigned bytes = word == 8 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

    for (uint64_t i = 0; i < get(word == 8 ? 56 : 44, 2); i++)
        if (get(first + i * bytes, 4) == type)
            found = first + i * bytes;
    return found;
}

static uint64_t header_of(uint32_t type)
{
    uint64_t found = find_header(type);

    need(found != 0, "a program header is missing");
    return found;
}

static uint64_t header_field(uint64_t header, unsigned field_64, unsigned field_32)
{
    return header + (word == 8 ? field_64 : field_32);
}

static int by_place(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A tag's place in the dynamic section. */
static uint64_t tag_of(uint64_t tag, int must)
{
    uint64_t at = get(header_field(header_of(PT_DYNAMIC), 8, 4), word);

    while (get(at, word) != DT_NULL && get(at, word) != tag)
        at += 2 * word;
    need(!must || get(at, word) == tag, "an entry of the dynamic section is missing");
    return get(at, word) == tag ? at : 0;
}

/* Kernels of one board have pages of 4 or 16 KB. Where a segment's offset is its address both can
 * map it, and a page that two segments share has the same bytes in both: constants, which lie
 * between the code and the data and are more than a page. */
static void level(uint64_t load)
{
    uint64_t offset_at = header_field(load, 8, 4);
    uint64_t from = get(offset_at, word), to = get(header_field(load, 16, 8), word);
    uint32_t others[] = {PT_DYNAMIC, PT_GNU_RELRO};

    need(to >= from && to - from <= 4096, "a segment far from its place in the file");
    memmove(image + to, image + from, IMAGE_BYTES_MAX - to);
    memset(image + from, 0, to - from);
    put(offset_at, to, word);
    put(header_field(load, 48, 28), 16384, word);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        uint64_t at = header_field(header_of(others[i]), 8, 4);
        put(at, get(at, word) + to - from, word);
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r+b") : NULL;
    size_t count = 0, bits = 0;
    uint64_t load, size_at, at, to, from, next = 0;

    need(file != NULL && fread(image, 1, sizeof(image), file) > 64, "no file to read");
    need(memcmp(image, ELFMAG, SELFMAG) == 0 && image[EI_DATA] == ELFDATA2LSB, "no ELF of a board");
    word = image[EI_CLASS] == ELFCLASS64 ? 8 : 4;
    load = header_of(PT_LOAD);
    if (get(18, 2) == EM_AARCH64)
        level(load);
    size_at = header_field(load, 32, 16);
    from = get(header_field(load, 16, 8), word) - get(header_field(load, 8, 4), word);

    int addends = tag_of(DT_RELA, 0) != 0;
    unsigned entry = word * (addends ? 3 : 2);
    uint64_t table = tag_of(addends ? DT_RELA : DT_REL, 1);
    uint64_t table_bytes = tag_of(addends ? DT_RELASZ : DT_RELSZ, 1);
    uint64_t table_entry = tag_of(addends ? DT_RELAENT : DT_RELENT, 1);
    at = to = get(table + word, word) - from;
    uint64_t end = at + get(table_bytes + word, word);
    need(end == get(header_field(load, 8, 4), word) + get(size_at, word), "relocations not last");

    for (; at < end; at += entry) {
        uint64_t place = get(at, word),
                 kind = get(at + word, word) & (word == 8 ? 0xffffffff : 0xff);
        need(kind == R_AARCH64_RELATIVE || kind == R_RISCV_RELATIVE || kind == R_ARM_RELATIVE,
             "a relocation that is not relative");
        need(place % word == 0 && place >= from && place - from < to, "a place out of bounds");
        need(count < RELOCATIONS_MAX, "too many relocations");
        if (addends)
            put(place - from, get(at + 2 * word, word), word);
        places[count++] = place;
    }
    qsort(places, count, sizeof(places[0]), by_place);

    /* An address, then words whose lowest bit is 1 and whose others stand for words behind it. */
    at = to;
    for (size_t i = 0; i < count;) {
        uint64_t map = 0;
        bits = 8 * word - 1;
        if (next != 0 && places[i] - next < bits * word) {
            for (; i < count && places[i] - next < bits * word; i++)
                map |= (uint64_t)2 << (places[i] - next) / word;
            put(at, map | 1, word);
            next += bits * word;
        } else {
            put(at, places[i], word);
            next = places[i++] + word;
        }
        at += word;
        need(at <= end, "the new form is longer");
    }
    if (find_header(PT_RISCV_ATTRIBUTES) != 0) /* they lie behind the image; tools read them */
        put(find_header(PT_RISCV_ATTRIBUTES), PT_NULL, 4);
    put(table, DT_RELR, word);
    put(table_bytes, DT_RELRSZ, word);
    put(table_bytes + word, at - to, word);
    put(table_entry, DT_RELRENT, word);
    put(table_entry + word, word, word);
    put(size_at, at - get(header_field(load, 8, 4), word), word);
    put(word == 8 ? 40 : 32, 0, word); /* no section headers */
    put(word == 8 ? 60 : 48, 0, 4);
    file = freopen(argv[1], "wb", file);
    need(file != NULL && fwrite(image, 1, at, file) == at && fclose(file) == 0, "cannot write");
    return 0;
}
