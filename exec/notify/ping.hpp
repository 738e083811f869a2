// SPDX-License-Identifier: MIT
#pragma once

#include "exec/notify/happening.hpp"

#include <string>
#include <string_view>

namespace igotchuu
{

class StopRequest;

/// Where it is told that this has happened: `base`/start, `base` or `base`/fail, and `base`/log for a stop, with the run's id, so that a server knows which
/// start an end belongs to; "{slug}" in it stands for the job's name. https://healthchecks.io/docs/http_api/
[[nodiscard]] std::string ping_address(std::string_view base, const Happening &happening);

/// "hc-ping.com", all of an address that may be said. Throws Failure for what is no http or https address.
[[nodiscard]] std::string host_of(std::string_view address);

/// Posts `text` to it, by curl(1), which gets the address through a pipe's like: no argument, environment or word of ours ever has it. Tries again a few
/// times. Throws Failure, which names the host alone, and Cancelled.
void ping(std::string_view address, std::string_view text, const StopRequest &stop);

} // namespace igotchuu
