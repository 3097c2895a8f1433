// The field numbers and enumerators of onnx.proto (onnx/onnx, IR version 8) that a ResNet needs.
#pragma once

namespace amltrain::engine::onnx {

namespace model {
enum : int {
  ir_version = 1,
  producer_name = 2,
  producer_version = 3,
  graph = 7,
  opset_import = 8,
  metadata_props = 14
};
}
namespace opset {
enum : int { domain = 1, version = 2 };
}
namespace entry {  // StringStringEntryProto
enum : int { key = 1, value = 2 };
}
namespace graph {
enum : int { node = 1, name = 2, initializer = 5, input = 11, output = 12 };
}
namespace node {
enum : int { input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7 };
}
namespace attribute {
enum : int { name = 1, f = 2, i = 3, ints = 8, type = 20 };
enum Type : int { type_float = 1, type_int = 2, type_ints = 7 };
}  // namespace attribute
namespace tensor {
enum : int { dims = 1, data_type = 2, name = 8, raw_data = 9 };
enum DataType : int { float32 = 1 };
}  // namespace tensor
namespace value_info {
enum : int { name = 1, type = 2 };
}
namespace type {
enum : int { tensor_type = 1 };
}
namespace tensor_type {
enum : int { elem_type = 1, shape = 2 };
}
namespace shape {
enum : int { dim = 1 };
}
namespace dimension {
enum : int { value = 1, parameter = 2 };
}

}  // namespace amltrain::engine::onnx
