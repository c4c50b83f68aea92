# farthing - GNU make. `make help` lists the targets. V=1 shows commands; every tool can be overridden.
VERSION = 0.1.0
HOST   := $(shell uname -m)
BOARD  ?= $(if $(wildcard boards/$(HOST)),$(HOST),x86_64)
include boards/$(BOARD)/board.mk

B      = build/$(BOARD)
Q      = $(if $(V),,@)
SAY    = @printf '  %-6s %s\n'
CROSS ?= $(if $(filter $(HOST),$(BOARD)),,$(TRIPLE)-)
ifeq ($(origin CC),default)
CC     = $(CROSS)gcc
endif
ifeq ($(origin AR),default)
AR     = $(CROSS)ar
endif
STRIP   ?= $(CROSS)strip
NM      ?= $(CROSS)nm
READELF ?= $(CROSS)readelf
SIZE    ?= $(CROSS)size
CLANG   ?= clang
EPOCH   := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),1700000000)

# MUSL=vendor builds libc from vendor/; MUSL=system takes the one that CC already knows.
MUSL    ?= vendor
S        = $(B)/sysroot
ifeq ($(MUSL),vendor)
LIBC     = $(S)/lib/libc.a
INCLUDES = -nostdinc -isystem $(S)/include -isystem $(shell $(CC) -print-file-name=include)
GCC_OBJ  = $(shell $(CC) $(CPU_FLAGS) -print-file-name=$(1))
CRT1     = $(S)/lib/$(if $(filter yes,$(PIE)),rcrt1.o,crt1.o)
LINK     = $(CC) $(CPU_FLAGS) $(OUR_CPU) -nostdlib -nostartfiles $(LD_MODE) $(LDFLAGS) -o $@ $(CRT1) $(S)/lib/crti.o \
           $(filter %.o,$^) -Wl,--start-group $(filter-out $(LIBC),$(filter %.a,$^)) $(LIBC) -lgcc -Wl,--end-group $(S)/lib/crtn.o
LD_MODE  = -static $(if $(filter yes,$(PIE)),-Wl$(comma)-pie$(comma)--no-dynamic-linker$(comma)-z$(comma)text)
else
LINK     = $(CC) $(CPU_FLAGS) -static $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group
endif
comma   := ,
# Relative relocations as bits instead of 24 bytes each: by the linker where it can (binutils 2.38 on x86), else afterwards.
LD_RELR := $(if $(filter yes,$(PIE)),$(if $(shell $(CC) -Wl,--help 2>/dev/null | grep pack-relative-relocs),-Wl$(comma)-z$(comma)pack-relative-relocs))
PACK    := $(if $(filter yes-vendor,$(PIE)-$(MUSL)),$(if $(LD_RELR),,build/pack))

CODE_FLAGS = $(CPU_FLAGS) $(OPT) $(if $(filter yes,$(PIE)),-fPIE,-fno-pie) -ffunction-sections -fdata-sections \
             -fno-asynchronous-unwind-tables -fno-unwind-tables
HARDEN     = -fstack-protector-strong
# Our code: the linker sees it as a whole, a twentieth smaller; fat, so that tests link without that.
# The other three save a fiftieth.
SMALL     ?= -flto=auto -ffat-lto-objects -fomit-frame-pointer -fno-optimize-sibling-calls -fno-move-loop-invariants
LDFLAGS   += -Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack,-z,noseparate-code,--build-id=none,--hash-style=gnu $(LD_RELR)
WARN       = -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
             -Wpointer-arith -Wcast-qual -Wcast-align -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough
INI_FLAGS  = -DINI_USE_STACK=1 -DINI_ALLOW_MULTILINE=0 -DINI_HANDLER_LINENO=1 -DINI_STOP_ON_FIRST_ERROR=0 \
             -DINI_CALL_HANDLER_ON_NEW_SECTION=1 -DINI_ALLOW_BOM=1 -DINI_MAX_LINE=1040
# One implementation of each primitive: those in 128-bit integers are faster, and not needed besides.
BR_FLAGS   = -DBR_USE_URANDOM=0 -DBR_USE_UNIX_TIME=0 -DBR_INT128=0
VENDOR_INC = -isystem build/src/bearssl/inc -isystem build/src/jsmn -isystem build/src/inih
OUR_FLAGS  = -std=c11 -D_GNU_SOURCE $(INI_FLAGS) -Isrc $(VENDOR_INC)
CFLAGS    += -MMD -MP
VERSION_FLAGS = -DFARTHING_VERSION='"$(VERSION)"' -DFARTHING_BOARD='"$(BOARD)"' -DFARTHING_BUILD_EPOCH=$(EPOCH) \
             -DFARTHING_MEMORY_DEFAULT=$(MEMORY_DEFAULT) -DFARTHING_CONNECTIONS_DEFAULT=$(CONNECTIONS_DEFAULT) -DFARTHING_AES_FIRST=$(AES_FIRST)

PAGE   = build/page/page.c
SRC   := $(sort $(wildcard src/*/*.c)) $(PAGE)
OBJ    = $(SRC:%.c=$(B)/obj/%.o)
BR_SRC = $(sort $(wildcard build/src/bearssl/src/*.c build/src/bearssl/src/*/*.c))
BR_OBJ = $(BR_SRC:build/src/%.c=$(B)/obj/vendor/%.o)

all: build/src/.complete
	$(Q)$(MAKE) --no-print-directory $(B)/farthing
build/src/.complete: vendor/manifest vendor/fetch
	$(Q)command -v xz >/dev/null || { apt-get update -qq && apt-get install -y -qq xz-utils >/dev/null; }
	$(Q)sh vendor/fetch && touch $@
$(S)/lib/libc.a: boards/$(BOARD)/board.mk
	$(SAY) MUSL $(BOARD)
	$(Q)rm -rf $(B)/musl && mkdir -p $(B)/musl && cd $(B)/musl && ../../src/musl/configure --target=$(TRIPLE) --disable-shared \
	  --prefix=$(abspath $(S)) CC='$(CC) $(CPU_FLAGS)' CFLAGS='-Os -ffunction-sections -fdata-sections' >configure.log 2>&1 && \
	  $(MAKE) CROSS_COMPILE=$(CROSS) AR=$(AR) install >make.log 2>&1 || { tail -20 make.log configure.log; exit 1; }
$(B)/obj/vendor/bearssl/%.o: build/src/bearssl/%.c | $(LIBC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CODE_FLAGS) $(INCLUDES) -w $(BR_FLAGS) -Ibuild/src/bearssl/inc -Ibuild/src/bearssl/src -c -o $@ $<
$(B)/libbearssl.a: $(BR_OBJ)
	$(SAY) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/obj/vendor/ini.o: build/src/inih/ini.c | $(LIBC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CODE_FLAGS) $(INCLUDES) -w $(INI_FLAGS) -c -o $@ $<
$(B)/obj/src/base/version.o: OUR_FLAGS += $(VERSION_FLAGS)
# Dull code follows ours; what counts and enciphers stays as fast as the board can.
$(B)/obj/vendor/bearssl/src/ssl/%.o $(B)/obj/vendor/bearssl/src/x509/%.o: CPU_FLAGS += $(OUR_CPU)
$(OBJ) $(BR_OBJ) $(B)/obj/src/main.o $(B)/obj/vendor/ini.o: Makefile boards/$(BOARD)/board.mk
$(B)/obj/%.o: %.c | $(LIBC)
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CODE_FLAGS) $(OUR_CPU) $(SMALL) $(HARDEN) $(INCLUDES) $(OUR_FLAGS) $(WARN) $(CFLAGS) -c -o $@ $<
# The classifier looks at every byte of a prompt: in a third less time, for one page more.
$(B)/obj/src/policy/features.o: OPT = -O2
$(B)/libfarthing.a: $(OBJ) $(B)/obj/vendor/ini.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/farthing.full: LDFLAGS += $(if $(PACK),-Wl$(comma)-T$(comma)boards/pack.ld)
$(B)/farthing.full: $(B)/obj/src/main.o $(B)/libfarthing.a $(B)/libbearssl.a $(LIBC)
	$(SAY) LINK $@
	$(Q)$(LINK)
$(B)/farthing: $(B)/farthing.full $(PACK)
	$(Q)$(STRIP) -s -o $@ $<
	$(if $(PACK),$(Q)$(PACK) $@)
$(PAGE): src/page/embed src/page/page.html src/page/page.css src/page/page.js
	$(Q)src/page/embed $@
build/pack: boards/pack.c
	$(Q)$(or $(CC_HOST),cc) -O1 -o $@ $<

run: all
	$(Q)$(B)/farthing demo
package: all
	$(Q)DEB_ARCH='$(DEB_ARCH)' OPENWRT_ARCH='$(OPENWRT_ARCH)' boards/common/package $(BOARD) $(VERSION) $(EPOCH) $(B)/farthing build/packages
	$(Q)cd build/packages && sha256sum farthing*
clean:
	$(Q)rm -rf build/*/obj build/*/farthing* build/*/lib*.a build/*/tests build/sanitize build/fuzz build/e2e
PREFIX ?= /usr/local
install: all
	install -D -m 755 $(B)/farthing $(DESTDIR)$(PREFIX)/bin/farthing
help:
	@sed -n 's/^# target //p' Makefile tests/tests.mk
# target all       the binary of BOARD (default: this machine's): build/BOARD/farthing
# target run       build, then run the gateway with its embedded stand-in on 127.0.0.1:8080
# target install   into PREFIX (/usr/local)
# target package   .deb, .ipk, .apk and a tarball of BOARD, as far as it has them: build/packages
# target clean     all but the sources and libcs that were brought and built
include tests/tests.mk
-include $(OBJ:.o=.d) $(B)/obj/src/main.d
.PHONY: all run package clean install help
.DELETE_ON_ERROR:
