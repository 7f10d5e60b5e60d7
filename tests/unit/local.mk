# tests/unit
include tests/unit/base.mk
