// The engine's serial automaton → the form that the kernel walks (bpf/spectral.h).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "spectral_types.h"

namespace spectral {

// Fills `to`, which is zeroed. Returns what makes the set too large for the kernel, or damaged; empty if nothing does.
std::string FillAutomaton(spectral_automaton* to, const uint8_t* serial, size_t size, uint32_t epoch);

}  // namespace spectral
