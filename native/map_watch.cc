#include "map_watch.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>

#include "errors.h"

namespace spectral {
namespace {

constexpr size_t kPages = 64;
constexpr size_t kSeenCap = 1 << 16;
constexpr size_t kQueueCap = 4096;

size_t PageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }
size_t RingBytes() { return (1 + kPages) * PageBytes(); }

/* PERF_RECORD_MMAP2 as in perf_event_open(2); the path follows, NUL-terminated. */
struct Mmap2 {
  perf_event_header header;
  uint32_t pid, tid;
  uint64_t address, length, page_offset;
  uint32_t major, minor;
  uint64_t inode, generation;
  uint32_t protection, flags;
};

uint64_t Mix(uint64_t a, uint64_t b) {
  a ^= b + 0x9e3779b97f4a7c15ull + (a << 6) + (a >> 2);
  a *= 0xff51afd7ed558ccdull;
  return a ^ (a >> 32);
}

}  // namespace

Napi::Function MapWatch::Define(Napi::Env env) {
  return DefineClass(env, "MapWatch",
                     {InstanceMethod<&MapWatch::Read>("read"), InstanceMethod<&MapWatch::Lost>("lost"),
                      InstanceMethod<&MapWatch::Forget>("forget"), InstanceMethod<&MapWatch::Close>("close")});
}

MapWatch::MapWatch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MapWatch>(info) {
  Napi::Env env = info.Env();
  if (info.Length() < 1 || !info[0].IsFunction()) throw Napi::TypeError::New(env, "MapWatch takes a callback");
  try {
    const int cpus = libbpf_num_possible_cpus();
    for (int cpu = 0; cpu < cpus; cpu++) OpenCpu(env, cpu);
    std::vector<int> fds;
    for (const Ring& ring : rings_) fds.push_back(ring.fd);
    waiter_ = std::make_unique<Waiter>(env, info[0].As<Napi::Function>(), fds, [this] { return Gather(); });
  } catch (...) {
    Release();
    throw;
  }
}

MapWatch::~MapWatch() { Release(); }

void MapWatch::OpenCpu(Napi::Env env, int cpu) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.mmap = 1;
  attributes.mmap2 = 1;
  // By bytes: `wakeup_events` counts samples only, and a mapping is none.
  attributes.watermark = 1;
  attributes.wakeup_watermark = 1;
  int fd = static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
  if (fd < 0) {
    if (errno == ENODEV) return;  // possible, but not plugged in
    throw SystemError(env, "watching for new mappings", errno);
  }
  void* base = mmap(nullptr, RingBytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) {
    int error = errno;
    close(fd);
    throw SystemError(env, "mapping the ring of new mappings", error);
  }
  rings_.push_back({fd, static_cast<uint8_t*>(base)});
}

void MapWatch::Release() {
  waiter_.reset();
  for (const Ring& ring : rings_) {
    munmap(ring.base, RingBytes());
    close(ring.fd);
  }
  rings_.clear();
}

void MapWatch::Close(const Napi::CallbackInfo&) { Release(); }

// On the waiter's thread.
bool MapWatch::Gather() {
  for (const Ring& ring : rings_) GatherRing(ring);
  std::lock_guard<std::mutex> lock(mutex_);
  return !queue_.empty();
}

void MapWatch::GatherRing(const Ring& ring) {
  auto* page = reinterpret_cast<perf_event_mmap_page*>(ring.base);
  const uint8_t* data = ring.base + PageBytes();
  const uint64_t mask = kPages * PageBytes() - 1;
  const uint64_t head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
  uint64_t tail = page->data_tail;
  uint8_t record[UINT16_MAX];
  while (tail < head) {
    perf_event_header header;
    for (size_t i = 0; i < sizeof header; i++) reinterpret_cast<uint8_t*>(&header)[i] = data[(tail + i) & mask];
    if (header.size < sizeof header) break;
    const uint64_t at = tail & mask;
    const size_t first = std::min<uint64_t>(header.size, mask + 1 - at);
    memcpy(record, data + at, first);
    memcpy(record + first, data, header.size - first);
    Take(record, header.type, header.size);
    tail += header.size;
  }
  __atomic_store_n(&page->data_tail, head, __ATOMIC_RELEASE);
}

void MapWatch::Take(const uint8_t* record, uint32_t type, uint32_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (type == PERF_RECORD_LOST && size >= sizeof(perf_event_header) + 16) {
    uint64_t lost;
    memcpy(&lost, record + sizeof(perf_event_header) + 8, sizeof lost);
    lost_ += lost;
    return;
  }
  if (type != PERF_RECORD_MMAP2 || size <= sizeof(Mmap2)) return;
  Mmap2 event;
  memcpy(&event, record, sizeof event);
  const char* path = reinterpret_cast<const char*>(record + sizeof event);
  // No inode: anonymous memory, [vdso].
  if (event.inode == 0 || path[0] != '/') return;
  const uint64_t identity =
      Mix(Mix((static_cast<uint64_t>(event.major) << 32) | event.minor, event.inode), event.generation);
  if (seen_.size() >= kSeenCap) seen_.clear();
  if (!seen_.insert(identity).second) return;
  if (queue_.size() >= kQueueCap) {
    lost_++;
    return;
  }
  queue_.push_back({event.pid, event.inode, std::string(path, strnlen(path, size - sizeof event))});
}

Napi::Value MapWatch::Read(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::vector<Mapping> taken;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    taken.swap(queue_);
  }
  Napi::Array result = Napi::Array::New(env, taken.size());
  for (uint32_t i = 0; i < taken.size(); i++) {
    Napi::Object mapping = Napi::Object::New(env);
    mapping.Set("pid", Napi::Number::New(env, taken[i].pid));
    mapping.Set("inode", Napi::Number::New(env, static_cast<double>(taken[i].inode)));
    mapping.Set("path", Napi::String::New(env, taken[i].path));
    result.Set(i, mapping);
  }
  if (waiter_) waiter_->Rearm();
  return result;
}

Napi::Value MapWatch::Lost(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> lock(mutex_);
  return Napi::Number::New(info.Env(), static_cast<double>(lost_));
}

void MapWatch::Forget(const Napi::CallbackInfo&) {
  std::lock_guard<std::mutex> lock(mutex_);
  seen_.clear();
}

}  // namespace spectral
