// Work spread over threads: torch's, or a library's own where torch's can't be found.
#pragma once

#ifndef _WIN32
#include <dlfcn.h>
#endif

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "failures.h"

namespace soat {

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
#ifdef _WIN32
        // Its OpenMP libraries (libiomp5md, vcomp) have no GOMP_parallel, nor is there one table of a process's names.
        static_cast<void>(name);
        return nullptr;
#else
        return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
#endif
    }
};

// Call one(share) for 1 ... shares - 1 in a thread each, and for 0 in this one; for those that no thread can be had for too.
template <typename One>
void in_own_threads(int64_t shares, const One& one) {
    std::vector<std::thread> others;
    others.reserve(shares - 1);
    int64_t begun = 1;
    try {
        for (; begun < shares; ++begun) others.emplace_back([&one, begun] { one(begun); });
    } catch (...) {
        // The system has no more threads, or no memory for them.
    }
    one(0);
    for (; begun < shares; ++begun) one(begun);
    for (auto& other : others) other.join();
}

// Call work(share, begin, end) for equal shares of 0 ... count - 1, each in a thread: torch's, or one of its own.
template <typename Work>
void in_shares(int64_t count, int64_t shares, const Work& work) {
    const auto one = [&](int64_t share) { work(share, count * share / shares, count * (share + 1) / shares); };
    if (shares == 1) return one(0);
    FirstFailure failure;
    const auto safe = [&](int64_t share) { failure.run([&] { one(share); }); };
    if (const TorchThreads* torch = TorchThreads::find()) {
        const auto all = [&] {
            // There may be fewer threads than were asked for.
            for (int64_t share = torch->own_number(); share < shares; share += torch->how_many()) safe(share);
        };
        using All = decltype(all);
        torch->parallel([](void* call) { (*static_cast<All*>(call))(); }, const_cast<void*>(static_cast<const void*>(&all)),
                        static_cast<unsigned>(shares), 0);
    } else {
        in_own_threads(shares, safe);
    }
    failure.rethrow();
}

template <typename Work>
void in_parallel(int64_t count, int64_t cost, int threads, const Work& work) {
    in_shares(count, threads_for(count, cost, threads),
              [&](int64_t, int64_t begin, int64_t end) { work(begin, end); });
}

}  // namespace soat
