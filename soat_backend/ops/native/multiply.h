// Products of matrices whose second one lies in groups of 16 columns.
#pragma once

#include "vectors.h"

namespace soat {

constexpr int64_t group = 16;
constexpr int vectors = group / lanes;
// Accumulators of so many rows and groups fill the registers.
constexpr int rows_at_once = 6, groups_at_once = lanes == 16 ? 4 : 1;

// out[r, 0 ... G * group - 1] = sum over k of in[r, k] * weights[g, k, c], for R rows and G groups.
template <int R, int G>
void multiply_block(const float* __restrict in, int64_t depth, const float* __restrict weights, float* __restrict out,
                    int64_t out_stride) {
    vec sums[R][G * vectors] = {};
    for (int64_t k = 0; k < depth; ++k) {
        vec w[G * vectors];
#pragma GCC unroll 8
        for (int g = 0; g < G; ++g)
#pragma GCC unroll 8
            for (int i = 0; i < vectors; ++i)
                w[g * vectors + i] = load_vec(weights + (g * depth + k) * group + i * lanes);
#pragma GCC unroll 8
        for (int r = 0; r < R; ++r) {
            const float factor = in[r * depth + k];
#pragma GCC unroll 8
            for (int i = 0; i < G * vectors; ++i) sums[r][i] += factor * w[i];
        }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
        for (int i = 0; i < G * vectors; ++i) store_vec(out + r * out_stride + i * lanes, sums[r][i]);
}

template <int G>
void multiply_groups(const float* in, int64_t rows, int64_t depth, const float* weights, float* out,
                     int64_t out_stride) {
    for (; rows >= rows_at_once; rows -= rows_at_once, in += rows_at_once * depth, out += rows_at_once * out_stride)
        multiply_block<rows_at_once, G>(in, depth, weights, out, out_stride);
    switch (rows) {
        case 5: return multiply_block<5, G>(in, depth, weights, out, out_stride);
        case 4: return multiply_block<4, G>(in, depth, weights, out, out_stride);
        case 3: return multiply_block<3, G>(in, depth, weights, out, out_stride);
        case 2: return multiply_block<2, G>(in, depth, weights, out, out_stride);
        case 1: return multiply_block<1, G>(in, depth, weights, out, out_stride);
    }
}

// `[rows, depth]` times weights `[groups, depth, group]`, to `[rows, groups * group]`.
inline void multiply(const float* in, int64_t rows, int64_t depth, const float* weights, int64_t groups, float* out) {
    const int64_t stride = groups * group;
    int64_t g = 0;
    for (; g + groups_at_once <= groups; g += groups_at_once)
        multiply_groups<groups_at_once>(in, rows, depth, weights + g * depth * group, out + g * group, stride);
    const float* rest = weights + g * depth * group;
    switch (groups - g) {
        case 3: return multiply_groups<3>(in, rows, depth, rest, out + g * group, stride);
        case 2: return multiply_groups<2>(in, rows, depth, rest, out + g * group, stride);
        case 1: return multiply_groups<1>(in, rows, depth, rest, out + g * group, stride);
    }
}

}  // namespace soat
