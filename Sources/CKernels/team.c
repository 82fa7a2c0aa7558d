// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "CKernels.h"

// Spins of a waiting thread before it sleeps: some 50 microseconds, longer than the gaps within a training step.
enum { SPINS = 4000 };

struct ck_team {
    int threads;
    pthread_t *members;
    // The job's number in the upper half, its next part in the lower: a part is claimed by adding one, which fails
    // where another job came meanwhile.
    atomic_uint_least64_t claim;
    atomic_int parts;
    atomic_int finished;
    _Atomic(void (*)(void *context, int part)) body;
    _Atomic(void *) context;
    atomic_int sleepers;
    atomic_int stopping;
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

static int has_work(ck_team *team) {
    return (int)(uint32_t)atomic_load(&team->claim) < atomic_load(&team->parts) || atomic_load(&team->stopping);
}

// Runs parts until all are claimed.
static void work(ck_team *team) {
    for (;;) {
        uint64_t claim = atomic_load(&team->claim);
        void (*const body)(void *, int) = atomic_load(&team->body);
        void *const context = atomic_load(&team->context);
        const int part = (int)(uint32_t)claim;
        if (part >= atomic_load(&team->parts)) return;
        // The job cannot have changed in between when this succeeds: its number is part of the claim.
        if (!atomic_compare_exchange_strong(&team->claim, &claim, claim + 1)) continue;
        body(context, part);
        atomic_fetch_add(&team->finished, 1);
    }
}

static void *serve(void *argument) {
    ck_team *const team = argument;
    while (!atomic_load(&team->stopping)) {
        work(team);
        int spin = 0;
        while (!has_work(team) && spin < SPINS) pause_briefly(), spin++;
        if (spin < SPINS) continue;
        pthread_mutex_lock(&team->mutex);
        atomic_fetch_add(&team->sleepers, 1);
        while (!has_work(team)) pthread_cond_wait(&team->wake, &team->mutex);
        atomic_fetch_sub(&team->sleepers, 1);
        pthread_mutex_unlock(&team->mutex);
    }
    return NULL;
}

static void wake_sleepers(ck_team *team) {
    // A thread counts itself as a sleeper before it looks for work a last time, so none is missed.
    if (atomic_load(&team->sleepers) == 0) return;
    pthread_mutex_lock(&team->mutex);
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
}

ck_team *ck_team_create(int threads) {
    ck_team *const team = calloc(1, sizeof *team);
    if (!team) return NULL;
    team->members = calloc((size_t)threads, sizeof *team->members);
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    team->threads = 1;
    while (team->members && team->threads < threads) {
        if (pthread_create(&team->members[team->threads], NULL, serve, team) != 0) break;
        team->threads++;
    }
    if (team->members && team->threads == threads) return team;
    ck_team_destroy(team);
    return NULL;
}

void ck_team_destroy(ck_team *team) {
    atomic_store(&team->stopping, 1);
    wake_sleepers(team);
    for (int member = 1; member < team->threads; member++) pthread_join(team->members[member], NULL);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->members);
    free(team);
}

void ck_team_run(ck_team *team, int parts, void (*body)(void *context, int part), void *context) {
    const uint64_t job = (atomic_load(&team->claim) >> 32) + 1;
    // No part can be claimed while these change: those of the job before are all claimed and finished.
    atomic_store(&team->parts, 0);
    atomic_store(&team->finished, 0);
    atomic_store(&team->body, body);
    atomic_store(&team->context, context);
    atomic_store(&team->claim, job << 32);
    atomic_store(&team->parts, parts);
    wake_sleepers(team);
    work(team);
    // Threads that never came were not needed; only parts that others hold are waited for.
    for (int spin = 0; atomic_load(&team->finished) < parts; spin++) {
        if (spin < SPINS) pause_briefly();
        else sched_yield();
    }
}

struct ck_barrier {
    int threads;
    atomic_int arrived;
    atomic_int round;
};

ck_barrier *ck_barrier_create(int threads) {
    ck_barrier *const barrier = calloc(1, sizeof *barrier);
    if (barrier) barrier->threads = threads;
    return barrier;
}

void ck_barrier_destroy(ck_barrier *barrier) { free(barrier); }

void ck_barrier_wait(ck_barrier *barrier) {
    const int round = atomic_load(&barrier->round);
    if (atomic_fetch_add(&barrier->arrived, 1) + 1 == barrier->threads) {
        // Nobody can arrive for the next round before this one is over.
        atomic_store(&barrier->arrived, 0);
        atomic_fetch_add(&barrier->round, 1);
        return;
    }
    for (int spin = 0; atomic_load(&barrier->round) == round; spin++) {
        if (spin < SPINS) pause_briefly();
        else sched_yield();
    }
}
