# cmake --install PREFIX gives a folder that runs from any place: the one RPATH is relative, and LibTorch lies
# in it as in the wheel, so that the wheel's own RPATH ($ORIGIN/../../nvidia/...) holds too.
#   bin/amltrain   lib/libamltrain_engine.so   lib/amltrain/{torch/lib,nvidia/*/lib,python}
#   share/{bash-completion,zsh,fish,man,doc}
# lib, not CMAKE_INSTALL_LIBDIR: the binary looks for the engine in ../lib, in the build tree and here.
set(_libtorch_home lib/amltrain)  # the engine's INSTALL_RPATH names its torch/lib
install(TARGETS amltrain RUNTIME DESTINATION bin)
install(TARGETS amltrain_engine LIBRARY DESTINATION lib)

if(AMLTRAIN_CUDA)
  install(DIRECTORY ${AMLTRAIN_LIBTORCH_ROOT}/torch/lib DESTINATION ${_libtorch_home}/torch)
  install(DIRECTORY ${AMLTRAIN_LIBTORCH_ROOT}/nvidia DESTINATION ${_libtorch_home})
else()
  foreach(library libc10.so libtorch_cpu.so libgomp.so.1)
    install(PROGRAMS ${AMLTRAIN_LIBTORCH_ROOT}/torch/lib/${library} DESTINATION ${_libtorch_home}/torch/lib)
  endforeach()
  foreach(library libcudart.so.13 libcupti.so.13)
    install(PROGRAMS ${AMLTRAIN_LIBTORCH_ROOT}/nvidia/cu13/lib/${library} DESTINATION ${_libtorch_home}/nvidia/cu13/lib)
  endforeach()
endif()
file(GLOB _licenses ${AMLTRAIN_LIBTORCH_ROOT}/*.dist-info)
install(DIRECTORY ${_licenses} DESTINATION share/doc/amltrain/licenses)

# For scripts in Python; the binary looks in ../lib, in the build tree and here.
foreach(file __init__.py run.py)
  configure_file(${CMAKE_SOURCE_DIR}/python/azureml/core/${file}
                 ${CMAKE_BINARY_DIR}/lib/amltrain/python/azureml/core/${file} COPYONLY)
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/python/azureml DESTINATION lib/amltrain/python
        PATTERN __pycache__ EXCLUDE)

# What the binary says about itself: its man page and the completions of three shells.
set(_pages ${CMAKE_BINARY_DIR}/share)
function(_amltrain_page destination name)
  add_custom_command(OUTPUT ${_pages}/${name} DEPENDS amltrain VERBATIM
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${_pages}
                     COMMAND $<TARGET_FILE:amltrain> ${ARGN} > ${_pages}/${name})
  install(FILES ${_pages}/${name} DESTINATION ${destination})
  set_property(GLOBAL APPEND PROPERTY amltrain_pages ${_pages}/${name})
endfunction()
_amltrain_page(share/man/man1 amltrain.1 man)
_amltrain_page(share/bash-completion/completions amltrain completion bash)
_amltrain_page(share/zsh/site-functions _amltrain completion zsh)
_amltrain_page(share/fish/vendor_completions.d amltrain.fish completion fish)
get_property(_all_pages GLOBAL PROPERTY amltrain_pages)
add_custom_target(amltrain_pages ALL DEPENDS ${_all_pages})
