// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Synchronization

/// What belongs to one request on its way through middleware and route.
struct ServingContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// What the route finds out and the middleware wants to know.
    let record = RequestRecord()

    init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
}

/// Which version answers a request, and what that may cost.
final class RequestRecord: Sendable {
    private struct State {
        var entry: ModelShelf.Entry?
        var caller: Caller?
        var admission: ForecastAdmission?
    }

    private let state = Mutex(State())

    /// When the request's head came.
    let start = ContinuousClock.now

    /// The version that answers; nil where the request needs none, or names one that is not there.
    var entry: ModelShelf.Entry? { state.withLock(\.entry) }

    /// Who asks; nil where nobody is asked for that.
    var caller: Caller? {
        get { state.withLock(\.caller) }
        set { state.withLock { $0.caller = newValue } }
    }

    /// Where and until when its forecast may wait; nil where it was not asked for one.
    var admission: ForecastAdmission? {
        get { state.withLock(\.admission) }
        set { state.withLock { $0.admission = newValue } }
    }

    /// Notes which version answers.
    func pick(_ entry: ModelShelf.Entry) { state.withLock { $0.entry = entry } }
}
