# tests/servers
EXTRA_DIST += tests/servers/smtp.py tests/servers/send.py
slow_tests += tests/servers/send.py
EXTRA_DIST += tests/servers/drafts.py
slow_tests += tests/servers/drafts.py
EXTRA_DIST += tests/servers/snooze.py tests/servers/tls.py tests/servers/unsubscribe.py
slow_tests += tests/servers/snooze.py tests/servers/tls.py tests/servers/unsubscribe.py
EXTRA_DIST += tests/servers/doubles.py tests/servers/setup.py tests/servers/oauth.py
slow_tests += tests/servers/setup.py tests/servers/oauth.py
EXTRA_DIST += tests/servers/dovecot.py
EXTRA_DIST += tests/servers/imap_hostile.py
slow_tests += tests/servers/imap_hostile.py
check_PROGRAMS += tests/servers/imap_drive
tests_servers_imap_drive_SOURCES = tests/servers/imap_drive.c
tests_servers_imap_drive_CPPFLAGS = $(CORE_CPPFLAGS)
tests_servers_imap_drive_LDADD = $(TEST_LDADD)
EXTRA_DIST += tests/servers/imap_office.py tests/servers/imap_both.py tests/servers/imap_undo.py tests/servers/imap_cut.py
slow_tests += tests/servers/imap_both.py tests/servers/imap_undo.py tests/servers/imap_cut.py
EXTRA_DIST += tests/servers/sending.py
slow_tests += tests/servers/sending.py
EXTRA_DIST += tests/servers/imap_safe.py tests/servers/imap_proxy.py tests/servers/imap_keys.py
slow_tests += tests/servers/imap_safe.py tests/servers/imap_keys.py
EXTRA_DIST += tests/servers/roundtrip.py
slow_tests += tests/servers/roundtrip.py
# What both sides of an account do to each other, at length.
torture: torture-imap
torture-imap: all
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_both.py 50
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_both.py 50 --mails 10000
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_cut.py 200
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_kill.py 500
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_kill.py 200 800
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_undo.py 1000
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_nomove.py all
	SRCDIR=$(srcdir) BUILDDIR=. $(srcdir)/tests/servers/imap_keys.py 60 50
.PHONY: torture-imap
EXTRA_DIST += tests/servers/smtp_hostile.py
slow_tests += tests/servers/smtp_hostile.py
EXTRA_DIST += tests/servers/imap_late.py tests/servers/imap_unseen.py tests/servers/imap_between.py
slow_tests += tests/servers/imap_late.py tests/servers/imap_unseen.py
EXTRA_DIST += tests/servers/README.md tests/servers/imap_kill.py
slow_tests += tests/servers/imap_kill.py
EXTRA_DIST += tests/servers/imap_scripted.py tests/servers/imap_double.py
slow_tests += tests/servers/imap_scripted.py
EXTRA_DIST += tests/servers/report_late.py
slow_tests += tests/servers/report_late.py
EXTRA_DIST += tests/servers/imap_places.py tests/servers/imap_watch.py tests/servers/imap_screen.py tests/servers/imap_lies.py
slow_tests += tests/servers/imap_places.py tests/servers/imap_watch.py tests/servers/imap_screen.py tests/servers/imap_lies.py
EXTRA_DIST += tests/servers/imap_refused.py
slow_tests += tests/servers/imap_refused.py
# a machine that has slept, preloaded
EXTRA_DIST += tests/servers/imap_wake.py
slow_tests += tests/servers/imap_wake.py
check_PROGRAMS += tests/servers/asleep.so
tests_servers_asleep_so_SOURCES = tests/servers/asleep.c
tests_servers_asleep_so_CFLAGS = -fPIC
tests_servers_asleep_so_LDFLAGS = -shared
tests_servers_asleep_so_LDADD =
EXTRA_DIST += tests/servers/imap_nomove.py tests/servers/imap_namespace.py
slow_tests += tests/servers/imap_nomove.py tests/servers/imap_namespace.py
