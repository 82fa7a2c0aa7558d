// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Operator

@main
struct AlmanacOperator {
    static func main() async {
        await OperatorMain.main()
    }
}
