# tests/fault
EXTRA_DIST += tests/fault/crowd.py tests/fault/kill_typing.py
