// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Philox4x32-10 (J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The counter is
// (block, stream), so that any number can be had without those before it. LANES blocks are made at once.

#define LANES 16

static void philox_blocks(ck_random random, uint64_t block, uint32_t out[4][LANES]) {
    uint32_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    for (int i = 0; i < LANES; i++) {
        c0[i] = (uint32_t)(block + (uint64_t)i);
        c1[i] = (uint32_t)((block + (uint64_t)i) >> 32);
        c2[i] = (uint32_t)random.stream;
        c3[i] = (uint32_t)(random.stream >> 32);
    }
    uint32_t k0 = (uint32_t)random.key, k1 = (uint32_t)(random.key >> 32);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < LANES; i++) {
            const uint64_t p0 = (uint64_t)0xD2511F53u * c0[i], p1 = (uint64_t)0xCD9E8D57u * c2[i];
            const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c0[i] = n0, c1[i] = (uint32_t)p1, c2[i] = n2, c3[i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    memcpy(out[0], c0, sizeof c0), memcpy(out[1], c1, sizeof c1);
    memcpy(out[2], c2, sizeof c2), memcpy(out[3], c3, sizeof c3);
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
        for (long j = 0; j < count; j++) {
            const float kept = halves[skip + j] < threshold ? 0 : x[start + j] * scale;
            y[start + j] = accumulate ? y[start + j] + kept : kept;
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
