# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034  # sourced: the scripts beside it use these names
#
# What `up`, `down`, `load-image` and `node` agree on. The node lives in namespaces of its own (processes, mounts,
# network), so that it needs no free port, touches no firewall rule of this machine, and dies as one with its first
# process. Only the data folder, one control group and one pair of network devices are seen from outside.

CLUSTER_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$CLUSTER_SOURCE/../../.ci/environment.sh"
DATA=${ALMANAC_CLUSTER_DIR:-/var/lib/almanac-cluster}
NODE_NAME=almanac-node
MARKER=$DATA/.almanac-cluster
KUBECONFIG_FILE=$DATA/kubeconfig
CONTAINERD_SOCKET=$DATA/containerd.sock
PAUSE_IMAGE=almanac.dev/pause:dev
VOLUMES=20
# A short name for devices (15 characters at most) and control groups, different for every data folder.
INSTANCE=alm$(printf '%s' "$DATA" | cksum | cut -d ' ' -f 1)

# The last two numbers of every address are fixed; the first two are chosen by `up` and recorded.
use_network() {
    HOST_ADDRESS=$1.0.1
    NODE_ADDRESS=$1.0.2
    SERVICE_RANGE=$1.16.0/20
    SERVICE_ADDRESS=$1.16.1
    POD_RANGE=$1.32.0/20
}
if [[ -f $DATA/network ]]; then use_network "$(<"$DATA/network")"; fi

require_root() {
    [[ $EUID -eq 0 ]] || fail "the cluster needs root for namespaces, mounts and network devices: run it with sudo"
    [[ $DATA == /*/* ]] || fail "ALMANAC_CLUSTER_DIR must be an absolute path below a top folder, not '$DATA'"
}

# The start time makes a recorded process number safe against reuse. Nothing for a process that has ended.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 !~ /[ZX]/ { print $20 }'; }

# True while the process that holds the node's namespaces lives.
node_is_running() {
    local pid started
    [[ -f $DATA/node.pid ]] || return 1
    read -r pid started <"$DATA/node.pid" || return 1
    [[ -n $started && $(start_time "$pid") == "$started" ]] && NODE_PID=$pid
}

kube() { kubectl --kubeconfig "$KUBECONFIG_FILE" "$@"; }
