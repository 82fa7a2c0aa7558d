// Copyright 2026 The Almanac authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `almanac run` or `almanac model import` was asked for.
struct RunOptions: Sendable {
    /// Folder of models, data sets and the state of pipelines.
    var store: URL
    /// Namespace instead of the file's.
    var namespace: String?
    /// The worker program.
    var worker: URL
    /// Whether the promoted version is served and asked.
    var serve: Bool
    /// Whether it stays up afterwards.
    var keepServing: Bool
    /// The series that is asked for and drawn; nil for the first one.
    var series: SeriesArgument?
    /// Where the picture goes; nil for the store.
    var svg: URL?
    /// Folder that stands for the Secrets of a namespace: a folder for each, a file for each key; nil for none.
    var secrets: URL?
    /// Weights that were trained elsewhere; nil to train.
    var weights: URL?
}
