// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

/// One fault and what it happens to, as a value: a scenario is a table of these.
package struct FaultRule: Sendable {
    /// What happens to a request.
    package enum RequestFault: Sendable, Equatable {
        /// The connection breaks before the server sees the request.
        case disconnect
        /// Somebody answers in the server's place.
        case answer(FaultAnswer)
        /// The server carries the request out, and the answer is lost with the connection.
        case swallowAnswer
        /// The server's answer breaks off after so many bytes of its body.
        case cutAnswer(after: Int)
        /// The first answer to the same request since `rememberAnswers` comes again: the server's view is an old one.
        case answerAsFirst
        /// Nothing ever comes back, and the server sees nothing.
        case stall
        /// The request waits.
        case delay(Duration)
        /// The answer waits: the server has carried the request out.
        case delayAnswer(Duration)
    }

    /// What happens to an event of a watch.
    package enum EventFault: Sendable, Equatable {
        /// It does not come.
        case drop
        /// It comes twice.
        case duplicate
        /// It comes after the next one.
        case swap
        /// So many events before it come again after it.
        case replay(Int)
        /// It waits, and so do all after it.
        case delay(Duration)
        /// The connection breaks after so many of its bytes.
        case cut(after: Int)
        /// The connection breaks after a part of its bytes, 0 to 1.
        case cutAt(Double)
        /// It comes byte by byte, each in a chunk of its own.
        case trickle
        /// It comes with the next one in one chunk.
        case glue
        /// A line that is no JSON comes in its place.
        case garbage
        /// An event that this client does not know comes before it.
        case unknown
        /// An `ERROR` event comes in its place, and the watch ends.
        case error(FaultAnswer)
        /// Nothing comes any more, and the connection stays.
        case silence
        /// The server ends the watch after it.
        case end
    }

    /// A fault of either kind.
    package enum Fault: Sendable, Equatable {
        case request(RequestFault)
        case event(EventFault)
    }

    /// Which of the requests or events that match are hit, counted from 1 for each rule.
    package enum Occurrences: Sendable, Equatable {
        case all
        case only(Set<Int>)
        case first(Int)
        case from(Int)
        /// Each with that probability.
        case share(Double)
    }

    /// The verbs that match; for events `watch`.
    package var verbs: Set<ProxiedRequest.Verb>
    /// The plural name of the resource; nil matches all.
    package var resource: String?
    /// A part of the client's name; nil matches all.
    package var agent: String?
    /// A part of the path and query; nil matches all.
    package var target: String?
    /// The types of events that match, for instance `BOOKMARK`; empty matches all.
    package var types: Set<String> = []
    /// Which ones are hit.
    package var occurrences: Occurrences
    /// What happens.
    package var fault: Fault

    /// A fault of requests.
    package static func on(
        _ verbs: Set<ProxiedRequest.Verb>,
        of resource: String? = nil,
        by agent: String? = nil,
        to target: String? = nil,
        _ occurrences: Occurrences,
        _ fault: RequestFault
    ) -> FaultRule {
        FaultRule(
            verbs: verbs,
            resource: resource,
            agent: agent,
            target: target,
            occurrences: occurrences,
            fault: .request(fault)
        )
    }

    /// A fault of the events of watches.
    package static func onEvents(
        _ occurrences: Occurrences,
        _ fault: EventFault,
        types: Set<String> = [],
        of resource: String? = nil,
        by agent: String? = nil,
        to target: String? = nil
    ) -> FaultRule {
        FaultRule(
            verbs: [.watch],
            resource: resource,
            agent: agent,
            target: target,
            types: types,
            occurrences: occurrences,
            fault: .event(fault)
        )
    }

    func matches(_ request: ProxiedRequest) -> Bool {
        verbs.contains(request.verb) && (resource ?? request.resource) == request.resource
            && request.agent.contains(agent ?? "") && request.target.contains(target ?? "")
    }

    func matches(_ type: String) -> Bool { types.isEmpty || types.contains(type) }
}

/// An answer in the API server's place.
package struct FaultAnswer: Sendable, Equatable {
    /// The HTTP status.
    package var code: Int
    /// The reason of the `Status` object.
    package var reason: String
    /// Its message.
    package var message: String
    /// Its `Retry-After` field, in seconds.
    package var retryAfter: Int?
    /// Its causes' reason, if it has one.
    package var cause: String?

    /// Makes an answer.
    package init(_ code: Int, _ reason: String, _ message: String, retryAfter: Int? = nil, cause: String? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
        self.cause = cause
    }

    /// The version or page is no longer there.
    package static let gone = FaultAnswer(410, "Expired", "too old resource version")
    /// Somebody else was quicker.
    package static let conflict = FaultAnswer(409, "Conflict", "the object has been modified")
    /// Too many requests, without a time to come back.
    package static let busy = FaultAnswer(429, "TooManyRequests", "too many requests")
    /// A failure of the server.
    package static let broken = FaultAnswer(500, "InternalError", "etcdserver: something broke")
    /// The store takes no write any more, as etcd says it.
    package static let full = FaultAnswer(500, "InternalError", "etcdserver: mvcc: database space exceeded")
    /// The permission is missing.
    package static let forbidden = FaultAnswer(403, "Forbidden", "no permission")
    /// There is no such resource.
    package static let missing = FaultAnswer(404, "NotFound", "the server could not find the requested resource")
    /// The server, behind others, has not seen that version.
    package static let behind = FaultAnswer(
        504,
        "Timeout",
        "Too large resource version: 999, current: 1",
        cause: "ResourceVersionTooLarge"
    )

    /// The `Status` object as JSON.
    var body: String {
        let causes = cause.map { #","causes":[{"reason":"\#($0)","message":"\#(message)"}]"# } ?? ""
        let details = #"{"retryAfterSeconds":\#(retryAfter ?? 0)\#(causes)}"#
        return #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","#
            + #""reason":"\#(reason)","details":\#(details),"code":\#(code)}"#
    }
}
