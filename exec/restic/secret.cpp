// SPDX-License-Identifier: MIT
#include "exec/restic/secret.hpp"

#include "job/error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace igotchuu::restic
{

namespace
{

struct Password {
    ~Password() { explicit_bzero(bytes.data(), bytes.size()); }
    [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }

    std::array<char, 64 * 1024 + 1> bytes;
    std::size_t size = 0;
};

/// `what` names the file for the person: "the password file /x", "the credential nas".
Fd open_password(const std::string &path, const std::string &what)
{
    Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!file)
        fail(errno, "cannot open {}", what);
    struct stat info{};
    if (fstat(file.get(), &info) < 0)
        fail(errno, "cannot look at {}", what);
    if (!S_ISREG(info.st_mode))
        throw Failure{what + " is not a regular file"};
    return file;
}

Fd seal_file(const std::string &path, const std::string &what)
{
    const auto file = open_password(path, what);
    Password password;
    while (password.size < password.bytes.size()) {
        const auto got = read(file.get(), password.bytes.data() + password.size, password.bytes.size() - password.size);
        if (got < 0)
            fail(errno, "cannot read {}", what);
        if (got == 0)
            break;
        password.size += static_cast<std::size_t>(got);
    }
    if (password.size == password.bytes.size())
        throw Failure{what + " is over 64 KiB: it should hold a password only"};
    if (password.text().find_first_not_of(" \t\r\n\v\f") == std::string_view::npos)
        throw Failure{what + " is empty: it should hold the repository's password"};
    return sealed(password.text());
}

Fd seal_credential(const std::string &id, const std::string &directory)
{
    const auto path = directory + "/" + id;
    if (directory.empty() || access(path.c_str(), F_OK) < 0) // systemd starts a service without a word when an id is nowhere
        throw Failure{"the credential " + id + " is not there: put it into /etc/credstore/" + id +
                      ", or sealed by systemd-creds(1) into /etc/credstore.encrypted/" + id +
                      ", and start the backup by systemctl, which hands it over"};
    return seal_file(path, "the credential " + id);
}

} // namespace

Fd sealed(std::string_view bytes)
{
    Fd memory{memfd_create("igotchuu", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!memory)
        fail(errno, "cannot make memory for a secret");
    const auto written = write(memory.get(), bytes.data(), bytes.size());
    if (written < 0)
        fail(errno, "cannot write memory for a secret");
    if (static_cast<std::size_t>(written) != bytes.size())
        throw Failure{"cannot write memory for a secret: only a part of it was taken"};
    if (fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        fail(errno, "cannot seal memory for a secret");
    return memory;
}

Fd sealed_password(const Repository &repository, const std::string &credentials_directory)
{
    if (!repository.password_credential.empty())
        return seal_credential(repository.password_credential, credentials_directory);
    return seal_file(repository.password_file, "the password file " + repository.password_file);
}

} // namespace igotchuu::restic
