# tests/unit
include tests/unit/base.mk
include tests/unit/command.mk
include tests/unit/store.mk
include tests/unit/io.mk
include tests/unit/notes.mk
include tests/unit/reader.mk
include tests/unit/model.mk
