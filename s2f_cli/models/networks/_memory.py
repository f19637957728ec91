"""What remembers images: buffers whose shape is that of what they were given."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn


class Memory(nn.Module):
    """A network whose buffers take the shape that a saved state has, whatever theirs is."""

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        for name, buffer in list(self._buffers.items()):
            saved: Tensor | None = state_dict.get(prefix + name)
            if buffer is not None and saved is not None:
                self._buffers[name] = buffer.new_empty(saved.shape)
        super()._load_from_state_dict(state_dict, prefix, *rest)
