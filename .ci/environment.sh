# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034  # sourced: the scripts beside it use these names
#
# Where things are. Works with no HOME, and under sudo finds what the calling user's `make setup` fetched.

REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ -z ${HOME:-} || -n ${SUDO_USER:-} ]]; then
    HOME=$(getent passwd "${SUDO_USER:-$(id -un)}" | cut -d : -f 6)
    export HOME
fi
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/almanac
KUBE_CACHE=$CACHE/kube
KUBE_PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)
PATH=$PATH:/usr/sbin:/sbin:$CACHE/venv/bin
export PATH

say() { printf '%s\n' "$@"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# has_programs FOLDER PROGRAM...
has_programs() {
    local folder=$1 program
    shift
    for program in "$@"; do [[ -x $folder/$program ]] || return 1; done
}

# For what makes no sense without a real API server: exports where it is, or ends.
require_api_server() {
    if ! KUBEBUILDER_ASSETS=$(find_kube kube-apiserver) || ! command -v etcd >/dev/null; then
        fail "no kube-apiserver or etcd: 'make setup' brings them"
    fi
    export KUBEBUILDER_ASSETS
}

# find_kube PROGRAM...: prints the folder that holds them all: KUBEBUILDER_ASSETS, or the newest in the cache.
find_kube() {
    local folder
    if [[ -n ${KUBEBUILDER_ASSETS:-} ]] && has_programs "$KUBEBUILDER_ASSETS" "$@"; then
        printf '%s\n' "$KUBEBUILDER_ASSETS"
        return
    fi
    [[ -d $KUBE_CACHE ]] || return 1
    while read -r folder; do
        has_programs "$folder" "$@" && printf '%s\n' "$folder" && return
    done < <(find "$KUBE_CACHE" -mindepth 1 -maxdepth 1 -name 'v*' | sort --version-sort --reverse)
    return 1
}
