// What all kernels share: 32-bit and bfloat16 storage, float arithmetic; and with the other headers, work spread over
// threads and failures told.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "failures.h"
#include "threads.h"

#ifdef _WIN32
#define SOAT_EXPORT extern "C" __declspec(dllexport)
#else
#define SOAT_EXPORT extern "C" __attribute__((visibility("default")))
#endif

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

}  // namespace soat
