// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Forecasting
@testable import Tensor

@Suite("Informer network")
struct InformerNetworkTests {
    static func configuration(columns: Int) -> InformerConfiguration {
        InformerConfiguration(inputs: columns, outputs: columns, marks: 4, lookback: 96, labelLength: 48, horizon: 24)
    }

    @Test("the reference's default models have as many parameters as the authors' code counts")
    func parameterCounts() throws {
        #expect(Self.configuration(columns: 7).parameterCount == 11_330_055)
        #expect(Self.configuration(columns: 1).parameterCount == 11_308_545)
        var deeper = Self.configuration(columns: 7)
        deeper.encoderLayers = 3
        deeper.decoderLayers = 2
        #expect(deeper.parameterCount == 19_474_439)
        // The network itself checks that it declares what was counted.
        let network = InformerNetwork(Self.configuration(columns: 7), engine: try Engine(), trainable: false)
        #expect(network.parameters.count == 11_330_055)
    }
}
