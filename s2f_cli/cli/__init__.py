"""What a person types and sees; the only package that knows Typer and Rich.

app           the command `s2f`
process       the process of a command: its streams and its signals
console       results on stdout, everything else on stderr
options       options that several commands share
model_choice  the model of a command
environment   what `s2f doctor` reports
commands/     one module a command
"""
