// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Element-wise functions, sums, losses and the optimiser. Plain loops: each instruction set's compiler target turns
// them into its own vectors.

// exp(x) by 2^n * exp(r), |r| <= ln(2)/2, with a polynomial of degree 6 for exp(r); relative error below 2e-7.
static inline float exp_of(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    // Adding and taking away 1.5 * 2^23 rounds to the nearest integer.
    const float n = (x * 1.442695041f + 12582912.0f) - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1;
    p = p * r + 1;
    const int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

// The standard normal distribution function, by M. Abramowitz and I. Stegun 7.1.26 (error below 1.5e-7), whose
// exponential is also the density's.
static inline float normal_cdf(float x, float *density) {
    const float z = x < 0 ? -x : x;
    const float e = exp_of(-0.5f * x * x);
    const float t = 1 / (1 + 0.3275911f * 0.7071067812f * z);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const float tail = 0.5f * p * t * e;
    *density = 0.3989422804f * e;
    return x < 0 ? tail : 1 - tail;
}

#define LOOP(EXPRESSION)                        \
    for (long i = 0; i < n; i++) { EXPRESSION } \
    break

static void binary(int op, long n, const float *a, long sa, const float *b, long sb, float *out) {
    if (sa == 1 && sb == 1) {
        switch (op) {
        case CK_ADD: LOOP(out[i] = a[i] + b[i];);
        case CK_SUBTRACT: LOOP(out[i] = a[i] - b[i];);
        case CK_MULTIPLY: LOOP(out[i] = a[i] * b[i];);
        default: LOOP(out[i] = a[i] / b[i];);
        }
        return;
    }
    switch (op) {
    case CK_ADD: LOOP(out[i] = a[i * sa] + b[i * sb];);
    case CK_SUBTRACT: LOOP(out[i] = a[i * sa] - b[i * sb];);
    case CK_MULTIPLY: LOOP(out[i] = a[i * sa] * b[i * sb];);
    default: LOOP(out[i] = a[i * sa] / b[i * sb];);
    }
}

static inline float gelu_of(float x) {
    float density;
    return x * normal_cdf(x, &density);
}

static inline float gelu_slope(float x) {
    float density;
    const float cdf = normal_cdf(x, &density);
    return cdf + x * density;
}

static void unary(int op, long n, const float *x, float *y) {
    switch (op) {
    case CK_RELU: LOOP(y[i] = x[i] > 0 ? x[i] : 0;);
    case CK_GELU: LOOP(y[i] = gelu_of(x[i]););
    case CK_ELU: LOOP(y[i] = x[i] > 0 ? x[i] : exp_of(x[i]) - 1;);
    case CK_EXP: LOOP(y[i] = exp_of(x[i]););
    case CK_SQUARE: LOOP(y[i] = x[i] * x[i];);
    default: LOOP(y[i] = x[i] < 0 ? -x[i] : x[i];);
    }
}

// Fresh and accumulating forms of a derivative.
#define SLOPE(EXPRESSION)                                                                 \
    if (accumulate) {                                                                     \
        for (long i = 0; i < n; i++) { dx[i] += dy[i] * (EXPRESSION); }                   \
    } else {                                                                              \
        for (long i = 0; i < n; i++) { dx[i] = dy[i] * (EXPRESSION); }                    \
    }                                                                                     \
    break

static void unary_backward(int op, long n, const float *x, const float *dy, float *dx, int accumulate) {
    switch (op) {
    case CK_RELU: SLOPE(x[i] > 0 ? 1.0f : 0.0f);
    case CK_GELU: SLOPE(gelu_slope(x[i]));
    case CK_ELU: SLOPE(x[i] > 0 ? 1.0f : exp_of(x[i]));
    case CK_EXP: SLOPE(exp_of(x[i]));
    case CK_SQUARE: SLOPE(2 * x[i]);
    default: SLOPE(x[i] > 0 ? 1.0f : x[i] < 0 ? -1.0f : 0.0f);
    }
}

static void axpby(long n, float a, const float *x, float b, float *y) {
    if (b == 0) {
        for (long i = 0; i < n; i++) y[i] = a * x[i];
    } else {
        for (long i = 0; i < n; i++) y[i] = a * x[i] + b * y[i];
    }
}

static double sum(long n, const float *x) {
#pragma clang fp reassociate(on)
    double total = 0;
    for (long i = 0; i < n; i++) total += x[i];
    return total;
}

static double sum_of_squares(long n, const float *x) {
#pragma clang fp reassociate(on)
    double total = 0;
    for (long i = 0; i < n; i++) total += (double)x[i] * x[i];
    return total;
}

static inline float sign_of(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; }

static double loss(int kind, long n, const float *x, const float *y, float scale, float *dx) {
    double total = 0;
    for (long i = 0; i < n; i++) {
        const float e = x[i] - y[i], size = e < 0 ? -e : e;
        const int inner = kind == CK_MSE || (kind == CK_HUBER && size <= 1);
        float value = kind == CK_MSE ? e * e : size, slope = kind == CK_MSE ? 2 * e : sign_of(e);
        if (kind == CK_HUBER) value = inner ? 0.5f * e * e : size - 0.5f, slope = inner ? e : sign_of(e);
        total += value;
        if (dx) dx[i] = slope * scale;
    }
    return total;
}

static void column_sums(long rows, long columns, const float *x, long begin, long end, float *sums) {
    for (long r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        for (long c = begin; c < end; c++) sums[c] += row[c];
    }
}

static void adam(const ck_adam *step, long n, const float *gradient, float *weight, float *m, float *v) {
    const ck_adam s = *step;
    const float size = s.rate / s.correction1, root = 1 / __builtin_elementwise_sqrt(s.correction2);
    for (long i = 0; i < n; i++) {
        const float g = gradient[i] * s.gradient_scale;
        m[i] = s.beta1 * m[i] + (1 - s.beta1) * g;
        v[i] = s.beta2 * v[i] + (1 - s.beta2) * g * g;
        weight[i] -= size * m[i] / (__builtin_elementwise_sqrt(v[i]) * root + s.epsilon);
    }
}
