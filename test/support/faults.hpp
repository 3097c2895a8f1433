// Faults of the disk: the test program has its own fsync(2), ftruncate(2) and write(2), which pass on to the
// kernel's except while one of these objects lives.
#pragma once

namespace amltrain::test {

/// The `number`th fsync from now fails with `error_number`.
class FailingFsync {
 public:
  FailingFsync(int number, int error_number);
  ~FailingFsync();
  FailingFsync(const FailingFsync&) = delete;
  FailingFsync& operator=(const FailingFsync&) = delete;
};

/// Nothing that was written can be taken back.
class FailingCuts {
 public:
  FailingCuts();
  ~FailingCuts();
  FailingCuts(const FailingCuts&) = delete;
  FailingCuts& operator=(const FailingCuts&) = delete;
};

/// Each write is first interrupted, then writes at most 100 bytes.
class StutteringWrite {
 public:
  StutteringWrite();
  ~StutteringWrite();
  StutteringWrite(const StutteringWrite&) = delete;
  StutteringWrite& operator=(const StutteringWrite&) = delete;
};

}  // namespace amltrain::test
