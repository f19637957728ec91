"""Buffers of networks that store images, whose shape depends on the images stored."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from s2f_cli.models.networks import Network


class ResizableBuffers(Network):
    """A network whose buffers take the shapes of a saved state when it is loaded."""

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        for name, buffer in list(self._buffers.items()):
            saved: Tensor | None = state_dict.get(prefix + name)
            if buffer is not None and saved is not None:
                self._buffers[name] = buffer.new_empty(saved.shape)
        super()._load_from_state_dict(state_dict, prefix, *rest)
