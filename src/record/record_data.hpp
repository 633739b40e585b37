#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "braid/record.hpp"

namespace braid {

/// Bytes of a weight of one or several members, and where they lie in the merged model.
struct Content {
  std::uint64_t length = 0;
  std::string hash;  ///< XXH3, 64 bits
  int tensor = -1;   ///< index into RecordData::tensors; -1: the next `length` bytes of `small`
  Tensor::Place place;
  std::int64_t rows = 0;  ///< if not 0, what lies there is a matrix of so many rows: transpose it
};

/// What files of members have in common that differ in their weights only.
struct Skeleton {
  struct Weight {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    auto operator<=>(const Weight&) const = default;
  };

  std::uint64_t size = 0;
  std::vector<Weight> weights;  ///< by offset; none overlap
  std::string text;             ///< the bytes between them
  auto operator<=>(const Skeleton&) const = default;
};

/// How a file is made.
struct FileRecipe {
  std::size_t skeleton = 0;
  std::vector<std::size_t> contents;  ///< by weight of the skeleton
};

/// The record of a merged model, as its metadata have it.
struct RecordData {
  std::string structure;             ///< hash of structure_of() the merged model
  std::vector<std::string> tensors;  ///< initializers in which contents lie
  std::vector<Content> contents;
  std::string kept;   ///< the tensor for contents that no node reads as they were; "": none
  std::string small;  ///< contents that lie in no tensor, one after the other
  std::vector<std::pair<std::string, std::string>> others;  ///< initializers with bytes that are no
                                                            ///< content, and their hashes (64 bits)
  std::vector<Skeleton> skeletons;
  std::vector<RecordedMember> members;
  std::vector<std::vector<FileRecipe>> recipes;  ///< by member and file
  std::vector<RecordedGroup> groups;
  std::string options;  ///< as write_options() spells them

  // Not stored: what it was read from.
  Model merged;
  std::filesystem::path path;
  std::vector<Tensor> data;  ///< of `tensors`
  bool is_structure_same = false;
};

/// The metadata of a model that hold its record.
Metadata write_record(const RecordData& record);

/// The record in the metadata of a model, checked so that all of it can be relied on but the bytes
/// of weights; false if there is none. Throws Error (BadInput).
bool read_record(const Metadata& metadata, const std::filesystem::path& path, RecordData& record);

/// The bytes of a content as uint8[length], without a copy.
Tensor content_bytes(const std::shared_ptr<const RecordData>& record, const Content& content);

/// Hash of a model's structure, 32 hexadecimal digits.
std::string structure_hash(const Model& model);

/// Hash of an initializer's data, 16 hexadecimal digits.
std::string data_hash(const Tensor& tensor);

}  // namespace braid
