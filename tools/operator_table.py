#!/usr/bin/env python3
"""Writes docs/operators.md: what Braid does with each operator of the standard domains.

Rules and kernels are read from their tables, operators from the schemas of the installed onnx.
--check compares with the committed page instead.
"""
import argparse
import re
import sys
from pathlib import Path

from onnx import defs

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/operators.md"
RULES = ROOT / "src/merge/rules/table.cpp"
KERNELS = {
    "": [ROOT / "kernels/reference/kernels.cpp", ROOT / "src/runtime/sequences.cpp"],
    "ai.onnx.ml": [ROOT / "kernels/reference/ml_kernels.cpp"],
}
SUBGRAPHS = {"If", "Loop", "Scan", "SequenceMap"}
ENTRY = re.compile(r'^\s*\{"(\w+)",.*\},?$', re.MULTILINE)

# Why an operator without a rule is not merged. A rule that is added wins over what stands here.
SOURCE = "has no input that could differ between members, unless a size or a value does"
DATA = "the sizes of its result depend on the data"
RANDOM = "members draw different numbers"
SUBGRAPH = "runs a subgraph"
SEQUENCE = "takes or yields a sequence or an optional"
MAP = "takes or yields a map"
STRING = "works on strings"
WHOLE = "takes its range over the whole tensor"
ATTRIBUTES = "its weights are attributes"
TRAINING = "a training step"
REASONS = {
    SOURCE: "BlackmanWindow Constant ConstantOfShape EyeLike HammingWindow HannWindow "
            "MelWeightMatrix Range",
    DATA: "Compress NonMaxSuppression NonZero StringSplit TfIdfVectorizer Unique",
    RANDOM: "Bernoulli Multinomial RandomNormal RandomNormalLike RandomUniform RandomUniformLike",
    SUBGRAPH: "FlexAttention If Loop Scan SequenceMap",
    SEQUENCE: "ConcatFromSequence ImageDecoder Optional OptionalGetElement OptionalHasElement "
              "SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert "
              "SequenceLength SplitToSequence",
    STRING: "RegexFullMatch StringConcat StringNormalizer",
    WHOLE: "DynamicQuantizeLinear",
    ATTRIBUTES: "Binarizer CategoryMapper Imputer LabelEncoder LinearClassifier LinearRegressor "
                "OneHotEncoder "
                "SVMClassifier SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier "
                "TreeEnsembleRegressor",
    MAP: "CastMap DictVectorizer ZipMap",
    TRAINING: "Adagrad Adam Gradient Momentum",
}
REASON_OF = {name: reason for reason, names in REASONS.items() for name in names.split()}

INTRODUCTION = """\
# Operators

What Braid does with each operator of the standard domains, up to opset {opset}.
Written by `tools/operator_table.py`.

- *merges*: there is a rule (`src/merge/rules/table.cpp`). Where it does not apply, at some attribute
  or at a weight that differs between members in a way it cannot express, the operator runs once per
  member; `braid merge --report` tells which.
- *per member*: runs once for each member, on the member's own weights. This is always right.
- Whatever reads only what is one and the same for all members runs once, with or without a rule.
- *kernel*: Braid's own executor can run it; a dash: it cannot.

Operators of other domains run per member.
"""


def operators() -> dict[tuple[str, str], list[defs.OpSchema]]:
    """All versions of each operator, oldest first, by domain and name."""
    versions = {}
    for schema in defs.get_all_schemas_with_history():
        versions.setdefault((schema.domain, schema.name), []).append(schema)
    return {key: sorted(versions[key], key=lambda s: s.since_version) for key in sorted(versions)}


def table_entries(path: Path) -> set[str]:
    names = set(ENTRY.findall(path.read_text()))
    assert len(names) > 10, f"{path}: the table is not where it was"
    return names


def page() -> str:
    rules = table_entries(RULES)
    kernels = {of: set().union(*map(table_entries, files)) for of, files in KERNELS.items()}
    kernels[""] |= SUBGRAPHS
    text = INTRODUCTION.format(opset=defs.onnx_opset_version())
    domain = None
    for (of, name), versions in operators().items():
        if of != domain:
            domain = of
            text += f"\n## {domain or 'ai.onnx'}\n\n"
            text += "| operator | versions | merging | kernel |\n|---|---|---|---|\n"
        is_standard = domain == ""
        reason = REASON_OF.get(name, "no rule")
        merging = "merges" if is_standard and name in rules else f"per member: {reason}"
        kernel = "yes" if name in kernels.get(domain, ()) else "-"
        since = ", ".join(
            f"{s.since_version}{' (deprecated)' * s.deprecated}" for s in versions)
        text += f"| {name} | {since} | {merging} | {kernel} |\n"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the page is not current")
    if not parser.parse_args().check:
        PAGE.write_text(page())
        return 0
    if PAGE.exists() and PAGE.read_text() == page():
        return 0
    print(f"{PAGE.relative_to(ROOT)} is not current; run tools/operator_table.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
