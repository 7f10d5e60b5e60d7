# tests/screen: scripted keys in a real pseudo-terminal, the screen of a real terminal emulator
screen_tests = tests/screen/compose.sh tests/screen/consent.sh tests/screen/desk.sh tests/screen/lists.sh tests/screen/reply.sh tests/screen/change.sh tests/screen/boxes.sh tests/screen/doing.sh tests/screen/reader.sh tests/screen/first_hour.sh tests/screen/meant.sh
EXTRA_DIST += tests/screen/lib.sh tests/screen/smtp_sink.py tests/screen/reader_mails.py $(screen_tests)
if HAVE_VTERM
check_PROGRAMS += tests/screen/drive
tests_screen_drive_SOURCES = tests/screen/drive.c
tests_screen_drive_CPPFLAGS = $(AM_CPPFLAGS) $(VTERM_CFLAGS)
tests_screen_drive_LDADD = $(VTERM_LIBS) -lutil
endif
slow_tests += $(screen_tests)
EXTRA_DIST += tests/screen/setup.py
slow_tests += tests/screen/setup.py
EXTRA_DIST += tests/screen/morning.py
slow_tests += tests/screen/morning.py
EXTRA_DIST += tests/screen/wide.sh tests/screen/ahead.sh tests/screen/held.sh
slow_tests += tests/screen/wide.sh tests/screen/ahead.sh tests/screen/held.sh
