// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import KubeCore

/// What a reflector does next: list or stream the state, replace the cache, watch, or wait.
///
/// It takes over the state once, then watches from there, and goes on watching over closed and broken connections. It
/// lists again only where the server says that the version to go on from is gone, or refuses the watch, and now and then
/// to be sure. The scheme is that of client-go's reflector. A server that can stream the state at the beginning of a
/// watch (KEP-3157) is asked to; where that does not work, it is never tried again.
package struct ReflectorStateMachine: Sendable {
    /// What to do next, and which method to call with the outcome.
    package enum Action: Equatable, Sendable {
        /// Fetch a page, then `listed` or `listFailed`. Before a first page, forget the pages fetched so far.
        case list(ListOptions, isFirstPage: Bool)
        /// Put the pages fetched into the cache, then `replaced`.
        case replace(resourceVersion: String?)
        /// Watch, with `observed` for each event, then `watchEnded` or `watchFailed`.
        case watch(ListOptions)
        /// Watch from nothing. Collect the objects up to the bookmark that ends them, put them into the cache, call
        /// `streamed`, and go on as with `watch`; before that, `streamFailed`.
        case stream(ListOptions)
        /// Wait, then `waited`.
        case wait(Duration)
    }

    /// Why a list or watch failed, as far as it matters for what comes next.
    package enum Failure: Error, Equatable, Sendable {
        /// The version or page is no longer there (410).
        case expired
        /// The server has not reached the version yet.
        case versionTooLarge
        /// No answer, or one that says to try again: the next try may go on where this one stood.
        case unavailable
        /// An event that cannot be read as one.
        case garbled
        /// Any other refusal.
        case refused
    }

    /// An event of a watch, as far as it matters here.
    package enum Observation: Equatable, Sendable {
        /// An object was added; at the beginning of a watch these come in no order.
        case added
        /// Anything else.
        case other
    }

    private struct Listing {
        /// The options of the first page.
        var first: ListOptions
        var page = 1
        var resourceVersion: String?
    }

    private struct Watching {
        var startedAt: ContinuousClock.Instant
        var sawEvent = false
    }

    private enum Next { case list, watch }

    /// The items on a page, as client-go has it.
    package static let pageSize = 500
    /// A watch that ends sooner than this without an event counts as failed.
    private static let shortWatch = Duration.seconds(1)
    /// A version that is gone again within this time is no accident any more.
    private static let expiryPause = Duration.seconds(30)

    /// The version to go on from; nil before the first list.
    package private(set) var resourceVersion: String?
    private var needsNewestState = false
    /// The server pages even lists of whatever it has at hand, so it has no watch cache.
    private var serverPages = false
    private var streamsState: Bool
    private var lastExpiry: ContinuousClock.Instant?
    /// Where an event could not be read, for a second try from there.
    private var garbledAt: String?
    private let recheckPeriod: Duration
    private var recheckAt: ContinuousClock.Instant?
    private var backoff: Backoff
    private var listing = Listing(first: ListOptions())
    private var watching = Watching(startedAt: .now)
    private var afterWait = Next.list

    /// Makes a machine that has seen nothing.
    ///
    /// - Parameters:
    ///   - streamsState: Whether the server can begin a watch with the present state.
    ///   - recheckPeriod: How long after a list another one makes sure that no event was missed; the list comes with the
    ///     next end of a watch, a tenth of the period earlier or later.
    ///   - backoff: How long to wait after failures.
    package init(
        streamsState: Bool = false,
        recheckPeriod: Duration = .seconds(36_000),
        backoff: Backoff = Backoff()
    ) {
        self.streamsState = streamsState
        self.recheckPeriod = recheckPeriod
        self.backoff = backoff
    }

    /// Begins with the whole state.
    package mutating func start() -> Action { list() }

    /// A page came.
    package mutating func listed(resourceVersion: String?, continueToken: String?) -> Action {
        if listing.page == 1 { listing.resourceVersion = resourceVersion }
        guard let continueToken, !continueToken.isEmpty else {
            return .replace(resourceVersion: listing.resourceVersion)
        }
        if listing.first.resourceVersion == "0" { serverPages = true }
        listing.page += 1
        // The server refuses a version beside the token.
        return .list(ListOptions(limit: Self.pageSize, continueToken: continueToken), isFirstPage: false)
    }

    /// The cache holds the list.
    package mutating func replaced(now: ContinuousClock.Instant, random: Double) -> Action {
        took(listing.resourceVersion, now: now, random: random)
        return watch(now: now, random: random)
    }

    /// The cache holds the state that a watch began with, which was at that version.
    package mutating func streamed(resourceVersion version: String, now: ContinuousClock.Instant, random: Double) {
        took(version, now: now, random: random)
        watching = Watching(startedAt: now, sawEvent: true)
    }

    /// A watch ended before its state was complete.
    package mutating func streamFailed(_ failure: Failure, now: ContinuousClock.Instant, random: Double) -> Action {
        switch failure {
        case .expired where !needsNewestState, .versionTooLarge where !needsNewestState:
            needsNewestState = true
            return list()
        case .expired, .versionTooLarge, .unavailable: return wait(then: .list, now: now, random: random)
        case .garbled, .refused:
            streamsState = false
            return list()
        }
    }

    /// A page did not come.
    package mutating func listFailed(_ failure: Failure, now: ContinuousClock.Instant, random: Double) -> Action {
        switch failure {
        case .expired where listing.page > 1:
            // The token in the server's answer would give the rest of another state, so the whole list comes anew.
            listing.first.limit = nil
            listing.page = 1
            return .list(listing.first, isFirstPage: true)
        case .expired where !needsNewestState, .versionTooLarge where !needsNewestState:
            needsNewestState = true
            return list()
        case .expired, .versionTooLarge, .unavailable, .garbled, .refused:
            return wait(then: .list, now: now, random: random)
        }
    }

    /// A wait is over.
    package mutating func waited(now: ContinuousClock.Instant, random: Double) -> Action {
        switch afterWait {
        case .list: list()
        case .watch: goOn(now: now, random: random)
        }
    }

    /// An event came; `resourceVersion` is that of its object or bookmark.
    package mutating func observed(_ observation: Observation, resourceVersion version: String?) {
        watching.sawEvent = true
        guard let version else { return }
        if let known = resourceVersion, ResourceVersion.isOlder(version, than: known) == true { return }
        if observation == .added && startsAnywhere { return }
        resourceVersion = version
    }

    /// The server ended the watch, as it does every few minutes.
    package mutating func watchEnded(now: ContinuousClock.Instant, random: Double) -> Action {
        if isShort(at: now) { return wait(then: startsAnywhere ? .list : .watch, now: now, random: random) }
        return startsAnywhere ? list() : goOn(now: now, random: random)
    }

    /// The watch was refused or broke, or the server reported an error in it.
    package mutating func watchFailed(_ failure: Failure, now: ContinuousClock.Instant, random: Double) -> Action {
        switch failure {
        case .expired, .versionTooLarge:
            needsNewestState = true
            defer { lastExpiry = now }
            if let lastExpiry, now - lastExpiry < Self.expiryPause {
                return wait(then: .list, now: now, random: random)
            }
            return list()
        case .garbled where garbledAt != resourceVersion:
            garbledAt = resourceVersion
            return wait(then: startsAnywhere ? .list : .watch, now: now, random: random)
        case .unavailable:
            return wait(then: startsAnywhere ? .list : .watch, now: now, random: random)
        case .garbled, .refused:
            return wait(then: .list, now: now, random: random)
        }
    }

    /// Whether the watch that ends now ended at once and without an event.
    package func isShort(at now: ContinuousClock.Instant) -> Bool {
        !watching.sawEvent && now - watching.startedAt < Self.shortWatch
    }

    /// A watch from nowhere in particular begins with unordered events, so none of them is a place to go on from.
    private var startsAnywhere: Bool { resourceVersion == nil || resourceVersion == "" || resourceVersion == "0" }

    /// Watches on, or lists where that is due.
    private mutating func goOn(now: ContinuousClock.Instant, random: Double) -> Action {
        if let recheckAt, now >= recheckAt { return list() }
        return watch(now: now, random: random)
    }

    private mutating func took(_ version: String?, now: ContinuousClock.Instant, random: Double) {
        needsNewestState = false
        garbledAt = nil
        resourceVersion = version
        recheckAt = now + recheckPeriod * (0.9 + 0.2 * random)
    }

    private mutating func list() -> Action {
        if streamsState {
            return .stream(
                ListOptions(
                    resourceVersion: needsNewestState ? "" : resourceVersion ?? "",
                    resourceVersionMatch: "NotOlderThan",
                    timeoutSeconds: 300,
                    sendInitialEvents: true
                )
            )
        }
        let options: ListOptions
        if needsNewestState {
            options = ListOptions(limit: Self.pageSize, resourceVersion: "")
        } else if let resourceVersion, !startsAnywhere {
            // Without a limit, the watch cache can serve it.
            options = ListOptions(
                limit: serverPages ? Self.pageSize : nil,
                resourceVersion: resourceVersion,
                resourceVersionMatch: "NotOlderThan"
            )
        } else {
            options = ListOptions(limit: Self.pageSize, resourceVersion: "0")
        }
        listing = Listing(first: options)
        return .list(options, isFirstPage: true)
    }

    private mutating func watch(now: ContinuousClock.Instant, random: Double) -> Action {
        watching = Watching(startedAt: now)
        // Spread, so that many watches do not end together.
        let timeout = 300 + min(300, Int(random * 301))
        return .watch(ListOptions(resourceVersion: resourceVersion, timeoutSeconds: timeout))
    }

    private mutating func wait(then next: Next, now: ContinuousClock.Instant, random: Double) -> Action {
        afterWait = next
        return .wait(backoff.failed(at: now, random: random))
    }
}
