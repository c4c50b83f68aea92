/* What the loader wrote once, relocations among it, is made read-only: the part of static-PIE's
 * start that musl leaves out (crt/rcrt1.c relocates and does not protect). ELF gABI, PT_GNU_RELRO:
 * from the first whole page to the last one that is wholly in it, as other loaders do. */
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "net/sys.h"

extern const char __ehdr_start[] __attribute__((visibility("hidden"))); /* by the linker */

void sys_protect_relro(void)
{
    const ElfW(Ehdr) *head = (const void *)__ehdr_start;
    const ElfW(Phdr) *all = (const void *)(__ehdr_start + head->e_phoff);
    uintptr_t page = (uintptr_t)getauxval(AT_PAGESZ);
    uintptr_t load = UINTPTR_MAX;

    if (page == 0 || head->e_type != ET_DYN)
        return;
    for (unsigned i = 0; i < head->e_phnum; i++)
        if (all[i].p_type == PT_LOAD && all[i].p_offset == 0)
            load = (uintptr_t)__ehdr_start - all[i].p_vaddr;
    for (unsigned i = 0; i < head->e_phnum && load != UINTPTR_MAX; i++) {
        uintptr_t begin = load + all[i].p_vaddr;
        uintptr_t end = begin + all[i].p_memsz;

        if (all[i].p_type != PT_GNU_RELRO)
            continue;
        begin &= ~(page - 1);
        end &= ~(page - 1);
        if (begin < end)
            (void)mprotect((void *)begin, end - begin, PROT_READ); /* best effort */
    }
}
