// SPDX-License-Identifier: MIT
#pragma once

#include "exec/stop.hpp"
#include "job/exit-status.hpp"
#include "job/search-path.hpp"

#include <string>

namespace igotchuu
{

/// `igotchuu-exec notify UNIT`, igotchuu-notify@UNIT.service: tells of the failure of that unit that has started us; by hand, of its last run, whatever it was. All
/// who can be told are, though others cannot. What is told to whom says notify.toml; nobody is, where there is none. No backup waits for it.
[[nodiscard]] ExitStatus tell_end(const SearchPath &path, const std::string &unit, const StopRequest &stop);

/// `igotchuu-exec notify --success UNIT`, igotchuu-notify-success@UNIT.service: tells of the success that has started us.
[[nodiscard]] ExitStatus tell_success(const SearchPath &path, const std::string &unit, const StopRequest &stop);

/// `igotchuu-exec notify --begin UNIT`, igotchuu-notify-start@UNIT.service: waits until the run of that job has begun its work, and tells that; when it does not,
/// since it has to wait or has failed, nothing.
[[nodiscard]] ExitStatus tell_begin(const SearchPath &path, const std::string &unit, const StopRequest &stop);

} // namespace igotchuu
