// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import FoundationEssentials
import KubeCore

/// What becomes of a service's canary now: its status, and what is told of it.
struct CanaryCourse {
    /// The canary that is under way from now on.
    var canary: CanaryStatus?
    /// The one that ended last.
    var last: CanaryResultStatus?
    /// What the summary says of it; nil where there is nothing to say.
    var news: (reason: Reason, message: String)?
    /// What people are told when the status is written.
    var events: [EventNote] = []
    /// In how many seconds the clock alone may change something.
    var wait: Double?

    /// Whether a canary goes on.
    var isUnderWay: Bool { canary != nil }
    /// Whether an event says already what the summary would.
    var hasTold: Bool { !events.isEmpty }

    fileprivate mutating func tell(_ reason: String, _ message: String, isWarning: Bool = false) {
        events.append(EventNote(isWarning: isWarning, reason: reason, action: "Canary", message: message))
    }

    fileprivate mutating func end(_ canary: CanaryStatus, _ result: CanaryResultStatus) {
        self.canary = nil
        last = result
        let message = "version \(canary.version): \(result.message)"
        tell("Canary\(result.result.rawValue)", message, isWarning: result.result == .rolledBack)
    }
}

extension ObservedService {
    /// What becomes of the canary that a goal has, or of one that it has no more.
    ///
    /// - Parameter compared: The canary of the status, with what the latest comparison of forecasts found.
    func canaryCourse(
        _ goal: ServingGoal,
        _ configuration: ServingConfiguration,
        _ state: ServingState,
        _ compared: CanaryStatus?,
        _ now: Date
    ) throws -> CanaryCourse {
        var course = CanaryCourse(canary: compared, last: service.status?.lastCanary)
        if let former = service.status?.canary, goal.stage != .progresses(former) {
            let wanted = goal.wanted.version
            let why = former.version == wanted ? "it takes over at once" : "version \(wanted) is wanted instead"
            course.end(former, try result(former, .superseded, why, now))
        }
        switch goal.stage {
        case .direct: break
        case .refused(let result):
            let reason = result.result == .aborted ? Reason.canaryAborted : .canaryRolledBack
            course.news = (reason, "version \(result.version) was refused: \(result.message)")
        case .begins(let stable): try begin(goal, stable, state, &course, now)
        case .progresses(let canary): try advance(compared ?? canary, configuration, state, &course, now)
        }
        return course
    }

    /// A trial begins once the stable version answers everywhere: there must be something to go back to.
    private func begin(
        _ goal: ServingGoal,
        _ stable: String,
        _ state: ServingState,
        _ course: inout CanaryCourse,
        _ now: Date
    ) throws {
        guard let spec = service.spec.canary, let first = spec.steps.first else { return }
        let version = goal.wanted.version
        let canary = CanaryStatus(
            version: version,
            stable: stable,
            trafficPercent: first.trafficPercent,
            startTime: now
        )
        if state.ready == 0 {
            let why = "nothing answers with version \(stable), so there is nothing to compare with"
            course.end(canary, try result(canary, .promoted, why, now))
            return
        }
        guard state.isSettled || spec.decision?.version == version else { return }
        course.canary = canary
        let message = "version \(version) begins with \(Self.percent(first.trafficPercent)) of the requests"
        course.news = (.canaryProgressing, message)
        course.tell("CanaryStarted", message)
    }

    private func advance(
        _ canary: CanaryStatus,
        _ configuration: ServingConfiguration,
        _ state: ServingState,
        _ course: inout CanaryCourse,
        _ now: Date
    ) throws {
        guard let spec = service.spec.canary else { return }
        let facts = canaryFacts(canary, configuration, state, now: now)
        switch CanaryMachine(spec: spec, now: now).next(canary, facts) {
        case .stays(let next, let message, let wait):
            course.canary = next
            course.wait = wait
            let share = "version \(next.version) has \(Self.percent(next.trafficPercent)) of the requests"
            let text = "\(share), step \(next.step) of \(spec.steps.count): \(message)"
            course.news = (.canaryProgressing, text)
            if next.step != canary.step { course.tell("CanaryStep", text) }
        case .ends(let end, let message, let analysis):
            var former = canary
            former.analysis = analysis
            course.end(canary, try result(former, end, message, now))
            // The next look finds the goal that follows from this.
            course.news = end == .promoted ? (.canaryProgressing, message) : nil
            if end == .rolledBack { course.news = (.canaryRolledBack, message) }
            if end == .aborted { course.news = (.canaryAborted, message) }
        }
    }

    private func result(
        _ canary: CanaryStatus,
        _ result: CanaryResultStatus.Result,
        _ message: String,
        _ now: Date
    ) throws -> CanaryResultStatus {
        CanaryResultStatus(
            canary,
            result: result,
            message: message,
            observedCanary: try ServingGoal.digest(service.spec),
            completionTime: now
        )
    }

    private static func percent(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value)) %" : "\(value) %"
    }
}
