"""ThinAgeNet of DLDL-v2: half the channels of VGG-16, 3.7 million parameters."""

from train.backbones.frame import Backbone
from train.backbones.vgg import THIN_GROUPS, build_vgg


def thin_age_net(*, classes: int, dropout: float = 0.0) -> Backbone:
    """Return a ThinAgeNet; 256 features. The paper's net has no dropout."""
    return build_vgg(THIN_GROUPS, classes=classes, dropout=dropout)
