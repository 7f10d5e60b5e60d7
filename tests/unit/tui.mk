# unit tests of src/tui: its files that need no terminal
unit_tests += tests/unit/tui/test_views tests/unit/tui/test_input
tests_unit_tui_test_views_SOURCES = tests/unit/tui/test_views.c src/tui/canvas.c src/tui/list.c \
	src/tui/text.c src/tui/textpaint.c src/tui/textview.c src/tui/wrap.c
tests_unit_tui_test_views_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_tui_test_views_LDADD = $(TEST_LDADD)
tests_unit_tui_test_input_SOURCES = tests/unit/tui/test_input.c src/tui/input.c
tests_unit_tui_test_input_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_tui_test_input_LDADD = $(TEST_LDADD)
