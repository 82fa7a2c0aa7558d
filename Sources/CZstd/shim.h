// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_CZSTD_SHIM_H
#define ALMANAC_CZSTD_SHIM_H

#include <zstd.h>

#endif
