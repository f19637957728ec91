"""The players of a stage: their parameters, gradients and optimisers."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError
from s2f_cli.models.recipes.schema import Stage
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Move
from s2f_cli.training.compute import ComputeConfig


class Players:
    """The parameters and the optimiser of each player of the current stage."""

    def __init__(self, networks: Networks, device: torch.device, compute: ComputeConfig) -> None:
        self._networks = networks
        self._fused = device.type in ("cpu", "cuda")
        self._scaler = compute.grad_scaler(device)
        self._parameters: dict[str, list[torch.nn.Parameter]] = {}
        self._optimizers: dict[str, torch.optim.Optimizer] = {}

    def start_stage(self, stage: Stage) -> None:
        """Switch to the players of a stage, with fresh optimisers; freeze all roles that none trains."""
        for role, network in self._networks.items():
            network.requires_grad_(role in stage.trained)
        self._parameters = {
            name: [p for role in player.trains for p in self._networks[role].parameters()]
            for name, player in stage.players.items()
        }
        self._optimizers = {
            name: torch.optim.Adam(
                self._parameters[name],
                lr=player.learning_rate,
                betas=player.betas,
                amsgrad=player.amsgrad,
                fused=self._fused,
            )
            for name, player in stage.players.items()
        }

    def set_learning_rate(self, player: str, learning_rate: float) -> None:
        """Set a player's learning rate."""
        for group in self._optimizers[player].param_groups:
            group["lr"] = learning_rate

    def backward(
        self, stage: Stage, move: Move, stage_step: int, accumulation_steps: int
    ) -> dict[str, Tensor]:
        """Accumulate the gradients of each player's weighted terms; return its total loss, detached.

        A player receives only the gradients of its own terms. Terms of weight 0 are left out, even if they
        are not finite, and so is a player that has no other terms.
        """
        totals: dict[str, Tensor] = {}
        for player, terms in move.items():
            weighted = [w * loss for name, loss in terms.items() if (w := stage.weight(name, stage_step))]
            if weighted:
                totals[player] = sum(weighted[1:], start=weighted[0]) / accumulation_steps
        for number, (player, total) in enumerate(totals.items(), start=1):
            torch.autograd.backward(
                self._scaler.scale(total), inputs=self._parameters[player], retain_graph=number < len(totals)
            )
        return {player: total.detach() for player, total in totals.items()}

    def update(self, terms: Mapping[str, Tensor], totals: Mapping[str, Tensor], step: int) -> None:
        """Average terms, totals and gradients over all processes, then step the players that have a total.

        Raises RunError if a total is not finite; no player has been stepped then.
        """
        if not totals:
            return
        gradients = [p.grad for player in totals for p in self._parameters[player] if p.grad is not None]
        distributed.all_reduce_mean(*terms.values(), *totals.values(), *gradients)
        for player, total in totals.items():
            if not torch.isfinite(total):
                values = ", ".join(
                    f"{name.split('/')[1]} {value.item():.4g}"
                    for name, value in terms.items()
                    if name.startswith(f"{player}/")
                )
                raise RunError(
                    f"step {step}: the loss of {player} is not a finite number ({values})",
                    "resume from the last save with a smaller learning rate, or with --precision fp32",
                )
        for player in totals:
            self._scaler.step(self._optimizers[player])
            self._optimizers[player].zero_grad(set_to_none=True)
        self._scaler.update()

    def state(self) -> dict[str, Any]:
        """Return the state of the optimisers and of the loss scaler."""
        return {
            "optimizers": {name: o.state_dict() for name, o in self._optimizers.items()},
            "scaler": self._scaler.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a `state()` of the same stage."""
        for name, optimizer in self._optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self._scaler.load_state_dict(state.get("scaler", {}))
