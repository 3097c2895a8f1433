#include "engine/nn/norm.hpp"

#include <ATen/ops/_batch_norm_with_update.h>
#include <ATen/ops/batch_norm_backward.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/threshold_backward.h>

#include <cmath>

#include "engine/nn/norm_kernels.hpp"
#include "engine/torch.hpp"

namespace amltrain::engine {
namespace {

constexpr double kMomentum = 0.1, kEpsilon = 1e-5;
// Sums are taken in float over blocks of rows of this number and then in double, so that they do not depend
// on the number of threads.
constexpr std::int64_t kBlockRows = 512;

struct Shape {
  explicit Shape(const at::Tensor& x) : rows(x.numel() / x.size(1)), channels(x.size(1)) {}
  std::int64_t blocks() const { return (rows + kBlockRows - 1) / kBlockRows; }
  std::size_t width() const { return static_cast<std::size_t>(channels); }
  std::int64_t rows, channels;
};

template <typename T>
const T* data(const at::Tensor& x) {
  return x.defined() ? static_cast<const T*>(x.const_data_ptr()) : nullptr;
}
template <typename T>
T* mutable_data(const at::Tensor& x) {
  return static_cast<T*>(x.mutable_data_ptr());
}
const float* floats(const at::Tensor& x) { return x.const_data_ptr<float>(); }

/// Calls `call` with a null pointer of the element's type.
template <typename Call>
void with_type(const at::Tensor& x, Call&& call) {
  if (x.scalar_type() == at::kFloat)
    call(static_cast<const float*>(nullptr));
  else
    call(static_cast<const norm_kernels::Bf16*>(nullptr));
}

/// Calls block(number, first row, rows) for all blocks, side by side.
template <typename Block>
void for_each_block(const Shape& shape, Block&& block) {
  at::parallel_for(0, shape.blocks(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t number = begin; number < end; ++number) {
      const std::int64_t first = number * kBlockRows;
      block(number, first * shape.channels,
            static_cast<std::size_t>(std::min(kBlockRows, shape.rows - first)));
    }
  });
}

/// Two sums a channel, from the blocks' own: block(number, offset, rows, one, two) adds to `one` and `two`.
template <typename Block>
std::pair<std::vector<double>, std::vector<double>> block_sums(const Shape& shape, Block&& block) {
  const at::Tensor partial = at::zeros({shape.blocks(), 2, shape.channels}, at::kFloat);
  float* const sums = partial.mutable_data_ptr<float>();
  for_each_block(shape, [&](std::int64_t number, std::int64_t offset, std::size_t rows) {
    float* const one = sums + number * 2 * shape.channels;
    block(offset, rows, one, one + shape.channels);
  });
  std::vector<double> first(shape.width()), second(shape.width());
  for (std::int64_t number = 0; number < shape.blocks(); ++number) {
    const float* const one = sums + number * 2 * shape.channels;
    for (std::size_t c = 0; c < shape.width(); ++c) {
      first[c] += one[c];
      second[c] += one[c + shape.width()];
    }
  }
  return {std::move(first), std::move(second)};
}

/// Mean and inverse standard deviation of x into `tape`, and both into the running statistics.
template <typename T>
void take_statistics(const ConvNorm& norm, const at::Tensor& x, NormTape& tape) {
  const Shape shape(x);
  // Any number near the mean keeps the difference of two large sums out of the variance.
  const at::Tensor pivot = norm.running_mean;
  const auto [sum, square] =
      block_sums(shape, [&](std::int64_t offset, std::size_t rows, float* one, float* two) {
        norm_kernels::sums(data<T>(x) + offset, rows, shape.width(), floats(pivot), one, two);
      });
  const at::TensorOptions like = norm.running_mean.options().requires_grad(false);
  tape.mean = at::empty({shape.channels}, like);
  tape.inverse_std = at::empty({shape.channels}, like);
  float* const mean = tape.mean.mutable_data_ptr<float>();
  float* const inverse_std = tape.inverse_std.mutable_data_ptr<float>();
  float* const running_mean = norm.running_mean.mutable_data_ptr<float>();
  float* const running_var = norm.running_var.mutable_data_ptr<float>();
  const auto rows = static_cast<double>(shape.rows);
  const auto blend = [](float old, double now) {
    return static_cast<float>((1 - kMomentum) * old + kMomentum * now);
  };
  for (std::size_t c = 0; c < shape.width(); ++c) {
    const double moved = sum[c] / rows, exact = moved + running_mean[c];
    const double variance = std::max(square[c] / rows - moved * moved, 0.0);  // NaN stays
    mean[c] = static_cast<float>(exact);
    inverse_std[c] = static_cast<float>(1 / std::sqrt(variance + kEpsilon));
    running_var[c] = blend(running_var[c], variance * rows / (rows - 1));
    running_mean[c] = blend(running_mean[c], exact);
  }
}

template <typename T>
at::Tensor apply(const ConvNorm& norm, const at::Tensor& x, const at::Tensor& residual, bool relu,
                 const NormTape& tape) {
  const Shape shape(x);
  const at::Tensor factor = norm.scale.detach().mul(tape.inverse_std);
  at::Tensor y = at::empty_like(x);
  const norm_kernels::Affine affine{floats(tape.mean), floats(factor), floats(norm.shift), relu};
  for_each_block(shape, [&](std::int64_t, std::int64_t offset, std::size_t rows) {
    norm_kernels::apply(data<T>(x) + offset, residual.defined() ? data<T>(residual) + offset : nullptr, rows,
                        shape.width(), affine, mutable_data<T>(y) + offset);
  });
  return y;
}

template <typename T>
NormGradients backward(const ConvNorm& norm, const NormTape& tape, const at::Tensor& x, const at::Tensor& y,
                       const at::Tensor& one, const at::Tensor& other, bool keep_sum) {
  const Shape shape(x);
  const bool wants_sum = keep_sum || other.defined();
  NormGradients out;
  if (wants_sum) out.sum = at::empty_like(x);
  const auto at = [](const at::Tensor& tensor, std::int64_t offset) {
    return tensor.defined() ? data<T>(tensor) + offset : nullptr;
  };
  const auto [sum, product] =
      block_sums(shape, [&](std::int64_t offset, std::size_t rows, float* first, float* second) {
        const norm_kernels::Incoming<T> g{at(one, offset), at(other, offset), at(y, offset),
                                          wants_sum ? mutable_data<T>(out.sum) + offset : nullptr};
        norm_kernels::gradient_sums(g, at(x, offset), rows, shape.width(), floats(tape.mean), first, second);
      });
  out.scale = at::empty_like(tape.mean);
  out.shift = at::empty_like(tape.mean);
  const at::Tensor lines = at::empty({3, shape.channels}, tape.mean.options());
  float* const factor = lines.mutable_data_ptr<float>();
  float *const slope = factor + shape.channels, *const offset_line = slope + shape.channels;
  float* const scale_gradient = out.scale.mutable_data_ptr<float>();
  float* const shift_gradient = out.shift.mutable_data_ptr<float>();
  const auto rows_in_all = static_cast<double>(shape.rows);
  for (std::size_t c = 0; c < shape.width(); ++c) {
    const double inverse_std = floats(tape.inverse_std)[c], scale = floats(norm.scale)[c];
    scale_gradient[c] = static_cast<float>(product[c] * inverse_std);
    shift_gradient[c] = static_cast<float>(sum[c]);
    factor[c] = static_cast<float>(scale * inverse_std);
    slope[c] =
        static_cast<float>(-scale * inverse_std * inverse_std * inverse_std * product[c] / rows_in_all);
    offset_line[c] = static_cast<float>(-scale * inverse_std * sum[c] / rows_in_all);
  }
  out.x = at::empty_like(x);
  const at::Tensor& masked = wants_sum ? out.sum : one;  // the ReLU is in the sum already
  const at::Tensor& mask = wants_sum ? at::Tensor() : y;
  const norm_kernels::GradientAffine affine{floats(tape.mean), factor, slope, offset_line};
  for_each_block(shape, [&](std::int64_t, std::int64_t offset, std::size_t rows) {
    norm_kernels::gradient(at(masked, offset), at(mask, offset), at(x, offset), rows, shape.width(), affine,
                           mutable_data<T>(out.x) + offset);
  });
  return out;
}

}  // namespace

bool has_norm_kernels(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor norm_forward(const ConvNorm& norm, const at::Tensor& x, const at::Tensor& residual, bool relu,
                        NormTape& tape) {
  norm.batches.add_(1);
  at::Tensor y;
  if (has_norm_kernels(x)) {
    with_type(x, [&]<typename T>(const T*) {
      take_statistics<T>(norm, x, tape);
      y = apply<T>(norm, x, residual, relu, tape);
    });
    return y;
  }
  at::Tensor mean = norm.running_mean, var = norm.running_var;
  std::tie(y, tape.mean, tape.inverse_std, tape.reserve) =
      at::_batch_norm_with_update(x, norm.scale, norm.shift, mean, var, kMomentum, kEpsilon);
  if (residual.defined()) y.add_(residual);
  return relu ? y.relu_() : y;
}

NormGradients norm_backward(const ConvNorm& norm, const NormTape& tape, const at::Tensor& x,
                            const at::Tensor& y, const at::Tensor& one, const at::Tensor& other,
                            bool keep_sum) {
  NormGradients out;
  if (has_norm_kernels(x)) {
    with_type(x, [&]<typename T>(const T*) { out = backward<T>(norm, tape, x, y, one, other, keep_sum); });
    return out;
  }
  out.sum = other.defined() ? one.add(other) : one;
  if (y.defined()) out.sum = at::threshold_backward(out.sum, y, 0);
  std::tie(out.x, out.scale, out.shift) =
      at::batch_norm_backward(out.sum, x, norm.scale, norm.running_mean, norm.running_var, tape.mean,
                              tape.inverse_std, true, kEpsilon, {true, true, true}, tape.reserve);
  return out;
}

}  // namespace amltrain::engine
