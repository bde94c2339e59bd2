#include "support/failing_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

namespace zegocall::test {

namespace {

/// How to take one write or truncation back.
struct Undo {
  sqlite3_int64 size_before;
  sqlite3_int64 offset;
  std::string bytes_before;
};

/// SQLite gives us szOsFile bytes: this, and behind it the file of the VFS below.
struct File {
  sqlite3_file head;
  FailingVfs::Impl* owner;
  const char* path;  // SQLite keeps it as long as the file
  bool counted;
};

}  // namespace

struct FailingVfs::Impl {
  sqlite3_vfs vfs{};
  sqlite3_vfs* below = nullptr;
  std::string name;
  std::atomic<std::uint64_t> operations{0}, failures{0}, first{UINT64_MAX}, last{0};
  std::atomic<Fault> fault{Fault::io_error};
  std::function<void(std::string_view)> synced, writing;
  std::map<std::string, std::vector<Undo>, std::less<>> unsynced;

  /// Counts one operation; true if it must fail.
  bool must_fail() {
    const std::uint64_t number = operations++;
    const bool fails = number >= first && number <= last;
    if (fails) ++failures;
    return fails;
  }
};

namespace {

using Impl = FailingVfs::Impl;

File& as_file(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<File*>(file) + 1); }
Impl& owner(sqlite3_vfs* vfs) { return *static_cast<Impl*>(vfs->pAppData); }

void remember(File& file, sqlite3_file* below, sqlite3_int64 offset, sqlite3_int64 bytes) {
  sqlite3_int64 size = 0;
  below->pMethods->xFileSize(below, &size);
  Undo undo{size, offset, {}};
  undo.bytes_before.resize(static_cast<std::size_t>(std::clamp<sqlite3_int64>(size - offset, 0, bytes)));
  if (!undo.bytes_before.empty())
    below->pMethods->xRead(below, undo.bytes_before.data(), static_cast<int>(undo.bytes_before.size()), offset);
  file.owner->unsynced[file.path].push_back(std::move(undo));
}

int close_file(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }
int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), to, bytes, offset);
}
int write_file(sqlite3_file* handle, const void* from, int bytes, sqlite3_int64 offset) {
  File& file = as_file(handle);
  sqlite3_file* below = real(handle);
  if (!file.counted) return below->pMethods->xWrite(below, from, bytes, offset);
  if (file.owner->writing) file.owner->writing(file.path);
  const bool fails = file.owner->must_fail();
  if (fails && file.owner->fault == FailingVfs::Fault::full) return SQLITE_FULL;
  remember(file, below, offset, bytes);
  if (!fails) return below->pMethods->xWrite(below, from, bytes, offset);
  below->pMethods->xWrite(below, from, bytes / 2, offset);
  return SQLITE_IOERR_WRITE;
}
int truncate_file(sqlite3_file* handle, sqlite3_int64 size) {
  File& file = as_file(handle);
  sqlite3_file* below = real(handle);
  if (file.counted) {
    if (file.owner->must_fail()) return SQLITE_IOERR_TRUNCATE;
    sqlite3_int64 before = 0;
    below->pMethods->xFileSize(below, &before);
    remember(file, below, size, std::max<sqlite3_int64>(before - size, 0));
  }
  return below->pMethods->xTruncate(below, size);
}
int sync_file(sqlite3_file* handle, int) {
  File& file = as_file(handle);
  if (!file.counted) return SQLITE_OK;
  if (file.owner->must_fail()) return SQLITE_IOERR_FSYNC;
  file.owner->unsynced[file.path].clear();
  if (file.owner->synced) file.owner->synced(file.path);
  return SQLITE_OK;
}
int size_of(sqlite3_file* file, sqlite3_int64* size) { return real(file)->pMethods->xFileSize(real(file), size); }
int lock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int is_reserved(sqlite3_file* file, int* out) { return real(file)->pMethods->xCheckReservedLock(real(file), out); }
int control(sqlite3_file* file, int what, void* arg) { return real(file)->pMethods->xFileControl(real(file), what, arg); }
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int traits(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int shm_unmap(sqlite3_file* file, int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); }

// Version 2: shared memory, which a write-ahead log needs; no memory-mapped reads.
const sqlite3_io_methods methods{2,         close_file,  read_file,   write_file, truncate_file, sync_file, size_of,
                                 lock_file, unlock_file, is_reserved, control,    sector_size,   traits,    shm_map,
                                 shm_lock,  shm_barrier, shm_unmap,   nullptr,    nullptr};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* handle, int flags, int* out_flags) {
  Impl& impl = owner(vfs);
  const bool counted = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  as_file(handle) = File{{nullptr}, &impl, path, counted};
  const int code = impl.below->xOpen(impl.below, path, real(handle), flags, out_flags);
  if (real(handle)->pMethods) handle->pMethods = &methods;
  return code;
}
int delete_file(sqlite3_vfs* vfs, const char* path, int sync) {
  Impl& impl = owner(vfs);
  impl.unsynced.erase(path);
  return impl.below->xDelete(impl.below, path, sync);
}
int access_file(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
  return owner(vfs).below->xAccess(owner(vfs).below, path, flags, out);
}
int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  return owner(vfs).below->xFullPathname(owner(vfs).below, path, size, out);
}

std::string fresh_name() {
  static std::atomic<int> number{0};
  return "zegocall-failing-" + std::to_string(++number);
}

}  // namespace

FailingVfs::FailingVfs() : impl_(std::make_unique<Impl>()) {
  impl_->below = sqlite3_vfs_find(nullptr);
  impl_->name = fresh_name();
  impl_->vfs = *impl_->below;
  impl_->vfs.iVersion = 2;
  impl_->vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->below->szOsFile;
  impl_->vfs.zName = impl_->name.c_str();
  impl_->vfs.pAppData = impl_.get();
  impl_->vfs.pNext = nullptr;
  impl_->vfs.xOpen = open_file;
  impl_->vfs.xDelete = delete_file;
  impl_->vfs.xAccess = access_file;
  impl_->vfs.xFullPathname = full_path;
  sqlite3_vfs_register(&impl_->vfs, 0);
}

FailingVfs::~FailingVfs() { sqlite3_vfs_unregister(&impl_->vfs); }

const std::string& FailingVfs::name() const { return impl_->name; }

void FailingVfs::fail_at(std::uint64_t n, Fault fault, Lasting lasting) {
  heal();
  impl_->fault = fault;
  impl_->last = lasting == Lasting::once ? n : UINT64_MAX;
  impl_->first = n;
}

void FailingVfs::heal() {
  impl_->first = UINT64_MAX;
  impl_->last = 0;
  impl_->operations = 0;
  impl_->failures = 0;
}

std::uint64_t FailingVfs::operations() const { return impl_->operations; }
std::uint64_t FailingVfs::failures() const { return impl_->failures; }
void FailingVfs::on_sync(std::function<void(std::string_view)> hook) { impl_->synced = std::move(hook); }
void FailingVfs::on_write(std::function<void(std::string_view)> hook) { impl_->writing = std::move(hook); }

void FailingVfs::lose_unsynced() {
  for (auto& [path, undos] : impl_->unsynced) {
    if (!std::filesystem::exists(path)) continue;
    for (auto undo = undos.rbegin(); undo != undos.rend(); ++undo) {
      {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(undo->offset);
        file.write(undo->bytes_before.data(), static_cast<std::streamsize>(undo->bytes_before.size()));
      }
      std::filesystem::resize_file(path, static_cast<std::uintmax_t>(undo->size_before));
    }
  }
  impl_->unsynced.clear();
}

}  // namespace zegocall::test
