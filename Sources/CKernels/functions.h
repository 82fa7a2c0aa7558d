// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Functions of one number and their derivatives, without branches, so that loops over them become vector code.

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

// log(x) for normal x > 0: x = 2^e * (1 + r) with 1 + r between sqrt(1/2) and sqrt(2), and 2 atanh(r / (2 + r)) by its
// series, whose next term is below 1e-9. NaN below 0, -infinity at 0.
static inline float log_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    // The exponent of x / sqrt(1/2), rounded down.
    const int32_t e = (int32_t)(bits - 0x3f3504f3u) >> 23;
    const uint32_t rest = bits - ((uint32_t)e << 23);
    float m;
    memcpy(&m, &rest, sizeof m);
    const float r = m - 1, s = r / (2 + r), t = s * s;
    float p = 1.0f / 11;
    p = p * t + 1.0f / 9;
    p = p * t + 1.0f / 7;
    p = p * t + 1.0f / 5;
    p = p * t + 1.0f / 3;
    const float n = (float)e;
    // r - s * r = 2 s, but r is exact.
    const float y = n * 0.693359375f + (r - s * (r - 2 * t * p) - n * 2.12194440e-4f);
    return x > 0 ? (x > 3.4e38f ? x : y) : x == 0 ? -__builtin_inff() : __builtin_nanf("");
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

static inline float sign_of(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f; }

static inline float gelu_of(float x) {
    float density;
    return x * normal_cdf(x, &density);
}

static inline float gelu_slope(float x) {
    float density;
    const float cdf = normal_cdf(x, &density);
    return cdf + x * density;
}

static inline float sigmoid_of(float x) { return 1 / (1 + exp_of(-x)); }

static inline float sigmoid_slope(float x) {
    const float y = sigmoid_of(x);
    return y * (1 - y);
}

// By its series near zero, where the quotient of exponentials would cancel.
static inline float tanh_of(float x) {
    const float t = x * x;
    const float near = x * (1 + t * (-1.0f / 3 + t * (2.0f / 15 - t * (17.0f / 315))));
    return t < 0.0225f ? near : 1 - 2 / (1 + exp_of(2 * x));
}

static inline float tanh_slope(float x) {
    const float y = tanh_of(x);
    return 1 - y * y;
}

// The argument of the hyperbolic tangent in GELU's approximation (D. Hendrycks and K. Gimpel 2016).
static inline float gelu_inner(float x) { return 0.7978845608f * (x + 0.044715f * x * x * x); }

static inline float gelu_tanh_of(float x) { return 0.5f * x * (1 + tanh_of(gelu_inner(x))); }

static inline float gelu_tanh_slope(float x) {
    const float t = tanh_of(gelu_inner(x));
    return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * 0.7978845608f * (1 + 3 * 0.044715f * x * x);
}

static inline float silu_of(float x) { return x * sigmoid_of(x); }

static inline float silu_slope(float x) {
    const float y = sigmoid_of(x);
    return y * (1 + x * (1 - y));
}

// max(x, 0) + log(1 + exp(-|x|)), whose logarithm is corrected for the rounding of its argument.
static inline float softplus_of(float x) {
    const float e = exp_of(x < 0 ? x : -x), u = 1 + e;
    const float tail = u == 1 ? e : log_of(u) * (e / (u - 1));
    return (x > 0 ? x : 0) + tail;
}
