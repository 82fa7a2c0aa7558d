// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// The inner loops of the tensor engine, one table of them an instruction set. Shapes, ownership and threads are the
// caller's: every function works on a range of rows (or elements) of contiguous float32 buffers and allocates nothing.

#ifndef ALMANAC_CKERNELS_H
#define ALMANAC_CKERNELS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

// Element-wise functions of two operands.
enum { CK_ADD, CK_SUBTRACT, CK_MULTIPLY, CK_DIVIDE };
// Element-wise functions of one operand; GELU is the exact one (by the error function).
enum { CK_RELU, CK_GELU, CK_ELU, CK_EXP, CK_SQUARE, CK_ABSOLUTE };
// Losses of a prediction and a target; Huber's corner is at 1.
enum { CK_MSE, CK_MAE, CK_HUBER };

// A stream of Philox4x32-10 numbers: `key` is the seed, `stream` tells uses of it apart.
typedef struct {
    uint64_t key;
    uint64_t stream;
} ck_random;

// Multi-head attention in which `selected` queries attend; the others take the mean of the values, or their running
// sum where `causal`. Full attention selects all. Strides are in elements.
typedef struct {
    long heads;
    long queries;  // L_Q
    long keys;  // L_K
    long size;  // of a head
    long selected;
    long sampled;  // sampled keys a query for the choice; unused where all queries are selected
    long causal;
    float scale;
    float dropout;  // of the probabilities
    ck_random random;
    long query_row;  // from a row of queries to the next; rows of batch entries follow each other
    long key_row;  // the same for keys and values
    long output_batch;
    long output_head;
    long output_row;
} ck_attention;

// What attention reads and writes, forward and backward; the gradients are null in the forward pass.
typedef struct {
    const float *q;
    const float *k;
    const float *v;
    const int32_t *_Nullable samples;  // [queries, sampled]
    float *output;  // in the backward pass: its gradient, read only
    int32_t *indices;  // [batch, heads, selected]; written forward
    float *probabilities;  // [batch, heads, selected, keys]; written forward
    float *_Nullable dq;
    float *_Nullable dk;
    float *_Nullable dv;
} ck_attention_buffers;

// The settings of a step of Adam; the corrections are 1 - beta^t.
typedef struct {
    float rate;
    float beta1;
    float beta2;
    float epsilon;
    float correction1;
    float correction2;
    float gradient_scale;
} ck_adam;

typedef struct {
    const char *name;

    // out[i] = a[i * sa] op b[i * sb], strides 0 or 1.
    void (*binary)(int op, long n, const float *a, long sa, const float *b, long sb, float *out);
    void (*unary)(int op, long n, const float *x, float *y);
    // dx = dy * f'(x), or dx += it.
    void (*unary_backward)(int op, long n, const float *x, const float *dy, float *dx, int accumulate);
    // y = a * x + b * y; y is not read where b is 0.
    void (*axpby)(long n, float a, const float *x, float b, float *y);
    // Sums with 64-bit accumulators.
    double (*sum)(long n, const float *x);
    double (*sum_of_squares)(long n, const float *x);
    // Returns the sum of losses; writes their derivatives times `scale` where dx is there.
    double (*loss)(int kind, long n, const float *x, const float *y, float scale, float *_Nullable dx);
    // sums[c] += sum over the rows of x[r, c], for columns begin..<end.
    void (*column_sums)(long rows, long columns, const float *x, long begin, long end, float *sums);

    // y = x with elements dropped with a probability and the others scaled up; `first` is x[0]'s place in the stream.
    void (*dropout)(ck_random random, long first, long n, float probability, const float *x, float *y, int accumulate);
    // Integers in 0..<bound.
    void (*random_integers)(ck_random random, long first, long n, uint32_t bound, int32_t *out);
    void (*random_uniform)(ck_random random, long first, long n, float *out);

    void (*softmax)(long rows, long columns, const float *x, float *y);
    void (*softmax_backward)(long rows, long columns, const float *y, const float *dy, float *dx);
    // y = layer norm of x + residual; the sum's normal form goes to `normal`, 1/deviation to `scale`.
    void (*layer_norm)(long rows, long columns, const float *x, const float *_Nullable residual, const float *gamma,
                       const float *beta, float epsilon, float *y, float *normal, float *scale);
    // dx, and dgamma and dbeta added to.
    void (*layer_norm_backward)(long rows, long columns, const float *dy, const float *gamma, const float *normal,
                                const float *scale, float *dx, float *dgamma, float *dbeta);
    // Mean and population variance of columns begin..<end.
    void (*column_moments)(long rows, long columns, const float *x, long begin, long end, float *mean,
                           float *variance);
    // y = (x - mean) * scale * gamma + beta by column.
    void (*normalize_columns)(long rows, long columns, const float *x, const float *mean, const float *scale,
                              const float *gamma, const float *beta, float *y);
    // The sums over rows of dy and of dy * (x - mean) * scale, for columns begin..<end.
    void (*batch_norm_sums)(long rows, long columns, const float *x, const float *dy, const float *mean,
                            const float *scale, long begin, long end, float *sum, float *product);
    // dx for statistics that were taken from x itself.
    void (*batch_norm_backward)(long rows, long columns, long total, const float *x, const float *dy,
                                const float *mean, const float *scale, const float *gamma, const float *sum,
                                const float *product, float *dx);

    // Max pooling, kernel 3, stride 2, padding 1, over [length, channels]; `choice` is 0...2.
    void (*max_pool)(long length, long channels, const float *x, float *y, uint8_t *choice);
    void (*max_pool_backward)(long length, long channels, const float *dy, const uint8_t *choice, float *dx);

    // c = alpha * a * b + beta * c, where a[i, p] is at a[i * a_row + p * a_column]; for sizes of some tens.
    void (*small_gemm)(long m, long n, long k, float alpha, const float *a, long a_row, long a_column, const float *b,
                       long ldb, float beta, float *c, long ldc);
    // Floats of scratch that one call of the attention functions needs.
    long (*attention_scratch)(const ck_attention *attention);
    // Heads begin..<end of all batch entries' heads.
    void (*attention)(const ck_attention *attention, const ck_attention_buffers *buffers, long begin, long end,
                      float *scratch);
    void (*attention_backward)(const ck_attention *attention, const ck_attention_buffers *buffers, long begin,
                               long end, float *scratch);

    void (*adam)(const ck_adam *step, long n, const float *gradient, float *weight, float *m, float *v);
} ck_kernels;

// The best table for this processor.
const ck_kernels *ck_best(void);
// The table of an instruction set ("baseline", "avx2", "avx512"), or null where this processor lacks it.
const ck_kernels *_Nullable ck_named(const char *name);

// Threads that run one function together: fork and join. One caller at a time.
typedef struct ck_team ck_team;
// Null where the system refuses a thread.
ck_team *_Nullable ck_team_create(int threads);
void ck_team_destroy(ck_team *team);
// Calls body(context, part) for each part in 0..<parts, on this thread and whichever others are free, and waits for
// all. Which thread takes which part is open; what a part computes must not depend on it.
void ck_team_run(ck_team *team, int parts, void (*body)(void *_Nullable context, int part), void *_Nullable context);

#pragma clang assume_nonnull end

#endif
