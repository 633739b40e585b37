// Where the data of tensors lies that the message itself does not hold.

#include <algorithm>
#include <charconv>

#include "braid/error.hpp"
#include "ir/retype.hpp"
#include "onnx/proto.hpp"
#include "support/utf8.hpp"

namespace braid {
namespace {

[[noreturn]] void fail(const WeightFiles& files, const std::string& tensor,
                       const std::string& cause) {
  throw Error(ErrorKind::BadInput,
              files.model_path().string() + ": tensor '" + tensor + "': " + cause);
}

std::uint64_t parse_number(std::string_view text, const WeightFiles& files,
                           const std::string& tensor) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(files, tensor, "external data: '" + std::string(text) + "' is not a number");
  }
  return number;
}

// Of ranges that overlap none is kept, of equal ones one.
std::vector<ByteRange> disjoint(std::vector<ByteRange> ranges) {
  std::ranges::sort(ranges, {}, [](const ByteRange& r) { return std::pair(r.offset, r.length); });
  const auto are_equal = [](const ByteRange& a, const ByteRange& b) {
    return a.offset == b.offset && a.length == b.length;
  };
  ranges.erase(std::unique(ranges.begin(), ranges.end(), are_equal), ranges.end());
  std::vector<ByteRange> result;
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const std::uint64_t own_end = ranges[i].offset + ranges[i].length;
    const bool meets_next = i + 1 < ranges.size() && ranges[i + 1].offset < own_end;
    if (ranges[i].offset >= end && !meets_next) result.push_back(ranges[i]);
    end = std::max(end, own_end);
  }
  return result;
}

}  // namespace

WeightFiles::WeightFiles(std::filesystem::path model_path, SourceFile model_file)
    : model_path_(std::move(model_path)) {
  opened_.emplace("", std::move(model_file));
}

WeightFiles::WeightFiles(std::filesystem::path model_path, std::shared_ptr<const ModelSource> given)
    : model_path_(std::move(model_path)), given_(std::move(given)) {}

std::shared_ptr<const ModelSource> WeightFiles::source() const {
  if (given_) return given_;
  auto source = std::make_shared<ModelSource>();
  for (const auto& [location, file] : opened_) {
    SourceFile& copy = source->files.emplace_back(file);
    const auto read = read_.find(location);
    if (read == read_.end()) continue;
    for (const ByteRange& range : disjoint(read->second)) {
      copy.weights.push_back(
          {range.offset,
           Tensor::borrow(DType::UInt8, {static_cast<std::int64_t>(range.length)},
                          file.image.subspan(range.offset, range.length), file.owner)});
    }
  }
  return source;
}

const SourceFile& WeightFiles::file_at(const std::string& tensor, const std::string& location) {
  if (given_) {
    const auto found = std::ranges::find(given_->files, location, &SourceFile::location);
    if (found == given_->files.end()) fail(*this, tensor, "'" + location + "' is not recorded");
    return *found;
  }
  const auto found = opened_.find(location);
  return found != opened_.end() ? found->second
                                : opened_.emplace(location, open(tensor, location)).first->second;
}

SourceFile WeightFiles::open(const std::string& tensor, const std::string& location) const {
  namespace fs = std::filesystem;
  if (!is_utf8(location)) {
    fail(*this, tensor, "the name of its external data is no UTF-8; rename the file");
  }
  const fs::path relative = fs::path(location).lexically_normal();
  if (relative.is_absolute() || *relative.begin() == "..") {
    fail(*this, tensor,
         "its external data '" + location +
             "' is outside the model's folder, which is refused; move the file "
             "beside the model");
  }
  fs::path path = model_path_.parent_path();
  for (const fs::path& part : relative) {
    path /= part;
    std::error_code ignored;
    if (fs::is_symlink(path, ignored)) {
      fail(*this, tensor,
           "its external data '" + location +
               "' goes through a symbolic link, which is refused; put the file "
               "itself beside the model");
    }
  }
  try {
    const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    return {location, file->bytes(), file, {}};
  } catch (const Error& error) {
    fail(*this, tensor, std::string("its external data: ") + error.what());
  }
}

Tensor WeightFiles::read(const onnx::TensorProto& proto, DType dtype,
                         std::vector<std::int64_t> dims) {
  std::string location;
  std::uint64_t offset = 0;
  std::uint64_t length = dtype_bytes(dtype, Tensor::weightless(dtype, dims).size());
  const std::uint64_t expected = length;
  bool is_inline = false;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == kInlineMark) {
      const std::string& value = entry.value();
      const std::size_t space = value.find(' ');
      offset = parse_number(std::string_view(value).substr(0, space), *this, proto.name());
      length = parse_number(std::string_view(value).substr(space + 1), *this, proto.name());
      is_inline = given_ != nullptr || opened_.contains("");
    } else if (is_inline) {
      continue;  // bytes in the model file win over leftovers of an earlier external file
    } else if (entry.key() == "location") {
      location = entry.value();
    } else if (entry.key() == "offset") {
      offset = parse_number(entry.value(), *this, proto.name());
    } else if (entry.key() == "length") {
      length = parse_number(entry.value(), *this, proto.name());
    }
  }
  if (!is_inline && location.empty()) {
    fail(*this, proto.name(), "its data is external, but no file is named; save the model again");
  }
  if (is_inline) location.clear();
  const SourceFile& file = file_at(proto.name(), location);
  if (length != expected) {
    fail(*this, proto.name(),
         "has " + std::to_string(length) + " bytes of data, but its type and dims say " +
             std::to_string(expected));
  }
  if (offset > file.image.size() || length > file.image.size() - offset) {
    fail(*this, proto.name(),
         "its data (offset " + std::to_string(offset) + ", length " + std::to_string(length) +
             ") goes past the end of the file (" + std::to_string(file.image.size()) + " bytes)" +
             (location.empty() ? "" : " '" + location + "'"));
  }
  if (const SourceFile::Weight* weight = file.find(offset, length))
    return retyped(weight->bytes, dtype, std::move(dims));
  if (!is_inline && length > 0) read_[location].push_back({offset, length});
  return Tensor::borrow(dtype, std::move(dims), file.image.subspan(offset, length), file.owner);
}

}  // namespace braid
