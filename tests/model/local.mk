# tests/model: the server that plays every good and bad answer, for any test; `ask` against all of them
EXTRA_DIST += tests/model/double.py tests/model/double.sh tests/model/ask.sh \
	tests/model/obey.sh tests/model/policy.sh
slow_tests += tests/model/ask.sh tests/model/obey.sh tests/model/policy.sh
