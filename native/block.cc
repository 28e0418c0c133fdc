#include "block.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include "automaton.h"

namespace spectral {
namespace {

constexpr size_t kRetired = 4;

using Name = std::array<char, 16>;

int FdOf(bpf_object* object, const char* name) {
  const int fd = bpf_object__find_map_fd_by_name(object, name);
  if (fd < 0) throw EINVAL;
  return fd;
}

void Check(int result) {
  if (result < 0) throw errno;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) { Check(fd); }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int Release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

}  // namespace

Block::Block(bpf_object* object)
    : automata_(FdOf(object, "automata")),
      epoch_(FdOf(object, "epoch_in_force")),
      names_(FdOf(object, "exempt_names")),
      processes_(FdOf(object, "exempt_processes")) {}

Block::~Block() {
  for (int fd : retired_) close(fd);
}

std::string Block::SetAutomaton(const uint8_t* serial, size_t size, uint32_t epoch) {
  const uint32_t zero = 0, slot = epoch & 1;
  if (size == 0) epoch = 0;
  if (epoch != 0) {
    bpf_map_create_opts options{};
    options.sz = sizeof options;
    // Filled through a mapping: older kernels copy what a system call brings through memory that must be contiguous.
    options.map_flags = BPF_F_MMAPABLE;
    Descriptor map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "automaton", 4, sizeof(spectral_automaton), 1, &options));
    void* memory = mmap(nullptr, sizeof(spectral_automaton), PROT_READ | PROT_WRITE, MAP_SHARED, map.get(), 0);
    if (memory == MAP_FAILED) throw errno;
    const std::string problem = FillAutomaton(static_cast<spectral_automaton*>(memory), serial, size, epoch);
    munmap(memory, sizeof(spectral_automaton));
    if (!problem.empty()) return problem;
    const int fd = map.get();
    Check(bpf_map_update_elem(automata_, &slot, &fd, BPF_ANY));
    retired_.push_back(map.Release());
    if (retired_.size() > kRetired) {
      close(retired_.front());
      retired_.pop_front();
    }
  }
  Check(bpf_map_update_elem(epoch_, &zero, &epoch, BPF_ANY));
  return "";
}

void Block::SetExemptNames(const std::vector<std::string>& names) {
  const uint32_t one = 1;
  std::set<Name> wanted;
  for (const std::string& name : names) {
    Name key{};
    memcpy(key.data(), name.data(), std::min<size_t>(name.size(), key.size() - 1));
    if (key[0] != 0) wanted.insert(key);
  }
  for (const Name& name : wanted) Check(bpf_map_update_elem(names_, name.data(), &one, BPF_ANY));
  std::vector<Name> stale;
  Name key, next;
  for (const Name* last = nullptr; bpf_map_get_next_key(names_, last, &next) == 0; last = &key) {
    key = next;
    if (wanted.count(key) == 0) stale.push_back(key);
  }
  for (const Name& name : stale) bpf_map_delete_elem(names_, name.data());
}

void Block::ExemptProcess(uint32_t pid) {
  const uint32_t one = 1;
  Check(bpf_map_update_elem(processes_, &pid, &one, BPF_ANY));
}

}  // namespace spectral
