// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Connectors
import ForecastAPI
import Forecasting
import TimeZones

/// The specification in the words of the modules that do the work.
extension ForecastPipelineSpec {
    /// The step from row to row.
    func frequency() throws -> Frequency { try Frequency(series.frequency) }

    /// Steps in a season: as specified, or what the frequency suggests.
    func seasonLength() throws -> Int { try series.seasonLength ?? frequency().defaultSeasonLength }

    /// What goes into the model and what comes out.
    func windowShape() throws -> WindowShape {
        let (columns, targets) = (series.columns.count, series.targets.count)
        let preprocessing = try preprocessing()
        return try WindowShape(
            lookback: model.lookback,
            horizon: model.horizon,
            channels: preprocessing.channels(columns: columns, targets: targets),
            targets: targets,
            future: preprocessing.future?.count ?? 0
        )
    }

    /// How many rows a history has.
    func historyRows() throws -> Int { try model.lookback + preprocessing().warmUp }

    /// How forecasters are made from rows, with so many threads; `zones` is where the calendar's zone is.
    func recipe(threads: Int, split: PanelSplit, zones: ZoneDatabase) throws -> ForecasterRecipe {
        ForecasterRecipe(
            configuration: try modelConfiguration(),
            shape: try windowShape(),
            preprocessing: try preprocessing(calendarIn: calendarTimeZone.map { try zones.zone($0) }),
            frequency: try frequency(),
            validationShare: try validationShare(split),
            threads: threads,
            scope: model.scope == .local ? .local : .global
        )
    }

    /// How intervals are made; nil where the specification asks for none.
    func conformalFit() throws -> ConformalFit? {
        try intervals.map { ConformalFit(try IntervalLevels($0.levels ?? IntervalsSpec.defaultLevels)) }
    }

    /// The windows of a series that models are scored on.
    func rollingOrigin(_ split: DataSplit, historyRows: Int) throws -> RollingOrigin {
        try RollingOrigin(
            test: split.test,
            lookback: historyRows,
            horizon: model.horizon,
            windows: backtest?.windows,
            strideSteps: backtest?.strideSteps ?? 1
        )
    }

    /// The model's kind and settings.
    func modelConfiguration() throws -> ModelConfiguration {
        if let nlinear = model.nlinear { return .nlinear(individual: nlinear.individual ?? false) }
        if let dlinear = model.dlinear {
            return .dlinear(individual: dlinear.individual ?? false, kernelSize: dlinear.kernelSize ?? 25)
        }
        if let informer = model.informer { return try informerConfiguration(informer) }
        let season = try seasonLength()
        guard season <= model.lookback else {
            throw WorkerError.invalidSpec(
                problems: "spec.model.lookback: is \(model.lookback); seasonalNaive needs at least the season's "
                    + "\(season) rows; raise it or set spec.series.seasonLength"
            )
        }
        return .seasonalNaive(seasonLength: season)
    }
}

extension FileSourceSpec {
    /// Where the data is: the URL, or the path below the folder of sources. `field` is the block's, for messages.
    func location(below folder: String, field: String) throws -> String {
        if let url { return url }
        guard let path else {
            throw WorkerError.invalidSpec(problems: "\(field): must hold exactly one of url and path")
        }
        // Within a cluster a path is one in the claim, whatever it begins with; `..` is refused by the validation.
        let isBelow = path == folder || path.hasPrefix(folder + "/")
        return path.hasPrefix("/") && (isBelow || persistentVolumeClaim == nil) ? path : "\(folder)/\(path)"
    }
}

extension CSVSourceSpec {
    /// How the text is laid out.
    func options() throws -> CSVOptions {
        CSVOptions(
            delimiter: try delimiter.map { try CSVOptions.Delimiter($0) } ?? .byte(UInt8(ascii: ",")),
            hasHeader: header ?? true,
            columnNames: columns
        )
    }
}
