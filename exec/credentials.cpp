// SPDX-License-Identifier: MIT
#include "exec/credentials.hpp"

#include "exec/admin-program.hpp"
#include "exec/programs.hpp"
#include "job/credential-lines.hpp"
#include "job/error.hpp"
#include "job/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <format>

namespace igotchuu
{
namespace
{

constexpr std::chrono::seconds at_most{60}; // a TPM may take its time

std::vector<std::string> properties_of(const Repository &repository, std::span<const UnitSetting> service)
{
    std::vector<std::string> properties;
    for (const auto &[key, value] : credential_lines(repository))
        properties.push_back(key + '=' + value);
    for (const auto &setting : service)
        if (is_about_credentials(setting))
            properties.push_back(setting.key + '=' + setting.value);
    return properties;
}

void write_new(const std::string &path, std::string_view bytes)
{
    const Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400)};
    if (!file || write(file.get(), bytes.data(), bytes.size()) != std::ssize(bytes))
        fail(errno, "cannot write {}", path);
}

/// systemd's, for this unit.
const char *given_directory()
{
    return secure_getenv("CREDENTIALS_DIRECTORY");
}

bool needs_none(const CredentialRequest &request)
{
    return std::ranges::all_of(request.repositories,
                               [](const Repository &repository) { return credentials_of(repository).empty(); });
}

/// As systemd hands it over to a unit.
std::string credential(const std::string &id, const Repository &repository, const CredentialRequest &request,
                       const StopRequest &stop)
try {
    return run(AdminProgram{.what = "credential",
                            .instance = request.instance,
                            .arguments = {programs::systemd_creds, "cat", id},
                            .user = "root",
                            .properties = properties_of(repository, request.service),
                            .environment = {},
                            .at_most = at_most},
               &stop);
} catch (const Failure &error) {
    throw Failure{
        std::format("{} cannot be read, or cannot be opened since what sealed it is another one by now: {}", id, error.what())};
}

} // namespace

std::string gather_credentials(const CredentialRequest &request, const Scratch &scratch, const StopRequest &stop)
{
    if (const auto *given = given_directory(); given != nullptr || needs_none(request))
        return given == nullptr ? "" : given;
    auto directory = scratch.path() + "/credentials";
    if (mkdir(directory.c_str(), 0700) < 0)
        fail(errno, "cannot make {}", directory);
    for (const auto &repository : request.repositories)
        for (const auto &id : credentials_of(repository)) {
            const auto path = directory + '/' + id;
            if (access(path.c_str(), F_OK) == 0)
                continue; // two repositories have it
            write_new(path, credential(id, repository, request, stop));
        }
    return directory;
}

Credentials::Credentials(const CredentialRequest &request, const StopRequest &stop)
{
    const auto *given = given_directory();
    if (given != nullptr || needs_none(request)) {
        directory_ = given == nullptr ? "" : given;
        return;
    }
    enter_private_namespace();
    scratch_.emplace();
    directory_ = gather_credentials(request, *scratch_, stop);
}

} // namespace igotchuu
