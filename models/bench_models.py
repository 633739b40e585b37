"""What the benchmarks run beside the architectures of the papers."""
import torch
from torch import nn
from torchvision.models import mobilenet_v3_large

from architectures import bert
from recipe import Export, Make, images, tokens


class Perceptron(nn.Module):
    """Six blocks 768-3072-768 as Transformers have them, without attention, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*[
            nn.Sequential(nn.Linear(768, 3072), nn.ReLU(), nn.Linear(3072, 768), nn.ReLU())
            for _ in range(6)])
        self.head = nn.Linear(768, 32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.blocks(x))


class Recurrent(nn.Module):
    """A classifier of sequences: two LSTM layers, of whose last step a head makes classes."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.LSTM(256, 512, num_layers=2, batch_first=True)
        self.head = nn.Linear(512, 32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(x)[0][:, -1])


class Transformer(nn.Module):
    """Four encoder layers, 256 wide, over 16 tokens: so small that what surrounds products counts."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(256, 4, 1024, activation="gelu", batch_first=True,
                                           norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.head = nn.Linear(256, 32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(x).mean(1))


def rows(*dims: int) -> Make:
    """Example inputs of random numbers."""
    return lambda batch: {"x": torch.randn(batch, *dims)}


EXPORTS = [
    Export("bert-base-16", bert, tokens(30522, 16), "dynamo"),
    Export("lstm-2", Recurrent, rows(16, 256), "dynamo"),
    Export("mlp-6", Perceptron, rows(768), "dynamo"),
    Export("mobilenet-v3", lambda: mobilenet_v3_large(weights=None), images(224), "dynamo"),
    Export("transformer-4", Transformer, rows(16, 256), "dynamo"),
]
