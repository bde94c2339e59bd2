// What a process uses, as /proc tells.
#pragma once

#include <cstdint>

namespace load {

/// CPU seconds of all threads so far; 0 for no process.
double cpu_seconds(int pid);
/// Resident memory in bytes; 0 for no process.
std::uint64_t resident_bytes(int pid);
/// Open descriptors; 0 for no process.
int open_descriptors(int pid);
/// As many descriptors as the system lets this process have.
void raise_descriptor_limit();

}  // namespace load
