// Maps brought to a higher rate and back by filters, a line at a time, in blocks of channels whose lines stay in the
// cache. No zero that stands between two samples is ever multiplied.
#pragma once

#include "vectors.h"

namespace soat {

// Channels that are done together: a line of the cache, as one or two vectors.
constexpr int64_t block = 16;

inline int64_t ceil_divided(int64_t value, int64_t by) { return value > 0 ? (value + by - 1) / by : -(-value / by); }
inline int64_t remainder(int64_t value, int64_t by) { return ((value % by) + by) % by; }
// Values in a line of so many pixels. An odd number of the cache's lines: rows then don't crowd a few of its sets.
inline int64_t line_values(int64_t pixels) { return (pixels | 1) * block; }

struct Unchanged {
    vec operator()(vec value) const { return value; }
};

// N results: each the sum of the values at all places, which move on by a step from one result to the next.
template <int N, typename Finish>
inline void weigh(const float* const* places, const float* weights, int64_t taps, int64_t offset, int64_t step,
                  float* out, int64_t out_step, const Finish& finish) {
    vec sums[N] = {};
    for (int64_t tap = 0; tap < taps; ++tap) {
        const float* place = places[tap] + offset;
        const float weight = weights[tap];
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) sums[n] += weight * load_vec(place + n * step);
    }
#pragma GCC unroll 8
    for (int n = 0; n < N; ++n) store_vec(out + n * out_step, finish(sums[n]));
}

// So many pixels' results, `steps` pixels apart where they are read and `out_steps` where they are written.
template <typename Finish>
void weigh_line(const float* const* places, const float* weights, int64_t taps, int64_t steps, int64_t count, float* out,
                int64_t out_steps, const Finish& finish) {
    const int64_t step = steps * block, out_step = out_steps * block;
    for (int64_t lane = 0; lane < block; lane += lanes) {
        int64_t n = 0;
        for (; n + 8 <= count; n += 8)
            weigh<8>(places, weights, taps, n * step + lane, step, out + n * out_step + lane, out_step, finish);
        for (; n + 2 <= count; n += 2)
            weigh<2>(places, weights, taps, n * step + lane, step, out + n * out_step + lane, out_step, finish);
        if (n < count)
            weigh<1>(places, weights, taps, n * step + lane, step, out + n * out_step + lane, out_step, finish);
    }
}

// A filter, as it is laid over what it sums up: `taps` weights for both directions, or `taps` x `taps` ones.
struct Filter {
    const float* weights;
    int64_t taps, factor;
    int square;
};

// A map as it is read: channels-last, shifted by a bias if there is one, zeros around it.
template <typename T>
struct Source {
    const T* values;
    int64_t height, width, channels;
    const float* bias;

    // Row `row` of an image from a column on, channels `channel` to the block's end.
    void read(int64_t image, int64_t row, int64_t column, int64_t count, int64_t channel, float* out) const {
        const int64_t left = channels - channel, first = std::max<int64_t>(column, 0);
        const int64_t last = row < 0 || row >= height ? first : std::max(first, std::min(column + count, width));
        const auto clear = [&](int64_t from, int64_t to) {
            if (to > from) std::memset(out + (from - column) * block, 0, (to - from) * block * sizeof(float));
        };
        clear(column, std::min(first, column + count));
        clear(last, column + count);
        for (int64_t lane = 0; lane < block; lane += lanes) {
            const int64_t some = std::max<int64_t>(left - lane, 0);
            const vec shift = bias ? load_some(bias + channel + lane, some) : vec{};
            const T* place = values + ((image * height + row) * width + first) * channels + channel + lane;
            float* target = out + (first - column) * block + lane;
            for (int64_t j = first; j < last; ++j, place += channels, target += block)
                store_vec(target, load_some(place, some) + shift);
        }
    }
};

// A block of columns of a map at the higher rate, whose lines are made from top to bottom. Sample j of the map lies at
// j * factor + start.
template <typename T>
class Upsampled {
  public:
    Upsampled(const Source<T>& source, const Filter& filter, int64_t top, int64_t left)
        : source_(source), filter_(filter), top_(top), left_(left), per_phase_((filter.taps + filter.factor - 1) / filter.factor) {
        const int64_t factor = filter.factor, taps = filter.taps, count = per_phase_;
        places_ = zeros<const float*>(filter.square ? count * count : count);
        weights_ = zeros<float>(filter.square ? factor * factor * count * count : factor * count);
        // By phase: how far before the first sample a filter begins.
        if (!filter.square) {
            for (int64_t k = 0; k < taps; ++k) weights_[k % factor * count + k / factor] = filter.weights[k];
            return;
        }
        for (int64_t i = 0; i < taps; ++i)
            for (int64_t j = 0; j < taps; ++j)
                weights_[((i % factor * factor + j % factor) * count + i / factor) * count + j / factor] =
                    filter.weights[i * taps + j];
    }

    // Values of memory that columns of the higher rate take.
    int64_t room(int64_t columns) const { return (per_phase_ + 1) * line_values(columns / filter_.factor + per_phase_ + 2); }

    void begin(int64_t image, int64_t channel, int64_t column, int64_t columns, float* room) {
        image_ = image, channel_ = channel, column_ = column, columns_ = columns, rows_ = room;
        first_ = ceil_divided(column - left_, filter_.factor);
        count_ = ceil_divided(column + columns - 1 - left_, filter_.factor) + per_phase_ - first_;
        next_ = std::numeric_limits<int64_t>::min();
    }

    // One line of the higher rate; each must lie below the one before.
    template <typename Finish>
    void line(int64_t at, float* out, const Finish& finish) {
        const int64_t factor = filter_.factor, row = ceil_divided(at - top_, factor), phase = row * factor + top_ - at;
        for (next_ = std::max(next_, row); next_ < row + per_phase_; ++next_)
            source_.read(image_, next_, first_, count_, channel_, kept(next_));
        float* mixed = rows_ + per_phase_ * line_values(count_);
        if (!filter_.square) {
            for (int64_t tap = 0; tap < per_phase_; ++tap) places_[tap] = kept(row + tap);
            weigh_line(places_.data(), weights_.data() + phase * per_phase_, per_phase_, 1, count_, mixed, 1, Unchanged{});
        }
        for (int64_t shift = 0; shift < std::min(factor, columns_); ++shift) {
            const int64_t sample = ceil_divided(column_ + shift - left_, factor), before = sample - first_;
            const int64_t across = sample * factor + left_ - column_ - shift;
            int64_t taps = 0;
            const float* weights = weights_.data() + across * per_phase_;
            if (filter_.square) {
                weights = weights_.data() + (phase * factor + across) * per_phase_ * per_phase_;
                for (int64_t i = 0; i < per_phase_; ++i)
                    for (int64_t j = 0; j < per_phase_; ++j) places_[taps++] = kept(row + i) + (before + j) * block;
            } else {
                for (; taps < per_phase_; ++taps) places_[taps] = mixed + (before + taps) * block;
            }
            weigh_line(places_.data(), weights, taps, 1, (columns_ - shift + factor - 1) / factor, out + shift * block,
                       factor, finish);
        }
    }

  private:
    float* kept(int64_t row) const { return rows_ + remainder(row, per_phase_) * line_values(count_); }

    Source<T> source_;
    Filter filter_;
    int64_t top_, left_, per_phase_;
    std::vector<const float*> places_;
    std::vector<float> weights_;
    int64_t image_ = 0, channel_ = 0, column_ = 0, columns_ = 0, first_ = 0, count_ = 0, next_ = 0;
    float* rows_ = nullptr;
};

// Lines of the higher rate brought back: every `factor`-th pixel of what the filter makes of them.
class Downsampled {
  public:
    // `mirrored`: a square filter whose lower half is its upper one turned over, so that lines are summed in pairs first.
    Downsampled(const Filter& filter, int mirrored) : filter_(filter), mirrored_(mirrored) {
        places_ = zeros<const float*>(filter.square ? filter.taps * filter.taps : filter.taps);
    }

    // How many columns of the higher rate so many results are made of.
    int64_t columns(int64_t results) const { return (results - 1) * filter_.factor + filter_.taps; }

    int64_t room(int64_t results) const { return (2 * filter_.taps + 2) * line_values(columns(results)); }

    void begin(int64_t results, float* room) {
        results_ = results, line_ = line_values(filter_.square ? columns(results) : results), kept_ = room;
        rest_ = kept_ + filter_.taps * line_;
    }

    // Lines that row `row` of the results needs: from `first` on, as many as there are taps.
    int64_t first(int64_t row) const { return row * filter_.factor; }
    int64_t taps() const { return filter_.taps; }

    // Where a line is to be written, and what is to be done when it is there.
    float* place(int64_t line) { return filter_.square ? kept(line) : rest_; }

    void take(int64_t line) {
        if (filter_.square) return;
        for (int64_t tap = 0; tap < filter_.taps; ++tap) places_[tap] = rest_ + tap * block;
        weigh_line(places_.data(), filter_.weights, filter_.taps, filter_.factor, results_, kept(line), 1, Unchanged{});
    }

    void row(int64_t row, float* out) {
        const int64_t from = first(row);
        int64_t taps = 0;
        if (!filter_.square) {
            for (; taps < filter_.taps; ++taps) places_[taps] = kept(from + taps);
            weigh_line(places_.data(), filter_.weights, taps, 1, results_, out, 1, Unchanged{});
            return;
        }
        const int64_t pairs = mirrored_ ? filter_.taps / 2 : filter_.taps;
        for (int64_t i = 0; i < pairs; ++i) {
            const float* values = kept(from + i);
            if (mirrored_) {
                const float* other = kept(from + filter_.taps - 1 - i);
                float* sums = rest_ + i * line_;
                for (int64_t k = 0; k < line_; k += lanes) store_vec(sums + k, load_vec(values + k) + load_vec(other + k));
                values = sums;
            }
            for (int64_t j = 0; j < filter_.taps; ++j) places_[taps++] = values + j * block;
        }
        weigh_line(places_.data(), filter_.weights, taps, filter_.factor, results_, out, 1, Unchanged{});
    }

  private:
    float* kept(int64_t line) const { return kept_ + line % filter_.taps * line_; }

    Filter filter_;
    int mirrored_;
    std::vector<const float*> places_;
    int64_t results_ = 0, line_ = 0;
    float *kept_ = nullptr, *rest_ = nullptr;
};

}  // namespace soat
