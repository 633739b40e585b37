#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/parallel.hpp"

namespace braid::reference::ops {
namespace {

constexpr double kMasked = -std::numeric_limits<double>::infinity();

/// Values in the order [batch, heads, sequence, size].
struct Heads {
  Dims dims;
  std::vector<double> values;

  const double* row(std::int64_t b, std::int64_t h, std::int64_t s) const {
    return values.data() + ((b * dims[1] + h) * dims[2] + s) * dims[3];
  }
};

/// A [batch, sequence, heads * size] or [batch, heads, sequence, size] input.
Heads read_heads(const KernelCall& call, std::size_t input, std::int64_t heads) {
  const Tensor& tensor = call.input(input);
  require_type(call, tensor.dtype(), kFloats);
  const std::vector<double> values = to_doubles(tensor);
  if (tensor.rank() == 4) return {tensor.dims(), values};
  if (tensor.rank() != 3) call.fail("operands must have 3 or 4 dimensions");
  if (heads < 1 || tensor.dim(2) % heads != 0) call.fail("the numbers of heads are missing");
  const Dims dims{tensor.dim(0), heads, tensor.dim(1), tensor.dim(2) / heads};
  Heads result{dims, {}};
  for (const std::int64_t at :
       offset_table(dims, {dims[2] * tensor.dim(2), dims[3], tensor.dim(2), 1}))
    result.values.push_back(values[static_cast<std::size_t>(at)]);
  return result;
}

/// What the cache holds, and behind it what is new.
Heads behind_past(const KernelCall& call, std::size_t past, const Heads& now) {
  if (!call.has_input(past)) return now;
  const Heads before{call.input(past).dims(), to_doubles(call.input(past))};
  Heads all{now.dims, {}};
  if (before.dims.size() != 4) call.fail("the cache must have 4 dimensions");
  all.dims[2] += before.dims[2];
  if (before.dims[0] != now.dims[0] || before.dims[1] != now.dims[1] ||
      before.dims[3] != now.dims[3]) {
    call.fail("cache " + format_dims(before.dims) + " does not fit " + format_dims(now.dims));
  }
  for (std::int64_t b = 0; b < now.dims[0]; ++b) {
    for (std::int64_t h = 0; h < now.dims[1]; ++h) {
      for (const Heads* part : {&before, &now}) {
        const double* first = part->row(b, h, 0);
        all.values.insert(all.values.end(), first, first + part->dims[2] * part->dims[3]);
      }
    }
  }
  return all;
}

/// What is added to the score of a query and a key: 0 or what the mask holds, or minus infinity.
class Bias {
 public:
  Bias(const KernelCall& call, const Dims& scores) {
    is_causal_ = call.attributes().get_int("is_causal", 0) != 0;
    if (call.has_input(4)) past_ = call.input(4).dim(2);
    if (call.has_input(6)) lengths_ = to_doubles(call.input(6));
    if (call.has_input(6) && static_cast<std::int64_t>(lengths_.size()) != scores[0]) {
      call.fail("nonpad_kv_seqlen must have one value per batch");
    }
    if (!call.has_input(3)) return;
    const Tensor& mask = call.input(3);
    mask_ = to_doubles(mask);
    if (mask.dtype() == DType::Bool) {
      for (double& value : mask_)
        value = value != 0.0 ? 0.0 : kMasked;
    }
    // A shorter last dim leaves the keys behind it out.
    if (mask.rank() > 0) masked_keys_ = mask.dims().back();
    Dims reach = scores;
    reach[3] = masked_keys_;
    strides_ = broadcast_strides(call, mask.dims(), reach);
  }

  double at(std::int64_t b, std::int64_t h, std::int64_t query, std::int64_t key) const {
    if (is_causal_ && key > query + past_) return kMasked;
    if (!lengths_.empty() && static_cast<double>(key) >= lengths_[static_cast<std::size_t>(b)]) {
      return kMasked;
    }
    if (mask_.empty()) return 0.0;
    if (key >= masked_keys_) return kMasked;
    return mask_[static_cast<std::size_t>(b * strides_[0] + h * strides_[1] + query * strides_[2] +
                                          key * strides_[3])];
  }

 private:
  bool is_causal_ = false;
  std::int64_t past_ = 0, masked_keys_ = 0;
  std::vector<double> mask_, lengths_;
  Dims strides_;
};

void to_probabilities(std::vector<double>& scores) {
  double most = kMasked;
  for (const double score : scores)
    most = std::max(most, score);
  double total = 0.0;
  for (double& score : scores) {
    score = std::exp(score - most);
    total += score;
  }
  for (double& score : scores)
    score /= total;
}

void write(KernelCall& call, std::size_t output, const Dims& dims,
           const std::vector<double>& values) {
  if (output >= call.output_count()) return;
  const DType dtype = call.input(output == 2 ? 2 : 0).dtype();
  Tensor& out = call.output(output, dtype, dims);
  if (out) store(dtype, out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

/// [batch, heads, sequence, size] back to [batch, sequence, heads * size].
Heads packed(const Heads& heads) {
  const Dims& d = heads.dims;
  Heads result{{d[0], d[2], d[1] * d[3]}, {}};
  for (const std::int64_t at :
       offset_table({d[0], d[2], d[1], d[3]}, {d[1] * d[2] * d[3], d[3], d[2] * d[3], 1}))
    result.values.push_back(heads.values[static_cast<std::size_t>(at)]);
  return result;
}

}  // namespace

void attention(KernelCall& call) {
  const Attributes& attributes = call.attributes();
  const std::int64_t kv_heads = attributes.get_int("kv_num_heads", 0);
  const Heads q = read_heads(call, 0, attributes.get_int("q_num_heads", 0));
  const Heads k = behind_past(call, 4, read_heads(call, 1, kv_heads));
  const Heads v = behind_past(call, 5, read_heads(call, 2, kv_heads));
  const Dims scores_dims{q.dims[0], q.dims[1], q.dims[2], k.dims[2]};
  const Dims rows_of_k(k.dims.begin(), k.dims.begin() + 3);
  const Dims rows_of_v(v.dims.begin(), v.dims.begin() + 3);
  if (k.dims[0] != q.dims[0] || k.dims[1] == 0 || q.dims[1] % k.dims[1] != 0 ||
      k.dims[3] != q.dims[3] || rows_of_v != rows_of_k) {
    call.fail("queries " + format_dims(q.dims) + ", keys " + format_dims(k.dims) + " and values " +
              format_dims(v.dims) + " do not fit");
  }
  const Bias bias(call, scores_dims);
  const double fallback = 1.0 / std::sqrt(static_cast<double>(q.dims[3]));
  const double scale = attributes.has("scale") ? attributes.get_float("scale", 1.0F) : fallback;
  const double cap = attributes.get_float("softcap", 0.0F);
  const std::int64_t mode = attributes.get_int("qk_matmul_output_mode", 0);
  const std::int64_t keys = k.dims[2];
  const std::int64_t size = v.dims[3];
  Heads y{{q.dims[0], q.dims[1], q.dims[2], size}, {}};
  y.values.resize(static_cast<std::size_t>(product(y.dims)));
  std::vector<double> shown(static_cast<std::size_t>(product(scores_dims)));
  parallel_for(q.dims[0] * q.dims[1] * q.dims[2], keys * (q.dims[3] + size), [&](std::int64_t row) {
    const std::int64_t query = row % q.dims[2];
    const std::int64_t head = row / q.dims[2] % q.dims[1];
    const std::int64_t b = row / q.dims[2] / q.dims[1];
    const std::int64_t kv_head = head / (q.dims[1] / k.dims[1]);
    std::vector<double> scores(static_cast<std::size_t>(keys));
    const auto show = [&](std::int64_t stage) {
      if (stage == mode) std::copy(scores.begin(), scores.end(), shown.begin() + row * keys);
    };
    for (std::int64_t key = 0; key < keys; ++key) {
      for (std::int64_t i = 0; i < q.dims[3]; ++i) {
        scores[static_cast<std::size_t>(key)] +=
            q.row(b, head, query)[i] * k.row(b, kv_head, key)[i] * scale;
      }
    }
    show(0);
    for (double& score : scores)
      score = cap > 0.0 ? cap * std::tanh(score / cap) : score;
    show(1);
    for (std::int64_t key = 0; key < keys; ++key)
      scores[static_cast<std::size_t>(key)] += bias.at(b, head, query, key);
    show(2);
    to_probabilities(scores);
    show(3);
    for (std::int64_t key = 0; key < keys; ++key) {
      for (std::int64_t i = 0; i < size; ++i) {
        y.values[static_cast<std::size_t>(row * size + i)] +=
            scores[static_cast<std::size_t>(key)] * v.row(b, kv_head, key)[i];
      }
    }
  });
  const Heads out = call.input(0).rank() == 3 ? packed(y) : std::move(y);
  write(call, 0, out.dims, out.values);
  write(call, 1, k.dims, k.values);
  write(call, 2, v.dims, v.values);
  write(call, 3, scores_dims, shown);
}

}  // namespace braid::reference::ops
