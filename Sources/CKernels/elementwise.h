// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Element-wise functions, sums, losses and the optimiser. Plain loops: each instruction set's compiler target turns
// them into its own vectors.

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

static void unary(int op, long n, const float *x, float *y) {
    switch (op) {
    case CK_RELU: LOOP(y[i] = x[i] > 0 ? x[i] : 0;);
    case CK_GELU: LOOP(y[i] = gelu_of(x[i]););
    case CK_GELU_TANH: LOOP(y[i] = gelu_tanh_of(x[i]););
    case CK_ELU: LOOP(y[i] = x[i] > 0 ? x[i] : exp_of(x[i]) - 1;);
    case CK_SIGMOID: LOOP(y[i] = sigmoid_of(x[i]););
    case CK_TANH: LOOP(y[i] = tanh_of(x[i]););
    case CK_SILU: LOOP(y[i] = silu_of(x[i]););
    case CK_SOFTPLUS: LOOP(y[i] = softplus_of(x[i]););
    case CK_EXP: LOOP(y[i] = exp_of(x[i]););
    case CK_LOG: LOOP(y[i] = log_of(x[i]););
    case CK_SQUARE: LOOP(y[i] = x[i] * x[i];);
    case CK_ROOT: LOOP(y[i] = __builtin_elementwise_sqrt(x[i]););
    default: LOOP(y[i] = x[i] < 0 ? -x[i] : x[i];);
    }
}

// Fresh and accumulating forms of a derivative; the gradients may be one array.
#define SLOPE(EXPRESSION)                                                                 \
    if (accumulate) {                                                                     \
        SAME_OR_APART                                                                     \
        for (long i = 0; i < n; i++) { dx[i] += dy[i] * (EXPRESSION); }                   \
    } else {                                                                              \
        SAME_OR_APART                                                                     \
        for (long i = 0; i < n; i++) { dx[i] = dy[i] * (EXPRESSION); }                    \
    }                                                                                     \
    break

static void unary_backward(int op, long n, const float *x, const float *dy, float *dx, int accumulate) {
    switch (op) {
    case CK_RELU: SLOPE(x[i] > 0 ? 1.0f : 0.0f);
    case CK_GELU: SLOPE(gelu_slope(x[i]));
    case CK_GELU_TANH: SLOPE(gelu_tanh_slope(x[i]));
    case CK_ELU: SLOPE(x[i] > 0 ? 1.0f : exp_of(x[i]));
    case CK_SIGMOID: SLOPE(sigmoid_slope(x[i]));
    case CK_TANH: SLOPE(tanh_slope(x[i]));
    case CK_SILU: SLOPE(silu_slope(x[i]));
    case CK_SOFTPLUS: SLOPE(sigmoid_of(x[i]));
    case CK_EXP: SLOPE(exp_of(x[i]));
    case CK_LOG: SLOPE(1 / x[i]);
    case CK_SQUARE: SLOPE(2 * x[i]);
    case CK_ROOT: SLOPE(0.5f / __builtin_elementwise_sqrt(x[i]));
    default: SLOPE(sign_of(x[i]));
    }
}

static void axpby(long n, float a, const float *x, float b, float *y) {
    if (b == 0) {
        for (long i = 0; i < n; i++) y[i] = a * x[i];
    } else {
        for (long i = 0; i < n; i++) y[i] = a * x[i] + b * y[i];
    }
}

static void repeat_row(long rows, long columns, const float *x, float *y, long row) {
    for (long r = 0; r < rows; r++) {
        for (long c = 0; c < columns; c++) y[r * row + c] = x[c];
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

static inline float limited(const ck_update *s, float gradient) {
    const float g = gradient * s->gradient_scale;
    return g > s->gradient_bound ? s->gradient_bound : g < -s->gradient_bound ? -s->gradient_bound : g;
}

static void adam(const ck_adam *step, long n, const float *gradient, float *weight, float *m, float *v) {
    const ck_adam s = *step;
    const float size = s.update.rate / s.correction1, root = 1 / __builtin_elementwise_sqrt(s.correction2);
    const float kept = 1 - s.update.rate * s.decay;
    for (long i = 0; i < n; i++) {
        const float g = limited(&s.update, gradient[i]);
        m[i] = s.beta1 * m[i] + (1 - s.beta1) * g;
        v[i] = s.beta2 * v[i] + (1 - s.beta2) * g * g;
        weight[i] = kept * weight[i] - size * m[i] / (__builtin_elementwise_sqrt(v[i]) * root + s.epsilon);
    }
}

static void descend(const ck_update *step, float momentum, long n, const float *gradient, float *weight,
                    float *velocity) {
    const ck_update s = *step;
    for (long i = 0; i < n; i++) {
        velocity[i] = momentum * velocity[i] + limited(&s, gradient[i]);
        weight[i] -= s.rate * velocity[i];
    }
}
