# The ONNX C++ library, built from the sources that the PyPI wheel `onnx` carries (Debian's own
# libonnx knows opset 17 only). ONNX_PY_ROOT is the folder that holds the wheel's onnx/ folder.
set(ONNX_PY_ROOT "$ENV{ONNX_PY_ROOT}" CACHE PATH "Folder that holds the onnx wheel's onnx/ folder")
if(NOT EXISTS "${ONNX_PY_ROOT}/onnx/onnx-ml.proto")
  message(FATAL_ERROR "ONNX_PY_ROOT='${ONNX_PY_ROOT}' does not hold onnx/onnx-ml.proto. "
                      "Run tools/build, which sets it up, or pass -DONNX_PY_ROOT=<site-packages of a venv with onnx==1.22.0>.")
endif()

# The one glob of the project: these are not our sources, and the wheel defines the list.
file(GLOB_RECURSE onnx_sources ${ONNX_PY_ROOT}/onnx/*.cc)
list(FILTER onnx_sources EXCLUDE REGEX "cpp2py_export|/test/|/fuzz/|onnxifi|/backend/")

set(onnx_generated ${CMAKE_BINARY_DIR}/onnx-generated)
file(MAKE_DIRECTORY ${onnx_generated})
foreach(proto IN ITEMS onnx-ml onnx-operators-ml onnx-data)
  set(output ${onnx_generated}/onnx/${proto}.pb)
  add_custom_command(
    OUTPUT ${output}.cc ${output}.h
    COMMAND protobuf::protoc -I ${ONNX_PY_ROOT} --cpp_out ${onnx_generated} onnx/${proto}.proto
    DEPENDS ${ONNX_PY_ROOT}/onnx/${proto}.proto
    VERBATIM)
  list(APPEND onnx_sources ${output}.cc)
endforeach()

add_library(onnx STATIC ${onnx_sources})
target_include_directories(onnx SYSTEM PUBLIC $<BUILD_INTERFACE:${onnx_generated}> $<BUILD_INTERFACE:${ONNX_PY_ROOT}>)
target_compile_definitions(onnx PUBLIC ONNX_NAMESPACE=onnx ONNX_ML=1)
target_compile_options(onnx PRIVATE -w)
if(BRAID_FUZZ)
  target_compile_options(onnx PRIVATE -fno-sanitize=all)
endif()
if(BRAID_SANITIZE)
  # Not ours to mend: it copies nothing from a null pointer where tensors are empty.
  target_compile_options(onnx PRIVATE -fno-sanitize=undefined)
endif()
target_link_libraries(onnx PUBLIC protobuf::libprotobuf)
