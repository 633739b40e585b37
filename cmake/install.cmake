# `cmake --install`: library, headers, program, and a package for find_package(braid).
include(CMakePackageConfigHelpers)
install(TARGETS braid braid-cuda-emulator braid-cuda-launch onnx EXPORT braid-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} FILE_SET HEADERS)
install(TARGETS braid-program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT braid-targets NAMESPACE braid:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/braid)
configure_package_config_file(cmake/braid-config.cmake.in ${CMAKE_BINARY_DIR}/braid-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/braid)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/braid-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/braid-config.cmake ${CMAKE_BINARY_DIR}/braid-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/braid)
