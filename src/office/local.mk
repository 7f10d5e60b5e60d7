# files of src/office
libbureau_core_a_SOURCES += \
	src/office/office.c src/office/office.h src/office/outbox.c src/office/outbox.h \
	src/office/outbox_run.c src/office/outbox_store.c src/office/outbox_store.h \
	src/office/mailto.c src/office/mailto.h src/office/signature.c src/office/signature.h \
	src/office/people.c src/office/people.h src/office/people_query.c src/office/people_query.h src/office/commands_people.c src/office/source.c src/office/source.h \
	src/office/commands_search.c src/office/commands_store.c src/office/commands_store.h \
	src/office/commands_journal.c src/office/journal_words.c src/office/journal_words.h src/office/unsubscribe.c src/office/unsubscribe.h
EXTRA_DIST += src/office/README.md
