// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "CKernels.h"

// Spins of a waiting thread before it sleeps: about 20 microseconds, longer than the gaps within a training step.
enum { SPINS = 4000 };

typedef struct {
    pthread_t thread;
    ck_team *team;
    int part;
} member;

struct ck_team {
    int threads;
    member *members;
    // The number of jobs begun, and of parts of the present one that still run.
    atomic_uint epoch;
    atomic_int running;
    atomic_int sleepers;
    int stopping;
    void (*body)(void *context, int part);
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wait_for_epoch(ck_team *team, unsigned seen) {
    for (int spin = 0; spin < SPINS; spin++) {
        if (atomic_load_explicit(&team->epoch, memory_order_acquire) != seen) return;
        pause_briefly();
    }
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add(&team->sleepers, 1);
    while (atomic_load(&team->epoch) == seen) pthread_cond_wait(&team->wake, &team->mutex);
    atomic_fetch_sub(&team->sleepers, 1);
    pthread_mutex_unlock(&team->mutex);
}

static void *serve(void *argument) {
    const member *self = argument;
    ck_team *team = self->team;
    for (unsigned seen = 0;; seen++) {
        wait_for_epoch(team, seen);
        if (team->stopping) return NULL;
        team->body(team->context, self->part);
        atomic_fetch_sub_explicit(&team->running, 1, memory_order_release);
    }
}

static void begin_epoch(ck_team *team) {
    atomic_fetch_add(&team->epoch, 1);
    // A thread counts itself as a sleeper before it looks at the epoch a last time, so none is missed.
    if (atomic_load(&team->sleepers) == 0) return;
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
}

ck_team *ck_team_create(int threads) {
    ck_team *team = calloc(1, sizeof *team);
    if (!team) return NULL;
    team->members = calloc((size_t)threads, sizeof *team->members);
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    team->threads = 1;
    for (int part = 1; team->members && part < threads; part++) {
        member *self = &team->members[part];
        self->team = team, self->part = part;
        if (pthread_create(&self->thread, NULL, serve, self) != 0) break;
        team->threads++;
    }
    if (team->members && team->threads == threads) return team;
    ck_team_destroy(team);
    return NULL;
}

void ck_team_destroy(ck_team *team) {
    team->stopping = 1;
    begin_epoch(team);
    for (int part = 1; part < team->threads; part++) pthread_join(team->members[part].thread, NULL);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->members);
    free(team);
}

void ck_team_run(ck_team *team, void (*body)(void *context, int part), void *context) {
    team->body = body, team->context = context;
    atomic_store_explicit(&team->running, team->threads - 1, memory_order_relaxed);
    begin_epoch(team);
    body(context, 0);
    // The parts are of equal size: the others end soon. On a busy machine they may not even have begun, so yield.
    for (int spin = 0; atomic_load_explicit(&team->running, memory_order_acquire) > 0; spin++) {
        if (spin < SPINS) pause_briefly(); else sched_yield();
    }
}
