# files of src/store
libbureau_core_a_SOURCES += src/store/textlog.c src/store/textlog.h src/store/textpace.c
