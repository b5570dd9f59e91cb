// Vectors of floats as wide as the processor's registers, loaded from and stored to maps of float or bfloat16.
#pragma once

#include "common.h"

namespace soat {

#ifdef __AVX512F__
constexpr int lanes = 16;
#else
constexpr int lanes = 8;
#endif

typedef float vec __attribute__((vector_size(lanes * sizeof(float)), aligned(sizeof(float)), may_alias));
typedef uint32_t vec_bits __attribute__((vector_size(lanes * sizeof(uint32_t)), aligned(sizeof(uint32_t)), may_alias));
typedef uint16_t vec_halves __attribute__((vector_size(lanes * sizeof(uint16_t)), aligned(sizeof(uint16_t)), may_alias));

inline vec load_vec(const float* place) { return *reinterpret_cast<const vec*>(place); }

inline vec load_vec(const bfloat16* place) {
    const vec_halves halves = *reinterpret_cast<const vec_halves*>(place);
    return reinterpret_cast<vec>(__builtin_convertvector(halves, vec_bits) << 16);
}

inline void store_vec(float* place, vec value) { *reinterpret_cast<vec*>(place) = value; }

inline void store_vec(bfloat16* place, vec value) {
    // As `store` does for one.
    const vec_bits bits = reinterpret_cast<vec_bits>(value);
    const vec_bits rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    const vec_bits chosen = (bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : rounded;
    *reinterpret_cast<vec_halves*>(place) = __builtin_convertvector(chosen, vec_halves);
}

// A vector, or the `count` values that are left and zeros.
template <typename T>
inline vec load_some(const T* place, int64_t count) {
    if (count >= lanes) return load_vec(place);
    T values[lanes] = {};
    std::memcpy(values, place, count * sizeof(T));
    return load_vec(values);
}

template <typename T>
inline void store_some(T* place, vec value, int64_t count) {
    if (count >= lanes) return store_vec(place, value);
    T values[lanes];
    store_vec(values, value);
    std::memcpy(place, values, count * sizeof(T));
}

}  // namespace soat
