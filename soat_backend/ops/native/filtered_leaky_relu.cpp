// A leaky ReLU at a higher rate than its map's: upsampling, activation and downsampling in tiles that stay in the cache;
// and its gradient. Maps are channels-last. Beside filtered_leaky_relu.py, which says what each number is.
#include "resampling.h"

namespace soat {
namespace {

struct Activation {
    vec rise, fall, high, low;

    Activation(float gain, float slope, float limit)
        : rise(vec{} + gain), fall(vec{} + gain * slope), high(vec{} + limit), low(vec{} - limit) {}

    vec operator()(vec value) const {
        vec y = value > 0.0f ? value * rise : value * fall;
        // In this order, what is no number stays none.
        y = low > y ? low : y;
        return high < y ? high : y;
    }

    // What a gradient becomes that comes back to `value`.
    vec back(vec value, vec gradient) const {
        const vec y = (*this)(value), passed = gradient * (value > 0.0f ? rise : fall);
        return (y < high) & (y > low) ? passed : vec{};
    }
};

// Lines of the map, upsampled and activated.
template <typename T>
struct Activated {
    Upsampled<T> map;
    Activation activation;

    int64_t room(int64_t columns) const { return map.room(columns); }
    void begin(int64_t image, int64_t channel, int64_t column, int64_t columns, float* room) {
        map.begin(image, channel, column, columns, room);
    }
    void line(int64_t at, float* out) { map.line(at, out, activation); }
};

// Lines of the result's gradient, brought back to the higher rate and through the activation.
template <typename T>
struct Returned {
    Upsampled<T> map, gradient;
    Activation activation;
    int64_t columns_ = 0;
    float* own = nullptr;

    int64_t room(int64_t columns) const { return map.room(columns) + gradient.room(columns) + line_values(columns); }
    void begin(int64_t image, int64_t channel, int64_t column, int64_t columns, float* room) {
        columns_ = columns, own = room;
        map.begin(image, channel, column, columns, own + line_values(columns));
        gradient.begin(image, channel, column, columns, own + line_values(columns) + map.room(columns));
    }
    void line(int64_t at, float* out) {
        map.line(at, own, Unchanged{});
        gradient.line(at, out, Unchanged{});
        for (int64_t k = 0; k < columns_ * block; k += lanes)
            store_vec(out + k, activation.back(load_vec(own + k), load_vec(out + k)));
    }
};

// All of `out`, in tiles of some columns and rows and a block of channels.
template <typename T, typename Lines>
void run(const Lines& lines, const Filter& filter, int mirrored, T* out, int64_t batch, int64_t height, int64_t width,
         int64_t channels, int threads) {
    constexpr int64_t most_columns = 64, fewest_rows = 32;
    const int64_t blocks = (channels + block - 1) / block, across = (width + most_columns - 1) / most_columns;
    const int64_t columns = across ? (width + across - 1) / across : 0, tiles = batch * across * blocks;
    if (tiles * height == 0) return;
    // Where there are few, rows are shared too, though each share begins with lines that another has made.
    const int64_t wanted = (4 * threads + tiles - 1) / tiles;
    const int64_t bands = std::max<int64_t>(1, std::min(threads > 1 ? wanted : 1, height / fewest_rows));
    const int64_t units = tiles * bands, rows = (height + bands - 1) / bands;
    const Downsampled results(filter, mirrored);
    const int64_t line = line_values(columns);
    const int64_t room = line + results.room(columns) + lines.room(results.columns(columns));
    const int64_t shares = threads_for(units, 16 * rows * columns * block, threads);
    // Allocated here, and not by the threads, since what a thread frees goes back to the system when it ends.
    const std::unique_ptr<float[]> space = unfilled(shares * room + block);
    float* aligned = reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(space.get()) + 63) / 64 * 64);
    in_shares(units, shares, [&](int64_t share, int64_t begin, int64_t end) {
        Lines source = lines;
        Downsampled result = results;
        float* own = aligned + share * room;
        for (int64_t unit = begin; unit < end; ++unit) {
            // Neighbours in memory one after the other.
            const int64_t channel = unit % blocks * block, tile = unit / blocks, left = tile % across * columns;
            const int64_t top = tile / across % bands * rows, image = tile / across / bands;
            const int64_t count = std::min(columns, width - left), bottom = std::min(top + rows, height);
            if (count <= 0) continue;
            result.begin(count, own + line);
            source.begin(image, channel, result.first(left), result.columns(count), own + line + result.room(columns));
            int64_t next = 0;
            for (int64_t row = top; row < bottom; ++row) {
                const int64_t first = result.first(row);
                for (next = std::max(next, first); next < first + result.taps(); ++next) {
                    source.line(next, result.place(next));
                    result.take(next);
                }
                result.row(row, own);
                T* place = out + ((image * height + row) * width + left) * channels + channel;
                for (int64_t j = 0; j < count; ++j, place += channels)
                    for (int64_t lane = 0; lane < std::min(block, channels - channel); lane += lanes)
                        store_some(place + lane, load_vec(own + j * block + lane), channels - channel - lane);
            }
        }
    });
}

// Values the other way round: what takes a gradient back through a filter.
inline std::vector<float> turned(const float* values, int64_t count) {
    std::vector<float> result = zeros<float>(count);
    std::reverse_copy(values, values + count, result.begin());
    return result;
}

}  // namespace
}  // namespace soat

// What both take: sizes, filters as they are laid over maps, where the map's first sample lies at the higher rate.
#define SOAT_NUMBERS                                                                                                   \
    int64_t batch, int64_t height, int64_t width, int64_t channels, int64_t out_height, int64_t out_width,             \
        int64_t top, int64_t left, const float *up_filter, int64_t up_taps, int64_t up, const float *down_filter,      \
        int64_t down_taps, int64_t down, int square, int mirrored, float gain, float slope, float limit, int threads

#define SOAT_FILTERED(suffix, T)                                                                                       \
    SOAT_EXPORT int64_t soat_filtered_leaky_relu_##suffix(const void* x, const float* bias, void* out, SOAT_NUMBERS) { \
        return soat::status_of([&] {                                                                                   \
            const soat::Source<T> source{static_cast<const T*>(x), height, width, channels, bias};                     \
            const soat::Activation activation(gain, slope, limit);                                                     \
            const soat::Activated<T> lines{{source, {up_filter, up_taps, up, 0}, top, left}, activation};              \
            soat::run(lines, {down_filter, down_taps, down, square}, mirrored, static_cast<T*>(out), batch,            \
                      out_height, out_width, channels, threads);                                                       \
        });                                                                                                            \
    }                                                                                                                  \
    SOAT_EXPORT int64_t soat_filtered_leaky_relu_gradient_##suffix(const void* x, const float* bias,                   \
                                                                   const void* gradient, void* of_x, SOAT_NUMBERS) {   \
        return soat::status_of([&] {                                                                                   \
            const auto upwards = soat::turned(up_filter, up_taps),                                                     \
                       downwards = soat::turned(down_filter, square ? down_taps * down_taps : down_taps);              \
            /* The higher rate begins where the first sample of the map has its first part. */                         \
            const int64_t first = up_taps - 1, above = down_taps - 1 + first - top, before = above + top - left;       \
            const soat::Source<T> source{static_cast<const T*>(x), height, width, channels, bias},                     \
                returned{static_cast<const T*>(gradient), out_height, out_width, channels, nullptr};                   \
            const soat::Activation activation(gain, slope, limit);                                                     \
            const soat::Returned<T> lines{{source, {up_filter, up_taps, up, 0}, first, first},                         \
                                          {returned, {downwards.data(), down_taps, down, square}, above, before},      \
                                          activation};                                                                 \
            soat::run(lines, {upwards.data(), up_taps, up, 0}, 0, static_cast<T*>(of_x), batch, height, width,         \
                      channels, threads);                                                                              \
        });                                                                                                            \
    }

SOAT_FILTERED(f32, float)
SOAT_FILTERED(bf16, soat::bfloat16)
