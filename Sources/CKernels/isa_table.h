// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Included by one file an instruction set, inside its target pragma, with NAME, TABLE and WIDTH (lanes of a vector).

#include "philox.h"

#include "functions.h"

#include "elementwise.h"

#include "normalization.h"

#include "sequences.h"

#include "products.h"

#include "attention.h"

const ck_kernels TABLE = {
    .name = NAME,
    .binary = binary,
    .unary = unary,
    .unary_backward = unary_backward,
    .axpby = axpby,
    .repeat_row = repeat_row,
    .sum = sum,
    .sum_of_squares = sum_of_squares,
    .loss = loss,
    .column_sums = column_sums,
    .dropout = dropout,
    .random_integers = random_integers,
    .random_uniform = random_uniform,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
    .log_softmax = log_softmax,
    .log_softmax_backward = log_softmax_backward,
    .layer_norm = layer_norm,
    .layer_norm_backward = layer_norm_backward,
    .column_moments = column_moments,
    .normalize_columns = normalize_columns,
    .batch_norm_sums = batch_norm_sums,
    .batch_norm_backward = batch_norm_backward,
    .max_pool = max_pool,
    .max_pool_backward = max_pool_backward,
    .recurrent_step = recurrent_step,
    .recurrent_step_backward = recurrent_step_backward,
    .small_gemm = small_gemm,
    .map_rows = map_rows,
    .attention_scratch = attention_scratch,
    .attention = attention,
    .attention_backward = attention_backward,
    .adam = adam,
    .descend = descend,
};
