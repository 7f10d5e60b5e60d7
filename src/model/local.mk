# files of src/model
libbureau_core_a_SOURCES += \
	src/model/commands.c src/model/commands.h src/model/failure.c src/model/fetch.c src/model/fetch.h src/model/gate.c \
	src/model/gate.h src/model/ledger.c src/model/ledger.h src/model/model.c src/model/start.c src/model/model.h \
	src/model/offline.c src/model/options.c src/model/provider.c src/model/provider.h src/model/result.c \
	src/model/run.h src/model/secret.c src/model/secret.h src/model/wire.c src/model/wire.h
EXTRA_DIST += src/model/README.md
