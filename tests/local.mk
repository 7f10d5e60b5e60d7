# Tests print TAP; tests/run runs them and ends with one line "N passed, N failed".
# unit_tests: programs that link only libbureau-core.a. batch_tests: scripts over the CLI.
# slow_tests: screen, servers, fault. Each folder adds to these in its own local.mk.
EXTRA_DIST += tests/run tests/tap.h tests/tap.py tests/tap.sh
TEST_LDADD = $(CORE_LIBS) $(MD4C_LIBS)

include tests/unit/local.mk
include tests/batch/local.mk
include tests/screen/local.mk
include tests/servers/local.mk
include tests/model/local.mk
include tests/fault/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/lint/local.mk

check_PROGRAMS += $(unit_tests)

# everything; TESTS="…" runs some
check-local: $(bin_PROGRAMS) $(pkglibexec_PROGRAMS)
	@$(srcdir)/tests/run --srcdir '$(srcdir)' --builddir '$(builddir)' $(unit_tests) $(batch_tests) $(slow_tests)
# "all" runs a make of its own: what it builds must be there before another make builds on it.
check-fast: all
	@$(MAKE) $(AM_MAKEFLAGS) $(unit_tests)
	@$(srcdir)/tests/run --srcdir '$(srcdir)' --builddir '$(builddir)' $(unit_tests) $(filter tests/lint/%,$(batch_tests))
check-batch: all
	@$(srcdir)/tests/run --srcdir '$(srcdir)' --builddir '$(builddir)' $(batch_tests)
# bootstrap's second build: unit and batch tests with sanitizers
check-programs: all
	@$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS)
check-sanitized: check-programs
	@$(srcdir)/tests/run --srcdir '$(srcdir)' --builddir '$(builddir)' \
		--env ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 --env UBSAN_OPTIONS=print_stacktrace=1 \
		$(unit_tests) $(filter-out tests/lint/%,$(batch_tests))
.PHONY: check-fast check-batch check-programs check-sanitized
