"""The zoo: small configurations of image classifiers and segmentation networks."""
from functools import partial

import timm.models as tm
import torch
import torchvision.models as tv
from torch import nn
from torchvision.models import segmentation, swin_transformer
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import FusedMBConvConfig, MBConvConfig
from torchvision.models.googlenet import BasicConv2d, Inception
from torchvision.models.inception import InceptionA, InceptionC
from torchvision.models.mobilenetv3 import InvertedResidualConfig
from torchvision.models.regnet import BlockParams
from torchvision.models.vgg import make_layers

from recipe import SIZE, Export, images, pair


class Features(nn.Module):
    """A backbone for segmentation: the features of the last stage, and of an early one."""

    def __init__(self) -> None:
        super().__init__()
        stages = mobilenet_v3().features
        self.early, self.late = stages[:3], stages[3:-1]

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        low = self.early(x)
        high = self.late(low)
        return {"low": low, "high": high, "out": high}


class Segmentation(nn.Module):
    """Takes the pixel scores out of torchvision's dictionary."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)["out"]


class Classifier(nn.Module):
    """Pooled features and a linear layer."""

    def __init__(self, width: int, *features: nn.Module) -> None:
        super().__init__()
        self.features = nn.Sequential(*features)
        self.head = nn.Linear(width, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(x).mean((2, 3)))


class UNet(nn.Module):
    """Two levels down and up again, with transposed convolutions or with interpolation."""

    def __init__(self, transposed: bool) -> None:
        super().__init__()
        widths = [8, 16, 32]
        self.pool = nn.MaxPool2d(2)
        self.down = nn.ModuleList(self.block(i, o) for i, o in zip([3, *widths], widths))
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(2 * w, w, 2, stride=2) if transposed else
            nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(2 * w, w, 1))
            for w in widths[-2::-1])
        self.join = nn.ModuleList(self.block(2 * w, w) for w in widths[-2::-1])
        self.head = nn.Conv2d(widths[0], 5, 1)

    @staticmethod
    def block(inputs: int, outputs: int) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1), nn.InstanceNorm2d(outputs, affine=True),
            nn.PReLU(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for index, block in enumerate(self.down):
            x = block(self.pool(x) if index else x)
            skips.append(x)
        for up, join, skip in zip(self.up, self.join, skips[-2::-1]):
            x = join(torch.cat([skip, up(x)], 1))
        return self.head(x)


def mobilenet_v3() -> nn.Module:
    """MobileNetV3 with squeeze-and-excitation and both activations."""
    block = partial(InvertedResidualConfig, width_mult=1.0)
    return tv.MobileNetV3([block(16, 3, 16, 16, True, "RE", 2, 1),
                           block(16, 3, 32, 24, False, "RE", 2, 1),
                           block(24, 5, 48, 32, True, "HS", 2, 1),
                           block(32, 5, 64, 32, True, "HS", 1, 1)], 48, num_classes=10)


def efficientnet(version: int) -> nn.Module:
    """EfficientNet (squeeze-and-excitation, SiLU); version 2 has fused blocks too."""
    first = MBConvConfig if version == 1 else FusedMBConvConfig
    return tv.EfficientNet([first(2, 3, 1, 16, 16, 1), MBConvConfig(4, 3, 2, 16, 24, 2),
                            MBConvConfig(4, 5, 2, 24, 32, 1)],
                           dropout=0.2, num_classes=10, last_channel=64)


def vgg(batch_norm: bool) -> nn.Module:
    """VGG with narrow layers and a small classifier of three linear layers."""
    model = tv.VGG(make_layers([16, "M", 32, "M", 32, 32, "M"], batch_norm), init_weights=False)
    model.avgpool = nn.AdaptiveAvgPool2d(2)
    model.classifier = nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Dropout(),
                                     nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    return model


def google_net() -> nn.Module:
    """Three Inception blocks of GoogLeNet."""
    return Classifier(
        64, BasicConv2d(3, 16, kernel_size=7, stride=2, padding=3),
        nn.MaxPool2d(3, stride=2, ceil_mode=True),
        Inception(16, 8, 8, 16, 4, 8, 8), Inception(40, 16, 8, 16, 8, 16, 8),
        nn.MaxPool2d(3, stride=2), Inception(56, 16, 16, 32, 4, 8, 8))


def inception_v3() -> nn.Module:
    """Inception v3 blocks: factorised 7x7 and 3x3 convolutions, average pooling inside."""
    return Classifier(
        768, BasicConv2d(3, 16, kernel_size=3, stride=2), nn.MaxPool2d(3, 2),
        InceptionA(16, pool_features=8), InceptionC(232, channels_7x7=16))


def swin(version: int) -> nn.Module:
    """Swin Transformer: shifted windows, relative position tables, patch merging."""
    parts = {} if version == 1 else dict(block=swin_transformer.SwinTransformerBlockV2,
                                         downsample_layer=swin_transformer.PatchMergingV2)
    return tv.SwinTransformer([4, 4], 24, [2, 2], [2, 4], [4, 4], num_classes=10, **parts)


def segmentation_network(kind: str) -> nn.Module:
    """FCN, DeepLabV3 or LR-ASPP on a MobileNetV3."""
    if kind == "lraspp":
        return Segmentation(segmentation.LRASPP(Features(), 24, 32, 5, inter_channels=16))
    if kind == "fcn":
        return Segmentation(segmentation.FCN(Features(), segmentation.fcn.FCNHead(32, 5)))
    head = segmentation.deeplabv3.DeepLabHead(32, 5, atrous_rates=(2, 3, 4))
    return Segmentation(segmentation.DeepLabV3(Features(), head))


EXPORTS = [
    *pair("mobilenet-v2", lambda: tv.MobileNetV2(10, 0.5, [[1, 16, 1, 1], [6, 24, 2, 2],
                                                          [6, 32, 1, 2]]), images(64)),
    *pair("mobilenet-v3", mobilenet_v3, images(64)),
    *pair("efficientnet", lambda: efficientnet(1), images(64)),
    *pair("efficientnet-v2", lambda: efficientnet(2), images(64)),
    *pair("densenet", lambda: tv.DenseNet(8, (2, 2, 2), 16, num_classes=10), images(64)),
    *pair("googlenet", google_net, images(64)),
    *pair("inception-v3", inception_v3, images(64)),
    *pair("shufflenet", lambda: tv.ShuffleNetV2([2, 2, 1], [16, 32, 64, 96, 128], 10), images(64)),
    *pair("squeezenet", lambda: tv.SqueezeNet("1_1", 10), images(64)),
    *pair("mnasnet", lambda: tv.MNASNet(0.25, 10), images(64)),
    *pair("regnet", lambda: tv.RegNet(BlockParams([1, 1, 2], [16, 32, 64], [8, 8, 16], [1, 1, 1],
                                                  [2, 2, 2], 0.25), 10), images(64)),
    *pair("convnext", lambda: tv.ConvNeXt([CNBlockConfig(16, 32, 1), CNBlockConfig(32, 64, 1),
                                           CNBlockConfig(64, None, 1)], num_classes=10),
          images(64)),
    *pair("vgg", lambda: vgg(batch_norm=True), images(32)),
    Export("vgg-batchnorm", lambda: vgg(batch_norm=True), images(32), "batchnorm"),
    *pair("unet-transposed", lambda: UNet(transposed=True), images(32)),
    *pair("unet-upsample", lambda: UNet(transposed=False), images(32)),
    *pair("fcn", lambda: segmentation_network("fcn"), images(64)),
    Export("fcn-dynsize", lambda: segmentation_network("fcn"),
           lambda batch: images(32 + 16 * batch)(batch), "legacy", SIZE),
    *pair("deeplab-v3", lambda: segmentation_network("deeplab"), images(64)),
    *pair("lraspp", lambda: segmentation_network("lraspp"), images(64)),
    *pair("vit", lambda: tv.VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=10), images(32)),
    *pair("swin", lambda: swin(1), images(32)),
    Export("swin-v2-dynamo", lambda: swin(2), images(32), "dynamo"),
    Export("maxvit-dynamo", lambda: tv.MaxVit((32, 32), 16, 4, [16, 32], [1, 1], 8, 0.0,
                                              num_classes=10), images(32), "dynamo"),
    *pair("deit", lambda: tm.deit.VisionTransformerDistilled(
        img_size=32, patch_size=8, embed_dim=32, depth=2, num_heads=2, num_classes=10),
        images(32)),
    *pair("mixer", lambda: tm.mlp_mixer.MlpMixer(10, 32, patch_size=8, num_blocks=2, embed_dim=32),
          images(32)),
    *pair("resnet-v2", lambda: tm.resnetv2.ResNetV2(
        [1, 1], (32, 64), 10, stem_chs=16,
        norm_layer=partial(tm.resnetv2.GroupNormAct, num_groups=4)), images(32)),
    *pair("poolformer", lambda: tm.metaformer.MetaFormer(
        depths=(1, 1), dims=(16, 32), res_scale_init_values=(None, 1.0), num_classes=10,
        use_mlp_head=False), images(32)),
    *pair("res2net", lambda: tm.ResNet(tm.res2net.Bottle2neck, [1, 1, 1, 1], 10, base_width=16,
                                       channels=(16, 32, 64, 64), block_args=dict(scale=4)),
          images(32)),
    *pair("ghostnet", lambda: tm.ghostnet.GhostNet(
        [[[3, 16, 16, 0, 1]], [[3, 48, 24, 0.25, 2]], [[5, 72, 40, 0.25, 2]]], 10, width=0.5),
        images(32)),
]
