# tests/batch
batch_tests += tests/batch/invocation.sh
EXTRA_DIST += tests/batch/invocation.sh
batch_tests += tests/batch/import.sh
EXTRA_DIST += tests/batch/import.sh
batch_tests += tests/batch/mail.sh tests/batch/maildir.sh
EXTRA_DIST += tests/batch/mail.sh tests/batch/maildir.sh
slow_tests += tests/batch/import_evil.sh tests/batch/import_corpora.sh
EXTRA_DIST += tests/batch/import_evil.sh tests/batch/import_corpora.sh
batch_tests += tests/batch/notes.sh tests/batch/chat.sh
EXTRA_DIST += tests/batch/notes.sh tests/batch/chat.sh
slow_tests += tests/batch/search_scan.py
EXTRA_DIST += tests/batch/search_scan.py
batch_tests += tests/batch/store.sh
EXTRA_DIST += tests/batch/store.sh
batch_tests += tests/batch/ids.sh
EXTRA_DIST += tests/batch/ids.sh
