# tests/batch
batch_tests += tests/batch/invocation.sh
EXTRA_DIST += tests/batch/invocation.sh
