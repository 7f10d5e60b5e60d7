# unit tests of src/model
unit_tests += tests/unit/model/test_secret tests/unit/model/test_wire tests/unit/model/test_model
tests_unit_model_test_secret_SOURCES = tests/unit/model/test_secret.c
tests_unit_model_test_secret_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_model_test_secret_LDADD = $(TEST_LDADD)
tests_unit_model_test_wire_SOURCES = tests/unit/model/test_wire.c
tests_unit_model_test_wire_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_model_test_wire_LDADD = $(TEST_LDADD)
tests_unit_model_test_model_SOURCES = tests/unit/model/test_model.c
tests_unit_model_test_model_CPPFLAGS = $(CORE_CPPFLAGS) -I$(srcdir)/tests
tests_unit_model_test_model_LDADD = $(TEST_LDADD)
