# cmake -DPROGRAM=... -P expect_caught.cmake: passes if the program fails because the property is falsified, and not
# because it crashed, or because there was nothing to run.
execute_process(COMMAND ${PROGRAM} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out TIMEOUT 100)
if(code EQUAL 0)
  message(FATAL_ERROR "the planted fault was not caught")
endif()
if(NOT code EQUAL 1 OR NOT out MATCHES "Falsifiable" OR NOT out MATCHES "invariants of the call model")
  message(FATAL_ERROR "failed, but not by the property (exit ${code}):\n${out}")
endif()
message("caught")
