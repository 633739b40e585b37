#include <algorithm>
#include <cctype>
#include <map>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/gemm.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// A term's subscripts: letters, and the dimensions under "..." as the characters 1, 2, ... counted
/// from the last, so that they align as broadcasting does.
using Subscripts = std::string;

struct Equation {
  std::vector<Subscripts> inputs;
  Subscripts output;
  Subscripts all;  // of the inputs, in order of appearance: so names do not decide how sums add up
  std::map<char, std::int64_t> sizes;
};

Subscripts parse_term(const KernelCall& call, const std::string& term, std::int64_t ellipsis) {
  Subscripts result;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (std::isalpha(static_cast<unsigned char>(term[i])) != 0) {
      result += term[i];
    } else if (term.compare(i, 3, "...") == 0) {
      for (std::int64_t d = ellipsis; d > 0; --d)
        result += static_cast<char>(d);
      if (term.find("...", i + 3) != std::string::npos) call.fail("a term has two ellipses");
      i += 2;
    } else {
      call.fail("equation has the character '" + std::string(1, term[i]) + "'");
    }
  }
  return result;
}

/// Parses an input's term and notes the sizes of its subscripts.
void add_input(const KernelCall& call, const std::string& term, const Dims& dims,
               Equation& equation) {
  const auto letters = std::count_if(term.begin(), term.end(), [](char c) { return c != '.'; });
  const std::int64_t hidden = static_cast<std::int64_t>(dims.size()) - letters;
  const Subscripts subscripts = parse_term(call, term, std::clamp<std::int64_t>(hidden, 0, 31));
  if (subscripts.size() != dims.size()) {
    call.fail("term \"" + term + "\" does not fit " + format_dims(dims));
  }
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto [entry, added] = equation.sizes.try_emplace(subscripts[i], 1);
    if (added) equation.all += subscripts[i];
    std::int64_t& size = entry->second;
    if (size != dims[i] && size != 1 && dims[i] != 1) {
      call.fail("a subscript of \"" + term + "\" is " + std::to_string(size) + " and " +
                std::to_string(dims[i]));
    }
    if (size == 1) size = dims[i];
  }
  equation.inputs.push_back(subscripts);
}

Equation parse(const KernelCall& call) {
  std::string text = call.attributes().get_string("equation", "");
  std::erase(text, ' ');
  const std::size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  Equation equation;
  std::size_t start = 0;
  for (std::size_t k = 0; k < call.input_count(); ++k) {
    if (start > left.size()) call.fail("equation \"" + text + "\" has too few terms");
    const std::size_t end = std::min(left.find(',', start), left.size());
    add_input(call, left.substr(start, end - start), call.input(k).dims(), equation);
    start = end + 1;
  }
  if (start <= left.size()) call.fail("equation \"" + text + "\" has too many terms");
  std::int64_t ellipsis = 0;
  for (const auto& [subscript, size] : equation.sizes) {
    if (subscript < 32) ellipsis = std::max<std::int64_t>(ellipsis, subscript);
  }
  std::string result = "...";
  if (arrow != std::string::npos) {
    result = text.substr(arrow + 2);
  } else {
    // Without an arrow: the letters that occur once, in alphabetical order.
    for (const auto& [subscript, size] : equation.sizes) {
      std::ptrdiff_t uses = 0;
      for (const Subscripts& input : equation.inputs) {
        uses += std::count(input.begin(), input.end(), subscript);
      }
      if (uses == 1 && subscript >= 32) result += subscript;
    }
  }
  equation.output = parse_term(call, result, ellipsis);
  for (const char subscript : equation.output) {
    const auto uses = std::count(equation.output.begin(), equation.output.end(), subscript);
    if (!equation.sizes.contains(subscript) || uses != 1) {
      call.fail("equation \"" + text + "\" has an invalid output");
    }
  }
  return equation;
}

Dims sizes_of(const Equation& equation, const Subscripts& subscripts) {
  Dims dims;
  for (const char subscript : subscripts)
    dims.push_back(equation.sizes.at(subscript));
  return dims;
}

/// Strides of an operand along the given subscripts: the sum over a subscript's places (repeated
/// ones walk the diagonal), 0 where it is absent or broadcast.
Dims strides_along(const Subscripts& subscripts, const Subscripts& operand, const Dims& dims) {
  const Dims contiguous = contiguous_strides(dims);
  Dims strides(subscripts.size(), 0);
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    for (std::size_t d = 0; d < operand.size(); ++d) {
      if (operand[d] == subscripts[i] && dims[d] != 1) strides[i] += contiguous[d];
    }
  }
  return strides;
}

/// A factor of the product, or its result, whose elements lie at the sum of three offsets.
struct Placed {
  DType dtype = DType::Undefined;
  Dims batches, rows, columns;

  std::int64_t start(std::int64_t batch, std::int64_t row) const {
    return batches[static_cast<std::size_t>(batch)] + rows[static_cast<std::size_t>(row)];
  }
};

class PlacedSource : public MatrixSource {
 public:
  PlacedSource(const Tensor& tensor, Placed placed)
      : data_(tensor.raw().data()), placed_(std::move(placed)) {}

  void read(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
            double* to) const override {
    const std::int64_t start = placed_.start(batch, row);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t column = placed_.columns[static_cast<std::size_t>(first + i)];
      load(placed_.dtype, data_, start + column, 1, 1, to + i);
    }
  }

 private:
  const std::byte* data_;
  Placed placed_;
};

class PlacedSink : public MatrixSink {
 public:
  PlacedSink(Tensor& tensor, Placed placed)
      : data_(tensor.mutable_raw().data()), placed_(std::move(placed)) {}

  void write(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
             const double* from) const override {
    const std::int64_t start = placed_.start(batch, row);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t column = placed_.columns[static_cast<std::size_t>(first + i)];
      store(placed_.dtype, data_, start + column, 1, 1, from + i);
    }
  }

 private:
  std::byte* data_;
  Placed placed_;
};

/// Two floating-point operands: a batch of matrix products.
void contract_pair(KernelCall& call, const Equation& equation, Tensor& out) {
  const Subscripts& a = equation.inputs[0];
  const Subscripts& b = equation.inputs[1];
  Subscripts batch, rows, columns, inner;
  for (const char subscript : equation.all) {
    const bool in_a = a.find(subscript) != std::string::npos;
    const bool in_b = b.find(subscript) != std::string::npos;
    const bool in_out = equation.output.find(subscript) != std::string::npos;
    (!in_out ? inner : in_a && in_b ? batch : in_a ? rows : columns) += subscript;
  }
  const auto table = [&](const Subscripts& along, const Subscripts& operand, const Dims& dims) {
    return offset_table(sizes_of(equation, along), strides_along(along, operand, dims));
  };
  const auto place = [&](const Subscripts& operand, const Dims& dims, const Subscripts& down,
                         const Subscripts& across) {
    return Placed{out.dtype(), table(batch, operand, dims), table(down, operand, dims),
                  table(across, operand, dims)};
  };
  const GemmSize size{product(sizes_of(equation, batch)), product(sizes_of(equation, rows)),
                      product(sizes_of(equation, columns)), product(sizes_of(equation, inner))};
  gemm(size, PlacedSource(call.input(0), place(a, call.input(0).dims(), rows, inner)),
       PlacedSource(call.input(1), place(b, call.input(1).dims(), inner, columns)),
       PlacedSink(out, place(equation.output, out.dims(), rows, columns)));
}

/// Any number of operands: for each output element, the sum of all products.
template <class W>
void contract(KernelCall& call, const Equation& equation, Tensor& out) {
  Subscripts inner;
  for (const char subscript : equation.all) {
    if (equation.output.find(subscript) == std::string::npos) inner += subscript;
  }
  struct Operand {
    const std::byte* data;
    Dims outer, inner;
  };
  std::vector<Operand> operands;
  for (std::size_t k = 0; k < call.input_count(); ++k) {
    const Dims& dims = call.input(k).dims();
    const auto table = [&](const Subscripts& along) {
      return offset_table(sizes_of(equation, along),
                          strides_along(along, equation.inputs[k], dims));
    };
    operands.push_back({call.input(k).raw().data(), table(equation.output), table(inner)});
  }
  const std::int64_t count = product(sizes_of(equation, inner));
  std::byte* to = out.mutable_raw().data();
  parallel_for(out.size(), count, [&](std::int64_t i) {
    W total{};
    for (std::int64_t j = 0; j < count; ++j) {
      W term{1};
      for (const Operand& operand : operands) {
        W value{};
        load(
            out.dtype(), operand.data,
            operand.outer[static_cast<std::size_t>(i)] + operand.inner[static_cast<std::size_t>(j)],
            1, 1, &value);
        term = wrapping_mul(term, value);
      }
      total = wrapping_add(total, term);
    }
    store(out.dtype(), to, i, 1, 1, &total);
  });
}

}  // namespace

void einsum(KernelCall& call) {
  const DType dtype = call.input(0).dtype();
  require_type(call, dtype, kNumbers);
  for (std::size_t k = 1; k < call.input_count(); ++k) {
    require_same_type(call, call.input(0), call.input(k));
  }
  const Equation equation = parse(call);
  Tensor& out = allocate(call, 0, dtype, sizes_of(equation, equation.output));
  if (out.size() == 0) return;
  if (call.input_count() == 2 && family_of(dtype) == kFloats) {
    contract_pair(call, equation, out);
    return;
  }
  dispatch_wide(call, dtype, kNumbers,
                [&](auto tag) { contract<typename decltype(tag)::type>(call, equation, out); });
}

}  // namespace braid::reference::ops
