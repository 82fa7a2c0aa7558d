// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import ForecastAPI
import Forecasting
import Tensor

extension ForecastPipelineSpec {
    /// An Informer for the specification's window and columns, and how it is trained.
    func informerConfiguration(_ spec: InformerSpec) throws -> ModelConfiguration {
        let embedding = spec.embedding.map(InformerConfiguration.Embedding.init) ?? .timeFeatures
        let shape = try windowShape()
        var network = InformerConfiguration(
            inputs: shape.channels,
            outputs: series.targets.count,
            marks: TimeMarks(try frequency(), embedding).count,
            lookback: model.lookback,
            labelLength: spec.labelLength ?? model.lookback / 2,
            horizon: model.horizon
        )
        network.knownInputs = shape.future > 0 ? shape.future : nil
        network.dModel = spec.dModel ?? network.dModel
        network.heads = spec.heads ?? network.heads
        network.encoderLayers = spec.encoderLayers ?? network.encoderLayers
        network.decoderLayers = spec.decoderLayers ?? network.decoderLayers
        network.feedForward = spec.feedForward ?? network.feedForward
        network.factor = spec.factor ?? network.factor
        network.dropout = spec.dropout ?? network.dropout
        network.attention = spec.attention == .full ? .full : .probSparse
        network.embedding = embedding
        network.activation = spec.activation == .relu ? .relu : .gelu
        network.distilling = spec.distilling ?? network.distilling
        network.mixing = spec.mixing ?? network.mixing
        try network.validate()
        return .informer(network: network, training: informerTraining)
    }

    private var informerTraining: InformerTraining {
        var result = InformerTraining()
        guard let spec = training else { return result }
        result.epochs = spec.epochs ?? result.epochs
        result.batchSize = spec.batchSize ?? result.batchSize
        result.learningRate = spec.learningRate ?? result.learningRate
        result.schedule = spec.schedule.map(LearningRateSchedule.init) ?? result.schedule
        result.patience = spec.patience ?? result.patience
        result.loss = spec.loss.map(Loss.init) ?? result.loss
        result.largestGradientNorm = spec.gradientClip
        result.seed = spec.seed.map { UInt64($0) } ?? result.seed
        return result
    }
}

extension InformerConfiguration.Embedding {
    fileprivate init(_ spec: InformerSpec.Embedding) {
        switch spec {
        case .timeFeatures: self = .timeFeatures
        case .fixed: self = .fixed
        case .learned: self = .learned
        }
    }
}

extension LearningRateSchedule {
    fileprivate init(_ spec: TrainingSpec.Schedule) {
        switch spec {
        case .halving: self = .halving
        case .constant: self = .constant
        case .table: self = .table
        }
    }
}

extension Loss {
    fileprivate init(_ spec: TrainingSpec.Loss) {
        switch spec {
        case .mse: self = .mse
        case .mae: self = .mae
        case .huber: self = .huber
        }
    }
}

extension TrainingStatus {
    /// What came of a training, in the form of the contract.
    init(_ summary: TrainingSummary) {
        self.init(
            epochs: summary.epochs,
            bestEpoch: summary.bestEpoch,
            trainLoss: summary.trainLoss,
            validationLoss: summary.validationLoss,
            stoppedEarly: summary.stoppedEarly
        )
    }
}
