# The CUDA kernels as device code, if BRAID_CUDA says so. nvcc is called as such, so that nothing
# changes for those who have none: CMake's own CUDA language would have to be enabled for the whole
# project, and does not know C++20 in 3.25.
option(BRAID_CUDA "Compile the CUDA kernels; needs nvcc 12 or newer" OFF)
set(BRAID_CUDA_ARCHITECTURES
    "all"
    CACHE STRING "What the CUDA kernels are compiled for: numbers such as 80;90, or all that nvcc knows")

if(BRAID_CUDA)
  find_program(BRAID_NVCC nvcc HINTS /usr/local/cuda/bin ${ONNX_PY_ROOT}/nvidia/cu13/bin REQUIRED)
  execute_process(COMMAND ${BRAID_NVCC} --version OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "release ([0-9]+)\\.([0-9]+)" version "${version}")
  if(CMAKE_MATCH_1 LESS 12)
    message(FATAL_ERROR "${BRAID_NVCC} is of CUDA ${version}; 12 or newer is needed, in PATH or from "
                        "tools/setup --cuda")
  endif()
  set(BRAID_CUDA_CODE "")
  execute_process(COMMAND ${BRAID_NVCC} --list-gpu-code OUTPUT_VARIABLE known
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[0-9]+" known "${known}")
  set(architectures ${BRAID_CUDA_ARCHITECTURES})
  if(architectures STREQUAL "all")
    set(architectures ${known})
  endif()
  foreach(architecture IN LISTS architectures)
    if(NOT architecture IN_LIST known)
      message(FATAL_ERROR "${BRAID_NVCC} (${version}) does not know sm_${architecture}; "
                          "devices before sm_75 need a toolkit of CUDA 12: pass -DBRAID_NVCC=<its bin/nvcc>")
    endif()
    list(APPEND BRAID_CUDA_CODE -gencode=arch=compute_${architecture},code=sm_${architecture})
  endforeach()
  # Later devices compile the newest for themselves.
  list(GET architectures -1 newest)
  list(APPEND BRAID_CUDA_CODE -gencode=arch=compute_${newest},code=compute_${newest})
endif()

# Compiles one source of kernels to a fatbin, which cuModuleLoadData takes; its path goes to
# `result`.
function(braid_compile_kernels source result)
  cmake_path(GET source STEM stem)
  set(fatbin ${CMAKE_CURRENT_BINARY_DIR}/${stem}.fatbin)
  add_custom_command(
    OUTPUT ${fatbin}
    COMMAND ${BRAID_NVCC} -std=c++20 -O3 -I${PROJECT_SOURCE_DIR} ${BRAID_CUDA_CODE} -Werror
            all-warnings -MD -MT ${fatbin} -MF ${fatbin}.d -fatbin -o ${fatbin} ${source}
    DEPENDS ${source}
    DEPFILE ${fatbin}.d
    COMMENT "Compiling the CUDA kernels ${stem}"
    VERBATIM)
  set(${result} ${fatbin} PARENT_SCOPE)
endfunction()

# Adds the shared library of kernels/cuda/image.hpp, which holds these fatbins and lies beside the
# program.
function(braid_add_image_module)
  set(code "")
  set(table "")
  foreach(fatbin IN LISTS ARGN)
    cmake_path(GET fatbin STEM stem)
    string(APPEND code "asm(\".section .rodata\\n.balign 16\\n${stem}_code:\\n"
                       ".incbin \\\"${fatbin}\\\"\\n.previous\");\n"
                       "extern \"C\" const char ${stem}_code[];\n")
    string(APPEND table "  {\"${stem}\", ${stem}_code},\n")
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/images.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"kernels/cuda/image.hpp\"
${code}extern \"C\" {
extern const braid::cuda::Image braid_cuda_images[];
const braid::cuda::Image braid_cuda_images[] = {
${table}  {nullptr, nullptr}};
}
")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${ARGN}")
  add_library(braid-cuda-images MODULE ${source})
  target_include_directories(braid-cuda-images PRIVATE ${PROJECT_SOURCE_DIR})
  set_target_properties(braid-cuda-images PROPERTIES PREFIX lib OUTPUT_NAME braid-cuda SUFFIX .so
                                                     LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  install(TARGETS braid-cuda-images LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()
