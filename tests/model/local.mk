# tests/model: the server that plays every good and bad answer, for any test
EXTRA_DIST += tests/model/double.py tests/model/double.sh
