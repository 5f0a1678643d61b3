# Writes OUTPUT, a C++ file with the version and the commit of SOURCE; leaves
# it alone when nothing changed. Run at every build.
execute_process(
  COMMAND git describe --always --dirty=+ --exclude=*
  WORKING_DIRECTORY "${SOURCE}"
  OUTPUT_VARIABLE COMMIT
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
  RESULT_VARIABLE FAILED)
if(FAILED)
  set(COMMIT "unknown")
endif()
set(TEXT
    "#include \"app/version.h\"

namespace limner::app {

std::string commit() { return \"${COMMIT}\"; }

std::string version_text() { return \"limner ${VERSION} (${COMMIT})\"; }

}  // namespace limner::app
")
set(OLD "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" OLD)
endif()
if(NOT OLD STREQUAL TEXT)
  file(WRITE "${OUTPUT}" "${TEXT}")
endif()
