// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KubeCore
import Scheduling
package import TimeZones

extension ForecastPipeline {
    /// Everything in the specification that contradicts itself.
    ///
    /// The CRD states the same rules, but servers before 1.25 drop its CEL rules, and `almanac run` has no server.
    ///
    /// - Parameter zones: where the time zones of schedule and data have to be.
    package func problems(zones: ZoneDatabase) -> [SpecProblem] {
        var problems: [SpecProblem] = []
        let name = metadata.name
        if name.utf8.count > Naming.maximumPipelineName {
            problems.append(
                SpecProblem(
                    field: "metadata.name",
                    message:
                        "'\(name)' has \(name.utf8.count) characters; at most \(Naming.maximumPipelineName) are allowed"
                )
            )
        }
        return problems + spec.problems() + spec.zoneProblems(zones: zones) + spec.scheduleProblems(zones: zones)
    }
}

extension ForecastPipelineSpec {
    /// Everything in what a run reads of the specification that contradicts itself, in the order of its fields.
    package func problems() -> [SpecProblem] {
        var check = SpecCheck()
        checkSource(&check)
        checkSeries(&check)
        dataChecks?.check(&check, columns: series.columns)
        preprocess?.check(&check, model: model, series: series)
        split?.check(&check)
        checkModel(&check)
        intervals?.check(&check, split: split, targets: series.targets)
        training?.check(&check)
        backtest?.check(&check)
        gate?.check(&check, intervals: intervals)
        publish?.check(&check, series: series, intervals: intervals)
        if let promote, !Naming.isVersion(promote) {
            check.add("spec.promote", "'\(promote)' must be a version such as 20261121-034500")
        }
        if let retrain {
            if retrain.onAccuracyLoss != true, retrain.onDrift != true {
                check.add("spec.retrain", "must set onAccuracyLoss or onDrift")
            }
            check.range("spec.retrain.cooldownSeconds", retrain.cooldownSeconds, 10...31_536_000)
        }
        checkSteps(&check)
        if let service {
            check.name("spec.service.name", service.name, startsWithLetter: true)
            check.range("spec.service.replicas", service.replicas, 1...100)
        }
        store?.check(&check)
        worker?.check(&check, field: "spec.worker")
        check.range("spec.history.successfulRuns", history?.successfulRuns, 0...100)
        check.range("spec.history.failedRuns", history?.failedRuns, 0...100)
        check.range("spec.history.keepVersions", history?.keepVersions, 0...100)
        return check.problems
    }

    /// Everything that is wrong with the schedule, which runs do not read.
    package func scheduleProblems(zones: ZoneDatabase) -> [SpecProblem] {
        guard let schedule else { return [] }
        let parts: [(field: String, read: () throws -> Void)] = [
            ("crons", { _ = try Schedule(crons: schedule.crons) }),
            ("timeZone", { _ = try schedule.zone(in: zones) }),
            ("startingDeadlineSeconds", { _ = try schedule.policy(suspend: false) }),
        ]
        return parts.compactMap { part in
            do {
                try part.read()
                return nil
            } catch {
                return SpecProblem(field: "spec.schedule.\(part.field)", message: "\(error)")
            }
        }
    }

    private func checkSource(_ check: inout SpecCheck) {
        let kinds = source.chosenKinds
        if kinds.count != 1 {
            let found = kinds.isEmpty ? "there is none" : "there are \(kinds.joined(separator: " and "))"
            check.add("spec.source", "must hold exactly one of csv, parquet, influxdb and prometheus; \(found)")
        }
        if let csv = source.csv { checkCSV(csv, &check) }
        if let parquet = source.parquet { check.file("spec.source.parquet", parquet) }
        source.influxdb?.check(&check, window: source.window)
        source.prometheus?.check(&check, series: series, window: source.window)
        source.window?.check(&check)
    }

    private func checkCSV(_ csv: CSVSourceSpec, _ check: inout SpecCheck) {
        check.file("spec.source.csv", csv)
        if let delimiter = csv.delimiter, !CSVSourceSpec.isDelimiter(delimiter) {
            check.add("spec.source.csv.delimiter", "must be one printable ASCII character other than a quote, or \\t")
        }
        if csv.header == false, csv.columns?.isEmpty ?? true {
            check.add("spec.source.csv.columns", "must name all columns where header is false")
        }
        if csv.header != false, csv.columns != nil {
            check.add(
                "spec.source.csv.columns",
                "goes with header: false; with a header line the file names its columns"
            )
        }
    }

    private func checkSeries(_ check: inout SpecCheck) {
        if series.timestamp.isEmpty { check.add("spec.series.timestamp", "must name the column of timestamps") }
        if series.targets.isEmpty { check.add("spec.series.targets", "must name at least one column") }
        if Set(series.targets).count != series.targets.count {
            check.add("spec.series.targets", "must name each column once")
        }
        if series.targets.contains(series.timestamp) {
            check.add("spec.series.targets", "must not hold the column of timestamps '\(series.timestamp)'")
        }
        series.checkTimeZone(&check, source: source)
        series.checkCovariates(&check, model: model)
        series.checkGroups(&check, model: model)
        if !SeriesSpec.isFrequency(series.frequency) {
            check.add(
                "spec.series.frequency",
                "'\(series.frequency)' must be a whole number and one of s, min, h, d, w, mo, y, for instance 10min or 1h"
            )
        }
        check.range("spec.series.seasonLength", series.seasonLength, 1...100_000)
    }

    private func checkModel(_ check: inout SpecCheck) {
        check.range("spec.model.lookback", model.lookback, 1...100_000)
        check.range("spec.model.horizon", model.horizon, 1...100_000)
        let kinds = model.chosenKinds
        if kinds.count != 1 {
            let found = kinds.isEmpty ? "there is none" : "there are \(kinds.joined(separator: " and "))"
            check.add("spec.model", "must hold exactly one of seasonalNaive, nlinear, dlinear and informer; \(found)")
        }
        if let size = model.dlinear?.kernelSize, size < 1 || size.isMultiple(of: 2) || size > 9_999 {
            check.add("spec.model.dlinear.kernelSize", "must be odd, from 1 to 9999")
        }
        model.informer?.check(&check, lookback: model.lookback)
    }
}

extension CSVSourceSpec {
    /// Whether a text can stand between fields: a tab, as itself or as `\\t`, or a printable ASCII character but a quote.
    static func isDelimiter(_ text: String) -> Bool {
        if text == "\t" || text == "\\t" { return true }
        guard let byte = text.utf8.first, text.utf8.count == 1 else { return false }
        return (0x20...0x7e).contains(byte) && text != "\""
    }
}

extension SeriesSpec {
    /// Whether a text is a frequency such as `10min`.
    package static func isFrequency(_ text: String) -> Bool {
        let count = text.prefix { $0.isASCII && $0.isNumber }
        guard !count.hasPrefix("0"), let value = Int(count), value <= 1_000_000 else { return false }
        return ["s", "min", "h", "d", "w", "mo", "y"].contains(text.dropFirst(count.count))
    }
}

/// Collects problems field by field.
struct SpecCheck {
    private(set) var problems: [SpecProblem] = []

    mutating func add(_ field: String, _ message: String) {
        problems.append(SpecProblem(field: field, message: message))
    }

    mutating func range(_ field: String, _ value: Int?, _ allowed: ClosedRange<Int>) {
        guard let value, !allowed.contains(value) else { return }
        add(field, "is \(value); it must be from \(allowed.lowerBound) to \(allowed.upperBound)")
    }

    /// A file has one place, and what goes with it.
    mutating func file(_ field: String, _ file: some FileSourceSpec) {
        switch (file.url, file.path) {
        case (nil, nil): add(field, "must hold exactly one of url and path; there is none")
        case (.some, .some): add(field, "must hold exactly one of url and path; there are both")
        case (.some(let url), nil):
            address(field, url, file)
            if file.persistentVolumeClaim != nil {
                add("\(field).persistentVolumeClaim", "goes with path, not with url")
            }
        case (nil, .some(let path)):
            if path.split(separator: "/").contains("..") { add("\(field).path", "must not hold '..'") }
            if path[..<(path.lastIndex(of: "/") ?? path.startIndex)].contains("*") {
                add("\(field).path", "must not hold '*' before its last '/'")
            }
            if file.secretRef != nil { add("\(field).secretRef", "goes with url, not with path") }
            if file.s3 != nil { add("\(field).s3", "goes with a url that starts with s3://") }
        }
        secret("\(field).secretRef.name", file.secretRef)
    }

    private mutating func address(_ field: String, _ url: String, _ file: some FileSourceSpec) {
        if url.hasPrefix("s3://") {
            if file.secretRef != nil {
                add("\(field).secretRef", "goes with http:// and https://; a bucket has s3.secretRef")
            }
            file.s3?.check(&self, field: "\(field).s3")
        } else if url.hasPrefix("http://") || url.hasPrefix("https://") {
            if file.s3 != nil { add("\(field).s3", "goes with a url that starts with s3://") }
        } else {
            add("\(field).url", "must start with http://, https:// or s3://; use path for a file")
        }
    }

    /// The address of a server: credentials have no place in it, and its paths are not the user's.
    mutating func url(_ field: String, _ value: String) {
        guard value.hasPrefix("http://") || value.hasPrefix("https://") else {
            add(field, "must start with http:// or https://")
            return
        }
        let authority = value.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }
        if authority.isEmpty { add(field, "must name a host") }
        if authority.contains("@") {
            add(field, "must not hold a user or password; secretRef names a Secret with them")
        }
        if value.contains("?") || value.contains("#") { add(field, "must not hold '?' or '#'") }
    }

    /// A Secret's name is a path of the pod too, so it must be one that Kubernetes takes.
    mutating func secret(_ field: String, _ reference: SecretReference?) {
        guard let name = reference?.name else { return }
        guard Self.isSubdomain(name) else {
            add(field, "'\(name)' must be the name of a Secret: lower-case letters, digits, '-' and '.'")
            return
        }
    }

    /// Whether a text can be the name of a Secret or a ServiceAccount.
    static func isSubdomain(_ name: String) -> Bool {
        let isNamed = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        let edges = [name.utf8.first, name.utf8.last].compactMap(\.self)
        return isNamed && edges.count == 2 && !edges.contains { "-.".utf8.contains($0) } && name.utf8.count <= 253
    }

    mutating func name(_ field: String, _ value: String, startsWithLetter: Bool) {
        let allowed = value.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        let ends = value.first.map { startsWithLetter ? $0.isLetter : $0 != "-" } ?? false
        guard allowed, ends, value.last != "-", value.utf8.count <= 63 else {
            add(field, "'\(value)' must be at most 63 lower-case letters, digits and '-', starting with a letter")
            return
        }
    }
}
