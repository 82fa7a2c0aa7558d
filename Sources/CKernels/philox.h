// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Philox4x32-10 (J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The counter is
// (block, stream), so that any number can be had without those before it. LANES blocks are made at once.

#define LANES 16

// Words stand in the lower halves of 64-bit lanes, which is where the vector units multiply 32 bits by 32.
static void philox_blocks(ck_random random, uint64_t block, uint32_t out[4][LANES]) {
    const uint64_t low = 0xFFFFFFFFu;
    uint64_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    for (int i = 0; i < LANES; i++) {
        const uint64_t counter = block + (uint64_t)i;
        c0[i] = counter & low, c1[i] = counter >> 32;
        c2[i] = random.stream & low, c3[i] = random.stream >> 32;
    }
    uint64_t k0 = random.key & low, k1 = random.key >> 32;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < LANES; i++) {
            const uint64_t p0 = 0xD2511F53u * (c0[i] & low), p1 = 0xCD9E8D57u * (c2[i] & low);
            c0[i] = (p1 >> 32) ^ c1[i] ^ k0, c1[i] = p1;
            c2[i] = (p0 >> 32) ^ c3[i] ^ k1, c3[i] = p0;
        }
        k0 = (k0 + 0x9E3779B9u) & low, k1 = (k1 + 0xBB67AE85u) & low;
    }
    for (int i = 0; i < LANES; i++) {
        out[0][i] = (uint32_t)c0[i], out[1][i] = (uint32_t)c1[i];
        out[2][i] = (uint32_t)c2[i], out[3][i] = (uint32_t)c3[i];
    }
}

// The numbers of a group of 4 * LANES places: place p of the group is block p % LANES, word p / LANES.
static void philox_group(ck_random random, long group, uint32_t numbers[4 * LANES]) {
    philox_blocks(random, (uint64_t)group * LANES, (uint32_t(*)[LANES])numbers);
}

// Calls BODY for each place i in 0..<n of the stream from `first` on, with its `bits`.
#define FOR_EACH_RANDOM(BODY)                                                                                  \
    for (long start = 0; start < n;) {                                                                         \
        uint32_t numbers[4 * LANES];                                                                           \
        philox_group(random, (first + start) / (4 * LANES), numbers);                                          \
        const long skip = (first + start) % (4 * LANES);                                                       \
        const long count = n - start < 4 * LANES - skip ? n - start : 4 * LANES - skip;                        \
        for (long j = 0; j < count; j++) {                                                                     \
            const uint32_t bits = numbers[skip + j];                                                           \
            const long i = start + j;                                                                          \
            BODY                                                                                               \
        }                                                                                                      \
        start += count;                                                                                        \
    }

// Before a loop whose pointers are equal or far apart: where they are equal, the compiler's own check for overlaps would
// choose the slow form.
#define SAME_OR_APART _Pragma("clang loop vectorize(assume_safety)")

// Sixteen bits decide on an element, so a group decides on 8 * LANES of them.
static void dropout(ck_random random, long first, long n, float probability, const float *x, float *y, int accumulate) {
    const uint16_t threshold = (uint16_t)((double)probability * 65536.0);
    const float scale = 65536.0f / (65536.0f - (float)threshold);
    for (long start = 0; start < n;) {
        uint16_t halves[8 * LANES];
        uint32_t numbers[4 * LANES];
        philox_group(random, (first + start) / (8 * LANES), numbers);
        memcpy(halves, numbers, sizeof numbers);
        const long skip = (first + start) % (8 * LANES);
        const long count = n - start < 8 * LANES - skip ? n - start : 8 * LANES - skip;
        // Often x is y.
        if (accumulate) {
            SAME_OR_APART
            for (long j = 0; j < count; j++) {
                y[start + j] += halves[skip + j] < threshold ? 0 : x[start + j] * scale;
            }
        } else {
            SAME_OR_APART
            for (long j = 0; j < count; j++) {
                y[start + j] = halves[skip + j] < threshold ? 0 : x[start + j] * scale;
            }
        }
        start += count;
    }
}

static void random_integers(ck_random random, long first, long n, uint32_t bound, int32_t *out) {
    FOR_EACH_RANDOM(out[i] = (int32_t)(((uint64_t)bits * bound) >> 32);)
}

static void random_uniform(ck_random random, long first, long n, float *out) {
    FOR_EACH_RANDOM(out[i] = (float)(bits >> 8) * (1.0f / 16777216.0f);)
}
