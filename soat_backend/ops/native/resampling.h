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

// Taps that lie as far apart as results do, so that neighbours share what is read. StyleGAN3's filters have six to a
// phase.
constexpr int run_taps = 6;

// N results, a stride apart where they are read: each the sum over some runs of T taps, which lie a stride apart too.
template <int N, int T, typename Finish>
__attribute__((always_inline)) inline void weigh(const float* const* runs, const float* weights, int64_t count,
                                                 int64_t offset, int64_t stride, float* out, int64_t out_stride,
                                                 const Finish finish) {
    vec sums[N] = {};
    for (int64_t run = 0; run < count; ++run, weights += T) {
        const float* place = runs[run] + offset;
#pragma GCC unroll 16
        for (int k = 0; k < N + T - 1; ++k) {
            const vec value = load_vec(place + k * stride);
#pragma GCC unroll 16
            for (int t = 0; t < T; ++t)
                if (k >= t && k - t < N) sums[k - t] += weights[t] * value;
        }
    }
#pragma GCC unroll 16
    for (int n = 0; n < N; ++n) store_vec(out + n * out_stride, finish(sums[n]));
}

template <int T, typename Finish>
__attribute__((always_inline)) inline void weigh_runs(const float* const* runs, const float* weights, int64_t count,
                                                      int64_t steps, int64_t results, float* out, int64_t out_steps,
                                                      const Finish finish) {
    const int64_t stride = steps * block, out_stride = out_steps * block;
    for (int64_t lane = 0; lane < block; lane += lanes) {
        int64_t n = 0;
        float* target = out + lane;
        for (; n + 8 <= results; n += 8, target += 8 * out_stride)
            weigh<8, T>(runs, weights, count, n * stride + lane, stride, target, out_stride, finish);
        for (; n < results; ++n, target += out_stride)
            weigh<1, T>(runs, weights, count, n * stride + lane, stride, target, out_stride, finish);
    }
}

// What a line is made of: where runs of taps begin, and their weights one after the other.
struct Runs {
    std::vector<const float*> places;
    int64_t count = 0, taps;

    Runs(int64_t most, int64_t taps_of_one) : places(zeros<const float*>(most)), taps(taps_of_one) {}

    void clear() { count = 0; }

    // `all` taps that lie `steps` pixels apart.
    void add(const float* place, int64_t all, int64_t steps) {
        for (int64_t tap = 0; tap < all; tap += taps) places[count++] = place + tap * steps * block;
    }

    // So many results, `steps` pixels apart where they are read and `out_steps` where they are written.
    template <typename Finish>
    void weigh(const float* weights, int64_t steps, int64_t results, float* out, int64_t out_steps,
               const Finish& finish) const {
        // Said once more as constants, the usual steps become parts of instructions.
        if (taps == 1)
            weigh_runs<1>(places.data(), weights, count, steps, results, out, out_steps, finish);
        else if (steps == 1 && out_steps == 2)
            weigh_runs<run_taps>(places.data(), weights, count, 1, results, out, 2, finish);
        else if (steps == 2 && out_steps == 1)
            weigh_runs<run_taps>(places.data(), weights, count, 2, results, out, 1, finish);
        else
            weigh_runs<run_taps>(places.data(), weights, count, steps, results, out, out_steps, finish);
    }
};

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
            for (int64_t j = first; j < last; ++j, place += channels, target += block) {
                // Lines of the cache so far apart are not foreseen by the processor.
                __builtin_prefetch(place + width * channels);
                store_vec(target, load_some(place, some) + shift);
            }
        }
    }
};

// Taps of one phase that can be run through, or 1 where they have to be taken one by one.
inline int64_t taps_of_a_run(int64_t taps, int64_t factor) {
    return taps % (factor * run_taps) == 0 ? run_taps : 1;
}

// A block of columns of a map at the higher rate, whose lines are made from top to bottom. Sample j of the map lies at
// j * factor + start.
template <typename T>
class Upsampled {
  public:
    Upsampled(const Source<T>& source, const Filter& filter, int64_t top, int64_t left)
        : source_(source),
          filter_(filter),
          top_(top),
          left_(left),
          per_phase_((filter.taps + filter.factor - 1) / filter.factor),
          rows_(per_phase_, 1),
          columns_(per_phase_ * per_phase_, taps_of_a_run(filter.taps, filter.factor)) {
        const int64_t factor = filter.factor, taps = filter.taps, count = per_phase_;
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

    // Values of memory that so many columns of the higher rate take.
    int64_t room(int64_t columns) const {
        return (per_phase_ + 1) * line_values(columns / filter_.factor + per_phase_ + 2);
    }

    void begin(int64_t image, int64_t channel, int64_t column, int64_t columns, float* room) {
        image_ = image, channel_ = channel, column_ = column, width_ = columns, kept_ = room;
        first_ = ceil_divided(column - left_, filter_.factor);
        samples_ = ceil_divided(column + columns - 1 - left_, filter_.factor) + per_phase_ - first_;
        next_ = std::numeric_limits<int64_t>::min();
    }

    // One line of the higher rate; each must lie below the one before.
    template <typename Finish>
    void line(int64_t at, float* out, const Finish& finish) {
        const int64_t factor = filter_.factor, row = ceil_divided(at - top_, factor), phase = row * factor + top_ - at;
        for (next_ = std::max(next_, row); next_ < row + per_phase_; ++next_)
            source_.read(image_, next_, first_, samples_, channel_, kept(next_));
        float* mixed = kept_ + per_phase_ * line_values(samples_);
        if (!filter_.square) {
            rows_.clear();
            for (int64_t tap = 0; tap < per_phase_; ++tap) rows_.add(kept(row + tap), 1, 1);
            rows_.weigh(weights_.data() + phase * per_phase_, 1, samples_, mixed, 1, Unchanged{});
        }
        for (int64_t shift = 0; shift < std::min(factor, width_); ++shift) {
            const int64_t sample = ceil_divided(column_ + shift - left_, factor);
            const int64_t across = sample * factor + left_ - column_ - shift, before = (sample - first_) * block;
            columns_.clear();
            if (filter_.square)
                for (int64_t tap = 0; tap < per_phase_; ++tap) columns_.add(kept(row + tap) + before, per_phase_, 1);
            else
                columns_.add(mixed + before, per_phase_, 1);
            const float* weights =
                weights_.data() + (filter_.square ? (phase * factor + across) * per_phase_ : across) * per_phase_;
            columns_.weigh(weights, 1, (width_ - shift + factor - 1) / factor, out + shift * block, factor, finish);
        }
    }

  private:
    float* kept(int64_t row) const { return kept_ + remainder(row, per_phase_) * line_values(samples_); }

    Source<T> source_;
    Filter filter_;
    int64_t top_, left_, per_phase_;
    Runs rows_, columns_;
    std::vector<float> weights_;
    int64_t image_ = 0, channel_ = 0, column_ = 0, width_ = 0, first_ = 0, samples_ = 0, next_ = 0;
    float* kept_ = nullptr;
};

// Lines of the higher rate brought back: every `factor`-th pixel of what the filter makes of them.
class Downsampled {
  public:
    // `mirrored`: a square filter whose lower half is its upper one turned over; lines are then summed in pairs first.
    Downsampled(const Filter& filter, int mirrored)
        : filter_(filter),
          lines_(filter.square ? (mirrored ? filter.taps / 2 : filter.taps) : 1),
          phases_(taps_of_a_run(filter.taps, filter.factor) > 1 ? filter.factor : 1),
          rows_(filter.taps, 1),
          columns_(lines_ * filter.taps, taps_of_a_run(filter.taps, filter.factor)),
          weights_(zeros<float>(lines_ * filter.taps)) {
        const int64_t taps = filter.taps, count = taps / phases_;
        for (int64_t i = 0; i < lines_; ++i)
            for (int64_t k = 0; k < taps; ++k)
                weights_[(i * phases_ + k % phases_) * count + k / phases_] = filter.weights[i * taps + k];
    }

    // How many columns of the higher rate so many results are made of.
    int64_t columns(int64_t results) const { return (results - 1) * filter_.factor + filter_.taps; }

    // Values of memory that so many results take.
    int64_t room(int64_t results) const { return (filter_.taps + lines_) * line_values(columns(results)); }

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
        columns_.clear();
        add(rest_);
        columns_.weigh(weights_.data(), filter_.factor, results_, kept(line), 1, Unchanged{});
    }

    void row(int64_t row, float* out) {
        const int64_t from = first(row), taps = filter_.taps;
        if (!filter_.square) {
            rows_.clear();
            for (int64_t tap = 0; tap < taps; ++tap) rows_.add(kept(from + tap), 1, 1);
            rows_.weigh(filter_.weights, 1, results_, out, 1, Unchanged{});
            return;
        }
        columns_.clear();
        for (int64_t i = 0; i < lines_; ++i) {
            const float* values = kept(from + i);
            if (lines_ < taps) {
                const float* other = kept(from + taps - 1 - i);
                float* sums = rest_ + i * line_;
                for (int64_t k = 0; k < line_; k += lanes)
                    store_vec(sums + k, load_vec(values + k) + load_vec(other + k));
                values = sums;
            }
            add(values);
        }
        columns_.weigh(weights_.data(), filter_.factor, results_, out, 1, Unchanged{});
    }

  private:
    float* kept(int64_t line) const { return kept_ + line % filter_.taps * line_; }

    // A line's taps, phase by phase.
    void add(const float* line) {
        for (int64_t phase = 0; phase < phases_; ++phase)
            columns_.add(line + phase * block, filter_.taps / phases_, phases_);
    }

    Filter filter_;
    int64_t lines_, phases_;
    Runs rows_, columns_;
    std::vector<float> weights_;
    int64_t results_ = 0, line_ = 0;
    float *kept_ = nullptr, *rest_ = nullptr;
};

}  // namespace soat
