# unit tests of office/ and inbox/
INBOX_TESTS = tests/unit/inbox/test_checks tests/unit/inbox/test_draft tests/unit/inbox/test_triage
unit_tests += $(INBOX_TESTS) tests/unit/office/test_outbox
tests_unit_office_test_outbox_SOURCES = tests/unit/office/test_outbox.c tests/unit/inbox/help.h
tests_unit_office_test_outbox_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests -I$(srcdir)/tests/unit
tests_unit_office_test_outbox_LDADD = $(TEST_LDADD)
tests_unit_office_test_outbox_DEPENDENCIES = libbureau-core.a bureau-reader
tests_unit_inbox_test_checks_SOURCES = tests/unit/inbox/test_checks.c
tests_unit_inbox_test_checks_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_inbox_test_checks_LDADD = $(TEST_LDADD)
tests_unit_inbox_test_draft_SOURCES = tests/unit/inbox/test_draft.c tests/unit/inbox/help.h
tests_unit_inbox_test_draft_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests -I$(srcdir)/tests/unit
tests_unit_inbox_test_draft_LDADD = $(TEST_LDADD)
tests_unit_inbox_test_triage_SOURCES = tests/unit/inbox/test_triage.c tests/unit/inbox/help.h
tests_unit_inbox_test_triage_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests -I$(srcdir)/tests/unit
tests_unit_inbox_test_triage_LDADD = $(TEST_LDADD)
