"""N members of an architecture as PyTorch modules with weights of their own, and inputs for them.

ResNets are torchvision's, encoders those of transformers without mask and head, so that PyTorch computes a little less
than the models of Braid; `plain` asks for the few lines of plain_encoders.py instead."""

from __future__ import annotations

import copy

import torch
from torch import nn

import plain_encoders

DTYPES = {"fp32": torch.float32, "tf32": torch.float32, "fp16": torch.float16,
          "bf16": torch.bfloat16}


class FirstOutput(nn.Module):
    """An encoder of transformers as a function of tokens alone."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.encoder(input_ids=ids)[0]


def resnet(name: str, small: bool) -> nn.Module:
    import torchvision
    if small:
        options = {"groups": 8, "width_per_group": 16} if name == "resnext" else {}
        block = torchvision.models.resnet.Bottleneck
        model = torchvision.models.resnet.ResNet(block, [1, 1, 1, 1], num_classes=10, **options)
    elif name == "resnext":
        model = torchvision.models.resnext50_32x4d(weights=None)
    else:
        model = torchvision.models.resnet50(weights=None)
    for norm in model.modules():  # activations that half precision can hold
        if isinstance(norm, nn.BatchNorm2d):
            norm.running_mean.normal_(0, 0.05)
            norm.running_var.uniform_(0.8, 1.2)
            nn.init.uniform_(norm.weight, 0.4, 0.6)
            nn.init.normal_(norm.bias, 0, 0.02)
    return model


def bert(small: bool) -> nn.Module:
    import transformers
    sizes = plain_encoders.Sizes(small)
    config = transformers.BertConfig(
        vocab_size=sizes.vocabulary, hidden_size=sizes.width, num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads, intermediate_size=sizes.inner)
    config._attn_implementation = "sdpa"
    return FirstOutput(transformers.BertModel(config))


def xlnet(small: bool) -> nn.Module:
    import transformers
    sizes = plain_encoders.Sizes(small)
    model = transformers.XLNetModel(transformers.XLNetConfig(
        vocab_size=sizes.vocabulary, d_model=sizes.width, n_layer=sizes.layers,
        n_head=sizes.heads, d_inner=sizes.inner, use_mems_eval=False))
    make, made = model.relative_positional_encoding, {}

    def positions(queries: int, keys: int, bsz: int | None = None, **_: object) -> torch.Tensor:
        weight = next(model.parameters())
        key = (queries, keys, weight.dtype, weight.device)
        if key not in made:  # once: it comes from the host, which a CUDA graph must not wait for
            made[key] = make(queries, keys, bsz=1).to(weight.device, weight.dtype).detach()
        return made[key] if bsz in (None, 1) else made[key].expand(-1, bsz, -1)

    model.relative_positional_encoding = positions
    return FirstOutput(model)


def make(name: str, plain: bool) -> nn.Module:
    """`name` is that of a file of models/, without its exporter, such as bert-base or bert-small."""
    kind, small = name.split("-")[0].removesuffix("50"), name.endswith("-small")
    if kind in ("resnet", "resnext"):
        return resnet(kind, small)
    if kind == "bert":
        return plain_encoders.Bert(small) if plain else bert(small)
    if kind == "xlnet":
        return plain_encoders.Xlnet(small) if plain else xlnet(small)
    raise SystemExit(f"no PyTorch module is known for {name}")


def members(name: str, count: int, precision: str, device: str, plain: bool) -> list[nn.Module]:
    """The first one as PyTorch initialises it; the others are copies with other numbers."""
    torch.manual_seed(0)
    first = make(name, plain).eval().to(device, DTYPES[precision]).requires_grad_(False)
    made = [first]
    for _ in range(count - 1):
        clone = copy.deepcopy(first)
        for weight in clone.parameters():
            weight.mul_(torch.empty_like(weight).uniform_(0.9, 1.1))
        made.append(clone)
    return made


def inputs(name: str, count: int, precision: str, device: str) -> list[torch.Tensor]:
    """One sample for each member."""
    small = name.endswith("-small")
    if name.startswith("res"):
        size = 64 if small else 224
        return [torch.randn(1, 3, size, size, device=device, dtype=DTYPES[precision])
                for _ in range(count)]
    sizes = plain_encoders.Sizes(small)
    return [torch.randint(5, sizes.vocabulary, (1, sizes.length), device=device)
            for _ in range(count)]
