// Reading a window of a canvas scaled by the style, in one pass: what goes into a convolution; and the scaling's gradient.
// Channels-last.
// Beside ops/window.py.
#include "common.h"

namespace soat {
namespace {

template <typename T>
void scaled_window(const T* x, T* out, int64_t batch, int64_t channels, Axis rows, Axis columns, const float* style,
                   int64_t style_stride, int threads) {
    const int64_t line_values = columns.length * channels;
    in_parallel(batch * rows.length, 2 * line_values, threads, [&](int64_t begin, int64_t end) {
        for (int64_t line = begin; line < end; ++line) {
            const int64_t b = line / rows.length, row = rows.at(line % rows.length);
            T* __restrict target = out + line * line_values;
            if (row < 0) {
                std::memset(static_cast<void*>(target), 0, line_values * sizeof(T));
                continue;
            }
            const T* source = x + (b * rows.size + row) * columns.size * channels;
            const float* __restrict factor = style + b * style_stride;
            for (int64_t j = 0; j < columns.length; ++j, target += channels) {
                const int64_t column = columns.at(j);
                if (column < 0) {
                    std::memset(static_cast<void*>(target), 0, channels * sizeof(T));
                    continue;
                }
                const T* __restrict pixel = source + column * channels;
                for (int64_t c = 0; c < channels; ++c) store(target + c, load(pixel[c]) * factor[c]);
            }
        }
    });
}

// From the gradient of a scaled map to that of the map, in its place, and to that of the style: in one pass.
template <typename T>
void scaling_gradient(T* gradient, const T* x, int64_t batch, int64_t pixels, int64_t channels, const float* style,
                      int64_t style_stride, float* of_style, int threads) {
    constexpr int64_t run = 256;  // Pixels that are added up as floats.
    const int64_t runs = (pixels + run - 1) / run, shares = threads_for(batch * runs, 3 * run * channels, threads);
    std::vector<double> sums = zeros<double>(shares * batch * channels);
    in_shares(batch * runs, shares, [&](int64_t share, int64_t begin, int64_t end) {
        std::vector<float> line = zeros<float>(channels);
        for (int64_t each = begin; each < end; ++each) {
            const int64_t b = each / runs, first = each % runs * run, last = std::min(first + run, pixels);
            const float* __restrict factor = style + b * style_stride;
            float* __restrict to_style = line.data();
            std::fill(line.begin(), line.end(), 0.0f);
            for (int64_t pixel = first; pixel < last; ++pixel) {
                T* __restrict own = gradient + (b * pixels + pixel) * channels;
                const T* __restrict value = x + (b * pixels + pixel) * channels;
                for (int64_t c = 0; c < channels; ++c) {
                    const float g = load(own[c]);
                    to_style[c] += g * load(value[c]);
                    store(own + c, g * factor[c]);
                }
            }
            for (int64_t c = 0; c < channels; ++c) sums[(share * batch + b) * channels + c] += line[c];
        }
    });
    for (int64_t share = 0; share < shares; ++share)
        for (int64_t k = 0; k < batch * channels; ++k)
            of_style[k] += static_cast<float>(sums[share * batch * channels + k]);
}

}  // namespace
}  // namespace soat

#define SOAT_WINDOW(suffix, T)                                                                                       \
    SOAT_EXPORT int64_t soat_scaled_window_##suffix(const void* x, void* out, int64_t batch, int64_t channels,       \
                                                    int64_t height, int64_t top, int64_t out_height, int wrap_y,     \
                                                    int64_t width, int64_t left, int64_t out_width, int wrap_x,      \
                                                    const float* style, int64_t style_stride, int threads) {         \
        return soat::status_of([&] {                                                                                 \
            soat::scaled_window(static_cast<const T*>(x), static_cast<T*>(out), batch, channels,                     \
                                {height, top, out_height, wrap_y}, {width, left, out_width, wrap_x}, style,          \
                                style_stride, threads);                                                              \
        });                                                                                                          \
    }                                                                                                                \
    SOAT_EXPORT int64_t soat_scaling_gradient_##suffix(void* gradient, const void* x, int64_t batch, int64_t pixels, \
                                                       int64_t channels, const float* style, int64_t style_stride,   \
                                                       float* of_style, int threads) {                               \
        return soat::status_of([&] {                                                                                 \
            soat::scaling_gradient(static_cast<T*>(gradient), static_cast<const T*>(x), batch, pixels, channels,     \
                                   style, style_stride, of_style, threads);                                          \
        });                                                                                                          \
    }

SOAT_WINDOW(f32, float)
SOAT_WINDOW(bf16, soat::bfloat16)
