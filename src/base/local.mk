libbureau_base_a_SOURCES += \
	src/base/alloc.c src/base/alloc.h src/base/str.c src/base/str.h src/base/vec.c src/base/vec.h \
	src/base/error.c src/base/error.h src/base/i18n.c src/base/i18n.h src/base/log.c src/base/log.h \
	src/base/clock.c src/base/clock.h src/base/utf8.c src/base/utf8.h src/base/gate.c src/base/gate.h \
	src/base/path.c src/base/path.h src/base/json.c src/base/json.h src/base/watch.h \
	src/base/record.c src/base/record.h src/base/when.c src/base/when.h \
	src/base/when_day.c src/base/when_day.h src/base/when_time.c src/base/when_words.c
libbureau_base_a_SOURCES += src/base/passage.c src/base/passage.h src/base/markdown.c src/base/markdown.h
libbureau_base_a_SOURCES += src/base/wire.h
EXTRA_DIST += src/base/README.md
