"""The frame all backbones share: a trunk of convolutions, a pooling or dense layers, one linear head."""

from typing import cast

from torch import Tensor, nn

from train.losses.numerics import at_least_float32, without_autocast

HEAD_STD = 0.01
"""Spread of the head's first weights: small enough that training begins from the uniform distribution over ages."""


class Backbone(nn.Module):
    """A net whose `features` are pooled maps (B, D) and whose `head` turns them into logits over ages.

    `trunk` maps (B, 3, S, S) to feature maps, `pool` those to (B, D), by dense layers where the net has some. `dropout`
    is that of the features.
    """

    def __init__(self, trunk: nn.Module, pool: nn.Module, *, width: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.name = ""  # its key in BACKBONES, set by `build_backbone`
        self.trunk = trunk
        self.pool = pool
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, classes)
        initialise(self)

    def features(self, images: Tensor) -> Tensor:
        """Return the pooled features (B, D) of normalised images (B, 3, S, S): what retrieval compares."""
        return cast(Tensor, self.pool(self.trunk(images)))

    def forward(self, images: Tensor) -> Tensor:
        """Return float32 logits (B, C), under autocast too; float64 for a net in float64."""
        features = self.features(images)
        # The head costs next to nothing, and logits in bfloat16 would have three digits.
        with without_autocast(features):
            return at_least_float32(self.head(self.dropout(features.to(self.head.weight.dtype))))


def initialise(net: Backbone) -> None:
    """Draw fresh weights: Kaiming normal for convolutions (fan out) and dense layers (fan in), a small head; biases 0.

    He et al., Delving Deep into Rectifiers, 2015. The head's bias of 0 says every age is as likely as another.
    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear) and module is not net.head:
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight)
        if isinstance(module, nn.Conv2d | nn.Linear | nn.BatchNorm2d) and module.bias is not None:
            nn.init.zeros_(module.bias)
    nn.init.normal_(net.head.weight, std=HEAD_STD)
