// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

/// What became of a pod.
package struct PodStatus: Codable, Sendable, Equatable {
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    package var phase: String?
    /// One word for why, for instance `Evicted`.
    package var reason: String?
    /// A sentence for why.
    package var message: String?
    /// For instance `PodScheduled` and `Ready`.
    package var conditions: [StatusCondition]?
    /// What became of its containers.
    package var containerStatuses: [ContainerStatus]?
    /// What became of its init containers.
    package var initContainerStatuses: [ContainerStatus]?
    /// When the node accepted it.
    package var startTime: Date?
    /// Its address.
    package var podIP: String?
    /// Its node's address.
    package var hostIP: String?

    /// Makes one from what is known of it.
    package init(
        phase: String? = nil,
        reason: String? = nil,
        message: String? = nil,
        conditions: [StatusCondition]? = nil,
        containerStatuses: [ContainerStatus]? = nil,
        initContainerStatuses: [ContainerStatus]? = nil,
        startTime: Date? = nil,
        podIP: String? = nil,
        hostIP: String? = nil
    ) {
        self.phase = phase
        self.reason = reason
        self.message = message
        self.conditions = conditions
        self.containerStatuses = containerStatuses
        self.initContainerStatuses = initContainerStatuses
        self.startTime = startTime
        self.podIP = podIP
        self.hostIP = hostIP
    }
}

/// What became of a container.
package struct ContainerStatus: Codable, Sendable, Equatable {
    /// The container's name.
    package var name: String
    /// Whether its readiness check passes.
    package var ready: Bool?
    /// Whether its start-up check passed.
    package var started: Bool?
    /// How often it was started anew.
    package var restartCount: Int32?
    /// The image that runs.
    package var image: String?
    /// The image's digest.
    package var imageID: String?
    /// What it does now.
    package var state: ContainerState?
    /// How it ended last time.
    package var lastState: ContainerState?

    /// Makes one from what is known of it.
    package init(
        name: String,
        ready: Bool? = nil,
        started: Bool? = nil,
        restartCount: Int32? = nil,
        image: String? = nil,
        imageID: String? = nil,
        state: ContainerState? = nil,
        lastState: ContainerState? = nil
    ) {
        self.name = name
        self.ready = ready
        self.started = started
        self.restartCount = restartCount
        self.image = image
        self.imageID = imageID
        self.state = state
        self.lastState = lastState
    }
}

/// What a container does; at most one is set.
package struct ContainerState: Codable, Sendable, Equatable {
    /// It has not started.
    package var waiting: ContainerStateWaiting?
    /// It runs.
    package var running: ContainerStateRunning?
    /// It ended.
    package var terminated: ContainerStateTerminated?

    /// Makes one from what is known of it.
    package init(
        waiting: ContainerStateWaiting? = nil,
        running: ContainerStateRunning? = nil,
        terminated: ContainerStateTerminated? = nil
    ) {
        self.waiting = waiting
        self.running = running
        self.terminated = terminated
    }
}

/// Why a container has not started.
package struct ContainerStateWaiting: Codable, Sendable, Equatable {
    /// One word, for instance `ImagePullBackOff`.
    package var reason: String?
    /// A sentence.
    package var message: String?

    /// Makes one from what is known of it.
    package init(reason: String? = nil, message: String? = nil) {
        self.reason = reason
        self.message = message
    }
}

/// Since when a container runs.
package struct ContainerStateRunning: Codable, Sendable, Equatable {
    /// When it started.
    package var startedAt: Date?

    /// Makes one from what is known of it.
    package init(startedAt: Date? = nil) {
        self.startedAt = startedAt
    }
}

/// How a container ended.
package struct ContainerStateTerminated: Codable, Sendable, Equatable {
    /// The exit code.
    package var exitCode: Int32
    /// The signal that ended it.
    package var signal: Int32?
    /// One word, for instance `OOMKilled`.
    package var reason: String?
    /// The termination message.
    package var message: String?
    /// When it had started.
    package var startedAt: Date?
    /// When it ended.
    package var finishedAt: Date?

    /// Makes one from what is known of it.
    package init(
        exitCode: Int32,
        signal: Int32? = nil,
        reason: String? = nil,
        message: String? = nil,
        startedAt: Date? = nil,
        finishedAt: Date? = nil
    ) {
        self.exitCode = exitCode
        self.signal = signal
        self.reason = reason
        self.message = message
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
