// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import TimeZones

extension ForecastPipelineSpec {
    /// What is done to rows before a model sees them.
    ///
    /// - Parameter zone: The zone that the calendar counts in; whatever it is, there are as many channels and rows.
    func preprocessing(calendarIn zone: Zone? = nil) throws -> PreprocessorSettings {
        let spec = preprocess ?? PreprocessSpec()
        var settings = PreprocessorSettings(scaler: scalerKind)
        settings.resample = resampleMethod
        settings.missing = missingPolicy
        settings.seasonLength = try seasonLength()
        settings.outliers = spec.outliers.map(OutlierClip.Settings.init)
        settings.movingAverage = spec.movingAverage
        settings.transform = spec.transform.map(PowerTransform.Kind.init)
        settings.difference = spec.difference.map {
            Differencing(order: $0.order ?? 1, seasonLength: $0.seasonLength)
        }
        let (lags, rolling) = (spec.lags ?? [], (spec.rolling ?? []).map(HistoryFeatures.Rolling.init))
        if !lags.isEmpty || !rolling.isEmpty { settings.features = HistoryFeatures(lags: lags, rolling: rolling) }
        settings.future = FutureChannels(
            columns: series.futureCovariates?.count ?? 0,
            calendar: CalendarChannels(
                cycles: (spec.calendar ?? []).map(CalendarChannels.Cycle.init),
                holidays: spec.holidays?.days ?? [],
                zone: zone
            ),
            isInWindow: model.informer != nil
        )
        return settings
    }

    /// How rows are brought onto the grid; nil where they have to lie on it.
    var resampleMethod: Resampling.Method? {
        switch preprocess?.resample {
        case nil: nil
        case .mean: .mean
        case .sum: .sum
        case .last: .last
        case .min: .min
        case .max: .max
        }
    }

    /// What is done about missing rows and values.
    var missingPolicy: MissingPolicy {
        switch preprocess?.missing ?? .fail {
        case .fail: .fail
        case .forwardFill: .forwardFill
        case .interpolate: .interpolate
        case .mean: .mean
        case .seasonal: .seasonal
        }
    }

    private var scalerKind: Scaler.Kind {
        switch preprocess?.scaler ?? .standard {
        case .standard: .standard
        case .minMax: .minMax
        case .robust: .robust
        case .maxAbs: .maxAbs
        case .none: .none
        }
    }
}

extension OutlierClip.Settings {
    fileprivate init(_ spec: OutlierSpec) {
        let rule: OutlierClip.Rule =
            switch spec.clip {
            case .iqr: .iqr
            case .mad: .mad
            }
        self.init(rule: rule, factor: spec.factor ?? OutlierSpec.defaultFactor)
    }
}

extension CalendarChannels.Cycle {
    fileprivate init(_ spec: CalendarCycle) {
        switch spec {
        case .hourOfDay: self = .hourOfDay
        case .dayOfWeek: self = .dayOfWeek
        case .hourOfWeek: self = .hourOfWeek
        case .dayOfMonth: self = .dayOfMonth
        case .dayOfYear: self = .dayOfYear
        }
    }
}

extension PowerTransform.Kind {
    fileprivate init(_ spec: PreprocessSpec.Transform) {
        switch spec {
        case .log: self = .log
        case .boxCox: self = .boxCox
        }
    }
}

extension HistoryFeatures.Rolling {
    fileprivate init(_ spec: RollingSpec) {
        let function: Function =
            switch spec.function {
            case .mean: .mean
            case .std: .std
            case .min: .min
            case .max: .max
            }
        self.init(function: function, window: spec.window)
    }
}
