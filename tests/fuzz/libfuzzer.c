/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libfuzzer.c - one target (-DFUZZ=fuzz_message) for libFuzzer. */
#include "fuzz/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return FUZZ(data, size);
}
