// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_CYAML_SHIM_H
#define ALMANAC_CYAML_SHIM_H

#include <yaml.h>

#endif
