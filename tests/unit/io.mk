# unit tests of src/io
EXTRA_DIST += tests/unit/io/serve.h
unit_tests += tests/unit/io/test_imap tests/unit/io/test_imap_parse tests/unit/io/test_loop tests/unit/io/test_net
tests_unit_io_test_imap_SOURCES = tests/unit/io/test_imap.c
tests_unit_io_test_imap_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_io_test_imap_LDADD = $(TEST_LDADD)
tests_unit_io_test_imap_parse_SOURCES = tests/unit/io/test_imap_parse.c
tests_unit_io_test_imap_parse_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_io_test_imap_parse_LDADD = $(TEST_LDADD)
tests_unit_io_test_loop_SOURCES = tests/unit/io/test_loop.c
tests_unit_io_test_loop_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_io_test_loop_LDADD = $(TEST_LDADD)
tests_unit_io_test_net_SOURCES = tests/unit/io/test_net.c
tests_unit_io_test_net_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_io_test_net_LDADD = $(TEST_LDADD)
