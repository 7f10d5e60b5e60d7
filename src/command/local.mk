libbureau_core_a_SOURCES += \
	src/command/call.c src/command/call.h src/command/command.h src/command/complete.c \
	src/command/config.c src/command/config.h src/command/config_alias.c src/command/config_inside.h src/command/gather.h src/command/hook.c src/command/hook.h \
	src/command/ids.c src/command/ids.h src/command/keymap.c src/command/keymap.h \
	src/command/option.c src/command/option.h src/command/parse.c src/command/queue.c \
	src/command/queue.h src/command/registry.c src/command/registry.h src/command/words.c \
	src/command/words.h
EXTRA_DIST += src/command/README.md
