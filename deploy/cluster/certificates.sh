# Copyright 2026 The Almanac authors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by `up`: the cluster's certificate authority, one certificate a component, and the kubeconfig files.

make_certificates() (
    cd "$DATA/certificates" || exit
    umask 077
    new_key ca
    openssl req -x509 -new -key ca.key -subj "/CN=almanac-cluster" -days 3650 -out ca.crt 2>/dev/null
    new_key service-accounts
    openssl pkey -in service-accounts.key -pubout -out service-accounts.pub

    local names="DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
    names+=",DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:$NODE_ADDRESS,IP:$SERVICE_ADDRESS"
    new_certificate api-server "/CN=kube-apiserver" "$names"
    new_certificate kubelet-server "/CN=$NODE_NAME" "DNS:$NODE_NAME,IP:$NODE_ADDRESS,IP:127.0.0.1"
    new_certificate api-server-to-kubelet "/O=system:masters/CN=kube-apiserver-kubelet-client"
    new_certificate admin "/O=system:masters/CN=admin"
    new_certificate kubelet "/O=system:nodes/CN=system:node:$NODE_NAME"
    new_certificate controller-manager "/CN=system:kube-controller-manager"
    new_certificate scheduler "/CN=system:kube-scheduler"
    new_certificate proxy "/CN=system:kube-proxy"

    local component
    for component in kubelet controller-manager scheduler proxy; do
        new_kubeconfig "$component" >"$component.kubeconfig"
    done
    new_kubeconfig admin >"$KUBECONFIG_FILE"
)

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }

# new_certificate FILE SUBJECT [ALTERNATIVE NAMES]
new_certificate() {
    local extensions="basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth"
    [[ -z ${3:-} ]] || extensions+=$'\n'"subjectAltName=$3"
    new_key "$1"
    openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 \
        -extfile <(printf '%s\n' "$extensions") -out "$1.crt" 2>/dev/null
    rm "$1.csr"
}

new_kubeconfig() {
    cat <<YAML
apiVersion: v1
kind: Config
current-context: almanac
clusters:
  - name: almanac
    cluster:
      server: https://$NODE_ADDRESS:6443
      certificate-authority-data: $(base64 -w 0 ca.crt)
contexts:
  - name: almanac
    context: {cluster: almanac, user: $1}
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w 0 "$1.crt")
      client-key-data: $(base64 -w 0 "$1.key")
YAML
}
