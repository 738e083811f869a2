// SPDX-License-Identifier: MIT
#include "exec/restic/access.hpp"

#include "exec/programs.hpp"
#include "job/error.hpp"
#include "job/rclone-remote.hpp"

#include <algorithm>
#include <fcntl.h>
#include <format>
#include <functional>
#include <iterator>
#include <unistd.h>

namespace igotchuu::restic
{

namespace
{

/// Of a path it is empty.
std::string scheme_of(std::string_view location)
{
    const auto colon = location.find(':');
    return location.starts_with('/') || colon == std::string_view::npos ? std::string{} : std::string{location.substr(0, colon)};
}

/// As restic takes the words of sftp.args apart: a quote begins a word that the same quote ends, and nothing escapes one.
std::string quoted(const std::string &word)
{
    return word.contains('"') ? "'" + word + "'" : '"' + word + '"';
}

std::string as_option(const std::string &text)
{
    return "--option=" + option_field(text);
}

std::string value_of(const Variable &variable, const Secrets &secrets)
{
    const Secret where{.file = variable.is_credential() ? "" : variable.where,
                       .credential = variable.is_credential() ? variable.where : "",
                       .command = {}};
    const bool is_path = variable.form == VariableForm::path || variable.form == VariableForm::credential_path;
    return is_path ? secrets.path(where) : secrets.text(where).text();
}

} // namespace

Access::Access(const Repository &repository, const std::string &instance, const Installation &installation, const StopRequest &stop)
    : Access{repository, instance, installation, Secrets{repository, instance, installation.credentials_directory, stop}, Fd{}}
{
}

Access::Access(const Repository &repository, const std::string &instance, const Installation &installation, const StopRequest &stop,
               const Confidential &password)
    : Access{repository, instance, installation, Secrets{repository, instance, installation.credentials_directory, stop},
             sealed(password.text())}
{
}

Access::Access(const Repository &repository, const std::string &instance, const Installation &installation, const Secrets &secrets,
               Fd password)
    : repository_{repository}, cache_directory_{installation.cache_directory}, password_{std::move(password)}
{
    take_location(secrets);
    if (!password_)
        password_ = sealed(secrets.text(repository.password).text());
    identity_ = secrets.path(repository.ssh_identity);
    known_hosts_ = secrets.path(repository.ssh_known_hosts);
    for (const auto &variable : repository.environment)
        variables_.push_back(variable.name + '=' + value_of(variable, secrets));
    if (scheme_ == "sftp" && !has_own_ssh())
        ssh_log_ = SshLog{std::format("{}/ssh.{}.{:x}", cache_directory_, instance,
                                      std::hash<std::string>{}(repository.name))}; // two names may be too long for one
}

SshLog::SshLog(std::string path) : file_{open(path.c_str(), O_RDONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)}
{
    if (file_)
        path_ = std::move(path);
}

SshLog &SshLog::operator=(SshLog &&other) noexcept
{
    std::swap(file_, other.file_);
    std::swap(path_, other.path_);
    return *this;
}

SshLog::~SshLog()
{
    if (!path_.empty())
        unlink(path_.c_str());
}

std::string SshLog::more() const
{
    constexpr std::size_t most = std::size_t{64} * 1024;
    std::string text(file_ ? most : 0, '\0');
    const auto got = text.empty() ? 0 : read(file_.get(), text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

void Access::take_location(const Secrets &secrets)
{
    scheme_ = scheme_of(repository_.location);
    if (repository_.location_from.empty()) {
        location_ = sealed(repository_.location);
        return;
    }
    const auto location = secrets.text(repository_.location_from);
    scheme_ = scheme_of(location.text());
    if (scheme_.empty() || scheme_ == "local") // the unit would have to let restic write there
        throw Failure{std::format("the credential {} is a path on this machine: such a repository is named by the key location",
                                  repository_.location_from.credential)};
    if (const auto secret = secret_parameter(location.text()); !secret.empty())
        throw Failure{
            std::format("the credential {} is an address whose parameter \"{}\" everybody could read among the arguments of "
                        "rclone: define that remote in the file that RCLONE_CONFIG names (the table [environment])",
                        repository_.location_from.credential, secret)};
    location_ = sealed(location.text());
}

/// ssh asks nobody, and notices a server that is gone. Who gives sftp.command or sftp.args has said it all.
bool Access::has_own_ssh() const
{
    return std::ranges::any_of(repository_.options, [](const std::string &option) {
        return option.starts_with("sftp.command=") || option.starts_with("sftp.args=");
    });
}

std::optional<std::string> Access::ssh_arguments() const
{
    if (scheme_ != "sftp" || has_own_ssh())
        return {};
    auto all = std::format("-o BatchMode=yes -o ConnectTimeout={} -o ServerAliveInterval=30 -o ServerAliveCountMax=4",
                           repository_.answer_timeout.count() / 2); // restic would wait for it, and also when it is asked to end
    if (!ssh_log_.path().empty())
        all += " -E " + quoted(ssh_log_.path());
    if (!identity_.empty())
        all += std::format(" -o IdentitiesOnly=yes -i {}", quoted(identity_));
    if (!known_hosts_.empty())
        all += std::format(" -o StrictHostKeyChecking=yes -o {}", quoted("UserKnownHostsFile=\"" + known_hosts_ + '"'));
    return all;
}

std::vector<std::string> Access::arguments() const
{
    std::vector<std::string> all;
    const auto number = [&](std::string_view option, std::uint32_t value) {
        if (value > 0)
            all.push_back(std::format("{}={}", option, value));
    };
    number("--limit-upload", repository_.limit_upload);
    number("--limit-download", repository_.limit_download);
    number("--pack-size", repository_.pack_size);
    if (!repository_.compression.empty())
        all.push_back("--compression=" + repository_.compression);
    if (const auto ssh = ssh_arguments())
        all.push_back(as_option("sftp.args=" + *ssh));
    std::ranges::transform(repository_.options, std::back_inserter(all), as_option);
    all.insert(all.end(), repository_.restic_args.begin(), repository_.restic_args.end());
    return all;
}

std::vector<std::string> Access::environment(const Features &features) const
{
    std::vector<std::string> all{
        std::string{"PATH="} + programs::search_path, // restic looks for ssh and rclone
        "HOME=/root", // rclone's and AWS's own files; ssh asks passwd instead
        "LANG=C.UTF-8",
        "RESTIC_CACHE_DIR=" + cache_directory_,
        "RESTIC_PROGRESS_FPS=4", // else 60 lines a second
    };
    if (features.device_id_for_hardlinks) // each snapshot has a device number of its own, and trees would be written anew for it
        all.emplace_back("RESTIC_FEATURES=device-id-for-hardlinks=true");
    all.insert(all.end(), variables_.begin(), variables_.end());
    all.push_back(std::format("RESTIC_REPOSITORY_FILE=/proc/self/fd/{}", location_.get()));
    all.push_back(std::format("RESTIC_PASSWORD_FILE=/proc/self/fd/{}", password_.get()));
    return all;
}

std::string option_field(const std::string &option)
{
    if (option.find_first_of("\",\r\n") == option.npos)
        return option;
    std::string field;
    for (const auto character : option)
        field += character == '"' ? std::string{"\"\""} : std::string{character};
    return '"' + field + '"';
}

std::vector<std::string> files_of(const Repository &repository)
{
    std::vector<std::string> all{repository.ssh_identity.file, repository.ssh_known_hosts.file};
    for (const auto &variable : repository.environment)
        if (variable.form == VariableForm::path)
            all.push_back(variable.where);
    std::erase(all, "");
    return all;
}

} // namespace igotchuu::restic
