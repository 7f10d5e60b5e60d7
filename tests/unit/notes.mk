# unit tests of notes/, chat/ and the passages they rank
DESK_TESTS = tests/unit/base/test_passage tests/unit/base/test_markdown tests/unit/notes/test_minutes tests/unit/chat/test_cite
unit_tests += $(DESK_TESTS)
tests_unit_base_test_passage_SOURCES = tests/unit/base/test_passage.c
tests_unit_base_test_passage_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_base_test_passage_LDADD = $(TEST_LDADD)
tests_unit_notes_test_minutes_SOURCES = tests/unit/notes/test_minutes.c
tests_unit_notes_test_minutes_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_notes_test_minutes_LDADD = $(TEST_LDADD)
tests_unit_chat_test_cite_SOURCES = tests/unit/chat/test_cite.c
tests_unit_chat_test_cite_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_chat_test_cite_LDADD = $(TEST_LDADD)
tests_unit_base_test_markdown_SOURCES = tests/unit/base/test_markdown.c
tests_unit_base_test_markdown_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_base_test_markdown_LDADD = $(TEST_LDADD)
