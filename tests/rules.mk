# SPDX-License-Identifier: MIT
# How the oracle, the fuzzers and the hammer are built and run; the top Makefile
# includes it. Lists: tests/objects.mk.
.PHONY: check-oracle check-corpus check-hammer check-coverage fuzz mutants soak \
	coverage

ORACLE_CALLS ?= 42000000
ORACLE_SEED ?= 1
FUZZ_SECONDS ?= 600
HAMMER_SECONDS ?= 60
FUZZ_CC ?= clang

FUZZ_BASE_SRCS := $(HOST_HYPERVISOR_SRCS) $(TEST_HOST_SRCS) $(ORACLE_PART_SRCS)

$(B)/oracle/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ORACLE_CFLAGS) -MMD -MP -c $< -o $@

$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	@echo "  FUZZ  $<"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c $< -o $@

$(B)/hammer/%.o: %.c
	@mkdir -p $(@D)
	@echo "  TSAN  $<"
	@$(FUZZ_CC) $(HAMMER_CFLAGS) -MMD -MP -c $< -o $@

$(B)/host/oracle: $(HOST_HYPERVISOR_SRCS:%.c=$(B)/oracle/%.o) \
		$(TEST_HOST_SRCS:%.c=$(B)/oracle/%.o) \
		$(ORACLE_SRCS:%.c=$(B)/oracle/%.o)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(ORACLE_CFLAGS) $^ $(HOST_LDFLAGS) -o $@

# A disassembler stands beside the decoder.
$(B)/host/fuzz_mov $(B)/host/replay_mov: HOST_LDFLAGS += -lZydis

# The corpus without libFuzzer, by the compiler of everything else.
$(FUZZ_TARGETS:%=$(B)/host/replay_%): $(B)/host/replay_%: \
		$(B)/oracle/tests/fuzz/fuzz_%.o $(B)/oracle/tests/fuzz/replay.o \
		$(FUZZ_BASE_SRCS:%.c=$(B)/oracle/%.o)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) $(ORACLE_CFLAGS) $^ $(HOST_LDFLAGS) -o $@

$(FUZZ_TARGETS:%=$(B)/host/fuzz_%): $(B)/host/fuzz_%: \
		$(B)/fuzz/tests/fuzz/fuzz_%.o $(FUZZ_BASE_SRCS:%.c=$(B)/fuzz/%.o)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $^ $(HOST_LDFLAGS) -o $@

$(B)/host/hammer: $(HAMMER_SRCS:%.c=$(B)/hammer/%.o) \
		$(HOST_HYPERVISOR_SRCS:%.c=$(B)/hammer/%.o) \
		$(TEST_HOST_SRCS:%.c=$(B)/hammer/%.o)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(FUZZ_CC) $(HAMMER_CFLAGS) $^ $(HOST_LDFLAGS) -o $@

check-oracle: $(B)/host/oracle ## millions of random calls against the model
	@$(B)/host/oracle --calls $(ORACLE_CALLS) --seed $(ORACLE_SEED)

check-corpus: $(FUZZ_TARGETS:%=$(B)/host/replay_%) ## the fuzzers' corpus, replayed
	@for t in $(FUZZ_TARGETS); do \
	   $(B)/host/replay_$$t tests/fuzz/corpus/$$t || exit 1; done

check-hammer: $(B)/host/hammer ## eight threads under ThreadSanitizer, either vendor
	@for vendor in intel amd; do \
	   TSAN_OPTIONS="halt_on_error=1 history_size=7" \
	   $(B)/host/hammer $(HAMMER_SECONDS) 8 $$vendor || exit 1; done

fuzz: $(FUZZ_TARGETS:%=$(B)/host/fuzz_%) ## libFuzzer, FUZZ_SECONDS a target
	@for t in $(FUZZ_TARGETS); do mkdir -p $(B)/fuzz/corpus/$$t; \
	   $(B)/host/fuzz_$$t -max_total_time=$(FUZZ_SECONDS) -max_len=2048 \
	   -artifact_prefix=$(B)/fuzz/ $(B)/fuzz/corpus/$$t \
	   tests/fuzz/corpus/$$t || exit 1; done

# Of the rooms alone that are looked at: each test's process writes what it ran.
$(foreach room,dma hypercall guest,$(B)/host/hypervisor/$(room)/%.o): \
	INSTRUMENT = $(COVERAGE_CFLAGS)

# The corpus of the gate over the objects of the unit tests.
$(B)/host/replay: $(FUZZ_BASE_SRCS:%.c=$(B)/host/%.o) \
		$(B)/host/tests/fuzz/fuzz_gate.o $(B)/host/tests/fuzz/replay.o
	@echo "  LD    $@"
	@$(CC) $(HOST_CFLAGS) $^ $(HOST_LDFLAGS) -o $@

coverage: COVERAGE_LIST := --missing
coverage: check-coverage ## lines, branches, error returns that no test takes

check-coverage: ## the service's bars of coverage
	@$(MAKE) --no-print-directory -j2 B=$(B)/coverage HOST_CFLAGS="$(filter-out \
	   -O1 -fsanitize=% -fno-sanitize-recover=%,$(HOST_CFLAGS)) -O0" \
	   COVERAGE_CFLAGS=--coverage HOST_LDFLAGS="$(HOST_LDFLAGS) --coverage" \
	   $(B)/coverage/host/unit $(B)/coverage/host/replay
	@find $(B)/coverage -name '*.gcda' -delete
	@$(B)/coverage/host/unit > $(B)/coverage/log || \
	   { grep -v '^Running\|^100%' $(B)/coverage/log; exit 1; }
	@tests/coverage $(B)/coverage --title "unit tests"
	@$(B)/coverage/host/replay tests/fuzz/corpus/gate > $(B)/coverage/log || \
	   { cat $(B)/coverage/log; exit 1; }
	@tests/coverage $(B)/coverage --title "and the corpus" --gate $(COVERAGE_LIST)

mutants: $(B)/rows/unit $(B)/rows/oracle ## historic bugs brought back, checks taken away: all must be noticed
	@tests/contract/table sample --rows $(or $(ROWS),50) --seed "$(SEED)"
	@tests/mutants/run

# An hour or two: more of everything that is drawn at random, and the boots.
soak: deps ## everything longer: oracle, hammer, fuzzers, every row and mutant, also in QEMU
	@$(MAKE) --no-print-directory -j2 kernel built $(B)/rows/unit $(B)/rows/oracle
	@$(MAKE) --no-print-directory check-oracle ORACLE_CALLS=200000000 ORACLE_SEED=$$(date +%s)
	@$(MAKE) --no-print-directory check-hammer HAMMER_SECONDS=600
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=600
	@tests/contract/table sample --rows all
	@tests/mutants/run --qemu

-include $(wildcard $(B)/host/tests/model/*.d $(B)/host/tests/fuzz/*.d \
	$(B)/oracle/*/*/*.d $(B)/oracle/*/*/*/*.d \
	$(B)/fuzz/*/*/*.d $(B)/fuzz/*/*/*/*.d \
	$(B)/hammer/*/*/*.d $(B)/hammer/*/*/*/*.d)
