// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// The process that keeps a pod's namespaces open while its containers come and go.

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void stop(int signal_number) {
    (void)signal_number;
    _exit(0);
}

int main(void) {
    struct sigaction end = {.sa_handler = stop};
    struct sigaction reap = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    if (sigaction(SIGINT, &end, NULL) != 0 || sigaction(SIGTERM, &end, NULL) != 0) return 1;
    if (sigaction(SIGCHLD, &reap, NULL) != 0) return 1;
    for (;;) pause();
}
