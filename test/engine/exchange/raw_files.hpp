// Weight files put together from raw parts.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "engine/exchange/raw_pickle.hpp"
#include "engine/exchange/zip_writer.hpp"
#include "support/temporary_folder.hpp"

namespace amltrain::test {

/// torch.save's zip form around any pickle and any storages (key to bytes).
inline void write_zip(const std::filesystem::path& path, const std::string& pickle,
                      const std::map<std::string, std::string>& storages,
                      const std::string& byteorder = "little") {
  AtomicFile file(path);
  engine::ZipWriter zip(file);
  const auto add = [&](const std::string& name, const std::string& bytes) {
    zip.add(name, std::as_bytes(std::span(bytes)));
  };
  add("weights/data.pkl", pickle);
  add("weights/byteorder", byteorder);
  for (const auto& [key, bytes] : storages) add("weights/data/" + key, bytes);
  zip.finish();
  file.commit();
}

/// torch.save's legacy form: five pickles, then the elements and bytes of each storage.
inline std::string legacy_file(const std::string& object, const std::string& keys,
                               const std::string& storages) {
  const std::string magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  const std::string facts =
      "}(" + p_text("protocol_version") + p_int(1001) + p_text("little_endian") + "\x88u";
  return p_pickle(magic) + p_pickle(p_int(1001)) + p_pickle(facts) + p_pickle(object) +
         p_pickle("](" + keys + "e") + storages;
}

/// `count` floats 0, 1, 2, ...
inline std::string floats(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += raw(static_cast<float>(i));
  return bytes;
}

}  // namespace amltrain::test
