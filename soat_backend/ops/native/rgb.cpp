// To colours, and the RGB skip's upsampling. Maps are channels-last, colours are planes of float. Beside ops/rgb.py.
#include "vectors.h"

namespace soat {
namespace {

// The sum of a vector's lanes, but for the last two steps: four sums that are still to be added up.
inline void quarter(vec value, float* four) {
    float all[lanes];
    store_vec(all, value);
    for (int half = lanes / 2; half >= 4; half /= 2)
        for (int lane = 0; lane < half; ++lane) all[lane] += all[lane + half];
    std::memcpy(four, all, 4 * sizeof(float));
}

// rgb[k] = clamp(sum over c of x[c] * weight[k, c] + bias[k]); the weights are modulated already, one set an image.
template <typename T, int colours>
void to_colours(const T* x, float* rgb, int64_t batch, int64_t pixels, int64_t channels, const float* weight,
            int64_t weight_stride, const float* bias, float limit, int threads) {
    constexpr int64_t strip = 64;
    const int64_t strips = (pixels + strip - 1) / strip;
    in_parallel(batch * strips, strip * channels, threads, [&](int64_t begin, int64_t end) {
        float fours[colours][strip][4];
        for (int64_t each = begin; each < end; ++each) {
            const int64_t b = each / strips, first = each % strips * strip, count = std::min(strip, pixels - first);
            const T* source = x + (b * pixels + first) * channels;
            const float* weights = weight + b * weight_stride;
            for (int64_t place = 0; place < count; ++place, source += channels) {
                vec sums[colours]{};
                for (int64_t c = 0; c < channels; c += lanes) {
                    const int64_t left = channels - c;
                    const vec value = load_some(source + c, left);
                    for (int k = 0; k < colours; ++k) sums[k] += value * load_some(weights + k * channels + c, left);
                }
                for (int k = 0; k < colours; ++k) quarter(sums[k], fours[k][place]);
            }
            for (int64_t k = 0; k < colours; ++k) {
                float* __restrict target = rgb + (b * colours + k) * pixels + first;
                for (int64_t place = 0; place < count; ++place) {
                    const float* four = fours[k][place];
                    const float total = (four[0] + four[1]) + (four[2] + four[3]) + bias[k];
                    target[place] = std::min(std::max(total, -limit), limit);
                }
            }
        }
    });
}

// Up to RGBA.
template <typename T>
void to_rgb(const T* x, float* rgb, int64_t batch, int64_t pixels, int64_t channels, int64_t colours,
            const float* weight, int64_t weight_stride, const float* bias, float limit, int threads) {
    static constexpr decltype(&to_colours<T, 1>) of_count[]{to_colours<T, 1>, to_colours<T, 2>, to_colours<T, 3>,
                                                            to_colours<T, 4>};
    if (colours < 1 || colours > 4) throw std::invalid_argument("more colours than RGBA has");
    of_count[colours - 1](x, rgb, batch, pixels, channels, weight, weight_stride, bias, limit, threads);
}

// Planes of (height + 2) x (width + 2) to 2 height x 2 width: each pixel 3/4 of the nearest and 1/4 of the next, both ways.
void upsample(const float* source, float* target, int64_t planes, int64_t height, int64_t width, int threads) {
    const int64_t source_width = width + 2;
    in_parallel(planes * 2 * height, 4 * width, threads, [&](int64_t begin, int64_t end) {
        std::vector<float> blended = zeros<float>(source_width);
        for (int64_t line = begin; line < end; ++line) {
            const int64_t plane = line / (2 * height), row = line % (2 * height);
            const float* nearest = source + (plane * (height + 2) + row / 2 + 1) * source_width;
            const float* next = nearest + (row % 2 ? source_width : -source_width);
            float* __restrict mixed = blended.data();
            for (int64_t j = 0; j < source_width; ++j) mixed[j] = 0.75f * nearest[j] + 0.25f * next[j];
            float* __restrict out = target + line * 2 * width;
            for (int64_t j = 0; j < width; ++j) {
                out[2 * j] = 0.75f * mixed[j + 1] + 0.25f * mixed[j];
                out[2 * j + 1] = 0.75f * mixed[j + 1] + 0.25f * mixed[j + 2];
            }
        }
    });
}

}  // namespace
}  // namespace soat

#define SOAT_TO_RGB(suffix, T)                                                                                       \
    SOAT_EXPORT int64_t soat_to_rgb_##suffix(const void* x, float* rgb, int64_t batch, int64_t pixels,               \
                                             int64_t channels, int64_t colours, const float* weight,                 \
                                             int64_t weight_stride, const float* bias, float limit, int threads) {   \
        return soat::status_of([&] {                                                                                 \
            soat::to_rgb(static_cast<const T*>(x), rgb, batch, pixels, channels, colours, weight, weight_stride,     \
                         bias, limit, threads);                                                                      \
        });                                                                                                          \
    }

SOAT_TO_RGB(f32, float)
SOAT_TO_RGB(bf16, soat::bfloat16)

SOAT_EXPORT int64_t soat_upsample_rgb(const float* source, float* target, int64_t planes, int64_t height, int64_t width,
                                      int threads) {
    return soat::status_of([&] { soat::upsample(source, target, planes, height, width, threads); });
}
