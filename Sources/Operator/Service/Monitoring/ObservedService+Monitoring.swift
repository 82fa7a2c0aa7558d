// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

extension ObservedService {
    /// Writes down what the comparisons say, or that there are none. Gives back what is new, to be told.
    ///
    /// - Parameter unremembered: Why a pod does not remember what it forecasts; nil where all do.
    func note(
        _ pursuit: Pursuit,
        _ unremembered: StepFailure?,
        in status: inout ForecastServiceStatus,
        _ now: Date
    ) -> [EventNote] {
        status.accuracy = pursuit.monitor.accuracy
        status.monitoring = pursuit.monitor.monitoring
        let verdict = service.spec.monitoring.map {
            AccuracyVerdict(
                rule: $0,
                version: pursuit.goal.stable.version,
                accuracy: status.accuracy,
                monitoring: status.monitoring,
                unremembered: unremembered
            )
        }
        let statements = [
            (ConditionType.forecastAccurate, verdict?.forecasts), (ConditionType.inputsStable, verdict?.inputs),
        ]
        return statements.compactMap { put($0, $1, in: &status, now) }
    }

    /// Sets a condition, or removes it where there is nothing to state. Gives back an event where that is news.
    private func put(
        _ type: String,
        _ statement: AccuracyVerdict.Statement?,
        in status: inout ForecastServiceStatus,
        _ now: Date
    ) -> EventNote? {
        let before = status.conditions?.condition(type)
        guard let statement else {
            status.conditions?.removeAll { $0.type == type }
            return nil
        }
        var conditions = status.conditions ?? []
        conditions.set(
            Condition(
                type,
                statement.status,
                reason: statement.reason.rawValue,
                message: statement.message,
                observedGeneration: service.metadata.generation
            ),
            now: now
        )
        status.conditions = conditions
        guard before?.reason != statement.reason.rawValue, statement.isNews(after: before) else { return nil }
        return EventNote(
            isWarning: statement.isWarning,
            reason: statement.reason.rawValue,
            action: "CompareForecasts",
            message: statement.message
        )
    }
}

extension AccuracyVerdict.Statement {
    fileprivate var isWarning: Bool {
        status == .no || reason == .monitoringFailed || reason == .forecastsNotRemembered
    }

    /// What is bad is told, and that it is good again; that nothing is known yet is not.
    fileprivate func isNews(after before: Condition?) -> Bool {
        isWarning || (status == .yes && before?.status != .yes)
    }
}
