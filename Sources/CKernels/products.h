// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Products of small matrices, and of a few rows with a matrix that is packed once, which a general GEMM is too heavy for.

// Rows of a tile: with two vectors each, the accumulators and two operands fill 16 registers, or most of 32.
#if WIDTH == 16
#define ROWS 12
#else
#define ROWS 6
#endif

typedef float lanes4 __attribute__((vector_size(16)));
typedef float lanes8 __attribute__((vector_size(32)));

// The left rows of a tile, and what becomes of its sums: c = start + a * b where there is a start, one number a column;
// else c = alpha * a * b + beta * c.
typedef struct {
    const float *a;
    long a_row, a_column;
    const float *start;
    float alpha, beta;
} tile_left;

// Else the accumulators would lie in memory.
#define UNROLLED _Pragma("clang loop unroll(full)")

// A tile of `rows` x (COUNT * lanes of TYPE). Inlined with constant rows.
#define DEFINE_TILE(NAME, TYPE, COUNT)                                                                            \
    static inline __attribute__((always_inline)) void NAME(const int rows, long k, const tile_left *left,        \
                                                           const float *a, const float *b, long ldb, float *c,   \
                                                           long ldc) {                                           \
        TYPE sums[ROWS][COUNT];                                                                                   \
        const long lanes = sizeof(TYPE) / sizeof(float), a_row = left->a_row, a_column = left->a_column;         \
        for (int j = 0; j < COUNT; j++) {                                                                         \
            TYPE first = (TYPE){} + 0.0f;                                                                         \
            if (left->start) memcpy(&first, left->start + j * lanes, sizeof(TYPE));                              \
            UNROLLED                                                                                              \
            for (int i = 0; i < rows; i++) sums[i][j] = first;                                                    \
        }                                                                                                         \
        for (long p = 0; p < k; p++) {                                                                            \
            TYPE right[COUNT];                                                                                    \
            for (int j = 0; j < COUNT; j++) memcpy(&right[j], b + p * ldb + j * lanes, sizeof(TYPE));             \
            UNROLLED                                                                                              \
            for (int i = 0; i < rows; i++) {                                                                      \
                const float one = a[i * a_row + p * a_column];                                                    \
                for (int j = 0; j < COUNT; j++) sums[i][j] += one * right[j];                                     \
            }                                                                                                     \
        }                                                                                                         \
        UNROLLED                                                                                                  \
        for (int i = 0; i < rows; i++) {                                                                          \
            for (int j = 0; j < COUNT; j++) {                                                                     \
                TYPE value = left->alpha * sums[i][j], old;                                                       \
                if (left->beta != 0) {                                                                            \
                    memcpy(&old, c + i * ldc + j * lanes, sizeof(TYPE));                                          \
                    value += left->beta * old;                                                                    \
                }                                                                                                 \
                memcpy(c + i * ldc + j * lanes, &value, sizeof(TYPE));                                            \
            }                                                                                                     \
        }                                                                                                         \
    }                                                                                                             \
    static void NAME##_columns(long m, long k, const tile_left *left, const float *b, long ldb, float *c,        \
                               long ldc) {                                                                        \
        const float *a = left->a;                                                                                 \
        const long row = left->a_row;                                                                             \
        long i = 0;                                                                                               \
        for (; i + ROWS <= m; i += ROWS) NAME(ROWS, k, left, a + i * row, b, ldb, c + i * ldc, ldc);              \
        for (; i + 4 <= m; i += 4) NAME(4, k, left, a + i * row, b, ldb, c + i * ldc, ldc);                       \
        for (; i < m; i++) NAME(1, k, left, a + i * row, b, ldb, c + i * ldc, ldc);                               \
    }

DEFINE_TILE(tile_wide2, lanes_wide, 2)
DEFINE_TILE(tile_wide, lanes_wide, 1)
DEFINE_TILE(tile8, lanes8, 1)
DEFINE_TILE(tile4, lanes4, 1)

static void multiply_columns(long m, long n, long k, tile_left left, const float *b, long ldb, float *c, long ldc) {
    const float *const start = left.start;
    long j = 0;
#define SWEEP(NAME, LANES_OF)                                      \
    for (; j + (LANES_OF) <= n; j += (LANES_OF)) {                 \
        left.start = start ? start + j : NULL;                     \
        NAME##_columns(m, k, &left, b + j, ldb, c + j, ldc);       \
    }
    SWEEP(tile_wide2, 2 * WIDTH)
    SWEEP(tile_wide, WIDTH)
    SWEEP(tile8, 8)
    SWEEP(tile4, 4)
    for (; j < n; j++) {
        for (long i = 0; i < m; i++) {
            float total = start ? start[j] : 0;
            for (long p = 0; p < k; p++) total += left.a[i * left.a_row + p * left.a_column] * b[p * ldb + j];
            c[i * ldc + j] = left.alpha * total + (left.beta != 0 ? left.beta * c[i * ldc + j] : 0);
        }
    }
}

static void small_gemm(long m, long n, long k, float alpha, const float *a, long a_row, long a_column, const float *b,
                       long ldb, float beta, float *c, long ldc) {
    const tile_left left = {.a = a, .a_row = a_row, .a_column = a_column, .alpha = alpha, .beta = beta};
    multiply_columns(m, n, k, left, b, ldb, c, ldc);
}

static void map_rows(const ck_map *map, long rows, const float *x, float *y, long begin, long end) {
    const long inner = map->inner, columns = map->columns;
    // So many rows of x stay in the first cache while the panels pass by, and a panel stays while they do.
    const long block = inner < 128 ? 8 * ROWS : inner < 256 ? 4 * ROWS : 2 * ROWS;
    for (long r = 0; r < rows; r += block) {
        const long count = rows - r < block ? rows - r : block;
        for (long panel = begin; panel < end; panel++) {
            const long column = panel * CK_PANEL, width = columns - column < CK_PANEL ? columns - column : CK_PANEL;
            const tile_left left = {
                .a = x + r * inner, .a_row = inner, .a_column = 1, .start = map->bias + column, .alpha = 1};
            const float *const packed = map->panels + column * inner;
            multiply_columns(count, width, inner, left, packed, width, y + r * columns + column, columns);
        }
    }
}
