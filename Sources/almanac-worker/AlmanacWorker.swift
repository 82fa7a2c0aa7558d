// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Worker

@main
struct AlmanacWorker {
    static func main() async {
        await WorkerCommand.main()
    }
}
