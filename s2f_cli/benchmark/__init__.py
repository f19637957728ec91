"""Many systems on the same data, under the same budget and the same protocol: what `s2f benchmark` does.

plan        rows: system × data set × seed
checks      whether each row can be trained and scored, before anything is
work        one row: its training and its scores, as the commands that a person would type
processes   rows at once: on this machine, or on Ray
measured    what is on disk about a row: scores, costs, the reason of a failure
rows_file   rows → one file, and the rows of other benchmarks
samples     translations of the same test people, and what they cost
tables      rows → tables
machine     what it ran on
page        tables, samples and settings → one HTML page, CSV and JSON
"""
