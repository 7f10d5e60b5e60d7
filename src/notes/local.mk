# files of src/notes
libbureau_core_a_SOURCES += \
	src/notes/commands.c src/notes/cues.c src/notes/cues.h src/notes/import.c src/notes/internal.h \
	src/notes/minutes.c src/notes/minutes.h src/notes/minutes_command.c src/notes/minutes_run.c \
	src/notes/minutes_store.c src/notes/minutes_text.c src/notes/notes.h src/notes/store.c \
	src/notes/store.h
EXTRA_DIST += src/notes/README.md
bureau_SOURCES += src/notes/pane.c src/notes/pane.h src/notes/pane_list.c
