// Reading a window of a canvas scaled by the style, in one pass: what goes into a convolution. Channels-last.
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

}  // namespace
}  // namespace soat

#define SOAT_WINDOW(suffix, T)                                                                                        \
    SOAT_EXPORT void soat_scaled_window_##suffix(                                                                     \
        const void* x, void* out, int64_t batch, int64_t channels, int64_t height, int64_t top, int64_t out_height,   \
        int wrap_y, int64_t width, int64_t left, int64_t out_width, int wrap_x, const float* style,                   \
        int64_t style_stride, int threads) {                                                                          \
        soat::scaled_window(static_cast<const T*>(x), static_cast<T*>(out), batch, channels,                          \
                            {height, top, out_height, wrap_y}, {width, left, out_width, wrap_x}, style, style_stride, \
                            threads);                                                                                 \
    }

SOAT_WINDOW(f32, float)
SOAT_WINDOW(bf16, soat::bfloat16)
