# unit tests of mail/ but its reader
MAIL_TESTS = tests/unit/mail/test_threads tests/unit/mail/test_maildir
unit_tests += $(MAIL_TESTS)
tests_unit_mail_test_threads_SOURCES = tests/unit/mail/test_threads.c tests/unit/store/help.h
tests_unit_mail_test_threads_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_mail_test_threads_LDADD = $(TEST_LDADD)
tests_unit_mail_test_maildir_SOURCES = tests/unit/mail/test_maildir.c tests/unit/store/help.h
tests_unit_mail_test_maildir_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_mail_test_maildir_LDADD = $(TEST_LDADD)
unit_tests += tests/unit/mail/test_imap
tests_unit_mail_test_imap_SOURCES = tests/unit/mail/test_imap.c tests/unit/store/help.h
tests_unit_mail_test_imap_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_mail_test_imap_LDADD = $(TEST_LDADD)
unit_tests += tests/unit/mail/test_intake
tests_unit_mail_test_intake_SOURCES = tests/unit/mail/test_intake.c tests/unit/store/help.h
tests_unit_mail_test_intake_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_mail_test_intake_LDADD = $(TEST_LDADD)
tests_unit_mail_test_intake_DEPENDENCIES = libbureau-core.a bureau-reader
