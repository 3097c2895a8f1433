// Writes archive/{data.pkl,byteorder,data/N,version} as torch.save does. The pickle (protocol 2) is an
// OrderedDict of torch._utils._rebuild_tensor_v2 calls, all within what torch.load(weights_only=True) admits.
#include <string>

#include "engine/exchange/byte_cursor.hpp"
#include "engine/exchange/dtypes.hpp"
#include "engine/exchange/formats.hpp"
#include "engine/exchange/pickle_opcodes.hpp"
#include "engine/exchange/tensor_bytes.hpp"
#include "engine/exchange/zip_writer.hpp"

namespace amltrain::engine {
namespace {

using namespace pickle;  // the opcodes

class PickleWriter {
 public:
  PickleWriter& op(PickleOpcode opcode) {
    bytes_ += static_cast<char>(opcode);
    return *this;
  }
  PickleWriter& global(std::string_view module, std::string_view name) {
    op(GLOBAL).bytes_.append(module).append("\n").append(name).append("\n");
    return *this;
  }
  PickleWriter& text(std::string_view value) {
    op(BINUNICODE).raw(static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
    return *this;
  }
  PickleWriter& integer(std::int64_t value) {
    if (value == static_cast<std::int32_t>(value)) return op(BININT).raw(static_cast<std::int32_t>(value));
    return op(LONG1).raw<std::uint8_t>(sizeof value).raw(value);
  }
  PickleWriter& integers(at::IntArrayRef values) {
    op(MARK);
    for (const std::int64_t value : values) integer(value);
    return op(TUPLE);
  }
  template <typename T>
  PickleWriter& raw(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

void write_tensor(PickleWriter& out, const std::string& key, const at::Tensor& tensor, const Dtype& dtype) {
  out.global("torch._utils", "_rebuild_tensor_v2").op(MARK);
  out.op(MARK).text("storage").global("torch", dtype.storage).text(key).text("cpu").integer(tensor.numel());
  out.op(TUPLE).op(BINPERSID);
  out.integer(0).integers(tensor.sizes()).integers(tensor.strides());
  out.op(NEWFALSE);                                                     // requires_grad
  out.global("collections", "OrderedDict").op(EMPTY_TUPLE).op(REDUCE);  // backward hooks
  out.op(TUPLE).op(REDUCE);
}

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

void write_pth(const std::filesystem::path& file, const StateDict& state) {
  std::vector<at::Tensor> tensors;
  PickleWriter pickle;
  pickle.op(PROTO).raw<std::uint8_t>(2);
  pickle.global("collections", "OrderedDict").op(EMPTY_TUPLE).op(REDUCE).op(MARK);
  for (const auto& [name, tensor] : state.entries) {
    const Dtype& dtype = require_dtype(tensor.scalar_type(), name);
    tensors.push_back(tensor.contiguous());
    write_tensor(pickle.text(name), std::to_string(tensors.size() - 1), tensors.back(), dtype);
  }
  pickle.op(SETITEMS).op(STOP);

  AtomicFile out(file);
  ZipWriter zip(out);
  zip.add("archive/data.pkl", as_bytes(pickle.bytes()));
  zip.add("archive/byteorder", as_bytes("little"));
  for (std::size_t i = 0; i < tensors.size(); ++i)
    zip.add("archive/data/" + std::to_string(i), bytes_of(tensors[i]));
  zip.add("archive/version", as_bytes("3\n"));
  zip.finish();
  out.commit();
}

}  // namespace amltrain::engine
