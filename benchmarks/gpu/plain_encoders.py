"""BERT-base and XLNet-base in a few lines of PyTorch, without masks and heads: what vmap and CUDA
graphs take where they do not take the modules of transformers."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Sizes:
    """Of an encoder; the small ones are for trying the scripts."""

    def __init__(self, small: bool) -> None:
        self.width, self.heads, self.layers = (64, 4, 2) if small else (768, 12, 12)
        self.vocabulary, self.length = (120, 16) if small else (30522, 128)
        self.inner = 4 * self.width


class FeedForward(nn.Module):
    """The second half of a layer."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.widen = nn.Linear(sizes.width, sizes.inner)
        self.narrow = nn.Linear(sizes.inner, sizes.width)
        self.norm = nn.LayerNorm(sizes.width, 1e-12)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x + self.narrow(functional.gelu(self.widen(x))))


class BertLayer(nn.Module):
    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.heads = sizes.heads
        self.q, self.k, self.v, self.out = (nn.Linear(sizes.width, sizes.width) for _ in range(4))
        self.norm = nn.LayerNorm(sizes.width, 1e-12)
        self.rest = FeedForward(sizes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (part(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
                   for part in (self.q, self.k, self.v))
        mixed = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        return self.rest(self.norm(x + self.out(mixed)))


class Bert(nn.Module):
    def __init__(self, small: bool) -> None:
        super().__init__()
        sizes = Sizes(small)
        self.words = nn.Embedding(sizes.vocabulary, sizes.width)
        self.places = nn.Parameter(0.02 * torch.randn(sizes.length, sizes.width))
        self.norm = nn.LayerNorm(sizes.width, 1e-12)
        self.layers = nn.ModuleList(BertLayer(sizes) for _ in range(sizes.layers))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.words(ids) + self.places)
        for layer in self.layers:
            x = layer(x)
        return x


class XlnetLayer(nn.Module):
    """Attention with relative positions."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.heads, self.size = sizes.heads, sizes.width // sizes.heads
        self.q, self.k, self.v, self.r, self.out = (
            nn.Linear(sizes.width, sizes.width, bias=False) for _ in range(5))
        self.word_bias, self.place_bias = (
            nn.Parameter(0.02 * torch.randn(self.heads, self.size)) for _ in range(2))
        self.norm = nn.LayerNorm(sizes.width, 1e-12)
        self.rest = FeedForward(sizes)

    def forward(self, x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        q, k, v = (part(x).unflatten(-1, (self.heads, self.size)) for part in (self.q, self.k, self.v))
        r = self.r(places).view(2 * length, self.heads, self.size).permute(1, 2, 0)
        words = (q + self.word_bias).transpose(1, 2) @ k.permute(0, 2, 3, 1)
        shifted = (q + self.place_bias).transpose(1, 2) @ r
        shifted = shifted.reshape(batch, self.heads, 2 * length, length)[:, :, 1:]
        shifted = shifted.reshape(batch, self.heads, length, 2 * length - 1)[..., :length]
        shares = torch.softmax((words + shifted) * self.size ** -0.5, -1)
        mixed = (shares @ v.transpose(1, 2)).transpose(1, 2).flatten(2)
        return self.rest(self.norm(x + self.out(mixed)))


class Xlnet(nn.Module):
    def __init__(self, small: bool) -> None:
        super().__init__()
        sizes = Sizes(small)
        self.words = nn.Embedding(sizes.vocabulary, sizes.width)
        self.layers = nn.ModuleList(XlnetLayer(sizes) for _ in range(sizes.layers))
        rates = 10000.0 ** (-torch.arange(0, sizes.width, 2.0) / sizes.width)
        angles = torch.arange(sizes.length, -sizes.length, -1.0)[:, None] * rates
        self.register_buffer("places", torch.cat([angles.sin(), angles.cos()], -1), persistent=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.words(ids)
        for layer in self.layers:
            x = layer(x, self.places)
        return x
