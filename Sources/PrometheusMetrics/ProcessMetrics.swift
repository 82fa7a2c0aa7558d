// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The process's own figures by their usual names, read from /proc on Linux.
package enum ProcessMetrics {
    /// Registers `process_*`; they are read anew before each rendering.
    package static func register(in registry: MetricsRegistry) {
        let cpu = registry.counter("process_cpu_seconds_total", help: "User and system CPU time spent in seconds.")
        let resident = registry.gauge("process_resident_memory_bytes", help: "Resident memory size in bytes.")
        let virtual = registry.gauge("process_virtual_memory_bytes", help: "Virtual memory size in bytes.")
        let start = registry.gauge(
            "process_start_time_seconds",
            help: "Start time of the process since the Unix epoch in seconds."
        )
        let files = registry.gauge("process_open_fds", help: "Number of open file descriptors.")
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let page = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
        let bootTime = text("/proc/stat").flatMap(bootTime(stat:))
        registry.onCollect {
            files.set(Double(openFiles()))
            guard let usage = text("/proc/self/stat").flatMap(ProcessUsage.init(stat:)) else { return }
            cpu.follow(Double(usage.cpuTicks) / ticks)
            resident.set(Double(usage.residentPages) * page)
            virtual.set(Double(usage.virtualBytes))
            if let bootTime { start.set(bootTime + Double(usage.startTicks) / ticks) }
        }
    }

    /// The `btime` line of /proc/stat, in seconds since the Unix epoch.
    static func bootTime(stat: String) -> Double? {
        for line in stat.split(separator: "\n") where line.hasPrefix("btime ") {
            return Double(line.dropFirst("btime ".count))
        }
        return nil
    }

    private static func text(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    private static func openFiles() -> Int {
        // Listing the folder opens one more descriptor for as long as the listing takes.
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
        return max(0, entries - 1)
    }
}

/// The fields of /proc/PID/stat that are measured, as proc_pid_stat(5) numbers them.
struct ProcessUsage: Equatable {
    var cpuTicks: UInt64
    var startTicks: UInt64
    var virtualBytes: UInt64
    var residentPages: UInt64

    init?(stat: String) {
        // The second field is the program's name in parentheses, which may itself hold blanks and parentheses.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
        // `fields` begins with field 3.
        guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let start = UInt64(fields[19]), let virtual = UInt64(fields[20]), let resident = UInt64(fields[21])
        else { return nil }
        let (ticks, overflow) = user.addingReportingOverflow(system)
        guard !overflow else { return nil }
        cpuTicks = ticks
        startTicks = start
        virtualBytes = virtual
        residentPages = resident
    }
}
