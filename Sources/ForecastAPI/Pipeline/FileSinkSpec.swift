// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// A folder as the place where forecasts are written: a file for each run, which is there whole or not at all.
///
/// The file is `<namespace>/<pipeline>/<version>` below the folder, with `.csv` or `.parquet`, so that another attempt
/// of a run replaces its own file and nothing else.
package struct FileSinkSpec: Codable, Sendable, Equatable {
    /// A folder of a bucket, `s3://<bucket>/<folder>`; exactly one of `url` and `path`.
    package var url: String?
    /// A folder: in the claim; with `almanac run`, which has no claims, relative to the folder of the pipeline file.
    package var path: String?
    /// The claim that holds the folder; it goes with `path`, which needs it in a cluster.
    package var persistentVolumeClaim: ClaimReference?
    /// Where the bucket of `url` is.
    package var s3: S3ServerSpec?

    /// Columns that each file has beside the targets.
    package static let ownColumns = ["time", "issued", "step", "pipeline", "version"]

    /// Makes a sink.
    package init(
        url: String? = nil,
        path: String? = nil,
        persistentVolumeClaim: ClaimReference? = nil,
        s3: S3ServerSpec? = nil
    ) {
        self.url = url
        self.path = path
        self.persistentVolumeClaim = persistentVolumeClaim
        self.s3 = s3
    }

    func withDefaults() -> Self {
        var filled = self
        filled.s3 = s3?.withDefaults()
        return filled
    }

    /// What the fields contradict. `targets` are columns of the file too.
    func check(_ check: inout SpecCheck, field: String, targets: [String]) {
        switch (url, path) {
        case (nil, nil): check.add(field, "must hold exactly one of url and path; there is none")
        case (.some, .some): check.add(field, "must hold exactly one of url and path; there are both")
        case (.some(let url), nil):
            checkBucket(url, &check, field)
            if persistentVolumeClaim != nil {
                check.add("\(field).persistentVolumeClaim", "goes with path, not with url")
            }
        case (nil, .some(let path)):
            if path.split(separator: "/").contains("..") { check.add("\(field).path", "must not hold '..'") }
            if s3 != nil { check.add("\(field).s3", "goes with url, not with path") }
        }
        for target in targets where Self.ownColumns.contains(target) {
            check.add(
                field,
                "cannot hold the column '\(target)' of spec.series.targets: each file has one of that name; rename it"
            )
        }
    }

    private func checkBucket(_ url: String, _ check: inout SpecCheck, _ field: String) {
        let parts = url.dropFirst("s3://".count).split(separator: "/", omittingEmptySubsequences: false)
        if !url.hasPrefix("s3://") || parts.first?.isEmpty ?? true {
            check.add("\(field).url", "must be a folder of a bucket, s3://<bucket>/<folder>; use path for a claim")
        } else if url.contains("*") || parts.contains(where: { $0 == "." || $0 == ".." }) {
            check.add("\(field).url", "must not hold '*', '.' or '..' as the name of a folder")
        }
        s3?.check(&check, field: "\(field).s3")
    }
}

extension ForecastPipelineSpec {
    /// The claims that forecasts are written into, each once, in the order of the places.
    package var sinkClaims: [String] {
        var claims: [String] = []
        for sink in publish?.forecasts ?? [] {
            guard let name = sink.file?.spec.persistentVolumeClaim?.claimName, !claims.contains(name) else { continue }
            claims.append(name)
        }
        return claims
    }

    /// What a cluster cannot do, although `almanac run` can.
    package func clusterProblems() -> [SpecProblem] {
        (publish?.forecasts ?? []).enumerated().compactMap { index, sink in
            guard let (kind, spec) = sink.file, spec.path != nil, spec.persistentVolumeClaim == nil else { return nil }
            return SpecProblem(
                field: "spec.publish.forecasts[\(index)].\(kind).persistentVolumeClaim",
                message: "must name the claim that holds path; a pod has no other place that stays"
            )
        }
    }
}
