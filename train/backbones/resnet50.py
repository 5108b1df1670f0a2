"""ResNet-50: 23.7 million parameters. He et al., Deep Residual Learning for Image Recognition, 2016, table 1."""

from train.backbones.frame import Backbone
from train.backbones.residual import Bottleneck, build_resnet


def resnet50(*, classes: int, dropout: float = 0.0) -> Backbone:
    """Return the net; 2,048 features. The paper's net has no dropout."""
    return build_resnet(Bottleneck, (3, 4, 6, 3), classes=classes, dropout=dropout)
