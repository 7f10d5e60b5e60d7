# tests/batch
