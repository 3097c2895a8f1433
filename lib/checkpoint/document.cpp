#include "checkpoint/document.hpp"

#include "support/error.hpp"
#include "support/files.hpp"
#include "support/hash.hpp"
#include "support/regular_file.hpp"

namespace amltrain {
namespace {

constexpr const char* kSchema = "amltrain.checkpoint/2";
constexpr std::uint64_t kLargest = 1 << 28;

json to_json(const std::vector<CheckpointPart>& parts) {
  json out = json::array();
  for (const CheckpointPart& part : parts)
    out.push_back({{"file", part.file}, {"bytes", part.bytes}, {"checksum", part.checksum}});
  return out;
}

std::vector<CheckpointPart> parse_parts(const json& in, const std::string& origin) {
  std::vector<CheckpointPart> parts;
  for (const json& item : in) {
    parts.push_back({field<std::string>(item, "file"), field<std::uint64_t>(item, "bytes"),
                     field<std::string>(item, "checksum")});
    if (parts.back().file.find('/') != std::string::npos)
      throw Error(category::bad_input, origin + ": names a file outside its folder");
  }
  return parts;
}

std::string hash_of(const json& parts, const json& state) { return sha256_of(parts.dump() + state.dump()); }

}  // namespace

CheckpointDocument read_checkpoint_document(const std::filesystem::path& file) {
  const json document = parse_json(read_regular(file, kLargest), file.string());
  require_schema(document, kSchema, file.string());
  const auto parts = field<json>(document, "parts");
  auto state = field<json>(document, "state");
  if (hash_of(parts, state) != field<std::string>(document, "sha256"))
    throw Error(category::bad_input, file.string() + ": its content is not what its hash says");
  return {parse_parts(parts, file.string()), std::move(state)};
}

void write_checkpoint_document(const std::filesystem::path& file, const CheckpointDocument& document) {
  json parts = to_json(document.parts);
  std::string hash = hash_of(parts, document.state);
  const json whole = {{"schema", kSchema},
                      {"sha256", std::move(hash)},
                      {"parts", std::move(parts)},
                      {"state", document.state}};
  publish_file(file, whole.dump() + "\n");
}

}  // namespace amltrain
