// Where and how the step is computed: device, precision, threads; chosen once, said aloud.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "engine/api.hpp"
#include "engine/nn/cpu_bf16.hpp"
#include "engine/nn/resnet.hpp"

namespace amltrain::engine {

struct Numerics {
  at::Device device = at::kCPU;
  bool bf16 = false;   // autocast over fp32 weights; else fp32 throughout, TF32 off
  bool fp16 = false;   // likewise, with a GradScaler
  std::string reason;  // of the precision: "asked for", "the CPU has avx512_bf16", ...
  int threads = 1;

  Placement placement() const;
  at::ScalarType compute() const;  // of convolutions
  std::string precision() const;   // fp32, bf16, fp16
  std::string words() const;       // "cpu, 2 threads, bf16 (the CPU has avx512_bf16)"
};

/// The device of one rank of several, as TrainOptions::device: with "cuda" each rank of a host has a GPU of
/// its own, with "auto" too where there are as many as ranks; "cuda:N" is the same for all.
std::string device_of_rank(const std::string& device, const RankPlace& place);

/// Applies the choice to torch: threads, strict fp32; of a GPU, kernels by trial unless they are to be
/// deterministic.
/// Throws Error{bad_input} for a device that is no device, Error{environment} for one that is not there.
Numerics choose_numerics(const TrainOptions& options);

/// Keeps freed activations inside the process, where the next step finds them, and bounds the arenas of
/// glibc's malloc: without it each large tensor is mapped, zeroed by the kernel and unmapped again at every
/// step.
void tune_allocator();

}  // namespace amltrain::engine
