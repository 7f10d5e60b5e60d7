# tests/fault
EXTRA_DIST += tests/fault/crowd.py tests/fault/kill_typing.py tests/fault/signals.py
# A few rounds in the check; the long runs are `make torture`.
EXTRA_DIST += tests/fault/README.md tests/fault/disk_full.py tests/fault/maildir_kill.py
slow_tests += tests/fault/kill_typing.py tests/fault/crowd.py tests/fault/signals.py tests/fault/disk_full.py tests/fault/maildir_kill.py
torture: all
	SRCDIR=$(srcdir) BUILDDIR=. ROUNDS=$${ROUNDS:-50} $(srcdir)/tests/fault/kill_typing.py
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/fault/crowd.py 60
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/fault/signals.py 10
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/fault/disk_full.py 60
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/fault/maildir_kill.py 500
.PHONY: torture
check_PROGRAMS += tests/fault/test_store_load
slow_tests += tests/fault/test_store_load
tests_fault_test_store_load_SOURCES = tests/fault/test_store_load.c
tests_fault_test_store_load_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_fault_test_store_load_LDADD = $(TEST_LDADD)
