// SPDX-License-Identifier: MIT
#include "exec/notify/ping.hpp"

#include "exec/child.hpp"
#include "exec/programs.hpp"
#include "exec/restic/secret.hpp"
#include "exec/stop.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <format>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace igotchuu
{

namespace
{

constexpr std::chrono::seconds most_time{120}; // curl has limits of its own, below

std::string_view suffix_of(Occasion occasion)
{
    switch (occasion) {
    case Occasion::start:
        return "/start";
    case Occasion::failure:
        return "/fail";
    case Occasion::stopped:
        return "/log";
    case Occasion::success:
    case Occasion::recovery:
        return "";
    }
    std::unreachable();
}

/// As healthchecks' slugs: letters, digits, "-" and "_".
std::string slug_of(const Subject &subject)
{
    std::string slug = subject.kind == Subject::Kind::maintenance ? "maintenance-" : "";
    for (const char c : subject.instance) {
        const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        slug += (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') || small == '_' ? small : '-';
    }
    return slug;
}

/// A run's id as a UUID.
std::string uuid_of(std::string_view id)
{
    if (id.size() != 32)
        return {};
    return std::format("{}-{}-{}-{}-{}", id.substr(0, 8), id.substr(8, 4), id.substr(12, 4), id.substr(16, 4), id.substr(20));
}

/// For a line of curl's configuration file.
std::string quoted(std::string_view text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

/// An admin may have set a proxy for the unit.
std::vector<std::string> environment()
{
    std::vector<std::string> all{"PATH=/usr/bin:/bin", "LC_ALL=C"};
    for (const char *const name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
        if (const char *const value = std::getenv(name))
            all.push_back(std::format("{}={}", name, value));
    return all;
}

} // namespace

std::string ping_address(std::string_view base, const Happening &happening)
{
    constexpr std::string_view placeholder = "{slug}";
    const auto question = std::min(base.find('?'), base.size());
    std::string address{base.substr(0, question)}, query{base.substr(question)};
    if (const auto place = address.find(placeholder); place != address.npos)
        address.replace(place, placeholder.size(), slug_of(happening.subject));
    while (address.ends_with('/'))
        address.pop_back();
    address += suffix_of(happening.occasion.value_or(Occasion::failure));
    if (const auto uuid = uuid_of(happening.invocation_id); !uuid.empty())
        query += (query.empty() ? "?rid=" : "&rid=") + uuid;
    return address + query;
}

std::string host_of(std::string_view address)
{
    const auto scheme = address.find("://");
    const bool is_plain = std::ranges::all_of(address, [](char c) { return c > 0x20 && c != 0x7f; });
    if (!is_plain || scheme == address.npos || (address.substr(0, scheme) != "https" && address.substr(0, scheme) != "http"))
        throw Failure{"the address to ping is none that begins with https:// or http:// (it is a secret, and not shown)"};
    auto host = address.substr(scheme + 3);
    host = host.substr(0, host.find_first_of("/?#"));
    host.remove_prefix(host.find('@') == host.npos ? 0 : host.rfind('@') + 1);
    if (host.empty())
        throw Failure{"the address to ping has no host (it is a secret, and not shown)"};
    return printable(host, 255);
}

void ping(std::string_view address, std::string_view text, const StopRequest &stop)
{
    const auto host = host_of(address);
    const auto where = restic::sealed(std::format("url = {}\n", quoted(address))), body = restic::sealed(text);
    if (lseek(body.get(), 0, SEEK_SET) < 0)
        fail(errno, "cannot rewind what is told to {}", host);
    if (access(programs::curl, X_OK) < 0)
        throw Failure{std::format("cannot ping {}: there is no {}; install the package curl", host, programs::curl)};
    Child curl{{.arguments = {programs::curl,
                              "--disable",
                              "--silent",
                              "--show-error",
                              "--fail",
                              "--globoff",
                              "--proto",
                              "=http,https",
                              "--max-time",
                              "15",
                              "--retry",
                              "3",
                              "--retry-all-errors",
                              "--retry-max-time",
                              "60",
                              "--output",
                              "/dev/null",
                              "--user-agent",
                              "igotchuu",
                              "--header",
                              "Content-Type: text/plain; charset=utf-8",
                              "--data-binary",
                              "@-",
                              "--config",
                              std::format("/dev/fd/{}", where.get())},
                .environment = environment(),
                .inherited = {where.get()},
                .input = body.get()}};
    std::string words;
    const auto end = curl.wait([](std::string_view) {},
                               [&](std::string_view bytes) { words += bytes.substr(0, std::size_t{16} * 1024 - words.size()); },
                               {.stop = stop.fd(), .grace = std::chrono::seconds{2}, .at_most = most_time});
    if (end.interrupted)
        throw Cancelled{};
    if (end.succeeded())
        return;
    words.erase(words.find_last_not_of('\n') + 1);
    const auto last = words.substr(words.rfind('\n') + 1);
    throw Failure{std::format("cannot ping {}: {}", host,
                              last.empty() || words.contains(address) ? std::format("curl ended with {}", end.status)
                                                                      : printable(last, 300))};
}

} // namespace igotchuu
