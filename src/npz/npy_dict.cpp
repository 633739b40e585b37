#include "npz/npy_dict.hpp"

#include <charconv>
#include <stdexcept>

namespace braid {
namespace {

/// Reads the few forms of Python literals that NumPy writes.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// True, and moves on, if the next token is `token`.
  bool accept(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  void expect(std::string_view token) {
    if (!accept(token)) throw std::invalid_argument("'" + std::string(token) + "' is missing");
  }

  std::string read_string() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_[0];
    const std::size_t end = rest_.find(quote, 1);
    if ((quote != '\'' && quote != '"') || end == std::string_view::npos) {
      throw std::invalid_argument("a quoted name is missing");
    }
    std::string result(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return result;
  }

  bool read_bool() {
    if (accept("True")) return true;
    if (accept("False")) return false;
    throw std::invalid_argument("'fortran_order' is neither True nor False");
  }

  std::vector<std::int64_t> read_tuple() {
    std::vector<std::int64_t> result;
    expect("(");
    while (!accept(")")) {
      result.push_back(read_number());
      accept("L");  // Python 2
      if (!accept(",")) {
        expect(")");
        break;
      }
    }
    return result;
  }

  bool is_at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    const std::size_t start = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
  }

  std::int64_t read_number() {
    skip_space();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc() || number < 0) {
      throw std::invalid_argument("'shape' holds something other than sizes");
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return number;
  }

  std::string_view rest_;
};

}  // namespace

NpyDict parse_npy_dict(std::string_view text) {
  Reader reader(text);
  NpyDict dict;
  bool has_descr = false;
  bool has_order = false;
  bool has_shape = false;
  reader.expect("{");
  while (!reader.accept("}")) {
    const std::string key = reader.read_string();
    reader.expect(":");
    if (key == "descr" && !has_descr) {
      if (reader.accept("[")) throw std::invalid_argument("structured types are not supported");
      dict.descr = reader.read_string();
      has_descr = true;
    } else if (key == "fortran_order" && !has_order) {
      dict.is_fortran_order = reader.read_bool();
      has_order = true;
    } else if (key == "shape" && !has_shape) {
      dict.shape = reader.read_tuple();
      has_shape = true;
    } else {
      throw std::invalid_argument("key '" + key + "' is not expected");
    }
    if (!reader.accept(",")) {
      reader.expect("}");
      break;
    }
  }
  if (!has_descr || !has_order || !has_shape) throw std::invalid_argument("a key is missing");
  if (!reader.is_at_end()) throw std::invalid_argument("text follows the dictionary");
  return dict;
}

}  // namespace braid
