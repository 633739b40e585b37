#pragma once

#include <string>

/// Where text stands to its point.
enum class Anchor { Start, Middle, End };

/// Builds an SVG picture, in pixels from the top left. Colours are classes of the style sheet,
/// which has a light and a dark scheme.
class Svg {
 public:
  Svg(double width, double height) : width_(width), height_(height) {}

  void line(double x1, double y1, double x2, double y2, const std::string& css_class);

  /// Points as "x,y x,y".
  void polyline(const std::string& points, const std::string& css_class);
  void rectangle(double x, double y, double width, double height, const std::string& css_class);

  /// Circle, square or triangle, by series, in turns.
  void marker(double x, double y, std::size_t series);
  void text(double x, double y, const std::string& content, Anchor anchor = Anchor::Start,
            const std::string& css_class = "");

  /// The whole file.
  std::string str() const;

 private:
  double width_;
  double height_;
  std::string body_;
};

/// The class of a series: "s0", "s1", and so on.
std::string series_class(std::size_t series);

/// The same for areas: "f0", "f1", and so on.
std::string fill_class(std::size_t series);
