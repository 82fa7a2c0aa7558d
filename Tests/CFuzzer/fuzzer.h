// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// The part of libFuzzer's interface that we call; it comes with the compiler, which ships no header for it.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));
