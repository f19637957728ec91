"""The command line; the only package that imports Typer and Rich.

app                the command `s2f`
process            the process of a command: its streams and its signals
outputs            what commands say about results they skip
usage_errors       errors of usage in the form of all others
pipes              images on standard input and output
console            results on stdout, everything else on stderr
options            options that several commands share
dataclass_options  options from the fields of dataclasses
help               help texts that flow and end with examples
model_choice       the model of a command
environment        the checks of `s2f doctor`
defaults           defaults of options in files
completion         names that the shell completes
commands/          one module or package per command
"""

import gc

gc.set_threshold(20_000, 20, 20)  # imports create many objects and free few
