# files of src/tui
bureau_SOURCES += \
	src/tui/box.c src/tui/box.h src/tui/boxdata.h src/tui/boxdraw.c src/tui/boxkeys.h \
	src/tui/canvas.c src/tui/canvas.h src/tui/commands.c src/tui/editkeys.c src/tui/editkeys.h \
	src/tui/input.c src/tui/input.h src/tui/keys.c src/tui/layout.c src/tui/list.c src/tui/list.h \
	src/tui/links.c src/tui/listpane.c src/tui/listpane.h \
	src/tui/output.c src/tui/outside.c src/tui/outside.h src/tui/pane.h src/tui/prompt.c src/tui/history.c \
	src/tui/rows.c src/tui/run.c src/tui/screen.c src/tui/screen.h src/tui/stack.c \
	src/tui/terminfo.c src/tui/text.c src/tui/text.h src/tui/textdata.h src/tui/textlive.c \
	src/tui/textlive.h src/tui/textmark.c src/tui/textpaint.c src/tui/textview.c src/tui/tui.c src/tui/tui.h src/tui/tuidata.h src/tui/vikeys.c src/tui/vikeys.h src/tui/wrap.c src/tui/wrap.h
EXTRA_DIST += src/tui/README.md
