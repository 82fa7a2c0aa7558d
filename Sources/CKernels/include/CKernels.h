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
enum {
    CK_RELU,
    CK_GELU,
    CK_GELU_TANH,
    CK_ELU,
    CK_SIGMOID,
    CK_TANH,
    CK_SILU,
    CK_SOFTPLUS,
    CK_EXP,
    CK_LOG,
    CK_SQUARE,
    CK_ROOT,
    CK_ABSOLUTE
};
// Recurrent cells: S. Hochreiter and J. Schmidhuber's, and K. Cho's.
enum { CK_LSTM, CK_GRU };
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

// What any step of an optimiser needs: gradients are scaled, then cut at the bound.
typedef struct {
    float rate;
    float gradient_scale;
    float gradient_bound;
} ck_update;

// The settings of a step of Adam; the corrections are 1 - beta^t, `decay` is that of the weights (AdamW).
typedef struct {
    ck_update update;
    float beta1;
    float beta2;
    float epsilon;
    float decay;
    float correction1;
    float correction2;
} ck_adam;

// A linear map [inner, columns], packed by panels of columns: panel after panel, each [inner, CK_PANEL]; the last one may
// be narrower.
enum { CK_PANEL = 32 };
typedef struct {
    long inner;
    long columns;
    const float *panels;
    const float *bias;
} ck_map;

// Windows over the rows of [length, channels], with `padding` rows that never win on both sides.
typedef struct {
    long length;
    long channels;
    long taps;  // at most 255
    long stride;
    long padding;  // at most half of the taps
} ck_pool;

// One time step of a recurrent cell for `rows` sequences. Gates lie side by side: input, forget, cell, output of LSTM;
// reset, update, new of GRU. Each `_row` is the number of floats from a sequence to the next.
typedef struct {
    long rows;
    long size;  // of the hidden state
    long gate_row;
    const float *projected;  // what the input gives the gates
    float *recurrent;  // what the hidden state gives them; backward: its gradient
    float *gates;  // their activations, for the way back; backward: the gradient of `projected`
    const float *hidden;  // before the step
    long hidden_row;
    const float *_Nullable cell;  // before the step; LSTM only
    long cell_row;
    float *output;  // hidden state, then the cell's; backward: as the forward pass left it
    long output_row;
    float *_Nullable next;  // takes a copy of the hidden state, in rows as `hidden`
    const float *_Nullable slope;  // the gradient of `output`
    float *_Nullable hidden_slope;  // [rows, size], from the step after; backward: the part that passes by the gates
    float *_Nullable cell_slope;
} ck_recurrent_step;

typedef struct {
    const char *name;

    // out[i] = a[i * sa] op b[i * sb], strides 0 or 1.
    void (*binary)(int op, long n, const float *a, long sa, const float *b, long sb, float *out);
    void (*unary)(int op, long n, const float *x, float *y);
    // dx = dy * f'(x), or dx += it.
    void (*unary_backward)(int op, long n, const float *x, const float *dy, float *dx, int accumulate);
    // y = a * x + b * y; y is not read where b is 0.
    void (*axpby)(long n, float a, const float *x, float b, float *y);
    // Writes x to each row of y, `row` floats from one to the next.
    void (*repeat_row)(long rows, long columns, const float *x, float *y, long row);
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
    void (*log_softmax)(long rows, long columns, const float *x, float *y);
    void (*log_softmax_backward)(long rows, long columns, const float *y, const float *dy, float *dx);
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

    // The largest of each window; `choice` is the tap it came from, the first one of equals.
    void (*max_pool)(const ck_pool *pool, const float *x, float *y, uint8_t *choice);
    void (*max_pool_backward)(const ck_pool *pool, const float *dy, const uint8_t *choice, float *dx);

    void (*recurrent_step)(int cell, const ck_recurrent_step *step);
    void (*recurrent_step_backward)(int cell, const ck_recurrent_step *step);

    // c = alpha * a * b + beta * c, where a[i, p] is at a[i * a_row + p * a_column]; for sizes of some tens.
    void (*small_gemm)(long m, long n, long k, float alpha, const float *a, long a_row, long a_column, const float *b,
                       long ldb, float beta, float *c, long ldc);
    // y = bias + x * map for contiguous rows of x and y, in the columns of panels begin..<end.
    void (*map_rows)(const ck_map *map, long rows, const float *x, float *y, long begin, long end);
    // Floats of scratch that one call of the attention functions needs.
    long (*attention_scratch)(const ck_attention *attention);
    // Heads begin..<end of all batch entries' heads.
    void (*attention)(const ck_attention *attention, const ck_attention_buffers *buffers, long begin, long end,
                      float *scratch);
    void (*attention_backward)(const ck_attention *attention, const ck_attention_buffers *buffers, long begin,
                               long end, float *scratch);

    void (*adam)(const ck_adam *step, long n, const float *gradient, float *weight, float *m, float *v);
    // Gradient descent with a momentum.
    void (*descend)(const ck_update *step, float momentum, long n, const float *gradient, float *weight,
                    float *velocity);
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

// Where a given number of threads wait for each other, again and again.
typedef struct ck_barrier ck_barrier;
// Null where there is no memory.
ck_barrier *_Nullable ck_barrier_create(int threads);
void ck_barrier_destroy(ck_barrier *barrier);
// Returns once all threads have called it; what each wrote before, the others see then.
void ck_barrier_wait(ck_barrier *barrier);

#pragma clang assume_nonnull end

#endif
