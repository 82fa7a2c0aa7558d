// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

extension ForecastServiceSpec {
    /// Everything in the specification that contradicts itself, in the order of its fields.
    package func problems() -> [SpecProblem] {
        var check = SpecCheck()
        model.check(&check)
        check.range("spec.replicas", replicas, 0...100)
        checkAutoscaling(&check)
        canary?.check(&check)
        check.secret("spec.tls.secretRef.name", tls?.secretRef)
        auth?.check(&check)
        if auth?.kubernetes != nil, worker?.serviceAccountName == nil {
            check.add(
                "spec.worker.serviceAccountName",
                "must name a ServiceAccount where there is spec.auth.kubernetes: as it, pods ask whose a token is"
            )
        }
        limits?.check(&check)
        batching?.check(&check)
        monitoring?.check(&check)
        if canary?.analysis?.maxErrorIncreasePercent != nil, monitoring == nil {
            check.add(
                "spec.canary.analysis.maxErrorIncreasePercent",
                "needs spec.monitoring, which says how often forecasts are compared"
            )
        }
        worker?.check(&check, field: "spec.worker")
        return check.problems
    }

    private func checkAutoscaling(_ check: inout SpecCheck) {
        guard let autoscaling else { return }
        let field = "spec.autoscaling"
        check.range("\(field).minReplicas", autoscaling.minReplicas, 1...100)
        check.range("\(field).maxReplicas", autoscaling.maxReplicas, 1...100)
        check.range("\(field).targetCPUUtilizationPercent", autoscaling.targetCPUUtilizationPercent, 1...1_000)
        if let requests = autoscaling.targetRequestsPerSecond, !(requests > 0 && requests <= 1_000_000) {
            check.add("\(field).targetRequestsPerSecond", "is \(requests); it must be above 0, at most 1000000")
        }
        let fewest = autoscaling.minReplicas ?? ServingAutoscalingSpec.defaultMinReplicas
        if autoscaling.maxReplicas < fewest {
            check.add(
                "\(field).maxReplicas",
                "is \(autoscaling.maxReplicas); it must be at least minReplicas, \(fewest)"
            )
        }
        let resources = worker?.resources
        if resources?.requests?["cpu"] == nil, resources?.limits?["cpu"] == nil {
            check.add(
                "spec.worker.resources.requests",
                "must name cpu where there is spec.autoscaling: its target is a share of that"
            )
        }
    }
}

extension ServedModelSpec {
    fileprivate func check(_ check: inout SpecCheck) {
        if pipelineRef.name.isEmpty { check.add("spec.model.pipelineRef.name", "must name a ForecastPipeline") }
        if let version, !Naming.isVersion(version) {
            check.add("spec.model.version", "must be Latest or a version such as 20261121-034500")
        }
        guard let otherVersions else { return }
        let field = "spec.model.otherVersions"
        for other in otherVersions where !Naming.isVersion(other) || other == Self.latest {
            check.add(field, "'\(other)' must be a version such as 20261121-034500")
        }
        if Set(otherVersions).count != otherVersions.count { check.add(field, "must name each version once") }
        if otherVersions.count > Self.maximumOtherVersions {
            check.add(field, "has \(otherVersions.count) versions; at most \(Self.maximumOtherVersions) are allowed")
        }
    }
}

extension CanarySpec {
    fileprivate func check(_ check: inout SpecCheck) {
        let field = "spec.canary"
        if steps.isEmpty { check.add("\(field).steps", "must hold at least one step") }
        if steps.count > Self.maximumSteps {
            check.add("\(field).steps", "has \(steps.count) steps; at most \(Self.maximumSteps) are allowed")
        }
        var before = 0.0
        for (index, step) in steps.enumerated() {
            let place = "\(field).steps[\(index)]"
            if !(step.trafficPercent > before && step.trafficPercent <= 100) {
                check.add("\(place).trafficPercent", "must be above \(before) and at most 100")
            }
            before = step.trafficPercent
            check.range("\(place).holdSeconds", step.holdSeconds, 1...Self.maximumHoldSeconds)
        }
        if let stickyHeader, !Self.isHeaderName(stickyHeader) {
            check.add("\(field).stickyHeader", "'\(stickyHeader)' must be the name of a header, for instance X-Client")
        }
        analysis?.check(&check)
        if let decision, !Naming.isVersion(decision.version) {
            check.add("\(field).decision.version", "must be a version such as 20261121-034500")
        }
    }

    /// Whether a text can be a header's name: the characters of a token of HTTP (RFC 9110, section 5.6.2).
    private static func isHeaderName(_ text: String) -> Bool {
        let isToken = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
        return isToken && (1...64).contains(text.utf8.count)
    }
}

extension CanarySpec.Analysis {
    fileprivate func check(_ check: inout SpecCheck) {
        let field = "spec.canary.analysis"
        if !judgesRequests, maxErrorIncreasePercent == nil {
            check.add(field, "must hold maxErrorPercent, maxP99Milliseconds or maxErrorIncreasePercent")
        }
        if let maxErrorIncreasePercent, !(maxErrorIncreasePercent >= 0 && maxErrorIncreasePercent <= 10_000) {
            check.add(
                "\(field).maxErrorIncreasePercent",
                "is \(maxErrorIncreasePercent); it must be from 0 to 10000"
            )
        }
        check.range("\(field).minValues", minValues, 1...1_000_000_000)
        if let maxErrorPercent, !(maxErrorPercent >= 0 && maxErrorPercent <= 100) {
            check.add("\(field).maxErrorPercent", "is \(maxErrorPercent); it must be from 0 to 100")
        }
        let longest = (ServingReport.Traffic.latencyBounds.last ?? 0) * 1_000
        if let maxP99Milliseconds, !(maxP99Milliseconds > 0 && maxP99Milliseconds <= longest) {
            check.add(
                "\(field).maxP99Milliseconds",
                "is \(maxP99Milliseconds); it must be above 0 and at most \(longest), the longest time that is told apart"
            )
        }
        check.range("\(field).minRequests", minRequests, 1...1_000_000)
    }
}

extension ServingAuthSpec {
    fileprivate func check(_ check: inout SpecCheck) {
        let field = "spec.auth"
        if apiKeys == nil, jwt == nil, kubernetes == nil { check.add(field, "must hold apiKeys, jwt or kubernetes") }
        check.secret("\(field).apiKeys.secretRef.name", apiKeys?.secretRef)
        jwt?.check(&check)
        if let audiences = kubernetes?.audiences {
            JWTAuthSpec.check(audiences, "\(field).kubernetes.audiences", &check)
        }
    }
}

extension JWTAuthSpec {
    fileprivate func check(_ check: inout SpecCheck) {
        let field = "spec.auth.jwt"
        if !Self.isName(issuer) { check.add("\(field).issuer", "must have from 1 to \(Self.longestName) bytes") }
        Self.check(audiences, "\(field).audiences", &check)
        if [jwks.secretRef?.name, jwks.configMapRef?.name, jwks.url].count(where: { $0 != nil }) != 1 {
            check.add("\(field).jwks", "must hold exactly one of secretRef, configMapRef and url")
        }
        check.secret("\(field).jwks.secretRef.name", jwks.secretRef)
        if let name = jwks.configMapRef?.name, !SpecCheck.isSubdomain(name) {
            check.add("\(field).jwks.configMapRef.name", "'\(name)' must be the name of a ConfigMap")
        }
        if let url = jwks.url, !Self.isAddress(url) {
            check.add("\(field).jwks.url", "must begin with https:// and have no login, query or white space")
        }
    }

    fileprivate static func check(_ audiences: [String], _ field: String, _ check: inout SpecCheck) {
        if audiences.isEmpty || audiences.count > maximumAudiences {
            check.add(field, "must hold from 1 to \(maximumAudiences) audiences")
        }
        if !audiences.allSatisfy(isName) { check.add(field, "must hold texts from 1 to \(longestName) bytes") }
    }

    private static func isName(_ text: String) -> Bool { (1...longestName).contains(text.utf8.count) }

    private static func isAddress(_ url: String) -> Bool {
        url.hasPrefix("https://") && url.utf8.count > 8 && isName(url)
            && !url.contains { $0.isWhitespace || "@?#".contains($0) }
    }
}

extension ServingLimitsSpec {
    fileprivate func check(_ check: inout SpecCheck) {
        let field = "spec.limits"
        check.range("\(field).maxConcurrentRequests", maxConcurrentRequests, 1...1_024)
        check.range("\(field).maxQueuedRequests", maxQueuedRequests, 0...100_000)
        if let requestsPerSecond, !(requestsPerSecond > 0 && requestsPerSecond <= 1_000_000) {
            check.add("\(field).requestsPerSecond", "is \(requestsPerSecond); it must be above 0 and at most 1000000")
        }
        check.range("\(field).maxRequestBytes", maxRequestBytes, 1_024...(256 << 20))
        if let timeoutSeconds, !(timeoutSeconds >= 0.01 && timeoutSeconds <= 3_600) {
            check.add("\(field).timeoutSeconds", "is \(timeoutSeconds); it must be from 0.01 to 3600")
        }
    }
}

extension ServingBatchingSpec {
    fileprivate func check(_ check: inout SpecCheck) {
        let field = "spec.batching"
        check.range("\(field).maxBatchSize", maxBatchSize, 1...1_024)
        if let maxLatencyMilliseconds, !(maxLatencyMilliseconds >= 0 && maxLatencyMilliseconds <= 1_000) {
            check.add("\(field).maxLatencyMilliseconds", "is \(maxLatencyMilliseconds); it must be from 0 to 1000")
        }
    }
}

extension MonitoringSpec {
    fileprivate func check(_ check: inout SpecCheck) {
        let field = "spec.monitoring"
        check.range("\(field).intervalSeconds", intervalSeconds, 10...604_800)
        check.range("\(field).windowSeconds", windowSeconds, 60...31_536_000)
        check.range("\(field).minValues", minValues, 1...1_000_000_000)
        check.range("\(field).deadlineSeconds", deadlineSeconds, 10...86_400)
        func limit(_ name: String, _ value: Double?, most: Double) {
            guard let value, !(value > 0 && value <= most) else { return }
            check.add("\(field).\(name)", "is \(value); it must be above 0 and at most \(most)")
        }
        limit("forecastsPerSecond", forecastsPerSecond, most: 1_000)
        limit("maxMASE", maxMASE, most: 1e6)
        limit("maxMAE", maxMAE, most: 1e300)
        limit("drift.maxPSI", drift?.maxPSI, most: 100)
        limit("drift.maxKS", drift?.maxKS, most: 1)
        if let drift, drift.maxPSI == nil, drift.maxKS == nil {
            check.add("\(field).drift", "must hold maxPSI, maxKS or both")
        }
    }
}
