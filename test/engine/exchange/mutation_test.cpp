// Small valid files, changed at random under a fixed seed: reading them must end, without any other exception
// than amltrain::Error, and under AddressSanitizer (preset asan) without a fault.
#include <ATen/ops/arange.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "engine/exchange/formats.hpp"
#include "engine/exchange/onnx_fields.hpp"
#include "engine/exchange/onnx_model.hpp"
#include "engine/exchange/pickle_machine.hpp"
#include "engine/exchange/proto_writer.hpp"
#include "engine/exchange/pth_reader.hpp"
#include "engine/exchange/raw_files.hpp"
#include "engine/exchange/refuse.hpp"
#include "engine/exchange/tensors.hpp"
#include "support/error.hpp"
#include "support/files.hpp"

namespace amltrain::engine {
namespace {

using namespace test;

/// One to four changes: a byte replaced, a run cut out, repeated, or a number made extreme.
std::string mutate(std::string bytes, std::mt19937& draw) {
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(draw);
  };
  for (std::size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = below(bytes.size());
    switch (below(5)) {
      case 0:
      case 1:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 2:
        bytes.erase(at, 1 + below(8));
        break;
      case 3:
        bytes.insert(below(bytes.size()), bytes.substr(at, 1 + below(16)));
        break;
      default:
        bytes.replace(at, std::min<std::size_t>(8, bytes.size() - at),
                      raw(below(2) == 0 ? ~0ULL : INT64_MAX));
    }
  }
  return bytes;
}

/// A file in memory, with a path: thousands of real ones would take a minute.
class MemoryFile {
 public:
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }
  void write(const std::string& bytes) const {
    REQUIRE(ftruncate(fd_.get(), 0) == 0);
    REQUIRE(pwrite(fd_.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }

 private:
  Fd fd_{memfd_create("mutation", MFD_CLOEXEC)};
};

struct Counts {
  int read = 0, refused = 0;
};

/// `write` puts a mutation into the file, `read` reads it.
template <typename Write, typename Read>
Counts survive(const std::string& seed, int rounds, Write&& write, Read&& read) {
  std::mt19937 draw(20261124);
  Counts counts;
  for (int round = 0; round < rounds; ++round) {
    write(mutate(seed, draw));
    try {
      read();
      ++counts.read;
    } catch (const Error& problem) {
      if (problem.kind() != category::bad_input) throw;
      ++counts.refused;
    }
  }
  return counts;
}

void check_all_seen(const Counts& counts, int rounds) {
  CHECK(counts.read + counts.refused == rounds);
  CHECK(counts.refused > rounds / 10);
}

/// Touches every element, so that a view beyond its storage would be a fault.
void read_and_touch(const std::filesystem::path& file) {
  for (const auto& [name, tensor] : read_weights(file).entries) tensor.contiguous();
}

std::string some_pickle() {
  const std::string storage = p_storage("FloatStorage", "0", 6);
  const std::string parameter = p_call(p_global("torch._utils", "_rebuild_parameter"),
                                       p_tensor(storage, {1, {5}, {1}}) + "\x88" + p_ordered_dict(""));
  return p_pickle(
      "}(" + p_text("epoch") + p_int(3) + p_text("state_dict") +
      p_ordered_dict(p_text("w") + p_tensor(storage, {0, {2, 3}, {3, 1}}) + p_text("v") + parameter) + "u");
}

TEST_CASE("mutated pickles beside sound storages are read or refused", "[engine][exchange]") {
  const at::Tensor storage = at::arange(6, at::kFloat);
  std::string pickle;
  const auto counts = survive(
      some_pickle(), 20'000, [&](const std::string& mutated) { pickle = mutated; },
      [&] {
        ByteCursor cursor(pickle, "a pickle");
        const Pickle values = run_pickle(cursor);
        const auto load = [&](const StorageRecord& record) {
          if (record.elements != 6) refuse("a pickle", "has another storage");
          return storage;
        };
        for (const auto& [name, tensor] :
             assemble(find_tensors(values, "a pickle"), "a pickle", load).entries)
          tensor.contiguous();
      });
  check_all_seen(counts, 20'000);
  CHECK(counts.read > 0);
}

TEST_CASE("mutated zip containers are read or refused", "[engine][exchange]") {
  const MemoryFile file;
  const TemporaryFolder folder;
  write_zip(folder / "seed", some_pickle(), {{"0", floats(6)}});
  const auto counts = survive(
      read_plain(folder / "seed"), 20'000, [&](const std::string& bytes) { file.write(bytes); },
      [&] { read_and_touch(file.path()); });
  check_all_seen(counts, 20'000);
  CHECK(counts.read > 0);
}

TEST_CASE("mutated legacy files are read or refused", "[engine][exchange]") {
  const MemoryFile file;
  const std::string tensor = p_tensor(p_storage("FloatStorage", "0", 6, "N"), {0, {2, 3}, {3, 1}});
  const std::string seed =
      legacy_file(p_ordered_dict(p_text("w") + tensor), p_text("0"), raw(std::int64_t{6}) + floats(6));
  const auto counts = survive(
      seed, 20'000, [&](const std::string& bytes) { file.write(bytes); },
      [&] { read_and_touch(file.path()); });
  check_all_seen(counts, 20'000);
  CHECK(counts.read > 0);
}

TEST_CASE("mutated safetensors headers are read or refused", "[engine][exchange]") {
  const MemoryFile file;
  const TemporaryFolder folder;
  write_safetensors(folder / "seed", all_dtypes_state(), {{"format", "pt"}, {"epoch", "3"}});
  const std::string seed = read_plain(folder / "seed");
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, seed.data(), sizeof header_bytes);
  const std::string body = seed.substr(8 + header_bytes);
  const auto counts = survive(
      seed.substr(8, header_bytes), 20'000,
      [&](const std::string& header) { file.write(raw(std::uint64_t{header.size()}) + header + body); },
      [&] { read_and_touch(file.path()); });
  check_all_seen(counts, 20'000);
  CHECK(counts.read > 0);
}

/// A graph of three nodes, small enough that most mutations hit its structure.
std::string small_onnx(const std::filesystem::path& file) {
  ProtoMessage input, output, node, weight, attribute, graph, opset, model;
  const std::string values = floats(2 * 12);
  input.text(onnx::value_info::name, "input");
  output.text(onnx::value_info::name, "logits");
  attribute.text(onnx::attribute::name, "transB").integer(onnx::attribute::i, 1);
  attribute.integer(onnx::attribute::type, onnx::attribute::type_int);
  weight.integer(onnx::tensor::dims, 2).integer(onnx::tensor::dims, 12);
  weight.integer(onnx::tensor::data_type, onnx::tensor::float32).text(onnx::tensor::name, "w");
  weight.text(onnx::tensor::raw_data, values);
  ProtoMessage bias;
  bias.integer(onnx::tensor::dims, 2).integer(onnx::tensor::data_type, onnx::tensor::float32);
  bias.text(onnx::tensor::name, "b").text(onnx::tensor::raw_data, floats(2));
  const auto add = [&](const std::string& op, std::initializer_list<std::string> inputs,
                       const std::string& result) {
    ProtoMessage step;
    for (const auto& name : inputs) step.text(onnx::node::input, name);
    step.text(onnx::node::output, result).text(onnx::node::name, op).text(onnx::node::op_type, op);
    return step;
  };
  node = add("Gemm", {"flat", "w", "b"}, "logits");
  node.message(onnx::node::attribute, std::move(attribute));
  graph.message(onnx::graph::node, add("Relu", {"input"}, "relu"));
  graph.message(onnx::graph::node, add("Flatten", {"relu"}, "flat"));
  graph.message(onnx::graph::node, std::move(node));
  graph.message(onnx::graph::initializer, std::move(weight));
  graph.message(onnx::graph::initializer, std::move(bias));
  graph.message(onnx::graph::input, std::move(input)).message(onnx::graph::output, std::move(output));
  model.message(onnx::model::graph, std::move(graph));
  AtomicFile out(file);
  model.write(out);
  out.commit();
  return read_plain(file);
}

TEST_CASE("mutated ONNX files are read, computed or refused", "[engine][exchange]") {
  const MemoryFile file;
  const TemporaryFolder folder;
  const std::string seed = small_onnx(folder / "seed.onnx");
  CHECK(OnnxModel::read(folder / "seed.onnx").run(random_images(2, 2, 1)).sizes() == at::IntArrayRef{2, 2});
  const auto counts = survive(
      seed, 20'000, [&](const std::string& bytes) { file.write(bytes); },
      [&] { OnnxModel::read(file.path()).run(random_images(1, 2, 1)); });
  check_all_seen(counts, 20'000);
  CHECK(counts.read > 0);
}

}  // namespace
}  // namespace amltrain::engine
