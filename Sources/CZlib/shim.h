// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#ifndef ALMANAC_CZLIB_SHIM_H
#define ALMANAC_CZLIB_SHIM_H

#include <zlib.h>

/// `inflateInit2` is a macro, which Swift does not see. 15 is the largest window, 16 more means "gzip, not zlib".
static inline int almanac_inflate_init_gzip(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}

/// The same for "gzip or zlib, whatever the data begins with".
static inline int almanac_inflate_init_any(z_stream *stream) {
    return inflateInit2(stream, 15 + 32);
}

/// `deflateInit2` for gzip, a macro too, with a level of compression from 1 to 9; 8 is zlib's usual memory.
static inline int almanac_deflate_init_gzip(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

#endif
