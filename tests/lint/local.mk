# What can be held by reading: the house, the tables, the translations.
batch_tests += tests/lint/house
# not in check-fast: a new text may land before its translation
slow_tests += tests/lint/po
unit_tests += tests/lint/whole
EXTRA_DIST += tests/lint/house tests/lint/po tests/lint/deep tests/lint/dirs.h
tests_lint_whole_SOURCES = tests/lint/whole.c
tests_lint_whole_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_lint_whole_LDFLAGS = -Wl,--whole-archive,libbureau-core.a,--no-whole-archive
tests_lint_whole_LDADD = $(TEST_LDADD)
EXTRA_tests_lint_whole_DEPENDENCIES = libbureau-core.a

# clang, clang-tidy, cppcheck, gcc -fanalyzer; TOOLS="clang tidy" FILES="src/base/str.c" for some
lint-deep:
	@CPPFLAGS='-I$(abs_builddir) $(DEFS) $(PLAIN_CPPFLAGS) -include tests/lint/dirs.h $(GMIME_CFLAGS) $(XML_CFLAGS) $(SECCOMP_CFLAGS) $(NCURSES_CFLAGS) $(READLINE_CFLAGS) $(MD4C_CFLAGS)' \
		CFLAGS='$(PROJECT_CFLAGS) -O1' SRCDIR='$(srcdir)' TOOLS='$(TOOLS)' FILES='$(FILES)' \
		$(srcdir)/tests/lint/deep
.PHONY: lint-deep
