"""The training loop, written once: stages, moves, players. It yields reports and never prints.

A step is a function of the weights, the optimisers' state, the seed and the step's number: torch's random
state is set anew from the last two before each step, so nothing random needs to be saved to resume exactly.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move, Objective
from s2f_cli.training.batches import Batches
from s2f_cli.training.build import build_objective, build_schedules
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.ema import EMA
from s2f_cli.training.health import finite
from s2f_cli.training.players import Players
from s2f_cli.training.resume import check_lengths
from s2f_cli.training.sharded_rng import ShardedRNG, random_state, set_random_state

_NO_MEMORY = re.compile("out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


@dataclass(frozen=True)
class StepResult:
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

    `batches` makes the stream of a stage. Equal recipes, seeds, batches and devices give equal weights;
    several processes (`ranks`) and pieces of a batch give what one would, up to rounding.
    """

    def __init__(
        self,
        recipe: Recipe,
        batches: Callable[[Stage], Batches],
        *,
        seed: int = 0,
        device: str = "cpu",
        arithmetic: ComputeConfig = ComputeConfig(),  # noqa: B008
    ) -> None:
        self.recipe, self.seed, self.device, self.arithmetic = recipe, seed, torch.device(device), arithmetic
        arithmetic.settle(self.device)
        # Apple's GPUs cannot sample an image bicubically.
        self._draws = torch.device("cpu") if self.device.type == "mps" else self.device
        torch.manual_seed(seed)
        self.networks: Networks = build_networks(recipe)
        channels_first = any(self.networks[role].prefers_channels_first for role in self.networks)
        on_cpu = self.device.type == "cpu"
        self._layout = torch.contiguous_format if channels_first and on_cpu else torch.channels_last
        self.networks.to(self.device, memory_format=self._layout)  # type: ignore[call-overload]
        self.step = 0
        averaging = any(player.ema_decay for stage in recipe.stages for player in stage.players.values())
        self._averages = EMA(recipe, self.networks) if averaging else None
        self._games = {stage.name: build_objective(stage, self.device) for stage in recipe.stages}
        self._batches = {stage.name: batches(stage) for stage in recipe.stages}
        self._lengths = [s.length(self._batches[s.name].epoch_images) for s in recipe.stages]
        self._stage = -1
        self._players = Players(self.networks, self.device, arithmetic)
        if arithmetic.compile:
            for network in self.networks.values():
                network.compile()

    @property
    def model(self) -> Networks:
        """The networks to save and to show: with the averages of the weights where a player keeps them."""
        return self._averages.networks if self._averages else self.networks

    @property
    def total(self) -> int:
        """The number of steps of all stages together."""
        return sum(self._lengths)

    def run(self) -> Iterator[StepResult]:
        """Train from where it stands to the end, one report a step; may be left and entered again at any
        report.

        Raises RunError when a loss is not a finite number; the weights are then as before that step's last
        move.
        """
        before = 0
        for number, (stage, length) in enumerate(zip(self.recipe.stages, self._lengths, strict=True)):
            if self.step < before + length:
                self._enter(number)
                batches, game, factors = (
                    self._batches[stage.name],
                    self._games[stage.name],
                    build_schedules(stage),
                )
                for batch in batches.stream(self.step - before, length, self._draws):
                    epoch = batches.epoch(batch.step)
                    for name, factor in factors.items():
                        self._players.set_learning_rate(
                            name, stage.players[name].learning_rate * factor(batch.step / length)
                        )
                    terms = self._play(stage, game, batch)
                    if self._averages:
                        self._averages.update(self.networks, stage.ema_decay, self.step)
                    self.step += 1
                    images = len(batch) * distributed.world_size()
                    yield StepResult(self.step, self.total, epoch, stage.name, images, terms)
            before += length

    def _enter(self, number: int) -> None:
        if number != self._stage:
            distributed.broadcast(list(self.networks.buffers()))
            self._stage = number
            self._players.begin(self.recipe.stages[number])

    def _modes(self, stage: Stage) -> None:
        """Training mode for all that is trained or has nothing to train; a frozen network stays as it is."""
        for role, network in self.networks.items():
            frozen = role not in stage.trained and next(network.parameters(), None) is not None
            network.train(not frozen)

    def _play(self, stage: Stage, game: Objective, batch: Batch) -> dict[str, Tensor]:
        """Play all moves of one step; returns the unweighted terms, detached, by `player/term`.

        Raises RunError when the device has not enough memory.
        """
        try:
            return self._moves(stage, game, batch)
        except RuntimeError as problem:
            if not isinstance(problem, torch.OutOfMemoryError) and not _NO_MEMORY.search(str(problem)):
                raise
        raise RunError(
            f"step {self.step + 1}: {self.device} has not enough memory for a batch of {stage.batch_size}",
            f"--set batch_size={max(stage.batch_size // 2, 1)}, --accumulate 2, --precision bf16, a smaller "
            "--set image.size, or another --device",
        )

    def _moves(self, stage: Stage, game: Objective, batch: Batch) -> dict[str, Tensor]:
        self._modes(stage)
        torch.manual_seed(_mix(self.seed, self.step))
        pieces = batch.map(self._place).cut(self.arithmetic.pieces)
        games = [game(self.networks, piece) for piece in pieces]
        terms: dict[str, Tensor] = {}
        while (played := self._move(stage, games, len(pieces[0]), batch.step)) is not None:
            terms |= played
        return terms

    def _move(
        self, stage: Stage, games: Sequence[Iterator[Move]], rows: int, step: int
    ) -> dict[str, Tensor] | None:
        """Take every moving player's gradient of its weighted terms, over all pieces and processes, then step
        them all; returns the unweighted terms, None when the games are over.

        Terms of weight 0 do not count, not even where they are no numbers; a player that has no other stays.
        """
        terms: dict[str, Tensor] = {}
        totals: dict[str, Tensor] = {}
        before = random_state(self.device) if len(games) > 1 else None
        for piece, game in enumerate(games):
            if piece and before is not None:
                set_random_state(self.device, before)
            move = self._next(game, rows, piece)
            if move is None:
                return None
            for player, losses in move.items():
                for name, loss in losses.items():
                    _add(terms, f"{player}/{name}", loss.detach() / len(games))
            for player, total in self._players.gradients(stage, move, step, len(games)).items():
                _add(totals, player, total)
        self._players.update(terms, totals, self.step + 1)
        return terms

    def _next(self, game: Iterator[Move], rows: int, piece: int) -> Move | None:
        parts, part = (
            self.arithmetic.pieces * distributed.world_size(),
            piece * distributed.world_size() + distributed.rank(),
        )
        # Autocast is entered for each move, not around all: its cast weights must not outlive a step.
        with self.arithmetic.cast(self.device), ShardedRNG(rows, part, parts) if parts > 1 else nullcontext():
            return next(game, None)

    def _place(self, images: Tensor) -> Tensor:
        return images.to(self.device, memory_format=self._layout, non_blocking=True)

    def state(self) -> dict[str, Any]:
        """Everything that resuming needs beside the recipe, the seed and the data.

        Raises RunError when a weight is not a finite number, so that such a state is never saved.
        """
        if not finite(self.networks.state_dict()):
            raise RunError(
                f"step {self.step}: a weight is not a finite number, so nothing was saved",
                "resume from the last save with a smaller learning rate, or with --precision fp32",
            )
        return {
            "step": self.step,
            "stage": self._stage,
            "lengths": self._lengths,
            "networks": self.networks.state_dict(),
            "averages": self._averages.networks.state_dict() if self._averages else {},
            **self._players.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a `state()`.

        Raises RunError when it belongs to another recipe, or to other lengths of its stages with which what
        was done so far would have been done otherwise.
        """
        try:
            self.networks.load_state_dict(state["networks"])
            if self._averages:
                self._averages.networks.load_state_dict(state["averages"])
            self._enter(state["stage"])
            self._players.restore(state)
            self.step = state["step"]
            lengths = state.get("lengths", self._lengths)
        except (KeyError, IndexError, RuntimeError, ValueError, TypeError) as problem:
            reason = str(problem).partition("\n")[0]
            raise RunError(
                f"the saved state does not fit the recipe {self.recipe.name}: {reason}",
                "resume with the recipe that the run was started with",
            ) from None
        check_lengths(self.recipe, self._stage, self.step, lengths, self._lengths)


def _add(sums: dict[str, Tensor], name: str, value: Tensor) -> None:
    sums[name] = sums[name] + value if name in sums else value


def _mix(seed: int, step: int) -> int:
    return (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) % 2**63
