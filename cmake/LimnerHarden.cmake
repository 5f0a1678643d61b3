# What the compiler and the linker do against a reader that can be led astray,
# for limner_options: canaries in frames, checked library calls, no table of
# addresses that can be written to, and (x86-64) marked targets of jumps.
# docs/performance.md tells what that costs.
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

function(limner_harden_compiler FLAG)
  string(MAKE_C_IDENTIFIER "LIMNER_HAS${FLAG}" KNOWN)
  check_cxx_compiler_flag(${FLAG} ${KNOWN})
  if(${KNOWN})
    target_compile_options(limner_options INTERFACE "$<BUILD_INTERFACE:${FLAG}>")
  endif()
endfunction()

function(limner_harden_linker FLAG)
  string(MAKE_C_IDENTIFIER "LIMNER_HAS${FLAG}" KNOWN)
  check_linker_flag(CXX ${FLAG} ${KNOWN})
  if(${KNOWN})
    target_link_options(limner_options INTERFACE "$<BUILD_INTERFACE:${FLAG}>")
  endif()
endfunction()

limner_harden_compiler(-fstack-protector-strong)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  limner_harden_compiler(-fcf-protection=full)
endif()
limner_harden_linker(-Wl,-z,relro)
limner_harden_linker(-Wl,-z,now)

# Level 3 knows more sizes and came with GCC 12; it needs an optimiser. Ubuntu's
# compilers define a level of their own.
set(LEVEL 2)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION
                                            VERSION_GREATER_EQUAL 12)
  set(LEVEL 3)
endif()
target_compile_options(
  limner_options
  INTERFACE
    "$<BUILD_INTERFACE:$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>>"
    "$<BUILD_INTERFACE:$<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=${LEVEL}>>")
