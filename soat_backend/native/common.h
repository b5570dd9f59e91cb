// What all kernels share: 32-bit and bfloat16 storage, float arithmetic, and work spread over threads.
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#define SOAT_EXPORT extern "C" __attribute__((visibility("default")))

namespace soat {

// The activation: leaky ReLU and what keeps its variance at one.
constexpr float slope = 0.2f;
constexpr float gain = 1.41421356237309504880f;

// One direction of a window on a canvas.
struct Axis {
    int64_t size, start, length;
    int wraps;

    // Where a position of the window lies on the canvas; negative if it lies beyond.
    int64_t at(int64_t position) const {
        const int64_t place = start + position;
        if (wraps) return ((place % size) + size) % size;
        return place < size ? place : -1;
    }
};

// bfloat16 is the upper half of a float.
struct bfloat16 {
    uint16_t bits;
};

inline float load(float value) { return value; }

inline float load(bfloat16 value) {
    const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
    float result;
    std::memcpy(&result, &bits, sizeof result);
    return result;
}

inline void store(float* place, float value) { *place = value; }

inline void store(bfloat16* place, float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    // To the nearest, ties to even; what isn't a number stays none.
    const bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    place->bits = static_cast<uint16_t>(is_nan ? (bits >> 16) | 0x40u : rounded);
}

// How many threads a job of `count` parts is worth; `cost` is of one of them, in values touched.
inline int64_t threads_for(int64_t count, int64_t cost, int threads) {
    // A thread takes some microseconds to begin.
    constexpr int64_t worth_a_thread = 1 << 17;
    return std::max<int64_t>(1, std::min<int64_t>({threads, count, count * cost / worth_a_thread}));
}

// OpenMP as torch has loaded it, if it has: its threads are waiting on the other cores already, and others would have to
// wait for them. Found by name in the process, so that nothing is linked, and none comes beside torch's.
struct TorchThreads {
    void (*parallel)(void (*)(void*), void*, unsigned, unsigned);
    int (*own_number)();
    int (*how_many)();

    static const TorchThreads* find() {
        static const TorchThreads threads{named<decltype(parallel)>("GOMP_parallel"),
                                          named<decltype(own_number)>("omp_get_thread_num"),
                                          named<decltype(how_many)>("omp_get_num_threads")};
        return threads.parallel && threads.own_number && threads.how_many ? &threads : nullptr;
    }

    template <typename Function>
    static Function named(const char* name) {
        return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
    }
};

// Call work(share, begin, end) for equal shares of 0 ... count - 1, each in a thread: torch's, or one of its own.
template <typename Work>
void in_shares(int64_t count, int64_t shares, const Work& work) {
    const auto one = [&](int64_t share) { work(share, count * share / shares, count * (share + 1) / shares); };
    if (shares == 1) return one(0);
    if (const TorchThreads* torch = TorchThreads::find()) {
        const auto all = [&] {
            // There may be fewer threads than were asked for.
            for (int64_t share = torch->own_number(); share < shares; share += torch->how_many()) one(share);
        };
        using All = decltype(all);
        torch->parallel([](void* call) { (*static_cast<All*>(call))(); }, const_cast<void*>(static_cast<const void*>(&all)),
                        static_cast<unsigned>(shares), 0);
        return;
    }
    std::vector<std::thread> others;
    others.reserve(shares - 1);
    for (int64_t share = 1; share < shares; ++share) others.emplace_back([&, share] { one(share); });
    one(0);
    for (auto& other : others) other.join();
}

template <typename Work>
void in_parallel(int64_t count, int64_t cost, int threads, const Work& work) {
    in_shares(count, threads_for(count, cost, threads),
              [&](int64_t, int64_t begin, int64_t end) { work(begin, end); });
}

}  // namespace soat
