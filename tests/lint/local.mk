# What can be held by reading: the house, the tables, the translations.
batch_tests += tests/lint/house
EXTRA_DIST += tests/lint/house
