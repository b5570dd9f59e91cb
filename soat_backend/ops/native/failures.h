// Failures: none may leave the library as an exception, which would end the process. They become a number that
// binding.py tells of.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

namespace soat {

// What an entry point returns if all went well, or for a reason nobody has thought of. Bytes that the system hadn't are
// what is above zero.
constexpr int64_t done = 0, failed = -1;

struct NoMemory {
    int64_t bytes;
};

// So many values, all zero.
template <typename T>
std::vector<T> zeros(int64_t count) {
    constexpr int64_t most = std::numeric_limits<int64_t>::max() / static_cast<int64_t>(sizeof(T));
    if (count < 0 || count > most) throw NoMemory{std::numeric_limits<int64_t>::max()};
    try {
        return std::vector<T>(static_cast<size_t>(count));
    } catch (const std::exception&) {
        throw NoMemory{count * static_cast<int64_t>(sizeof(T))};
    }
}

// So many floats, not filled.
inline std::unique_ptr<float[]> unfilled(int64_t count) {
    constexpr int64_t most = std::numeric_limits<int64_t>::max() / static_cast<int64_t>(sizeof(float));
    if (count < 0 || count > most) throw NoMemory{std::numeric_limits<int64_t>::max()};
    std::unique_ptr<float[]> room(new (std::nothrow) float[static_cast<size_t>(count)]);
    if (!room) throw NoMemory{count * static_cast<int64_t>(sizeof(float))};
    return room;
}

// What an entry point returns for its work.
template <typename Work>
int64_t status_of(const Work& work) noexcept {
    try {
        work();
        return done;
    } catch (const NoMemory& lacking) {
        return lacking.bytes;
    } catch (const std::bad_alloc&) {
        return 1;  // How much it was isn't known.
    } catch (...) {
        return failed;
    }
}

// Keeps the first exception of work that is shared by threads, which can't hand one on to each other.
class FirstFailure {
  public:
    template <typename Work>
    void run(const Work& work) noexcept {
        try {
            work();
        } catch (...) {
            if (!found_.exchange(true)) failure_ = std::current_exception();
        }
    }

    // To be called when all threads are through.
    void rethrow() const {
        if (failure_) std::rethrow_exception(failure_);
    }

  private:
    std::atomic<bool> found_{false};
    std::exception_ptr failure_;
};

}  // namespace soat
