// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// The rules of Kubernetes' restricted Pod Security Standard (v1.35) for what a pod may ask for.
enum RestrictedPod {
    /// What the standard forbids of a pod's specification, as the API server would say it; empty where it is allowed.
    static func violations(_ pod: [String: Any]) -> [String] {
        var found: [String] = []
        for field in ["hostNetwork", "hostPID", "hostIPC"] where pod[field] as? Bool == true { found.append(field) }
        let allowed: Set = [
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
        ]
        for volume in pod["volumes"] as? [[String: Any]] ?? [] {
            found += Set(volume.keys).subtracting(["name"]).subtracting(allowed).map { "volume \($0)" }
        }
        let shared = pod["securityContext"] as? [String: Any] ?? [:]
        for kind in ["containers", "initContainers", "ephemeralContainers"] {
            for container in pod[kind] as? [[String: Any]] ?? [] {
                found += violations(container, shared)
            }
        }
        return found
    }

    private static func violations(_ container: [String: Any], _ shared: [String: Any]) -> [String] {
        let name = container["name"] as? String ?? ""
        let own = container["securityContext"] as? [String: Any] ?? [:]
        var found: [String] = []
        func require(_ holds: Bool, _ field: String) {
            if !holds { found.append("\(name): \(field)") }
        }
        require(own["privileged"] as? Bool != true, "privileged")
        require(own["allowPrivilegeEscalation"] as? Bool == false, "allowPrivilegeEscalation")
        require((own["runAsNonRoot"] ?? shared["runAsNonRoot"]) as? Bool == true, "runAsNonRoot")
        require((own["runAsUser"] ?? shared["runAsUser"]) as? Int != 0, "runAsUser")
        let profile = (own["seccompProfile"] ?? shared["seccompProfile"]) as? [String: Any]
        require(["RuntimeDefault", "Localhost"].contains(profile?["type"] as? String ?? ""), "seccompProfile")
        let capabilities = own["capabilities"] as? [String: Any] ?? [:]
        require((capabilities["drop"] as? [String] ?? []).contains("ALL"), "capabilities.drop")
        require(Set(capabilities["add"] as? [String] ?? []).isSubset(of: ["NET_BIND_SERVICE"]), "capabilities.add")
        let hostPorts = (container["ports"] as? [[String: Any]] ?? []).filter { $0["hostPort"] != nil }
        require(hostPorts.isEmpty, "hostPort")
        return found
    }
}
