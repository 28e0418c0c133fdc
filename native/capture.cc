#include "capture.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <vector>

#include "block.h"
#include "errors.h"
#include "rows.h"

namespace spectral {
namespace {

// Milliseconds to add to a boot-time stamp to get wall-clock time.
double BootToEpochMs() {
  timespec wall, boot;
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return (wall.tv_sec - boot.tv_sec) * 1e3 + (wall.tv_nsec - boot.tv_nsec) / 1e6;
}

}  // namespace

// libbpf consumes a record before it looks at the answer, so "stop" must come with the last record that fits, not with
// the first that does not.
int Capture::AddRow(void* self, void* record, size_t size) {
  RowWriter* writer = static_cast<Capture*>(self)->writer_;
  writer->Add(record, size);
  return writer->Full() ? -ENOBUFS : 0;
}

Napi::Function Capture::Define(Napi::Env env) {
  return DefineClass(env, "Capture",
                     {InstanceMethod<&Capture::Attach>("attach"), InstanceMethod<&Capture::Detach>("detach"),
                      InstanceMethod<&Capture::Drain>("drain"), InstanceMethod<&Capture::Rearm>("rearm"),
                      InstanceMethod<&Capture::Counters>("counters"), InstanceMethod<&Capture::Close>("close"),
                      InstanceMethod<&Capture::SetAutomaton>("setAutomaton"),
                      InstanceMethod<&Capture::SetExemptNames>("setExemptNames"),
                      InstanceMethod<&Capture::ExemptProcess>("exemptProcess")});
}

Capture::Capture(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Capture>(info) {
  Napi::Env env = info.Env();
  if (info.Length() < 2 || !info[0].IsObject() || !info[1].IsFunction())
    throw Napi::TypeError::New(env, "Capture takes options and a callback");
  Napi::Object options = info[0].As<Napi::Object>();
  auto number = [&](const char* name) { return options.Get(name).ToNumber().Uint32Value(); };

  TakeLibbpfLog();
  const std::string path = options.Get("object").ToString().Utf8Value();
  bpf_object_open_opts open_options{};
  open_options.sz = sizeof open_options;
  open_options.object_name = "spectral";
  object_ = bpf_object__open_file(path.c_str(), &open_options);
  if (!object_) throw SystemError(env, "opening " + path, errno);
  try {
    bpf_map* ring = bpf_object__find_map_by_name(object_, "ring");
    bpf_map* config_map = bpf_object__find_map_by_name(object_, ".rodata.config");
    bpf_map* counters = bpf_object__find_map_by_name(object_, "counters");
    size_t config_bytes = 0;
    if (config_map) bpf_map__initial_value(config_map, &config_bytes);
    if (!ring || !counters || config_bytes != sizeof(spectral_config))
      throw SystemError(env, path + " is not a capture object of this version", EINVAL);
    spectral_config config{};
    cookies_ = options.Get("cookies").ToBoolean().Value();
    config.own_tgid = number("ownPid");
    config.write_cap = number("writeCap");
    config.wake_bytes = number("wakeBytes");
    config.mode = number("mode");
    config.dry_run = number("dryRun");
    config.may_sleep = number("maySleep");
    config.or_kill = number("orKill");
    config.fail_closed = number("failClosed");
    config.kill_interval_ns = static_cast<uint64_t>(options.Get("killIntervalNs").ToNumber().Int64Value());
    config.kill_burst_ns = static_cast<uint64_t>(options.Get("killBurstNs").ToNumber().Int64Value());
    bpf_program* program;
    if (config.may_sleep)
      bpf_object__for_each_program(program, object_)
        if (bpf_program__type(program) == BPF_PROG_TYPE_KPROBE) bpf_program__set_flags(program, BPF_F_SLEEPABLE);
    int error = bpf_map__set_initial_value(config_map, &config, sizeof config);
    if (!error) error = bpf_map__set_max_entries(ring, number("ringBytes"));
    if (!error) error = bpf_object__load(object_);
    if (error) throw SystemError(env, "loading " + path, -error);

    counters_fd_ = bpf_map__fd(counters);
    block_ = std::make_unique<Block>(object_);
    boot_to_epoch_ms_ = BootToEpochMs();
    ring_ = ring_buffer__new(bpf_map__fd(ring), AddRow, this, nullptr);
    if (!ring_) throw SystemError(env, "mapping the ring buffer", errno);
    for (const char* name : {"process_exit", "process_exec"}) {
      bpf_link* link = bpf_program__attach(Program(env, name));
      if (!link) throw SystemError(env, std::string("attaching ") + name, errno);
      links_[next_link_++] = link;
    }
    waiter_ = std::make_unique<Waiter>(env, info[1].As<Napi::Function>(), std::vector<int>{ring_buffer__epoll_fd(ring_)});
  } catch (int number) {
    Release();
    throw SystemError(env, "setting up " + path, number);
  } catch (...) {
    Release();
    throw;
  }
}

Capture::~Capture() { Release(); }

void Capture::Release() {
  waiter_.reset();
  for (auto& [id, link] : links_) bpf_link__destroy(link);
  links_.clear();
  if (ring_) ring_buffer__free(ring_);
  ring_ = nullptr;
  block_.reset();
  if (object_) bpf_object__close(object_);
  object_ = nullptr;
}

void Capture::Close(const Napi::CallbackInfo&) { Release(); }

void Capture::RequireOpen(Napi::Env env) const {
  if (!object_) throw Napi::Error::New(env, "the capture is closed");
}

bpf_program* Capture::Program(Napi::Env env, const std::string& name) const {
  bpf_program* program = bpf_object__find_program_by_name(object_, name.c_str());
  if (!program) throw Napi::Error::New(env, "no BPF program named " + name);
  return program;
}

Napi::Value Capture::Attach(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  const std::string path = info[0].ToString().Utf8Value();
  const int64_t offset = info[1].ToNumber().Int64Value();
  const std::string name = info[2].ToString().Utf8Value();
  TakeLibbpfLog();
  bpf_uprobe_opts options{};
  options.sz = sizeof options;
  // Kernels before 5.15 know no cookies; the object for them does not ask.
  if (cookies_) options.bpf_cookie = static_cast<uint64_t>(info[3].ToNumber().Int64Value());
  // PID -1: every process that maps this inode, now or later.
  bpf_link* link = bpf_program__attach_uprobe_opts(Program(env, name), -1, path.c_str(), offset, &options);
  if (!link) throw SystemError(env, "attaching to " + path, errno);
  links_[next_link_] = link;
  return Napi::Number::New(env, next_link_++);
}

void Capture::Detach(const Napi::CallbackInfo& info) {
  auto found = links_.find(info[0].ToNumber().Uint32Value());
  if (found == links_.end()) return;
  bpf_link__destroy(found->second);
  links_.erase(found);
}

Napi::Value Capture::Drain(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  if (!info[0].IsTypedArray()) throw Napi::TypeError::New(env, "drain takes the module's memory as a Uint8Array");
  Napi::Uint8Array memory = info[0].As<Napi::Uint8Array>();
  const uint32_t table = info[1].ToNumber().Uint32Value();
  const uint32_t rows = info[2].ToNumber().Uint32Value();
  const uint32_t data = info[3].ToNumber().Uint32Value();
  const uint32_t data_bytes = info[4].ToNumber().Uint32Value();
  const uint64_t size = memory.ByteLength();
  if (table + static_cast<uint64_t>(rows) * sizeof(Row) > size || static_cast<uint64_t>(data) + data_bytes > size)
    throw Napi::RangeError::New(env, "the batch lies outside of the module's memory");
  RowWriter writer(memory.Data(), table, rows, data, data_bytes, boot_to_epoch_ms_);
  if (writer.Full()) return Napi::Number::New(env, 0);
  writer_ = &writer;
  int result = ring_buffer__consume(ring_);
  writer_ = nullptr;
  if (result < 0 && result != -ENOBUFS) throw SystemError(env, "reading the ring buffer", -result);
  return Napi::Number::New(env, writer.count());
}

void Capture::Rearm(const Napi::CallbackInfo&) {
  if (waiter_) waiter_->Rearm();
}

Napi::Value Capture::Counters(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) throw SystemError(env, "counting CPUs", -cpus);
  std::vector<spectral_counters> per_cpu(cpus);
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(counters_fd_, &zero, per_cpu.data()) != 0) throw SystemError(env, "reading counters", errno);
  Napi::Object result = Napi::Object::New(env);
  auto sum = [&](const char* name, __u64 spectral_counters::* field) {
    uint64_t total = 0;
    for (const spectral_counters& one : per_cpu) total += one.*field;
    result.Set(name, Napi::Number::New(env, static_cast<double>(total)));
  };
  sum("records", &spectral_counters::records);
  sum("bytes", &spectral_counters::bytes);
  sum("reserveDrops", &spectral_counters::reserve_drops);
  sum("ringFullBytes", &spectral_counters::ring_full_bytes);
  sum("faultBytes", &spectral_counters::fault_bytes);
  sum("truncatedBytes", &spectral_counters::truncated_bytes);
  sum("sendfileBytes", &spectral_counters::sendfile_bytes);
  sum("untrackedBytes", &spectral_counters::untracked_bytes);
  sum("redactedWrites", &spectral_counters::redacted_writes);
  sum("deniedWrites", &spectral_counters::denied_writes);
  sum("killedWrites", &spectral_counters::killed_writes);
  sum("restrainedWrites", &spectral_counters::restrained_writes);
  sum("failedWrites", &spectral_counters::failed_writes);
  sum("unreadWrites", &spectral_counters::unread_writes);
  sum("verdictsLost", &spectral_counters::verdicts_lost);
  sum("forgottenConnections", &spectral_counters::forgotten_connections);
  return result;
}

void Capture::SetAutomaton(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  const uint8_t* serial = nullptr;
  size_t size = 0;
  if (info[0].IsTypedArray()) {
    Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    serial = bytes.Data();
    size = bytes.ByteLength();
  }
  std::string problem;
  try {
    problem = block_->SetAutomaton(serial, size, info[1].ToNumber().Uint32Value());
  } catch (int number) {
    throw SystemError(env, "handing the block literals to the kernel", number);
  }
  if (problem.empty()) return;
  Napi::Error error = Napi::Error::New(env, problem);
  error.Set("code", Napi::String::New(env, "E2BIG"));
  throw error;
}

void Capture::SetExemptNames(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  RequireOpen(env);
  Napi::Array array = info[0].As<Napi::Array>();
  std::vector<std::string> names;
  for (uint32_t i = 0; i < array.Length(); i++) names.push_back(array.Get(i).ToString().Utf8Value());
  try {
    block_->SetExemptNames(names);
  } catch (int number) {
    throw SystemError(env, "exempting names", number);
  }
}

void Capture::ExemptProcess(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env());
  try {
    block_->ExemptProcess(info[0].ToNumber().Uint32Value());
  } catch (int number) {
    throw SystemError(info.Env(), "exempting a process", number);
  }
}

}  // namespace spectral
