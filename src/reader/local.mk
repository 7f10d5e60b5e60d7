# files of src/reader: all but main.c in a library, so that tests can call them
noinst_LIBRARIES += libbureau-reader.a
READER_CPPFLAGS = $(bureau_reader_CPPFLAGS)
READER_LIBS = libbureau-reader.a
libbureau_reader_a_CPPFLAGS = $(READER_CPPFLAGS)
libbureau_reader_a_SOURCES = \
	src/reader/autoconfig.c src/reader/autoconfig.h \
	src/reader/box.c src/reader/box.h src/reader/charset.c src/reader/charset.h \
	src/reader/header.c src/reader/header.h src/reader/found.c src/reader/found.h \
	src/reader/plain.c src/reader/plain.h src/reader/style.c src/reader/style.h \
	src/reader/table.c src/reader/table.h src/reader/html.c src/reader/html.h \
	src/reader/warnings.c src/reader/warnings.h src/reader/split.c src/reader/split.h \
	src/reader/content.c src/reader/content.h src/reader/cms.c src/reader/cms.h \
	src/reader/nested.c src/reader/nested.h src/reader/facts.c src/reader/facts.h src/reader/mime.c src/reader/mime.h \
	src/reader/sniff.c src/reader/sniff.h src/reader/columns.c src/reader/columns.h \
	src/reader/zip.c src/reader/zip.h src/reader/office.c src/reader/office.h \
	src/reader/calendar.c src/reader/calendar.h src/reader/view.c src/reader/view.h \
	src/reader/protection.c src/reader/protection.h src/reader/report.c src/reader/report.h src/reader/tool.c src/reader/tool.h \
	src/reader/transcript.c src/reader/transcript.h src/reader/compose.c src/reader/compose.h
bureau_reader_SOURCES += src/reader/main.c
EXTRA_DIST += src/reader/README.md
