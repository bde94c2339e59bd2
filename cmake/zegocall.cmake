# The few helpers that every CMakeLists of this project uses.

function(zegocall_flags target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow -Werror -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports the first on optional and variant members that are in fact set (GCC bugs 80635, 105562), the second at
    # -O2 and -O3 on "text" + std::string (GCC bug 105651).
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-restrict)
    if(CMAKE_UNITY_BUILD)
      # Looks for anonymous namespaces in headers, and takes a joined source for one.
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
  endif()
  target_compile_features(${target} PUBLIC cxx_std_20)
  if(ZEGOCALL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ZEGOCALL_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${ZEGOCALL_SANITIZE})
  endif()
  if(ZEGOCALL_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
endfunction()

# zegocall_module(call SOURCES a.cpp b.cpp LINK base): target zegocall_call, alias zegocall::module::call.
# LINK names modules; PRIVATE_LINK and SYSTEM name third-party targets that stay inside.
function(zegocall_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  set(target zegocall_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  zegocall_flags(${target})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON EXPORT_NAME module_${name})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  foreach(module ${ARG_LINK})
    target_link_libraries(${target} PUBLIC zegocall_${module})
  endforeach()
  target_link_libraries(${target} PRIVATE ${ARG_PRIVATE_LINK})
  set_property(GLOBAL APPEND PROPERTY ZEGOCALL_MODULES ${target})
endfunction()

# zegocall_planted_faults(store SEAT_NOT_RELEASED ...): an option ZEGOCALL_FAULT_... for each, OFF; ON builds the module
# with that fault, and its tests must fail. CONTRIBUTING.md lists them.
function(zegocall_planted_faults module)
  foreach(fault ${ARGN})
    option(ZEGOCALL_FAULT_${fault} "Planted fault: tests must fail" OFF)
    if(ZEGOCALL_FAULT_${fault})
      target_compile_definitions(zegocall_${module} PRIVATE ZEGOCALL_FAULT_${fault})
    endif()
  endforeach()
endfunction()

# What is tested is optimized; a test's own code, half of the build, compiles a quarter faster without (docs/adr/0015).
function(zegocall_test_flags target)
  zegocall_flags(${target})
  target_compile_options(${target} PRIVATE -O0)
endfunction()

# zegocall_test(call_model SOURCES a.cpp LINK call): one doctest program, registered with ctest.
# Tests may see module-private headers as "call/fold.hpp". LABELS go to ctest; ENV is set for the run.
function(zegocall_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;PRIVATE_LINK;LABELS;ENV" ${ARGN})
  set(target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  zegocall_test_flags(${target})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_UNITY_BUILD)
    # Takes a helper of a joined neighbour for a name that a local one hides; g++ looks at the same sources.
    target_compile_options(${target} PRIVATE -Wno-shadow)
  endif()
  if(ZEGOCALL_FUZZ)
    target_compile_options(${target} PRIVATE -fno-sanitize=fuzzer-no-link,undefined)
  endif()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  foreach(module ${ARG_LINK})
    target_link_libraries(${target} PRIVATE zegocall_${module})
  endforeach()
  target_link_libraries(${target} PRIVATE zegocall_test_main ${ARG_PRIVATE_LINK})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" ENVIRONMENT "${ARG_ENV}")
endfunction()

# zegocall_must_not_compile(no_compile/secret.cpp CASES 3): the file must compile as it is (BAD=0), so that it cannot fail
# for another reason, and must not for BAD=1 to BAD=3. Each is a test of its own.
function(zegocall_must_not_compile file)
  cmake_parse_arguments(ARG "" "CASES" "" ${ARGN})
  get_filename_component(name ${file} NAME_WE)
  foreach(case RANGE 0 ${ARG_CASES})
    add_test(NAME no_compile_${name}_${case}
      COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -fsyntax-only -DBAD=${case} -I${PROJECT_SOURCE_DIR}/include
              ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    set_tests_properties(no_compile_${name}_${case} PROPERTIES TIMEOUT 60)
    if(case GREATER 0)
      set_tests_properties(no_compile_${name}_${case} PROPERTIES WILL_FAIL TRUE)
    endif()
  endforeach()
endfunction()

# zegocall_expect_caught(call_fault_x PROGRAM test_x WANTED "regex" "regex" ...): the program must fail, with exit code 1, and
# say all of that; a crash does not count. More goes to it as ARGUMENTS.
function(zegocall_expect_caught name)
  cmake_parse_arguments(ARG "" "PROGRAM;ARGUMENTS;ENV" "WANTED" ${ARGN})
  string(REPLACE ";" "|then|" wanted "${ARG_WANTED}")
  add_test(NAME ${name}
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${ARG_PROGRAM}> "-DARGUMENTS=${ARG_ARGUMENTS}" "-DWANTED=${wanted}"
            -P ${PROJECT_SOURCE_DIR}/tests/expect_caught.cmake)
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 ENVIRONMENT "${ARG_ENV}")
endfunction()
