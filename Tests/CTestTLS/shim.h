// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_CTESTTLS_SHIM_H
#define ALMANAC_CTESTTLS_SHIM_H

#include <openssl/ssl.h>

#endif
