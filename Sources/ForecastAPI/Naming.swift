// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// Every name, label and annotation that Almanac writes.
package enum Naming {
    /// The API group.
    package static let group = "almanac.dev"
    /// The API version.
    package static let version = "v1alpha1"
    /// The field manager of server-side apply.
    package static let fieldManager = "almanac-operator"
    /// Pipeline names leave room for the suffixes of children.
    package static let maximumPipelineName = 52

    /// Kubernetes' limit for the value of a label.
    package static let maximumLabelValue = 63

    /// The label that names the pipeline.
    package static let pipelineLabel = "almanac.dev/pipeline"
    /// The label that names the run.
    package static let runLabel = "almanac.dev/run"
    /// The label that names the step.
    package static let stepLabel = "almanac.dev/step"
    /// The label that counts the attempt of a step, from 1.
    package static let attemptLabel = "almanac.dev/attempt"
    /// The label that names the service.
    package static let serviceLabel = "almanac.dev/service"
    /// The label that named the model's version on serving pods that held a single one; pods of that form are replaced.
    package static let modelVersionLabel = "almanac.dev/model-version"

    /// The label that names the service whose forecasts a Job compares. It is not that of serving pods, which a Service
    /// and a Deployment select.
    package static let monitorLabel = "almanac.dev/monitor"

    /// The annotation with the digest of what the operator last asked for.
    package static let desiredDigestAnnotation = "almanac.dev/desired-digest"

    /// The annotation of what a service serves with the revision: on the ConfigMap the one it holds, on a pod the one that
    /// the kubelet was last asked to bring, with the time.
    package static let servingRevisionAnnotation = "almanac.dev/serving-revision"
    /// The annotation of a service's Deployment with the digest of its pods and of the version that brought their image.
    package static let podTemplateAnnotation = "almanac.dev/pod-template"
    /// The annotation of a service's Deployment that says who sets the number of pods, where that is not the operator.
    package static let replicasAnnotation = "almanac.dev/replicas"

    /// The annotation of a step's pods that holds the request as JSON.
    package static let requestAnnotation = "almanac.dev/request"

    /// The annotation of a step's Job with the digest of what its result depends on.
    package static let cacheKeyAnnotation = "almanac.dev/cache-key"

    /// The annotation of a Job that compares forecasts with the versions and times that it was asked about.
    package static let monitorAnnotation = "almanac.dev/monitor-request"

    /// Where a version's artifact lies, relative to the store.
    package static func artifact(namespace: String, pipeline: String, version: String) -> String {
        "models/\(namespace)/\(pipeline)/\(version)"
    }

    /// Whether a text can name a version: letters, digits, '-', '_' and '.', beginning with a letter or digit.
    package static func isVersion(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isPlain && text.utf8.count <= 63 && !"-_.".contains(text.first ?? "-")
    }

    /// The name of the run that a generation of a pipeline starts. One generation starts at most one run.
    package static func run(pipeline: String, generation: Int64) -> String {
        child(of: pipeline, suffix: "g\(generation)")
    }

    /// The name of the run that an instant of the schedule starts. One instant starts at most one run.
    package static func run(pipeline: String, scheduledTime: Date) -> String {
        child(of: pipeline, suffix: String(Int64(scheduledTime.timeIntervalSince1970 / 60)))
    }

    /// The name of the run that what a service found of its forecasts at that time starts. One finding starts at most one.
    package static func run(pipeline: String, findingTime: Date) -> String {
        child(of: pipeline, suffix: "f\(Int64(findingTime.timeIntervalSince1970))")
    }

    /// The name of the Job that compares a service's forecasts as of an instant. One instant has at most one.
    package static func monitorJob(service: String, time: Date) -> String {
        child(of: service, suffix: "monitor-\(Int64(time.timeIntervalSince1970))")
    }

    /// Whether the pipeline itself may start a run of that name some day: a number, perhaps after a `g` or an `f`, follows
    /// its own.
    package static func isKept(_ name: String, forRunsOf pipeline: String) -> Bool {
        guard name.hasPrefix(pipeline + "-") else { return false }
        let rest = name.dropFirst(pipeline.count + 1)
        let digits = rest.hasPrefix("g") || rest.hasPrefix("f") ? rest.dropFirst() : rest
        return !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// The name of the Job of an attempt of a step; attempts count from 1.
    package static func job(run: String, step: String, attempt: Int) -> String {
        child(of: run, suffix: attempt == 1 ? step : "\(step)-\(attempt)")
    }

    /// The name of the claim that the operator makes for a pipeline without a store of its own.
    package static func storeClaim(pipeline: String) -> String { child(of: pipeline, suffix: "store") }

    /// The name of the ConfigMap that says what a service's pods answer with.
    package static func servingConfiguration(service: String) -> String { child(of: service, suffix: "serving") }

    /// The claim that a pipeline's models lie on; nil where they lie in a bucket.
    package static func storeClaim(pipeline: String, store: StoreSpec?) -> String? {
        store?.s3 == nil ? store?.persistentVolumeClaim?.claimName ?? storeClaim(pipeline: pipeline) : nil
    }

    /// The labels of everything that belongs to a pipeline.
    package static func labels(pipeline: String, component: String) -> [String: String] {
        [
            "app.kubernetes.io/name": "almanac",
            "app.kubernetes.io/managed-by": fieldManager,
            "app.kubernetes.io/component": component,
            pipelineLabel: pipeline,
        ]
    }

    /// Joins a name and a suffix within the 63 characters of a label value; what does not fit is replaced by its digest,
    /// so that different names stay different.
    package static func child(of name: String, suffix: String) -> String {
        let whole = "\(name)-\(suffix)"
        guard whole.utf8.count > maximumLabelValue else { return whole }
        let digest = StableDigest.hex(whole, digits: 8)
        let room = maximumLabelValue - suffix.utf8.count - digest.utf8.count - 2
        // A name must not have a '.' beside a '-', so the cut name ends before both.
        let kept = name.prefix(max(1, room)).reversed().drop { $0 == "." || $0 == "-" }.reversed()
        return "\(String(kept))-\(digest)-\(suffix)"
    }
}
