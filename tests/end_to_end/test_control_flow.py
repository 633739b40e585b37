"""If, Loop, Scan and SequenceMap of several members, merged whole or per member; ONNX Runtime judges."""

import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnx.parser
from onnx import numpy_helper

import support

HEAD = '<ir_version: 8, opset_import: ["" : 17]>\n'

# title -> (text, operator, whether it must run once for all members). Initializers named w* are
# drawn per share class, those named v* per member.
CASES = {
    "If on a size": (
        """g (float[N,4] x) => (float[N,4] y) <float[4,4] w0, float[4] w1, int64[1] zero = {0}, int64[1] one = {1}> {
             s = Shape(x) n = Gather(s, zero) large = Greater(n, one) c = Squeeze(large, zero)
             y = If (c) <then_branch = yes () => (float[N,4] t) { a = MatMul(x, w0) t = Tanh(a) },
                         else_branch = no () => (float[N,4] e) { e = Add(x, w1) }>
           }""", "If", True),
    "If with weights inside": (
        """g (float[N,4] x) => (float[N,4] y) <int64[1] zero = {0}, int64[1] one = {1}> {
             s = Shape(x) n = Gather(s, zero) large = Greater(n, one) c = Squeeze(large, zero)
             y = If (c) <then_branch = yes () => (float[N,4] t) <float[4] w0> { a = Mul(x, w0) t = Tanh(a) },
                         else_branch = no () => (float[N,4] e) { e = Identity(x) }>
           }""", "If", True),
    "If that yields what all share": (
        """g (float[N,4] x) => (float[N,4] y) <float[4] w0, float[1,4] c0 = {1,2,3,4}, int64[1] zero = {0}, int64[1] one = {1}> {
             s = Shape(x) n = Gather(s, zero) large = Greater(n, one) c = Squeeze(large, zero)
             v = If (c) <then_branch = yes () => (float[1,4] t) { t = Neg(c0) },
                         else_branch = no () => (float[1,4] e) { k = Unsqueeze(w0, zero) e = Tanh(k) }>
             y = Add(x, v)
           }""", "If", True),
    "Weights two branches deep, and nowhere else": (
        """g (float[N,4] x) => (float[N,4] y) <float[1,4] c0 = {1,2,3,4}, int64[1] zero = {0}, int64[1] one = {1}> {
             s = Shape(x) n = Gather(s, zero) large = Greater(n, one) c = Squeeze(large, zero)
             v = If (c) <then_branch = yes () => (float[1,4] t) {
                           t = If (c) <then_branch = inner () => (float[1,4] i) <float[4] w0> { i = Mul(c0, w0) },
                                       else_branch = other () => (float[1,4] j) { j = Abs(c0) }> },
                         else_branch = no () => (float[1,4] e) { e = Neg(c0) }>
             y = Add(x, v)
           }""", "If", True),
    "If on data": (
        """g (float[N,4] x) => (float[N,4] y) <float[4] w0, float limit = {0}> {
             m = ReduceSum<keepdims=0>(x) c = Greater(m, limit)
             y = If (c) <then_branch = yes () => (float[N,4] t) { t = Add(x, w0) },
                         else_branch = no () => (float[N,4] e) { e = Sub(x, w0) }>
           }""", "If", False),
    "Loop of layers": (
        """g (float[N,4] x) => (float[N,4] y, float[T,N,4] all) <float[4,4] w0, int64 count = {3}, bool go = {1}> {
             y, all = Loop (count, go, x) <body = b (int64 i, bool c, float[N,4] h) => (bool d, float[N,4] o, float[N,4] e) {
               d = Identity(c) a = MatMul(h, w0) o = Tanh(a) e = Add(o, h) }>
           }""", "Loop", True),
    "Loop with a counter": (
        """g (float[N,4] x) => (float[N,4] y, int64 k) <float[4] w0, int64 count = {9}, bool go = {1}, int64 start = {0}, int64 one = {1}, int64 last = {4}> {
             y, k = Loop (count, go, x, start) <body = b (int64 i, bool c, float[N,4] h, int64 n) => (bool d, float[N,4] o, int64 m) {
               m = Add(n, one) d = Less(m, last) a = Mul(h, w0) o = Tanh(a) }>
           }""", "Loop", True),
    "Loop until the data say so": (
        """g (float[N,4] x) => (float[N,4] y) <float[4] w0, int64 count = {5}, bool go = {1}, float limit = {3}> {
             y = Loop (count, go, x) <body = b (int64 i, bool c, float[N,4] h) => (bool d, float[N,4] o) {
               o = Add(h, w0) m = ReduceMax<keepdims=0>(o) d = Less(m, limit) }>
           }""", "Loop", False),
    "Loop whose start is the same for all": (
        """g (float[N,4] x) => (float[4] y) <float[4] w0, float[4] zeros = {0,0,0,0}, int64 count = {3}, bool go = {1}> {
             y = Loop (count, go, zeros) <body = b (int64 i, bool c, float[4] h) => (bool d, float[4] o) {
               d = Identity(c) a = Add(h, w0) o = Tanh(a) }>
           }""", "Loop", True),
    "Scan along the rows": (
        """g (float[N,3,4] x) => (float[4] h, float[S,4] all) <float[4,4] w0, float[4] zeros = {0,0,0,0}> {
             one = Constant<value = int64[1] {1}>() r = ReduceMean<axes = [0]>(x) q = Squeeze(r, axis)
             h, all = Scan (zeros, q) <num_scan_inputs = 1, body = b (float[4] s, float[4] e) => (float[4] t, float[4] o) {
               a = Add(s, e) b0 = MatMul(a, w0) t = Tanh(b0) o = Neg(t) }>
           }""", "Scan", True),
    "Scan backwards along the last axis": (
        """g (float[3,5] x) => (float[3] h, float[3,5] all) <float[3] w0, float[3] w1> {
             h, all = Scan (w1, x) <num_scan_inputs = 1, scan_input_axes = [-1], scan_output_axes = [1], scan_input_directions = [1],
               body = b (float[3] s, float[3] e) => (float[3] t, float[3] o) {
               a = Mul(s, w0) t = Add(a, e) o = Tanh(t) }>
           }""", "Scan", True),
    "Loop in a branch": (
        """g (float[N,4] x) => (float[N,4] y) <float[4] w0, int64 count = {2}, bool go = {1}, int64[1] zero = {0}, int64[1] one = {1}> {
             s = Shape(x) n = Gather(s, zero) large = Greater(n, one) c = Squeeze(large, zero)
             y = If (c) <then_branch = yes () => (float[N,4] t) {
                           t = Loop (count, go, x) <body = b (int64 i, bool k, float[N,4] h) => (bool d, float[N,4] o) {
                             d = Identity(k) a = Mul(h, w0) o = Tanh(a) }> },
                         else_branch = no () => (float[N,4] e) { e = Abs(x) }>
           }""", "If", True),
    "If that yields as much as the data say": (
        """g (float[N,4] x) => (float[2,K] y) <float[1] w0, int64[1] zero = {0}, int64[1] one = {1}> {
             r = Relu(x) z = NonZero(r) s = Shape(x) n = Gather(s, zero) large = Greater(n, one) c = Squeeze(large, zero)
             q = If (c) <then_branch = yes () => (int64[2,K1] t) { t = Neg(z) },
                         else_branch = no () => (int64[2,K2] e) { e = Abs(z) }>
             f = Cast<to = 1>(q) y = Add(f, w0)
           }""", "If", False),
    "Loop whose weights are shared by others than those before it": (
        """g (float[N,4] x) => (float[N,4] y) <float[4,4] w0, float[4] v0, int64 count = {3}, bool go = {1}> {
             m = MatMul(x, w0)
             y = Loop (count, go, m) <body = b (int64 i, bool c, float[N,4] h) => (bool d, float[N,4] o) {
               d = Identity(c) a = Mul(h, v0) o = Tanh(a) }>
           }""", "Loop", True),
    "Loop as long as a sequence": (
        """g (float[N,4] x) => (float[N,4] y) <float[4] w0, bool go = {1}> {
             q = SplitToSequence<axis = 0>(x) n = SequenceLength(q)
             y = Loop (n, go, x) <body = b (int64 i, bool c, float[N,4] h) => (bool d, float[N,4] o) {
               d = Identity(c) a = Mul(h, w0) o = Tanh(a) }>
           }""", "Loop", True),
    "SequenceMap over the rows": (
        """g (float[N,4] x) => (float[N,4] y) <float[4,4] w0> {
             q = SplitToSequence<axis = 0, keepdims = 0>(x)
             r = SequenceMap (q) <body = b (float[4] e) => (float[4] o) { a = MatMul(e, w0) o = Tanh(a) }>
             y = ConcatFromSequence<axis = 0, new_axis = 1>(r)
           }""", "SequenceMap", True),
    "SequenceMap over what all share": (
        """g (float[N,4] x) => (float[N,4] y) <float[1,4] c0 = {1,2,3,4}, float[1,4] c1 = {4,3,2,1}> {
             q = SequenceConstruct(c0, c1)
             r = SequenceMap (q) <body = b (float[1,4] e) => (float[1,4] o) <float[1,4] w0> { a = Mul(e, w0) o = Tanh(a) }>
             k = ConcatFromSequence<axis = 0>(r) s = ReduceMean<axes = [0]>(k) y = Add(x, s)
           }""", "SequenceMap", True),
    "SequenceMap with a tensor": (
        """g (float[N,4] x) => (float[N,8] y) <float[4] c0 = {1,2,3,4}, float[4] c1 = {4,3,2,1}, float[4] w0> {
             q = SequenceConstruct(c0, c1) h = Mul(x, w0)
             r = SequenceMap (q, h) <body = b (float[4] e, float[N,4] t) => (float[N,4] o) { a = Tanh(t) o = Mul(a, e) }>
             y = ConcatFromSequence<axis = 1>(r)
           }""", "SequenceMap", True),
    "SequenceMap that yields what all share, and what it is given": (
        """g (float[2,4] x) => (float[2,4] y, float[4] k, float[4] l) <float[4] c0 = {1,2,3,4}, float[4] c1 = {4,3,2,1}, float[4] w0, int64 last = {-1}> {
             p = SequenceConstruct(c0, c1) q = SplitToSequence<axis = 0, keepdims = 0>(x)
             r, s, t = SequenceMap (q, p) <body = b (float[4] e, float[4] f) => (float[4] o, float[4] u, float[4] i) {
               a = Mul(e, w0) o = Add(a, f) u = Neg(f) i = Identity(e) }>
             y = ConcatFromSequence<axis = 0, new_axis = 1>(r) k0 = SequenceAt(s, last) k = Mul(k0, w0) l = SequenceAt(t, last)
           }""", "SequenceMap", True),
    "SequenceMap in a Loop": (
        """g (float[N,4] x) => (float[N,4] y) <float[4] w0, int64 count = {2}, bool go = {1}> {
             y = Loop (count, go, x) <body = b (int64 i, bool c, float[N,4] h) => (bool d, float[N,4] o) {
               d = Identity(c) q = SplitToSequence<axis = 0>(h)
               r = SequenceMap (q) <body = f (float[1,4] e) => (float[1,4] u) { a = Mul(e, w0) u = Tanh(a) }>
               k = ConcatFromSequence<axis = 0>(r) o = Add(k, x) }>
           }""", "Loop", True),
    "SequenceMap over as many as the data say": (
        """g (float[N,4] x) => (float[4] y) <float[4] w0, float[1,4] c0 = {1,2,3,4}, int64[1] zero = {0}, int64[1] one = {1}, float zero1 = {0}> {
             m0 = ReduceSum<keepdims = 0>(x, one) g0 = Greater(m0, zero1) z = Compress<axis = 0>(x, g0) z0 = Concat<axis = 0>(z, c0) q = SplitToSequence<axis = 0, keepdims = 0>(z0)
             m = SequenceMap (q) <body = b (float[4] e) => (float[4] o) { a = Mul(e, w0) o = Tanh(a) }>
             k = ConcatFromSequence<axis = 0, new_axis = 1>(m) y = ReduceSum<keepdims = 0>(k, zero)
           }""", "SequenceMap", False),
}


# By member: its share class.
CLASSES = ([0, 1], [0, 1, 2], [0, 0, 1], [0, 1, 0], [0, 0, 0])

# One of their branches reads no weight that differs.
ALIKE_IN_ONE_BRANCH = {
    "If that yields what all share",
    "If with weights inside",
    "Loop in a branch",
    "Weights two branches deep, and nowhere else",
}


def make_member(text: str, seed: int, member: int, share_class: int) -> onnx.ModelProto:
    model = onnx.parser.parse_model(HEAD + text.replace("axis)", "zero_axis)"))
    of_class = np.random.default_rng(1000 * seed + share_class)
    of_member = np.random.default_rng(1000 * seed + 100 + member)

    def fill(graph: onnx.GraphProto) -> None:
        for tensor in graph.initializer:
            if tensor.name[0] in "wv":
                random = of_class if tensor.name[0] == "w" else of_member
                values = random.standard_normal(tuple(tensor.dims)).astype(np.float32)
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    fill(attribute.g)

    fill(model.graph)
    if "zero_axis" in text.replace("axis)", "zero_axis)"):
        model.graph.initializer.append(numpy_helper.from_array(np.array([0], np.int64), "zero_axis"))
    return model


def check(title: str, classes: list[int], folder: pathlib.Path) -> None:
    text, op, merges = CASES[title]
    text = complete(text)
    paths = []
    for m, share_class in enumerate(classes):
        paths.append(folder / f"m{m}.onnx")
        onnx.save(make_member(text, 5, m, share_class), paths[-1])
    merged = folder / "merged.onnx"
    support.braid("merge", *paths, "-o", merged, "--merge-always", "--json", folder / "report.json")
    report = json.loads((folder / "report.json").read_text())
    rules = {s["rule"] for g in report["groups"] for s in g["sites"] if s["op_type"] == op}
    # With equal weights, what no input reaches runs once.
    allowed = [{"stacked"}, {"once"}] if merges and len(set(classes)) == 1 else [{"stacked"}] if merges else [{"per member"}]
    assert rules in allowed, f"{op} is {rules}, expected {allowed}"
    for batch in (1, 3):
        members = support.Members(paths, merged, {"N": batch})
        actual = members.actual()
        for m in range(len(paths)):
            wanted = members.expected(m, m)
            assert support.all_agree(actual[m], wanted), f"member {m}, batch {batch}"
            other = next((o for o in range(len(paths)) if classes[o] != classes[m]), None)
            if other is None or title in ALIKE_IN_ONE_BRANCH:
                continue
            assert not support.all_agree(members.expected(other, m), wanted), "control: no difference"


def complete(text: str) -> str:
    """The text with data for weights, which the syntax wants."""
    import re

    def values(match: re.Match) -> str:
        dims = [int(d) for d in match.group(1).split(",")]
        return match.group(0) + " = {" + ",".join(["0"] * int(np.prod(dims))) + "}"

    return re.sub(r"float\[([\d,]+)\] [wv]\d(?! =)", values, text)


def main() -> int:
    failed = 0
    for title in CASES:
        for classes in CLASSES:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    check(title, classes, pathlib.Path(folder))
                except AssertionError as problem:
                    failed += 1
                    print("FAILED", title, classes, problem)
    print(f"{len(CLASSES) * len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
