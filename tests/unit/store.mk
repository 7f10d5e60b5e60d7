# unit tests of store/
STORE_TESTS = tests/unit/store/test_db tests/unit/store/test_tokenizer tests/unit/store/test_doc \
	tests/unit/store/test_search tests/unit/store/test_store tests/unit/store/test_journal \
	tests/unit/store/test_bundle tests/unit/store/test_segment
unit_tests += $(STORE_TESTS)
tests_unit_store_test_db_SOURCES = tests/unit/store/test_db.c tests/unit/store/help.h
tests_unit_store_test_db_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_db_LDADD = $(TEST_LDADD)
tests_unit_store_test_tokenizer_SOURCES = tests/unit/store/test_tokenizer.c
tests_unit_store_test_tokenizer_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_tokenizer_LDADD = $(TEST_LDADD)
tests_unit_store_test_doc_SOURCES = tests/unit/store/test_doc.c tests/unit/store/help.h
tests_unit_store_test_doc_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_doc_LDADD = $(TEST_LDADD)
tests_unit_store_test_segment_SOURCES = tests/unit/store/test_segment.c tests/unit/store/help.h
tests_unit_store_test_segment_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_segment_LDADD = $(TEST_LDADD)
tests_unit_store_test_search_SOURCES = tests/unit/store/test_search.c tests/unit/store/help.h
tests_unit_store_test_search_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_search_LDADD = $(TEST_LDADD)
tests_unit_store_test_store_SOURCES = tests/unit/store/test_store.c tests/unit/store/help.h
tests_unit_store_test_store_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_store_LDADD = $(TEST_LDADD)
tests_unit_store_test_journal_SOURCES = tests/unit/store/test_journal.c tests/unit/store/help.h
tests_unit_store_test_journal_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_journal_LDADD = $(TEST_LDADD)
tests_unit_store_test_bundle_SOURCES = tests/unit/store/test_bundle.c tests/unit/store/help.h
tests_unit_store_test_bundle_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_store_test_bundle_LDADD = $(TEST_LDADD)
