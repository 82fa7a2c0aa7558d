// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import CLI

@main
enum Almanac {
    static func main() async { await AlmanacProgram.main() }
}
