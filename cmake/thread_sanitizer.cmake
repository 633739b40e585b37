# ThreadSanitizer for the sources that runs at once share: the Executable, the runtime, packed
# weights and tensors. It does not see how GCC's OpenMP library synchronises its threads, and would
# report every parallel region; so kernels are left out, and the tests take one thread per run. All
# other objects are those of the preset dev, and come from ccache.
if(NOT BRAID_THREAD_SANITIZE)
  return()
endif()
get_target_property(braid_shared_sources braid SOURCES)
list(FILTER braid_shared_sources INCLUDE REGEX
     "src/(compile|ir/datum|ir/tensor|plan/packed_weights|runtime/[a-z_]+|support/[a-z_]+)\\.cpp$")
set_source_files_properties(${braid_shared_sources} TARGET_DIRECTORY braid PROPERTIES COMPILE_OPTIONS
                                                                                      -fsanitize=thread)
