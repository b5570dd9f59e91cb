// 3x3 convolutions by Winograd's minimal filtering: tiles of the window and the weights are moved to points, where a
// convolution is one multiplication each. Beside ops/winograd.py, which says what each number is.
#include "multiply.h"

#include <memory>

namespace soat {
namespace {

// F(4 x 4, 3 x 3): a tile of 6 x 6 values to 4 x 4 results by 36 multiplications instead of 144. The polynomials' points are
// 0, +-a, +-b and infinity, as in ops/kernels.py.
struct Same {
    static constexpr int side = 6, step = 4, points = 6;
    static constexpr float a = 0.70710678118654752f, b = 1.41421356237309505f;
    static constexpr float a2 = 0.5f, b2 = 2.0f, a3 = a * a2, b3 = b * b2;

    // One row or column, its values `stride` apart.
    static inline void forth(const vec* d, int stride, vec* v, int to) {
        const vec d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride],
                  d5 = d[5 * stride];
        const vec even_a = d4 - b2 * d2, odd_a = a * d3 - b * d1;
        const vec even_b = d4 - a2 * d2, odd_b = b * d3 - a * d1;
        v[0] = d0 - (a2 + b2) * d2 + d4;
        v[to] = even_a + odd_a;
        v[2 * to] = even_a - odd_a;
        v[3 * to] = even_b + odd_b;
        v[4 * to] = even_b - odd_b;
        v[5 * to] = d1 - (a2 + b2) * d3 + d5;
    }

    static inline void back(const vec* m, int stride, vec* y, int to) {
        const vec m1 = m[stride], m2 = m[2 * stride], m3 = m[3 * stride], m4 = m[4 * stride];
        const vec sum_a = m1 + m2, difference_a = m1 - m2, sum_b = m3 + m4, difference_b = m3 - m4;
        y[0] = m[0] + sum_a + sum_b;
        y[to] = a * difference_a + b * difference_b;
        y[2 * to] = a2 * sum_a + b2 * sum_b;
        y[3 * to] = a3 * difference_a + b3 * difference_b + m[5 * stride];
    }
};

// A transposed convolution of stride 2: of 4 x 4 values 3 x 3 results of each phase, by 49 multiplications instead of 81. Even
// rows and columns have one tap, odd ones two: F(3, 2) with the points 0, 1, -1 and infinity. Points: the odd ones' four,
// then the even ones' three values; results: three odd ones, then three even ones.
struct Doubling {
    static constexpr int side = 4, step = 3, points = 7;

    static inline void forth(const vec* d, int stride, vec* v, int to) {
        const vec d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride];
        v[0] = d2 - d0;
        v[to] = d2 + d1;
        v[2 * to] = d2 - d1;
        v[3 * to] = d3 - d1;
        v[4 * to] = d0;
        v[5 * to] = d1;
        v[6 * to] = d2;
    }

    static inline void back(const vec* m, int stride, vec* y, int to) {
        const vec m1 = m[stride], m2 = m[2 * stride];
        y[0] = m[0] + m1 + m2;
        y[to] = m1 - m2;
        y[2 * to] = m1 + m2 + m[3 * stride];
        for (int k = 3; k < 6; ++k) y[k * to] = m[(k + 1) * stride];
    }
};

// What tiles are read from: a window of the canvas, with a halo of one, scaled by the style.
template <typename T>
struct Input {
    const T* x;
    Axis rows, columns;
    int64_t channels;
    const float* style;
    int64_t style_stride;

    // One tile to its points, v[point, channel].
    template <typename Scheme>
    void read(int64_t image, int64_t top, int64_t left, float* v, int64_t point_stride) const {
        constexpr int side = Scheme::side;
        const T* places[side * side];
        bool whole = channels % lanes == 0;
        for (int64_t i = 0; i < side; ++i) {
            const int64_t row = top + i < rows.length ? rows.at(top + i) : -1;
            for (int64_t j = 0; j < side; ++j) {
                const int64_t column = left + j < columns.length ? columns.at(left + j) : -1;
                const bool inside = row >= 0 && column >= 0;
                places[i * side + j] =
                    inside ? x + ((image * rows.size + row) * columns.size + column) * channels : nullptr;
                whole = whole && inside;
            }
        }
        const float* own_style = style + image * style_stride;
        if (whole)
            transform<Scheme>(own_style, v, point_stride, [&](int p, int64_t c) { return load_vec(places[p] + c); });
        else
            transform<Scheme>(own_style, v, point_stride, [&](int p, int64_t c) {
                return places[p] ? load_some(places[p] + c, channels - c) : vec{};
            });
    }

    template <typename Scheme, typename Load>
    void transform(const float* own_style, float* v, int64_t point_stride, const Load& value) const {
        constexpr int side = Scheme::side, points = Scheme::points;
        for (int64_t c = 0; c < channels; c += lanes) {
            const int64_t count = channels - c;
            const vec factor = load_some(own_style + c, count);
            vec half[side * points];
            for (int i = 0; i < side; ++i) {
                vec row[side];
#pragma GCC unroll 8
                for (int j = 0; j < side; ++j) row[j] = value(i * side + j, c) * factor;
                Scheme::forth(row, 1, half + i * points, 1);
            }
            for (int j = 0; j < points; ++j) {
                vec column[points];
                Scheme::forth(half + j, points, column, 1);
#pragma GCC unroll 8
                for (int i = 0; i < points; ++i)
                    store_some(v + (i * points + j) * point_stride + c, column[i], count);
            }
        }
    }
};

// The results of one tile of m[point, channel], for `lanes` channels at a time: each(c, results).
template <typename Scheme, int results, typename Each>
inline void results_of(const float* m, int64_t point_stride, int64_t channels, const Each& each) {
    constexpr int points = Scheme::points;
    for (int64_t c = 0; c < channels; c += lanes) {
        vec half[points * results], done[results * results];
        for (int i = 0; i < points; ++i) {
            vec row[points];
#pragma GCC unroll 8
            for (int j = 0; j < points; ++j) row[j] = load_vec(m + (i * points + j) * point_stride + c);
            Scheme::back(row, 1, half + i * results, 1);
        }
        for (int j = 0; j < results; ++j) Scheme::back(half + j, results, done + j, results);
        each(c, done);
    }
}

// A layer that keeps its size is finished as it is written.
template <typename T>
struct Finished {
    using Scheme = Same;
    T* out;
    int64_t height, width, channels;
    const float *scale, *noise;
    int64_t noise_stride;
    const float* bias;
    float limit;

    void write(const float* m, int64_t point_stride, int64_t image, int64_t top, int64_t left) const {
        constexpr int step = Scheme::step;
        const int64_t rows = std::min<int64_t>(step, height - top), columns = std::min<int64_t>(step, width - left);
        results_of<Scheme, step>(m, point_stride, channels, [&](int64_t c, const vec* sums) {
            const int64_t count = channels - c;
            const vec factor = load_some(scale + image * channels + c, count), shift = load_some(bias + c, count);
            for (int64_t i = 0; i < rows; ++i)
                for (int64_t j = 0; j < columns; ++j) {
                    const int64_t place = (top + i) * width + left + j;
                    vec y = sums[i * step + j] * factor + shift;
                    if (noise) y += noise[image * noise_stride + place];
                    y = (y > 0.0f ? y : y * slope) * gain;
                    y = y < -limit ? vec{} - limit : y;
                    y = y > limit ? vec{} + limit : y;
                    store_some(out + (image * height * width + place) * channels + c, y, count);
                }
        });
    }
};

// A convolution alone, its results scaled if there is what they are to be scaled by.
template <typename T>
struct Plain {
    using Scheme = Same;
    T* out;
    int64_t height, width, channels;
    const float* scale;

    void write(const float* m, int64_t point_stride, int64_t image, int64_t top, int64_t left) const {
        constexpr int step = Scheme::step;
        const int64_t rows = std::min<int64_t>(step, height - top), columns = std::min<int64_t>(step, width - left);
        results_of<Scheme, step>(m, point_stride, channels, [&](int64_t c, const vec* sums) {
            const int64_t count = channels - c;
            const vec factor = scale ? load_some(scale + image * channels + c, count) : vec{} + 1.0f;
            for (int64_t i = 0; i < rows; ++i)
                for (int64_t j = 0; j < columns; ++j)
                    store_some(out + ((image * height + top + i) * width + left + j) * channels + c,
                               sums[i * step + j] * factor, count);
        });
    }
};

// A layer that doubles it leaves its even and odd rows and columns to the blur: even and even, even and odd, odd and even,
// odd and odd ones. Even ones are `height` x `width`, odd ones one less.
template <typename T>
struct Phases {
    using Scheme = Doubling;
    T* out[4];
    int64_t height, width, channels;

    void write(const float* m, int64_t point_stride, int64_t image, int64_t top, int64_t left) const {
        constexpr int step = Scheme::step;
        results_of<Scheme, 2 * step>(m, point_stride, channels, [&](int64_t c, const vec* sums) {
            for (int row_odd = 0; row_odd < 2; ++row_odd)
                for (int column_odd = 0; column_odd < 2; ++column_odd) {
                    const int64_t own_height = height - row_odd, own_width = width - column_odd;
                    T* target = out[2 * row_odd + column_odd] + image * own_height * own_width * channels + c;
                    const vec* phase = sums + (row_odd ? 0 : step) * 2 * step + (column_odd ? 0 : step);
                    for (int64_t i = 0; i < std::min<int64_t>(step, own_height - top); ++i)
                        for (int64_t j = 0; j < std::min<int64_t>(step, own_width - left); ++j)
                            store_some(target + ((top + i) * own_width + left + j) * channels, phase[i * 2 * step + j],
                                       channels - c);
                }
        });
    }
};

// How many tiles a thread takes at a time. What it fills should stay in its cache; where there are many weights, which
// every time are read anew, it is more tiles instead.
int64_t tiles_at_once(int64_t points, int64_t in_channels, int64_t stored) {
    constexpr int64_t cached = 1 << 18;
    const int64_t values = std::max(cached, points * in_channels * stored / 2);
    return std::max<int64_t>(1, values / (points * (in_channels + stored) * rows_at_once)) * rows_at_once;
}

template <typename T, typename Output>
void run(int64_t batch, const Input<T>& input, const float* weights, const Output& output, int threads) {
    using Scheme = typename Output::Scheme;
    constexpr int64_t step = Scheme::step, points = Scheme::points * Scheme::points;
    const int64_t depth = input.channels, groups = (output.channels + group - 1) / group, stored = groups * group;
    const int64_t across = (output.width + step - 1) / step, tiles = (output.height + step - 1) / step * across;
    if (batch * tiles == 0) return;
    const int64_t shares = threads_for(batch * tiles, points * depth * stored / 8, threads);
    const int64_t share_tiles = (batch * tiles + shares - 1) / shares, limit = tiles_at_once(points, depth, stored);
    const int64_t rounds = (share_tiles + limit - 1) / limit, at_once = (share_tiles + rounds - 1) / rounds;
    // A line more, so that points don't lie a power of two apart, which would crowd a few sets of the cache.
    const int64_t v_stride = (at_once * depth + 2 * group - 1) / group * group, m_stride = at_once * stored + group;
    // Allocated here, and not by the threads, since what a thread frees goes back to the system when it ends.
    const std::unique_ptr<float[]> space = unfilled(shares * points * (v_stride + m_stride) + group);
    float* lines = reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(space.get()) + 63) / 64 * 64);
    in_shares(batch * tiles, shares, [&](int64_t share, int64_t begin, int64_t end) {
        float* v = lines + share * points * (v_stride + m_stride);
        float* m = v + points * v_stride;
        for (int64_t first = begin; first < end; first += at_once) {
            const int64_t count = std::min(at_once, end - first);
            const auto each = [&](const auto& work) {
                for (int64_t t = 0; t < count; ++t) {
                    const int64_t image = (first + t) / tiles, tile = (first + t) % tiles;
                    work(t, image, tile / across * step, tile % across * step);
                }
            };
            each([&](int64_t t, int64_t image, int64_t top, int64_t left) {
                input.template read<Scheme>(image, top, left, v + t * depth, v_stride);
            });
            for (int64_t p = 0; p < points; ++p)
                multiply(v + p * v_stride, count, depth, weights + p * depth * stored, groups, m + p * m_stride);
            each([&](int64_t t, int64_t image, int64_t top, int64_t left) {
                output.write(m + t * stored, m_stride, image, top, left);
            });
        }
    });
}

}  // namespace
}  // namespace soat

#define SOAT_WINOGRAD(suffix, T)                                                                                     \
    SOAT_EXPORT int64_t soat_winograd_##suffix(                                                                      \
        const void* x, const float* weights, void* out, int64_t batch, int64_t in_channels, int64_t out_channels,    \
        int64_t height, int64_t top, int64_t length_y, int wrap_y, int64_t width, int64_t left, int64_t length_x,    \
        int wrap_x, const float* style, int64_t style_stride, const float* scale, const float* noise,                \
        int64_t noise_stride, const float* bias, float limit, int threads) {                                         \
        const soat::Axis rows{height, top, length_y, wrap_y}, columns{width, left, length_x, wrap_x};                \
        const soat::Input<T> input{static_cast<const T*>(x), rows, columns, in_channels, style, style_stride};       \
        const soat::Finished<T> output{static_cast<T*>(out), length_y - 2, length_x - 2, out_channels, scale, noise, \
                                       noise_stride,         bias,         limit};                                   \
        return soat::status_of([&] { soat::run(batch, input, weights, output, threads); });                          \
    }                                                                                                                \
    SOAT_EXPORT int64_t soat_winograd_plain_##suffix(                                                                \
        const void* x, const float* weights, void* out, int64_t batch, int64_t in_channels, int64_t out_channels,    \
        int64_t height, int64_t top, int64_t length_y, int wrap_y, int64_t width, int64_t left, int64_t length_x,    \
        int wrap_x, const float* style, int64_t style_stride, const float* scale, int threads) {                     \
        const soat::Axis rows{height, top, length_y, wrap_y}, columns{width, left, length_x, wrap_x};                \
        const soat::Input<T> input{static_cast<const T*>(x), rows, columns, in_channels, style, style_stride};       \
        const soat::Plain<T> output{static_cast<T*>(out), length_y - 2, length_x - 2, out_channels, scale};          \
        return soat::status_of([&] { soat::run(batch, input, weights, output, threads); });                          \
    }                                                                                                                \
    SOAT_EXPORT int64_t soat_winograd_doubling_##suffix(                                                             \
        const void* x, const float* weights, void* even_even, void* even_odd, void* odd_even, void* odd_odd,         \
        int64_t batch, int64_t in_channels, int64_t out_channels, int64_t height, int64_t top, int64_t length_y,     \
        int wrap_y, int64_t width, int64_t left, int64_t length_x, int wrap_x, const float* style,                   \
        int64_t style_stride, int threads) {                                                                         \
        const soat::Axis rows{height, top, length_y, wrap_y}, columns{width, left, length_x, wrap_x};                \
        const soat::Input<T> input{static_cast<const T*>(x), rows, columns, in_channels, style, style_stride};       \
        const soat::Phases<T> output{{static_cast<T*>(even_even), static_cast<T*>(even_odd),                         \
                                      static_cast<T*>(odd_even), static_cast<T*>(odd_odd)},                          \
                                     length_y,                                                                       \
                                     length_x,                                                                       \
                                     out_channels};                                                                  \
        return soat::status_of([&] { soat::run(batch, input, weights, output, threads); });                          \
    }

SOAT_WINOGRAD(f32, float)
SOAT_WINOGRAD(bf16, soat::bfloat16)
