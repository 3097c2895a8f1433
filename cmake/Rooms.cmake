# A room of lib/ is one target that names its sources and the rooms it may use.

# amltrain_library(NAME SOURCES ... [USES room...] [PUBLIC target...] [PRIVATE target...])
# Static library amltrain_NAME, alias amltrain::NAME. USES are rooms, PUBLIC/PRIVATE other targets.
function(amltrain_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PUBLIC;PRIVATE" ${ARGN})
  add_library(amltrain_${name} STATIC ${arg_SOURCES})
  add_library(amltrain::${name} ALIAS amltrain_${name})
  list(TRANSFORM arg_USES PREPEND amltrain::)
  target_link_libraries(amltrain_${name} PUBLIC ${arg_USES} ${arg_PUBLIC} PRIVATE amltrain::options ${arg_PRIVATE})
  target_include_directories(amltrain_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
endfunction()

# amltrain_test(NAME SOURCES ... [LINKS target...])
# Executable test_NAME with Catch2's main; every TEST_CASE becomes one ctest test, run with its own process.
# Brackets and semicolons in a name break CMake's lists: the test would be none, which --warn NoTests makes an error.
function(amltrain_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE amltrain_test_main amltrain::options ${arg_LINKS})
  catch_discover_tests(test_${name} TEST_PREFIX "${name}: " EXTRA_ARGS --warn NoTests PROPERTIES TIMEOUT 300)
endfunction()
