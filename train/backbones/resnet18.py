"""ResNet-18: 11.2 million parameters. He et al., Deep Residual Learning for Image Recognition, 2016, table 1."""

from train.backbones.frame import Backbone
from train.backbones.residual import BasicBlock, build_resnet


def resnet18(*, classes: int, dropout: float = 0.0) -> Backbone:
    """Return the net; 512 features. The paper's net has no dropout."""
    return build_resnet(BasicBlock, (2, 2, 2, 2), classes=classes, dropout=dropout)
