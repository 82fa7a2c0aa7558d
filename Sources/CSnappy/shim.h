// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_CSNAPPY_SHIM_H
#define ALMANAC_CSNAPPY_SHIM_H

#include <snappy-c.h>

#endif
