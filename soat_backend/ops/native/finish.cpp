// What follows a convolution, in one pass over memory: upsampling's blur, demodulation, noise, bias, leaky ReLU, gain,
// clamp; and its gradient. All maps are channels-last. Beside ops/finish.py, which says what each number is.
#include "vectors.h"


namespace soat {
namespace {

struct Shape {
    int64_t batch, height, width, channels;
};

// Columns whose four rows of float stay in the cache while the blur walks down them.
int64_t tile_columns(int64_t channels) { return std::max<int64_t>(8, 12288 / channels); }

template <typename T>
inline void finish_pixel(const float* __restrict sum, T* __restrict out, int64_t channels,
                         const float* __restrict scale, float noise, const float* __restrict bias, float limit) {
    for (int64_t c = 0; c < channels; ++c) {
        const float x = sum[c] * scale[c] + noise + bias[c];
        const float y = (x > 0.0f ? x : x * slope) * gain;
        store(out + c, std::min(std::max(y, -limit), limit));
    }
}

template <typename T>
void finish(const T* y, T* out, Shape shape, const float* scale, const float* noise, int64_t noise_stride,
            const float* bias, float limit, int threads) {
    const int64_t row = shape.width * shape.channels;
    in_parallel(shape.batch * shape.height, row, threads, [&](int64_t begin, int64_t end) {
        std::vector<float> sum = zeros<float>(shape.channels);
        for (int64_t line = begin; line < end; ++line) {
            const int64_t b = line / shape.height, i = line % shape.height;
            const float* line_noise = noise ? noise + b * noise_stride + i * shape.width : nullptr;
            for (int64_t j = 0; j < shape.width; ++j) {
                const T* source = y + line * row + j * shape.channels;
                for (int64_t c = 0; c < shape.channels; ++c) sum[c] = load(source[c]);
                finish_pixel(sum.data(), out + line * row + j * shape.channels, shape.channels,
                             scale + b * shape.channels, line_noise ? line_noise[j] : 0.0f, bias, limit);
            }
        }
    });
}

// Where the blur reads: a map that is (height + 3) x (width + 3) pixels, or its even and odd rows and columns apart.
template <typename T>
struct Whole {
    const T* map;
    Shape shape;

    const T* at(int64_t b, int64_t i, int64_t j) const {
        return map + ((b * (shape.height + 3) + i) * (shape.width + 3) + j) * shape.channels;
    }
};

template <typename T>
struct Phases {
    const T* maps[4];
    Shape shape;

    const T* at(int64_t b, int64_t i, int64_t j) const {
        const int64_t height = (shape.height + 4 - i % 2) / 2, width = (shape.width + 4 - j % 2) / 2;
        return maps[i % 2 * 2 + j % 2] + ((b * height + i / 2) * width + j / 2) * shape.channels;
    }
};

// Calls each(b, i, j, sums of the 4 x 4 filter [1, 3, 3, 1] / 4) for every pixel where the filter lies wholly inside.
template <typename Source, typename Each>
void blur(const Source& source, Shape shape, int threads, const Each& each) {
    const int64_t channels = shape.channels, columns = tile_columns(channels);
    in_parallel(shape.batch * shape.height, 8 * shape.width * channels, threads, [&](int64_t begin, int64_t end) {
        std::vector<float> down = zeros<float>((columns + 3) * channels), sum = zeros<float>(channels);
        for (int64_t left = 0; left < shape.width; left += columns) {
            const int64_t count = std::min(columns, shape.width - left);
            for (int64_t line = begin; line < end; ++line) {
                const int64_t b = line / shape.height, i = line % shape.height;
                for (int64_t j = 0; j < count + 3; ++j) {
                    const auto *__restrict first = source.at(b, i, left + j),
                               *__restrict second = source.at(b, i + 1, left + j),
                               *__restrict third = source.at(b, i + 2, left + j),
                               *__restrict fourth = source.at(b, i + 3, left + j);
                    float* __restrict column = down.data() + j * channels;
                    for (int64_t c = 0; c < channels; ++c)
                        column[c] = 0.25f * (load(first[c]) + load(fourth[c])) + 0.75f * (load(second[c]) + load(third[c]));
                }
                for (int64_t j = 0; j < count; ++j) {
                    const float* __restrict tap = down.data() + j * channels;
                    float* __restrict total = sum.data();
                    for (int64_t c = 0; c < channels; ++c)
                        total[c] = 0.25f * (tap[c] + tap[c + 3 * channels]) +
                                   0.75f * (tap[c + channels] + tap[c + 2 * channels]);
                    each(b, i, left + j, total);
                }
            }
        }
    });
}

template <typename T, typename Source>
void blur_finish(const Source& source, T* out, Shape shape, const float* scale, const float* noise, int64_t noise_stride,
                 const float* bias, float limit, int threads) {
    blur(source, shape, threads, [&](int64_t b, int64_t i, int64_t j, const float* sum) {
        const int64_t pixel = i * shape.width + j;
        finish_pixel(sum, out + (b * shape.height * shape.width + pixel) * shape.channels, shape.channels,
                     scale + b * shape.channels, noise ? noise[b * noise_stride + pixel] : 0.0f, bias, limit);
    });
}

template <typename T>
void blur_only(const T* y, T* out, Shape shape, int threads) {
    blur(Whole<T>{y, shape}, shape, threads, [&](int64_t b, int64_t i, int64_t j, const float* sum) {
        T* place = out + ((b * shape.height + i) * shape.width + j) * shape.channels;
        for (int64_t c = 0; c < shape.channels; ++c) store(place + c, sum[c]);
    });
}

// From the gradient of the result to those of the sum that was finished, the scale, the noise and the bias. The sum is
// recovered from the result, so that nothing else has to be kept. Sums over pixels are added up in the threads' order.
// The sum's gradient is written into a map with so many lines and columns more on every side, which are left alone.
template <typename T>
void finish_gradient(const T* gradient, const T* out, T* of_sum, int64_t before, int64_t after, Shape shape,
                     const float* scale, const float* noise, int64_t noise_stride, const float* bias, float limit,
                     float* of_scale, float* of_noise, float* of_bias, int threads) {
    const int64_t wide = shape.width + before + after, tall = shape.height + before + after;
    const int64_t channels = shape.channels, lines = shape.batch * shape.height;
    const int64_t shares = threads_for(lines, 4 * shape.width * channels, threads);
    std::vector<double> scale_sums = zeros<double>(shares * shape.batch * channels),
                        bias_sums = zeros<double>(shares * channels);
    in_shares(lines, shares, [&](int64_t share, int64_t begin, int64_t end) {
        // In whole vectors, zeros for channels that aren't.
        const int64_t padded = (channels + lanes - 1) / lanes * lanes;
        std::vector<float> line_scale = zeros<float>(padded), line_bias = zeros<float>(padded),
                           own_scale = zeros<float>(padded), own_bias = zeros<float>(padded);
        std::copy(bias, bias + channels, own_bias.begin());
        for (int64_t line = begin; line < end; ++line) {
            const int64_t b = line / shape.height, i = line % shape.height;
            const float* line_noise = noise ? noise + b * noise_stride + i * shape.width : nullptr;
            std::copy(scale + b * channels, scale + (b + 1) * channels, own_scale.begin());
            std::fill(line_scale.begin(), line_scale.end(), 0.0f);
            std::fill(line_bias.begin(), line_bias.end(), 0.0f);
            for (int64_t j = 0; j < shape.width; ++j) {
                const int64_t place = (line * shape.width + j) * channels;
                const T *result = out + place, *above = gradient + place;
                T* below = of_sum + ((b * tall + before + i) * wide + before + j) * channels;
                const float shift = line_noise ? line_noise[j] : 0.0f;
                vec across{};
                for (int64_t c = 0; c < channels; c += lanes) {
                    const int64_t left = channels - c;
                    const vec y = load_some(result + c, left), passed = load_some(above + c, left);
                    const vec rise = y > 0.0f ? vec{} + gain : vec{} + gain * slope;
                    const vec fall = y > 0.0f ? vec{} + 1.0f / gain : vec{} + 1.0f / (gain * slope);
                    const vec g = (y < limit) & (y > -limit) ? passed * rise : vec{};
                    store_some(below + c, g * load_vec(&own_scale[c]), left);
                    const vec before_scale = y * fall - shift - load_vec(&own_bias[c]);
                    store_vec(&line_scale[c], load_vec(&line_scale[c]) + g * before_scale);
                    store_vec(&line_bias[c], load_vec(&line_bias[c]) + g);
                    across += g;
                }
                if (of_noise) {
                    float all[lanes], sum = 0.0f;
                    store_vec(all, across);
                    for (const float each : all) sum += each;
                    of_noise[line * shape.width + j] = sum;
                }
            }
            for (int64_t c = 0; c < channels; ++c) {
                scale_sums[(share * shape.batch + b) * channels + c] += line_scale[c] / own_scale[c];
                bias_sums[share * channels + c] += line_bias[c];
            }
        }
    });
    for (int64_t share = 0; share < shares; ++share) {
        for (int64_t k = 0; k < shape.batch * channels; ++k)
            of_scale[k] += static_cast<float>(scale_sums[share * shape.batch * channels + k]);
        for (int64_t c = 0; c < channels; ++c) of_bias[c] += static_cast<float>(bias_sums[share * channels + c]);
    }
}

}  // namespace
}  // namespace soat

#define SOAT_FINISH(suffix, T)                                                                                         \
    SOAT_EXPORT int64_t soat_finish_##suffix(const void* y, void* out, int64_t batch, int64_t height, int64_t width,   \
                                             int64_t channels, const float* scale, const float* noise,                 \
                                             int64_t noise_stride, const float* bias, float limit, int threads) {      \
        return soat::status_of([&] {                                                                                   \
            soat::finish(static_cast<const T*>(y), static_cast<T*>(out), {batch, height, width, channels}, scale,      \
                         noise, noise_stride, bias, limit, threads);                                                   \
        });                                                                                                            \
    }                                                                                                                  \
    SOAT_EXPORT int64_t soat_blur_finish_##suffix(                                                                     \
        const void* y, void* out, int64_t batch, int64_t height, int64_t width, int64_t channels, const float* scale,  \
        const float* noise, int64_t noise_stride, const float* bias, float limit, int threads) {                       \
        const soat::Shape shape{batch, height, width, channels};                                                       \
        return soat::status_of([&] {                                                                                   \
            soat::blur_finish(soat::Whole<T>{static_cast<const T*>(y), shape}, static_cast<T*>(out), shape, scale,     \
                              noise, noise_stride, bias, limit, threads);                                              \
        });                                                                                                            \
    }                                                                                                                  \
    SOAT_EXPORT int64_t soat_phases_finish_##suffix(                                                                   \
        const void* even_even, const void* even_odd, const void* odd_even, const void* odd_odd, void* out,             \
        int64_t batch, int64_t height, int64_t width, int64_t channels, const float* scale, const float* noise,        \
        int64_t noise_stride, const float* bias, float limit, int threads) {                                           \
        const soat::Shape shape{batch, height, width, channels};                                                       \
        const soat::Phases<T> phases{{static_cast<const T*>(even_even), static_cast<const T*>(even_odd),               \
                                      static_cast<const T*>(odd_even), static_cast<const T*>(odd_odd)},                \
                                     shape};                                                                           \
        return soat::status_of([&] {                                                                                   \
            soat::blur_finish(phases, static_cast<T*>(out), shape, scale, noise, noise_stride, bias, limit, threads);  \
        });                                                                                                            \
    }                                                                                                                  \
    SOAT_EXPORT int64_t soat_blur_##suffix(const void* y, void* out, int64_t batch, int64_t height, int64_t width,     \
                                           int64_t channels, int threads) {                                            \
        return soat::status_of([&] {                                                                                   \
            soat::blur_only(static_cast<const T*>(y), static_cast<T*>(out), {batch, height, width, channels},          \
                            threads);                                                                                  \
        });                                                                                                            \
    }                                                                                                                  \
    SOAT_EXPORT int64_t soat_finish_gradient_##suffix(                                                                 \
        const void* gradient, const void* out, void* of_sum, int64_t before, int64_t after, int64_t batch,             \
        int64_t height, int64_t width, int64_t channels, const float* scale, const float* noise, int64_t noise_stride, \
        const float* bias, float limit, float* of_scale, float* of_noise, float* of_bias, int threads) {               \
        return soat::status_of([&] {                                                                                   \
            soat::finish_gradient(static_cast<const T*>(gradient), static_cast<const T*>(out),                         \
                                  static_cast<T*>(of_sum), before, after, {batch, height, width, channels}, scale,     \
                                  noise, noise_stride, bias, limit, of_scale, of_noise, of_bias, threads);             \
        });                                                                                                            \
    }

SOAT_FINISH(f32, float)
SOAT_FINISH(bf16, soat::bfloat16)
