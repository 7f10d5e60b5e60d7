# unit tests of src/base
unit_tests += tests/unit/base/test_base tests/unit/base/test_text tests/unit/base/test_when
tests_unit_base_test_base_SOURCES = tests/unit/base/test_base.c
tests_unit_base_test_base_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_base_test_base_LDADD = $(TEST_LDADD)
tests_unit_base_test_text_SOURCES = tests/unit/base/test_text.c
tests_unit_base_test_text_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_base_test_text_LDADD = $(TEST_LDADD)
tests_unit_base_test_when_SOURCES = tests/unit/base/test_when.c
tests_unit_base_test_when_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_base_test_when_LDADD = $(TEST_LDADD)
