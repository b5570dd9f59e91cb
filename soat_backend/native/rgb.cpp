// To RGB, and the RGB skip's upsampling. Maps are channels-last, RGB is three planes of float. Beside ops/rgb.py.
#include "common.h"

namespace soat {
namespace {

// rgb[k] = clamp(sum over c of x[c] * weight[k, c] + bias[k]); the weights are modulated already, one set an image.
template <typename T>
void to_rgb(const T* x, float* rgb, int64_t batch, int64_t pixels, int64_t channels, const float* weight,
            int64_t weight_stride, const float* bias, float limit, int threads) {
    constexpr int64_t lanes = 16;
    in_parallel(batch * pixels, channels, threads, [&](int64_t begin, int64_t end) {
        for (int64_t place = begin; place < end; ++place) {
            const int64_t b = place / pixels, pixel = place % pixels;
            const T* __restrict source = x + place * channels;
            const float* weights = weight + b * weight_stride;
            float* target = rgb + b * 3 * pixels + pixel;
            // Sums in lanes, which a compiler may keep in vector registers without reordering a sum.
            float sums[3][lanes] = {};
            int64_t c = 0;
            for (; c + lanes <= channels; c += lanes)
                for (int64_t k = 0; k < 3; ++k)
                    for (int64_t lane = 0; lane < lanes; ++lane)
                        sums[k][lane] += load(source[c + lane]) * weights[k * channels + c + lane];
            for (int64_t k = 0; k < 3; ++k) {
                // Halves onto halves, which takes four steps instead of sixteen.
                for (int64_t half = lanes / 2; half > 0; half /= 2)
                    for (int64_t lane = 0; lane < half; ++lane) sums[k][lane] += sums[k][lane + half];
                float total = bias[k] + sums[k][0];
                for (int64_t rest = c; rest < channels; ++rest) total += load(source[rest]) * weights[k * channels + rest];
                target[k * pixels] = std::min(std::max(total, -limit), limit);
            }
        }
    });
}

// Planes of (height + 2) x (width + 2) to 2 height x 2 width: each pixel 3/4 of the nearest and 1/4 of the next, both ways.
void upsample(const float* source, float* target, int64_t planes, int64_t height, int64_t width, int threads) {
    const int64_t source_width = width + 2;
    in_parallel(planes * 2 * height, 4 * width, threads, [&](int64_t begin, int64_t end) {
        std::vector<float> blended(source_width);
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

#define SOAT_TO_RGB(suffix, T)                                                                                        \
    SOAT_EXPORT void soat_to_rgb_##suffix(const void* x, float* rgb, int64_t batch, int64_t pixels, int64_t channels, \
                                          const float* weight, int64_t weight_stride, const float* bias, float limit, \
                                          int threads) {                                                              \
        soat::to_rgb(static_cast<const T*>(x), rgb, batch, pixels, channels, weight, weight_stride, bias, limit,      \
                     threads);                                                                                        \
    }

SOAT_TO_RGB(f32, float)
SOAT_TO_RGB(bf16, soat::bfloat16)

SOAT_EXPORT void soat_upsample_rgb(const float* source, float* target, int64_t planes, int64_t height, int64_t width,
                                   int threads) {
    soat::upsample(source, target, planes, height, width, threads);
}
