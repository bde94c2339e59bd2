# What a consumer finds: one package, components core, net and sqlite, and the headers.
# find_package(zegocall REQUIRED COMPONENTS core) needs OpenSSL and nothing else.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# zegocall_component(core MODULES base token ...): target zegocall_core, alias zegocall::core, its own export set.
function(zegocall_component name)
  cmake_parse_arguments(ARG "" "" "MODULES;NEEDS" ${ARGN})
  set(target zegocall_component_${name})
  add_library(${target} INTERFACE)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  add_library(zegocall::${name} ALIAS ${target})
  set(targets)
  foreach(module ${ARG_MODULES})
    target_link_libraries(${target} INTERFACE zegocall_${module})
    list(APPEND targets zegocall_${module})
  endforeach()
  foreach(component ${ARG_NEEDS})
    target_link_libraries(${target} INTERFACE zegocall_component_${component})
  endforeach()
  install(TARGETS ${target} ${targets} EXPORT zegocall-${name} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT zegocall-${name} NAMESPACE zegocall:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/zegocall)
endfunction()

zegocall_component(core MODULES base token call zego wire hub client store service)
if(ZEGOCALL_SERVER)
  zegocall_component(net MODULES net server gateway NEEDS core)
endif()
if(ZEGOCALL_SQLITE)
  zegocall_component(sqlite MODULES sqlite NEEDS core)
endif()

install(DIRECTORY include/zegocall DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
configure_file(cmake/zegocall-config.cmake.in zegocall-config.cmake @ONLY)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/zegocall-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/zegocall-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/zegocall-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/zegocall)
