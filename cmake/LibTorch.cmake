# LibTorch as the torch wheel ships it, laid out by scripts/bootstrap as in site-packages:
#   ROOT/torch/{include,lib}  ROOT/nvidia/*/lib
# so that the wheel's own RPATH ($ORIGIN/../../nvidia/...) finds the NVIDIA runtime libraries.
set(AMLTRAIN_TORCH_VERSION 2.11.0)
if(NOT "$ENV{AMLTRAIN_CACHE}" STREQUAL "")
  set(_cache $ENV{AMLTRAIN_CACHE})
elseif(NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(_cache $ENV{XDG_CACHE_HOME}/amltrain)
else()
  set(_cache $ENV{HOME}/.cache/amltrain)
endif()
set(AMLTRAIN_CACHE_DIR ${_cache} CACHE PATH "Where scripts/bootstrap keeps LibTorch")
set(AMLTRAIN_LIBTORCH_ROOT ${AMLTRAIN_CACHE_DIR}/torch-${AMLTRAIN_TORCH_VERSION} CACHE PATH "Unpacked torch wheel")
set(_lib ${AMLTRAIN_LIBTORCH_ROOT}/torch/lib)
if(NOT EXISTS ${_lib}/libtorch_cpu.so)
  message(FATAL_ERROR "LibTorch ${AMLTRAIN_TORCH_VERSION} is not in ${AMLTRAIN_LIBTORCH_ROOT}: run scripts/bootstrap")
endif()

function(_amltrain_import name)
  add_library(libtorch::${name} SHARED IMPORTED GLOBAL)
  set_target_properties(libtorch::${name} PROPERTIES IMPORTED_LOCATION ${_lib}/lib${name}.so)
endfunction()
_amltrain_import(c10)
_amltrain_import(torch_cpu)
add_library(libtorch INTERFACE)
add_library(libtorch::libtorch ALIAS libtorch)
target_include_directories(libtorch SYSTEM INTERFACE ${AMLTRAIN_LIBTORCH_ROOT}/torch/include
                           ${AMLTRAIN_LIBTORCH_ROOT}/torch/include/torch/csrc/api/include)
target_compile_definitions(libtorch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
# at::parallel_for is in headers: without OpenMP on our side it is a loop of one thread. Its runtime must be LibTorch's.
target_compile_options(libtorch INTERFACE -fopenmp)
target_link_libraries(libtorch INTERFACE libtorch::torch_cpu libtorch::c10 ${_lib}/libgomp.so.1)
# libtorch_cpu.so finds libcudart and libcupti by its own RPATH, which the linker does not read.
target_link_options(libtorch INTERFACE -Wl,--allow-shlib-undefined)
if(AMLTRAIN_CUDA)
  if(NOT EXISTS ${_lib}/libtorch_cuda.so)
    message(FATAL_ERROR "The CUDA half of LibTorch is not in ${AMLTRAIN_LIBTORCH_ROOT}: run scripts/bootstrap --cuda, "
                        "or --cuda-link where nothing is to run on a GPU")
  endif()
  find_package(CUDAToolkit 13.0 REQUIRED)  # for its headers: cuda_runtime_api.h
  _amltrain_import(c10_cuda)
  _amltrain_import(torch_cuda)
  target_link_libraries(libtorch INTERFACE -Wl,--no-as-needed libtorch::torch_cuda libtorch::c10_cuda -Wl,--as-needed)
endif()
