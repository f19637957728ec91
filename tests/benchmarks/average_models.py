"""Average the weights of models of one recipe, each with its share; run by hand:

    python tests/benchmarks/average_models.py OUTPUT MODEL:SHARE MODEL:SHARE ...

Between two models of which one was trained from the other lie models that keep the clean strokes of the
first and most of what the second learnt (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022,
section 3). The card is that of the last model.
"""

import sys
from pathlib import Path

import torch

from s2f_cli.models import bundle
from s2f_cli.models.locate import locate


def average(output: Path, parts: dict[Path, float]) -> None:
    """Write the model whose weights are the average of those of the parts."""
    total = sum(parts.values())
    mean: dict[str, torch.Tensor] = {}
    for file, share in parts.items():
        networks, card = bundle.load(file)
        for name, tensor in networks.state_dict().items():
            mean[name] = mean.get(name, torch.zeros_like(tensor)) + tensor * (share / total)
    networks.load_state_dict(mean)
    bundle.save(output, networks, card)


if __name__ == "__main__":
    named = [part.rpartition(":") for part in sys.argv[2:]]
    average(Path(sys.argv[1]), {locate(model): float(share) for model, _, share in named})
