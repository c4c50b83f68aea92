# Tests: what runs, and in which order. Included by the Makefile.
T        = $(B)/tests
UNIT     = $(patsubst tests/unit/%.c,$(T)/%,$(sort $(wildcard tests/unit/test_*.c)))
TEST_INC = -D_UINTPTR_T -D_UINTPTR_T_DEFINED -Itests/unit -isystem build/src/cmocka/include
CMOCKA_FLAGS = -D_UINTPTR_T -D_UINTPTR_T_DEFINED -w -std=gnu11 -Itests/unit/cmocka -Ibuild/src/cmocka/include -DHAVE_CONFIG_H
E2E      = tests/e2e/run $(B)/farthing

$(T)/cmocka.o: build/src/cmocka/src/cmocka.c | $(LIBC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CODE_FLAGS) $(INCLUDES) $(CMOCKA_FLAGS) -c -o $@ $<
$(T)/%.o: tests/unit/%.c | $(LIBC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CODE_FLAGS) $(OUR_CPU) $(INCLUDES) $(OUR_FLAGS) $(TEST_INC) -Wall -Wextra -Wno-missing-field-initializers -Werror -MMD -MP -c -o $@ $<
$(T)/test_%: $(T)/test_%.o $(T)/cmocka.o $(B)/libfarthing.a $(B)/libbearssl.a $(LIBC)
	$(Q)$(LINK)

$(UNIT): LDFLAGS += -fno-lto
unit-programs: $(UNIT)
# target check     the unit tests of BOARD (under QEMU for another machine's)
check: build/src/.complete
	$(Q)$(MAKE) --no-print-directory unit-programs
	$(Q)tests/run unit '$(if $(filter $(HOST),$(BOARD)),,$(QEMU))' $(UNIT)

# target size      sizes against the board's budget; fails above it
size: all
	$(Q)$(SIZE) $(B)/farthing.full
	$(Q)bytes=$$(wc -c <$(B)/farthing); echo "$(BOARD): $$bytes bytes stripped, budget $(BIN_BYTES_MAX)"; \
	  test $$bytes -le $(BIN_BYTES_MAX)
# target hardened  static, RELRO, no executable stack, no malloc
hardened: all
	$(Q)tests/hardened $(B)/farthing $(B)/farthing.full '$(READELF)' '$(NM)' '$(PIE)'
# target tidy      floors, lengths and words that the sources keep to
tidy:
	$(Q)tests/tidy
	$(Q)tests/tidy_self
# target clang     the product's sources compiled by clang with warnings as errors
clang: build/src/.complete $(PAGE)
	$(Q)for f in $(SRC) src/main.c; do $(CLANG) -fsyntax-only $(OUR_FLAGS) -Wall -Wextra -Werror -Wshadow -Wconversion \
	  -Wstrict-prototypes -Wmissing-prototypes $$f || exit 1; done; echo "clang: no warning"
# target e2e       real clients against the stripped binary, loopback only
e2e: all
	$(Q)$(E2E)

# target sanitize  the unit tests and the gateway's end-to-end tests under ASan and UBSan
SAN_CC    ?= gcc
SAN        = build/sanitize
SAN_FLAGS  = -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
SAN_OBJ    = $(SRC:%.c=$(SAN)/%.o) $(SAN)/ini.o
SAN_UNIT   = $(patsubst tests/unit/%.c,$(SAN)/%,$(sort $(wildcard tests/unit/test_*.c)))
$(SAN)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_FLAGS) $(OUR_FLAGS) $(TEST_INC) -MMD -MP -c -o $@ $<
$(SAN)/ini.o: build/src/inih/ini.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_FLAGS) -w $(INI_FLAGS) -c -o $@ $<
$(SAN)/cmocka.o: build/src/cmocka/src/cmocka.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_FLAGS) $(CMOCKA_FLAGS) -c -o $@ $<
$(SAN)/bearssl/%.o: build/src/bearssl/src/%.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) -O1 -w $(BR_FLAGS) -Ibuild/src/bearssl/inc -Ibuild/src/bearssl/src -c -o $@ $<
$(SAN)/libbearssl.a: $(BR_SRC:build/src/bearssl/src/%.c=$(SAN)/bearssl/%.o)
	$(Q)rm -f $@ && ar rcs $@ $^
$(SAN)/libfarthing.a: $(SAN_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^
$(SAN)/farthing: $(SAN)/src/main.o $(SAN)/libfarthing.a $(SAN)/libbearssl.a
	$(Q)$(SAN_CC) $(SAN_FLAGS) -o $@ $^
$(SAN)/test_%: $(SAN)/tests/unit/test_%.o $(SAN)/cmocka.o $(SAN)/libfarthing.a $(SAN)/libbearssl.a
	$(Q)$(SAN_CC) $(SAN_FLAGS) -o $@ $^ -lm
sanitize-programs: $(SAN_UNIT) $(SAN)/farthing
sanitize: build/src/.complete
	$(Q)$(MAKE) --no-print-directory sanitize-programs
	$(Q)tests/run sanitize '' $(SAN_UNIT)
	$(Q)tests/e2e/run $(SAN)/farthing build/e2e-sanitize

# target package-check   configurations, services and packages, on roots of their own
package-check: all
	$(Q)tests/package/run $(B)/farthing
# target package-rootfs   the .deb of this machine's BOARD on a Debian made by debootstrap (network, root)
package-rootfs: package
	$(Q)for arch in $(DEB_ARCH); do tests/package/rootfs build/packages/farthing_$(VERSION)-1_$$arch.deb || exit 1; done

# target one       one request end to end on BOARD (under QEMU for another machine's)
one: all
	$(Q)tests/e2e/one $(B)/farthing '$(if $(filter $(HOST),$(BOARD)),,$(QEMU))'

# target boards    every board built, measured and its unit tests run under qemu-user
BOARDS = $(sort $(notdir $(patsubst %/board.mk,%,$(wildcard boards/*/board.mk))))
boards:
	$(Q)for board in $(BOARDS); do echo "== $$board"; $(MAKE) --no-print-directory BOARD=$$board size hardened check one || exit 1; done
# target test      everything that decides whether a change may land
test:
	$(Q)tests/packages
	$(Q)tests/all $(MAKE)
-include $(wildcard $(T)/*.d $(SAN)/src/*.d $(SAN)/src/*/*.d $(SAN)/tests/unit/*.d)
.PHONY: package-check package-rootfs one check unit-programs size hardened tidy clang e2e sanitize sanitize-programs boards test
.SECONDARY:

# target savings   what each link of the chain saves: real prompts of SAVINGS_DATA through the binary, six times
SAVINGS_DATA ?= ../shared/data
savings: all
	$(Q)tests/savings/run.mjs $(B)/farthing --data $(SAVINGS_DATA)
.PHONY: savings

# target routes    what each way to choose between two models costs and gets right, over recorded answers of both
routes: all
	$(Q)tests/routes/run.mjs $(B)/farthing --data $(SAVINGS_DATA)
.PHONY: routes

# target soak      a real gateway under load for SOAK_SECONDS (3600), its memory and its ledger watched
SOAK_SECONDS ?= 3600
soak: all
	$(Q)tests/soak/run $(B)/farthing $(SOAK_SECONDS)
.PHONY: soak

# target fuzz      libFuzzer on every parser, FUZZ_SECONDS (60) each; what it finds belongs into the corpus
FUZZ_SECONDS ?= 60
FUZZ    = $(notdir $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c))))
FUZZ_IN = $(SRC) build/src/inih/ini.c
$(SAN)/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(SAN)/libfarthing.a $(SAN)/libbearssl.a
	$(Q)$(SAN_CC) $(SAN_FLAGS) $(OUR_FLAGS) -o $@ $^
replay-programs: $(FUZZ:%=$(SAN)/replay_%)
replay: build/src/.complete
	$(Q)$(MAKE) --no-print-directory replay-programs
	$(Q)for f in $(FUZZ); do $(SAN)/replay_$$f tests/fuzz/corpus/$$f || exit 1; done
# What the simulator's fakes replace.
FUZZ_FAKED_exchange = src/net/sys.c src/ledger/disk.c
build/fuzz/%: tests/fuzz/fuzz_%.c $(FUZZ_IN) $(wildcard tests/sim/*.[ch]) $(SAN)/libbearssl.a
	@mkdir -p $(@D)
	$(SAY) FUZZ $*
	$(Q)$(CLANG) -g -O1 -w -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(OUR_FLAGS) $(TEST_INC) -o $@ $< \
	  $(filter-out $(FUZZ_FAKED_$*),$(FUZZ_IN)) $(SAN)/libbearssl.a
fuzz-programs: $(FUZZ:%=build/fuzz/%)
fuzz: build/src/.complete
	$(Q)$(MAKE) --no-print-directory fuzz-programs
	$(Q)for f in $(FUZZ); do mkdir -p build/fuzz/found-$$f; \
	  build/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=0 -verbosity=0 -artifact_prefix=build/fuzz/crash-$$f- build/fuzz/found-$$f tests/fuzz/corpus/$$f || exit 1; \
	  echo "fuzz: $$f ran $(FUZZ_SECONDS) s"; done
.PHONY: replay replay-programs fuzz fuzz-programs

# target bench     speed, memory and instructions against nginx and HAProxy, BENCH_SECONDS (1) a cell
bench: all
	$(Q)tests/bench/run $(B)/farthing
.PHONY: bench
