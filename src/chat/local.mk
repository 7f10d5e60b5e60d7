# files of src/chat
libbureau_core_a_SOURCES += \
	src/chat/ask.c src/chat/ask.h src/chat/chat.h src/chat/cite.c src/chat/cite.h src/chat/commands.c \
	src/chat/commands.h src/chat/gather.c src/chat/gather.h src/chat/listing.c src/chat/mention.c src/chat/offline.c \
	src/chat/store.c src/chat/store.h src/chat/title.c src/chat/title.h
EXTRA_DIST += src/chat/README.md
bureau_SOURCES += src/chat/pane.c src/chat/pane.h src/chat/pane_list.c src/chat/pane_stash.c src/chat/pane_view.c
