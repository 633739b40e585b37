#include "tools/bench/charts.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "braid/error.hpp"
#include "tools/bench/svg.hpp"

namespace {

constexpr double kWidth = 1120;
constexpr double kLegendRow = 24;
constexpr double kLegendWidth = 800;
constexpr double kBand = 320;  // height of one row of panels
constexpr double kMargin = 16;
constexpr std::size_t kMostOperators = 8;
constexpr double kMostSpread = 1.25;  // of a value, for which the axis has room

using Rows = std::vector<const BenchRow*>;

struct Box {
  double left;
  double top;
  double width;
  double height;

  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

// The multiple of 1, 2 or 5 that divides an axis into some four pieces.
double tick_step(double largest) {
  const double rough = largest / 4;
  const double unit = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * unit >= rough) return factor * unit;
  }
  return 10 * unit;
}

// A linear axis from 0 on that ends with a tick.
class Scale {
 public:
  Scale(double largest, double from, double to)
      : step_(tick_step(std::max(largest, 1e-9))),
        end_(std::ceil(largest / step_ - 1e-9) * step_),
        from_(from),
        to_(to) {
    if (end_ <= 0) end_ = step_;
  }

  // Values beyond the end are there.
  double at(double value) const { return from_ + (to_ - from_) * std::min(value / end_, 1.0); }

  std::vector<double> ticks() const {
    std::vector<double> result;
    for (int i = 0; i * step_ <= end_ * (1 + 1e-9); ++i)
      result.push_back(i * step_);
    return result;
  }

 private:
  double step_;
  double end_;
  double from_;
  double to_;
};

// One value of one contender, and how far it spreads.
struct Point {
  double members = 0;
  double value = 0;
  double low = 0;
  double high = 0;
};

using Lines = std::vector<std::vector<Point>>;  // by contender

std::vector<std::string> contenders_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const BenchRow* row : rows) {
    if (std::find(names.begin(), names.end(), row->contender) == names.end())
      names.push_back(row->contender);
  }
  return names;
}

std::size_t place_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Point latency_of(const BenchRow& row) {
  const Series& series = *row.series;
  const bool is_on_device = !series.device_seconds.empty();
  const auto ms = [&](double q) {
    return 1e3 * (is_on_device ? series.device_quantile(q) : series.quantile(q));
  };
  return {static_cast<double>(row.members), ms(0.5), ms(0.1), ms(0.9)};
}

Point memory_of(const BenchRow& row) {
  const Counters& counters = row.counters;
  const double megabytes =
      static_cast<double>(counters.weight_bytes() + counters.arena_bytes) * 1e-6;
  return {static_cast<double>(row.members), megabytes, megabytes, megabytes};
}

class Charts {
 public:
  explicit Charts(const std::vector<BenchRow>& rows) : rows_(rows) {
    for (const BenchRow& row : rows)
      bands_[{row.batch.value_or(0), row.threads}].push_back(&row);
    Rows all;
    for (const BenchRow& row : rows)
      all.push_back(&row);
    names_ = contenders_of(all);
    is_on_device_ = !rows.empty() && rows[0].series && !rows[0].series->device_seconds.empty();
    double x = kMargin;
    for (const std::string& name : names_) {
      if (x + entry_width(name) > kLegendWidth) {
        x = kMargin;
        head_ += kLegendRow;
      }
      legend_.push_back({x, head_ - 20});
      x += entry_width(name);
    }
  }

  std::string draw() {
    svg_ = Svg(kWidth, head_ + kBand * static_cast<double>(bands_.size()));
    draw_legend();
    double top = head_;
    for (const auto& [key, rows] : bands_) {
      draw_band(key.first, key.second, rows, top);
      top += kBand;
    }
    return svg_.str();
  }

 private:
  static double entry_width(const std::string& name) {
    return 48 + 7.0 * static_cast<double>(name.size());
  }

  void draw_legend() {
    for (std::size_t s = 0; s < names_.size(); ++s) {
      const auto [x, y] = legend_[s];
      svg_.line(x, y, x + 24, y, series_class(s));
      svg_.marker(x + 12, y, s);
      svg_.text(x + 32, y + 4, names_[s]);
    }
    svg_.text(kWidth - kMargin, 24, rows_.empty() ? "" : rows_[0].model, Anchor::End, "soft");
  }

  void draw_band(std::int64_t batch, int threads, const Rows& rows, double top) {
    std::string where = plural(threads, "thread");
    if (batch > 0) where += fmt::format(", batch {}", batch);
    const double height = kBand - 92;
    draw_lines({64, top + 44, 280, height},
               is_on_device_ ? "GPU time, ms (median; bar: 10 to 90 %)"
                             : "Latency, ms (median; bar: 10 to 90 %)",
               where, rows, latency_of);
    draw_lines({424, top + 44, 280, height}, "Memory, MB (weights and activations)", where, rows,
               memory_of);
    draw_operators({852, top + 44, 204, height}, where, rows);
  }

  template <class Measure>
  void draw_lines(const Box& box, const std::string& title, const std::string& where,
                  const Rows& rows, Measure measure) {
    Lines lines(names_.size());
    double largest = 0;
    double most = 1;
    for (const BenchRow* row : rows) {
      const Point point = measure(*row);
      lines[place_of(names_, row->contender)].push_back(point);
      largest = std::max(largest, std::min(point.high, kMostSpread * point.value));
      most = std::max(most, point.members);
    }
    const Scale y(largest, box.bottom(), box.top);
    draw_frame(box, title, y);
    svg_.text(box.left + box.width / 2, box.bottom() + 34, "members (" + where + ")",
              Anchor::Middle, "soft");
    const auto x = [&](double members) {
      return most <= 1 ? box.left + box.width / 2
                       : box.left + 12 + (box.width - 24) * (members - 1) / (most - 1);
    };
    for (const double members : members_of(rows))
      svg_.text(x(members), box.bottom() + 16, fmt::format("{}", members), Anchor::Middle, "soft");
    for (std::size_t s = 0; s < lines.size(); ++s)
      draw_line(lines[s], s, x, y);
  }

  void draw_frame(const Box& box, const std::string& title, const Scale& y) {
    svg_.text(box.left - 48, box.top - 18, title, Anchor::Start, "title");
    for (const double tick : y.ticks()) {
      svg_.line(box.left, y.at(tick), box.right(), y.at(tick), tick == 0 ? "axis" : "grid");
      svg_.text(box.left - 8, y.at(tick) + 4, fmt::format("{:g}", tick), Anchor::End, "soft");
    }
  }

  static std::vector<double> members_of(const Rows& rows) {
    std::vector<double> members;
    for (const BenchRow* row : rows)
      members.push_back(static_cast<double>(row->members));
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    return members;
  }

  template <class X>
  void draw_line(const std::vector<Point>& points, std::size_t series, X x, const Scale& y) {
    std::string path;
    for (const Point& point : points) {
      path += fmt::format("{:.1f},{:.1f} ", x(point.members), y.at(point.value));
      if (point.low < point.high) {
        svg_.line(x(point.members), y.at(point.low), x(point.members), y.at(point.high),
                  series_class(series) + " spread");
      }
    }
    svg_.polyline(path, series_class(series));
    for (const Point& point : points)
      svg_.marker(x(point.members), y.at(point.value), series);
  }

  // ---- time by operator ----

  struct Bars {
    std::string op;
    std::vector<double> ms;  // by contender
    double total = 0;
  };

  // Of the rows with most members. What is not among the dearest is "others".
  std::vector<Bars> bars_of(const Rows& rows, std::size_t most) const {
    std::map<std::string, Bars> all;
    for (const BenchRow* row : rows) {
      if (row->members != most) continue;
      for (const OperatorCost& cost : row->operators) {
        Bars& bars = all[cost.op];
        bars.op = cost.op;
        bars.ms.resize(names_.size());
        bars.ms[place_of(names_, row->contender)] += cost.seconds * 1e3;
        bars.total += cost.seconds;
      }
    }
    std::vector<Bars> sorted;
    for (auto& [op, bars] : all)
      sorted.push_back(std::move(bars));
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Bars& a, const Bars& b) { return a.total > b.total; });
    while (sorted.size() > kMostOperators) {
      Bars& others = sorted[kMostOperators - 1];
      others.op = "others";
      for (std::size_t s = 0; s < names_.size(); ++s)
        others.ms[s] += sorted.back().ms[s];
      sorted.pop_back();
    }
    return sorted;
  }

  void draw_operators(const Box& box, const std::string& where, const Rows& rows) {
    std::size_t most = 0;
    for (const BenchRow* row : rows)
      most = std::max(most, row->members);
    const std::vector<Bars> all = bars_of(rows, most);
    double largest = 0;
    for (const Bars& bars : all)
      largest = std::max(largest, *std::max_element(bars.ms.begin(), bars.ms.end()));
    const Scale x(largest, box.left, box.right());
    svg_.text(box.left - 108, box.top - 18,
              "Time by operator, ms (" + plural(static_cast<std::int64_t>(most), "member") + ")",
              Anchor::Start, "title");
    for (const double tick : x.ticks()) {
      svg_.line(x.at(tick), box.top, x.at(tick), box.bottom(), tick == 0 ? "axis" : "grid");
      svg_.text(x.at(tick), box.bottom() + 16, fmt::format("{:g}", tick), Anchor::Middle, "soft");
    }
    svg_.text(box.left + box.width / 2, box.bottom() + 34, "sum of the steps (" + where + ")",
              Anchor::Middle, "soft");
    const double pitch = box.height / static_cast<double>(std::max<std::size_t>(all.size(), 1));
    for (std::size_t b = 0; b < all.size(); ++b)
      draw_bars(all[b], box, box.top + static_cast<double>(b) * pitch, std::min(pitch, 48.0), x);
  }

  void draw_bars(const Bars& bars, const Box& box, double top, double pitch, const Scale& x) {
    svg_.text(box.left - 8, top + pitch / 2 + 4, short_name(bars.op), Anchor::End);
    const double height = 0.8 * pitch / static_cast<double>(names_.size());
    for (std::size_t s = 0; s < names_.size(); ++s) {
      svg_.rectangle(box.left, top + 0.1 * pitch + static_cast<double>(s) * height,
                     x.at(bars.ms[s]) - box.left, height - 1, fill_class(s));
    }
  }

  static std::string short_name(const std::string& op) {
    constexpr std::size_t kMost = 16;
    return op.size() <= kMost ? op : op.substr(0, kMost - 1) + "…";
  }

  const std::vector<BenchRow>& rows_;
  std::map<std::pair<std::int64_t, int>, Rows> bands_;  // by batch and threads
  std::vector<std::string> names_;
  bool is_on_device_ = false;
  std::vector<std::pair<double, double>> legend_;  // places of the names
  double head_ = 40;                               // height of the legend
  Svg svg_{0, 0};
};

}  // namespace

std::string draw_charts(const std::vector<BenchRow>& rows) {
  return Charts(rows).draw();
}

void write_charts(const std::vector<BenchRow>& rows, const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  file << draw_charts(rows);
  file.close();
  if (!file) throw braid::Error(braid::ErrorKind::Output, path.string() + ": cannot be written");
}
