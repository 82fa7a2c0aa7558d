// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// Along time: max pooling, and the steps of recurrent cells.

static long pooled_length(const ck_pool *p) { return (p->length + 2 * p->padding - p->taps) / p->stride + 1; }

static void max_pool(const ck_pool *p, const float *x, float *y, uint8_t *choice) {
    const long channels = p->channels;
    for (long t = 0; t < pooled_length(p); t++) {
        float *out = y + t * channels;
        uint8_t *chosen = choice + t * channels;
        const long first = t * p->stride - p->padding, start = first < 0 ? -first : 0;
        memcpy(out, x + (first + start) * channels, (size_t)channels * sizeof(float));
        memset(chosen, (int)start, (size_t)channels);
        for (long tap = start + 1; tap < p->taps && first + tap < p->length; tap++) {
            const float *row = x + (first + tap) * channels;
            for (long c = 0; c < channels; c++) {
                const int better = row[c] > out[c];
                out[c] = better ? row[c] : out[c], chosen[c] = better ? (uint8_t)tap : chosen[c];
            }
        }
    }
}

static void max_pool_backward(const ck_pool *p, const float *dy, const uint8_t *choice, float *dx) {
    const long channels = p->channels;
    memset(dx, 0, (size_t)(p->length * channels) * sizeof(float));
    for (long t = 0; t < pooled_length(p); t++) {
        const float *d = dy + t * channels;
        const uint8_t *chosen = choice + t * channels;
        for (long tap = 0; tap < p->taps; tap++) {
            const long row = t * p->stride - p->padding + tap;
            if (row < 0 || row >= p->length) continue;
            float *out = dx + row * channels;
            for (long c = 0; c < channels; c++) out[c] += chosen[c] == tap ? d[c] : 0;
        }
    }
}

// The rows of one sequence in a step.
#define ROWS_OF_STEP(ROW)                                                                                      \
    const long n = s->size;                                                                                    \
    float *restrict recurrent = s->recurrent + (ROW) * s->gate_row;                                            \
    float *restrict gates = s->gates + (ROW) * s->gate_row;                                                    \
    float *restrict output = s->output + (ROW) * s->output_row;

static void lstm_row(const ck_recurrent_step *s, long row) {
    ROWS_OF_STEP(row)
    const float *restrict projected = s->projected + row * s->gate_row;
    const float *restrict cell = s->cell + row * s->cell_row;
    for (long i = 0; i < n; i++) {
        const float in = sigmoid_of(projected[i] + recurrent[i]);
        const float forget = sigmoid_of(projected[n + i] + recurrent[n + i]);
        const float fresh = tanh_of(projected[2 * n + i] + recurrent[2 * n + i]);
        const float out = sigmoid_of(projected[3 * n + i] + recurrent[3 * n + i]);
        const float now = forget * cell[i] + in * fresh;
        gates[i] = in, gates[n + i] = forget, gates[2 * n + i] = fresh, gates[3 * n + i] = out;
        output[i] = out * tanh_of(now), output[n + i] = now;
    }
}

static void lstm_row_backward(const ck_recurrent_step *s, long row) {
    ROWS_OF_STEP(row)
    const float *restrict slope = s->slope + row * s->output_row, *restrict cell = s->cell + row * s->cell_row;
    float *restrict dh = s->hidden_slope + row * n, *restrict dc = s->cell_slope + row * n;
    for (long i = 0; i < n; i++) {
        const float in = gates[i], forget = gates[n + i], fresh = gates[2 * n + i], out = gates[3 * n + i];
        const float bent = tanh_of(output[n + i]), hidden = dh[i] + slope[i];
        const float now = dc[i] + slope[n + i] + hidden * out * (1 - bent * bent);
        gates[i] = recurrent[i] = now * fresh * in * (1 - in);
        gates[n + i] = recurrent[n + i] = now * cell[i] * forget * (1 - forget);
        gates[2 * n + i] = recurrent[2 * n + i] = now * in * (1 - fresh * fresh);
        gates[3 * n + i] = recurrent[3 * n + i] = hidden * bent * out * (1 - out);
        dh[i] = 0, dc[i] = now * forget;
    }
}

static void gru_row(const ck_recurrent_step *s, long row) {
    ROWS_OF_STEP(row)
    const float *restrict projected = s->projected + row * s->gate_row;
    const float *restrict hidden = s->hidden + row * s->hidden_row;
    for (long i = 0; i < n; i++) {
        const float reset = sigmoid_of(projected[i] + recurrent[i]);
        const float update = sigmoid_of(projected[n + i] + recurrent[n + i]);
        const float fresh = tanh_of(projected[2 * n + i] + reset * recurrent[2 * n + i]);
        gates[i] = reset, gates[n + i] = update, gates[2 * n + i] = fresh;
        output[i] = fresh + update * (hidden[i] - fresh);
    }
}

static void gru_row_backward(const ck_recurrent_step *s, long row) {
    ROWS_OF_STEP(row)
    const float *restrict slope = s->slope + row * s->output_row;
    const float *restrict before = s->hidden + row * s->hidden_row;
    float *restrict dh = s->hidden_slope + row * n;
    (void)output;
    for (long i = 0; i < n; i++) {
        const float reset = gates[i], update = gates[n + i], fresh = gates[2 * n + i], now = dh[i] + slope[i];
        const float inner = now * (1 - update) * (1 - fresh * fresh);
        gates[i] = recurrent[i] = inner * recurrent[2 * n + i] * reset * (1 - reset);
        gates[n + i] = recurrent[n + i] = now * (before[i] - fresh) * update * (1 - update);
        gates[2 * n + i] = inner;
        recurrent[2 * n + i] = inner * reset;
        dh[i] = now * update;
    }
}

static void recurrent_step(int cell, const ck_recurrent_step *s) {
    for (long row = 0; row < s->rows; row++) {
        if (cell == CK_LSTM) {
            lstm_row(s, row);
        } else {
            gru_row(s, row);
        }
        if (!s->next) continue;
        memcpy(s->next + row * s->hidden_row, s->output + row * s->output_row, (size_t)s->size * sizeof(float));
    }
}

static void recurrent_step_backward(int cell, const ck_recurrent_step *s) {
    for (long row = 0; row < s->rows; row++) {
        if (cell == CK_LSTM) {
            lstm_row_backward(s, row);
        } else {
            gru_row_backward(s, row);
        }
    }
}
