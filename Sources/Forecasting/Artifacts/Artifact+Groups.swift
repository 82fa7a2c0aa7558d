// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

// An artifact of several series. What all share, the manifest holds once; what a series has of its own is a row of a tensor:
// the numbers of its preprocessing, the bounds of its intervals, its profile and, where it has one, its model.

extension ArtifactManifest.Groups {
    init(_ forecaster: PanelForecaster, _ profiles: [TrainingProfile]?) {
        self.init(
            groupBy: forecaster.groupBy,
            keys: forecaster.keys,
            scope: forecaster.scope,
            seasonLength: profiles?.first?.seasonLength
        )
    }
}

extension Artifact {
    /// What the names of tensors begin with that each series has of its own, whatever the model is.
    private static let ownPrefixes = [Preprocessor.tensorPrefix, "intervals.", TrainingProfile.tensorPrefix]

    /// The tensors of all series: those of the shared model as they are, all others stacked.
    /// - Throws: `ForecastingError.invalidModel` where the series do not fit each other, or the profiles do not fit them.
    static func groupTensors(
        _ forecaster: PanelForecaster,
        _ profiles: [TrainingProfile]?
    ) throws(ForecastingError) -> [NamedTensor] {
        let common = forecaster.common
        guard profiles.map({ $0.count == forecaster.keys.count }) ?? true else {
            throw .invalidModel(reason: "\(profiles?.count ?? 0) profiles of \(forecaster.keys.count) series")
        }
        var own: [[NamedTensor]] = []
        for (place, one) in forecaster.forecasters.enumerated() {
            var tensors = one.preprocessor.numbers
            if let intervals = one.intervals {
                tensors.append(intervals.tensor(of: one.shape))
                let windows = NamedTensor.Values.int64([Int64(intervals.windows)])
                tensors.append(NamedTensor(name: ForecastIntervals.windowsName, shape: [], values: windows))
            }
            if let profile = profiles?[place] { tensors += profile.tensors(of: one.columns) }
            if forecaster.scope == .local { tensors += one.model.tensors }
            own.append(tensors)
        }
        return (forecaster.scope == .global ? common.model.tensors : []) + (try SeriesTensors.stacked(own))
    }

    /// The forecasters of a panel.
    /// - Throws: `ForecastingError`: `invalidModel`, `invalidShape`, `inSeries`.
    func panelForecaster(
        _ groups: ArtifactManifest.Groups,
        calls: Int
    ) throws(ForecastingError) -> PanelForecaster {
        let count = groups.keys.count
        guard !groups.groupBy.isEmpty, (1...Panel.mostSeries).contains(count) else {
            throw .invalidModel(reason: "it has \(count) series of \(groups.groupBy.count) grouping columns")
        }
        let (shared, stacked) = divided(groups.scope)
        let own = try SeriesTensors(stacked, series: count)
        let common = groups.scope == .global ? try model(shared, calls: calls) : nil
        var forecasters: [Forecaster] = []
        forecasters.reserveCapacity(count)
        for (place, key) in groups.keys.enumerated() {
            do throws(ForecastingError) {
                let tensors = own[place]
                let model = if let common { common } else { try self.model(tensors, calls: calls) }
                let one = try forecaster(
                    model,
                    manifest.preprocessing.replacing(tensors),
                    intervals: intervals(tensors),
                    tensors
                )
                forecasters.append(one)
            } catch {
                throw error.named(key, groups.groupBy)
            }
        }
        try requireAgreement(forecasters)
        return try PanelForecaster(
            groupBy: groups.groupBy,
            keys: groups.keys,
            forecasters: forecasters,
            scope: groups.scope
        )
    }

    /// What later rows and forecasts are held against, one a series in their order; nil where it was not kept.
    /// - Throws: `ForecastingError`: `invalidModel`, `inSeries`.
    package func profiles() throws(ForecastingError) -> [TrainingProfile]? {
        guard let groups = manifest.groups else { return manifest.profile.map { [$0] } }
        guard let seasonLength = groups.seasonLength else { return nil }
        let own = try SeriesTensors(
            weights.tensors.filter { $0.name.hasPrefix(TrainingProfile.tensorPrefix) },
            series: groups.keys.count
        )
        var profiles: [TrainingProfile] = []
        for (place, key) in groups.keys.enumerated() {
            do throws(ForecastingError) {
                let profile = try TrainingProfile(
                    own[place],
                    seasonLength: seasonLength,
                    columns: manifest.series.columns,
                    targets: manifest.model.shape.targets
                )
                profiles.append(profile)
            } catch {
                throw error.named(key, groups.groupBy)
            }
        }
        return profiles
    }

    /// The tensors of the model that all share, and those that each series has of its own, without the profiles: a server
    /// has no use for them.
    private func divided(_ scope: PanelScope) -> (shared: [NamedTensor], own: [NamedTensor]) {
        var (shared, own): ([NamedTensor], [NamedTensor]) = ([], [])
        for tensor in weights.tensors where !tensor.name.hasPrefix(TrainingProfile.tensorPrefix) {
            let isOwn = scope == .local || Self.ownPrefixes.contains { tensor.name.hasPrefix($0) }
            if isOwn { own.append(tensor) } else { shared.append(tensor) }
        }
        return (shared, own)
    }

    /// What the manifest says of the intervals of all series, with the number of windows of one.
    private func intervals(_ tensors: [NamedTensor]) throws(ForecastingError) -> ArtifactManifest.Intervals? {
        guard let all = manifest.intervals else { return nil }
        guard let tensor = tensors.first(where: { $0.name == ForecastIntervals.windowsName }), tensor.shape.isEmpty,
            case .int64(let windows) = tensor.values, let count = windows.first, count >= 1, count <= all.windows
        else { throw .invalidModel(reason: "tensor '\(ForecastIntervals.windowsName)' does not fit the manifest") }
        return ArtifactManifest.Intervals(levels: all.levels, windows: Int(count))
    }

    /// Throws unless the manifest says of the first series and of all together what the tensors say.
    private func requireAgreement(_ forecasters: [Forecaster]) throws(ForecastingError) {
        guard forecasters.first?.preprocessor == manifest.preprocessing else {
            throw .invalidModel(reason: "the manifest's preprocessing is not that of the first series")
        }
        let windows = forecasters.reduce(0) { $0 &+ ($1.intervals?.windows ?? 0) }
        guard windows == manifest.intervals?.windows ?? 0 else {
            throw .invalidModel(reason: "its intervals are of \(windows) forecasts, and its manifest tells of others")
        }
    }
}

// MARK: Profiles

extension TrainingProfile {
    /// What the names of a profile's tensors begin with.
    static let tensorPrefix = "profile."

    /// The profile as tensors. A column without values has no rows; of fewer bins than there may be, the last ones are 0.
    func tensors(of names: [String]) -> [NamedTensor] {
        let known = Dictionary(columns.map { ($0.column, $0) }) { first, _ in first }
        let (width, bins) = (ColumnProfile.quantileCount, ColumnProfile.mostBins)
        var (rows, quantiles, shares): ([Int64], [Double], [Double]) = ([], [], [])
        for name in names {
            let profile = known[name]
            rows.append(Int64(profile?.rows ?? 0))
            quantiles += profile?.quantiles ?? [Double](repeating: 0, count: width)
            let own = profile?.shares ?? []
            shares += own + [Double](repeating: 0, count: bins - own.count)
        }
        func tensor(_ name: String, _ shape: [Int], _ values: NamedTensor.Values) -> NamedTensor {
            NamedTensor(name: Self.tensorPrefix + name, shape: shape, values: values)
        }
        return [
            tensor("naiveErrors", [naiveErrors.count], .float64(naiveErrors)),
            tensor("rows", [names.count], .int64(rows)),
            tensor("quantiles", [names.count, width], .float64(quantiles)),
            tensor("shares", [names.count, bins], .float64(shares)),
        ]
    }

    /// Reads what `tensors` wrote.
    /// - Throws: `ForecastingError.invalidModel`.
    init(
        _ tensors: [NamedTensor],
        seasonLength: Int,
        columns names: [String],
        targets: Int
    ) throws(ForecastingError) {
        let (width, bins) = (ColumnProfile.quantileCount, ColumnProfile.mostBins)
        func values(_ name: String, _ shape: [Int]) throws(ForecastingError) -> NamedTensor.Values {
            let name = Self.tensorPrefix + name
            guard let tensor = tensors.first(where: { $0.name == name && $0.shape == shape }) else {
                throw .invalidModel(reason: "tensor '\(name)' is missing, or not of \(shape)")
            }
            return tensor.values
        }
        guard case .float64(let naiveErrors) = try values("naiveErrors", [targets]),
            case .int64(let rows) = try values("rows", [names.count]),
            case .float64(let quantiles) = try values("quantiles", [names.count, width]),
            case .float64(let shares) = try values("shares", [names.count, bins]),
            seasonLength >= 1, naiveErrors.allSatisfy({ $0.isFinite && $0 >= 0 })
        else { throw .invalidModel(reason: "the profiles' tensors are not of their types") }
        var columns: [ColumnProfile] = []
        for (place, name) in names.enumerated() where rows[place] > 0 {
            let own = Array(quantiles[(place * width)..<((place + 1) * width)])
            let profile = try ColumnProfile(
                column: name,
                rows: Int(rows[place]),
                quantiles: own,
                shares: Array(shares[(place * bins)..<(place * bins + ColumnProfile.binCount(own))])
            )
            columns.append(profile)
        }
        self.init(seasonLength: seasonLength, naiveErrors: naiveErrors, columns: columns)
    }
}
