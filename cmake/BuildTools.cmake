# Compiler cache, linker, warnings and sanitizers for our own targets (amltrain::options).
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # pch_defines and time_macros let ccache serve files that use the precompiled torch header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE_PROGRAM})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_library(amltrain_options INTERFACE)
add_library(amltrain::options ALIAS amltrain_options)
target_compile_options(amltrain_options INTERFACE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor
                       -Woverloaded-virtual -Wpedantic -fno-omit-frame-pointer)
target_include_directories(amltrain_options INTERFACE ${CMAKE_SOURCE_DIR}/lib)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(AMLTRAIN_SANITIZE)
  # Instrumented, <regex> looks to g++ 12 as if it read what nobody wrote.
  add_compile_options(-fsanitize=${AMLTRAIN_SANITIZE} -fno-sanitize-recover=all
                      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${AMLTRAIN_SANITIZE})
endif()
if(AMLTRAIN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
