// SPDX-License-Identifier: MIT
#include "job/credential-lines.hpp"

#include <algorithm>

namespace igotchuu
{

std::vector<UnitSetting> credential_lines(const Repository &repository)
{
    const auto id_of = [](const std::string &line) { return line.substr(0, line.find(':')); };
    std::vector<std::string> ids;
    std::vector<UnitSetting> loaded;
    const auto load = [&](const std::string &key, const std::vector<std::string> &lines) {
        for (const auto &line : lines) {
            ids.push_back(id_of(line));
            loaded.push_back({key, line});
        }
    };
    load("LoadCredential", repository.load_credentials);
    load("LoadCredentialEncrypted", repository.load_encrypted_credentials);
    std::vector<UnitSetting> lines;
    for (auto &id : credentials_of(repository))
        if (!std::ranges::contains(ids, id)) {
            lines.push_back({"ImportCredential", id});
            ids.push_back(std::move(id));
        }
    if (!lines.empty()) // what is sealed may be so by the TPM, of which systemd 257 thinks for LoadCredentialEncrypted= alone
        lines.push_back({"DeviceAllow", "char-tpm rw"});
    for (const auto &id : ids)
        lines.push_back({"SetCredential", id + R"(:\n\n)"});
    lines.insert(lines.end(), loaded.begin(), loaded.end());
    return lines;
}

bool is_about_credentials(const UnitSetting &setting)
{
    return setting.key.ends_with("Credential") || setting.key.ends_with("CredentialEncrypted");
}

} // namespace igotchuu
