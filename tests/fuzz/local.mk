# tests/fuzz: every way foreign bytes come in; a short run here, the long one by `make fuzz` with clang
EXTRA_DIST += tests/fuzz/build tests/fuzz/libfuzzer.c
unit_tests += tests/fuzz/test_fuzz
tests_fuzz_test_fuzz_SOURCES = tests/fuzz/test_fuzz.c tests/fuzz/targets.c tests/fuzz/targets.h
tests_fuzz_test_fuzz_CPPFLAGS = $(READER_TEST_CPPFLAGS)
tests_fuzz_test_fuzz_LDADD = $(READER_TEST_LDADD)
fuzz:
	SRCDIR='$(srcdir)' sh $(srcdir)/tests/fuzz/build
.PHONY: fuzz
