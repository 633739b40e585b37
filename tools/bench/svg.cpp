#include "tools/bench/svg.hpp"

#include <fmt/format.h>

namespace {

// Colours that people of all kinds of sight tell apart (Okabe and Ito), lighter on dark ground.
// Without custom properties, which converters to other formats do not know.
constexpr const char* kStyle = R"(<style>
  text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328;
         font-variant-numeric: tabular-nums; }
  .title { font-size: 14px; font-weight: 600; }
  .soft { fill: #59636e; }
  .ground { fill: #ffffff; }
  .grid { stroke: #e3e7eb; }
  .axis { stroke: #59636e; }
  polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
  .s0 { stroke: #0072b2; } .s1 { stroke: #d55e00; } .s2 { stroke: #009e73; } .s3 { stroke: #cc79a7; }
  .s4 { stroke: #e69f00; } .s5 { stroke: #6e7781; }
  .f0 { fill: #0072b2; } .f1 { fill: #d55e00; } .f2 { fill: #009e73; } .f3 { fill: #cc79a7; }
  .f4 { fill: #e69f00; } .f5 { fill: #6e7781; }
  .spread { stroke-width: 6; stroke-opacity: 0.3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .soft { fill: #9198a1; }
    .ground { fill: #0d1117; }
    .grid { stroke: #2a313a; }
    .axis { stroke: #9198a1; }
    .s0 { stroke: #56b4e9; } .s1 { stroke: #f0a030; } .s2 { stroke: #2bc79a; } .s3 { stroke: #e79ac6; }
    .s4 { stroke: #f0e442; } .s5 { stroke: #b1bac4; }
    .f0 { fill: #56b4e9; } .f1 { fill: #f0a030; } .f2 { fill: #2bc79a; } .f3 { fill: #e79ac6; }
    .f4 { fill: #f0e442; } .f5 { fill: #b1bac4; }
  }
</style>
)";

constexpr std::size_t kColours = 6;

std::string escaped(const std::string& text) {
  std::string result;
  for (const char sign : text) {
    if (sign == '<') {
      result += "&lt;";
    } else if (sign == '&') {
      result += "&amp;";
    } else {
      result += sign;
    }
  }
  return result;
}

const char* name_of(Anchor anchor) {
  if (anchor == Anchor::Middle) return "middle";
  return anchor == Anchor::End ? "end" : "start";
}

}  // namespace

std::string series_class(std::size_t series) {
  return fmt::format("s{}", series % kColours);
}

std::string fill_class(std::size_t series) {
  return fmt::format("f{}", series % kColours);
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& css_class) {
  body_ +=
      fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n",
                  x1, y1, x2, y2, css_class);
}

void Svg::polyline(const std::string& points, const std::string& css_class) {
  body_ += fmt::format("<polyline points=\"{}\" class=\"{}\"/>\n", points, css_class);
}

void Svg::rectangle(double x, double y, double width, double height, const std::string& css_class) {
  body_ += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"/>\n", x, y,
      width, height, css_class);
}

void Svg::marker(double x, double y, std::size_t series) {
  const std::string fill = fill_class(series);
  constexpr double kRadius = 4;
  constexpr std::size_t kShapes = 3;
  if (series % kShapes == 0) {
    body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" class=\"{}\"/>\n", x, y,
                         kRadius, fill);
  } else if (series % kShapes == 1) {
    rectangle(x - kRadius, y - kRadius, 2 * kRadius, 2 * kRadius, fill);
  } else {
    body_ += fmt::format(
        "<polygon points=\"{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\" class=\"{}\"/>\n",
        x - 1.2 * kRadius, y + kRadius, x + 1.2 * kRadius, y + kRadius, x, y - 1.2 * kRadius, fill);
  }
}

void Svg::text(double x, double y, const std::string& content, Anchor anchor,
               const std::string& css_class) {
  body_ +=
      fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", x,
                  y, name_of(anchor), css_class, escaped(content));
}

std::string Svg::str() const {
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
             "width=\"{0:.0f}\" height=\"{1:.0f}\">\n",
             width_, height_) +
         kStyle +
         fmt::format("<rect width=\"{:.0f}\" height=\"{:.0f}\" class=\"ground\"/>\n", width_,
                     height_) +
         body_ + "</svg>\n";
}
