"""The training loop: stages, steps, moves. It yields results and never prints.

A step is a function of the weights, the optimisers' state, the seed and the step number: torch is seeded from
the last two before each step. So a run resumes bit-exactly without any saved random state.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from s2f_cli.core import distributed
from s2f_cli.core.errors import RunError, first_line
from s2f_cli.models.build import build_networks
from s2f_cli.models.recipes.schema import Recipe, Stage
from s2f_cli.models.roles import Networks
from s2f_cli.training.batch import Batch, Move
from s2f_cli.training.batches import Batches
from s2f_cli.training.build import build_objective, build_schedules
from s2f_cli.training.compute import ComputeConfig
from s2f_cli.training.ema import EMA
from s2f_cli.training.health import finite
from s2f_cli.training.out_of_memory import out_of_memory_hint
from s2f_cli.training.players import Players
from s2f_cli.training.random_state import get_random_state, set_random_state, step_seed
from s2f_cli.training.request import Precision
from s2f_cli.training.resume import check_lengths
from s2f_cli.training.sharded_rng import shard_of_batch


@dataclass(frozen=True)
class StepResult:
    """The outcome of one step.

    step     number of completed steps, over all stages
    total    number of steps of all stages
    epoch    epoch of the stage in which the step began, from 0
    stage    name of the stage
    images   rows of the batch, over all processes
    terms    unweighted losses, by `player/term`
    waited   seconds that the step waited for its images
    epoch_steps   steps of an epoch of the stage, rounded up
    """

    step: int
    total: int
    epoch: int
    stage: str
    images: int
    terms: Mapping[str, Tensor]
    waited: float
    epoch_steps: int

    def losses(self) -> dict[str, float]:
        """Return the terms as numbers, by `player/term`."""
        return {name: float(value) for name, value in self.terms.items()}


class Training:
    """One training: networks, optimisers, and the number of completed steps.

    recipe    the networks, objectives and stages
    batches   builds the stream of batches of a stage
    seed      decides the initial weights and all random draws of the steps
    device    torch's name of a device: cpu, cuda, cuda:1, mps
    compute   precision, gradient accumulation, determinism

    Equal recipes, batches, seeds, devices and settings give equal weights. Several processes, or several
    accumulation steps, give the weights of a single one up to rounding.
    """

    def __init__(
        self,
        recipe: Recipe,
        batches: Callable[[Stage], Batches],
        *,
        seed: int = 0,
        device: str = "cpu",
        compute: ComputeConfig = ComputeConfig(),  # noqa: B008
    ) -> None:
        self.recipe = recipe
        self.seed = seed
        self.device = torch.device(device)
        self.compute = compute
        self.step = 0
        compute.apply(self.device)

        # Networks.
        torch.manual_seed(seed)
        self.networks: Networks = build_networks(recipe)
        self._use_layout(_channels_first(self.networks, self.device, compute.precision))
        self._players = Players(self.networks, self.device, compute)
        averaged = any(stage.ema_decay for stage in recipe.stages)
        self._ema = EMA(recipe, self.networks) if averaged else None

        # Stages.
        self._stage = -1
        self._batches = {stage.name: batches(stage) for stage in recipe.stages}
        self._lengths = [s.length(self._batches[s.name].epoch_images) for s in recipe.stages]
        self._objectives = {stage.name: build_objective(stage, self.device) for stage in recipe.stages}
        self._schedules = {stage.name: build_schedules(stage) for stage in recipe.stages}

        if compute.compile:
            for network in self.networks.values():
                network.compile()

    @property
    def model(self) -> Networks:
        """The networks to save, score and sample: the averaged ones if a player has an `ema_decay`."""
        return self._ema.networks if self._ema else self.networks

    @property
    def lengths(self) -> list[int]:
        """The number of steps of each stage."""
        return list(self._lengths)

    @property
    def total(self) -> int:
        """The number of steps of all stages together."""
        return sum(self._lengths)

    def run(self) -> Iterator[StepResult]:
        """Train from the current step to the end; yield the result of each step.

        The iterator may be abandoned after any result, and a new one continues from there. Raises RunError if
        a loss is not finite, or if memory runs out; the weights are then those before the failed update.
        """
        # Apple's GPUs cannot resample images bicubically, so they get their batches from the CPU.
        batch_device = torch.device("cpu") if self.device.type == "mps" else self.device
        first_step = 0
        for number, (stage, length) in enumerate(zip(self.recipe.stages, self._lengths, strict=True)):
            if self.step < first_step + length:
                self._start_stage(number)
                batches = self._batches[stage.name]
                epoch_steps = -(-batches.epoch_images // stage.batch_size)
                asked = time.monotonic()
                for batch in batches.stream(self.step - first_step, length, batch_device):
                    waited = time.monotonic() - asked
                    with out_of_memory_hint(self.device, stage.batch_size, self.step + 1):
                        terms = self._run_step(stage, batch, batch.step / length)
                    self.step += 1
                    images = len(batch) * distributed.world_size()
                    epoch = batches.epoch(batch.step)
                    yield StepResult(
                        self.step, self.total, epoch, stage.name, images, terms, waited, epoch_steps
                    )
                    asked = time.monotonic()
            first_step += length

    def _start_stage(self, number: int) -> None:
        if number != self._stage:
            distributed.broadcast(list(self.networks.buffers()))
            self._players.start_stage(self.recipe.stages[number])
            self._stage = number

    def _run_step(self, stage: Stage, batch: Batch, progress: float) -> dict[str, Tensor]:
        """Run all moves of one step; return the unweighted terms, detached, by `player/term`.

        `progress` is the completed share of the stage, 0 to 1.
        """
        # Set the learning rates.
        for player, factor in self._schedules[stage.name].items():
            rate = stage.players[player].learning_rate * factor(progress)
            self._players.set_learning_rate(player, rate)

        # Set training mode, except for frozen networks: a pretrained encoder keeps its statistics.
        for role, network in self.networks.items():
            frozen = role not in stage.trained and next(network.parameters(), None) is not None
            network.train(not frozen)

        # Start the objective on each micro-batch.
        torch.manual_seed(step_seed(self.seed, self.step))
        micro_batches = batch.map(self._to_device).split(self.compute.accumulation_steps)
        objective = self._objectives[stage.name]
        moves = [objective(self.networks, micro_batch) for micro_batch in micro_batches]

        # Run move after move, until the objective has no more.
        terms: dict[str, Tensor] = {}
        while (move_terms := self._run_move(stage, moves, len(micro_batches[0]), batch.step)) is not None:
            terms |= move_terms

        # Update the averages of the weights.
        if self._ema:
            self._ema.update(self.networks, stage.ema_decay, self.step)
        return terms

    def _run_move(
        self, stage: Stage, moves: Sequence[Iterator[Move]], rows: int, stage_step: int
    ) -> dict[str, Tensor] | None:
        """Run the next move: accumulate gradients over all micro-batches, then update the players in it.

        `moves` has an iterator for each micro-batch of `rows` samples. Returns the unweighted terms, or None
        if the iterators are exhausted.
        """
        terms: dict[str, Tensor] = {}
        totals: dict[str, Tensor] = {}
        random_state = get_random_state(self.device) if len(moves) > 1 else None
        for index, micro_batch_moves in enumerate(moves):
            # Every micro-batch draws from the state of the first.
            if index and random_state is not None:
                set_random_state(self.device, random_state)

            # Forward. Autocast ends with each move, because its casts of the weights must not outlive an
            # update.
            sharded = shard_of_batch(rows, index, self.compute.accumulation_steps)
            with self.compute.autocast(self.device), sharded:
                move = next(micro_batch_moves, None)
            if move is None:
                return None

            # Backward.
            for player, losses in move.items():
                for name, loss in losses.items():
                    _add(terms, f"{player}/{name}", loss.detach() / len(moves))
            for player, total in self._players.backward(stage, move, stage_step, len(moves)).items():
                _add(totals, player, total)

        # Update.
        self._players.update(terms, totals, self.step + 1)
        return terms

    def _use_layout(self, channels_first: bool) -> None:
        self._memory_format = torch.contiguous_format if channels_first else torch.channels_last
        self.networks.to(self.device, memory_format=self._memory_format)  # type: ignore[call-overload]

    def _to_device(self, images: Tensor) -> Tensor:
        return images.to(self.device, memory_format=self._memory_format, non_blocking=True)

    def state(self) -> dict[str, Any]:
        """Return everything that resuming needs besides the recipe, the seed and the data.

        Raises RunError if a weight is not finite, so a diverged state is never saved.
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
            "channels_first": self._memory_format is torch.contiguous_format,
            "networks": self.networks.state_dict(),
            "averages": self._ema.networks.state_dict() if self._ema else {},
            **self._players.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a `state()`.

        Raises RunError if the state belongs to another recipe, or if other stage lengths would have changed
        steps already taken.
        """
        try:
            self.networks.load_state_dict(state["networks"])
            older = _channels_first(self.networks, self.device, "bf16")  # before precision mattered
            self._use_layout(state.get("channels_first", older))  # dropout depends on the layout
            if self._ema:
                self._ema.networks.load_state_dict(state["averages"])
            self._start_stage(state["stage"])
            self._players.restore(state)
            self.step = state["step"]
            lengths = state.get("lengths", self._lengths)
        except (KeyError, IndexError, RuntimeError, ValueError, TypeError) as error:
            reason = first_line(error)
            raise RunError(
                f"the saved state does not fit the recipe {self.recipe.name}: {reason}",
                "resume with the recipe that the run was started with",
            ) from None
        check_lengths(self.recipe, self._stage, self.step, lengths, self._lengths)


def _channels_first(networks: Networks, device: torch.device, precision: Precision) -> bool:
    """Whether to compute with channels first: on a CPU in fp32, or if a network is faster with it."""
    preferred = precision == "fp32" or any(networks[role].prefers_channels_first for role in networks)
    return preferred and device.type == "cpu"


def _add(sums: dict[str, Tensor], name: str, value: Tensor) -> None:
    sums[name] = sums[name] + value if name in sums else value
