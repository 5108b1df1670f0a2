"""Which weights learn while a net is fine-tuned."""

from torch import nn

from train.settings import Layers


def let_learn(net: nn.Module, layers: Layers) -> None:
    """Let all weights learn, only those of the head, or the later half of the tensors (in the order of the net)."""
    parameters = list(net.named_parameters())
    for place, (name, parameter) in enumerate(parameters):
        is_late = 2 * place >= len(parameters)
        is_head = name.startswith("head.")
        parameter.requires_grad_(layers == "all" or is_head or (layers == "last-half" and is_late))
