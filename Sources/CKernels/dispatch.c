// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#include <stddef.h>
#include <string.h>

#include "tables.h"

const ck_kernels *ck_named(const char *name) {
#if defined(__x86_64__)
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (strcmp(name, "avx512") == 0) return avx512 ? &ck_avx512 : NULL;
    if (strcmp(name, "avx2") == 0) return avx2 ? &ck_avx2 : NULL;
#endif
    return strcmp(name, "baseline") == 0 ? &ck_baseline : NULL;
}

const ck_kernels *ck_best(void) {
    static const char *const names[] = {"avx512", "avx2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const ck_kernels *table = ck_named(names[i]);
        if (table) return table;
    }
    return &ck_baseline;
}
