#include "engine/exchange/pickle_machine.hpp"

#include <bit>
#include <unordered_map>

#include "engine/exchange/pickle_opcodes.hpp"

namespace amltrain::engine {
namespace {

using namespace pickle;  // the opcodes

class Machine {
 public:
  Machine(ByteCursor& bytes, const PickleLimits& limits) : bytes_(bytes), limits_(limits) {}

  Pickle run() {
    for (std::size_t count = 0;; ++count) {
      if (count == limits_.operations) bytes_.fail("has more operations than any state dict");
      const auto opcode = bytes_.number<std::uint8_t>();
      if (opcode == STOP) break;
      scalar(opcode);
    }
    pickle_.root = pop();
    return std::move(pickle_);
  }

 private:
  // One opcode; each function does its kind and hands on the others.
  void scalar(std::uint8_t opcode) {
    switch (opcode) {
      case NONE:
        return push(PickleNone{});
      case NEWTRUE:
        return push(true);
      case NEWFALSE:
        return push(false);
      case BININT:
        return push<std::int64_t>(bytes_.number<std::int32_t>());
      case BININT1:
        return push<std::int64_t>(bytes_.number<std::uint8_t>());
      case BININT2:
        return push<std::int64_t>(bytes_.number<std::uint16_t>());
      case LONG1:
        return push_long(bytes_.take(bytes_.number<std::uint8_t>()));
      case LONG4:
        return push_long(bytes_.take(bytes_.number<std::uint32_t>()));
      case BINFLOAT:
        return push(std::bit_cast<double>(__builtin_bswap64(bytes_.number<std::uint64_t>())));
      default:
        return text(opcode);
    }
  }

  void text(std::uint8_t opcode) {
    switch (opcode) {
      // Python 2 wrote its names as byte strings.
      case SHORT_BINSTRING:
      case SHORT_BINUNICODE:
        return push(std::string(bytes_.take(bytes_.number<std::uint8_t>())));
      case BINSTRING:
      case BINUNICODE:
        return push(std::string(bytes_.take(bytes_.number<std::uint32_t>())));
      case BINUNICODE8:
        return push(std::string(bytes_.take(bytes_.number<std::uint64_t>())));
      case SHORT_BINBYTES:
        return push(PickleBytes{std::string(bytes_.take(bytes_.number<std::uint8_t>()))});
      case BINBYTES:
        return push(PickleBytes{std::string(bytes_.take(bytes_.number<std::uint32_t>()))});
      case BINBYTES8:
        return push(PickleBytes{std::string(bytes_.take(bytes_.number<std::uint64_t>()))});
      default:
        return container(opcode);
    }
  }

  void container(std::uint8_t opcode) {
    switch (opcode) {
      case EMPTY_SET:
      case EMPTY_LIST:
        return push(PickleList{});
      case EMPTY_TUPLE:
        return push(PickleTuple{});
      case EMPTY_DICT:
        return push(PickleDict{});
      case FROZENSET:
      case LIST:
        return push(PickleList{pop_to_mark()});
      case TUPLE:
        return push(PickleTuple{pop_to_mark()});
      case TUPLE1:
      case TUPLE2:
      case TUPLE3:
        return push(PickleTuple{pop_many(static_cast<std::size_t>(opcode - TUPLE1 + 1))});
      case DICT:
        return push(PickleDict{in_pairs(pop_to_mark())});
      case APPEND:
        return append(pop_many(1));
      case ADDITEMS:
      case APPENDS:
        return append(pop_to_mark());
      case SETITEM:
        return set_items(in_pairs(pop_many(2)));
      case SETITEMS:
        return set_items(in_pairs(pop_to_mark()));
      default:
        return object(opcode);
    }
  }

  void object(std::uint8_t opcode) {
    switch (opcode) {
      case GLOBAL: {
        const std::string module(bytes_.line());
        push(PickleGlobal{module + "." + std::string(bytes_.line())});
        return;
      }
      case STACK_GLOBAL: {
        const auto names = pop_many(2);
        const auto *module = pickle_.as<std::string>(names[0]), *name = pickle_.as<std::string>(names[1]);
        if (!module || !name) bytes_.fail("names a global by something that is not text");
        push(PickleGlobal{*module + "." + *name});
        return;
      }
      case NEWOBJ_EX:
        pop();
        [[fallthrough]];  // keyword arguments
      case NEWOBJ:
      case REDUCE: {
        const auto parts = pop_many(2);
        push(PickleCall{parts[0], parts[1], {}});
        return;
      }
      case BUILD:
        pop();
        return;  // the state of an object: nothing we read has a use for it
      case BINPERSID:
        return push(PicklePersistent{pop()});
      default:
        return bookkeeping(opcode);
    }
  }

  void bookkeeping(std::uint8_t opcode) {
    switch (opcode) {
      case PROTO:
        if (const auto version = bytes_.number<std::uint8_t>(); version < 2 || version > 5)
          bytes_.fail("has pickle protocol " + std::to_string(version) + "; known are 2 to 5");
        return;
      case FRAME:
        bytes_.take(8);
        return;  // a hint for buffering
      case MARK:
        if (marks_.size() == limits_.depth) bytes_.fail("nests too deeply");
        marks_.push_back(stack_.size());
        return;
      case POP:
        pop();
        return;
      case POP_MARK:
        pop_to_mark();
        return;
      case DUP:
        stack_.push_back(top());
        return;
      case MEMOIZE:
        memo_[static_cast<std::uint32_t>(memo_.size())] = top();
        return;
      case BINPUT:
        memo_[bytes_.number<std::uint8_t>()] = top();
        return;
      case LONG_BINPUT:
        memo_[bytes_.number<std::uint32_t>()] = top();
        return;
      case BINGET:
        return recall(bytes_.number<std::uint8_t>());
      case LONG_BINGET:
        return recall(bytes_.number<std::uint32_t>());
      default:
        bytes_.fail("has the opcode " + std::to_string(opcode) + ", which torch.save does not write");
    }
  }

  template <typename T>
  void push(T value) {
    pickle_.nodes.emplace_back(std::move(value));
    stack_.push_back(static_cast<PickleRef>(pickle_.nodes.size() - 1));
  }

  void push_long(std::string_view digits) {  // two's complement, little-endian, shortest form
    if (digits.size() > sizeof(std::int64_t)) return push(PickleBytes{std::string(digits)});
    const bool negative = !digits.empty() && static_cast<signed char>(digits.back()) < 0;
    std::int64_t value = negative ? -1 : 0;
    std::memcpy(&value, digits.data(), digits.size());
    push(value);
  }

  /// Where the current run of values begins: an opcode must not reach below an open mark.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleRef top() const {
    if (stack_.size() == floor()) bytes_.fail("takes a value where none is");
    return stack_.back();
  }
  PickleRef pop() {
    const PickleRef value = top();
    stack_.pop_back();
    return value;
  }
  std::vector<PickleRef> pop_many(std::size_t count) {
    if (stack_.size() - floor() < count) bytes_.fail("takes a value where none is");
    std::vector<PickleRef> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }
  std::vector<PickleRef> pop_to_mark() {
    if (marks_.empty()) bytes_.fail("closes a mark that is not open");
    auto values = pop_many(stack_.size() - marks_.back());
    marks_.pop_back();
    return values;
  }

  PickleItems in_pairs(const std::vector<PickleRef>& flat) const {
    if (flat.size() % 2 != 0) bytes_.fail("has a key without a value");
    PickleItems items;
    items.reserve(flat.size() / 2);
    for (std::size_t i = 0; i < flat.size(); i += 2) items.emplace_back(flat[i], flat[i + 1]);
    return items;
  }

  void append(const std::vector<PickleRef>& values) {
    PickleNode& target = pickle_.nodes[top()];
    if (auto* list = std::get_if<PickleList>(&target))
      list->items.insert(list->items.end(), values.begin(), values.end());
    else if (!std::holds_alternative<PickleCall>(target))
      bytes_.fail("appends to what is no list");
  }

  void set_items(const PickleItems& added) {
    PickleNode& target = pickle_.nodes[top()];
    auto* dict = std::get_if<PickleDict>(&target);
    auto* call = std::get_if<PickleCall>(&target);
    if (!dict && !call) bytes_.fail("sets items of what is no dictionary");
    PickleItems& items = dict ? dict->items : call->items;
    items.insert(items.end(), added.begin(), added.end());
  }

  void recall(std::uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) bytes_.fail("recalls a value that was never stored");
    stack_.push_back(found->second);
  }

  ByteCursor& bytes_;
  const PickleLimits& limits_;
  Pickle pickle_;
  std::vector<PickleRef> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleRef> memo_;
};

}  // namespace

Pickle run_pickle(ByteCursor& bytes, const PickleLimits& limits) { return Machine(bytes, limits).run(); }

}  // namespace amltrain::engine
