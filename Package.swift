// swift-tools-version: 6.2
// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Two pillars (Kubernetes; numbers), one contract between them (ForecastAPI), three thin programs.
/// docs/architecture.md explains the cut; `--explicit-target-dependency-import-check error` enforces it.
let package = Package(
    name: "almanac",
    products: [
        .executable(name: "almanac-operator", targets: ["almanac-operator"]),
        .executable(name: "almanac-worker", targets: ["almanac-worker"]),
        .executable(name: "almanac", targets: ["almanac"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries of the system
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

        // Shared by both pillars: outbound HTTP and the Prometheus text format
        .target(name: "HTTPTransport", dependencies: ["CCurl"]),
        .target(name: "PrometheusMetrics"),

        // Kubernetes pillar: knows no forecasts
        .target(name: "KubeCore"),
        .target(
            name: "KubeClient",
            dependencies: ["KubeCore", "HTTPTransport", .product(name: "Yams", package: "Yams")]
        ),
        .target(
            name: "KubeRuntime",
            dependencies: [
                "KubeCore", "KubeClient", "HTTPTransport", "PrometheusMetrics",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // The contract: resource types, validation, names, worker request and result; no I/O
        .target(name: "ForecastAPI", dependencies: ["KubeCore"]),

        // Numeric pillar: knows no Kubernetes
        .target(name: "Tensor", dependencies: ["COpenBLAS"]),
        .target(name: "Forecasting", dependencies: ["Tensor", "COpenSSL"]),
        .target(name: "Connectors", dependencies: ["Forecasting", "HTTPTransport", "CZlib"]),

        // Programs: libraries first, then mains of a few lines
        .target(
            name: "Operator",
            dependencies: [
                "ForecastAPI", "KubeCore", "KubeClient", "KubeRuntime", "HTTPTransport", "PrometheusMetrics",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .target(
            name: "Worker",
            dependencies: [
                "ForecastAPI", "Forecasting", "Connectors", "HTTPTransport", "PrometheusMetrics",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .target(
            name: "CLI",
            dependencies: [
                "ForecastAPI", "KubeCore", "HTTPTransport",
                .product(name: "Yams", package: "Yams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(name: "almanac-operator", dependencies: ["Operator"]),
        .executableTarget(name: "almanac-worker", dependencies: ["Worker"]),
        .executableTarget(name: "almanac", dependencies: ["CLI"]),
    ],
    swiftLanguageModes: [.v6]
)

// Settings that every Swift target shares, in one place.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    ]
}
