// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_CMALLOC_SHIM_H
#define ALMANAC_CMALLOC_SHIM_H

// The settings of the C library's allocator are in no module of Swift's.
#include <malloc.h>

#endif
