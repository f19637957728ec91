"""The command line; the only package that imports Typer and Rich.

app                the command `s2f`
process            the process of a command: its streams and its signals
console            results on stdout, everything else on stderr
options            options that several commands share
dataclass_options  options from the fields of dataclasses
help               help texts that flow and end with examples
model_choice       the model of a command
environment        the checks of `s2f doctor`
importing          faster imports of large packages
commands/          one module or package per command
"""
