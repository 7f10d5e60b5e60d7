# files of src/setup
libbureau_core_a_SOURCES += \
	src/setup/ask.c src/setup/ask.h src/setup/check.c src/setup/check.h src/setup/commands.c src/setup/discover.c \
	src/setup/discover.h src/setup/doctor.c src/setup/first_sync.c src/setup/first_sync.h src/setup/inside.h src/setup/provider.c \
	src/setup/provider.h src/setup/setup.h src/setup/signin.c src/setup/signin.h src/setup/write.c src/setup/write.h
libbureau_core_a_SOURCES += src/setup/models.c src/setup/models.h
bureau_SOURCES += src/setup/pane.c src/setup/pane_draw.c src/setup/pane_finish.c src/setup/pane_inside.h
EXTRA_DIST += src/setup/README.md
