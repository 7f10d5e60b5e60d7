bureau_SOURCES += \
	src/app/app.h src/app/batch.c src/app/commands.c src/app/docs.c src/app/docs_shell.c \
	src/app/doctor.c src/app/features.c src/app/features.h src/app/main.c src/app/session.h \
	src/app/work.c src/app/demo.c src/app/demo.h src/app/demo_copy.c src/app/demo_copy.h
bureau_SOURCES += \
	src/app/import.c src/app/import_child.c src/app/import_child.h src/app/import_kind.c \
	src/app/import_kind.h src/app/import_walk.c src/app/import_walk.h
EXTRA_DIST += src/app/README.md
bureau_SOURCES += src/app/session.c src/app/journal_pane.c src/app/journal_pane.h src/app/session_work.c src/app/session_work.h
