// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

// Spins of a waiting thread before it sleeps: some 50 microseconds, longer than the gaps within a training step.
enum { SPINS = 4000 };
// Spins before the caller takes what is left of the parts that another thread has begun with: some two microseconds,
// longer than a thread needs that was not held up.
enum { PATIENCE = 150 };

// The parts of a job that one thread is to take, unless it is held up and others take them. The same thread takes the
// same parts of each job, so that it finds in its caches what it left there; what threads tell each other travels in as
// few cache lines as there can be.
typedef struct {
    // The job's number in the upper half, its next part in the lower: a part is claimed by adding one, which fails where
    // another job came meanwhile.
    _Alignas(128) atomic_uint_least64_t claim;
    atomic_int end;
    _Atomic(void (*)(void *context, int part)) body;
    _Atomic(void *) context;
    _Alignas(128) atomic_int finished;
} lane;

struct ck_team {
    int threads;
    pthread_t *members;
    lane *lanes;  // one a thread, that of the caller first
    atomic_int started;  // threads that know their lane
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

static int has_parts(lane *own) { return (int)(uint32_t)atomic_load(&own->claim) < atomic_load(&own->end); }

// Runs parts of a lane until all are claimed.
static void work(lane *own) {
    for (;;) {
        uint64_t claim = atomic_load(&own->claim);
        void (*const body)(void *, int) = atomic_load(&own->body);
        void *const context = atomic_load(&own->context);
        const int part = (int)(uint32_t)claim;
        if (part >= atomic_load(&own->end)) return;
        // The job cannot have changed in between when this succeeds: its number is part of the claim.
        if (!atomic_compare_exchange_strong(&own->claim, &claim, claim + 1)) continue;
        body(context, part);
        atomic_fetch_add(&own->finished, 1);
    }
}

static void *serve(void *argument) {
    ck_team *const team = argument;
    const int rank = atomic_fetch_add(&team->started, 1);
    lane *const own = &team->lanes[rank];
    while (!atomic_load(&team->stopping)) {
        for (int next = 0; next < team->threads; next++) work(&team->lanes[(rank + next) % team->threads]);
        int spin = 0;
        while (!has_parts(own) && !atomic_load(&team->stopping) && spin < SPINS) pause_briefly(), spin++;
        if (spin < SPINS) continue;
        pthread_mutex_lock(&team->mutex);
        atomic_fetch_add(&team->sleepers, 1);
        while (!has_parts(own) && !atomic_load(&team->stopping)) pthread_cond_wait(&team->wake, &team->mutex);
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

// Ends the first `made` threads, the caller among them, and frees everything.
static void stop(ck_team *team, int made) {
    atomic_store(&team->stopping, 1);
    wake_sleepers(team);
    for (int member = 1; member < made; member++) pthread_join(team->members[member], NULL);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->members);
    free(team->lanes);
    free(team);
}

ck_team *ck_team_create(int threads) {
    ck_team *const team = calloc(1, sizeof *team);
    if (!team) return NULL;
    const size_t bytes = (size_t)threads * sizeof(lane);
    team->members = calloc((size_t)threads, sizeof *team->members);
    team->lanes = aligned_alloc(_Alignof(lane), bytes);
    if (team->lanes) memset(team->lanes, 0, bytes);
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    atomic_store(&team->started, 1);
    // Threads look at all lanes from their start on, so the number does not change after.
    team->threads = threads;
    int made = 1;
    while (team->members && team->lanes && made < threads) {
        if (pthread_create(&team->members[made], NULL, serve, team) != 0) break;
        made++;
    }
    if (team->members && team->lanes && made == threads) return team;
    stop(team, made);
    return NULL;
}

void ck_team_destroy(ck_team *team) { stop(team, team->threads); }

// The first part of a lane; its parts end where those of the next one begin.
static int first_part(const ck_team *team, int parts, int index) {
    return (int)((long)parts * index / team->threads);
}

void ck_team_run(ck_team *team, int parts, void (*body)(void *context, int part), void *context) {
    const uint64_t job = (atomic_load(&team->lanes[0].claim) >> 32) + 1;
    for (int index = team->threads - 1; index >= 0; index--) {
        lane *const each = &team->lanes[index];
        // No part can be claimed while these change: those of the job before are all claimed and finished.
        atomic_store(&each->end, 0);
        atomic_store(&each->finished, 0);
        atomic_store(&each->body, body);
        atomic_store(&each->context, context);
        atomic_store(&each->claim, job << 32 | (uint64_t)first_part(team, parts, index));
        atomic_store(&each->end, first_part(team, parts, index + 1));
    }
    wake_sleepers(team);
    work(&team->lanes[0]);
    for (int index = 0; index < team->threads; index++) {
        lane *const each = &team->lanes[index];
        const int first = first_part(team, parts, index), count = first_part(team, parts, index + 1) - first;
        // A thread that has not begun by now sleeps, and may take longer to wake up than the work takes.
        if ((int)(uint32_t)atomic_load(&each->claim) == first) work(each);
        for (int spin = 0; atomic_load(&each->finished) < count; spin++) {
            // Threads that never came were not needed; only parts that others hold are waited for.
            if (spin == PATIENCE) work(each);
            if (spin < SPINS) pause_briefly();
            else sched_yield();
        }
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
