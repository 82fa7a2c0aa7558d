// swift-tools-version: 6.2
// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// Two pillars (Kubernetes; numbers), one contract between them (ForecastAPI), thin programs.
// docs/architecture.md explains the cut; `--explicit-target-dependency-import-check error` enforces it.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

/// What tests against a real API server stand on.
let apiServer: [Target.Dependency] = ["KubeCore", "KubeClient", "HTTPTransport", "KubeTestSupport"]

/// The tests of a library; they lie in `Tests/<library>Tests` and all know TestSupport.
func tests(of library: String, _ others: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    let dependencies = [.byName(name: library), "TestSupport"] + others
    return .testTarget(name: "\(library)Tests", dependencies: dependencies, exclude: exclude)
}

/// What tests of several libraries use; it lies in `Tests/<name>`.
func support(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude)
}

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
        // Without its default traits, which need all of Foundation.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries of the system
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CTestTLS", path: "Tests/CTestTLS", pkgConfig: "openssl"),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

        // Shared by both pillars: outbound HTTP and the Prometheus text format
        .target(name: "HTTPTransport", dependencies: ["CCurl"]),
        .target(name: "PrometheusMetrics"),

        // The Parquet file format: knows neither pillar
        .target(name: "Parquet", dependencies: ["CZlib", "CSnappy", "CZstd"]),

        // Signed tokens and the keys that verify them (JWT, JWKS): knows neither pillar, reads nothing
        .target(name: "WebTokens", dependencies: ["COpenSSL"]),

        // Kubernetes pillar: knows no forecasts
        .target(name: "KubeCore"),
        .target(name: "KubeClient", dependencies: ["KubeCore", "HTTPTransport", "CYAML"]),
        .target(
            name: "KubeRuntime",
            dependencies: ["KubeCore", "KubeClient", "HTTPTransport", "PrometheusMetrics", logging]
        ),

        // The rules of time zones, read from the machine's database: knows neither pillar
        .target(name: "TimeZones"),

        // Cron schedules and what their instants start: pure, knows neither pillar
        .target(name: "Scheduling", dependencies: ["TimeZones"]),

        // The contract: resource types, validation, names, worker request and result; no I/O
        .target(name: "ForecastAPI", dependencies: ["KubeCore", "Scheduling", "TimeZones"]),

        // Numeric pillar: knows no Kubernetes
        // Kernels are optimised in debug builds too; the tests would take minutes otherwise.
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "Tensor", dependencies: ["COpenBLAS", "CKernels"]),
        .target(name: "Forecasting", dependencies: ["Tensor", "TimeZones", "COpenSSL"]),
        .target(
            name: "Connectors",
            dependencies: ["Forecasting", "TimeZones", "HTTPTransport", "Parquet", "COpenSSL", "CZlib"]
        ),

        // What a step and a server stand on, knowing contract and numbers: the store, Secrets, and how they end
        .target(name: "WorkerRuntime", dependencies: ["ForecastAPI", "Forecasting", "Connectors", "HTTPTransport"]),

        // The HTTP server of a ForecastService: knows no step of a run
        .target(
            name: "Serving",
            dependencies: [
                "WorkerRuntime", "ForecastAPI", "KubeCore", "Forecasting", "HTTPTransport", "PrometheusMetrics",
                "WebTokens", hummingbird, hummingbirdCore, httpTypes, nio, nioTLS, nioSSL, nioHTTPTypes, logging,
                lifecycle, signals,
            ]
        ),

        // Programs: libraries first, then mains of a few lines
        .target(
            name: "Operator",
            dependencies: [
                "ForecastAPI", "Scheduling", "TimeZones", "KubeCore", "KubeClient", "KubeRuntime", "HTTPTransport",
                "PrometheusMetrics", "CMalloc", hummingbird, logging, lifecycle, signals, argumentParser,
            ]
        ),
        .target(
            name: "Worker",
            dependencies: [
                "Serving", "WorkerRuntime", "ForecastAPI", "KubeCore", "TimeZones", "Forecasting", "Tensor",
                "Connectors", "HTTPTransport", signals, argumentParser,
            ]
        ),
        .target(
            name: "CLI",
            dependencies: [
                "ForecastAPI", "Scheduling", "TimeZones", "KubeCore", "KubeClient", "HTTPTransport", yams,
                argumentParser,
            ]
        ),
        .executableTarget(name: "almanac-operator", dependencies: ["Operator"]),
        .executableTarget(name: "almanac-worker", dependencies: ["Worker"]),
        .executableTarget(name: "almanac", dependencies: ["CLI"]),

        // Tests: one target a library, and what some of them share, as a real API server
        support("TestSupport", ["TimeZones"]),
        support("KubeTestSupport", ["KubeCore", "KubeClient", "HTTPTransport", "TestSupport", "CTestTLS"]),
        support("TestServers", ["KubeTestSupport", "HTTPTransport"]),
        support(
            "WorkerTestSupport",
            ["ForecastAPI", "Forecasting", "HTTPTransport", "Parquet", "KubeTestSupport", "TestSupport"],
            exclude: ["Clients"]
        ),
        support("FaultOperator", ["KubeRuntime", "KubeCore", "KubeClient", "PrometheusMetrics"]),
        .executableTarget(
            name: "fault-operator",
            dependencies: ["FaultOperator", "KubeRuntime", "KubeClient", "HTTPTransport", logging],
            path: "Tests/FaultOperatorProgram"
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "FaultOperator", "fault-operator", "KubeRuntime", "KubeCore", "KubeClient", "KubeTestSupport",
                "PrometheusMetrics", "TestSupport", "CMalloc", logging,
            ]
        ),
        .executableTarget(
            name: "almanac-bench",
            dependencies: [
                "ForecastAPI", "Scheduling", "KubeCore", "KubeClient", "HTTPTransport", "KubeTestSupport", yams,
                argumentParser,
            ],
            path: "Tests/Benchmarks"
        ),
        .executableTarget(
            name: "data-bench",
            dependencies: ["Parquet", "Connectors", "Forecasting", "HTTPTransport", "TestServers", argumentParser],
            path: "Tests/DataBenchmarks",
            exclude: ["twin.py"]
        ),
        tests(of: "HTTPTransport", ["KubeTestSupport"]),
        tests(of: "PrometheusMetrics"),
        tests(of: "KubeCore"),
        tests(of: "KubeClient", ["KubeCore", "HTTPTransport", "KubeTestSupport", yams]),
        tests(of: "KubeRuntime", apiServer + ["PrometheusMetrics", logging]),
        tests(of: "TimeZones", exclude: ["Reference"]),
        tests(of: "Scheduling", ["TimeZones"], exclude: ["Reference"]),
        support(
            "Fuzzing",
            ["ForecastAPI", "KubeCore", "KubeClient", "Parquet", "Scheduling", "TimeZones"],
            exclude: ["Cases"]
        ),
        .testTarget(name: "FuzzCaseTests", dependencies: ["Fuzzing"]),
        tests(of: "ForecastAPI", ["Scheduling", "TimeZones", "KubeCore", "TestServers", yams], exclude: ["Rules"]),
        tests(
            of: "Operator",
            apiServer + ["ForecastAPI", "KubeRuntime", "PrometheusMetrics", "TestServers", yams, logging],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Connectors", "HTTPTransport", "KubeTestSupport", "TestServers"]
        ),
        .executableTarget(name: "tensor-bench", dependencies: ["Tensor", "Forecasting", argumentParser]),
        tests(of: "Tensor", ["CKernels", "Forecasting"], exclude: ["Reference"]),
        tests(of: "Forecasting", ["Tensor", "TimeZones"], exclude: ["Reference"]),
        .testTarget(name: "InformerTests", dependencies: ["Forecasting", "Tensor"]),
        tests(of: "WebTokens", exclude: ["Reference"]),
        tests(of: "Parquet", exclude: ["Reference"]),
        tests(
            of: "Connectors",
            ["Forecasting", "HTTPTransport", "KubeTestSupport", "Parquet", "TestServers", "TimeZones"],
            exclude: ["Reference"]
        ),
        tests(of: "WorkerRuntime", ["ForecastAPI", "Forecasting", "Connectors", "HTTPTransport", "WorkerTestSupport"]),
        tests(
            of: "Serving",
            apiServer + [
                "WorkerRuntime", "ForecastAPI", "Forecasting", "WebTokens", "TestServers", "WorkerTestSupport",
                hummingbird, hummingbirdCore, httpTypes, nio, logging,
            ]
        ),
        tests(
            of: "Worker",
            [
                "Serving", "WorkerRuntime", "ForecastAPI", "KubeCore", "Forecasting", "Connectors", "HTTPTransport",
                "KubeTestSupport", "Parquet", "TestServers", "TimeZones", "WorkerTestSupport",
            ]
        ),
        tests(
            of: "CLI",
            apiServer + [
                "Connectors", "ForecastAPI", "Forecasting", "Scheduling", "TimeZones", "TestServers", yams,
                argumentParser,
            ],
            exclude: ["Golden"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// An ordinary build has no libFuzzer to link with; `.ci/fuzz` asks for this one.
if Context.environment["ALMANAC_FUZZ"] != nil {
    package.products.append(.executable(name: "almanac-fuzz", targets: ["FuzzProgram"]))
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
        .executableTarget(name: "FuzzProgram", dependencies: ["CFuzzer", "Fuzzing"], path: "Tests/FuzzProgram"),
    ]
}

// Settings that every Swift target shares, in one place.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    ]
}
