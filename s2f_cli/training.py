"""The training loop, written once: stages, moves, players. It yields reports and never prints.

A step is a function of the weights, the optimisers' state, the seed and the step's number: torch's random
state is set anew from the last two before each step, so nothing random needs to be saved to resume exactly.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal

import torch
from torch import Tensor

from s2f_cli.averages import Averages
from s2f_cli.batches import Batches
from s2f_cli.errors import RunError
from s2f_cli.recipe import build, objective, schedules
from s2f_cli.recipe_tables import Recipe, Stage
from s2f_cli.roles import Batch, Move, Networks, Objective

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class Report:
    """What one step did: `step` steps are done of `total`, over all stages; `terms` are the unweighted
    losses.
    """

    step: int
    total: int
    epoch: int
    stage: str
    images: int
    terms: Mapping[str, Tensor]

    def losses(self) -> dict[str, float]:
        """The terms as numbers, by `player/term`."""
        return {name: float(value) for name, value in self.terms.items()}


class Training:
    """A recipe on its way: networks, optimisers, and the number of steps done.

    `batches` makes the stream of a stage. Equal recipes, seeds, batches and devices give equal weights.
    """

    def __init__(
        self,
        recipe: Recipe,
        batches: Callable[[Stage], Batches],
        *,
        seed: int = 0,
        device: str = "cpu",
        precision: Precision = "fp32",
    ) -> None:
        self.recipe, self.seed, self.device, self.precision = recipe, seed, torch.device(device), precision
        torch.manual_seed(seed)
        self.networks: Networks = build(recipe).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.step = 0
        averaging = any(player.average for stage in recipe.stages for player in stage.players.values())
        self._averages = Averages(recipe, self.networks) if averaging else None
        self._games = {stage.name: objective(stage, self.device) for stage in recipe.stages}
        self._batches = {stage.name: batches(stage) for stage in recipe.stages}
        self._lengths = [s.length(self._batches[s.name].epoch_images) for s in recipe.stages]
        self._stage = -1
        self._optimizers: dict[str, torch.optim.Optimizer] = {}

    @property
    def model(self) -> Networks:
        """The networks to save and to show: with the averages of the weights where a player keeps them."""
        return self._averages.networks if self._averages else self.networks

    @property
    def total(self) -> int:
        """The number of steps of all stages together."""
        return sum(self._lengths)

    def run(self) -> Iterator[Report]:
        """Train from where it stands to the end, one report a step; may be left and entered again at any
        report.

        Raises RunError when a loss is not a finite number; the weights are then as before that step's last
        move.
        """
        before = 0
        for number, (stage, length) in enumerate(zip(self.recipe.stages, self._lengths, strict=True)):
            if self.step < before + length:
                self._enter(number)
                batches, game, factors = self._batches[stage.name], self._games[stage.name], schedules(stage)
                for batch in batches.stream(self.step - before, length):
                    epoch = batches.epoch(batch.step)
                    for name, factor in factors.items():
                        self._pace(name, stage.players[name].learning_rate * factor(batch.step / length))
                    terms = self._play(stage, game, batch)
                    if self._averages:
                        self._averages.follow(self.networks, stage.keeping, self.step)
                    self.step += 1
                    yield Report(self.step, self.total, epoch, stage.name, len(batch), terms)
            before += length

    def _enter(self, number: int) -> None:
        if number != self._stage:
            self._stage = number
            stage = self.recipe.stages[number]
            for role, network in self.networks.items():
                network.requires_grad_(role in stage.trained)
            self._optimizers = {
                name: torch.optim.Adam(
                    self._parameters(player.trains),
                    lr=player.learning_rate,
                    betas=player.betas,
                    amsgrad=player.amsgrad,
                    fused=True,
                )
                for name, player in stage.players.items()
            }

    def _pace(self, player: str, learning_rate: float) -> None:
        for group in self._optimizers[player].param_groups:
            group["lr"] = learning_rate

    def _modes(self, stage: Stage) -> None:
        """Training mode for all that is trained or has nothing to train; a frozen network stays as it is."""
        for role, network in self.networks.items():
            frozen = role not in stage.trained and next(network.parameters(), None) is not None
            network.train(not frozen)

    def _parameters(self, roles: tuple[str, ...]) -> list[torch.nn.Parameter]:
        return [p for role in roles for p in self.networks[role].parameters()]

    def _play(self, stage: Stage, game: Objective, batch: Batch) -> dict[str, Tensor]:
        """Play all moves of one step; returns the unweighted terms, detached, by `player/term`."""
        self._modes(stage)
        torch.manual_seed(_mix(self.seed, self.step))
        terms: dict[str, Tensor] = {}
        moves = game(self.networks, batch.map(self._place))
        while (move := self._next(moves)) is not None:
            self._move(stage, move, batch.step)
            for player, losses in move.items():
                terms |= {f"{player}/{name}": loss.detach() for name, loss in losses.items()}
        return terms

    def _next(self, moves: Iterator[Move]) -> Move | None:
        # Autocast is entered for each move, not around all: its cast weights must not outlive a step.
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            return next(moves, None)

    def _move(self, stage: Stage, move: Move, step: int) -> None:
        """Take every moving player's gradient of its weighted terms, then step them all.

        Terms of weight 0 do not count, not even where they are no numbers; a player that has no other stays.
        """
        totals: dict[str, Tensor] = {}
        for player, losses in move.items():
            weighted = [w * loss for name, loss in losses.items() if (w := stage.weight(name, step))]
            if not weighted:
                continue
            totals[player] = sum(weighted[1:], start=weighted[0])
            if not torch.isfinite(totals[player]):
                values = ", ".join(f"{name} {loss.item():.4g}" for name, loss in losses.items())
                raise RunError(
                    f"step {self.step + 1}: the loss of {player} is not a finite number ({values})",
                    "resume from the last save with a smaller learning rate, or with --precision fp32",
                )
        for number, (player, total) in enumerate(totals.items(), start=1):
            own = self._parameters(stage.players[player].trains)
            torch.autograd.backward(total, inputs=own, retain_graph=number < len(totals))
        for player in totals:
            self._optimizers[player].step()
            self._optimizers[player].zero_grad(set_to_none=True)

    def _place(self, images: Tensor) -> Tensor:
        return images.to(self.device, memory_format=torch.channels_last, non_blocking=True)

    def state(self) -> dict[str, Any]:
        """Everything that resuming needs beside the recipe, the seed and the data."""
        return {
            "step": self.step,
            "stage": self._stage,
            "networks": self.networks.state_dict(),
            "optimizers": {name: o.state_dict() for name, o in self._optimizers.items()},
            "averages": self._averages.networks.state_dict() if self._averages else {},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a `state()`; raises RunError when it belongs to another recipe, or to other lengths of
        its stages.
        """
        try:
            self.networks.load_state_dict(state["networks"])
            if self._averages:
                self._averages.networks.load_state_dict(state["averages"])
            self._enter(state["stage"])
            for name, optimizer in self._optimizers.items():
                optimizer.load_state_dict(state["optimizers"][name])
            self.step = state["step"]
        except (KeyError, IndexError, RuntimeError, ValueError, TypeError) as problem:
            reason = str(problem).partition("\n")[0]
            raise RunError(
                f"the saved state does not fit the recipe {self.recipe.name}: {reason}",
                "resume with the recipe that the run was started with",
            ) from None
        ends = list(accumulate(self._lengths))
        if self.step and self._stage != min(bisect_left(ends, self.step), len(ends) - 1):
            stage = self.recipe.stages[self._stage].name
            raise RunError(
                f"step {self.step} of the saved state is in the stage {stage!r}, whose length has changed",
                "resume without --steps and --epochs",
            )


def _mix(seed: int, step: int) -> int:
    return (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) % 2**63
