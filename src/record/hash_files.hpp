#pragma once

#include <string>
#include <vector>

#include "braid/model_source.hpp"

namespace braid {

/// Of a file, and of what it carries.
struct FileHashes {
  std::string file;                  ///< 128 bits
  std::vector<std::string> weights;  ///< 64 bits each, as data_hash() makes them
};

/// Reads each file once, from its start to its end, and `jobs` files at a time; 0: as many as there
/// are processors. In the order of the files.
std::vector<FileHashes> hash_files(const std::vector<const SourceFile*>& files, int jobs);

}  // namespace braid
