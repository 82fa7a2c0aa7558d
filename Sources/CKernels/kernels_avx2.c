// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// For x86-64 processors with these instructions (Haswell, Zen and later); dispatch.c asks the processor before it is used.

#include <string.h>

#include "tables.h"

#if defined(__x86_64__)
#define NAME "avx2"
#define TABLE ck_avx2
#define WIDTH 8
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "isa_table.h"
#pragma clang attribute pop
#endif
