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

namespace igotchuu
{
namespace
{

constexpr std::chrono::seconds at_most{60}; // a TPM may take its time

/// The job's own lines come last: they win over the repository's, as in its unit.
std::vector<std::string> properties_of(const Job &job, const Repository &repository)
{
    std::vector<std::string> properties;
    for (const auto &[key, value] : credential_lines(repository))
        properties.push_back(key + '=' + value);
    for (const auto &[key, value] : job.service)
        if (key.ends_with("Credential") || key.ends_with("CredentialEncrypted"))
            properties.push_back(key + '=' + value);
    return properties;
}

void write_new(const std::string &path, std::string_view bytes)
{
    const Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400)};
    if (!file || write(file.get(), bytes.data(), bytes.size()) != std::ssize(bytes))
        fail(errno, "cannot write {}", path);
}

} // namespace

std::string gather_credentials(const Job &job, const Scratch &scratch, const StopRequest &stop)
{
    if (const auto *given = secure_getenv("CREDENTIALS_DIRECTORY"))
        return given;
    auto directory = scratch.path() + "/credentials";
    if (mkdir(directory.c_str(), 0700) < 0)
        fail(errno, "cannot make {}", directory);
    for (const auto &repository : job.repositories)
        for (const auto &id : credentials_of(repository)) {
            const auto path = directory + '/' + id;
            if (access(path.c_str(), F_OK) == 0)
                continue; // two repositories have it
            write_new(path, run(AdminProgram{.what = "credential",
                                             .instance = job.instance,
                                             .arguments = {programs::systemd_creds, "cat", id},
                                             .user = "root",
                                             .properties = properties_of(job, repository),
                                             .environment = {},
                                             .at_most = at_most},
                                &stop));
        }
    return directory;
}

} // namespace igotchuu
