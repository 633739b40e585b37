"""`braid plan` and `merge --plan`: what a plan says is true, and what it asks for is done.

All files are merged without a record: it holds the options, a plan among them, so that files which
are the same otherwise would differ.
"""
# labels: slow

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Callable

import onnx

import support
from test_cli import members_of, report
from test_errors import (
    accepted,
    agrees_with_members,
    collect,
    pair,
    refused,
    run_cases,
    save,
    tiny,
)

VIEWS = {"Constant", "Flatten", "Identity", "Reshape", "Shape", "Squeeze", "Unsqueeze"}


def planned(folder: pathlib.Path, paths: list[pathlib.Path], *flags: object) -> dict:
    """The plan, also in plan.json."""
    accepted(folder, "plan", *paths, *flags, "--json", "plan.json")
    return json.loads((folder / "plan.json").read_text())


def write(folder: pathlib.Path, plan: dict) -> None:
    (folder / "plan.json").write_text(json.dumps(plan))


def merged_as_planned(folder: pathlib.Path, paths: list[pathlib.Path]) -> pathlib.Path:
    path = folder / "planned.onnx"
    accepted(folder, "merge", "--no-record", *paths, "-o", path, "--force", "--plan", "plan.json", "--verify")
    return path


def merged_without(folder: pathlib.Path, paths: list[pathlib.Path], *flags: object) -> bytes:
    accepted(folder, "merge", "--no-record", *paths, "-o", "free.onnx", "--force", *flags)
    return (folder / "free.onnx").read_bytes()


def site_of(plan: dict, suits: Callable[[dict], bool]) -> dict:
    return next(site for group in plan["groups"] for site in group["sites"] if suits(site))


def rules_on_offer(site: dict) -> set[str]:
    return {offer["rule"] for offer in site["offers"]}


# --- what a plan says -----------------------------------------------------------------------


def case_predictions(folder: pathlib.Path) -> None:
    """What a plan predicts is counted again in the files."""
    for name, flags in (("bert-small-legacy", ["--share", 0.5]), ("resnet-small-dynamo", [])):
        paths = members_of(folder, name, 3, *flags)
        plan = planned(folder, paths)
        [predicted] = plan["predicted"]
        merged_without(folder, paths)
        model = onnx.load(folder / "free.onnx")
        launches = sum(node.op_type not in VIEWS for node in model.graph.node)
        assert predicted["after"]["launches"] == launches, name
        stored = sum(support.bytes_of(tensor) for tensor in model.graph.initializer)
        assert predicted["after"]["weights"] == stored, name
        [group] = plan["groups"]
        assert group["nodes_after"] == len(model.graph.node)
        given = sum(
            node.op_type not in VIEWS for path in paths for node in onnx.load(path).graph.node
        )
        assert launches < predicted["before"]["launches"] <= given, name
        assert predicted["before"]["weights"] > predicted["after"]["weights"] or not flags
        assert predicted["after"]["bytes_moved"] > stored / 2


def case_sites(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-dynamo", 3, "--share", 0.5)
    [group] = planned(folder, paths)["groups"]
    assert group["members"] == [path.stem for path in paths]
    assert group["architectures"] == [group["members"]] and "one architecture" in group["reason"]
    counts: dict[str, int] = {}
    for site in group["sites"]:
        counts[site["rule"]] = counts.get(site["rule"], 0) + 1
        assert site["reason"] and site["node"] and site["op_type"]
        offers = [(offer["rule"], offer["form"]) for offer in site["offers"]]
        assert not offers or (site["rule"], site["form"]) in offers, site
        assert all(offer["cost"] >= 0 for offer in site["offers"])
    assert counts == group["rules"] and counts["fused"] > 0 and counts["stitched"] > 0
    assert any(len(rules_on_offer(site)) > 1 for site in group["sites"])


def case_what_it_prints(folder: pathlib.Path) -> None:
    bert = members_of(folder, "bert-small-dynamo", 3, "--share", 0.5)
    paths = [*bert, *pair(folder)]
    said = accepted(folder, "plan", *paths)
    for words in (
        "5 models, 2 architectures",
        "group A  bert-small-dynamo-0, bert-small-dynamo-1, bert-small-dynamo-2",
        "group B  a, b",
        "one architecture",
        "weight tensors the same in all members",
        "all members have the same weights",
        "the members' weights differ",
        "launches",
        "bytes moved",
        "activations",
    ):
        assert words in said, f"does not say '{words}':\n{said}"
    detailed = accepted(folder, "plan", *paths, "--sites")
    assert "per member as separate" in detailed and "plus" in detailed, detailed[-2000:]
    assert len(detailed.splitlines()) > len(said.splitlines())
    split = accepted(folder, "plan", *paths, "--split")
    assert "file 1: 3 models" in split and "file 2: 2 models" in split, split
    few = accepted(folder, "plan", *bert, "--max-group", 2)
    assert "2 of 3 members, at most 2" in few, few
    assert not list(folder.glob("*.onnx.data")) and not (folder / "planned.onnx").exists()


# --- a plan as it was made ------------------------------------------------------------------


def case_round_trip(folder: pathlib.Path) -> None:
    models = (
        ("bert-small-legacy", ["--share", 0.5]),
        ("resnet-small-dynamo", []),
        ("xlnet-small-dynamo", ["--share-classes", 2]),
        ("zoo/llama-legacy", ["--share-classes", 2]),
    )
    asked = (
        [],
        ["--target", "cpu"],
        ["--merge-always"],
        ["--inputs", "shared", "--combine", "mean"],
        ["--max-group", 2, "--dim", "batch=8"],
    )
    for name, sharing in models:
        out = folder / "members"
        accepted(folder, "synth", support.MODELS / f"{name}.onnx", "-n", 3, *sharing, "-o", out)
        paths = sorted(out.iterdir())
        for flags in asked:
            planned(folder, paths, *flags)
            follow = ["-o", "planned.onnx", "--force", "--plan", "plan.json"]
            accepted(folder, "merge", "--no-record", *paths, *follow)
            again = (folder / "planned.onnx").read_bytes()
            assert again == merged_without(folder, paths, *flags), f"{name} {flags}"
        for path in paths:
            path.unlink()


def case_round_trip_of_several_files(folder: pathlib.Path) -> None:
    bert = members_of(folder, "bert-small-dynamo", 2)
    paths = [bert[0], *pair(folder), bert[1]]
    planned(folder, paths, "--split")
    accepted(folder, "merge", "--no-record", *paths, "--split", "-o", "free.onnx")
    accepted(folder, "merge", "--no-record", *paths, "--split", "-o", "planned.onnx", "--plan", "plan.json")
    for number in (1, 2):
        one, other = (folder / f"{name}-{number}.onnx" for name in ("free", "planned"))
        assert one.read_bytes() == other.read_bytes(), f"file {number}"


def case_a_plan_of_a_plan(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-dynamo", 2)
    flags = ["--combine", "weighted:1,3", "--target", "cpu", "--dim", "batch=4"]
    first = planned(folder, paths, *flags)
    second = report(folder, "plan", *paths, "--plan", "plan.json")
    assert first["options"] == second["options"] and first["predicted"] == second["predicted"]
    assert first["options"]["combine"] == "weighted:1,3" and first["options"]["target"] == "cpu"
    assert all(site["reason"] == "as planned" for site in second["groups"][0]["sites"])


# --- an edited plan -------------------------------------------------------------------------


def case_edited_rule(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-legacy", 3, "--share", 0.5)
    free = merged_without(folder, paths)
    other = "per member"
    for rule in ("fused", "stitched", "stacked"):
        plan = planned(folder, paths)
        site = site_of(plan, lambda s: s["rule"] == rule and other in rules_on_offer(s))
        site["rule"] = other
        write(folder, plan)
        merged = merged_as_planned(folder, paths)
        assert merged.read_bytes() != free, f"{rule} -> {other} changes nothing"
        agrees_with_members(merged, paths)
        made = [
            node
            for node in onnx.load(merged).graph.node
            if site["node"] in f"{node.metadata_props}{node.doc_string}"
            and "per member" in f"{node.metadata_props}{node.doc_string}"
        ]
        assert len(made) >= 3, f"'{site['node']}' is not once per member"


def case_free_choice(folder: pathlib.Path) -> None:
    """Where nothing is prescribed, all is as without a plan."""
    paths = members_of(folder, "bert-small-dynamo", 3, "--share", 0.5)
    free = merged_without(folder, paths)
    plan = planned(folder, paths)
    for site in plan["groups"][0]["sites"]:
        site["rule"] = "free"
    write(folder, plan)
    assert merged_as_planned(folder, paths).read_bytes() == free
    del plan["groups"][0]["sites"]
    write(folder, plan)
    assert merged_as_planned(folder, paths).read_bytes() == free


def case_edited_groups(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-dynamo", 5, "--share", 0.5)
    names = [path.stem for path in paths]
    plan = planned(folder, paths, "--max-group", 3)
    assert [len(group["members"]) for group in plan["groups"]] == [3, 2]
    for sizes in ((2, 3), (1, 1, 3), (5,)):
        rest = list(names)
        plan["groups"] = [{"members": [rest.pop() for _ in range(size)]} for size in sizes]
        write(folder, plan)
        merged = merged_as_planned(folder, paths)
        agrees_with_members(merged, paths)
        answer = report(folder, "plan", *paths, "--plan", "plan.json")
        assert [set(group["members"]) for group in answer["groups"]] == [
            set(group["members"]) for group in plan["groups"]
        ]
    moved = planned(folder, paths, "--max-group", 3)
    first, second = moved["groups"]
    second["members"].append(first["members"].pop())
    write(folder, moved)
    agrees_with_members(merged_as_planned(folder, paths), paths)


def case_edited_options(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-dynamo", 2)
    plan = planned(folder, paths)
    plan["options"]["combine"] = "concat"
    write(folder, plan)
    names = [port.name for port in onnx.load(merged_as_planned(folder, paths)).graph.output]
    assert names[-1] == "logits" and len(names) == 3, names


# --- plans that cannot be followed ----------------------------------------------------------


def case_impossible_plans(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-dynseq", 3, "--share", 0.5)
    merge = ["merge", *paths, "-o", "planned.onnx", "--plan", "plan.json"]
    problems: list[str] = []

    def edited(words: list[str], edit: Callable[[dict], object]) -> None:
        plan = planned(folder, paths)
        edit(plan)
        write(folder, plan)
        collect(problems, refused, folder, 4, words, *merge)

    def set_rule(of: str, rule: str) -> Callable[[dict], object]:
        return lambda plan: site_of(plan, lambda s: s["rule"] == of).update(rule=rule)

    def groups(plan: dict) -> list[str]:
        return plan["groups"][0]["members"]

    edited(["'stitched'", "only be: .*fused"], set_rule("fused", "stitched"))
    edited(["'fused'", "only be: once"], set_rule("once", "fused"))
    edited(["'blended'", "only be"], set_rule("stacked", "blended"))
    edited(["member 'stranger'", "no such model"], lambda plan: groups(plan).append("stranger"))
    edited(["'bert-small-dynseq-0' twice"], lambda plan: groups(plan).append(groups(plan)[0]))
    edited(["dynseq-2.onnx", "in no group"], lambda plan: groups(plan).pop())
    edited(["sites", "braid plan"], lambda plan: plan["groups"][0]["sites"].pop())
    edited(
        ["site 1 of the plan is 'other'", "braid plan"],
        lambda plan: plan["groups"][0]["sites"][0].update(node="other"),
    )
    assert not problems, "\n".join(problems)


def case_plan_of_other_models(folder: pathlib.Path) -> None:
    planned(folder, pair(folder))
    others = members_of(folder, "bert-small-dynamo", 2)
    merge = ["merge", *others, "-o", "planned.onnx", "--plan", "plan.json"]
    refused(folder, 4, ["member 'a'", "no such model"], *merge)
    deeper = [save(tiny(seed), folder / f"{name}/m.onnx") for seed, name in enumerate("xy")]
    plan = json.loads((folder / "plan.json").read_text())
    plan["groups"][0]["members"] = ["m", "m-2"]
    write(folder, plan)
    for path in deeper:
        model = onnx.load(path)
        model.graph.node[1].name = "renamed"
        save(model, path)
    words = ["site 1", "'plus'", "'renamed'", "braid plan"]
    refused(folder, 4, words, "merge", *deeper, "-o", "planned.onnx", "--plan", "plan.json")


def case_broken_plan_files(folder: pathlib.Path) -> None:
    paths = pair(folder)
    whole = json.dumps(planned(folder, paths), indent=1)
    merge = ["merge", *paths, "-o", "planned.onnx", "--plan"]
    problems: list[str] = []

    def broken(words: list[str], text: str) -> None:
        (folder / "plan.json").write_text(text)
        words = [r"plan\.json", "braid plan", *words]
        collect(problems, refused, folder, 3, words, *merge, "plan.json")

    broken(["line 1", "not valid JSON"], "")
    broken(["line 3", "not valid JSON"], '{\n"schema": "braid-plan-1",\n"groups": [,]}\n')
    broken(["not valid JSON"], whole[: len(whole) // 2])
    broken(["the plan"], "[]")
    broken(["the plan", "no 'schema'"], "{}")
    broken(["schema", "braid-merge-1"], whole.replace("braid-plan-1", "braid-merge-1", 1))

    def edited(words: list[str], edit: Callable[[dict], object]) -> None:
        plan = json.loads(whole)
        edit(plan)
        broken(words, json.dumps(plan))

    edited(["groups"], lambda plan: plan.pop("groups"))
    edited(["groups", "list"], lambda plan: plan.update(groups={}))
    edited([r"groups\[0\]", "'members'"], lambda plan: plan["groups"][0].pop("members"))
    edited([r"groups\[0\]", "no members"], lambda plan: plan["groups"][0].update(members=[]))
    edited([r"groups\[0\]\.members\[1\]"], lambda plan: plan["groups"][0].update(members=["a", 2]))
    edited(
        [r"groups\[0\]\.sites\[1\]\.rule"],
        lambda plan: plan["groups"][0]["sites"][1].update(rule=None),
    )
    edited([r"groups\[0\]\.sites\[0\]"], lambda plan: plan["groups"][0]["sites"][0].pop("rule"))
    edited(["options.target", "'tpu'"], lambda plan: plan["options"].update(target="tpu"))
    edited(["options.combine"], lambda plan: plan["options"].update(combine="weighted"))
    edited(["options.merge_always"], lambda plan: plan["options"].update(merge_always=1))
    edited(["options.dims.batch"], lambda plan: plan["options"].update(dims={"batch": 0}))
    edited(["options.dims.batch"], lambda plan: plan["options"].update(dims={"batch": 1e30}))
    edited(["options"], lambda plan: plan.update(options=None))
    (folder / "folder").mkdir()
    for name in ("absent.json", "folder"):
        collect(problems, refused, folder, 3, [name, "braid plan"], *merge, name)
    assert not problems, "\n".join(problems)


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
