"""Labelled person records, made up: who lives where, and what several systems wrote down of them.

`vocabulary` (names and places of a country) -> `population` (the truth) -> `records` (what a system
holds of it), with `errors` (what goes wrong on the way) and `flavours` (how often, per system).
`public` brings labelled sets that others published into the same columns.

Belongs here: data with a known truth for `benchmarks.identity`. Does not belong here: anything that
matches; the sandbox company, which is about whole systems rather than about labels.
"""
