// The maps by which a loaded BPF object blocks: automaton, exempt processes, exempt names. See bpf/walk.h and bpf/block.h.
#pragma once
#include <bpf/libbpf.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace spectral {

class Block {
 public:
  explicit Block(bpf_object* object);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  // Puts another automaton in force; `size` 0: none. Returns what is wrong with it, empty if nothing is; throws int, an errno.
  std::string SetAutomaton(const uint8_t* serial, size_t size, uint32_t epoch);
  // Replaces the names. New ones are in force before old ones go. Throws int.
  void SetExemptNames(const std::vector<std::string>& names);
  void ExemptProcess(uint32_t pid);

 private:
  int automata_, epoch_, names_, processes_;
  // Maps taken out of service. A program that sleeps may still walk one, so the latest are kept.
  std::deque<int> retired_;
};

}  // namespace spectral
