# tests/servers
EXTRA_DIST += tests/servers/smtp.py tests/servers/send.py
slow_tests += tests/servers/send.py
EXTRA_DIST += tests/servers/drafts.py
slow_tests += tests/servers/drafts.py
EXTRA_DIST += tests/servers/tls.py
slow_tests += tests/servers/tls.py
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
