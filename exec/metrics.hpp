// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/state-files.hpp"

#include <filesystem>
#include <span>
#include <string>

namespace igotchuu
{

/// What came of each job's last run, and of each repository's last maintenance, in Prometheus' text format: names, base units and HELP lines by its conventions. The label of a job is `backup`, since
/// Prometheus itself puts a `job` on everything. No file name and no message is in it.
/// https://prometheus.io/docs/instrumenting/exposition_formats/, https://prometheus.io/docs/practices/naming/
[[nodiscard]] std::string metrics_of(std::span<const Record> records, std::span<const RepositoryRecord> repositories);

/// `igotchuu-exec metrics FILE`: writes them of all records to `file`, 0644, which nobody ever sees half. For the textfile collector of
/// prometheus-node-exporter. Throws std::system_error.
void write_metrics(const std::filesystem::path &file, const StateDirectories &where = {});

/// `igotchuu-exec metrics --watch FILE`, igotchuu-metrics.service: now, and whenever a record has changed, until `stop`. Not by a path unit: it misses what happens
/// between the look of the service that it has started and the end of that.
void watch_metrics(const std::filesystem::path &file, const StopRequest &stop, const StateDirectories &where = {});

} // namespace igotchuu
