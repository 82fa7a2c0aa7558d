# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by `up`: the configuration files of containerd, the pod network and kubelet, and the volumes' manifest.

write_configuration() {
    KUBE_MINOR=$("$KUBE_BIN/kubelet" --version | cut -d . -f 2)
    containerd_configuration >"$DATA/configuration/containerd.toml"
    mkdir -p "$DATA/configuration/cni"
    network_configuration >"$DATA/configuration/cni/10-almanac.conflist"
    kubelet_configuration >"$DATA/configuration/kubelet.yaml"
    # systemd-resolved's stub listens on this machine's loopback, where no pod can reach it.
    cat /run/systemd/resolve/resolv.conf >"$DATA/configuration/resolv.conf" 2>/dev/null ||
        cat /etc/resolv.conf >"$DATA/configuration/resolv.conf" 2>/dev/null || true
}

# restrict_oom_score_adj: containers start also where root lacks CAP_SYS_RESOURCE, as in many virtual machines.
containerd_configuration() {
    cat <<TOML
version = 2
root = "$DATA/containerd"
state = "/run/containerd"
[grpc]
  address = "$CONTAINERD_SOCKET"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$(snapshotter)"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$DATA/configuration/cni"
TOML
}

# overlayfs does not stack on every file system (for one, on a container's own): the plain copying one does.
snapshotter() {
    local trial=$DATA/overlay-trial
    mkdir -p "$trial"/{lower,upper,work,merged}
    if unshare --mount mount -t overlay overlay \
        -o "lowerdir=$trial/lower,upperdir=$trial/upper,workdir=$trial/work" "$trial/merged" 2>/dev/null; then
        printf overlayfs
    else
        printf native
    fi
    rm -rf "$trial"
}

network_configuration() {
    cat <<JSON
{
  "cniVersion": "0.4.0",
  "name": "almanac",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "pods",
      "isGateway": true,
      "ipMasq": true,
      "hairpinMode": true,
      "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "$POD_RANGE"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
JSON
}

# Images cannot be pulled again here, so nothing may collect them: no image collection, late eviction.
kubelet_configuration() {
    cat <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $DATA/certificates/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $DATA/certificates/kubelet-server.crt
tlsPrivateKeyFile: $DATA/certificates/kubelet-server.key
cgroupDriver: cgroupfs
cgroupRoot: /$INSTANCE
failSwapOn: false
nodeStatusUpdateFrequency: 2s
resolvConf: $DATA/configuration/resolv.conf
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
YAML
    if ((KUBE_MINOR >= 27)); then printf 'containerRuntimeEndpoint: unix://%s\n' "$CONTAINERD_SOCKET"; fi
    if ((KUBE_MINOR >= 31)); then printf 'failCgroupV1: false\n'; fi
}

# Volumes without a class: a claim without one binds to them. Open to every user, because pods run as non-root.
make_volumes() {
    local number folder
    for ((number = 1; number <= VOLUMES; number++)); do
        folder=$DATA/volumes/$(printf '%02d' "$number")
        mkdir -p "$folder"
        chmod 0777 "$folder"
        cat <<YAML
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: local-$(printf '%02d' "$number")}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce, ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  hostPath: {path: $folder, type: Directory}
YAML
    done
}
