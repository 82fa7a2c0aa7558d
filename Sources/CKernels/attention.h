// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Attention of short sequences head by head, which a general GEMM is too heavy for.

// Four rows of four at a time stay in registers.
static void transpose(long rows, long columns, const float *x, long ldx, float *y) {
    long r = 0;
    for (; r + 4 <= rows; r += 4) {
        const float *from = x + r * ldx;
        long c = 0;
        for (; c + 4 <= columns; c += 4) {
            lanes4 row[4];
            for (int i = 0; i < 4; i++) memcpy(&row[i], from + i * ldx + c, sizeof row[i]);
            const lanes4 low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
            const lanes4 high01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
            const lanes4 low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
            const lanes4 high23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
            const lanes4 column[4] = {__builtin_shufflevector(low01, low23, 0, 1, 4, 5),
                                      __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
                                      __builtin_shufflevector(high01, high23, 0, 1, 4, 5),
                                      __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
            for (int i = 0; i < 4; i++) memcpy(y + (c + i) * rows + r, &column[i], sizeof column[i]);
        }
        for (; c < columns; c++) {
            for (long i = 0; i < 4; i++) y[c * rows + r + i] = from[i * ldx + c];
        }
    }
    for (; r < rows; r++) {
        for (long c = 0; c < columns; c++) y[c * rows + r] = x[r * ldx + c];
    }
}

// A row of some tens of numbers, for which a call of memcpy would cost more than the copying.
static inline void copy_row(long n, const float *x, float *y) {
#pragma clang loop vectorize_width(8) interleave_count(1)
    for (long i = 0; i < n; i++) y[i] = x[i];
}

// Whether all scores are computed for the choice, rather than the sampled ones alone: a product costs much less an
// element than single dot products, and its rows serve the chosen queries later.
static inline int scores_all(const ck_attention *at) {
    return at->selected < at->queries && at->keys <= 8 * at->sampled;
}

// Where the table of all scores holds those of the samples, turned so that queries lie side by side: [sampled, queries].
static void place_samples(const ck_attention *at, const int32_t *samples, int32_t *places) {
    for (long i = 0; i < at->queries; i++) {
        for (long j = 0; j < at->sampled; j++) {
            places[j * at->queries + i] = (int32_t)(i * at->keys) + samples[i * at->sampled + j];
        }
    }
}

// How much each query's scores of its sampled keys stand out: max - sum / L_K. Neighbouring queries are measured
// together, since gathering their scores is vector code and a maximum across a vector is slow.
static void measure_table(const ck_attention *at, const int32_t *places, const float *table, float *measure) {
    const float share = 1.0f / (float)at->keys;
    for (long first = 0; first < at->queries; first += WIDTH) {
        // The last vector overlaps the one before it.
        const long i = first + WIDTH <= at->queries || at->queries < WIDTH ? first : at->queries - WIDTH;
        const long count = at->queries - i < WIDTH ? at->queries - i : WIDTH;
        lanes_wide most = (lanes_wide){} - __builtin_inff(), total = (lanes_wide){} + 0.0f;
        for (long j = 0; j < at->sampled; j++) {
            const int32_t *place = places + j * at->queries + i;
            float taken[WIDTH] = {0};
            if (count == WIDTH) {
                for (long lane = 0; lane < WIDTH; lane++) taken[lane] = table[place[lane]];
            } else {
                for (long lane = 0; lane < count; lane++) taken[lane] = table[place[lane]];
            }
            lanes_wide scores;
            memcpy(&scores, taken, sizeof scores);
            most = wider_max(scores, most);
            total += scores;
        }
        for (long lane = 0; lane < count; lane++) {
            const float value = most[lane] - total[lane] * share;
            measure[i + lane] = value == value ? value : -__builtin_inff();
        }
    }
}

// The same from the queries and keys themselves, where all scores would be too many.
static void measure_sampled(const ck_attention *at, const float *q, const float *k, const int32_t *samples,
                            float *measure) {
    const float share = 1.0f / (float)at->keys, least = -__builtin_inff();
    for (long i = 0; i < at->queries; i++) {
        float most = least, total = 0;
        for (long j = 0; j < at->sampled; j++) {
            const int32_t key = samples[i * at->sampled + j];
            const float score = row_dot(at->size, q + i * at->query_row, k + key * at->key_row);
            most = score > most ? score : most;
            total += score;
        }
        const float value = most - total * share;
        measure[i] = value == value ? value : least;
    }
}

// The indices of the `count` largest of n values (none NaN), ascending; of equal values the first counts as larger. `keys`
// is room for n integers.
static void select_largest(long n, long count, const float *x, uint32_t *keys, int32_t *indices) {
    for (long i = 0; i < n; i++) {
        // As integers that are ordered like the numbers; the sum makes -0 the same as 0.
        const float value = x[i] + 0.0f;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        keys[i] = bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
    }
    // The largest bound that `count` keys reach, bit by bit: n comparisons a bit, without branches.
    uint32_t bound = 0;
    for (uint32_t bit = 0x80000000u; bit; bit >>= 1) {
        const uint32_t higher = bound | bit;
        int32_t reached = 0;
        for (long i = 0; i < n; i++) reached += keys[i] >= higher;
        bound = reached >= count ? higher : bound;
    }
    long above = 0, filled = 0;
    for (long i = 0; i < n; i++) above += keys[i] > bound;
    for (long i = 0, equals = count - above; i < n; i++) {
        const int equal = keys[i] == bound, taken = keys[i] > bound || (equal && equals > 0);
        equals -= equal;
        if (taken) indices[filled++] = (int32_t)i;
    }
}

// Queries that were not chosen take the mean of the values, or the sum of those up to them.
static void fill_context(const ck_attention *at, const float *v, float *out) {
    if (at->selected == at->queries) return;
    long e = 0;
    for (; e + WIDTH <= at->size; e += WIDTH) {
        lanes_wide sum = (lanes_wide){} + 0.0f, value;
        for (long j = 0; j < at->keys; j++) {
            memcpy(&value, v + j * at->key_row + e, sizeof value);
            sum += value;
            if (at->causal) memcpy(out + j * at->output_row + e, &sum, sizeof sum);
        }
        if (at->causal) continue;
        sum *= 1.0f / (float)at->keys;
        for (long i = 0; i < at->queries; i++) memcpy(out + i * at->output_row + e, &sum, sizeof sum);
    }
    for (; e < at->size; e++) {
        float sum = 0;
        for (long j = 0; j < at->keys; j++) {
            sum += v[j * at->key_row + e];
            if (at->causal) out[j * at->output_row + e] = sum;
        }
        if (at->causal) continue;
        sum *= 1.0f / (float)at->keys;
        for (long i = 0; i < at->queries; i++) out[i * at->output_row + e] = sum;
    }
}

static inline void gather_rows(long count, long size, const int32_t *indices, const float *x, long row, float *y) {
    for (long s = 0; s < count; s++) copy_row(size, x + indices[s] * row, y + s * size);
}

static inline long allowed_keys(const ck_attention *at, int32_t query) {
    return at->causal && query + 1 < at->keys ? query + 1 : at->keys;
}

static long attention_scratch(const ck_attention *at) {
    // Transposed keys or values; chosen queries or gradients twice; two matrices of scores; the measure and its order;
    // all scores and where the samples are among them.
    return at->keys * at->size + 2 * at->selected * at->size + 2 * at->selected * at->keys + 2 * at->queries +
           (scores_all(at) ? at->queries * (at->keys + at->sampled) : 0);
}

// Where one head's part begins in each buffer.
typedef struct {
    const float *q, *k, *v;
    float *output, *probabilities;
    int32_t *indices;
    long query_offset, key_offset, probability_offset;
} attention_head;

static attention_head head_at(const ck_attention *at, const ck_attention_buffers *x, long index) {
    const long entry = index / at->heads, head = index % at->heads;
    const long query_offset = entry * at->queries * at->query_row + head * at->size;
    const long key_offset = entry * at->keys * at->key_row + head * at->size;
    const long probability_offset = index * at->selected * at->keys;
    return (attention_head){
        .q = x->q + query_offset, .k = x->k + key_offset, .v = x->v + key_offset,
        .output = x->output + entry * at->output_batch + head * at->output_head,
        .probabilities = x->probabilities + probability_offset, .indices = x->indices + index * at->selected,
        .query_offset = query_offset, .key_offset = key_offset, .probability_offset = probability_offset,
    };
}

// Chooses the queries of a head, and computes their scores; `turned` holds the transposed keys. `places` are those of
// the samples where all scores are computed.
static void score_head(const ck_attention *at, const attention_head *h, const int32_t *samples, const int32_t *places,
                       const float *turned, float *rows, float *rest) {
    const long size = at->size, keys = at->keys;
    float *const measure = rest, *const table = scores_all(at) ? rest + 2 * at->queries : NULL;
    if (at->selected == at->queries) {
        for (long i = 0; i < at->queries; i++) h->indices[i] = (int32_t)i;
        small_gemm(at->queries, keys, size, 1, h->q, at->query_row, 1, turned, keys, 0, h->probabilities, keys);
        return;
    }
    if (table) {
        small_gemm(at->queries, keys, size, 1, h->q, at->query_row, 1, turned, keys, 0, table, keys);
        measure_table(at, places, table, measure);
    } else {
        measure_sampled(at, h->q, h->k, samples, measure);
    }
    select_largest(at->queries, at->selected, measure, (uint32_t *)(measure + at->queries), h->indices);
    if (table) {
        gather_rows(at->selected, keys, h->indices, table, keys, h->probabilities);
    } else {
        gather_rows(at->selected, size, h->indices, h->q, at->query_row, rows);
        small_gemm(at->selected, keys, size, 1, rows, size, 1, turned, keys, 0, h->probabilities, keys);
    }
}

static void attention(const ck_attention *at, const ck_attention_buffers *x, long begin, long end, float *scratch) {
    const long size = at->size, keys = at->keys, selected = at->selected;
    float *turned = scratch, *rows = turned + keys * size, *result = rows + selected * size;
    float *scores = result + selected * size, *rest = scores + 2 * selected * keys;
    int32_t *const places = scores_all(at) ? (int32_t *)(rest + at->queries * (2 + keys)) : NULL;
    if (places) place_samples(at, x->samples, places);
    for (long index = begin; index < end; index++) {
        const attention_head h = head_at(at, x, index);
        transpose(keys, size, h.k, at->key_row, turned);
        score_head(at, &h, x->samples, places, turned, rows, rest);
        fill_context(at, h.v, h.output);
        for (long s = 0; s < selected; s++) {
            const long allowed = allowed_keys(at, h.indices[s]);
            float *row = h.probabilities + s * keys;
            softmax_row(allowed, at->scale, row, row);
            for (long j = allowed; j < keys; j++) row[j] = 0;
        }
        const float *weights = h.probabilities;
        if (at->dropout > 0) {
            dropout(at->random, h.probability_offset, selected * keys, at->dropout, weights, scores, 0);
            weights = scores;
        }
        small_gemm(selected, size, keys, 1, weights, keys, 1, h.v, at->key_row, 0, result, size);
        for (long s = 0; s < selected; s++) {
            copy_row(size, result + s * size, h.output + h.indices[s] * at->output_row);
        }
    }
}

// The gradient of what fill_context wrote: dv is written.
static void fill_context_backward(const ck_attention *at, const int32_t *indices, const float *dout, float *dv,
                                  float *total) {
    const long size = at->size;
    if (at->selected == at->queries) {
        for (long j = 0; j < at->keys; j++) memset(dv + j * at->key_row, 0, (size_t)size * sizeof(float));
        return;
    }
    for (long e = 0; e < size; e++) total[e] = 0;
    long next = at->selected - 1;
    for (long i = at->queries - 1; i >= 0; i--) {
        if (next >= 0 && indices[next] == i) {
            next--;
        } else {
            for (long e = 0; e < size; e++) total[e] += dout[i * at->output_row + e];
        }
        if (at->causal) copy_row(size, total, dv + i * at->key_row);
    }
    if (at->causal) return;
    for (long e = 0; e < size; e++) total[e] *= 1.0f / (float)at->keys;
    for (long j = 0; j < at->keys; j++) copy_row(size, total, dv + j * at->key_row);
}

static void attention_backward(const ck_attention *at, const ck_attention_buffers *x, long begin, long end,
                               float *scratch) {
    const long size = at->size, keys = at->keys, selected = at->selected;
    float *turned = scratch, *rows = turned + keys * size, *result = rows + selected * size;
    float *scores = result + selected * size, *dropped = scores + selected * keys;
    for (long index = begin; index < end; index++) {
        const attention_head h = head_at(at, x, index);
        float *dq = x->dq + h.query_offset, *dk = x->dk + h.key_offset, *dv = x->dv + h.key_offset;
        fill_context_backward(at, h.indices, h.output, dv, result);
        gather_rows(selected, size, h.indices, h.output, at->output_row, rows);
        // The probabilities' gradient, then the scores'.
        transpose(keys, size, h.v, at->key_row, turned);
        small_gemm(selected, keys, size, 1, rows, size, 1, turned, keys, 0, scores, keys);
        const float *weights = h.probabilities;
        if (at->dropout > 0) {
            dropout(at->random, h.probability_offset, selected * keys, at->dropout, scores, scores, 0);
            dropout(at->random, h.probability_offset, selected * keys, at->dropout, weights, dropped, 0);
            weights = dropped;
        }
        small_gemm(keys, size, selected, 1, weights, 1, keys, rows, size, 1, dv, at->key_row);
        for (long s = 0; s < selected; s++) {
            float *row = scores + s * keys;
            softmax_row_backward(keys, at->scale, h.probabilities + s * keys, row, row);
        }
        small_gemm(selected, size, keys, 1, scores, keys, 1, h.k, at->key_row, 0, result, size);
        for (long i = 0; i < at->queries; i++) memset(dq + i * at->query_row, 0, (size_t)size * sizeof(float));
        for (long s = 0; s < selected; s++) {
            copy_row(size, result + s * size, dq + h.indices[s] * at->query_row);
        }
        gather_rows(selected, size, h.indices, h.q, at->query_row, rows);
        small_gemm(keys, size, selected, 1, scores, 1, keys, rows, size, 0, dk, at->key_row);
    }
}
