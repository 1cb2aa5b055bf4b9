# SPDX-License-Identifier: MIT
# The contract's table: a build of the unit tests and of the oracle whose checks
# have switches, and what is found with it. The top Makefile includes this.
.PHONY: contract check-contract

ROW_B := $(B)/rows
ROW_WOVEN_SRCS := $(filter hypervisor/dma/% hypervisor/hypercall/dma_%, \
	$(HOST_HYPERVISOR_SRCS)) $(LIBSLUICE_CORE_SRCS)
ROW_PLAIN_SRCS := $(filter-out $(ROW_WOVEN_SRCS),$(HOST_SRCS) \
	$(LIBSLUICE_HOST_SRCS) $(filter %/parse.c %/parse_value.c %/token_file.c,$(SLUICE_CLI_SRCS))) \
	tests/contract/switch.c tests/contract/pick.c
ROW_CFLAGS = $(filter-out -fsanitize=% -fno-sanitize-recover=% -g -W%,$(HOST_CFLAGS)) \
	-w -Itests/contract -Itoolstack/lib -Itoolstack/cli
ROW_LDFLAGS = $(HOST_LDFLAGS) -Wl,--wrap=tcase_fn_start,--wrap=_tcase_add_test
ROW_WOVEN_OBJS := $(ROW_WOVEN_SRCS:%.c=$(ROW_B)/woven/%.o)
ROW_UNIT_OBJS := $(ROW_PLAIN_SRCS:%.c=$(ROW_B)/%.o) $(ROW_WOVEN_OBJS)

$(ROW_B)/woven/sites: $(ROW_WOVEN_SRCS) tests/contract/weave
	@echo "  WEAVE $@"
	@tests/contract/weave $(ROW_B)/woven $(ROW_WOVEN_SRCS)
	@touch $@

$(ROW_WOVEN_SRCS:%=$(ROW_B)/woven/%): $(ROW_B)/woven/sites ;

$(ROW_WOVEN_OBJS): %.o: %.c
	@echo "  WOVEN $<"
	@$(CC) $(ROW_CFLAGS) -MMD -MP -c $< -o $@

$(ROW_B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  ROWS  $<"
	@$(CC) $(ROW_CFLAGS) $(shell pkg-config --cflags smartcols check) -MMD -MP -c $< -o $@

$(ROW_B)/unit: $(ROW_UNIT_OBJS)
	@echo "  LD    $@"
	@$(CC) $(ROW_CFLAGS) $^ $(ROW_LDFLAGS) $(TEST_UNIT_LDLIBS) \
	   $(LIBSLUICE_LIBS) $(SLUICE_CLI_LIBS) -o $@

ROW_ORACLE_OBJS = $(patsubst %.c,$(ROW_B)/%.o,$(filter-out $(ROW_WOVEN_SRCS),\
	$(HOST_HYPERVISOR_SRCS)) $(TEST_HOST_SRCS) $(ORACLE_SRCS)) \
	$(ROW_B)/tests/contract/switch.o \
	$(filter $(ROW_B)/woven/hypervisor/%,$(ROW_WOVEN_OBJS))

$(ROW_B)/oracle: $(ROW_ORACLE_OBJS)
	@echo "  LD    $@"
	@$(CC) $(ROW_CFLAGS) $^ $(HOST_LDFLAGS) -o $@

contract: $(ROW_B)/unit $(ROW_B)/oracle ## find a test for each row of the contract's table
	@tests/contract/table find

check-contract: $(ROW_B)/unit $(ROW_B)/oracle ## each row of the contract has a test that meets it
	@tests/contract/table check

-include $(ROW_UNIT_OBJS:.o=.d) $(ROW_ORACLE_OBJS:.o=.d)
