// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Softmax, layer norm (over the last dimension) and batch norm (over rows, channels last).

typedef float lanes_wide __attribute__((vector_size(4 * WIDTH)));
typedef int32_t lanes_bits __attribute__((vector_size(4 * WIDTH)));

// The larger ones, `y` where one of both is NaN: a single instruction, as opposed to the maximum of IEEE 754.
static inline lanes_wide wider_max(lanes_wide x, lanes_wide y) {
    const lanes_bits larger = x > y;
    return (lanes_wide)(((lanes_bits)x & larger) | ((lanes_bits)y & ~larger));
}

// By vectors, of which the last may overlap the one before it.
static inline float row_max(long n, const float *x) {
    if (n < WIDTH) {
        float most = x[0];
        for (long i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
        return most;
    }
    lanes_wide most, next;
    memcpy(&most, x + n - WIDTH, sizeof most);
    for (long i = 0; i + WIDTH < n; i += WIDTH) {
        memcpy(&next, x + i, sizeof next);
        most = wider_max(next, most);
    }
    return __builtin_reduce_max(most);
}

static inline float row_sum(long n, const float *x) {
#pragma clang fp reassociate(on)
    float total = 0;
    for (long i = 0; i < n; i++) total += x[i];
    return total;
}

static inline float row_dot(long n, const float *x, const float *y) {
#pragma clang fp reassociate(on)
    float total = 0;
    for (long i = 0; i < n; i++) total += x[i] * y[i];
    return total;
}

// Softmax of scale * x.
static inline void softmax_row(long n, float scale, const float *x, float *y) {
    const float most = row_max(n, x);
    for (long i = 0; i < n; i++) y[i] = exp_of(scale * (x[i] - most));
    const float factor = 1 / row_sum(n, y);
    for (long i = 0; i < n; i++) y[i] *= factor;
}

static void softmax(long rows, long columns, const float *x, float *y) {
    for (long r = 0; r < rows; r++) softmax_row(columns, 1, x + r * columns, y + r * columns);
}

static inline void softmax_row_backward(long n, float scale, const float *y, const float *dy, float *dx) {
    const float mean = row_dot(n, y, dy);
    for (long i = 0; i < n; i++) dx[i] = scale * y[i] * (dy[i] - mean);
}

static void softmax_backward(long rows, long columns, const float *y, const float *dy, float *dx) {
    for (long r = 0; r < rows; r++) {
        softmax_row_backward(columns, 1, y + r * columns, dy + r * columns, dx + r * columns);
    }
}

static void log_softmax(long rows, long columns, const float *x, float *y) {
    for (long r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float *out = y + r * columns;
        const float most = row_max(columns, row);
        for (long c = 0; c < columns; c++) out[c] = exp_of(row[c] - most);
        const float shift = most + log_of(row_sum(columns, out));
        for (long c = 0; c < columns; c++) out[c] = row[c] - shift;
    }
}

static void log_softmax_backward(long rows, long columns, const float *y, const float *dy, float *dx) {
    for (long r = 0; r < rows; r++) {
        const float total = row_sum(columns, dy + r * columns);
        for (long i = r * columns; i < (r + 1) * columns; i++) dx[i] = dy[i] - exp_of(y[i]) * total;
    }
}

static void layer_norm(long rows, long columns, const float *x, const float *residual, const float *gamma,
                       const float *beta, float epsilon, float *y, float *normal, float *scale) {
    const float share = 1.0f / (float)columns;
    for (long r = 0; r < rows; r++) {
        const float *a = x + r * columns;
        float *n = normal + r * columns, *out = y + r * columns;
        if (residual) {
            const float *b = residual + r * columns;
            for (long c = 0; c < columns; c++) n[c] = a[c] + b[c];
        } else {
            memcpy(n, a, (size_t)columns * sizeof(float));
        }
        const float mean = row_sum(columns, n) * share;
        for (long c = 0; c < columns; c++) n[c] -= mean;
        const float inverse = 1 / __builtin_elementwise_sqrt(row_dot(columns, n, n) * share + epsilon);
        for (long c = 0; c < columns; c++) {
            n[c] *= inverse;
            out[c] = n[c] * gamma[c] + beta[c];
        }
        scale[r] = inverse;
    }
}

static void layer_norm_backward(long rows, long columns, const float *dy, const float *gamma, const float *normal,
                                const float *scale, float *dx, float *dgamma, float *dbeta) {
    const float share = 1.0f / (float)columns;
    for (long r = 0; r < rows; r++) {
        const float *d = dy + r * columns, *n = normal + r * columns;
        float *out = dx + r * columns;
        for (long c = 0; c < columns; c++) {
            dgamma[c] += d[c] * n[c];
            dbeta[c] += d[c];
            out[c] = d[c] * gamma[c];
        }
        const float mean = row_sum(columns, out) * share, slope = row_dot(columns, out, n) * share;
        for (long c = 0; c < columns; c++) out[c] = (out[c] - mean - n[c] * slope) * scale[r];
    }
}

static void column_moments(long rows, long columns, const float *x, long begin, long end, float *mean,
                           float *variance) {
    const float share = 1.0f / (float)rows;
    for (long c = begin; c < end; c++) mean[c] = variance[c] = 0;
    column_sums(rows, columns, x, begin, end, mean);
    for (long c = begin; c < end; c++) mean[c] *= share;
    for (long r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        for (long c = begin; c < end; c++) variance[c] += (row[c] - mean[c]) * (row[c] - mean[c]);
    }
    for (long c = begin; c < end; c++) variance[c] *= share;
}

static void normalize_columns(long rows, long columns, const float *x, const float *mean, const float *scale,
                              const float *gamma, const float *beta, float *y) {
    for (long r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float *out = y + r * columns;
        for (long c = 0; c < columns; c++) out[c] = (row[c] - mean[c]) * (scale[c] * gamma[c]) + beta[c];
    }
}

static void batch_norm_sums(long rows, long columns, const float *x, const float *dy, const float *mean,
                            const float *scale, long begin, long end, float *sum, float *product) {
    for (long c = begin; c < end; c++) sum[c] = product[c] = 0;
    for (long r = 0; r < rows; r++) {
        const float *row = x + r * columns, *d = dy + r * columns;
        for (long c = begin; c < end; c++) {
            sum[c] += d[c];
            product[c] += d[c] * (row[c] - mean[c]);
        }
    }
    for (long c = begin; c < end; c++) product[c] *= scale[c];
}

static void batch_norm_backward(long rows, long columns, long total, const float *x, const float *dy,
                                const float *mean, const float *scale, const float *gamma, const float *sum,
                                const float *product, float *dx) {
    const float share = 1.0f / (float)total;
    for (long r = 0; r < rows; r++) {
        const float *row = x + r * columns, *d = dy + r * columns;
        float *out = dx + r * columns;
        for (long c = 0; c < columns; c++) {
            const float normal = (row[c] - mean[c]) * scale[c];
            out[c] = gamma[c] * scale[c] * (d[c] - share * (sum[c] + normal * product[c]));
        }
    }
}
