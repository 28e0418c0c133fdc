// The JS class MapWatch: reports each file the moment any process maps it executable, once per inode.
//
// The kernel writes a PERF_RECORD_MMAP2 for every executable mapping into one ring per CPU (a software dummy event asks
// for nothing else). The waiter's thread reads them, drops inodes it has seen, and queues the rest for JS.
#pragma once
#include <napi.h>

#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "waiter.h"

namespace spectral {

struct Mapping {
  uint32_t pid;
  uint64_t inode;
  std::string path;
};

class MapWatch : public Napi::ObjectWrap<MapWatch> {
 public:
  static Napi::Function Define(Napi::Env env);

  // new MapWatch(onReady)
  explicit MapWatch(const Napi::CallbackInfo& info);
  ~MapWatch() override;

 private:
  struct Ring {
    int fd;
    uint8_t* base;
  };

  // read() → [{ pid, inode, path }], and makes onReady possible again
  Napi::Value Read(const Napi::CallbackInfo& info);
  // lost() → number of mappings the kernel had no room for, plus those dropped from a full queue
  Napi::Value Lost(const Napi::CallbackInfo& info);
  // forget(): report every inode anew (an inode number may have been given to another file)
  void Forget(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  void OpenCpu(Napi::Env env, int cpu);
  bool Gather();
  void GatherRing(const Ring& ring);
  void Take(const uint8_t* record, uint32_t type, uint32_t size);
  void Release();

  std::vector<Ring> rings_;
  std::unique_ptr<Waiter> waiter_;
  std::mutex mutex_;
  std::unordered_set<uint64_t> seen_;
  std::vector<Mapping> queue_;
  uint64_t lost_ = 0;
};

}  // namespace spectral
