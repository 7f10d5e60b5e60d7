# files of src/inbox
libbureau_core_a_SOURCES += \
	src/inbox/checks.c src/inbox/checks.h src/inbox/checks_ask.c src/inbox/checks_fact.c src/inbox/checks_inside.h \
	src/inbox/draft.c src/inbox/draft.h src/inbox/draft_change.c src/inbox/draft_file.c \
	src/inbox/draft_inside.h src/inbox/draft_pen.c src/inbox/inbox.h src/inbox/store.c
libbureau_core_a_SOURCES += \
	src/inbox/commands_mail.c src/inbox/commands_mail.h src/inbox/show.c src/inbox/save.c src/inbox/export.c
