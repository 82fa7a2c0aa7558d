// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// For every processor that the package is compiled for: SSE2 on x86-64, NEON on arm64.

#include <string.h>

#include "tables.h"

#define NAME "baseline"
#define TABLE ck_baseline
#define WIDTH 4
#include "isa_table.h"
