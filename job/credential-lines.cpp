// SPDX-License-Identifier: MIT
#include "job/credential-lines.hpp"

#include "job/normal-path.hpp"

#include <algorithm>

namespace igotchuu
{

namespace
{

/// `line`: ID:PATH, or what stands for a file of a store: ID:NAME, or ID alone.
CredentialSource source_of(std::string_view key, const std::string &line)
{
    const bool is_sealed = key == "LoadCredentialEncrypted";
    const auto colon = line.find(':');
    auto id = line.substr(0, colon), path = colon == line.npos ? id : line.substr(colon + 1);
    path = normal_path(path).value_or(path);
    if (path == id || path == (is_sealed ? "/etc/credstore.encrypted/" : "/etc/credstore/") + id)
        return {std::move(id), std::string{credential_stores}};
    return {std::move(id), path + (is_sealed ? " (sealed)" : "")};
}

} // namespace

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

std::vector<CredentialSource> credential_sources(const Repository &repository)
{
    std::vector<CredentialSource> sources;
    const auto load = [&](const char *key, const std::vector<std::string> &lines) {
        for (const auto &line : lines) {
            auto source = source_of(key, line);
            std::erase_if(sources, [&](const CredentialSource &earlier) { return earlier.id == source.id; });
            sources.push_back(std::move(source));
        }
    };
    load("LoadCredential", repository.load_credentials);
    load("LoadCredentialEncrypted", repository.load_encrypted_credentials);
    for (auto &id : credentials_of(repository))
        if (!std::ranges::contains(sources, id, &CredentialSource::id))
            sources.push_back({std::move(id), std::string{credential_stores}});
    return sources;
}

std::optional<CredentialSource> credential_source(const UnitSetting &setting)
{
    if (!setting.key.starts_with("LoadCredential") || setting.value.contains('%'))
        return {};
    return source_of(setting.key, setting.value);
}

bool is_about_credentials(const UnitSetting &setting)
{
    return setting.key.ends_with("Credential") || setting.key.ends_with("CredentialEncrypted");
}

} // namespace igotchuu
