// What a pickle says, as inert data: nothing is imported, called or constructed on its behalf.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace amltrain::engine {

/// Index into Pickle::nodes. Values refer to each other by index, so shared and cyclic pickles need no
/// ownership and no depth of nesting can exhaust the stack when they are freed.
using PickleRef = std::uint32_t;
using PickleItems = std::vector<std::pair<PickleRef, PickleRef>>;

struct PickleNone {};
struct PickleBytes {
  std::string bytes;  // a bytes object, or the two's complement of an integer of more than 64 bits
};
struct PickleList {
  std::vector<PickleRef> items;  // a list or a set
};
struct PickleTuple {
  std::vector<PickleRef> items;
};
struct PickleDict {
  PickleItems items;
};
struct PickleGlobal {
  std::string name;  // "collections.OrderedDict": a name, never looked up
};
struct PicklePersistent {
  PickleRef id;  // how torch.save names a storage
};
struct PickleCall {
  PickleRef callable, arguments;
  PickleItems items;  // set on the result, as for an OrderedDict
};

using PickleNode = std::variant<PickleNone, bool, std::int64_t, double, std::string, PickleBytes, PickleList,
                                PickleTuple, PickleDict, PickleGlobal, PicklePersistent, PickleCall>;

struct Pickle {
  std::vector<PickleNode> nodes;
  PickleRef root = 0;

  /// The value as a T, or nullptr.
  template <typename T>
  const T* as(PickleRef ref) const {
    return std::get_if<T>(&nodes[ref]);
  }

  /// The name of the global that `ref` is; empty when it is none.
  std::string_view global(PickleRef ref) const;
  /// For messages: "an integer", "posix.system", "an object made by argparse.Namespace".
  std::string describe(PickleRef ref) const;
};

}  // namespace amltrain::engine
