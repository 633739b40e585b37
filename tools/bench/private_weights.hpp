#pragma once

#include <vector>

#include "braid/merge.hpp"

/// Whether members have much in common: more than a twentieth of the bytes of their weights.
bool share_weights(const std::vector<braid::Member>& members);

/// The members with matrices and filters of their own, in memory: those that they share differ in
/// the last bits of one element.
std::vector<braid::Member> with_private_weights(std::vector<braid::Member> members);
