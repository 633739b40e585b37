"""The architectures of the papers: ResNet, ResNeXt, BERT and XLNet, full-size and small."""
import torch
from torchvision.models import resnet50, resnext50_32x4d
from torchvision.models.resnet import Bottleneck, ResNet
from transformers import (BertConfig, BertForSequenceClassification, XLNetConfig,
                          XLNetForSequenceClassification)

from recipe import SEQUENCE, Export, images, pair, tokens


class SmallResNet(ResNet):
    """A ResNet of four bottlenecks with 3/8 of the usual channels in each of them."""

    def __init__(self, **options: int) -> None:
        super().__init__(Bottleneck, [1, 1, 1, 1], num_classes=10, **options)
        self.fc = torch.nn.Linear(768, 10)

    def _make_layer(self, block: type, planes: int, *args, **kwargs) -> torch.nn.Module:
        return super()._make_layer(block, planes * 3 // 8, *args, **kwargs)


def bert(small: bool = False) -> torch.nn.Module:
    """BERT with a sequence classification head."""
    sizes = dict(vocab_size=120, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
                 intermediate_size=128, max_position_embeddings=32) if small else {}
    return BertForSequenceClassification(BertConfig(return_dict=False, **sizes))


def xlnet(layers: int, width: int, heads: int, vocabulary: int) -> torch.nn.Module:
    """XLNet with a sequence classification head, without the memory outputs."""
    return XLNetForSequenceClassification(XLNetConfig(
        return_dict=False, use_mems_eval=False, vocab_size=vocabulary, d_model=width,
        n_layer=layers, n_head=heads, d_inner=4 * width))


# XLNet computes 1.0 - attention_mask, which the dynamo exporter only accepts for a float mask.
EXPORTS = [
    *pair("resnet50", lambda: resnet50(weights=None), images(224)),
    *pair("resnext50", lambda: resnext50_32x4d(weights=None), images(224)),
    *pair("bert-base", bert, tokens(30522, 128)),
    *pair("xlnet-base", lambda: xlnet(12, 768, 12, 32000), tokens(32000, 128),
          tokens(32000, 128, mask=torch.float32)),
    *pair("resnet-small", SmallResNet, images(64)),
    *pair("resnext-small", lambda: SmallResNet(groups=8, width_per_group=16), images(64)),
    *pair("bert-small", lambda: bert(small=True), tokens(120, 16)),
    *pair("xlnet-small", lambda: xlnet(2, 64, 4, 150), tokens(150, 16),
          tokens(150, 16, mask=torch.float32)),
    Export("resnet-small-batchnorm", SmallResNet, images(64), "batchnorm"),
    Export("bert-small-dynseq", lambda: bert(small=True),
           lambda batch: tokens(120, 10 + 3 * batch)(batch), "dynamo", SEQUENCE),
]
