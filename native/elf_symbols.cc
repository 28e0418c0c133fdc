#include "elf_symbols.h"

#include "probe_point.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace spectral {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "no uprobe support for this architecture"
#endif

// Everything is read with pread into memory of our own: a mapping of a file that shrinks would raise SIGBUS.
constexpr uint64_t kTableCap = 256u << 20;

class File {
 public:
  explicit File(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat st;
    if (fd_ >= 0 && fstat(fd_, &st) == 0 && S_ISREG(st.st_mode)) size_ = st.st_size;
  }
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  uint64_t size() const { return size_; }
  bool opened() const { return fd_ >= 0; }

  bool Read(uint64_t offset, uint64_t length, void* into) const {
    if (length > size_ || offset > size_ - length) return false;
    char* to = static_cast<char*>(into);
    while (length > 0) {
      ssize_t n = pread(fd_, to, length, offset);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      to += n;
      offset += n;
      length -= n;
    }
    return true;
  }

  template <typename T>
  bool ReadArray(uint64_t offset, uint64_t count, std::vector<T>* into) const {
    if (count > kTableCap / sizeof(T)) return false;
    into->resize(count);
    return Read(offset, count * sizeof(T), into->data());
  }

 private:
  int fd_;
  uint64_t size_ = 0;
};

int64_t FileOffset(uint64_t file_size, const std::vector<Elf64_Phdr>& segments, Elf64_Addr address) {
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X)) continue;
    if (segment.p_offset > file_size || segment.p_filesz > file_size - segment.p_offset) continue;
    if (address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
      return static_cast<int64_t>(address - segment.p_vaddr + segment.p_offset);
  }
  return -1;
}

int64_t PointOf(const File& file, int64_t entry) {
  uint8_t code[kPrologueBytes];
  const uint64_t length = std::min<uint64_t>(sizeof code, file.size() - entry);
  return file.Read(entry, length, code) ? entry + static_cast<int64_t>(ProbePoint(code, length)) : entry;
}

bool Named(const std::vector<char>& strings, uint64_t at, const std::string& name) {
  return at < strings.size() && strings.size() - at > name.size() && memcmp(&strings[at], name.c_str(), name.size() + 1) == 0;
}

bool Mentions(const std::vector<char>& strings, const std::string& name) {
  return memmem(strings.data(), strings.size(), name.c_str(), name.size() + 1) != nullptr;
}

}  // namespace

ElfSymbols FindSymbols(const std::string& path, const std::vector<std::string>& names) {
  ElfSymbols result{ElfStatus::kNotElf, 0, std::vector<int64_t>(names.size(), -1),
                    std::vector<int64_t>(names.size(), -1)};
  File file(path);
  if (!file.opened()) {
    result.status = ElfStatus::kUnreadable;
    result.error = errno;
    return result;
  }
  Elf64_Ehdr header;
  if (!file.Read(0, sizeof header, &header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return result;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != kMachine) {
    result.status = ElfStatus::kOtherMachine;
    return result;
  }
  std::vector<Elf64_Phdr> segments;
  std::vector<Elf64_Shdr> sections;
  if (header.e_phentsize != sizeof(Elf64_Phdr) || !file.ReadArray(header.e_phoff, header.e_phnum, &segments)) return result;
  result.status = ElfStatus::kOk;
  if (header.e_shentsize != sizeof(Elf64_Shdr) || !file.ReadArray(header.e_shoff, header.e_shnum, &sections)) return result;

  for (Elf64_Word table : {SHT_DYNSYM, SHT_SYMTAB}) {
    for (const Elf64_Shdr& section : sections) {
      if (section.sh_type != table || section.sh_link >= sections.size() || section.sh_entsize != sizeof(Elf64_Sym)) continue;
      const Elf64_Shdr& link = sections[section.sh_link];
      std::vector<char> strings;
      std::vector<Elf64_Sym> symbols;
      if (!file.ReadArray(link.sh_offset, link.sh_size, &strings)) continue;
      bool mentioned = false;
      for (const std::string& name : names) mentioned = mentioned || Mentions(strings, name);
      if (!mentioned || !file.ReadArray(section.sh_offset, section.sh_size / sizeof(Elf64_Sym), &symbols)) continue;
      for (const Elf64_Sym& symbol : symbols) {
        if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC) continue;
        for (size_t i = 0; i < names.size(); i++)
          if (result.offsets[i] < 0 && Named(strings, symbol.st_name, names[i])) {
            result.offsets[i] = FileOffset(file.size(), segments, symbol.st_value);
            if (result.offsets[i] >= 0) result.points[i] = PointOf(file, result.offsets[i]);
          }
      }
    }
    // The full table of a library only repeats the dynamic one.
    for (int64_t offset : result.offsets)
      if (offset >= 0) return result;
  }
  return result;
}

}  // namespace spectral
