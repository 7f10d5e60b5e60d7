# Figures, never timed asserts: make bench [COUNT=10000] [RUNS=3] [ROWS="import search"]
# Peers (notmuch, maildir-utils, neomutt) are used when installed and named when missing.
EXTRA_PROGRAMS = tests/bench/pty_time tests/bench/stream_server tests/bench/floor_list tests/bench/floor_stream \
	tests/bench/floor_import tests/bench/search_time tests/bench/parse_time
EXTRA_DIST += tests/bench/bench.py tests/bench/make_mail.py tests/bench/notmuch_time.c

tests_bench_pty_time_SOURCES = tests/bench/pty_time.c
tests_bench_pty_time_LDADD = -lutil
tests_bench_stream_server_SOURCES = tests/bench/stream_server.c
tests_bench_floor_list_SOURCES = tests/bench/floor_list.c
tests_bench_floor_list_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSES_CFLAGS)
tests_bench_floor_list_LDADD = $(NCURSES_LIBS)
tests_bench_floor_stream_SOURCES = tests/bench/floor_stream.c
tests_bench_floor_stream_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(CJSON_CFLAGS)
tests_bench_floor_stream_LDADD = $(CURL_LIBS) $(CJSON_LIBS)
tests_bench_floor_import_SOURCES = tests/bench/floor_import.c
tests_bench_floor_import_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS) $(SQLITE_CFLAGS)
tests_bench_floor_import_LDADD = $(GMIME_LIBS) $(SQLITE_LIBS)
tests_bench_parse_time_SOURCES = tests/bench/parse_time.c
tests_bench_parse_time_CPPFLAGS = $(READER_TEST_CPPFLAGS)
tests_bench_parse_time_LDADD = $(READER_TEST_LDADD)
tests_bench_search_time_SOURCES = tests/bench/search_time.c
tests_bench_search_time_CPPFLAGS = $(CORE_CPPFLAGS)
tests_bench_search_time_LDADD = $(CORE_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS) tests/bench/notmuch_time

bench: all
	@$(MAKE) $(AM_MAKEFLAGS) $(EXTRA_PROGRAMS)
	@if test -f /usr/include/notmuch.h; then $(CC) $(CFLAGS) -o tests/bench/notmuch_time $(srcdir)/tests/bench/notmuch_time.c -lnotmuch; fi
	@/usr/bin/python3 $(srcdir)/tests/bench/bench.py --builddir . $(if $(COUNT),--count $(COUNT)) $(if $(RUNS),--runs $(RUNS)) $(ROWS)
.PHONY: bench
EXTRA_DIST += tests/bench/README.md
