// SPDX-License-Identifier: MIT
#include "exec/restic/features.hpp"
#include "exec/child.hpp"
#include "exec/confine.hpp"
#include "job/diagnostic.hpp"
#include "job/error.hpp"
#include "job/redact.hpp"

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <format>
#include <nlohmann/json.hpp>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace igotchuu::restic
{

namespace
{

using nlohmann::json;

constexpr std::size_t most_output = std::size_t{64} * 1024;

/// What tells one binary from another, without reading it.
json identity(const Installation &installation)
{
    struct stat info{};
    if (stat(installation.restic.c_str(), &info) < 0) {
        if (errno == ENOENT)
            throw Failure{std::format("restic is not installed at {}: install restic, 0.17 or later", installation.restic)};
        fail(errno, "cannot look at {}", installation.restic);
    }
    const auto mtime = static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
    return {installation.restic, info.st_dev, info.st_ino, info.st_size, mtime};
}

std::string cache_path(const Installation &installation)
{
    return installation.cache_directory + "/restic-features.json";
}

/// Nothing for a file that is not there, is not what this version writes, or is about another binary.
std::optional<Features> cached(const Installation &installation, const json &binary)
{
    const Fd file{open(cache_path(installation).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    std::string text(most_output, '\0');
    const auto got = file ? read(file.get(), text.data(), text.size()) : -1;
    if (got <= 0)
        return {};
    text.resize(static_cast<std::size_t>(got));
    const auto shallow = [](int depth, json::parse_event_t, const json &) { return depth <= 2; };
    const auto kept = json::parse(text, shallow, false);
    if (!kept.is_object() || !kept.contains("binary") || kept["binary"] != binary)
        return {};
    const auto version = kept.find("version"), flag = kept.find("device_id_for_hardlinks");
    if (version == kept.end() || !version->is_string() || flag == kept.end() || !flag->is_boolean())
        return {};
    return Features{version->get<std::string>(), flag->get<bool>()};
}

/// Only a cache: a run without one starts restic twice more. It is written under one name, so that the next to write it takes away what a killed run
/// has left there; of two that write at once, one may lose.
void keep(const Installation &installation, const json &binary, const Features &features)
{
    const auto text =
        json{{"binary", binary}, {"version", features.version}, {"device_id_for_hardlinks", features.device_id_for_hardlinks}}
            .dump() +
        "\n";
    mkdir(installation.cache_directory.c_str(), 0700);
    const auto half = cache_path(installation) + ".new";
    unlink(half.c_str());
    const Fd file{open(half.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file)
        return;
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        rename(half.c_str(), cache_path(installation).c_str()) < 0)
        unlink(half.c_str());
}

/// What `restic WHAT` printed: a restic that opens no repository.
std::string ask(const Installation &installation, const StopRequest &stop, const char *what)
{
    auto arguments = confined(installation.setpriv, std::nullopt);
    arguments.insert(arguments.end(), {installation.restic, what});
    Child child{{.arguments = std::move(arguments), .environment = {"PATH=/usr/bin:/bin", "HOME=/root", "LANG=C.UTF-8"}}};
    std::string output, errors;
    const auto collect = [](std::string &into) {
        return [&into](std::string_view bytes) { into += bytes.substr(0, most_output - into.size()); };
    };
    const auto end = child.wait(collect(output), collect(errors),
                                {.stop = stop.fd(), .grace = installation.grace, .at_most = std::chrono::seconds{30}});
    stop.check();
    errors.erase(errors.find_last_not_of('\n') + 1);
    if (!end.succeeded())
        throw Failure{std::format("cannot run {} {}: {}; install restic, 0.17 or later", installation.restic, what,
                                  end.killed   ? "it did not end within 30 s"
                                  : end.signal ? std::format("it was ended by signal {}", end.signal)
                                               : printable(redacted(errors), 500))};
    return output;
}

/// The first two numbers of "restic 0.18.0 compiled with go1.24.4 on linux/amd64".
std::string version_in(const std::string &output, const Installation &installation)
{
    constexpr std::string_view before = "restic ";
    const auto end = output.find_first_of(" \n", before.size());
    const auto version = output.starts_with(before) ? output.substr(before.size(), end - before.size()) : std::string{};
    const auto *last = version.data() + version.size();
    unsigned major = 0, minor = 0;
    const auto [dot, bad] = std::from_chars(version.data(), last, major);
    if (bad != std::errc{} || dot == last || *dot != '.' || std::from_chars(dot + 1, last, minor).ec != std::errc{})
        throw Failure{
            std::format("{} does not say which version of restic it is: {}", installation.restic, printable(output, 200))};
    if (major == 0 && minor < 17)
        throw Failure{std::format("restic {} at {} is too old: igotchuu needs 0.17 or later", version, installation.restic)};
    return version;
}

bool names(const std::string &output, const std::string &feature)
{
    return output.starts_with(feature + " ") || output.contains("\n" + feature + " ");
}

} // namespace

Features features(const StopRequest &stop, const Installation &installation)
{
    const auto binary = identity(installation);
    if (auto known = cached(installation, binary))
        return *known;
    Features found{.version = version_in(ask(installation, stop, "version"), installation)};
    try {
        found.device_id_for_hardlinks = names(ask(installation, stop, "features"), "device-id-for-hardlinks");
        keep(installation, binary, found);
    } catch (const Failure &) { // a restic without that command can still back up
    }
    return found;
}

} // namespace igotchuu::restic
