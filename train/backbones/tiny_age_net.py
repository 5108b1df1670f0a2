"""TinyAgeNet of DLDL-v2: half the channels of ThinAgeNet, 0.9 million parameters."""

from train.backbones.frame import Backbone
from train.backbones.vgg import THIN_GROUPS, build_vgg


def tiny_age_net(*, classes: int, dropout: float = 0.0) -> Backbone:
    """Return a TinyAgeNet; 128 features. The paper's net has no dropout."""
    return build_vgg([[width // 2 for width in group] for group in THIN_GROUPS], classes=classes, dropout=dropout)
