# files of src/notes
libbureau_core_a_SOURCES += \
	src/notes/internal.h src/notes/minutes_store.c src/notes/notes.h src/notes/store.c \
	src/notes/store.h
