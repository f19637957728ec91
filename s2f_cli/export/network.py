"""One direction of a model as one network in torch, for the formats that torch writes."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim

from s2f_cli.export.contract import REFINED, Array, input_names, require_direction, usage_of
from s2f_cli.export.stored import StoredNetwork
from s2f_cli.inference.usage import ExportPrecision
from s2f_cli.models.card import Card
from s2f_cli.models.domains import Domain
from s2f_cli.models.roles import Networks


class DirectionNetwork(nn.Module):
    """One direction of a model as one network, with the `Usage` that its exported file will carry.

    (N, channels_in, H, W) → (N, channels_out, H', W'), both in [-1, 1]. With conditions it also takes their
    vectors (N, K). Stochastic networks return their mean. Refinements are left
    out; `refinement` returns them. Raises BundleError if the
    model lacks the direction.

    stored   the same network as the ONNX graph in the bundle, if it is known to have one
    """

    stored: StoredNetwork | None = None

    def __init__(
        self, networks: Networks, card: Card, to: Domain, precision: ExportPrecision = "fp32"
    ) -> None:
        super().__init__()
        require_direction(card, to, tuple(networks.directions))
        self._given = (networks,)  # a tuple, so that they are not a part of this module
        roles = networks.directions[to]
        self.networks = Networks({role: networks[role] for role in roles}, {to: roles})
        chain = self.networks.chain(roles)
        image = card.recipe.image
        self.usage = usage_of(
            card,
            to,
            any_size=image.fit != "squash" and not any(network.size for network in chain),
            multiple=max(network.multiple for network in chain),
            precision=precision,
        )

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs: the source domain and, with conditions, `conditions`."""
        return input_names(self.usage)

    def forward(self, image: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Translate a batch."""
        return self.networks.translate(image, self.usage.to, conditions, mean=True)

    @torch.inference_mode()
    def run(self, *inputs: Array) -> Array:
        """Translate arrays."""
        return self(*map(torch.from_numpy, inputs)).numpy()

    def example(self) -> tuple[Tensor, ...]:
        """Inputs for tracing; height and width differ if the network takes any size."""
        usage = self.usage
        step = usage.multiple if usage.any_size else 0
        image = torch.zeros(2, usage.channels_in, usage.size + step, usage.size + 2 * step)
        width = usage.card.recipe.conditions.width
        return (image, torch.zeros(2, width)) if width else (image,)

    def dynamic_shapes(self) -> tuple[dict[int, Any], ...]:
        """The dimensions of the inputs that may vary, in the form of `torch.export`."""
        batch: dict[int, Any] = {0: Dim("batch")}
        size: dict[int, Any] = {}
        if self.usage.any_size:
            size = {2: self.usage.multiple * Dim("rows"), 3: self.usage.multiple * Dim("columns")}
        return (batch | size, batch)[: len(self.input_names)]

    def refinement(self) -> "RefinementNetwork | None":
        """The network that adds detail to the results, if the model has one."""
        (networks,) = self._given
        if self.usage.to not in networks.refinements:
            return None
        return RefinementNetwork(networks, self.usage.card, self.usage.to, self.usage.precision)


class RefinementNetwork(DirectionNetwork):
    """The refinement of a direction: (N, channels_in + channels_out, H, W) → (N, channels_out, H, W).

    The input is the source and, behind its channels, its enlarged translation. Its name is `image`.
    """

    def __init__(
        self, networks: Networks, card: Card, to: Domain, precision: ExportPrecision = "fp32"
    ) -> None:
        super().__init__(networks, card, to, precision)
        roles = networks.refinements[to]
        self.networks = Networks({role: networks[role] for role in roles}, {}, refinements={to: roles})
        multiple = max(network.multiple for network in networks.chain(roles))
        self.usage = self.usage.model_copy(update={"multiple": multiple})

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs: `image` and, with conditions, `conditions`."""
        return input_names(self.usage, REFINED)

    def forward(self, image: Tensor, conditions: Tensor | None = None) -> Tensor:
        """Add detail to a batch."""
        source, coarse = image.split((self.usage.channels_in, self.usage.channels_out), dim=1)
        return self.networks.refine(source, coarse, self.usage.to, conditions)

    def example(self) -> tuple[Tensor, ...]:
        """Inputs for tracing."""
        image, *conditions = super().example()
        channels = self.usage.channels_in + self.usage.channels_out
        return (image.new_zeros(len(image), channels, *image.shape[2:]), *conditions)
